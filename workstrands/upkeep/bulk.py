"""One change of many chosen actions: what each will become, what stands in the way, and all of them written or none."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import OuterRef, Subquery

from common.dates import in_words, london_day
from common.text import tidy
from kpis.models import Kpi
from people.models import Lead, Partner
from strategies import keeping
from strategies.keeping import Overtaken
from strategies.models import Strategy
from workstrands.illustration import why_not_for
from workstrands.models import Action, Deadline, Placement, ProgressUpdate
from workstrands.status import DeadlineState
from workstrands.upkeep.closing import why_closed
from workstrands.upkeep.places import Place
from workstrands.upkeep.placing import LONGEST_REASON, NOBODY, give_date, move_action, why_no_date
from workstrands.upkeep.retiring import retire_action
from workstrands.upkeep.seen import Seen, happened_since, seen_by, with_seen
from workstrands.upkeep.told import NOBODY as NOBODY_NAMED
from workstrands.upkeep.told import NONE, place_in_words

MOST_ROWS = 200


class Kind(models.TextChoices):
    """What can be done to many actions at once."""

    HAND_OVER = "hand_over", "Hand them to a lead, or to nobody"
    PARTNER = "partner", "Set their partner"
    MOVE = "move", "Move them under another objective, priority or work strand"
    DATE = "date", "Propose or agree a date"
    CRITICAL = "critical", "Say whether they are critical"
    KPI = "kpi", "Link a KPI that they should move"
    RETIRE = "retire", "Retire them"


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be done: its kind, and what that kind asks for."""

    kind: str
    lead: Lead | str | None = None  # `placing.NOBODY`: nobody leads them any longer
    partner: Partner | None = None
    place: Place | None = None
    due_on: date | None = None
    state: str = DeadlineState.PROPOSED
    reason: str = ""
    is_critical: bool = True
    kpi: Kpi | None = None

    @property
    def words(self) -> str:
        if self.kind == Kind.HAND_OVER:
            return "Nobody leads them any longer" if self.lead == NOBODY else "Hand them to a lead"
        return Kind(self.kind).label


@dataclass(slots=True)
class Row:
    """One chosen action: how it stands, what it would become (empty: as it is), what stands in the way."""

    action: Action
    seen: Seen
    lead: Lead | None
    place: Place
    due_on: date | None
    status: str | None
    now: str = ""
    becomes: str = ""
    problem: str = ""
    changes: list = field(default_factory=list)  # what somebody else changed meanwhile


class RowsOvertaken(Exception):
    """Somebody changed some of the actions in the meantime: which, by id."""

    def __init__(self, ids: Iterable[int]):
        super().__init__("Some of these actions were changed in the meantime.")
        self.ids = set(ids)


def chosen_rows(strategy: Strategy, keys: Iterable[str]) -> list[Row]:
    """How the chosen actions stand, in the plan's order; four queries, whatever their number."""
    actions = Action.objects.filter(strategy=strategy, key__in=list(keys)[:MOST_ROWS]).select_related("partner")
    said = ProgressUpdate.objects.filter(action=OuterRef("pk")).order_by("-number")
    agreed = Deadline.objects.filter(action=OuterRef("pk"), state=DeadlineState.AGREED).order_by("-number")
    placed = Placement.objects.filter(action=OuterRef("pk")).order_by("-number").values("pk")[:1]
    found = with_seen(actions).annotate(
        said_last=Subquery(said.values("status")[:1]),
        due_last=Subquery(agreed.values("due_on")[:1]),
        placed_last=Subquery(placed),
    )
    found = list(found.prefetch_related("kpis__indicator").order_by("position", "pk"))
    placements = (
        Placement.objects.filter(pk__in=[one.placed_last for one in found if one.placed_last])
        .select_related("objective", "priority", "workstrand", "lead")
        .in_bulk()
    )
    for one in found:
        one.strategy, one.area = strategy, strategy.area
    return [_row(one, placements.get(one.placed_last)) for one in found]


def _row(action: Action, placed: Placement | None) -> Row:
    lead = placed.lead if placed else None
    return Row(action, seen_by(action), lead, Place.of(placed), action.due_last, action.said_last)


def foresee(rows: Iterable[Row], deed: Deed, *, by, at: datetime) -> list[Row]:
    """The same rows, each with what it would become and why it may not."""
    rows = list(rows)
    for row in rows:
        row.now, row.becomes = _told(row, deed)
        row.problem = _problem(row, deed, by=by, on=london_day(at))
    return rows


def _told(row: Row, deed: Deed) -> tuple[str, str]:
    """What it is now and what it would become, in words; nothing becomes of what is so already."""
    now, then = {
        Kind.HAND_OVER: lambda: (str(row.lead or NOBODY_NAMED), _lead_words(row, deed)),
        Kind.PARTNER: lambda: (str(row.action.partner or NONE), str(deed.partner or NONE)),
        Kind.MOVE: lambda: (place_in_words(row.place), place_in_words(deed.place)),
        Kind.DATE: lambda: (in_words(row.due_on) or NONE, _date_words(row, deed)),
        Kind.CRITICAL: lambda: (_critical(row.action.is_critical), _critical(deed.is_critical)),
        Kind.KPI: lambda: _kpi_words(row, deed),
        Kind.RETIRE: lambda: ("in the plan", "retired"),
    }[deed.kind]()
    return now, "" if now == then else then


