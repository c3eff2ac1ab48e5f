"""The page of search and the box in the bar at the top."""

import pytest
from django.urls import reverse

from strategies.models import GlossaryTerm
from tests.world import BACKEND, at
from workstrands.models import ProgressUpdate


def read(client, world, person="board", **query):
    client.force_login(world.people[person], backend=BACKEND)
    return client.get(reverse("board:search", args=[world.area.slug]), query)


def test_every_page_of_an_area_has_the_box_and_it_works_without_a_script(client, world):
    client.force_login(world.people["board"], backend=BACKEND)
    page = client.get("/northvale/kpis/").text

    assert 'role="search" method="get" action="/northvale/search/"' in page
    assert '<label class="govuk-visually-hidden" for="bar-search">Search Northvale</label>' in page
    assert 'name="as_at"' not in page
    assert 'name="as_at" value="2026-02-20"' in client.get("/northvale/kpis/", {"as_at": "2026-02-20"}).text


def test_what_is_found_is_grouped_by_kind_with_counts_and_marked(client, world):
    page = read(client, world, q="plans").text

    assert "records found" in page
    assert 'id="found-objective">Objectives: 1</h2>' in page
    assert "<mark>Plans</mark> on time" in page


def test_without_words_the_page_says_what_can_be_searched(client, world):
    page = read(client, world).text

    assert "What can be searched" in page
    assert "Progress updates" in page
    assert "govuk-error-summary" not in page


def test_nothing_found_says_so_and_what_can_be_searched(client, world):
    page = read(client, world, q="<b>zebra").text

    assert "Nothing in Northvale has “&lt;b&gt;zebra”" in page
    assert "What can be searched" in page


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "Type what you look for"),
        ("   ", "Type what you look for"),
        ("🎉", "Type at least one word"),
        ("x" * 10_000, "The most is 200"),
        ("a\x07b", "character that cannot be kept"),
        ("a\x00b", "cannot be kept"),
        (" ".join(f"w{n}" for n in range(20)), "at most 12 words"),
    ],
)
def test_what_cannot_be_searched_is_said_by_the_field(client, world, words, message):
    response = read(client, world, q=words)

    assert response.status_code == 200
    assert message in response.text
    assert "Error: " in response.text


@pytest.mark.parametrize(
    "query", [{"kind": "x"}, {"page": "0"}, {"page": "-1"}, {"page": "99"}, {"page": "²"}, {"page": "9" * 400}]
)
def test_a_kind_or_page_that_is_none_is_a_plain_404(client, world, query):
    assert read(client, world, q="pathway", **query).status_code == 404


def test_one_kind_is_leafed_through_in_pages_of_twenty(client, world):
    GlossaryTerm.objects.bulk_create(
        [GlossaryTerm(area=world.area, abbreviation=f"L{n}", meaning="Lighthouse") for n in range(45)]
    )

    assert "All under Words explained: 45" in read(client, world, q="lighthouse").text
    pages = [read(client, world, q="lighthouse", kind="term", page=n).text for n in (1, 2, 3)]
    assert [page.count("<mark>") for page in pages] == [20, 20, 5]
    assert "<strong>L44</strong>" in pages[0]
    assert "<strong>L0</strong>" in pages[2]
    assert read(client, world, q="lighthouse", kind="term", page=4).status_code == 404


def test_a_kind_without_a_hit_leads_back_to_all_kinds(client, world):
    assert "Nothing of this kind has “pathway”" in read(client, world, q="pathway", kind="risk").text


def test_the_past_says_what_it_searches_and_keeps_the_day_in_its_links(client, world):
    said = {"area": world.area, "action": world.action, "status": "G"}
    ProgressUpdate.objects.create(**said, number=2, recorded_at=at(2026, 2, 25), narrative="The pathway is open")

    page = read(client, world, q="pathway", as_at="2026-02-20").text

    assert "1 record found" in page
    assert "This searches what was recorded by 20 February 2026, in today&#x27;s wording." in page or (
        "This searches what was recorded by 20 February 2026, in today's wording." in page
    )
    assert "/northvale/actions/a-1/?as_at=2026-02-20" in page
    assert "2 records found" in read(client, world, q="pathway").text


def test_queries_do_not_grow_with_what_is_found(client, world, django_assert_max_num_queries):
    client.force_login(world.people["board"], backend=BACKEND)
    address = reverse("board:search", args=[world.area.slug])
    with django_assert_max_num_queries(8) as few:
        client.get(address, {"q": "zebra plans"})  # looked for twice: nothing has both
    GlossaryTerm.objects.bulk_create(
        [GlossaryTerm(area=world.area, abbreviation=f"L{n}", meaning="Plans") for n in range(45)]
    )
    with django_assert_max_num_queries(8) as many:
        client.get(address, {"q": "zebra plans"})

    assert len(few) == len(many)
