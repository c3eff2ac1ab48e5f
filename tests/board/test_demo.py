"""The demonstration: made up, the same each time, tagged, and taken away without a trace."""

from collections import Counter
from datetime import date
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import Max, Min

from board.demonstration import answers, calendar
from board.demonstration.removal import tagged_models
from board.demonstration.wording import subject_of
from board.models import Attendance, Challenge, Decision, ForwardItem, MeetingAction
from board.seeding import seed
from common.dates import end_of_day, london_day
from kpis.models import Kpi, Measurement
from people.models import Lead, Membership, User
from priorities.models import Finding, Inspection, Priority
from strategies.models import Area, Meeting, ReportingRound, SourceDocument, Strategy
from tests.world import at
from workstrands.flags import FlagCode
from workstrands.models import Action, Deadline, Evidence, ImpactConfirmation, Placement, ProgressUpdate
from workstrands.standing import standings
from workstrands.status import Status

TODAY = date(2026, 11, 22)
TITLES = [
    "Expand the travel training programme, so that more learners travel alone.",
    "Develop autism assessment pathways",
    "Support SENCOs with training in school",
    "Review annual health checks in primary care",
    "Strengthen the voice of young people in EHC plans",
    "Improve the Local Offer and its information for families",
]


def make_plan(slug: str, *, starts_on: date, ends_on: date, actions: int = 42, lead: Lead | None = None) -> Strategy:
    area, _ = Area.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
    document = SourceDocument.objects.create(
        area=area, slug=f"plan-{starts_on.year}", title="The plan", published_on=starts_on
    )
    plan = Strategy.objects.create(
        area=area, title=f"SEND Strategy {starts_on.year}", slug=f"send-strategy-{starts_on.year}", starts_on=starts_on,
        ends_on=ends_on, source=document, seed_key=f"{slug}/{starts_on.year}",
    )  # fmt: skip
    priority = Priority.objects.create(strategy=plan, ref="1", title="Plans and health", position=1)
    for number in range(1, actions + 1):
        action = Action.objects.create(
            area=area, strategy=plan, key=f"{starts_on.year}-{number}", ref=f"1.{number}", position=number,
            title=TITLES[number % len(TITLES)],
        )  # fmt: skip
        Placement.objects.create(
            action=action, number=1, recorded_at=at(starts_on.year, starts_on.month, starts_on.day), priority=priority,
            lead=lead, source=document,
        )  # fmt: skip
    return plan


@pytest.fixture
def plan(db) -> Strategy:
    return make_plan("lewisham", starts_on=date(2025, 12, 1), ends_on=date(2030, 12, 31))


@pytest.fixture
def ended_plan(db) -> Strategy:
    return make_plan("lambeth", starts_on=date(2021, 9, 13), ends_on=date(2024, 12, 31), actions=36)


def demo(*args, **options) -> str:
    out = StringIO()
    call_command("demo", *args, stdout=out, stderr=out, **options)
    return out.getvalue()


def everything() -> dict:
    """Every row of the product, history included, but for when history was written."""
    rows = {}
    for label in ("strategies", "people", "priorities", "kpis", "workstrands", "board"):
        for model in apps.get_app_config(label).get_models(include_auto_created=True):
            found = model._base_manager.order_by("pk").values()
            rows[model._meta.label] = [{k: v for k, v in row.items() if k != "history_date"} for row in found]
    return rows


def tagged(model):
    return model._base_manager.filter(is_illustrative=True)


def test_it_prints_sign_ins_that_work_for_every_role(plan):
    printed = demo(today=TODAY)

    assert "look-around-the-board" in printed
    for address in ("board", "lead", "lead2", "officer", "administrator", "families"):
        email = f"{address}@lewisham.example"
        assert email in printed
        assert User.objects.get(email=email).check_password("look-around-the-board")
    assert set(Membership.objects.values_list("role", flat=True)) == set(Membership.Role.values)


