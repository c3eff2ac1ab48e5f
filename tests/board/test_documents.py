"""Source documents and everything taken from each."""

from datetime import date

import pytest
from django.urls import reverse

from priorities.models import CurrentPractice
from strategies.models import GlossaryTerm, Passage, SourceDocument
from tests.world import BACKEND, World, at, build_world
from workstrands.models import Action, Deadline, Objective


@pytest.fixture
def world(db) -> World:
    return build_world()


@pytest.fixture
def reader(client, world):
    client.force_login(world.people["board"], backend=BACKEND)
    return client


def one(reader, world: World, **query):
    return reader.get(reverse("board:document", args=[world.area.slug, world.document.slug]), query)


def listing(reader, world: World, **query):
    return reader.get(reverse("board:documents", args=[world.area.slug]), query)


def text_of(response) -> str:
    return " ".join(response.text.split())


def test_the_list_says_what_was_taken_from_each_document(reader, world):
    Objective.objects.update(source=world.document)

    page = text_of(listing(reader, world))

    assert "The published plan" in page
    assert "1 objective and 1 passage" in page


def test_a_document_known_by_its_month_shows_no_day(reader, world):
    SourceDocument.objects.update(published_on=date(2025, 12, 31), precision=SourceDocument.Precision.MONTH)

    page = text_of(listing(reader, world))

    assert "December 2025" in page
    assert "31 December 2025" not in page


def test_a_record_shows_its_place_the_repaired_text_the_wording_as_found_and_the_note(reader, world):
    Objective.objects.update(
        source=world.document, source_locator="L361", text="Increased uptake", source_text="reased uptake",
        source_note="The first letters were cropped.",
    )  # fmt: skip

    page = text_of(one(reader, world))

    assert ": Increased uptake" in page
    assert "“reased uptake”" in page
    assert "The first letters were cropped." in page
    assert "L361" in page
    assert "where wording was repaired (1)" in page


def test_every_kind_of_record_is_there_and_the_contents_lead_to_it(reader, world):
    Action.objects.update(source=world.document)
    Deadline.objects.create(
        action=world.action, number=2, recorded_at=at(2026, 1, 1), due_on=date(2026, 3, 31), as_written="Spring '26",
        source=world.document,
    )  # fmt: skip
    CurrentPractice.objects.create(
        priority=world.priority, text="We meet monthly", source=world.document, printed_section="What we plan to do",
        likely_section="Our current practice",
    )  # fmt: skip
    GlossaryTerm.objects.create(
        area=world.area, abbreviation="MHST", meaning="Mental Health Support Team", source=world.document
    )

    page = text_of(one(reader, world))

    for anchor in ("actions", "dates", "current-practice", "glossary", "passages"):
        assert f'href="#{anchor}"' in page
        assert f'id="{anchor}"' in page
    assert "Spring &#x27;26" in page
    assert "Printed under “What we plan to do”, though it belongs under “Our current practice”" in page
    assert "Mental Health Support Team" in page


def test_passages_stand_kind_by_kind(reader, world):
    for kind in (Passage.Kind.QUOTE, Passage.Kind.AIM, Passage.Kind.QUOTE):
        Passage.objects.create(document=world.document, source=world.document, kind=kind, text=f"A {kind}.")

    page = text_of(one(reader, world))

    assert page.count('<h3 class="govuk-heading-s">What people said</h3>') == 1
    assert page.index(">Vision</h3>") < page.index(">Aim</h3>") < page.index(">What people said</h3>")


def test_what_a_document_says_is_never_run_as_markup(reader, world):
    Passage.objects.update(text="<script>alert(1)</script>")
    assert "<script>alert" not in one(reader, world).text


@pytest.mark.parametrize("name", ["board:documents", "board:document"])
def test_another_areas_documents_are_not_there(client, world, name):
    client.force_login(world.people["other_officer"], backend=BACKEND)
    assert client.get(world.address(name)).status_code == 404


def test_a_document_of_another_area_does_not_open_under_ones_own(reader, world):
    SourceDocument.objects.create(area=world.other_area, slug="theirs", title="Theirs", published_on=date(2026, 1, 1))
    assert reader.get(reverse("board:document", args=[world.area.slug, "theirs"])).status_code == 404


def test_before_it_was_published_a_document_is_not_there(reader, world):
    assert one(reader, world, as_at="2025-12-31").status_code == 404
    assert "No document of Northvale is held here up to this day" in text_of(listing(reader, world, as_at="2025-12-31"))


def test_the_queries_do_not_grow_with_records(reader, world, django_assert_max_num_queries):
    Objective.objects.update(source=world.document)
    one(reader, world)
    with django_assert_max_num_queries(40) as few:
        one(reader, world)
    for number in range(60):
        Objective.objects.create(
            strategy=world.strategy, priority=world.priority, workstrand=world.strand, key=f"more-{number}", ref=f"M{number}",
            text="More", source=world.document,
        )  # fmt: skip
        Passage.objects.create(document=world.document, source=world.document, kind=Passage.Kind.AIM, text="An aim.")
    with django_assert_max_num_queries(40) as many:
        one(reader, world)
    assert len(many) == len(few)
