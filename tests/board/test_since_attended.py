"""The same address leads everybody to what changed since the meeting that they last attended."""

from datetime import date

import pytest

from board.models import Attendance
from strategies.models import Meeting
from tests.world import BACKEND, at, build_world


@pytest.fixture
def world(db, monkeypatch):
    """It is 20 July 2026; the Board met in March and in June."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 7, 20))
    world = build_world()
    for month in (3, 6):
        Meeting.objects.get_or_create(area=world.area, held_on=date(2026, month, 16))
    return world


def there(world, held_on: date, *, is_present: bool = True) -> None:
    meeting = Meeting.objects.get(area=world.area, held_on=held_on)
    Attendance.objects.create(meeting=meeting, user=world.people["board"], name="A member", is_present=is_present)


def test_a_member_is_led_to_the_meeting_that_they_last_attended(client, world):
    there(world, date(2026, 3, 16))
    there(world, date(2026, 6, 16), is_present=False)
    client.force_login(world.people["board"], backend=BACKEND)
    address = world.address("board:area")
    assert 'href="?compare=attended"' in client.get(address).text
    response = client.get(f"{address}?compare=attended&by=priority")
    assert response.url == f"{address}?by=priority&compare=2026-03-16"
    assert "16 March 2026" in client.get(response.url).text


def test_who_was_never_noted_as_there_is_told_so(client, world):
    client.force_login(world.people["officer"], backend=BACKEND)
    response = client.get(world.address("board:area") + "?compare=attended", follow=True)
    assert response.redirect_chain[-1][0] == world.address("board:area")
    assert "Nobody has noted that you attended a meeting of the Northvale Board." in response.text
