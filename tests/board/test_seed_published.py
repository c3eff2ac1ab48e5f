"""Published figures of the seed, from a small set of files (`published_files/`) beside those of `seed_files/`."""

import runpy
import shutil
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from board.seeding.figure_files import period_of
from common.dates import noon
from kpis.models import ColumnMapping, Indicator, Kpi, Measurement, Release, SeriesBreak
from strategies.models import Area, Neighbour
from tests.board.test_seed import Files

pytestmark = pytest.mark.django_db

PUBLISHED = Path(__file__).parent / "published_files"
NOW = datetime(2025, 6, 1, 9, tzinfo=UTC)
LATER = datetime(2025, 7, 1, 9, tzinfo=UTC)
OLD, NEW = "published/figures/plans-in-time-2024.csv", "published/figures/plans-in-time-2025.csv"
EASTBROOK = '\n[[area]]\nkey = "eastbrook"\nname = "Eastbrook"\narea_kind = "local_area"\ndfe_code = "212"\n'


@pytest.fixture
def files(tmp_path) -> Files:
    files = Files(tmp_path / "files")
    shutil.copytree(PUBLISHED, files.directory / "published")
    files.add("areas.toml", EASTBROOK)
    return files


def rows(area: str, *fields: str) -> list[tuple]:
    found = Measurement.objects.filter(indicator__code="plans-in-time", area__slug=area)
    return list(found.order_by("period_end", "number").values_list(*fields))


# What is written


def test_a_cell_becomes_a_published_figure_with_its_release_and_column(files):
    files.seed()

    row = Measurement.objects.get(seed_key="published/plans-in-time/riverton/20240101-20241231")
    assert (row.value, row.raw, row.numerator, row.denominator) == (Decimal("94.8"), "94.8", 183, 193)
    assert (row.period_start, row.period_end, row.period_label) == (date(2024, 1, 1), date(2024, 12, 31), "2024")
    assert (str(row.release), row.source_locator) == ("Plans, 2025", "PC_rate")
    assert (row.is_published, row.published_on, row.state, row.number) == (True, date(2025, 5, 31), "final", 1)
    assert row.seeded_hash


def test_a_symbol_is_kept_as_it_stands_and_never_read_as_a_number(files):
    files.seed()

    assert rows("eastbrook", "period_label", "raw", "value", "missing")[1] == ("2023", "c", None, "suppressed")
    assert rows("england", "period_label", "raw", "value", "missing")[1] == ("2024", "low", None, "low")


@pytest.mark.parametrize(
    ("cell", "missing"),
    [
        ("c", "suppressed"),
        ("z", "not_applicable"),
        ("x", "not_available"),
        ("low", "low"),
        ("k", "low"),
        ("~", "low"),
        ("u", "unreliable"),
        (":", "not_available"),
        ("..", "not_available"),
        ("-", "not_available"),
        ("NULL", "not_available"),
        ("", "not_available"),
    ],
)
def test_every_symbol_of_the_departments_files_is_understood(files, cell, missing):
    files.change(NEW, "riverton,2024,94.8,183,193", f"riverton,2024,{cell},,")
    files.seed()

    assert rows("riverton", "raw", "value", "missing", "numerator")[-1] == (cell, None, missing, None)


def test_a_true_nought_is_a_number(files):
    files.change(NEW, "riverton,2024,94.8,183,193", "riverton,2024,0,0,193")
    files.seed()

    assert rows("riverton", "value", "missing")[-1] == (0, "")


def test_a_later_release_restates_what_it_gives_otherwise_and_only_that(files):
    files.seed()

    assert rows("riverton", "period_label", "number", "value", "reason") == [
        ("2022", 1, Decimal("61.5"), ""),
        ("2022", 2, Decimal("61.6"), "Restated in Plans, 2025"),
        ("2023", 1, Decimal("65.25"), ""),
        ("2024", 1, Decimal("94.8"), ""),
    ]
    assert [label for (label,) in rows("england", "period_label")] == ["2023", "2024"], "50 and 50.0 are the same"


def test_the_figures_of_a_place_seeded_for_the_first_time_are_recorded_on_their_releases_day(files):
    files.seed()

    assert rows("riverton", "number", "recorded_at")[:2] == [(1, noon(date(2024, 6, 30))), (2, noon(date(2025, 5, 31)))]


