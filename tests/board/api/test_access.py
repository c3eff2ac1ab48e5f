"""Who may read: a token of the area, of somebody who still belongs there, and nothing else."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from board.api import throttle
from board.api.resources import RESOURCES
from people.access_tokens import make_token, revoke_token
from people.auditing import MOST_REFUSALS
from people.models import AccessToken, AuditEntry, Membership
from strategies.models import DataVersion, Strategy
from tests.board.api.conftest import BASE
from tests.world import BACKEND, at, build_world


def problem(response, status: int) -> str:
    assert response.status_code == status, response.text
    assert response["Content-Type"] == "application/problem+json"
    said = response.json()
    assert said["status"] == status
    return said["detail"]


def test_a_token_opens_every_resource_of_its_area(ask):
    assert {name: ask(name).status_code for name in RESOURCES} == dict.fromkeys(RESOURCES, 200)


@pytest.mark.parametrize("name", RESOURCES)
@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer " + "x" * 43, "Bearer ' OR 1=1", "Bearer é"]
)
def test_without_a_token_nothing_opens_and_the_answer_gives_nothing_away(client, world, name, header):
    response = client.get(f"{BASE}{name}/", headers={"Authorization": header} if header else {})
    assert "Send a valid token" in problem(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert "Northvale" not in response.text


def test_a_sign_in_does_not_open_the_rows_and_a_token_in_the_address_neither(client, world, token):
    client.force_login(world.people["officer"], backend=BACKEND)
    problem(client.get(f"{BASE}actions/"), 401)
    problem(client.get(f"{BASE}actions/", {"token": token}), 401)


def test_a_revoked_token_opens_nothing(ask):
    revoke_token(AccessToken.objects.get(), at=at(2026, 7, 19))
    problem(ask("actions"), 401)


def test_a_token_ends_with_its_users_membership_and_sign_in(ask, world):
    user = world.people["board"]
    user.is_active = False
    user.save()
    problem(ask("actions"), 401)
    user.is_active = True
    user.save()
    assert ask("actions").status_code == 200
    Membership.objects.filter(user=user).delete()
    problem(ask("actions"), 401)


def test_another_area_is_answered_like_one_that_does_not_exist(ask):
    there = ask("actions", base="/southmoor/api/v1/")
    nowhere = ask("actions", base="/nowhere/api/v1/")
    assert problem(there, 404) == problem(nowhere, 404)
    assert "Southmoor" not in there.text


def test_other_areas_have_no_row_in_any_answer(ask, world):
    for name in RESOURCES:
        for row in ask(name).json()["rows"]:
            assert "Other" not in json.dumps(row), name


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("actions", {"strategy": "other-plan"}),
        ("priorities", {"strategy": "other-plan"}),
        ("updates", {"strategy": "other-plan"}),
        ("risks", {"strategy": "other-plan"}),
        ("updates", {"action": "theirs"}),
        ("measurements", {"kpi": "theirs"}),
        ("actions", {"lead": "999999"}),
        ("actions", {"partner": "999999"}),
        ("actions", {"priority": "9"}),
        ("kpis", {"priority": "other-plan/1"}),
    ],
    ids=str,
)
def test_a_filter_that_names_what_is_not_of_this_area_is_answered_with_404(ask, world, name, query):
    Strategy.objects.filter(area=world.other_area).update(slug="other-plan")
    problem(ask(name, **query), 404)


def test_a_draft_is_nobodys_to_read(ask, world, rows):
    Strategy.objects.filter(area=world.area).update(state="draft")
    for name in ("strategies", "priorities", "strands", "objectives", "actions", "updates", "deadlines", "risks"):
        assert rows(name) == [], name


# Bad input


@pytest.mark.parametrize(
    ("name", "query", "words"),
    [
        ("actions", {"as_at": "soon"}, "as_at"),
        ("actions", {"as_at": "2026-02-31"}, "as_at"),
        ("actions", {"as_at": "2025-02-29"}, "as_at takes a day"),
        ("actions", {"as_at": "2999-01-01"}, "has passed"),
        ("actions", {"as_at": "1989-12-31"}, "as_at"),
        ("actions", {"as_at": "2026-01-01T10:00:00"}, "as_at"),
        ("actions", {"as_at": ""}, "as_at"),
        ("actions", {"limit": "0"}, "1 to 5,000"),
        ("actions", {"limit": "5001"}, "1 to 5,000"),
        ("actions", {"limit": "9" * 400}, "1 to 5,000"),
        ("actions", {"limit": "٣"}, "1 to 5,000"),
        ("actions", {"limit": ["1", "2"]}, "once"),
        ("actions", {"page": "-1"}, "page"),
        ("actions", {"format": "xlsx"}, "json, csv"),
        ("actions", {"reported": "Z"}, "reported"),
        ("actions", {"sort": "nothing"}, "sort"),
        ("actions", {"due_from": "31/10/2026"}, "due_from"),
        ("actions", {"due_from": "2026-02-02", "due_to": "2026-02-01"}, "due_to"),
        ("actions", {"part": "leads"}, "part"),
        ("actions", {"q": "\x00"}, "q"),
        ("actions", {"asat": "2026-01-01"}, "There is no parameter"),
        ("kpis", {"status": "fine"}, "status"),
        ("kpis", {"q": "x" * 201}, "q"),
        ("risks", {"level": "huge"}, "level"),
        ("updates", {"action": "a b"}, "action"),
    ],
    ids=str,
)
def test_what_is_not_understood_is_refused_with_the_name_of_the_parameter(ask, name, query, words):
    assert words in problem(ask(name, **query), 400)


@pytest.mark.parametrize("raw", ["as_at=%ED%A0%80", "strategy=%FF%FE", "strategy=%00", "%00=1", "q=%EF%BF%BF"])
def test_broken_bytes_are_refused_in_json(client, token, raw):
    response = client.get(f"{BASE}actions/?{raw}", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code in (400, 404)
    assert response["Content-Type"] == "application/problem+json"


def test_an_unknown_resource_is_answered_in_json_with_what_there_is(ask):
    assert "actions" in problem(ask("people"), 404)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", ["actions/", "openapi.json"])
def test_nothing_can_be_written(world, token, method, address):
    browser = Client(enforce_csrf_checks=True)
    response = getattr(browser, method)(BASE + address, {}, headers={"Authorization": f"Bearer {token}"})
    assert "read-only" in problem(response, 405)
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_options_says_what_may_be_done_and_no_other_site_may_read(client, world):
    response = client.options(f"{BASE}actions/", headers={"Origin": "https://elsewhere.example"})
    assert response.status_code == 204
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert not [name for name in response.headers if name.startswith("Access-Control")]


def test_head_has_the_headers_of_the_rows_and_no_body(client, token):
    response = client.head(f"{BASE}actions/", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 200
    assert response["SEND-Total"] == "1"
    assert response.content == b""


# Asked again


def test_nothing_new_is_answered_with_304_without_reading_a_row(ask):
    etag = ask("actions")["ETag"]
    with CaptureQueriesContext(connection) as made:
        again = ask("actions", headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert len(made) == 2  # the token, the number of the data


def test_json_csv_and_another_day_are_not_the_same_answer(ask):
    etag = ask("actions")["ETag"]
    assert ask("actions", headers={"If-None-Match": etag, "Accept": "text/csv"}).status_code == 200
    assert ask("actions", as_at="2026-03-01", headers={"If-None-Match": etag}).status_code == 200
    assert ask("kpis", headers={"If-None-Match": etag}).status_code == 200


def test_the_next_day_is_another_answer(ask, monkeypatch):
    etag = ask("actions")["ETag"]
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 7, 21))
    assert ask("actions", headers={"If-None-Match": etag}).status_code == 200


def test_another_role_is_another_answer(ask, world):
    etag = ask("actions")["ETag"]
    Membership.objects.filter(user=world.people["board"]).update(role="officer")
    assert ask("actions", headers={"If-None-Match": etag}).status_code == 200


def test_a_revoked_token_gets_no_304(ask):
    etag = ask("actions")["ETag"]
    AccessToken.objects.update(revoked_at=at(2026, 7, 19))
    problem(ask("actions", headers={"If-None-Match": etag}), 401)


@pytest.mark.django_db(transaction=True)
def test_a_write_ends_304_and_the_noting_of_use_does_not():
    world = build_world()
    secret = make_token(world.area, "Board dashboard", by=world.people["board"], at=at(2026, 7, 1))

    def get(etag: str = ""):
        return Client().get(f"{BASE}kpis/", headers={"Authorization": f"Bearer {secret}", "If-None-Match": etag})

    etag = get()["ETag"]
    assert AccessToken.objects.get().last_used_at is not None
    assert get(etag).status_code == 304
    Strategy.objects.filter(area=world.area).update(title="Renamed")
    assert get(etag).status_code == 200
    assert DataVersion.objects.exists()


# How often


def test_use_is_noted_at_most_once_an_hour(ask, monkeypatch):
    def used_at(moment):
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
        assert ask("strategies").status_code == 200
        return AccessToken.objects.get().last_used_at

    assert used_at(at(2026, 7, 20, 12)) == at(2026, 7, 20, 12)
    assert used_at(at(2026, 7, 20, 12).replace(minute=59)) == at(2026, 7, 20, 12)
    assert used_at(at(2026, 7, 20, 13)) == at(2026, 7, 20, 13)


def test_too_many_requests_a_minute_are_told_how_long_to_wait(ask, remembered, monkeypatch):
    monkeypatch.setattr(throttle, "REQUESTS_A_MINUTE", 3)
    assert [ask("strategies").status_code for _ in range(4)] == [200, 200, 200, 429]
    response = ask("strategies")
    assert "minute" in problem(response, 429)
    assert response["Retry-After"] == "60"
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 7, 20).replace(minute=1))
    assert ask("strategies").status_code == 200


# The description and its page


def test_the_description_opens_by_token_and_by_sign_in_and_names_every_resource(client, world, token):
    address = f"{BASE}openapi.json"
    problem(client.get(address), 401)
    by_token = client.get(address, headers={"Authorization": f"Bearer {token}"}).json()
    assert by_token["servers"] == [{"url": "http://testserver/northvale/api/v1"}]
    assert sorted(by_token["paths"]) == sorted(f"/{name}/" for name in RESOURCES)
    client.force_login(world.people["families"], backend=BACKEND)
    assert client.get(address).json() == by_token
    client.force_login(world.people["other_officer"], backend=BACKEND)
    problem(client.get(address), 404)


def test_the_page_explains_every_resource_and_the_steps_without_a_script(client, world):
    client.force_login(world.people["board"], backend=BACKEND)
    page = client.get(BASE).text
    for name in RESOURCES:
        assert f'<span class="st-code">{name}</span>' in page
    assert "Power BI, step by step" in page
    assert "Excel, step by step" in page
    main = page.split("<main")[1].split("</main>")[0]
    assert "<script" not in main
    assert "style=" not in main


# What was refused is in the audit log, without the token


def refusals() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(kind=AuditEntry.Kind.REFUSED).order_by("pk"))


def test_a_token_that_is_none_is_kept_for_the_area_that_was_asked_for(ask, world):
    ask("actions", secret="x" * 43)
    (entry,) = refusals()
    assert (entry.user, entry.area, entry.what) == (None, world.area, "API: a token that is none")
    assert entry.address == f"{BASE}actions/"


def test_one_that_was_revoked_is_kept_with_whose_it_was_and_its_name(ask, world, token):
    revoke_token(AccessToken.objects.get(), at=at(2026, 7, 19))
    ask("actions")
    (entry,) = refusals()
    assert (entry.user, entry.area) == (world.people["board"], world.area)
    assert entry.what == "API: Board dashboard, which opens nothing any more"
    assert token not in f"{entry.what}{entry.address}"


def test_one_of_another_area_is_kept_for_both(ask, world):
    ask("actions", base=f"/{world.other_area.slug}/api/v1/")
    ask("openapi.json", base=f"/{world.other_area.slug}/api/v1/")
    (entry,) = refusals()
    assert (entry.user, entry.area) == (world.people["board"], world.other_area)
    assert entry.what == "API: Board dashboard, of another area"


def test_an_area_that_there_is_none_of_is_kept_for_none(ask, world):
    ask("actions", base="/nowhere/api/v1/", secret="x" * 43)
    assert [entry.area for entry in refusals()] == [None]


@pytest.mark.parametrize("header", [None, "Bearer", "Basic abc"])
def test_who_brings_no_token_is_not_kept(client, world, header):
    client.get(f"{BASE}actions/", headers={"Authorization": header} if header else {})
    assert refusals() == []


def test_a_flood_of_tokens_makes_one_entry_of_an_address_and_few_of_many(client, world):
    def ask(secret: str, address: str) -> None:
        client.get(f"{BASE}{secret}/", headers={"Authorization": f"Bearer {secret}"}, REMOTE_ADDR=address)

    for number in range(50):
        ask(f"{number:043d}", "192.0.2.1")
    assert len(refusals()) == 1

    for number in range(50):
        ask(f"{number:043d}", f"198.51.100.{number}")
    assert len(refusals()) == MOST_REFUSALS
    assert refusals()[-1].what == "More refusals of the next ten minutes are not kept"


# By HTTPS alone


@pytest.fixture
def https_alone(settings):
    """As a production has it."""
    settings.SECURE_SSL_REDIRECT = True


@pytest.mark.usefixtures("https_alone")
@pytest.mark.parametrize("name", [*RESOURCES, "openapi.json", "no-such"])
def test_the_api_asked_in_the_clear_is_refused_and_not_led_on(client, token, name):
    response = client.get(f"{BASE}{name}", headers={"Authorization": f"Bearer {token}"})
    assert "Ask by https" in problem(response, 403)
    assert "Location" not in response


@pytest.mark.usefixtures("https_alone")
def test_by_https_it_answers_and_its_page_for_people_leads_there(client, token):
    asked = {"headers": {"Authorization": f"Bearer {token}"}}
    assert client.get(f"{BASE}actions/", secure=True, **asked).status_code == 200
    assert client.get(BASE).status_code == 301


@pytest.mark.usefixtures("https_alone")
@pytest.mark.parametrize(("trusted", "status"), [([], 403), (["127.0.0.1"], 200)])
def test_that_it_came_by_https_is_believed_of_the_proxy_alone(client, token, settings, trusted, status):
    settings.TRUSTED_PROXIES = trusted
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    said = {"Authorization": f"Bearer {token}", "X-Forwarded-Proto": "https"}
    assert client.get(f"{BASE}actions/", headers=said).status_code == status
