"""What a table of figures would do, row by row, by the rules and questions of the form on a KPI's page.

Rows of one KPI are judged in the order of their periods, each as though those before it stood already. KPIs that the same
file defines are judged as though they were tracked. Only of its newest figure must a KPI's owner say what explains it; a
table with a KPI a column has no room for that, so it is asked there.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import NoReturn

from django.core.exceptions import ValidationError

from board.kpi_forms import MeasurementForm
from board.own_figures.columns import TITLES, plain
from board.own_figures.defining import Defined, aliases_of
from board.own_figures.problems import Problem, problem_of
from board.own_figures.reading import Line, Table
from common.words import sentence_case
from kpis.appending import number_of
from kpis.figure import KpiFigure
from kpis.foreseen import point_of, questions_about, trouble_with
from kpis.models import Commentary, Kpi, Measurement
from kpis.period_words import Known, known_periods, period_from
from kpis.periods import Period
from kpis.reading import kpi_figures
from kpis.series import KpiSeries, serieses_of
from kpis.vocabulary import MeasurementState, Missing
from people.models import User
from strategies.models import Area

LEFT_OUT = "-"  # what is kept of a name that means no KPI
MISSING = {words.casefold(): code for code, label in Missing.choices for words in (code, str(label))}
COLUMN_OF = {"value": "figure", "as_written": "figure"}


class Deed(StrEnum):
    ADDED = "added"
    RESTATED = "restated"
    SAME = "same"
    REFUSED = "refused"


@dataclass
class Outcome:
    """What becomes of one row. `said` is what `kpis.recording.enter_figure` takes."""

    where: str
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
    def address(self) -> str:
        """Of the KPI's page; empty of one that is not tracked yet."""
        return self.kpi.get_absolute_url() if self.kpi and self.kpi.pk > 0 else ""

    @property
    def told(self) -> tuple:
        """What the digest stands for."""
        kpi = self.kpi.pk if self.kpi else 0
        said = sorted((name, str(value)) for name, value in self.said.items())
        return (
            self.where,
            self.deed.value,
            kpi,
            self.period,
            self.old,
            self.asked,
            list(map(tuple, self.problems)),
            said,
            self.seen_number,
        )


@dataclass(frozen=True, slots=True)
class Name:
    """What the file calls a KPI, where nothing here is called so, or somebody has said what is meant."""

    text: str
    figures: int
    meant: str = ""  # a code, a title, or `LEFT_OUT`; empty while nobody has said

    @property
    def is_left_out(self) -> bool:
        return self.meant == LEFT_OUT


@dataclass
class Rehearsed:
    outcomes: list[Outcome]
    empty: int  # rows without a figure
    defined: list[Defined] = field(default_factory=list)
    names: list[Name] = field(default_factory=list)

    def of(self, deed: Deed) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.deed == deed]

    @cached_property
    def to_write(self) -> list[Outcome]:
        """In the order of their periods, as they were judged."""
        found = [*self.of(Deed.ADDED), *self.of(Deed.RESTATED)]
        return sorted(found, key=lambda outcome: outcome.said["period_end"])

    @cached_property
    def to_define(self) -> list[Defined]:
        return [row for row in self.defined if row.is_written]

    @cached_property
    def refused(self) -> list:
        """Definitions first: figures are refused with theirs."""
        return [*(row for row in self.defined if row.problems), *self.of(Deed.REFUSED)]

    @property
    def is_unclear(self) -> bool:
        """Whether the file has a name of which nobody has said what it means."""
        return any(not name.meant for name in self.names)

    @cached_property
    def asked(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.asked]

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(outcome.deed for outcome in self.outcomes)
        new = sum(1 for row in self.to_define if row.is_new)
        more = {"empty": self.empty, "tracked": new, "changed": len(self.to_define) - new}
        return {deed.value: found[deed] for deed in Deed} | more | {"refused": len(self.refused)}

    @cached_property
    def digest(self) -> str:
        told = [*(row.told for row in self.defined), *(outcome.told for outcome in self.outcomes)]
        return sha256(repr(told).encode()).hexdigest()


