"""The thresholds of a plan's headlines, who signs in as a lead, and what kind of finding one is: changed, kept, undone."""

import pytest

from people.models import Membership, User
from priorities.models import Finding
from strategies.models import Strategy
from tests.board.upkeep.test_upkeep_pages import seen_in, words
from workstrands.models import Action

STAND = {"fewest_live": "4", "reported_percent": "50", "off_track_count": "2", "off_track_percent": "25", "at_risk_percent": "25"}  # fmt: skip


# Thresholds


def test_thresholds_are_shown_with_what_each_does_and_that_the_past_is_counted_with_them(page, as_):
    client = as_("officer")
    address = page("thresholds-edit")
    assert address in client.get(page("outline")).text
    text = words(client.get(address))
    assert "Where fewer have, the headline is “Not enough reported”." in text
    assert "pages as at a past day are counted with the new ones too" in text


def test_a_threshold_changes_the_headline_is_kept_in_the_history_of_the_plan_and_undone(world, page, as_):
    client = as_("officer")
    address = page("thresholds-edit")
    assert "too few for a headline" in words(client.get(page("strategy")))
    client.post(address, {**STAND, **seen_in(client, address), "fewest_live": "1"})
    assert "too few for a headline" not in words(client.get(page("strategy")))
    history = words(client.get(page("plan-history")))
    assert "Live actions needed for a headline: 4 before, 1 now." in history
    client.post(page("plan-undo"), seen_in(client, page("plan-undo")))
    world.strategy.refresh_from_db()
    assert world.strategy.fewest_live == 4


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fewest_live", "0"),
        ("fewest_live", "101"),
        ("reported_percent", "-1"),
        ("reported_percent", "101"),
        ("off_track_count", "two"),
        ("off_track_percent", ""),
        ("at_risk_percent", "0"),
        ("at_risk_percent", "9" * 30),
        ("at_risk_percent", "25.5"),
    ],
)
def test_a_threshold_out_of_bounds_is_refused_by_its_field_and_nothing_is_saved(page, as_, name, value):
    client = as_("officer")
    address = page("thresholds-edit")
    response = client.post(address, {**STAND, **seen_in(client, address), "off_track_count": "3", name: value})
    assert "give a whole number from" in response.context["form"].errors[name][0]
    assert Strategy.objects.get(area__slug="northvale").off_track_count == 2


def test_whoever_is_slower_with_a_threshold_is_told(page, as_):
    client = as_("officer")
    address = page("thresholds-edit")
    seen = seen_in(client, address)
    client.post(address, {**STAND, **seen, "off_track_count": "3"})
    response = client.post(address, {**STAND, **seen, "off_track_count": "4"})
    assert response.status_code == 409
    assert "Somebody else changed this while you were writing." in words(response)
    assert Strategy.objects.get(area__slug="northvale").off_track_count == 3


# Who signs in as a lead


def sent_for(lead, **more) -> dict:
    return {"name": lead.name, "initials": lead.initials, "role": lead.role, "email": lead.email, "partner": "", **more}


@pytest.fixture
def newcomer(world):
    user = User.objects.create_user("newcomer@example.test", None, name="SENCO post")
    Membership.objects.create(user=user, area=world.area, role=Membership.Role.LEAD)
    return user


def test_a_lead_is_linked_to_a_member_who_may_report_then_and_unlinked_again(world, page, as_, newcomer, client):
    as_("officer")
    address = page("lead-edit", world.lead.pk, plan=False)
    client.post(address, {**sent_for(world.lead), **seen_in(client, address), "user": newcomer.pk})
    world.lead.refresh_from_db()
    assert world.lead.user == newcomer
    history = words(client.get(page("lead-history", world.lead.pk, plan=False)))
    assert f"now {newcomer}" in history or f"{newcomer} now." in history
    world.people["newcomer"] = newcomer
    assert world.action.ref in as_("newcomer").get("/my/").text
    as_("officer")
    client.post(address, {**sent_for(world.lead), **seen_in(client, address), "user": ""})
    world.lead.refresh_from_db()
    assert world.lead.user is None


def test_people_of_other_areas_are_neither_offered_nor_taken(world, page, as_):
    client, theirs = as_("officer"), world.people["other_officer"]
    address = page("lead-edit", world.lead.pk, plan=False)
    offered = dict(client.get(address).context["form"].fields["user"].choices)
    assert str(world.people["board"].pk) in offered
    assert str(theirs.pk) not in offered
    before = world.lead.user
    response = client.post(address, {**sent_for(world.lead), **seen_in(client, address), "user": theirs.pk})
    assert "Choose somebody who is a member of this area." in words(response)
    world.lead.refresh_from_db()
    assert world.lead.user == before


