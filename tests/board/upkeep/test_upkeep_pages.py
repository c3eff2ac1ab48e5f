"""Officers add, change, retire and take back; everybody reads the history; whoever is slower is told and loses nothing."""

from datetime import date

import pytest
from django.urls import resolve, reverse
from django.utils.html import strip_tags

from board.upkeep.dependents import dependents_of
from people.models import Lead, Partner
from priorities.models import Finding, Inspection, Priority, SuccessMeasure
from strategies import keeping
from strategies.models import Strategy
from tests.test_permissions import ROWS
from tests.world import at
from workstrands.models import Objective, WorkStrand


def words(response) -> str:
    return " ".join(strip_tags(response.text).split())


def seen_in(client, address: str) -> dict:
    """What a form's hidden fields carry, as somebody opens it."""
    form = client.get(address).context["form"]
    return {field.name: field.value() if field.value() is not None else "" for field in form.hidden_fields()}


# Adding


def test_a_priority_is_added_and_stands_on_its_page_and_not_in_the_past(world, page, as_):
    client = as_("officer")
    sent = {"ref": "2", "title": "Good places", "statement": "Near home.", "sros": []}
    response = client.post(page("priority-add"), sent, follow=True)
    made = Priority.objects.get(ref="2")
    assert response.redirect_chain[-1][0] == made.get_absolute_url()
    assert (made.position, made.added_at) == (2, at(2026, 6, 1))
    assert "Good places" in client.get(page("strategy")).text
    assert "Good places" not in client.get(page("strategy"), {"as_at": "2026-05-31"}).text


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("add", "is part of the product’s own addresses"),
        ("Add", "is part of the product’s own addresses"),
        ("1", "Another priority of this plan has, or had"),
        ("4/5", "use letters, numbers"),
        ("..", "use letters, numbers"),
        ("", "Give it a reference."),
        ("4\x01", "cannot be kept"),
    ],
)
def test_a_reference_that_no_address_can_bear_is_refused_and_what_was_typed_stays(world, page, as_, ref, message):
    response = as_("officer").post(page("priority-add"), {"ref": ref, "title": "Good places"})
    assert response.status_code == 200
    assert message in words(response)
    assert "Good places" in response.text
    assert Priority.objects.count() == 1


def test_an_objective_is_added_below_the_part_that_one_comes_from(world, page, as_):
    client = as_("officer")
    address = f"{page('objective-add')}?priority={world.priority.pk}"
    assert client.get(address).context["form"]["priority"].value() == str(world.priority.pk)
    refused = client.post(address, {"ref": "O2", "text": "Good plans"})
    assert "belongs to a priority, a work strand or both" in words(refused)
    client.post(address, {"ref": "O2", "text": "Good plans", "priority": world.priority.pk})
    made = Objective.objects.get(ref="O2")
    assert (made.priority, made.key, made.added_at) == (world.priority, "o-o2", at(2026, 6, 1))


def test_a_strand_a_measure_a_lead_and_a_partner_are_added(world, page, as_):
    client = as_("officer")
    client.post(page("strand-add"), {"name": "Add", "group": "health"})
    client.post(page("measure-add", "1"), {"ref": "1.2", "text": "Fewer appeals"})
    client.post(page("lead-add", plan=False), {"name": "Designated clinical officer"})
    client.post(page("partner-add", plan=False), {"name": "The integrated care board", "sector": "health"})
    assert WorkStrand.objects.get(name="Add").slug == "add-2"
    assert SuccessMeasure.objects.get(ref="1.2").priority == world.priority
    assert Lead.objects.get(name="Designated clinical officer").area == world.area
    assert Partner.objects.get(name="The integrated care board").sector == "health"


def test_an_inspection_and_its_findings_are_added_and_past_views_stay_as_they_were(world, page, as_):
    client, address = as_("officer"), page("inspection", plan=False)
    days = {"inspected_from_0": "3", "inspected_from_1": "2", "inspected_from_2": "2025",
            "inspected_to_0": "7", "inspected_to_1": "2", "inspected_to_2": "2025", "inspectorates": "Ofsted"}  # fmt: skip
    client.post(page("inspection-add", plan=False), days)
    made = Inspection.objects.get(inspected_to=date(2025, 2, 7))
    finding = {"ref": "AFI 1", "kind": "area_for_improvement", "text": "Waits are too long."}
    client.post(page("finding-add", made.pk, plan=False), finding)
    assert "Waits are too long." in client.get(address).text
    before = client.get(address, {"as_at": "2026-05-31"}).text
    assert "Waits are too long." not in before
    assert "Leaders are reflective." in before


