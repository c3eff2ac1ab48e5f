"""A workbook from its arrival to its reports: kept, rehearsed against what stands, and confirmed as a whole or not at all."""

from datetime import datetime
from hashlib import sha256
from secrets import token_hex

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.dateparse import parse_datetime

from board.round_trip.reading import CameBack, FilledRow, keepable, read_workbook
from board.round_trip.rehearsing import Bringing, Outcome, Rehearsed, digest_of, rehearse_rows
from board.round_trip.standing import what_stands
from board.round_trip_forms import LEADS
from common.workbooks import NotAWorkbook
from people.models import Lead, User
from strategies.models import Area
from strategies.own_words import strand_word
from workstrands.models import PlanFile, ProgressUpdate
from workstrands.plan_files import WAITING, clear_waiting, throw_away
from workstrands.reporting import Conflict, actions_of, repeat_status, report_progress

MINE, KEEP, LATER = "mine", "keep", "later"
CHOICES = [
    (KEEP, "Keep what stands: mine is dropped"),
    (MINE, "Report mine too, as the next report"),
    (LATER, "Leave it for now"),
]


class HasChanged(Exception):
    """What confirming would do is no longer what was shown."""


class NotChosen(Exception):
    """A choice is missing, or nothing was chosen. `rows` are the numbers of those without a choice."""

    def __init__(self, rows: list[int]):
        super().__init__("A choice is missing." if rows else "Nothing was chosen.")
        self.rows = rows


def receive(
    content: bytes, *, file_name: str, area: Area, by: User, at: datetime, is_officer: bool, whose: str = LEADS
) -> PlanFile:
    """Read and kept. `NotAWorkbook` where it is none that this person can bring in here; then nothing is kept."""
    came = read_workbook(content, area=area)
    lead = _lead_of(came, area)
    if not is_officer and (lead is None or lead.user_id != by.pk):
        raise NotAWorkbook(_not_yours(came, lead))
    clear_waiting(area, at=at)
    sealed = came.sealed
    chosen = {
        "workbook": sealed.id, "made_for": sealed.made_for, "made_for_name": sealed.made_for_name,
        "made_at": sealed.made_at.isoformat(), "made_by": sealed.made_by, "whose": whose, "as_officer": is_officer,
        "seen": {key: one.seen for key, one in sealed.actions.items()},
    }  # fmt: skip
    return PlanFile.objects.create(
        area=area, lead=lead, kind=PlanFile.Kind.UPDATES, key=f"{at:%Y-%m-%d}-{token_hex(4)}",
        state=PlanFile.State.REHEARSED, file_name=shown_name(file_name), sha256=sha256(content).hexdigest(),
        size=len(content), content=content, mapping=chosen, rehearsal={"rows": [row.kept() for row in came.rows]},
        made_at=at, made_by=by, is_illustrative=by.is_illustrative,
    )  # fmt: skip


def shown_name(name: str) -> str:
    return keepable(name).strip()[-200:] or "workbook.xlsx"


def _lead_of(came: CameBack, area: Area) -> Lead | None:
    kind, _, pk = came.sealed.made_for.partition(".")
    return Lead.objects.filter(area=area, pk=int(pk)).first() if kind == "lead" else None


def _not_yours(came: CameBack, lead: Lead | None) -> str:
    of = came.sealed.made_for_name
    if lead is None:
        return (
            f"This workbook holds the actions of the {strand_word()} {of}. Only an officer of the area can bring it in."
        )
    return f"This workbook holds the actions of {of}. Only they, or an officer of the area, can bring it in."


def rehearse(plan_file: PlanFile, *, by: User, at: datetime, is_officer: bool) -> list[Rehearsed]:
    """Row by row what would be reported now; the same number of queries for one row and for hundreds."""
    chosen = plan_file.mapping
    rows = [FilledRow.from_kept(kept) for kept in plan_file.rehearsal.get("rows", [])]
    keys = [row.key for row in rows if row.key and not row.is_untouched]
    stands = what_stands(plan_file.area, keys, since=parse_datetime(chosen["made_at"]), at=at)
    own = None if is_officer else frozenset(actions_of(by, at).filter(area=plan_file.area).values_list("pk", flat=True))
    who = Bringing(by, at, chosen["workbook"], chosen["made_for"], chosen["made_for_name"], chosen["whose"], own)
    return rehearse_rows(rows, chosen["seen"], stands, who)


def confirm(
    plan_file: PlanFile, *, seen: str, choices: dict[int, str], by: User, at: datetime, is_officer: bool
) -> list[ProgressUpdate]:
    """All chosen rows become reports in one transaction, or none does. `seen` is the digest of what was shown.

    Raises `NotChosen`, or `HasChanged` where something came in between, or the file is not open any more.
    """
    try:
        with transaction.atomic():
            locked = PlanFile.objects.select_for_update(of=("self",)).select_related("area").get(pk=plan_file.pk)
            if locked.state not in WAITING:
                raise HasChanged
            found = rehearse(locked, by=by, at=at, is_officer=is_officer)
            if digest_of(found) != seen:
                raise HasChanged
            written = [_report(row, locked, by=by, at=at) for row in chosen_of(found, choices)]
            locked.state, locked.confirmed_at = PlanFile.State.CONFIRMED, at
            locked.save(update_fields=["state", "confirmed_at"])
    except (Conflict, ValidationError):
        raise HasChanged from None
    return written


def chosen_of(found: list[Rehearsed], choices: dict[int, str]) -> list[Rehearsed]:
    """The rows to be reported. Where something was reported meanwhile, somebody must have said which it is to be."""
    known = {code for code, _ in CHOICES}
    open_rows = [r.number for r in found if r.outcome == Outcome.MEANWHILE and choices.get(r.number) not in known]
    if open_rows:
        raise NotChosen(open_rows)
    to_choose = (Outcome.REPORT, Outcome.MEANWHILE)
    chosen = [row for row in found if row.outcome in to_choose and choices.get(row.number) == MINE]
    if not chosen:
        raise NotChosen([])
    return chosen


def _report(row: Rehearsed, plan_file: PlanFile, *, by: User, at: datetime) -> ProgressUpdate:
    written = {"by": by, "at": at, "seen_number": row.stands.number, "brought_in": plan_file}
    if row.is_no_change:
        return repeat_status(row.stands.action, **written)
    return report_progress(row.stands.action, **written, **row.form.report)


def abandon(plan_file: PlanFile) -> bool:
    """Whether it was thrown away: one that was confirmed stays."""
    return throw_away(plan_file)


def brought_in_before(plan_file: PlanFile) -> PlanFile | None:
    """An earlier file that was the very same, and was brought in."""
    same = PlanFile.objects.filter(
        area=plan_file.area, kind=PlanFile.Kind.UPDATES, sha256=plan_file.sha256, state=PlanFile.State.CONFIRMED
    )
    return same.exclude(pk=plan_file.pk).defer("content", "rehearsal").order_by("-confirmed_at").first()
