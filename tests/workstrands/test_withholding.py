"""What an officer takes back: withheld from a moment on, given out again anew, erased for good; for all that name the file."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from board.demonstration.removal import remove
from people.models import User
from tests.world import A_PDF, World, a_file_of_evidence, at, build_world
from workstrands import evidence
from workstrands.backing import counted_by, is_erased, known_by, stated_day, without_given_again
from workstrands.evidence import attach_file, attach_link
from workstrands.flags import FlagCode
from workstrands.models import Action, Evidence, ImpactConfirmation, PlanFile, ProgressUpdate
from workstrands.reporting import report_progress, why_no_confirmation
from workstrands.standing import standings
from workstrands.withholding import erase, give_again, withhold

GIVEN, TAKEN, AGAIN = at(2026, 3, 2), at(2026, 3, 10), at(2026, 3, 20)


@pytest.fixture
def world(db) -> World:
    return build_world()


@pytest.fixture
def officer(world) -> User:
    return world.people["officer"]


@pytest.fixture
def done(world) -> ProgressUpdate:
    """The action is reported complete, its impact sustained, on 1 March 2026."""
    return ProgressUpdate.objects.create(
        action=world.action, area=world.area, number=2, recorded_at=at(2026, 3, 1), status="B", impact="sustained"
    )


@pytest.fixture
def link(world, done) -> Evidence:
    return give_link(world, done)


def give_link(world, update, *, kind="document", moment=GIVEN, title="The report") -> Evidence:
    return attach_link(
        update, title=title, kind=kind, url=f"https://www.example.org/{kind}", by=world.people["lead"], at=moment
    )


def stands(world, moment):
    [standing] = standings(world.strategy, moment)
    return standing


def flags(world, moment) -> set[str]:
    return {flag.code for flag in stands(world, moment).flags}


def files_in(folder) -> list[str]:
    return sorted(path.name for path in (folder / "evidence").iterdir())


def a_second_row(piece: Evidence, world: World) -> Evidence:
    """As merging leaves it: another action's update, the same file in the store."""
    other = Action.objects.create(
        area=world.area, strategy=world.strategy, key="b-1", ref="2.1", title="Other", position=2
    )
    update = ProgressUpdate.objects.create(
        action=other, area=world.area, number=1, recorded_at=at(2026, 2, 11), status="G"
    )
    kept = {
        name: getattr(piece, name) for name in ("title", "kind", "file", "file_name", "content_type", "sha256", "size")
    }
    return Evidence.objects.create(update=update, added_at=at(2026, 2, 21), **kept)


# Withheld


def test_what_is_withheld_counts_no_more_from_then_on_and_earlier_views_count_it_still(world, link, officer):
    withhold(link, because="It names a child", by=officer, at=TAKEN)

    assert FlagCode.UNEVIDENCED not in flags(world, at(2026, 3, 9))
    assert FlagCode.UNEVIDENCED in flags(world, at(2026, 3, 11))
    assert stands(world, at(2026, 3, 9)).said.evidence_kinds == {"document"}
    assert stands(world, at(2026, 3, 11)).said.evidence_kinds == frozenset()


def test_complete_and_embedded_does_not_rest_on_what_is_withheld(world, done, link, officer):
    lived = give_link(world, done, kind="lived_experience")
    ImpactConfirmation.objects.create(action=world.action, number=1, recorded_at=at(2026, 3, 3), recorded_by=officer)
    assert stands(world, at(2026, 3, 9)).assessed == "E"

    withhold(lived, because="Nobody agreed to it", by=officer, at=TAKEN)

    assert stands(world, at(2026, 3, 11)).assessed == "B"
    assert stands(world, at(2026, 3, 9)).assessed == "E"
    assert why_no_confirmation(world.action, TAKEN).startswith("Two kinds of evidence are needed")


def test_complete_cannot_be_reported_on_withheld_evidence_alone(world, officer):
    piece = give_link(world, world.action.updates.get(number=1))
    withhold(piece, because="Another action’s", by=officer, at=TAKEN)

    with pytest.raises(ValidationError, match="at least one piece of evidence"):
        report_progress(world.action, status="B", narrative="Done.", seen_number=1, by=world.people["lead"], at=AGAIN)


