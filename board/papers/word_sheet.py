"""The sheets of the Word paper: roomy for the full one, close for exceptions only, which has two A4 sides."""

from dataclasses import dataclass

from board.papers.blocks import Paper
from board.vocabulary import PackKind

WIDE, HIGH = 21.0, 29.7  # centimetres
POINTS_IN_A_CENTIMETRE = 72 / 2.54
TWIPS_IN_A_CENTIMETRE = 1440 / 2.54


@dataclass(frozen=True, slots=True)
class Sheet:
    """In centimetres, as Word says them; `points` is the size of the words in a table."""

    side: float
    head: float
    foot: float
    edge: float  # from the edge of the paper to what stands at the head and at the foot of each page
    points: float
    padding: float  # beside the words of a cell, left and right together, in points
    is_close: bool

    @property
    def room(self) -> float:
        """Points between the margins."""
        return (WIDE - 2 * self.side) * POINTS_IN_A_CENTIMETRE


FULL = Sheet(side=2, head=2.4, foot=2, edge=0.9, points=9, padding=10, is_close=False)
CLOSE = Sheet(side=1.3, head=1.3, foot=1.3, edge=0.65, points=8.5, padding=8, is_close=True)


def sheet_of(paper: Paper) -> Sheet:
    return FULL if paper.kind == PackKind.FULL else CLOSE


def twips(centimetres: float) -> int:
    return round(centimetres * TWIPS_IN_A_CENTIMETRE)
