"""Small files of open data, made for a test."""

from collections.abc import Iterable

from strategies.models import Area

PLACE = [
    "geographic_level",
    "country_code",
    "country_name",
    "region_code",
    "region_name",
    "new_la_code",
    "old_la_code",
    "la_name",
]
HEADER = ["time_period", "time_identifier", *PLACE, "breakdown", "rate", "issued", "plans"]
ENGLAND = ["National", "E92000001", "England", "", "", "", "", ""]
LONDON = ["Regional", "E92000001", "England", "E12000007", "London", "", "", ""]
NORTHVALE = ["Local authority", "E92000001", "England", "E12000007", "London", "E09000098", "298", "Northvale"]
SOUTHMOOR = ["Local authority", "E92000001", "England", "E12000007", "London", "E09000099", "299", "Southmoor"]
ELSEWHERE = ["Local authority", "E92000001", "England", "E12000001", "North East", "E06000001", "805", "Hartlepool"]
ALL = "All EHC plans"


def a_row(
    place: list[str], rate: str, *, period="2024", identifier="Calendar year", item=ALL, issued="61", plans="100"
):
    return [period, identifier, *place, item, rate, issued, plans]


def a_file(rows: Iterable[list[str]], header: list[str] = HEADER) -> bytes:
    return "\r\n".join(",".join(cells) for cells in [header, *rows]).encode() + b"\r\n"


def the_places() -> dict[str, Area]:
    """England, London and two local authorities, one of which is known by its present code alone."""
    england = Area.objects.create(name="England", slug="england", kind="country", ons_code="E92000001")
    london = Area.objects.create(name="London", slug="london", kind="region", ons_code="E12000007", within=england)
    areas = {"england": england, "london": london}
    for name, ons, dfe in (("Northvale", "E09000098", "298"), ("Southmoor", "E09000099", "299")):
        area, _ = Area.objects.update_or_create(
            slug=name.lower(), defaults={"name": name, "ons_code": ons, "dfe_code": dfe, "within": london}
        )
        areas[name.lower()] = area
    return areas
