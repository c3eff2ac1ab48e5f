"""What the forms share: a form that can be shown before it is judged, and fields with their messages.

Nothing that was typed is dropped: texts are kept as sent until they can be stored.
"""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.forms.utils import ErrorDict

from common.templatetags.marks import form_errors
from common.text import Keepable
from people.models import Lead


class FilledForm(forms.Form):
    """A form that can show what was typed before anybody judges it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)

    def unjudged(self):
        """Filled, without messages: for a form that comes back from a parking or a conflict."""
        self._errors = ErrorDict()
        self.cleaned_data = {}
        return self

    def accuse(self, error: ValidationError) -> None:
        """Put the messages of a rule by their fields; those of no field of this form stand above."""
        if not hasattr(error, "error_dict"):
            return self.add_error(None, error)
        for field, messages in error.error_dict.items():
            if field in self.fields:
                if not self.has_error(field):
                    self.add_error(field, messages)
            else:
                self.add_error(None, messages)
        return None

    @property
    def summary(self) -> list[tuple[str, str]]:
        """(address on the page, message) of each message, in the order of the fields: the error summary."""
        return form_errors(self)


def long_text(label: str, help_text: str, *, rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        strip=False,
        validators=[Keepable(label)],
        widget=forms.Textarea({"rows": rows}),
    )


def one_line(label: str, *, limit: int, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        validators=[Keepable(label, limit=limit)],
    )


def choice(
    label: str, choices, *, empty: str, help_text: str = "", invalid: str = "Choose one of the list."
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        required=False,
        choices=[("", empty), *choices],
        error_messages={"invalid_choice": invalid},
    )


def with_role(lead: Lead) -> str:
    """A name with its role, where that is not the name already."""
    return f"{lead}, {lead.role}" if lead.role and lead.role != lead.name else str(lead)


class WebAddressField(forms.CharField):
    """An address of the web only: http or https, so that no link runs anything."""

    default_validators = (
        URLValidator(["http", "https"], message="Write the whole address, such as https://www.example.org/report."),
    )
