"""The form in which officers say what of the area's plans answers an inspection finding."""

from django import forms

from workstrands.forms.fields import FilledForm, one_line

GONE = "Something that was ticked is no longer there, or is not this area’s. Tick again and save."


def _many() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(required=False, error_messages={"invalid_choice": GONE})


class AnswersForm(FilledForm):
    """`was` and `was_critical` carry what stood when the page was opened, so that two people’s changes add up."""

    q = one_line("Find in the plans", limit=100, help_text="Words or a reference. What is ticked stays ticked.")
    answers = _many()
    was = _many()
    critical = _many()
    was_critical = _many()
    new_are_critical = forms.BooleanField(
        required=False,
        label="Mark the actions that I add as critical",
        help_text="A critical action counts as off track as soon as its date has passed.",
    )

    def __init__(self, *args, addresses, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("answers", "was", "critical", "was_critical"):
            self.fields[name].choices = [(address, address) for address in addresses]

    @property
    def ticked(self) -> set[str]:
        """Also of a form that nobody has judged."""
        return set(self["answers"].value() or ())
