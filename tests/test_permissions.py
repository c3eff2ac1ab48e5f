"""Who may open what: every address of the product, as every kind of person.

A new address without a row here fails `test_every_address_has_a_row`.
"""

import pytest
from django.urls import get_resolver, reverse

from tests.world import BACKEND, OF_UPKEEP, World

PEOPLE = ["visitor", "board", "lead", "other_lead", "officer", "administrator", "families", "other_officer"]

# What each person gets: a status for a GET; "in" is a redirect to sign-in.
EVERYONE_HERE = {
    "visitor": "in",
    "board": 200,
    "lead": 200,
    "other_lead": 200,
    "officer": 200,
    "administrator": 200,
    "families": 200,
    "other_officer": 404,
}
WHO_UPDATES = {**EVERYONE_HERE, "board": 403, "other_lead": 403, "administrator": 403, "families": 403}
WHO_EDITS = {**WHO_UPDATES, "lead": 403}
WHO_FILLS_IN = {**WHO_UPDATES, "other_lead": 200}  # leads in post, and officers
WHO_MANAGES = {**WHO_EDITS, "officer": 403, "administrator": 200}
WHO_SPEAKS = {**WHO_EDITS, "families": 200}
# "Nothing has changed" is one press; whoever comes to its address afterwards is led to the form.
WHO_PRESSES = {**WHO_UPDATES, "lead": 302, "officer": 302}
SIGNED_IN = dict.fromkeys(PEOPLE, 200) | {"visitor": "in"}
ANYONE = dict.fromkeys(PEOPLE, 200)
CONFIRMED = dict.fromkeys(PEOPLE, 302) | {"visitor": "in"}  # led to giving the password once more
ENDED = dict.fromkeys(PEOPLE, 410)
NOBODY = dict.fromkeys(PEOPLE, 404)

