"""The header of a file: the columns that every file has, those of time and place, and the rest.

The order of columns differs from file to file, so they are found by name.
"""

from collections import Counter
from dataclasses import dataclass

from common.text import unkeepable_in
from common.words import listed
from kpis.dfe.errors import NotThisFormat

REQUIRED = ["time_period", "time_identifier", "geographic_level", "country_code", "country_name"]
PLACES = [
    "region_code", "region_name", "new_la_code", "old_la_code", "la_name", "lad_code", "lad_name", "ward_code", "ward_name",
    "pcon_code", "pcon_name", "lsip_code", "lsip_name", "local_enterprise_partnership_code",
    "local_enterprise_partnership_name", "english_devolved_area_code", "english_devolved_area_name",
    "opportunity_area_code", "opportunity_area_name", "pfa_code", "pfa_name", "planning_area_code", "planning_area_name",
    "rsc_region_lead_name", "trust_id", "trust_name", "sponsor_id", "sponsor_name", "school_urn", "school_name",
    "school_laestab", "provider_ukprn", "provider_name", "institution_id", "institution_name",
]  # fmt: skip
MOST_COLUMNS = 500
LONGEST_NAME = 200
LOOKED_FOR = (
    "Looked for a CSV file of the Department for Education's open data: a header row with "
    + listed(REQUIRED)
    + ", then one row for each time, place and filter item"
)


def refused(found: str) -> NotThisFormat:
    return NotThisFormat(f"{LOOKED_FOR}. {found}")


@dataclass(frozen=True)
class Layout:
    """Where each column of a file stands."""

    names: tuple[str, ...]

    @classmethod
    def of(cls, header: list[str]) -> "Layout":
        names = tuple(name.strip() for name in header)
        _refuse_unusable(names)
        layout = cls(names)
        if not layout.others:
            raise refused("This file has no column of figures.")
        return layout

    def at(self, name: str) -> int | None:
        return self.names.index(name) if name in self.names else None

    @property
    def others(self) -> list[str]:
        """The columns that are neither time nor place: filters, indicators, and what groups them."""
        known = {*REQUIRED, *PLACES}
        return [name for name in self.names if name not in known]


def _refuse_unusable(names: tuple[str, ...]) -> None:
    if len(names) > MOST_COLUMNS:
        raise refused(f"This file has {len(names):,} columns; the most is {MOST_COLUMNS}.")
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise refused(f"This file has no column called {listed(missing)}.")
    twice = [name or "(no name)" for name, count in Counter(names).items() if count > 1]
    if twice:
        raise refused(f"Its header names {listed(twice[:5])} more than once, so it is not clear which is meant.")
    for name in names:
        if not name:
            raise refused("One of its columns has no name.")
        if len(name) > LONGEST_NAME or unkeepable_in(name):
            raise refused("One of its column names is too long or holds characters that cannot be kept.")
