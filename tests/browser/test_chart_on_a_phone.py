"""The chart of a KPI where there is little room for words."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from kpis.models import Measurement
from tests.world import at, build_world

PERIODS = [date(2026, month, 1) for month in range(1, 10)]


@pytest.fixture
def world(transactional_db):
    return build_world()


def measure(world, starts: date) -> None:
    Measurement.objects.create(
        indicator=world.kpi.indicator, area=world.area, number=1, recorded_at=at(2026, 10, 15), value=Decimal(60),
        period_start=starts, period_end=(starts + timedelta(days=31)).replace(day=1) - timedelta(days=1),
        period_label=f"{starts:%B %Y}",
    )  # fmt: skip


def test_the_last_period_is_named_and_all_of_its_name_is_seen(page, live_server, signed_in, world):
    Measurement.objects.filter(indicator=world.kpi.indicator, area=world.area).delete()
    for starts in PERIODS:
        measure(world, starts)
    signed_in(world.people["board"])
    page.set_viewport_size({"width": 375, "height": 900})
    page.goto(live_server.url + world.address("board:kpi"))
    name = page.locator(".xtick text", has_text="September 2026")
    name.wait_for()
    box, chart = name.bounding_box(), page.locator(".js-plotly-plot .main-svg").first.bounding_box()
    assert box["x"] + box["width"] <= chart["x"] + chart["width"]
