"""Every page in a real Chromium: accessible, without a script, by keyboard, on paper."""

import io

import pytest
from django.urls import reverse

from tests.browser.judging import findings, sideways
from tests.browser.pressing import follow
from tests.world import build_world
from workstrands.models import Action

READING = [
    "board:area", "board:strategy", "board:actions", "board:action", "board:priority", "board:strand", "board:objective",
    "board:kpis", "board:kpi", "board:kpi-compare", "board:inspection", "board:documents", "board:document", "board:people", "board:my",
    "board:meetings", "board:meeting", "board:round", "board:risks", "board:risk", "board:families", "board:papers",
    "board:my-calendar",
]  # fmt: skip
KEEPING = [
    "board:kpi-add", "board:kpi-edit", "board:measurement-add", "board:target-add", "board:commentary-add",
    "board:rebase", "board:import", "workstrands:answers", "workstrands:confirm-impact", "workstrands:impact", "workstrands:set-up",
    "board:round-plan", "board:round-grid", "board:decision-add", "board:attendance", "board:meeting-papers",
    "board:reminders", "board:risk-add", "board:risk-score", "board:owners-view", "board:families-priority",
    "board:public-edit", "board:flag-reply",
]  # fmt: skip
BY_ROLE = {
    "board": READING,
    "lead": [*READING, "workstrands:update"],
    "officer": [*READING, *KEEPING, "workstrands:update"],
    "administrator": READING,
    "families": [*READING, "board:families-priority", "board:families-action"],
}
WIDTHS = [320, 1280]


@pytest.fixture
def world(transactional_db):
    return build_world()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("role", sorted(BY_ROLE))
def test_axe_finds_nothing_and_nothing_runs_off_the_side(page, live_server, signed_in, world, role, width):
    page.set_viewport_size({"width": width, "height": 900})
    signed_in(world.people[role])
    wrong = {}
    for name in BY_ROLE[role]:
        response = page.goto(live_server.url + world.address(name))
        assert response.status == 200, name
        found = findings(page) + sideways(page)
        if found:
            wrong[name] = found
    assert not wrong


def test_the_policy_blocks_nothing_that_the_pages_use(page, live_server, signed_in, world):
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    signed_in(world.people["officer"])
    for name in BY_ROLE["officer"]:
        page.goto(live_server.url + world.address(name))
    assert said == []


def test_every_page_says_the_same_without_a_script(browser, live_server, signed_in, context, world):
    signed_in(world.people["officer"])
    plain = browser.new_context(java_script_enabled=False)
    plain.add_cookies(context.cookies())
    page = plain.new_page()
    for name in BY_ROLE["officer"]:
        assert page.goto(live_server.url + world.address(name)).status == 200
        assert page.locator("h1").count() == 1, name
        assert page.locator("main").inner_text().strip(), name
    plain.close()


def test_a_lead_updates_an_action_without_a_script_from_my_work(browser, live_server, signed_in, context, world):
    signed_in(world.people["lead"])
    plain = browser.new_context(java_script_enabled=False)
    plain.add_cookies(context.cookies())
    page = plain.new_page()
    page.goto(live_server.url + reverse("board:my"))
    follow(page.locator(f'a[href="{world.address("workstrands:update")}"]').first)
    page.get_by_role("radio", name="At risk").check()
    page.locator("[name=narrative]").fill("The pathway waits for one partner.")
    follow(page.get_by_role("button", name="Save").first)
    assert "Say what happens next" in page.locator(".govuk-error-summary").inner_text()
    assert page.locator("[name=narrative]").input_value() == "The pathway waits for one partner."
    page.locator("[name=next_steps]").fill("Meet the partner on 3 December.")
    page.locator("[name=cause]").first.wait_for()
    choose(page, "cause", "partner")
    follow(page.get_by_role("button", name="Save").first)
    assert world.action.updates.order_by("-number").first().next_steps == "Meet the partner on 3 December."
    plain.close()


def choose(page, name: str, value: str) -> None:
    """A radio or an option of a list, whichever the form has."""
    radio = page.locator(f'input[type=radio][name="{name}"][value="{value}"]')
    if radio.count():
        radio.check()
    else:
        page.locator(f'select[name="{name}"]').select_option(value)


def test_the_keyboard_alone_updates_an_action(page, live_server, signed_in, world):
    signed_in(world.people["lead"])
    page.goto(live_server.url + world.address("workstrands:update"))
    press_until(page, lambda: active(page, "name") == "status")
    for _ in range(10):
        if active(page, "value") == "G":
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    press_until(page, lambda: active(page, "name") == "narrative")
    page.keyboard.type("Said with the keyboard alone.")
    press_until(page, lambda: page.evaluate("document.activeElement.innerText || ''").strip().startswith("Save"))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("/update/"))
    latest = world.action.updates.order_by("-number").first()
    assert (latest.status, latest.narrative) == ("G", "Said with the keyboard alone.")


def active(page, attribute: str) -> str:
    return page.evaluate(f"document.activeElement.getAttribute('{attribute}') || ''")


def press_until(page, is_there, key: str = "Tab", most: int = 80) -> None:
    for _ in range(most):
        if is_there():
            return
        page.keyboard.press(key)
    raise AssertionError("The keyboard never got there.")


