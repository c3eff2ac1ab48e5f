"""Papers downloaded now, and papers frozen for a meeting."""

from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.demonstration import removal
from board.keeping_calendar import Days, call_off, days_of, move_meeting
from board.models import Pack, PackFile
from board.papers import making
from board.papers.freezing import freeze_papers, keep_papers
from board.vocabulary import PackFormat
from kpis.appending import Conflict
from people.models import Membership, User
from strategies.models import Meeting, Strategy
from tests.board.papers.orders import another_action, order, say
from tests.world import BACKEND, at, build_world

PAPERS = "/northvale/send-strategy/papers/"
MEETING = "/northvale/meetings/2026-08-05/papers/"
FIELDS = {
    "subject": "send-strategy/", "kind": "full", "as_at_0": "15", "as_at_1": "7", "as_at_2": "2026", "correction": "",
    "seen_number": "0",
}  # fmt: skip


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 7, 20))
    world = build_world()
    Meeting.objects.create(area=world.area, held_on=date(2026, 8, 5), papers_due_on=date(2026, 7, 29))
    return world


@pytest.fixture
def two_formats(monkeypatch):
    """PDF for true, and a second one that is quick: what is tested here is the keeping."""
    monkeypatch.setattr("board.papers.freezing.formats", lambda: (PackFormat.PDF, PackFormat.CSV))
    monkeypatch.setattr("board.views.packs.formats", lambda: (PackFormat.PDF, PackFormat.CSV))
    real = making.rendering
    monkeypatch.setattr(
        making,
        "rendering",
        lambda each: real(each) if each == PackFormat.PDF else lambda paper, report: b"a,b\r\n1,2\r\n",
    )


@pytest.fixture
def officer(client, world):
    client.force_login(world.people["officer"], backend=BACKEND)
    return client


def meeting_of(world) -> Meeting:
    return Meeting.objects.select_related("area").get(area=world.area, held_on=date(2026, 8, 5))


def told(response) -> str:
    return b"".join(response.streaming_content).decode()


def freeze(client, **fields) -> str:
    response = client.post(MEETING, {**FIELDS, **fields})
    assert response.status_code == 200, response.status_code
    return told(response) if response.streaming else response.text


# Now


def test_papers_are_downloaded_as_at_now(officer):
    response = officer.get(PAPERS, {"kind": "exceptions", "scope": "", "format": "pdf"})
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        'attachment; filename="northvale-send-strategy-exceptions-2026-07-20.pdf"'
    )
    assert response.content.startswith(b"%PDF-")


def test_papers_of_a_past_day_show_that_day(officer, world):
    asked = {"kind": "exceptions", "scope": "", "format": "pdf", "as_at": "2026-03-01"}
    before = officer.get(PAPERS, asked).content
    say(world, world.action, "R", at(2026, 3, 2), number=2)
    response = officer.get(PAPERS, asked)
    assert response.content == before
    assert "2026-03-01.pdf" in response["Content-Disposition"]
    assert b"as_at=2026-03-01" in uncompressed(response.content)


def uncompressed(content: bytes) -> bytes:
    import io

    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as file:
        file.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


@pytest.mark.parametrize("scope", ["priority:1", "strand:early-years"])
def test_papers_of_a_part_say_so_in_their_name(officer, scope):
    response = officer.get(PAPERS, {"kind": "full", "scope": scope, "format": "pdf"})
    assert f"send-strategy-{scope.replace(':', '-')}-full" in response["Content-Disposition"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("format", "exe", "Papers cannot be made as that. Choose one of the list."),
        ("kind", "half", "Choose full papers or exceptions only."),
        ("scope", "priority:99", "This plan has no such part. Choose one of the list."),
    ],
)
def test_a_choice_that_there_is_not_is_said_by_its_field(officer, field, value, said):
    response = officer.get(PAPERS, {"kind": "full", "scope": "", "format": "pdf", field: value})
    assert response.status_code == 200
    assert said in response.text


@pytest.mark.parametrize("each", making.formats())
def test_every_format_that_is_offered_can_be_made(officer, each):
    response = officer.get(PAPERS, {"kind": "full", "scope": "", "format": each.value})
    assert response.status_code == 200
    assert response["Content-Type"] == making.CONTENT_TYPES[each]
    assert len(response.content) > 500


