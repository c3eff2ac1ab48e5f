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
        ("ijl'|", 0.24), ("ft .,:;!/I\N{NO-BREAK SPACE}[]", 0.29), ("r()-`\"*°·", 0.36), ("cksvxyzJ?", 0.52), ("mMWQ@%—w…", 0.9),
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


def column_widths(
    table: Table, room: float, points: float, *, padding: float = 10, is_fitted: bool = False, by_words: bool = False
) -> list[float]:
    """By the shares, yet wide enough for the longest word of each column as far as `room` goes.

    `is_fitted`: what a column has beyond its longest line goes to those whose lines break. `by_words`: the room is shared
    out by how much is said in each column, so that the rows are as low as can be.
    """
    columns = range(len(table.columns))
    shares = [max(_said_in(table, at) if by_words else table.columns[at].share, 0.01) for at in columns]
    wanted = [room * share / sum(shares) for share in shares]
    if is_fitted:
        wanted = _fitted(wanted, [_longest_line(table, at, points) + padding for at in columns], room)
    least = [min(_least(table, at, points, by_words=by_words) + padding, room / 2) for at in columns]
    if sum(least) >= room:
        return [room * each / sum(least) for each in least]
    return _levelled(wanted, least, room)


def _least(table: Table, at: int, points: float, *, by_words: bool) -> float:
    """Where the words are what counts, a status stays on one line nevertheless, and a row of counts on two."""
    word = _longest_word(table, at, points)
    if not by_words:
        return word
    cells = [row[at] for row in table.rows if at < len(row)]
    statuses = [
        width(f"{cell.status} {status_words(cell.status)}", points) + _box(points) for cell in cells if cell.status
    ]
    counts = [width(counted(cell.counts), points) * TWO_LINES for cell in cells if cell.counts]
    return max(word, *(each * PLAIN for each in (*statuses, *counts)), 0)


def _said_in(table: Table, at: int) -> float:
    return sum(width(cell_words(row[at])[:2000], 1) for row in table.rows if at < len(row))


def _levelled(wanted: Sequence[float], least: Sequence[float], room: float) -> list[float]:
    """What the narrow columns lack is taken from those with room to spare, in proportion to it."""
    got = [max(pair) for pair in zip(wanted, least, strict=True)]
    spare = [has - needs for has, needs in zip(got, least, strict=True)]
    too_much = sum(got) - room
    return [has - too_much * (extra / sum(spare) if sum(spare) else 0) for has, extra in zip(got, spare, strict=True)]


def _fitted(wanted: Sequence[float], most: Sequence[float], room: float) -> list[float]:
    """What the wide columns do not need goes to the others, in proportion to what these wanted."""
    if sum(most) <= room:
        return list(wanted)
    full: set[int] = set()
    got = list(wanted)
    while over := {at for at, has in enumerate(got) if has > most[at]} - full:
        full |= over
        left = room - sum(most[at] for at in full)
        others = sum(has for at, has in enumerate(wanted) if at not in full)
        got = [most[at] if at in full else has * left / others for at, has in enumerate(wanted)]
    return got


PLAIN, BOLD = 1.06, 1.12  # bold letters are the wider ones
TWO_LINES = 0.6
LONGEST_WORD = 24  # letters; longer ones are addresses and the like, and may break


def _box(points: float) -> float:
    """What stands about the letter of a status."""
    return 0.8 * points


def _longest_line(table: Table, at: int, points: float) -> float:
    """Of what stands under the title, which may break where it will."""
    cells = [row[at] for row in table.rows if at < len(row)]
    said = [
        width(line, points) + _box(points) * bool(cell.status)
        for cell in cells
        for line in cell_words(cell)[:2000].split("\n")
    ]
    return max(max(said, default=0) * PLAIN, _longest_word(table, at, points))


def _longest_word(table: Table, at: int, points: float) -> float:
    cells = [row[at] for row in table.rows if at < len(row)]
    said = [(table.columns[at].title, BOLD), *((cell_words(cell), BOLD if cell.is_strong else PLAIN) for cell in cells)]
    words = {
        (word, wider)
        for text, wider in said
        for word in re.split(r"[ \n\-–/]", text[:2000])
        if len(word) <= LONGEST_WORD
    }
    return max((width(word, points) * wider for word, wider in words), default=0)
