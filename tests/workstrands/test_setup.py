from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpis.models import Indicator, Kpi, Target
from people.models import Lead, Partner
from strategies.models import Strategy
from tests.world import at, build_world
from workstrands.models import Action, Deadline, Placement
from workstrands.planning import SetUpCounts, baseline, needs, place_action, set_deadline, setup_counts, why_no_baseline

BACKEND = "django.contrib.auth.backends.ModelBackend"
NOW = at(2026, 3, 10)


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    world = build_world()
    world.strategy.baselined_on = None
    world.strategy.save()
    return world


@pytest.fixture
def officer(client, world, settings):
    settings.AUTHENTICATION_BACKENDS = [BACKEND]
    client.force_login(world.people["officer"], backend=BACKEND)
    return client


@pytest.fixture
def page(world):
    return world.address("workstrands:set-up")


def bare_action(world, number: int) -> Action:
    """An action as a document leaves it: nobody's, and by no date."""
    action = Action.objects.create(
        area=world.area,
        strategy=world.strategy,
        key=f"bare-{number}",
        ref=f"2.{number}",
        title=f"Bare action {number}",
        position=number,
    )
    Placement.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), priority=world.priority)
    return action


def bare_kpi(world, number: int = 1, **fields) -> Kpi:
    indicator = Indicator.objects.create(
        code=f"bare-{number}", title=f"Bare KPI {number}", **{"unit": "percent", "polarity": "higher", **fields}
    )
    return Kpi.objects.create(area=world.area, indicator=indicator)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def row(action, **fields) -> dict:
    seen = fields.pop("seen", "1.0..")
    return {
        "row": action.key,
        f"a-{action.key}-seen": seen,
        **{f"a-{action.key}-{name}": value for name, value in fields.items()},
    }


def kpi_row(kpi, **fields) -> dict:
    code = kpi.indicator.code
    return {"row": code, f"k-{code}-seen": "..0", **{f"k-{code}-{name}": value for name, value in fields.items()}}


# What a plan still needs


@pytest.mark.parametrize(
    ("lacking", "sentence"),
    [
        ((57, 57, 9), "57 actions need a lead, 57 a date, 9 KPIs a target."),
        ((1, 2, 0), "1 action needs a lead, 2 a date."),
        ((0, 0, 1), "1 KPI needs a target."),
        ((0, 1200, 9), "1,200 actions need a date, 9 KPIs a target."),
        ((0, 0, 0), "Every action has a lead and a date, and every KPI a target."),
    ],
)
def test_what_is_needed_is_one_sentence(lacking, sentence):
    lead, day, target = lacking
    counts = SetUpCounts(
        actions=57,
        actions_without_lead=lead,
        actions_without_date=day,
        kpis=9,
        kpis_without_target=target,
        kpis_without_owner=0,
    )

    assert counts.sentence == sentence
    assert counts.is_complete is not any(lacking)


def test_nothing_needed_is_no_sentence():
    assert needs([("action", "a lead", 0)]) == ""


def test_the_counts_are_two_queries_whatever_the_plan(world, django_assert_num_queries):
    for number in range(2, 8):
        bare_action(world, number)
    bare_kpi(world)

    with django_assert_num_queries(2):
        counts = setup_counts(world.strategy, NOW)

    assert (counts.actions, counts.actions_without_lead, counts.actions_without_date) == (7, 6, 6)
    assert (counts.kpis, counts.kpis_without_target, counts.kpis_without_owner) == (2, 1, 1)


def test_the_counts_are_as_at_the_moment(world):
    action = bare_action(world, 2)
    place_action(action, lead=world.lead, by=None, at=at(2026, 3, 1))

    assert setup_counts(world.strategy, at(2026, 2, 1)).actions_without_lead == 1
    assert setup_counts(world.strategy, at(2026, 3, 2)).actions_without_lead == 0


def test_what_is_context_or_in_words_needs_no_target(world):
    bare_kpi(world, 1, polarity="contextual")
    bare_kpi(world, 2, unit="text")

    assert setup_counts(world.strategy, NOW).kpis == 1


