"""The KPI table and the page of one KPI."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from board.kpi_table import SORTED_BY
from board.views.kpis import PER_PAGE
from kpis.models import Indicator, Kpi, Measurement, Target
from people.models import Lead, User
from tests.world import BACKEND, at, build_world

LIST = "/northvale/kpis/"
ONE = "/northvale/kpis/plans-within-20-weeks/"
COLUMNS = [
    "KPI", "Owner", "Latest", "Counted", "Unit", "Period", "Target", "Status", "Why", "Change", "Variation", "Assurance",
    "Rank", "Of", "Quarter", "Quality", "Not so",
]  # fmt: skip
LATEST = COLUMNS.index("Latest")


@pytest.fixture
def world(db, monkeypatch):
    """On 20 July 2026 the world's own KPI is 64.8% of 2025, 61.2% of 2024 and 5.2 short of its target of 70%."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 7, 20))
    return build_world()


@pytest.fixture
def get(client, world):
    client.force_login(world.people["board"], backend=BACKEND)
    return client.get


def a_kpi(world, title: str, *values, area=None, target=None, owner=None, polarity="higher", **figure) -> Kpi:
    """With a figure for each of the last months up to June 2026."""
    area = area or world.area
    indicator = Indicator.objects.create(
        code=f"k-{Indicator.objects.count()}", title=title, unit="count", polarity=polarity, frequency="monthly"
    )
    kpi = Kpi.objects.create(area=area, indicator=indicator, owner=owner)
    for back, value in enumerate(reversed(values)):
        month = date(2026 - (back > 5), (5 - back) % 12 + 1, 1)
        Measurement.objects.create(
            indicator=indicator, area=area, number=1, recorded_at=at(2026, 1, 15), period_start=month,
            period_end=month.replace(day=28), value=None if value is None else Decimal(str(value)), **figure,
        )  # fmt: skip
    if target is not None:
        Target.objects.create(
            kpi=kpi, number=1, recorded_at=at(2026, 1, 15), period_start=date(2025, 1, 1), value=Decimal(target)
        )
    return kpi


@pytest.fixture
def several(world):
    """One KPI of each kind of answer."""
    someone = Lead.objects.create(area=world.area, name="Aisha Khan")
    a_kpi(world, "Appeals", 9, 12, target=10, polarity="lower")
    a_kpi(world, "balance of the account", -3, -7.5, target=-5, owner=someone)
    a_kpi(world, "Clinic waits", None, missing="suppressed", target=5)
    a_kpi(world, "Days lost")
    a_kpi(world, "=Extra help", 1, 2, 3, 4, 5, 6)
    return world


def titles(response) -> list[str]:
    return [row.record.title for row in response.context["table"].page.object_list]


def csv_of(response) -> tuple[dict, list[list[str]]]:
    """(header lines, rows with their headings)"""
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    gap = rows.index([])
    return dict(rows[:gap]), rows[gap + 1 :]


def queries(get, address: str) -> int:
    with CaptureQueriesContext(connection) as made:
        assert get(address).status_code == 200
    return len(made)


def add_months(world, count: int) -> None:
    for number in range(count):
        Measurement.objects.create(
            indicator=world.kpi.indicator, area=world.area, number=1, recorded_at=at(2026, 1, 15),
            period_start=date(2023 - number, 1, 1), period_end=date(2023 - number, 12, 31), value=50 + number,
        )  # fmt: skip


# The table


def test_the_table_shows_each_kpi_with_its_figure_target_status_and_change(get):
    page = get(LIST).content.decode()
    for words in (
        "EHC plans issued within 20 weeks", "64.8%", "2025", "70%", "Behind", "3.6 points better than 2024", "Head of SEND", "1 KPI",
    ):  # fmt: skip
        assert words in page


def test_a_suppressed_figure_says_so_and_is_not_nought(get, several):
    rows = get(f"{LIST}?q=clinic")
    assert titles(rows) == ["Clinic waits"]
    assert "suppressed" in rows.content.decode()
    _, [_, row] = csv_of(get(f"{LIST}?q=clinic&_export=csv"))
    assert row[COLUMNS.index("Latest")] == "suppressed"


def test_only_five_figures_and_more_draw_a_line(get, several):
    assert get(LIST).content.decode().count('class="st-chart') == 1
    assert "2 figures" in get(LIST).content.decode()


def test_as_at_a_past_day_the_table_shows_what_was_known_then_and_keeps_the_day_in_its_links(get, world):
    page = get(f"{LIST}?as_at=2026-01-10").content.decode()
    assert "64.8%" not in page
    assert "No data" in page
    assert f"{ONE}?as_at=2026-01-10" in page


