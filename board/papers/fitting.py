"""How much room words take, so that no column cuts a word and no slide overflows.

Widths are those of Arial, in ems, a little generous: they hold whichever face a reader's machine has.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from board.papers.blocks import Cell, Table
from common.export import plain
from workstrands.status import SHOWN_WORDS

# Letters as wide as each other, and how wide, in ems.
_WIDTHS = {
    letter: wide
    for letters, wide in (
        ("ijl'|", 0.24), ("ft .,:;!/I\N{NO-BREAK SPACE}[]", 0.29), ("r()-`\"*°", 0.36), ("cksvxyzJ?", 0.52), ("mMWQ@%—w…", 0.9),
    )
    for letter in letters
}  # fmt: skip
_CAPITAL, _OTHER = 0.72, 0.57
_BEYOND_LETTERS = 0x2E80  # ideographs, emoji: as wide as they are high
LINE_HEIGHT = 1.18
CAN_BREAK = re.compile(r"(?<=[\s\-–/])")


@lru_cache(maxsize=4096)
def _em(letter: str) -> float:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    if ord(letter) >= _BEYOND_LETTERS:
        return 1.3
    return _CAPITAL if letter.isupper() else _OTHER


def width(text: str, points: float) -> float:
    """Of one line, in points."""
    return sum(map(_em, text)) * points


def lines(text: str, points: float, room: float) -> int:
    """How many lines the text takes in `room` points; a word longer than that is broken."""
    return sum(_lines_of(paragraph, points, room) for paragraph in text.split("\n"))


def _lines_of(paragraph: str, points: float, room: float) -> int:
    found, used = 1, 0.0
    for word in CAN_BREAK.split(paragraph):
        wide = width(word, points)
        if used and used + width(word.rstrip(), points) > room:
            found, used = found + 1, 0.0
        found += int(wide // room)
        used += wide % room
    return found


def shortened(text: str, letters: int) -> str:
    """At most so many letters, cut behind a word."""
    if len(text) <= letters:
        return text
    cut = text[: letters - 1].rsplit(" ", 1)[0] if " " in text[: letters - 1] else text[: letters - 1]
    return f"{cut.rstrip(' ,;:.')}…"


def clean(text: str) -> str:
    """Without the characters that an office file cannot hold."""
    return plain(text).replace("\r\n", "\n").replace("\r", "\n")


def status_words(letter: str) -> str:
    return SHOWN_WORDS.get(letter, SHOWN_WORDS["?"])


def counted(counts: Iterable[tuple[str, int]]) -> str:
    """R 2 · A 4 · G 6: no count is split from its letter."""
    return " · ".join(f"{letter}\N{NO-BREAK SPACE}{count}" for letter, count in counts if count)


def cell_words(cell: Cell) -> str:
    """All that a cell says, as one text: for measuring, and for where there is no more than text."""
    parts = [f"{cell.status} {status_words(cell.status)}" if cell.status else "", cell.text, counted(cell.counts)]
    return clean("\n".join(part for part in [" ".join(filter(None, parts)), cell.reason] if part))


def column_widths(table: Table, room: float, points: float, *, padding: float = 10) -> list[float]:
    """By the shares, yet wide enough for the longest word of each column as far as `room` goes."""
    shares = [max(column.share, 0.01) for column in table.columns]
    wanted = [room * share / sum(shares) for share in shares]
    least = [min(_longest_word(table, at, points) + padding, room / 2) for at in range(len(shares))]
    if sum(least) >= room:
        return [room * each / sum(least) for each in least]
    return _levelled(wanted, least, room)


def _levelled(wanted: Sequence[float], least: Sequence[float], room: float) -> list[float]:
    """What the narrow columns lack is taken from those with room to spare, in proportion to it."""
    got = [max(pair) for pair in zip(wanted, least, strict=True)]
    spare = [has - needs for has, needs in zip(got, least, strict=True)]
    too_much = sum(got) - room
    return [has - too_much * (extra / sum(spare) if sum(spare) else 0) for has, extra in zip(got, spare, strict=True)]


LONGEST_WORD = 24  # letters; longer ones are addresses and the like, and may break


def _longest_word(table: Table, at: int, points: float) -> float:
    texts = [table.columns[at].title, *(cell_words(row[at]) for row in table.rows if at < len(row))]
    words = {word for text in texts for word in re.split(r"[ \n\-–/]", text[:2000]) if len(word) <= LONGEST_WORD}
    return max((width(word, points) for word in words), default=0) * 1.06
