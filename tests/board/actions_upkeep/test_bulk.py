"""Many rows of the action table changed at once: foreseen row by row, then all of them or none."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Lead, Partner
from tests.world import at
from workstrands.models import Action, ProgressUpdate
from workstrands.upkeep import editing
from workstrands.upkeep.places import latest_placement
from workstrands.upkeep.seen import seen_of

NOW = at(2026, 5, 1, 9)
ADDRESS = "/northvale/send-strategy/actions/bulk/"
TABLE = "/northvale/send-strategy/actions/"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def sent(*actions, kind, confirm=True, **said):
    fields = {"key": [one.key for one in actions], "kind": kind, **said}
    fields |= {f"seen-{one.key}": str(seen_of(one)) for one in actions}
    return {**fields, "confirm": "1"} if confirm else fields


def test_rows_are_ticked_by_officers_alone_and_in_the_present(world, signed_in):
    shown = signed_in("board").get(TABLE).text
    assert 'name="key"' not in shown
    client = signed_in()
    shown = client.get(TABLE).text
    assert shown.count('name="key"') == 3
    assert "Change all 3 on this page" in shown
    assert 'name="key"' not in client.get(TABLE, {"as_at": "2026-03-01"}).text
    exported = client.get(TABLE, {"_export": "csv"}).text
    assert "Choose" not in exported
    assert "checkbox" not in exported


def test_all_rows_of_a_page_are_chosen_without_a_script(world, signed_in):
    client = signed_in()
    address = client.get(TABLE, {"q": "Action"}).text.split('<a href="' + ADDRESS)[1].split('"')[0]
    shown = client.get(ADDRESS + address.replace("&amp;", "&")).text
    assert "Change 2 actions" in shown
    assert f'value="{TABLE}?q=Action"' in shown


def test_what_each_row_will_become_is_shown_before_anything_is_written(world, signed_in):
    other = Lead.objects.get(name="Another lead")
    shown = signed_in().post(ADDRESS, sent(world.two, world.three, kind="hand_over", lead=other.pk, confirm=False)).text
    assert "2 actions of 2 will change" in shown
    assert shown.count("<strong>Another lead</strong>") == 2
    assert latest_placement(world.two).lead == world.lead


@pytest.mark.parametrize(
    ("kind", "said", "holds"),
    [
        ("hand_over", lambda w: {"lead": Lead.objects.get(name="Another lead").pk},
         lambda one: latest_placement(one).lead.name == "Another lead"),
        ("partner", lambda w: {"partner": Partner.objects.get().pk}, lambda one: one.partner == Partner.objects.get()),
        ("move", lambda w: {"place": "priority:2", "strand": "early-years"},
         lambda one: latest_placement(one).workstrand.slug == "early-years" and latest_placement(one).priority.ref == "2"),
        ("date", lambda w: {"due_on_0": "31", "due_on_1": "1", "due_on_2": "2027", "state": "proposed", "reason": "Late."},
         lambda one: (one.deadlines.last().due_on, one.deadlines.last().state) == (date(2027, 1, 31), "proposed")),
        ("date", lambda w: {"due_on_0": "31", "due_on_1": "1", "due_on_2": "2027", "state": "agreed", "reason": "Late."},
         lambda one: one.deadlines.last().state == "agreed"),
        ("critical", lambda w: {"is_critical": "1"}, lambda one: one.is_critical),
        ("kpi", lambda w: {"kpi": "plans-within-20-weeks"}, lambda one: one.kpis.count() == 1),
        ("retire", lambda w: {"reason": "Done with."}, lambda one: one.retired_because == "Done with."),
    ],
)  # fmt: skip
def test_each_deed_is_done_to_all_rows(world, signed_in, kind, said, holds):
    response = signed_in().post(
        ADDRESS, sent(world.two, world.three, kind=kind, back=f"{TABLE}?q=Action", **said(world))
    )
    assert response["Location"] == f"{TABLE}?q=Action"
    for one in Action.objects.filter(key__in=["a-2", "a-3"]):
        assert holds(one), kind


@pytest.mark.parametrize(
    ("kind", "said", "message"),
    [
        ("hand_over", {}, "Choose the lead."),
        ("hand_over", {"lead": "999999"}, "Choose a lead of this area"),
        ("move", {"strand": "early-years"}, "Choose the priority"),
        ("date", {"state": "agreed", "reason": "Late."}, "Give the date."),
        ("date", {"state": "agreed", "due_on_0": "31", "due_on_1": "2", "due_on_2": "2027"}, "there is no 31 February"),
        ("retire", {"reason": " "}, "Say why."),
        ("kpi", {}, "Choose the KPI."),
        ("critical", {}, "Choose whether they are critical."),
        ("", {}, "Choose what should be done."),
        ("explode", {}, "Choose what should be done."),
    ],
)
def test_what_a_deed_lacks_is_said_and_nothing_is_written(world, signed_in, kind, said, message):
    response = signed_in().post(ADDRESS, sent(world.two, kind=kind, **said))
    assert response.status_code == 200
    assert message in response.text
    assert Action.objects.in_use().count() == 3


def test_one_row_that_cannot_be_changed_stops_them_all(world, signed_in):
    ProgressUpdate.objects.create(action=world.three, area=world.area, number=1, recorded_at=at(2026, 4, 1), status="B")
    said = {"due_on_0": "31", "due_on_1": "1", "due_on_2": "2027", "state": "agreed", "reason": "Late."}
    response = signed_in().post(ADDRESS, sent(world.two, world.three, kind="date", **said))
    assert response.status_code == 200
    assert "1.3: This action is reported as complete" in response.text
    assert world.two.deadlines.count() == 1
    assert signed_in().post(ADDRESS, sent(world.two, kind="date", **said)).status_code == 302


def test_rows_that_somebody_changed_meanwhile_are_named_and_nothing_is_written(world, signed_in, officer):
    said = sent(world.two, world.three, kind="retire", reason="Done with.")
    editing.edit_action(world.three, {"title": "Theirs"}, by=officer, at=NOW, seen=None)
    response = signed_in().post(ADDRESS, said)
    assert response.status_code == 409
    assert "Changed meanwhile" in response.text
    assert "“Theirs” now" in response.text
    assert 'value="Done with."' in response.text
    assert Action.objects.in_use().count() == 3
    again = {**said, "seen-a-3": str(seen_of(world.three))}
    assert again["seen-a-3"] in response.text
    assert signed_in().post(ADDRESS, again).status_code == 302


def test_rows_of_nowhere_and_pages_that_were_tampered_with_are_refused(world, signed_in):
    client = signed_in()
    said = sent(world.two, kind="critical", is_critical="1")
    assert "Open it again" in client.post(ADDRESS, {**said, "seen-a-2": "x"}).text
    assert "not in this plan" in client.post(ADDRESS, {**said, "key": ["a-2", "nobody"], "seen-nobody": "1.1.1.0"}).text
    assert "No action is chosen" in client.post(ADDRESS, {"kind": "retire", "reason": "x", "key": "\x00"}).text
    assert client.post(ADDRESS, {**said, "back": "https://example.org/"})["Location"] == TABLE


def test_at_most_two_hundred_rows_are_changed_at_once(world, signed_in):
    keys = [f"k-{number}" for number in range(201)]
    response = signed_in().post(ADDRESS, {"key": keys, "kind": "critical", "is_critical": "1", "confirm": "1"})
    assert "At most 200 actions" in response.text


def test_many_rows_cost_as_many_queries_as_one(world, signed_in):
    client = signed_in()

    def queries(*keys) -> int:
        with CaptureQueriesContext(connection) as made:
            assert client.get(ADDRESS, {"key": keys}).status_code == 200
        return len(made)

    world.action.kpis.set([world.kpi])
    queries("a-1")
    assert queries("a-1") == queries("a-1", "a-2", "a-3")


def test_the_action_table_asks_the_same_of_a_board_member_and_an_officer(world, signed_in):
    counts = []
    for person in ("board", "officer"):
        client = signed_in(person)
        client.get(TABLE)
        with CaptureQueriesContext(connection) as made:
            client.get(TABLE)
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_many_actions_are_left_without_a_lead_and_the_flag_is_foretold(world, signed_in):
    world.three.partner = Partner.objects.get()
    world.three.save()
    client = signed_in()
    shown = client.post(ADDRESS, sent(world.two, world.three, kind="hand_over", lead="nobody", confirm=False)).text
    assert "Nobody leads them any longer: 2 actions of 2 will change" in shown
    assert "<strong>nobody named: it will be flagged as unowned</strong>" in shown
    assert f"<strong>nobody named: {world.three.partner} owns it</strong>" in shown
    assert latest_placement(world.two).lead == world.lead
    said = sent(world.two, world.three, kind="hand_over", lead="nobody")
    assert client.post(ADDRESS, said).status_code == 302
    assert [latest_placement(one).lead for one in (world.two, world.three)] == [None, None]
    assert (
        "As it is already" in client.post(ADDRESS, sent(world.two, kind="hand_over", lead="nobody", confirm=False)).text
    )


@pytest.mark.parametrize(("person", "expected"), [("lead", 403), ("board", 403), ("other_officer", 404)])
def test_only_officers_of_the_area_change_many_or_choose_all(world, signed_in, person, expected):
    client = signed_in(person)
    assert client.post(ADDRESS, sent(world.two, kind="hand_over", lead="nobody")).status_code == expected
    assert client.get(ADDRESS, {"all": "1", "back": TABLE}).status_code == expected
    assert latest_placement(world.two).lead == world.lead


def more_actions(world, number: int) -> None:
    Action.objects.bulk_create(
        Action(
            area=world.area,
            strategy=world.strategy,
            key=f"more-{n}",
            ref=f"9.{n}",
            title=f"Further {n}",
            position=n + 9,
        )
        for n in range(number)
    )


def test_all_rows_that_pass_the_filters_are_chosen_over_every_page(world, signed_in):
    more_actions(world, 60)
    client = signed_in()
    shown = client.get(TABLE, {"q": "Further"}).text
    assert "Change all 50 on this page" in shown
    assert "Change all 60 on every page" in shown
    chosen = client.get(ADDRESS, {"all": "1", "back": f"{TABLE}?q=Further&page=2"})
    assert "Change 60 actions" in chosen.text
    assert "Action 2" not in chosen.text
    assert "Change all 3 on this page" in client.get(TABLE, {"lead": world.lead.pk}).text
    assert "on every page" not in client.get(TABLE, {"lead": world.lead.pk}).text


def test_more_than_can_be_changed_at_once_is_said_and_not_offered(world, signed_in):
    more_actions(world, 201)
    client = signed_in()
    assert "on every page" not in client.get(TABLE).text
    assert "At most 200 actions" in client.get(ADDRESS, {"all": "1", "back": TABLE}).text


def test_a_filter_that_is_not_understood_chooses_nothing(world, signed_in):
    assert "No action is chosen" in signed_in().get(ADDRESS, {"all": "1", "back": f"{TABLE}?flag=nonsense"}).text
