"""One KPI in several places: the page, its chart, its files, and what may be asked of it."""

import csv
import io
import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from board.compare_chart import apart
from board.compare_table import MOST_PLACES, SORTED_BY
from kpis.models import Indicator, Kpi, Measurement, SeriesBreak
from kpis.places import benchmark_of
from strategies.models import Area, Neighbour
from tests.world import BACKEND, at, build_world

PAGE = "/northvale/kpis/plans-within-20-weeks/compare/"
YEARS = (2022, 2023, 2024)
FIGURES = {
    "England": (40, 41, 42), "Wide region": (50, 51, 52), "Northvale": (60, 90, 80), "Ashby": (55, 45, 65),
    "Brook": (70, 72, None), "Dale": (20, 30, 40),
}  # fmt: skip


def place(name: str, **fields) -> Area:
    return Area.objects.create(name=name, slug=name.lower().replace(" ", "-"), **fields)


def a_figure(indicator, area, year: int, value, **fields) -> None:
    wanted = {"number": 7, "recorded_at": at(2026, 1, 15), "is_published": True, "period_label": str(year)}
    Measurement.objects.create(
        indicator=indicator, area=area, period_start=date(year, 1, 1), period_end=date(year, 12, 31),
        value=None if value is None else Decimal(str(value)), **(wanted | fields),
    )  # fmt: skip


