"""The fields of a row: what each is called, what it holds, how it is described, and its columns in a CSV file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum

from kpis.rating import exact

Get = Callable[[object], object]


class Kind(Enum):
    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    YES = "true or false"
    DAY = "date"
    MOMENT = "moment"
    CODED = "code and word"
    LIST = "list of texts"
    FLAGS = "list of flags"


def _object(**properties: dict) -> dict:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


STRING = {"type": "string"}
SCHEMAS: dict[Kind, dict] = {
    Kind.TEXT: STRING,
    Kind.WHOLE: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.YES: {"type": "boolean"},
    Kind.DAY: {"type": "string", "format": "date"},
    Kind.MOMENT: {"type": "string", "format": "date-time"},
    Kind.CODED: _object(code=STRING, word=STRING),
    Kind.LIST: {"type": "array", "items": STRING},
    Kind.FLAGS: {"type": "array", "items": _object(code=STRING, word=STRING, sentence=STRING)},
}
NEVER_NULL = (Kind.TEXT, Kind.LIST, Kind.FLAGS, Kind.YES)  # an empty text, an empty list


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: Kind
    about: str
    get: Get

    def schema(self) -> dict:
        found = dict(SCHEMAS[self.kind])
        if self.kind not in NEVER_NULL:
            found["type"] = [found["type"], "null"]
        return {**found, "description": self.about}

    def value(self, row) -> object:
        """As JSON holds it."""
        return _as_json(self.kind, self.get(row))

    @property
    def columns(self) -> list[str]:
        if self.kind is Kind.CODED:
            return [f"{self.name}_code", f"{self.name}_word"]
        return [self.name, f"{self.name}_in_words"] if self.kind is Kind.FLAGS else [self.name]

    def cells(self, row) -> list:
        """As CSV holds it: codes and words in columns of their own, lists joined by semicolons."""
        value = self.value(row)
        if self.kind is Kind.CODED:
            return [value["code"], value["word"]] if value else ["", ""]
        if self.kind is Kind.FLAGS:
            return [
                "; ".join(one["code"] for one in value),
                " ".join(f"{one['word']}: {one['sentence']}" for one in value),
            ]
        if self.kind is Kind.LIST:
            return ["; ".join(value)]
        return [str(value).lower() if isinstance(value, bool) else value]


def _as_json(kind: Kind, value):
    if kind is Kind.TEXT:
        return str(value or "")
    if kind is Kind.YES:
        return bool(value)
    if value is None or value == "":
        return [] if kind in NEVER_NULL else None
    if kind is Kind.MOMENT:
        return moment_text(value)
    if kind is Kind.DAY:
        return value.isoformat()
    if kind is Kind.NUMBER:
        return number(value)
    return list(value) if kind is Kind.LIST else value


def moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def number(value: Decimal | float) -> int | float:
    """A JSON number that reads like the figure: 64.8, not 64.799999."""
    value = value if isinstance(value, Decimal) else exact(value)
    return int(value) if value == value.to_integral_value() else float(value)


# Short ways to declare fields


def _at(path: str) -> Get:
    """The attribute at a dotted path; None where something on the way is None."""
    names = path.split(".")

    def get(row):
        for name in names:
            row = getattr(row, name) if row is not None else None
        return row

    return get


def _declare(kind: Kind):
    def field(name: str, about: str, get: str | Get = "") -> Field:
        return Field(name, kind, about, get if callable(get) else _at(get or name))

    return field


text = _declare(Kind.TEXT)
whole = _declare(Kind.WHOLE)
decimal = _declare(Kind.NUMBER)
yes = _declare(Kind.YES)
day = _declare(Kind.DAY)
moment = _declare(Kind.MOMENT)
several = _declare(Kind.LIST)
flags = _declare(Kind.FLAGS)


def coded(name: str, about: str, get: Get | None = None) -> Field:
    """Of a field with choices, unless `get` gives (code, word)."""

    def pair(row):
        code, word = get(row) if get else (getattr(row, name), getattr(row, f"get_{name}_display")())
        return {"code": str(code), "word": str(word)} if code else None

    return Field(name, Kind.CODED, about, pair)
