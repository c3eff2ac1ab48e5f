"""What the rows of a plan are made into: actions, each with what stands beside it and the place it was found at."""

from dataclasses import dataclass, field

from board.plan_import.colours import Colour
from board.plan_import.grids import Cell


@dataclass(frozen=True)
class Choices:
    """What the officer says of the file beside its columns."""

    lonely: str = "mid_sentence"  # a row that holds an action's text alone: mid_sentence, join, apart
    lines: str = "bullets"  # a cell of several lines: bullets, every, together
    above: dict[int, str] = field(default_factory=dict)  # what the headings above a table mean, by their level
    across: str = "priority"  # what a row merged across the table means


@dataclass(slots=True)
class Said:
    """Words with their place; of a cell that holds none and is filled, its colour in words."""

    text: str
    place: str
    cell: Cell | None = field(default=None, repr=False)
    colour: Colour | None = None


@dataclass(slots=True)
class Draft:
    """An action as the file states it. `said` holds the other cells by their meaning."""

    row: int
    sheet: str
    action: Said
    said: dict[str, list[Said]] = field(default_factory=dict)
    holders: dict[str, Said] = field(default_factory=dict, repr=False)
    milestones: list["Step"] = field(default_factory=list)
    whole: str = ""  # the cell as found, where the action is one of several in it
    shared: int = 1  # among how many actions of its cell a single date or status stands
    heard: dict[str, set[str]] = field(default_factory=dict, repr=False)  # what `said` says, as it is compared

    def one(self, meaning: str) -> Said | None:
        found = self.said.get(meaning)
        if not found:
            return None
        return found[0] if len(found) == 1 else Said("\n".join(each.text for each in found), found[0].place)


@dataclass(slots=True)
class Step:
    text: Said
    due: Said | None = None
    status: Said | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that was not understood: why, and what to do."""

    sheet: str
    place: str
    column: str
    value: str
    reason: str
    to_do: str
    row: int = 0

    def as_dict(self) -> dict:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass
class Entries:
    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
