"""Moving an action, handing it over, putting it elsewhere in the order, and its dates."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from common.dates import in_words
from common.text import tidy
from people.models import Lead
from strategies import keeping
from strategies.keeping import Overtaken
from workstrands.models import Action, Deadline, Placement
from workstrands.planning import place_action, set_deadline
from workstrands.rearranging import unlead
from workstrands.status import DeadlineState, Status
from workstrands.upkeep.closing import refuse_closed
from workstrands.upkeep.places import Place, beside, hanging, latest_placement, refuse_place, reordered
from workstrands.upkeep.seen import Seen, hold, refuse_made_up, refuse_overtaken

LONGEST_REASON = 400
FIRST = "first"
NOBODY = "nobody"


@transaction.atomic
def move_action(
    action: Action,
    *,
    by,
    at: datetime,
    seen: Seen | None,
    place: Place | None = None,
    lead: Lead | str | None = None,
    after: Action | str | None = None,
) -> bool:
    """Elsewhere in the plan, to another lead (`NOBODY`: nobody leads it), or after another action (`FIRST`: before all
    beside it); what is not named stays. Whether anything changed."""
    held = hold(action)
    refuse_overtaken(held, seen)
    refuse_closed(held, at)
    refuse_made_up(held, by, at)
    stood = latest_placement(held)
    moves = place is not None and place.ids != Place.of(stood).ids
    hands_over = _hands_over(stood, lead)
    if moves:
        refuse_place(place, held.strategy)
    if moves or hands_over:
        append_placement(held, place if moves else None, lead if hands_over else None, by=by, at=at)
    if moves:
        put_last(held, place, by=by, at=at)
    elif after is not None:
        return put_after(held, after, by=by, at=at) or hands_over
    return moves or hands_over


def _hands_over(stood: Placement | None, lead: Lead | str | None) -> bool:
    if lead == NOBODY:
        return stood is not None and stood.lead_id is not None
    return lead is not None and (stood is None or stood.lead_id != lead.pk)


def append_placement(action: Action, place: Place | None, lead: Lead | str | None, *, by, at: datetime) -> Placement:
    where = {"objective": place.objective, "priority": place.priority, "workstrand": place.workstrand} if place else {}
    try:
        with transaction.atomic():
            if lead == NOBODY:
                return unlead(latest_placement(action), by=by, at=at, **where)
            return place_action(action, by=by, at=at, lead=lead, **where)
    except IntegrityError:
        raise Overtaken([]) from None  # setting the plan up does not hold it


def put_last(action: Action, place: Place, *, by, at: datetime) -> None:
    """After the last of those that hang on its new place; where there are none it keeps its place in the order."""
    rows = hanging(action.strategy)
    siblings = [row for row in beside(place, rows) if row.pk != action.pk]
    if siblings:
        _write_order(action, rows, siblings[-1].pk, by=by, at=at)


def put_after(action: Action, after: Action | str, *, by, at: datetime) -> bool:
    rows = hanging(action.strategy)
    if after != FIRST:
        return _write_order(action, rows, after.pk, by=by, at=at)
    siblings = [row.pk for row in beside(Place.of(latest_placement(action)), rows) if row.pk != action.pk]
    order = [row.pk for row in rows if row.pk != action.pk]
    at_place = order.index(siblings[0]) if siblings else 0
    return _write_order(action, rows, order[at_place - 1] if at_place else None, by=by, at=at)


def _write_order(action: Action, rows, after: int | None, *, by, at: datetime) -> bool:
    order = [row.pk for row in rows]
    stands = order.index(action.pk) if action.pk in order else 0
    if (order[stands - 1] if stands else None) == after:
        return False
    changed = reordered([(row.position, row.pk) for row in rows], action.pk, after)
    for other in Action.objects.filter(pk__in=changed).select_related("strategy"):
        keeping.change(other, {"position": changed[other.pk]}, by=by, at=at, seen=None)
    return bool(changed)


# Dates


def proposed_of(action: Action) -> Deadline | None:
    """The date that waits for an answer: one proposed since the last was agreed or refused."""
    last = action.deadlines.select_related("recorded_by").order_by("-number").first()
    return last if last and last.state == DeadlineState.PROPOSED else None


def why_no_date(status: str | None) -> str:
    """Why no other date is needed, as a sentence; empty when one may be."""
    if status == Status.COMPLETE:
        return "This action is reported as complete, so no other date is needed."
    if status == Status.STOPPED:
        return "The Board stopped this action, so no other date is needed."
    return ""


@transaction.atomic
def give_date(
    action: Action,
    *,
    due_on: date,
    reason: str,
    by,
    at: datetime,
    seen: Seen | None,
    state: str = DeadlineState.PROPOSED,
    applies_to: str = "",
) -> Deadline:
    """A date proposed to the Board, or agreed already; with its reason. A proposed one does not count."""
    held = hold(action)
    refuse_overtaken(held, seen)
    refuse_closed(held, at)
    refuse_made_up(held, by, at)
    refuse_date(held, due_on, reason, applies_to)
    try:
        with transaction.atomic():
            return set_deadline(
                held, due_on=due_on, by=by, at=at, state=state, applies_to=applies_to, reason=tidy(reason)
            )
    except IntegrityError:
        raise Overtaken([]) from None


def refuse_date(action: Action, due_on: date, reason: str, applies_to: str) -> None:
    """Nor a date that stands already; the plan's own rule of the first day is `set_deadline`'s."""
    if not tidy(reason):
        raise ValidationError({"reason": "Say why another date is needed."})
    if len(tidy(reason)) > LONGEST_REASON:
        raise ValidationError({"reason": f"The reason has more than {LONGEST_REASON} characters. Shorten it."})
    last = action.updates.order_by("-number").first()
    closed = why_no_date(last.status if last else None)
    if closed:
        raise ValidationError(closed)
    same = action.deadlines.filter(state=DeadlineState.AGREED, applies_to=applies_to).order_by("-number").first()
    if same and same.due_on == due_on:
        raise ValidationError({"due_on": f"It is due on {in_words(due_on)} already. Give another day."})
