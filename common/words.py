"""Words for counts and lists, as a chair would read them out.

A number up to ten is a word and above ten digits with a comma at the thousands; a count is a number with its noun.
"""

from collections.abc import Iterable

NUMBERS = "none one two three four five six seven eight nine ten".split()


def number(n: int) -> str:
    """three; 11; 1,200. Nothing is "none": "six are off track, none at risk"."""
    return NUMBERS[n] if n in range(len(NUMBERS)) else f"{n:,}"


def plural(n: int, one: str, many: str | None = None) -> str:
    """3 actions, 1 action, 1,200 actions: for tables and labels, where digits line up."""
    return f"{n:,} {noun_for(n, one, many)}"


def count_words(n: int, noun: str, many: str | None = None) -> str:
    """six actions, one action, no actions: for sentences."""
    return f"{number(n) if n else 'no'} {noun_for(n, noun, many)}"


def noun_for(n: int, one: str, many: str | None = None) -> str:
    return one if n == 1 else many or many_of(one)


def many_of(one: str) -> str:
    """The regular plural of a noun; give the irregular ones (child, children) yourself."""
    if one.endswith("y") and one[-2:-1] not in "aeiou":
        return f"{one[:-1]}ies"
    return f"{one}es" if one.endswith(("s", "x", "z", "ch", "sh")) else f"{one}s"


def listed(things: Iterable) -> str:
    """a, b and c; a and b; a; nothing for none."""
    *before, last = [str(thing) for thing in things] or [""]
    return f"{', '.join(before)} and {last}" if before else last


def times(n: int) -> str:
    """once, twice, three times."""
    return {1: "once", 2: "twice"}.get(n) or f"{number(n)} times"


def sentence_case(text: str) -> str:
    """A capital at the start and the rest as it was, so that EHC stays EHC."""
    return text[:1].upper() + text[1:]