@pytest.fixture
def world(db, monkeypatch):
    """On 20 July 2026 three years of Northvale, its two neighbours, another place, its region and its country are published."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 7, 20))
    world = build_world()
    england = place("England", kind="country")
    wide = place("Wide region", kind="region", within=england)
    Area.objects.filter(pk=world.area.pk).update(within=wide)
    for position, name in enumerate(("Ashby", "Brook"), 1):
        near = place(name, within=wide)
        Neighbour.objects.create(of=world.area, area=near, position=position, closeness="Very close", model_year=2025)
    Neighbour.objects.create(of=world.area, area=place("Dale"), position=1, model_year=2021)
    for name, values in FIGURES.items():
        for year, value in zip(YEARS, values, strict=True):
            missing = "" if value is not None else "suppressed"
            a_figure(world.kpi.indicator, Area.objects.get(name=name), year, value, missing=missing)
    return world


@pytest.fixture
def get(client, world):
    client.force_login(world.people["board"], backend=BACKEND)
    return client.get


def names(response) -> list[str]:
    return [row.record.name for row in response.context["table"].rows]


def csv_of(response) -> tuple[dict, list[str], dict[str, list[str]]]:
    """(header lines, headings, rows by place)"""
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    gap = rows.index([])
    headings, *lines = rows[gap + 1 :]
    return dict(rows[:gap]), headings, {line[0]: line for line in lines}


OWN, MEAN = "Northvale", "Mean of its 2 neighbours"


# What it shows


def test_the_page_says_how_the_latest_figure_stands_and_lists_each_place(get):
    response = get(PAGE)
    page = response.text
    for words in (
        "80.0% in 2024: rank 1 of 3 local areas.",
        "10 points worse than 2023.",
        "The mean of the 1 with a figure of its 2 statistical neighbours (2025 model) is 65.0%, Wide region 52.0%, England 42.0%.",
        "Ashby improved by 20 percentage points from 2023 to 2024, the most of our neighbours; our target from 1 January 2025 is met already.",
        "Statistical neighbours by the <strong>2025</strong> model",
        "neighbour 1, very close",
        "suppressed",
    ):
        assert words in page
    assert names(response) == [OWN, "Ashby", "Brook", MEAN, "Wide region", "England"]


def test_the_table_has_a_column_for_each_period_with_change_rank_and_quarter(get):
    _, headings, rows = csv_of(get(f"{PAGE}?_export=csv"))
    assert headings == ["Place", "Stands as", "2024", "Change, points", "Rank", "Quarter", "2023", "2022"]
    assert rows[OWN] == [OWN, "this area", "80", "-10", "1", "", "90", "60"]
    assert rows["Ashby"] == ["Ashby", "neighbour 1, very close", "65", "20", "2", "", "45", "55"]
    assert rows["Brook"] == ["Brook", "neighbour 2, very close", "suppressed", "", "", "", "72", "70"]
    assert rows[MEAN] == [MEAN, "of those with a figure", "65", "6.5", "", "", "58.5", "62.5"]
    assert rows["England"][2:] == ["42", "1", "", "", "41", "40"]


def test_only_published_figures_are_shown(get, world):
    """The area's own unpublished figure of 2025 stands on the KPI's page, and not here."""
    assert "64.8%" in get("/northvale/kpis/plans-within-20-weeks/").text
    assert "64.8" not in get(PAGE).text
    a_figure(world.kpi.indicator, Area.objects.get(name="Ashby"), 2024, "99.9", number=8, is_published=False)
    assert "99.9" not in get(PAGE).text


def test_every_place_has_a_line_that_is_named_and_the_areas_own_is_in_ink(get):
    drawn = re.search(r'<svg width="100%".*?</svg>.*?</svg>', get(PAGE).text, re.S)[0]
    for name in ("Northvale 80.0%", "Ashby", "Brook", "Mean of neighbours", "Wide region", "England"):
        assert f">{name}</text>" in drawn
    assert drawn.count("<path") == 6
    assert drawn.count('stroke="#0b0c0c" stroke-width="3"') == 1
    assert drawn.count("stroke-dasharray") == 3  # the mean, the region, the country
    assert "style=" not in drawn


def test_a_single_period_is_no_line(get, world):
    Measurement.objects.filter(is_published=True, period_end__lt=date(2024, 1, 1)).delete()
    page = get(PAGE).text
    assert "One period is too few for a line" in page
    assert "rank 1 of 3" in page


def test_a_break_is_marked_on_the_chart_and_said(get, world):
    assert "counted anew" not in get(PAGE).text
    SeriesBreak.objects.create(
        indicator=world.kpi.indicator, from_period=date(2024, 1, 1), reason="A record for each child."
    )
    page = get(PAGE).text
    assert "counted anew" in page
    assert "Counted in another way from 1 January 2024" in page
    assert "A record for each child." in page
    assert "It is counted in another way from 2024 on" in page


def test_without_polarity_nothing_is_ranked_and_the_page_says_why(get, world):
    Indicator.objects.filter(pk=world.kpi.indicator.pk).update(polarity="contextual")
    page = get(PAGE).text
    assert "Neither more nor less of it is better" in page
    assert "better than" not in page
    _, headings, _ = csv_of(get(f"{PAGE}?_export=csv"))
    assert headings == ["Place", "Stands as", "2024", "Change, points", "2023", "2022"]


def test_a_total_of_a_region_is_no_line_beside_its_places(get, world):
    Indicator.objects.filter(pk=world.kpi.indicator.pk).update(unit="count", decimals=0)
    page = get(PAGE).text
    assert ">England</text>" not in page
    assert "the country, in total" in page
    assert "England 42" not in page


def test_with_no_published_figure_the_page_says_what_to_do(get, world):
    Measurement.objects.filter(is_published=True).delete()
    page = get(PAGE).text
    assert "No published figure of another place is held" in page
    assert "<table" not in page
    assert get(f"{PAGE}?_export=csv").status_code == 200


# On the KPI's own page


def block_of(world, **options) -> str:
    frame = {"area": world.area, "as_at": None}
    benchmark = benchmark_of(world.kpi.indicator, Area.objects.get(pk=world.area.pk), at(2026, 7, 20), **options)
    context = {"benchmark": benchmark, "kpi": world.kpi, "frame": frame}
    return render_to_string("board/includes/benchmark.html", context)


def test_the_block_of_the_kpi_page_says_the_same_and_leads_to_each_place(world):
    block = block_of(world)
    assert "80.0% in 2024: rank 1 of 3 local areas." in block
    assert f'href="{PAGE}"' in block
    assert "(2021 model)" in block_of(world, model_year=2021)


def test_the_block_says_what_to_do_where_no_other_place_has_a_figure(world):
    Measurement.objects.filter(is_published=True).exclude(area=world.area).delete()
    block = block_of(world)
    assert "No published figure of another place is held yet" in block
    assert "rank" not in block


# What may be asked


def test_the_neighbour_model_can_be_switched(get):
    response = get(f"{PAGE}?neighbours=2021")
    assert names(response)[1] == "Dale"
    assert "Statistical neighbours by the <strong>2021</strong> model" in response.text
    assert "?neighbours=2025" in response.text


@pytest.mark.parametrize("asked", ["2007", "soon", "20255", "-1", "%00", "%D9%A2%D9%A0%D9%A2%D9%A5", "2025%20"])
def test_a_model_that_there_is_not_is_a_404(get, asked):
    assert get(f"{PAGE}?neighbours={asked}").status_code == 404


def test_places_chosen_stand_in_the_neighbours_place(get):
    response = get(f"{PAGE}?place=dale&place=brook")
    assert names(response) == [OWN, "Dale", "Brook", MEAN, "Wide region", "England"]
    assert 'value="dale" id="id_place' in response.text.replace('class="govuk-checkboxes__input" ', "")
    header, _, _ = csv_of(get(f"{PAGE}?place=dale&place=brook&_export=csv"))
    assert header["Filters"] == "Neighbours: 2025 model; Places chosen: Dale, Brook"


@pytest.mark.parametrize(
    "asked", ["nowhere", "northvale", "%00", "%FF", "x" * 500, "<script>alert(1)</script>", "southmoor"]
)
def test_a_place_without_a_figure_here_is_told_by_the_field_and_the_neighbours_stay(get, asked):
    response = get(f"{PAGE}?place=dale&place={asked}")
    assert response.status_code == 200
    assert response.context["form"].errors["place"] == [
        "One of the places has no published figure here. Choose from the list."
    ]
    assert names(response)[1:3] == ["Ashby", "Brook"]
    assert "<script>alert(1)" not in response.text


def test_more_places_than_can_be_told_apart_are_refused_by_their_number(get, world):
    for number in range(MOST_PLACES + 1):
        a_figure(world.kpi.indicator, place(f"Place {number}"), 2024, 50)
    asked = "&".join(f"place=place-{number}" for number in range(MOST_PLACES + 1))
    response = get(f"{PAGE}?{asked}")
    assert response.context["form"].errors["place"] == ["Choose at most 12 places: 13 are chosen."]
    assert len(names(get(f"{PAGE}?{asked.rsplit('&', 1)[0]}"))) == MOST_PLACES + 4


@pytest.mark.parametrize("column", SORTED_BY)
def test_each_column_sorts_both_ways_with_the_empty_ones_last(get, column):
    key = SORTED_BY[column]
    rising, falling = (
        [key(row.record) for row in get(f"{PAGE}?sort={sign}{column}").context["table"].rows] for sign in ("", "-")
    )
    there = sorted(value for value in rising if value is not None)
    nothing = [None] * (len(rising) - len(there))
    assert (rising, falling) == (there + nothing, there[::-1] + nothing)
    assert len(there) > 1


@pytest.mark.parametrize("sort", ["unheard", "-", "quarter", "", "place", "period_0"])
def test_a_sort_that_is_not_understood_changes_nothing(get, sort):
    assert names(get(f"{PAGE}?sort={sort}")) == names(get(PAGE))


def test_as_at_an_earlier_day_only_what_was_known_then_is_shown(get):
    page = get(f"{PAGE}?as_at=2026-01-10").text
    assert "No published figure of another place is held as at this day" in page
    known = get(f"{PAGE}?as_at=2026-02-01").text
    assert "rank 1 of 3" in known
    assert 'name="as_at" value="2026-02-01"' in known
    assert "?as_at=2026-02-01&amp;_export=csv" in known


def test_a_kpi_that_the_area_does_not_track_is_a_404(get, world):
    other = Indicator.objects.create(code="elsewhere", title="Elsewhere", unit="count", polarity="higher")
    Kpi.objects.create(area=world.other_area, indicator=other)
    assert get("/northvale/kpis/elsewhere/compare/").status_code == 404
    assert get("/northvale/kpis/unheard-of/compare/").status_code == 404


# Files and queries


def test_the_file_says_what_it_is_and_how_many_were_ranked(get):
    header, _, _ = csv_of(get(f"{PAGE}?_export=csv"))
    assert header["Shows"] == "EHC plans issued within 20 weeks, beside other places"
    assert header["Ranked"].startswith("3 of ")


def test_the_workbook_holds_numbers_and_the_order_of_the_page(get):
    sheet = load_workbook(io.BytesIO(get(f"{PAGE}?_export=xlsx&sort=-latest").content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(at for at, row in enumerate(rows) if row[0] == "Place")
    assert [row[0] for row in rows[start + 1 :]] == [OWN, "Ashby", MEAN, "Wide region", "England", "Brook"]
    assert rows[start + 1][2] == 80


def test_the_page_makes_as_many_queries_for_many_places_and_years_as_for_few(get, world):
    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            assert get(PAGE).status_code == 200
        return len(made)

    few = queries()
    for number in range(12):
        other = place(f"Place {number}")
        Neighbour.objects.create(of=world.area, area=other, position=20 + number, model_year=2025)
        for year in range(2010, 2025):
            a_figure(world.kpi.indicator, other, year, 50 + number)
    assert queries() == few <= 12


# Drawing


def test_names_at_the_edge_never_lie_on_each_other_nor_below_the_drawing():
    placed = apart([10, 11, 12, 95, 99, 100], 15, 100)
    assert placed == [10, 25, 40, 70, 85, 100]
    assert apart([], 15, 100) == []
