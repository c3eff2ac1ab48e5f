"""Where an area has words of its own, the product's stand nowhere beside them: not on a page, not in a paper, not in a file.

The words are unlikely ones. The key names both, the product's in brackets; only there may it be read.
"""

import io
import re
from datetime import date
from html import unescape

import docx
import openpyxl
import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import reverse
from pypdf import PdfReader

from board.exceptional import ExceptionalAction
from board.heard import OwnersSay
from board.papers.making import make_paper, rendering
from strategies import own_words
from tests.board.papers.orders import another_action, order, say
from tests.world import BACKEND, at, build_world

OWN = {
    "R": "Kettle", "A": "Walrus", "G": "Ongoing", "N": "Acorn", "B": "Violin", "E": "Marmot", "H": "Bonfire", "S": "Quarry",
    "?": "Zither",
}  # fmt: skip
STANDARD = re.compile(
    r"\b(not started|off track|at risk|on track|no update|complete and embedded|work strands?)\b", re.IGNORECASE
)
IN_THE_KEY = re.compile(r"\(“[^”]*”\)")
TAG = re.compile(r'<span class="st-status"><svg.*?</svg><span>(.*?)</span></span>', re.DOTALL)


@pytest.fixture
def world(db, monkeypatch):
    """An action of each status."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 7, 20))
    own_words.use(None)  # whatever an earlier test asked for last
    world = build_world()
    world.area.words = {"statuses": OWN, "workstrand": "Xylophone"}
    world.area.save()
    for number, letter in enumerate("RAGNBHS", start=2):
        another_action(
            world,
            number,
            status=letter,
            escalate_to="board" if letter == "R" else "",
            authority="The Board" if letter in "HS" else "",
        )
    silent = another_action(world, 20)
    say(world, silent, "R", at(2026, 7, 16), ask="Decide", escalate_to="board")
    another_action(world, 21)
    return world


@pytest.fixture
def officer(client, world):
    client.force_login(world.people["officer"], backend=BACKEND)
    return client


def left_in(text: str) -> list[str]:
    return STANDARD.findall(IN_THE_KEY.sub("", unescape(" ".join(text.split()))))


def read(html: str) -> str:
    """What is seen and what is heard."""
    heard = re.findall(r'(?:aria-label|data-label|title|placeholder)="([^"]*)"', html)
    return " ".join([re.sub(r"<[^>]*>", " ", html), *heard])


PAGES = {
    "the board page": ("board:strategy", "{plan}", {}),
    "the board page by strand": ("board:strategy", "{plan}", {"by": "strand"}),
    "the board page compared": ("board:strategy", "{plan}", {"compare": "2026-06-01"}),
    "the board page of a past day": ("board:strategy", "{plan}", {"as_at": "2026-06-01"}),
    "a strand": ("board:strand", "{plan} early-years", {}),
    "a priority": ("board:priority", "{plan} 1", {}),
    "the action table": ("board:actions", "{plan}", {}),
    "the action table as a file": ("board:actions", "{plan}", {"_export": "csv"}),
    "an action off track": ("board:action", "{area} a-2", {}),
    "a complete action": ("board:action", "{area} a-6", {}),
    "an action without an update": ("board:action", "{area} a-21", {}),
    "my work": ("board:my", "", {}),
    "a meeting": ("board:meeting", "{area} 2026-03-18", {}),
}


@pytest.mark.parametrize("name", PAGES)
def test_no_page_says_the_standard_word(world, officer, name):
    view, of, asked = PAGES[name]
    plan = f"{world.area.slug} {world.strategy.slug}"
    response = officer.get(reverse(view, args=of.format(plan=plan, area=world.area.slug).split()), asked)
    assert response.status_code == 200
    text = response.content.decode()
    assert left_in(read(text)) == []
    assert set(TAG.findall(text)) <= set(OWN.values())


def test_a_plan_that_goes_by_strands_is_headed_by_the_areas_word(world, officer):
    text = officer.get(reverse("board:strategy", args=[world.area.slug, world.strategy.slug]), {"by": "strand"}).text
    assert ">Xylophones</h2>" in text
    assert "Each Xylophone with its actions" in text
    by_priority = officer.get(reverse("board:strategy", args=[world.area.slug, world.strategy.slug])).text
    assert "Show by Xylophone</a>" in by_priority


def test_the_sentences_of_the_board_page_are_said_in_the_areas_words(world, officer):
    text = read(officer.get(reverse("board:strategy", args=[world.area.slug, world.strategy.slug])).text)
    said = " ".join(text.split())
    assert re.search(r"Leads report \d+ of \d+ live actions ongoing; dates and data support", said)
    assert "are kettle" in said
    assert "Reported kettle" in said
    assert "The lead reports it as kettle." in said


def test_the_key_prints_both(world, officer):
    text = unescape(officer.get(reverse("board:strategy", args=[world.area.slug, world.strategy.slug])).text)
    assert "<dd>nothing threatens date or result (“on track”)</dd>" in text


def in_words(made: bytes, kind: str) -> str:
    if kind == "pdf":
        return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
    if kind == "docx":
        return " ".join(node.text or "" for node in docx.Document(io.BytesIO(made)).element.body.iter())
    if kind == "xlsx":
        sheets = openpyxl.load_workbook(io.BytesIO(made))
        return " ".join(
            str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row if cell
        )
    return read(made.decode()) if kind == "html" else made.decode()


@pytest.mark.parametrize("kind", ["html", "pdf", "docx", "csv", "xlsx"])
def test_no_paper_says_the_standard_word(world, kind):
    with own_words.of(world.area):
        text = in_words(rendering(kind)(*make_paper(order(world))), kind)
    assert "Kettle" in text
    assert left_in(text) == []


def test_the_rows_of_a_paper_are_headed_by_the_areas_word(world):
    with own_words.of(world.area):
        text = rendering("csv")(*make_paper(order(world))).decode()
    assert "Xylophone" in text


def test_what_owners_say_and_why_an_action_is_an_exception_change_with_the_area(world):
    owners = OwnersSay("R", "", "", "", date(2026, 7, 1), "", None)
    reported = ExceptionalAction(standing=None, flag=None, rounds=0)
    assert (owners.word, reported.short) == ("Off track", "Reported off track")
    with own_words.of(world.area):
        assert (owners.word, reported.short) == ("Kettle", "Reported kettle")


def test_the_words_end_with_the_answer_but_for_one_that_is_still_being_made():
    def answer(response):
        def get_response(request):
            own_words.use({"workstrand": "Xylophone"})
            return response

        return b"".join(own_words.OwnWordsMiddleware(get_response)(RequestFactory().get("/"))), own_words.strand_word()

    assert answer(HttpResponse("")) == (b"", "work strand")
    assert answer(StreamingHttpResponse(own_words.strand_word() for _ in range(1)))[0] == b"Xylophone"
    own_words.use(None)


def test_another_area_reads_the_products_own(world, client):
    client.force_login(world.people["other_officer"], backend=BACKEND)
    text = read(client.get("/southmoor/send-strategy/").text)
    assert "nothing threatens date or result" in text
    assert not set(OWN.values()) & set(text.split())