def test_the_same_day_and_plan_give_the_same_demonstration(plan):
    demo(today=TODAY)
    names = ["action__key", "number", "recorded_at", "status", "narrative", "author__email"]
    first = list(ProgressUpdate.objects.order_by("action", "number").values_list(*names))
    demo(remove=True)
    demo(today=TODAY)
    assert list(ProgressUpdate.objects.order_by("action", "number").values_list(*names)) == first


def test_running_it_again_changes_nothing(plan, ended_plan):
    demo(today=TODAY)
    before = everything()
    assert "nothing was changed" in demo(today=TODAY)
    assert "nothing was changed" in demo()
    assert everything() == before


def test_another_day_writes_it_anew(plan):
    demo(today=TODAY)
    demo(today=date(2026, 10, 5))
    assert ProgressUpdate.objects.filter(recorded_at__gt=end_of_day(date(2026, 10, 5))).count() == 0
    assert User.objects.filter(email="board@lewisham.example").count() == 1


def test_removing_it_leaves_exactly_what_was_there(plan, ended_plan):
    before = everything()
    demo(today=TODAY)
    assert everything() != before

    assert "Removed" in demo(remove=True)

    assert everything() == before
    assert not any(tagged(model).exists() for model in tagged_models())


FOUND = {
    "A1": "Autism assessment pathways keep children waiting for a diagnosis.",
    "A2": "SENCOs do not get the training that they need: schools do not understand SEND.",
    "A3": "Quality assurance of EHC plans is weak.",
}


@pytest.fixture
def findings(plan, ended_plan) -> list[Finding]:
    made = []
    for area in Area.objects.filter(strategies__in=[plan, ended_plan]):
        on = {"inspected_from": date(2021, 9, 6), "inspected_to": date(2021, 9, 10)}
        inspection = Inspection.objects.create(area=area, **on)
        kind = Finding.Kind.AREA_FOR_IMPROVEMENT
        made += [Finding.objects.create(inspection=inspection, kind=kind, ref=r, text=t) for r, t in FOUND.items()]
    return made


def said_of_effect(plan: Strategy) -> dict[str, tuple]:
    rows = plan.actions.exclude(effect_expected_from=None).order_by("key")
    return {action.key: (action.effect_expected_from, action.intended_impact) for action in rows}


def test_the_illustrative_officer_says_from_when_a_few_actions_should_show_an_effect(plan, ended_plan, findings):
    demo(today=TODAY)
    officer = User.objects.get(email="officer@lewisham.example")
    said = plan.actions.exclude(effect_expected_from=None)

    assert 2 <= said.count() <= 4
    for action in said:
        assert action.intended_impact
        assert action.kpis.filter(is_illustrative=True).exists()
        assert action.history.filter(history_user=officer, effect_expected_from=action.effect_expected_from).exists()
        assert action.placements.order_by("number").last().lead.is_illustrative


def test_what_the_effects_are_is_the_same_each_time_and_goes_whole(plan, ended_plan, findings):
    before = everything()
    demo(today=TODAY)
    first = said_of_effect(plan), said_of_effect(ended_plan)
    assert any(first)

    demo(remove=True)
    assert everything() == before
    demo(today=TODAY)
    assert (said_of_effect(plan), said_of_effect(ended_plan)) == first


WINDOW = calendar.window(
    starts_on=date(2025, 12, 1), ends_on=date(2030, 12, 31), published_on=date(2025, 12, 1), today=TODAY
)


def test_complete_from_then_on_on_track_for_some_months_in_difficulty_not_yet():
    aiming = [
        answers.Aiming("late", Status.OFF_TRACK), answers.Aiming("done", Status.COMPLETE, date(2026, 3, 14)),
        answers.Aiming("well", Status.ON_TRACK), answers.Aiming("silent", None), answers.Aiming("fine", Status.ON_TRACK),
        answers.Aiming("third", Status.ON_TRACK),
    ]  # fmt: skip
    assert answers.effects(aiming, WINDOW) == {
        "done": date(2026, 4, 1), "well": date(2026, 7, 1), "fine": date(2026, 7, 1), "late": date(2027, 5, 1),
    }  # fmt: skip
    assert answers.effects([], WINDOW) == {}


