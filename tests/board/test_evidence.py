"""Evidence on the pages: given out safely to members of its area alone, added later, found from action, KPI and finding."""

import csv
import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from board.evidence_held import evidence_of
from people.models import Membership, User
from priorities.models import Finding, Inspection
from tests.world import A_PDF, BACKEND, World, a_file_of_evidence, at, build_world
from workstrands.evidence import attach_file, attach_link, key_of, mark_infected
from workstrands.models import Action, Evidence, Placement, ProgressUpdate


@pytest.fixture
def world(db, monkeypatch) -> World:
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


def text_of(response) -> str:
    return " ".join(response.text.split())


def page(world: World, name: str = "board:evidence") -> str:
    return world.address(name)


def address_of(world: World, piece: Evidence) -> str:
    return reverse("board:evidence-file", args=[world.area.slug, key_of(piece)])


def add_address(world: World, number: str = "1") -> str:
    return reverse("board:evidence-add", args=[world.area.slug, world.action.key, number])


def add_link(world: World, title: str, *, moment=None, action: Action | None = None, **said) -> Evidence:
    update = (action or world.action).updates.order_by("-number").first()
    said = {"kind": "document", "url": f"https://www.example.org/{title.replace(' ', '-')}", **said}
    return attach_link(update, title=title, by=world.people["officer"], at=moment or at(2026, 2, 15), **said)


# A file given out


def test_a_file_is_given_out_as_a_download_that_nothing_runs_in(as_, world, piece):
    response = as_("board").get(address_of(world, piece))

    assert b"".join(response.streaming_content) == A_PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="waiting-times.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, no-store"


def test_a_page_that_is_a_pdf_too_is_a_pdf_alone(as_, world):
    both = b"%PDF-1.4\n<script>alert(document.cookie)</script>\n" + A_PDF
    response = as_("board").get(address_of(world, a_file_of_evidence(world, content=both)))

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")


def test_a_type_that_is_none_of_ours_is_never_said(as_, world, piece):
    Evidence.objects.filter(pk=piece.pk).update(content_type="text/html")

    assert as_("board").get(address_of(world, piece))["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Wartezeiten für März.pdf", "filename*=utf-8''Wartezeiten%20f%C3%BCr%20M%C3%A4rz.pdf"),
        ('a";filename="evil.html;.pdf', 'filename="a\\";filename=\\"evil.html;.pdf"'),
        ("a\r\nSet-Cookie: session=stolen\r\n.pdf", 'filename="aSet-Cookie: session=stolen.pdf"'),
    ],
)
def test_a_name_is_a_name_and_never_a_header(as_, world, name, said):
    upload = SimpleUploadedFile("x.pdf", A_PDF)
    upload._name = name  # past what Django itself takes off
    piece = attach_file(world.action.updates.get(number=1), upload, title="A", kind="data", by=world.people["lead"],
                        at=at(2026, 2, 20))  # fmt: skip
    response = as_("board").get(address_of(world, piece))

    assert response["Content-Disposition"] == f"attachment; {said}"
    assert "Set-Cookie" not in response


@pytest.mark.parametrize("key", ["0" * 32, "..", "x", "0" * 31, "A" * 32, "evidence"])
def test_a_key_that_names_nothing_is_a_plain_404(as_, world, piece, key):
    assert as_("officer").get(f"/{world.area.slug}/evidence/{key}/").status_code == 404


def test_a_file_is_not_found_below_another_area(as_, world, piece):
    Membership.objects.create(user=world.people["officer"], area=world.other_area, role=Membership.Role.OFFICER)
    as_("officer")

    assert as_("officer").get(reverse("board:evidence-file", args=["southmoor", key_of(piece)])).status_code == 404


def test_a_file_added_later_is_not_there_in_an_earlier_view(as_, world, piece):
    client = as_("board")

    assert client.get(address_of(world, piece), {"as_at": "2026-02-19"}).status_code == 404
    assert client.get(address_of(world, piece), {"as_at": "2026-02-20"}).status_code == 200


