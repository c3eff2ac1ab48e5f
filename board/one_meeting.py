"""What is shown of one meeting, as known by a moment.

A meeting's page looks at the plans that ran on its day, from the meeting before to its end; of a meeting to come, to
now. The queries grow with the plans that run, not with actions, decisions or meetings.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from board.attending import presence_of
from board.decided import Item, decisions_about, decisions_known, items, log_known, standing_decision
from board.decision_rules import ENDS_WHAT_STOOD, has_come_back, put_off_words
from board.meetings import called_off_because, neighbours, round_words
from board.models import Attendance, Challenge, DecisionOutcome, ForwardItem, MeetingActionOutcome, Pack
from board.since_meeting import SinceMeeting, since_meeting
from board.vocabulary import Outcome
from common.dates import end_of_day, london_day, start_of_day
from strategies.models import Area, Meeting, Strategy
from workstrands.models import Action, ProgressUpdate
from workstrands.standing import Standing, standings
from workstrands.status import EscalateTo, Status


@dataclass(frozen=True, slots=True)
class AskHeard:
    """What a lead asks of the Board, as it stood when the papers were due."""

    update: ProgressUpdate
    lead: str
    age_days: int
    decided: list[Item]  # what the Board decided about its action since it was asked


@dataclass(frozen=True, slots=True)
class CameBack:
    """What was put on hold or accepted until a day that has passed: the Board's again."""

    standing: Standing
    item: Item
    sentence: str


@dataclass(frozen=True, slots=True)
class Presence:
    """Who came for a partner, or for none."""

    partner: str
    there: list[Attendance]
    apologies: list[Attendance]
    absent: list[Attendance]


@dataclass
class MeetingPage:
    meeting: Meeting
    is_to_come: bool
    round_words: str
    before: Meeting | None
    after: Meeting | None
    asked_on: date
    called_off: str = ""
    attendance: list[Presence] = field(default_factory=list)
    asks: list[AskHeard] = field(default_factory=list)
    decisions: list[Item] = field(default_factory=list)
    challenges: list[Challenge] = field(default_factory=list)
    log: list[Item] = field(default_factory=list)
    carried_decisions: list[Item] = field(default_factory=list)
    carried_log: list[Item] = field(default_factory=list)
    came_back: list[CameBack] = field(default_factory=list)
    since: SinceMeeting | None = None  # none where no meeting was held before
    forward: list[tuple[ForwardItem, bool]] = field(default_factory=list)  # each with whether it is done
    packs: list[Pack] = field(default_factory=list)
    plans: list[Strategy] = field(default_factory=list)

    @property
    def attended(self) -> int:
        return sum(len(presence.there) for presence in self.attendance)


def meeting_page(meeting: Meeting, moment: datetime) -> MeetingPage:
    """Everything that is shown of a meeting, as known by a moment."""
    day = london_day(moment)
    until = min(moment, end_of_day(meeting.held_on))
    asked = min(until, end_of_day(meeting.papers_due_on or meeting.held_on))
    page = _told(meeting, moment, asked_on=london_day(asked))
    if page.called_off:
        return page
    page.plans = _plans_running(meeting.area, min(day, meeting.held_on))
    now = {plan: standings(plan, until) for plan in page.plans}
    page.asks = _asks(now, asked, decided_by=moment)
    page.carried_decisions = _carried(
        decisions_known(moment), DecisionOutcome.objects.filter(decision=OuterRef("pk")), meeting, moment
    )
    page.carried_log = _carried(
        log_known(moment), MeetingActionOutcome.objects.filter(meeting_action=OuterRef("pk")), meeting, moment
    )
    page.came_back = _came_back(meeting.area, now, until, on=meeting.held_on, today=day)
    if page.before and page.before.held_on < day:
        page.since = since_meeting(page.before, meeting, now, until=until, day=day)
    return page


def _told(meeting: Meeting, moment: datetime, *, asked_on: date) -> MeetingPage:
    """What is noted of the meeting itself; of one that was called off there is no more."""
    day = london_day(moment)
    before, after = neighbours(meeting, moment)
    of_this = Q(meeting=meeting)
    return MeetingPage(
        meeting=meeting,
        is_to_come=meeting.held_on > day,
        round_words=round_words(getattr(meeting, "reporting_round", None), moment),
        before=before,
        after=after,
        asked_on=asked_on,
        called_off=called_off_because(meeting, moment),
        attendance=_attendance(meeting) if meeting.held_on <= day else _apologies(meeting),
        decisions=items(decisions_known(moment).filter(of_this).order_by("number"), day),
        challenges=_challenges(meeting, moment),
        log=items(log_known(moment).filter(of_this).order_by("number"), day),
        forward=[(item, bool(item.done_on and item.done_on <= day)) for item in _in_depth(meeting)],
        packs=list(meeting.packs.filter(recorded_at__lte=moment).select_related("strategy").order_by("number")),
    )


