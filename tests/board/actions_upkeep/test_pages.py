"""The pages on which actions are kept: what each writes, what it says of two people at once, where old addresses lead."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from people.models import Lead
from tests.world import at
from workstrands.models import Action, Deadline, Placement, ProgressUpdate
from workstrands.upkeep import editing, parting, placing
from workstrands.upkeep.places import Place, latest_placement
from workstrands.upkeep.seen import seen_of

NOW = at(2026, 5, 1, 9)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def page(name, action, **query):
    return reverse(f"board:action-{name}", args=["northvale", action.key], query=query or None)


def seen(action) -> str:
    return str(seen_of(action))


def filled(world, **said):
    return {"place": "priority:2", "title": "Train the tutors", "ref": "", "proposed_ref": "", **said}


def test_an_action_is_added_under_the_part_one_comes_from(world, signed_in):
    client, address = signed_in(), reverse("board:action-add", args=["northvale", "send-strategy"])
    shown = client.get(address, {"objective": "o1"}).text
    assert 'value="1.4"' in shown
    assert "objective:o1" in shown
    response = client.post(address, filled(world, due_on_0="31", due_on_1="12", due_on_2="2026", lead=world.lead.pk))
    made = Action.objects.get(ref="2.1")
    assert response["Location"] == made.get_absolute_url()
    assert "Train the tutors" in client.get(made.get_absolute_url()).text
    assert made.deadlines.get().due_on == date(2026, 12, 31)


def test_a_proposed_reference_left_alone_follows_the_place(world, signed_in):
    address = reverse("board:action-add", args=["northvale", "send-strategy"])
    signed_in().post(address, filled(world, ref="1.4", proposed_ref="1.4"))
    assert Action.objects.get(title="Train the tutors").ref == "2.1"


def test_what_is_missing_is_said_by_its_field_and_nothing_is_lost(world, signed_in):
    address = reverse("board:action-add", args=["northvale", "send-strategy"])
    said = filled(world, place="", ref="1.2", intended_impact="Fewer wait.", title="Train the tutors")
    shown = signed_in().post(address, said).text
    assert "Choose what the action hangs on." in shown
    assert "Fewer wait." in shown
    shown = signed_in().post(address, filled(world, ref="1.2")).text
    assert "1.2 is taken by" in shown
    shown = signed_in().post(address, filled(world, place="strand:early-years", strand="early-years")).status_code
    assert shown == 302
    shown = signed_in().post(address, filled(world, place="", strand="early-years", title="\x00"))
    assert shown.status_code == 200
    assert Action.objects.count() == 4


@pytest.mark.parametrize("place", ["priority:99", "objective:", "strand:x\x00", "nonsense", "priority:2:3"])
def test_a_place_that_there_is_none_of_is_refused(world, signed_in, place):
    address = reverse("board:action-add", args=["northvale", "send-strategy"])
    response = signed_in().post(address, filled(world, place=place))
    assert response.status_code == 200
    assert Action.objects.count() == 3


def edited(action, **said):
    return {"seen": seen(action), "title": action.title, "ref": action.ref, **said}


def test_an_edit_that_came_second_is_shown_what_came_first_and_keeps_its_text(world, signed_in, officer):
    said = edited(world.two, title="Mine")
    editing.edit_action(world.two, {"title": "Theirs"}, by=officer, at=NOW, seen=None)
    response = signed_in().post(page("edit", world.two), said)
    assert response.status_code == 409
    assert "“Theirs”" in response.text
    assert ">\nMine</textarea>" in response.text.replace("\r", "")
    world.two.refresh_from_db()
    assert world.two.title == "Theirs"
    again = {**said, "seen": seen(world.two)}
    assert again["seen"] in response.text
    assert signed_in().post(page("edit", world.two), again).status_code == 302


def test_an_edit_saves_fields_supporting_leads_and_milestones(world, signed_in):
    other = Lead.objects.get(name="Another lead")
    said = edited(
        world.two, supporting=[other.pk], step_new1="Draft it", step_due_new1_0="1", step_due_new1_1="6",
        step_due_new1_2="2026",
    )  # fmt: skip
    assert signed_in().post(page("edit", world.two), said).status_code == 302
    assert list(world.two.supporting_leads.all()) == [other]
    step = world.two.milestones.get()
    assert (step.text, step.due_on) == ("Draft it", date(2026, 6, 1))
    shown = signed_in().post(page("edit", world.two), edited(world.two, **{f"step_{step.pk}": ""})).text
    assert "Say what the step is" in shown


def test_an_action_is_moved_and_handed_over_on_one_page(world, signed_in):
    other = Lead.objects.get(name="Another lead")
    said = {"seen": seen(world.two), "place": "priority:2", "strand": "early-years", "lead": other.pk}
    assert signed_in().post(page("move", world.two), said).status_code == 302
    placed = latest_placement(world.two)
    assert (placed.priority, placed.workstrand, placed.lead) == (world.second, world.strand, other)
    shown = signed_in().post(page("move", world.two), {**said, "seen": seen(world.two), "place": "", "after": "a-3"})
    assert shown.status_code == 200  # a-3 does not hang beside it any longer


def test_a_split_names_each_new_action_and_asks_what_becomes_of_the_old(world, signed_in):
    client = signed_in()
    shown = client.post(page("split", world.action), {"seen": seen(world.action), "title_1": "Write it"}).text
    assert "Choose what becomes of it." in shown
    said = {
        "seen": seen(world.action),
        "stays": "retires",
        "title_1": "Write it",
        "ref_1": "1.4",
        "title_2": "Print it",
    }
    assert client.post(page("split", world.action), said).status_code == 302
    made = Action.objects.get(title="Write it")
    shown = client.get(made.get_absolute_url()).text
    assert "Came from" in shown
    response = client.get(world.action.get_absolute_url())
    assert response["Location"] == made.get_absolute_url()


# Merged


@pytest.fixture
def merged(world, officer):
    parting.merge_actions(
        world.two, [parting.Other(world.action)], because="One thing.", by=officer, at=at(2026, 4, 1), seen=None
    )
    world.action.refresh_from_db()
    return world


@pytest.mark.parametrize(
    "name",
    [
        "workstrands:update",
        "workstrands:impact",
        "board:action-edit",
        "board:action-milestones",
        "board:action-history",
    ],
)
def test_every_address_below_a_merged_action_leads_to_the_one_that_stays(merged, signed_in, name):
    response = signed_in().get(reverse(name, args=["northvale", "a-1"]))
    assert response["Location"] == reverse(name, args=["northvale", "a-2"])


def test_a_merged_action_is_read_as_it_stood_and_named_on_the_one_that_stays(merged, signed_in):
    client = signed_in("board")
    assert client.get("/northvale/actions/a-1/")["Location"] == "/northvale/actions/a-2/"
    assert client.get("/northvale/actions/a-1/?as_at=2026-03-20").status_code == 200
    shown = client.get("/northvale/actions/a-2/").text
    assert "Earlier, as 1.1" in shown
    address = shown.split('Earlier, as 1.1</dt><dd class="govuk-summary-list__value"><a href="')[1].split('"')[0]
    assert "Going well." in client.get(address.replace("&amp;", "&")).text


def test_what_was_being_written_when_it_was_merged_is_kept(merged, signed_in):
    client = signed_in()
    sent = {"seen_number": "1", "status": "G", "narrative": "We wrote half of it."}
    response = client.post(reverse("workstrands:update", args=["northvale", "a-1"]), sent, follow=True)
    assert "We wrote half of it." in response.text
    assert "became part of 1.2" in response.text
    assert ProgressUpdate.objects.count() == 1
    response = client.post(reverse("workstrands:no-change", args=["northvale", "a-1"]), {"seen_number": "1"})
    assert response["Location"] == reverse("workstrands:update", args=["northvale", "a-2"])


def test_strangers_learn_nothing_of_a_merged_action(merged, client, signed_in):
    assert signed_in("other_officer").get("/northvale/actions/a-1/").status_code == 404
    client.logout()
    assert "/accounts/login/" in client.get("/northvale/actions/a-1/")["Location"]


def test_several_actions_are_ticked_and_merged(world, signed_in, officer):
    client = signed_in()
    shown = client.get(page("merge", world.two)).text
    assert 'value="a-1"' in shown
    said = {
        "seen": seen(world.two), "others": ["a-1", "a-3"], "seen-a-1": seen(world.action), "seen-a-3": seen(world.three),
        "carry": ["kpis"], "title": "All of it", "because": "One thing.", "q": "",
    }  # fmt: skip
    found = client.post(page("merge", world.two), {**said, "find": "1", "q": "nothing like it"}).text
    assert "checked" in found
    editing.edit_action(world.three, {"title": "Theirs"}, by=officer, at=NOW, seen=None)
    response = client.post(page("merge", world.two), said)
    assert response.status_code == 409
    assert "“Theirs”" in response.text
    again = {**said, "seen-a-3": seen(world.three)}
    assert again["seen-a-3"] in response.text
    assert client.post(page("merge", world.two), again).status_code == 302
    assert [one.ref for one in Action.objects.filter(replaced_by=world.two)] == ["1.1", "1.3"]
    assert Action.objects.get(key="a-2").title == "All of it"


# Retired, its history, undone


def test_what_depends_on_an_action_is_said_before_it_is_retired(world, signed_in):
    world.action.kpis.set([world.kpi])
    client = signed_in()
    shown = client.get(page("retire", world.action)).text
    assert "1 update on it" in shown
    assert "EHC plans issued within 20 weeks" in shown
    assert "Say why it is retired." in client.post(page("retire", world.action), {"seen": seen(world.action)}).text
    said = {"seen": seen(world.action), "because": "It is everyday work now."}
    assert client.post(page("retire", world.action), said).status_code == 302
    shown = client.get(world.action.get_absolute_url()).text
    assert "It is everyday work now." in shown
    assert "Take it back" in shown
    assert "1 April 2026" in client.get(world.action.get_absolute_url() + "?as_at=2026-04-01").text
    client.post(page("retire", world.action), {"seen": seen(world.action)})
    world.action.refresh_from_db()
    assert world.action.retired_at is None


def test_the_last_change_is_undone_from_its_history_and_by_officers_alone(world, signed_in, officer):
    editing.edit_action(world.two, {"title": "Action two"}, by=officer, at=at(2026, 4, 1), seen=None)
    assert "Undo this change" not in signed_in("board").get(page("history", world.two)).text
    client = signed_in()
    shown = client.get(page("history", world.two)).text
    assert "“Action two” now" in shown
    assert "Undo this change" in shown
    assert "“Action two”" not in client.get(page("history", world.two, as_at="2026-03-01")).text
    stale = {"seen": seen(world.two)}
    assert client.post(page("undo", world.two), stale).status_code == 302
    world.two.refresh_from_db()
    assert world.two.title == "Action 2"
    assert client.post(page("undo", world.two), stale).status_code == 409


def test_a_merged_action_is_taken_out_again_from_the_history_of_the_other(merged, signed_in):
    client = signed_in()
    assert "Take 1.1 out again" in client.get(page("history", merged.two)).text
    client.post(page("undo", merged.two), {"apart": "a-1"})
    merged.action.refresh_from_db()
    assert merged.action.retired_at is None
    assert client.post(page("undo", merged.two), {"apart": "a-1\x00"}).status_code == 302


# A lead proposes a date


def test_a_lead_proposes_a_date_and_only_an_officer_records_one_as_agreed(world, signed_in):
    client = signed_in("lead")
    assert "Propose another date" in client.get(world.action.get_absolute_url()).text
    said = {
        "seen": seen(world.action), "due_on_0": "31", "due_on_1": "1", "due_on_2": "2027", "reason": "Two posts are empty.",
        "state": "agreed",
    }  # fmt: skip
    assert client.post(page("propose-date", world.action), said).status_code == 302
    row = world.action.deadlines.last()
    assert (row.state, row.reason, row.recorded_by) == ("proposed", "Two posts are empty.", world.people["lead"])
    shown = client.get(world.action.get_absolute_url()).text
    assert "31 January 2027 is proposed" in shown
    assert client.post(page("propose-date", world.action), said).status_code == 409
    officer = {**said, "seen": seen(world.action)}
    signed_in().post(page("propose-date", world.action), officer)
    assert world.action.deadlines.last().state == "agreed"


# What it costs


def queries(client, address) -> int:
    with CaptureQueriesContext(connection) as made:
        assert client.get(address).status_code == 200
    return len(made)


@pytest.mark.parametrize("name", ["edit", "move", "split", "merge", "retire", "milestones", "history", "propose-date"])
def test_a_page_asks_no_more_of_a_large_plan(world, signed_in, officer, name):
    client, address = signed_in(), page(name, world.two)
    client.get(address)
    before = queries(client, address)
    for number in range(4, 16):
        action = Action.objects.create(
            area=world.area,
            strategy=world.strategy,
            key=f"a-{number}",
            ref=f"1.{number}",
            title="More",
            position=number,
        )
        Placement.objects.create(
            action=action, number=1, recorded_at=at(2026, 1, 1), objective=world.objective, lead=world.lead
        )
    for number in range(2, 8):
        Deadline.objects.create(
            action=world.two, number=number, recorded_at=at(2026, 2, number), due_on=date(2026, 10, number)
        )
    placing.move_action(world.two, place=Place(priority=world.second), by=officer, at=at(2026, 4, 1), seen=None)
    assert queries(client, address) <= before + 1  # the officer's name is read once there is one


def test_an_illustrative_sign_in_adds_and_takes_off_illustrative_leads_alone(world, signed_in, officer):
    officer.is_illustrative = True
    officer.save()
    Lead.objects.filter(pk=world.lead.pk).update(is_illustrative=True)
    other = Lead.objects.get(name="Another lead")
    client = signed_in()
    assert "Another lead" not in client.get(page("edit", world.two)).text
    world.two.supporting_leads.add(other)
    assert (
        client.post(page("edit", world.two), edited(world.two, title="Made up", supporting=[other.pk])).status_code
        == 302
    )
    response = client.post(page("edit", world.two), edited(world.two, title="Made up again"))
    assert "Another lead is no illustrative lead" in response.text
    world.two.refresh_from_db()
    assert (world.two.title, list(world.two.supporting_leads.all())) == ("Made up", [other])


def test_an_edit_sets_what_else_the_action_serves_and_its_history_says_who(world, signed_in):
    client = signed_in()
    shown = client.get(page("edit", world.two)).text
    assert "Objectives that it also serves" in shown
    said = edited(world.two, also_serves=["o1"])
    assert client.post(page("edit", world.two), said).status_code == 302
    assert list(world.two.also_serves.all()) == [world.objective]
    history = client.get(page("history", world.two)).text
    assert "<strong>Also serves</strong>: none before" in history
    wrong = client.post(page("edit", world.two), edited(world.two, also_serves=["o999"]))
    assert "Choose from the list." in wrong.text
    assert list(world.two.also_serves.all()) == [world.objective]


@pytest.mark.parametrize(("person", "expected"), [("lead", 403), ("board", 403), ("other_officer", 404)])
def test_only_officers_of_the_area_set_links_or_leave_an_action_without_a_lead(world, signed_in, person, expected):
    client = signed_in(person)
    assert client.post(page("edit", world.two), edited(world.two, also_serves=["o1"])).status_code == expected
    assert client.post(page("move", world.two), {"seen": seen(world.two), "lead": "nobody"}).status_code == expected
    assert latest_placement(world.two).lead == world.lead
    assert not world.two.also_serves.exists()


def test_nobody_leads_an_action_any_longer_and_that_is_said_with_what_follows(world, signed_in):
    client = signed_in()
    shown = client.get(page("move", world.two)).text
    assert "Nobody leads it now" in shown
    assert "flagged as unowned" in shown
    response = client.post(page("move", world.two), {"seen": seen(world.two), "lead": "nobody"}, follow=True)
    assert "Nobody leads action 1.2 now. It is flagged as unowned until somebody is named." in response.text
    assert "Nobody is named as lead" in response.text


def test_the_parts_of_an_action_and_what_they_came_from_name_each_other(world, signed_in, officer):
    made = parting.split_action(
        world.action, [parting.Part("Write it")], stays_as="Publish it", by=officer, at=at(2026, 4, 1), seen=None
    )
    client = signed_in("board")
    part = client.get(made[0].get_absolute_url()).text
    assert "Came from" in part
    assert "1.1 Publish it" in part
    whole = client.get(world.action.get_absolute_url())
    assert "Split off it" in whole.text
    assert "1.4 Write it" in whole.text
    assert "Split off it" not in client.get(world.action.get_absolute_url() + "?as_at=2026-03-31").text
