"""What the KPIs of a file would become: tracked anew, changed as far as their row says, or left alone.

By the rules of the forms on which a KPI is defined, owned and promised. What a figure means (its unit, which way is better,
how often it comes) is never changed by a file: figures that stand would mean something else.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from django.core.exceptions import ValidationError

from board.kpi_forms import DefinitionForm, KpiForm
from board.own_figures.columns import DEFINITION_TITLES, UNITS, plain
from board.own_figures.problems import Problem, problem_of
from board.own_figures.reading import Line
from common.dates import in_words
from kpis import promising, tracking
from kpis.figure import KnownTarget
from kpis.models import Indicator, Kpi, Target
from kpis.period_words import read_period
from kpis.rating import show_trimmed
from kpis.typed import number_from
from kpis.vocabulary import Frequency, Polarity, TargetKind, Unit
from people.models import User
from priorities.models import Priority
from strategies.models import Area, Strategy


def _words(choices, **more: str) -> dict[str, str]:
    return {plain(words): code for code, label in choices for words in (code, str(label))} | more


MEANT = {
    "unit": _words(
        Unit.choices, **{"per cent": "percent", "percentage": "percent", "count": "count", "£": "gbp", "week": "weeks"}
    ),
    "polarity": _words(Polarity.choices, up="higher", down="lower", neither="contextual", context="contextual"),
    "frequency": _words(
        Frequency.choices, month="monthly", quarter="quarterly", term="termly", annually="annual", annual="annual",
        year="annual",
    ),
}  # fmt: skip
OFFERED = {"unit": UNITS, "polarity": Polarity.labels, "frequency": Frequency.labels}
YES, NO = {"yes", "y", "true", "x", "1"}, {"no", "n", "false", "0"}
WHOLE = (Unit.COUNT, Unit.RANK, Unit.GBP)
COLUMN_OF = {"title": "kpi", "is_headline": "headline"}


@dataclass
class Defined:
    """What becomes of one row. `kpi` is a new one with a number below nought until it is written."""

    line: Line
    title: str
    kpi: Kpi | None = None
    is_new: bool = False
    indicator: Indicator | None = None  # the one there is that would be tracked
    definition: dict | None = None  # what `tracking.track` defines anew
    choices: dict = field(default_factory=dict)  # what `tracking.track` and `tracking.edit` take
    promise: dict = field(default_factory=dict)  # what `promising.promise` takes
    changes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def where(self) -> str:
        return self.line.where

    @property
    def is_written(self) -> bool:
        return not self.problems and (self.is_new or bool(self.changes))

    @property
    def promised(self) -> str:
        if not self.promise:
            return ""
        value = show_trimmed(self.promise["value"], self.kpi.indicator.unit)
        return f"{value} from {in_words(self.promise['period_start'])}"

    @property
    def target(self) -> KnownTarget | None:
        """As the rules take it, as though it stood."""
        if not self.promise:
            return None
        return KnownTarget(
            TargetKind.STANDING, self.promise["period_start"], None, self.promise["value"], 10**6, "", ""
        )

    @property
    def told(self) -> tuple:
        """What the digest stands for."""
        ties = [each.pk for each in self.choices.get("priorities", ())]
        chosen = sorted((name, str(value)) for name, value in self.choices.items() if name != "priorities")
        indicator = self.indicator.pk if self.indicator else 0
        return (
            self.where, self.title, self.is_new, indicator, sorted((self.definition or {}).items(), key=str), chosen, ties,
            sorted(self.promise.items(), key=str), self.changes, list(map(tuple, self.problems)),
        )  # fmt: skip

    def write(self, area: Area, *, by: User, at: datetime) -> Kpi:
        if self.is_new:
            kpi = tracking.track(area, self.indicator, by=by, at=at, definition=self.definition, **self.choices)
        else:
            kpi = self.kpi
            if self.choices:
                tracking.edit(kpi, by=by, at=at, **self.choices)
        if self.promise:
            promising.promise(kpi, kind=TargetKind.STANDING, by=by, at=at, **self.promise)
        return kpi


def define(lines: list[Line], *, area: Area, by: User, at: datetime, today: date, is_allowed: bool) -> list[Defined]:
    """A fixed number of queries, whatever the number of rows."""
    if not lines:
        return []
    known = _Known(area, by=by, at=at, today=today)
    return [known.judge(line) if is_allowed else _refused(line, NOT_ALLOWED) for line in lines]


NOT_ALLOWED = "KPIs are defined by the officers of the area."


def _refused(line: Line, message: str) -> Defined:
    title = line.text("kpi")
    return Defined(line, title, problems=[problem_of(line, "kpi", message, titles=DEFINITION_TITLES)])


class _Known:
    """What an area tracks and could track, and what the rows judged so far take."""

    def __init__(self, area: Area, *, by: User, at: datetime, today: date):
        self.area, self.by, self.at, self.today = area, by, at, today
        tracked = Kpi.objects.in_use().filter(area=area).select_related("indicator", "owner")
        self.by_title: dict[str, list[Kpi]] = {}
        for kpi in tracked.prefetch_related("priorities").order_by("pk"):
            kpi.area = area
            self.by_title.setdefault(plain(kpi.indicator.title), []).append(kpi)
        self.free = {plain(each.title): each for each in tracking.untracked(area, by=by)}
        self.owners = list(tracking.possible_owners(area, by=by, on=today))
        self.plan = Strategy.objects.published().filter(area=area, starts_on__lte=today).order_by("starts_on").last()
        there = Priority.objects.in_use().filter(strategy=self.plan).select_related("strategy")
        self.priorities = list(there.order_by("position", "pk")) if self.plan else []
        self.taken: dict[str, str] = {}

    @cached_property
    def targets(self) -> dict[int, list[Target]]:
        found: dict[int, list[Target]] = {}
        for target in Target.objects.filter(kpi__area=self.area, kind=TargetKind.STANDING).order_by(
            "period_start", "number"
        ):
            found.setdefault(target.kpi_id, []).append(target)
        return found

    def judge(self, line: Line) -> Defined:
        title = line.text("kpi")
        named = self.by_title.get(plain(title), [])
        row = Defined(line, title)
        if not title:
            return _refused(line, "Give it a title.")
        if (first := self.taken.setdefault(plain(title), line.where)) != line.where:
            return _refused(line, f"{first.capitalize()} defines a KPI of this title already.")
        if len(named) > 1:
            return _refused(line, "Several KPIs are called so. Change them on their own pages.")
        self.unreadable(row)
        row.kpi, row.is_new = named[0] if named else None, not named
        row.indicator = row.kpi.indicator if row.kpi else self.free.get(plain(title))
        if row.indicator:
            self.must_agree(row)
        else:
            self.define_anew(row)
        if not row.problems:
            self.choose(row)
        if not row.problems:
            self.promise(row)
        if row.kpi and not row.is_new and row.changes and (refusal := tracking.why_not_edited(row.kpi, self.by)):
            self.accuse(row, "kpi", refusal)
        return row

    def unreadable(self, row: Defined) -> None:
        for name, cell in row.line.cells.items():
            if cell.problem:
                self.accuse(row, name, cell.problem)

    @staticmethod
    def accuse(row: Defined, name: str, message: str) -> None:
        row.problems.append(problem_of(row.line, name, message, titles=DEFINITION_TITLES))

    # What a figure of it means

    def meant(self, row: Defined, name: str) -> str:
        """The code of a word; the word itself where it means nothing, which is said."""
        word = row.line.text(name)
        code = MEANT[name].get(plain(word), "")
        if word and (not code or code == Unit.TEXT):
            self.accuse(row, name, f"Write one of: {', '.join(map(str, OFFERED[name]))}.")
        return code

    def must_agree(self, row: Defined) -> None:
        """With the definition there is; what the row leaves empty agrees."""
        for name in MEANT:
            code, stands = self.meant(row, name), getattr(row.indicator, name)
            if code and code != stands:
                words = getattr(row.indicator, f"get_{name}_display")()
                self.accuse(row, name, f"It is defined as “{words}”. Leave this empty, or give your KPI another title.")
        if row.is_new:
            row.kpi = self.unsaved(row, row.indicator)

    def define_anew(self, row: Defined) -> None:
        said = {name: self.meant(row, name) for name in MEANT}
        decimals = row.line.text("decimals") or ("0" if said["unit"] in WHOLE else "1")
        said |= {"title": row.title, "definition": row.line.text("definition"), "decimals": decimals}
        form = DefinitionForm(said)
        if row.problems or not form.is_valid():
            self.accuse_by(row, form)
            return
        row.definition = form.definition_made
        row.kpi = self.unsaved(row, Indicator(code="", is_illustrative=self.by.is_illustrative, **row.definition))

    def accuse_by(self, row: Defined, form) -> None:
        there = {problem.column for problem in row.problems}
        for name, messages in form.errors.items():
            column = COLUMN_OF.get(name, name)
            if DEFINITION_TITLES.get(column) not in there:
                self.accuse(row, column, messages[0])

    def unsaved(self, row: Defined, indicator: Indicator) -> Kpi:
        return Kpi(pk=-row.line.number, area=self.area, indicator=indicator, is_illustrative=self.by.is_illustrative)

    # Whose it is, and how it is judged

    def choose(self, row: Defined) -> None:
        text, kpi = row.line.text, row.kpi
        owner, ties, headline = self.owner(row), self.ties(row), self.headline(row)
        said = {
            "owner": str(owner.pk) if owner else "", "tolerance": text("tolerance"),
            "priorities": [str(each.pk) for each in ties], "is_headline": "on" if headline else "", "screens_outliers": "on",
        }  # fmt: skip
        owners = self.owners if owner is None or owner in self.owners else [*self.owners, owner]
        empty = {"measures": [], "findings": []}
        form = KpiForm(said, unit=kpi.indicator.unit, owners=owners, priorities=self.priorities, **empty)
        if not form.is_valid():
            self.accuse_by(row, form)
        if row.problems:
            return
        chosen = {name: form.choices_made[name] for name in ("owner", "tolerance", "is_headline", "priorities")}
        row.choices = chosen if row.is_new else self.differing(row, chosen, headline)

    def differing(self, row: Defined, chosen: dict, headline: bool | None) -> dict:
        """What the row gives and is not so yet; priorities are added to those there are."""
        kpi, found = row.kpi, {}
        stands = {"owner": kpi.owner, "tolerance": kpi.tolerance}
        for name, before in stands.items():
            if row.line.text(name) and chosen[name] != before:
                found[name] = chosen[name]
                row.changes.append(_change(DEFINITION_TITLES[name], _shown(before, kpi), _shown(chosen[name], kpi)))
        if headline is not None and headline != kpi.is_headline:
            found["is_headline"] = headline
            row.changes.append(_change("On the board page", _yes(kpi.is_headline), _yes(headline)))
        held = list(kpi.priorities.all())
        more = [each for each in chosen["priorities"] if each not in held]
        if more:
            found["priorities"] = [*held, *more]
            row.changes.append(f"Tied to priority {', '.join(each.ref for each in more)}.")
        return found

    def owner(self, row: Defined):
        """The lead of this name, or of these initials or this address; whoever owns it now may be named too."""
        word = plain(row.line.text("owner"))
        if not word:
            return None
        now = row.kpi.owner if row.kpi.owner_id else None
        people = {each.pk: each for each in [*self.owners, *([now] if now else [])]}.values()
        found = [each for each in people if plain(each.name) == word]
        found = found or [each for each in people if word in (plain(each.initials), plain(each.email))]
        if len(found) == 1:
            return found[0]
        said = "Several leads are called so. Write the whole name." if found else (
            "No lead of this area who is in post is called so. Add the lead under People, or leave this empty."
        )  # fmt: skip
        self.accuse(row, "owner", said)
        return None

    def ties(self, row: Defined) -> list[Priority]:
        refs = [ref.strip() for ref in re.split("[;,]", row.line.text("priorities")) if ref.strip()]
        by_ref = {plain(each.ref): each for each in self.priorities}
        unknown = [ref for ref in refs if plain(ref) not in by_ref]
        if unknown:
            there = ", ".join(each.ref for each in self.priorities) or "none"
            self.accuse(row, "priorities", f"No priority {unknown[0][:20]} in the latest plan. There is: {there}.")
        return list(dict.fromkeys(by_ref[plain(ref)] for ref in refs if plain(ref) in by_ref))

    def headline(self, row: Defined) -> bool | None:
        word = plain(row.line.text("headline"))
        if word and word not in YES | NO:
            self.accuse(row, "headline", "Write Yes or No.")
        return None if not word else word in YES

    # What is promised

    def promise(self, row: Defined) -> None:
        indicator = row.kpi.indicator
        try:
            value = number_from(row.line.text("target"), name="Target", unit=indicator.unit)
        except ValidationError as error:
            return self.accuse(row, "target", error.messages[0])
        if value is None:
            if row.line.text("target_from"):
                self.accuse(row, "target", "Give the target that holds from this day.")
            return None
        if indicator.polarity == Polarity.CONTEXTUAL:
            return self.accuse(
                row, "target", "This figure is context: neither more nor less of it is better, so it has no target."
            )
        start = self.promised_from(row, value)
        if start is not None:
            row.promise = {"period_start": start, "value": value}
            if not row.is_new:
                row.changes.append(f"Target: {row.promised}.")
        return None

    def promised_from(self, row: Defined, value: Decimal) -> date | None:
        """From which day; none where the same is promised already, or the day cannot be read."""
        said, held = row.line.text("target_from"), self.targets.get(row.kpi.pk, [])
        if said:
            period = read_period(said)
            if period is None or not 1990 <= period.start.year <= 2100:
                self.accuse(row, "target_from", "Write a day or a month, such as 1 September 2026 or September 2026.")
                return None
            same = [target for target in held if target.period_start == period.start]
            return None if same and same[-1].value == value else period.start
        if held:
            if held[-1].value != value:
                shown = (
                    show_trimmed(held[-1].value, row.kpi.indicator.unit)
                    if held[-1].value is not None
                    else held[-1].as_written
                )
                self.accuse(row, "target_from", f"{shown} is promised now. Say from which day the new target holds.")
            return None
        return self.plan.starts_on if self.plan else self.today


def _change(what: str, before: str, now: str) -> str:
    return f"{what}: {before} now, {now} then."


def _shown(value, kpi: Kpi) -> str:
    if value is None:
        return "none"
    return show_trimmed(value, kpi.indicator.unit) if isinstance(value, Decimal) else str(value)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def aliases_of(defined: Iterable[Defined]) -> dict[str, str]:
    """What the file's own table of figures calls them: the title by the heading."""
    return {plain(row.line.text("alias")): row.title for row in defined if row.line.text("alias") and not row.problems}
