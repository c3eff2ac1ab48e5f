"""What was said in a telephone round, entered for a whole strand, priority or lead on one page.

Each row is a report of its own: what is complete is entered, what is not keeps all that was typed and says why. So a
mistake in one row never holds up the others, and a press sent twice enters nothing twice.
"""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.views import View

from board.reviewing import last_checks_of
from board.round_forms import ReportRowForm
from board.round_standing import running_plans
from board.telephone import enter_report
from board.views.rounds import OfRoundMixin
from common.words import listed, plural
from people.models import Lead
from people.parking import forget_parked, parked_form
from priorities.models import Priority
from strategies.models import Strategy
from workstrands.illustration import why_not_for
from workstrands.models import Action, WorkStrand
from workstrands.reporting import Conflict
from workstrands.standing import Standing, standings

ROWS = 25


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the work that can be entered at once: its word in the address, and what it is called."""

    key: str
    name: str
    count: int


@dataclass
class Row:
    """One action of the page. `meanwhile` is the report that came in while this one was typed; `refusal`, why nothing
    can be entered here by this sign-in."""

    plan: Strategy
    standing: Standing
    form: ReportRowForm
    refusal: str = ""
    meanwhile: object = None
    is_entered: bool = False


class RoundGridView(OfRoundMixin, View):
    template_name = "board/round_grid.html"

    def get(self, request, **kwargs):
        parked = parked_form(request)
        if parked is not None:
            rows = self.rows(self.sent(parked), data=parked)
            for row in rows:
                row.form.unjudged()
            return self.show(rows, is_parked=True)
        return self.show(self.rows(self.page.object_list) if self.page else [])

    def post(self, request, **kwargs):
        if self.round.opened_at is None or self.chosen is None:
            return self.show([])
        rows = self.rows(self.sent(request.POST), data=request.POST)
        entered = [row for row in rows if not row.refusal and not row.form.is_empty and self.enter(row)]
        self.tell(entered)
        if not any((row.form.is_bound and row.form.errors) or row.meanwhile for row in rows):
            forget_parked(request)
            return redirect(request.get_full_path())
        return self.show(self.afterwards(rows, entered))

    # What can be entered

    @cached_property
    def stood(self) -> list[tuple[Strategy, Standing]]:
        plans = running_plans(self.area, self.when.today)
        return [(plan, standing) for plan in plans for standing in standings(plan, self.when.now)]

    @cached_property
    def parts(self) -> dict[str, list[Part]]:
        """What can be chosen, by kind, each with the number of its actions."""
        plans = {plan.pk: plan for plan, _ in self.stood}
        counts: dict[str, int] = {}
        for plan, standing in self.stood:
            for key in keys_of(plan, standing):
                counts[key] = counts.get(key, 0) + 1
        strands = WorkStrand.objects.in_use().filter(strategy__in=plans).order_by("strategy", "position", "pk")
        priorities = Priority.objects.in_use().filter(strategy__in=plans).order_by("strategy", "position", "pk")
        leads = {f"lead.{s.lead_id}": s.lead for _, s in self.stood if s.lead_id}
        named = {
            "Leads": sorted(leads.items(), key=lambda pair: pair[1].casefold()),
            "Work strands": [(f"strand.{plans[s.strategy_id].slug}.{s.slug}", s.name) for s in strands],
            "Priorities": [(f"priority.{plans[p.strategy_id].slug}.{p.ref}", f"{p.ref} {p.title}") for p in priorities],
        }
        return {
            kind: [Part(key, name, counts[key]) for key, name in pairs if key in counts]
            for kind, pairs in named.items()
        }

    @cached_property
    def chosen(self) -> Part | None:
        """The part that the address names; none as long as it names none."""
        key = self.request.GET.get("of", "")
        if not key:
            return None
        found = next((part for parts in self.parts.values() for part in parts if part.key == key), None)
        if found is None:
            raise Http404("No such strand, priority or lead holds actions here.")
        return found

    @cached_property
    def of_part(self) -> list[tuple[Strategy, Standing]]:
        return [pair for pair in self.stood if self.chosen and self.chosen.key in keys_of(*pair)]

    @cached_property
    def page(self):
        return Paginator(self.of_part, ROWS).get_page(self.request.GET.get("page")) if self.chosen else None

    def sent(self, data) -> list[tuple[Strategy, Standing]]:
        keys = set(data.getlist("row")[:ROWS])
        return [pair for pair in self.of_part if pair[1].key in keys]

    def rows(self, pairs, *, data=None) -> list[Row]:
        """The same number of queries for one action and for a page of them."""
        pairs = list(pairs)
        checks = last_checks_of([standing.id for _, standing in pairs], self.when.now)
        leads = self.leads_of([standing for _, standing in pairs])
        return [
            Row(plan, standing, self.form(standing, checks.get(standing.id), leads[standing.id], data=data),
                refusal=self.refusal(standing, leads[standing.id]))
            for plan, standing in pairs
        ]  # fmt: skip

    def form(self, standing: Standing, check, leads: list[Lead], *, data=None) -> ReportRowForm:
        if self.request.user.is_illustrative:
            leads = [lead for lead in leads if lead.is_illustrative]
        return ReportRowForm(data, standing=standing, check=check, leads=leads, today=self.when.today)

    def refusal(self, standing: Standing, leads: list[Lead]) -> str:
        return why_not_for(self.request.user, *[lead for lead in leads if lead.pk == standing.lead_id])

    def leads_of(self, standing: list[Standing]) -> dict[int, list[Lead]]:
        """Of each action, the lead in post and the supporting leads in post."""
        in_post = {lead.pk: lead for lead in Lead.objects.in_post(self.when.today).filter(area=self.area)}
        links = Action.supporting_leads.through.objects.filter(action__in=[one.id for one in standing])
        supporting: dict[int, list[int]] = {}
        for action, lead in links.order_by("lead__name").values_list("action", "lead"):
            supporting.setdefault(action, []).append(lead)
        wanted = {one.id: dict.fromkeys([one.lead_id, *supporting.get(one.id, [])]) for one in standing}
        return {action: [in_post[pk] for pk in pks if pk in in_post] for action, pks in wanted.items()}

    # What is done with it

    def enter(self, row: Row) -> bool:
        """Whether the row is entered; its messages, or the report that came in between, are put by it where not."""
        form, action = row.form, self.action_of(row)
        try:
            if not form.is_valid():
                form.refuse_incomplete(action, on=self.when.today)
                return False
            enter_report(
                action, round=self.round, said_on=form.cleaned_data["said_on"], by=self.request.user,
                at=self.when.now, seen_number=form.cleaned_data["seen_number"], **form.report,
            )  # fmt: skip
        except ValidationError as error:
            form.accuse(error)
            return False
        except Conflict as conflict:
            row.meanwhile = conflict.latest
            form.now_seen(conflict.latest.number if conflict.latest else 0)
            form.unjudged()
            return False
        row.is_entered = True
        return True

    @cached_property
    def actions(self) -> dict[int, Action]:
        return {action.pk: action for action in Action.objects.filter(pk__in=[s.id for _, s in self.of_part])}

    def action_of(self, row: Row) -> Action:
        action = self.actions[row.standing.id]
        action.strategy, action.area = row.plan, self.area
        return action

    def tell(self, entered: list[Row]) -> None:
        if entered:
            refs = listed(row.standing.ref for row in entered)
            messages.success(self.request, f"{plural(len(entered), 'report')} entered and accepted: {refs}.")
        else:
            messages.warning(self.request, "Nothing was entered.")

    def afterwards(self, rows: list[Row], entered: list[Row]) -> list[Row]:
        """The rows that were entered stand as they are now, ready for more; the others as they were typed."""
        self.__dict__.pop("stood"), self.__dict__.pop("of_part")
        done = {row.standing.id for row in entered}
        anew = {row.standing.id: row for row in self.rows(p for p in self.of_part if p[1].id in done)}
        for row in anew.values():
            row.is_entered = True
        for row in rows:
            if row.form.is_empty:
                row.form.unjudged()
        return [anew.get(row.standing.id, row) for row in rows]

    def show(self, rows: list[Row], *, is_parked: bool = False):
        return render(
            self.request,
            self.template_name,
            {
                "area": self.area,
                "meeting": self.meeting,
                "round": self.round,
                "parts": {kind: parts for kind, parts in self.parts.items() if parts},
                "chosen": self.chosen,
                "page": self.page,
                "rows": rows,
                "wrong": [row for row in rows if row.form.errors or row.meanwhile],
                "summary": [line for row in rows for line in row.form.summary],
                "is_parked": is_parked,
            },
        )


def keys_of(plan: Strategy, standing: Standing) -> list[str]:
    """The parts that an action belongs to, as the address names them."""
    found = [f"lead.{standing.lead_id}"] if standing.lead_id else []
    if standing.workstrand_slug:
        found.append(f"strand.{plan.slug}.{standing.workstrand_slug}")
    if standing.priority_ref:
        found.append(f"priority.{plan.slug}.{standing.priority_ref}")
    return found