def test_nothing_is_recorded_later_than_it_happens(files):
    files.change("published/published.toml", "published_on = 2025-05-31", "published_on = 2026-05-31")
    files.seed()

    assert rows("eastbrook", "period_label", "recorded_at")[-1] == ("2024", NOW)


def test_the_figures_of_a_place_seeded_before_are_recorded_when_it_happens(files):
    shutil.move(files.directory / "published", files.directory.parent / "aside")
    files.seed()
    shutil.move(files.directory.parent / "aside", files.directory / "published")
    files.seed(now=LATER)

    assert {moment for (moment,) in rows("riverton", "recorded_at")} == {LATER}, "it has a document"
    assert {moment for (moment,) in rows("england", "recorded_at")} == {LATER}, "it has a document's figure"
    assert rows("eastbrook", "recorded_at")[0] == (noon(date(2024, 6, 30)),), "it had nothing"


def test_an_area_follows_the_indicators_that_its_list_names(files):
    files.seed()

    kpi = Kpi.objects.get(seed_key="kpis/riverton/plans-in-time")
    assert (kpi.is_headline, kpi.owner, kpi.targets.count()) == (True, None, 0)
    assert Indicator.objects.get(code="plans-in-time").counted == "plans"
    assert SeriesBreak.objects.get().from_period == date(2023, 1, 1)


def test_a_kpi_that_a_document_states_stays_that_documents(files):
    files.change(
        "published/published.toml", 'indicators = ["plans-in-time"]', 'indicators = ["plans-in-time", "plans-on-time"]'
    )
    files.seed()

    assert Kpi.objects.get(seed_key="kpis/riverton/plans-on-time").source_locator == "L20"


def test_neighbours_have_their_order_closeness_and_model(files):
    files.seed()

    near = Neighbour.objects.get()
    assert (near.of.slug, near.area.slug, near.position) == ("riverton", "eastbrook", 1)
    assert (near.closeness, near.model_year) == ("Very close", 2025)


def test_the_newest_files_column_is_noted_for_the_next_import(files):
    files.seed()

    noted = ColumnMapping.objects.get()
    assert (noted.indicator.code, noted.publication, noted.file_name) == ("plans-in-time", "Plans", "plans.csv")
    assert (noted.column, noted.filters) == ("PC_rate", {"breakdown": "All plans"})


# Running it again


def test_running_it_again_changes_nothing_and_asks_little(files, django_assert_max_num_queries):
    files.seed()
    before = Measurement.objects.count()
    with django_assert_max_num_queries(55):
        again = files.seed(now=LATER)

    assert (again.total("created"), again.total("updated"), again.total("kept"), again.gone) == (0, 0, 0, [])
    assert (Measurement.objects.count(), Neighbour.objects.count(), ColumnMapping.objects.count()) == (before, 1, 1)


def test_a_cell_that_changed_in_the_file_is_a_restatement(files):
    files.seed()
    files.change(NEW, "riverton,2024,94.8,183,193", "riverton,2024,93.3,180,193")
    files.seed(now=LATER)
    files.seed(now=LATER)

    assert rows("riverton", "number", "value", "numerator", "reason", "recorded_at")[-2:] == [
        (1, Decimal("94.8"), 183, "", noon(date(2025, 5, 31))),
        (2, Decimal("93.3"), 180, "Restated in Plans, 2025", LATER),
    ]


def test_a_cell_may_change_back(files):
    files.seed()
    for old, new in (("94.8", "93.3"), ("93.3", "94.8")):
        files.change(NEW, f"riverton,2024,{old}", f"riverton,2024,{new}")
        files.seed(now=LATER)

    assert [value for (value,) in rows("riverton", "value")[-3:]] == [Decimal("94.8"), Decimal("93.3"), Decimal("94.8")]


def test_an_older_release_does_not_overrule_a_newer_one(files):
    files.seed()
    files.change(OLD, "riverton,2022,61.5", "riverton,2022,60")
    outcome = files.seed(now=LATER)

    assert [number for (number,) in rows("riverton", "number")] == [1, 2, 1, 1]
    assert [str(difference) for difference in outcome.differences] == [
        'published figure published/plans-in-time/riverton/20220101-20221231, value: ours "61.6", theirs "60"'
    ]


