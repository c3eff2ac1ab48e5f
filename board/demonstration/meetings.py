"""What the demonstration's past meetings did: who came, what was decided, questioned and asked for; posts, never people.

All of it goes through the functions that officers' pages call, by the illustrative officer, on the day of the meeting.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from board.attending import APOLOGIES, PRESENT, Came, note_attendance
from board.closing import close_decision, close_log_entry
from board.deciding import record_decision
from board.forward import Planned, plan_forward
from board.minuting import add_to_log, note_challenge
from board.vocabulary import DecisionKind, Outcome
from common.dates import LONDON, end_of_day, last_day_of_month
from people.models import Lead, User
from strategies.models import Area, Meeting, Strategy
from workstrands.models import Action
from workstrands.standing import Standing, standings
from workstrands.status import Status

CLERK = "Clerk to the Board (illustrative)"
FORUM = "Parent carer forum representative (illustrative)"
TRUST = "Head of Neurodevelopmental Services (illustrative)"
ACCEPTED_FOR_DAYS = 120
# Post of the cast by its sign-in, or a name without one; the partner; whether they came to the first, and to the last.
MEMBERS = [
    ("board", "", "council", True, False),
    ("lead", "", "council", True, True),
    ("head-of-early-years", "", "council", True, True),
    ("lead2", "", "icb", False, True),
    ("", TRUST, "trust", True, True),
    ("", FORUM, "forum", True, True),
]


def play_meetings(
    area: Area, plans: Iterable[Strategy], users: dict[str, User], partners: dict, leads: dict[str, Lead], today: date
) -> None:
    """The area's illustrative meetings that were held, and what is planned for the next."""
    meetings = list(Meeting.objects.filter(area=area, is_illustrative=True).order_by("held_on"))
    held = [meeting for meeting in meetings if meeting.held_on < today]
    plans, officer = list(plans), users["officer"]
    for place, meeting in enumerate(held):
        meeting.area = area
        is_last = place == len(held) - 1
        _attend(meeting, users, partners, is_last=is_last, by=officer)
        running = [plan for plan in plans if plan.starts_on <= meeting.held_on <= plan.ends_on]
        if running:
            plan = max(running, key=lambda each: each.starts_on)
            (_last if is_last else _earlier)(meeting, plan, leads, by=officer)
    if meetings and meetings[-1].held_on >= today:
        _plan_ahead(area, meetings[-1], leads, by=officer, at=datetime.combine(today, time(9), tzinfo=LONDON))


def _at(meeting: Meeting, *, days: int = 0, hour: int = 15) -> datetime:
    return datetime.combine(meeting.held_on + timedelta(days=days), time(hour), tzinfo=LONDON)


def _attend(meeting: Meeting, users: dict[str, User], partners: dict, *, is_last: bool, by: User) -> None:
    lines = []
    for sign_in, name, partner, at_first, at_last in MEMBERS:
        user = users.get(sign_in)
        came = PRESENT if (at_last if is_last else at_first) else APOLOGIES
        lines.append(Came(name or user.name, came, partner=partners[partner], user=user))
    lines.append(Came(CLERK, PRESENT))
    note_attendance(meeting, lines, by=by, at=_at(meeting))


def _earlier(meeting: Meeting, plan: Strategy, leads: dict[str, Lead], *, by: User) -> None:
    """A decision and an entry of the log, both done before the meeting that followed."""
    decision = record_decision(
        meeting, kind=DecisionKind.OTHER, by=by, at=_at(meeting), owner=leads["engagement-lead"],
        text="Families are told, on the Local Offer, what has been done of the plan and what comes next.",
        due_on=meeting.held_on + timedelta(days=42),
    )  # fmt: skip
    said = "The page was published; the parent carer forum read it first."
    close_decision(decision, outcome=Outcome.DONE, text=said, by=by, at=_at(meeting, days=40))
    entry = add_to_log(
        meeting, text="Send members the dates of next year’s meetings.", owner_text=CLERK, by=by, at=_at(meeting)
    )
    close_log_entry(entry, outcome=Outcome.DONE, by=by, at=_at(meeting, days=6))


def _last(meeting: Meeting, plan: Strategy, leads: dict[str, Lead], *, by: User) -> None:
    """A decision that answers an ask and is open; what is off track, accepted until a date; challenge; an open entry."""
    standing = [each for each in standings(plan, _at(meeting)) if each.lead.endswith("(illustrative)")]
    asked = next((each for each in standing if each.said and each.said.ask), None)
    off_track = _accepted(plan, standing, meeting, but=asked)
    record_decision(
        meeting, kind=DecisionKind.OTHER, by=by, at=_at(meeting), action=_action(asked),
        owner=leads["joint-commissioning-manager"], due_on=meeting.held_on + timedelta(days=63),
        text="The partners say in writing by the next meeting what each will put in, and by when.",
    )  # fmt: skip
    if off_track:
        until = last_day_of_month(meeting.held_on + timedelta(days=ACCEPTED_FOR_DAYS))
        record_decision(
            meeting, kind=DecisionKind.ACCEPT_RED, by=by, at=_at(meeting), action=_action(off_track), until=until,
            text="The Board accepts that this is off track until the new posts are filled.",
            reason="The posts are advertised; nobody can start earlier.",
        )  # fmt: skip
    note_challenge(
        meeting, by=by, at=_at(meeting), action=_action(off_track or asked), raised_by=FORUM,
        text="What do families who wait notice of this work today?",
        answer="Not enough yet. The lead brings what families say to the next meeting.",
    )  # fmt: skip
    add_to_log(
        meeting, by=by, at=_at(meeting), owner=leads["head-of-send"], due_on=meeting.held_on + timedelta(days=56),
        text="Bring to the next meeting what families say of waiting times.",
    )  # fmt: skip


def _accepted(plan: Strategy, standing: list[Standing], meeting: Meeting, *, but: Standing | None) -> Standing | None:
    """One that is off track at the meeting and still four weeks on, where there is one."""
    red = [each for each in standing if Status.OFF_TRACK in (each.reported, each.assessed) and each is not but]
    later = {each.key: each for each in standings(plan, end_of_day(meeting.held_on + timedelta(days=28)))}
    lasting = [each for each in red if each.key in later and later[each.key].assessed == Status.OFF_TRACK]
    return next(iter([*lasting, *red]), None)


def _action(standing: Standing | None) -> Action | None:
    return Action.objects.select_related("strategy").get(pk=standing.id) if standing else None


def _plan_ahead(area: Area, meeting: Meeting, leads: dict[str, Lead], *, by: User, at: datetime) -> None:
    lines = [
        Planned(
            "Annual reviews: how timely, and what changes in the plans", meeting=meeting, lead=leads["head-of-send"]
        ),
        Planned("Preparing for adulthood: what young people say", lead=leads["preparing-for-adulthood-lead"]),
    ]
    plan_forward(area, lines, by=by, at=at)
