"""What is printed: the record, and nothing that can only be pressed."""

import pytest

from tests.world import build_world


@pytest.fixture
def world(transactional_db):
    return build_world()


@pytest.mark.parametrize(
    ("role", "name", "pressed"),
    [
        ("officer", "board:actions", "main input[type=checkbox]"),
        ("officer", "board:round", "main input[name=pick]"),
        ("lead", "board:my", "main tbody a[href$='/update/']"),
        ("administrator", "board:sign-ins", ".st-deeds a"),
        ("board", "board:my-sign-in", ".govuk-summary-list__actions a"),
        ("officer", "board:forward", ".govuk-button-group a"),
    ],
)
def test_what_can_only_be_pressed_stays_on_the_screen(page, live_server, signed_in, world, role, name, pressed):
    signed_in(world.people[role])
    page.goto(live_server.url + world.address(name))
    page.emulate_media(media="print")
    found = page.locator(pressed)
    assert found.count()
    assert not any(each.is_visible() for each in found.all())


def test_the_key_stays_together(page, live_server, signed_in, world):
    signed_in(world.people["board"])
    page.goto(live_server.url + world.address("board:area"))
    page.emulate_media(media="print")
    section = page.locator("section[aria-labelledby=key-heading]")
    assert section.evaluate("e => getComputedStyle(e).breakInside") == "avoid"
