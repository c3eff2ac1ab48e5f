"""A form as it was sent, to be shown on a page that refuses it for now and to be sent again from there.

Parked forms (`people/parking.py`) lie in the session, which is in the database; where that is away, or is to be spared, the page
itself carries the text. It carries the token that came with the form and none of its own: a form that another site sent is
shown, and still refused when it is sent again. The page: `templates/includes/sent_form.html`.
"""

from dataclasses import dataclass, field

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.datastructures import MultiValueDict

from people.parking import MOST_CHARACTERS
from send_tracker.body_bounds import most_for

TOKEN = "csrfmiddlewaretoken"
SECRET = ("password", "secret", "otp", "credential", "recovery")  # in the name of a field: never shown
OF_SIGNING_IN = "/accounts/"  # its forms hold passwords and codes: nothing of them comes back


@dataclass
class Sent:
    """A form as it came. `typed` is what somebody wrote, `rest` what they chose or the page added."""

    token: str = ""
    typed: list[tuple[str, str, str]] = field(default_factory=list)  # name, name in words, text
    rest: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, str, str]] = field(default_factory=list)  # name of the field, its id, name of the file
    is_withheld: bool = False  # it holds what must not be shown, or is too long


def what_was_sent(request: HttpRequest) -> Sent:
    if request.path.startswith(OF_SIGNING_IN) or not may_be_read(request):
        return Sent(is_withheld=True)
    try:
        return sorted_out(request.POST, request.FILES)
    except Exception:  # a form that cannot be read, or that was broken off: the page is shown all the same
        return Sent(is_withheld=True)


def may_be_read(request: HttpRequest) -> bool:
    """The database may have gone before the size of what is sent was looked at (body_bounds.py)."""
    try:
        name = resolve(request.path_info).view_name
    except Resolver404:
        return False
    stated = str(request.META.get("CONTENT_LENGTH") or "0")
    return stated.isascii() and stated.isdigit() and int(stated[:20]) <= most_for(name)


def sorted_out(posted: MultiValueDict, files: MultiValueDict) -> Sent:
    fields = [(name, text) for name, texts in posted.lists() for text in texts if name != TOKEN]
    is_too_long = sum(len(text) for _, text in fields) > MOST_CHARACTERS
    if not fields or is_too_long or any(is_secret(name) for name, _ in fields):  # none: it could not be read
        return Sent(is_withheld=True)
    sent = Sent(token=posted.get(TOKEN, ""))
    for name, text in fields:
        if is_typed(text):
            sent.typed.append((name, in_words(name), text))
        else:
            sent.rest.append((name, text))
    sent.files = [(name, f"file-{name}", file.name) for name, given in files.lists() for file in given]
    return sent


def is_secret(name: str) -> bool:
    return any(part in name.lower() for part in SECRET)


def is_typed(text: str) -> bool:
    """Words of somebody, rather than a choice, a number or a mark of the page."""
    return len(text.split()) > 1


def in_words(name: str) -> str:
    return name.rsplit("-", 1)[-1].replace("_", " ").strip().capitalize() or name
