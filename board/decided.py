"""What meetings decided and asked to be done, each with what became of it, as known by a moment.

Decisions and log are dated rows: those recorded by the moment, each with the last outcome recorded by then.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from board.decision_rules import COMES_BACK, ENDS_WHAT_STOOD, is_open, is_put_off, put_off_words
from board.models import Decision, DecisionOutcome, MeetingAction, MeetingActionOutcome
from board.vocabulary import Outcome
from common.dates import in_words, london_day


@dataclass(frozen=True, slots=True)
class Item:
    """A decision, or an entry of the action log, with what became of it."""

    row: Decision | MeetingAction
    outcome: str
    outcome_text: str
    outcome_on: date | None
    on: date  # the day on which it is looked at

    @property
    def is_open(self) -> bool:
        return is_open(self.outcome)

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.row.due_on is not None and self.row.due_on < self.on

    @property
    def state(self) -> str:
        """Open; Overdue; Done; Dropped."""
        if self.is_open:
            return "Overdue" if self.is_overdue else "Open"
        return Outcome(self.outcome).label

    @property
    def who(self) -> str:
        return str(self.row.owner) if self.row.owner_id else self.row.owner_text

    @property
    def effect(self) -> str:
        """What a decision about an action did, in words; nothing where it did nothing by itself."""
        row = self.row
        if row.kind in COMES_BACK:
            return put_off_words(row.kind, row.until, on=self.on)
        words = {
            "agree_date": f"Later date agreed: {in_words(row.agreed_on)}",
            "refuse_date": f"Proposed date{self._refused} refused",
            "stop": "Stopped",
            "resume": "Taken up again",
        }
        return words.get(row.kind, "")

    @property
    def _refused(self) -> str:
        return f" {in_words(self.row.deadline.due_on)}" if self.row.deadline_id else ""


def _with_outcome(rows: QuerySet, outcomes: QuerySet, parent: str, moment: datetime) -> QuerySet:
    """The rows known by a moment, each with the outcome that stood then."""
    known = outcomes.filter(**{parent: OuterRef("pk")}, recorded_at__lte=moment).order_by("-number")
    return rows.filter(recorded_at__lte=moment).annotate(
        outcome_now=Subquery(known.values("outcome")[:1]),
        outcome_text=Subquery(known.values("text")[:1]),
        outcome_at=Subquery(known.values("recorded_at")[:1]),
    )


OPEN = Q(outcome_now__isnull=True) | Q(outcome_now=Outcome.REOPENED)


def decisions_known(moment: datetime) -> QuerySet:
    return _with_outcome(Decision.objects.all(), DecisionOutcome.objects.all(), "decision", moment).select_related(
        "meeting", "owner", "action__strategy", "kpi__indicator", "deadline", "recorded_by"
    )


def log_known(moment: datetime) -> QuerySet:
    rows = _with_outcome(MeetingAction.objects.all(), MeetingActionOutcome.objects.all(), "meeting_action", moment)
    return rows.select_related("meeting", "owner", "recorded_by")


def items(rows: QuerySet, on: date) -> list[Item]:
    return [
        Item(row, row.outcome_now or "", row.outcome_text or "", row.outcome_at and london_day(row.outcome_at), on)
        for row in rows
    ]


# Decisions about an action or a KPI


def decisions_about(action_ids: Iterable[int], moment: datetime) -> dict[int, list[Item]]:
    """The decisions about each of these actions, the newest first; one query."""
    found = defaultdict(list)
    rows = decisions_known(moment).filter(action__in=list(action_ids)).order_by("-recorded_at", "-number")
    for item in items(rows, london_day(moment)):
        found[item.row.action_id].append(item)
    return found


def decisions_about_kpis(kpi_ids: Iterable[int], moment: datetime) -> dict[int, list[Item]]:
    """Likewise by KPI."""
    found = defaultdict(list)
    rows = decisions_known(moment).filter(kpi__in=list(kpi_ids)).order_by("-recorded_at", "-number")
    for item in items(rows, london_day(moment)):
        found[item.row.kpi_id].append(item)
    return found


def standing_decision(about: Iterable[Item]) -> Item | None:
    """Of an action's decisions, newest first: the one by which it is on hold, accepted or stopped, if any."""
    return next((item for item in about if item.row.kind in ENDS_WHAT_STOOD and item.outcome != Outcome.DROPPED), None)


def put_off_sentence(about: Iterable[Item], standing, on: date) -> str:
    """Accepted by the Board until 31 March 2027: reason. On hold until 31 March 2026, which has passed: reason.

    Nothing where the action is neither on hold nor off track and accepted so. `about` are its decisions, newest first.
    """
    item = standing_decision(about)
    if item is None or not is_put_off(standing, item.row):
        return ""
    return f"{put_off_words(item.row.kind, item.row.until, on=on)}: {item.row.reason}"