ROWS = {
    "healthz": ANYONE,
    "metrics": ANYONE,  # from this machine, in development; tests/send_tracker has the rest
    "csp-report": dict.fromkeys(PEOPLE, 405),
    "favicon": dict.fromkeys(PEOPLE, 302),
    "account_login": ANYONE | dict.fromkeys(PEOPLE[1:], 302),
    "account_logout": SIGNED_IN,
    "account_reset_password": ANYONE,
    "account_reset_password_done": ANYONE,
    "account_reset_password_from_key": ANYONE,
    "account_reset_password_from_key_done": ANYONE,
    "board:home": dict.fromkeys(PEOPLE, 302) | {"visitor": "in"},
    "board:my": SIGNED_IN,
    "board:area": EVERYONE_HERE,
    "board:current-actions": EVERYONE_HERE
    | dict.fromkeys(["board", "lead", "other_lead", "officer", "administrator", "families"], 302),
    "board:action": EVERYONE_HERE,
    "board:action-add": WHO_EDITS,
    "board:action-edit": WHO_EDITS,
    "board:action-move": WHO_EDITS,
    "board:action-split": WHO_EDITS,
    "board:action-merge": WHO_EDITS,
    "board:action-retire": WHO_EDITS,
    "board:action-milestones": WHO_EDITS,
    "board:action-history": EVERYONE_HERE,
    "board:action-undo": WHO_EDITS | {"officer": 302},
    "board:actions-bulk": WHO_EDITS,
    "board:action-propose-date": WHO_UPDATES,
    "board:kpis": EVERYONE_HERE,
    "board:kpi": EVERYONE_HERE,
    "board:kpi-compare": EVERYONE_HERE,
    "board:kpi-add": WHO_EDITS,
    "board:kpi-edit": WHO_EDITS,
    "board:measurement-add": WHO_UPDATES,
    "board:target-add": WHO_EDITS,
    "board:commentary-add": WHO_UPDATES,
    "board:rebase": WHO_EDITS,
    "board:import": WHO_EDITS,
    "board:import-one": WHO_EDITS,
    "board:import-columns": WHO_EDITS,
    "board:import-filters": WHO_EDITS,
    "board:figures": WHO_UPDATES,
    "board:figures-one": {**WHO_UPDATES, "lead": 404},
    "board:figures-template": WHO_UPDATES,
    "board:plan-template": WHO_EDITS,
    "board:plan-import": WHO_EDITS,
    "board:plan-import-one": WHO_EDITS,
    "board:plan-import-columns": WHO_EDITS,
    "board:plan-import-plan": WHO_EDITS,
    "board:plan-import-names": WHO_EDITS,
    "board:my-workbook": WHO_FILLS_IN,
    # The lead brought it: to another lead it does not exist.
    "board:my-workbook-one": {**WHO_FILLS_IN, "other_lead": 404},
    "board:inspection": EVERYONE_HERE,
    "board:evidence": EVERYONE_HERE,
    "board:evidence-file": EVERYONE_HERE,
    "board:evidence-add": WHO_UPDATES,
    "board:evidence-withhold": WHO_EDITS,
    "board:evidence-give-again": WHO_EDITS,
    "board:evidence-erase": WHO_EDITS,
    "board:inspection-annex": EVERYONE_HERE,
    "board:succession": EVERYONE_HERE,
    "board:succession-promise": WHO_EDITS,
    "board:meetings": EVERYONE_HERE,
    "board:meeting": EVERYONE_HERE,
    "board:meeting-papers": EVERYONE_HERE,
    "board:pack-file": EVERYONE_HERE,
    "board:papers": EVERYONE_HERE,
    "board:round": EVERYONE_HERE,
    "board:round-plan": WHO_EDITS,
    "board:round-open": WHO_EDITS | {"officer": 302},
    "board:round-close": WHO_EDITS | {"officer": 302},
    "board:round-check": WHO_EDITS | {"officer": 302},
    "board:round-reopen": WHO_EDITS,
    "board:meeting-move": WHO_EDITS,
    "board:meeting-call-off": WHO_EDITS,
    "board:round-grid": WHO_EDITS,
    "board:round-review": WHO_EDITS,
    "board:flag-reply": WHO_UPDATES,
    "board:forward": WHO_EDITS,
    "board:attendance": WHO_EDITS,
    "board:decision-add": WHO_EDITS,
    "board:decision-close": WHO_EDITS,
    "board:challenge-add": WHO_EDITS,
    "board:log-add": WHO_EDITS,
    "board:log-close": WHO_EDITS,
    "board:documents": EVERYONE_HERE,
    "board:document": EVERYONE_HERE,
    "board:people": EVERYONE_HERE,
    "board:search": EVERYONE_HERE,
    "board:strategy": EVERYONE_HERE,
    "board:actions": EVERYONE_HERE,
    "board:priority": EVERYONE_HERE,
    "board:strand": EVERYONE_HERE,
    "board:objective": EVERYONE_HERE,
    "board:families": EVERYONE_HERE,
    "board:families-action": WHO_SPEAKS,
    "board:families-priority": WHO_SPEAKS,
    "board:owners-view": WHO_EDITS,
    "board:public": ANYONE,
    "board:public-edit": WHO_EDITS,
    "board:risks": EVERYONE_HERE,
    "board:risk": EVERYONE_HERE,
    "board:risk-add": WHO_EDITS,
    "board:risk-edit": WHO_EDITS,
    "board:risk-score": WHO_EDITS,
    "board:risk-close": WHO_EDITS,
    "board:my-calendar": SIGNED_IN,
    "board:reminders": WHO_EDITS,
    "board:reminders-again": WHO_EDITS,
    "board:reminder-letter": WHO_EDITS,
    "board:my-access": SIGNED_IN,
    "board:audit": WHO_MANAGES,
    "board:my-sign-in": SIGNED_IN,
    "board:sign-ins": WHO_MANAGES,
    "board:invite": WHO_MANAGES,
    "board:invitation": WHO_MANAGES | {"administrator": 405},
    "board:member": WHO_MANAGES,
    "join": ENDED,
    "account_reauthenticate": SIGNED_IN,
    "account_change_password": SIGNED_IN,
    "mfa_index": SIGNED_IN,
    # A step of signing in, for nobody who is not in the middle of that.
    "mfa_authenticate": dict.fromkeys(PEOPLE, 302),
    "mfa_login_webauthn": dict.fromkeys(PEOPLE, 302),
    "mfa_reauthenticate": CONFIRMED,
    "mfa_activate_totp": CONFIRMED,
    "mfa_deactivate_totp": NOBODY | {"visitor": "in"},
    "mfa_view_recovery_codes": NOBODY | {"visitor": "in"},
    "mfa_generate_recovery_codes": CONFIRMED,
    "mfa_list_webauthn": SIGNED_IN,
    "mfa_add_webauthn": CONFIRMED,
    "mfa_reauthenticate_webauthn": CONFIRMED,
    "mfa_remove_webauthn": CONFIRMED,
    "mfa_edit_webauthn": CONFIRMED,
    "socialaccount_login_cancelled": ANYONE,
    "socialaccount_login_error": dict.fromkeys(PEOPLE, 401),
    # Without a provider that is set up.
    "openid_connect_login": NOBODY,
    "openid_connect_callback": NOBODY,
    "openid_signed_out": dict.fromkeys(PEOPLE, 405),  # by the provider's server alone, which signs what it sends
    "openid_signed_out_frame": NOBODY,
    "board:area-access": WHO_MANAGES,
    "board:api-docs": EVERYONE_HERE,
    "board:api-description": EVERYONE_HERE | {"visitor": 401},
    # By a token alone, whoever is signed in.
    "board:api": dict.fromkeys(PEOPLE, 401),
    # By their secret alone, whoever is signed in or not.
    "board:feed": ANYONE,
    "board:link": ENDED,
    "board:link-to-action": ENDED,
    # The secret was never shown in this session.
    "board:link-list": NOBODY,
    "board:link-update": NOBODY,
    "board:link-no-change": NOBODY,
    "workstrands:update": WHO_UPDATES,
    "workstrands:no-change": WHO_PRESSES,
    "workstrands:impact": WHO_EDITS,
    "workstrands:confirm-impact": WHO_EDITS,
    "workstrands:answers": WHO_EDITS,
    "workstrands:set-up": WHO_EDITS,
}

