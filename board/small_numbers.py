"""Small numbers on a page for everybody: no count of people under six, and none that could be worked out.

A count under six could point to one child; nought is one too, since "none of them" says something of each. Where parts
of a whole are shown with their total, one hidden part could be had by subtraction. So the smallest other part is hidden
as well, until what is hidden cannot be told apart: at least two counts, and together six or more. What the parts leave
of the total is a part that is hidden from the start. The words beside a hidden count are the same for all, so that nobody
sees which were hidden first.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

SMALL = 6
HIDDEN = "not shown"
MOST_COUNTS = 200  # of one page that are held against each other

# The rule for counts


def safe_counts(parts: Sequence[int], *, total: int | None = None) -> tuple[list[int | None], int | None]:
    """The parts and the total as they may be shown; None is hidden."""
    if any(part < 0 for part in parts) or (total is not None and total < sum(parts)):
        raise ValueError("Parts are counts, and their total is no less than their sum.")
    hidden = {i for i, part in enumerate(parts) if part < SMALL}
    if total is None:
        return [None if i in hidden else part for i, part in enumerate(parts)], None
    rest = total - sum(parts)
    while _gives_away([parts[i] for i in hidden], rest) and len(hidden) < len(parts):
        hidden.add(min(set(range(len(parts))) - hidden, key=lambda i: parts[i]))
    shown_total = None if total < SMALL or _gives_away([parts[i] for i in hidden], rest) else total
    return [None if i in hidden else part for i, part in enumerate(parts)], shown_total


def _gives_away(hidden: Sequence[int], rest: int) -> bool:
    """Whether the hidden counts can be had from the total: they are known by their sum."""
    counts = [*hidden, rest] if rest else list(hidden)
    return bool(counts) and sum(counts) < SMALL


def may_show_share(part: int, whole: int) -> bool:
    """Whether "18 of 20", or its percentage, may stand: neither it nor the rest is small."""
    shown, total = safe_counts([part, whole - part], total=whole)
    return None not in shown and total is not None


# The rule for sentences

_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_PEOPLE = (
    "children|child|young people|young person|people|persons?|pupils?|learners?|students?|famil(?:ies|y)|parents?(?: and carers?)?"
    "|carers?|boys?|girls?|babies|baby|siblings?|teenagers?|adults?|residents?|patients?"
)
_NUMBER = rf"(?P<{{name}}>\d{{{{1,3}}}}(?:,\d{{{{3}}}})+|\d+|{'|'.join(_WORDS)}|a single)"
_BETWEEN = (
    r"(?:(?!(?:years?|months?|weeks?|days?|hours?|in|per|to|and|or|of|out|for|schools?)\b)[a-z][a-z’'-]*\s+){0,2}"
)
_ONE = _NUMBER.format(name="n")
_WHOLE = _NUMBER.format(name="whole")
_START = r"(?<![\w.,%£/–-])"
COUNTED = re.compile(
    rf"{_START}{_ONE}\s+(?:of\s+(?:the|these|our|their|those)\s+)?{_BETWEEN}(?P<noun>{_PEOPLE})\b(?!\s+in\s+(?:\d|{'|'.join(_WORDS)}))",
    re.IGNORECASE,
)
SHARED = re.compile(
    rf"{_START}{_ONE}\s+(?:out\s+)?of\s+(?:the\s+|our\s+)?{_WHOLE}\s+{_BETWEEN}(?P<noun>{_PEOPLE})\b", re.IGNORECASE
)
PERCENT = re.compile(
    rf"(?<!\d)(?P<n>\d+(?:\.\d+)?)\s?(?:%|per\s?cent)\s+of\s+(?:the\s+|our\s+)?{_WHOLE}\s+{_BETWEEN}(?P<noun>{_PEOPLE})\b",
    re.IGNORECASE,
)
_SINGULAR = {
    "child": "children",
    "family": "families",
    "person": "people",
    "baby": "babies",
    "young person": "young people",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """A count of people as it stands in a text."""

    number: int
    noun: str
    words: str


def counts_in(text: str) -> list[Counted]:
    """Every count of people; of "18 of 20 children" both."""
    found = [_counted(match, "n") for match in COUNTED.finditer(text)]
    for match in SHARED.finditer(text):
        found += [_counted(match, "n"), _counted(match, "whole")]
    found += [_counted(match, "whole") for match in PERCENT.finditer(text)]
    return list(dict.fromkeys(found))


def small_counts_in(text: str) -> list[str]:
    """The words in a text that say, or give away by subtraction, a count of people under six."""
    found = [count.words for count in counts_in(text) if count.number < SMALL]
    for match in SHARED.finditer(text):
        part, whole = _number(match["n"]), _number(match["whole"])
        if whole >= part and not may_show_share(part, whole):
            found.append(match[0])
    for match in PERCENT.finditer(text):
        whole = _number(match["whole"])
        part = round(whole * min(Fraction(match["n"]), 100) / 100)
        if not may_show_share(part, whole):
            found.append(match[0])
    return list(dict.fromkeys(found))


def near_counts_in(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of counts of the same people that differ by one to five: together they may give a small one away."""
    found = list(dict.fromkeys(count for text in texts for count in counts_in(text)))[:MOST_COUNTS]
    return [
        (one.words, other.words)
        for one, other in combinations(found, 2)
        if one.noun == other.noun and 0 < abs(one.number - other.number) < SMALL
    ]


def _counted(match: re.Match, name: str) -> Counted:
    noun = match["noun"].lower()
    noun = _SINGULAR.get(noun, noun if noun.endswith(("s", "children", "people")) else f"{noun}s")
    return Counted(_number(match[name]), noun, match[0])


def _number(words: str) -> int:
    words = words.lower()
    if words == "a single":
        return 1
    return _WORDS.index(words) if words in _WORDS else int(words.replace(",", ""))
