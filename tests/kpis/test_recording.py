"""Writing a figure down: what is refused, and what a second figure for the same period does."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from kpis.appending import Conflict
from kpis.models import Commentary, Indicator, Measurement
from kpis.reading import kpi_figures
from kpis.recording import enter_figure, record_measurement
from people.models import User
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


# By hand: whoever enters a figure names the number they saw


def test_a_part_and_its_whole_are_kept_beside_the_percentage(record):
    row = record(value=Decimal("85.245902"), numerator=Decimal(52), denominator=Decimal(61), raw="85.2%")
    row.refresh_from_db()
    assert (row.numerator, row.denominator, row.raw) == (52, 61, "85.2%")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"value": Decimal(5), "numerator": Decimal(-1)}, "numerator"),
        ({"value": Decimal(5), "denominator": Decimal(0)}, "denominator"),
        ({"as_written": "almost\x00half"}, "as_written"),
        ({"value": Decimal(5), "reason": "late\x1breturns"}, "reason"),
    ],
)
def test_counts_below_nought_and_text_that_cannot_be_kept_are_refused_by_their_field(record, given, field):
    with pytest.raises(ValidationError) as refused:
        record(**given)
    assert list(refused.value.message_dict) == [field]


def test_a_restatement_by_hand_needs_a_reason(record):
    record(value=Decimal(64), seen_number=0)
    with pytest.raises(ValidationError, match="Say why the figure is restated"):
        record(at(2026, 5, 10), value=Decimal(66), seen_number=1, reason="  ")
    assert Measurement.objects.filter(**MARCH).count() == 1


def test_a_restatement_that_changes_nothing_is_refused(record):
    record(value=Decimal(64), seen_number=0)
    with pytest.raises(ValidationError, match="stands already"):
        record(at(2026, 5, 10), value=Decimal("64.0"), seen_number=1, reason="Again.")
    assert Measurement.objects.filter(**MARCH).count() == 1


def test_a_figure_that_came_in_meanwhile_is_a_conflict_and_both_are_kept_when_it_is_sent_again(record, world):
    theirs = record(value=Decimal(64), seen_number=0)
    mine = {"value": Decimal(66), "by": world.people["lead"], "reason": "Counted again."}
    with pytest.raises(Conflict) as conflict:
        record(at(2026, 4, 10, 13), seen_number=0, **mine)
    assert conflict.value.latest == theirs

    assert record(at(2026, 4, 10, 14), seen_number=1, **mine).number == 2


def test_the_same_figure_sent_twice_is_written_once_with_its_commentary(world):
    figure = {**MARCH, "value": Decimal(64), "seen_number": 0, "commentary": "Two posts are empty."}
    first, said = enter_figure(world.kpi, by=world.people["lead"], at=at(2026, 4, 10), **figure)
    again, _ = enter_figure(world.kpi, by=world.people["lead"], at=at(2026, 4, 10).replace(minute=3), **figure)
    assert again == first
    assert said.text == "Two posts are empty."
    assert Commentary.objects.count() == 1
    assert Measurement.objects.filter(**MARCH).count() == 1


def test_a_figure_and_its_commentary_are_kept_both_or_not_at_all(world):
    with pytest.raises(ValidationError, match="cannot be kept"):
        enter_figure(
            world.kpi, by=world.people["lead"], at=at(2026, 4, 10), **MARCH, value=Decimal(64), seen_number=0,
            commentary="Two\x00posts",
        )  # fmt: skip
    assert not Measurement.objects.filter(**MARCH).exists()
    assert not Commentary.objects.exists()


def test_a_demonstration_sign_in_writes_illustrative_figures_that_are_never_published(record):
    somebody = User.objects.create(email="demonstration@example.test", is_illustrative=True)
    row = record(value=Decimal(64), by=somebody)
    assert (row.is_illustrative, row.is_published) == (True, False)


def test_a_figure_of_an_illustrative_definition_goes_with_it_whoever_enters_it(world):
    made_up = Indicator.objects.create(
        code="made-up", title="Made up", unit="count", polarity="higher", is_illustrative=True
    )
    row = record_measurement(
        made_up, world.area, **MARCH, by=world.people["officer"], at=at(2026, 4, 10), value=Decimal(9)
    )
    assert row.is_illustrative
