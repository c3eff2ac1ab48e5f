"""In how many browsers somebody is signed in, and the end of that."""

from collections import Counter
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from people.models import User


def open_sessions(users: list[int], at: datetime) -> Counter[int]:
    """How many each of them has, by the id of the person, in one query. What ran out counts no more."""
    alive = Session.objects.filter(expire_date__gt=at).values("session_key")
    return Counter(UserSession.objects.filter(user__in=users, session_key__in=alive).values_list("user", flat=True))


def end_sessions(user: User) -> int:
    """How many there were. Each browser is led to signing in at its next step, with what was typed kept."""
    sessions = list(user.usersession_set.all())
    for session in sessions:
        session.end()
    return len(sessions)
