"""What moves, merges, is split, retired or handed over leaves every past view as it was."""

import pytest
from django.core.exceptions import ValidationError

from board.report import group_rows, make_report
from kpis.models import Kpi
from people.models import Lead, User
from priorities.models import Finding, Priority, SuccessMeasure
from strategies.keeping import Overtaken, changes_of, put_after
from tests.world import at
from workstrands import rearranging
from workstrands.models import Action, Objective, Placement, WorkStrand
from workstrands.standing import standings

NOW, BEFORE, AFTER = at(2026, 6, 1), at(2026, 5, 31), at(2026, 6, 2)


@pytest.fixture
def other(world):
    return Priority.objects.create(strategy=world.strategy, ref="2", title="Good places", position=2)


def moved(world, officer, priority, **more):
    given = {"workstrand": world.strand, "by": officer, "at": NOW, "seen": None} | more
    return rearranging.move_objective(world.objective, priority=priority, **given)


def counted(world, moment, by="priority") -> dict[str, tuple[int, int]]:
    """By the part's title, its actions and its objectives on the board page."""
    rows = group_rows(world.strategy, standings(world.strategy, moment), by=by, moment=moment)
    return {row.title: (row.total, row.objectives) for row in rows}


# Moving


def test_an_objective_that_moves_takes_its_actions_along_and_the_past_stays(world, officer, other):
    was = counted(world, BEFORE)
    moved(world, officer, other)
    assert counted(world, AFTER) == {"Timely plans": (0, 0), "Good places": (1, 1)}
    assert counted(world, BEFORE) == was == {"Timely plans": (1, 1), "Good places": (0, 0)}


def test_the_old_objective_is_kept_and_leads_to_the_new_one(world, officer, other):
    fresh = moved(world, officer, other)
    world.objective.refresh_from_db()
    assert (world.objective.replaced_by, world.objective.retired_at, fresh.added_at) == (fresh, NOW, NOW)
    assert (fresh.text, fresh.ref, fresh.workstrand) == (world.objective.text, "O1b", world.strand)


def test_its_lead_and_the_findings_that_it_answers_go_along(world, officer, other):
    finding = Finding.objects.get()
    world.objective.findings.add(finding)
    serving = Action.objects.create(
        area=world.area, strategy=world.strategy, key="a-2", ref="1.2", title="Also", position=2
    )
    serving.also_serves.add(world.objective)
    fresh = moved(world, officer, other)
    placement = world.action.placements.order_by("-number").first()
    assert (placement.objective, placement.lead, placement.number) == (fresh, world.lead, 2)
    assert list(fresh.findings.all()) == [finding]
    assert set(serving.also_serves.all()) == {world.objective, fresh}
    told = changes_of(serving)[0]
    assert told.differences == [("Also serves", str(world.objective), f"{world.objective}, {fresh}")]
    assert (told.by, told.at) == (str(officer), NOW)


def test_a_reference_is_taken_from_below_the_priority_where_its_objectives_are_numbered(world, officer, other):
    Objective.objects.create(strategy=world.strategy, priority=other, key="o24", ref="2.4", text="Fourth")
    assert moved(world, officer, other).ref == "2.5"


def test_a_reference_that_is_taken_is_refused_and_nothing_moved(world, officer, other):
    with pytest.raises(ValidationError):
        moved(world, officer, other, ref="O1")
    assert Placement.objects.count() == 1
    assert Objective.objects.in_use().get() == world.objective


def test_nothing_moves_to_where_it_hangs_or_below_another_plan_or_what_is_retired(world, officer, other):
    with pytest.raises(ValidationError, match="hangs there already"):
        moved(world, officer, world.priority)
    elsewhere = Priority.objects.create(strategy=world.other_area.strategies.get(), ref="1", title="Theirs")
    with pytest.raises(ValidationError, match="not in use in this plan"):
        moved(world, officer, elsewhere)
    rearranging.retire_part(other, because="Done.", by=officer, at=NOW, seen=None)
    with pytest.raises(ValidationError, match="not in use in this plan"):
        moved(world, officer, other)


# Merging and splitting


