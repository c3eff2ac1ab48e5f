"""Promises, new limits and commentary: dated rows, each kept beside the ones before; and the trajectory they make."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from kpis.appending import Conflict
from kpis.models import Commentary, Measurement, Rebase, Target
from kpis.promising import comment, promise, rebase
from kpis.rating import KpiStatus
from kpis.reading import kpi_figures
from kpis.trajectory import trajectory
from people.models import User
from tests.world import at, build_world

YEAR = {"period_start": date(2026, 1, 1), "period_end": date(2026, 12, 31)}


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def officer(world):
    return world.people["officer"]


# Promises


def test_a_milestone_is_the_next_row_and_the_target_before_it_stays(world, officer):
    row = promise(world.kpi, kind="milestone", **YEAR, value=Decimal(75), by=officer, at=at(2026, 3, 10), seen_number=1)
    assert (row.number, row.recorded_by, row.recorded_at) == (2, officer, at(2026, 3, 10))
    assert list(world.kpi.targets.order_by("number").values_list("value", flat=True)) == [70, 75]


def test_a_promise_may_be_words_alone(world, officer):
    row = promise(
        world.kpi,
        kind="standing",
        period_start=date(2027, 1, 1),
        as_written=" in line with England ",
        by=officer,
        at=at(2026, 3, 10),
    )
    assert (row.value, row.as_written) == (None, "in line with England")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "milestone", "period_start": date(2026, 1, 1), "value": Decimal(75)}, "period_end"),
        (
            {
                "kind": "milestone",
                "period_start": date(2026, 1, 1),
                "period_end": date(2025, 12, 31),
                "value": Decimal(7),
            },
            "period_end",
        ),
        ({"kind": "standing", "period_start": date(2026, 1, 1)}, "value"),
        ({"kind": "standing", "period_start": date(2026, 1, 1), "as_written": "   "}, "value"),
        ({"kind": "standing", "period_start": date(2026, 1, 1), "as_written": "a" * 121}, "as_written"),
        ({"kind": "standing", "period_start": date(2026, 1, 1), "as_written": "in\x00line"}, "as_written"),
        ({"kind": "wish", "period_start": date(2026, 1, 1), "value": Decimal(75)}, "kind"),
        ({"kind": "standing", "period_start": date(2026, 1, 1), "value": Decimal("NaN")}, "value"),
    ],
)
def test_a_promise_that_cannot_stand_is_refused_by_its_field(world, officer, given, field):
    with pytest.raises(ValidationError) as refused:
        promise(world.kpi, **given, by=officer, at=at(2026, 3, 10))
    assert list(refused.value.message_dict) == [field]
    assert world.kpi.targets.count() == 1


def test_context_has_no_target(world, officer):
    world.kpi.indicator.polarity = "contextual"
    world.kpi.indicator.save()
    with pytest.raises(ValidationError, match="context"):
        promise(
            world.kpi, kind="standing", period_start=date(2026, 1, 1), value=Decimal(5), by=officer, at=at(2026, 3, 10)
        )


def test_two_who_promise_at_once_lose_nothing(world, officer):
    mine = {"kind": "standing", "period_start": date(2027, 1, 1), "value": Decimal(80), "seen_number": 1}
    promise(world.kpi, **mine | {"value": Decimal(85)}, by=world.people["lead"], at=at(2026, 3, 10))
    with pytest.raises(Conflict) as conflict:
        promise(world.kpi, **mine, by=officer, at=at(2026, 3, 10))
    assert conflict.value.latest.value == 85
    assert promise(world.kpi, **mine | {"seen_number": 2}, by=officer, at=at(2026, 3, 10)).number == 3


def test_the_same_promise_sent_twice_is_written_once(world, officer):
    given = {"kind": "standing", "period_start": date(2027, 1, 1), "value": Decimal(80), "seen_number": 1}
    for minute in (0, 4):
        promise(world.kpi, **given, by=officer, at=at(2026, 3, 10).replace(minute=minute))
    assert world.kpi.targets.count() == 2


def test_what_a_demonstration_sign_in_promises_is_illustrative(world):
    somebody = User.objects.create(email="demonstration@example.test", is_illustrative=True)
    assert promise(
        world.kpi, kind="standing", period_start=date(2027, 1, 1), value=Decimal(80), by=somebody, at=at(2026, 3, 10)
    ).is_illustrative


# New limits


def test_limits_are_set_anew_from_a_period_that_has_a_figure(world, officer):
    row = rebase(
        world.kpi, from_period=date(2025, 1, 1), reason="A new team.", by=officer, at=at(2026, 3, 10), seen_number=0
    )
    assert (row.number, row.reason, row.from_period) == (1, "A new team.", date(2025, 1, 1))


@pytest.mark.parametrize(
    ("from_period", "reason", "field"),
    [
        (date(2026, 1, 1), "A new team.", "from_period"),
        (date(2025, 12, 31), "A new team.", "from_period"),
        (date(2025, 1, 1), "  ", "reason"),
        (date(2025, 1, 1), "a" * 251, "reason"),
        (date(2025, 1, 1), "a\x00b", "reason"),
    ],
)
def test_limits_need_a_figure_to_start_from_and_a_reason(world, officer, from_period, reason, field):
    with pytest.raises(ValidationError) as refused:
        rebase(world.kpi, from_period=from_period, reason=reason, by=officer, at=at(2026, 3, 10))
    assert list(refused.value.message_dict) == [field]
    assert not Rebase.objects.exists()


def test_a_forecast_is_no_figure_to_set_limits_from(world, officer):
    Measurement.objects.create(
        indicator=world.kpi.indicator, area=world.area, number=1, recorded_at=at(2026, 1, 15), **YEAR, value=Decimal(70),
        state="forecast",
    )  # fmt: skip
    with pytest.raises(ValidationError, match="has a figure"):
        rebase(world.kpi, from_period=date(2026, 1, 1), reason="Hope.", by=officer, at=at(2026, 3, 10))


# Commentary


def test_commentary_is_kept_with_its_figure_and_who_said_it(world, officer):
    row = comment(
        world.kpi, period_end=date(2025, 12, 31), text=" Two posts\r\nare empty. ", by=officer, at=at(2026, 3, 10)
    )
    assert (row.number, row.text, row.recorded_by) == (1, "Two posts\nare empty.", officer)


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 100_000, "two\x00posts", "two\x1bposts"])
def test_commentary_that_says_nothing_or_cannot_be_kept_is_refused(world, officer, text):
    with pytest.raises(ValidationError) as refused:
        comment(world.kpi, period_end=date(2025, 12, 31), text=text, by=officer, at=at(2026, 3, 10))
    assert list(refused.value.message_dict) == ["text"]
    assert not Commentary.objects.exists()


# The trajectory


def rows_of(world, moment=None):
    [figure] = kpi_figures(world.area, moment or at(2026, 3, 10), whole_history=True)
    return trajectory(figure, Target.objects.filter(kpi=world.kpi).select_related("recorded_by"))


def test_the_baseline_stands_before_the_first_promise(world):
    baseline, target = rows_of(world)
    assert (baseline.period, baseline.measured, baseline.measured_period) == ("Baseline", "61.2%", "2024")
    assert baseline.status_words == "Where it started"
    assert (target.period, target.promised, target.measured) == ("From 1 January 2025 until the next", "70%", "64.8%")
    assert target.status == KpiStatus.BEHIND


def test_a_milestone_is_held_against_its_own_period_and_what_is_to_come_against_nothing(world, officer):
    promise(world.kpi, kind="milestone", period_start=date(2025, 1, 1), period_end=date(2025, 12, 31), value=Decimal(64),
            by=officer, at=at(2026, 3, 1))  # fmt: skip
    promise(world.kpi, kind="milestone", period_start=date(2027, 1, 1), period_end=date(2027, 12, 31), value=Decimal(90),
            by=officer, at=at(2026, 3, 1))  # fmt: skip
    found = {row.period: row for row in rows_of(world)}
    assert (found["2025"].measured, found["2025"].status) == ("64.8%", KpiStatus.ON_TRAJECTORY)
    assert (found["2027"].measured, found["2027"].status) == ("", KpiStatus.NOT_YET_DUE)


def test_a_promise_for_the_same_time_replaces_the_one_before_which_stays_to_be_read(world, officer):
    promise(world.kpi, kind="standing", period_start=date(2025, 1, 1), value=Decimal(60), by=officer, at=at(2026, 3, 1))
    _, before, now = rows_of(world)
    assert (before.promised, before.status_words, before.measured) == ("70%", "Replaced on 1 March 2026", "")
    assert (now.promised, now.status) == ("60%", KpiStatus.MET)


def test_a_standing_target_is_held_against_figures_up_to_the_next_one(world, officer):
    promise(world.kpi, kind="standing", period_start=date(2026, 1, 1), value=Decimal(90), by=officer, at=at(2026, 3, 1))
    _, first, second = rows_of(world)
    assert (first.measured_period, second.measured_period) == ("2025", "")
    assert second.status == KpiStatus.NO_DATA


def test_a_promise_in_words_has_no_status_to_be_met(world, officer):
    promise(world.kpi, kind="milestone", period_start=date(2025, 1, 1), period_end=date(2025, 12, 31),
            as_written="in line with England", by=officer, at=at(2026, 3, 1))  # fmt: skip
    row = next(row for row in rows_of(world) if row.period == "2025")
    assert (row.promised, row.status) == ("“in line with England”", KpiStatus.NO_TARGET)


def test_without_a_promise_there_is_no_trajectory(world):
    [figure] = kpi_figures(world.area, at(2026, 3, 10))
    assert trajectory(figure, []) == []