def test_on_the_seeded_plans_figures_question_what_leads_say_and_some_cannot_speak_yet(db):
    seed(Path(settings.BASE_DIR) / "fixtures", now=at(2026, 11, 26))
    before = everything()
    today = date(2026, 11, 26)
    demo(today=today)

    found = Counter()
    for played in Strategy.objects.filter(is_baseline_illustrative=True).select_related("area"):
        last_on = min(today, played.ends_on)
        for standing in standings(played, end_of_day(last_on)):
            found.update(flag.code for flag in standing.flags)
            found[standing.effect.partition(":")[0]] += 1
    assert found[FlagCode.CONTRADICTED]
    assert found[FlagCode.UNMOVED]
    assert found["Too early to judge"]

    demo(remove=True)
    assert everything() == before


def test_what_an_illustrative_sign_in_wrote_later_goes_too(plan):
    before = everything()
    demo(today=TODAY)
    officer = User.objects.get(email="officer@lewisham.example")
    action = Action.objects.filter(updates__isnull=True).first()
    update = ProgressUpdate.objects.create(
        action=action, area=plan.area, number=1, recorded_at=at(2026, 11, 23), status="B", author=officer,
        recorded_by=officer, is_illustrative=True,
    )  # fmt: skip
    Evidence.objects.create(update=update, title="Report", kind="document", is_illustrative=True)

    demo(remove=True)

    assert everything() == before


def test_removal_refuses_and_names_what_really_depends_on_it(plan):
    demo(today=TODAY)
    before = everything()
    lead = tagged(Lead).first()
    action = Action.objects.first()
    action.supporting_leads.add(lead)
    real = User.objects.create(email="real@example.test")
    Lead.objects.create(area=plan.area, name="Real", partner=lead.partner, user=real)

    with pytest.raises(CommandError) as refusal:
        demo(remove=True)

    assert str(action) in str(refusal.value)
    assert lead.name in str(refusal.value)
    assert "Real" in str(refusal.value)
    assert tagged(ProgressUpdate).count() == len(before["workstrands.ProgressUpdate"])
    with pytest.raises(CommandError):
        demo(today=date(2026, 10, 5))


@pytest.mark.parametrize("options", [{"today": TODAY}, {"remove": True}])
def test_it_refuses_in_production(plan, settings, options):
    settings.IS_PRODUCTION = True
    before = everything()
    with pytest.raises(CommandError, match="not for production"):
        demo(**options)
    assert everything() == before


def test_without_a_seed_it_says_what_to_do(db):
    with pytest.raises(CommandError, match=r"Run `manage.py seed` first"):
        demo(today=TODAY)


def test_a_real_person_who_has_its_address_is_left_alone(plan):
    User.objects.create(email="board@lewisham.example")
    with pytest.raises(CommandError, match=r"board@lewisham\.example"):
        demo(today=TODAY)
    assert not tagged(Lead).exists()


def test_everything_it_writes_lies_within_the_plan_and_before_the_day(plan, ended_plan):
    demo(today=TODAY)
    for strategy, first, last in (
        (plan, date(2025, 12, 1), TODAY),
        (ended_plan, date(2023, 6, 30), date(2024, 12, 31)),
    ):
        for model in (Placement, Deadline, ProgressUpdate, ImpactConfirmation):
            rows = tagged(model).filter(action__strategy=strategy)
            span = rows.aggregate(first=Min("recorded_at"), last=Max("recorded_at"))
            assert first <= london_day(span["first"])
            assert london_day(span["last"]) <= last
        figures = tagged(Measurement).filter(area=strategy.area)
        span = figures.aggregate(first=Min("period_start"), last=Max("recorded_at"))
        assert first <= span["first"]
        assert london_day(span["last"]) <= last
        assert tagged(Deadline).filter(action__strategy=strategy, due_on__gt=strategy.ends_on).count() == 0


