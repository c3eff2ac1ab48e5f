"""Dates in words: the last day that the words can mean, unless they name a start. What cannot be read is refused.

School year: 1 September to 31 August; autumn term to 31 December, spring to 31 March, summer to 31 July, when teaching
ends. These ends are nominal, so the words are kept beside the day. "Nov 19" is November 2019, never a 19 November; a
single year is its end, and 2025/26 the financial year: both are taken as likely, not certain.
"""

import re
from dataclasses import dataclass
from datetime import date

from common.dates import MONTHS, last_day_of_month

TERMS = {"autumn": (9, 12, 31), "spring": (1, 3, 31), "summer": (4, 7, 31)}  # first month, last month, last day
ENDED_TERMS = "autumn|spring|summer"
FREQUENCY = re.compile(
    r"(half[ -]?termly|termly|monthly|weekly|fortnightly|quarterly|annually|yearly|daily|ongoing|on-going|continuous(ly)?|bi-?monthly"
    r"|every (term|month|week|year|quarter)|\d+[ -](weekly|monthly))( and ongoing)?"
)  # fmt: skip
NO_DAY = {
    "tbc",
    "tba",
    "tbd",
    "to be confirmed",
    "to be agreed",
    "asap",
    "immediate",
    "immediately",
    "now",
    "as required",
}
EMPTY = {"", "-", "–", "n/a", "na", "none", "not applicable"}
FIRST_YEAR, LAST_YEAR = 1990, 2100


class NotADay(ValueError):
    """Words that name no day. The message says why, as the second half of a sentence about the words."""


@dataclass(frozen=True, slots=True)
class When:
    """`dues`: (day, what it applies to), mostly one. Neither a due day nor a start: words for how often."""

    dues: tuple[tuple[date, str], ...] = ()
    starts_on: date | None = None
    is_likely: bool = False  # likely, rather than certain

    @property
    def due_on(self) -> date | None:
        return self.dues[-1][0] if self.dues else None


@dataclass(frozen=True, slots=True)
class Span:
    """From the first to the last day that words can mean."""

    first: date
    last: date
    is_likely: bool = False
    is_window: bool = False  # the first day is a start


def read_when(text: str) -> When:
    words = _plain(text)
    if words in EMPTY or FREQUENCY.fullmatch(words):
        return When()
    if words in NO_DAY:
        raise NotADay("names no day")
    terms = re.fullmatch(
        r"each term (?:during|of|in) (?:the )?(?:academic|school) year (\d{4})\s?[-/]\s?(\d{2}|\d{4})", words
    )
    if terms:
        return _each_term(int(terms[1]))
    intake = re.fullmatch(r"(?:for )?(\w+) (\d{4}) intake", words)
    if intake and (month := _month(intake[1])):
        return When(((date(_year(intake[2]), month, 1), ""),))
    return _bounded(words)


def first_of(text: str) -> date | None:
    """The first day that words can mean, where they stand for a start."""
    try:
        return span_of(_plain(text)).first
    except NotADay:
        return None


def _bounded(words: str) -> When:
    start = re.fullmatch(r"(?:from|starting|start of|beginning|starts|start|commencing) (.+)", words)
    between = re.fullmatch(r"(?:from |between )?(.+?)\s*(?: to | until | till | and | - | – )\s*(.+)", words)
    if between:
        return _between(*between.groups())
    if start:
        return When(starts_on=span_of(start[1]).first)
    span = span_of(re.sub(r"^(by|before|due|due by|for|until|no later than|in|during)( the)? ", "", words))
    return When(((span.last, ""),), starts_on=span.first if span.is_window else None, is_likely=span.is_likely)


def _between(first: str, last: str) -> When:
    """ "January to March 2026": the first half may take its year from the second."""
    end = span_of(re.sub(r"^by ", "", last))
    try:
        begin = span_of(first)
    except NotADay:
        begin = span_of(f"{first} {end.last.year}")
    if begin.first > end.last:
        raise NotADay("ends before it starts")
    return When(((end.last, ""),), starts_on=begin.first, is_likely=end.is_likely)


def _each_term(year: int) -> When:
    _year(str(year))
    return When(
        (
            (date(year, 12, 31), "autumn term"),
            (date(year + 1, 3, 31), "spring term"),
            (date(year + 1, 7, 31), "summer term"),
        )
    )


def span_of(words: str) -> Span:
    """The days that words can mean, by the one pattern that fits."""
    words = re.sub(r"^(the )?(end of|end|late)( the)? ", "", words.strip())
    for pattern, read in PATTERNS:
        found = re.fullmatch(pattern, words)
        if found:
            return read(*found.groups())
    raise NotADay(_why_not(words))