def test_who_withheld_it_when_and_why_stay_with_it_and_in_its_history(link, officer):
    withhold(link, because=" It names a child ", by=officer, at=TAKEN)

    link.refresh_from_db()
    assert (link.withheld_at, link.withheld_because, link.withheld_by) == (TAKEN, "It names a child", officer)
    last = link.history.latest()
    assert (last.history_user, last.history_date, last.history_change_reason) == (officer, TAKEN, "Withheld")


@pytest.mark.parametrize("because", ["", "  ", "x" * 401, "a\x00b"])
def test_a_reason_is_asked_for_and_nothing_is_written_without_one(link, officer, because):
    with pytest.raises(ValidationError) as refused:
        withhold(link, because=because, by=officer, at=TAKEN)

    assert list(refused.value.message_dict) == ["because"]
    link.refresh_from_db()
    assert link.withheld_at is None


def test_the_second_of_two_officers_is_told(link, officer):
    again = Evidence.objects.get(pk=link.pk)
    withhold(link, because="It names a child", by=officer, at=TAKEN)

    with pytest.raises(ValidationError, match=r"withheld on 10 March 2026 by .* already"):
        withhold(again, because="Another reason", by=officer, at=AGAIN)


def test_a_file_is_withheld_for_all_that_name_it_and_is_tidied_for_none(world, officer, files_apart):
    piece = a_file_of_evidence(world)
    other = a_second_row(piece, world)
    withhold(other, because="It names a child", by=officer, at=TAKEN)

    assert set(Evidence.objects.filter(counted_by(AGAIN))) == set()
    assert evidence.missing_files() == []
    other.delete()
    assert files_in(files_apart) == [evidence.key_of(piece)]


def test_a_file_that_was_withheld_does_not_come_back_to_its_action(world, officer, files_apart):
    piece = a_file_of_evidence(world)
    withhold(piece, because="It names a child", by=officer, at=TAKEN)

    with pytest.raises(
        ValidationError, match=r"The same file was withheld on 10 March 2026 .*An officer can give it out"
    ):
        a_file_of_evidence(world, name="other-name.pdf")
    assert len(files_in(files_apart)) == 1


def test_a_web_address_that_was_withheld_does_not_come_back_to_its_update(world, done, link, officer):
    withhold(link, because="Wrong", by=officer, at=TAKEN)

    with pytest.raises(ValidationError, match="The same web address was withheld"):
        give_link(world, done)


# Given out again


def test_given_out_again_it_counts_anew_and_the_days_between_stay_as_they_were(world, link, officer):
    withhold(link, because="It names a child", by=officer, at=TAKEN)
    give_again(link, by=officer, at=AGAIN)

    counted = [
        FlagCode.UNEVIDENCED not in flags(world, moment)
        for moment in (at(2026, 3, 9), at(2026, 3, 15), at(2026, 3, 21))
    ]
    assert counted == [True, False, True]
    [shown] = without_given_again(Evidence.objects.filter(known_by(at(2026, 3, 21)), update__number=2))
    assert (shown.title, shown.added_at, shown.withheld_at) == ("The report", AGAIN, None)
    [between] = without_given_again(Evidence.objects.filter(known_by(at(2026, 3, 15)), update__number=2))
    assert between == link


def test_it_is_given_out_again_once_and_only_where_it_is_withheld(link, officer):
    with pytest.raises(ValidationError, match="It is not withheld"):
        give_again(link, by=officer, at=TAKEN)
    withhold(link, because="It names a child", by=officer, at=TAKEN)
    give_again(link, by=officer, at=AGAIN)
    with pytest.raises(ValidationError, match="It is not withheld"):
        give_again(link, by=officer, at=AGAIN)

    assert Evidence.objects.count() == 2


def test_a_file_given_out_again_is_stored_once(world, officer, files_apart):
    piece = a_file_of_evidence(world)
    withhold(piece, because="By mistake", by=officer, at=TAKEN)
    give_again(piece, by=officer, at=AGAIN)

    assert files_in(files_apart) == [evidence.key_of(piece)]
    anew = Evidence.objects.get(file=piece.file.name, withheld_at=None)
    assert (anew.sha256, anew.file_name, anew.dated_on) == (piece.sha256, piece.file_name, piece.dated_on)


