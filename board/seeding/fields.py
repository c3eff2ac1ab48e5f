"""The fields that a record in a seed file may have, and what is wrong with a value that does not fit one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches


@dataclass(frozen=True)
class Field:
    """`fault` says what is wrong with a value, nothing when it fits.

    `into` names the model's field where it has another name. A field that is `apart` is not written to the record's
    own row but to one beside it (an action's lead stands in its placement). `refers_to` names the kind of record that
    the value points at.
    """

    fault: Callable[[object], str]
    is_required: bool = True
    into: str = ""
    apart: bool = False
    refers_to: str = ""
    is_list: bool = False


def nearest(word: object, words: Sequence[str]) -> str:
    """Did you mean...? Nothing when no word is near."""
    near = get_close_matches(str(word), words, n=1)
    return f' Did you mean "{near[0]}"?' if near else ""


def text_fault(value: object) -> str:
    if not isinstance(value, str):
        return "must be text in quotation marks."
    if any((ord(letter) < 32 and letter not in "\n\t") or letter == "\x7f" for letter in value):
        return "holds a control character."
    return ""


def texts_fault(value: object) -> str:
    if not isinstance(value, list) or any(text_fault(item) for item in value):
        return 'must be a list of texts, such as ["1.1", "1.2"].'
    return "" if len(set(value)) == len(value) else "names the same thing twice."


def flag_fault(value: object) -> str:
    return "" if isinstance(value, bool) else "must be true or false."


def whole_fault(value: object) -> str:
    return "" if isinstance(value, int) and not isinstance(value, bool) else "must be a whole number."


def number_fault(value: object) -> str:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return "" if is_number and Decimal(value).is_finite() else "must be a number, without quotation marks."


def day_fault(value: object) -> str:
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    return "" if is_day else "must be a date, such as 2019-10-31, without quotation marks or time."


def tables_fault(value: object) -> str:
    fits = isinstance(value, list) and all(isinstance(item, dict) for item in value)
    return "" if fits else "must be tables of their own, in double brackets."


def text(**options) -> Field:
    return Field(text_fault, **options)


def texts(**options) -> Field:
    return Field(texts_fault, **options)


def flag(**options) -> Field:
    return Field(flag_fault, is_required=False, **options)


def whole(**options) -> Field:
    return Field(whole_fault, **options)


def number(**options) -> Field:
    return Field(number_fault, **options)


def day(**options) -> Field:
    return Field(day_fault, **options)


def choice(choices, **options) -> Field:
    """One of a model's choices (a `TextChoices`), by its stored value."""

    def fault(value: object) -> str:
        if value in choices.values:
            return ""
        return f'"{value}" is not one of {", ".join(choices.values)}.{nearest(value, choices.values)}'

    return Field(fault, **options)


def reference(kind: str, **options) -> Field:
    """A record's key; that of another folder as `<folder>/<key>`."""
    return Field(text_fault, refers_to=kind, **options)


def references(kind: str, **options) -> Field:
    return Field(texts_fault, refers_to=kind, is_list=True, is_required=False, apart=True, **options)