def test_a_proposed_date_does_not_count(world):
    action = bare_action(world, 2)
    Deadline.objects.create(action=action, number=1, recorded_at=NOW, due_on=date(2026, 9, 1), state="proposed")

    assert setup_counts(world.strategy, NOW).actions_without_date == 1


# Writing


def test_a_hand_over_is_a_further_row_in_the_same_place(world):
    other = Lead.objects.get(name="Another lead")
    placement = place_action(world.action, lead=other, by=world.people["officer"], at=NOW)

    assert (placement.number, placement.objective, placement.lead) == (2, world.objective, other)
    assert placement.recorded_by == world.people["officer"]


def test_a_move_keeps_the_lead(world):
    placement = place_action(world.action, priority=world.priority, by=None, at=NOW)

    assert (placement.objective, placement.priority, placement.lead) == (None, world.priority, world.lead)


def test_a_date_before_the_start_is_refused(world):
    with pytest.raises(ValidationError, match="on or after the day it starts, 1 January 2026"):
        set_deadline(world.action, due_on=date(2025, 12, 31), by=None, at=NOW)


@pytest.mark.parametrize(
    ("on", "is_refused"),
    [
        (date(2025, 12, 31), True),
        (date(2026, 1, 1), False),
        (date(2026, 3, 10), False),
        (date(2026, 3, 11), True),
    ],
)
def test_a_plan_is_baselined_within_its_life_and_not_ahead(world, on, is_refused):
    assert bool(why_no_baseline(world.strategy, on, today=date(2026, 3, 10))) is is_refused


def test_a_baseline_is_kept_in_the_history_with_who_set_it(world):
    baseline(world.strategy, on=date(2026, 2, 1), by=world.people["officer"], at=NOW)

    plan = Strategy.objects.get(pk=world.strategy.pk)
    assert plan.baselined_on == date(2026, 2, 1)
    assert plan.history.first().history_user == world.people["officer"]


# The page


def test_the_page_lists_what_needs_something_and_says_how_much(officer, page, world):
    bare_action(world, 2)
    text = text_of(officer.get(page))

    assert "1 action needs a lead, 1 a date." in text
    assert "Bare action 2" in text
    assert "Publish the pathway" not in text
    assert "Publish the pathway" in text_of(officer.get(f"{page}?all=1"))


def test_a_plan_that_needs_nothing_says_where_to_go_on(officer, page):
    assert "Every action has a lead and a date." in text_of(officer.get(page))
    assert "Every KPI has an owner and a target." in text_of(officer.get(f"{page}?part=kpis"))


def test_rows_are_filled_in_together(officer, page, world):
    first, second = bare_action(world, 2), bare_action(world, 3)
    partner = Partner.objects.get()
    rows = {
        **row(first, lead=world.lead.pk, partner=partner.pk, starts_on="1 2 2026", due_on="31 October 2026"),
        **row(second, due_on="2026-12-01"),
        "row": [first.key, second.key],
    }
    response = officer.post(page, rows, follow=True)

    assert "2 actions set up." in text_of(response)
    first.refresh_from_db()
    assert (first.partner, first.starts_on) == (partner, date(2026, 2, 1))
    assert first.placements.get(number=2).lead == world.lead
    assert first.placements.get(number=2).priority == world.priority
    assert first.deadlines.get().due_on == date(2026, 10, 31)
    assert first.deadlines.get().state == "agreed"
    assert second.placements.count() == 1
    assert second.deadlines.get().due_on == date(2026, 12, 1)
    assert first.history.first().history_user == world.people["officer"]


def test_one_bad_row_and_nothing_is_saved_and_all_is_kept(officer, page, world):
    first, second = bare_action(world, 2), bare_action(world, 3)
    rows = {**row(first, lead=world.lead.pk), **row(second, due_on="31 February 2027"), "row": [first.key, second.key]}
    text = text_of(officer.post(page, rows))

    assert "There is a problem. Nothing was saved." in text
    assert "there is no 31 February 2027. Choose a real day." in text
    assert 'href="#id_a-bare-3-due_on"' in text
    assert 'value="31 February 2027"' in text
    assert first.placements.count() == 1


