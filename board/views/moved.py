"""Addresses of a meeting bear its day, and are mailed and printed. Once it moved, the old day leads to the new one."""

from datetime import date
from functools import wraps

from django.http import Http404
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils.dateparse import parse_date

from people.models import User
from strategies.models import Meeting


def following_moves(patterns: list[URLPattern]) -> list[URLPattern]:
    """All addresses below a meeting's day lead on from a day that a meeting was moved from."""
    for pattern in patterns:
        if "day" in pattern.pattern.converters:
            pattern.callback = _following(pattern.callback)
    return patterns


def _following(view):
    @wraps(view)
    def led_on(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except Http404:
            day = moved_to(request.user, kwargs["area"], kwargs["day"])
            if day is None:
                raise
            address = reverse(request.resolver_match.view_name, kwargs=kwargs | {"day": day})
            query = request.META.get("QUERY_STRING", "")
            # What was typed before the meeting moved is sent on as it was: it is the same meeting.
            return redirect(f"{address}?{query}" if query else address, preserve_request=True)

    return led_on


def moved_to(user: User, area: str, day: str) -> date | None:
    """The day to which the meeting moved that stood on this day; none where one stands there now, or never did."""
    try:
        stood_on = parse_date(day)
    except ValueError:
        return None
    if stood_on is None or not user.is_authenticated:
        return None
    if Meeting.objects.filter(area__slug=area, held_on=stood_on).exists():
        return None
    stood = Meeting.history.filter(area__slug=area, held_on=stood_on, area__memberships__user=user)
    last = stood.order_by("-history_date", "-history_id").values_list("id", flat=True).first()
    return Meeting.objects.filter(pk=last).values_list("held_on", flat=True).first()
