"""What is shown of the Board's meetings, as known by a moment.

Decisions, challenge and log are dated rows: those recorded by the moment, each with the last outcome recorded by then.
A meeting's page looks at the plans that ran on its day, from the meeting before to its end; of a meeting to come, to
now. The queries grow with the plans that run, not with actions, decisions or meetings.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from board.deciding import COMES_BACK, ENDS_WHAT_STOOD, has_come_back, is_open, is_put_off, put_off_words
from board.minuting import presence_of
from board.models import (
    Attendance,
    Challenge,
    Decision,
    DecisionOutcome,
    ForwardItem,
    MeetingAction,
    MeetingActionOutcome,
    Pack,
)
from board.vocabulary import Outcome
from common.dates import end_of_day, in_words, london_day, start_of_day
from common.words import listed, plural
from strategies.models import Area, Meeting, ReportingRound, Strategy
from workstrands.comparison import Change, ChangeKind, changes_between
from workstrands.models import Action, ProgressUpdate
from workstrands.standing import Standing, standings
from workstrands.status import EscalateTo, Status

CHANGES_SHOWN = 12
# What the Board looks at first among what changed.
CHANGE_ORDER = [
    ChangeKind.WORSE, ChangeKind.OVERDUE, ChangeKind.STOPPED, ChangeKind.ON_HOLD, ChangeKind.DATE_MOVED,
    ChangeKind.COMPLETED, ChangeKind.BETTER, ChangeKind.RESUMED, ChangeKind.FIRST_REPORT, ChangeKind.DATE_AGREED,
    ChangeKind.ADDED, ChangeKind.RETIRED,
]  # fmt: skip


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


# The list of meetings


@dataclass(frozen=True, slots=True)
class MeetingLine:
    meeting: Meeting
    round: ReportingRound | None
    round_words: str
    decisions: int
    decisions_open: int
    log_open: int
    packs: int


def round_words(found: ReportingRound | None, moment: datetime) -> str:
    """How its round stands, in words and dates."""
    if found is None:
        return "No round is planned"
    if found.opened_at is None or found.opened_at > moment:
        return f"Opens {in_words(found.opens_on)}, closes {in_words(found.closes_on)}"
    if found.is_open(moment):
        return f"Open since {in_words(london_day(found.opened_at))}, to close {in_words(found.closes_on)}"
    return f"Closed {in_words(london_day(found.closed_at))}"


def meetings_of(area: Area, moment: datetime) -> list[MeetingLine]:
    """Every meeting of the area, the latest first; four queries."""
    meetings = Meeting.objects.filter(area=area).select_related("reporting_round").order_by("-held_on")
    decided = _counted(decisions_known(moment).filter(meeting__area=area))
    logged = _counted(log_known(moment).filter(meeting__area=area))
    packs = Counter(
        Pack.objects.filter(meeting__area=area, recorded_at__lte=moment).order_by().values_list("meeting", flat=True)
    )
    lines = []
    for meeting in meetings:
        found = getattr(meeting, "reporting_round", None)
        total, still_open = decided.get(meeting.pk, (0, 0))
        _, log_open = logged.get(meeting.pk, (0, 0))
        words = round_words(found, moment)
        lines.append(MeetingLine(meeting, found, words, total, still_open, log_open, packs[meeting.pk]))
    return lines


def _counted(rows: QuerySet) -> dict[int, tuple[int, int]]:
    """(all, open) by meeting."""
    counted = rows.order_by().values("meeting").annotate(total=Count("pk"), still_open=Count("pk", filter=OPEN))
    return {row["meeting"]: (row["total"], row["still_open"]) for row in counted}


def forward_plan(area: Area, on: date) -> list[ForwardItem]:
    """What is to be looked at in depth and is not done on a day: in the order of the meetings, the undated last."""
    rows = area.forward_items.filter(Q(done_on__isnull=True) | Q(done_on__gt=on)).select_related("meeting", "lead")
    return sorted(rows, key=lambda item: (item.meeting is None, item.meeting and item.meeting.held_on, item.pk))


# One meeting


@dataclass(frozen=True, slots=True)
class AskHeard:
    """What a lead asks of the Board, as it stood when the papers were due."""

    update: ProgressUpdate
    lead: str
    age_days: int


@dataclass(frozen=True, slots=True)
class CameBack:
    """What was put on hold or accepted until a day that has passed: the Board's again."""

    standing: Standing
    item: Item
    sentence: str


def _place_of(kind: ChangeKind) -> int:
    """Where a change stands; one that has no place of its own comes last."""
    return CHANGE_ORDER.index(kind) if kind in CHANGE_ORDER else len(CHANGE_ORDER)


def _change_words(kind: ChangeKind, count: int) -> str:
    nouns = {
        ChangeKind.DATE_MOVED: "date moved/dates moved",
        ChangeKind.DATE_AGREED: "date agreed/dates agreed",
        ChangeKind.FIRST_REPORT: "first report/first reports",
    }
    one, _, many = nouns.get(kind, f"{kind.label.lower()}/{kind.label.lower()}").partition("/")
    return plural(count, one, many)


