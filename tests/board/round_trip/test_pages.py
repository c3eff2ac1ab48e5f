"""The pages on which a workbook is taken away and brought back, as a browser meets them."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from board.round_trip.columns import ACTIONS, FILLED
from people.models import Membership
from tests.board.round_trip.conftest import OFF_TRACK, another_action, book_of, filled, say, sent
from tests.world import BACKEND
from workstrands.models import PlanFile, ProgressUpdate

ON_TRACK = {"status": "G On track", "narrative": "It is out."}


@pytest.fixture
def lead(client, world):
    client.force_login(world.people["lead"], backend=BACKEND)
    return client


@pytest.fixture
def officer(client, world):
    client.force_login(world.people["officer"], backend=BACKEND)
    return client


def address(world) -> str:
    return reverse("board:my-workbook", args=[world.area.slug])


def upload(client, world, content: bytes, **more):
    return client.post(address(world), {"file": SimpleUploadedFile("filled.xlsx", content), **more})


def one(world) -> str:
    return reverse("board:my-workbook-one", args=[world.area.slug, PlanFile.objects.latest("pk").key])


def seen(client, world) -> str:
    return client.get(one(world)).context["digest"]


def test_my_work_leads_to_the_workbook_and_back(lead, world):
    text = lead.get(reverse("board:my")).text

    assert f'href="{address(world)}">Send me my actions as a workbook' in text
    assert f'href="{address(world)}#bring">bring my workbook back' in text


def test_a_lead_takes_their_own_workbook_and_no_other(lead, world):
    response = lead.get(address(world), {"of": f"lead.{world.lead.pk}"})

    assert response.status_code == 200
    assert 'filename="actions-northvale-head-of-send-2026-03-12-format-1.xlsx"' in response["Content-Disposition"]
    assert response["Cache-Control"] == "private, no-store"
    assert ACTIONS in book_of(response.content).sheetnames
    for other in (
        f"lead.{world.lead.pk + 1}",
        "strand.send-strategy.early-years",
        "lead.99",
        "lead.x",
        "x",
        "strand.a",
    ):
        assert lead.get(address(world), {"of": other}).status_code == 404


def test_an_officer_takes_any_leads_or_strands_workbook(officer, world):
    text = officer.get(address(world)).text
    assert "Head of SEND (1)" in text

    for key in (f"lead.{world.lead.pk}", "strand.send-strategy.early-years"):
        assert officer.get(address(world), {"of": key})["Content-Type"].endswith("sheet")


def test_from_the_file_to_the_report(lead, world):
    response = upload(lead, world, filled(sent(world), {"1.1": OFF_TRACK}))
    assert response["Location"] == one(world)

    text = lead.get(one(world)).text
    assert "To be reported: 1 action" in text
    assert "The post is empty." in text
    assert "30 April 2026" in text
    response = lead.post(one(world), {"seen": seen(lead, world), "row-7": "mine"}, follow=True)
    assert "1 action reported from filled.xlsx: 1.1." in response.text
    assert world.action.updates.count() == 2


def test_what_is_refused_is_shown_with_row_column_value_and_reason(lead, world):
    upload(lead, world, filled(sent(world), {"1.1": {"status": "purple"}}))
    text = lead.get(one(world)).text

    assert "Refused: 1 row" in text
    assert "I7" in text
    assert "purple" in text
    assert "Choose how the action is going." in text
    assert "No row of this workbook can be reported." in text
    assert "Report what is chosen" not in text


def test_both_reports_stand_side_by_side_and_one_must_be_chosen(lead, world):
    upload(lead, world, filled(sent(world), {"1.1": ON_TRACK}))
    say(world.action)
    text = lead.get(one(world)).text
    assert "Somebody else looked into it." in text
    assert "It is out." in text

    told = lead.post(one(world), {"seen": seen(lead, world)}).text
    assert "Row 7, action 1.1: choose what becomes of it." in told
    assert 'href="#row-7-keep"' in told
    assert ProgressUpdate.objects.count() == 2
    lead.post(one(world), {"seen": seen(lead, world), "row-7": "mine"})
    assert world.action.updates.count() == 3


def test_a_report_that_came_in_between_is_shown_before_anything_is_saved(lead, world):
    upload(lead, world, filled(sent(world), {"1.1": ON_TRACK}))
    before = seen(lead, world)
    say(world.action)
    response = lead.post(one(world), {"seen": before, "row-7": "mine"})

    assert response.status_code == 409
    assert "Nothing was reported." in response.text
    assert "Somebody else looked into it." in response.text
    assert ProgressUpdate.objects.count() == 2


def test_the_same_file_again_says_that_it_changes_nothing(lead, world):
    content = filled(sent(world), {"1.1": ON_TRACK})
    upload(lead, world, content)
    lead.post(one(world), {"seen": seen(lead, world), "row-7": "mine"})
    upload(lead, world, content)
    text = lead.get(one(world)).text

    assert "This very file was brought in before" in text
    assert "it changes nothing" in text


def test_nothing_chosen_reports_nothing_and_says_so(lead, world):
    upload(lead, world, filled(sent(world), {"1.1": ON_TRACK}))
    response = lead.post(one(world), {"seen": seen(lead, world)})

    assert "Choose at least one action to report" in response.text
    assert ProgressUpdate.objects.count() == 1


def test_a_file_that_is_none_keeps_nothing_and_says_why(lead, world):
    for content in (b"", b"ref;status", b"PK nonsense"):
        response = upload(lead, world, content)
        assert response.status_code == 200
        assert "There is a problem" in response.text
    assert lead.post(address(world), {}).status_code == 200
    assert not PlanFile.objects.exists()


def test_an_officer_brings_in_a_leads_workbook_on_their_behalf(officer, world):
    upload(officer, world, filled(sent(world), {"1.1": ON_TRACK}), whose="lead")
    assert "on behalf of Head of SEND" in officer.get(one(world)).text
    officer.post(one(world), {"seen": seen(officer, world), "row-7": "mine"})

    assert world.action.updates.latest("number").on_behalf_of == world.lead


def test_a_thrown_away_workbook_is_said_to_be_one(lead, world):
    upload(lead, world, filled(sent(world), {"1.1": ON_TRACK}))
    lead.post(one(world), {"deed": "abandon"})
    assert "thrown away before it was confirmed" in lead.get(one(world)).text
    assert lead.post(one(world), {"seen": "x", "row-7": "mine"}).status_code == 302
    assert ProgressUpdate.objects.count() == 1


def test_a_lead_never_sees_what_another_brought(client, world):
    client.force_login(world.people["officer"], backend=BACKEND)
    upload(client, world, sent(world), whose="lead")
    client.force_login(world.people["lead"], backend=BACKEND)

    assert client.get(one(world)).status_code == 404
    assert client.post(one(world), {"seen": "x"}).status_code == 404


def test_another_areas_officer_can_neither_take_nor_bring(client, world):
    Membership.objects.filter(user=world.people["other_officer"]).update(role="officer")
    client.force_login(world.people["other_officer"], backend=BACKEND)
    elsewhere = reverse("board:my-workbook", args=[world.other_area.slug])

    assert client.get(elsewhere, {"of": f"lead.{world.lead.pk}"}).status_code == 404
    response = client.post(elsewhere, {"file": SimpleUploadedFile("a.xlsx", sent(world)), "whose": "lead"})
    assert "This workbook holds actions of Northvale." in response.text


def test_the_page_of_many_rows_asks_no_more_than_of_few(lead, world):
    def asked(refs) -> int:
        upload(lead, world, filled(sent(world), dict.fromkeys(refs, ON_TRACK)))
        with CaptureQueriesContext(connection) as made:
            assert lead.get(one(world)).status_code == 200
        return len(made)

    another_action(world, 1)
    few = asked(["1.1"])
    refs = ["1.1", "3.1", *(another_action(world, number).ref for number in range(2, 12))]
    assert asked(refs) == few


def test_what_is_written_in_a_cell_is_never_markup(lead, world):
    upload(lead, world, filled(sent(world), {"1.1": {**ON_TRACK, "narrative": "<script>alert(1)</script>"}}))

    assert "<script>alert(1)" not in lead.get(one(world)).text


ANYTHING = some.one_of(
    some.text(max_size=60),
    some.text(alphabet="=+-@<>&\x0b\x1f\n\t\u2028\ufffe\U0001f600", max_size=12),
    some.sampled_from(
        ["G", "g on track", "Yes", "no", "R Off track", "S Stopped", "=1+1", "31/3/2027", "#REF!", "x" * 10_001]
    ),
    some.integers(),
    some.floats(allow_nan=False),
    some.booleans(),
    some.dates(),
    some.datetimes(),
    some.times(),
)


@given(
    some.dictionaries(some.sampled_from([column.name for column in FILLED]), ANYTHING, min_size=1),
    some.booleans(),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_whatever_stands_in_the_cells_it_is_rehearsed_or_refused(client, world, values, confirms):
    client.force_login(world.people["lead"], backend=BACKEND)
    try:
        content = filled(sent(world), {"1.1": values})
    except Exception:  # what the library cannot write is no workbook
        return
    response = upload(client, world, content)
    assert response.status_code in (200, 302)
    if response.status_code == 302:
        response = client.get(one(world))
        assert response.status_code == 200
        if confirms:
            told = client.post(one(world), {"seen": response.context["digest"], "row-7": "mine"})
            assert told.status_code in (200, 302)


@given(some.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_whatever_bytes_come_they_are_refused_or_read(client, world, data):
    client.force_login(world.people["lead"], backend=BACKEND)
    content = bytearray(sent(world))
    for _ in range(data.draw(some.integers(1, 8))):
        content[data.draw(some.integers(0, 100_000)) % len(content)] = data.draw(some.integers(0, 255))
    assert upload(client, world, bytes(content)).status_code in (200, 302)


def test_an_upload_beyond_its_bound_is_refused(lead, world, monkeypatch):
    monkeypatch.setattr("board.round_trip_forms.MOST_BYTES", 1024)
    content = io.BytesIO(b"PK" + b"\0" * 2048).getvalue()

    assert "The file is larger than" in upload(lead, world, content).text
