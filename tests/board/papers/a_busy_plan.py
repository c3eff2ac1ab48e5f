"""A plan as large as those of the demonstration: what exceptions-only papers must find room for on two sides."""

from datetime import date
from decimal import Decimal

from common.dates import last_day_of_month
from kpis.models import Indicator, Kpi, Measurement, Target
from priorities.models import Priority
from tests.board.papers.orders import another_action
from tests.world import World, at

PRIORITY = "Early identification, assessment and effective planning are in place, so that no child of any age is missed"
ACTION = (
    "Agree and publish clear pathways between children's and adult services, so that young people and families have a "
    "smooth transition into the services that they need and know who does what where they do not meet a threshold"
)
ASK = "Agree that the vacant post may be filled, or say which other work should wait"


def make_busy(world: World) -> World:
    for number in range(2, 8):
        Priority.objects.create(strategy=world.strategy, ref=str(number), title=PRIORITY, position=number)
    for number in range(2, 40):
        letter = "RAG"[number % 3]
        ask = {"escalate_to": "board", "ask": ASK} if number in (3, 6, 9) else {}
        another_action(world, number, title=ACTION, status=letter, **ask)
    for number in range(1, 9):
        a_kpi(world, number)
    return world


def a_kpi(world: World, number: int) -> Kpi:
    """Fourteen months, a target, and so a control chart."""
    indicator = Indicator.objects.create(
        code=f"advice-{number}", title="Health advice for EHC needs assessments given within 6 weeks", unit="percent",
        decimals=1, polarity="higher", frequency="monthly",
    )  # fmt: skip
    kpi = Kpi.objects.create(area=world.area, indicator=indicator, is_headline=True, position=number)
    for back in range(14):
        year, month = divmod(2025 * 12 + 3 + back, 12)
        start = date(year, month + 1, 1)
        Measurement.objects.create(
            indicator=indicator, area=world.area, number=1, recorded_at=at(2026, 6, 20), period_start=start,
            period_end=last_day_of_month(start), value=Decimal(60 + back % 5),
        )  # fmt: skip
    Target.objects.create(
        kpi=kpi, number=1, recorded_at=at(2026, 1, 15), kind="milestone", period_start=date(2026, 5, 1),
        period_end=date(2026, 5, 31), value=Decimal(85),
    )  # fmt: skip
    return kpi
