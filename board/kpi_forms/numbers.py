"""What the forms of KPIs share: a number as people type it, and a question with few answers."""

from django import forms
from django.core.exceptions import ValidationError

from kpis.typed import number_from
from kpis.vocabulary import Unit

UNIT_HINTS = {
    Unit.PERCENT: "A percentage, such as 94.8 or 94.8%.",
    Unit.PERCENT_CHANGE: "A change in per cent, such as 4.5 or −3.",
    Unit.COUNT: "A number, such as 1,234.",
    Unit.GBP: "Pounds in full, such as £1,200,000.",
    Unit.WEEKS: "Weeks, such as 18.5.",
    Unit.SCORE: "A score, such as 28.4.",
    Unit.RANK: "A place, such as 12.",
    Unit.RATIO: "A number, such as 1.25.",
}


class NumberField(forms.Field):
    """A number as people type it; `unit` says which mark it may carry."""

    widget = forms.TextInput

    def __init__(self, *, unit: str = "", least: int | None = None, **kwargs):
        attrs = {"inputmode": "decimal", "autocomplete": "off", "class": "govuk-input--width-10"}
        super().__init__(widget=forms.TextInput(attrs), required=False, **kwargs)
        self.unit, self.least = unit, least

    def to_python(self, value):
        number = number_from(value or "", name=self.label, unit=self.unit)
        if number is not None and self.least is not None and number < self.least:
            raise ValidationError(f"{self.label}: {self.least or 'zero'} or more.", code="min_value")
        return number

    def prepare_value(self, value):
        return value if value is None or isinstance(value, str) else f"{value.normalize():,f}"


def radios(label: str, choices, *, help_text: str = "", missing: str = "Choose one.") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": missing, "invalid_choice": missing},
    )
