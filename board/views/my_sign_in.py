"""A person's own page of how they sign in: their sessions, second step and tokens."""

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404
from django.shortcuts import redirect, render
from django.views import View

from common.dates import moment_in_words
from people.access_tokens import tokens_of
from people.devices import device_in_words
from people.idling import ends_at
from people.scoping import memberships_of


class MySignInView(View):
    def dispatch(self, request, *args, **kwargs):
        request.nav = "my"
        request.memberships = memberships_of(request.user)
        self.sessions = UserSession.objects.purge_and_list(request.user)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        context = {
            "sessions": [
                (session, device_in_words(session.user_agent))
                for session in sorted(self.sessions, key=lambda session: session.created_at, reverse=True)
            ],
            "here": request.session.session_key,
            "has_second_step": is_mfa_enabled(request.user),
            "has_password": request.user.has_usable_password(),
            "live_tokens": tokens_of(request.user).filter(revoked_at__isnull=True).count(),
            "memberships": request.memberships,
            "idle_minutes": settings.SESSION_IDLE_MINUTES,
            "longest_hours": settings.SESSION_LONGEST_HOURS,
            "ends_at": moment_in_words(ends_at(request)),
        }
        response = render(request, "board/my_sign_in.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def post(self, request):
        """One session, or all but this one. Only one's own are looked among."""
        if request.GET.get("as_at"):
            raise Http404("The past cannot be changed.")
        asked = request.POST.get("end", "")
        if not asked:
            messages.warning(request, "Nothing was chosen: press the button beside a session.")
            return redirect("board:my-sign-in")
        ended = [each for each in self.sessions if asked in ("others", str(each.pk))]
        if asked == "others":
            ended = [each for each in ended if each.session_key != request.session.session_key]
        if not ended and asked != "others":
            raise Http404("No such session.")
        is_here = any(each.session_key == request.session.session_key for each in ended)
        for session in ended:
            session.end()
        if is_here:
            logout(request)
            return redirect("account_login")
        messages.success(request, "That session has ended." if asked != "others" else "All other sessions have ended.")
        return redirect("board:my-sign-in")