def test_an_infected_file_is_withheld_and_the_pages_say_so(as_, world, piece):
    mark_infected(piece, at=at(2026, 3, 1))
    client = as_("board")
    response = client.get(address_of(world, piece))

    assert response.status_code == 410
    assert "is withheld: a virus was found in it" in text_of(response)
    for shown in (page(world), page(world, "board:action")):
        text = text_of(client.get(shown))
        assert address_of(world, piece) not in text
        assert "withheld: a virus was found" in text


def test_a_file_that_is_gone_says_so_and_does_not_fail(as_, world, piece, files_apart):
    (files_apart / piece.file.name).unlink()
    response = as_("board").get(address_of(world, piece))

    assert response.status_code == 404
    assert "is not where it was kept" in text_of(response)


# Adding it later


def typed(**fields) -> dict:
    return {"title": "Waiting times", "kind": "data", "url": "", "dated_on_0": "31", "dated_on_1": "1",
            "dated_on_2": "2026", **fields}  # fmt: skip


def test_a_lead_adds_a_file_to_an_update_and_the_action_shows_it(as_, world):
    client = as_("lead")
    response = client.post(add_address(world), typed(file=SimpleUploadedFile("waits.pdf", A_PDF)), follow=True)
    text = text_of(response)

    assert "Evidence is added to the update of 10 February 2026." in text
    assert "(data, 31 January 2026, PDF, 1 KB, not scanned for viruses)" in text
    assert "Added 10 March 2026 by lead@example.test" in text
    assert address_of(world, Evidence.objects.get()) in text


def test_an_officer_adds_a_web_address(as_, world):
    as_("officer").post(add_address(world), typed(url="https://www.example.org/waits"))

    [added] = Evidence.objects.all()
    assert (added.url, added.dated_on, added.added_at) == (
        "https://www.example.org/waits",
        date(2026, 1, 31),
        at(2026, 3, 10),
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": ""}, "Give it a title."),
        ({"title": "a\x00b"}, "has a character that cannot be kept"),
        ({"kind": "rumour"}, "Choose one of the list."),
        ({"url": ""}, "Give a web address, or choose a file."),
        ({"url": "javascript:alert(1)"}, "Write the whole address"),
        ({"dated_on_2": "2027"}, "Give a day that has come: 31 January 2027 is still ahead."),
        ({"dated_on_1": "2"}, "there is no 31 February"),
    ],
)
def test_what_is_wrong_is_said_by_its_field_and_nothing_typed_is_lost(as_, world, fields, said):
    response = as_("lead").post(add_address(world), typed(**{"url": "https://www.example.org/waits", **fields}))

    assert response.status_code == 200
    assert said in text_of(response)
    assert Evidence.objects.count() == 0
    assert 'value="2026"' in text_of(response) or "dated_on_2" in fields


def test_a_file_of_another_kind_is_refused_by_its_field_and_must_be_chosen_again(as_, world, files_apart):
    file = SimpleUploadedFile("plan.pdf", b"<html><script>alert(1)</script>", content_type="application/pdf")
    text = text_of(as_("lead").post(add_address(world), typed(file=file)))

    assert "This kind of file is not taken." in text
    assert "Choose it again before you save." in text
    assert 'value="Waiting times"' in text
    assert not (files_apart / "evidence").exists()


def test_a_file_and_an_address_at_once_are_two_pieces(as_, world):
    file = SimpleUploadedFile("waits.pdf", A_PDF)
    text = text_of(as_("lead").post(add_address(world), typed(url="https://www.example.org/waits", file=file)))

    assert "each is a piece of evidence of its own" in text


@pytest.mark.parametrize("number", ["2", "0", "99999999999", "x", "¹"])
def test_an_update_that_is_none_is_a_plain_404(as_, world, number):
    assert as_("officer").get(f"/{world.area.slug}/evidence/add/{world.action.key}/{number}/").status_code == 404


