"""The audit log as an administrator reads it."""

from datetime import UTC, datetime

import pytest

from people import auditing
from people.models import AuditEntry
from tests.world import BACKEND, build_world

Kind = AuditEntry.Kind


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def page(client, world):
    client.force_login(world.people["administrator"], backend=BACKEND)
    AuditEntry.objects.all()._raw_delete("default")
    return client


@pytest.fixture
def log(page, world):
    """An officer's sign-in and change, and what somebody did elsewhere."""
    auditing.note(Kind.SIGN_IN, at=at(1), user=world.people["officer"])
    auditing.note(Kind.CHANGE, at=at(2), user=world.people["officer"], area=world.area, what="board:action-edit")
    auditing.note(Kind.EXPORT, at=at(3), user=world.people["board"], area=world.area, what="board:actions")
    auditing.note(Kind.SIGN_IN, at=at(3), user=world.people["other_officer"])


def at(day: int) -> datetime:
    return datetime(2026, 11, day, 9, 30, tzinfo=UTC)


def rows(response) -> list[str]:
    return [row.get_cell_value("kind") for row in response.context["table"].rows]


def test_it_shows_what_was_done_in_the_area_and_its_members_coming_and_going(page, world, log):
    assert rows(page.get(world.address("board:audit"))) == ["Exported", "Changed", "Signed in"]


def test_what_was_refused_is_shown_narrowed_and_saved_with_who_tried_from_another_area_too(page, world, log):
    other, member = world.people["other_officer"], world.people["board"]
    auditing.note(Kind.REFUSED, at=at(4), user=other, area=world.area, what="board:people")
    auditing.note(Kind.REFUSED, at=at(5), user=member, area=world.other_area, what="board:people")
    auditing.note(Kind.REFUSED, at=at(6), user=other, area=world.other_area, what="board:people")

    assert rows(page.get(world.address("board:audit") + "?kind=refused")) == ["Refused", "Refused"]
    saved = b"".join(page.get(world.address("board:audit") + "?kind=refused&_export=csv")).decode()
    assert str(other) in saved
    assert str(member) in saved


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?kind=change", ["Changed"]),
        ("?since=2026-11-02", ["Exported", "Changed"]),
        ("?until=2026-11-02", ["Changed", "Signed in"]),
        ("?since=2026-11-02&until=2026-11-02", ["Changed"]),
        ("?since=2026-11-03&until=2026-11-02", []),
        ("?kind=nonsense", []),
        ("?who=999999999999999999999", []),
        ("?since=31/02/2026", []),
    ],
)
def test_it_is_narrowed(page, world, log, query, shown):
    response = page.get(world.address("board:audit") + query)

    assert response.status_code == 200
    assert rows(response) == shown


def test_a_person_of_another_area_is_nobody_here(page, world, log):
    response = page.get(world.address("board:audit") + f"?who={world.people['other_officer'].pk}")

    assert rows(response) == []
    assert "Nobody of this area" in response.content.decode()


def test_one_person_s_entries(page, world, log):
    assert rows(page.get(world.address("board:audit") + f"?who={world.people['board'].pk}")) == ["Exported"]


def test_it_is_exported_and_the_export_is_in_it(page, world, log):
    answer = page.get(world.address("board:audit") + "?_export=csv&kind=change")

    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[-1].startswith("2026-11-02 09:30,Changed,")
    assert AuditEntry.objects.order_by("-pk").first().what == "board:audit"
    assert rows(page.get(world.address("board:audit")))[0] == "Exported"


def test_its_queries_do_not_grow_with_its_entries(page, world, log, django_assert_max_num_queries):
    for day in range(4, 28):
        for _ in range(3):
            auditing.note(Kind.CHANGE, at=at(day), user=world.people["officer"], area=world.area)
    with django_assert_max_num_queries(10):
        page.get(world.address("board:audit"))


def test_a_page_that_there_is_none_of_shows_the_nearest(page, world, log):
    assert len(rows(page.get(world.address("board:audit") + "?page=77"))) == 3
