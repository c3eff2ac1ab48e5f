"""On a shared machine: what the Back button shows once somebody has signed out."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.pressing import follow
from tests.world import build_world


@pytest.fixture
def world(transactional_db):
    return build_world()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """As people's browsers are: pages that were left are kept whole, for the Back button."""
    return {**browser_type_launch_args, "ignore_default_args": ["--disable-back-forward-cache"]}


@pytest.mark.parametrize("name", ["board:area", "board:people", "board:my-sign-in"])
def test_back_after_signing_out_shows_no_page_of_whoever_was_there(live_server, page, signed_in, world, name):
    signed_in(world.people["officer"])
    page.goto(live_server.url + world.address(name))
    expect(page.get_by_text("Sign out").first).to_be_visible()
    page.goto(live_server.url + reverse("account_logout"))
    follow(page.get_by_role("button", name="Sign out").last)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    page.evaluate("history.go(-2)")
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next="))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text("Sign out")).to_have_count(0)
