"""What a log line must not hold: secrets, and what tells who somebody is.

Names cannot be told from other words, so no line of the product is made of one: lines name records by their numbers. What
libraries and errors say is cut here: addresses of people and of machines, what follows ? in an address, passwords, tokens,
and the values that an error quotes. One record stays one line, whatever somebody typed.
"""

import logging
import re
import traceback
from ipaddress import ip_address

SECRET = re.compile(r"/(updates|feeds|join|key)/[\w-]{20,}")
# Letters of both sizes with digits, as tokens are; or digits and small letters without a break, as keys of sessions and digests are.
RANDOM = re.compile(
    r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[A-Za-z0-9_-]{30,}"
    r"|(?<![A-Za-z0-9])(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{32,}"
)
# Each begins where a word does, so that a long line costs no more than its length.
EMAIL = re.compile(r"(?<![^\s@<>()\[\]{},;:\"'=/\\])[^\s@<>()\[\]{},;:\"'=/\\]+@[^\s@<>()\[\]{},;:\"'=/\\]+")
QUERY = re.compile(r"(?<=[\w/.-])\?[^\s\"'<>]+")
USER_INFO = re.compile(r"(?<=://)[^\s/@]*:[^\s/]*@|(?<=://)[^\s/@]+@")
GIVEN = re.compile(
    r"((?:pass(?:word|wd)|secret(?:_key)?|token|api_key|sessionid|csrftoken|csrfmiddlewaretoken|authorization|cookie)"
    r"[\"']?\s*[=:]\s*)(?:bearer\s+|basic\s+)?[\"']?[^\s\"',;&]+",
    re.IGNORECASE,
)
BEARER = re.compile(r"\b(bearer|basic)\s+[\w.+/=~-]{8,}", re.IGNORECASE)
NETWORK = re.compile(r"(?<![\w.:])[0-9a-fA-F:.]{3,60}(?![\w:])")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
QUOTED = re.compile(r"'[^']*'?|\"[^\"]*\"?|“[^”]*”?")
OF_CODE = re.compile(r"[\"'][a-z0-9]+(?:_[a-z0-9]+)+[\"']")  # names of columns and constraints
LONGEST = 2000
MOST_CALLS = 15
MOST_ERRORS = 2  # before the one that was not caught


def without_secrets(text: str) -> str:
    """For addresses and whatever else may hold a link that opens without a sign-in."""
    return RANDOM.sub("…", SECRET.sub(r"/\1/…", text))


def discreet(text: str) -> str:
    """A line without secrets, people or addresses, in which nothing breaks the line."""
    text = text[: 2 * LONGEST]
    for pattern, instead in (
        (USER_INFO, "…@"),
        (BEARER, r"\1 …"),
        (GIVEN, r"\1…"),
        (EMAIL, "…"),
        (QUERY, "?…"),
    ):
        text = pattern.sub(instead, text)
    text = NETWORK.sub(_without_network, without_secrets(text))
    return UNPRINTABLE.sub(lambda found: repr(found[0])[1:-1], text)[:LONGEST]


def _without_network(found: re.Match) -> str:
    """The address of a machine goes, with the port behind it; an hour (12:30:45) is none."""
    for address in (found[0].rstrip(".:"), found[0].rpartition(":")[0]):
        try:
            ip_address(address)
        except ValueError:
            continue
        return "…"
    return found[0]


def discreet_error(error: BaseException) -> str:
    """Of an error its kind and its first line, without the values that it quotes; what quotes code alone keeps it."""
    first = (str(error).splitlines() or [""])[0]
    if not isinstance(error, ImportError | AttributeError | NameError):
        first = QUOTED.sub(lambda found: found[0] if OF_CODE.fullmatch(found[0]) else "…", first)
    return discreet(f"{type(error).__name__}: {first}" if first else type(error).__name__)


def discreet_trace(error: BaseException, *, depth: int = 0) -> list[str]:
    """What led to it and where, the cause first; of each error its last calls, the innermost last."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    frames = traceback.extract_tb(error.__traceback__)[-MOST_CALLS:]
    own = [discreet_error(error), *(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)]
    return [*discreet_trace(earlier, depth=depth + 1), *own] if earlier and depth < MOST_ERRORS else own


class DiscreetFilter(logging.Filter):
    """Cuts the message, with what is filled into it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = discreet(record.getMessage())
        record.args = ()
        return True
