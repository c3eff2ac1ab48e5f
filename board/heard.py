"""What is said beside the statuses: by families, by a priority's senior responsible owners, by a lead of a flag.

Of each the last known at a moment, for whole plans at a time: one query, however much was said. The pages of one priority
or action show what was said before it too (`board.voices`, `board.reviewing`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import CharField, DateField, Exists, IntegerField, OuterRef, Q, TextField, Value

from board.models import FamilyView, FlagReply, PriorityAssessment
from board.vocabulary import Felt
from common.dates import london_day
from strategies.models import Strategy
from workstrands.status import SHOWN_WORDS


@dataclass(frozen=True, slots=True)
class FamiliesSay:
    """Whether they feel it, in whose words, from which body, when it was said."""

    felt: str
    words: str
    body: str
    said_on: date
    coproduced: str = ""

    @property
    def word(self) -> str:
        return str(Felt(self.felt).label)


@dataclass(frozen=True, slots=True)
class OwnersSay:
    """A priority's status by its owners; `for_board` is the day of the meeting whose round it was given in."""

    status: str
    reason: str
    mitigation: str
    consequence: str
    said_on: date
    said_by: str
    for_board: date | None

    @property
    def word(self) -> str:
        return SHOWN_WORDS[self.status]


@dataclass(frozen=True, slots=True)
class LeadAnswers:
    """A lead's answer to a flag."""

    text: str
    said_on: date
    said_by: str


@dataclass(frozen=True, slots=True)
class Heard:
    families_of_priority: dict[int, FamiliesSay] = field(default_factory=dict)
    families_of_action: dict[int, FamiliesSay] = field(default_factory=dict)
    owners: dict[int, OwnersSay] = field(default_factory=dict)  # by priority
    answers: dict[tuple[int, str], LeadAnswers] = field(default_factory=dict)  # by action and code of the flag

    @property
    def has_families(self) -> bool:
        return bool(self.families_of_priority or self.families_of_action)


def heard(strategy: Strategy, moment: datetime, *, actions: Iterable[int] | None = None) -> Heard:
    """Of all priorities of a plan, and of its actions or those whose ids are given; one query."""
    found = Heard()
    chosen = Q(action__strategy=strategy) if actions is None else Q(action__in=list(actions))
    for kind, priority, action, code, first, second, third, day, at, by in _rows(strategy, chosen, moment):
        said_on, by = london_day(at), by or ""
        if kind == "owners":
            found.owners[priority] = OwnersSay(code, first, second, third, said_on, by, day)
        elif kind == "answer":
            found.answers[action, code] = LeadAnswers(first, said_on, by)
        elif priority:
            found.families_of_priority[priority] = FamiliesSay(code, first, second, day, third)
        else:
            found.families_of_action[action] = FamiliesSay(code, first, second, day, third)
    return found


def _rows(strategy: Strategy, chosen: Q, moment: datetime):
    """Three kinds of rows in the same columns; what each column holds is said by its kind."""
    views = FamilyView.objects.known_by(moment).filter(chosen | Q(priority__strategy=strategy), area=strategy.area_id)
    later_view = FamilyView.objects.known_by(moment).filter(
        Q(priority=OuterRef("priority")) | Q(action=OuterRef("action")), area=OuterRef("area")
    )
    said_later = Q(said_on__gt=OuterRef("said_on")) | Q(said_on=OuterRef("said_on"), number__gt=OuterRef("number"))
    views = views.filter(~Exists(later_view.filter(said_later))).order_by()
    owners = _last(PriorityAssessment, moment, "priority").filter(priority__strategy=strategy)
    answers = _last(FlagReply, moment, "action", "flag").filter(chosen)
    nobody, nothing, never = Value(None, IntegerField()), Value("", TextField()), Value(None, DateField())
    return (
        views.values_list(
            _kind("families"), "priority", "action", "felt", "words", "body", "coproduced", "said_on", *_SAID
        )
        .union(
            owners.values_list(
                _kind("owners"), "priority", nobody, "status", "reason", "mitigation", "consequence",
                "round__meeting__held_on", *_SAID,
            ),
            answers.values_list(_kind("answer"), nobody, "action", "flag", "text", nothing, nothing, never, *_SAID),
            all=True,
        )
    )  # fmt: skip


_SAID = ("recorded_at", "recorded_by__name")


def _last(model, moment: datetime, *parents: str):
    """The last row of each parent by a moment."""
    later = model.objects.known_by(moment).filter(
        number__gt=OuterRef("number"), **{parent: OuterRef(parent) for parent in parents}
    )
    return model.objects.known_by(moment).filter(~Exists(later)).order_by()


def _kind(word: str) -> Value:
    return Value(word, CharField())
