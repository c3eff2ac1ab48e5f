"""Adding an action, and changing what it says."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from common.dates import in_words, london_day
from common.text import tidy
from people.models import Lead
from strategies import keeping
from strategies.models import Strategy
from workstrands.illustration import refuse_real
from workstrands.models import Action, Objective
from workstrands.planning import place_action, set_deadline
from workstrands.upkeep.closing import refuse_closed, why_closed
from workstrands.upkeep.places import Place, beside, hanging, next_key, next_ref, refuse_place, refuse_ref
from workstrands.upkeep.seen import Seen, hold, refuse_made_up, refuse_overtaken
from workstrands.upkeep.steps import Step, keep_steps

REASON_LIMIT = 100


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
        action.history.all().update(history_change_reason=reason[:REASON_LIMIT])
    place_action(action, by=by, at=at, lead=lead, objective=place.objective, priority=place.priority,
                 workstrand=place.workstrand)  # fmt: skip
    if due_on:
        set_deadline(action, due_on=due_on, by=by, at=at)
    return action


@transaction.atomic
def edit_action(
    action: Action,
    values: dict,
    *,
    by,
    at: datetime,
    seen: Seen | None,
    supporting: Iterable[Lead] | None = None,
    also_serves: Iterable[Objective] | None = None,
    steps: Iterable[Step] = (),
    knows_the_past: bool = False,
) -> bool:
    """Whether anything changed: its fields and links and its milestones, each with its history."""
    held = hold(action)
    refuse_overtaken(held, seen)
    refuse_closed(held, at)
    refuse_made_up(held, by, at)
    _refuse_start(held, values, knows_the_past, at)
    if "ref" in values:
        refuse_ref(held.strategy, values["ref"], own=held)
    changed = keeping.change(held, values, by=by, at=at, seen=None)
    changed = _link(held, supporting, also_serves, by=by, at=at) or changed
    changed = keep_steps(held, steps, by=by, at=at) or changed
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


def _link(
    action: Action, supporting: Iterable[Lead] | None, also_serves: Iterable[Objective] | None, *, by, at
) -> bool:
    """Who supports its lead and what else it serves; none leaves a link as it is. The history keeps both."""
    links = {}
    if supporting is not None:
        links["supporting_leads"] = list(supporting)
    if also_serves is not None:
        links["also_serves"] = refuse_served(action, also_serves)
    return link_action(action, links, by=by, at=at)


def link_action(action: Action, links: dict[str, list], *, by, at: datetime) -> bool:
    """Whether any link changed. An illustrative sign-in neither adds nor takes off a real lead."""
    if "supporting_leads" in links:
        changed = {*links["supporting_leads"]} ^ {*action.supporting_leads.all()}
        refuse_real(by, *changed, what=f"Action {action.ref}")
    return keeping.change(action, {}, links=links, by=by, at=at, seen=None)


def refuse_served(action: Action, objectives: Iterable[Objective]) -> list[Objective]:
    """What it serves already may stay, though it was retired since."""
    chosen = list(objectives)
    stands = set(action.also_serves.values_list("pk", flat=True))
    for one in chosen:
        if one.pk not in stands and (one.retired_at or one.strategy_id != action.strategy_id):
            raise ValidationError({"also_serves": f"“{one}” is not in use in this plan any more. Choose another."})
    return chosen


def note(action: Action, reason: str, *, by, at: datetime) -> None:
    """A line of its history for what no field of it holds."""
    action._history_user, action._history_date = by, at
    action._change_reason = reason if len(reason) <= REASON_LIMIT else f"{reason[: REASON_LIMIT - 1]}…"
    action.save()
