"""Promising in the browser: milestones and targets."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from kpis.models import Indicator, Target
from kpis.rating import KpiStatus
from kpis.reading import kpi_figures
from tests.board.keeping.typed import (
    promised,
    text_of,
)
from tests.world import at


def test_the_trajectory_stands_above_the_form(as_, world):
    text = text_of(as_("officer").get(world.address("board:target-add")))
    for words in ("Baseline", "61.2%", "From 1 January 2025 until the next", "70%", "64.8%", "Behind"):
        assert words in text


def test_an_officer_adds_a_milestone(as_, world):
    response = as_("officer").post(world.address("board:target-add"), promised(), follow=True)
    assert "Milestone saved: 80%, from 1 January 2027 to 31 December 2027." in text_of(response)
    target = world.kpi.targets.get(number=2)
    assert (target.kind, target.value, target.period_end) == ("milestone", 80, date(2027, 12, 31))


def test_a_promise_may_be_words_alone(as_, world):
    words = {"kind": "standing", "value": "", "as_written": "in line with England"}
    assert (
        as_("officer")
        .post(world.address("board:target-add"), promised(**words, period_end_0="", period_end_1="", period_end_2=""))
        .status_code
        == 302
    )
    assert world.kpi.targets.get(number=2).as_written == "in line with England"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "standing"}, "period_end"),
        ({"period_end_0": "", "period_end_1": "", "period_end_2": ""}, "period_end"),
        ({"period_end_2": "2026"}, "period_end"),
        ({"period_start_0": "31", "period_start_1": "2"}, "period_start"),
        ({"period_start_0": "", "period_start_1": "", "period_start_2": ""}, "period_start"),
        ({"value": ""}, "value"),
        ({"value": "12/3"}, "value"),
        ({"value": "9" * 400}, "value"),
        ({"as_written": "x" * 100_000}, "as_written"),
        ({"as_written": "in\x00line"}, "as_written"),
    ],
)
def test_a_promise_that_cannot_be_is_told_by_its_field(as_, world, fields, field):
    response = as_("officer").post(world.address("board:target-add"), promised(**fields))
    assert response.status_code == 200
    assert response.context["form"].errors[field]
    assert world.kpi.targets.count() == 1


def test_two_who_promise_at_once_see_both(as_, world):
    Target.objects.create(
        kpi=world.kpi, number=2, recorded_at=at(2027, 1, 9), recorded_by=world.people["lead"], period_start=date(2027, 1, 1),
        value=Decimal(85),
    )  # fmt: skip
    response = as_("officer").post(world.address("board:target-add"), promised())
    assert response.status_code == 409
    assert "added this while you were writing" in text_of(response)
    assert "85%" in text_of(response)
    assert 'value="80%"' in text_of(response)
    assert as_("officer").post(world.address("board:target-add"), promised(seen_number=2)).status_code == 302
    assert world.kpi.targets.count() == 3


def test_context_is_said_to_have_no_target(as_, world):
    Indicator.objects.update(polarity="contextual")
    text = text_of(as_("officer").get(world.address("board:target-add")))
    assert "Add a milestone or a target" not in text
    response = as_("officer").post(world.address("board:target-add"), promised())
    assert "This figure is context" in text_of(response)
    assert world.kpi.targets.count() == 1


def test_a_target_that_was_wrong_is_withdrawn_by_a_further_row_in_words_and_the_past_still_shows_it(as_, world):
    address = world.address("board:target-add")
    client = as_("officer")
    seen = client.get(address).context["form"]["seen_number"].value()
    said = {"kind": "standing", "period_start_0": "1", "period_start_1": "1", "period_start_2": "2025"}
    client.post(address, {**said, "value": "", "as_written": "Withdrawn: typed for another KPI", "seen_number": seen})
    assert [str(target.number) for target in world.kpi.targets.order_by("number")] == ["1", "2"]
    page = reverse("board:kpi", args=["northvale", world.kpi.indicator.code])
    assert "Withdrawn: typed for another KPI" in client.get(page).text
    [now] = kpi_figures(world.area, at(2027, 1, 11))
    [before] = kpi_figures(world.area, at(2027, 1, 9))
    assert (now.status, before.status) == (KpiStatus.NO_TARGET, KpiStatus.BEHIND)