def test_who_only_reads_is_offered_no_adding(as_, world):
    assert add_address(world) not in text_of(as_("board").get(page(world, "board:action")))
    client = as_("lead")
    assert add_address(world) in text_of(client.get(page(world, "board:action")))
    assert add_address(world) not in text_of(client.get(page(world, "board:action"), {"as_at": "2026-03-01"}))


# With a report


def reported(**fields) -> dict:
    blank = dict.fromkeys(["narrative", "next_steps", "cause", "ask", "impact"], "")
    return {**blank, "seen_number": 1, "status": "B", "evidence_1_title": "Closing report", "evidence_1_kind": "document",
            "evidence_1_url": "", **fields}  # fmt: skip


def test_a_report_takes_a_file_beside_the_link(as_, world):
    client, file = as_("lead"), SimpleUploadedFile("closing.pdf", A_PDF)
    assert 'enctype="multipart/form-data"' in client.get(page(world, "workstrands:update")).text

    client.post(page(world, "workstrands:update"), reported(evidence_1_file=file))

    [piece] = Evidence.objects.all()
    assert (piece.title, piece.file_name, piece.added_at) == ("Closing report", "closing.pdf", None)


def test_a_file_alone_asks_for_its_title_and_kind(as_, world):
    said = reported(evidence_1_title="", evidence_1_kind="", evidence_1_file=SimpleUploadedFile("closing.pdf", A_PDF))
    text = text_of(as_("lead").post(page(world, "workstrands:update"), said))

    assert "Give evidence 1 a title." in text
    assert "Choose the kind of evidence 1." in text
    assert "Choose it again before you save." in text


def test_a_file_that_is_refused_keeps_what_was_written(as_, world):
    said = reported(narrative="All is done.", evidence_1_file=SimpleUploadedFile("closing.pdf", b"MZ"))
    text = text_of(as_("lead").post(page(world, "workstrands:update"), said))

    assert "This kind of file is not taken." in text
    assert "All is done." in text
    assert world.action.updates.count() == 1


def test_the_file_in_the_second_place_is_kept_with_the_second_piece(as_, world):
    said = reported(evidence_1_url="https://www.example.org/", evidence_2_title="The minutes", evidence_2_kind="document",
                    evidence_2_url="", evidence_2_file=SimpleUploadedFile("minutes.pdf", A_PDF))  # fmt: skip
    as_("lead").post(page(world, "workstrands:update"), said)

    assert dict(Evidence.objects.values_list("title", "file_name")) == {
        "Closing report": "",
        "The minutes": "minutes.pdf",
    }


# Found again


def test_the_page_says_what_is_held_how_old_it_is_and_that_nothing_is_scanned(as_, world, piece):
    add_link(world, "The old audit", kind="audit", dated_on=date(2024, 11, 1))
    text = text_of(as_("board").get(page(world)))

    assert "2 pieces of evidence back what was reported." in text
    assert '<a href="?age=old#pieces">1 piece</a> is older than twelve months' in text
    assert '<a href="?held_as=file#pieces">1 piece</a> is a file.' in text
    assert "Files are not scanned for viruses here" in text
    assert "16 months old" in text
    assert "1 Timely plans" in text


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ({}, ["Waiting times, first quarter", "The old audit"]),
        ({"kind": "audit"}, ["The old audit"]),
        ({"age": "old"}, ["The old audit"]),
        ({"age": "recent"}, ["Waiting times, first quarter"]),
        ({"held_as": "file"}, ["Waiting times, first quarter"]),
        ({"held_as": "link"}, ["The old audit"]),
        ({"priority": "send-strategy:1", "kind": "data"}, ["Waiting times, first quarter"]),
        ({"action": "a-1", "held_as": "link"}, ["The old audit"]),
        ({"kpi": "plans-within-20-weeks"}, []),
        ({"sort": "title"}, ["The old audit", "Waiting times, first quarter"]),
        ({"as_at": "2026-02-16"}, ["The old audit"]),
        ({"as_at": "2026-02-01"}, []),
    ],
)
def test_the_filters_narrow_the_page_and_its_file_alike(as_, world, piece, asked, titles):
    add_link(world, "The old audit", kind="audit", dated_on=date(2024, 11, 1))
    body = as_("board").get(page(world), {**asked, "_export": "csv"}).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(body)))
    first = next(n for n, row in enumerate(rows) if row and row[0] == "Evidence")

    assert [row[0] for row in rows[first + 1 :]] == titles


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "rumour"}, {"priority": "9"}, {"age": "2"}, {"kpi": "none"}, {"finding": "x"},
        {"finding": "2024-09-27-Z9"}, {"action": "none"}, {"kpi": "a\x00"},
    ],
)  # fmt: skip
def test_a_filter_that_is_not_understood_says_so_and_shows_nothing(as_, world, piece, asked):
    text = text_of(as_("board").get(page(world), asked))

    assert "A filter was not understood, so nothing is shown." in text
    assert "Waiting times" not in text