def test_a_plan_begins_as_a_draft_that_officers_alone_see_until_it_is_published(world, page, as_):
    client = as_("officer")
    plan = {"title": "Strategies", "kind": "action_plan", "starts_on_0": "1", "starts_on_1": "9", "starts_on_2": "2026",
            "ends_on_0": "31", "ends_on_1": "8", "ends_on_2": "2028", "exceptions_shown": "7", "kpis_shown": "8"}  # fmt: skip
    client.post(page("plan-add", plan=False), plan)
    made = Strategy.objects.get(title="Strategies")
    assert (made.slug, made.state) == ("strategies-2", "draft")
    outline = reverse("board:outline", args=[world.area.slug, made.slug])
    history = reverse("board:plan-history", args=[world.area.slug, made.slug])
    assert client.get(outline).status_code == 200
    assert as_("board").get(history).status_code == 404
    publish = reverse("board:plan-publish", args=[world.area.slug, made.slug])
    as_("officer").post(publish, seen_in(client, publish))
    made.refresh_from_db()
    assert made.state == "published"
    assert as_("board").get(made.get_absolute_url()).status_code == 200


def test_the_first_day_of_a_plan_that_runs_stays(world, page, as_):
    form = as_("officer").get(page("plan-edit")).context["form"]
    assert "starts_on" not in form.fields
    assert "ends_on" in form.fields


# Changing


def test_a_change_is_saved_and_stands_in_the_history_that_every_member_reads(world, page, as_):
    client, address = as_("officer"), page("priority-edit", "1")
    response = client.post(address, seen_in(client, address) | {"ref": "1", "title": "Earlier plans"}, follow=True)
    assert "Earlier plans" in response.text
    history = words(as_("board").get(page("priority-history", "1")))
    assert "Title: “Timely plans” before, “Earlier plans” now." in history
    assert "officer@example.test" in history
    assert "Undo" not in history


def test_the_history_as_at_a_past_day_ends_there(world, page, as_):
    client, address = as_("officer"), page("priority-edit", "1")
    client.post(address, seen_in(client, address) | {"ref": "1", "title": "Earlier plans"})
    assert "Earlier plans”" not in words(client.get(page("priority-history", "1"), {"as_at": "2026-05-31"}))


def test_whoever_is_slower_keeps_what_was_typed_and_reads_what_changed(world, officer, page, as_):
    client, address = as_("officer"), page("priority-edit", "1")
    seen = seen_in(client, address)
    keeping.change(world.priority, {"title": "Theirs"}, by=officer, at=at(2026, 6, 1), seen=None)
    response = client.post(address, seen | {"ref": "1", "title": "Mine"})
    assert response.status_code == 409
    assert "“Timely plans” before, “Theirs” now" in words(response)
    assert 'value="Mine"' in response.text
    world.priority.refresh_from_db()
    assert world.priority.title == "Theirs"
    again = {field.name: field.value() for field in response.context["form"].hidden_fields()}
    client.post(address, again | {"ref": "1", "title": "Mine"})
    world.priority.refresh_from_db()
    assert world.priority.title == "Mine"


def test_a_form_whose_session_ran_out_comes_back_filled_after_signing_in(world, page, as_, client):
    address = page("priority-edit", "1")
    client.post(address, {"ref": "1", "title": "Typed long ago", "seen": "1"})
    response = as_("officer").get(address)
    assert "Typed long ago" in response.text
    assert "session had run out" in words(response)


def test_a_priority_that_got_another_reference_is_found_under_its_earlier_one(world, page, as_):
    client, address = as_("officer"), page("priority-edit", "1")
    client.post(address, seen_in(client, address) | {"ref": "A1", "title": "Timely plans"})
    assert "Timely plans" in client.get(page("priority", "1")).text
    assert "Timely plans" in client.get(page("priority", "A1")).text


def test_undo_asks_first_and_then_writes_a_further_line(world, officer, page, as_):
    keeping.change(world.priority, {"title": "Earlier plans"}, by=officer, at=at(2026, 5, 1), seen=None)
    client, address = as_("officer"), page("priority-undo", "1")
    assert "“Earlier plans” becomes “Timely plans” again" in words(client.get(address))
    seen = seen_in(client, address)
    client.post(address, seen)
    world.priority.refresh_from_db()
    assert world.priority.title == "Timely plans"
    assert client.post(address, seen).status_code == 409


def test_how_a_record_was_first_made_is_not_undone(world, page, as_):
    client = as_("officer")
    address = page("strand-undo", "early-years")
    response = client.post(address, seen_in(client, address))
    assert "There is no change that could be undone" in words(response)


# Retiring


