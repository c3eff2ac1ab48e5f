"""One's own calendar: the page that makes and revokes its link, and the file behind the link."""

from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.utils.http import http_date
from django.views import View

from board.feeds import calendar_file, entries_of, find_feed, make_feed, note_read, revoke_feeds, whose_feed
from board.models import CalendarFeed
from people import auditing
from people.scoping import memberships_of


class MyCalendarView(View):
    """The link is shown once, in the answer to the press that makes it."""

    def get(self, request):
        return self.show(request)

    def post(self, request):
        if request.GET.get("as_at"):
            raise Http404("The past cannot be changed.")
        press, now = request.POST.get("press"), timezone.now()
        if press == "make":
            token = make_feed(request.user, at=now)
            return self.show(request, address=settings.SITE_ADDRESS + reverse("board:feed", args=[token]))
        if press == "revoke":
            gone = revoke_feeds(request.user, at=now)
            messages.success(request, "The calendar link opens nothing any more." if gone else "There was no link.")
        else:
            messages.warning(request, "Nothing was chosen: press one of the buttons.")
        return redirect("board:my-calendar")

    def show(self, request, *, address: str = ""):
        request.nav = "my"
        request.memberships = memberships_of(request.user)
        feed = CalendarFeed.objects.filter(user=request.user, revoked_at__isnull=True).first()
        response = render(request, "board/my_calendar.html", {"feed": feed, "address": address})
        response["Cache-Control"] = "no-store"
        return response


@method_decorator(login_not_required, name="dispatch")
class FeedView(View):
    """For calendar programs, which cannot sign in: whoever has the link has the calendar."""

    def get(self, request, token):
        feed, now = find_feed(token), timezone.now()
        if feed is None:
            about = {"what": "A calendar's link that opens nothing", "user": whose_feed(token)}
            auditing.note_refused_visitor(request, at=now, **about)
            raise Http404("No such calendar.")
        entries = entries_of(feed.user, now, site=settings.SITE_ADDRESS)
        changed_at = max([feed.made_at, *(entry.changed_at for entry in entries if entry.changed_at <= now)])
        host = urlsplit(settings.SITE_ADDRESS).hostname or "localhost"
        text = calendar_file(entries, name="SEND strategy", host=host)
        note_read(feed, at=now)
        return self.answer(request, text, changed_at)

    @staticmethod
    def answer(request, text: str, changed_at):
        """304 by the ETag alone: a meeting taken out of the calendar leaves no later moment behind."""
        etag = f'"{sha256(text.encode()).hexdigest()[:32]}"'
        response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="send-strategy.ics"'
        response["ETag"] = etag
        response["Last-Modified"] = http_date(changed_at.timestamp())
        response = get_conditional_response(request, etag=etag, response=response)
        response["Cache-Control"] = "private, no-cache"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response