ROWS |= {name: EVERYONE_HERE if name.endswith("-history") else WHO_EDITS for name in OF_UPKEEP}
OF_UPKEEP_READ = [name for name in OF_UPKEEP if name.endswith("-history") or name in ("board:upkeep", "board:outline")]

# Pages of the present alone: a way in, one's own work, what opens by a secret, and what the public is shown.
OF_NO_AREA = [
    "board:home", "board:my", "board:feed", "board:link", "board:link-to-action", "board:link-list", "board:public",
    "board:api", "board:api-description", "board:upkeep", "board:outline",
    "board:evidence-file",  # of a day too, yet a file that says no day
    "board:figures-template", "board:plan-template",  # to be filled in now
]  # fmt: skip

# What a POST with no fields gets. 302 and 200 (the form with its messages) both mean: let in.
LET_IN = (200, 302)
POSTS = {
    "board:action-add": WHO_EDITS,
    "board:action-edit": WHO_EDITS,
    "board:action-move": WHO_EDITS,
    "board:action-split": WHO_EDITS,
    "board:action-merge": WHO_EDITS,
    "board:action-retire": WHO_EDITS,
    "board:action-milestones": WHO_EDITS,
    "board:action-undo": WHO_EDITS,
    "board:actions-bulk": WHO_EDITS,
    "board:action-propose-date": WHO_UPDATES,
    "board:meeting-papers": WHO_EDITS,
    "board:succession-promise": WHO_EDITS,
    "board:round-plan": WHO_EDITS,
    "board:round-open": WHO_EDITS,
    "board:round-close": WHO_EDITS,
    "board:round-check": WHO_EDITS,
    "board:round-reopen": WHO_EDITS,
    "board:meeting-move": WHO_EDITS,
    "board:meeting-call-off": WHO_EDITS,
    "board:round-grid": WHO_EDITS,
    "board:round-review": WHO_EDITS,
    "board:flag-reply": WHO_UPDATES,
    "board:evidence-add": WHO_UPDATES,
    "board:evidence-withhold": WHO_EDITS,
    "board:evidence-give-again": WHO_EDITS,
    "board:evidence-erase": WHO_EDITS,
    "board:forward": WHO_EDITS,
    "board:attendance": WHO_EDITS,
    "board:decision-add": WHO_EDITS,
    "board:decision-close": WHO_EDITS,
    "board:challenge-add": WHO_EDITS,
    "board:log-add": WHO_EDITS,
    "board:log-close": WHO_EDITS,
    "board:kpi-add": WHO_EDITS,
    "board:kpi-edit": WHO_EDITS,
    "board:measurement-add": WHO_UPDATES,
    "board:target-add": WHO_EDITS,
    "board:commentary-add": WHO_UPDATES,
    "board:rebase": WHO_EDITS,
    "board:import": WHO_EDITS,
    "board:import-one": WHO_EDITS,
    "board:import-columns": WHO_EDITS,
    "board:import-filters": WHO_EDITS,
    "board:figures": WHO_UPDATES,
    "board:figures-one": {**WHO_UPDATES, "lead": 404},
    "board:my-workbook": WHO_FILLS_IN,
    "board:my-workbook-one": {**WHO_FILLS_IN, "other_lead": 404},
    "board:plan-import": WHO_EDITS,
    "board:plan-import-one": WHO_EDITS,
    "board:plan-import-columns": WHO_EDITS,
    "board:plan-import-plan": WHO_EDITS,
    "board:plan-import-names": WHO_EDITS,
    "board:risk-add": WHO_EDITS,
    "board:risk-edit": WHO_EDITS,
    "board:risk-score": WHO_EDITS,
    "board:risk-close": WHO_EDITS,
    "board:families-action": WHO_SPEAKS,
    "board:families-priority": WHO_SPEAKS,
    "board:owners-view": WHO_EDITS,
    "board:public-edit": WHO_EDITS,
    "board:my-calendar": SIGNED_IN,
    "board:my-access": SIGNED_IN,
    "board:area-access": WHO_MANAGES,
    "board:audit": WHO_MANAGES | {"administrator": 405},
    "board:sign-ins": WHO_MANAGES | {"administrator": 405},
    "board:my-sign-in": SIGNED_IN,
    "board:invite": WHO_MANAGES,
    "board:invitation": WHO_MANAGES | {"administrator": 404},  # there is none
    "board:member": WHO_MANAGES | {"administrator": 404},  # nothing was asked
    "account_change_password": SIGNED_IN,
    "account_reauthenticate": SIGNED_IN,
    "board:reminders": WHO_EDITS,
    "board:reminders-again": WHO_EDITS,
    "board:link-update": NOBODY,
    "board:link-no-change": NOBODY,
    "workstrands:update": WHO_UPDATES,
    "workstrands:no-change": WHO_UPDATES,
    "workstrands:impact": WHO_EDITS,
    "workstrands:confirm-impact": WHO_EDITS,
    "workstrands:answers": WHO_EDITS,
    "workstrands:set-up": WHO_EDITS,
}