def test_a_figure_that_somebody_brought_in_before_is_not_repeated(files):
    files.seed()
    area = Area.objects.get(slug="eastbrook")
    indicator = Indicator.objects.get(code="plans-in-time")
    release = Release.objects.create(publication="Plans", edition="2026", published_on=date(2026, 5, 31))
    when = {"period_start": date(2025, 1, 1), "period_end": date(2025, 12, 31), "recorded_at": LATER}
    Measurement.objects.create(indicator=indicator, area=area, value=80, number=1, release=release, **when)
    files.add(NEW, "eastbrook,2025,80.0,80,100\n")
    outcome = files.seed(now=LATER)

    assert rows("eastbrook", "period_label", "number")[-1] == ("", 1)
    assert outcome.differences == []


def test_a_figure_that_left_the_file_stays_and_is_named(files):
    files.seed()
    files.change(NEW, "riverton,2024,94.8,183,193\n", "")
    outcome = files.seed(now=LATER)

    assert outcome.gone == ["published/plans-in-time/riverton/20240101-20241231"]
    assert len(rows("riverton", "number")) == 4


def test_a_list_of_neighbours_that_stands_is_only_compared(files):
    files.seed()
    files.change("published/neighbours-2025.csv", "Very close", "Close")
    outcome = files.seed(now=LATER)

    assert Neighbour.objects.get().closeness == "Very close"
    assert outcome.deeds["list of neighbours"]["kept"] == 1


def test_an_area_learns_the_region_that_nobody_gave_it(files):
    files.seed()
    region = '\n[[area]]\nkey = "the-east"\nname = "The East"\narea_kind = "region"\nwithin = "england"\n'
    files.change("areas.toml", EASTBROOK, EASTBROOK + 'within = "the-east"\n' + region)
    outcome = files.seed(now=LATER)

    assert Area.objects.get(slug="eastbrook").within.within.slug == "england"
    assert outcome.differences == []


# What is refused


BROKEN = [
    (NEW, "area,period,value", "area,year,value", "row 1: the header must be area,period,value or "),
    (NEW, "riverton,2024,94.8,", "rivertown,2024,94.8,", 'row 7: area: "rivertown" leads nowhere'),
    (NEW, "riverton,2024,94.8,", "riverton,2024/26,94.8,", 'row 7: period: "2024/26" is not a period'),
    (NEW, "riverton,2024,94.8,", "riverton,31 June 2024,94.8,", "row 7: period: "),
    (NEW, "riverton,2024,94.8,", "riverton,2023,94.8,", "row 7: period: this area and period stand in row 6 already."),
    (NEW, "riverton,2024,94.8,", 'riverton,2024,"94,8",', 'row 7: value: "94,8" is neither a number nor a symbol'),
    (NEW, "riverton,2024,94.8,", "riverton,2024,NaN,", 'row 7: value: "NaN" is neither'),
    (NEW, "riverton,2024,94.8,", "riverton,2024,1e12,", 'row 7: value: "1e12" is neither'),
    (NEW, "riverton,2024,94.8,", "riverton,2024,948,", "row 7: value: 948 is more than 100"),
    (NEW, "riverton,2024,94.8,", f"riverton,2024,9.{120 * '4'},", "row 7: value: is longer than 120 characters."),
    (NEW, "94.8,183,193", "94.8,183,of 193", 'row 7: denominator: "of 193" is neither'),
    (NEW, "94.8,183,193", "94.8,183", "row 7: denominator: has 4 cells, and the header 5."),
    ("published/neighbours-2025.csv", "riverton,1,eastbrook", "riverton,first,eastbrook", "row 2: position: "),
    ("published/neighbours-2025.csv", "1,eastbrook", "1,riverton", "row 2: neighbour: is the area itself."),
    ("published/neighbours-2025.csv", "1,eastbrook", "1,westbrook", 'row 2: neighbour: "westbrook" leads nowhere'),
    (
        "published/published.toml",
        'numerator = "in_time"\n',
        "",
        "series plans-in-time-2025: denominator: stands without a numerator.",
    ),
    (
        "published/published.toml",
        'column = "PC_rate"',
        f'column = "{41 * "r"}"',
        "column: is longer than 40 characters.",
    ),
    ("published/published.toml", '"breakdown: All plans"', '"All plans"', "filters: must hold"),
    ("published/published.toml", 'areas = "all"', 'areas = "some"', 'areas: "some" is not one of all, compared.'),
    ("published/published.toml", 'release = "plans-2025"', 'release = "plans-25"', 'release: "plans-25" leads nowhere'),
    (
        "published/published.toml",
        'headlines = ["plans-in-time"]',
        'headlines = ["plans-on-time"]',
        'tracked riverton: headlines: "plans-on-time" is not among the indicators.',
    ),
    ("published/published.toml", "[[release]]", "[[lead]]\n[[release]]", "lead: does not stand in published/."),
    ("plan-2024/figures.toml", "[[passage]]", "[[release]]\n[[passage]]", "release: stands only in published/."),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), BROKEN, ids=[said for *_, said in BROKEN])
