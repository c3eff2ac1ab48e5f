"""A person's calendar as a file (RFC 5545) that calendar programs fetch by a secret link.

It holds what the person would find on their own pages: the dates of the actions they lead, the rounds they report in,
and for officers and Board members every round and meeting of their areas. Nothing of an area that they have left.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from board.models import CalendarFeed
from common.dates import in_words, london_day, start_of_day
from common.secret_links import digest_of, new_token
from people.models import Lead, Membership, User
from strategies.models import Area, Meeting, ReportingRound, Strategy
from workstrands.reporting import closed_because
from workstrands.standing import standings

LONGEST_LINE = 75  # octets, as the standard counts
SEES_MEETINGS = (Membership.Role.OFFICER, Membership.Role.BOARD)
KEPT_PAST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Entry:
    """One whole day in the calendar. `key` stays the same when the day moves, so that the entry moves with it."""

    key: str
    day: date
    title: str
    text: str
    address: str
    changed_at: datetime
    is_off: bool = False  # of a meeting that was called off


# Rules: entries as a file


def escaped(text: str) -> str:
    """A text value: backslash, semicolon, comma and line ends are written with a backslash."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def folded(line: str) -> str:
    """At most 75 octets a line; each further line begins with a space. No character is cut in two."""
    lines, current = [], ""
    for character in line:
        room = LONGEST_LINE - bool(lines)
        if len((current + character).encode()) > room:
            lines.append(current)
            current = ""
        current += character
    return "\r\n ".join([*lines, current])


