"""Evidence that an officer took back, on the pages: given out to nobody, struck where it was listed, counted no more."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from board.evidence_held import evidence_of
from people.access_tokens import make_token
from tests.world import (
    A_PDF,
    BACKEND,
    World,
    a_file_of_evidence,
    a_plan_that_waits,
    a_workbook_that_waits,
    at,
    build_world,
)
from workstrands.evidence import attach_link, key_of
from workstrands.models import Evidence, PlanFile, ProgressUpdate
from workstrands.withholding import give_again, withhold

REASON = "It names a child"


@pytest.fixture
def world(db, monkeypatch) -> World:
    """It is 10 March 2026."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 3, 10))
    return build_world()


@pytest.fixture
def as_(client, world):
    def sign_in(name: str):
        client.force_login(world.people[name], backend=BACKEND)
        return client

    return sign_in


@pytest.fixture
def piece(world) -> Evidence:
    return a_file_of_evidence(world)


@pytest.fixture
def taken_back(world, piece) -> Evidence:
    """Withheld on 5 March 2026."""
    withhold(piece, because=REASON, by=world.people["officer"], at=at(2026, 3, 5))
    return piece


def text_of(response) -> str:
    return " ".join(response.text.split())


def of_piece(world: World, name: str, piece: Evidence | str) -> str:
    number = piece if isinstance(piece, str) else str(piece.pk)
    return reverse(f"board:evidence-{name}", args=[world.area.slug, number])


def download(world: World, piece: Evidence) -> str:
    return reverse("board:evidence-file", args=[world.area.slug, key_of(piece)])


# Given out to nobody


@pytest.mark.parametrize("person", ["officer", "lead", "board"])
@pytest.mark.parametrize("day", ["", "2026-03-01", "2026-03-05"])
def test_a_withheld_file_is_given_to_nobody_whichever_day_is_viewed(as_, world, taken_back, person, day):
    response = as_(person).get(download(world, taken_back), {"as_at": day} if day else {})

    assert response.status_code == 410
    assert "This file was withheld on 5 March 2026 by officer@example.test: It names a child." in text_of(response)
    assert A_PDF not in response.content


def test_given_out_again_the_same_address_gives_the_file_out(as_, world, taken_back):
    give_again(taken_back, by=world.people["officer"], at=at(2026, 3, 8))
    client = as_("board")

    assert b"".join(client.get(download(world, taken_back)).streaming_content) == A_PDF
    assert client.get(download(world, taken_back), {"as_at": "2026-03-01"}).status_code == 200


def test_an_erased_file_says_that_nobody_can_bring_it_back(as_, world, piece):
    withhold(piece, because=REASON, by=world.people["officer"], at=at(2026, 3, 5), erasing=True)
    response = as_("officer").get(download(world, piece))

    assert response.status_code == 410
    assert "It was erased: nobody can bring it back." in text_of(response)
    assert "waiting-times.pdf" not in response.text


# Listed


def test_the_lists_show_it_struck_with_who_when_and_why(as_, world, taken_back):
    client = as_("board")
    for name in ("board:evidence", "board:action"):
        text = text_of(client.get(world.address(name)))
        assert "<s>Waiting times, first quarter</s> <strong>(withheld)</strong>" in text
        assert "Withheld on 5 March 2026 by officer@example.test: It names a child." in text
        assert download(world, taken_back) not in text


def test_an_earlier_view_counts_it_and_still_does_not_lead_to_it(as_, world, taken_back):
    client = as_("board")
    for name in ("board:evidence", "board:action"):
        text = text_of(client.get(world.address(name), {"as_at": "2026-03-01"}))
        assert "Waiting times, first quarter <strong>(withheld since)</strong>" in text
        assert "<s>" not in text
        assert download(world, taken_back) not in text
    assert "1 piece of evidence backs" in text_of(client.get(world.address("board:evidence"), {"as_at": "2026-03-01"}))


def test_the_page_counts_what_is_withheld_apart_and_leads_to_it(as_, world, taken_back):
    client = as_("board")
    text = text_of(client.get(world.address("board:evidence")))

    assert "0 pieces of evidence back what was reported." in text
    assert '<a href="?held_as=withheld#pieces">1 piece</a> is withheld and counts no more.' in text
    assert "Waiting times" in text_of(client.get(world.address("board:evidence"), {"held_as": "withheld"}))
    assert "Waiting times" not in text_of(client.get(world.address("board:evidence"), {"held_as": "file"}))


def test_the_files_say_who_withheld_it_and_why(as_, world, taken_back):
    body = as_("board").get(world.address("board:evidence"), {"_export": "csv"}).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(body)))
    first = next(n for n, row in enumerate(rows) if row and row[0] == "Evidence")
    row = dict(zip(rows[first], rows[first + 1], strict=True))

    assert row["Withheld"] == "5 March 2026 by officer@example.test"
    assert row["Why it is withheld"] == REASON