@pytest.mark.parametrize(
    "nonsense", ["soon", "1 2", "1 2 3 4", "1 Foo 2027", "31/13/2027", "0 1 2027", "\x07", "x" * 100_000]
)
def test_a_date_that_is_none_is_refused_by_its_field(officer, page, world, nonsense):
    action = bare_action(world, 2)
    response = officer.post(page, row(action, due_on=nonsense))

    assert response.status_code == 200
    assert "Due date" in text_of(response)
    assert not action.deadlines.exists()


def test_a_due_date_before_the_start_is_refused_by_row(officer, page, world):
    action = bare_action(world, 2)
    text = text_of(officer.post(page, row(action, starts_on="1 6 2026", due_on="1 5 2026")))

    assert "Action 2.2 is due on or after the day it starts, 1 June 2026." in text
    action.refresh_from_db()
    assert action.starts_on is None


def test_a_new_lead_is_named_once_and_chosen_in_many_rows(officer, page, world):
    first, second = bare_action(world, 2), bare_action(world, 3)
    rows = {**row(first, lead="new1"), **row(second, lead="new1"), "row": [first.key, second.key],
            "actions-new1-name": "Head of Inclusion", "actions-new1-role": "Head of service"}  # fmt: skip
    officer.post(page, rows)

    new = Lead.objects.get(name="Head of Inclusion")
    assert (new.area, new.role) == (world.area, "Head of service")
    assert {first.placements.get(number=2).lead, second.placements.get(number=2).lead} == {new}


def test_a_new_lead_without_a_name_is_asked_for_it(officer, page, world):
    action = bare_action(world, 2)

    assert "Action 2.2: name new lead 1 above the table first." in text_of(officer.post(page, row(action, lead="new1")))
    text = text_of(officer.post(page, {**row(action), "actions-new2-role": "Head of service"}))
    assert "New lead 2 needs a name or post." in text


def test_a_lead_or_partner_of_another_area_is_not_to_be_had(officer, page, world):
    action = bare_action(world, 2)
    stranger = Lead.objects.create(area=world.other_area, name="Stranger")
    body = Partner.objects.create(area=world.other_area, name="Elsewhere", sector="council")

    officer.post(page, row(action, lead=stranger.pk))
    officer.post(page, row(action, partner=body.pk))

    action.refresh_from_db()
    assert action.partner is None
    assert action.placements.count() == 1


def test_another_areas_action_is_not_to_be_had(officer, page, world):
    plan = Strategy.objects.get(area=world.other_area)
    theirs = Action.objects.create(area=world.other_area, strategy=plan, key="theirs", ref="1", title="Theirs")

    officer.post(page, row(theirs, due_on="1 5 2027"))

    assert not theirs.deadlines.exists()


def test_what_somebody_else_set_meanwhile_is_not_overwritten_unseen(officer, page, world):
    action = bare_action(world, 2)
    place_action(action, lead=world.lead, by=None, at=at(2026, 3, 9))
    other = Lead.objects.get(name="Another lead")

    text = text_of(officer.post(page, row(action, lead=other.pk)))
    assert "Action 2.2 was changed by somebody else meanwhile: lead Head of SEND, due on no date." in text
    assert action.placements.count() == 2
    assert 'value="2.0.."' in text

    officer.post(page, row(action, lead=other.pk, seen="2.0.."))
    assert action.placements.get(number=3).lead == other


def test_a_row_left_empty_or_as_it_stands_changes_nothing(officer, page, world):
    text = text_of(
        officer.post(page, row(world.action, lead=world.lead.pk, due_on="30 6 2026", seen="stale"), follow=True)
    )

    assert "Nothing was changed." in text
    assert world.action.placements.count() == 1
    assert world.action.deadlines.count() == 1


