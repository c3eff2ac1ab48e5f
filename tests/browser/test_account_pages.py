"""The pages of signing in and of who may sign in: accessible, on a phone and on paper."""

from datetime import timedelta

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.urls import reverse
from django.utils import timezone

from people import joining
from people.models import Membership, User
from strategies.models import Area
from tests.browser.judging import findings, sideways, too_small
from tests.browser.pressing import follow

PASSWORD = "a-long-and-quiet-river"
WIDTHS = [1280, 320]
PROVIDER = {"provider_id": "organisation", "name": "the council", "client_id": "tracker", "secret": "s",
            "settings": {"server_url": "https://sign-in.example.org"}}  # fmt: skip
VISITED = [
    "account_login", "account_reset_password", "account_reset_password_done", "account_reset_password_from_key_done",
    "socialaccount_login_cancelled", "socialaccount_login_error",
]  # fmt: skip
OWN = [
    "board:my-sign-in", "mfa_index", "account_change_password", "account_logout", "account_reauthenticate",
    "board:my-access",
]  # fmt: skip
CONFIRMED = [
    "mfa_add_webauthn", "mfa_list_webauthn", "mfa_activate_totp", "mfa_generate_recovery_codes",
    "mfa_view_recovery_codes",
]  # fmt: skip


@pytest.fixture
def area(transactional_db):
    return Area.objects.create(name="Northvale", slug="northvale")


@pytest.fixture
def member(area):
    def join(role: str) -> User:
        person = User.objects.create_user(email=f"{role}@example.org", password=PASSWORD)
        Membership.objects.create(user=person, area=area, role=role)
        return person

    return join


@pytest.fixture
def judge(page, live_server):
    """`judge("mfa_index")` opens that page and says what is wrong with it; without a name it takes the page that is open."""

    def look(name: str = "", *args, query: str = "") -> list[str]:
        if name:
            page.goto(live_server.url + reverse(name, args=args) + query)
        wrong = []
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wrong += [f"{name}{query} at {width}: {each}" for each in findings(page) + sideways(page) + too_small(page)]
        return wrong

    return look


def invite(area, person) -> str:
    return joining.invite(area, "new@example.org", "lead", by=person, at=timezone.now())[1]


def test_nothing_is_wrong_with_what_visitors_see(judge, settings, area, member):
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [PROVIDER]}}
    person = member("administrator")
    token = default_token_generator.make_token(person)
    wrong = [each for name in VISITED for each in judge(name)]
    wrong += judge("openid_connect_login", "organisation")
    wrong += judge("account_reset_password_from_key", user_pk_to_url_str(person), token)
    wrong += judge("account_reset_password_from_key", user_pk_to_url_str(person), "not-a-key")
    wrong += judge("join", invite(area, person))
    wrong += judge("join", "no-such-secret")
    assert wrong == []


def test_nothing_is_wrong_with_ones_own_pages_before_and_after_the_password_is_confirmed(
    page, judge, member, signed_in
):
    signed_in(member("officer"))
    wrong = [each for name in OWN for each in judge(name)]
    judge("account_reauthenticate")
    page.get_by_label("Password").fill("not-the-password")
    follow(page.get_by_role("button", name="Continue"))
    wrong += judge()
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Continue"))
    RecoveryCodes.activate(User.objects.get())
    wrong += [each for name in CONFIRMED for each in judge(name)]
    assert wrong == []


def test_nothing_is_wrong_with_the_second_step(page, judge, member):
    totp.TOTP.activate(member("officer"), totp.generate_totp_secret())
    judge("account_login")
    page.get_by_label("Email address").fill("officer@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Sign in", exact=True))
    wrong = judge()
    page.get_by_label("Code").fill("none")
    follow(page.get_by_role("button", name="Sign in", exact=True))
    assert "That code or key is not right" in page.locator(".govuk-error-summary").inner_text()
    assert wrong + judge() == []


def test_nothing_is_wrong_with_the_pages_of_who_may_sign_in(page, judge, area, member, signed_in):
    officer, administrator = member("officer"), signed_in(member("administrator"))
    totp.TOTP.activate(officer, totp.generate_totp_secret())
    invite(area, administrator)
    wrong = judge("board:sign-ins", area.slug)
    wrong += judge("board:invite", area.slug)
    follow(page.get_by_role("button", name="Send the invitation"))
    wrong += judge()
    wrong += judge("board:member", area.slug, officer.pk)
    wrong += judge("board:audit", area.slug)
    long_ago = timezone.localdate() - timedelta(days=400)
    wrong += judge("board:audit", area.slug, query=f"?until={long_ago:%d/%m/%Y}")
    assert page.get_by_text("Nothing passes these filters.").is_visible()
    assert wrong == []


def test_recovery_codes_are_printed_with_whose_they_are_and_nothing_that_is_of_the_screen_alone(
    page, live_server, member, signed_in
):
    person = signed_in(member("officer"))
    codes = RecoveryCodes.activate(person).get_unused_codes()
    page.goto(live_server.url + reverse("mfa_view_recovery_codes"))
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Continue"))
    page.emulate_media(media="print")
    printed = page.locator("body").inner_text()
    assert all(f"{code[:4]} {code[4:]}" in printed for code in codes)
    assert person.email in printed
    assert "go on" not in printed
    assert "Print this page" not in printed