def test_a_sign_in_of_the_demonstration_is_not_offered_for_a_real_lead(world, page, as_, newcomer):
    User.objects.filter(pk=newcomer.pk).update(is_illustrative=True)
    form = as_("officer").get(page("lead-edit", world.lead.pk, plan=False)).context["form"]
    assert str(newcomer.pk) not in dict(form.fields["user"].choices)


def test_whoever_signs_in_as_the_lead_stays_in_the_list_after_leaving_the_area(world, page, as_, newcomer):
    world.lead.user = newcomer
    world.lead.save()
    newcomer.memberships.all().delete()
    form = as_("officer").get(page("lead-edit", world.lead.pk, plan=False)).context["form"]
    assert form["user"].value() == str(newcomer.pk)
    assert str(newcomer.pk) in dict(form.fields["user"].choices)


# Findings


@pytest.fixture
def findings(world):
    """The one that there is, and two more of the same inspection."""
    first = Finding.objects.get()
    kind = Finding.Kind.AREA_FOR_IMPROVEMENT
    rest = [
        Finding.objects.create(inspection=first.inspection, ref=ref, text="Waits.", kind=kind) for ref in ("A1", "A2")
    ]
    return [first, *rest]


def sent_of(finding, **more) -> dict:
    return {"ref": finding.ref, "text": finding.text, "kind": finding.kind, "parent": "", "owner_text": "", **more}


def test_the_kind_of_a_finding_and_what_it_is_part_of_are_changed_with_history_and_undone(page, as_, findings):
    client, (_, one, two) = as_("officer"), findings
    address = page("finding-edit", one.pk, plan=False)
    assert "pages as at a past day count it as it is named now" in words(client.get(address))
    changed = {"kind": "needs_to_do_better", "parent": two.pk}
    client.post(address, {**sent_of(one), **seen_in(client, address), **changed})
    one.refresh_from_db()
    assert (one.kind, one.parent) == ("needs_to_do_better", two)
    history = words(client.get(page("finding-history", one.pk, plan=False)))
    assert "Kind: Area for improvement before, Needs to do better now." in history
    undo = page("finding-undo", one.pk, plan=False)
    client.post(undo, seen_in(client, undo))
    one.refresh_from_db()
    assert (one.kind, one.parent) == ("area_for_improvement", None)


def test_a_finding_is_never_part_of_itself_of_its_own_part_or_of_a_part(page, as_, findings):
    client, (_, one, two) = as_("officer"), findings
    Finding.objects.filter(pk=one.pk).update(parent=two)
    of_two = client.get(page("finding-edit", two.pk, plan=False)).context["form"].fields["parent"].choices
    assert [value for value, _ in of_two] == [""]
    of_first = client.get(page("finding-edit", findings[0].pk, plan=False)).context["form"].fields["parent"].choices
    assert [value for value, _ in of_first] == ["", str(two.pk)]
    address = page("finding-edit", two.pk, plan=False)
    for parent in (one.pk, two.pk):
        response = client.post(address, {**sent_of(two), **seen_in(client, address), "parent": parent})
        assert "parent" in response.context["form"].errors
    two.refresh_from_db()
    assert two.parent is None


def test_a_finding_of_another_inspection_is_not_offered(world, page, as_, findings):
    first = findings[0]
    other = type(first.inspection).objects.create(
        area=world.area, inspected_from="2025-09-22", inspected_to="2025-09-26"
    )
    elsewhere = Finding.objects.create(inspection=other, ref="B1", text="Elsewhere.", kind="needs_to_do_better")
    client = as_("officer")
    address = page("finding-edit", findings[1].pk, plan=False)
    response = client.post(address, {**sent_of(findings[1]), **seen_in(client, address), "parent": elsewhere.pk})
    assert "parent" in response.context["form"].errors


def test_what_an_action_answers_does_not_become_a_strength(page, as_, findings):
    client, (_, one, _) = as_("officer"), findings
    Action.objects.get().findings.add(one)
    address = page("finding-edit", one.pk, plan=False)
    response = client.post(address, {**sent_of(one), **seen_in(client, address), "kind": "strength"})
    assert "a strength asks for none" in words(response)
    one.refresh_from_db()
    assert one.kind == "area_for_improvement"
