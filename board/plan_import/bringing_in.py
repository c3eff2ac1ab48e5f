"""A plan's file from its arrival to its confirmation. The browser and `manage.py import_plan` call the same functions.

Between the pages the file lies in the database as it came, with what was chosen; it is read anew each time, so nothing
half-done can be left behind. Confirming reads and compares once more inside one transaction, and writes only if that is
still what the rehearsal said.
"""

from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from secrets import token_hex

from django.db import IntegrityError, transaction

from board.plan_import.comparing import compare
from board.plan_import.drafts import Choices
from board.plan_import.entries import entries_of
from board.plan_import.errors import HasChanged, HasUnread, NotAPlan, NothingToConfirm
from board.plan_import.layout import Shape, shapes_of
from board.plan_import.matching import Directory, asked
from board.plan_import.opening import read_grids
from board.plan_import.outcome import Holder, Outcome, Target, Wishes
from board.plan_import.rehearsed import Rehearsed, told
from board.plan_import.settling import open_in, settled
from board.plan_import.writing import write
from common.dates import london_day
from people.models import User
from strategies.models import Area, Strategy
from workstrands.models import PlanFile
from workstrands.plan_files import WAITING, clear_waiting, throw_away

MOST_SHAPES = 20
READ_OTHERWISE = "The file is read otherwise since the product was changed. Choose it again."
State = PlanFile.State


# Arriving


def shapes_in(content: bytes) -> list[Shape]:
    """The tables of a file. Of very many the most promising: those with a column for the action, then the longest."""
    shapes = shapes_of(read_grids(content))
    if not shapes:
        raise NotAPlan("The file has headings and no rows below them. Choose another.")
    if len(shapes) > MOST_SHAPES:
        best = sorted(shapes, key=lambda shape: ("action" in shape.proposed(), len(shape.rows)), reverse=True)[
            :MOST_SHAPES
        ]
        best[0].parts[0].grid.notes.append(f"Of {len(shapes)} different tables, the {MOST_SHAPES} likeliest were read.")
        shapes = [shape for shape in shapes if any(shape is each for each in best)]
    return shapes


@transaction.atomic
def receive(content: bytes, *, file_name: str, area: Area, by: User | None, at: datetime) -> PlanFile:
    """The file, looked into and kept with what is proposed for its columns. `NotAPlan` leaves nothing behind."""
    shapes = shapes_in(content)
    clear_waiting(area, at=at)
    made = PlanFile(
        area=area, kind=PlanFile.Kind.PLAN, key=f"{at:%Y-%m-%d}-{token_hex(4)}", file_name=shown_name(file_name),
        sha256=sha256(content).hexdigest(), size=len(content), content=content, made_at=at, made_by=by,
        mapping={"shapes": [proposed_for(shape) for shape in shapes]}, is_illustrative=bool(by and by.is_illustrative),
    )  # fmt: skip
    made.save()
    return made


def proposed_for(shape: Shape) -> dict:
    """Headings above tables and rows across them are taken for priorities, where no column is; else for nothing."""
    meanings, above = shape.proposed(), shape.proposed_over()
    across = "" if "priority" in meanings else "priority"
    if "priority" in above.values():  # a row across stands below the headings above its table
        across = "" if {"objective"} & {*meanings, *above.values()} else "objective"
    return {"meanings": meanings, "above": {str(level): meaning for level, meaning in above.items()}, "across": across}


def shown_name(file_name: str) -> str:
    return "".join(letter for letter in file_name if letter.isprintable())[:200] or "plan"


def brought_in_before(plan_file: PlanFile) -> PlanFile | None:
    """An earlier confirmed import of the very same file into the area."""
    same = PlanFile.objects.filter(
        area=plan_file.area, kind=PlanFile.Kind.PLAN, sha256=plan_file.sha256, state=State.CONFIRMED
    )
    return same.exclude(pk=plan_file.pk).select_related("strategy").order_by("-confirmed_at").first()


# Choosing


@transaction.atomic
def choose(plan_file: PlanFile, **chosen) -> None:
    """Keep what was chosen; a rehearsal made before counts no more."""
    plan_file.mapping = {**plan_file.mapping, **chosen}
    plan_file.state, plan_file.rehearsal = State.UPLOADED, {}
    changed = PlanFile.objects.filter(pk=plan_file.pk, state__in=WAITING).update(
        mapping=plan_file.mapping, state=plan_file.state, rehearsal={}
    )
    if not changed:
        raise NothingToConfirm


def target_of(plan_file: PlanFile) -> Target | None:
    """None before it was chosen, or where the chosen plan is there no more."""
    chosen = plan_file.mapping.get("target")
    if not chosen:
        return None
    if "strategy" in chosen:
        strategy = Strategy.objects.filter(area=plan_file.area_id, pk=chosen["strategy"]).select_related("area").first()
        return Target.existing(strategy) if strategy else None
    days = (date.fromisoformat(chosen[name]) for name in ("starts_on", "ends_on"))
    return Target(None, chosen["title"], chosen["kind"], *days)


def choices_of(mapping: dict) -> list[Choices]:
    more = {name: mapping[name] for name in ("lonely", "lines") if name in mapping}
    return [Choices(above=above_of(shape), across=shape["across"], **more) for shape in mapping["shapes"]]


