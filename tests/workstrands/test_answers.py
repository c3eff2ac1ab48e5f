"""What of an area's plans answers an inspection finding, and who says so."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpis.models import Indicator, Kpi
from priorities.models import Finding, Inspection
from strategies.models import Strategy
from tests.world import at, build_world
from workstrands.answering import answer_finding, mark_critical
from workstrands.models import Action

BACKEND = "django.contrib.auth.backends.ModelBackend"
NOW = at(2026, 3, 10)
ACTION, OBJECTIVE, KPI = "action:a-1", "objective:send-strategy/o1", "kpi:plans-within-20-weeks"


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return build_world()


@pytest.fixture
def finding(world) -> Finding:
    inspection = Inspection.objects.get(area=world.area)
    return Finding.objects.create(
        inspection=inspection, kind="area_for_improvement", ref="A1.1", text="Waits are long."
    )


@pytest.fixture
def page(world, finding):
    return reverse("workstrands:answers", args=[world.area.slug, "2024-09-27", "A1.1"])


@pytest.fixture
def officer(client, world, settings):
    settings.AUTHENTICATION_BACKENDS = [BACKEND]
    client.force_login(world.people["officer"], backend=BACKEND)
    return client


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def more_actions(world, count: int, *, first: int = 2) -> list[Action]:
    return [
        Action.objects.create(
            area=world.area, strategy=world.strategy, key=f"a-{n}", ref=f"1.{n}", title=f"Shorten waits {n}", position=n
        )
        for n in range(first, first + count)
    ]


def test_objectives_actions_and_kpis_are_linked_at_once(officer, page, world, finding):
    response = officer.post(page, {"answers": [ACTION, OBJECTIVE, KPI]}, follow=True)

    assert "Finding A1.1: 3 changes saved." in text_of(response)
    assert response.redirect_chain[-1][0] == f"/{world.area.slug}/inspection/#finding-2024-09-27-A1.1"
    assert 'id="finding-2024-09-27-A1.1"' in text_of(response)
    assert set(finding.actions.all()) == {world.action}
    assert set(finding.objectives.all()) == {world.objective}
    assert set(finding.kpis.all()) == {world.kpi}


def test_the_history_says_who_linked_what_and_when(officer, page, world, finding):
    officer.post(page, {"answers": [ACTION, KPI]})

    for record in (world.action, world.kpi):
        line = record.history.first()
        assert line.history_user == world.people["officer"]
        assert line.history_date == NOW
        assert line.history_change_reason == "Answers finding A1.1 Waits are long."
    assert [link.finding for link in world.action.history.first().findings.all()] == [finding]


def test_each_linked_record_leads_to_the_finding_in_its_place(officer, page, world):
    officer.post(page, {"answers": [ACTION, OBJECTIVE, KPI]})
    anchor = f'href="/{world.area.slug}/inspection/#finding-2024-09-27-A1.1"'

    assert anchor in text_of(officer.get(world.action.get_absolute_url()))
    assert anchor in text_of(officer.get(world.objective.get_absolute_url()))
    assert anchor in text_of(officer.get(world.address("board:kpi")))


def test_what_is_no_longer_ticked_is_parted(officer, page, world, finding):
    world.action.findings.add(finding)
    world.objective.findings.add(finding)

    officer.post(page, {"was": [ACTION, OBJECTIVE], "answers": [OBJECTIVE]})

    assert not finding.actions.exists()
    assert set(finding.objectives.all()) == {world.objective}
    assert world.action.history.first().history_change_reason == "No longer answers finding A1.1 Waits are long."


def test_two_people_at_once_lose_nothing_of_each_other(officer, page, world, finding):
    """The objective was linked by somebody else after this page was opened."""
    world.objective.findings.add(finding)

    officer.post(page, {"was": [], "answers": [ACTION]})

    assert finding.objectives.exists()
    assert finding.actions.exists()


def test_the_same_sent_twice_changes_nothing_more(officer, page, world):
    officer.post(page, {"answers": [ACTION]})
    lines = world.action.history.count()

    assert "Nothing was changed." in text_of(officer.post(page, {"answers": [ACTION]}, follow=True))
    assert world.action.history.count() == lines


def test_an_action_becomes_critical_only_where_the_officer_says_so(officer, page, world):
    officer.post(page, {"answers": [ACTION]})
    world.action.refresh_from_db()
    assert not world.action.is_critical

    [other] = more_actions(world, 1)
    officer.post(page, {"was": [ACTION], "answers": [ACTION, "action:a-2"], "new_are_critical": "on"})
    world.action.refresh_from_db()
    other.refresh_from_db()
    assert (world.action.is_critical, other.is_critical) == (False, True)
    assert other.history.first().history_user == world.people["officer"]


def test_a_linked_action_is_marked_critical_and_unmarked(officer, page, world, finding):
    world.action.findings.add(finding)
    stands = {"was": [ACTION], "answers": [ACTION]}

    officer.post(page, {**stands, "critical": [ACTION]})
    assert Action.objects.get(pk=world.action.pk).is_critical
    assert 'name="was_critical" value="action:a-1"' in text_of(officer.get(page))

    officer.post(page, {**stands, "was_critical": [ACTION]})
    assert not Action.objects.get(pk=world.action.pk).is_critical


def test_words_narrow_what_is_listed_and_what_is_ticked_stays(officer, page, world, finding):
    more_actions(world, 3)
    world.action.findings.add(finding)

    text = text_of(officer.get(page, {"q": "SHORTEN 1.3"}))
    assert "Shorten waits 3" in text
    assert "Shorten waits 2" not in text
    assert "Publish the pathway" in text
    assert "1 record found for “SHORTEN 1.3”" in text

    sent = {"find": "1", "q": "1.4", "was": [ACTION], "answers": ["action:a-2"]}
    text = text_of(officer.post(page, sent))
    assert "Shorten waits 4" in text
    assert "Shorten waits 2" in text
    assert "Shorten waits 3" not in text
    assert set(finding.actions.all()) == {world.action}
    assert "Nothing else has these words." in text_of(officer.get(page, {"q": "nowhere"}))


@pytest.mark.parametrize(
    "sent",
    [
        {"answers": ["action:no-such"]},
        {"answers": [ACTION, "1"]},
        {"answers": ["\x00"], "q": "\x00"},
        {"answers": [ACTION], "was": ["x" * 10_000]},
        {"answers": [ACTION], "q": "x" * 100_000},
    ],
)
def test_what_is_not_there_is_refused_and_nothing_is_half_saved(officer, page, finding, sent):
    response = officer.post(page, sent)

    assert response.status_code == 200
    assert "There is a problem" in text_of(response)
    assert not finding.actions.exists()


@pytest.mark.parametrize(
    "place", ["2024-09-28/A1.1", "2024-02-31/A1.1", "soon/A1.1", "2024-09-27/A9", "2024-09-27/%00"]
)
def test_a_finding_that_is_not_there_answers_404(officer, world, finding, place):
    assert officer.get(f"/{world.area.slug}/inspection/{place}/").status_code == 404
    assert officer.post(f"/{world.area.slug}/inspection/{place}/").status_code == 404


def test_another_areas_records_and_findings_are_not_to_be_had(officer, page, world, finding):
    plan = Strategy.objects.get(area=world.other_area)
    theirs = Action.objects.create(area=world.other_area, strategy=plan, key="theirs", ref="1", title="Theirs")
    inspection = Inspection.objects.create(
        area=world.other_area, inspected_from=date(2023, 1, 9), inspected_to=date(2023, 1, 13)
    )
    Finding.objects.create(inspection=inspection, kind="area_for_improvement", ref="A1", text="Elsewhere.")

    officer.post(page, {"answers": ["action:theirs"]})

    assert not theirs.findings.exists()
    assert "Theirs" not in text_of(officer.get(page))
    assert officer.get(f"/{world.area.slug}/inspection/2023-01-13/A1/").status_code == 404
    with pytest.raises(ValidationError, match="its own area"):
        answer_finding(finding, add=[theirs], by=world.people["officer"], at=NOW)


def test_a_retired_action_is_not_offered_but_can_be_parted(officer, page, world, finding):
    [retired] = more_actions(world, 1)
    Action.objects.filter(pk=retired.pk).update(retired_at=at(2026, 2, 1, 0))
    assert "Shorten waits 2" not in text_of(officer.get(page))

    retired.findings.add(finding)
    assert "Shorten waits 2" in text_of(officer.get(page))
    officer.post(page, {"was": ["action:a-2"], "answers": []})
    assert not finding.actions.exists()


def test_only_officers_find_the_way_from_the_inspection_page(client, officer, page, world, settings):
    inspection = world.address("board:inspection")
    assert page in text_of(officer.get(inspection))
    assert page not in text_of(officer.get(inspection, {"as_at": "2026-03-01"}))
    client.force_login(world.people["board"], backend=BACKEND)
    assert page not in text_of(client.get(inspection))
    assert client.get(page).status_code == 403


def test_an_illustrative_officer_is_offered_illustrative_kpis_alone(officer, page, world, finding):
    person = world.people["officer"]
    person.is_illustrative = True
    person.save()
    made_up = Indicator.objects.create(code="made-up", title="A made-up figure", unit="percent", polarity="higher")
    Kpi.objects.create(area=world.area, indicator=made_up, is_illustrative=True)

    text = text_of(officer.get(page))
    assert "A made-up figure" in text
    assert "EHC plans issued within 20 weeks" not in text
    officer.post(page, {"answers": [KPI]})
    assert not finding.kpis.exists()
    with pytest.raises(ValidationError, match="illustrative KPIs only"):
        answer_finding(finding, add=[world.kpi], by=person, at=NOW)


def test_marking_what_is_marked_already_changes_nothing(world):
    officer = world.people["officer"]
    assert mark_critical([world.action], is_critical=True, by=officer, at=NOW) == 1
    assert mark_critical([world.action], is_critical=True, by=officer, at=NOW) == 0


def test_the_queries_do_not_grow_with_what_can_be_linked(officer, page, world, finding):
    world.action.findings.add(finding)
    officer.get(page)
    with CaptureQueriesContext(connection) as few:
        officer.get(page)
    for action in more_actions(world, 40):
        action.findings.add(finding)
    with CaptureQueriesContext(connection) as many:
        officer.get(page)

    assert len(many) == len(few)