def test_kpis_get_an_owner_a_target_and_a_tolerance(officer, page, world):
    kpi = bare_kpi(world)
    fields = kpi_row(kpi, owner=world.lead.pk, target="92.5", target_from="1 4 2026", tolerance="5")
    text = text_of(officer.post(f"{page}?part=kpis", fields, follow=True))

    assert "1 KPI set up." in text
    kpi.refresh_from_db()
    target = kpi.targets.get()
    assert (kpi.owner, kpi.tolerance) == (world.lead, Decimal(5))
    assert (target.value, target.period_start, target.kind) == (Decimal("92.5"), date(2026, 4, 1), "standing")
    assert target.recorded_by == world.people["officer"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"target": "90"}, "say from which day the target holds."),
        ({"target_from": "1 4 2026"}, "give the target itself."),
        ({"target": "many", "target_from": "1 4 2026"}, "Target: write a number, such as 92.5."),
        ({"target": "NaN", "target_from": "1 4 2026"}, "Target: write a number, such as 92.5."),
        ({"tolerance": "-1"}, "Tolerance: zero or more."),
    ],
)
def test_what_a_kpi_row_lacks_is_said(officer, page, world, fields, message):
    kpi = bare_kpi(world)

    assert message in text_of(officer.post(f"{page}?part=kpis", kpi_row(kpi, **fields)))
    assert not Target.objects.filter(kpi=kpi).exists()


def test_baselining_asks_for_confirmation_and_a_day(officer, page, world):
    address = f"{page}?part=baseline"
    assert "Tick the box to confirm that flags start." in text_of(
        officer.post(address, {"baselined_on_0": "1", "baselined_on_1": "2", "baselined_on_2": "2026"})
    )
    assert "Give the day from which the plan is held to its dates." in text_of(
        officer.post(address, {"is_confirmed": "on"})
    )
    text = text_of(
        officer.post(
            address, {"baselined_on_0": "31", "baselined_on_1": "12", "baselined_on_2": "2025", "is_confirmed": "on"}
        )
    )
    assert "Choose a day on or after 1 January 2026, when the plan starts." in text
    world.strategy.refresh_from_db()
    assert world.strategy.baselined_on is None

    text = text_of(
        officer.post(
            address,
            {"baselined_on_0": "1", "baselined_on_1": "2", "baselined_on_2": "2026", "is_confirmed": "on"},
            follow=True,
        )
    )
    assert "held to its leads and dates from 1 February 2026" in text


@pytest.mark.parametrize("query", ["part=nonsense", "as_at=2026-02-01", "as_at=nonsense"])
def test_nonsense_in_the_address_answers_404(officer, page, query):
    assert officer.get(f"{page}?{query}").status_code == 404


@pytest.mark.parametrize("query", ["page=nonsense", "page=9999", "part=kpis&page=-1"])
def test_a_page_that_is_not_there_is_the_nearest(officer, page, query):
    assert officer.get(f"{page}?{query}").status_code == 200


@pytest.mark.parametrize("fields", [{}, {"row": ["no-such", "\x00"]}, {"row": "x" * 10_000}])
def test_a_post_without_sense_changes_nothing(officer, page, fields):
    assert officer.post(page, fields).status_code in (200, 302)


@pytest.mark.parametrize(
    ("who", "status"), [("lead", 403), ("board", 403), ("administrator", 403), ("other_officer", 404)]
)
def test_who_may_not_set_a_plan_up(client, world, page, settings, who, status):
    settings.AUTHENTICATION_BACKENDS = [BACKEND]
    client.force_login(world.people[who], backend=BACKEND)

    assert client.get(page).status_code == status
    assert client.post(page, {}).status_code == status


def test_rows_come_25_a_page_and_cost_no_queries_of_their_own(officer, page, world):
    bare_action(world, 2)
    officer.get(page)
    with CaptureQueriesContext(connection) as one:
        officer.get(page)
    for number in range(3, 53):
        bare_action(world, number)
    with CaptureQueriesContext(connection) as many:
        text = text_of(officer.get(page))

    assert len(many) == len(one)
    assert text.count('name="row"') == 25


