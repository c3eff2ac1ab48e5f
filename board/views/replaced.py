"""Addresses of an action are mailed and printed. Once it was merged or split, everything below the old one leads on.

A past day on which it was still in the plan shows it as it was. What somebody was writing when it was merged is parked,
and stands in the form of the action that it leads to; nothing is sent by itself.
"""

from datetime import datetime
from functools import wraps

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import NoReverseMatch, URLPattern, reverse
from django.utils import timezone

from people.parking import SLOT, park
from people.scoping import past
from workstrands.models import Action

BELOW = "<slug:area>/actions/<slug:key>/"
MOST_STEPS = 20
ONE_PRESS = "workstrands:no-change"
ITSELF = "action"  # the page of an action asks by itself (`leads_to`), since it has read the action


def following_replacements(patterns: list[URLPattern]) -> list[URLPattern]:
    """All addresses below an action lead on from one that another took the place of. `?own=1` stays with the old one."""
    for pattern in patterns:
        if str(pattern.pattern).startswith(BELOW) and pattern.name != ITSELF:
            pattern.callback = _following(pattern.callback)
    return patterns


def _following(view):
    @wraps(view)
    def led_on(request, *args, **kwargs):
        old = replaced(request, kwargs["area"], kwargs["key"])
        if old is None or request.GET.get("own") == "1" or _shows_the_past(request, old):
            return view(request, *args, **kwargs)
        return _led_on(request, old, kwargs)

    return led_on


def replaced(request, area: str, key: str) -> Action | None:
    """One query: an action of an area of the visitor's that another took the place of."""
    if not request.user.is_authenticated or "\x00" in area + key:
        return None
    found = Action.objects.filter(area__slug=area, key=key, replaced_by__isnull=False, retired_at__isnull=False)
    return found.filter(area__memberships__user=request.user).select_related("replaced_by").first()


def _shows_the_past(request, old: Action) -> bool:
    try:
        asked = past(request.GET.get("as_at", ""), timezone.now(), name="as_at")
    except Http404:
        return True  # the page says what is wrong with it
    return asked is not None and asked.moment < old.retired_at


def leads_to(action: Action, moment: datetime) -> Action | None:
    """What took the place of an action by a moment."""
    if not (action.replaced_by_id and action.retired_at and action.retired_at <= moment):
        return None
    return stays_for(action)


def stays_for(old: Action) -> Action:
    """The action at the end of the way."""
    stays = old.replaced_by
    for _ in range(MOST_STEPS):
        if not stays.retired_at or not stays.replaced_by_id:
            break
        stays = stays.replaced_by
    return stays


def _led_on(request, old: Action, kwargs):
    stays = stays_for(old)
    name = request.resolver_match.view_name
    is_sent = request.method == "POST"
    name = "workstrands:update" if is_sent and name == ONE_PRESS else name
    try:
        address = reverse(name, kwargs=kwargs | {"key": stays.key})
    except NoReverseMatch:
        address = reverse("board:action", args=[kwargs["area"], stays.key])
    query = request.META.get("QUERY_STRING", "")
    address = f"{address}?{query}" if query else address
    if is_sent:
        _keep(request, old, stays, address)
    return redirect(address)


def _keep(request, old: Action, stays: Action, address: str) -> None:
    """What was typed, for the page it leads to."""
    park(request)
    if SLOT in request.session:
        request.session[SLOT] = {**request.session[SLOT], "path": address}
    said = (
        f"{old.ref} became part of {stays.ref} while you were writing. Nothing was saved: what you wrote is kept below."
    )
    messages.warning(request, said)
