"""The API is as its description says, whatever is asked of it: requests made up by schemathesis from the description.

A description cannot say which days have passed, nor how two parameters of one request must agree. What breaks one of
those three rules is refused with 400, which schemathesis would count against the API; nothing else is let by.
"""

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings

from board.api.openapi import description
from people.access_tokens import make_token
from send_tracker.wsgi import application
from strategies.models import Area
from tests.board.api.test_rows import add_actions
from tests.world import a_risk, at, build_world

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed: see requirements/dev.txt")

DAY = "2026-07-20"


def breaks_a_rule_between_values(query: dict) -> bool:
    as_at, opens, closes = (str(query.get(name, "")) for name in ("as_at", "due_from", "due_to"))
    is_to_come = as_at[:10] > DAY or (as_at.startswith(DAY) and as_at > f"{DAY}T12:00:00Z")
    is_no_leap_year = as_at[4:10] == "-02-29" and not _is_leap(int(as_at[:4]))
    window_closes_before_it_opens = bool(opens and closes) and opens > closes
    part_of_nobody = "part" in query and query.get("lead", "none") in ("", "none")
    return is_to_come or is_no_leap_year or window_closes_before_it_opens or part_of_nobody


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


described = schemathesis.openapi.from_dict(
    description(Area(name="Northvale", slug="northvale"), "http://testserver/northvale/api/v1")
)
described.app = application


@described.hook
def filter_failure(context, failure, case, response):
    return not (response.status_code == 400 and breaks_a_rule_between_values(case.query or {}))


@pytest.fixture
def kept_connection():
    """A request closes connections that are in a transaction, as a test's is; Django's own test client sees to that."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def secret(db, kept_connection, monkeypatch) -> str:
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 7, 20))
    world = build_world()
    add_actions(world, 3)
    a_risk(world.strategy)
    return make_token(world.area, "schemathesis", by=world.people["board"], at=at(2026, 7, 1))


@described.parametrize()
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_schemathesis_finds_nothing(case, secret):
    case.call_and_validate(headers={"Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"})