def test_two_objectives_become_one_with_the_actions_and_findings_of_both(world, officer):
    into = Objective.objects.create(
        strategy=world.strategy, priority=world.priority, key="o2", ref="O2", text="Good plans"
    )
    world.objective.findings.add(Finding.objects.get())
    rearranging.merge_objectives(world.objective, into, by=officer, at=NOW, seen=None)
    assert [action.pk for action in rearranging.actions_below(into)] == [world.action.pk]
    assert into.findings.count() == 1
    world.objective.refresh_from_db()
    assert world.objective.replaced_by == into


def test_two_priorities_become_one_and_the_past_still_shows_both(world, officer, other):
    direct = Action.objects.create(
        area=world.area, strategy=world.strategy, key="a-2", ref="1.2", title="Direct", position=2
    )
    Placement.objects.create(action=direct, number=1, recorded_at=at(2026, 1, 1), priority=world.priority)
    measure = SuccessMeasure.objects.get()
    SuccessMeasure.objects.create(priority=other, ref="1.1", text="Taken")
    world.kpi.priorities.add(world.priority)
    world.kpi.success_measures.add(measure)
    was = counted(world, BEFORE)
    rearranging.merge_priorities(world.priority, other, by=officer, at=NOW, seen=None)
    assert counted(world, AFTER) == {"Good places": (2, 1)}
    assert counted(world, BEFORE) == was == {"Timely plans": (2, 1), "Good places": (0, 0)}
    fresh = SuccessMeasure.objects.in_use().get(ref="1.1b")
    assert (fresh.priority, fresh.text, list(fresh.kpis.all())) == (other, measure.text, [world.kpi])
    assert other in world.kpi.priorities.all()


def test_two_work_strands_become_one(world, officer):
    into = WorkStrand.objects.create(strategy=world.strategy, slug="health", name="Health", position=2)
    was = counted(world, BEFORE, by="strand")
    rearranging.merge_strands(world.strand, into, by=officer, at=NOW, seen=None)
    assert counted(world, AFTER, by="strand") == {"Health": (1, 1)}
    assert counted(world, BEFORE, by="strand") == was
    assert Objective.objects.in_use().get().priority == world.priority


def test_an_objective_is_split_and_the_chosen_actions_go_to_the_second(world, officer):
    stays = Action.objects.create(
        area=world.area, strategy=world.strategy, key="a-2", ref="1.2", title="Stays", position=2
    )
    Placement.objects.create(action=stays, number=1, recorded_at=at(2026, 1, 1), objective=world.objective)
    second = rearranging.split_objective(
        world.objective, text="Plans of quality", ref="", action_ids={world.action.pk}, by=officer, at=NOW, seen=None
    )
    assert [each.ref for each in rearranging.actions_below(second)] == ["1.1"]
    assert [each.ref for each in rearranging.actions_below(world.objective)] == ["1.2"]
    assert (second.priority, second.workstrand, second.ref) == (world.priority, world.strand, "O1b")


# Retiring


def test_a_priority_is_not_retired_from_under_its_objectives_unless_they_go_too(world, officer):
    with pytest.raises(ValidationError, match="tick to retire that too"):
        rearranging.retire_part(world.priority, because="Done.", by=officer, at=NOW, seen=None)
    was = counted(world, BEFORE)
    rearranging.retire_part(world.priority, because="Done.", by=officer, at=NOW, seen=None, below=True)
    assert counted(world, AFTER) == {}
    assert counted(world, BEFORE) == was
    assert standings(world.strategy, AFTER) == []
    world.action.refresh_from_db()
    assert world.action.retired_because == "With 1 Timely plans: Done."


def test_what_came_to_hang_on_it_meanwhile_is_shown_first(world, officer):
    seen = rearranging.digest_below(world.priority)
    Objective.objects.create(strategy=world.strategy, priority=world.priority, key="o2", ref="O2", text="Good plans")
    with pytest.raises(Overtaken):
        rearranging.retire_part(
            world.priority, because="Done.", by=officer, at=NOW, seen=None, below=True, seen_below=seen
        )
    assert not Priority.objects.filter(retired_at__isnull=False).exists()


