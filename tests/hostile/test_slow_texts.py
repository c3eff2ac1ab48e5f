"""Texts and requests within all bounds that would cost a worker seconds: each answers, and what made it slow is cut.

No test measures the time: they look at where a pattern may begin, or at how much of a text is gone through.
"""

import pytest
from django.template import Context, Template
from django.urls import reverse

from board.identifying import EMAIL, email_problem
from board.public import LONGEST_ITEM, MOST_ITEMS
from board.search_forms import LONGEST
from board.small_numbers import PERCENT, small_counts_in
from common.templatetags import words
from common.text import LONGEST_TEXT

LONG_WORDS = ["a", "1", "1.", "1,111", "\u0301\u0323", '"', "a ", "\n"]
MARKS = "e" + "\u0301\u0323" * (LONGEST_TEXT // 2)  # accents in the wrong order


@pytest.mark.parametrize(
    ("pattern", "text"), [(EMAIL, "someone@example.uk"), (PERCENT, "15% of 20 children")], ids=["address", "share"]
)
def test_a_pattern_begins_only_where_a_word_does(pattern, text):
    assert pattern.match(text)
    assert pattern.match(text, 1) is None


def test_of_a_long_text_that_is_cut_only_the_beginning_is_gone_through(monkeypatch):
    given = []
    monkeypatch.setattr(words, "cut_to", lambda text, most: given.append(text) or text[:most])

    Template("{{ text|truncatechars:100 }}").render(Context({"text": MARKS}))

    assert [len(text) for text in given] == [100 * words.MARKS_OF_A_LETTER]


@pytest.mark.parametrize("text", ["short", "x" * 101, "e\u0301" * 90, "e\u0301" * 300])
def test_what_people_write_is_cut_as_ever(text):
    shown = Template("{{ text|truncatechars:100 }}").render(Context({"text": text}))

    assert shown == words.cut_to(text, 100)


def test_a_share_of_a_number_beyond_all_floats_is_told():
    assert small_counts_in(f"5% of {'9' * 500} children") == []
    assert small_counts_in("12.5 per cent of 40 children") == ["12.5 per cent of 40 children"]


@pytest.mark.parametrize("text", LONG_WORDS)
def test_a_whole_page_of_the_longest_texts_is_looked_through(as_, world, text):
    long = (text * LONGEST_ITEM)[:LONGEST_ITEM]
    names = ("promised", "done", "next", "said", "did")
    sent = {f"{name}_{i}": long for name in names for i in range(MOST_ITEMS)}

    response = as_("officer").post(
        reverse("board:public-edit", args=[world.area.slug]), {"do": "look", "seen_number": "0", "intro": long, **sent}
    )

    assert response.status_code == 200
    assert email_problem(long) == ""


@pytest.mark.parametrize("text", LONG_WORDS)
@pytest.mark.parametrize("name", ["board:search", "board:actions", "board:kpis"])
def test_the_longest_search_is_answered(as_, world, name, text):
    sought = (text * LONGEST)[:LONGEST]

    assert as_("officer").get(world.address(name), {"q": sought}).status_code == 200