def _in_depth(meeting: Meeting) -> QuerySet:
    return meeting.forward_items.select_related("lead").order_by("pk")


def _plans_running(area: Area, on: date) -> list[Strategy]:
    running = Strategy.objects.published().filter(area=area, starts_on__lte=on, ends_on__gte=on)
    return list(running.select_related("area").order_by("-starts_on", "pk"))


def _attendance(meeting: Meeting) -> list[Presence]:
    of_partner: dict[str, dict[str, list]] = {}
    for row in meeting.attendances.select_related("partner").order_by("partner__name", "name"):
        name = row.partner.name if row.partner else ""
        found = of_partner.setdefault(name, {"present": [], "apologies": [], "absent": []})
        found[presence_of(row)].append(row)
    told = [Presence(name, *found.values()) for name, found in of_partner.items()]
    return sorted(told, key=lambda presence: (not presence.partner, presence.partner))


def _apologies(meeting: Meeting) -> list[Presence]:
    """Of a meeting to come nobody has been there yet."""
    told = [Presence(each.partner, [], each.apologies, []) for each in _attendance(meeting)]
    return [presence for presence in told if presence.apologies]


def _asks(now: dict[Strategy, list[Standing]], moment: datetime, *, decided_by: datetime) -> list[AskHeard]:
    """What the last reports then asked of the Board, the oldest first; each with what was decided since.

    A decision does not keep which ask it answers: any about the same action, recorded when it was asked or later, is
    taken to.
    """
    said = Action.objects.filter(strategy__in=list(now)).existing(moment).as_at(moment).values("update_id")
    rows = (
        ProgressUpdate.objects.filter(pk__in=said, escalate_to=EscalateTo.BOARD, status__in=Status.worrying())
        .exclude(ask="")
        .select_related("action__strategy")
        .order_by("recorded_at", "pk")
    )
    leads = {standing.id: standing.lead for of_plan in now.values() for standing in of_plan}
    rows, on = list(rows), london_day(moment)
    decided = decisions_about((row.action_id for row in rows), decided_by) if rows else {}
    return [
        AskHeard(
            row,
            leads.get(row.action_id, ""),
            (on - london_day(row.recorded_at)).days,
            [item for item in decided.get(row.action_id, []) if item.row.recorded_at >= row.recorded_at],
        )
        for row in rows
    ]


def _challenges(meeting: Meeting, moment: datetime) -> list[Challenge]:
    rows = meeting.challenges.filter(recorded_at__lte=moment).order_by("number")
    return list(rows.select_related("action", "kpi__indicator", "recorded_by"))


def _carried(rows: QuerySet, outcomes: QuerySet, meeting: Meeting, moment: datetime) -> list[Item]:
    """Of earlier meetings, what was open when this one began, with what has become of it by now.

    What was recorded of an earlier meeting afterwards was open then too.
    """
    began = min(moment, start_of_day(meeting.held_on))
    by_then = outcomes.filter(recorded_at__lte=began).order_by("-number").values("outcome")
    earlier = rows.annotate(outcome_then=Subquery(by_then[:1])).filter(
        Q(outcome_then__isnull=True) | Q(outcome_then=Outcome.REOPENED),
        meeting__area=meeting.area_id,
        meeting__held_on__lt=meeting.held_on,
    )
    return items(earlier.order_by("meeting__held_on", "number"), london_day(moment))


def _came_back(
    area: Area, now: dict[Strategy, list[Standing]], moment: datetime, *, on: date, today: date
) -> list[CameBack]:
    rows = decisions_known(moment).filter(meeting__area=area, kind__in=ENDS_WHAT_STOOD)
    about = defaultdict(list)
    for item in items(rows.order_by("-recorded_at", "-number"), min(today, on)):
        about[item.row.action_id].append(item)
    found = []
    for standing in (standing for of_plan in now.values() for standing in of_plan if standing.id in about):
        item = standing_decision(about[standing.id])
        if item and has_come_back(standing, item.row, on):
            sentence = put_off_words(item.row.kind, item.row.until, on=min(today, on))
            has_passed = item.row.until < min(today, on)
            found.append(CameBack(standing, item, sentence if has_passed else f"{sentence}, before this meeting"))
    return sorted(found, key=lambda back: back.item.row.until)
