"""The form in which officers say what of the area's plans answers an inspection finding."""

from django import forms

from workstrands.forms.fields import one_line
from workstrands.forms.picking import PickForm, ticks


class AnswersForm(PickForm):
    """`was_critical` carries the marks that stood when the page was opened."""

    picked = "answers"
    q = one_line("Find in the plans", limit=100, help_text="Words or a reference. What is ticked stays ticked.")
    answers = ticks()
    critical = ticks()
    was_critical = ticks()
    new_are_critical = forms.BooleanField(
        required=False,
        label="Mark the actions that I add as critical",
        help_text="A critical action counts as off track as soon as its date has passed.",
    )