def _why_not(words: str) -> str:
    if re.fullmatch(r"(\d{1,2}(st|nd|rd|th)? )?[a-z]{3,9}", words) and any(_month(part) for part in words.split()):
        return "names no year"
    if re.fullmatch(rf"({ENDED_TERMS})( term)?( \d)?", words):
        return "names no year"
    return "cannot be read as a date"


def _plain(text: str) -> str:
    """Lower case, one apostrophe, no stray spaces: "Jan ' 20" is "jan '20"."""
    words = re.sub(r"[’‘`´]", "'", " ".join(text.lower().split())).strip(" .;,")
    words = re.sub(r"'\s+(\d)", r"'\1", words)
    return words.replace("'", "") if re.search(r"\d", words) else words


def _year(text: str) -> int:
    year = int(text) if len(text) == 4 else 2000 + int(text)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotADay("names a year out of bounds")
    return year


def _month(text: str) -> int:
    """3 for "mar", "march", "sept"; 0 for what is no month."""
    return next(
        (at for at, name in enumerate(MONTHS, start=1) if len(text) >= 3 and name.lower().startswith(text.rstrip("."))),
        0,
    )


def _day(day: str, month: str, year: str) -> Span:
    number = int(month) if month.isdigit() else _month(month)
    if not number:
        raise NotADay("cannot be read as a date")
    try:
        read = date(_year(year), number, int(day))
    except ValueError:
        raise NotADay("names a day that there is none of") from None
    return Span(read, read)


def _of_month(month: str, year: str) -> Span:
    number = _month(month)
    if not number:
        raise NotADay("cannot be read as a date")
    first = date(_year(year), number, 1)
    return Span(first, last_day_of_month(first))


def _window(first: str, last: str, year: str) -> Span:
    begin, end = _of_month(first, year), _of_month(last, year)
    if begin.first > end.first:
        raise NotADay("ends before it starts")
    return Span(begin.first, end.last, is_window=True)


def _term(term: str, year: str, following: str | None) -> Span:
    """Of a school year 2026/27, spring and summer are those of 2027."""
    first, last, day = TERMS[term]
    read = _year(year)
    if following:
        _follow(read, following)
        read += term != "autumn"
    return Span(date(read, first, 1), date(read, last, day))


def _school_year(year: str, following: str) -> Span:
    _follow(_year(year), following)
    return Span(date(int(year), 9, 1), date(int(year) + 1, 8, 31))


def _financial_year(year: str, following: str) -> Span:
    _follow(_year(year), following)
    return Span(date(int(year), 4, 1), date(int(year) + 1, 3, 31), is_likely=True)


def _follow(year: int, following: str) -> None:
    if int(following[-2:]) != (year + 1) % 100:
        raise NotADay("names two years that do not follow each other")


def _whole_year(year: str) -> Span:
    read = _year(year)
    return Span(date(read, 1, 1), date(read, 12, 31), is_likely=True)


def _written(year: str, month: str, day: str) -> Span:
    return _day(day, month, year)


WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?"
YEARS = r"(\d{4})\s?[-/]\s?(\d{2}|\d{4})"
PATTERNS = [
    (rf"({ENDED_TERMS})(?: term)?,? (\d{{4}}|\d{{2}})(?:\s?[-/]\s?(\d{{2}}|\d{{4}}))?", _term),
    (r"(\d{4})-(\d{1,2})-(\d{1,2})(?: 00:00:00|t00:00:00)?", _written),
    (r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})", _day),
    (rf"{WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th)?[ -](?:of )?([a-z]{{3,9}})\.?,?[ -](\d{{4}}|\d{{2}})", _day),
    (r"([a-z]{3,9})\.?,?[ -]?(\d{4}|\d{2})", _of_month),
    (r"([a-z]{3,9})\.? ?[/&-] ?([a-z]{3,9})\.? (\d{4}|\d{2})", _window),
    (rf"(?:academic|school) year {YEARS}", _school_year),
    (rf"{YEARS} (?:academic|school) year", _school_year),
    (rf"(?:financial year |fy ?)?{YEARS}", _financial_year),
    (r"(\d{4})", _whole_year),
]  # fmt: skip


def days_in(text: str) -> list[str]:
    """The dates that stand in one line, each in its own words: "Spring '19 Sept '19" are two."""
    found = re.findall(r"(?<![A-Za-z])[A-Za-z]{1,20}(?:/[A-Za-z]{1,20})?\.? ?(?:term )?[’'‘]? ?\d{2,4}(?!\d|/|-)", text)
    return found if len(found) > 1 and "".join("".join(found).split()) == "".join(text.split()) else [text]
