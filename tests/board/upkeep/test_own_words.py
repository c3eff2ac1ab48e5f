"""An area's own words for each status and for "work strand" stand on its pages, in its key and its papers; codes stay."""

import pytest

from strategies import own_words
from strategies.models import Area
from tests.board.upkeep.test_upkeep_pages import seen_in, words


@pytest.fixture
def own(world, as_, page):
    """Northvale says Progressing for on track, and Workstream."""
    client, address = as_("officer"), page("words", plan=False)
    client.post(address, seen_in(client, address) | {"status_on_track": "Progressing", "workstrand": "Workstream"})
    own_words.use(None)
    return world


def test_the_words_are_kept_and_blank_means_the_products_own(own):
    assert Area.objects.get(slug="northvale").words == {
        "statuses": {"G": "Progressing"}, "workstrand": "Workstream",
    }  # fmt: skip


def test_they_stand_on_the_board_page_with_its_key_and_in_the_action_table(own, as_, page):
    client = as_("board")
    assert "Progressing" in words(client.get(page("strategy")))
    table = client.get(page("actions"))
    assert "Progressing" in words(table)
    assert "On track" not in words(table)
    assert table.context["filter"].form.fields["strand"].label == "Workstream"
    assert "Progressing" in client.get(page("actions"), {"_export": "csv"}).content.decode()


def test_the_page_of_what_is_kept_names_them(own, as_, page):
    said = "Our own words for each status: “Progressing” for on track and “Workstream” for work strand"
    assert said in words(as_("officer").get(page("upkeep", plan=False)))


def test_they_stand_on_the_pages_of_parts(own, as_, page):
    strand = words(as_("board").get(page("strand", "early-years")))
    assert "Workstream" in strand
    assert "Workstream: Early years" in words(as_("board").get(page("priority", "1")))


def test_the_letters_stay_and_so_do_the_addresses(own, as_, page):
    table = as_("board").get(page("actions"), {"reported": "G"})
    assert "Publish the pathway" in table.text


def test_another_area_sees_the_products_own(own, as_):
    other = words(as_("other_officer").get("/southmoor/send-strategy/actions/"))
    assert "Progressing" not in other
    assert "On track" in other


def test_the_papers_say_them_too(own):
    from board.key import STATUS_KEY
    from workstrands.status import SHOWN_WORDS

    with own_words.of(Area.objects.get(slug="northvale")):
        assert ("G", "Progressing", "nothing threatens date or result (“on track”)") in tuple(STATUS_KEY)
        assert dict(SHOWN_WORDS)["G"] == "Progressing"
    assert SHOWN_WORDS["G"] == "On track"


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"status_on_track": "at risk"}, "stands for another status as well"),
        ({"status_on_track": "Fine", "status_at_risk": "fine"}, "stands for another status as well"),
        ({"status_on_track": "x" * 31}, "The most is 30"),
    ],
)
def test_one_word_stands_for_one_status(world, as_, page, sent, message):
    client, address = as_("officer"), page("words", plan=False)
    response = client.post(address, seen_in(client, address) | sent)
    assert message in words(response)
    assert Area.objects.get(slug="northvale").words == {}


def test_they_can_be_undone(own, as_, page):
    client, address = as_("officer"), page("words-undo", plan=False)
    client.post(address, seen_in(client, address))
    assert Area.objects.get(slug="northvale").words == {}


def test_a_page_that_was_kept_changes_with_the_words(world, as_, page, remembered, transactional_db):
    client = as_("officer")
    assert "Progressing" not in client.get(page("strategy")).text
    address = page("words", plan=False)
    client.post(address, seen_in(client, address) | {"status_on_track": "Progressing"})
    assert "Progressing" in client.get(page("strategy")).text
