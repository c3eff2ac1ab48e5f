"""Adding an action, and changing what it says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from common.dates import in_words, london_day
from common.text import tidy
from common.words import listed
from people.models import Lead
from strategies import keeping
from strategies.models import Strategy
from workstrands.illustration import refuse_real
from workstrands.models import Action, Milestone
from workstrands.planning import place_action, set_deadline
from workstrands.upkeep.places import Place, beside, hanging, next_key, next_ref, refuse_place, refuse_ref
from workstrands.upkeep.seen import Seen, hold, refuse_made_up, refuse_overtaken

REASON_LIMIT = 100
SUPPORTING_IS_REAL = (
    "The supporting leads of a real action are changed by real sign-ins: the demonstration could not take that back."
)


def why_closed(strategy: Strategy, retired_on: date | None, on: date) -> str:
    """Why an action cannot be kept any longer on a day, as a sentence; empty when it can."""
    if retired_on:
        return f"This action was retired on {in_words(retired_on)}. Take that back before you change it."
    if strategy.has_ended(on):
        return f"This plan ended on {in_words(strategy.ends_on)}. It is kept to be read."
    return ""


def refuse_closed(action: Action, at: datetime) -> None:
    closed = why_closed(action.strategy, action.retired_on, london_day(at))
    if closed:
        raise ValidationError(closed)


@transaction.atomic
def add_action(
    strategy: Strategy,
    *,
    place: Place,
    title: str,
    by,
    at: datetime,
    ref: str = "",
    lead: Lead | None = None,
    due_on: date | None = None,
    links: dict[str, Iterable] | None = None,
    reason: str = "",
    **values,
) -> Action:
    """With its place and, where given, its lead and its agreed date. Without a reference it gets the next free one."""
    keeping.hold(strategy)
    closed = why_closed(strategy, None, london_day(at))
    if closed:
        raise ValidationError(closed)
    refuse_place(place, strategy)
    refuse_real(by, lead, *(links or {}).get("supporting_leads", ()), what="A new action")
    rows = hanging(strategy)
    given = tidy(ref)
    if given:
        refuse_ref(strategy, given)
    siblings = beside(place, rows) or rows
    ref = given or next_ref(place, strategy, rows=rows)
    action = Action(
        area=strategy.area, strategy=strategy, ref=ref, is_ref_ours=not given, key=next_key(strategy, ref),
        position=siblings[-1].position if siblings else 1, title=tidy(title), **values,
    )  # fmt: skip
    if not action.title:
        raise ValidationError({"title": "Say what will be done."})
    keeping.add(action, links=links, by=by, at=at)
    if reason:
        action.history.filter(history_type="+").update(history_change_reason=reason[:REASON_LIMIT])
    place_action(action, by=by, at=at, lead=lead, objective=place.objective, priority=place.priority,
                 workstrand=place.workstrand)  # fmt: skip
    if due_on:
        set_deadline(action, due_on=due_on, by=by, at=at)
    return action


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone as a form gives it; `milestone` is none for a new one."""

    milestone: Milestone | None
    text: str
    due_on: date | None = None
    done_on: date | None = None


@transaction.atomic
def edit_action(
    action: Action,
    values: dict,
    *,
    by,
    at: datetime,
    seen: Seen | None,
    supporting: Iterable[Lead] | None = None,
    steps: Iterable[Step] = (),
    knows_the_past: bool = False,
) -> bool:
    """Whether anything changed: its fields and milestones with their history, and who supports its lead."""
    held = hold(action)
    refuse_overtaken(held, seen)
    refuse_closed(held, at)
    refuse_made_up(held, by, at)
    _refuse_start(held, values, knows_the_past, at)
    if "ref" in values:
        refuse_ref(held.strategy, values["ref"], own=held)
    changed = keeping.change(held, values, by=by, at=at, seen=None)
    if supporting is not None:
        changed = set_supporting(held, supporting, by=by, at=at) or changed
    changed = _keep_steps(held, steps, by=by, at=at) or changed
    action.refresh_from_db()
    return changed


def changes_the_past(before: date, after: date, on: date) -> bool:
    """Whether another start makes past views judge an action otherwise: not where both days are still to come."""
    return before != after and min(before, after) <= on


def _refuse_start(action: Action, values: dict, knows_the_past: bool, at: datetime) -> None:
    if "starts_on" not in values:
        return
    plan = action.strategy.starts_on
    before, after = action.starts_on or plan, values["starts_on"] or plan
    if changes_the_past(before, after, london_day(at)) and not knows_the_past:
        message = "Past views count it from its start, so they change too. Tick that the record was wrong, or leave it."
        raise ValidationError({"knows_the_past": message})
    last = action.deadlines.filter(state="agreed").order_by("-number").first()
    if last and before != after and after > last.due_on:
        raise ValidationError({"starts_on": f"It is due on {in_words(last.due_on)}: it starts that day or before."})


def set_supporting(action: Action, leads: Iterable[Lead], *, by, at: datetime) -> bool:
    """Who supports its lead. The history keeps a line of it in words."""
    wanted, stands = list(leads), list(action.supporting_leads.order_by("name"))
    if {lead.pk for lead in wanted} == {lead.pk for lead in stands}:
        return False
    if by is not None and by.is_illustrative and not action.is_illustrative:
        raise ValidationError(SUPPORTING_IS_REAL)
    refuse_real(by, *wanted, what=f"Action {action.ref}")
    action.supporting_leads.set(wanted)
    named = sorted((lead.name for lead in wanted), key=str.casefold)
    note(action, f"Supporting: {listed(named) or 'nobody'}", by=by, at=at)
    return True


def note(action: Action, reason: str, *, by, at: datetime) -> None:
    """A line of its history for what no field of it holds."""
    action._history_user, action._history_date = by, at
    action._change_reason = reason if len(reason) <= REASON_LIMIT else f"{reason[: REASON_LIMIT - 1]}…"
    action.save()


def _keep_steps(action: Action, steps: Iterable[Step], *, by, at: datetime) -> bool:
    changed = False
    for step in steps:
        said = {"text": tidy(step.text), "due_on": step.due_on, "done_on": step.done_on}
        if step.milestone is None:
            position = action.milestones.count() + 1
            keeping.add(Milestone(action=action, position=position, **said), by=by, at=at)
            changed = True
        else:
            changed = keeping.change(step.milestone, said, by=by, at=at, seen=None) or changed
    return changed
