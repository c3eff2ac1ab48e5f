"""Moving, merging, splitting and retiring the parts of a plan, and handing over what a lead answers for.

What a past view counts is never changed. An action that comes to hang elsewhere, or is handed over, gets a further placement.
An objective that comes to hang elsewhere is made anew there, and the old one is retired in its favour, so that every past
view still finds it, with its actions, where it was; its address leads on. Whoever merges two parts moves everything below the
first one to the second, in the same way. The plan's row is held all the while, so that two officers come one after the other.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.text import slugify

from common.text import tidy
from kpis.models import Kpi
from people.models import Lead, User
from priorities.models import Priority, SuccessMeasure
from strategies import keeping
from strategies.keeping import Overtaken
from strategies.models import Strategy
from workstrands.illustration import refuse_real
from workstrands.models import Action, Objective, Placement, WorkStrand

Part = Priority | WorkStrand | Objective
LONGEST_REF = 20
LONGEST_KEY = 60


# What hangs on what


def hanging(part: Part) -> Q:
    """Of placements: those below the part."""
    if isinstance(part, Objective):
        return Q(objective=part)
    name = _name(part)
    return Q(**{name: part}) | Q(**{f"objective__{name}": part})


def standing_placements(condition: Q) -> models.QuerySet[Placement]:
    """The last placement of each action in use, where that fits; in the order of the plan."""
    last = Placement.objects.filter(action=models.OuterRef("action")).order_by("-number").values("pk")[:1]
    there = Placement.objects.filter(condition, action__retired_at__isnull=True, pk=models.Subquery(last))
    return there.select_related("action__area", "action__strategy", "objective", "lead").order_by(
        "action__position", "action__pk"
    )


def actions_below(part: Part) -> list[Action]:
    return [placement.action for placement in standing_placements(hanging(part))]


def objectives_below(part: Part) -> list[Objective]:
    if isinstance(part, Objective):
        return []
    found = Objective.objects.in_use().filter(**{_name(part): part})
    return list(found.select_related("priority", "workstrand", "strategy__area").order_by("position", "pk"))


def digest_below(part: Part) -> str:
    """What a form carries to say what it showed of what hangs on a part."""
    objectives, actions = objectives_below(part), actions_below(part)
    return "-".join([*(f"o{each.pk}" for each in objectives), *(f"a{each.pk}" for each in actions)])


def _name(part: Priority | WorkStrand) -> str:
    return "priority" if isinstance(part, Priority) else "workstrand"


# Moving


@transaction.atomic
def move_objective(
    objective: Objective,
    *,
    priority: Priority | None,
    workstrand: WorkStrand | None,
    ref: str = "",
    by: User,
    at: datetime,
    seen: int | None,
    because: str = "",
) -> Objective:
    """The objective that stands in its stead there. Without `ref` it gets the next free one."""
    keeping.hold(objective.strategy)
    _refuse_gone(objective, seen)
    if (priority and priority.pk, workstrand and workstrand.pk) == (objective.priority_id, objective.workstrand_id):
        raise ValidationError({"priority": "It hangs there already. Choose another place."})
    _refuse_elsewhere(objective.strategy, priority, workstrand)
    ref = tidy(ref) or free_ref(objective, priority)
    fresh = Objective(
        strategy=objective.strategy, priority=priority, workstrand=workstrand, ref=ref, text=objective.text,
        key=free_key(objective.strategy, ref), is_ref_ours=True, heading_as_found=objective.heading_as_found,
        position=objective.position, added_at=at, source=objective.source, source_locator=objective.source_locator,
        source_text=objective.source_text, source_note=objective.source_note,
    )  # fmt: skip
    keeping.add(fresh, links={"findings": objective.findings.all()}, by=by, at=at)
    place_on(standing_placements(Q(objective=objective)), objective=fresh, by=by, at=at)
    _serve_too(objective, fresh, by=by, at=at)
    where = " and ".join(str(part) for part in (priority, workstrand) if part)
    _give_way(objective, fresh, because or f"Moved to {where}.", by=by, at=at)
    return fresh


def place_on(
    placements: Iterable[Placement],
    *,
    by: User | None,
    at: datetime,
    objective: Objective | None = None,
    priority: Priority | None = None,
    workstrand: WorkStrand | None = None,
) -> int:
    """A further placement for each action, elsewhere in the plan; who leads it stays. How many moved."""
    moved = 0
    for before in placements:
        refuse_real(by, before.lead, what=f"Action {before.action.ref}")
        where = {"objective": objective, "priority": None if objective else priority,
                 "workstrand": None if objective else workstrand}  # fmt: skip
        _append(before, by=by, at=at, **where)
        moved += 1
    return moved


def _append(before: Placement, *, by: User | None, at: datetime, **changed) -> Placement:
    stood = {
        name: getattr(before, name)
        for name in ("objective", "priority", "workstrand", "lead", "is_lead_joint", "is_lead_assumed")
    }
    placement = Placement(
        action=before.action, number=before.number + 1, recorded_at=at, recorded_by=by,
        is_illustrative=bool(by and by.is_illustrative), **(stood | changed),
    )  # fmt: skip
    placement.full_clean(exclude=["action", "recorded_by"])
    placement.save()
    return placement


def _serve_too(old: Objective, new: Objective, *, by: User, at: datetime) -> None:
    """Actions that also serve the old one serve the new one too, each with a line in its history."""
    for action in old.also_served_by.order_by("pk"):
        _link_too(action, "also_serves", new, by=by, at=at)


def _link_too(record: Action | Kpi, name: str, other, *, by: User, at: datetime) -> None:
    """Of what was retired too: taken back, it is linked as all others are."""
    record._history_user, record._history_date = by, at
    getattr(record, name).add(other)


def _give_way(old, new, because: str, *, by: User, at: datetime) -> None:
    keeping.retire(old, because=because, by=by, at=at, seen=None, replaced_by=new)


def _refuse_gone(record, seen: int | None) -> None:
    keeping.refuse_overtaken(record, seen)
    record.refresh_from_db()
    if record.retired_at:
        raise ValidationError("This was retired or moved already.")


def _refuse_elsewhere(strategy: Strategy, *parts) -> None:
    """Below another plan, or below what was retired in the meantime, nothing comes to hang."""
    named = [part for part in parts if part is not None]
    if not named:
        raise ValidationError({"priority": "Choose a priority, a work strand or both."})
    for part in named:
        part.refresh_from_db()
        if part.strategy_id != strategy.pk or part.retired_at:
            field = "objective" if isinstance(part, Objective) else _name(part)
            raise ValidationError({field: f"“{part}” is not in use in this plan any more. Choose another."})


# References and addresses


def free_ref(objective: Objective, priority: Priority | None = None) -> str:
    """The next free reference of a plan: below the priority where its objectives are numbered so, else with a letter."""
    taken = set(Objective.objects.filter(strategy=objective.strategy).values_list("ref", flat=True))
    head = f"{priority.ref}." if priority else ""
    numbers = [int(ref.removeprefix(head)) for ref in taken if head and _counts(ref, head)]
    if numbers:
        return next(f"{head}{number}" for number in range(max(numbers) + 1, 10_000))
    return free_beside(objective.ref, taken)


def _counts(ref: str, head: str) -> bool:
    rest = ref.removeprefix(head)
    return ref.startswith(head) and rest.isascii() and rest.isdigit() and len(rest) < 4


def free_beside(ref: str, taken: Collection[str]) -> str:
    """1.1, or 1.1b, 1.1c … where that is taken."""
    endings = ["", *"bcdefghijklmnopqrstuvwxyz", *(f"-{number}" for number in range(2, 10_000))]
    return next(found for ending in endings if (found := ref[: LONGEST_REF - len(ending)] + ending) not in taken)


def free_key(strategy: Strategy, ref: str) -> str:
    """The last part of an objective's address."""
    taken = set(Objective.objects.filter(strategy=strategy).values_list("key", flat=True)) | {"add"}
    base = (slugify(f"o-{ref}") or "o")[: LONGEST_KEY - 6]
    numbered = (base if number == 1 else f"{base}-{number}" for number in range(1, 100_000))
    return next(key for key in numbered if key not in taken)


