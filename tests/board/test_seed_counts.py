"""The real files hold what a careful reading of the five documents found. Seeded once for the module."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from board.seeding import seed
from board.seeding.outcome import counts_by_document
from common.dates import noon
from kpis.models import Indicator, Kpi, Measurement, Target
from people.models import Lead
from priorities.models import CurrentPractice, Finding, Inspection, OutcomeArea, Priority, SuccessMeasure
from strategies.models import GlossaryTerm, GovernanceBody, Passage, SourceDocument, Strategy, YouSaidWeDid
from workstrands.models import Action, Deadline, Objective, Placement, WorkStrand

NOW = datetime(2026, 1, 15, 9, tzinfo=UTC)
STRENGTH, TO_DO_BETTER, TO_IMPROVE = (
    Finding.Kind.STRENGTH,
    Finding.Kind.NEEDS_TO_DO_BETTER,
    Finding.Kind.AREA_FOR_IMPROVEMENT,
)


@pytest.fixture(scope="module", autouse=True)
def library(django_db_setup, django_db_blocker):
    """Everything seeded in a transaction that the module's tests share and that is then rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield seed(Path(settings.BASE_DIR) / "fixtures", now=NOW)[1]
        transaction.set_rollback(True)


def test_everything_that_the_documents_state_is_there():
    models = [
        Priority,
        WorkStrand,
        Objective,
        Action,
        SuccessMeasure,
        CurrentPractice,
        OutcomeArea,
        Strategy,
        SourceDocument,
        Lead,
    ]
    counted = {model.__name__: model.objects.count() for model in models}

    assert counted == {
        "Priority": 21,
        "WorkStrand": 13,
        "Objective": 237,
        "Action": 136,
        "SuccessMeasure": 45,
        "CurrentPractice": 52,
        "OutcomeArea": 6,
        "Strategy": 4,
        "SourceDocument": 5,
        "Lead": 5,
    }


@pytest.mark.parametrize(
    ("strategy", "priorities", "actions", "objectives"),
    [
        ("send-strategy-2020", 3, 0, 237),
        ("send-strategy-2025", 5, 57, 0),
        ("send-strategy-2021", 7, 36, 0),
        ("mitigation-plan-2019", 6, 43, 0),
    ],
)
def test_each_plan_has_its_own(strategy, priorities, actions, objectives):
    plan = Strategy.objects.get(slug=strategy)

    assert (plan.priorities.count(), plan.actions.count(), plan.objectives.count()) == (priorities, actions, objectives)
    assert plan.baselined_on is None


def test_lambeths_actions_carry_forty_six_references_of_the_document():
    actions = Action.objects.filter(area__slug="lambeth")

    assert sum(len(action.document_refs) for action in actions) == 46
    assert Action.objects.get(key="send-strategy-2021-7-10").ref == "7.10"


def test_figures_and_readings(library):
    counts = counts_by_document(library)

    assert counts["figures"].total() == 86
    assert counts["- figures: with a number"].total() == 78
    assert counts["- figures: readings with a number"].total() == 105
    measured, promised = Measurement.objects.filter(value__isnull=False), Target.objects.filter(value__isnull=False)
    assert measured.count() + promised.count() == 105
    assert not Measurement.objects.filter(is_published=False).exists()
    assert Kpi.objects.count() == 80


def test_each_areas_board_page_has_a_few_figures():
    headlines = Kpi.objects.filter(is_headline=True)

    assert headlines.filter(area__slug="lewisham").count() == 6
    assert headlines.filter(area__slug="lambeth").count() == 6


@pytest.mark.parametrize(
    ("area", "kind", "points", "parts"),
    [
        ("lewisham", STRENGTH, 14, 0),
        ("lewisham", TO_DO_BETTER, 10, 0),
        ("lewisham", TO_IMPROVE, 3, 5),
        ("lambeth", STRENGTH, 7, 0),
        ("lambeth", TO_DO_BETTER, 0, 0),
        ("lambeth", TO_IMPROVE, 5, 0),
    ],
)
def test_what_inspectors_found(area, kind, points, parts):
    findings = Finding.objects.filter(inspection__area__slug=area, kind=kind)

    assert findings.filter(parent__isnull=True).count() == points
    assert findings.filter(parent__isnull=False).count() == parts
    assert Inspection.objects.get(area__slug=area).is_second_hand is (area == "lambeth")


def test_what_people_look_up():
    assert YouSaidWeDid.objects.values("said").distinct().count() == 3
    assert YouSaidWeDid.objects.count() == 14
    assert GlossaryTerm.objects.filter(is_listed=True).count() == 24
    assert GlossaryTerm.objects.filter(is_listed=False).count() == 38
    assert GovernanceBody.objects.filter(is_formal=True).count() == 18
    assert GovernanceBody.objects.filter(is_formal=False).count() == 35
    assert Passage.objects.count() == 239


def test_the_revised_dates_of_the_mitigation_plan_are_all_kept():
    dates = Deadline.objects.filter(action__key="mitigation-plan-2019-1-6").order_by("number")

    assert [(row.as_written, row.applies_to) for row in dates] == [
        ("Sept '19", ""),
        ("Oct '19", "secondary transfer"),
        ("Jan '20", "primary transfer"),
    ]
    assert {row.recorded_at for row in dates} == {noon(date(2019, 6, 18))}


def test_every_action_is_placed_once_and_every_row_has_its_source():
    assert Placement.objects.count() == 136
    sourced = [
        Priority,
        Objective,
        Action,
        SuccessMeasure,
        Finding,
        Measurement,
        Target,
        Kpi,
        Placement,
        Deadline,
        Passage,
    ]
    for model in sourced:
        assert not model.objects.filter(source__isnull=True).exists(), model
    assert Indicator.objects.filter(source__isnull=True).count() == 9, "the shared ones"


def test_a_second_run_finds_nothing_to_do(django_assert_max_num_queries):
    with django_assert_max_num_queries(50):
        outcome = seed(Path(settings.BASE_DIR) / "fixtures", now=NOW)[0]

    assert (outcome.total("created"), outcome.total("updated"), outcome.total("kept"), outcome.gone) == (0, 0, 0, [])