def test_the_choice_asks_no_more_queries_for_more_actions(officer, world):
    with CaptureQueriesContext(connection) as one:
        officer.get(PAPERS)
    for number in range(2, 30):
        another_action(world, number)
    with CaptureQueriesContext(connection) as many:
        officer.get(PAPERS)
    assert len(one) == len(many)


# Frozen


def test_an_officer_freezes_every_format_with_its_digest_and_moment(officer, world, two_formats):
    assert "The papers are frozen as no. 1." in freeze(officer)
    pack = Pack.objects.get()
    assert (pack.number, pack.kind, pack.scope, pack.recorded_by) == (1, "full", "", world.people["officer"])
    assert pack.as_at.date() == date(2026, 7, 15)
    assert [file.format for file in pack.files.order_by("-format")] == ["pdf", "csv"]
    for file in pack.files.all():
        assert sha256(bytes(file.content)).hexdigest() == file.sha256
        assert len(bytes(file.content)) == file.size


def test_the_page_tells_each_file_as_it_is_made(officer, two_formats):
    response = officer.post(MEETING, FIELDS)
    parts = [part.decode() for part in response.streaming_content]
    assert parts[0].startswith("<!DOCTYPE html>")
    assert "Freezing the papers" in parts[0]
    assert [part.strip() for part in parts[1:3]] == ["<li>PDF: made</li>", "<li>CSV: made</li>"]
    assert "frozen as no. 1" in parts[3]
    assert parts[3].rstrip().endswith("</html>")


def test_nothing_is_kept_if_the_reader_goes_away_before_all_is_made(officer, two_formats):
    parts = officer.post(MEETING, FIELDS)._iterator
    next(parts), next(parts)
    parts.close()
    assert not Pack.objects.exists()
    assert not PackFile.objects.exists()


def test_nothing_is_kept_if_one_format_fails(officer, world, monkeypatch, caplog):
    def fails(paper, report):
        raise RuntimeError("out of memory")

    real = making.rendering
    monkeypatch.setattr(making, "rendering", lambda each: fails if each == making.formats()[-1] else real(each))
    assert "The papers could not be made, and none of them is kept." in freeze(officer)
    assert not Pack.objects.exists()
    with pytest.raises(RuntimeError):
        freeze_papers(meeting_of(world), order(world), by=world.people["officer"], at=at(2026, 7, 20), seen_number=0)
    assert not PackFile.objects.exists()


