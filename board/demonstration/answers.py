"""Which actions, and which made-up figure, answer an inspection finding in the demonstration. By what each is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from board.demonstration.figures import PREFIX

MOST_ACTIONS = 2


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