def test_twenty_five_rows_are_read_with_as_many_queries_as_one(officer, page, world):
    actions = [bare_action(world, number) for number in range(2, 27)]
    with CaptureQueriesContext(connection) as one:
        officer.post(page, row(actions[0], due_on="nonsense"))
    fields = {"row": [action.key for action in actions]}
    for action in actions:
        fields |= {f"a-{action.key}-due_on": "nonsense", f"a-{action.key}-seen": "1.0.."}
    with CaptureQueriesContext(connection) as many:
        officer.post(page, fields)

    assert len(many) == len(one)


# Illustrative sign-ins


@pytest.fixture
def illustrative_officer(officer, world):
    person = world.people["officer"]
    person.is_illustrative = True
    person.save()
    return officer


def test_an_illustrative_officer_is_offered_illustrative_leads_and_partners_alone(illustrative_officer, page, world):
    bare_action(world, 2)
    made_up = Lead.objects.create(area=world.area, name="A post (illustrative)", is_illustrative=True)
    Partner.objects.create(area=world.area, name="A body (illustrative)", sector="council", is_illustrative=True)

    text = text_of(illustrative_officer.get(page))
    assert f'<option value="{made_up.pk}">A post (illustrative)</option>' in text
    assert "A body (illustrative)" in text
    assert "Head of SEND" not in text
    assert "Northvale Council" not in text


def test_an_illustrative_officer_does_not_take_work_from_a_real_lead(illustrative_officer, page, world):
    made_up = Lead.objects.create(area=world.area, name="A post (illustrative)", is_illustrative=True)
    sent = row(world.action, lead=made_up.pk, starts_on="1 2 2026", seen=f"1.1.{world.action.partner_id}.")

    text = text_of(illustrative_officer.post(page, sent))

    assert "Action 1.1: Head of SEND is no illustrative lead." in text
    assert world.action.placements.count() == 1
    world.action.refresh_from_db()
    assert world.action.starts_on is None


def test_an_illustrative_officer_does_not_take_a_kpi_from_a_real_owner(illustrative_officer, page, world):
    made_up = Lead.objects.create(area=world.area, name="A post (illustrative)", is_illustrative=True)
    sent = kpi_row(world.kpi, owner=made_up.pk)
    sent["k-plans-within-20-weeks-seen"] = f"{world.lead.pk}.5.1"

    text = text_of(illustrative_officer.post(f"{page}?part=kpis", sent))

    assert "Head of SEND is no illustrative lead." in text
    world.kpi.refresh_from_db()
    assert world.kpi.owner == world.lead


def test_an_illustrative_officer_reads_who_leads_and_that_it_cannot_change_that(illustrative_officer, page, world):
    text = text_of(illustrative_officer.get(f"{page}?all=1"))
    assert "Head of SEND. An illustrative sign-in cannot change this." in text
    assert 'name="a-a-1-lead"' not in text
    assert '<option value="">Northvale Council</option>' in text

    text = text_of(illustrative_officer.get(f"{page}?part=kpis&all=1"))
    assert "Head of SEND. An illustrative sign-in cannot change this." in text
    assert 'name="k-plans-within-20-weeks-owner"' not in text


def test_a_lead_who_has_left_is_named_and_not_offered(officer, page, world):
    Lead.objects.filter(pk=world.lead.pk).update(left_on=date(2026, 2, 1))
    text = text_of(officer.get(f"{page}?all=1"))

    assert '<option value="">Head of SEND, who has left</option>' in text
    assert f'<option value="{world.lead.pk}"' not in text


def test_a_title_is_never_cut(officer, page, world):
    title = "Publish " + "a very long pathway " * 30 + "to the end"
    type(world.action).objects.filter(pk=world.action.pk).update(title=title)

    assert title in text_of(officer.get(f"{page}?all=1"))
