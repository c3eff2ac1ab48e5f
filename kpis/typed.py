"""Numbers as people type them: 1,234.5, 94.8%, £1,200, −3. What could be read in two ways is refused with a sentence."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError

from kpis.vocabulary import Unit

MOST_WHOLE, MOST_DECIMALS = 12, 6  # digits, as the database keeps them
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_NUMBER = re.compile(r"-?(\d+|\d{1,3}(,\d{3})+)?(\.\d+)?", re.ASCII)
_PERCENTAGES = (Unit.PERCENT, Unit.PERCENT_CHANGE)


def number_from(text: str, *, name: str, unit: str = "") -> Decimal | None:
    """The number that was typed, none for nothing typed; a `ValidationError` that names the field and the fix.

    With a unit, its own mark is understood and another one's is refused.
    """
    bare = _SPACES.sub("", text).replace("\u2212", "-").replace("\u2013", "-").removeprefix("+")
    if not bare:
        return None
    bare = _without_mark(bare, name=name, unit=unit)
    if not bare.strip("-.,") or not _NUMBER.fullmatch(bare):
        raise ValidationError(f"{name}: {_why_unread(bare)}", code="invalid")
    whole, _, decimals = bare.replace(",", "").lstrip("-").partition(".")
    if len(whole.lstrip("0")) > MOST_WHOLE:
        raise ValidationError(
            f"{name}: the number is too large to keep. Check how many figures it has.", code="invalid"
        )
    if len(decimals.rstrip("0")) > MOST_DECIMALS:
        raise ValidationError(f"{name}: give {MOST_DECIMALS} decimal places at most.", code="invalid")
    sign = "-" if bare.startswith("-") else ""
    return Decimal(f"{sign}{whole or 0}.{decimals[:MOST_DECIMALS]}")


def _without_mark(bare: str, *, name: str, unit: str) -> str:
    if bare.endswith("%"):
        if unit not in _PERCENTAGES:
            raise ValidationError(f"{name}: this is not a percentage. Write the number alone.", code="invalid")
        return bare.removesuffix("%")
    if "£" in bare[:2]:
        if unit != Unit.GBP:
            raise ValidationError(f"{name}: this is not a sum of money. Write the number alone.", code="invalid")
        return bare.replace("£", "", 1)
    if unit == Unit.WEEKS:
        return re.sub(r"weeks?$", "", bare, flags=re.IGNORECASE)
    return bare


def _why_unread(bare: str) -> str:
    if "/" in bare:
        return f"“{bare[:20]}” could be a fraction or a date. Write one number, such as 92.5."
    if re.fullmatch(r"-?\d+,\d{1,2}", bare):
        return f"“{bare[:20]}”: write decimals after a point, such as {bare.replace(',', '.')[:20]}."
    if re.fullmatch(r"-?[\d,.]+[kmbKMB]n?", bare):
        return "write the number in full, such as 1,200,000."
    return "write a number, such as 92.5."
