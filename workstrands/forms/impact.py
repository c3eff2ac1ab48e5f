"""The form in which an officer confirms that an action's impact is sustained."""

from django import forms

from workstrands.forms.fields import FilledForm, long_text


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
