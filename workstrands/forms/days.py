"""Days as people type them: in three boxes, or in one."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from common.dates import MONTHS, in_words

FIRST_YEAR, LAST_YEAR = 1990, 2100


def day_from(day: str, month: str, year: str, *, name: str) -> date:
    """The day that three typed parts mean; a `ValidationError` naming the field and what is wrong with it."""
    day, month, year = day.strip(), month.strip(), year.strip()
    absent = [word for word, part in (("day", day), ("month", month), ("year", year)) if not part]
    if absent:
        raise ValidationError(f"{name} needs a {' and a '.join(absent)}.", code="incomplete")
    number = _month_number(month)
    if not (_is_number(day) and number and _is_number(year)):
        raise ValidationError(f"{name}: write the day in numbers, such as 31 3 2027.", code="invalid")
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise ValidationError(f"{name}: give the year in four figures, {FIRST_YEAR} to {LAST_YEAR}.", code="invalid")
    try:
        return date(int(year), number, int(day))
    except ValueError:
        said = f"{int(day)} {MONTHS[number - 1]} {year}" if number <= 12 else f"month {number}"
        raise ValidationError(f"{name}: there is no {said}. Choose a real day.", code="invalid") from None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4


def _month_number(text: str) -> int:
    """3 for "3", "03", "Mar" and "March"; 0 for what is no month at all."""
    if _is_number(text):
        return int(text)
    found = [
        at for at, month in enumerate(MONTHS, start=1) if len(text) >= 3 and month.lower().startswith(text.lower())
    ]
    return found[0] if found else 0


class DayWidget(forms.MultiWidget):
    """Day, month and year as three short boxes."""

    template_name = "components/date_input.html"

    def __init__(self, attrs=None):
        boxes = [
            forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "class": f"govuk-input--width-{width}"})
            for width in (2, 2, 4)
        ]
        super().__init__(boxes, attrs)

    def decompress(self, value: date | None) -> list[str]:
        return [str(value.day), str(value.month), str(value.year)] if value else ["", "", ""]


class DayField(forms.Field):
    """A day in three boxes, as the GOV.UK date input asks for it."""

    widget = DayWidget

    def to_python(self, value) -> date | None:
        if not value or not any(part and part.strip() for part in value):
            return None
        return day_from(*(part or "" for part in value), name=self.label)


class ShortDayField(forms.Field):
    """A day in one box, for tables: 31 10 2026, 31/10/2026, 31 October 2026 or 2026-10-31."""

    widget = forms.TextInput

    def to_python(self, value) -> date | None:
        if not value or not value.strip():
            return None
        parts = [part for part in value.replace("/", " ").replace("-", " ").replace(".", " ").split(" ") if part]
        if len(parts) == 3 and len(parts[0]) == 4 and _is_number(parts[0]):
            parts.reverse()
        if len(parts) != 3:
            raise ValidationError(f"{self.label}: write day, month and year, such as 31 10 2027.", code="invalid")
        return day_from(*parts, name=self.label)

    def prepare_value(self, value):
        return in_words(value) if isinstance(value, date) else value
