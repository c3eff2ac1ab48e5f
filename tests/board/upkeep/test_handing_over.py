"""What a lead answers for goes over to another, one by one or all at once; and a lead has left."""

from datetime import date

import pytest

from board.models import Risk
from board.upkeep.handing_over import held_by
from people.models import Lead
from tests.board.upkeep.test_upkeep_pages import seen_in, words
from tests.world import a_risk, at
from workstrands.models import Placement, WorkStrand
from workstrands.standing import standings


@pytest.fixture
def everything(world):
    """The lead leads the action and the strand, owns the priority, the KPI and a risk."""
    WorkStrand.objects.update(lead=world.lead)
    world.priority.sros.add(world.lead)
    a_risk(world.strategy)
    Risk.objects.update(owner=world.lead)
    return world


@pytest.fixture
def to(world):
    return Lead.objects.create(area=world.area, name="Designated clinical officer")


def sent(client, address, **more) -> dict:
    form = client.get(address).context["form"]
    return seen_in(client, address) | {"keys": list(form["keys"].value())} | more


def test_the_page_lists_everything_that_a_lead_answers_for(everything, as_, page):
    shown = words(as_("officer").get(page("lead-hand-over", everything.lead.pk, plan=False)))
    for each in (
        "Publish the pathway",
        "Early years",
        "Timely plans",
        "EHC plans issued",
        "Too few educational psychologists",
    ):
        assert each in shown


def test_all_of_it_goes_over_at_once_and_the_lead_has_left(everything, as_, page, to):
    client, address = as_("officer"), page("lead-hand-over", everything.lead.pk, plan=False)
    left = {"left_on_0": "31", "left_on_1": "5", "left_on_2": "2026"}
    response = client.post(address, sent(client, address, to=to.pk, **left), follow=True)
    assert "five things went over to Designated clinical officer" in words(response)
    assert held_by(everything.lead).holdings == []
    assert len(held_by(to).holdings) == 5
    everything.lead.refresh_from_db()
    assert everything.lead.left_on == date(2026, 5, 31)


def test_past_views_still_name_whoever_led_it_then(everything, as_, page, to):
    client, address = as_("officer"), page("lead-hand-over", everything.lead.pk, plan=False)
    client.post(address, sent(client, address, to=to.pk))
    assert standings(everything.strategy, at(2026, 6, 2))[0].lead == "Designated clinical officer"
    assert standings(everything.strategy, at(2026, 5, 31))[0].lead == "Head of SEND"
    assert Placement.objects.get(number=2).objective == everything.objective


def test_what_is_not_ticked_stays(everything, as_, page, to):
    client, address = as_("officer"), page("lead-hand-over", everything.lead.pk, plan=False)
    client.post(address, sent(client, address, to=to.pk) | {"keys": [f"kpi-{everything.kpi.pk}"]})
    everything.kpi.refresh_from_db()
    assert everything.kpi.owner == to
    assert len(held_by(everything.lead).holdings) == 4


def test_all_of_it_can_be_left_to_nobody_for_now(everything, as_, page, to):
    client, address = as_("officer"), page("lead-hand-over", everything.lead.pk, plan=False)
    response = client.post(address, sent(client, address, to="nobody"), follow=True)
    everything.kpi.refresh_from_db()

    assert "went over to nobody for now" in words(response)
    assert held_by(everything.lead).holdings == []
    assert everything.kpi.owner is None
    assert Placement.objects.get(number=2).lead is None


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"to": ""}, "Choose who takes it on, or that nobody does."),
        ({"keys": []}, "Tick what is handed over, or give the day on which they left."),
        ({"keys": ["action-999"]}, "not in use any more"),
        ({"left_on_0": "31", "left_on_1": "2", "left_on_2": "2026"}, "there is no 31 February 2026"),
    ],
)
def test_what_is_amiss_is_said_and_nothing_goes_over(everything, as_, page, to, more, message):
    client, address = as_("officer"), page("lead-hand-over", everything.lead.pk, plan=False)
    response = client.post(address, sent(client, address, to=to.pk) | more)
    assert message in words(response)
    assert Placement.objects.count() == 1


def test_what_came_to_a_lead_meanwhile_is_shown_before_anything_goes_over(everything, as_, page, to):
    client, address = as_("officer"), page("lead-hand-over", everything.lead.pk, plan=False)
    given = sent(client, address, to=to.pk)
    WorkStrand.objects.create(strategy=everything.strategy, slug="health", name="Health", lead=everything.lead)
    response = client.post(address, given)
    assert response.status_code == 409
    assert "Health" in response.text
    assert Placement.objects.count() == 1


def test_another_areas_lead_takes_nothing_on(everything, as_, page):
    theirs = Lead.objects.create(area=everything.other_area, name="Theirs")
    client, address = as_("officer"), page("lead-hand-over", everything.lead.pk, plan=False)
    assert "Choose again" in words(client.post(address, sent(client, address, to=theirs.pk)))
