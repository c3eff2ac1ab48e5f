"""How long things are kept (docs/safekeeping.md), and what takes them away when their time has come.

What the Board saw stays: reports, figures, decisions, papers and their histories have no end here. What goes is what was
only ever in passing, or is about people who came and went. Each rule is one function of a moment and a period.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce, Greatest

from board.models import Reminder
from kpis.dfe import storing
from people import parking
from people.models import AuditEntry, Invitation, Membership, User
from strategies.models import Area
from workstrands import evidence, plan_files

# In days; each can be set by RETAIN_<NAME>_DAYS.
DEFAULTS = {"sign_in_attempts": 90, "invitations": 180, "letters": 730, "leavers": 90, "audit": 6 * 365 + 2}
LONGEST = 100 * 366


class OwnerOnly(Exception):
    """The database does not let this role remove entries of the audit log."""


@dataclass(frozen=True)
class Rule:
    """`period` names one of `DEFAULTS`; none where the code that makes such things sets it."""

    what: str
    carry_out: Callable[[datetime, timedelta], int]
    period: str = ""
    words: str = ""


def periods() -> dict[str, timedelta]:
    given = getattr(settings, "RETENTION_DAYS", {})
    unknown = sorted(given.keys() - DEFAULTS.keys())
    if unknown:
        names = ", ".join(f"RETAIN_{name.upper()}_DAYS" for name in DEFAULTS)
        raise ImproperlyConfigured(f"RETAIN_{unknown[0].upper()}_DAYS is no period of retention. There are {names}.")
    return {name: timedelta(days=_days(name, given.get(name, days))) for name, days in DEFAULTS.items()}


def _days(name: str, value) -> int:
    text = str(value).strip()
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LONGEST):
        raise ImproperlyConfigured(f"RETAIN_{name.upper()}_DAYS is no whole number of days from 1 to {LONGEST:,}.")
    return int(text)


def retain(*, at: datetime, rehearse: bool = False, with_audit: bool = False) -> list[tuple[Rule, int]]:
    """What each rule took away, or would. All of it, or nothing where the database refuses."""
    kept_for = periods()
    rules = [rule for rule in RULES if with_audit or rule.period != "audit"]
    with transaction.atomic():
        done = [(rule, rule.carry_out(at, kept_for.get(rule.period, timedelta()))) for rule in rules]
        transaction.set_rollback(rehearse)
    return [*done, (FILES, _files(at, rehearse=rehearse))]


# The rules


def _figure_imports(at: datetime, period: timedelta) -> int:
    return storing.clear_abandoned(at=at)


def _plan_files(at: datetime, period: timedelta) -> int:
    areas = Area.objects.filter(plan_files__state__in=plan_files.WAITING).distinct()
    return sum(plan_files.clear_waiting(area, at=at) for area in areas)


def _parked_forms(at: datetime, period: timedelta) -> int:
    """They lie in sessions, which live on; a form is never given back after its hour anyway."""
    oldest, count = at.timestamp() - parking.SECONDS_KEPT, 0
    for session in Session.objects.filter(expire_date__gte=at).iterator():
        data = session.get_decoded()
        if parking.SLOT in data and data[parking.SLOT]["at"] < oldest:
            del data[parking.SLOT]
            Session.objects.filter(pk=session.pk).update(session_data=Session.objects.encode(data))
            count += 1
    return count


def _sessions(at: datetime, period: timedelta) -> int:
    """Those that have ended, and what is noted of each beside it."""
    gone = _deleted(Session.objects.filter(expire_date__lt=at))
    _deleted(UserSession.objects.filter(~Exists(Session.objects.filter(pk=OuterRef("session_key")))))
    return gone


def _sign_in_attempts(at: datetime, period: timedelta) -> int:
    kept = (AccessAttempt, AccessFailureLog, AccessLog)
    return sum(_deleted(model.objects.filter(attempt_time__lt=at - period)) for model in kept)


def _invitations(at: datetime, period: timedelta) -> int:
    """Used, withdrawn or run out; that somebody joined is in the history of their role."""
    ended = Coalesce("accepted_at", "withdrawn_at", "expires_at")
    return _deleted(Invitation.objects.alias(ended_at=ended).filter(ended_at__lt=at - period))


def _letters(at: datetime, period: timedelta) -> int:
    """Their addresses. That a letter went stays: its row is what keeps it from going twice."""
    old = Reminder.objects.filter(round__closed_at__isnull=False, claimed_at__lt=at - period)
    return old.exclude(address="", problem="").update(address="", problem="")


def leavers(before: datetime):
    """Those who belong to no area or may not sign in, and whose last role and last sign-in ended before."""
    roles = Membership.history.model.objects.filter(user=OuterRef("pk"), history_date__gte=before)
    gone = User.objects.filter(Q(is_active=False) | Q(memberships__isnull=True), is_superuser=False)
    last_seen = Greatest("joined_at", Coalesce("last_login", "joined_at"))
    return gone.alias(last_seen=last_seen).filter(~Exists(roles), last_seen__lt=before).distinct()


def _leavers(at: datetime, period: timedelta) -> int:
    """What only served to sign them in; their name stays beside what they wrote."""
    held = Q(pk__in=Authenticator.objects.values("user")) | Q(pk__in=SocialAccount.objects.values("user"))
    people = list(leavers(at - period).filter(held).values_list("pk", flat=True))
    for model in (Authenticator, SocialAccount, UserSession):
        _deleted(model.objects.filter(user__in=people))
    return len(people)


def _audit(at: datetime, period: timedelta) -> int:
    try:
        with transaction.atomic():
            return _deleted(AuditEntry.objects.filter(at__lt=at - period))
    except DatabaseError as error:
        raise OwnerOnly(str(error).strip()) from error


def old_audit_entries(at: datetime) -> int:
    return AuditEntry.objects.filter(at__lt=at - periods()["audit"]).count()


def _files(at: datetime, *, rehearse: bool) -> int:
    names = evidence.unnamed_files(at)
    if not rehearse:
        for name in names:
            evidence.remove_unnamed(name)
    return len(names)


def _deleted(rows) -> int:
    return rows.delete()[1].get(rows.model._meta.label, 0)


RULES = [
    Rule("figure imports that nobody confirmed", _figure_imports, words="a day"),
    Rule("plans and workbooks that nobody confirmed", _plan_files, words="7 days"),
    Rule("forms parked when a session ran out", _parked_forms, words="an hour"),
    Rule("sessions that have ended", _sessions),
    Rule("sign-in attempts", _sign_in_attempts, "sign_in_attempts"),
    Rule("invitations that were used, withdrawn or ran out", _invitations, "invitations"),
    Rule("addresses of letters of closed rounds", _letters, "letters"),
    Rule("leavers’ second factors and links to their organisation’s sign-in", _leavers, "leavers"),
    Rule("entries of the audit log", _audit, "audit"),
]
FILES = Rule("stored files that no row names", lambda at, period: 0, words="an hour")
