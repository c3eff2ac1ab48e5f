"""An area keeps so many files and bytes, and no more: whoever brings one too many is told what to do."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.world import (
    A_PDF,
    BACKEND,
    a_file_of_evidence,
    a_file_that_waits,
    a_plan_that_waits,
    a_table_of_figures,
    at,
    build_world,
)
from workstrands.files_kept import Kept, in_words, kept_by, why_no_room
from workstrands.models import Evidence, PlanFile
from workstrands.withholding import erase, withhold


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 3, 10))
    return build_world()


def test_what_people_gave_is_counted_of_each_kind_in_one_query(world, django_assert_num_queries):
    piece = a_file_of_evidence(world)
    plan = a_plan_that_waits(world.area, world.strategy)
    figures = [a_table_of_figures(world), a_file_that_waits(world.area, world.kpi)]

    with django_assert_num_queries(1):
        kept = kept_by(world.area)

    assert kept == Kept(4, piece.size + plan.size + sum(each.size for each in figures))
    assert kept_by(world.other_area) == Kept(0, 0)


def test_what_is_thrown_away_or_erased_takes_no_room(world):
    piece, officer = a_file_of_evidence(world), world.people["officer"]
    plan = a_plan_that_waits(world.area, world.strategy)
    before = kept_by(world.area)
    PlanFile.objects.filter(pk=plan.pk).update(state=PlanFile.State.ABANDONED, content=b"")
    assert kept_by(world.area) == Kept(1, before.size - plan.size)

    withhold(piece, because="It names a child.", by=officer, at=at(2026, 3, 9))
    assert kept_by(world.area).files == 1, "it lies there still"
    erase(Evidence.objects.get(pk=piece.pk), by=officer, at=at(2026, 3, 10))
    assert kept_by(world.area) == Kept(0, 0)


@pytest.mark.parametrize(
    ("setting", "most", "is_room"),
    [
        ("AREA_FILES_MAX_BYTES", len(A_PDF) * 2, True),
        ("AREA_FILES_MAX_BYTES", len(A_PDF) * 2 - 1, False),
        ("AREA_FILES_MAX", 2, True),
        ("AREA_FILES_MAX", 1, False),
    ],
)
def test_the_bound_is_what_still_fits(world, settings, setting, most, is_room):
    a_file_of_evidence(world)
    setattr(settings, setting, most)
    assert (why_no_room(world.area, len(A_PDF)) == "") == is_room


def test_evidence_for_which_there_is_no_room_is_told_beside_it_and_what_was_typed_stays(
    client, world, settings, files_apart
):
    settings.AREA_FILES_MAX_BYTES = 1
    client.force_login(world.people["lead"], backend=BACKEND)
    sent = {"title": "Minutes of March", "kind": "document", "file": SimpleUploadedFile("minutes.pdf", A_PDF)}
    response = client.post(world.address("board:evidence-add"), sent)

    assert response.status_code == 200
    assert "There is no room for it" in response.context["form"].errors["file"][0]
    assert "Minutes of March" in response.text
    assert not Evidence.objects.filter(title="Minutes of March").exists()
    assert not [path for path in files_apart.rglob("*") if path.is_file()]


def test_a_report_whose_files_do_not_fit_together_is_not_saved(client, world, settings):
    settings.AREA_FILES_MAX = 1
    client.force_login(world.people["lead"], backend=BACKEND)
    sent = {"seen_number": 1, "status": "G", "narrative": "Three pathways are published."}
    for row in (1, 2):
        sent |= {f"evidence_{row}_title": f"Paper {row}", f"evidence_{row}_kind": "document"}
        sent[f"evidence_{row}_file"] = SimpleUploadedFile(f"paper-{row}.pdf", A_PDF + b"%" * row + b"\n%%EOF\n")
    response = client.post(world.address("workstrands:update"), sent)

    assert response.status_code == 200
    assert "There is no room for it" in response.context["form"].errors["evidence_1_file"][0]
    assert "Three pathways are published." in response.text
    assert world.action.updates.count() == 1


@pytest.mark.parametrize(
    ("page", "person"),
    [
        ("board:plan-import", "officer"),
        ("board:figures", "lead"),
        ("board:my-workbook", "lead"),
        ("board:import", "officer"),
    ],
)
def test_every_page_that_takes_a_file_tells_of_it(client, world, settings, page, person):
    settings.AREA_FILES_MAX_BYTES = 1
    client.force_login(world.people[person], backend=BACKEND)
    sent = {"file": SimpleUploadedFile("rows.csv", b"Priority,Action\nPlans,Train\n"), "publication": "Plans", "edition": "2025",
            "published_on_0": "26", "published_on_1": "6", "published_on_2": "2025", "state": "final"}  # fmt: skip
    response = client.post(world.address(page), sent)

    assert response.status_code == 200
    assert "There is no room for it" in response.context["form"].errors["file"][0]


def test_it_is_said_in_words_that_people_use():
    assert in_words(Kept(1, 300)) == "1 file of 0 KB"
    assert in_words(Kept(20_000, 10 * 1024**3)) == "20,000 files of 10 GB"


def test_a_file_beyond_the_bound_is_refused_by_what_writes_it_too(world, settings):
    settings.AREA_FILES_MAX = 0
    with pytest.raises(ValidationError, match="keeps 0 files of 0 KB, and the most is 0 files"):
        a_file_of_evidence(world)


def test_administrators_see_on_the_page_of_evidence_how_much_room_there_is(client, world):
    for person, is_told in (("administrator", True), ("officer", False)):
        client.force_login(world.people[person], backend=BACKEND)
        page = client.get(world.address("board:evidence")).text
        assert ("There is room for 20,000 files of 10 GB." in page) is is_told
