"""Where each record that was found stands now: its page, its plan or meeting, and whether it still counts."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.db import connection
from django.db.models import BigIntegerField, CharField, DateTimeField, F, QuerySet, Value
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from board.models import (
    Challenge,
    Decision,
    FamilyView,
    FlagReply,
    ForwardItem,
    MeetingAction,
    PriorityAssessment,
    Risk,
)
from common.dates import in_words, london_day
from kpis.models import Commentary, Kpi
from people.models import Lead, Partner
from priorities.models import CurrentPractice, Finding, Inspection, Priority, SuccessMeasure
from strategies.models import Area, GlossaryTerm, Passage, SourceDocument, Strategy, YouSaidWeDid
from workstrands.models import Action, Evidence, Milestone, Objective, ProgressUpdate, WorkStrand


@dataclass(frozen=True)
class Place:
    """Names of fields. `key` is what the address says, `about` (reference, title) the record that it belongs to.

    `ended` is a day from which it no longer counts, called `ended_word`; what can be retired says so by itself.
    """

    model: type
    page: str
    key: str = ""
    plan: str = ""
    about: tuple[str, str] = ("", "")
    said: str = ""
    ended: str = ""
    ended_word: str = ""
    in_area: str = "area"

    def rows(self, kind: str, area: int, ids: list[int]) -> QuerySet:
        ref, title = self.about
        retired = "retired_at" if any(f.name == "retired_at" for f in self.model._meta.fields) else ""
        found = self.model._base_manager.order_by().filter(**{self.in_area: area}, pk__in=ids)
        return found.values_list(
            Value(kind, CharField()), Cast("pk", BigIntegerField()), number(self.plan), text(self.key), text(ref),
            text(title), moment(self.said), moment(retired), text(self.ended),
        )  # fmt: skip


def number(name: str):
    if name == "either":  # what families say is about an action or a priority
        return Coalesce("action__strategy", "priority__strategy", output_field=BigIntegerField())
    return Cast(F(name) if name else Value(None), BigIntegerField())


def text(name: str):
    return Cast(F(name) if name else Value(""), CharField())


def moment(name: str):
    return F(name) if name else Cast(Value(None), DateTimeField())


OF_ACTION = {
    "page": "action", "key": "action__key", "plan": "action__strategy", "about": ("action__ref", "action__title"),
    "in_area": "action__area",
}  # fmt: skip
OF_PRIORITY = {
    "page": "priority", "key": "priority__ref", "plan": "priority__strategy", "about": ("priority__ref", "priority__title"),
    "in_area": "priority__strategy__area",
}  # fmt: skip
OF_MEETING = {"page": "meeting", "key": "meeting__held_on", "in_area": "meeting__area"}
OF_PLAN = {"plan": "strategy", "in_area": "strategy__area"}

PLACES = {
    "action": Place(Action, "action", "key", "strategy"),
    "objective": Place(Objective, "objective", "key", **OF_PLAN),
    "priority": Place(Priority, "priority", "ref", **OF_PLAN),
    "strand": Place(WorkStrand, "strand", "slug", **OF_PLAN),
    "kpi": Place(Kpi, "kpi", "indicator__code"),
    "lead": Place(Lead, "people", about=("", "role"), ended="left_on", ended_word="Has left"),
    "partner": Place(Partner, "people"),
    "finding": Place(Finding, "inspection", "inspection__inspected_to", about=("ref", ""), in_area="inspection__area"),
    "inspection": Place(Inspection, "inspection", "inspected_to"),
    "risk": Place(Risk, "risk", "ref", ended="closed_on", ended_word="Closed", **OF_PLAN),
    "measure": Place(SuccessMeasure, **OF_PRIORITY),
    "update": Place(ProgressUpdate, said="recorded_at", **OF_ACTION),
    "evidence": Place(
        Evidence, "action", "update__action__key", "update__action__strategy",
        ("update__action__ref", "update__action__title"), "update__recorded_at", "withheld_at", "Withheld", "update__area",
    ),
    "step": Place(Milestone, **OF_ACTION),
    "commentary": Place(
        Commentary, "kpi", "kpi__indicator__code", about=("", "kpi__indicator__title"), said="recorded_at",
        in_area="kpi__area",
    ),
    "reply": Place(FlagReply, said="recorded_at", **OF_ACTION),
    "assessment": Place(PriorityAssessment, said="recorded_at", **OF_PRIORITY),
    "decision": Place(Decision, **OF_MEETING),
    "challenge": Place(Challenge, **OF_MEETING),
    "log": Place(MeetingAction, **OF_MEETING),
    "forward": Place(ForwardItem, "meetings", ended="done_on", ended_word="Done"),
    "voice": Place(FamilyView, "families", plan="either", said="recorded_at"),
    "said": Place(YouSaidWeDid, "document", "source__slug"),
    "practice": Place(CurrentPractice, **OF_PRIORITY),
    "plan": Place(Strategy, "strategy", plan="pk"),
    "document": Place(SourceDocument, "document", "slug"),
    "passage": Place(Passage, "document", "document__slug", about=("", "document__title"), in_area="document__area"),
    "term": Place(GlossaryTerm, "document", "source__slug"),
}  # fmt: skip
# Pages of a part of a plan: their address names the plan first. A draft plan has none of these yet, nor of actions.
UNDER_A_PLAN = {"objective", "priority", "strand", "risk", "families", "strategy"}


@dataclass(frozen=True)
class Standing:
    """Where a record stands: all of it may be empty, apart from the kind."""

    kind: str
    address: str
    belongs: str
    about: str
    marks: tuple[str, ...]
    plan: int | None


SIZES = (3, 20)  # as many as a page shows of all kinds, and of one
AN_AREA = -1
SOME_IDS = list(range(-2, -502, -1))


def standing_of(area: Area, plans: dict[int, Strategy], ids: dict[str, list[int]], at: datetime):
    """{(kind, id): Standing} of records of the area, in one query."""
    parts, values = [], []
    for kind, wanted in ids.items():
        whole = wanted + wanted[-1:] * (
            next((size for size in SIZES if size >= len(wanted)), len(wanted)) - len(wanted)
        )
        sql, given = compiled(kind, len(whole))
        put = {AN_AREA: area.pk, **dict(zip(SOME_IDS, whole, strict=False))}
        parts.append(sql)
        values += [put.get(value, value) for value in given]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        return {(row[0], row[1]): standing(area, plans, row, at) for row in cursor.fetchall()}


@cache
def compiled(kind: str, count: int) -> tuple[str, tuple]:
    """(SQL for where so many records of a kind stand, its parameters), once for all: making it takes ten times as long as
    asking it. `AN_AREA` and `SOME_IDS` stand for what is put in their place each time."""
    return PLACES[kind].rows(kind, AN_AREA, SOME_IDS[:count]).query.sql_with_params()


def read_moment(value):
    """SQLite hands moments over as text, or without their zone."""
    if value is None or connection.vendor != "sqlite":
        return value
    return connection.ops.convert_datetimefield_value(value, None, connection)


def standing(area: Area, plans: dict[int, Strategy], row: tuple, at: datetime) -> Standing:
    kind, _, plan_id, key, ref, title, said, retired_at, ended = row
    said, retired_at = read_moment(said), read_moment(retired_at)
    plan, place = plans.get(plan_id), PLACES[kind]
    is_draft = plan is not None and plan.state == Strategy.State.DRAFT
    belongs = [plan.title if plan else "", meeting_in_words(key) if place.page == "meeting" else ""]
    belongs.append(in_words(london_day(said)) if said else "")
    marks = [
        "Retired" if retired_at and retired_at <= at else "",
        place.ended_word if ended and ended[:10] <= str(london_day(at)) else "",
        "Draft plan" if is_draft else "",
    ]
    return Standing(
        kind, "" if is_draft else address(area, plan, place.page, key or "", ref), " · ".join(filter(None, belongs)),
        f"{ref or ''} {title or ''}".strip() if kind != "finding" else "", tuple(filter(None, marks)), plan_id,
    )  # fmt: skip


def meeting_in_words(day: str) -> str:
    return f"Meeting of {in_words(date.fromisoformat(day))}"


def address(area: Area, plan: Strategy | None, page: str, key: str, ref: str) -> str:
    """Without the database; "" where nothing leads there."""
    if page in UNDER_A_PLAN:
        parts = [plan.slug, *([key] if key else [])] if plan else None
        return reverse(f"board:{page}", args=[area.slug, *parts]) if parts else ""
    if page == "inspection":
        return reverse("board:inspection", args=[area.slug]) + (f"#finding-{key}-{ref}" if ref else "")
    if page == "document" and not key:
        return reverse("board:documents", args=[area.slug])
    return reverse(f"board:{page}", args=[area.slug, *([key] if key else [])])