@dataclass(frozen=True, slots=True)
class PlanChanges:
    """What changed in a plan from the meeting before to this one."""

    strategy: Strategy
    changes: list[Change]
    started_since: bool
    address: str
    is_dated: bool  # its address names the day of the meeting

    @property
    def sentence(self) -> str:
        """Three worse, one completed, two dates moved."""
        counted = Counter(change.kind for change in self.changes)
        parts = [_change_words(kind, counted[kind]) for kind in sorted(counted, key=_place_of)]
        return f"{plural(len(self.changes), 'change')}: {listed(parts)}." if parts else ""

    @property
    def shown(self) -> list[Change]:
        return sorted(self.changes, key=lambda change: _place_of(change.kind))[:CHANGES_SHOWN]

    @property
    def hidden(self) -> int:
        return max(0, len(self.changes) - CHANGES_SHOWN)


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
    attendance: list[Presence] = field(default_factory=list)
    asks: list[AskHeard] = field(default_factory=list)
    decisions: list[Item] = field(default_factory=list)
    challenges: list[Challenge] = field(default_factory=list)
    log: list[Item] = field(default_factory=list)
    carried_decisions: list[Item] = field(default_factory=list)
    carried_log: list[Item] = field(default_factory=list)
    came_back: list[CameBack] = field(default_factory=list)
    changes: list[PlanChanges] = field(default_factory=list)
    forward: list[tuple[ForwardItem, bool]] = field(default_factory=list)  # each with whether it is done
    packs: list[Pack] = field(default_factory=list)
    plans: list[Strategy] = field(default_factory=list)

    @property
    def attended(self) -> int:
        return sum(len(presence.there) for presence in self.attendance)


def meeting_page(meeting: Meeting, moment: datetime) -> MeetingPage:
    """Everything that is shown of a meeting, as known by a moment."""
    area, day = meeting.area, london_day(moment)
    until = min(moment, end_of_day(meeting.held_on))
    asked = min(until, end_of_day(meeting.papers_due_on or meeting.held_on))
    before, after = _neighbours(meeting)
    plans = _plans_running(area, min(day, meeting.held_on))
    now = {plan.pk: standings(plan, until) for plan in plans}
    of_this = Q(meeting=meeting)
    return MeetingPage(
        meeting=meeting,
        is_to_come=meeting.held_on > day,
        round_words=round_words(getattr(meeting, "reporting_round", None), moment),
        before=before,
        after=after,
        asked_on=london_day(asked),
        attendance=_attendance(meeting) if meeting.held_on <= day else _apologies(meeting),
        asks=_asks(plans, now, asked),
        decisions=items(decisions_known(moment).filter(of_this).order_by("number"), day),
        challenges=_challenges(meeting, moment),
        log=items(log_known(moment).filter(of_this).order_by("number"), day),
        carried_decisions=_carried(
            decisions_known(moment), DecisionOutcome.objects.filter(decision=OuterRef("pk")), meeting, moment
        ),
        carried_log=_carried(
            log_known(moment), MeetingActionOutcome.objects.filter(meeting_action=OuterRef("pk")), meeting, moment
        ),
        came_back=_came_back(area, now, until, on=meeting.held_on, today=day),
        changes=_changes(plans, now, before, meeting, day) if before and before.held_on < day else [],
        forward=[(item, bool(item.done_on and item.done_on <= day)) for item in _in_depth(meeting)],
        packs=list(meeting.packs.filter(recorded_at__lte=moment).select_related("strategy").order_by("number")),
        plans=plans,
    )


def _in_depth(meeting: Meeting) -> QuerySet:
    return meeting.forward_items.select_related("lead").order_by("pk")


def _neighbours(meeting: Meeting) -> tuple[Meeting | None, Meeting | None]:
    others = Meeting.objects.filter(area=meeting.area_id)
    before = others.filter(held_on__lt=meeting.held_on).order_by("-held_on").first()
    return before, others.filter(held_on__gt=meeting.held_on).order_by("held_on").first()


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


def _asks(plans: list[Strategy], now: dict[int, list[Standing]], moment: datetime) -> list[AskHeard]:
    """What the last reports then asked of the Board, the oldest first."""
    said = Action.objects.filter(strategy__in=plans).existing(moment).as_at(moment).values("update_id")
    rows = (
        ProgressUpdate.objects.filter(pk__in=said, escalate_to=EscalateTo.BOARD, status__in=Status.worrying())
        .exclude(ask="")
        .select_related("action__strategy")
        .order_by("recorded_at", "pk")
    )
    leads = {standing.id: standing.lead for of_plan in now.values() for standing in of_plan}
    on = london_day(moment)
    return [AskHeard(row, leads.get(row.action_id, ""), (on - london_day(row.recorded_at)).days) for row in rows]


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
    area: Area, now: dict[int, list[Standing]], moment: datetime, *, on: date, today: date
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


def _changes(plans, now, before: Meeting, meeting: Meeting, day: date) -> list[PlanChanges]:
    then = end_of_day(before.held_on)
    is_dated = meeting.held_on < day
    query = f"?compare={before.held_on}" + (f"&as_at={meeting.held_on}" if is_dated else "")
    found = []
    for plan in plans:
        is_new = plan.starts_on > before.held_on
        changes = [] if is_new else changes_between(standings(plan, then), now[plan.pk])
        address = f"/{plan.area.slug}/{plan.slug}/{query}"
        found.append(PlanChanges(plan, changes, is_new, address, is_dated))
    return found


# Since when somebody was last there


def last_attended(user, area: Area, on: date) -> Meeting | None:
    """The last meeting before a day at which a signed-in person was noted as there; one query."""
    there = Meeting.objects.filter(area=area, held_on__lt=on, attendances__user=user, attendances__is_present=True)
    return there.order_by("-held_on").first()


def attended_compare_address(user, area: Area, on: date, *, strategy: Strategy | None = None) -> tuple[str, str]:
    """(address, words) of the board page compared with the meeting that somebody last attended; empty where none is."""
    meeting = last_attended(user, area, on)
    if meeting is None:
        return "", ""
    base = f"/{area.slug}/{strategy.slug}/" if strategy else f"/{area.slug}/"
    return f"{base}?compare={meeting.held_on}", f"Since the meeting you last attended, {in_words(meeting.held_on)}"