def test_nothing_is_taken_back_below_what_is_retired(world, officer):
    rearranging.retire_part(world.priority, because="Done.", by=officer, at=NOW, seen=None, below=True)
    world.objective.refresh_from_db()
    with pytest.raises(ValidationError, match="Take that back first"):
        rearranging.take_back_part(world.objective, by=officer, at=AFTER, seen=None)
    world.priority.refresh_from_db()
    rearranging.take_back_part(world.priority, by=officer, at=AFTER, seen=None)
    fresh = Objective.objects.get(pk=world.objective.pk)
    rearranging.take_back_part(fresh, by=officer, at=AFTER, seen=None)
    assert Objective.objects.in_use().count() == 1


def test_actions_below_a_part_that_is_not_listed_are_not_lost_from_the_board_page(world, officer):
    Priority.objects.create(strategy=world.strategy, ref="2", title="Good places", position=2)
    Priority.objects.filter(pk=world.priority.pk).update(retired_at=BEFORE)
    assert counted(world, AFTER) == {"Good places": (0, 0), "Not under a priority": (1, 0)}


# Order


def test_a_record_is_put_first_or_after_another(world, officer, other):
    third = Priority.objects.create(strategy=world.strategy, ref="3", title="Adult life", position=3)
    among = Priority.objects.in_use().filter(strategy=world.strategy)
    given = {"among": among, "by": officer, "at": NOW}
    put_after(third, None, seen=None, **given)
    assert [each.ref for each in among.all()] == ["3", "1", "2"]
    put_after(third, other, seen=None, **given)
    assert [each.ref for each in among.all()] == ["1", "2", "3"]
    with pytest.raises(Overtaken):
        put_after(third, None, seen="1-2-3-4", **given)


# Two officers


def test_of_two_officers_who_move_and_merge_the_second_is_told(world, officer, other):
    into = Objective.objects.create(strategy=world.strategy, priority=other, key="o2", ref="O2", text="Good plans")
    seen = world.objective.history.order_by("-history_id").first().history_id
    moved(world, officer, other, seen=seen)
    with pytest.raises((Overtaken, ValidationError)):
        rearranging.merge_objectives(world.objective, into, by=officer, at=AFTER, seen=seen)
    assert Objective.objects.in_use().count() == 2
    assert len(rearranging.standing_placements(rearranging.hanging(other))) == 1


# An illustrative officer


def test_an_illustrative_sign_in_does_not_move_what_a_real_person_leads(world, other):
    made_up = User.objects.create(email="made-up@example.test", is_illustrative=True)
    with pytest.raises(ValidationError, match="illustrative"):
        moved(world, made_up, other)
    assert Objective.objects.in_use().get() == world.objective


@pytest.fixture
def a_made_up_plan(world, other):
    """Leads and officer made up; priorities and objective real, as in the demonstration."""
    Lead.objects.update(is_illustrative=True)
    Placement.objects.all().delete()
    lead = Lead.objects.get(name="Head of SEND")
    Placement.objects.create(
        action=world.action,
        number=1,
        recorded_at=at(2026, 1, 1),
        objective=world.objective,
        lead=lead,
        is_illustrative=True,
    )
    return User.objects.create(email="made-up@example.test", is_illustrative=True)


def test_the_report_counts_its_queries_as_before(world, officer, other, django_assert_max_num_queries):
    moved(world, officer, other)
    with django_assert_max_num_queries(15):
        make_report(world.strategy, AFTER)


def test_a_kpi_that_was_retired_leaves_the_board_and_stays_in_past_views(world, officer):
    from kpis.reading import kpi_figures
    from strategies import keeping

    assert [kpi.title for kpi in make_report(world.strategy, NOW).kpis] == ["EHC plans issued within 20 weeks"]
    keeping.retire(world.kpi, because="Counted elsewhere.", by=officer, at=NOW, seen=None)
    assert make_report(world.strategy, AFTER).kpis == []
    assert kpi_figures(world.area, AFTER) == []
    assert [kpi.title for kpi in make_report(world.strategy, BEFORE).kpis] == ["EHC plans issued within 20 weeks"]
    assert len(kpi_figures(world.area, BEFORE)) == 1
    assert Kpi.objects.count() == 1