def test_nothing_is_kept_if_a_file_cannot_be_written(world, monkeypatch, two_formats):
    monkeypatch.setattr(PackFile.objects, "bulk_create", lambda files: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        freeze_papers(meeting_of(world), order(world), by=world.people["officer"], at=at(2026, 7, 20), seen_number=0)
    assert not Pack.objects.exists()


def test_of_two_officers_at_once_the_second_is_told_and_shown_the_first(officer, world, two_formats):
    freeze(officer)
    response = officer.post(MEETING, {**FIELDS, "subject": "send-strategy/priority:1"})
    assert response.status_code == 409
    assert "Papers no. 1 were frozen by officer@example.test while this page was open." in response.text
    assert Pack.objects.count() == 1


def test_of_two_officers_who_both_had_begun_one_pack_is_kept(world, two_formats):
    meeting, by = meeting_of(world), world.people["officer"]
    wanted = order(world)
    files = [making.make_file(wanted, *making.make_paper(wanted), "pdf")]
    keep_papers(meeting, wanted, files, by=by, at=at(2026, 7, 20), seen_number=0)
    other = order(world, scope="priority:1")
    with pytest.raises(Conflict) as refused:
        keep_papers(meeting, other, files, by=world.people["lead"], at=at(2026, 7, 20), seen_number=0)
    assert refused.value.latest.number == 1
    assert PackFile.objects.count() == 1


def test_where_the_database_sees_two_first_the_second_is_refused(world, two_formats, monkeypatch):
    """Both looked before either wrote: the unique number decides."""
    meeting, by, wanted = meeting_of(world), world.people["officer"], order(world)
    keep_papers(meeting, wanted, [], by=by, at=at(2026, 7, 20), seen_number=0)
    monkeypatch.setattr("board.papers.freezing.refuse_overtaken", lambda meeting, seen_number: None)
    with pytest.raises(Conflict):
        keep_papers(meeting, order(world, scope="priority:1"), [], by=by, at=at(2026, 7, 20), seen_number=0)
    assert Pack.objects.count() == 1


def test_no_papers_are_frozen_for_a_meeting_that_was_called_off(officer, world, two_formats):
    freeze(officer)
    Meeting.objects.filter(held_on=date(2026, 8, 5)).update(cancelled_at=at(2026, 7, 17), cancelled_because="Flooded.")
    refusal = "This meeting was called off on 17 July 2026. No papers are frozen for it."

    page = officer.get(MEETING).text
    assert refusal in page
    assert "Those frozen before stay with it." in page
    assert "Freeze the papers" not in page
    assert refusal in freeze(officer, seen_number="1", correction="A figure was wrong.")
    assert Pack.objects.count() == 1
    assert refusal not in officer.get(MEETING, {"as_at": "2026-07-16"}).text


def test_a_meeting_called_off_or_moved_while_its_papers_were_made_keeps_none(world, two_formats):
    meeting, asked = meeting_of(world), order(world)
    asked = replace(asked, meeting=meeting)
    said = {"by": world.people["officer"], "at": at(2026, 7, 20), "seen_number": 0}
    planned = Days(date(2026, 8, 12), date(2026, 7, 29))
    move_meeting(meeting, planned, seen=str(days_of(meeting)), by=world.people["officer"], at=at(2026, 7, 20))
    with pytest.raises(ValidationError, match="was moved to 12 August 2026 while its papers were made"):
        keep_papers(meeting, asked, [], **said)
    call_off(meeting, because="Flooded.", by=world.people["officer"], at=at(2026, 7, 20))
    with pytest.raises(ValidationError, match="called off on 20 July 2026"):
        keep_papers(meeting, asked, [], **said)
    assert not Pack.objects.exists()


def test_freezing_takes_its_turn_with_whoever_moves_the_meeting(world, two_formats, monkeypatch):
    turns = []
    monkeypatch.setattr("board.papers.freezing.alone", lambda area: turns.append((area, connection.in_atomic_block)))
    keep_papers(meeting_of(world), order(world), [], by=world.people["officer"], at=at(2026, 7, 20), seen_number=0)
    assert turns == [(world.area, True)]


def test_a_correction_is_the_next_number_and_says_what_changed(officer, two_formats):
    freeze(officer)
    before = {file.pk: file.sha256 for file in PackFile.objects.all()}
    refused = freeze(officer, seen_number="1")
    assert "Say what changed: papers of this plan and kind are frozen already." in refused
    assert Pack.objects.count() == 1
    assert "frozen as no. 2" in freeze(
        officer, seen_number="1", correction="The wait for autism assessments was restated."
    )
    page = officer.get(MEETING).text
    assert "The wait for autism assessments was restated." in page
    assert "No. 1" in page
    assert {file.pk: file.sha256 for file in PackFile.objects.filter(pk__in=before)} == before


def test_papers_of_another_part_correct_nothing(officer, two_formats):
    freeze(officer)
    freeze(officer, subject="send-strategy/priority:1", seen_number="1")
    further = Pack.objects.get(number=2)
    assert (further.corrects, further.correction) == (None, "")


def test_what_corrects_nothing_is_no_correction(officer, two_formats):
    said = freeze(officer, correction="A figure was restated.")
    assert "No papers of this plan and kind are frozen yet. Leave this empty." in said
    assert not Pack.objects.exists()


def test_what_is_reported_later_leaves_frozen_papers_as_they_were(officer, world, two_formats):
    freeze(officer)
    frozen = officer.get(f"{MEETING}1/pdf/").content
    say(world, world.action, "R", at(2026, 7, 10), number=2)
    assert officer.get(f"{MEETING}1/pdf/").content == frozen


def test_frozen_papers_cannot_be_edited(officer, two_formats):
    freeze(officer)
    pack = Pack.objects.get()
    pack.correction = "Never mind."
    with pytest.raises(TypeError, match="add one, do not edit them"):
        pack.save()


def test_the_list_says_size_digest_who_and_when(officer, two_formats):
    freeze(officer)
    page = officer.get(MEETING).text
    for file in PackFile.objects.all():
        assert file.sha256 in page
        assert file.name in page
    assert "officer@example.test" in page
    assert "15 July 2026" in page
    assert "20 July 2026" in page


def test_a_frozen_file_is_given_out_byte_for_byte_as_an_attachment(officer, two_formats):
    freeze(officer)
    file = PackFile.objects.get(format="pdf")
    response = officer.get(f"{MEETING}1/pdf/")
    assert response.content == bytes(file.content)
    assert sha256(response.content).hexdigest() == file.sha256
    assert response["Content-Disposition"] == f'attachment; filename="{file.name}"'
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_file_whose_bytes_are_not_the_frozen_ones_is_not_given_out(officer, two_formats):
    freeze(officer)
    PackFile.objects.filter(format="pdf").update(content=b"%PDF-1.7 forged")
    response = officer.get(f"{MEETING}1/pdf/")
    assert response.status_code == 409
    assert "This file is not what was frozen" in response.text
    assert b"forged" not in response.content


@pytest.mark.parametrize("rest", ["2/pdf/", "1/exe/", "99999999999999999999/pdf/", "x/pdf/"])
def test_papers_that_there_are_not_are_a_plain_404(officer, two_formats, rest):
    freeze(officer)
    assert officer.get(MEETING + rest).status_code == 404


def test_members_alone_read_the_papers_and_officers_alone_freeze_them(client, world, two_formats):
    client.force_login(world.people["officer"], backend=BACKEND)
    freeze(client)
    for person, read, written in (("board", 200, 403), ("families", 200, 403), ("other_officer", 404, 404)):
        client.force_login(world.people[person], backend=BACKEND)
        assert client.get(f"{MEETING}1/pdf/").status_code == read
        assert client.get(MEETING).status_code == read
        assert client.post(MEETING, FIELDS).status_code == written
    client.force_login(world.people["board"], backend=BACKEND)
    assert "<form method" not in client.get(MEETING).text.split("<main")[1]


def test_a_past_day_shows_the_papers_of_then_and_freezes_nothing(officer, world, two_formats):
    freeze(officer)
    page = officer.get(MEETING, {"as_at": "2026-07-19"}).text
    assert "No papers are frozen for this meeting as at 19 July 2026" in page
    assert "Freeze the papers</button>" not in page
    assert officer.get(f"{MEETING}1/pdf/", {"as_at": "2026-07-19"}).status_code == 404
    assert officer.post(f"{MEETING}?as_at=2026-07-19", FIELDS).status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"as_at_0": "31", "as_at_1": "2"}, "there is no 31 February 2026"),
        ({"as_at_2": "2027"}, "give a day that has come"),
        ({"as_at_2": "2025"}, "this plan started on 1 January 2026"),
        ({"subject": "send-strategy/priority:9"}, "There is no such plan or part here."),
        ({"subject": "nothing"}, "There is no such plan or part here."),
        ({"subject": ""}, "Choose what the papers are of."),
        ({"kind": ""}, "Choose how much the papers say."),
        ({"seen_number": "-1"}, "greater than or equal to 0"),
        ({"correction": "a\x07b"}, "cannot be kept"),
        ({"correction": "x" * 100_000}, "The most is 10,000"),
    ],
)
def test_what_cannot_be_is_said_by_its_field_and_nothing_is_kept(officer, two_formats, fields, said):
    page = freeze(officer, **fields)
    assert said in page
    assert not Pack.objects.exists()