def test_a_broken_file_is_refused_whole_naming_file_row_and_field(files, file, old, new, said):
    files.change(file, old, new)
    problems = files.refusal()

    assert any(said in problem and problem.startswith(file) for problem in problems), problems
    assert not Area.objects.exists()


def test_a_series_without_its_file_is_refused(files):
    (files.directory / NEW).unlink()

    assert files.refusal() == [f"{NEW}: there is no such file."]


def test_a_file_that_is_not_text_is_refused(files):
    (files.directory / NEW).write_bytes(b"PK\x03\x04\xff\xfe")

    assert files.refusal()[0].startswith(f"{NEW}: this is not a readable CSV file: ")


# Periods in words


@pytest.mark.parametrize(
    ("words", "start", "end", "state"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31), "final"),
        ("2023/24", date(2023, 9, 1), date(2024, 8, 31), "final"),
        ("1999/00", date(1999, 9, 1), date(2000, 8, 31), "final"),
        ("2024/25 (provisional)", date(2024, 9, 1), date(2025, 8, 31), "provisional"),
        ("January 2025", date(2025, 1, 1), date(2025, 1, 31), "final"),
        ("31 March 2025", date(2025, 3, 31), date(2025, 3, 31), "final"),
        ("December 2023 to February 2024", date(2023, 12, 1), date(2024, 2, 29), "final"),
    ],
)
def test_a_period_is_read_from_its_words(words, start, end, state):
    period = period_of(words)

    assert (period.start, period.end, period.state) == (start, end, state)
    assert period.label == words.removesuffix(" (provisional)")


@pytest.mark.parametrize("words", ["", "24", "2024/23", "Spring 2024", "29 February 2025", "March 2025 to May 2024"])
def test_other_words_are_no_period(words):
    assert period_of(words) is None


@given(st.text(alphabet="0123456789/ JanuryMch()to", max_size=30))
def test_no_words_break_the_reading_of_a_period(words):
    period = period_of(words)

    assert period is None or period.start <= period.end


# The script that cuts the figures out of published files


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(settings.BASE_DIR / "scripts" / "published_figures.py"))


@pytest.mark.parametrize(
    ("year", "time", "words"),
    [
        ("2024", "Calendar year", "2024"),
        ("202425", "Academic year", "2024/25"),
        ("2023/24", "Academic year", "2023/24"),
        ("2025 (prov)", "Academic year", "2024/25 (provisional)"),
        ("202425", "January", "January 2025"),
        ("2025", "31 March", "31 March 2025"),
        ("2025", "December to February", "December 2024 to February 2025"),
    ],
)
def test_the_script_writes_periods_that_the_seed_reads(script, year, time, words):
    assert script["period"](year, time) == words
    assert period_of(words) is not None


def test_the_script_takes_the_rows_of_the_chosen_items_and_keeps_cells_as_they_are(script):
    row = {"geographic_level": "Local authority", "old_la_code": "209", "time_period": "2024", "sex": "Total"}
    counts = {"rate": "94.80 ", "on_time": "183", "late": "10"}
    series = {"column": "rate", "numerator": "on_time", "denominator": "on_time + late", "filters": ["sex: Total"]}
    rows = [row | counts, row | counts | {"sex": "Girls"}, row | counts | {"geographic_level": "School"}]

    assert list(script["open_data_cells"](rows, series)) == [("lewisham", "2024", ["94.80", "183", "193"])]
    assert script["total"](counts | {"late": "c"}, "on_time + late") == ""
