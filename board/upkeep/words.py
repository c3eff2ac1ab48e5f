"""An area's own words for each status and for "work strand": blank means the product's own."""

from collections import Counter
from datetime import datetime

from django import forms

from board.key import MEANINGS
from board.upkeep.forms import SeenForm
from common.text import Keepable, tidy
from people.models import User
from strategies import keeping
from strategies.models import Area
from strategies.own_words import LONGEST, STRAND
from workstrands.status import PRODUCT_WORDS, SHOWN_ORDER

# "?" and the like are no names of fields.
NAMES = {letter: f"status_{PRODUCT_WORDS[letter].lower().replace(' ', '_')}" for letter in SHOWN_ORDER}


class WordsForm(SeenForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for letter in SHOWN_ORDER:
            label = f"{letter}: {PRODUCT_WORDS[letter]}"
            self.fields[NAMES[letter]] = _word(label, f"{MEANINGS[letter][:1].upper()}{MEANINGS[letter][1:]}.")
        self.fields["workstrand"] = _word("A work strand", "In the singular, such as workstream or theme.")

    def clean(self) -> None:
        """One word must not stand for two statuses, whoever chose it."""
        said = {letter: self.cleaned_data.get(name) or PRODUCT_WORDS[letter] for letter, name in NAMES.items()}
        twice = Counter(word.casefold() for word in said.values())
        for letter, word in said.items():
            name = NAMES[letter]
            if twice[word.casefold()] > 1 and self.cleaned_data.get(name) and not self.has_error(name):
                self.add_error(name, f"“{word}” stands for another status as well. Each needs a word of its own.")

    @property
    def words(self) -> dict:
        """As an area keeps them: only what differs from the product's own."""
        statuses = {letter: tidy(self.cleaned_data[name]) for letter, name in NAMES.items()}
        own = {letter: word for letter, word in statuses.items() if word and word != PRODUCT_WORDS[letter]}
        strand = tidy(self.cleaned_data["workstrand"])
        return ({"statuses": own} if own else {}) | ({"workstrand": strand} if strand and strand != STRAND else {})


def _word(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=False, validators=[Keepable(label, limit=LONGEST)],
        widget=forms.TextInput({"class": "govuk-input--width-20", "autocomplete": "off"}),
    )  # fmt: skip


def stands_of(area: Area) -> dict[str, str]:
    statuses = area.words.get("statuses", {})
    return {NAMES[letter]: statuses.get(letter, "") for letter in SHOWN_ORDER} | {
        "workstrand": area.words.get("workstrand", "")
    }


def say_words(area: Area, words: dict, *, by: User, at: datetime, seen: int | None) -> bool:
    return keeping.change(area, {"words": words}, by=by, at=at, seen=seen)
