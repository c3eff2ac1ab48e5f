"""What every page keeps to on which KPIs are kept: no past, no other area, nothing typed is lost, few queries."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpis.models import Commentary, Indicator, Measurement, Rebase, Target
from people.models import Lead, User
from strategies.models import SourceDocument
from tests.board.keeping.typed import Y2025, defined, figure, promised, text_of
from tests.world import BACKEND, at

PAGES = [
    "board:kpi-add",
    "board:kpi-edit",
    "board:measurement-add",
    "board:target-add",
    "board:commentary-add",
    "board:rebase",
]


@pytest.mark.parametrize("name", ["board:commentary-add", "board:rebase"])
def test_without_a_figure_the_page_says_what_to_do_first(as_, world, name):
    Measurement.objects.all()._raw_delete("default")
    assert "Enter the first figure" in text_of(as_("officer").get(world.address(name)))
    assert as_("officer").post(world.address(name), {"period": Y2025, "text": "a", "reason": "a"}).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_the_past_offers_no_keeping(as_, world, name):
    assert as_("officer").get(world.address(name), {"as_at": "2026-03-01"}).status_code == 404


@pytest.mark.parametrize("name", [name for name in PAGES if name != "board:kpi-add"])
def test_a_kpi_that_there_is_not_is_a_404(as_, world, name):
    for code in ("unheard", "x" * 300):
        assert as_("officer").get(reverse(name, args=["northvale", code])).status_code == 404
    assert as_("officer").get(reverse(name, args=["northvale", "code"]).replace("code", "%00")).status_code == 404


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("board:measurement-add", figure(value="71", commentary="What I typed.")),
        ("board:target-add", promised(as_written="What I typed.")),
        ("board:commentary-add", {"period": Y2025, "text": "What I typed."}),
        ("board:rebase", {"period": Y2025, "reason": "What I typed."}),
        ("board:kpi-edit", {"tolerance": "What I typed."}),
    ],
)
def test_what_was_typed_when_the_session_ran_out_comes_back_unsent(client, world, name, sent):
    before = [model.objects.count() for model in (Measurement, Target, Commentary, Rebase)]
    assert client.post(world.address(name), sent).status_code == 302
    client.force_login(world.people["officer"], backend=BACKEND)
    text = text_of(client.get(world.address(name)))
    assert "Your session had run out." in text
    assert "What I typed." in text
    assert [model.objects.count() for model in (Measurement, Target, Commentary, Rebase)] == before


def test_a_new_definition_typed_when_the_session_ran_out_comes_back(client, world):
    address = world.address("board:kpi-add") + "?new=1"
    client.post(address, defined(title="What I typed."))
    client.force_login(world.people["officer"], backend=BACKEND)
    assert "What I typed." in text_of(client.get(address))


def test_what_was_typed_is_not_shown_to_who_may_not_open_the_page(client, world):
    client.post(world.address("board:rebase"), {"period": Y2025, "reason": "What I typed."})
    client.force_login(world.people["board"], backend=BACKEND)
    response = client.get(world.address("board:rebase"))
    assert response.status_code == 403
    assert "What I typed." not in text_of(response)


def queries(client, address) -> int:
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(address).status_code == 200
    return len(found)


@pytest.mark.parametrize("name", PAGES)
def test_queries_do_not_grow_with_what_is_held(as_, world, name):
    client, address = as_("officer"), world.address(name)
    Indicator.objects.create(code="i", title="I", unit="count", polarity="higher")
    client.get(address)
    few = queries(client, address)
    document = SourceDocument.objects.get()
    for n in range(20):
        Indicator.objects.create(code=f"i{n}", title=f"I{n}", unit="count", polarity="higher")
        Measurement.objects.create(
            indicator=world.kpi.indicator, area=world.area, number=1, recorded_at=at(2026, 1, 15), source=document,
            period_start=date(2000 + n, 1, 1), period_end=date(2000 + n, 12, 31), value=Decimal(50), recorded_by=world.people["lead"],
        )  # fmt: skip
        by = {"recorded_at": at(2026, 1, 15), "recorded_by": world.people["lead"]}
        Target.objects.create(kpi=world.kpi, number=n + 2, period_start=date(2000 + n, 1, 1), value=Decimal(70), **by)
        Commentary.objects.create(kpi=world.kpi, number=n + 1, period_end=date(2000 + n, 12, 31), text="Known.", **by)
        Rebase.objects.create(kpi=world.kpi, number=n + 1, from_period=date(2000 + n, 1, 1), reason="Known.", **by)
        Lead.objects.create(area=world.area, name=f"Lead {n}", user=User.objects.create(email=f"l{n}@example.test"))
        world.kpi.tolerance = Decimal(n + 6)
        world.kpi.save()
    assert queries(client, address) <= few + (1 if name == "board:kpi-edit" else 0)  # names of owners that were
    assert few <= (20 if name == "board:kpi-edit" else 15)


def test_an_owner_finds_from_my_work_where_several_figures_are_brought_in_at_once(as_, world):
    client = as_("lead")
    address = "/northvale/kpis/import/figures/"
    assert f'href="{address}"' in client.get("/my/").text
    assert client.get(address).status_code == 200
    assert address not in as_("board").get("/my/").text
