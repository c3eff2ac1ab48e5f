"""Actions added, edited, moved, split, merged, dated, retired and undone, with what past views then say."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from people.models import Lead
from strategies.keeping import Overtaken
from tests.world import a_file_of_evidence, at
from workstrands import evidence
from workstrands.models import Action, Evidence, Milestone, ProgressUpdate
from workstrands.standing import standings
from workstrands.upkeep import editing, parting, placing, retiring, undoing
from workstrands.upkeep.places import Place, latest_placement
from workstrands.upkeep.seen import seen_of

MAY = at(2026, 5, 1)


def names(world, moment) -> set[str]:
    return {row.ref for row in standings(world.strategy, moment)}


def added(world, officer, **said):
    said = {"place": Place(priority=world.second), "title": "Train the tutors", "by": officer, "at": MAY, **said}
    return editing.add_action(world.strategy, **said)


def test_a_new_action_joins_the_plan_from_now_on(world, officer):
    action = added(world, officer, lead=world.lead, due_on=date(2026, 12, 31))
    assert (action.ref, action.is_ref_ours, action.key) == ("2.1", True, "send-strategy-2-1")
    assert "2.1" in names(world, at(2026, 5, 2))
    assert "2.1" not in names(world, at(2026, 4, 30))
    stands = next(row for row in standings(world.strategy, at(2026, 5, 2)) if row.ref == "2.1")
    assert (stands.priority_ref, stands.lead, stands.due_on) == ("2", "Head of SEND", date(2026, 12, 31))


def test_a_reference_of_the_plan_s_own_is_kept_and_taken_once(world, officer):
    action = added(world, officer, ref="B7")
    assert (action.ref, action.is_ref_ours) == ("B7", False)
    with pytest.raises(ValidationError, match="B7 is taken"):
        added(world, officer, ref="B7")


def test_the_key_and_reference_of_a_retired_action_are_not_given_again(world, officer):
    first = added(world, officer)
    retiring.retire_action(first, because="Not needed.", by=officer, at=at(2026, 5, 2), seen=None)
    second = added(world, officer, at=at(2026, 5, 3))
    assert (second.ref, second.key) == ("2.2", "send-strategy-2-2")
    third = added(world, officer, ref="2-1", at=at(2026, 5, 3))
    assert third.key == "send-strategy-2-1-2"


def test_nothing_hangs_on_what_was_retired_or_on_another_plan(world, officer):
    world.second.retired_at = MAY
    world.second.save()
    with pytest.raises(ValidationError, match="was retired"):
        added(world, officer)
    with pytest.raises(ValidationError, match="Choose what the action hangs on"):
        added(world, officer, place=Place())
    assert Action.objects.count() == 3


def test_wording_is_edited_in_place_with_its_history(world, officer):
    editing.edit_action(world.two, {"title": "Action two"}, by=officer, at=MAY, seen=seen_of(world.two))
    line = undoing.lines_of(world.two)[0]
    assert line.change.differences == [("Title", "“Action 2”", "“Action two”")]
    assert line.change.by == str(officer)


def test_whoever_saw_an_older_state_is_told_and_nothing_is_written(world, officer):
    seen = seen_of(world.two)
    placing.move_action(world.two, lead=Lead.objects.get(name="Another lead"), by=officer, at=MAY, seen=None)
    with pytest.raises(Overtaken) as told:
        editing.edit_action(world.two, {"title": "Late"}, by=officer, at=MAY, seen=seen)
    assert told.value.changes[0].differences == [("Lead", "Head of SEND", "Another lead")]
    world.two.refresh_from_db()
    assert world.two.title == "Action 2"


def test_another_order_around_it_is_no_reason_to_be_told(world, officer):
    seen = seen_of(world.action)
    placing.move_action(world.three, after=placing.FIRST, by=officer, at=MAY, seen=None)
    editing.edit_action(world.action, {"title": "Publish it"}, by=officer, at=MAY, seen=seen)
    assert world.action.title == "Publish it"


def test_a_start_that_has_passed_changes_only_where_the_record_was_wrong(world, officer):
    said = {"starts_on": date(2026, 6, 1)}
    with pytest.raises(ValidationError, match="Past views"):
        editing.edit_action(world.two, said, by=officer, at=MAY, seen=None)
    editing.edit_action(world.two, said, by=officer, at=MAY, seen=None, knows_the_past=True)
    assert world.two.starts_on == date(2026, 6, 1)
    editing.edit_action(world.two, {"starts_on": date(2026, 7, 1)}, by=officer, at=MAY, seen=None)
    with pytest.raises(ValidationError, match="It is due on 30 September 2026"):
        editing.edit_action(world.two, {"starts_on": date(2026, 10, 1)}, by=officer, at=MAY, seen=None)


def test_milestones_are_added_and_changed_with_the_action(world, officer):
    steps = [editing.Step(None, "Draft", date(2026, 6, 1))]
    editing.edit_action(world.two, {}, by=officer, at=MAY, seen=None, steps=steps)
    made = Milestone.objects.get()
    editing.edit_action(
        world.two, {}, by=officer, at=at(2026, 6, 2), seen=None,
        steps=[editing.Step(made, "Draft", date(2026, 6, 1), date(2026, 5, 30))],
    )  # fmt: skip
    line = undoing.lines_of(world.two)[0]
    assert (line.kind, line.change.differences[0][0]) == (undoing.STEP, "Done on")


def test_who_supports_its_lead_is_told_in_its_history(world, officer):
    other = Lead.objects.get(name="Another lead")
    editing.edit_action(world.two, {}, supporting=[other], by=officer, at=MAY, seen=None)
    assert list(world.two.supporting_leads.all()) == [other]
    line = undoing.lines_of(world.two)[0]
    assert (line.change.differences, line.change.by) == ([("Supporting leads", "none", "Another lead")], str(officer))


def test_what_else_it_serves_and_who_supports_it_are_told_by_whom_and_undone_together(world, officer):
    other, objective = Lead.objects.get(name="Another lead"), world.objective
    editing.edit_action(world.two, {}, supporting=[other], also_serves=[objective], by=officer, at=MAY, seen=None)
    change = undoing.lines_of(world.two)[0].change
    assert change.differences == [("Supporting leads", "none", "Another lead"), ("Also serves", "none", str(objective))]
    assert (change.by, change.at) == (str(officer), MAY)
    undoing.undo(world.two, by=officer, at=at(2026, 5, 2), seen=None)
    assert not world.two.supporting_leads.exists()
    assert not world.two.also_serves.exists()
    undoing.undo(world.two, by=officer, at=at(2026, 5, 3), seen=None)
    assert (list(world.two.supporting_leads.all()), list(world.two.also_serves.all())) == ([other], [objective])


def test_links_that_somebody_changed_meanwhile_are_told_to_whoever_comes_second(world, officer):
    seen = seen_of(world.two)
    editing.edit_action(world.two, {}, also_serves=[world.objective], by=officer, at=MAY, seen=None)
    with pytest.raises(Overtaken) as told:
        editing.edit_action(world.two, {"title": "Late"}, by=officer, at=MAY, seen=seen)
    assert told.value.changes[0].differences == [("Also serves", "none", str(world.objective))]


def test_it_does_not_come_to_serve_what_was_retired_or_another_plan_s(world, officer):
    world.objective.retired_at = MAY
    world.objective.save()
    with pytest.raises(ValidationError, match="not in use in this plan"):
        editing.edit_action(world.two, {}, also_serves=[world.objective], by=officer, at=MAY, seen=None)
    world.two.also_serves.add(world.objective)
    assert not editing.edit_action(world.two, {}, also_serves=[world.objective], by=officer, at=MAY, seen=None)


def test_an_action_is_handed_to_nobody_and_flagged_until_somebody_is_named(world, officer):
    assert placing.move_action(world.two, lead=placing.NOBODY, by=officer, at=MAY, seen=seen_of(world.two))
    assert not placing.move_action(world.two, lead=placing.NOBODY, by=officer, at=MAY, seen=None)
    stands = next(row for row in standings(world.strategy, at(2026, 5, 2)) if row.ref == "1.2")
    assert (stands.lead, "unowned" in {flag.code for flag in stands.flags}) == ("", True)
    before = next(row for row in standings(world.strategy, at(2026, 4, 30)) if row.ref == "1.2")
    assert (before.lead, "unowned" in {flag.code for flag in before.flags}) == ("Head of SEND", False)
    assert undoing.lines_of(world.two)[0].change.differences == [("Lead", "Head of SEND", "nobody named")]
    undoing.undo(world.two, by=officer, at=at(2026, 5, 3), seen=None)
    assert latest_placement(world.two).lead == world.lead


def test_an_action_moves_and_loses_its_lead_in_one_step(world, officer):
    said = {"place": Place(priority=world.second, workstrand=world.strand), "lead": placing.NOBODY}
    placing.move_action(world.two, **said, by=officer, at=MAY, seen=None)
    placed = latest_placement(world.two)
    assert (placed.objective, placed.priority, placed.workstrand, placed.lead) == (
        None,
        world.second,
        world.strand,
        None,
    )


def test_a_moved_action_hangs_where_it_hung_in_past_views(world, officer):
    moved = placing.move_action(world.two, place=Place(priority=world.second), by=officer, at=MAY, seen=None)
    assert moved
    before = {row.ref: row.priority_ref for row in standings(world.strategy, at(2026, 4, 30))}
    after = {row.ref: row.priority_ref for row in standings(world.strategy, at(2026, 5, 2))}
    assert (before["1.2"], after["1.2"]) == ("1", "2")
    assert latest_placement(world.two).lead == world.lead
    assert not placing.move_action(world.two, place=Place(priority=world.second), by=officer, at=MAY, seen=None)


def test_an_action_is_put_elsewhere_in_the_order(world, officer):
    def order():
        return [row.ref for row in standings(world.strategy, at(2026, 6, 1))]

    placing.move_action(world.three, after=placing.FIRST, by=officer, at=MAY, seen=None)
    assert order() == ["1.3", "1.1", "1.2"]
    placing.move_action(world.three, after=world.two, by=officer, at=MAY, seen=None)
    assert order() == ["1.1", "1.2", "1.3"]
    assert undoing.lines_of(world.three)[0].change.differences[0][0] == "Position"


def test_a_proposed_date_does_not_count_until_it_is_agreed(world):
    lead = world.people["lead"]
    said = {"due_on": date(2027, 1, 31), "reason": "The tutor left.", "by": lead, "at": MAY}
    placing.give_date(world.two, **said, seen=seen_of(world.two))
    assert placing.proposed_of(world.two).due_on == date(2027, 1, 31)
    assert next(row for row in standings(world.strategy, at(2026, 5, 2)) if row.ref == "1.2").due_on == date(
        2026, 9, 30
    )


def test_another_date_has_a_reason_and_is_another_day(world, officer):
    with pytest.raises(ValidationError, match="Say why"):
        placing.give_date(world.two, due_on=date(2027, 1, 31), reason=" ", by=officer, at=MAY, seen=None)
    with pytest.raises(ValidationError, match="already"):
        placing.give_date(world.two, due_on=date(2026, 9, 30), reason="Why not", by=officer, at=MAY, seen=None)
    ProgressUpdate.objects.create(action=world.two, area=world.area, number=1, recorded_at=MAY, status="B")
    with pytest.raises(ValidationError, match="reported as complete"):
        placing.give_date(world.two, due_on=date(2027, 1, 31), reason="Why not", by=officer, at=MAY, seen=None)


# Splitting


def split(world, officer, *titles, **said):
    parts = [parting.Part(title) for title in titles]
    said = {"by": officer, "at": MAY, "seen": seen_of(world.action), **said}
    return parting.split_action(world.action, parts, **said)


def test_what_is_split_off_takes_place_lead_dates_and_links_with_it(world, officer):
    world.action.kpis.set([world.kpi])
    made = split(world, officer, "Write it", "Print it", stays_as="Publish the pathway online")
    assert [one.ref for one in made] == ["1.4", "1.5"]
    placed = latest_placement(made[0])
    assert (placed.objective, placed.lead) == (world.objective, world.lead)
    deadline = made[0].deadlines.get()
    assert (deadline.due_on, deadline.state, deadline.reason) == (date(2026, 6, 30), "agreed", "Split from 1.1")
    assert list(made[1].kpis.all()) == [world.kpi]
    assert {one.came_from for one in made} == {world.action}
    assert undoing.lines_of(made[1])[-1].change.reason == "Split from 1.1"
    assert parting.kin_of(made[1]) == parting.Kin(came_from=world.action)
    assert parting.kin_of(world.action) == parting.Kin(split_off=made)
    world.action.refresh_from_db()
    assert (world.action.title, world.action.retired_at) == ("Publish the pathway online", None)
    assert names(world, at(2026, 4, 30)) == {"1.1", "1.2", "1.3"}


def test_a_split_action_that_is_retired_leads_to_the_first_and_keeps_its_reports(world, officer):
    made = split(world, officer, "Write it", "Print it")
    world.action.refresh_from_db()
    assert world.action.replaced_by == made[0]
    assert world.action.updates.count() == 1
    assert names(world, at(2026, 5, 2)) == {"1.2", "1.3", "1.4", "1.5"}
    assert "1.1" in names(world, at(2026, 4, 30))


def test_a_split_is_whole_or_nothing(world, officer):
    with pytest.raises(ValidationError, match="at least two"):
        split(world, officer, "Write it")
    parts = [parting.Part("Write it"), parting.Part("Print it", ref="1.2")]
    with pytest.raises(ValidationError, match="is taken"):
        parting.split_action(world.action, parts, by=officer, at=MAY, seen=None)
    assert Action.objects.count() == 3


# Merging


def merged(world, officer, *others, **said):
    said = {"because": "They overlap.", "by": officer, "at": MAY, "seen": None, **said}
    return parting.merge_actions(world.two, [parting.Other(one) for one in others], **said)


def test_merged_actions_are_retired_and_lead_to_the_one_that_stays(world, officer):
    merged(world, officer, world.action, world.three)
    for one in (world.action, world.three):
        one.refresh_from_db()
        assert (one.replaced_by, one.retired_because) == (world.two, "Merged into 1.2: They overlap.")
    assert names(world, at(2026, 5, 2)) == {"1.2"}
    assert names(world, at(2026, 4, 30)) == {"1.1", "1.2", "1.3"}


def test_only_what_was_asked_for_is_carried_over(world, officer):
    other = Lead.objects.get(name="Another lead")
    world.action.kpis.set([world.kpi])
    world.action.supporting_leads.set([other])
    update = ProgressUpdate.objects.create(
        action=world.two, area=world.area, number=1, recorded_at=at(2026, 2, 1), status="G"
    )
    Evidence.objects.create(update=world.action.updates.get(), title="Audit", kind="audit", url="https://example.org/a")
    merged(world, officer, world.three)
    assert not world.two.kpis.exists()
    made = merged(world, officer, world.action, carry=["leads", "kpis", "evidence"])
    assert (list(world.two.kpis.all()), list(world.two.supporting_leads.all())) == ([world.kpi], [other])
    assert (made.evidence, update.evidence.get().url) == (1, "https://example.org/a")
    assert Evidence.objects.get(update__action=world.action).title == "Audit"


def test_files_of_evidence_are_carried_over_and_stay_for_as_long_as_one_row_names_them(
    world, officer, django_capture_on_commit_callbacks
):
    ProgressUpdate.objects.create(action=world.two, area=world.area, number=1, recorded_at=at(2026, 2, 1), status="G")
    first = a_file_of_evidence(world)
    made = merged(world, officer, world.action, carry=["evidence"])
    carried = Evidence.objects.get(update__action=world.two)
    assert made.evidence == 1
    assert (carried.file.name, carried.sha256, carried.file_name) == (
        first.file.name,
        first.sha256,
        "waiting-times.pdf",
    )
    assert (carried.added_at, carried.added_by, carried.scan) == (MAY, officer, first.scan)
    with django_capture_on_commit_callbacks(execute=True):
        carried.delete()
    assert first.file.storage.exists(first.file.name)
    assert evidence.unnamed_files(at(2030, 1, 1)) == []


@pytest.mark.parametrize(
    "withheld", [{"scan": "infected"}, {"withheld_at": MAY, "withheld_because": "A child is named."}]
)
def test_evidence_that_is_withheld_is_not_carried_over(world, officer, withheld):
    ProgressUpdate.objects.create(action=world.two, area=world.area, number=1, recorded_at=at(2026, 2, 1), status="G")
    Evidence.objects.filter(pk=a_file_of_evidence(world).pk).update(**withheld)
    assert merged(world, officer, world.action, carry=["evidence"]).evidence == 0


def test_nothing_is_merged_where_one_was_changed_meanwhile(world, officer):
    seen = seen_of(world.three)
    editing.edit_action(world.three, {"title": "Other words"}, by=officer, at=MAY, seen=None)
    with pytest.raises(Overtaken):
        parting.merge_actions(
            world.two, [parting.Other(world.action), parting.Other(world.three, seen)], because="So.", by=officer,
            at=MAY, seen=None,
        )  # fmt: skip
    assert names(world, at(2026, 5, 2)) == {"1.1", "1.2", "1.3"}


def test_a_merged_action_is_taken_out_again(world, officer):
    merged(world, officer, world.three)
    world.three.refresh_from_db()
    retiring.take_apart(world.three, by=officer, at=at(2026, 5, 2))
    assert names(world, at(2026, 5, 3)) == {"1.1", "1.2", "1.3"}
    with pytest.raises(ValidationError, match="taken back already"):
        retiring.take_apart(world.three, by=officer, at=at(2026, 5, 2))


# Retiring and undoing


def test_a_retired_action_is_kept_and_taken_back(world, officer):
    retiring.retire_action(world.two, because="Not needed.", by=officer, at=MAY, seen=None)
    assert "1.2" not in names(world, at(2026, 5, 2))
    assert "1.2" in names(world, at(2026, 4, 30))
    with pytest.raises(ValidationError, match="was retired"):
        editing.edit_action(world.two, {"title": "No"}, by=officer, at=MAY, seen=None)
    retiring.take_back(world.two, by=officer, at=at(2026, 5, 3), seen=None)
    assert "1.2" in names(world, at(2026, 5, 4))


def test_the_last_change_is_undone_whatever_it_was(world, officer):
    other = Lead.objects.get(name="Another lead")
    editing.edit_action(world.two, {"title": "Action two"}, by=officer, at=at(2026, 5, 1), seen=None)
    placing.move_action(world.two, lead=other, by=officer, at=at(2026, 5, 2), seen=None)
    undoing.undo(world.two, by=officer, at=at(2026, 5, 3), seen=None)
    assert latest_placement(world.two).lead == world.lead
    editing.edit_action(world.two, {"title": "Action zwei"}, by=officer, at=at(2026, 5, 4), seen=None)
    undoing.undo(world.two, by=officer, at=at(2026, 5, 5), seen=None)
    assert world.two.title == "Action two"


def test_a_date_that_was_undone_stays_in_the_record(world, officer):
    said = {"reason": "A slip.", "by": officer, "seen": None}
    placing.give_date(world.two, due_on=date(2027, 1, 31), state="agreed", at=at(2026, 5, 1), **said)
    undoing.undo(world.two, by=officer, at=at(2026, 5, 2), seen=None)
    assert [row.due_on for row in world.two.deadlines.order_by("number")] == [
        date(2026, 9, 30), date(2027, 1, 31), date(2026, 9, 30),
    ]  # fmt: skip
    placing.give_date(world.two, due_on=date(2027, 2, 28), at=at(2026, 5, 3), **said)
    undoing.undo(world.two, by=officer, at=at(2026, 5, 4), seen=None)
    assert placing.proposed_of(world.two) is None


def test_how_an_action_was_first_made_cannot_be_undone(world, officer):
    action = added(world, officer)
    with pytest.raises(ValidationError, match="first made"):
        undoing.undo(action, by=officer, at=at(2026, 5, 2), seen=None)


def test_of_a_plan_that_has_ended_nothing_is_kept_any_longer(world, officer):
    late = at(2031, 1, 1)
    with pytest.raises(ValidationError, match="ended on 31 December 2030"):
        editing.edit_action(world.two, {"title": "Late"}, by=officer, at=late, seen=None)
    with pytest.raises(ValidationError, match="ended on"):
        added(world, officer, at=late)


def test_an_illustrative_sign_in_changes_nothing_of_a_real_lead_s(world, officer):
    officer.is_illustrative = True
    officer.save()
    for write in (
        lambda: editing.edit_action(world.two, {"title": "No"}, by=officer, at=MAY, seen=None),
        lambda: retiring.retire_action(world.two, because="No", by=officer, at=MAY, seen=None),
        lambda: placing.move_action(world.two, place=Place(priority=world.second), by=officer, at=MAY, seen=None),
        lambda: added(world, officer, lead=world.lead),
    ):
        with pytest.raises(ValidationError, match="no illustrative lead"):
            write()
    assert added(world, officer).is_illustrative
