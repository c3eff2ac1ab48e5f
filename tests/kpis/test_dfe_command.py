"""`manage.py import_dfe`: the same import without a browser."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from kpis.models import ColumnMapping, FigureImport, FilePiece, Indicator, Measurement, Release
from tests.kpis.dfe_files import ALL, ENGLAND, LONDON, NORTHVALE, a_file, a_row, the_places
from tests.world import at

RELEASE = {"publication": "Education, health and care plans", "edition": "2025", "published_on": "2025-06-26"}
CHOICE = {"indicator": "in-20-weeks", "column": "rate"}


@pytest.fixture(autouse=True)
def installation(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 7, 1))
    the_places()
    Indicator.objects.create(code="in-20-weeks", title="Plans in 20 weeks", unit="percent", polarity="higher")


@pytest.fixture
def run(tmp_path):
    def running(*files, **options):
        paths = []
        for name, content in files:
            (tmp_path / name).write_bytes(content)
            paths.append(str(tmp_path / name))
        out = StringIO()
        arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items() if value is not True]
        flags = [f"--{name.replace('_', '-')}" for name, value in options.items() if value is True]
        call_command("import_dfe", *paths, *arguments, *flags, stdout=out)
        return out.getvalue()

    return running


def the_file(*rows, name="timeliness.csv"):
    return name, a_file(rows)


TWO = (a_row(ENGLAND, "46.4"), a_row(NORTHVALE, "94.8"), a_row(ENGLAND, "40", item="Girls"))


def test_a_file_is_brought_in_with_what_is_said_of_it(run):
    said = run(the_file(*TWO), **CHOICE, filter=f"breakdown={ALL}", **RELEASE)
    assert "timeliness.csv: Education, health and care plans, 2025, published on 26 June 2025" in said
    assert "Added: 2" in said
    assert "2 figures brought in." in said
    assert Measurement.objects.count() == 2
    made = FigureImport.objects.get()
    assert (made.state, made.area, made.size, len(made.sha256)) == ("confirmed", None, len(a_file(TWO)), 64)
    assert not FilePiece.objects.exists()


def test_an_open_filter_takes_the_item_that_stands_for_all(run):
    run(the_file(*TWO), **CHOICE, **RELEASE)
    assert ColumnMapping.objects.get().filters == {"breakdown": ALL}
    assert Measurement.objects.count() == 2


def test_an_open_filter_without_such_an_item_is_asked_for(run):
    rows = [a_row(ENGLAND, "1", item="Boys"), a_row(ENGLAND, "2", item="Girls")]
    with pytest.raises(CommandError, match=r'Choose an item of "breakdown".*Boys, Girls'):
        run(the_file(*rows), **CHOICE, **RELEASE)
    assert not FigureImport.objects.exists()


def test_a_dry_run_says_the_same_and_writes_nothing(run):
    said = run(the_file(*TWO), **CHOICE, **RELEASE, dry_run=True)
    assert "Added: 2" in said
    assert "Nothing was written: this was a dry run." in said
    assert not Measurement.objects.exists()
    assert not FigureImport.objects.exists()
    assert not ColumnMapping.objects.exists()


def test_with_a_kept_mapping_the_file_is_enough(run):
    run(the_file(*TWO), **CHOICE, **RELEASE)
    later = (*TWO, a_row(ENGLAND, "47", period="2025"))
    said = run(the_file(*later, name="timeliness_2026.csv"))
    assert "2026, published on 1 July 2026 (assumed)" in said
    assert "Unchanged: 2" in said
    assert "1 figure brought in." in said
    assert Release.objects.get(edition="2026").is_day_assumed


def test_the_same_file_again_without_a_word_is_the_release_that_is_known(run):
    run(the_file(*TWO), **CHOICE, **RELEASE)
    said = run(the_file(*TWO))
    assert "Education, health and care plans, 2025, published on 26 June 2025" in said
    assert "Nothing to bring in: every figure is here already." in said
    assert (Measurement.objects.count(), FigureImport.objects.count(), Release.objects.count()) == (2, 1, 1)


def test_refused_rows_stop_everything_unless_it_is_said_that_they_are_left_out(run):
    rows = [a_row(ENGLAND, "46.4"), a_row(LONDON, "=1+1")]
    with pytest.raises(CommandError, match="1 row refused, so nothing was written"):
        run(the_file(*rows), **CHOICE, **RELEASE)
    assert not Measurement.objects.exists()
    said = run(the_file(*rows), **CHOICE, **RELEASE, leave_out_refused=True)
    assert 'row 3, rate, "=1+1": the cell starts like a formula and is no number.' in said
    assert Measurement.objects.count() == 1


def test_several_files_are_all_brought_in_or_none(run):
    good, bad = the_file(*TWO), ("other.csv", b"a,b\n1,2\n")
    with pytest.raises(CommandError, match=r"other.csv is refused. Looked for a CSV file"):
        run(good, bad, **CHOICE, **RELEASE)
    assert not Measurement.objects.exists()
    run(good, the_file(a_row(ENGLAND, "47", period="2025"), name="next.csv"), **CHOICE, **RELEASE)
    assert Measurement.objects.count() == 3


def test_provisional_figures_are_kept_apart(run):
    run(the_file(*TWO), **CHOICE, **RELEASE, provisional=True)
    assert set(Measurement.objects.values_list("state", flat=True)) == {"provisional"}


def test_a_year_can_be_read_as_a_part_of_it_and_a_kept_series_says_so_by_itself(run):
    census = a_row(ENGLAND, "638745", period="202425", identifier="Academic year")
    run(the_file(census), **CHOICE, **RELEASE, reads_as="january")
    ColumnMapping.objects.update(reads_as="")
    assert "Unchanged: 1" in run(the_file(census))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "No mapping is kept for a file called timeliness.csv"),
        (RELEASE, "No kept mapping fits timeliness.csv"),
        ({**RELEASE, "indicator": "in-20-weeks"}, "go together"),
        ({**RELEASE, **CHOICE, "indicator": "nonsense"}, "no indicator with the code"),
        ({**RELEASE, **CHOICE, "column": "nonsense"}, 'Looked for the column "nonsense"'),
        ({**RELEASE, **CHOICE, "filter": "breakdown=Nobody"}, "No row fits rate, breakdown: Nobody"),
        ({**RELEASE, **CHOICE, "filter": "breakdown"}, "write a filter as column=item"),
        ({**RELEASE, **CHOICE, "published_on": "soon"}, "is no day"),
        ({**RELEASE, **CHOICE, "published_on": "2027-01-01"}, "a day to come"),
        ({**RELEASE, **CHOICE, "meta": "/nowhere/meta.csv"}, "cannot be read"),
    ],
)
def test_what_is_not_enough_or_wrong_is_said_and_nothing_is_written(run, options, message):
    with pytest.raises(CommandError, match=message):
        run(the_file(*TWO), **options)
    assert not Measurement.objects.exists()
    assert not FigureImport.objects.exists()


def test_without_a_file_it_asks_for_one_or_clears_what_was_abandoned(run):
    with pytest.raises(CommandError, match="Name at least one file"):
        run()
    assert run(clear_abandoned=True) == "0 abandoned uploads thrown away.\n"