def test_an_area_without_evidence_says_where_it_comes_from(as_, world):
    assert "Leads and officers give it with an update" in text_of(as_("board").get(page(world)))


def test_evidence_is_found_from_the_kpi_that_its_action_should_move(as_, world, piece):
    world.action.kpis.add(world.kpi)
    client = as_("board")
    asked = f"{page(world)}?kpi={world.kpi.indicator.code}"

    assert asked in client.get(page(world, "board:kpi")).text
    text = text_of(client.get(asked))
    assert "Waiting times, first quarter" in text
    assert "KPI: EHC plans issued within 20 weeks" in text


def test_evidence_is_found_from_the_finding_that_its_action_answers(as_, world, piece):
    finding = Finding.objects.create(
        inspection=Inspection.objects.get(area=world.area), kind="area_for_improvement", ref="A1", text="Long waits"
    )
    world.action.findings.add(finding)
    client = as_("board")
    shown = client.get(page(world, "board:inspection")).text

    assert address_of(world, piece) in shown
    assert f"{page(world)}?finding=2024-09-27-A1" in shown
    assert "Waiting times, first quarter" in text_of(client.get(page(world), {"finding": "2024-09-27-A1"}))


def test_evidence_of_another_area_is_not_among_it(as_, world, piece):
    assert "Waiting times" not in text_of(as_("other_officer").get(reverse("board:evidence", args=["southmoor"])))


def test_the_priority_is_that_under_which_the_action_hung_on_the_day(world, piece):
    Placement.objects.create(action=world.action, number=2, recorded_at=at(2026, 3, 5), workstrand=world.strand)

    [before] = evidence_of(world.area, at(2026, 3, 1), on=date(2026, 3, 1))
    [after] = evidence_of(world.area, at(2026, 3, 6), on=date(2026, 3, 6))

    assert before.priority == world.priority
    assert after.priority is None


def queries_of(client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_the_queries_do_not_grow_with_evidence(as_, world, piece):
    world.action.kpis.add(world.kpi)
    client = as_("officer")
    pages = [page(world), page(world, "board:action"), page(world, "board:inspection"), add_address(world)]
    before = [queries_of(client, each) for each in pages]
    for n in range(4):
        action = Action.objects.create(
            area=world.area, strategy=world.strategy, key=f"b-{n}", ref=f"2.{n}", title=f"Action {n}", position=n
        )
        ProgressUpdate.objects.create(action=action, area=world.area, number=1, recorded_at=at(2026, 2, 11), status="G",
                                      author=User.objects.create(email=f"author-{n}@example.test"))  # fmt: skip
        add_link(world, f"Piece {n}", action=action)
        add_link(world, f"More {n}")

    assert [queries_of(client, each) for each in pages] == before
    assert before[0] <= 8