def test_given_out_again_it_is_listed_once(world, taken_back):
    give_again(taken_back, by=world.people["officer"], at=at(2026, 3, 8))

    [now] = evidence_of(world.area, at(2026, 3, 9), on=at(2026, 3, 9).date())
    [between] = evidence_of(world.area, at(2026, 3, 7), on=at(2026, 3, 7).date())
    assert (now.is_withheld, between.is_withheld) == (False, True)


def test_a_withheld_web_address_is_written_nowhere(as_, world):
    link = attach_link(world.action.updates.get(number=1), title="The report", kind="document", url="https://www.example.org/wrong",
                       by=world.people["lead"], at=at(2026, 2, 20))  # fmt: skip
    withhold(link, because="The wrong address", by=world.people["officer"], at=at(2026, 3, 5))
    client = as_("officer")

    for name in ("board:evidence", "board:action"):
        for asked in ({}, {"as_at": "2026-03-01"}, {"_export": "csv"}, {"_export": "csv", "as_at": "2026-03-01"}):
            assert "example.org/wrong" not in client.get(world.address(name), asked).content.decode()


def test_a_program_reads_its_title_no_more_but_for_earlier_days(client, world, taken_back):
    secret = make_token(world.area, "Dashboard", by=world.people["board"], at=at(2026, 3, 1))

    def titles(**query) -> list[str]:
        said = {"Authorization": f"Bearer {secret}"}
        [row] = client.get(f"/{world.area.slug}/api/v1/updates/", query, headers=said).json()["rows"]
        return row["evidence"]

    assert titles() == []
    assert titles(as_at="2026-03-01") == ["Waiting times, first quarter"]


# The officer's pages


def test_an_officer_withholds_a_file_from_the_page_of_the_action(as_, world, piece):
    client = as_("officer")
    assert of_piece(world, "withhold", piece) in client.get(world.address("board:action")).text

    response = client.post(of_piece(world, "withhold", piece), {"because": REASON}, follow=True)

    assert "“Waiting times, first quarter” is withheld." in text_of(response)
    piece.refresh_from_db()
    assert (piece.withheld_because, piece.withheld_by) == (REASON, world.people["officer"])


def test_nobody_else_is_offered_it_nor_in_a_view_of_the_past(as_, world, piece):
    for person, asked in (("lead", {}), ("board", {}), ("officer", {"as_at": "2026-03-01"})):
        for name in ("board:evidence", "board:action"):
            assert "/withhold/" not in as_(person).get(world.address(name), asked).text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"because": " "}, "because"),
        ({"because": "x" * 401}, "because"),
        ({"because": REASON, "erasing": "on"}, "sure"),
        ({"because": REASON, "sure": "on"}, "erasing"),
    ],
)
def test_what_is_missing_is_said_by_its_field_and_nothing_is_withheld(as_, world, piece, files_apart, fields, field):
    response = as_("officer").post(of_piece(world, "withhold", piece), fields)

    assert list(response.context["form"].errors) == [field]
    assert "There is a problem" in response.text
    piece.refresh_from_db()
    assert piece.withheld_at is None
    assert (files_apart / piece.file.name).exists()


