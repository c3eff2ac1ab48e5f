"""Links for leads who never sign in: each opens one lead's update forms, for one round, and nothing else.

What is said through one is a report like any other, without an author, on behalf of the lead: nobody proved who they
are, so it stands as not yet checked until an officer has accepted it.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, Subquery

from board.models import RoundLink
from common.dates import london_day
from common.secret_links import digest_of, new_token
from common.text import tidy
from people.models import Lead
from strategies.changes import in_area
from strategies.models import Area, ReportingRound
from workstrands.models import Action, Evidence, Placement, ProgressUpdate
from workstrands.reporting import (
    SAID,
    SAME_WITHIN,
    Conflict,
    closed_because,
    may_repeat,
    repeat_status,
    repeats_running,
    report_progress,
)
from workstrands.saying import is_said_through_link
from workstrands.standing import Standing
from workstrands.status import UpdateKind

OPEN, ENDED, REVOKED = "open", "ended", "revoked"


# Rules


def state_of(link: RoundLink, moment: datetime) -> str:
    """A link ends when its round closes, when it is revoked, and when its lead has left."""
    if link.revoked_at and link.revoked_at <= moment:
        return REVOKED
    has_left = link.lead.left_on and link.lead.left_on <= london_day(moment)
    return OPEN if link.round.is_open(moment) and not has_left else ENDED


def gets_link(lead: Lead, area: Area) -> bool:
    """Where the area sends them, to leads who have never signed in."""
    signs_in = lead.user is not None and lead.user.is_active and lead.user.last_login is not None
    return area.sends_round_links and not signs_in


# Reading


def find_link(token: str) -> RoundLink | None:
    return _links().filter(digest=digest_of(token)).first()


def link_numbered(pk: int) -> RoundLink | None:
    return _links().filter(pk=pk).first()


def _links():
    return RoundLink.objects.select_related("lead__area", "round__meeting__area")


def actions_behind(link: RoundLink, moment: datetime) -> list[Action]:
    """The actions that the link opens: those which its lead leads now and which can be reported on."""
    placed = Placement.objects.filter(action=OuterRef("pk"), recorded_at__lte=moment).order_by("-number")
    led = Action.objects.annotate(led_by=Subquery(placed.values("lead")[:1])).filter(
        area=link.lead.area_id, led_by=link.lead_id, strategy__state="published"
    )
    found = led.select_related("strategy", "area", "partner").order_by("strategy", "position")
    return [one for one in found if not closed_because(one.strategy, one.retired_on, london_day(moment))]


def repeatable(found: Iterable[Standing], moment: datetime) -> set[int]:
    """Of some actions, those of which "Nothing has changed" is enough, by the rules for those who sign in; one query."""
    found, on = list(found), london_day(moment)
    repeats = repeats_running([one.id for one in found], moment)
    return {one.id for one in found if may_repeat(one.reported, repeats=repeats[one.id], due_on=one.due_on, on=on)}


# Writing


def make_link(round_: ReportingRound, lead: Lead, *, at: datetime) -> str:
    """The secret part of a new link, shown once: in the letter."""
    token = new_token()
    RoundLink.objects.create(
        round=round_,
        lead=lead,
        digest=digest_of(token),
        made_at=at,
        is_illustrative=lead.is_illustrative or round_.is_illustrative,
    )
    return token


def note_use(link: RoundLink, *, at: datetime) -> None:
    RoundLink.objects.filter(pk=link.pk).update(last_used_at=at)


def revoke(round_: ReportingRound, lead: Lead, *, at: datetime) -> int:
    """Ends every link of a lead in a round that was made so far. How many there were."""
    return RoundLink.objects.filter(round=round_, lead=lead, revoked_at__isnull=True).update(revoked_at=at)


def switch(area: Area, *, on: bool, at: datetime) -> None:
    """Switched off, the links that are out end too: whoever switches them off wants no more of them."""
    with transaction.atomic():
        Area.objects.filter(pk=area.pk).update(sends_round_links=on)
        if not on:
            out = RoundLink.objects.filter(round__meeting__area=area, revoked_at__isnull=True)
            out.filter(round__closed_at__isnull=True).update(revoked_at=at)


def report_through_link(link: RoundLink, action: Action, *, at: datetime, seen_number: int, **said) -> ProgressUpdate:
    """A report without an author. The same report sent twice is written once.

    `report_progress` knows a report that was sent twice by its author, and a made-up one by its made-up author. Here
    there is none, so both are seen to here.
    """
    said = {**said, "on_behalf_of": link.lead}
    try:
        with in_area(action.area_id), transaction.atomic():
            update = report_progress(action, by=None, at=at, seen_number=seen_number, **said)
            if link.is_illustrative:
                _mark_as_made_up(update)
    except Conflict as conflict:
        if conflict.latest is not None and _is_same(conflict.latest, action, said, at):
            return conflict.latest
        raise
    return update


def repeat_through_link(link: RoundLink, action: Action, *, at: datetime, seen_number: int) -> ProgressUpdate:
    """Nothing has changed, without an author, on behalf of the lead. The same press sent twice is written once."""
    try:
        with in_area(action.area_id), transaction.atomic():
            update = repeat_status(action, by=None, at=at, seen_number=seen_number, on_behalf_of=link.lead)
            if link.is_illustrative:
                _mark_as_made_up(update)
    except Conflict as conflict:
        latest = conflict.latest
        if latest is not None and _is_same_press(latest, link, at):
            return latest
        raise
    return update


def _is_same_press(latest: ProgressUpdate, link: RoundLink, at: datetime) -> bool:
    is_repeat = latest.kind == UpdateKind.NO_CHANGE and latest.on_behalf_of_id == link.lead_id
    return is_repeat and is_said_through_link(latest) and at - latest.recorded_at <= SAME_WITHIN


def _mark_as_made_up(update: ProgressUpdate) -> None:
    """In the transaction that writes it, so that nobody has seen it unmarked: it goes when its lead goes."""
    for rows in (ProgressUpdate._base_manager.filter(pk=update.pk), update.evidence.all()):
        rows.update(is_illustrative=True)
    Evidence.history.filter(update=update).update(is_illustrative=True)


def _is_same(latest: ProgressUpdate, action: Action, said: dict, at: datetime) -> bool:
    if not is_said_through_link(latest) or at - latest.recorded_at > SAME_WITHIN:
        return False
    evidence = sorted(latest.evidence.values_list("title", "kind", "url"))
    typed = ProgressUpdate(action=action, **{name: value for name, value in said.items() if name != "evidence"})
    same_words = all(_kept(getattr(latest, name)) == _kept(getattr(typed, name)) for name in SAID)
    return same_words and evidence == sorted(said.get("evidence", ()))


def _kept(value):
    return tidy(value) if isinstance(value, str) else value
