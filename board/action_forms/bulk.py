"""What is to be done to many chosen actions."""

from django import forms

from board.action_forms.choosing import Chosen
from board.action_forms.fields import (
    FROM_THE_LIST,
    PlacedMixin,
    lead_field,
    partner_field,
    place_field,
    strand_field,
)
from board.action_forms.placing import STATES, UNOWNED_HINT
from workstrands.forms import DayField, FilledForm, choice, one_line
from workstrands.upkeep.bulk import Kind
from workstrands.upkeep.placing import LONGEST_REASON


class BulkForm(PlacedMixin, FilledForm):
    """What is to be done to the chosen actions. Only what the chosen deed asks for is read."""

    kind = forms.ChoiceField(
        label="What should be done?", choices=Kind.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose what should be done.", "invalid_choice": "Choose what should be done."},
    )  # fmt: skip
    lead = lead_field("Hand them to", empty="Choose a lead", help_text=UNOWNED_HINT)
    partner = partner_field()
    place = place_field("Move them under")
    strand = strand_field()
    due_on = DayField(label="Date", required=False, help_text="For example, 31 3 2027.")
    state = forms.ChoiceField(
        label="Proposed or agreed", choices=STATES, widget=forms.RadioSelect, required=False,
        error_messages={"invalid_choice": "Choose which it is."},
    )  # fmt: skip
    reason = one_line("Reason", limit=LONGEST_REASON, help_text="Asked of a date, and of retiring.")
    is_critical = forms.ChoiceField(
        label="Are they critical?", choices=[("1", "Critical"), ("0", "Not critical")], required=False,
        widget=forms.RadioSelect({"inline": True}), error_messages={"invalid_choice": FROM_THE_LIST},
    )  # fmt: skip
    kpi = choice("KPI that they should move", [], empty="Choose a KPI", invalid="Choose a KPI of this area.")

    def __init__(self, *args, chosen: Chosen, **kwargs):
        super().__init__(*args, **kwargs)
        self.chosen, self.place = chosen, None
        self.offer_places(empty="Choose")
        self.fields["lead"].choices = [("", "Choose a lead"), *chosen.hand_over_choices]
        self.fields["partner"].choices = [("", "No partner"), *chosen.partner_choices]
        self.fields["kpi"].choices = [("", "Choose a KPI"), *((code, str(kpi)) for code, kpi in chosen.kpis.items())]

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("kind") == Kind.CRITICAL and not self.cleaned_data.get("is_critical"):
            self.add_error("is_critical", "Choose whether they are critical.")
        if self.cleaned_data.get("kind") == Kind.DATE and not self.cleaned_data.get("state"):
            self.add_error("state", "Choose whether the date is proposed or agreed.")