@pytest.mark.parametrize("column", SORTED_BY)
def test_every_column_sorts_both_ways_with_the_empty_ones_last(get, several, column):
    key = SORTED_BY[column]

    def keys(sort):
        return [key(row.record) for row in get(f"{LIST}?sort={sort}").context["table"].page.object_list]

    rising, falling = keys(column), keys(f"-{column}")
    there = [value for value in rising if value is not None]
    nothing = [None] * (len(rising) - len(there))
    assert len(rising) == 6
    assert rising == sorted(there) + nothing
    assert falling == sorted(there, reverse=True) + nothing


def test_every_column_that_is_shown_can_be_sorted_except_the_picture(get):
    table = get(LIST).context["table"]
    assert {column.name for column in table.columns if column.orderable and column.visible} == set(SORTED_BY)
    assert [column.name for column in table.columns if not column.orderable] == ["trend"]


@pytest.mark.parametrize("sort", ["unheard_of", "-", "trend", "", "title,latest", "--title"])
def test_a_sort_that_is_not_understood_changes_nothing(get, several, sort):
    assert titles(get(f"{LIST}?sort={sort}")) == titles(get(LIST))


def test_the_table_is_narrowed_by_words_status_and_priority(get, several):
    several.kpi.priorities.add(several.priority)
    assert titles(get(f"{LIST}?q=APPEALS")) == ["Appeals"]
    assert titles(get(f"{LIST}?status=suppressed")) == ["Clinic waits"]
    assert titles(get(f"{LIST}?priority=send-strategy/1")) == ["EHC plans issued within 20 weeks"]
    assert "6 KPIs, 1 shown because of filters" in get(f"{LIST}?q=appeals").content.decode()


def test_where_nothing_passes_the_page_says_how_to_go_on(get, several):
    page = get(f"{LIST}?q=zebra").content.decode()
    assert "No KPI passes these filters" in page
    assert "see all 6" in page


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("status=wonderful", "status", "There is no such status. Choose one of the list."),
        ("priority=send-strategy/99", "priority", "No priority with a KPI is called that. Choose one of the list."),
        ("q=%00", "q", None),
        (f"q={'a' * 201}", "q", None),
    ],
)
def test_a_filter_that_is_not_understood_has_its_message_by_the_field_and_shows_no_row(get, query, field, message):
    response = get(f"{LIST}?{query}")
    page = response.content.decode()
    [said] = response.context["form"].errors[field]
    assert response.status_code == 200
    assert message in (None, said)
    assert f'id="id_{field}_error"' in page
    assert "A filter was not understood" in page
    assert "EHC plans issued" not in page


def test_a_filter_that_is_not_understood_makes_no_file_but_the_page_with_its_message(get):
    response = get(f"{LIST}?status=wonderful&_export=csv")
    assert "There is no such status" in response.content.decode()


def test_a_filter_there_is_none_of_is_named(get):
    assert "no filter called colour" in get(f"{LIST}?colour=red").content.decode()


def test_an_area_without_kpis_says_who_adds_them(client, world):
    client.force_login(world.people["other_officer"], backend=BACKEND)
    assert "Southmoor tracks no KPI yet" in client.get("/southmoor/kpis/").content.decode()


def test_another_area_s_kpis_are_not_in_the_table(get, world):
    a_kpi(world, "Theirs", 5, area=world.other_area)
    assert titles(get(LIST)) == ["EHC plans issued within 20 weeks"]


def test_the_table_makes_as_many_queries_for_one_kpi_as_for_many(get, world):
    one = queries(get, LIST)
    for number in range(12):
        a_kpi(world, f"KPI {number}", 1, 2, 3, 4, 5, 6, target=4)
    assert queries(get, LIST) == one


@pytest.mark.parametrize("page", ["0", "-1", "x", "99", "9" * 30])
def test_a_page_there_is_none_of_is_answered_with_one_there_is(get, page):
    assert titles(get(f"{LIST}?page={page}"))


# The file


def test_the_file_has_the_rows_order_and_columns_of_the_page(get, several):
    _, [headings, *rows] = csv_of(get(f"{LIST}?sort=-title&_export=csv"))
    assert headings == COLUMNS
    assert [row[0].removeprefix("'") for row in rows] == titles(get(f"{LIST}?sort=-title"))
    _, [_, *narrowed] = csv_of(get(f"{LIST}?q=a&sort=latest&_export=csv"))
    assert [row[0].removeprefix("'") for row in narrowed] == titles(get(f"{LIST}?q=a&sort=latest"))


