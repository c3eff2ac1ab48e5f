"""The kinds of record that officers keep, and what is particular to each: where it is found, what it is called, its form.

One `Kind` each; the views are the same for all of them. Its addresses are named after it and the deed: "priority-edit".
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import models, transaction
from django.db.models import Max, Q
from django.http import Http404
from django.urls import reverse

from board.upkeep import forms
from kpis.models import Kpi
from people.models import Lead, Membership, Partner, User
from priorities.models import Finding, Inspection, Priority, SuccessMeasure
from strategies import keeping
from strategies.models import Area, Strategy
from strategies.own_words import strand_word
from workstrands.illustration import refuse_real
from workstrands.models import Objective, WorkStrand
from workstrands.rearranging import free_key

EDIT, RETIRE, ORDER, MERGE = (
    ("edit", "Change"),
    ("retire", "Retire"),
    ("order", "Put in another place"),
    ("merge", "Merge"),
)


class Kind:
    """`scope` of the methods is the view: it has `area`, `strategy` (below a plan), `when`, `kwargs` and `request`."""

    name = ""
    noun = ""
    model: type[models.Model]
    form: type[forms.RecordForm]
    deeds: tuple[tuple[str, str], ...] = ()  # what an officer may do from the record's page
    fields: tuple[str, ...] = ()  # filled from the record as it stands
    is_of_plan = False
    nav = "board"
    heading = ""  # of its form, where "Change" and the record's name would not say it
    note = ""  # what must be known before it is changed

    def find(self, scope) -> models.Model:
        """The record that an address names, within its area, or 404."""
        found = self.records(scope).filter(self.wanted(scope.kwargs)).first()
        if found is None:
            raise Http404(f"No such {self.noun}.")
        return found

    def records(self, scope) -> models.QuerySet:
        raise NotImplementedError

    def wanted(self, kwargs: dict) -> Q:
        return Q(pk=number(kwargs["pk"]))

    def named(self, record) -> list:
        """What its addresses are made of."""
        return [self.area_of(record).slug, record.pk]

    def area_of(self, record) -> Area:
        return record.area

    def address(self, record, deed: str) -> str:
        return reverse(f"board:{self.name}-{deed}", args=self.named(record))

    def page(self, record) -> str:
        """Where one comes from and goes back to."""
        return record.get_absolute_url()

    def page_words(self, record) -> str:
        return f"Back to the {self.noun}"

    def home(self, scope) -> str:
        """Where one goes back to who adds one."""
        return reverse("board:outline", args=[scope.area.slug, scope.strategy.slug])

    def fresh(self, scope) -> models.Model:
        """A new record, with what the address says of it."""
        raise NotImplementedError

    def neighbours(self, record) -> models.QuerySet:
        """Those in use among which it has its place."""
        return self.model.objects.in_use().filter(**self.beside(record))

    def beside(self, record) -> dict:
        return {"strategy": record.strategy}

    def taken(self, record) -> Iterable[str]:
        """References or names of the others, also of those that were retired."""
        others = self.model.objects.filter(**self.beside(record)).exclude(pk=record.pk)
        return others.values_list(self.form.unique, flat=True)

    def offered(self, record, scope) -> dict[str, Iterable]:
        return {}

    def initial(self, record, scope) -> dict:
        values = {name: getattr(record, name) for name in self.fields}
        for name in self.form.one:
            values[name] = str(getattr(record, f"{name}_id") or "")
        for name in self.form.many:
            values[name] = [str(pk) for pk in getattr(record, name).values_list("pk", flat=True)] if record.pk else []
        return values

    def form_for(self, record, scope, *args, **kwargs) -> forms.RecordForm:
        taken = list(self.taken(record)) if self.form.unique else []
        offered = self.offered(record, scope)
        return self.form(*args, offered=offered, taken=taken, **kwargs)

    def refuse(self, record, *, by: User) -> None:
        """What an illustrative sign-in may not change."""

    def add(self, record, values: dict, links: dict, *, by: User, at: datetime):
        for name, value in values.items():
            setattr(record, name, value)
        if hasattr(record, "position"):
            last = self.model.objects.filter(**self.beside(record)).aggregate(last=Max("position"))["last"]
            record.position = (last or 0) + 1
        return keeping.add(record, links=links, by=by, at=at)

    def change(self, record, values: dict, links: dict, *, by: User, at: datetime, seen: int | None) -> bool:
        return keeping.change(record, values, links=links, by=by, at=at, seen=seen)


def number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def leads_for(area: Area, by: User, on: date, chosen: Q | None = None) -> models.QuerySet[Lead]:
    """Leads in post, real ones for real sign-ins; whoever is named already stays in the list."""
    in_post = Lead.objects.in_post(on).filter(area=area, is_illustrative=by.is_illustrative)
    found = in_post if chosen is None else in_post | Lead.objects.filter(chosen, area=area)
    return found.distinct().order_by("name", "pk")


class _OfPlan(Kind):
    is_of_plan = True

    def records(self, scope):
        return self.model.objects.filter(strategy=scope.strategy).select_related("strategy__area")

    def named(self, record) -> list:
        return [record.strategy.area.slug, record.strategy.slug, self.name_of(record)]

    def name_of(self, record) -> str:
        raise NotImplementedError

    def fresh(self, scope):
        return self.model(strategy=scope.strategy)


class Plans(Kind):
    name, noun, model, form = "plan", "plan", Strategy, forms.PlanForm
    deeds = (EDIT,)
    is_of_plan = True
    fields = ("title", "kind", "starts_on", "ends_on", "exceptions_shown", "kpis_shown")

    def find(self, scope) -> Strategy:
        return scope.strategy

    def named(self, record) -> list:
        return [record.area.slug, record.slug]

    def page(self, record) -> str:
        return reverse("board:outline", args=[record.area.slug, record.slug])

    def page_words(self, record) -> str:
        return "Back to the outline of the plan"

    def home(self, scope) -> str:
        return reverse("board:upkeep", args=[scope.area.slug])

    def fresh(self, scope) -> Strategy:
        return Strategy(area=scope.area, state=Strategy.State.DRAFT)

    def beside(self, record) -> dict:
        return {"area": record.area}

    def offered(self, record, scope) -> dict:
        earlier = Strategy.objects.filter(area=scope.area).exclude(pk=record.pk).order_by("-starts_on")
        return {"continues": earlier}

    def form_for(self, record, scope, *args, **kwargs):
        return super().form_for(record, scope, *args, locked=self.locked(record, scope.when.today), **kwargs)

    def locked(self, record: Strategy, today: date) -> list[str]:
        """Once a plan runs, its days decide what past views show: the first stays, and the last once it has passed."""
        if not record.baselined_on:
            return []
        return ["starts_on", "ends_on"] if record.has_ended(today) else ["starts_on"]

    def initial(self, record, scope) -> dict:
        values = super().initial(record, scope)
        return values if record.pk else values | {"kind": ""}

    def add(self, record, values, links, *, by, at):
        slugs = Strategy.objects.filter(area=record.area).values_list("slug", flat=True)
        record.slug = forms.plan_slug(values["title"], slugs)
        return super().add(record, values, links, by=by, at=at)


class RollUps(Plans):
    """The thresholds of a plan's headlines: fields of the plan with a form of their own, and the plan's history."""

    name, noun, form = "thresholds", "thresholds of the plan", forms.ThresholdsForm
    heading = "When it counts as at risk or off track"
    fields = ("fewest_live", "reported_percent", "off_track_count", "off_track_percent", "at_risk_percent")
    note = (
        "These numbers choose the headlines of the plan, its priorities and its strands. They are not dated: pages as at a past "
        "day are counted with the new ones too. Papers that were frozen stay as they are."
    )

    def address(self, record, deed: str) -> str:
        return super().address(record, deed) if deed == "edit" else KINDS["plan"].address(record, deed)

    def offered(self, record, scope) -> dict:
        return {}

    def form_for(self, record, scope, *args, **kwargs):
        return self.form(*args, **kwargs)

    def initial(self, record, scope) -> dict:
        return {name: getattr(record, name) for name in self.fields}


class Priorities(_OfPlan):
    name, noun, model, form = "priority", "priority", Priority, forms.PriorityForm
    deeds = (EDIT, ORDER, MERGE, RETIRE)
    fields = ("ref", "title", "statement")

    def wanted(self, kwargs) -> Q:
        return Q(ref=kwargs["ref"])

    def name_of(self, record) -> str:
        return record.ref

    def offered(self, record, scope) -> dict:
        chosen = Q(priorities=record) if record.pk else None
        return {"sros": leads_for(scope.area, scope.request.user, scope.when.today, chosen)}


class Strands(_OfPlan):
    name, model, form = "strand", WorkStrand, forms.StrandForm
    deeds = (EDIT, ORDER, MERGE, RETIRE)
    fields = ("name", "alias", "group")

    @property
    def noun(self) -> str:
        return strand_word()

    def wanted(self, kwargs) -> Q:
        return Q(slug=kwargs["slug"])

    def name_of(self, record) -> str:
        return record.slug

    def offered(self, record, scope) -> dict:
        chosen = Q(pk=record.lead_id) if record.lead_id else None
        return {"lead": leads_for(scope.area, scope.request.user, scope.when.today, chosen)}

    def add(self, record, values, links, *, by, at):
        slugs = WorkStrand.objects.filter(strategy=record.strategy).values_list("slug", flat=True)
        record.slug = forms.strand_slug(values["name"], slugs)
        return super().add(record, values, links, by=by, at=at)


class Objectives(_OfPlan):
    name, noun, model, form = "objective", "objective", Objective, forms.ObjectiveForm
    deeds = (EDIT, ("move", "Move elsewhere"), ORDER, MERGE, ("split", "Split"), RETIRE)
    fields = ("ref", "text")

    def wanted(self, kwargs) -> Q:
        return Q(key=kwargs["key"])

    def records(self, scope):
        return super().records(scope).select_related("priority", "workstrand", "strategy__area")

    def name_of(self, record) -> str:
        return record.key

    def neighbours(self, record) -> models.QuerySet:
        return Objective.objects.in_use().filter(strategy=record.strategy)

    def offered(self, record, scope) -> dict:
        findings = Finding.objects.in_use().filter(inspection__area=scope.area, inspection__retired_at=None)
        there = findings.exclude(kind=Finding.Kind.STRENGTH)
        chosen = Finding.objects.filter(objectives=record) if record.pk else Finding.objects.none()
        found = {"findings": (there | chosen).distinct().order_by("-inspection__inspected_to", "position", "pk")}
        return found if record.pk else found | self.places(record.strategy)

    def places(self, plan: Strategy) -> dict[str, models.QuerySet]:
        """Where an objective can hang."""
        return {
            "priority": Priority.objects.in_use().filter(strategy=plan).order_by("position", "pk"),
            "workstrand": WorkStrand.objects.in_use().filter(strategy=plan).order_by("position", "pk"),
        }

    def initial(self, record, scope) -> dict:
        values = super().initial(record, scope)
        if record.pk is None:
            values |= {name: scope.request.GET.get(name, "") for name in ("priority", "workstrand")}
        return values

    def add(self, record, values, links, *, by, at):
        record.key = free_key(record.strategy, values["ref"])
        record.is_ref_ours = True
        return super().add(record, values, links, by=by, at=at)


class Measures(_OfPlan):
    name, noun, model, form = "measure", "measure of success", SuccessMeasure, forms.MeasureForm
    deeds = (EDIT, ORDER, ("move", "Move elsewhere"), RETIRE)
    fields = ("ref", "text")

    def records(self, scope):
        found = SuccessMeasure.objects.filter(priority__strategy=scope.strategy)
        return found.select_related("priority__strategy__area")

    def wanted(self, kwargs) -> Q:
        return Q(pk=number(kwargs["pk"]))

    def named(self, record) -> list:
        strategy = record.priority.strategy
        return [strategy.area.slug, strategy.slug, record.pk]

    def page(self, record) -> str:
        return record.priority.get_absolute_url()

    def page_words(self, record) -> str:
        return f"Priority {record.priority.ref}"

    def home(self, scope) -> str:
        return reverse("board:priority", args=[scope.area.slug, scope.strategy.slug, scope.kwargs["ref"]])

    def fresh(self, scope) -> SuccessMeasure:
        priority = Priority.objects.in_use().filter(strategy=scope.strategy, ref=scope.kwargs["ref"]).first()
        if priority is None:
            raise Http404("No such priority in use.")
        priority.strategy = scope.strategy
        return SuccessMeasure(priority=priority)

    def beside(self, record) -> dict:
        return {"priority": record.priority}


class _OfArea(Kind):
    def records(self, scope):
        return self.model.objects.filter(area=scope.area).select_related("area")

    def fresh(self, scope):
        return self.model(area=scope.area)

    def beside(self, record) -> dict:
        return {"area": record.area}


class _OfPeople(_OfArea):
    nav = "people"

    def page(self, record) -> str:
        return f"{reverse('board:people', args=[record.area.slug])}"

    def page_words(self, record) -> str:
        return "People"

    def home(self, scope) -> str:
        return reverse("board:people", args=[scope.area.slug])


class Leads(_OfPeople):
    name, noun, model, form = "lead", "lead", Lead, forms.LeadForm
    deeds = (EDIT, ("hand-over", "Hand over what they lead"))
    fields = ("name", "initials", "role", "email")

    def offered(self, record, scope) -> dict:
        there = Partner.objects.filter(area=scope.area, successor=None)
        chosen = Partner.objects.filter(pk=record.partner_id)
        return {"partner": (there | chosen).order_by("name"), "user": self.members(record, scope)}

    def members(self, record, scope) -> models.QuerySet[User]:
        """Who is a member of the area, real people for real leads; whoever is named already stays in the list."""
        is_illustrative = record.is_illustrative if record.pk else scope.request.user.is_illustrative
        ids = Membership.objects.filter(area=scope.area).values("user")
        there = User.objects.filter(pk__in=ids, is_active=True, is_illustrative=is_illustrative)
        return (there | User.objects.filter(pk=record.user_id)).order_by("name", "email")

    def refuse(self, record, *, by) -> None:
        if record.pk:
            refuse_real(by, record, what=str(record))


class Partners(_OfPeople):
    name, noun, model, form = "partner", "partner", Partner, forms.PartnerForm
    deeds = (EDIT,)
    fields = ("name", "sector")

    def offered(self, record, scope) -> dict:
        others = Partner.objects.filter(area=scope.area, successor=None).exclude(pk=record.pk)
        chosen = Partner.objects.filter(pk=record.successor_id)
        return {"successor": (others | chosen).order_by("name")}

    def initial(self, record, scope) -> dict:
        return super().initial(record, scope) if record.pk else {}


class Inspections(_OfArea):
    name, noun, model, form = "inspection", "inspection", Inspection, forms.InspectionForm
    deeds = (EDIT, RETIRE)
    fields = ("inspected_from", "inspected_to", "inspectorates", "outcome", "next_due_by", "is_second_hand")
    nav = "inspection"

    def page(self, record) -> str:
        return reverse("board:inspection", args=[self.area_of(record).slug])

    def page_words(self, record) -> str:
        return "Inspection"

    def home(self, scope) -> str:
        return reverse("board:inspection", args=[scope.area.slug])

    def initial(self, record, scope) -> dict:
        return super().initial(record, scope)

    def add(self, record, values, links, *, by, at):
        """What is entered today was not known here before: past views stay as they were."""
        record.added_at = at
        return super().add(record, values, links, by=by, at=at)


class Findings(Inspections):
    name, noun, model, form = "finding", "finding", Finding, forms.FindingForm
    deeds = (EDIT, ORDER, RETIRE)
    fields = ("ref", "text", "owner_text", "kind")
    note = "Its kind, and what it is part of, decide where it is counted: pages as at a past day count it as it is named now."

    def records(self, scope):
        return Finding.objects.filter(inspection__area=scope.area).select_related("inspection__area", "parent")

    def area_of(self, record) -> Area:
        return record.inspection.area

    def fresh(self, scope) -> Finding:
        pk = number(scope.kwargs["pk"])
        inspection = Inspection.objects.in_use().filter(area=scope.area, pk=pk).select_related("area").first()
        if inspection is None:
            raise Http404("No such inspection in use.")
        return Finding(inspection=inspection)

    def beside(self, record) -> dict:
        return {"inspection": record.inspection}

    def offered(self, record, scope) -> dict:
        """What it may be part of: a finding of the same inspection that is part of no other. One with parts stands on its own."""
        there = Finding.objects.in_use().filter(inspection=record.inspection, parent=None).exclude(pk=record.pk)
        if record.pk and record.parts.exists():
            there = there.none()
        return {"parent": (there | Finding.objects.filter(pk=record.parent_id)).order_by("position", "pk")}

    @transaction.atomic
    def change(self, record, values, links, *, by, at, seen) -> bool:
        Inspection.objects.select_for_update().filter(pk=record.inspection_id).first()  # one officer at a time
        self.refuse_cycle(record, values.get("parent"))
        is_answered = record.actions.exists() or record.objectives.exists() or record.kpis.exists()
        becomes_strength = values["kind"] == Finding.Kind.STRENGTH and record.kind != values["kind"]
        if becomes_strength and is_answered:
            said = (
                "Actions, objectives or KPIs answer this finding, and a strength asks for none. Take them off it first."
            )
            raise keeping.ValidationError({"kind": said})
        return super().change(record, values, links, by=by, at=at, seen=seen)

    def refuse_cycle(self, record: Finding, parent: Finding | None) -> None:
        if parent is None or parent.pk == record.parent_id:
            return
        parent.refresh_from_db()
        if parent.pk == record.pk or parent.parent_id or record.parts.exists():
            said = "A finding is part of one that stands on its own, and has no parts itself."
            raise keeping.ValidationError({"parent": said})


class Kpis(_OfArea):
    """Added and changed on pages of their own (`board.views.kpi_tracking`)."""

    name, noun, model = "kpi", "KPI", Kpi
    form = forms.RecordForm
    deeds = (RETIRE,)
    nav = "kpis"

    def records(self, scope):
        return super().records(scope).select_related("indicator", "area")

    def wanted(self, kwargs) -> Q:
        return Q(indicator__code=kwargs["code"])

    def named(self, record) -> list:
        return [record.area.slug, record.indicator.code]

    def refuse(self, record, *, by) -> None:
        from kpis.tracking import why_not_edited

        refusal = why_not_edited(record, by)
        if refusal:
            raise keeping.ValidationError(refusal)


class Words(Kind):
    """An area's own words; its form is another (`board.upkeep.words`)."""

    name, noun, model = "words", "words of the area", Area
    form = forms.RecordForm

    def find(self, scope) -> Area:
        return scope.area

    def named(self, record) -> list:
        return [record.slug]

    def area_of(self, record) -> Area:
        return record

    def page(self, record) -> str:
        return reverse("board:words", args=[record.slug])

    def page_words(self, record) -> str:
        return "The area’s own words"


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Plans(), RollUps(), Priorities(), Strands(), Objectives(), Measures(), Leads(), Partners(), Inspections(), Findings(), Kpis(),
        Words(),
    )
}  # fmt: skip