POSTS |= {name: WHO_EDITS for name in OF_UPKEEP if name not in OF_UPKEEP_READ}


def every_address() -> list[str]:
    names = []

    def walk(patterns, namespace=""):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                walk(pattern.url_patterns, inner)
            else:
                assert pattern.name, f"{pattern.pattern} has no name, so nothing can link to it or test it"
                names.append(namespace + pattern.name)

    walk(get_resolver().url_patterns)
    return names


def test_every_address_has_a_row():
    assert sorted(every_address()) == sorted(ROWS)


@pytest.fixture
def world(world_of_module, db) -> World:
    return world_of_module


def arrive(client, world: World, person: str):
    if person != "visitor":
        client.force_login(world.people[person], backend=BACKEND)
    return client


def check(response, expected, person, name):
    if expected == "in":
        assert response.status_code == 302, f"{person} at {name}: {response.status_code}"
        assert response["Location"].startswith(reverse("account_login")), f"{person} at {name}"
        return
    assert response.status_code == expected, f"{person} at {name}: {response.status_code}, not {expected}"


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("name", sorted(ROWS))
def test_who_may_open(client, world, name, person):
    response = arrive(client, world, person).get(world.address(name))
    check(response, ROWS[name][person], person, name)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("name", sorted(POSTS))