def above_of(shape: dict) -> dict[int, str]:
    """JSON keeps the levels as texts. A file that waits since there were none is asked for again."""
    if isinstance(shape["above"], str):
        raise NotAPlan(READ_OTHERWISE)
    return {int(level): meaning for level, meaning in shape["above"].items()}


def is_chosen(plan_file: PlanFile) -> bool:
    return any("action" in shape["meanings"] for shape in plan_file.mapping.get("shapes", []))


# Rehearsing


def work_out(plan_file: PlanFile, *, by: User | None, at: datetime) -> Rehearsed:
    """What confirming would do, written nowhere."""
    mapping, target = plan_file.mapping, target_of(plan_file)
    if target is None:
        raise NotAPlan("Choose the plan that the file goes into.")
    shapes, before = shapes_in(bytes(plan_file.content)), brought_in_before(plan_file)
    if [shape.width for shape in shapes] != [len(shape["meanings"]) for shape in mapping["shapes"]]:
        raise NotAPlan(READ_OTHERWISE)
    if before and before.strategy and target.strategy is None:
        target = Target.existing(before.strategy)  # brought in twice, a plan would stand here twice
    entries = entries_of(shapes, [shape["meanings"] for shape in mapping["shapes"]], choices_of(mapping))
    wishes = Wishes(
        mapping.get("people", {}), mapping.get("bodies", {}), mapping.get("statuses", {}), mapping.get("joint", {}),
        with_updates=mapping.get("with_updates", False), is_same_file=before is not None,
    )  # fmt: skip
    directory = Directory.of(plan_file.area, by, london_day(at))
    outcome = compare(entries, target, directory, wishes, at=at)
    questions = {
        kind: asked(question for each, *question in outcome.questions if each == kind)
        for kind in ("people", "bodies", "statuses")
    }
    return Rehearsed(
        outcome, digest_of(outcome), questions, settled(questions, mapping, directory), open_in(questions, mapping)
    )


def digest_of(outcome: Outcome) -> str:
    """Of everything that would be written, and of what it was compared with."""
    digest = sha256()
    numbers: dict[int, str] = {}
    for number, holder in enumerate(outcome.holders):
        numbers[id(holder)] = f"holder {number}"
    for each in (outcome.target, *outcome.holders, *outcome.measures, *outcome.actions):
        digest.update(f"{_by_number(each, numbers)}\n".encode())
    return digest.hexdigest()


def _by_number(each, numbers: dict[int, str]):
    """With its holders as numbers: told with each of thousands of actions, their texts would be hundreds of megabytes."""
    of = [name for name in ("objective", "priority", "strand") if isinstance(getattr(each, name, None), Holder)]
    return replace(each, **{name: numbers[id(getattr(each, name))] for name in of}) if of else each


def rehearse(plan_file: PlanFile, *, by: User | None, at: datetime) -> Rehearsed:
    result = work_out(plan_file, by=by, at=at)
    keep_rehearsal(plan_file, result)
    return result


@transaction.atomic
def keep_rehearsal(plan_file: PlanFile, result: Rehearsed) -> None:
    plan_file.state, plan_file.rehearsal = State.REHEARSED, told(result)
    if not PlanFile.objects.filter(pk=plan_file.pk, state__in=WAITING).update(
        state=plan_file.state, rehearsal=plan_file.rehearsal
    ):
        raise NothingToConfirm


# Confirming


def confirm(plan_file: PlanFile, *, seen: str, by: User | None, at: datetime, without_unread: bool = False) -> Strategy:
    """The plan as it is afterwards. `seen` is the digest of the rehearsal that the person saw."""
    try:
        return _confirm(plan_file, seen=seen, by=by, at=at, without_unread=without_unread)
    except (HasChanged, IntegrityError):  # the latter: a record of the same name came in just now
        plan_file.refresh_from_db()
        rehearse(plan_file, by=by, at=at)
        raise HasChanged from None


@transaction.atomic
def _confirm(plan_file: PlanFile, *, seen: str, by: User | None, at: datetime, without_unread: bool) -> Strategy:
    # One import at a time into an area, so that two officers cannot bring the same plan in twice.
    Area.objects.select_for_update().get(pk=plan_file.area_id)
    locked = PlanFile.objects.select_for_update(of=("self",)).select_related("area").get(pk=plan_file.pk)
    if locked.state != State.REHEARSED:
        raise NothingToConfirm
    result = work_out(locked, by=by, at=at)
    if not seen == result.digest == locked.rehearsal.get("digest"):
        raise HasChanged
    if not result.outcome.writes:
        raise NothingToConfirm
    if result.outcome.problems and not without_unread:
        raise HasUnread
    strategy = write(result.outcome, locked, by=by, at=at)
    locked.strategy, locked.state, locked.confirmed_at = strategy, State.CONFIRMED, at
    locked.is_illustrative = locked.is_illustrative or bool(by and by.is_illustrative)
    locked.save(update_fields=["strategy", "state", "confirmed_at", "mapping", "is_illustrative"])
    plan_file.__dict__.update(locked.__dict__)
    return strategy


def abandon(plan_file: PlanFile) -> None:
    """Thrown away before its confirmation."""
    if not throw_away(plan_file):
        raise NothingToConfirm
    plan_file.refresh_from_db()