# Merging and splitting


@transaction.atomic
def merge_objectives(old: Objective, into: Objective, *, by: User, at: datetime, seen: int | None) -> None:
    """All that hangs on the one hangs on the other, which answers the findings of both."""
    _ready_to_merge(old, into, seen)
    place_on(standing_placements(Q(objective=old)), objective=into, by=by, at=at)
    both = {*into.findings.all(), *old.findings.all()}
    keeping.change(into, {}, links={"findings": both}, by=by, at=at, seen=None)
    _serve_too(old, into, by=by, at=at)
    _give_way(old, into, f"Merged into {into}.", by=by, at=at)


@transaction.atomic
def merge_priorities(old: Priority, into: Priority, *, by: User, at: datetime, seen: int | None) -> None:
    """Objectives, actions, measures of success and KPIs of the one move to the other, whose owners stay as they are."""
    _ready_to_merge(old, into, seen)
    _move_objectives(old, into, by=by, at=at)
    for placement in standing_placements(Q(priority=old)):
        place_on([placement], priority=into, workstrand=placement.workstrand, by=by, at=at)
    for measure in SuccessMeasure.objects.in_use().filter(priority=old).order_by("position", "pk"):
        move_measure(measure, into, by=by, at=at)
    _link_kpis(old.kpis.in_use(), "priorities", into, by=by, at=at)
    _give_way(old, into, f"Merged into {into}.", by=by, at=at)


