"""How much may be sent to an address: refused by its stated size, before any of it is read.

Few addresses take files. What each may take is what its form allows and a little for the rest of the form.
"""

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string

from board.round_trip.reading import MOST_BYTES as MOST_OF_WORKBOOK
from common.zip_bounds import MOST_BYTES as MOST_OF_PLAN
from kpis.dfe.guidance import MOST_BYTES as MOST_OF_DESCRIPTION
from kpis.dfe.reading import MOST_BYTES as MOST_OF_OPEN_DATA
from workstrands.forms.update import EVIDENCE_ROWS

MB = 1024 * 1024
MOST_OF_COOKIES = (
    8_190  # letters, as many as gunicorn lets one header have; Python reads quoted ones at the square of their length
)
REST_OF_FORM = 5 * MB  # text with it, and the borders between parts


def bounds() -> dict[str, int]:
    """The most bytes by the name of an address that takes files."""
    evidence = settings.EVIDENCE_MAX_BYTES
    files = {
        "workstrands:update": EVIDENCE_ROWS * evidence,
        "board:evidence-add": evidence,
        "board:my-workbook": MOST_OF_WORKBOOK,
        "board:plan-import": MOST_OF_PLAN,
        "board:figures": MOST_OF_WORKBOOK,
        "board:import": MOST_OF_OPEN_DATA + 2 * MOST_OF_DESCRIPTION,
    }
    return {name: most + REST_OF_FORM for name, most in files.items()}


def most_for(name: str | None) -> int:
    return bounds().get(name or "", settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1 * MB)


class BodyBoundMiddleware:
    """Stands before whatever reads a body or a cookie. A body of no stated size is not read by Django at all, so it is refused too."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if len(request.META.get("HTTP_COOKIE", "")) > MOST_OF_COOKIES:
            return refusal(
                400, "More cookies were sent than this site ever sets. Clear those of this site in your browser."
            )
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if "HTTP_TRANSFER_ENCODING" in request.META:
            return refusal(411, "Say how much is sent (Content-Length).")
        stated, most = str(request.META.get("CONTENT_LENGTH") or "0"), most_for(request.resolver_match.view_name)
        if not (stated.isascii() and stated.isdigit()):
            return refusal(400, "The size that was stated is no number.")
        if int(stated[:20]) <= most:
            return None
        return HttpResponse(render_to_string("413.html", {"most": f"{most // MB} MB"}), status=413)


def refusal(status: int, words: str) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