def rehearse(
    table: Table, *, area: Area, kpis: list[Kpi], others: Iterable[str], defined: list[Defined], names: dict[str, str],
    by: User | None, at: datetime, today: date,
) -> Rehearsed:  # fmt: skip
    """`kpis`: those that the person may enter figures for; `others`: titles of those that they may not.

    `names`: what somebody said that the file means by a name. A fixed number of queries, whatever the number of rows.
    """
    filled = [line for line in table.figures if line.is_filled]
    meant = aliases_of(defined) | names
    kept = [line for line in filled if meant.get(plain(line.text("kpi"))) != LEFT_OUT]
    known = _Known(
        area, kpis, set(others), defined=defined, meant=meant, is_wide=table.is_wide, by=by, at=at, today=today
    )
    placed = [known.place(line) for line in kept]
    ready = [each for each in placed if isinstance(each, tuple)]
    found = [each for each in placed if isinstance(each, Outcome)]
    for _, kpi, when in ready:
        known.newest[kpi.pk] = max(when.end, known.newest.get(kpi.pk, when.end))
    found += [
        known.judge(*each) for each in sorted(ready, key=lambda each: (each[2].end, each[2].start, each[0].number))
    ]
    order = {line.where: place for place, line in enumerate(filled)}
    found.sort(key=lambda outcome: order[outcome.where])
    return Rehearsed(found, len(table.figures) - len(filled), defined, _names(filled, known.unknown, names))


def _names(filled: list[Line], unknown: set[str], names: dict[str, str]) -> list[Name]:
    """Those that nobody knows, and those of which somebody has said what is meant."""
    said = {plain(line.text("kpi")): line.text("kpi") for line in reversed(filled)}
    many = Counter(plain(line.text("kpi")) for line in filled)
    return [Name(said[key], many[key], names.get(key, "")) for key in reversed(said) if key in unknown or key in names]


class _RowForm(MeasurementForm):
    """The form of one figure, filled from a row: the same fields, rules and messages."""

    def __init__(self, line: Line, period: Period, **kwargs):
        said = {name: line.text(name) for name in ("numerator", "denominator", "reason", "commentary")}
        missing = line.text("missing")
        said |= {
            "period": period.key, "value": line.text("figure"), "as_written": line.text("figure"),
            "missing": MISSING.get(missing.casefold(), missing), "state": MeasurementState.FINAL,
        }  # fmt: skip
        self.period = period
        super().__init__(said, **kwargs)
        self.fields["missing"].error_messages["invalid_choice"] = (
            f"Choose one of: {', '.join(map(str, Missing.labels))}."
        )

    def periods_offered(self, today: date) -> list[tuple[str, str]]:
        """Its own: all that the series has need not be gone through for each row."""
        return [(self.period.key, self.period.words)]


