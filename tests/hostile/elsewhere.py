"""Southmoor's records, made so that one number, one key and one word are enough to reach or to recognise any of them.

Each is the row of its table with the number PK; what is addressed by a key, a slug or a reference has the key KEY; its day is
DAY; and every text of it holds the word SECRET.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache

from django.apps import apps
from django.db import models

from board.models import (
    Challenge,
    Decision,
    FamilyView,
    FlagReply,
    ForwardItem,
    MeetingAction,
    Pack,
    PackFile,
    PriorityAssessment,
    Reminder,
    Risk,
    RiskScore,
    Succession,
    UpdateReview,
)
from kpis.models import Commentary, FigureImport, Indicator, Kpi, Measurement, Target
from people.models import AccessToken, Invitation, Lead, Membership, Partner, User
from priorities.models import Finding, Inspection, Priority, SuccessMeasure
from strategies.models import Area, Meeting, Passage, ReportingRound, SourceDocument, Strategy, YouSaidWeDid
from tests.world import at
from workstrands.models import (
    Action,
    Deadline,
    Evidence,
    Milestone,
    Objective,
    Placement,
    PlanFile,
    ProgressUpdate,
    WorkStrand,
)

PK, KEY, SECRET = 700001, "k700001", "Zenobia"
DAY = date(2026, 5, 20)
TEXT = f"{SECRET} of Southmoor"


def make_southmoor(area: Area) -> None:
    here, dated = {"pk": PK, "area": area}, {"pk": PK, "number": 1, "recorded_at": at(2026, 2, 1)}
    user = User.objects.create(pk=PK, email="somebody@southmoor.example", name=TEXT)
    Membership.objects.create(**here, user=user, role="lead")
    _people(area, here, user)
    _plan(here, dated)
    _figures(here, dated)
    _cycle(here, dated)
    _files(here, dated)


def _people(area, here, user) -> None:
    partner = Partner.objects.create(**here, name=TEXT, sector="council")
    lead = Lead.objects.create(**here, name=TEXT, role=TEXT, partner=partner, user=user)
    AccessToken.objects.create(**here, user=user, name=TEXT, digest="0" * 64, made_at=at(2026, 1, 1))
    said = {"digest": "1" * 64, "invited_by": user, "invited_at": at(2026, 3, 30), "expires_at": at(2026, 12, 1)}
    Invitation.objects.create(**here, email="next@southmoor.example", name=TEXT, role="lead", lead=lead, **said)


def _plan(here, dated) -> None:
    document = SourceDocument.objects.create(**here, slug=KEY, title=TEXT, published_on=DAY, file_name="plan.pdf")
    Passage.objects.create(pk=PK, document=document, source=document, kind=Passage.Kind.VISION, text=TEXT)
    YouSaidWeDid.objects.create(**here, said=TEXT, did=TEXT)
    years = {"starts_on": date(2026, 1, 1), "ends_on": date(2030, 12, 31), "baselined_on": date(2026, 1, 1)}
    plan = Strategy.objects.create(**here, slug=KEY, title=TEXT, **years)
    priority = Priority.objects.create(pk=PK, strategy=plan, ref=KEY, title=TEXT)
    SuccessMeasure.objects.create(pk=PK, priority=priority, ref=KEY, text=TEXT)
    strand = WorkStrand.objects.create(pk=PK, strategy=plan, slug=KEY, name=TEXT, lead_id=PK)
    objective = Objective.objects.create(
        pk=PK, strategy=plan, priority=priority, workstrand=strand, key=KEY, ref=KEY, text=TEXT
    )
    action = Action.objects.create(**here, strategy=plan, key=KEY, ref=KEY, title=TEXT, partner_id=PK)
    Placement.objects.create(**dated, action=action, objective=objective, lead_id=PK)
    Deadline.objects.create(**dated, action=action, due_on=date(2026, 3, 1))
    Milestone.objects.create(pk=PK, action=action, text=TEXT, due_on=date(2026, 9, 1))
    inspection = Inspection.objects.create(**here, inspected_from=DAY, inspected_to=DAY)
    Finding.objects.create(pk=PK, inspection=inspection, kind=Finding.Kind.STRENGTH, ref=KEY, text=TEXT)
    Succession.objects.create(
        **dated, area_id=here["area"].pk, earlier_objective=objective, fate="stopped", reason=TEXT
    )


def _figures(here, dated) -> None:
    said = {"unit": "percent", "decimals": 1, "polarity": "higher", "frequency": "annual"}
    indicator = Indicator.objects.create(pk=PK, code=KEY, title="A definition that all areas may see", **said)
    kpi = Kpi.objects.create(**here, indicator=indicator, owner_id=PK, tolerance=5)
    year = {"period_start": date(2025, 1, 1), "period_end": date(2025, 12, 31), "period_label": "2025"}
    Measurement.objects.create(**dated, indicator=indicator, area=here["area"], **year, value=50)
    Target.objects.create(**dated, kpi=kpi, period_start=date(2025, 1, 1), value=70)
    Commentary.objects.create(**dated, kpi=kpi, period_end=date(2025, 12, 31), text=TEXT)


def _cycle(here, dated) -> None:
    meeting = Meeting.objects.create(**here, held_on=DAY)
    days = {"opens_on": date(2026, 3, 1), "closes_on": date(2026, 5, 1), "opened_at": at(2026, 3, 1)}
    ReportingRound.objects.create(pk=PK, meeting=meeting, **days)
    said = {"status": "G", "narrative": TEXT, "next_steps": TEXT, "round_id": PK}
    ProgressUpdate.objects.create(**dated, area=here["area"], action_id=PK, **said)
    UpdateReview.objects.create(**dated, update_id=PK, verdict="accepted", remark=TEXT)
    FlagReply.objects.create(**dated, action_id=PK, flag="overdue", text=TEXT)
    Decision.objects.create(**dated, meeting=meeting, text=TEXT, owner_id=PK, action_id=PK)
    Challenge.objects.create(**dated, meeting=meeting, text=TEXT, action_id=PK)
    MeetingAction.objects.create(**dated, meeting=meeting, text=TEXT, owner_id=PK)
    ForwardItem.objects.create(**here, meeting=meeting, title=TEXT, lead_id=PK)
    Reminder.objects.create(pk=PK, round_id=PK, lead_id=PK, stage="opened", address="", claimed_at=at(2026, 3, 1))
    texts = dict.fromkeys(["title", "cause", "event", "effect"], TEXT)
    risk = Risk.objects.create(pk=PK, strategy_id=PK, ref=KEY, owner_id=PK, raised_on=date(2026, 1, 2), **texts)
    RiskScore.objects.create(**dated, risk=risk, likelihood=3, impact=3, reason=TEXT)
    FamilyView.objects.create(**dated, area=here["area"], action_id=PK, felt="no", words=TEXT, said_on=date(2026, 2, 1))
    PriorityAssessment.objects.create(**dated, priority_id=PK, round_id=PK, status="R", reason=TEXT)
    pack = Pack.objects.create(**dated, meeting=meeting, strategy_id=PK, as_at=at(2026, 3, 1))
    PackFile.objects.create(pk=PK, pack=pack, format="pdf", name="papers.pdf", content=b"x", sha256="x", size=1)


def _files(here, dated) -> None:
    about = {"key": KEY, "file_name": f"{SECRET}.xlsx", "sha256": "x", "size": 1, "made_at": at(2026, 3, 1)}
    FigureImport.objects.create(**here, kpi_id=PK, indicator_id=PK, **about)
    PlanFile.objects.create(**here, kind="plan", strategy_id=PK, content=b"x", **about)
    Evidence.objects.create(
        pk=PK, update_id=PK, title=TEXT, kind="document", url="https://www.example.org/", added_at=at(2026, 2, 1)
    )


# Which area a row is of, found in the models themselves


@cache
def way_to_area(model: type[models.Model]) -> str:
    """The lookup that leads from a row to its area by the fewest steps, by such as are never empty if it can be; empty for none."""
    return _way_to_area(model, through_empty=False) or _way_to_area(model, through_empty=True)


def _way_to_area(model: type[models.Model], *, through_empty: bool) -> str:
    ways, seen = [(model, "")], set()
    while ways:
        here, so_far = ways.pop(0)
        if here is Area:
            return so_far
        if here in seen or here is User:
            continue
        seen.add(here)
        steps = [
            f for f in here._meta.fields if f.is_relation and f.name != "history_user" and (through_empty or not f.null)
        ]
        for step in sorted(steps, key=lambda f: (f.null, f.related_model is not Area)):
            ways.append((step.related_model, f"{so_far}__{step.name}" if so_far else step.name))
    return ""


@cache
def models_of_areas() -> tuple[type[models.Model], ...]:
    return tuple(model for model in apps.get_models(include_auto_created=True) if way_to_area(model))


def rows_of(area: Area, of: Iterator | None = None) -> dict[str, list]:
    """Every column of every row of an area, its members and itself, by table."""
    found = {Area._meta.db_table: list(Area.objects.filter(pk=area.pk).values_list())}
    for model in of or models_of_areas():
        rows = model._base_manager.filter(**{way_to_area(model): area}).order_by("pk")
        found[model._meta.db_table] = list(rows.values_list())
    return found


def crossings(here: Area, there: Area, tables: set[str]) -> list[str]:
    """Where a row of the one area points to the other: to a row of it, to itself, or to one of its people."""
    found = []
    for model in models_of_areas():
        if model._meta.db_table not in tables:
            continue
        own = model._base_manager.filter(**{way_to_area(model): here})
        for link in [*model._meta.fields, *model._meta.many_to_many]:
            way = _end_of(link, there)
            if way and link.name != way_to_area(model) and own.filter(**way).exists():
                found.append(f"{model._meta.label}.{link.name}")
    return found


def _end_of(link, there: Area) -> dict:
    if not link.is_relation:
        return {}
    if link.related_model is User:
        return {link.name: PK}
    if link.related_model is Area:
        return {link.name: there}
    way = way_to_area(link.related_model)
    return {f"{link.name}__{way}": there} if way else {}