@transaction.atomic
def merge_strands(old: WorkStrand, into: WorkStrand, *, by: User, at: datetime, seen: int | None) -> None:
    _ready_to_merge(old, into, seen)
    _move_objectives(old, into, by=by, at=at)
    for placement in standing_placements(Q(workstrand=old)):
        place_on([placement], priority=placement.priority, workstrand=into, by=by, at=at)
    _give_way(old, into, f"Merged into {into}.", by=by, at=at)


def _ready_to_merge(old, into, seen: int | None) -> None:
    keeping.hold(old.strategy)
    _refuse_gone(old, seen)
    if old.pk == into.pk:
        raise ValidationError({"into": "Choose another one than this."})
    into.refresh_from_db()
    if into.retired_at or into.strategy_id != old.strategy_id:
        raise ValidationError({"into": f"“{into}” is not in use in this plan any more. Choose another."})


def _move_objectives(old: Priority | WorkStrand, into: Priority | WorkStrand, *, by: User, at: datetime) -> None:
    for objective in objectives_below(old):
        where = {"priority": objective.priority, "workstrand": objective.workstrand} | {_name(old): into}
        move_objective(objective, **where, by=by, at=at, seen=None, because=f"Moved with {old} into {into}.")


@transaction.atomic
def move_measure(
    measure: SuccessMeasure, priority: Priority, *, by: User, at: datetime, seen: int | None = None
) -> SuccessMeasure:
    """A measure of success under another priority: made anew there, like an objective."""
    keeping.hold(priority.strategy)
    _refuse_gone(measure, seen)
    priority.refresh_from_db()
    if priority.retired_at or priority.strategy_id != measure.priority.strategy_id:
        raise ValidationError({"into": f"“{priority}” is not in use in this plan any more. Choose another."})
    taken = set(SuccessMeasure.objects.filter(priority=priority).values_list("ref", flat=True))
    fresh = SuccessMeasure(
        priority=priority, ref=free_beside(measure.ref, taken), text=measure.text, position=measure.position,
        printed_section=measure.printed_section, likely_section=measure.likely_section, added_at=at,
        source=measure.source, source_locator=measure.source_locator, source_text=measure.source_text,
        source_note=measure.source_note,
    )  # fmt: skip
    keeping.add(fresh, by=by, at=at)
    _link_kpis(measure.kpis.in_use(), "success_measures", fresh, by=by, at=at)
    _give_way(measure, fresh, f"Moved to {priority}.", by=by, at=at)
    return fresh


