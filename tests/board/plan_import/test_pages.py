"""Bringing a plan in by the browser: file, columns, plan, names, rehearsal, confirmation."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.demonstration import removal
from people.models import Lead, Membership, User
from priorities.models import Priority
from strategies.models import Strategy
from tests.board.plan_import import files
from tests.world import BACKEND, at, build_world
from workstrands.models import Action, Placement, PlanFile, ProgressUpdate

UPLOAD = "/northvale/set-up/import/"
MATRIX = files.a_workbook(files.WIDE_MATRIX, merge=files.WIDE_MERGES)
NEW_PLAN = {
    "into": "new", "title": "SEND improvement plan", "kind": "improvement_plan", "starts_on_0": "1", "starts_on_1": "3",
    "starts_on_2": "2026", "ends_on_0": "31", "ends_on_1": "12", "ends_on_2": "2029",
}  # fmt: skip


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 9, 1))
    world = build_world()
    Lead.objects.create(area=world.area, name="Robin Ash", initials="RA", role="Designated Clinical Officer")
    return world


@pytest.fixture
def officer(client, world):
    client.force_login(world.people["officer"], backend=BACKEND)
    return client


def upload(client, content: bytes = MATRIX, name: str = "plan.xlsx"):
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, content)})


def filled(page: str) -> dict[str, str]:
    """What the form on a page holds, as a browser would send it."""
    chosen = {}
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.S):
        found = re.search(r'<option value="([^"]*)"[^>]*selected', options)
        chosen[name] = found[1] if found else ""
    for tag in re.findall(r'<input[^>]*type="radio"[^>]*>', page):
        if "checked" in tag:
            chosen[re.search(r'name="(\w+)"', tag)[1]] = re.search(r'value="([^"]*)"', tag)[1]
    return chosen


def to_rehearsal(
    client, content: bytes = MATRIX, *, plan=NEW_PLAN, names=None, name: str = "plan.xlsx", **columns
) -> str:
    """Through the pages as proposed; everyone unknown becomes a new lead. The address of the rehearsal."""
    address = upload(client, content, name)["Location"]
    response = client.post(address, {**filled(client.get(address).text), **columns})
    assert response.status_code == 302, response.text
    response = client.post(response["Location"], plan)
    assert response.status_code == 302, response.text
    if response["Location"].endswith("/names/"):
        asked = filled(client.get(response["Location"]).text)
        response = client.post(
            response["Location"], {**{field: value or "new" for field, value in asked.items()}, **(names or {})}
        )
        assert response.status_code == 302, response.text
    return response["Location"]


def confirm(client, address: str, **fields):
    seen = re.search(r'name="seen" value="(\w+)"', client.get(address).text)[1]
    return client.post(address, {"seen": seen, "deed": "confirm", **fields}, follow=True)


def test_an_officer_brings_a_plan_in_from_page_to_page(officer, world):
    columns = upload(officer)["Location"]
    page = officer.get(columns).text
    assert "What will we do?" in page
    assert "Train every health visitor" in page
    plan = officer.post(columns, filled(page))["Location"]
    assert "Which plan is it?" in officer.get(plan).text
    names = officer.post(plan, NEW_PLAN)["Location"]
    page = officer.get(names).text
    assert "Principal EP" in page
    assert "Somebody Else" in page
    address = officer.post(names, {"people0": "new", "people1": "nobody"})["Location"]
    page = officer.get(address).text
    assert "5 actions" in page
    assert not Strategy.objects.filter(title="SEND improvement plan").exists()
    page = confirm(officer, address).text
    assert "plan.xlsx was brought into SEND improvement plan." in page
    made = Strategy.objects.get(title="SEND improvement plan")
    assert made.actions.count() == 5
    assert made.baselined_on is None
    assert officer.get(made.get_absolute_url()).status_code == 200
    assert officer.get(f"/northvale/{made.slug}/actions/").status_code == 200


def test_the_same_file_again_adds_nothing_and_says_so(officer, world):
    confirm(officer, to_rehearsal(officer))
    made = Strategy.objects.get(title="SEND improvement plan")
    address = to_rehearsal(officer, plan={"into": str(made.pk)})
    page = officer.get(address).text
    assert "Nothing would change" in page
    assert "This very file was brought in before, on 1 September 2026" in page
    assert "there is nothing to confirm" in page
    assert made.actions.count() == 5


def test_the_same_file_for_another_new_plan_leads_to_the_plan_it_made(officer, world):
    confirm(officer, to_rehearsal(officer))
    page = officer.get(to_rehearsal(officer, plan={**NEW_PLAN, "title": "The same once more"})).text
    assert "Nothing would change" in page
    assert not Strategy.objects.filter(title="The same once more").exists()


def test_what_was_changed_by_hand_since_is_left_by_the_same_file(officer, world):
    confirm(officer, to_rehearsal(officer))
    made = Strategy.objects.get(title="SEND improvement plan")
    action = made.actions.get(title="Train every health visitor")
    action.title = "Train every health visitor and school nurse"
    action.save()
    Priority.objects.filter(strategy=made, ref="1").update(title="Renamed by hand")
    page = officer.get(to_rehearsal(officer, plan={"into": str(made.pk)})).text
    assert "Nothing would change" in page


def test_nobody_reports_over_what_the_board_stopped(officer, world):
    confirm(officer, to_rehearsal(officer))
    made = Strategy.objects.get(title="SEND improvement plan")
    action = made.actions.get(title="Train every health visitor")
    ProgressUpdate.objects.create(
        area=world.area, action=action, number=1, status="S", authority="The Board", recorded_at=at(2026, 9, 1)
    )
    edition = files.a_workbook(files.WIDE_MATRIX, merge=files.WIDE_MERGES, title="Edition")
    page = officer.get(to_rehearsal(officer, edition, plan={"into": str(made.pk), "with_updates": "on"})).text
    assert "The Board stopped this action. Only the Board takes it up again." in page
    assert "3 reports" in page


def test_the_same_content_in_another_file_adds_nothing(officer, world):
    confirm(officer, to_rehearsal(officer))
    made = Strategy.objects.get(title="SEND improvement plan")
    again = files.a_workbook(files.WIDE_MATRIX, merge=files.WIDE_MERGES, title="Other")
    page = officer.get(to_rehearsal(officer, again, plan={"into": str(made.pk)})).text
    assert "Nothing would change" in page


def test_a_later_edition_shows_what_changes_and_adds_rows_to_what_they_were(officer, world):
    confirm(officer, to_rehearsal(officer))
    made = Strategy.objects.get(title="SEND improvement plan")
    rows = [list(row) for row in files.WIDE_MATRIX]
    rows[2][3], rows[2][4] = "Head of SEND", "30/09/2027"
    rows.append([None, None, "Train every SENCO", "Head of SEND", "31/07/2027", "", "", ""])
    edition = files.a_workbook(rows, merge=["A2:A4", "A5:A7", "B2:B3", "B5:B7"])
    address = to_rehearsal(officer, edition, plan={"into": str(made.pk)})
    page = officer.get(address).text
    assert "Lead: Robin Ash → Head of SEND" in page
    assert "Due date: 31 July 2027 → 30 September 2027" in page
    confirm(officer, address)
    changed = made.actions.get(title="Publish a two-year check pathway")
    assert [each.lead.name for each in changed.placements.order_by("number")] == ["Robin Ash", "Head of SEND"]
    assert [str(each.due_on) for each in changed.deadlines.order_by("number")] == ["2027-07-31", "2027-09-30"]
    joined = made.actions.get(title="Train every SENCO")
    assert joined.added_at == at(2026, 9, 1)
    assert (
        joined.placements.get().objective
        == made.actions.get(title="Quality assure every plan").placements.get().objective
    )


def test_cells_that_were_not_understood_must_be_left_out_knowingly(officer, world):
    address = to_rehearsal(officer, files.a_workbook(files.LANDSCAPE))
    page = officer.get(address).text
    assert "Plan!C5" in page
    assert "It names no year." in page
    page = confirm(officer, address).text
    assert "Say that the cells that were not understood may be left out" in page
    assert not Strategy.objects.filter(title="SEND improvement plan").exists()
    confirm(officer, address, without_unread="on")
    assert Strategy.objects.get(title="SEND improvement plan").actions.count() == 4


def test_nothing_is_written_when_the_plan_changed_since_it_was_seen(officer, world):
    address = to_rehearsal(officer)
    seen = re.search(r'name="seen" value="(\w+)"', officer.get(address).text)[1]
    Lead.objects.create(area=world.area, name="Principal EP")
    response = officer.post(address, {"seen": seen, "deed": "confirm"})
    assert response.status_code == 409
    assert "Nothing was saved." in response.text
    assert not Strategy.objects.filter(title="SEND improvement plan").exists()


def test_a_file_that_breaks_while_it_is_written_leaves_nothing(officer, world, monkeypatch):
    address = to_rehearsal(officer)
    seen = re.search(r'name="seen" value="(\w+)"', officer.get(address).text)[1]
    counted = (Action.objects.count(), Strategy.objects.count(), Lead.objects.count())

    def broken(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("board.plan_import.writing.Writing.report", broken)
    monkeypatch.setattr("board.plan_import.writing.Writing.place", broken)
    with pytest.raises(KeyboardInterrupt):
        officer.post(address, {"seen": seen, "deed": "confirm"})
    assert (Action.objects.count(), Strategy.objects.count(), Lead.objects.count()) == counted
    assert PlanFile.objects.get().state == PlanFile.State.REHEARSED


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty"),
        (b"PK\x03\x04 nothing", "The file is broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "protected by a password, or of an old kind"),
        (b"\x00\x01\x02", "The file is no text"),
        (b"Action,Lead\n", "no rows below"),
    ],
)
def test_a_file_that_is_no_plan_is_refused_by_its_field(officer, content, message):
    response = upload(officer, content)
    assert response.status_code == 200
    assert message in response.text
    assert not PlanFile.objects.exists()


def test_the_columns_must_name_the_action_once(officer):
    address = upload(officer)["Location"]
    chosen = filled(officer.get(address).text)
    page = officer.post(address, {**chosen, "s0c2": ""}).text
    assert "Choose the column that says what will be done" in page
    page = officer.post(address, {**chosen, "s0c1": "action"}).text
    assert "Two columns are chosen as “Action: what will be done”" in page
    assert officer.post(address, {**chosen, "s0c1": "nonsense"}).status_code == 200


def test_a_new_plan_needs_a_title_and_its_days(officer, world):
    address = upload(officer)["Location"].replace("columns", "plan")
    page = officer.post(address, {"into": "new"}).text
    for message in ("Give the new plan a title.", "Give the day it starts.", "Give the day it ends."):
        assert message in page
    page = officer.post(address, {**NEW_PLAN, "ends_on_2": "2025"}).text
    assert "A plan ends after it starts." in page
    page = officer.post(address, {**NEW_PLAN, "title": "send strategy"}).text
    assert "A plan of this title exists." in page


def test_a_file_can_be_thrown_away(officer):
    address = to_rehearsal(officer)
    page = officer.post(address, {"deed": "abandon"}, follow=True).text
    assert "plan.xlsx was thrown away. No plan was changed." in page
    waiting = PlanFile.objects.get()
    assert (waiting.state, bytes(waiting.content)) == (PlanFile.State.ABANDONED, b"")
    assert (waiting.mapping, waiting.rehearsal) == ({}, {})
    assert officer.get(f"{address}columns/")["Location"] == address
    assert "Not brought in" in officer.get(address).text


def test_another_areas_file_is_not_there(officer, client, world):
    address = to_rehearsal(officer)
    client.force_login(world.people["other_officer"], backend=BACKEND)
    assert client.get(address).status_code == 404
    assert client.get(address.replace("northvale", "southmoor")).status_code == 404


def test_queries_do_not_grow_with_the_rows(officer, world):
    def queries(rows: int) -> int:
        content = files.a_workbook(
            [
                ["Priority", "Action", "Lead", "By when"],
                *(["1. One", f"Do thing {at}", "Head of SEND", "March 2027"] for at in range(rows)),
            ]
        )
        address = to_rehearsal(officer, content)
        officer.get(address)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert officer.get(address).status_code == 200
        with CaptureQueriesContext(connection) as columns:
            assert officer.get(f"{address}columns/").status_code == 200
        return len(caught) + len(columns)

    assert queries(2) == queries(60)


def test_what_an_illustrative_officer_brings_in_goes_with_the_demonstration(client, world):
    User.objects.create(email="demo@example.test", is_illustrative=True)
    user = User.objects.get(email="demo@example.test")
    Membership.objects.create(user=user, area=world.area, role="officer", is_illustrative=True)
    client.force_login(user, backend=BACKEND)
    before = (Action.objects.count(), Placement.objects.count(), Strategy.objects.count())
    confirm(client, to_rehearsal(client), without_unread="on")
    made = Strategy.objects.get(title="SEND improvement plan")
    assert made.is_illustrative
    assert not Lead.objects.filter(placements__action__strategy=made, is_illustrative=False).exists()
    removal.remove()
    assert (Action.objects.count(), Placement.objects.count(), Strategy.objects.count()) == before
    assert not PlanFile.objects.exists()
