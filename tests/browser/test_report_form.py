"""The form of a report asks for more as the status does, without a script, and folds nothing that somebody has written."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from board.round_links import make_link
from strategies.models import ReportingRound
from tests.world import at, build_world

PARTS = {
    "worry": ["cause", "next_steps"],
    "off": ["escalate_to"],
    "board": ["ask", "needed_by_0"],
    "done": ["evidence_1_title", "evidence_1_kind"],
    "impact": ["impact", "difference_made"],
}


@pytest.fixture
def form(page, live_server, signed_in, transactional_db, clock):
    clock("2026-03-10 10:00")
    world = build_world()
    signed_in(world.people["lead"])
    page.goto(live_server.url + world.address("workstrands:update"))
    page.world = world
    return page


def shown(page) -> set[str]:
    return {part for part, names in PARTS.items() if all(page.locator(f"[name={name}]").is_visible() for name in names)}


def choose(page, status: str) -> None:
    page.locator(f'[name=status][value="{status}"]').check()


def test_a_report_asks_for_more_as_its_status_does(form):
    assert shown(form) == set()
    for status, parts in {"G": set(), "A": {"worry"}, "R": {"worry", "off"}, "B": {"done", "impact"}}.items():
        choose(form, status)
        assert shown(form) == parts, status
    choose(form, "R")
    form.locator("[name=escalate_to]").select_option("board")
    assert shown(form) == {"worry", "off", "board"}


def test_all_can_be_said_of_any_status(form):
    choose(form, "G")
    form.get_by_label("Say more").check()
    assert shown(form) == set(PARTS)


def test_what_somebody_has_written_stays_in_sight_whatever_they_choose_then(form):
    choose(form, "R")
    form.locator("[name=next_steps]").fill("Hire.")
    form.locator("[name=escalate_to]").select_option("sro")
    choose(form, "G")
    assert shown(form) == {"worry", "off"}


def test_a_message_opens_its_part(form):
    choose(form, "B")
    form.get_by_role("button", name="Save the update").click()
    expect(form.get_by_role("alert")).to_contain_text("Give at least one piece of evidence")
    choose(form, "G")
    assert "done" in shown(form)


def test_the_form_behind_a_link_does_the_same_without_a_script(browser, live_server, form):
    clean = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = clean.new_page()
    world = form.world
    ReportingRound.objects.update(opened_at=at(2026, 3, 1), closed_at=None)
    token = make_link(ReportingRound.objects.get(), world.lead, at=at(2026, 3, 9))
    page.goto(live_server.url + reverse("board:link-to-action", args=[token, world.action.key]))
    assert shown(page) == set()
    choose(page, "A")
    assert shown(page) == {"worry"}
    clean.close()
