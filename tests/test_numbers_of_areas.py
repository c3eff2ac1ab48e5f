"""A write in one area leaves the kept pages of all others. What that rests on is tried here: what counts for one area alone
changes rows of that area alone, of tables of which no page of another area shows a row.

Forms are taken from the pages as a browser reads them, so that a new form is tried without being named here.
"""

import random
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.urls import reverse

from board.api.resources import RESOURCES
from kpis.models import Measurement, Target
from people.access_tokens import make_token
from strategies.changes import APPS, SHOWN_NOWHERE_ELSE, _Move, is_of_one_area
from strategies.models import Area
from strategies.models.versions import ALL_AREAS
from tests.hostile.forms import Form, filled_in
from tests.strategies.of_one_area import rows_elsewhere, rows_under, tables_of_one_area
from tests.test_id_swaps import DAYS, SEED, forms_for, pages_of, send
from tests.world import BACKEND, World, at

pytestmark = pytest.mark.requests

# How many addresses must have been written to, at least, under the number of the area alone: otherwise little was tried.
AT_LEAST = {"officer": 40, "lead": 5, "administrator": 0, "families": 2}
FILLINGS = 2  # of each form
TYPED_FIGURE = Measurement._meta.db_table  # stands in no publication
NOTED_ONLY = {*SHOWN_NOWHERE_ELSE, "people_user", "people_accesstoken"}  # that somebody came, or used it
HOLDS_THE_CLOCK = {"board:figures-template", "board:plan-template"}  # workbooks say when they were made
DIFFERS_EACH_TIME = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|"generated_at": ?"[^"]+"')


@pytest.fixture
def world(two_areas, db, monkeypatch) -> World:
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 4, 1))
    return two_areas


# What forms write


def written(client, form: Form, sent: list[tuple[str, str]]) -> tuple[set[int], set[str]]:
    """The numbers that the commit would move, and the product's tables that were written to."""
    connection.run_on_commit = []
    response, tables = send(client, form, sent)
    assert response.status_code != 500, form.address
    moved = {waiting[1].area for waiting in connection.run_on_commit if isinstance(waiting[1], _Move)}
    return moved, {table for table in tables if table.startswith(APPS) and table not in NOTED_ONLY}


@dataclass
class Rows:
    """What lay in the product's tables before anything was sent: all of it, and what is not of the area."""

    area: Area

    def __post_init__(self):
        found = apps.get_models(include_auto_created=True)
        self.models = {model._meta.db_table: model for model in found if model._meta.db_table.startswith(APPS)}
        self.all = {table: rows_of(model) for table, model in self.models.items()}
        certain = [*tables_of_one_area(), Measurement]
        self.of_others = {model._meta.db_table: rows_elsewhere(model, self.area) for model in certain}
        self.published = self.published_now()

    def are_as_before(self, tables: set[str]) -> bool:
        return all(rows_of(self.models[table]) == self.all[table] for table in tables)

    def of_others_are_as_before(self, tables: set[str]) -> bool:
        return self.published == self.published_now() and all(
            rows_elsewhere(self.models[table], self.area) == self.of_others[table] for table in tables
        )

    @staticmethod
    def published_now() -> list[tuple]:
        return rows_of(Measurement, is_published=True)


def rows_of(model, **only) -> list[tuple]:
    return list(model._base_manager.filter(**only).order_by("pk").values_list())


@pytest.mark.parametrize("person", AT_LEAST)
def test_whatever_a_form_writes_moves_a_number_and_that_of_the_area_alone_only_for_its_own_rows(client, world, person):
    client.force_login(world.people[person], backend=BACKEND)
    dice, narrow = random.Random(SEED), set()
    forms = [
        form for form in forms_for(client, world, person) if form.method == "post" and "logout" not in form.address
    ]
    rows = Rows(world.area)
    for form in forms:
        for number in range(FILLINGS):
            sent = filled_in(form, dice, day=DAYS[number], text="Something is said here.")
            with transaction.atomic():
                moved, tables = written(client, form, sent)
                if moved == {world.area.pk}:
                    narrow.add(form.address)
                    assert all(is_of_one_area(table) for table in tables - {TYPED_FIGURE}), (form.address, tables)
                    assert rows.of_others_are_as_before(tables), (form.address, tables)
                elif not moved:
                    assert rows.are_as_before(tables), (form.address, tables)
                else:
                    assert ALL_AREAS in moved, form.address
                transaction.set_rollback(True)
    assert len(narrow) >= AT_LEAST[person], sorted(narrow)


# What pages show


def shown(client, world: World, person: str) -> dict[str, str]:
    """Every page that the person may open, as it reads now, and every answer to a program."""
    client.force_login(world.people[person], backend=BACKEND)
    with transaction.atomic():
        found = {name: client.get(world.address(name)) for name in pages_of(person) if name not in HOLDS_THE_CLOCK}
        token = make_token(world.area, "Dashboard", by=world.people[person], at=at(2026, 4, 1))
        found |= {
            resource: client.get(
                reverse("board:api", args=[world.area.slug, f"{resource}/"]),
                headers={"Authorization": f"Bearer {token}"},
            )
            for resource in RESOURCES
        }
        texts = {name: DIFFERS_EACH_TIME.sub("", body_of(response)) for name, response in found.items()}
        transaction.set_rollback(True)
    return texts


def body_of(response) -> str:
    assert response.status_code in (200, 302), response.status_code
    return b"".join(response).decode("latin-1")


def publish(world: World, place, value: str) -> Measurement:
    """A figure that every area is compared with."""
    return Measurement.objects.create(
        indicator=world.kpi.indicator, area=place, number=9, recorded_at=at(2026, 1, 20), period_start=date(2025, 1, 1),
        period_end=date(2025, 12, 31), period_label="2025", value=Decimal(value), is_published=True,
    )  # fmt: skip


def differing(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize("person", ["officer", "board"])
def test_no_page_of_an_area_shows_whether_another_area_has_any_row_of_such_a_table(client, world, person):
    publish(world, world.area, "64.8")
    of_all_areas = publish(world, world.other_area, "71.3")
    before = shown(client, world, person)
    assert differing(before, shown(client, world, person)) == set(), "the pages are the same ones twice"
    with transaction.atomic():
        gone = {
            model: list(rows_under(model, world.other_area).values_list("pk", flat=True))
            for model in tables_of_one_area()
        }
        for model, keys in gone.items():
            model._base_manager.filter(pk__in=keys)._raw_delete(using="default")
        after = shown(client, world, person)
        transaction.set_rollback(True)
    assert sum(len(keys) > 0 for keys in gone.values()) > 30, "the other area has records of most kinds"
    assert differing(before, after) == set()
    with transaction.atomic():
        Measurement._base_manager.filter(pk=of_all_areas.pk)._raw_delete(using="default")
        assert "board:kpi-compare" in differing(before, shown(client, world, person)), "what all areas share is seen"
        Target._base_manager.filter(kpi=world.kpi)._raw_delete(using="default")
        assert "board:kpis" in differing(before, shown(client, world, person)), "and so are its own rows"
        transaction.set_rollback(True)
