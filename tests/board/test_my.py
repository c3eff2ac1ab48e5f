from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpis.models import Indicator, Kpi, Measurement
from people.models import Lead, Membership, User
from tests.world import at, build_world
from workstrands.models import Action, Deadline, Placement, ProgressUpdate

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 3, 10))
    return build_world()


@pytest.fixture
def mine(client, world, settings):
    settings.AUTHENTICATION_BACKENDS = [BACKEND]

    def text(name: str) -> str:
        client.force_login(world.people[name], backend=BACKEND)
        return " ".join(client.get("/my/").content.decode().split())

    return text


def another_action(world, number: int, *, said_on=None, status="G", due_on=None) -> Action:
    action = Action.objects.create(
        area=world.area,
        strategy=world.strategy,
        key=f"mine-{number}",
        ref=f"3.{number}",
        title=f"Mine {number}",
        position=number,
    )
    Placement.objects.create(
        action=action, number=1, recorded_at=at(2026, 1, 1), priority=world.priority, lead=world.lead
    )
    if due_on:
        Deadline.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), due_on=due_on)
    if said_on:
        ProgressUpdate.objects.create(
            action=action, area=world.area, number=1, recorded_at=said_on, status=status, next_steps="x", cause="data"
        )
    return action


def test_my_actions_stand_with_both_statuses_a_date_and_one_click_to_update(mine, world):
    text = mine("lead")

    assert "Publish the pathway" in text
    assert "30 June 2026" in text
    assert "Lead reports" in text
    assert "Dates and data say" in text
    assert f'href="{world.address("workstrands:update")}"' in text
    assert "Nothing has changed since 10 February 2026" in text


def test_the_longest_without_an_update_comes_first(mine, world):
    another_action(world, 2, said_on=at(2026, 1, 20))
    another_action(world, 3)
    text = mine("lead")

    assert text.index("Mine 3") < text.index("Mine 2") < text.index("Publish the pathway")


def test_one_press_is_not_offered_off_track_or_past_the_date_or_unreported(mine, world):
    ProgressUpdate.objects.all().delete()
    another_action(world, 2, said_on=at(2026, 2, 1), status="R")
    another_action(world, 3, said_on=at(2026, 2, 1), due_on=date(2026, 3, 1))

    assert "Nothing has changed since" not in mine("lead")


def test_flags_are_said_in_sentences(mine, world):
    another_action(world, 2, said_on=at(2026, 2, 1), due_on=date(2026, 3, 1))

    assert "Due 1 March 2026" in mine("lead")


def test_supported_actions_are_mine_too(mine, world):
    assert "Publish the pathway" not in mine("other_lead")
    world.action.supporting_leads.add(Lead.objects.get(user=world.people["other_lead"]))
    assert "Publish the pathway" in mine("other_lead")


def test_an_action_handed_over_is_mine_no_more(mine, world):
    other = Lead.objects.get(user=world.people["other_lead"])
    Placement.objects.create(
        action=world.action, number=2, recorded_at=at(2026, 3, 1), objective=world.objective, lead=other
    )

    assert "Publish the pathway" not in mine("lead")
    assert "Publish the pathway" in mine("other_lead")


def test_an_area_that_i_left_is_not_shown(mine, world):
    world.people["lead"].memberships.all().delete()
    text = mine("lead")

    assert "Publish the pathway" not in text
    assert "You are not a member of any area yet." in text


def test_all_my_areas_are_gathered_and_named(mine, world):
    Membership.objects.create(user=world.people["lead"], area=world.other_area, role=Membership.Role.BOARD)

    assert "Northvale, SEND Strategy" in mine("lead")


def test_a_plan_that_has_ended_is_read_and_not_updated(mine, world):
    world.strategy.starts_on, world.strategy.ends_on = date(2025, 1, 1), date(2026, 2, 28)
    world.strategy.save()
    text = mine("lead")

    assert "This plan ended on 28 February 2026." in text
    assert world.address("workstrands:update") not in text


def test_my_kpis_stand_with_their_latest_figure(mine):
    text = mine("lead")

    assert "EHC plans issued within 20 weeks" in text
    assert "64.8%" in text
    assert "2025" in text


def test_my_kpi_says_how_it_stands_when_the_next_is_due_and_is_one_click_from_a_figure(mine, world):
    text = mine("lead")

    assert "<strong>Slightly behind</strong>" in text or "<strong>Behind</strong>" in text
    assert "Target 70%" in text
    assert "The figure for 2026 is due by 31 March 2027." in text
    assert f'href="{world.address("board:measurement-add")}"' in text
    assert "Overdue" not in text