def test_what_depends_on_a_priority_is_said_with_counts_and_addresses(world):
    world.kpi.priorities.add(world.priority)
    said = {each.sentence: each.named[0][1] for each in dependents_of(world.priority)}
    assert said == {
        "One objective hangs on it.": world.objective.get_absolute_url(),
        "One action hangs on it.": world.action.get_absolute_url(),
        "One measure of success stands under it and leaves the page with it.": world.priority.get_absolute_url(),
        "One KPI shows progress on it.": world.kpi.get_absolute_url(),
    }


def test_a_measure_is_retired_with_a_reason_and_taken_back(world, page, as_):
    client, measure = as_("officer"), SuccessMeasure.objects.get()
    address = page("measure-retire", measure.pk)
    assert "Say why it is retired." in words(client.post(address, seen_in(client, address)))
    client.post(address, seen_in(client, address) | {"because": "It cannot be counted."})
    shown = page("priority", "1")
    assert "More plans on time" not in client.get(shown).text
    assert "More plans on time" in client.get(shown, {"as_at": "2026-05-31"}).text
    client.post(address, seen_in(client, address) | {"take_back": "1"})
    assert "More plans on time" in client.get(shown).text


def test_a_retired_priority_keeps_its_page_which_says_why(world, page, as_):
    client, address = as_("officer"), page("priority-retire", "1")
    client.post(address, seen_in(client, address) | {"because": "It is reached.", "below": "on"})
    shown = words(client.get(page("priority", "1")))
    assert "Retired on 1 June 2026: It is reached." in shown
    assert "Publish the pathway" in shown
    assert "It is reached." not in words(client.get(page("priority", "1"), {"as_at": "2026-05-31"}))
    assert "Timely plans" not in client.get(page("strategy")).text
    assert "Timely plans" in client.get(page("strategy"), {"as_at": "2026-05-31"}).text
    assert "Timely plans" not in str(client.get(page("actions")).context["filter"].priorities)
    assert "Timely plans" in str(client.get(page("actions"), {"as_at": "2026-05-31"}).context["filter"].priorities)


def test_a_finding_that_was_retired_leaves_the_inspection_page_and_not_its_past(world, page, as_):
    client, finding = as_("officer"), Finding.objects.get()
    address = page("finding-retire", finding.pk, plan=False)
    client.post(address, seen_in(client, address) | {"because": "Withdrawn."})
    shown = page("inspection", plan=False)
    assert finding.text not in client.get(shown).text
    assert finding.text in client.get(shown, {"as_at": "2026-05-31"}).text


def test_a_retired_kpi_leaves_the_table_keeps_its_page_and_takes_no_figures(world, page, as_):
    client, code = as_("officer"), world.kpi.indicator.code
    address = page("kpi-retire", code, plan=False)
    assert "It is on the board page, and leaves it." in words(client.get(address))
    client.post(address, seen_in(client, address) | {"because": "Counted elsewhere."})
    table = page("kpis", plan=False)
    assert world.kpi.indicator.title not in client.get(table).text
    assert world.kpi.indicator.title in client.get(table, {"as_at": "2026-05-31"}).text
    assert "Retired on 1 June 2026: Counted elsewhere." in words(client.get(page("kpi", code, plan=False)))
    assert client.get(page("measurement-add", code, plan=False)).status_code == 404


# Moving


def test_an_objective_that_moved_is_found_at_its_old_address_and_there_in_the_past(world, page, as_):
    other = Priority.objects.create(strategy=world.strategy, ref="2", title="Good places", position=2)
    client, address = as_("officer"), page("objective-move", "o1")
    sent = seen_in(client, address) | {"priority": other.pk, "workstrand": world.strand.pk}
    response = client.post(address, sent, follow=True)
    fresh = Objective.objects.in_use().get()
    assert "Good places" in response.text
    assert client.get(page("objective", "o1"))["Location"] == fresh.get_absolute_url()
    then = client.get(page("objective", "o1"), {"as_at": "2026-05-31"})
    assert then.status_code == 200
    assert "Timely plans" in then.text
    assert "was not part of the plan" in words(client.get(fresh.get_absolute_url(), {"as_at": "2026-05-31"}))


def test_up_and_down_put_a_record_beside_its_neighbour_and_whoever_saw_another_order_is_told(world, page, as_):
    other = Priority.objects.create(strategy=world.strategy, ref="2", title="Good places", position=2)
    client = as_("officer")
    row = client.get(page("outline")).context["priorities"][1]
    sent = {"seen": row["seen"], "after": row["up"], "to": "outline"}
    client.post(page("priority-order", "2"), sent)
    assert [each.ref for each in Priority.objects.all()] == ["2", "1"]
    assert client.post(page("priority-order", "2"), sent | {"after": str(world.priority.pk)}).status_code == 409
    client.post(page("priority-order", "2"), {"seen": f"{other.pk}-{world.priority.pk}", "after": world.priority.pk})
    assert [each.ref for each in Priority.objects.all()] == ["1", "2"]


