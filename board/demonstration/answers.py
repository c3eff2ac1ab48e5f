"""Which actions, and which made-up figure, answer an inspection finding in the demonstration, and what those should change.

By what each is about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from board.demonstration.calendar import Window
from board.demonstration.figures import PREFIX
from common.dates import months_before
from workstrands.status import Status

MOST_ACTIONS = 2
EXPECTED_SINCE, EXPECTED_IN = 4, 6  # months


@dataclass(frozen=True)
class Topic:
    """Words by which a finding and an action are about it, and the end of the code of the figure that should move."""

    found: tuple[str, ...]
    acted: tuple[str, ...]
    figure: str = ""

    @property
    def code(self) -> str:
        return f"{PREFIX}{self.figure}" if self.figure else ""


# The first that fits. Some findings fit none: a Board sees what nothing answers as yet.
TOPICS = [
    Topic(("camhs",), ("camhs",)),
    Topic(("developmental delay", "development delay"), ("developmental delay",)),
    Topic(("neurodevelopmental", "adhd", "autism"), ("autism", "adhd", "waiting well", "wait well"), "waiting-over-52-weeks"),
    Topic(("input into plans", "social care advice"), ("submission of advice", "social care and early help"),
          "advice-from-health-in-6-weeks"),
    Topic(("reviews of plans", "routinely updated"), ("annual reviews", "quality ehc plans"), "annual-reviews-on-time"),
    Topic(("quality assurance",), ("quality ehc plans", "quality assurance of ehc", "language used in ehc"), "plans-judged-good"),
    Topic(("adulthood", "around improving pfa", "related to pfa", "employment"),
          ("preparing for adulthood", "pfa strategy", "employment opportunities", "supported employment", "work experience")),
    Topic(("schools do not understand",), ("sencos", "school leaders"), "sencos-trained"),
    Topic(("pre-school", "early notification"), ("0-19 service", "all early years", "early years send")),
    Topic(("local offer",), ("local offer",)),
]  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    key: str
    title: str
    has_evidence: bool = False


def topic_of(finding: str) -> Topic | None:
    text = finding.lower()
    return next((topic for topic in TOPICS if any(word in text for word in topic.found)), None)


def answering(topic: Topic, actions: Sequence[Candidate]) -> list[str]:
    """The keys of a few actions about it; those with evidence first, so that a finding can be followed to its proof."""
    about = [each for each in actions if any(word in each.title.lower() for word in topic.acted)]
    return [each.key for each in sorted(about, key=lambda each: not each.has_evidence)[:MOST_ACTIONS]]


# What those actions should change

CHANGES = {
    "waiting-over-52-weeks": "No child waits longer than a year for an autism or ADHD assessment.",
    "advice-from-health-in-6-weeks": "Health advice reaches each plan in time, so that no family is kept waiting for it.",
    "annual-reviews-on-time": "Each child’s plan is looked at again within the year, and changes when the child’s needs do.",
    "plans-judged-good": "Plans say plainly what a child needs, and who gives it.",
    "sencos-trained": "Schools see needs early and know what to do, so that fewer children have to wait for help.",
}


@dataclass(frozen=True)
class Aiming:
    """An action that should move a made-up figure: what is reported of it, and on which day it was first complete."""

    key: str
    reported: str | None
    completed_on: date | None = None


def change_of(code: str) -> str:
    return CHANGES.get(code.removeprefix(PREFIX), "")


def effects(actions: Sequence[Aiming], window: Window) -> dict[str, date]:
    """From when an effect of a few of them is expected: of one that is complete, from then on; of two on track, since some
    months, so that their figures question them or bear them out; and of one in difficulty not for some months to come."""
    complete = [each for each in actions if each.completed_on][:1]
    on_track = [each for each in actions if each.reported == Status.ON_TRACK][:2]
    later = [each for each in actions if each.reported in Status.worrying()][:1]
    month = window.last_on.replace(day=1)
    return {
        **{each.key: months_before(each.completed_on.replace(day=1), -1) for each in complete},
        **{each.key: months_before(month, EXPECTED_SINCE) for each in on_track},
        **{each.key: months_before(month, -EXPECTED_IN) for each in later},
    }