def test_rows_of_an_action_follow_one_another(plan, ended_plan):
    demo(today=TODAY)
    for model in (Placement, Deadline, ProgressUpdate):
        for action in Action.objects.all():
            rows = list(model.objects.filter(action=action).order_by("number").values_list("number", "recorded_at"))
            assert [number for number, _ in rows] == list(range(1, len(rows) + 1))
            assert all(earlier <= later for (_, earlier), (_, later) in pairwise(rows))


def test_the_mixture_is_that_of_a_plan_under_way(plan):
    demo(today=TODAY)
    plan.refresh_from_db()
    found = standings(plan, end_of_day(TODAY))
    reported = Counter(standing.shown_reported for standing in found)

    assert 0.4 <= reported["G"] / len(found) <= 0.6
    assert 0.15 <= (reported["A"] + reported["R"]) / len(found) <= 0.35
    assert reported["B"] >= 3
    assert reported["E"] in (1, 2)
    assert reported["?"] >= 3
    assert sum(standing.lead_id is None for standing in found) == 3
    assert sum(standing.said is not None and standing.said.ask != "" for standing in found) in (2, 3)
    assert any(flag.code == "slipped" for standing in found for flag in standing.flags)


def test_every_report_says_what_its_status_asks_for(plan, ended_plan):
    demo(today=TODAY)
    updates = ProgressUpdate.objects.all()
    worrying = updates.filter(status__in=Status.worrying())
    assert not worrying.filter(cause="").exists()
    assert not worrying.filter(next_steps="").exists()
    assert not updates.filter(status=Status.OFF_TRACK, escalate_to="").exists()
    assert not updates.filter(escalate_to="board", ask="").exists()
    assert not updates.filter(escalate_to="board", needed_by__isnull=True).exists()
    complete = updates.filter(status=Status.COMPLETE).values_list("action", flat=True).distinct()
    assert all(Evidence.objects.filter(update__action=action).exists() for action in complete)
    assert not updates.exclude(is_illustrative=True).exists()
    assert not updates.filter(narrative="").exists()


def test_the_first_lead_has_eight_to_twelve_actions_and_leads_are_posts(plan):
    demo(today=TODAY)
    led = Counter(standing.lead for standing in standings(plan, end_of_day(TODAY)))
    assert 8 <= led[Lead.objects.get(user__email="lead@lewisham.example").name] <= 12
    assert all(name.endswith("(illustrative)") for name in tagged(Lead).values_list("name", flat=True))


def test_a_plan_whose_document_names_its_leads_is_left_alone(plan):
    real = Lead.objects.create(area=plan.area, name="Named In The Document")
    named = make_plan("lewisham", starts_on=date(2019, 6, 18), ends_on=date(2020, 1, 31), actions=4, lead=real)
    demo(today=TODAY)
    named.refresh_from_db()
    assert named.baselined_on is None
    assert not tagged(Placement).filter(action__strategy=named).exists()
    assert not ProgressUpdate.objects.filter(action__strategy=named).exists()


def test_an_action_that_a_real_person_leads_or_reported_on_is_left_alone(plan):
    real = Lead.objects.create(area=plan.area, name="A real person")
    first, second = Action.objects.order_by("position")[:2]
    place = first.placements.get()
    Placement.objects.create(action=first, number=2, recorded_at=at(2026, 5, 1), priority=place.priority, lead=real)
    ProgressUpdate.objects.create(action=second, area=plan.area, number=1, recorded_at=at(2026, 5, 1), status="G")
    demo(today=TODAY)
    for model in (Placement, Deadline, ProgressUpdate):
        assert not tagged(model).filter(action__in=[first, second]).exists()


def test_plans_are_baselined_from_their_start_and_a_real_baseline_is_kept(plan, ended_plan):
    Strategy.objects.filter(pk=ended_plan.pk).update(baselined_on=date(2022, 1, 1))
    demo(today=TODAY)
    plan.refresh_from_db()
    ended_plan.refresh_from_db()
    assert (plan.baselined_on, plan.is_baseline_illustrative) == (plan.starts_on, True)
    assert (ended_plan.baselined_on, ended_plan.is_baseline_illustrative) == (date(2022, 1, 1), False)


