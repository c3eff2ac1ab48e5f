"""The real files hold what a careful reading of the five documents found. Seeded once for the module."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from board.seeding import seed
from board.seeding.outcome import counts_by_document
from common.dates import noon
from kpis.models import Indicator, Kpi, Measurement, Release, SeriesBreak, Target
from people.models import Lead
from priorities.models import CurrentPractice, Finding, Inspection, OutcomeArea, Priority, SuccessMeasure
from strategies.models import (
    Area,
    GlossaryTerm,
    GovernanceBody,
    Neighbour,
    Passage,
    SourceDocument,
    Strategy,
    YouSaidWeDid,
)
from workstrands.models import Action, Deadline, Objective, Placement, WorkStrand

# Without the mark no test database is made when this module runs alone.
pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 15, 9, tzinfo=UTC)
PUBLISHED, LOCAL = 39, 24
EX = "ehc-plans-issued-20-weeks-excluding-exceptions"
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
    stated = Measurement.objects.filter(release__isnull=True)
    measured, promised = stated.filter(value__isnull=False), Target.objects.filter(value__isnull=False)
    assert measured.count() + promised.count() == 105
    assert not Measurement.objects.filter(is_published=False).exists()
    assert Kpi.objects.filter(source__isnull=False).count() == 80


def test_each_areas_board_page_has_a_few_figures():
    headlines = Kpi.objects.filter(is_headline=True)

    assert headlines.filter(area__slug="lewisham").count() == 6
    assert headlines.filter(area__slug="lambeth").count() == 8
    assert headlines.filter(indicator__code=EX).count() == 2, "the published figure, not a document's of 2018"


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
        Target,
        Placement,
        Deadline,
        Passage,
    ]
    for model in sourced:
        assert not model.objects.filter(source__isnull=True).exists(), model
    assert not Measurement.objects.filter(source__isnull=True, release__isnull=True).exists()
    assert Kpi.objects.filter(source__isnull=True).count() == 2 * PUBLISHED, "those of published figures"
    assert Indicator.objects.filter(source__isnull=True).count() == 9 + PUBLISHED + LOCAL, "the shared ones"


# Published figures


def published(code: str, label: str) -> dict[str, Measurement]:
    """The latest figure of each area for a period, by its slug."""
    rows = Measurement.objects.filter(indicator__code=code, period_label=label, state="final").select_related("area")
    return {row.area.slug: row for row in rows.order_by("number")}


def neighbours(area: str, model: int) -> list[str]:
    return [near.area.slug for near in Neighbour.objects.filter(of__slug=area, model_year=model).order_by("position")]


def test_both_areas_follow_the_published_figures_of_the_twenty_six_kpis():
    codes = set(Indicator.objects.filter(measurements__release__isnull=False).values_list("code", flat=True))

    assert len(codes) == PUBLISHED
    for area in ("lewisham", "lambeth"):
        followed = set(Kpi.objects.filter(area__slug=area).values_list("indicator__code", flat=True))
        known = Measurement.objects.filter(area__slug=area, release__isnull=False, value__isnull=False)
        assert codes <= followed
        without = {"annual-review-decisions-in-4-weeks"} if area == "lewisham" else set()
        assert codes - set(known.values_list("indicator__code", flat=True)) == without, "not published for Lewisham"


def test_every_published_figure_says_its_release_column_and_period():
    rows = Measurement.objects.filter(release__isnull=False)

    assert rows.count() == 14438
    assert not rows.filter(source_locator="").exists()
    assert not rows.filter(period_label="").exists()
    assert not rows.filter(value__isnull=True, missing="").exists()
    assert not rows.filter(is_published=False).exists()
    assert Release.objects.count() == 14


@pytest.mark.parametrize(
    ("area", "value", "over", "under", "rank", "mean"),
    [("lewisham", "94.8", 183, 193, 17, "62.4"), ("lambeth", "87.2", 334, 383, 26, "73.6")],
)
def test_plans_in_20_weeks_stand_as_published(area, value, over, under, rank, mean):
    rows = published(EX, "2024")
    ranked = [row.value for row in rows.values() if row.area.kind == Area.Kind.LOCAL_AREA and row.value is not None]
    near = [rows[slug].value for slug in neighbours(area, 2025)]

    mine = rows[area]
    assert (mine.value, mine.numerator, mine.denominator) == (Decimal(value), over, under)
    assert (1 + sum(other > mine.value for other in ranked), len(ranked)) == (rank, 151)
    assert round(sum(near) / len(near), 1) == Decimal(mean)


def test_the_country_the_region_and_the_year_before_stand_as_published():
    now, before = published(EX, "2024"), published(EX, "2023")

    assert (now["england"].value, now["london"].value) == (Decimal("46.4"), Decimal("66.9"))
    assert before["lewisham"].value == Decimal("98.6")
    assert {slug for slug, row in now.items() if row.missing} == {"city-of-london", "dorset"}
    assert now["lewisham"].recorded_at == noon(date(2025, 6, 30))
    assert str(now["lewisham"].release) == "Education, health and care plans, 2025"


def test_the_years_before_the_newest_file_come_from_the_older_one():
    labels = Measurement.objects.filter(indicator__code=EX, area__slug="lewisham").order_by("period_end")

    assert list(labels.values_list("period_label", flat=True)) == [str(year) for year in range(2014, 2025)]
    assert published(EX, "2018")["lewisham"].release.edition == "2022"
    assert published(EX, "2018")["lewisham"].value == Decimal("76.5")


def test_plans_counted_in_january_are_figures_of_that_january():
    row = published("ehc-plans-january", "January 2025")["lewisham"]

    assert (row.value, row.period_start, row.period_end) == (3696, date(2025, 1, 1), date(2025, 1, 31))


def test_a_places_former_code_leads_to_the_same_place():
    rows = Measurement.objects.filter(indicator__code=EX, area__slug="buckinghamshire", number=1)

    assert rows.filter(period_start__gte=date(2019, 1, 1)).count() == 6


def test_the_lists_of_neighbours_are_those_of_both_models():
    assert neighbours("lewisham", 2025) == [
        "lambeth", "southwark", "croydon", "hammersmith-and-fulham", "greenwich",
        "waltham-forest", "haringey", "barnet", "leeds", "salford",
    ]  # fmt: skip
    assert neighbours("lambeth", 2021)[:3] == ["hackney", "lewisham", "southwark"]
    closest = Neighbour.objects.get(of__slug="lewisham", model_year=2025, position=1)
    assert closest.closeness == "Very close"


def test_every_neighbour_of_both_areas_has_every_published_figure():
    near = {slug for area in ("lewisham", "lambeth") for year in (2021, 2025) for slug in neighbours(area, year)}
    pairs = Measurement.objects.filter(release__isnull=False, area__slug__in=near).values_list("area", "indicator")

    assert pairs.distinct().count() == len(near) * PUBLISHED


def test_places_have_their_codes_region_and_last_day():
    local = Area.objects.filter(kind=Area.Kind.LOCAL_AREA)

    assert local.filter(ended_on__isnull=True).count() == 153
    assert not local.filter(within__isnull=True).exists()
    assert not local.filter(Q(ons_code="") | Q(dfe_code="")).exists()
    assert Area.objects.get(slug="lewisham").within.within.slug == "london"
    assert Area.objects.get(slug="cumbria").ended_on == date(2023, 3, 31)


def test_series_counted_anew_in_2023_are_marked():
    assert SeriesBreak.objects.get(indicator__code=EX).from_period == date(2023, 1, 1)
    assert SeriesBreak.objects.filter(from_period=date(2023, 1, 1)).count() == 11


def test_local_figures_come_as_definitions_only():
    local = Indicator.objects.filter(seed_key__isnull=False, measurements__isnull=True, source__isnull=True)

    assert local.filter(kpis__isnull=True).count() == LOCAL
    advice = Indicator.objects.get(code="advice-on-time-health")
    assert (advice.statutory_standard, advice.unit, advice.frequency) == (100, "percent", "monthly")
    assert "regulation 8(1)" in advice.standard_words


def test_a_second_run_finds_nothing_to_do(django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        outcome = seed(Path(settings.BASE_DIR) / "fixtures", now=NOW)[0]

    assert (outcome.total("created"), outcome.total("updated"), outcome.total("kept"), outcome.gone) == (0, 0, 0, [])
