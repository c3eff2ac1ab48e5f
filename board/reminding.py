"""Which letter is due to which lead of an open round, and the sending of it: never twice.

A letter is claimed in a committed row before it is sent; the database lets one row stand a lead and stage. Whoever is
killed in between leaves a claimed row that is not marked as sent: it may not have gone. Nothing sends it again but an
officer's press.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import Q

from board.models import Reminder
from board.round_standing import RoundAction, round_standing
from board.vocabulary import ReminderStage
from common.dates import LONDON, in_words, london_day
from common.email_settings import stays_here
from people.models import Lead, Membership, User
from strategies.models import Area, Meeting, ReportingRound, Strategy
from strategies.working_days import working_days_after, working_days_before
from workstrands.standing import Standing

DAYS_LEFT = 3
DAYS_UNTIL_COPY = 2
A_DAY = timedelta(days=1)
ON_ITS_WAY = timedelta(minutes=10)  # a run that goes on; claimed longer ago, nobody is sending it any more


# Rules


def stage_days(opened_on: date, closes_on: date) -> dict[ReminderStage, date]:
    """The day from which each stage is the round's stage, in order."""
    return {
        ReminderStage.OPENED: opened_on,
        # As many working days come after it, up to and with the last day.
        ReminderStage.CLOSING: working_days_before(closes_on + A_DAY, DAYS_LEFT + 1),
        ReminderStage.OVERDUE: closes_on + A_DAY,
        ReminderStage.OVERDUE_COPY: working_days_after(closes_on, DAYS_UNTIL_COPY),
    }


def stage_on(day: date, days: Mapping[ReminderStage, date]) -> ReminderStage | None:
    """The stage of an open round on a day: the last that has begun."""
    begun = [stage for stage, first in days.items() if first <= day]
    return begun[-1] if begun else None


def due_stage(
    day: date, days: Mapping[ReminderStage, date], claimed: Mapping[ReminderStage, date]
) -> ReminderStage | None:
    """The letter that is due to a lead on a day, given the days on which letters were claimed; none where it has been.

    Stages that were missed are left out. But officers get their copy only after the lead was told that it is overdue,
    and had the two working days.
    """
    stage = stage_on(day, days)
    if stage == ReminderStage.OVERDUE_COPY:
        told_on = claimed.get(ReminderStage.OVERDUE)
        if told_on is None:
            return ReminderStage.OVERDUE
        if day < working_days_after(told_on, DAYS_UNTIL_COPY):
            return None
    return None if stage in claimed else stage


def is_outdated(
    stage: ReminderStage, day: date, days: Mapping[ReminderStage, date], claimed: Mapping[ReminderStage, date]
) -> bool:
    """Whether a later letter has taken the place of this stage's, or the next run's does."""
    later = list(days)[list(days).index(stage) + 1 :]
    due = due_stage(day, days, claimed)
    return due in later or any(each in claimed for each in later)


def is_awaited(action: RoundAction) -> bool:
    """A live action with a lead, on which nothing was reported in the round, or whose report was returned."""
    standing = action.standing
    return standing.is_live and standing.lead_id is not None and (not action.has_reported or action.is_returned)


def goes_out(lead: Lead, round_: ReportingRound, backend: str) -> bool:
    """Nothing of an illustrative lead or round leaves the machine."""
    return not (lead.is_illustrative or round_.is_illustrative) or stays_here(backend)


# Reading


@dataclass(frozen=True, slots=True)
class Awaited:
    """An action whose lead is asked for an update. `remark` is what the officer said who returned the last one."""

    plan: Strategy
    standing: Standing
    remark: str = ""

    @property
    def said_on(self) -> date | None:
        return self.standing.said.said_on if self.standing.said else None

    @property
    def age(self) -> tuple:
        """Oldest first: never said, then the longest silent, then what is due soonest."""
        return (self.said_on or date.min, self.standing.due_on or date.max, self.standing.ref)


@dataclass(frozen=True, slots=True)
class DueLetter:
    lead: Lead
    stage: ReminderStage
    awaited: list[Awaited]


def open_rounds(moment: datetime) -> list[ReportingRound]:
    opened = ReportingRound.objects.filter(Q(closed_at__isnull=True) | Q(closed_at__gt=moment), opened_at__lte=moment)
    going_ahead = Q(meeting__in=Meeting.objects.going_ahead(moment))
    return list(opened.filter(going_ahead).select_related("meeting__area").order_by("opened_at"))


def days_of(round_: ReportingRound) -> dict[ReminderStage, date]:
    opened_on = london_day(round_.opened_at) if round_.opened_at else round_.opens_on
    return stage_days(opened_on, round_.closes_on)


def awaited_by_lead(round_: ReportingRound, moment: datetime) -> dict[int, list[Awaited]]:
    """What each lead is asked for, by lead, oldest first; queries grow with plans, not with actions.

    Of a round that has not opened: what they would be asked for if it opened now.
    """
    found = defaultdict(list)
    for action in round_standing(round_, round_.meeting.area, moment).actions:
        if is_awaited(action):
            remark = action.check.review.remark if action.is_returned else ""
            found[action.standing.lead_id].append(Awaited(action.plan, action.standing, remark))
    return {lead: sorted(rows, key=lambda row: row.age) for lead, rows in found.items()}


def leads_with_address(area: Area, lead_ids, day: date) -> list[Lead]:
    leads = Lead.objects.in_post(day).filter(area=area, pk__in=list(lead_ids)).exclude(email="")
    return list(leads.select_related("user").order_by("name"))