def calendar_file(entries: Iterable[Entry], *, name: str, host: str) -> str:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//SEND tracker//Calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        "X-PUBLISHED-TTL:PT12H",
    ]
    for entry in sorted(entries, key=lambda entry: (entry.day, entry.key)):
        lines += _event(entry, host)
    return "".join(f"{folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(entry: Entry, host: str) -> list[str]:
    stamp = f"{entry.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return [
        "BEGIN:VEVENT",
        f"UID:{entry.key}@{host}",
        f"DTSTAMP:{stamp}",
        f"LAST-MODIFIED:{stamp}",
        f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{entry.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(entry.title)}",
        f"DESCRIPTION:{escaped(entry.text)}",
        f"URL:{entry.address}",
        *(["STATUS:CANCELLED"] if entry.is_off else []),
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


# Reading


def find_feed(token: str) -> CalendarFeed | None:
    """None for a link that was never made or was revoked, and for a person who may no longer sign in."""
    live = CalendarFeed.objects.filter(revoked_at__isnull=True, user__is_active=True)
    return live.select_related("user").filter(digest=digest_of(token)).first()


def whose_feed(token: str) -> User | None:
    """Of a link that opens nothing any more."""
    feed = CalendarFeed.objects.select_related("user").filter(digest=digest_of(token)).first()
    return feed and feed.user


def entries_of(user: User, moment: datetime, *, site: str) -> list[Entry]:
    """Queries grow with the areas and plans of the person, not with actions or meetings."""
    found: list[Entry] = []
    for membership in user.memberships.select_related("area").order_by("area__name"):
        area = membership.area
        deadlines = _deadlines(user, area, moment, site)
        sees_all = membership.role in SEES_MEETINGS
        found += deadlines
        if sees_all or deadlines:
            found += _calendar(area, moment, site, with_meetings=sees_all)
    return found


def _deadlines(user: User, area: Area, moment: datetime, site: str) -> list[Entry]:
    day = london_day(moment)
    own = set(Lead.objects.in_post(day).filter(user=user, area=area).values_list("pk", flat=True))
    plans = Strategy.objects.published().filter(area=area) if own else []
    found = []
    for plan in plans:
        plan.area = area
        if closed_because(plan, None, day):
            continue
        led = [one for one in standings(plan, moment) if one.lead_id in own and one.due_on]
        found += [_deadline(plan, one, site) for one in led if one.is_live or one.starts_on > day]
    return found


def _deadline(plan: Strategy, standing, site: str) -> Entry:
    said = f"Last reported on {in_words(standing.said.said_on)}." if standing.said else "Nothing has been reported yet."
    return Entry(
        key=f"action-{standing.id}",
        day=standing.due_on,
        title=f"Due: {standing.ref} {standing.title}",
        text=f"{plan}, {plan.area}. {said}",
        address=site + reverse("board:action", args=[plan.area.slug, standing.key]),
        changed_at=standing.said.said_at if standing.said else start_of_day(plan.starts_on),
    )


def _calendar(area: Area, moment: datetime, site: str, *, with_meetings: bool) -> list[Entry]:
    since = london_day(moment) - KEPT_PAST
    rounds = _with_change(ReportingRound, meeting__area=area, closes_on__gte=since).select_related("meeting")
    found = [entry for each in rounds for entry in _round(area, each, moment, site)]
    if with_meetings:
        meetings = _with_change(Meeting, area=area, held_on__gte=since)
        found += [entry for each in meetings for entry in _meeting(area, each, moment, site)]
    return found


def _with_change(model, **where):
    """Each record with the moment at which it was last changed; none for one that stands as it was planned."""
    changes = model.history.filter(id=OuterRef("pk"), history_type="~").order_by("-history_date")
    return model.objects.filter(**where).annotate(changed_at=Subquery(changes.values("history_date")[:1]))


def _round(area: Area, each: ReportingRound, moment: datetime, site: str) -> list[Entry]:
    meeting = in_words(each.meeting.held_on)
    is_off = each.meeting.is_called_off(moment) and each.opened_at is None
    known = (each.opened_at, each.closed_at, each.changed_at, each.meeting.cancelled_at)
    changed = [at for at in known if at and at <= moment]
    stamp = max(changed, default=start_of_day(each.opens_on))
    closed = (
        f" Closed on {in_words(london_day(each.closed_at))}." if each.closed_at and each.closed_at <= moment else ""
    )
    address = site + reverse("board:my")
    return [
        Entry(f"round-{each.pk}-opens", each.opens_on, _title(area, "reporting opens", is_off),
              f"For the meeting of {meeting}.", address, stamp, is_off),
        Entry(f"round-{each.pk}-closes", each.closes_on, _title(area, "updates are asked for by today", is_off),
              f"For the meeting of {meeting}.{closed}", address, stamp, is_off),
    ]  # fmt: skip


def _title(area: Area, what: str, is_off: bool) -> str:
    return f"{'Called off: ' if is_off else ''}{area}: {what}"


def _meeting(area: Area, meeting: Meeting, moment: datetime, site: str) -> list[Entry]:
    address = site + reverse("board:meeting", args=[area.slug, meeting.held_on])
    is_changed = meeting.changed_at and meeting.changed_at <= moment
    stamp = meeting.changed_at if is_changed else start_of_day(meeting.held_on - KEPT_PAST)
    is_off = meeting.is_called_off(moment)
    text = f"The meeting was called off: {meeting.cancelled_because}" if is_off else "The Board meets."
    title = _title(area, "Partnership Board", is_off)
    found = [Entry(f"meeting-{meeting.pk}", meeting.held_on, title, text, address, stamp, is_off)]
    if meeting.papers_due_on:
        text = f"For the meeting of {in_words(meeting.held_on)}."
        title = _title(area, "papers are due", is_off)
        found.append(Entry(f"papers-{meeting.pk}", meeting.papers_due_on, title, text, address, stamp, is_off))
    return found


# Writing


def make_feed(user: User, *, at: datetime) -> str:
    """The secret part of a new link, shown once. A person has one link: the one before ends."""
    revoke_feeds(user, at=at)
    token = new_token()
    CalendarFeed.objects.create(user=user, digest=digest_of(token), made_at=at)
    return token


def revoke_feeds(user: User, *, at: datetime) -> int:
    return CalendarFeed.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=at)


def note_read(feed: CalendarFeed, *, at: datetime) -> None:
    """Once a day: a write makes every kept page old, and calendar programs ask by the hour."""
    if feed.last_read_at is None or london_day(feed.last_read_at) != london_day(at):
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_at=at)
