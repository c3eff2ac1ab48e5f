"""Text that can be kept: what people paste may hold characters that no page, file or database can carry.

Refused are control characters (other than tab and line ends), halves of surrogate pairs and the code points that
Unicode sets aside as never characters; and text beyond a limit. The message says where, so that the rest need not be
typed again.
"""

import re

from django.core.exceptions import ValidationError

LONGEST_TEXT = 10_000  # characters, of anything that is written at length
_UNKEEPABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def unkeepable_in(text: str) -> str | None:
    """What stands in the way of keeping `text`, as a sentence; None when nothing does."""
    found = _UNKEEPABLE.search(text)
    if found is None:
        return None
    before = _UNKEEPABLE.sub("", text[: found.start()])[-20:].strip()
    where = f"after “{before}”" if before else "at the beginning"
    return f"has a character that cannot be kept (U+{ord(found[0]):04X}, {where}). Take it out and send again."


def excess_of(text: str, limit: int) -> str | None:
    """By how much `text` is beyond `limit` characters, line ends counted once, as a sentence; None when it is not."""
    length = len(one_line_end(text))
    if length <= limit:
        return None
    return f"has {length:,} characters. The most is {limit:,}: shorten it by {length - limit:,}."


def one_line_end(text: str) -> str:
    """Browsers send carriage returns that nobody typed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def tidy(text: str) -> str:
    return one_line_end(text).strip()


def text_problem(text: str, *, name: str, limit: int = LONGEST_TEXT) -> str | None:
    """The message for the field called `name`; None when the text can be kept."""
    problem = unkeepable_in(text) or excess_of(text, limit)
    return f"{name} {problem}" if problem else None


class Keepable:
    """A validator for form fields: `CharField(validators=[Keepable("What happens next")])`."""

    def __init__(self, name: str, *, limit: int = LONGEST_TEXT):
        self.name = name
        self.limit = limit

    def __call__(self, text: str) -> None:
        problem = text_problem(text, name=self.name, limit=self.limit)
        if problem:
            raise ValidationError(problem, code="unkeepable")
