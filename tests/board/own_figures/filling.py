"""The template filled in, sent, rehearsed and brought in."""

import re
from datetime import date
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile

from kpis.models import Indicator, Kpi, Measurement
from tests.board.plan_import.files import a_csv
from tests.world import at

PAGE = "/northvale/kpis/import/figures/"
TEMPLATE = "/northvale/kpis/import/template/"
TITLE = "EHC plans issued within 20 weeks"
HEAD = ["KPI", "Period", "Figure", "Numerator", "Denominator", "Missing because", "Reason of a restatement", "What explains the figure"]  # fmt: skip
Y2026 = date(2026, 12, 31)


def another_kpi(world, **more) -> Kpi:
    said = {
        "code": "new-requests",
        "title": "New requests",
        "unit": "count",
        "polarity": "contextual",
        "frequency": "monthly",
    }
    kpi = Kpi.objects.create(area=world.area, indicator=Indicator.objects.create(**said | more))
    Measurement.objects.create(
        indicator=kpi.indicator, area=world.area, number=1, recorded_at=at(2026, 12, 1), period_start=date(2026, 11, 1),
        period_end=date(2026, 11, 30), period_label="November 2026", value=Decimal(40),
    )  # fmt: skip
    return kpi


def sent(client, rows, *, head=HEAD, name="figures.csv"):
    content = rows if isinstance(rows, bytes) else a_csv([head, *rows])
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content)})


def rehearsed(client, rows, **more) -> tuple[str, str]:
    response = sent(client, rows, **more)
    assert response.status_code == 302, text_of(response)
    return response["Location"], text_of(client.get(response["Location"]))


def confirm(client, address: str, **ticks):
    seen = re.search(r'name="seen" value="(\w+)"', client.get(address).text)[1]
    return client.post(address, {"seen": seen, "deed": "confirm", **ticks}, follow=True)


def brought_in(client, rows, **ticks):
    address, _ = rehearsed(client, rows)
    return confirm(client, address, **ticks)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def held(**fields):
    return Measurement.objects.filter(**fields).order_by("number").last()
