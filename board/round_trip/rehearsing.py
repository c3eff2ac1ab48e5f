"""What a workbook would report, row by row, beside what stands now. Nothing is written.

The rules and messages are those of the form (`RowForm`) and of `workstrands.reporting`; here they are asked of many rows.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from django.core.exceptions import ValidationError

from board.round_trip.choosing import LEAD
from board.round_trip.columns import BY_NAME, FILLED, NUMBERS, place
from board.round_trip.reading import FilledRow, Problem, shown_value
from board.round_trip.standing import Stands
from board.round_trip_forms import LEADS, RowForm
from common.dates import in_words, london_day
from people.models import Lead, User
from workstrands.forms import ShortDayField
from workstrands.illustration import why_not_for
from workstrands.models import ProgressUpdate
from workstrands.reporting import NOT_ENOUGH, SAID, closed_because, may_repeat, put_aside_because
from workstrands.status import SHOWN_WORDS, UpdateKind

NOT_HELD = "The area holds no such action any more."
CHOOSE_ONE = "It says that nothing has changed, and other columns of the row are filled in. Choose one of the two."
YES_OR_NOTHING = "Choose Yes, or leave the cell empty."


class Outcome(StrEnum):
    REPORT = "report"
    MEANWHILE = "meanwhile"
    ALREADY = "already"
    LEFT = "left"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Bringing:
    """Who brings what in, and when. `own` are the ids of the actions that they may report on; None for an officer."""

    by: User
    at: datetime
    workbook: str  # its own number, under its seal
    made_for: str
    made_for_name: str
    whose: str
    own: frozenset[int] | None = None

    @property
    def on(self) -> date:
        return london_day(self.at)

    @property
    def lead_id(self) -> int | None:
        kind, _, rest = self.made_for.partition(".")
        return int(rest) if kind == LEAD else None


@dataclass(slots=True)
class Rehearsed:
    """One row of the workbook, and what would come of it."""

    row: FilledRow
    stands: Stands | None
    outcome: Outcome = Outcome.LEFT
    form: RowForm | None = None
    problems: list[Problem] = field(default_factory=list)
    said_before: ProgressUpdate | None = None  # the report that came of this row already
    chosen: str = ""  # on the page: what somebody chose for it
    is_unchosen: bool = False  # on the page: a choice is missing

    @property
    def number(self) -> int:
        return self.row.number

    @property
    def ref(self) -> str:
        return self.stands.action.ref if self.stands else ""

    @property
    def title(self) -> str:
        return self.stands.action.title if self.stands else ""

    @property
    def address(self) -> str:
        return self.stands.action.get_absolute_url() if self.stands else ""

    @property
    def is_no_change(self) -> bool:
        return self.row.values.get("no_change") == "yes"

    @property
    def latest(self) -> ProgressUpdate | None:
        return self.stands.latest if self.stands else None

    @property
    def status(self) -> str:
        """What would be reported; of "Nothing has changed" what stands."""
        if self.is_no_change:
            return self.latest.status if self.latest else ""
        return self.row.values.get("status", "")

    @property
    def status_word(self) -> str:
        return SHOWN_WORDS.get(self.status, "")

    @property
    def said(self) -> list[tuple[str, str]]:
        """(title, words) of what is written in the row, but for its status, which is shown by itself."""
        values = self.row.values
        return [
            (column.title, _day_or(column.name, values[column.name]))
            for column in FILLED
            if column.name in values and column.name not in ("status", "no_change")
        ]

    @property
    def on_behalf_of(self) -> Lead | None:
        return self.form.report["on_behalf_of"] if self.form and not self.is_no_change else None


def _day_or(name: str, value: str) -> str:
    """As people read it: a day in words where it is one, the words of a code."""
    if not BY_NAME[name].is_day:
        return shown_value(name, value) if BY_NAME[name].choices else value
    try:
        return in_words(ShortDayField(label="", required=False).to_python(value))
    except ValidationError:
        return value


def rehearse_rows(
    rows: list[FilledRow], seen: dict[str, int], stands: dict[str, Stands], who: Bringing
) -> list[Rehearsed]:
    return [_rehearse(row, seen.get(row.key, 0), stands.get(row.key), who) for row in rows]


def _rehearse(row: FilledRow, seen: int, stands: Stands | None, who: Bringing) -> Rehearsed:
    found = Rehearsed(row, stands)
    if row.is_untouched:
        return found
    found.problems = list(row.problems)
    refusal = why_not_row(stands, who) if row.key else ""
    if refusal:
        found.problems.append(
            Problem("Action", place("ref", row.number), stands.action.ref if stands else row.key, refusal)
        )
    elif stands is not None:
        (_same if "no_change" in row.values else _report)(found, seen, who)
    if found.said_before is not None:
        found.outcome, found.problems = Outcome.ALREADY, []
    elif found.problems:
        found.outcome = Outcome.REFUSED
    else:
        newer = stands.number != seen and not found.is_no_change
        found.outcome = Outcome.MEANWHILE if newer else Outcome.REPORT
    return found


def why_not_row(stands: Stands | None, who: Bringing) -> str:
    """Why nothing can be reported on the action of a row by this person, as a sentence; empty when it can."""
    if stands is None:
        return NOT_HELD
    action = stands.action
    closed = closed_because(action.strategy, action.retired_on, who.on) or put_aside_because(stands.latest, who.on)
    if closed:
        return closed
    if who.own is not None and action.pk not in who.own:
        return "You do not lead or support this action any more."
    if who.lead_id is not None and who.lead_id not in {lead.pk for lead in stands.leads}:
        return f"{who.made_for_name} does not lead or support this action any more."
    return why_not_for(who.by, *stands.leads[:1])


def _same(found: Rehearsed, seen: int, who: Bringing) -> None:
    """ "Nothing has changed", said of one row."""
    row, stands = found.row, found.stands
    latest = stands.latest
    found.said_before = next((u for u in stands.since if u.number > seen and _is_same_again(u, who)), None)
    if row.values["no_change"] != "yes":
        _refuse(found, "no_change", YES_OR_NOTHING)
    elif len(row.values) > 1:
        _refuse(found, "no_change", CHOOSE_ONE)
    elif latest is None:
        _refuse(found, "no_change", "Nothing has been reported yet. Say how the action is going.")
    elif latest.number != seen:
        day = in_words(london_day(latest.recorded_at))
        _refuse(found, "no_change", f"There is a newer report, of {day}. Read it, then say how the action is going.")
    elif not may_repeat(latest.status, repeats=stands.repeats, due_on=stands.due_on, on=who.on):
        _refuse(found, "no_change", NOT_ENOUGH)


def _is_same_again(update: ProgressUpdate, who: Bringing) -> bool:
    file = update.brought_in
    return update.kind == UpdateKind.NO_CHANGE and file is not None and file.mapping.get("workbook") == who.workbook


def _report(found: Rehearsed, seen: int, who: Bringing) -> None:
    """A report, judged as the form judges it."""
    row, stands = found.row, found.stands
    leads = offered_leads(stands, who)
    values = dict(row.values)
    if "impact" not in values and stands.latest and stands.latest.impact:
        values["impact"] = stands.latest.impact
    found.form = form = RowForm(values, leads=leads, on_behalf_of=speaks_for(leads, who))
    try:
        form.is_valid()
        form.refuse_incomplete(stands.action, on=who.on, is_backed=stands.is_backed)
    except ValidationError as error:
        form.accuse(error)
    told = {problem.cell for problem in row.problems}
    for name, messages in form.errors.items():
        if name not in NUMBERS or place(name, row.number) not in told:
            _refuse(found, name, " ".join(messages))
    if not found.problems:
        found.said_before = next((u for u in stands.since if u.number > seen and is_said(u, form.report)), None)


def offered_leads(stands: Stands, who: Bringing) -> list[Lead]:
    """On whose behalf an officer may report, as in the form; nobody for a lead."""
    if who.own is not None or who.whose != LEADS:
        return []
    return [lead for lead in stands.leads if lead.is_illustrative or not who.by.is_illustrative]


def speaks_for(leads: list[Lead], who: Bringing) -> Lead | None:
    """The lead whom the workbook was made for; of a strand the lead of each action."""
    if who.lead_id is None:
        return leads[0] if leads else None
    return next((lead for lead in leads if lead.pk == who.lead_id), None)


def is_said(update: ProgressUpdate, report: dict) -> bool:
    """Whether a report that stands says just this."""
    made = ProgressUpdate(
        **{name: value for name, value in report.items() if name not in ("evidence", "on_behalf_of")},
        on_behalf_of_id=report["on_behalf_of"].pk if report["on_behalf_of"] else None,
    )
    same = all(_words(getattr(update, name)) == _words(getattr(made, name)) for name in SAID)
    pieces = sorted((piece.title, piece.kind, piece.url) for piece in update.evidence.all())
    return update.kind == UpdateKind.UPDATE and same and pieces == sorted(report["evidence"])


def _words(value):
    return " ".join(value.split()) if isinstance(value, str) else value


def _refuse(found: Rehearsed, name: str, message: str) -> None:
    number, values = found.row.number, found.row.values
    if name in NUMBERS:
        value = shown_value(name, values.get(name, ""))
        problem = Problem(BY_NAME[name].title, place(name, number), value, message)
    else:
        problem = Problem("Action", place("ref", number), found.ref, message)
    found.problems.append(problem)


def digest_of(found: list[Rehearsed]) -> str:
    """Of everything that a person was shown and chooses on: another one means that something has changed."""
    said = [
        (one.number, one.outcome.value, one.stands.number if one.stands else 0, [p.message for p in one.problems])
        for one in found
    ]
    return sha256(repr(said).encode()).hexdigest()[:32]
