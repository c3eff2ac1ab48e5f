"""An area's own words for each status and for "work strand". The codes, letters, shapes and rules stay the product's.

Whatever is shown of an area is shown in its words: pages, exports and papers ask for a word where they show it, and none of
them carries the words about. Which area is shown is said once a request (`people.scoping`), or by a command with `of`;
every request begins without (`OwnWordsMiddleware`), so that no area's words are shown to another.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

STRAND = "work strand"
LONGEST = 30

_words: ContextVar[Mapping | None] = ContextVar("own_words", default=None)


def use(words: Mapping | None) -> None:
    """From here on, in this request."""
    _words.set(words or None)


@contextmanager
def of(area) -> Iterator[None]:
    """While something is made of one area, outside of its pages."""
    before = _words.set(area.words or None)
    try:
        yield
    finally:
        _words.reset(before)


def _said() -> Mapping:
    return _words.get() or {}


def status_word(letter: str, otherwise: str) -> str:
    return _said().get("statuses", {}).get(letter) or otherwise


def strand_word(*, is_plural: bool = False) -> str:
    """In lower case, as it stands within a sentence, unless the area writes it otherwise: work strand, Workstream."""
    word = _said().get("workstrand") or STRAND
    return f"{word}s" if is_plural else word


class OwnWordsMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        use(None)
        response = self.get_response(request)
        if not response.streaming:  # what is streamed is made after this, still of that area
            use(None)
        return response