def _link_kpis(kpis: models.QuerySet[Kpi], name: str, record, *, by: User, at: datetime) -> None:
    for kpi in kpis.order_by("pk"):
        _link_too(kpi, name, record, by=by, at=at)


@transaction.atomic
def split_objective(
    objective: Objective, *, text: str, ref: str, action_ids: Collection[int], by: User, at: datetime, seen: int | None
) -> Objective:
    """A second objective beside the first, in the same place; the chosen actions go to it."""
    keeping.hold(objective.strategy)
    _refuse_gone(objective, seen)
    placements = list(standing_placements(Q(objective=objective)))
    if {*action_ids} - {placement.action_id for placement in placements}:
        raise ValidationError({"actions": "An action that you chose hangs elsewhere by now. Choose again."})
    ref = tidy(ref) or free_ref(objective)
    fresh = Objective(
        strategy=objective.strategy, priority=objective.priority, workstrand=objective.workstrand, ref=ref,
        key=free_key(objective.strategy, ref), is_ref_ours=True, text=tidy(text), position=objective.position, added_at=at,
    )  # fmt: skip
    keeping.add(fresh, links={"findings": objective.findings.all()}, by=by, at=at)
    place_on((each for each in placements if each.action_id in action_ids), objective=fresh, by=by, at=at)
    return fresh


# Retiring


@transaction.atomic
def retire_part(
    part: Part,
    *,
    because: str,
    by: User,
    at: datetime,
    seen: int | None,
    below: bool = False,
    seen_below: str | None = None,
) -> None:
    """A part, and where that is said all that hangs on it. Nothing in use is left hanging on what is retired."""
    keeping.hold(part.strategy)
    keeping.refuse_overtaken(part, seen)
    objectives, actions = objectives_below(part), actions_below(part)
    if seen_below is not None and seen_below != digest_below(part):
        raise Overtaken([])
    if (objectives or actions) and not below:
        raise ValidationError({"below": "Move what hangs on it elsewhere first, or tick to retire that too."})
    keeping.retire(part, because=because, by=by, at=at, seen=None)
    for record in [*actions, *objectives]:
        keeping.retire(record, because=f"With {part}: {tidy(because)}", by=by, at=at, seen=None)


@transaction.atomic
def take_back_part(part, *, by: User, at: datetime, seen: int | None) -> None:
    """Not below what is itself retired."""
    parents = [getattr(part, name, None) for name in ("priority", "workstrand", "inspection", "parent")]
    gone = next((parent for parent in parents if parent is not None and parent.retired_at), None)
    if gone is not None:
        raise ValidationError(f"It hangs on “{gone}”, which is retired. Take that back first.")
    keeping.take_back(part, by=by, at=at, seen=seen)


# Handing over


@transaction.atomic
def hand_over_actions(placements: Iterable[Placement], to: Lead | None, *, by: User, at: datetime) -> int:
    """A further placement for each, with another lead or with nobody; where it hangs stays. How many went over."""
    handed = 0
    for before in placements:
        refuse_real(by, before.lead, to, what=f"Action {before.action.ref}")
        _append(before, by=by, at=at, lead=to, is_lead_joint=False, is_lead_assumed=False)
        handed += 1
    return handed


def unlead(before: Placement, *, by: User, at: datetime, **where) -> Placement:
    """A further placement that nobody leads, where it hangs or elsewhere (`where`: its objective, or its parents)."""
    refuse_real(by, before.lead, what=f"Action {before.action.ref}")
    return _append(before, by=by, at=at, lead=None, is_lead_joint=False, is_lead_assumed=False, **where)
