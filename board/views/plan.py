"""The pages of a plan's parts: a priority, a work strand, an objective, an action."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, Q, QuerySet, When
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from board.action_kept import kept_of
from board.decided import decisions_about, put_off_sentence
from board.history import story_of, title_as_of
from board.report import thresholds_of
from board.reviewing import checks_of, flag_replies_of
from board.risks import TiedRisk, risks_tied_to
from board.succession import thread_of
from board.upkeep.links import Upkeep, moved_to, named_before
from board.views.mixins import InStrategyMixin
from board.views.replaced import leads_to
from board.voices import family_views_of, owners_views_of, sro_users
from kpis.figure import KpiFigure
from kpis.models import Kpi
from kpis.reading import kpi_figures
from people.models import Lead
from people.roles import may_assess, may_edit, may_speak_for_families, may_update
from people.scoping import InAreaMixin
from priorities.models import Finding, Priority, SuccessMeasure
from strategies.models import Strategy
from workstrands import reporting
from workstrands.models import Action, Milestone, Objective, Placement, WorkStrand
from workstrands.rollup import Headline, counts, headline
from workstrands.standing import Standing, assessed_moment, standings
from workstrands.status import SHOWN_WORDS, Impact


@dataclass(frozen=True, slots=True)
class PartSummary:
    """How a part of a plan stands. `bar` is (letter, count, word, address of the rows counted)."""

    bar: list[tuple[str, int, str, str]]
    headline: Headline
    total: int
    flagged: int
    live: int
    fresh: int


def summary_of(rows: list[Standing], strategy: Strategy, *, table: str) -> PartSummary:
    """`table` is the address of the action table, narrowed to this part; every count adds to it."""
    live = [row for row in rows if row.is_live]
    return PartSummary(
        bar=[(letter, n, SHOWN_WORDS[letter], f"{table}&assessed={letter}") for letter, n in counts(rows).items()],
        headline=headline(rows, thresholds_of(strategy)),
        total=len(rows),
        flagged=sum(1 for row in rows if row.flags),
        live=len(live),
        fresh=sum(1 for row in live if row.is_fresh),
    )


class PartOfPlanView(InStrategyMixin, TemplateView):
    """A part of a plan, with the actions that hang there as they stood at the moment."""

    nav = "board"

    def get(self, request, *args, **kwargs):
        moved = moved_to(self.record, self.when.moment)
        if moved is not None:
            query = request.META.get("QUERY_STRING", "")
            return redirect(f"{moved}?{query}" if query else moved)
        return super().get(request, *args, **kwargs)

    @cached_property
    def record(self):
        """The part itself, also one that was retired; and one that had this name before it was given another."""
        found = self.parts.filter(strategy=self.strategy, **self.wanted()).first()
        if found is None:
            renamed = named_before(self.parts.model, self.strategy, self.wanted())
            found = get_object_or_404(self.parts, pk=renamed, strategy=self.strategy)
        found.strategy = self.strategy
        return found

    @cached_property
    def moment(self):
        """What was retired is shown as it last stood."""
        moment = assessed_moment(self.strategy, self.when.moment)
        retired_at = self.record.retired_at
        return min(moment, retired_at - timedelta(microseconds=1)) if retired_at else moment

    def standings_where(self, condition: Q) -> list[Standing]:
        """Of the actions whose place, at the moment, fits."""
        places = Placement.objects.filter(condition, action__strategy=self.strategy)
        actions = Action.objects.filter(strategy=self.strategy).as_at(self.moment)
        return standings(self.strategy, self.moment, actions=actions.filter(placement_id__in=places.values("pk")))

    def table_address(self, name: str, value: str) -> str:
        as_at = f"&as_at={self.when.as_at}" if self.when.as_at else ""
        return f"{self.strategy.get_absolute_url()}actions/?{name}={value}{as_at}"

    def context_of(self, rows: list[Standing], *, table: str) -> dict:
        return {
            "rows": rows,
            "table": table,
            "summary": summary_of(rows, self.strategy, table=table),
            **self.stage(),
        }

    def stage(self) -> dict:
        """Where the plan is in its life on the day viewed, and what may be done to the part."""
        baselined_on = self.strategy.baselined_on
        is_kept = may_edit(self.membership) and not self.when.as_at
        return {
            "upkeep": Upkeep.of(self.kind, self.record, self.when.moment, may_edit=is_kept),
            "has_ended": self.strategy.has_ended(self.when.day),
            "is_baselined": baselined_on is not None and baselined_on <= self.when.day,
        }

    def objectives_with_rows(self, rows: list[Standing], **where) -> list[tuple[Objective, int]]:
        """Each objective with the number of its actions."""
        there = Objective.objects.existing(self.moment).filter(strategy=self.strategy, **where)
        found = there.select_related("priority", "workstrand")
        of_objective: dict[int | None, int] = {}
        for row in rows:
            of_objective[row.objective_id] = of_objective.get(row.objective_id, 0) + 1
        return [(objective, of_objective.get(objective.pk, 0)) for objective in found.order_by("position", "pk")]


def risks_shown(record, view, strategy: Strategy, *, tie: str, may: bool = True) -> dict[str, "list[TiedRisk] | str"]:
    """The open risks tied to an action or a priority, and where an officer adds one that is tied to it from the start."""
    may_add = may and may_edit(view.membership) and not view.when.as_at and not strategy.has_ended(view.when.today)
    address = reverse("board:risk-add", args=[view.area.slug, strategy.slug])
    return {
        "risks": risks_tied_to(record, view.when.moment),
        "add_risk_address": f"{address}?{tie}={record.pk}" if may_add else "",
    }


def figures_of(kpis, area, moment) -> list[KpiFigure]:
    """What some KPIs of an area said at a moment."""
    return kpi_figures(area, moment, kpis=Kpi.objects.existing(moment).filter(pk__in=kpis.values("pk")))


class PriorityView(PartOfPlanView):
    template_name = "board/priority_detail.html"
    kind = "priority"
    parts = Priority.objects.select_related("source__area").prefetch_related("sros__partner")

    def wanted(self) -> dict:
        return {"ref": self.kwargs["ref"]}

    def get_context_data(self, **kwargs):
        priority = self.record
        rows = self.standings_where(Q(priority=priority) | Q(objective__priority=priority))
        return super().get_context_data(
            **kwargs,
            **self.context_of(rows, table=self.table_address("priority", priority.ref)),
            priority=priority,
            objectives=self.objectives_with_rows(rows, priority=priority),
            **self.figures(priority),
            practices=list(priority.current_practices.all()),
            **risks_shown(priority, self, self.strategy, tie="priorities"),
            **self.voices(priority),
        )

    def voices(self, priority: Priority) -> dict:
        """What families and its owners say of it, and where the person asking may say it."""
        args = [self.area.slug, self.strategy.slug, priority.ref]
        is_now = not self.when.as_at
        may_say = is_now and may_speak_for_families(self.membership)
        may_give = is_now and may_assess(self.membership, sro_users=sro_users(priority, self.when.today))
        return {
            "family_voice": family_views_of(self.area, self.when.moment, priorities=[priority.pk])[
                "priority", priority.pk
            ],
            "view_of_owners": owners_views_of([priority.pk], self.when.moment)[priority.pk],
            "say_address": reverse("board:families-priority", args=args) if may_say else "",
            "assess_address": reverse("board:owners-view", args=args) if may_give else "",
        }

    def figures(self, priority: Priority) -> dict:
        """The measures of success, each with the KPIs that measure it, and every KPI of the priority."""
        kpis = Kpi.objects.filter(Q(priorities=priority) | Q(success_measures__priority=priority)).distinct()
        found = figures_of(kpis, self.area, self.when.moment)
        by_id = {figure.id: figure for figure in found}
        there = SuccessMeasure.objects.existing(self.moment).filter(priority=priority)
        measures = there.prefetch_related("kpis")
        for measure in (measures := list(measures)):
            measure.priority = priority
        measured = [(measure, [by_id[kpi.pk] for kpi in measure.kpis.all() if kpi.pk in by_id]) for measure in measures]
        return {"measures": measured, "kpis": found}


class StrandView(PartOfPlanView):
    template_name = "board/strand_detail.html"
    kind = "strand"
    parts = WorkStrand.objects.select_related("lead__partner", "source__area")

    def wanted(self) -> dict:
        return {"slug": self.kwargs["slug"]}

    def get_context_data(self, **kwargs):
        strand = self.record
        rows = self.standings_where(Q(workstrand=strand) | Q(objective__workstrand=strand))
        return super().get_context_data(
            **kwargs,
            **self.context_of(rows, table=self.table_address("strand", strand.slug)),
            strand=strand,
            objectives=self.objectives_with_rows(rows, workstrand=strand),
        )


class ObjectiveView(PartOfPlanView):
    template_name = "board/objective_detail.html"
    kind = "objective"
    parts = Objective.objects.select_related("priority", "workstrand", "source__area")

    def wanted(self) -> dict:
        return {"key": self.kwargs["key"]}

    def get_context_data(self, **kwargs):
        objective = self.record
        serving = Action.objects.filter(strategy=self.strategy, also_serves=objective)
        return super().get_context_data(
            **kwargs,
            objective=objective,
            rows=self.standings_where(Q(objective=objective)),
            also_rows=standings(self.strategy, self.moment, actions=serving),
            findings=list(answered(objective, self.moment)),
            thread=thread_of(objective, self.when.moment, area=self.area),
            **self.stage(),
        )


def answered(record, moment) -> "QuerySet[Finding]":
    """The findings that an action or an objective answers, with the inspection each stands in."""
    return (
        record.findings.existing(moment).select_related("inspection").order_by("inspection__inspected_from", "position")
    )


def milestones_of(action: Action, moment: datetime, day: date):
    """Those that it had at the moment, with `done_by`: the day a step was done, where that had come by the day viewed."""
    done_by = Case(When(done_on__lte=day, then="done_on"))
    return Milestone.objects.existing(moment).filter(action=action).annotate(done_by=done_by).order_by("position", "pk")


class ActionView(InAreaMixin, TemplateView):
    template_name = "board/action_detail.html"
    nav = "actions"

    @cached_property
    def action(self) -> Action:
        found = (
            Action.objects.select_related("strategy", "partner", "source__area")
            .filter(area=self.area, key=self.kwargs["key"], strategy__state=Strategy.State.PUBLISHED)
            .first()
        )
        if found is None:
            raise Http404("No such action.")
        found.strategy.area = found.area = self.area
        return found

    def get(self, request, *args, **kwargs):
        self.strategy = self.action.strategy
        stays = leads_to(self.action, self.when.moment)
        if stays is not None:
            query = request.META.get("QUERY_STRING", "")
            address = reverse("board:action", args=[self.area.slug, stays.key])
            return redirect(f"{address}?{query}" if query else address)
        return super().get(request, *args, **kwargs)

    @cached_property
    def assessed_at(self):
        """As at the moment viewed; what has ended or was retired, as it last stood."""
        moment = assessed_moment(self.strategy, self.when.moment)
        retired_at = self.action.retired_at
        return min(moment, retired_at - timedelta(microseconds=1)) if retired_at else moment

    @cached_property
    def standing(self) -> Standing | None:
        """None before the plan's date."""
        chosen = Action.objects.filter(pk=self.action.pk)
        return next(iter(standings(self.strategy, self.assessed_at, actions=chosen)), None)

    def get_context_data(self, **kwargs):
        action = self.action
        story = story_of(action, self.when.moment)
        there = Objective.objects.existing(self.when.moment)
        return super().get_context_data(
            **{**kwargs, "area": self.area},
            action=action,
            strategy=self.strategy,
            standing=self.standing,
            story=story,
            supporting=list(action.supporting_leads.select_related("partner").order_by("name")),
            milestones=list(milestones_of(action, self.when.moment, self.when.day)),
            kpis=figures_of(action.kpis.all(), self.area, self.when.moment),
            findings=list(answered(action, self.when.moment)),
            thread=thread_of(action, self.when.moment, area=self.area),
            also_serves=list(there.filter(also_served_by=action).select_related("strategy__area").order_by("position")),
            has_ended=self.strategy.has_ended(self.when.day),
            earlier_title=self.earlier_title(),
            may_say_impact=may_edit(self.membership) and not self.when.as_at and not action.retired_on,
            **risks_shown(action, self, self.strategy, tie="actions", may=not action.retired_on),
            **self.beside(story),
            **self.kept(story),
        )

    def kept(self, story) -> dict:
        """What may be done with it, and what its upkeep made of it."""
        may = self.what_may_be_done(story)
        may_update = may.get("may_update", False)
        return {**may, "kept": kept_of(self.action, self, deadlines=story.deadlines, may_update=may_update)}

    def beside(self, story) -> dict:
        """What others say beside what leads report: officers who check, leads who answer flags, the Board, families."""
        action, moment = self.action, self.when.moment
        checks = checks_of([update.row for update in story.updates], moment)
        replies = flag_replies_of([action.pk], moment).get(action.pk, {})
        decisions = decisions_about([action.pk], moment).get(action.pk, [])
        flags = self.standing.flags if self.standing else ()
        return {
            "updates": [(update, checks.get(update.row.pk)) for update in story.updates],
            "flags": [(flag, replies.get(flag.code, [])) for flag in flags],
            "decisions": decisions,
            "put_off": put_off_sentence(decisions, self.standing, self.when.day) if self.standing else "",
            "family_voice": family_views_of(self.area, moment, actions=[action.pk])["action", action.pk],
            "say_address": self.address_to_speak("families-action", action.key, may=may_speak_for_families),
        }

    def address_to_speak(self, name: str, *args, may) -> str:
        if self.when.as_at or not may(self.membership):
            return ""
        return reverse(f"board:{name}", args=[self.area.slug, *args])

    def earlier_title(self) -> str:
        """What the action was called on the day viewed, where that differs from what it is called now."""
        if not self.when.as_at:
            return ""
        stood = title_as_of(self.action, self.when.moment)
        return stood if stood != self.action.title else ""

    def what_may_be_done(self, story) -> dict:
        """Reporting belongs to the present, to the leads in post and to officers."""
        last = story.last.row if story.last else None
        closed = reporting.closed_because(
            self.strategy, self.action.retired_on, self.when.today
        ) or reporting.put_aside_because(last, self.when.today)
        if self.when.as_at or closed:
            return {"closed": "" if self.when.as_at else closed}
        leads: list[Lead] = reporting.leads_of(self.action, self.when.moment)
        may = may_update(self.membership, lead_users={lead.user_id for lead in leads if lead.user_id})
        can_repeat = (
            may
            and story.last is not None
            and reporting.can_repeat(self.action, self.when.moment, standing=self.standing)
        )
        return {"may_update": may, "can_repeat": can_repeat, **self.confirming(story)}

    def confirming(self, story) -> dict:
        """Officers confirm an impact that is reported as sustained, or read what that still lacks."""
        is_sustained = story.last is not None and story.last.row.impact == Impact.SUSTAINED
        if not is_sustained or not may_edit(self.membership):
            return {}
        lacks = reporting.why_no_confirmation(self.action, self.when.moment)
        return {"may_confirm": not lacks, "confirmation_lacks": lacks}
