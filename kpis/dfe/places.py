"""Which place a row is about.

A local authority is known by its nine-character code, else by its three-digit one, which outlives most changes of the other
(Buckinghamshire was E10000002 and is E06000060, and always 825). Places that this installation does not hold are told apart
from faults: they are counted and listed.
"""

from dataclasses import dataclass, field

from kpis.dfe.errors import Unreadable
from kpis.dfe.layout import Layout
from strategies.models import Area

NATIONAL, REGIONAL, LOCAL = "national", "regional", "local authority"
LEVELS = (NATIONAL, REGIONAL, LOCAL)
NO_CODE = ("", "x", "z", ":", "~")


@dataclass
class Places:
    """The places of this installation, by level and code."""

    by_code: dict[tuple[str, str], int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    @classmethod
    def known(cls) -> "Places":
        """Those that still exist take a shared code before those that have ended."""
        places = cls()
        levels = {Area.Kind.COUNTRY: NATIONAL, Area.Kind.REGION: REGIONAL, Area.Kind.LOCAL_AREA: LOCAL}
        fields = ("pk", "name", "kind", "ons_code", "dfe_code", "ended_on")
        rows = Area.objects.filter(kind__in=levels).order_by("pk").values_list(*fields)
        for pk, name, kind, *codes, _ in sorted(rows, key=lambda row: row[-1] is not None):
            places.names[pk] = name
            for code in filter(None, codes):
                places.by_code.setdefault((levels[kind], code), pk)
        return places


class Finder:
    """`find(row)` for the rows of one file; keeps what it has seen, for a file names each place many times."""

    def __init__(self, places: Places, layout: Layout):
        self._places = places
        self._level = layout.at("geographic_level")
        codes = {NATIONAL: ["country_code"], REGIONAL: ["region_code"], LOCAL: ["new_la_code", "old_la_code"]}
        names = {NATIONAL: "country_name", REGIONAL: "region_name", LOCAL: "la_name"}
        self._codes = {level: [layout.at(name) for name in codes[level]] for level in LEVELS}
        self._names = {level: layout.at(names[level]) for level in LEVELS}
        self._seen: dict[tuple, int | None] = {}

    def level(self, row: list[str]) -> str:
        return row[self._level].strip().lower()

    def find(self, row: list[str], level: str) -> int | None:
        """The place of a row; None for one that is not held here."""
        codes = tuple("" if at is None else row[at] for at in self._codes[level])
        key = (level, *codes)
        if key not in self._seen:
            self._seen[key] = self._look_up(level, [code.strip() for code in codes])
        return self._seen[key]

    def _look_up(self, level: str, codes: list[str]) -> int | None:
        codes = [code for code in codes if code.lower() not in NO_CODE]
        found = [self._places.by_code[level, code] for code in codes if (level, code) in self._places.by_code]
        if len(set(found)) > 1:
            first, second = (self._places.names[pk] for pk in found)
            raise Unreadable("new_la_code", f"its two codes name different places, {first} and {second}")
        return found[0] if found else None

    def described(self, row: list[str], level: str) -> str:
        """Name and codes as the file gives them, for a list of places that are not held here."""
        at = self._names[level]
        name = "" if at is None else row[at].strip()
        codes = [row[code].strip() for code in self._codes[level] if code is not None]
        known = " / ".join(code for code in codes if code)
        return f"{name or 'no name'} ({known or 'no code'})"[:200]
