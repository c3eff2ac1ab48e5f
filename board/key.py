"""The key: what every letter and every word about a figure means."""

from collections.abc import Sequence

from kpis import icons
from kpis.rating import KpiStatus
from kpis.spc import Assurance, Variation
from workstrands.status import PRODUCT_WORDS, SHOWN_WORDS

MEANINGS = {
    "R": "date or result will be missed",
    "A": "slippage or an issue, with next steps",
    "G": "nothing threatens date or result",
    "N": "its start date is not reached",
    "?": "nothing was ever reported",
    "B": "done, with evidence",
    "E": "complete, and its impact is sustained and confirmed",
    "H": "put on hold by the Board",
    "S": "stopped by the Board",
}


class _StatusKey(Sequence):
    """(letter, word, meaning) of each status, in the words of the area that is shown; the product's own are named beside them."""

    def __getitem__(self, place):
        return [(letter, SHOWN_WORDS[letter], _meaning(letter)) for letter in MEANINGS][place]

    def __len__(self) -> int:
        return len(MEANINGS)


def _meaning(letter: str) -> str:
    """nothing threatens date or result (“on track”): the product's word where the area has one of its own."""
    meaning, product = MEANINGS[letter], PRODUCT_WORDS[letter]
    return meaning if SHOWN_WORDS[letter] == product else f"{meaning} (“{product.lower()}”)"


STATUS_KEY = _StatusKey()

KPI_KEY = [
    (KpiStatus.MET.label, "the target's own value is reached"),
    (KpiStatus.ON_TRAJECTORY.label, "this period's milestone is reached"),
    (KpiStatus.SLIGHTLY_BEHIND.label, "short of the target, within the tolerance"),
    (KpiStatus.BEHIND.label, "short of the target by more"),
    (KpiStatus.NO_TARGET.label, "nothing was promised for this period"),
    (KpiStatus.CONTEXTUAL.label, "neither higher nor lower is better"),
    (KpiStatus.NO_DATA.label, "no figure is held"),
]

# (drawing, what it says) of each icon of a control chart.
ICON_KEY = [
    *((icons.variation_icon(each, is_silent=True), icons.words(each)) for each in Variation),
    *((icons.assurance_icon(each, is_silent=True), icons.words(each)) for each in Assurance),
]
