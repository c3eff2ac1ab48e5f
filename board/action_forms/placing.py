"""Where an action hangs, who leads it, and when it is due."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError

from board.action_forms.choosing import Chosen
from board.action_forms.fields import (
    FROM_THE_LIST,
    PlacedMixin,
    lead_field,
    place_field,
    seen_field,
    strand_field,
)
from workstrands.forms import DayField, FilledForm, choice, one_line
from workstrands.models import Action
from workstrands.status import DeadlineState
from workstrands.upkeep.placing import LONGEST_REASON

UNOWNED_HINT = "An action that nobody leads, and no partner owns, is flagged as unowned until somebody is named."


class ActionMoveForm(PlacedMixin, FilledForm):
    """Where it hangs, who leads it, and where it stands among those beside it."""

    seen = seen_field()
    place = place_field()
    strand = strand_field()
    lead = lead_field(empty="As it is", help_text=UNOWNED_HINT)
    after = choice(
        "Its place in the order", [], empty="As it is", help_text="Among the actions that hang beside it now.",
        invalid="Choose one of the actions beside it.",
    )  # fmt: skip

    def __init__(self, *args, chosen: Chosen, beside: Iterable[Action], **kwargs):
        super().__init__(*args, **kwargs)
        self.chosen, self.place = chosen, None
        self.beside = {one.key: one for one in beside}
        self.offer_places(empty="As it is")
        self.fields["lead"].choices = [("", "As it is"), *chosen.hand_over_choices]
        after = [(key, f"After {one}") for key, one in self.beside.items()]
        self.fields["after"].choices = [("", "As it is"), *([("first", "Before them all"), *after] if after else [])]

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("after") and self.cleaned_data.get("place"):
            self.add_error("after", "Move it first. Its order under the new place can be changed afterwards.")


STATES = [
    (DeadlineState.PROPOSED, "Propose it to the Board: it counts once the Board agrees it"),
    (DeadlineState.AGREED, "Record it as agreed already: it counts from now"),
]


class DateForm(FilledForm):
    """Another date for an action; only an officer may record one as agreed."""

    seen = seen_field()
    due_on = DayField(
        label="Due on", help_text="For example, 31 3 2027.", error_messages={"required": "Give the date."}
    )
    applies_to = choice("What the date is for", [], empty="The whole action", invalid=FROM_THE_LIST)
    reason = one_line(
        "Why another date is needed", limit=LONGEST_REASON, help_text="In a sentence: the Board reads it."
    )
    state = forms.ChoiceField(
        label="Proposed or agreed", choices=STATES, widget=forms.RadioSelect,
        error_messages={"required": "Choose which it is.", "invalid_choice": "Choose which it is."},
    )  # fmt: skip

    def __init__(self, *args, parts: Iterable[str], may_agree: bool, **kwargs):
        super().__init__(*args, **kwargs)
        parts = [part for part in parts if part]
        self.fields["applies_to"].choices = [("", "The whole action"), *((part, part) for part in parts)]
        if not parts:
            del self.fields["applies_to"]
        if not may_agree:
            del self.fields["state"]

    def clean_reason(self) -> str:
        if not self.cleaned_data["reason"].strip():
            raise ValidationError("Say why another date is needed.")
        return self.cleaned_data["reason"]

    @property
    def said(self) -> dict:
        given = self.cleaned_data
        return {
            "due_on": given["due_on"], "reason": given["reason"], "applies_to": given.get("applies_to", ""),
            "state": given.get("state", DeadlineState.PROPOSED),
        }  # fmt: skip