def test_who_may_send(client, world, name, person):
    response = arrive(client, world, person).post(world.address(name), {})
    expected = POSTS[name][person]
    if expected == 200:
        assert response.status_code in LET_IN, f"{person} at {name}: {response.status_code}"
    else:
        check(response, expected, person, name)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("name", ["board:actions", "board:kpis", "board:risks", "board:evidence"])
@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
def test_who_may_export(client, world, name, person, fmt):
    response = arrive(client, world, person).get(world.address(name), {"_export": fmt})
    check(response, ROWS[name][person], person, name)


@pytest.mark.parametrize("name", sorted(name for name in ROWS if name not in POSTS and name.startswith("board:")))
def test_reading_pages_refuse_to_be_written_to(client, world, name):
    assert arrive(client, world, "officer").post(world.address(name), {}).status_code == 405


def test_nobody_signs_themselves_up(client, db):
    from django.urls import NoReverseMatch

    with pytest.raises(NoReverseMatch):
        reverse("account_signup")
    assert client.get("/accounts/signup/").status_code in (302, 404)


@pytest.mark.parametrize(
    "as_at", ["2026-02-31", "soon", "2999-01-01", "2026-13-01", "0001-01-01", "\x00", "2026-01-01' --"]
)
@pytest.mark.parametrize(
    "name",
    [
        "board:area",
        "board:strategy",
        "board:actions",
        "board:action",
        "board:kpis",
        "board:kpi",
        "board:inspection",
        "board:inspection-annex",
        "board:evidence",
        "board:evidence-file",
        "board:succession",
        "board:search",
        "board:meetings",
        "board:meeting",
        "board:risks",
        "board:risk",
        "board:papers",
        "board:meeting-papers",
        "board:pack-file",
    ],
)
def test_a_day_that_is_none_or_is_to_come_is_a_plain_404(client, world, name, as_at):
    assert arrive(client, world, "board").get(world.address(name), {"as_at": as_at}).status_code == 404


@pytest.mark.parametrize(
    "name",
    sorted(name for name in ROWS if name.startswith("board:") and name not in POSTS and name not in OF_NO_AREA),
)
def test_the_past_can_be_read_and_says_so(client, world, name):
    response = arrive(client, world, "officer").get(world.address(name), {"as_at": "2026-03-01"})
    if response.status_code == 302:
        assert "as_at=2026-03-01" in response["Location"]
        return
    assert response.status_code == 200
    assert "1 March 2026" in response.text


@pytest.mark.parametrize("name", sorted(name for name in POSTS if not name.startswith("account_")))
def test_the_past_cannot_be_changed(client, world, name):
    response = arrive(client, world, "officer").post(world.address(name) + "?as_at=2026-03-01", {})
    assert response.status_code == 404
