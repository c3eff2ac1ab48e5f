"""Which database a page asks, and a page that the replica broke off in the middle of."""

from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from people.models import AuditEntry, Lead, Membership, User
from send_tracker.replicas import ReplicaMiddleware, ReplicaRouter, reading_the_replica
from strategies.models import DataVersion
from workstrands.models import Action


@pytest.fixture
def router():
    return ReplicaRouter()


def test_without_a_replica_being_read_everything_is_asked_of_the_primary(router):
    assert {router.db_for_read(model) for model in (Action, Lead, User)} == {"default"}


@pytest.mark.parametrize(("model", "database"), [
    (Action, "replica"), (Lead, "replica"), (User, "default"), (Membership, "default"), (AuditEntry, "default"),
])  # fmt: skip
def test_who_may_do_what_is_always_asked_of_the_primary(router, model, database):
    with reading_the_replica():
        assert router.db_for_read(model) == database
        assert router.db_for_write(model) == "default"
    assert router.db_for_read(model) == "default"


def test_the_replica_gets_its_tables_from_the_primary(router):
    assert router.allow_migrate("default", "board")
    assert not router.allow_migrate("replica", "board")


def page_of(view):
    request = RequestFactory().get("/")
    request.resolver_match = (view, (), {})
    return request


@pytest.fixture
def middleware(monkeypatch):
    closed = []
    monkeypatch.setattr(
        "send_tracker.replicas.connections", {"replica": SimpleNamespace(close=lambda: closed.append(True))}
    )
    made = ReplicaMiddleware(lambda request: HttpResponse())
    made.closed = closed
    return made


def test_a_page_that_the_replica_broke_off_is_made_once_more_by_the_primary(middleware, router):
    asked = []

    def view(request):
        asked.append(router.db_for_read(Action))
        return HttpResponse("whole")

    with reading_the_replica():
        response = middleware.process_exception(page_of(view), OperationalError("canceling statement due to conflict"))

    assert (response.content, asked, middleware.closed) == (b"whole", ["default"], [True])


def test_an_error_that_is_not_the_replica_s_is_left_to_others(middleware):
    with reading_the_replica():
        assert middleware.process_exception(page_of(None), ValueError()) is None
    assert middleware.process_exception(page_of(None), OperationalError()) is None


@pytest.mark.parametrize(("held", "is_asked"), [
    ({1: 5, 2: 9}, True), ({1: 7, 2: 9}, True), ({1: 4, 2: 9}, False), ({1: 99, 2: 8}, False),
])  # fmt: skip
def test_a_replica_that_lacks_a_write_of_any_of_somebodys_areas_is_not_asked(middleware, monkeypatch, held, is_asked):
    memberships = [SimpleNamespace(area_id=1, data_version=5), SimpleNamespace(area_id=2, data_version=9)]
    monkeypatch.setattr("send_tracker.replicas.memberships_of", lambda user: memberships)
    monkeypatch.setattr(DataVersion, "of", lambda areas, using: held if (areas, using) == ([1, 2], "replica") else None)
    request = RequestFactory().get("/")
    request.user = SimpleNamespace(is_authenticated=True)

    assert middleware.holds_all_that(request) is is_asked
