"""Bringing in published figures in the browser: file, column, rows, rehearsal, confirmation."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.demonstration import removal
from kpis.models import ColumnMapping, FigureImport, FilePiece, Indicator, Kpi, Measurement, Release
from people.models import Membership, User
from tests.kpis.dfe_files import ALL, ELSEWHERE, ENGLAND, LONDON, NORTHVALE, SOUTHMOOR, a_file, a_row, the_places
from tests.world import BACKEND, at, build_world

UPLOAD = "/northvale/kpis/import/"
CODE = "plans-within-20-weeks"
RELEASE = {
    "publication": "Education, health and care plans", "edition": "2025", "published_on_0": "26", "published_on_1": "6",
    "published_on_2": "2025", "state": "final",
}  # fmt: skip
ROWS = [
    a_row(ENGLAND, "46.4"), a_row(LONDON, "66.9"), a_row(NORTHVALE, "61.2"), a_row(SOUTHMOOR, "c"), a_row(ELSEWHERE, "50"),
    a_row(ENGLAND, "47.1", item="Girls"),
]  # fmt: skip


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 7, 20))
    world = build_world()
    the_places()
    return world


@pytest.fixture
def officer(client, world):
    client.force_login(world.people["officer"], backend=BACKEND)
    return client


def upload(client, rows=ROWS, *, content=None, name="timeliness.csv", to=UPLOAD, **fields):
    file = SimpleUploadedFile(name, a_file(rows) if content is None else content, content_type="text/csv")
    return client.post(to, {"file": file, **RELEASE, **fields})


def choose(client, address: str, *, kpi=CODE, column="rate", item=ALL, **more):
    """Through the two pages of choosing, to the rehearsal."""
    base = address.removesuffix("columns/")
    assert client.post(f"{base}columns/", {"kpi": kpi, "column": column, **more}).status_code == 302
    response = client.post(f"{base}filters/", {"filter_0": item, "reads_as": ""})
    assert response.status_code == 302, response.text
    return response["Location"]


def confirm(client, address: str, **fields):
    page = client.get(address).text
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    return client.post(address, {"seen": seen, "deed": "confirm", **fields}, follow=True)


@pytest.fixture
def rehearsed(officer):
    return choose(officer, upload(officer)["Location"])


def test_the_first_file_of_a_publication_goes_from_page_to_page_to_its_confirmation(officer):
    form = officer.get(UPLOAD).text
    assert "at most 200 MB and 2,000,000 rows" in form
    assert 'enctype="multipart/form-data"' in form
    response = upload(officer)
    columns = response["Location"]
    assert columns.endswith("/columns/")
    page = officer.get(columns).text
    assert "Which column, for which KPI?" in page
    assert '<option value="rate"' in page
    filters = officer.post(columns, {"kpi": CODE, "column": "rate"})["Location"]
    page = officer.get(filters).text
    assert f'<option value="{ALL}" selected' in page
    rehearsal = officer.post(filters, {"filter_0": ALL, "reads_as": ""})["Location"]
    page = officer.get(rehearsal).text
    assert "4 figures would be brought in" in page
    assert "Hartlepool (E06000001 / 805)" in page
    assert not Measurement.objects.filter(is_published=True).exists()
    done = confirm(officer, rehearsal)
    assert "4 figures brought in from timeliness.csv." in done.text
    assert Measurement.objects.filter(is_published=True).count() == 4
    assert not FilePiece.objects.exists()


def test_a_restated_figure_is_shown_old_beside_new(rehearsed, officer):
    page = officer.get(rehearsed).text
    assert "Restated: 1 figure" in page, "the figure typed here for 2024 is published by the file"
    assert "The same figure stood here unpublished" in page
    confirm(officer, rehearsed)
    again = upload(officer, [a_row(NORTHVALE, "62.5")], edition="2026", published_on_2="2026")
    page = officer.get(again["Location"]).text
    assert re.search(r'data-label="Held now"[^>]*>61\.2<', page)
    assert re.search(r'data-label="In the file"[^>]*>62\.5<', page)


def test_a_kept_mapping_leads_from_the_file_to_its_rehearsal_in_one_step(rehearsed, officer):
    confirm(officer, rehearsed)
    newer = [*ROWS, a_row(NORTHVALE, "70", period="2025"), a_row(SOUTHMOOR, "71", period="2025")]
    response = upload(officer, newer, name="timeliness_2026.csv", publication="", edition="2026", published_on_2="2026")
    page = officer.get(response["Location"]).text
    assert "2 figures would be brought in" in page
    assert "Education, health and care plans, 2026" in page
    confirm(officer, response["Location"])
    latest = Measurement.objects.filter(period_end=date(2025, 12, 31), is_published=True)
    assert set(latest.values_list("area__slug", flat=True)) == {"northvale", "southmoor"}


def test_the_same_file_again_says_that_nothing_would_change(rehearsed, officer):
    confirm(officer, rehearsed)
    page = officer.get(upload(officer)["Location"]).text
    assert "Nothing would change" in page
    assert "This very file was brought in before, on 20 July 2026" in page
    assert "so there is nothing to confirm" in page
    assert 'value="confirm"' not in page


def test_refused_rows_are_named_and_left_out_only_when_somebody_says_so(officer):
    address = choose(officer, upload(officer, [a_row(ENGLAND, "46.4"), a_row(LONDON, "=1+1")])["Location"], item="")
    page = officer.get(address).text
    assert "Refused: 1 row" in page
    assert "Row 3" in page
    assert "=1+1" in page
    refused = confirm(officer, address)
    assert "Say that the refused rows may be left out" in refused.text
    assert not Measurement.objects.filter(is_published=True).exists()
    assert "1 figure brought in" in confirm(officer, address, without_refused="on").text


def test_if_the_figures_changed_meanwhile_it_says_so_and_shows_the_new_rehearsal(rehearsed, officer, world):
    seen = re.search(r'name="seen" value="(\w+)"', officer.get(rehearsed).text)[1]
    Measurement.objects.create(
        indicator=world.kpi.indicator, area=world.other_area, number=1, recorded_at=at(2026, 7, 20), value=Decimal(5),
        period_start=date(2024, 1, 1), period_end=date(2024, 12, 31),
    )  # fmt: skip
    response = officer.post(rehearsed, {"seen": seen, "deed": "confirm"})
    assert response.status_code == 409
    assert "Nothing was saved" in response.text
    assert "Restated: 2 figures" in response.text
    assert not Measurement.objects.filter(is_published=True).exists()
    assert "4 figures brought in" in confirm(officer, rehearsed).text


def test_every_line_of_a_group_can_be_seen_before_and_after(rehearsed, officer):
    assert "Added: 3 figures" in officer.get(f"{rehearsed}?group=added").text
    assert "Left alone: 0 figures" in officer.get(f"{rehearsed}?group=left_alone").text
    assert officer.get(f"{rehearsed}?group=nonsense").status_code == 404
    assert officer.get(f"{rehearsed}?group=added&page=99").status_code == 200
    confirm(officer, rehearsed)
    assert "Added: 3 figures" in officer.get(f"{rehearsed}?group=added").text
    assert officer.get(f"{rehearsed}?group=unchanged").status_code == 404


def test_a_file_can_be_thrown_away(rehearsed, officer):
    response = officer.post(rehearsed, {"deed": "abandon"}, follow=True)
    assert "was thrown away. No figure was changed." in response.text
    assert not FilePiece.objects.exists()
    assert "Not brought in" in officer.get(rehearsed).text
    assert officer.get(f"{rehearsed}columns/").status_code == 302
    assert officer.post(rehearsed, {"deed": "confirm", "seen": "x"}).status_code == 302


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "This file is empty"),
        (b"LA,Value\nNorthvale,61\n", "no column called time_period"),
        (a_file([]), "no row below its header"),
        (a_file(ROWS).decode().encode("utf-16"), "UTF-16"),
        (a_file(ROWS) + b"too,short\n", "Row 8 has 2 cells"),
        (b"PK\x03\x04 xl/workbook.xml", "an Excel workbook"),
    ],
)
def test_a_file_that_is_no_open_data_is_refused_by_its_field_and_leaves_nothing(officer, content, message):
    response = upload(officer, content=content)
    assert response.status_code == 200
    assert "Looked for a CSV file of the Department for Education" in response.text
    assert message in response.text
    assert "Education, health and care plans" in response.text, "what was typed is still there"
    assert not FigureImport.objects.exists()
    assert not FilePiece.objects.exists()


def test_a_file_beyond_the_bound_is_refused(officer, monkeypatch):
    monkeypatch.setattr("board.import_forms.MOST_BYTES", 100)
    assert "larger than" in upload(officer).text
    assert not FigureImport.objects.exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"publication": ""}, "Name the publication"),
        ({"edition": " "}, "Name the edition"),
        ({"published_on_0": ""}, "Day of publication needs a day"),
        ({"published_on_0": "", "published_on_1": "", "published_on_2": ""}, "Give the day of publication"),
        ({"published_on_0": "31"}, "there is no 31 June 2025"),
        ({"published_on_2": "2027"}, "must have passed"),
        ({"state": "forecast"}, "Choose one"),
        ({"publication": "x" * 300}, "The most is 200"),
        ({"publication": "bad\x01name"}, "cannot be kept"),
        ({"meta": SimpleUploadedFile("x.meta.csv", b"a,b\n1,2\n")}, "Looked for a metadata file"),
    ],
)
def test_what_is_missing_or_wrong_about_the_release_is_said(officer, fields, message):
    response = upload(officer, **fields)
    assert response.status_code == 200
    assert message in response.text
    assert not FigureImport.objects.exists()


def test_a_release_known_here_with_another_day_is_questioned(officer):
    Release.objects.create(publication=RELEASE["publication"], edition="2025", published_on=date(2025, 6, 20))
    assert "is known here as published on 20 June 2025" in upload(officer).text


def test_provisional_figures_stand_beside_final_ones(rehearsed, officer):
    confirm(officer, rehearsed)
    response = upload(officer, edition="2025 provisional", publication=RELEASE["publication"])
    page = officer.get(response["Location"]).text
    assert "The figures are taken as provisional" in page
    assert "4 figures would be brought in" in page
    confirm(officer, response["Location"])
    assert Measurement.objects.filter(state="provisional").count() == 4


@pytest.mark.parametrize(
    ("step", "fields", "message"),
    [
        ("columns", {}, "Choose the KPI"),
        ("columns", {"kpi": CODE}, "Choose the column"),
        ("columns", {"kpi": "nonsense", "column": "rate"}, "Choose one of the list"),
        ("columns", {"kpi": CODE, "column": "breakdown"}, "Choose one of the list"),
        ("filters", {}, "Choose an item of breakdown"),
        ("filters", {"filter_0": "Nobody"}, "Choose an item of the list"),
        ("filters", {"filter_0": ALL, "reads_as": "nonsense"}, "Choose one of the list"),
    ],
)
def test_what_is_not_chosen_is_asked_for_by_its_field(rehearsed, officer, step, fields, message):
    response = officer.post(f"{rehearsed}{step}/", fields)
    assert response.status_code == 200
    assert message in response.text


def test_the_rows_are_asked_for_only_after_the_column(officer):
    base = upload(officer)["Location"].removesuffix("columns/")
    for response in (officer.get(f"{base}filters/"), officer.post(f"{base}filters/", {"filter_0": ALL})):
        assert response["Location"].endswith("/columns/")
    assert officer.get(base)["Location"].endswith("/columns/")


def test_a_second_kpi_can_be_read_from_the_same_file(rehearsed, officer, world):
    other = Indicator.objects.create(code="issued", title="Plans issued", unit="count", polarity="contextual")
    Kpi.objects.create(area=world.area, indicator=other)
    choose(officer, rehearsed, kpi="issued", column="plans")
    assert "8 figures would be brought in" in officer.get(rehearsed).text
    confirm(officer, rehearsed)
    assert ColumnMapping.objects.count() == 2
    page = officer.get(upload(officer, edition="2026", published_on_2="2026")["Location"]).text
    assert "Plans issued" in page
    assert "EHC plans issued within 20 weeks" in page


def test_only_the_kpis_of_the_area_are_offered(officer, world):
    other = Indicator.objects.create(code="elsewhere", title="Tracked elsewhere", unit="count", polarity="contextual")
    Kpi.objects.create(area=world.other_area, indicator=other)
    assert "Tracked elsewhere" not in officer.get(upload(officer)["Location"]).text


def test_another_areas_import_is_not_there(rehearsed, client, world):
    client.force_login(world.people["other_officer"], backend=BACKEND)
    key = rehearsed.split("/")[-2]
    for address in (f"/southmoor/kpis/import/{key}/", f"/southmoor/kpis/import/{key}/columns/", rehearsed):
        assert client.get(address).status_code == 404
        assert client.post(address, {"deed": "abandon"}).status_code == 404
    assert FilePiece.objects.exists()


def test_the_past_cannot_be_imported_into(rehearsed, officer):
    for address in (UPLOAD, rehearsed, f"{rehearsed}columns/", f"{rehearsed}filters/"):
        assert officer.get(f"{address}?as_at=2026-03-01").status_code == 404


def test_words_of_the_file_are_shown_as_words(officer):
    rows = [a_row(ENGLAND, "46.4", item="<script>alert(1)</script>"), a_row(ENGLAND, "<b>1</b>", item="Total")]
    response = upload(officer, rows, name="<img src=x>.csv")
    address = choose(officer, response["Location"], item="Total")
    for page in (UPLOAD, address, f"{address}filters/", f"{address}?group=refused"):
        text = officer.get(page).text
        assert "<script>alert" not in text
        assert "<b>1</b>" not in text
        assert "<img src=x>" not in text


def test_the_queries_of_each_page_do_not_grow_with_the_file(officer):
    few = choose(officer, upload(officer, ROWS[:1])["Location"], item="")
    many_rows = [a_row(ENGLAND, "46.4", period=str(year)) for year in range(1960, 2024)] + ROWS
    many = choose(officer, upload(officer, many_rows)["Location"])
    for step in ("", "columns/", "filters/", "?group=added"):
        counts = []
        for address in (few, many):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert officer.get(f"{address}{step}").status_code == 200
            counts.append(len(asked))
        assert counts[0] == counts[1], step
        assert counts[0] <= 16, step


def test_what_an_illustrative_officer_brought_in_is_taken_away_with_the_demonstration(client, world):
    made_up = User.objects.create(email="made-up@example.test", is_illustrative=True)
    Membership.objects.create(user=made_up, area=world.area, role=Membership.Role.OFFICER, is_illustrative=True)
    client.force_login(made_up, backend=BACKEND)
    before = Measurement.objects.count()
    confirm(client, choose(client, upload(client)["Location"]))
    upload(client, [*ROWS, a_row(ENGLAND, "1", period="2025")], edition="2026", published_on_2="2026")
    assert FilePiece.objects.exists()
    removal.remove()
    assert Measurement.objects.count() == before
    for model in (FigureImport, FilePiece, ColumnMapping, Release):
        assert not model.objects.exists()
