"""What a table of figures would do, row by row, by the rules and questions of the form on a KPI's page.

Rows of one KPI are judged in the order of their periods, each as though those before it stood already.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from django.core.exceptions import ValidationError

from board.kpi_forms import MeasurementForm
from board.own_figures.columns import TITLES
from board.own_figures.reading import Given, Line
from kpis.appending import number_of
from kpis.figure import KpiFigure
from kpis.foreseen import point_of, questions_about, trouble_with
from kpis.models import Commentary, Kpi, Measurement
from kpis.period_words import period_from
from kpis.periods import Period
from kpis.reading import kpi_figures
from kpis.series import KpiSeries, serieses_of
from kpis.vocabulary import MeasurementState, Missing
from people.models import User
from strategies.models import Area

SHOWN = 80  # letters of a value that is refused
MISSING = {words.casefold(): code for code, label in Missing.choices for words in (code, str(label))}
COLUMN_OF = {"value": "figure", "as_written": "figure"}


class Deed(StrEnum):
    ADDED = "added"
    RESTATED = "restated"
    SAME = "same"
    REFUSED = "refused"


class Problem(NamedTuple):
    """Why a row is refused: the column, the place of its cell, what it says, the reason."""

    column: str
    place: str
    value: str
    message: str


@dataclass
class Outcome:
    """What becomes of one row. `said` is what `kpis.recording.enter_figure` takes."""

    row: int
    deed: Deed
    title: str
    kpi: Kpi | None = None
    period: str = ""
    old: str = ""
    new: str = ""
    asked: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    said: dict = field(default_factory=dict)
    seen_number: int = 0

    @property
    def reason(self) -> str:
        return self.said.get("reason", "")

    @property
    def told(self) -> tuple:
        """What the digest stands for."""
        kpi = self.kpi.pk if self.kpi else 0
        said = sorted((name, str(value)) for name, value in self.said.items())
        return (
            self.row,
            self.deed.value,
            kpi,
            self.period,
            self.old,
            self.asked,
            list(map(tuple, self.problems)),
            said,
            self.seen_number,
        )


@dataclass
class Rehearsed:
    outcomes: list[Outcome]
    empty: int  # rows without a figure

    def of(self, deed: Deed) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.deed == deed]

    @cached_property
    def to_write(self) -> list[Outcome]:
        """In the order of their periods, as they were judged."""
        found = [*self.of(Deed.ADDED), *self.of(Deed.RESTATED)]
        return sorted(found, key=lambda outcome: (outcome.said["period_end"], outcome.row))

    @cached_property
    def asked(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.asked]

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(outcome.deed for outcome in self.outcomes)
        return {deed.value: found[deed] for deed in Deed} | {"empty": self.empty}

    @cached_property
    def digest(self) -> str:
        return sha256(repr([outcome.told for outcome in self.outcomes]).encode()).hexdigest()


def rehearse(
    lines: list[Line], *, area: Area, kpis: list[Kpi], others: Iterable[str], by: User | None, at: datetime, today: date
) -> Rehearsed:
    """`kpis`: those that the person may enter figures for; `others`: titles of those that they may not.

    A fixed number of queries, whatever the number of rows.
    """
    filled = [line for line in lines if line.is_filled]
    known = _Known(area, kpis, set(others), by=by, at=at, today=today)
    placed = [known.place(line) for line in filled]
    ready = [each for each in placed if not isinstance(each, Outcome)]
    found = [each for each in placed if isinstance(each, Outcome)]
    found += [
        known.judge(*each) for each in sorted(ready, key=lambda each: (each[2].end, each[2].start, each[0].number))
    ]
    return Rehearsed(sorted(found, key=lambda outcome: outcome.row), len(lines) - len(filled))


class _RowForm(MeasurementForm):
    """The form of one figure, filled from a row: the same fields, rules and messages."""

    def __init__(self, line: Line, period: Period, **kwargs):
        said = {name: line.text(name) for name in ("numerator", "denominator", "reason", "commentary")}
        missing = line.text("missing")
        said |= {
            "period": period.key, "value": line.text("figure"), "as_written": line.text("figure"),
            "missing": MISSING.get(missing.casefold(), missing), "state": MeasurementState.FINAL,
        }  # fmt: skip
        super().__init__(said, **kwargs)
        self.fields["period"].choices = [(period.key, period.words)]
        self.fields["missing"].error_messages["invalid_choice"] = (
            f"Choose one of: {', '.join(map(str, Missing.labels))}."
        )


class _Known:
    """What is known of the KPIs, and what the rows judged so far add to it."""

    def __init__(self, area: Area, kpis: list[Kpi], others: set[str], *, by: User | None, at: datetime, today: date):
        self.by, self.today, self.others = by, today, {_plain(title) for title in others}
        self.by_code = {kpi.indicator.code: kpi for kpi in kpis}
        self.by_title: dict[str, list[Kpi]] = {}
        for kpi in kpis:
            self.by_title.setdefault(_plain(kpi.indicator.title), []).append(kpi)
        ids = [kpi.pk for kpi in kpis]
        self.serieses = serieses_of(kpis)
        chosen = Kpi.objects.filter(pk__in=ids)
        self.figures: dict[int, KpiFigure] = {
            figure.id: figure for figure in kpi_figures(area, at, kpis=chosen, whole_history=True)
        }
        self.explained = set(Commentary.objects.filter(kpi__in=ids).values_list("kpi", "period_end"))
        self.taken: dict[tuple[int, Period], int] = {}

    # Which KPI, which period

    def place(self, line: Line) -> Outcome | tuple[Line, Kpi, Period]:
        column = "kpi"
        try:
            kpi = self.kpi_of(line)
            column = "period"
            period = period_from(line.text("period"), series=self.serieses[kpi.pk], today=self.today)
        except ValidationError as error:
            title = line.text("kpi") or line.text("code")
            return _refused(line, title, [_problem(line, column, message) for message in error.messages])
        return line, kpi, period

    def kpi_of(self, line: Line) -> Kpi:
        """By its code, else by its title to the letter, in either case."""
        title, code = line.text("kpi"), line.text("code")
        named = self.by_title.get(_plain(title), [])
        coded = self.by_code.get(code)
        if coded and named and coded not in named:
            raise ValidationError(
                f"The row is that of “{coded.indicator.title}”, and another KPI is named. Take an empty row for it."
            )
        if coded:
            return coded
        if len(named) > 1:
            raise ValidationError("Several KPIs are called so. Take the template, which holds their codes.")
        if named:
            return named[0]
        if not title and not code:
            raise ValidationError("Name the KPI.")
        if _plain(title) in self.others or _plain(code) in self.others:
            raise ValidationError("Figures of this KPI are entered by its owner and the officers of the area.")
        raise ValidationError("No KPI that is tracked here is called so. Write its title as the KPI page does.")

    # What becomes of it

    def judge(self, line: Line, kpi: Kpi, period: Period) -> Outcome:
        series = self.serieses[kpi.pk]
        form = _RowForm(line, period, kpi=kpi, series=series, today=self.today)
        words = series.label_of(period) or period.words
        problems = [*self.twice(line, kpi, period), *self.unreadable(line)]
        if not problems and not form.is_valid():
            problems = _problems(line, form)
        if problems:
            return _refused(line, kpi.indicator.title, problems, kpi=kpi, period=words)
        standing = form.standing
        outcome = Outcome(
            line.number, Deed.ADDED if standing is None else Deed.RESTATED, kpi.indicator.title, kpi, words,
            new=form.in_words, said=form.figure, seen_number=number_of(standing),
            old=series.shown(standing) if standing else "",
        )  # fmt: skip
        if standing and says_the_same(outcome.said, standing):
            outcome.deed = Deed.SAME
            return outcome
        return self.asked_of(outcome, line, standing)

    def twice(self, line: Line, kpi: Kpi, period: Period) -> list[Problem]:
        first = self.taken.setdefault((kpi.pk, period), line.number)
        said = f"Row {first} gives a figure of this KPI for this period already."
        return [] if first == line.number else [_problem(line, "period", said)]

    @staticmethod
    def unreadable(line: Line) -> list[Problem]:
        return [_problem(line, name, cell.problem) for name, cell in line.cells.items() if cell.problem]

    def asked_of(self, outcome: Outcome, line: Line, standing: Measurement | None) -> Outcome:
        """What the form would refuse or ask of it; then it stands, for the rows after it."""
        kpi, said = outcome.kpi, outcome.said
        figure, series = self.figures[kpi.pk], self.serieses[kpi.pk]
        problems = []
        if standing and standing.is_published and self.by and self.by.is_illustrative:
            problems.append(
                _problem(line, "figure", "This figure was published. An illustrative sign-in cannot restate it.")
            )
        if standing and not said["reason"]:
            problems.append(_problem(line, "reason", f"{outcome.old} stands here. Say why the figure is restated."))
        trouble = trouble_with(said, kpi=figure)
        if trouble and not said["commentary"].strip() and (kpi.pk, said["period_end"]) not in self.explained:
            problems.append(_problem(line, "commentary", f"Say what explains it. {trouble}."))
        if problems:
            return _refused(line, outcome.title, problems, kpi=kpi, period=outcome.period)
        outcome.asked = [
            question.sentence for question in questions_about(said, kpi=figure, series=series, today=self.today)[1]
        ]
        self.serieses[kpi.pk], self.figures[kpi.pk] = _standing_too(series, said), _figure_too(figure, said)
        return outcome


def says_the_same(said: dict, standing: Measurement) -> bool:
    """A count that the row does not give is no difference."""
    if any(said[name] != getattr(standing, name) for name in ("value", "missing", "as_written")):
        return False
    return all(said[name] in (None, getattr(standing, name)) for name in ("numerator", "denominator"))


def _standing_too(series: KpiSeries, said: dict) -> KpiSeries:
    names = (
        "period_start", "period_end", "period_label", "value", "missing", "as_written", "qualifier", "state", "numerator",
        "denominator",
    )  # fmt: skip
    row = Measurement(**{name: said[name] for name in names})
    same = (row.period_end, row.period_start, row.state)
    others = [each for each in series.rows if (each.period_end, each.period_start, each.state) != same]
    rows = sorted([row, *others], key=lambda each: (each.period_end, each.period_start), reverse=True)
    return KpiSeries(series.indicator, rows)


def _figure_too(figure: KpiFigure, said: dict) -> KpiFigure:
    point = point_of(said)
    others = [each for each in figure.points if each[:2] != point[:2]]
    return replace(figure, points=sorted([*others, point], key=lambda each: (each.period_end, each.period_start)))


def _problems(line: Line, form: MeasurementForm) -> list[Problem]:
    return [
        _problem(line, COLUMN_OF.get(name, name), message)
        for name, messages in form.errors.items()
        for message in messages
    ]


def _problem(line: Line, column: str, message: str) -> Problem:
    cell = line.cells.get(column, Given())
    value = cell.text if len(cell.text) <= SHOWN else f"{cell.text[:SHOWN]}…"
    return Problem(TITLES.get(column, ""), cell.place or f"row {line.number}", value, message)


def _refused(line: Line, title: str, problems: list[Problem], **more) -> Outcome:
    return Outcome(line.number, Deed.REFUSED, title[:200], problems=problems, **more)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
