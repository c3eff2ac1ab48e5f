"""What a browser may keep of pages that were made for somebody who is signed in.

Nothing of the pages about signing in and about people (`no-store`); of others a copy of their own that they ask about before
showing it (`private, no-cache`), so that the Back button is quick and a shared cache on the way keeps none. Where a session
ends, browsers are told to drop what they hold: on a shared machine the Back button then shows the next person nothing.
A page that says itself what may be kept (files, the public page) is left alone.
"""

from django.contrib.auth import SESSION_KEY

NOTHING = "no-store, private"
ASK_FIRST = "private, no-cache"
OF_SIGNING_IN = ("account_", "mfa_", "join", "openid_connect_", "socialaccount_")


class BrowserCacheMiddleware:
    """Stands after authentication, around what may end a session."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        was_signed_in = SESSION_KEY in request.session
        response = self.get_response(request)
        accessed = request.session.accessed
        is_signed_in = SESSION_KEY in request.session
        request.session.accessed = (
            accessed  # that it was looked at here is no reason to keep a page for each cookie apart
        )
        if "Cache-Control" not in response.headers and (kept := may_be_kept(request, is_signed_in or was_signed_in)):
            response.headers["Cache-Control"] = kept
        if was_signed_in and not is_signed_in:
            response.headers["Clear-Site-Data"] = '"cache"'
        return response


def may_be_kept(request, is_personal: bool) -> str | None:
    """None where it is nobody's own page, and nothing need be said."""
    match = request.resolver_match
    if match and match.view_name.startswith(OF_SIGNING_IN):
        return NOTHING
    if not is_personal:
        return None
    tells_of_people = match and getattr(getattr(match.func, "view_class", None), "tells_of_people", False)
    return NOTHING if tells_of_people else ASK_FIRST
