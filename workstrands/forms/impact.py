"""The forms of impact: what an action should change, and that its impact is sustained."""

from django import forms

from workstrands.forms.days import DayField
from workstrands.forms.fields import FilledForm, long_text, one_line
from workstrands.forms.picking import PickForm, ticks
from workstrands.impact import Aim

STALE = "This page did not say what it answers. Open it again."


class ImpactForm(PickForm):
    """`was_impact` and `was_from` carry what was said when the page was opened."""

    picked = "kpis"
    intended_impact = long_text(
        "What should be different for children and young people",
        "In a sentence or two, so that somebody can tell afterwards whether it came about.",
    )
    q = one_line("Find a KPI", limit=100, help_text="Words of its title. What is ticked stays ticked.")
    kpis = ticks()
    effect_expected_from = DayField(
        label="An effect is expected from",
        help_text="Until then its figures speak neither for nor against it. For example, 1 9 2027.",
        required=False,
    )
    is_not_known = forms.BooleanField(label="It is not known yet from when", required=False)
    was_impact = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)
    was_from = forms.DateField(
        widget=forms.HiddenInput, required=False, input_formats=["%Y-%m-%d"], error_messages={"invalid": STALE}
    )

    def clean(self) -> None:
        """Of KPIs that should move one asks from when; that nobody knows is an answer too."""
        day, is_not_known = self.cleaned_data.get("effect_expected_from"), self.cleaned_data.get("is_not_known")
        if self.has_error("effect_expected_from"):
            return
        if day and is_not_known:
            self.add_error("effect_expected_from", "Give the day, or tick that it is not known yet: not both.")
        elif self.cleaned_data.get("kpis") and not day and not is_not_known:
            message = "Say from when an effect on these KPIs is expected, or tick that it is not known yet."
            self.add_error("effect_expected_from", message)

    def seen(self, ids) -> Aim:
        """What stood when the page was opened; `ids` of the KPIs that were linked."""
        said = self.cleaned_data
        return Aim(frozenset(ids), said["was_impact"], said["was_from"])


class ConfirmImpactForm(FilledForm):
    """`seen_number` is that of the confirmation that stood when the page was opened, 0 for none."""

    seen_number = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=1_000_000)
    text = long_text("What you looked at", "What shows that the difference has lasted, and with whom you looked at it.")

    def clean_seen_number(self) -> int:
        return self.cleaned_data["seen_number"] or 0

    def clean_text(self) -> str:
        text = self.cleaned_data["text"].strip()
        if not text:
            raise forms.ValidationError("Say what you looked at.")
        return text