def test_erasing_takes_a_second_tick_and_the_file_goes(
    as_, world, piece, files_apart, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = as_("officer").post(
            of_piece(world, "withhold", piece), {"because": REASON, "erasing": "on", "sure": "on"}, follow=True
        )

    assert "Its file is erased." in text_of(response)
    assert not (files_apart / piece.file.name).exists()
    assert "(data, 31 January 2026, PDF, erased)" in text_of(response)


def test_a_withheld_file_is_given_out_again_or_erased_later(
    as_, world, taken_back, files_apart, django_capture_on_commit_callbacks
):
    client = as_("officer")
    page = client.get(of_piece(world, "withhold", taken_back)).text
    assert of_piece(world, "give-again", taken_back) in page
    assert of_piece(world, "erase", taken_back) in page

    refused = client.post(of_piece(world, "erase", taken_back), {})
    assert "Tick this to erase the file for good, or cancel." in refused.text
    with django_capture_on_commit_callbacks(execute=True):
        client.post(of_piece(world, "erase", taken_back), {"sure": "on"})
    assert not (files_apart / taken_back.file.name).exists()
    answer = client.post(of_piece(world, "give-again", taken_back), {})
    assert "The file was erased, so it cannot be given out again." in text_of(answer)


def test_a_page_for_what_was_withheld_meanwhile_says_so_and_keeps_what_was_typed(as_, world, taken_back):
    response = as_("officer").post(of_piece(world, "withhold", taken_back), {"because": "Another reason"})

    assert response.status_code == 200
    assert "It was withheld on 5 March 2026 by officer@example.test already." in text_of(response)
    assert "Another reason" in response.text


def test_giving_it_out_again_takes_one_press(as_, world, taken_back):
    response = as_("officer").post(of_piece(world, "give-again", taken_back), {}, follow=True)

    assert "is given out again." in text_of(response)
    assert "<s>" not in response.text
    assert download(world, taken_back) in response.text


@pytest.mark.parametrize("name", ["withhold", "give-again", "erase"])
@pytest.mark.parametrize("number", ["0", "999999", "x", "1-2", "1" * 30])
def test_a_number_that_names_nothing_is_a_plain_404(as_, world, piece, name, number):
    assert as_("officer").get(of_piece(world, name, number)).status_code == 404


@pytest.mark.parametrize("name", ["withhold", "give-again", "erase"])
def test_another_areas_officer_finds_nothing(as_, world, piece, name):
    address = reverse(f"board:evidence-{name}", args=["southmoor", str(piece.pk)])
    assert as_("other_officer").post(address, {"because": REASON}).status_code == 404


def test_the_queries_do_not_grow_with_what_is_withheld(as_, world, taken_back):
    client = as_("officer")
    pages = [world.address("board:evidence"), world.address("board:action")]

    def asked(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    few = [asked(each) for each in pages]
    for n in range(5):
        link = attach_link(world.action.updates.get(number=1), title=f"Piece {n}", kind="data", url=f"https://www.example.org/{n}",
                           by=world.people["lead"], at=at(2026, 2, 20))  # fmt: skip
        withhold(link, because=REASON, by=world.people["officer"], at=at(2026, 3, 5))
    assert [asked(each) for each in pages] == few


# Brought in


def brought_in(world: World, plan_file: PlanFile, **of_evidence) -> ProgressUpdate:
    """An update that a file brought in on 1 March 2026, with a piece that gives no day."""
    moment = at(2026, 3, 1)
    update = ProgressUpdate.objects.create(action=world.action, area=world.area, number=2, recorded_at=moment, status="G",
                                           narrative="As in the file.", is_imported=True, brought_in=plan_file)  # fmt: skip
    Evidence.objects.create(
        update=update, title="Minutes of the panel", kind="document", added_at=moment, **of_evidence
    )
    return update


def test_evidence_that_a_plan_brought_in_without_a_day_is_not_dated(as_, world):
    brought_in(world, a_plan_that_waits(world.area, world.strategy))
    client = as_("board")
    text = text_of(client.get(world.address("board:evidence")))

    assert "Not dated" in text
    assert "Its age is not known" in text
    assert '<a href="?age=undated#pieces">1 piece</a> is not dated.' in text
    [row] = evidence_of(world.area, at(2026, 3, 9), on=at(2026, 3, 9).date())
    assert (row.day, row.age_words, row.date_is, row.is_old) == (None, "Not known", "not dated", False)
    assert "Minutes" in text_of(client.get(world.address("board:evidence"), {"age": "undated"}))
    assert "Minutes" not in text_of(client.get(world.address("board:evidence"), {"age": "recent"}))


def test_undated_evidence_is_written_to_a_file_without_a_date(as_, world):
    brought_in(world, a_plan_that_waits(world.area, world.strategy))
    body = as_("board").get(world.address("board:evidence"), {"_export": "csv"}).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(body)))
    first = next(n for n, row in enumerate(rows) if row and row[0] == "Evidence")
    row = dict(zip(rows[first], rows[first + 1], strict=True))

    assert (row["Date"], row["Date is"], row["Age"]) == ("", "not dated", "Not known")


def test_an_update_says_by_which_workbook_it_came_and_leads_those_there_who_may_see_it(as_, world):
    workbook = a_workbook_that_waits(world)
    brought_in(world, workbook)
    address = reverse("board:my-workbook-one", args=[world.area.slug, workbook.key])

    for person, may_see in (("officer", True), ("lead", True), ("other_lead", False), ("board", False)):
        text = text_of(as_(person).get(world.address("board:action")))
        assert "Brought in with a workbook, " in text
        assert "uploaded by lead@example.test on 20 February 2026." in text
        assert (f'<a href="{address}">actions.xlsx</a>' in text) is may_see
        if may_see:
            assert as_(person).get(address).status_code == 200


def test_an_update_of_an_action_plan_leads_officers_alone_to_its_file(as_, world):
    plan = a_plan_that_waits(world.area, world.strategy)
    brought_in(world, plan)
    address = reverse("board:plan-import-one", args=[world.area.slug, plan.key])

    assert f'Brought in with an action plan, <a href="{address}">plan.csv</a>' in text_of(
        as_("officer").get(world.address("board:action"))
    )
    assert "Brought in with an action plan, plan.csv, uploaded on 20 February 2026." in text_of(
        as_("lead").get(world.address("board:action"))
    )


def test_the_search_marks_what_is_withheld(as_, world, taken_back):
    text = text_of(as_("board").get(world.address("board:search"), {"q": "Waiting times"}))

    assert "Waiting" in text
    assert "Withheld" in text