def test_the_list_asks_no_more_queries_for_more_papers(officer, world, two_formats):
    freeze(officer)
    with CaptureQueriesContext(connection) as one:
        officer.get(MEETING)
    for number in range(1, 4):
        freeze(officer, seen_number=str(number), correction="A figure was restated.")
    with CaptureQueriesContext(connection) as many:
        officer.get(MEETING)
    assert len(one) == len(many) <= 15


def test_the_list_does_not_read_the_bytes_of_the_files(officer, two_formats):
    freeze(officer)
    with CaptureQueriesContext(connection) as asked:
        officer.get(MEETING)
    assert not [query for query in asked.captured_queries if '"board_packfile"."content"' in query["sql"]]


def test_papers_of_an_illustrative_sign_in_go_with_the_demonstration(client, world, two_formats):
    made_up = User.objects.create(email="made-up@example.test", is_illustrative=True)
    Membership.objects.create(user=made_up, area=world.area, role=Membership.Role.OFFICER, is_illustrative=True)
    client.force_login(made_up, backend=BACKEND)
    freeze(client)
    assert Pack.objects.get().is_illustrative
    removal.remove()
    assert not Pack.objects.exists()
    assert not PackFile.objects.exists()
    assert Strategy.objects.filter(pk=world.strategy.pk).exists()