def due_letters(round_: ReportingRound, moment: datetime, *, backend: str) -> list[DueLetter]:
    """What is to be sent now. A lead of whom nothing is awaited gets no letter."""
    day, days = london_day(moment), days_of(round_)
    awaited = awaited_by_lead(round_, moment)
    claimed = defaultdict(dict)
    for lead, stage, at in round_.reminders.values_list("lead", "stage", "claimed_at"):
        claimed[lead][ReminderStage(stage)] = london_day(at)
    has_officers = bool(officers_of(round_, backend=backend))
    found = []
    for lead in leads_with_address(round_.meeting.area, awaited, day):
        stage = due_stage(day, days, claimed[lead.pk])
        if stage is None or not goes_out(lead, round_, backend):
            continue
        if stage != ReminderStage.OVERDUE_COPY or has_officers:
            found.append(DueLetter(lead, stage, awaited[lead.pk]))
    return found


def officers_of(round_: ReportingRound, *, backend: str) -> list[User]:
    """Those who get copies and answers: the area's officers; made-up ones only where nothing leaves the machine."""
    officers = User.objects.filter(
        is_active=True, memberships__area=round_.meeting.area, memberships__role=Membership.Role.OFFICER
    )
    if not stays_here(backend):
        officers = officers.filter(is_illustrative=False)
    return list(officers.order_by("email"))


def may_not_have_gone(reminder: Reminder, now: datetime) -> bool:
    """Claimed, and not marked as sent, and nobody is about to."""
    return reminder.sent_at is None and (bool(reminder.problem) or now - reminder.claimed_at > ON_ITS_WAY)


# Writing


def claim(round_: ReportingRound, lead: Lead, stage: ReminderStage, *, at: datetime) -> Reminder | None:
    """Committed before anything is sent. None where somebody else has claimed it."""
    reminder = Reminder(
        round=round_,
        lead=lead,
        stage=stage,
        address=lead.email,
        claimed_at=at,
        is_illustrative=lead.is_illustrative or round_.is_illustrative,
    )
    try:
        with transaction.atomic(durable=True):
            reminder.save()
    except IntegrityError:
        return None
    return reminder


def claim_again(reminder: Reminder, *, seen_claimed_at: datetime, by: User, at: datetime) -> Reminder:
    """An officer's press. The row stays, says when it may have gone before and by whose press it goes again.

    Of two presses at once the second finds that it was claimed since.
    """
    if reminder.sent_at is not None:
        raise ValidationError(f"The letter to {reminder.lead} went in the meantime.")
    if not may_not_have_gone(reminder, at):
        raise ValidationError(f"The letter to {reminder.lead} is being sent. Look again in ten minutes.")
    before = reminder.claimed_at.astimezone(LONDON)
    said = f"May have gone on {in_words(before.date())} at {before:%H:%M} as well; sent again by {by}."
    waiting = Reminder.objects.filter(pk=reminder.pk, sent_at__isnull=True, claimed_at=seen_claimed_at)
    if not waiting.update(claimed_at=at, address=reminder.lead.email, problem=said[:250]):
        raise ValidationError(f"Somebody else is sending the letter to {reminder.lead} already.")
    reminder.claimed_at, reminder.address, reminder.problem = at, reminder.lead.email, said[:250]
    return reminder


def send(reminder: Reminder, message: EmailMessage, *, clock: Callable[[], datetime]) -> bool:
    """Whether it is known to have gone. What a mail server says against it stands with the row."""
    try:
        problem = "" if message.send() else "The mail server took no letter."
    except Exception as error:  # whatever a mail backend raises: the other letters still go
        problem = f"{type(error).__name__}: {error}"
    if problem:
        told = f"{reminder.problem} {problem}".strip()[:250]
        Reminder.objects.filter(pk=reminder.pk).update(problem=told)
        return False
    Reminder.objects.filter(pk=reminder.pk).update(sent_at=clock())
    return True


@dataclass
class Outcome:
    """What a run did with each letter, or with each row that it sent again."""

    sent: list = field(default_factory=list)
    failed: list = field(default_factory=list)
    taken: list = field(default_factory=list)
    is_cut_short: bool = False


def send_due(
    round_: ReportingRound,
    due: list[DueLetter],
    *,
    clock: Callable[[], datetime],
    compose: Callable[[DueLetter], EmailMessage],
    reconnect: Callable[[], bool] = lambda: True,
) -> Outcome:
    """Each letter is claimed, then made, then sent; what another run has claimed is left to it.

    After a failure the mail server is asked anew (`reconnect`): where it is gone, the rest stays unclaimed.
    """
    outcome = Outcome()
    for letter in due:
        reminder = claim(round_, letter.lead, letter.stage, at=clock())
        if reminder is None:
            outcome.taken.append(letter)
        elif send(reminder, compose(letter), clock=clock):
            outcome.sent.append(letter)
        else:
            outcome.failed.append(letter)
            if not reconnect():
                outcome.is_cut_short = True
                break
    return outcome


def send_doubtful(
    picked: list[tuple[Reminder, datetime]],
    *,
    by: User,
    clock: Callable[[], datetime],
    compose: Callable[[Reminder], EmailMessage],
    reconnect: Callable[[], bool],
) -> Outcome:
    """Many letters that may not have gone, each with when it was seen to be claimed; at most once each a press."""
    outcome = Outcome()
    for reminder, seen_claimed_at in picked:
        try:
            claim_again(reminder, seen_claimed_at=seen_claimed_at, by=by, at=clock())
        except ValidationError:
            outcome.taken.append(reminder)
            continue
        if send(reminder, compose(reminder), clock=clock):
            outcome.sent.append(reminder)
            continue
        outcome.failed.append(reminder)
        if not reconnect():
            outcome.is_cut_short = True
            break
    return outcome


def is_reached_anew(connection) -> bool:
    """Whether the mail server answers after a failure."""
    try:
        connection.close()
        connection.open()
    except OSError:
        return False
    return True
