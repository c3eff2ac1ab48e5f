"""The page for families as a form: one box for each sentence. An emptied box leaves its sentence out."""

import re

from django import forms

from board.public import LONGEST_ITEM, MOST_ITEMS, PAIRS, SECTIONS, hints_of
from common.text import Keepable
from workstrands.forms import FilledForm

SPARE = 2  # empty boxes at the end of each part
_NAME = re.compile(rf"({'|'.join([*SECTIONS, 'said', 'did'])})_(\d{{1,2}})")
WORDS = {"promised": "Promise", "done": "Done", "next": "Next", "said": "You said", "did": "We did"}


class PublicPageForm(FilledForm):
    """`content` is what the boxes hold at first; once sent, there are as many as were sent."""

    seen_number = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=1_000_000)
    intro = forms.CharField(
        label="What the page is", required=False, strip=False, widget=forms.Textarea({"rows": 3}),
        validators=[Keepable("What the page is", limit=LONGEST_ITEM)],
    )  # fmt: skip
    is_checked = forms.BooleanField(
        label="I have checked: no person is named, and no small group of people can be worked out", required=False
    )

    def __init__(self, data=None, *, content: dict | None = None, seen_number: int = 0):
        super().__init__(data, initial={"seen_number": seen_number, **_boxes(content)} if content else None)
        self.sizes = _sizes(data) if data is not None else _sizes(_boxes(content))
        for name, size in self.sizes.items():
            for i in range(size):
                self.fields[f"{name}_{i}"] = _box(f"{WORDS[name]} {i + 1}")

    def clean_seen_number(self) -> int:
        return self.cleaned_data["seen_number"] or 0

    @property
    def content(self) -> dict:
        """As typed, every box in its place, so that a message finds its box."""
        held = {name: self[name].value() or "" for name in self.fields if name not in ("seen_number", "is_checked")}
        made = {name: [held[f"{name}_{i}"] for i in range(self.sizes[name])] for name in SECTIONS}
        pairs = [[held[f"said_{i}"], held[f"did_{i}"]] for i in range(self.sizes["said"])]
        return {"intro": held["intro"], **made, PAIRS: pairs}

    # For the page

    @property
    def parts(self) -> list[tuple[str, str, list]]:
        """(name, title, boxes with their hints) of each part."""
        return [
            (name, title, [self._with_hints(f"{name}_{i}") for i in range(self.sizes[name])])
            for name, title in SECTIONS.items()
        ]

    @property
    def pairs(self) -> list[tuple]:
        return [(self._with_hints(f"said_{i}"), self._with_hints(f"did_{i}")) for i in range(self.sizes["said"])]

    def _with_hints(self, name: str) -> tuple:
        box = self[name]
        return box, hints_of(box.value() or "")


def _box(label: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, strip=False, widget=forms.Textarea({"rows": 2}),
        validators=[Keepable("This", limit=LONGEST_ITEM)],
    )  # fmt: skip


def _boxes(content: dict | None) -> dict[str, str]:
    if content is None:
        return {}
    found = {"intro": content["intro"]}
    found |= {f"{name}_{i}": text for name in SECTIONS for i, text in enumerate(content[name])}
    for i, (said, did) in enumerate(content[PAIRS]):
        found |= {f"said_{i}": said, f"did_{i}": did}
    return found


def _sizes(held) -> dict[str, int]:
    """How many boxes each part has: those that hold something, and a few spare ones."""
    filled = dict.fromkeys([*SECTIONS, "said", "did"], 0)
    for key in held:
        match = _NAME.fullmatch(key)
        if match and str(held[key]).strip():
            filled[match[1]] = max(filled[match[1]], int(match[2]) + 1)
    filled["said"] = filled["did"] = max(filled["said"], filled["did"])
    return {name: min(size + SPARE, MOST_ITEMS) for name, size in filled.items()}
