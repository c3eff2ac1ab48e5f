"""The Board's meetings in their order, as known by a moment: how each stands, what is planned, when somebody was there."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, QuerySet

from board.decided import OPEN, decisions_known, log_known
from board.models import Pack
from common.dates import end_of_day, in_words, london_day
from strategies.models import Area, Meeting, ReportingRound, Strategy


def called_off_because(meeting: Meeting, moment: datetime) -> str:
    """Why a meeting was called off by a moment; empty where it was not."""
    return meeting.cancelled_because if meeting.is_called_off(moment) else ""


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """`called_off` says why, of a meeting that was."""

    meeting: Meeting
    round: ReportingRound | None
    round_words: str
    decisions: int
    decisions_open: int
    log_open: int
    packs: int
    called_off: str = ""


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
        off = called_off_because(meeting, moment)
        lines.append(MeetingLine(meeting, found, words, total, still_open, log_open, packs[meeting.pk], off))
    return lines


def _counted(rows: QuerySet) -> dict[int, tuple[int, int]]:
    """(all, open) by meeting."""
    counted = rows.order_by().values("meeting").annotate(total=Count("pk"), still_open=Count("pk", filter=OPEN))
    return {row["meeting"]: (row["total"], row["still_open"]) for row in counted}


def neighbours(meeting: Meeting, moment: datetime) -> tuple[Meeting | None, Meeting | None]:
    """The meetings before and after one, of those that were not called off."""
    others = Meeting.objects.going_ahead(moment).filter(area=meeting.area_id)
    before = others.filter(held_on__lt=meeting.held_on).order_by("-held_on").first()
    return before, others.filter(held_on__gt=meeting.held_on).order_by("held_on").first()


# Since when somebody was last there


def last_attended(user, area: Area, on: date) -> Meeting | None:
    """The last meeting before a day at which a signed-in person was noted as there; one query."""
    there = Meeting.objects.going_ahead(end_of_day(on)).filter(attendances__user=user, attendances__is_present=True)
    return there.filter(area=area, held_on__lt=on).order_by("-held_on").first()


def attended_compare_address(user, area: Area, on: date, *, strategy: Strategy | None = None) -> tuple[str, str]:
    """(address, words) of the board page compared with the meeting that somebody last attended; empty where none is."""
    meeting = last_attended(user, area, on)
    if meeting is None:
        return "", ""
    base = f"/{area.slug}/{strategy.slug}/" if strategy else f"/{area.slug}/"
    return f"{base}?compare={meeting.held_on}", f"Since the meeting you last attended, {in_words(meeting.held_on)}"
