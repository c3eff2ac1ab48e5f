"""What is pressed can be hit, seen and reached: by a finger, by the keyboard, and in a window that is zoomed in to 400 %."""

import pytest

from tests.browser.judging import too_small
from tests.world import build_world

MAIN = [
    "board:area", "board:actions", "board:action", "board:kpis", "board:kpi", "board:inspection", "board:meetings",
    "board:meeting", "board:risks", "board:documents", "board:people", "board:my", "workstrands:update",
]  # fmt: skip


@pytest.fixture
def world(transactional_db):
    return build_world()


def test_two_buttons_of_ten_pixels_side_by_side_are_too_small_and_a_link_in_a_sentence_is_not(page):
    page.set_content(
        "<p><button style='width:10px;padding:0'>a</button><button style='width:10px;padding:0'>b</button></p>"
    )
    assert len(too_small(page)) == 2
    page.set_content("<p>Of them <a href='/'>3</a> are late and <a href='/'>4</a> are on time.</p>")
    assert too_small(page) == []
    page.set_content(
        "<p style='line-height: 1'><a href='/'>Change</a>, <a href='/'>History</a><br><a href='/'>Retire</a></p>"
    )
    assert len(too_small(page)) > 0


@pytest.mark.parametrize("width", [320, 1280])
def test_what_takes_a_finger_is_large_enough_or_has_room_around_it(page, live_server, signed_in, world, width):
    page.set_viewport_size({"width": width, "height": 900})
    signed_in(world.people["officer"])
    small = {}
    for name in MAIN:
        page.goto(live_server.url + world.address(name))
        if found := too_small(page):
            small[name] = found
    assert small == {}


UNREACHED = """() => window.controls.filter((each) => !each.reached &&
  !(each.type === 'radio' && window.controls.some((other) => other.name === each.name && other.reached)))
  .map((each) => each.outerHTML.slice(0, 80))"""


def test_the_tab_key_reaches_every_control_once_and_shows_where_it_is(page, live_server, signed_in, world):
    """Of radio buttons it reaches one, and the arrow keys the others."""
    signed_in(world.people["officer"])
    for name in MAIN:
        page.goto(live_server.url + world.address(name))
        controls = page.evaluate(
            """() => { window.controls = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
              .filter((each) => !each.disabled && each.checkVisibility({ visibilityProperty: true })); return window.controls.length; }"""
        )
        unseen = []
        for _ in range(controls):
            page.keyboard.press("Tab")
            unseen += page.evaluate(SHOWN_AS_REACHED)
        assert page.evaluate(UNREACHED) == [], name
        assert unseen == [], name


SHOWN_AS_REACHED = """() => {
  const each = document.activeElement;
  if (!each || each === document.body) return [];
  each.reached = true;
  const how = getComputedStyle(each), drawn = each.querySelector('rect');
  const edge = drawn && getComputedStyle(drawn);
  const isOutlined = how.outlineStyle !== 'none' && parseFloat(how.outlineWidth) >= 2;
  const isFilled = edge && edge.fill === 'rgb(255, 221, 0)' && edge.stroke === 'rgb(11, 12, 12)';
  const box = each.labels && each.labels.length && getComputedStyle(each.labels[0], '::before');
  const isBoxed = box && box.outlineStyle !== 'none' && box.boxShadow !== 'none'; // of a box to tick, which is drawn by its label
  return isOutlined || isFilled || isBoxed ? [] : [each.outerHTML.slice(0, 80)];
}"""


def test_zoomed_in_to_400_per_cent_the_header_leaves_room_for_the_page_and_loses_nothing(
    page, live_server, signed_in, world
):
    person = signed_in(world.people["officer"])
    page.goto(live_server.url + world.address("board:area"))
    large = page.locator("header").inner_text().split()
    page.set_viewport_size({"width": 320, "height": 256})
    assert page.locator("header").inner_text().split() == large
    assert str(person) in page.locator("header").inner_text()
    assert page.locator("header").bounding_box()["height"] < 256 * 0.6
    assert page.locator("main").bounding_box()["y"] < 256
    assert too_small(page) == []


@pytest.mark.parametrize("colours", ["none", "active"])
def test_links_beside_a_button_keep_their_distance(page, live_server, signed_in, world, colours):
    page.emulate_media(forced_colors=colours)
    signed_in(world.people["officer"])
    page.goto(live_server.url + world.address("board:actions"))
    page.locator(".govuk-button-group:has(button)").last.evaluate(
        'group => group.insertAdjacentHTML(\'beforeend\', \'<a href="#" id="one">One</a> <a href="#" id="two">Two</a>\')'
    )
    one, two = page.locator("#one").bounding_box(), page.locator("#two").bounding_box()
    assert two["x"] - (one["x"] + one["width"]) >= 12