def test_two_rounds_are_closed_and_the_next_is_open(plan, ended_plan):
    demo(today=TODAY)
    for area in ("lewisham", "lambeth"):
        rounds = ReportingRound.objects.filter(meeting__area__slug=area).order_by("opens_on")
        assert [each.closed_at is None for each in rounds] == [False, False, True]
        assert Meeting.objects.filter(area__slug=area, held_on__gt=TODAY).count() == 1
    past = Meeting.objects.filter(area=ended_plan.area, held_on__lt=TODAY)
    assert all(date(2023, 6, 30) <= meeting.held_on <= date(2024, 12, 31) for meeting in past)


def test_past_meetings_were_attended_by_posts_and_decided_something(plan, ended_plan):
    demo(today=TODAY)
    for area in ("lewisham", "lambeth"):
        decisions = Decision.objects.filter(meeting__area__slug=area)
        assert decisions.filter(outcomes__outcome="done").exists()
        assert decisions.filter(outcomes=None, kind="other").exists()
        assert decisions.filter(kind="accept_red", until__isnull=False).count() <= 1
        assert Challenge.objects.filter(meeting__area__slug=area).exists()
        assert MeetingAction.objects.filter(meeting__area__slug=area, outcomes=None).count() == 1
    names = Attendance.objects.values_list("name", flat=True)
    assert names
    assert all(name.endswith("(illustrative)") for name in names)
    assert not Attendance.objects.filter(meeting__held_on__gt=TODAY).exists()
    assert not Decision.objects.filter(recorded_at__gt=end_of_day(TODAY)).exists()
    for model in (Decision, Challenge, MeetingAction, Attendance, ForwardItem):
        assert not model.objects.filter(is_illustrative=False).exists()


def test_the_board_accepted_something_that_was_off_track(plan):
    demo(today=TODAY)
    decision = Decision.objects.get(kind="accept_red")
    found = {standing.id: standing for standing in standings(plan, decision.recorded_at)}
    assert "R" in (found[decision.action_id].reported, found[decision.action_id].assessed)


def test_monthly_figures_are_headlines_with_targets_and_never_published(plan):
    demo(today=TODAY)
    kpis = tagged(Kpi).filter(area=plan.area)
    assert 3 <= kpis.count() <= 5
    assert all(kpi.is_headline and kpi.targets.exists() and kpi.indicator.is_illustrative for kpi in kpis)
    assert all(kpi.indicator.code.startswith("illustrative-") for kpi in kpis)
    assert not tagged(Measurement).filter(is_published=True).exists()


@pytest.mark.parametrize(
    "day", [date(2025, 1, 1), date(2025, 12, 1), date(2025, 12, 5), date(2026, 1, 31), date(2026, 2, 28)]
)
def test_it_plays_on_any_day_of_the_plan_and_before_it(plan, day):
    demo(today=day)
    assert not tagged(ProgressUpdate).filter(recorded_at__gt=end_of_day(day)).exists()
    demo(remove=True)
    assert not tagged(User).exists()


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        (
            "Expand SEN independent travel training programme to increase the percentage",
            "Expand SEN independent travel training programme…",
        ),
        ("Monitor the plan.", "Monitor the plan"),
        (
            "Improve access to activities for children and young people with SEND",
            "Improve access to activities for children and young people…",
        ),
    ],
)
def test_an_action_is_named_by_its_first_words(title, subject):
    assert subject_of(title) == subject


def test_the_next_meeting_is_a_wednesday_two_weeks_or_so_ahead():
    window = calendar.window(starts_on=date(2025, 12, 1), ends_on=date(2030, 12, 31), published_on=None, today=TODAY)
    held = [each.held_on for each in calendar.rounds(window, today=TODAY)]
    assert held == [date(2026, 6, 24), date(2026, 9, 16), date(2026, 12, 9)]