class _Known:
    """What is known of the KPIs, and what the rows judged so far add to it."""

    def __init__(
        self, area: Area, kpis: list[Kpi], others: set[str], *, defined: list[Defined], meant: dict[str, str],
        is_wide: bool, by: User | None, at: datetime, today: date,
    ):  # fmt: skip
        self.by, self.today, self.others = by, today, {plain(title) for title in others}
        self.meant, self.is_wide = meant, is_wide
        fresh = [row.kpi for row in defined if row.is_new and not row.problems]
        self.refused = {plain(row.title): row.where for row in defined if row.problems}
        self.by_code = {kpi.indicator.code: kpi for kpi in kpis}
        self.by_title: dict[str, list[Kpi]] = {}
        for kpi in [*kpis, *fresh]:
            self.by_title.setdefault(plain(kpi.indicator.title), []).append(kpi)
        ids = [kpi.pk for kpi in kpis]
        self.serieses = serieses_of(kpis) | {kpi.pk: KpiSeries(kpi.indicator, []) for kpi in fresh}
        chosen = Kpi.objects.filter(pk__in=ids)
        self.figures: dict[int, KpiFigure] = {
            figure.id: figure for figure in kpi_figures(area, at, kpis=chosen, whole_history=True)
        }
        self.figures |= {kpi.pk: _without_figures(kpi, today) for kpi in fresh}
        for row in defined:
            if row.target and not row.problems and row.kpi.pk in self.figures:
                self.figures[row.kpi.pk].targets.append(row.target)
        self.explained = set(Commentary.objects.filter(kpi__in=ids).values_list("kpi", "period_end"))
        self.taken: dict[tuple[int, Period], Line] = {}
        self.unknown: set[str] = set()
        self.newest: dict[int, date] = {}
        self.periods: dict[int, Known] = {}  # as they stood before the rows: all are placed before one is judged

    # Which KPI, which period

    def place(self, line: Line) -> Outcome | tuple[Line, Kpi, Period] | None:
        """None for a further figure under a name that is not known: the first one says so."""
        column = "kpi"
        try:
            kpi = self.kpi_of(line)
            column = "period"
            period = self.period_of(line, kpi)
        except _UnknownName as error:
            name = plain(line.text("kpi") or line.text("code"))
            is_told = name in self.unknown
            self.unknown.add(name)
            return None if is_told else self.not_placed(line, "kpi", error)
        except ValidationError as error:
            return self.not_placed(line, column, error)
        return line, kpi, period

    def period_of(self, line: Line, kpi: Kpi) -> Period:
        series = self.serieses[kpi.pk]
        if kpi.pk not in self.periods:
            self.periods[kpi.pk] = known_periods(series, self.today)
        return period_from(line.text("period"), series=series, today=self.today, known=self.periods[kpi.pk])

    @staticmethod
    def not_placed(line: Line, column: str, error: ValidationError) -> Outcome:
        title = line.text("kpi") or line.text("code")
        return _refused(line, title, [_problem(line, column, message) for message in error.messages])

    def kpi_of(self, line: Line) -> Kpi:
        """By its code, else by its title to the letter, in either case; else by what somebody said that the name means."""
        title, code = line.text("kpi"), line.text("code")
        named = self.by_title.get(plain(title), [])
        coded = self.by_code.get(code)
        meant = "" if named else self.meant.get(plain(title), "")
        if meant:
            coded, named = coded or self.by_code.get(meant), self.by_title.get(plain(meant), [])
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
        return self.refuse_unknown({plain(title), plain(code), plain(meant)} - {""})

    def refuse_unknown(self, names: set[str]) -> NoReturn:
        if names & self.others:
            raise ValidationError("Figures of this KPI are entered by its owner and the officers of the area.")
        refused = next((self.refused[name] for name in names if name in self.refused), None)
        if refused:
            raise ValidationError(f"{sentence_case(refused)}, which defines this KPI, is refused.")
        raise _UnknownName("No KPI that is tracked here is called so. Write its title as the KPI page does.")

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
            line.where, Deed.ADDED if standing is None else Deed.RESTATED, kpi.indicator.title, kpi, words,
            new=form.in_words, said=form.figure, seen_number=number_of(standing),
            old=series.shown(standing) if standing else "",
        )  # fmt: skip
        if standing and says_the_same(outcome.said, standing):
            outcome.deed = Deed.SAME
            return outcome
        return self.asked_of(outcome, line, standing)

    def twice(self, line: Line, kpi: Kpi, period: Period) -> list[Problem]:
        first = self.taken.setdefault((kpi.pk, period), line)
        said = f"{sentence_case(first.where)} gives a figure of this KPI for this period already."
        return [] if first is line else [_problem(line, "period", said)]

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
        trouble = self.to_explain(kpi, said)
        if trouble and not self.is_wide:
            problems.append(_problem(line, "commentary", f"Say what explains it. {trouble}."))
        if problems:
            return _refused(line, outcome.title, problems, kpi=kpi, period=outcome.period)
        outcome.asked = [
            question.sentence for question in questions_about(said, kpi=figure, series=series, today=self.today)[1]
        ]
        if trouble and self.is_wide:
            outcome.asked.append(f"{trouble}. Say what explains it on the KPI’s page, once the figure is brought in.")
        self.serieses[kpi.pk], self.figures[kpi.pk] = _standing_too(series, said), _figure_too(figure, said)
        return outcome

    def to_explain(self, kpi: Kpi, said: dict) -> str:
        """Of the newest figure of the file, what its owner must explain and has not."""
        is_said = said["commentary"].strip() or (kpi.pk, said["period_end"]) in self.explained
        is_newest = said["period_end"] == self.newest.get(kpi.pk)
        return trouble_with(said, kpi=self.figures[kpi.pk]) if is_newest and not is_said else ""


class _UnknownName(ValidationError):
    """Nothing here is called so."""


def _without_figures(kpi: Kpi, today: date) -> KpiFigure:
    """One that the file defines."""
    indicator = kpi.indicator
    return KpiFigure(
        kpi.pk, indicator.code, indicator.title, indicator.unit, indicator.decimals, indicator.polarity,
        indicator.frequency, None, kpi.tolerance, kpi.floor, indicator.statutory_standard, indicator.next_release_on,
        kpi.is_headline, kpi.is_illustrative, counted_words=indicator.counted, definition=indicator.definition, day=today,
    )  # fmt: skip


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
    return problem_of(line, column, message, titles=TITLES)


def _refused(line: Line, title: str, problems: list[Problem], **more) -> Outcome:
    return Outcome(line.where, Deed.REFUSED, title[:200], problems=problems, **more)
