"""What changed from the meeting before to a meeting: of each plan's actions and dates, and of the area's figures.

The rules are those by which the board page is compared with a day (`workstrands.comparison`, `kpis.changes`). The page of
the meeting shows so many of each kind, what the Board looks at first before the rest, and leads to the board page for all.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from board.report import with_reasons
from common.dates import end_of_day
from common.words import listed, plural
from kpis.changes import FigureChange, FigureChangeKind, figure_changes
from kpis.reading import kpi_figures_at
from strategies.models import Meeting, Strategy
from workstrands.comparison import Change, ChangeKind, changes_between
from workstrands.standing import Standing, standings

SHOWN = 5  # of each kind, so that many that got worse hide no date that moved
# What the Board looks at first among what changed.
ORDER = [
    ChangeKind.WORSE, ChangeKind.OVERDUE, ChangeKind.STOPPED, ChangeKind.ON_HOLD, ChangeKind.DATE_MOVED,
    ChangeKind.COMPLETED, ChangeKind.BETTER, ChangeKind.RESUMED, ChangeKind.FIRST_REPORT, ChangeKind.DATE_AGREED,
    ChangeKind.ADDED, ChangeKind.RETIRED, *FigureChangeKind,
]  # fmt: skip
# Where a count changes more than the number before the word: one, many.
NOUNS = {
    ChangeKind.DATE_MOVED: ("date moved", "dates moved"),
    ChangeKind.DATE_AGREED: ("date agreed", "dates agreed"),
    ChangeKind.FIRST_REPORT: ("first report", "first reports"),
    FigureChangeKind.CONCERN: ("concern raised", "concerns raised"),
    FigureChangeKind.REACHED: ("target reached", "targets reached"),
    FigureChangeKind.IMPROVEMENT: ("improvement seen", "improvements seen"),
    FigureChangeKind.NEW_FIGURE: ("new figure", "new figures"),
}


def place_of(kind: ChangeKind | FigureChangeKind) -> int:
    """Where a change stands; one that has no place of its own comes last."""
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def count_in_words(kind: ChangeKind | FigureChangeKind, count: int) -> str:
    one, many = NOUNS.get(kind, (kind.label.lower(), kind.label.lower()))
    return plural(count, one, many)


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed, in the order in which the Board looks at it: so many of each kind are shown, the rest are counted."""

    all: Sequence[Change | FigureChange] = ()

    @classmethod
    def of(cls, found: Iterable[Change | FigureChange]) -> "Changes":
        return cls(sorted(found, key=lambda change: place_of(change.kind)))

    def __bool__(self) -> bool:
        return bool(self.all)

    @property
    def sentence(self) -> str:
        """4 changes: 3 worse and 1 date moved."""
        counted = Counter(change.kind for change in self.all)
        parts = [count_in_words(kind, count) for kind, count in counted.items()]
        return f"{plural(len(self.all), 'change')}: {listed(parts)}." if parts else ""

    @property
    def shown(self) -> Sequence[Change | FigureChange]:
        return [change for _, of_kind in groupby(self.all, lambda each: each.kind) for change in [*of_kind][:SHOWN]]

    @property
    def hidden(self) -> int:
        return len(self.all) - len(self.shown)


@dataclass(frozen=True, slots=True)
class PlanChanges:
    """What changed in a plan."""

    strategy: Strategy
    changes: Changes
    started_since: bool
    address: str


@dataclass(frozen=True, slots=True)
class SinceMeeting:
    """All that changed since the meeting before. `address` is the board page compared with it, as the plans' are."""

    plans: list[PlanChanges] = field(default_factory=list)
    figures: Changes = field(default_factory=Changes)
    address: str = ""
    is_dated: bool = False  # the addresses name the day of the meeting, where that has passed


def since_meeting(
    before: Meeting, meeting: Meeting, now: dict[Strategy, list[Standing]], *, until: datetime, day: date
) -> SinceMeeting:
    """`now` is how each plan stood at `until`, the end of the meeting or the moment viewed; `day` is the day viewed."""
    area, then = meeting.area, end_of_day(before.held_on)
    is_dated = meeting.held_on < day
    query = f"?compare={before.held_on}" + (f"&as_at={meeting.held_on}" if is_dated else "")
    plans = []
    for plan, stands in now.items():
        is_new = plan.starts_on > before.held_on
        found = [] if is_new else with_reasons(changes_between(standings(plan, then), stands), until)
        plans.append(PlanChanges(plan, Changes.of(found), is_new, f"/{area.slug}/{plan.slug}/{query}"))
    figures = Changes.of(figure_changes(*kpi_figures_at(area, [then, until])))
    return SinceMeeting(plans, figures, f"/{area.slug}/{query}", is_dated)
