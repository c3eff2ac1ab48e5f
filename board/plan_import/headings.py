"""The headings that a document's tables stand under, nested as the document nests them.

A level is told by the style of a paragraph: by its name, by the level that its outline has, or by the style that it is based on.
Where no heading stands, the first short line above a table is taken for one; under real headings only a line that says itself
that it is a priority, an objective or a strand.
"""

import re

from board.plan_import.grids import Heading
from board.plan_import.synonyms import HOLDERS

TITLE, LINE = (
    0,
    10,
)  # around the nine levels that Word knows: the document's title, and a line above a table that is no heading
LONGEST_HEADING = 200
MOST_BASES = 20  # styles based on one another
SAYS_ITSELF = [
    (r"(?:key |strategic )?(?:priority|theme|pillar|ambition)(?: area)?|area for improvement|key objective", "priority"),
    (r"(?:strategic |sub-?)?(?:objective|outcome|aim|goal)", "objective"),
    (r"work ?-?(?:strand|stream)", "strand"),
]  # fmt: skip


def level_words(level: int) -> str:
    return "The title" if level == TITLE else "The line" if level == LINE else f"Heading {level}"


def meaning_of(text: str) -> str:
    """What a heading says of itself: "Objective 1.2: Plans are on time". Empty where it does not."""
    for words, meaning in SAYS_ITSELF:
        if re.match(rf"(?:{words})s?\s*(?:(?:no\.?\s*)?[A-Z]?\d|[A-Z]?\s*[:.)–—-])", text.strip(), re.I):
            return meaning
    return ""


def proposed_above(over: dict[int, list[str]], columns: list[str]) -> dict[int, str]:
    """What each level of headings means beside columns of these meanings: what its headings say of themselves; then, of the
    levels whose headings differ from table to table, the outermost is the priority and the next the objective."""
    if "priority" in columns:  # nothing that stands above the priority is asked for
        return dict.fromkeys(over, "")
    found = _said(over, set(HOLDERS) - set(columns))
    telling = [level for level, texts in over.items() if len(texts) > 1] or list(over)[-1:]
    for level in telling:
        free = (each for each in ("priority", "objective") if each not in (*columns, *found.values()))
        if level not in found and (meaning := next((each for each in free if _may_stand(each, level, found)), "")):
            found[level] = meaning
    return {level: found.get(level, "") for level in over}


def _said(over: dict[int, list[str]], free: set[str]) -> dict[int, str]:
    """The levels whose headings all say the same of themselves, the outermost first."""
    said: dict[int, str] = {}
    for level, texts in over.items():
        meanings = {meaning_of(text) for text in texts}
        if len(meanings) == 1 and meanings <= free - set(said.values()):
            said[level] = meanings.pop()
    return said


def _may_stand(meaning: str, level: int, found: dict[int, str]) -> bool:
    """A priority stands above what is an objective, and never below it."""
    rank = HOLDERS.index
    return all((rank(meaning) < rank(other)) == (level < at) for at, other in found.items())


class Above:
    """The headings that hold at a place of the document, from the outermost to the nearest."""

    def __init__(self, levels: dict[str, int]):
        self.levels = levels
        self.held: dict[int, str] = {}
        self.is_fresh = True  # nothing but headings since the last table

    def read(self, text: str, style: str, outline: int | None = None) -> None:
        text = " ".join(text.split())
        level = self.levels.get(style) if outline is None else outline
        if not text:
            return
        if level is not None:
            self.hold(level, text)
        elif len(text) <= LONGEST_HEADING and not text.endswith(".") and self.may_be_heading(text):
            self.hold(LINE, text)
            self.is_fresh = False

    def may_be_heading(self, text: str) -> bool:
        return bool(meaning_of(text)) if set(self.held) - {TITLE, LINE} else self.is_fresh

    def hold(self, level: int, text: str) -> None:
        """A heading ends those of its own level and of the levels below it."""
        self.held = {each: held for each, held in self.held.items() if each < level}
        self.held[level] = text[:LONGEST_HEADING]

    def table(self, number: int) -> list[Heading]:
        """Those over a table; one without headings of its own stands under those before."""
        self.is_fresh = True
        return [Heading(level, text, f"table {number}") for level, text in sorted(self.held.items())]


def levels_of(styles: dict[str, tuple[str, str, int | None]]) -> dict[str, int]:
    """The level of each style that is a heading's, by its id. Of each style its name, the one it is based on, its outline."""
    return {style: level for style in styles if (level := _level(style, styles)) is not None}


def _level(style: str, styles: dict[str, tuple[str, str, int | None]]) -> int | None:
    for _ in range(MOST_BASES):
        if style not in styles:
            return None
        name, based_on, outline = styles[style]
        found = re.match(r"heading\s*([1-9])?", name, re.I)
        if found:
            return int(found[1] or 1)
        if re.match(r"title", name, re.I):
            return TITLE
        if outline is not None:
            return outline
        style = based_on
    return None