def _lead_words(row: Row, deed: Deed) -> str:
    if deed.lead != NOBODY:
        return str(deed.lead)
    if row.lead is None:
        return NOBODY_NAMED
    return f"{NOBODY_NAMED}: " + (
        f"{row.action.partner} owns it" if row.action.partner else "it will be flagged as unowned"
    )


def _critical(is_critical: bool) -> str:
    return "critical" if is_critical else "not critical"


def _date_words(row: Row, deed: Deed) -> str:
    words = in_words(deed.due_on)
    if row.due_on == deed.due_on or deed.state == DeadlineState.AGREED:
        return words
    return f"{words}, proposed"


def _kpi_words(row: Row, deed: Deed) -> tuple[str, str]:
    linked = sorted(str(kpi) for kpi in row.action.kpis.all())
    has = any(kpi.pk == deed.kpi.pk for kpi in row.action.kpis.all())
    now = "; ".join(linked) or NONE
    return now, now if has else f"also {deed.kpi}"


def _problem(row: Row, deed: Deed, *, by, on: date) -> str:
    action = row.action
    closed = why_closed(action.strategy, action.retired_on, on) or why_not_for(by, row.lead)
    if closed or deed.kind != Kind.DATE or not row.becomes:
        return closed
    starts_on = action.starts_on or action.strategy.starts_on
    if deed.due_on < starts_on:
        return f"It starts on {in_words(starts_on)}: it is due that day or later."
    return why_no_date(row.status)


def refuse_deed(deed: Deed, strategy: Strategy, *, by) -> None:
    """`ValidationError` by field for what no row could be made to say."""
    missing = {
        Kind.HAND_OVER: ("lead", "Choose the lead.", deed.lead),
        Kind.MOVE: ("place", "Choose what they move under.", deed.place),
        Kind.DATE: ("due_on", "Give the date.", deed.due_on),
        Kind.KPI: ("kpi", "Choose the KPI.", deed.kpi),
    }.get(deed.kind)
    if missing and not missing[2]:
        raise ValidationError({missing[0]: missing[1]})
    if deed.kind in (Kind.DATE, Kind.RETIRE) and not tidy(deed.reason):
        raise ValidationError({"reason": "Say why."})
    if deed.kind == Kind.DATE and len(tidy(deed.reason)) > LONGEST_REASON:
        raise ValidationError({"reason": f"The reason has more than {LONGEST_REASON} characters. Shorten it."})
    named = _named(deed)
    if why_not_for(by, named):
        raise ValidationError(why_not_for(by, named))


def _named(deed: Deed) -> Lead | None:
    if deed.kind == Kind.HAND_OVER and deed.lead != NOBODY:
        return deed.lead
    return deed.kpi.owner if deed.kind == Kind.KPI else None


@transaction.atomic
def carry_out(strategy: Strategy, seen: dict[str, Seen], deed: Deed, *, by, at: datetime) -> int:
    """Do it to all the actions, by key with what the form saw of each, or to none; how many changed.

    `RowsOvertaken` where somebody changed one meanwhile; `ValidationError` where one cannot be changed so.
    """
    keeping.hold(strategy)
    if not 0 < len(seen) <= MOST_ROWS:
        raise ValidationError(f"Tick one action at least, and {MOST_ROWS} at most.")
    list(Action.objects.select_for_update().filter(strategy=strategy, key__in=seen).order_by("pk").values_list("pk"))
    rows = chosen_rows(strategy, seen)
    if len(rows) < len(seen):
        raise ValidationError("One of these actions is not in this plan. Choose them from the table again.")
    refuse_deed(deed, strategy, by=by)
    overtaken = [
        row.action.pk
        for row in rows
        if row.seen != seen[row.action.key] and happened_since(row.action, seen[row.action.key])
    ]
    if overtaken:
        raise RowsOvertaken(overtaken)
    foresee(rows, deed, by=by, at=at)
    refused = [f"{row.action.ref}: {row.problem}" for row in rows if row.problem]
    if refused:
        raise ValidationError(refused)
    changing = [row for row in rows if row.becomes]
    for row in changing:
        _write(row.action, deed, by=by, at=at)
    return len(changing)


def _write(action: Action, deed: Deed, *, by, at: datetime) -> None:
    said = {"by": by, "at": at, "seen": None}
    try:
        if deed.kind == Kind.HAND_OVER:
            move_action(action, lead=deed.lead, **said)
        elif deed.kind == Kind.MOVE:
            move_action(action, place=deed.place, **said)
        elif deed.kind == Kind.DATE:
            give_date(action, due_on=deed.due_on, reason=deed.reason, state=deed.state, **said)
        elif deed.kind == Kind.RETIRE:
            retire_action(action, because=deed.reason, **said)
        elif deed.kind == Kind.KPI:
            keeping.change(action, {}, links={"kpis": [*action.kpis.all(), deed.kpi]}, **said)
        else:
            name = {Kind.PARTNER: "partner", Kind.CRITICAL: "is_critical"}[deed.kind]
            keeping.change(action, {name: getattr(deed, name)}, **said)
    except Overtaken:
        raise RowsOvertaken([action.pk]) from None
