"""Whether a password is known from a breach, as the service at `BREACHED_PASSWORDS_URL` has it: Have I Been Pwned, or a mirror of it.

Five characters of the password's SHA-1 digest leave the house; the service answers with the rest of every digest that begins so,
among others that it makes up (`Add-Padding`, with the count 0), so that neither it nor whoever listens learns which was meant.
Where it does not answer as it should the password is taken as far as this check goes, and the log says why, with nothing of it.
"""

import logging
import re
from hashlib import sha1
from http.client import HTTPException, HTTPResponse
from queue import Empty, SimpleQueue
from threading import Thread
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings

log = logging.getLogger(__name__)

SECONDS = 2.0  # in all, the name of the host included
MOST_BYTES = 1024 * 1024  # an answer has about 2,000 lines of 40
LEAVES_THE_HOUSE = 5
LINE = re.compile(r"(?P<rest>[0-9A-F]{35}):(?P<count>\d{1,12})", re.ASCII)


class NoAnswer(Exception):
    """The text says what came instead, in our own words."""


class _RedirectsRefused(HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None  # urllib then raises the answer as an HTTPError


def is_breached(password: str) -> bool:
    """No where no service is set, or where it does not answer."""
    if not settings.BREACHED_PASSWORDS_URL:
        return False
    digest = sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    try:
        counts = _counts(_asked_in_time(digest[:LEAVES_THE_HOUSE]))
    except NoAnswer as problem:
        log.warning("A new password was not held against breached ones: the service %s.", problem)
        return False
    return counts.get(digest[LEAVES_THE_HOUSE:], 0) > 0


def _asked_in_time(prefix: str) -> bytes:
    """By a thread of its own: neither the look-up of a name nor an answer that comes in drops keeps to the time-out of a socket."""
    answers: SimpleQueue[bytes | NoAnswer] = SimpleQueue()
    Thread(target=lambda: answers.put(_asked(prefix)), name="breached-passwords", daemon=True).start()
    try:
        answer = answers.get(timeout=SECONDS)
    except Empty:
        raise NoAnswer(f"did not answer within {SECONDS:g} seconds") from None
    if isinstance(answer, NoAnswer):
        raise answer
    return answer


def _asked(prefix: str) -> bytes | NoAnswer:
    address = f"{settings.BREACHED_PASSWORDS_URL.rstrip('/')}/{prefix}"
    request = Request(address, headers={"Add-Padding": "true", "User-Agent": "SEND tracker"})
    try:
        with build_opener(_RedirectsRefused).open(request, timeout=SECONDS) as answer:
            return _read(answer)
    except HTTPError as refused:
        refused.close()
        return NoAnswer(f"answered with the status {refused.code}")
    except (OSError, HTTPException, ValueError) as problem:
        return NoAnswer(f"was not reached ({type(getattr(problem, 'reason', problem)).__name__})")


def _read(answer: HTTPResponse) -> bytes | NoAnswer:
    body = answer.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return NoAnswer(f"answered with more than {MOST_BYTES} bytes")
    return NoAnswer("broke off") if answer.length else body


def _counts(body: bytes) -> dict[str, int]:
    """How often each was seen, by the rest of its digest."""
    lines = [LINE.fullmatch(line) for line in body.decode("ascii", "replace").upper().split()]
    if not lines or None in lines:
        raise NoAnswer("answered with something else than digests")
    return {line["rest"]: int(line["count"]) for line in lines if line}
