"""What the forms share that tick some of many records, with a search that narrows what is listed."""

from django import forms

from workstrands.forms.fields import FilledForm, one_line

GONE = "Something that was ticked is no longer there, or is not this area’s. Tick again and save."


def ticks() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(required=False, error_messages={"invalid_choice": GONE})


class PickForm(FilledForm):
    """`picked` names the field of ticks. `was` carries what stood when the page was opened, so that two people’s
    changes add up."""

    picked = ""
    q = one_line("Find", limit=100)
    was = ticks()

    def __init__(self, *args, addresses, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.MultipleChoiceField):
                field.choices = [(address, address) for address in addresses]

    @property
    def picks(self):
        """The bound field of ticks."""
        return self[self.picked]

    @property
    def ticked(self) -> set[str]:
        """Also of a form that nobody has judged."""
        return set(self.picks.value() or ())
