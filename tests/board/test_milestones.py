"""The steps of an action, as they stood on the day viewed."""

from datetime import date

import pytest
from django.urls import reverse

from tests.world import BACKEND, build_world
from workstrands.models import Milestone


@pytest.mark.parametrize(
    ("as_at", "done"),
    [("2026-03-09", "Not yet"), ("2026-03-10", "10 March 2026"), ("2026-03-11", "10 March 2026")],
)
def test_a_step_is_done_from_the_day_it_was_done(client, db, as_at, done):
    world = build_world()
    Milestone.objects.create(
        action=world.action, text="Draft shared", due_on=date(2026, 3, 31), done_on=date(2026, 3, 10)
    )
    client.force_login(world.people["board"], backend=BACKEND)

    page = client.get(reverse("board:action", args=[world.area.slug, "a-1"]), {"as_at": as_at}).text

    assert f'<td data-label="Done">{done}</td>' in page
