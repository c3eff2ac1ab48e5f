from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

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
