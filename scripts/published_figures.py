"""Cut the seed's published figures out of the Department for Education's files: `python scripts/published_figures.py FOLDER`.

`fixtures/published/series.toml` says which column of which file (under FOLDER) feeds which indicator; the cells go as they
are into `fixtures/published/figures/<series>.csv`, the lists of statistical neighbours into `neighbours-<year>.csv` beside
it. Contains public sector information licensed under the Open Government Licence v3.0 (Department for Education).
"""

import csv
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import openpyxl

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
PUBLISHED = FIXTURES / "published"
NEIGHBOURS = {2021: "statistical-neighbours/sn_april_2021.xlsx", 2025: "statistical-neighbours/sn_may_2025.xlsx"}
TRACKED = ("lewisham", "lambeth")
LAIT_PLACES = {"England": "E92000001", "London (Inner)": "E13000001", "London (Outer)": "E13000002"}


def main(folder: Path) -> None:
    lists = {year: dict(neighbour_lists(folder / name)) for year, name in NEIGHBOURS.items()}
    for year, by_area in lists.items():
        rows = [[area, *place] for area in sorted(by_area) for place in by_area[area]]
        write(PUBLISHED / f"neighbours-{year}.csv", ["area", "position", "neighbour", "closeness"], rows)
    compared = {"england", "london", "inner-london", "outer-london", *TRACKED}
    compared |= {near for by_area in lists.values() for area in TRACKED for _, near, _ in by_area[area]}
    for series in tables(PUBLISHED / "series.toml", "series"):
        header = ["area", "period", "value"] + (["numerator", "denominator"] if "numerator" in series else [])
        rows = sorted(row for row in figures(folder, series) if series["areas"] == "all" or row[0] in compared)
        write(PUBLISHED / "figures" / f"{series['key']}.csv", header, rows)


def tables(path: Path, name: str) -> list[dict]:
    return tomllib.loads(path.read_text(encoding="utf-8"))[name]


def write(path: Path, header: list[str], rows: list[list]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


@cache
def places() -> dict[str, str]:
    """The slug of each place, by DfE code and by ONS code."""
    areas = tables(FIXTURES / "areas.toml", "area")
    return {area[code]: area["key"] for area in areas for code in ("dfe_code", "ons_code") if code in area}


@cache
def regions() -> dict[str, str]:
    return {a["name"].lower(): a["key"] for a in tables(FIXTURES / "areas.toml", "area") if a["area_kind"] == "region"}


@cache
def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def figures(folder: Path, series: dict) -> Iterator[list[str]]:
    """Area, period and cells of a series; only its years where it names a first or a last."""
    cut = lait_cells if series["file"].startswith("lait/") else open_data_cells
    for place, year, cells in cut(lines(folder / series["file"]), series):
        if place and series.get("first", "") <= year <= series.get("last", "9999"):
            yield [place, period(year, series["time"]), *cells]


def open_data_cells(rows: list[dict], series: dict) -> Iterator[tuple[str, str, list[str]]]:
    chosen = dict(item.split(": ", 1) for item in series.get("filters", []))
    columns = [series[name] for name in ("column", "numerator", "denominator") if name in series]
    for row in rows:
        if row["geographic_level"] in ("National", "Regional", "Local authority") and chosen.items() <= row.items():
            yield place_of(row), row["time_period"], [total(row, column) for column in columns]


def total(row: dict, column: str) -> str:
    """The cell as it is; of a denominator made of two columns their sum, nothing unless both hold a number."""
    parts = [row[name].strip() for name in column.split(" + ")]
    if len(parts) == 1:
        return parts[0]
    return str(sum(map(int, parts))) if all(part.isdigit() for part in parts) else ""


def place_of(row: dict) -> str:
    """By the DfE code, which outlives a change of the ONS code; nothing for a place that is not one of ours."""
    if row["geographic_level"] == "Local authority":
        return places().get(row["old_la_code"], "")
    return places()[row["region_code"] or row["country_code"]]


def lait_cells(rows: list[dict], series: dict) -> Iterator[tuple[str, str, list[str]]]:
    for row in rows:
        if row["Short Desc"] == series["column"]:
            name = row["LA and Regions"]
            code = LAIT_PLACES.get(name, row["LA Number"])
            yield places().get(code) or regions().get(name.lower(), ""), row["Years"], [row["Values"]]


def period(year: str, time: str) -> str:
    """The period in the words of the fixture (`board.seeding.figure_files` reads them)."""
    digits, _, rest = year.partition(" ")
    last = int(digits[:2] + digits[-2:]) if len(digits) > 4 else int(digits)
    words = {
        "Calendar year": f"{last}",
        "Academic year": f"{last - 1}/{last % 100:02}",
        "January": f"January {last}",
        "March": f"March {last}",
        "31 March": f"31 March {last}",
        "December to February": f"December {last - 1} to February {last}",
    }[time]
    return words + (" (provisional)" if "prov" in rest.lower() else "")


def neighbour_lists(path: Path) -> Iterator[tuple[str, list[tuple[int, str, str]]]]:
    """Each area with its ten neighbours and how close each is; areas without neighbours are left out."""
    sheet = openpyxl.load_workbook(path, read_only=True).active
    for code, _, _, _, _, *pairs in sheet.iter_rows(values_only=True):
        near = [
            (place, places()[str(other)], str(how).capitalize()) for place, (other, how) in enumerate(in_twos(pairs), 1)
        ]
        if str(code) in places() and near:
            yield places()[str(code)], near


def in_twos(cells: list) -> list[tuple]:
    return [pair for pair in zip(cells[0:20:2], cells[1:20:2], strict=True) if str(pair[0]) in places()]


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
