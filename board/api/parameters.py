"""What may be asked in an address: each parameter declared once, checked by what the description says of it.

Those of a page's own filters are made of its form, so that the API takes what the page takes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.dateparse import parse_date

from board.api.problems import bad_request

MOST_ROWS = 5000
DEFAULT_ROWS = 500
MOST_PAGES = 100_000
SLUG = r"^[-a-zA-Z0-9_]{1,80}$"
# Without the characters that no database or file can carry.
TEXT = r"^[^\u0000-\u001f\u007f-\u009f\ufdd0-\ufdef\ufffe\uffff]{0,200}$"
_DAY = r"(?:199\d|[2-9]\d{3})-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31|02-29)"
_TIME = r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z"
DAY_OR_MOMENT = f"^{_DAY}(?:{_TIME})?$".replace(r"\d", "[0-9]")


@dataclass(frozen=True, slots=True)
class Parameter:
    """`choices` are all that it may say; without them `pattern`, `is_day` or `most` bound it."""

    name: str
    about: str
    choices: tuple[str, ...] = ()
    is_list: bool = False
    pattern: str = ""
    is_day: bool = False
    most: int = 0  # of a whole number from 1
    default: int = 0

    def schema(self) -> dict:
        one: dict = {"type": "string"}
        if self.choices:
            one["enum"] = list(self.choices)
        elif self.most:
            one = {"type": "integer", "minimum": 1, "maximum": self.most}
        elif self.is_day:
            one["format"] = "date"
        elif self.pattern:
            one["pattern"] = self.pattern
        if self.default:
            one["default"] = self.default
        return {"type": "array", "items": one} if self.is_list else one

    def check(self, values: list[str]) -> None:
        if len(values) > 1 and not self.is_list:
            raise bad_request(f"{self.name} can be given once.")
        for value in values:
            if not self.takes(value):
                raise bad_request(f"{self.name} does not take “{value[:60]}”. {self.expected}")

    def takes(self, value: str) -> bool:
        if self.choices:
            return value in self.choices
        if self.most:
            return bool(re.fullmatch(r"[1-9][0-9]{0,8}", value)) and int(value) <= self.most
        if self.is_day:
            return is_day(value)
        return not self.pattern or re.fullmatch(self.pattern, value) is not None

    @property
    def expected(self) -> str:
        if self.choices:
            return f"It takes one of: {', '.join(self.choices)}."
        if self.most:
            return f"It takes a whole number from 1 to {self.most:,}."
        return "It takes a day written like 2026-03-31." if self.is_day else self.about


def is_day(text: str) -> bool:
    try:
        return re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None and parse_date(text) is not None
    except ValueError:
        return False


AS_AT = Parameter(
    "as_at",
    "The rows as they stood at the end of a day (2026-03-31) or at a moment (2026-03-31T13:05:09Z) that has passed.",
    pattern=DAY_OR_MOMENT,
)
SHARED = (
    AS_AT,
    Parameter("limit", "Rows a page. A CSV file has as many as it can where nothing is said.", most=MOST_ROWS, default=DEFAULT_ROWS),
    Parameter("page", "Which page. Follow the address given as next instead of counting.", most=MOST_PAGES, default=1),
    Parameter("format", "What is answered, whatever the header Accept says.", choices=("json", "csv")),
)  # fmt: skip


def of_form(fields: dict[str, forms.Field]) -> tuple[Parameter, ...]:
    """A parameter for each field of a form that filters a page."""
    return tuple(_of_field(name, field) for name, field in fields.items())


def _of_field(name: str, field: forms.Field) -> Parameter:
    about = f"{field.label}."
    if isinstance(field, forms.MultipleChoiceField):
        return Parameter(name, about, choices=_values(field.choices), is_list=True)
    if isinstance(field, forms.ChoiceField):
        choices = _values(field.choices)
        return Parameter(name, about, choices=choices) if choices else Parameter(name, about, pattern=TEXT)
    if isinstance(field, forms.DateField):
        return Parameter(name, about, is_day=True)
    return Parameter(name, about, pattern=TEXT)


def _values(choices) -> tuple[str, ...]:
    return tuple(str(value) for value, _ in choices if value)


def sorted_by(columns: Iterable[str]) -> Parameter:
    both = tuple(sign + name for name in columns for sign in ("", "-"))
    return Parameter("sort", "By which columns, as on the page; - turns the order round.", choices=both, is_list=True)


def check_all(asked: QueryDict, parameters: Iterable[Parameter]) -> None:
    """400 for what is not taken, and for a name that nothing answers: a slip must not widen what is read."""
    known = {parameter.name: parameter for parameter in parameters}
    unknown = sorted(name for name in asked if name not in known)
    if unknown:
        raise bad_request(f"There is no parameter “{unknown[0][:60]}” here. There are: {', '.join(sorted(known))}.")
    for name, values in asked.lists():
        known[name].check(values)