# Erased


def test_an_erased_file_is_gone_and_its_record_stays_with_its_digest(
    world, officer, files_apart, django_capture_on_commit_callbacks
):
    piece = a_file_of_evidence(world)
    other = a_second_row(piece, world)
    with django_capture_on_commit_callbacks(execute=True):
        withhold(piece, because="It names a child", by=officer, at=TAKEN, erasing=True)

    assert files_in(files_apart) == []
    for row in (piece, other):
        row.refresh_from_db()
        assert is_erased(row)
        assert (row.file_name, len(row.sha256)) == ("", 64)
    assert evidence.missing_files() == []
    assert piece.history.latest().history_change_reason == "File erased"
    with pytest.raises(ValidationError, match="erased, so it cannot be given out again"):
        give_again(piece, by=officer, at=AGAIN)


def test_a_file_is_withheld_before_it_is_erased_and_a_link_has_none(world, link, officer, files_apart):
    piece = a_file_of_evidence(world)
    with pytest.raises(ValidationError, match="Withhold the file before"):
        erase(piece, by=officer, at=TAKEN)
    withhold(link, because="Wrong", by=officer, at=TAKEN)
    with pytest.raises(ValidationError, match="There is no file"):
        erase(link, by=officer, at=TAKEN)

    assert files_in(files_apart) == [evidence.key_of(piece)]


def test_what_was_erased_comes_back_nowhere_in_the_area(world, officer, files_apart):
    piece = a_file_of_evidence(world)
    elsewhere = a_second_row(piece, world).update
    Evidence.objects.filter(update=elsewhere).delete()
    withhold(piece, because="It names a child.", by=officer, at=TAKEN, erasing=True)

    with pytest.raises(
        ValidationError, match=r"The same file was withheld on 10 March 2026 by .*: It names a child\.'\]"
    ):
        attach_file(elsewhere, SimpleUploadedFile("x.pdf", A_PDF), title="X", kind="data", by=officer, at=AGAIN)


def test_what_a_stopped_process_left_of_an_erased_file_is_tidied(world, officer, files_apart, monkeypatch):
    """The rows are written, and the process ended before the file was removed."""
    piece = a_file_of_evidence(world)
    withhold(piece, because="It names a child", by=officer, at=TAKEN, erasing=True)
    monkeypatch.setattr(evidence, "LEFT_ALONE", -evidence.LEFT_ALONE)

    assert evidence.unnamed_files(at(2030, 1, 1)) == [piece.file.name]
    evidence.remove_unnamed(piece.file.name)
    assert files_in(files_apart) == []


# The demonstration


def test_an_illustrative_officer_erases_nothing_real_and_what_it_withheld_is_given_back(world, link, files_apart):
    made_up = User.objects.create(email="made-up@example.test", is_illustrative=True)
    file = a_file_of_evidence(world)
    withhold(link, because="To look around", by=made_up, at=TAKEN)
    with pytest.raises(ValidationError, match="cannot erase a real file"):
        withhold(file, because="To look around", by=made_up, at=TAKEN, erasing=True)
    file.refresh_from_db()
    assert file.withheld_at is None
    remove()

    link.refresh_from_db()
    assert (link.withheld_at, link.withheld_because, link.withheld_by) == (None, "", None)


# Its day


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ({"dated_on": date(2026, 1, 5)}, date(2026, 1, 5)),
        ({}, date(2026, 2, 10)),
        ({"came": PlanFile.Kind.UPDATES}, date(2026, 2, 10)),
        ({"came": PlanFile.Kind.PLAN}, None),
        ({"came": PlanFile.Kind.PLAN, "added_at": AGAIN}, None),  # given out again
        ({"came": PlanFile.Kind.PLAN, "added_at": AGAIN, "is_named_only": False}, date(2026, 2, 10)),  # added since
        ({"came": PlanFile.Kind.PLAN, "dated_on": date(2026, 1, 5)}, date(2026, 1, 5)),
    ],
)
def test_what_a_plan_brought_in_without_a_day_is_of_no_day(said, day):
    asked = {"dated_on": None, "added_at": at(2026, 2, 10), "came": None, "is_named_only": True, **said}
    assert stated_day(said_at=at(2026, 2, 10), **asked) == day