@pytest.mark.parametrize("column", SORTED_BY)
@pytest.mark.parametrize("sign", ["", "-"])
def test_the_file_is_in_the_order_of_the_page_whatever_it_is_sorted_by(get, several, column, sign):
    _, [_, *rows] = csv_of(get(f"{LIST}?sort={sign}{column}&_export=csv"))
    assert [row[0].removeprefix("'") for row in rows] == titles(get(f"{LIST}?sort={sign}{column}"))


def test_the_file_is_not_paged(get, world):
    for number in range(PER_PAGE + 3):
        a_kpi(world, f"KPI {number}", 1)
    assert len(titles(get(LIST))) == PER_PAGE
    _, [_, *rows] = csv_of(get(f"{LIST}?page=2&_export=csv"))
    assert len(rows) == PER_PAGE + 4


def test_numbers_are_raw_and_a_negative_one_stays_a_number(get, several):
    _, [_, row] = csv_of(get(f"{LIST}?q=balance&_export=csv"))
    said = dict(zip(COLUMNS, row, strict=True))
    assert (said["Latest"], said["Target"], said["Unit"], said["Owner"]) == ("-7.5", "-5", "number", "Aisha Khan")
    _, [_, row] = csv_of(get(f"{LIST}?q=EHC&_export=csv"))
    said = dict(zip(COLUMNS, row, strict=True))
    assert (said["Latest"], said["Target"], said["Unit"], said["Status"]) == ("64.8", "70", "%", "Behind")


def test_the_excel_file_holds_the_same_with_numbers_as_numbers_and_no_formula(get, several):
    response = get(f"{LIST}?_export=xlsx")
    sheet = load_workbook(io.BytesIO(response.content)).active
    cells = [list(row) for row in sheet.iter_rows()]
    start = next(at for at, row in enumerate(cells) if row[0].value == "KPI")
    assert [cell.value for cell in cells[start]] == COLUMNS
    rows = {row[0].value: row for row in cells[start + 1 :]}
    assert list(rows) == titles(get(LIST))
    assert (rows["balance of the account"][LATEST].value, rows["balance of the account"][LATEST].data_type) == (
        -7.5,
        "n",
    )
    assert rows["=Extra help"][0].data_type == "s"
    assert rows["Clinic waits"][LATEST].value == "suppressed"


def test_a_title_that_reads_as_a_formula_is_harmless_in_csv(get, several):
    _, [_, row] = csv_of(get(f"{LIST}?q=extra&_export=csv"))
    assert row[0] == "'=Extra help"


def test_the_file_says_what_it_is(get, several):
    response = get(f"{LIST}?q=appeals&status=behind&as_at=2026-03-31&_export=csv")
    header, _ = csv_of(response)
    assert header == {
        "Area": "Northvale",
        "Shows": "KPIs",
        "As at": "31 March 2026",
        "Filters": "Words: appeals; Status: Behind",
        "Made by": str(several.people["board"]),
        "Made at": "2026-07-20 13:00",
        "Address": f"http://testserver{LIST}?q=appeals&status=behind&as_at=2026-03-31&_export=csv",
    }
    assert response["Content-Disposition"] == 'attachment; filename="northvale-kpis-2026-03-31.csv"'
    assert "no-store" in response["Cache-Control"]


def test_the_file_says_where_there_is_illustrative_data(get, world):
    User.objects.create(email="made-up@example.test", is_illustrative=True)
    header, _ = csv_of(get(f"{LIST}?_export=csv"))
    assert header["Illustrative data"].endswith("they are made up.")


def test_the_file_as_at_a_past_day_holds_what_was_known_then(get):
    _, [_, row] = csv_of(get(f"{LIST}?as_at=2026-01-10&_export=csv"))
    assert (row[COLUMNS.index("Latest")], row[COLUMNS.index("Status")]) == ("", "No data")


@pytest.mark.parametrize("asked", ["pdf", "", "CSV"])
def test_a_file_there_is_none_of_is_not_found(get, asked):
    assert get(f"{LIST}?_export={asked}").status_code == 404


def test_another_area_s_table_and_file_are_not_found(client, world):
    client.force_login(world.people["other_officer"], backend=BACKEND)
    assert [client.get(f"{LIST}{query}").status_code for query in ("", "?_export=csv", "?_export=xlsx")] == [404] * 3


# One KPI


def test_the_page_of_a_kpi_shows_its_figure_status_target_and_every_figure(get):
    page = get(ONE).content.decode()
    for words in (
        "64.8%",
        "61.2%",
        "Behind",
        "70%",
        "3.6 points better than 2024",
        "5.2 percentage points short of",
        "Head of SEND",
    ):
        assert words in page


