"""The fields that the forms of actions share."""

from django import forms
from django.core.exceptions import ValidationError

from board.action_forms.choosing import Chosen
from common.text import Keepable
from workstrands.forms import choice
from workstrands.upkeep.seen import STALE, Seen

FROM_THE_LIST = "Choose from the list."


class SeenField(forms.CharField):
    """What the page had seen of the action, kept as it was sent."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs):
        super().__init__(required=False, max_length=60, **kwargs)

    def clean(self, value) -> Seen:
        return Seen.read(value if isinstance(value, str) else "")


def seen_field() -> SeenField:
    return SeenField(error_messages={"max_length": STALE})


def wording(label: str, help_text: str = "", *, rows: int = 3, name: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=False, strip=False, validators=[Keepable(name or label)],
        widget=forms.Textarea({"rows": rows}),
    )  # fmt: skip


def ticks(label: str, help_text: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, help_text=help_text, required=False, widget=forms.CheckboxSelectMultiple({"small": True}),
        error_messages={"invalid_choice": FROM_THE_LIST},
    )  # fmt: skip


class PlacedMixin:
    """What a form with `place` and `strand` says where an action hangs."""

    chosen: Chosen

    def offer_places(self, *, empty: str) -> None:
        self.fields["place"].choices = [("", empty), *self.chosen.place_choices]
        if "strand" in self.fields:
            self.fields["strand"].choices = [("", "No other work strand"), *self.chosen.strand_choices]

    def clean(self) -> None:
        if self.has_error("place") or self.has_error("strand"):
            return
        try:
            self.place = self.chosen.place(self.cleaned_data.get("place", ""), self.cleaned_data.get("strand", ""))
        except ValidationError as error:
            self.accuse(error)


def place_field(label: str = "What it hangs on") -> forms.ChoiceField:
    return choice(label, [], empty="Choose", invalid="Choose an objective, a priority or a work strand of this plan.")


def strand_field() -> forms.ChoiceField:
    return choice("Work strand as well", [], empty="No other work strand",
                  help_text="Only of an action that hangs on a priority.",
                  invalid="Choose a work strand of this plan.")  # fmt: skip


def lead_field(label: str = "Lead", *, empty: str, help_text: str = "") -> forms.ChoiceField:
    return choice(label, [], empty=empty, help_text=help_text, invalid="Choose a lead of this area who is in post.")


def partner_field(empty: str = "No partner") -> forms.ChoiceField:
    return choice("Partner", [], empty=empty, help_text="The body that owns it, where that is not its lead’s.",
                  invalid="Choose a partner of this area.")  # fmt: skip