def test_the_first_tab_offers_to_skip_to_the_content(page, live_server, signed_in, world):
    signed_in(world.people["board"])
    page.goto(live_server.url + world.address("board:area"))
    page.keyboard.press("Tab")
    assert "Skip to main content" in page.evaluate("document.activeElement.innerText")


def test_a_print_of_the_board_page_cuts_no_words(page, live_server, signed_in, world):
    """At the width of an A4 side, no cell, card or sentence is wider than the paper or hides what it holds."""
    signed_in(world.people["board"])
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 less its margins, at 96 dots an inch
    page.goto(live_server.url + world.address("board:area"))
    page.emulate_media(media="print")
    cut = page.evaluate(
        """() => [...document.querySelectorAll('main *')].filter(e => {
          const box = e.getBoundingClientRect(), how = getComputedStyle(e);
          if (!box.width || e.closest('svg') || e.closest('.govuk-visually-hidden')) return false;
          const hides = how.overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1;
          return hides || box.right > innerWidth + 1;
        }).map(e => e.tagName + '.' + e.className + ': ' + e.innerText.slice(0, 40))"""
    )
    assert cut == []
    assert page.pdf(format="A4").startswith(b"%PDF")
    assert page.locator("#key-heading").is_visible()


def test_on_a_phone_the_keyboard_alone_sorts_the_actions(page, live_server, signed_in, world):
    """Above the cards stands what to sort by; whatever takes the keyboard can be seen."""
    page.set_viewport_size({"width": 320, "height": 900})
    signed_in(world.people["board"])
    page.goto(live_server.url + world.address("board:actions"))
    link = page.locator("thead a", has_text="Due (agreed)")
    box = link.bounding_box()
    assert box["height"] >= 24
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
    press_until(page, lambda: page.evaluate("document.activeElement.innerText").startswith("Due (agreed)"))
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=due*")
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("Due (agreed)")
    unseen = page.evaluate(
        """() => [...document.querySelectorAll('thead a')].filter(e => {
          const box = e.getBoundingClientRect(), hit = document.elementFromPoint(box.x + 3, box.y + 3);
          return box.y < innerHeight && !e.contains(hit) && hit !== e;
        }).map(e => e.innerText)"""
    )
    assert unseen == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_where_colours_are_forced_shapes_letters_and_counts_stay(page, live_server, signed_in, world, scheme):
    signed_in(world.people["board"])
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    page.goto(live_server.url + world.address("board:area"))
    for drawn in (".st-count", ".st-status svg", ".st-months"):
        how = page.locator(drawn).first.evaluate(
            "e => [getComputedStyle(e).forcedColorAdjust, getComputedStyle(e).backgroundColor]"
        )
        assert how == ["none", "rgb(255, 255, 255)"], drawn
    assert page.locator(".st-count text").first.is_visible()
    edges = page.locator(".st-bar__list a").evaluate_all("all => all.map(e => getComputedStyle(e).borderBottomColor)")
    current = page.locator(".st-bar__list [aria-current]").evaluate("e => getComputedStyle(e).borderBottomColor")
    assert edges.count(current) == 1


def test_a_printed_table_of_many_columns_lies_on_its_side_and_says_which_rows_it_holds(
    page, live_server, signed_in, world
):
    for number in range(2, 53):
        Action.objects.create(
            area=world.area, strategy=world.strategy, key=f"a-{number}", ref=f"1.{number}", title=f"Action {number}",
            position=number,
        )  # fmt: skip
    signed_in(world.people["board"])
    page.goto(live_server.url + world.address("board:actions"))
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).page") == "wide"
    assert page.get_by_text("Rows 1 to 50 of 52: page 1 of 2.").is_visible()
    assert not page.locator(".govuk-button").first.is_visible()
    page.goto(live_server.url + world.address("board:area"))
    assert page.evaluate("getComputedStyle(document.body).page") == "auto"


def test_the_board_page_paints_its_charts_before_any_script_and_stays_light(page, live_server, signed_in, world):
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    signed_in(world.people["board"])
    page.goto(live_server.url + world.address("board:area"))
    assert page.locator("script[src]").count() == 0
    assert len(sent) <= 6


def test_plotly_is_loaded_only_where_it_is_used(page, live_server, signed_in, world):
    from datetime import date
    from decimal import Decimal

    from kpis.models import Measurement
    from tests.world import at

    for year in range(2019, 2024):
        Measurement.objects.create(
            indicator=world.kpi.indicator, area=world.area, number=1, recorded_at=at(2026, 1, 15), value=Decimal(year - 1960),
            period_start=date(year, 1, 1), period_end=date(year, 12, 31), period_label=str(year),
        )  # fmt: skip
    signed_in(world.people["board"])
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    page.goto(live_server.url + world.address("board:actions"))
    assert not any("plotly" in url for url in sent)
    page.goto(live_server.url + world.address("board:kpi"))
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    assert not findings(page)


def test_the_table_is_a_file_as_it_is_a_page(page, live_server, signed_in, world):
    import openpyxl

    signed_in(world.people["board"])
    page.goto(live_server.url + world.address("board:actions"))
    response = page.request.get(live_server.url + world.address("board:actions") + "?_export=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(response.body())).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "Publish the pathway" in cells
