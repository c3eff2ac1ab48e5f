"""Writing a figure down: what is refused, and what a second figure for the same period does."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from kpis.models import Measurement
from kpis.reading import kpi_figures
from kpis.recording import record_measurement
from tests.world import at, build_world

MARCH = {"period_start": date(2026, 3, 1), "period_end": date(2026, 3, 31)}


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def record(world):
    def make(moment=None, **given):
        given = {**MARCH, "by": world.people["officer"], **given}
        return record_measurement(world.kpi.indicator, world.area, at=moment or at(2026, 4, 10), **given)

    return make


def test_the_first_figure_of_a_period_is_number_one_and_keeps_who_when_and_what_was_given(record, world):
    row = record(value=Decimal("64.10"), period_label="March 2026")
    assert (row.number, row.recorded_at, row.recorded_by) == (1, at(2026, 4, 10), world.people["officer"])
    assert (row.value, row.raw, row.period_label) == (Decimal("64.10"), "64.10", "March 2026")


def test_a_second_figure_for_the_period_is_the_next_number_and_leaves_the_first_as_it_was(record):
    first = record(value=Decimal(64))
    second = record(at(2026, 5, 10), value=Decimal(66), reason="Late returns came in.")
    assert (first.number, second.number, second.reason) == (1, 2, "Late returns came in.")
    assert list(Measurement.objects.filter(**MARCH).order_by("number").values_list("value", flat=True)) == [64, 66]


def test_a_part_of_the_whole_and_a_forecast_are_numbered_for_themselves(record):
    record(value=Decimal(64))
    assert record(value=Decimal(50), breakdown="Early years").number == 1
    assert record(value=Decimal(70), state="forecast").number == 1


def test_another_area_s_figures_are_numbered_for_themselves(record, world):
    record(value=Decimal(64))
    row = record_measurement(
        world.kpi.indicator, world.other_area, **MARCH, by=None, at=at(2026, 4, 10), value=Decimal(9)
    )
    assert row.number == 1
    assert kpi_figures(world.area, at(2026, 5, 1))[0].latest.value == 64


def test_nought_is_a_figure_and_is_kept(record):
    assert record(value=Decimal(0)).value == 0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"value": None}, "value"),
        ({"value": Decimal(5), "missing": "suppressed"}, "missing"),
        ({"value": Decimal(5), "period_end": date(2026, 2, 28)}, "period_end"),
        ({"value": Decimal(5), "period_end": None}, "period_end"),
        ({"value": Decimal("NaN")}, "value"),
        ({"value": Decimal("Infinity")}, "value"),
        ({"value": Decimal("1e20")}, "value"),
        ({"value": Decimal("0.1234567")}, "value"),
        ({"value": "many"}, "value"),
        ({"missing": "lost"}, "missing"),
        ({"value": Decimal(5), "state": "guess"}, "state"),
        ({"value": Decimal(5), "qualifier": "roughly"}, "qualifier"),
        ({"as_written": "a" * 121}, "as_written"),
        ({"value": Decimal(5), "reason": "a" * 251}, "reason"),
        ({"value": Decimal(5), "breakdown": "a" * 121}, "breakdown"),
    ],
)
def test_what_cannot_stand_is_refused_by_its_field_and_nothing_is_kept(record, given, field):
    before = Measurement.objects.count()
    with pytest.raises(ValidationError) as refused:
        record(**given)
    assert list(refused.value.message_dict) == [field]
    assert Measurement.objects.count() == before


def test_two_people_at_once_get_a_message_and_not_an_error(record, monkeypatch):
    def taken(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(Measurement, "save", taken)
    with pytest.raises(ValidationError, match="Somebody else"):
        record(value=Decimal(5))