def own_kpi(world, code: str, *, last: date, frequency: str = "monthly", **fields) -> Kpi:
    indicator = Indicator.objects.create(
        code=code, title=f"Figure {code}", unit="percent", polarity="higher", frequency=frequency, **fields
    )
    Measurement.objects.create(
        indicator=indicator, area=world.area, number=1, recorded_at=at(2026, 1, 15), value=50,
        period_start=last.replace(day=1), period_end=last,
    )  # fmt: skip
    return Kpi.objects.create(area=world.area, indicator=indicator, owner=world.lead)


def test_the_most_overdue_figure_comes_first_and_says_by_how_much(mine, world):
    own_kpi(world, "fresh", last=date(2026, 2, 28))
    own_kpi(world, "old", last=date(2025, 11, 30))
    own_kpi(world, "older", last=date(2025, 9, 30))
    own_kpi(world, "now-and-then", last=date(2024, 9, 30), frequency="irregular")
    text = mine("lead")

    places = [text.index(f"Figure {code}<") for code in ("older", "old", "fresh", "now-and-then")]
    assert places == sorted(places)
    assert "<strong>Overdue 109 days.</strong> The figure for October 2025 was due by 21 November 2025." in text
    assert "<strong>Overdue 48 days.</strong> The figure for December 2025 was due by 21 January 2026." in text
    assert "The figure for March 2026 is due by 21 April 2026." in text
    assert "This figure comes from time to time: no day is set for the next." in text


def test_a_published_figure_is_not_overdue_before_its_release(mine, world):
    own_kpi(world, "published", last=date(2024, 12, 31), frequency="annual", next_release_on=date(2026, 6, 25))
    text = mine("lead")

    assert "The next figure is to be published on 25 June 2026." in text
    assert "Overdue" not in text


def test_a_kpi_without_a_figure_is_asked_for_its_first(mine, world):
    own_kpi(world, "new", last=date(2025, 11, 30))
    Measurement.objects.filter(indicator__code="new").delete()
    text = mine("lead")

    assert "None yet" in text
    assert "The figure for February 2026 is due by 21 March 2026." in text


def test_officers_are_led_to_the_figures_that_are_due(mine):
    assert 'href="/northvale/kpis/?gap=stale">KPIs whose figure is due</a>' in mine("officer")
    assert "gap=stale" not in mine("lead")


def test_my_kpis_take_as_many_queries_for_one_as_for_thirty(client, world, settings):
    settings.AUTHENTICATION_BACKENDS = [BACKEND]
    client.force_login(world.people["lead"], backend=BACKEND)
    client.get("/my/")
    with CaptureQueriesContext(connection) as one:
        client.get("/my/")
    for number in range(30):
        own_kpi(world, f"k{number}", last=date(2025, 11, 30))
    with CaptureQueriesContext(connection) as many:
        client.get("/my/")

    assert len(many) == len(one)


@pytest.mark.parametrize(
    ("who", "sentence", "address"),
    [
        ("officer", "As an officer you can report on any of them:", "/northvale/actions/"),
        ("board", "You read here what the leads report:", "/northvale/"),
        ("administrator", "See who answers for what:", "/northvale/people/"),
        ("other_lead", "No action or KPI names you as yet.", "/northvale/"),
    ],
)
def test_whoever_has_no_action_is_told_where_to_go(mine, who, sentence, address):
    text = mine(who)

    assert sentence in text
    assert f'<a href="{address}">' in text


def test_a_visitor_is_asked_to_sign_in(client, world):
    assert client.get("/my/").url == "/accounts/login/?next=/my/"


def test_the_page_takes_as_many_queries_for_one_action_as_for_fifty(client, world, settings):
    settings.AUTHENTICATION_BACKENDS = [BACKEND]
    client.force_login(world.people["lead"], backend=BACKEND)
    client.get("/my/")
    with CaptureQueriesContext(connection) as one:
        client.get("/my/")
    for number in range(2, 52):
        another_action(world, number, said_on=at(2026, 2, 1), due_on=date(2026, 9, 1))
    with CaptureQueriesContext(connection) as many:
        client.get("/my/")

    assert len(many) == len(one)


def test_somebody_of_no_area_is_not_refused(client, world, settings):
    settings.AUTHENTICATION_BACKENDS = [BACKEND]
    client.force_login(User.objects.create(email="new@example.test"), backend=BACKEND)

    assert client.get("/my/").status_code == 200
