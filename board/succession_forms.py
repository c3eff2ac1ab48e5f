"""Which two plans are looked at, what narrows the thread, and what became of one promise."""

from django import forms

from board.succession import FATE_WORDS, NOBODY, Promise, Traced
from board.succession_keeping import NEEDS_LATER, Decided
from board.vocabulary import Fate
from strategies.models import Strategy
from workstrands.forms import DayField, FilledForm, choice, long_text, one_line

PROPOSED = "proposed"  # nobody has accounted for it, and something reads like it
STATES = {
    NOBODY: "Nobody has accounted for it", PROPOSED: "With a proposal", **{f: FATE_WORDS[f] for f in FATE_WORDS if f != NOBODY},
}  # fmt: skip
LONGEST_OPTION = 110
FATES = [
    (Fate.CARRIED_ON, "Carried on in the later plan"), (Fate.DELIVERED, "Delivered"), (Fate.DROPPED, "Dropped"),
    (Fate.OPEN, "Still open"), (Fate.NOT_THE_SAME, "Not the same promise as the one chosen below"),
]  # fmt: skip


class PlansForm(forms.Form):
    """Two plans of an area, and which promises of the earlier one are shown. Every count is an address with some of these."""

    earlier = forms.ChoiceField(
        label="Earlier plan", required=False, error_messages={"invalid_choice": "Earlier plan: choose one of the list."}
    )
    later = forms.ChoiceField(
        label="Later plan", required=False, error_messages={"invalid_choice": "Later plan: choose one of the list."}
    )
    fate = forms.ChoiceField(
        label="What became of it", required=False, choices=[("", "All"), *STATES.items()],
        error_messages={"invalid_choice": "What became of it: choose one of the list."},
    )  # fmt: skip

    def __init__(self, data, *, plans: list[Strategy], pair: tuple[Strategy | None, Strategy | None]):
        earlier, later = pair
        filled = {"earlier": earlier.slug if earlier else "", "later": later.slug if later else "", "fate": ""}
        super().__init__({name: data.get(name) or first for name, first in filled.items()}, label_suffix="")
        self.plans = {plan.slug: plan for plan in plans}
        self.sent = data
        for name in ("earlier", "later"):
            self.fields[name].choices = [(plan.slug, plan.title) for plan in plans]

    def clean(self):
        earlier, later = (self.plans.get(self.cleaned_data.get(name, "")) for name in ("earlier", "later"))
        if earlier and later and earlier.starts_on >= later.starts_on:
            self.add_error("later", "Later plan: choose one that started after the earlier plan.")
        return self.cleaned_data

    @property
    def earlier_plan(self) -> Strategy | None:
        return self.plans.get(self.cleaned_data["earlier"])

    @property
    def later_plan(self) -> Strategy | None:
        return self.plans.get(self.cleaned_data["later"])

    @property
    def unknown_names(self) -> list[str]:
        return sorted(name[:40] for name in self.sent if name not in {*self.fields, "as_at", "page", "_export"})

    def kept(self, traced: list[Traced]) -> list[Traced]:
        fate = self.cleaned_data["fate"]
        if fate == PROPOSED:
            return [one for one in traced if one.proposed]
        return [one for one in traced if not fate or one.fate == fate]

    def in_words(self) -> list[tuple[str, str]]:
        return [("What became of it", STATES[self.cleaned_data["fate"]])] if self.cleaned_data["fate"] else []


class FateForm(FilledForm):
    """What became of one promise. `candidates` are what the later plan offers."""

    seen_number = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2_000_000_000)
    fate = forms.ChoiceField(
        label="What became of it?", choices=FATES, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose what became of it."),
    )  # fmt: skip
    later = choice(
        "Objective or action of the later plan", [], empty="None",
        help_text="Only where it is carried on, or where one is not the same promise.",
        invalid="The later plan has no such objective or action. Choose one of the list.",
    )  # fmt: skip
    reason = long_text("Why", "What it rests on: a report, a decision, where it can be read.", rows=3)
    decided_by = one_line("Who decided", limit=160, help_text="A person, a post or a meeting. Left empty, you.")
    decided_on = DayField(label="Decided on", required=False, help_text="Left empty, today.")

    def __init__(self, *args, candidates: list[Promise], **kwargs):
        super().__init__(*args, **kwargs)
        self.candidates = {one.value: one for one in candidates}
        offered = [(value, _shown(one)) for value, one in self.candidates.items()]
        self.fields["later"].choices = [("", "None"), *offered]

    @property
    def decided(self) -> Decided:
        asked = self.cleaned_data
        later = self.candidates.get(asked["later"]) if asked["fate"] in NEEDS_LATER else None
        return Decided(asked["fate"], later, asked["reason"], asked["decided_by"], asked["decided_on"])


def _shown(promise: Promise) -> str:
    words = f"{promise.ref} {promise.text}"
    return words if len(words) <= LONGEST_OPTION else f"{words[: LONGEST_OPTION - 1].rstrip()}…"
