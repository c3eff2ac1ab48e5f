"""What illustrative sign-ins change of real records goes with the demonstration; what real people wrote stays."""

from datetime import date
from decimal import Decimal

import pytest

from board.demonstration.restoring import replay
from kpis.models import Indicator, Kpi
from people.models import Lead, Membership, Partner, User
from priorities.models import Finding, Inspection
from strategies.models import Strategy
from tests.board.test_demo import TODAY, demo, everything, make_plan
from tests.world import at
from workstrands.answering import answer_finding, mark_critical
from workstrands.models import Action
from workstrands.planning import ActionNeeds, KpiNeeds, baseline, set_up_actions, set_up_kpis

NOW = at(2026, 11, 23)


# The rule


def real(**held):
    return False, held


def made_up(**held):
    return True, held


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        ([real(a=1)], {"a": 1}),
        ([real(a=1), made_up(a=2)], {"a": 1}),
        ([real(a=1), made_up(a=2), made_up(a=3)], {"a": 1}),
        ([real(a=1), real(a=2), made_up(a=3)], {"a": 2}),
        ([real(a=1, b=1), made_up(a=2, b=1), real(a=2, b=5)], {"a": 1, "b": 5}),
        ([real(a=1), made_up(a=2), real(a=4)], {"a": 4}),
        ([real(a=1), made_up(a=None)], {"a": 1}),
        ([made_up(a=1), made_up(a=2)], {}),
    ],
)
def test_each_field_keeps_what_the_last_real_person_made_of_it(lines, values):
    assert replay(lines).values == values


@pytest.mark.parametrize(
    ("lines", "links"),
    [
        ([real(l=frozenset({1})), made_up(l=frozenset({1, 2}))], {1}),
        ([real(l=frozenset({1})), made_up(l=frozenset())], {1}),
        ([real(l=frozenset()), made_up(l=frozenset({2})), real(l=frozenset({2, 3}))], {3}),
        ([real(l=frozenset({1})), made_up(l=frozenset({1, 2})), real(l=frozenset({2}))], set()),
    ],
)
def test_of_links_only_those_really_made_stay(lines, links):
    assert replay(lines).values["l"] == links


@pytest.mark.parametrize(
    ("lines", "is_edited_since"),
    [
        ([real(a=1), made_up(a=2)], False),
        ([real(a=1), made_up(a=2), real(a=3)], True),
        ([real(a=1), real(a=3)], False),
    ],
)
def test_it_is_noticed_that_a_real_person_wrote_since(lines, is_edited_since):
    assert replay(lines).is_edited_since is is_edited_since


# The demonstration


@pytest.fixture
def plan(db) -> Strategy:
    return make_plan("lewisham", starts_on=date(2025, 12, 1), ends_on=date(2030, 12, 31))


@pytest.fixture
def finding(plan) -> Finding:
    inspection = Inspection.objects.create(
        area=plan.area, inspected_from=date(2024, 9, 23), inspected_to=date(2024, 9, 27)
    )
    text = "Autism assessment pathways keep children waiting for a diagnosis: develop them so that nobody waits a year."
    return Finding.objects.create(inspection=inspection, kind="area_for_improvement", ref="A1", text=text)


@pytest.fixture
def kpi(plan) -> Kpi:
    indicator = Indicator.objects.create(code="on-time", title="Plans on time", unit="percent", polarity="higher")
    return Kpi.objects.create(area=plan.area, indicator=indicator)


def officer() -> User:
    return User.objects.get(email="officer@lewisham.example")


def real_officer(plan) -> User:
    person = User.objects.create(email="officer@example.test")
    Membership.objects.create(user=person, area=plan.area, role=Membership.Role.OFFICER)
    return person


def test_the_demonstration_links_findings_and_takes_the_links_off_again(plan, finding):
    before = everything()
    demo(today=TODAY)

    linked = finding.actions.all()
    assert 1 <= len(linked) <= 2
    assert all(action.history.filter(history_user=officer()).exists() for action in linked)
    [kpi] = finding.kpis.all()
    assert kpi.is_illustrative
    assert all(kpi in action.kpis.all() for action in linked)

    demo(remove=True)
    assert everything() == before


def test_what_the_illustrative_officer_sets_up_is_given_back(plan, finding, kpi):
    before = everything()
    demo(today=TODAY)
    by, lead = {"by": officer(), "at": NOW}, Lead.objects.filter(is_illustrative=True, left_on=None).first()
    action = Action.objects.filter(findings=None).last()
    partner = Partner.objects.filter(is_illustrative=True).first()
    set_up_actions([ActionNeeds(action, partner=partner, starts_on=date(2026, 1, 5))], **by)
    set_up_kpis([KpiNeeds(kpi, owner=lead, tolerance=Decimal(3))], **by)
    mark_critical([action], is_critical=True, **by)
    answer_finding(finding, add=[action], **by)
    plan.refresh_from_db()
    baseline(plan, on=date(2026, 6, 1), **by)

    demo(remove=True)

    assert everything() == before


def test_a_real_baseline_that_was_moved_in_the_demonstration_is_put_back(plan):
    baseline(plan, on=date(2026, 1, 1), by=real_officer(plan), at=at(2026, 2, 1))
    demo(today=TODAY)
    plan.refresh_from_db()
    baseline(plan, on=date(2026, 6, 1), by=officer(), at=NOW)

    demo(remove=True)

    plan.refresh_from_db()
    assert (plan.baselined_on, plan.is_baseline_illustrative) == (date(2026, 1, 1), False)


def test_what_a_real_person_wrote_since_is_kept_and_said(plan, finding):
    demo(today=TODAY)
    person = real_officer(plan)
    action = Action.objects.filter(findings=None).last()
    partner = Partner.objects.filter(is_illustrative=True).first()
    set_up_actions([ActionNeeds(action, partner=partner, starts_on=date(2026, 1, 5))], by=officer(), at=NOW)
    set_up_actions([ActionNeeds(action, starts_on=date(2026, 2, 2))], by=person, at=NOW)
    answer_finding(finding, add=[action], by=person, at=NOW)

    said = demo(remove=True)

    action = Action.objects.get(pk=action.pk)
    assert (action.starts_on, action.partner) == (date(2026, 2, 2), None)
    assert set(finding.actions.all()) == {action}
    assert f"action {action}: a real person changed it since; what they wrote is kept." in said
    assert not action.history.filter(history_user__is_illustrative=True).exists()


def test_writing_it_anew_gives_back_first(plan):
    demo(today=TODAY)
    action = Action.objects.last()
    set_up_actions([ActionNeeds(action, starts_on=date(2026, 1, 5))], by=officer(), at=NOW)

    demo(today=date(2026, 10, 5))

    assert Action.objects.get(pk=action.pk).starts_on is None