def test_what_was_merged_leads_to_the_other(world, page, as_):
    other = Priority.objects.create(strategy=world.strategy, ref="2", title="Good places", position=2)
    client, address = as_("officer"), page("priority-merge", "1")
    client.post(address, seen_in(client, address) | {"into": other.pk})
    assert client.get(page("priority", "1"))["Location"] == other.get_absolute_url()
    assert client.get(page("priority", "1"), {"as_at": "2026-05-31"}).status_code == 200
    assert "stands in its place" in words(client.get(page("priority-retire", "1")))


def test_an_objective_is_split_on_its_page(world, page, as_):
    client, address = as_("officer"), page("objective-split", "o1")
    sent = seen_in(client, address) | {"text": "Plans of quality", "actions": [world.action.pk]}
    response = client.post(address, sent, follow=True)
    assert "Plans of quality" in response.text
    assert "Publish the pathway" in response.text


# Addresses and queries


@pytest.mark.parametrize("name", ["priority-edit", "objective-move", "strand-retire", "measure-edit"])
def test_another_areas_records_are_not_found(world, page, as_, name):
    theirs = world.other_area.strategies.get()
    kind = name.split("-", maxsplit=1)[0]
    named = {"priority": "1", "objective": "o1", "strand": "early-years", "measure": SuccessMeasure.objects.get().pk}
    address = reverse(f"board:{name}", args=[world.other_area.slug, theirs.slug, named[kind]])
    assert as_("officer").get(address).status_code == 404
    assert as_("other_officer").get(address).status_code == 404


@pytest.mark.parametrize("pk", ["0", "x", "99999999999999999999", "1"])
def test_a_number_that_is_none_is_a_plain_404(world, as_, pk):
    address = f"/{world.other_area.slug}/people/leads/{pk}/edit/"
    assert as_("other_officer").get(address).status_code == 404


def test_the_outline_asks_no_more_queries_for_many_parts(world, page, as_, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = as_("officer")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(page("outline"))
    for number in range(2, 20):
        priority = Priority.objects.create(strategy=world.strategy, ref=str(number), title="More", position=number)
        WorkStrand.objects.create(
            strategy=world.strategy, slug=f"s{number}", name=f"S{number}", position=number, lead=world.lead
        )
        Objective.objects.create(
            strategy=world.strategy, priority=priority, key=f"k{number}", ref=f"K{number}", text="More"
        )
    with django_assert_num_queries(len(few)):
        client.get(page("outline"))


@pytest.mark.parametrize("name", ["objective-move", "objective-merge", "objective-split", "objective-retire"])
def test_nothing_moves_in_a_plan_that_has_ended_and_its_wording_can_be_corrected(world, page, as_, name):
    Strategy.objects.filter(pk=world.strategy.pk).update(ends_on=date(2026, 5, 31))
    client = as_("officer")
    assert "This plan ended on 31 May 2026" in words(client.get(page(name, "o1")))
    assert (
        "This plan ended on 31 May 2026"
        in words(
            client.post(
                page(name, "o1"), {"because": "Over.", "text": "Second", "into": "", "priority": world.priority.pk}
            )
        )
        or name == "objective-merge"
    )
    assert Objective.objects.in_use().get() == world.objective
    address = page("objective-edit", "o1")
    client.post(address, seen_in(client, address) | {"ref": "O1", "text": "Plans in time"})
    assert Objective.objects.get().text == "Plans in time"


def test_a_measure_moves_to_another_priority_with_its_kpis_and_stays_in_the_past(world, page, as_):
    other = Priority.objects.create(strategy=world.strategy, ref="2", title="Good places", position=2)
    measure = SuccessMeasure.objects.get()
    world.kpi.success_measures.add(measure)
    client, address = as_("officer"), page("measure-move", measure.pk)
    client.post(address, seen_in(client, address) | {"into": other.pk})
    assert list(SuccessMeasure.objects.in_use().get().kpis.all()) == [world.kpi]
    assert "More plans on time" in client.get(page("priority", "2")).text
    assert "More plans on time" not in client.get(page("priority", "1")).text
    assert "More plans on time" in client.get(page("priority", "1"), {"as_at": "2026-05-31"}).text


def test_every_page_is_found_at_its_own_address_and_none_is_taken_for_a_plan(world):
    """`<area>/<plan>/edit/` must not take `<area>/public/edit/`."""
    names = [name for name in ROWS if name.startswith(("board:", "workstrands:"))]
    taken = {name: resolve(world.address(name).partition("?")[0]).view_name for name in names}
    assert {name: found for name, found in taken.items() if found != name} == {}