def test_fewer_than_five_figures_stand_as_values_and_five_are_a_line_in_words_and_picture(get, world):
    few = get(ONE).content.decode()
    assert '<svg class="st-chart' not in few
    assert "trend-figure" not in few
    assert "Two figures are too few for a trend" in few
    add_months(world, 3)
    line = get(ONE)
    assert 'class="series"' in line.content.decode()
    assert "trend-figure" in line.content.decode()
    assert "5 figures: a line." in line.content.decode()
    sentence = line.context["chart"].sentence
    assert f'aria-label="{sentence}"' in line.content.decode()
    assert "style=" not in line.content.decode().split('<svg class="st-chart', 1)[1].split("</svg>")[0]


def test_a_restated_figure_is_shown_with_what_it_was_when_it_changed_and_why(get, world):
    Measurement.objects.create(
        indicator=world.kpi.indicator, area=world.area, number=2, recorded_at=at(2026, 4, 2),
        period_start=date(2025, 1, 1), period_end=date(2025, 12, 31), period_label="2025", value=Decimal("71.3"),
        reason="Late returns came in.",
    )  # fmt: skip
    now = get(ONE).content.decode()
    assert "Restated on 2 April 2026: it was 64.8% until then. Late returns came in." in " ".join(now.split())
    assert "Target met" in now
    then = get(f"{ONE}?as_at=2026-03-31").content.decode()
    assert "Restated" not in then
    assert "71.3" not in then
    assert "64.8%" in then


def test_a_figure_restated_twice_says_each_change(get, world):
    for number, value in ((2, "71.3"), (3, "72.4")):
        Measurement.objects.create(
            indicator=world.kpi.indicator, area=world.area, number=number, recorded_at=at(2026, 2 + number, 2),
            period_start=date(2025, 1, 1), period_end=date(2025, 12, 31), period_label="2025", value=Decimal(value),
        )  # fmt: skip
    page = " ".join(get(ONE).content.decode().split())
    assert "Restated on 2 May 2026: it was 71.3% until then." in page
    assert "Restated on 2 April 2026: it was 64.8% until then." in page
    assert page.index("2 May 2026: it was") < page.index("2 April 2026: it was")


def test_a_forecast_is_named_as_one_and_a_part_stands_under_its_own_heading(get, world):
    shared = {"indicator": world.kpi.indicator, "area": world.area, "number": 1, "recorded_at": at(2026, 2, 1)}
    Measurement.objects.create(
        **shared, period_start=date(2026, 1, 1), period_end=date(2026, 12, 31), value=88, state="forecast"
    )
    Measurement.objects.create(
        **shared, period_start=date(2025, 1, 1), period_end=date(2025, 12, 31), value=41, breakdown="Early years"
    )
    response = get(ONE)
    page = response.content.decode()
    assert "Forecast, not a figure" in page
    assert response.context["figure"].latest_shown == "64.8%"
    assert "Parts of the whole" in page
    assert page.index("Parts of the whole") < page.index("Early years")


def test_before_anything_was_known_the_page_says_so_and_leads_to_today(get):
    page = get(f"{ONE}?as_at=2026-01-10").content.decode()
    assert "No figure is held as at this day" in page
    assert "There is no number to draw." in page


def test_the_page_of_a_kpi_makes_as_many_queries_for_one_figure_as_for_many(get, world):
    few = queries(get, ONE)
    add_months(world, 20)
    for number in range(2, 8):
        Target.objects.create(
            kpi=world.kpi, number=number, recorded_at=at(2026, 1, 15), period_start=date(2025, number, 1), value=70
        )
    assert queries(get, ONE) == few


def test_an_unknown_kpi_is_not_found(get):
    assert get("/northvale/kpis/no-such-kpi/").status_code == 404


def test_another_area_s_kpi_is_not_found_from_either_side(get, client, world):
    theirs = a_kpi(world, "Theirs", 5, area=world.other_area)
    assert get(f"/northvale/kpis/{theirs.indicator.code}/").status_code == 404
    assert get(f"/southmoor/kpis/{theirs.indicator.code}/").status_code == 404
    client.force_login(world.people["other_officer"], backend=BACKEND)
    assert client.get(ONE).status_code == 404
    assert client.get("/southmoor/kpis/plans-within-20-weeks/").status_code == 404


@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
def test_the_kpis_come_with_baseline_target_and_milestones_as_areas_publish_them(get, world, fmt):
    response = get(f"{LIST}?_export={fmt}&shape=dfe")
    assert response.status_code == 200
    assert response["Content-Disposition"] == f'attachment; filename="northvale-kpis-milestones-2026-07-20.{fmt}"'
    if fmt == "csv":
        assert "EHC plans issued within 20 weeks" in response.content.decode("utf-8-sig")
