"""Signing in as people do it: by the link of a letter, a password, a passkey, an app's code, a recovery code."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.urls import reverse
from playwright.sync_api import expect

from people.models import Membership, User
from strategies.models import Area
from tests.browser.passkeys import Device
from tests.browser.pressing import follow
from tests.world import BACKEND

PASSWORD = "a-long-and-quiet-river"
ADDRESS = "new@example.org"
SIGN_IN_ALONE = "Sign in with a passkey"
AS_SECOND_STEP = "Use a passkey or security key"


@pytest.fixture
def area(transactional_db, remembered):
    """Which codes were used, and how often somebody tried, is counted as in an installation."""
    remembered["default"].clear()
    return Area.objects.create(name="Northvale", slug="northvale")


def member(area: Area, role: str) -> User:
    person = User.objects.create_user(email=f"{role}@example.org", password=PASSWORD)
    Membership.objects.create(user=person, area=area, role=role)
    return person


@pytest.fixture
def officer(area):
    return member(area, "officer")


@pytest.fixture
def holder(page):
    return Device(page)


@pytest.fixture
def at(page, live_server):
    """`at("account_login")` opens that page."""

    def open_page(name: str, *args) -> None:
        page.goto(live_server.url + reverse(name, args=args))

    return open_page


def press(page, name: str) -> None:
    follow(page.get_by_role("main").get_by_role("button", name=name, exact=True))


def give_password(page, email: str) -> None:
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")


def give_code(page, code: str) -> None:
    page.get_by_label("Code").fill(code)
    press(page, "Sign in")


def confirm(page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Continue")


def sign_out(page) -> None:
    follow(page.get_by_role("banner").get_by_role("button", name="Sign out"))


def add_passkey(page, name: str) -> list[str]:
    """The recovery codes that come with the first one."""
    page.get_by_label("Name of the key").fill(name)
    press(page, "Add it")
    return page.locator(".st-codes li").all_inner_texts()


def is_inside(page) -> bool:
    return page.get_by_role("banner").get_by_role("button", name="Sign out").count() == 1


def code_of(secret: str, steps: int = 0) -> str:
    """What the app shows now, or showed or will show half a minute from now; each of the three is taken."""
    before, now, after = list(totp.yield_hotp_counters_from_time())
    return totp.format_hotp_value(totp.hotp_value(secret, {-1: before, 0: now, 1: after}[steps]))


def test_somebody_joins_by_a_letter_and_signs_in_by_a_passkey_until_it_is_removed(
    page, holder, at, live_server, client, area, mailoutbox
):
    client.force_login(member(area, "administrator"), backend=BACKEND)
    client.post(reverse("board:invite", args=[area.slug]), {"email": ADDRESS, "role": "officer"})
    link = re.search(r"/accounts/join/\S+", mailoutbox[-1].body).group()

    page.goto(live_server.url + link)
    page.get_by_label("Choose a password").fill(PASSWORD)
    press(page, "Join")
    expect(page.get_by_role("alert")).to_contain_text(f"You belong to {area} now")
    page.goto(live_server.url + link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This invitation opens nothing any more")

    at("mfa_add_webauthn")
    confirm(page)
    codes = add_passkey(page, "My laptop")
    assert len(set(codes)) == 10
    expect(page.get_by_text("they are not shown again")).to_be_visible()
    page.reload()
    assert not page.locator(".st-codes").count()

    sign_out(page)
    press(page, SIGN_IN_ALONE)
    assert is_inside(page)

    sign_out(page)
    give_password(page, ADDRESS)
    assert not is_inside(page)
    press(page, AS_SECOND_STEP)
    assert is_inside(page)

    at("mfa_list_webauthn")
    follow(page.get_by_role("link", name="Remove My laptop"))
    confirm(page)
    press(page, "Remove it")
    expect(page.get_by_text("You have no passkey yet.")).to_be_visible()
    assert not Authenticator.objects.filter(user__email=ADDRESS).exists()

    sign_out(page)
    press(page, SIGN_IN_ALONE)
    assert not is_inside(page)
    expect(page.get_by_role("alert").first).to_contain_text("is not right")
    give_password(page, ADDRESS)
    assert is_inside(page)


@pytest.fixture
def key(page, holder, at, officer):
    """The passkey of an officer who has signed out again."""
    at("account_login")
    give_password(page, officer.email)
    at("mfa_add_webauthn")
    confirm(page)
    add_passkey(page, "My laptop")
    sign_out(page)
    return holder.keys()[0]


def test_a_passkey_that_calls_itself_another_opens_nothing(page, holder, at, officer, key):
    holder.forge(key)
    press(page, SIGN_IN_ALONE)
    assert not is_inside(page)
    expect(page.get_by_role("alert").first).to_contain_text("is not right")

    give_password(page, officer.email)
    press(page, AS_SECOND_STEP)
    assert not is_inside(page)
    expect(page.locator("#passkey-problem")).to_contain_text("That passkey is not one that is set up here")


def test_a_device_without_the_passkey_says_so_where_the_button_is(page, holder, at, officer, key):
    holder.forget_keys()
    page.get_by_role("button", name=SIGN_IN_ALONE).click()
    expect(page.locator("#passkey-problem")).to_contain_text("this device holds no passkey")

    give_password(page, officer.email)
    page.get_by_role("button", name=AS_SECOND_STEP).click()
    expect(page.locator("#passkey-problem")).to_contain_text("this device holds no passkey")


def test_a_device_that_is_set_up_already_says_so(page, at, officer, key):
    press(page, SIGN_IN_ALONE)
    at("mfa_add_webauthn")
    confirm(page)
    page.get_by_role("button", name="Add it").click()
    expect(page.locator("#passkey-problem")).to_contain_text("set up already")
    assert Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).count() == 1


def test_without_a_script_a_passkey_is_not_offered_and_the_password_is(browser, live_server, officer):
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(live_server.url + reverse("account_login"))
    expect(page.get_by_role("button", name=SIGN_IN_ALONE)).to_be_hidden()
    give_password(page, officer.email)
    page.goto(live_server.url + reverse("mfa_add_webauthn"))
    confirm(page)
    expect(page.get_by_text("A passkey needs JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Add it")).to_be_hidden()
    plain.close()


def test_an_app_is_set_up_by_its_key_and_each_code_opens_once(page, at, officer):
    at("account_login")
    give_password(page, officer.email)
    at("mfa_activate_totp")
    confirm(page)
    secret = page.locator(".st-code--key").inner_text().replace(" ", "")
    assert page.get_by_role("img").get_attribute("alt")
    page.get_by_label("Code").fill("000000" if code_of(secret) != "000000" else "000001")
    press(page, "Set it up")
    expect(page.get_by_role("alert").first).to_contain_text("That code or key is not right")
    page.get_by_label("Code").fill(code_of(secret))
    press(page, "Set it up")
    expect(page.get_by_role("alert").first).to_contain_text("The authenticator app is set up.")

    sign_out(page)
    code = code_of(secret, steps=1)
    give_password(page, officer.email)
    give_code(page, code)
    assert is_inside(page)

    sign_out(page)
    give_password(page, officer.email)
    give_code(page, code)
    assert not is_inside(page)
    expect(page.get_by_role("alert").first).to_contain_text("That code or key is not right, or no longer.")


def test_a_recovery_code_opens_once_as_it_is_printed(page, at, officer):
    totp.TOTP.activate(officer, totp.generate_totp_secret())
    code = RecoveryCodes.activate(officer).get_unused_codes()[0]
    printed = f"{code[:4]} {code[4:]}"
    at("account_login")
    give_password(page, officer.email)
    give_code(page, printed)
    assert is_inside(page)

    sign_out(page)
    give_password(page, officer.email)
    give_code(page, printed)
    assert not is_inside(page)
    expect(page.get_by_role("alert").first).to_contain_text("That code or key is not right, or no longer.")


def test_where_a_second_step_is_required_nothing_else_opens_before_it_is_set_up(page, holder, at, settings, officer):
    settings.REQUIRE_SECOND_FACTOR = True
    at("account_login")
    give_password(page, officer.email)
    for name, *args in [("board:my",), ("board:area", "northvale"), ("board:people", "northvale")]:
        at(name, *args)
        expect(page.get_by_text("This installation asks for one:")).to_be_visible()

    follow(page.get_by_role("link", name="Add one"))
    confirm(page)
    add_passkey(page, "My laptop")
    follow(page.get_by_role("link", name="I have kept them: go on"))
    at("board:people", "northvale")
    expect(page.get_by_role("heading", level=1)).to_contain_text("People")
