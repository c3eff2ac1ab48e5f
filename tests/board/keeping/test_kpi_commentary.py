"""Saying in the browser what explains a figure."""

from datetime import date

import pytest

from kpis.models import Commentary
from tests.board.keeping.typed import (
    BROKEN_TEXTS,
    Y2025,
    text_of,
)


def test_the_owner_says_what_explains_a_figure(as_, world):
    address = world.address("board:commentary-add")
    assert as_("lead").post(address, {"seen_number": 0, "period": Y2025, "text": "Two posts."}).status_code == 302
    assert Commentary.objects.get().period_end == date(2025, 12, 31)
    assert "Two posts." in text_of(as_("lead").get(address))


@pytest.mark.parametrize("text", ["", "   ", *BROKEN_TEXTS.values()])
def test_an_explanation_that_says_nothing_or_cannot_be_kept_is_told(as_, world, text):
    response = as_("lead").post(
        world.address("board:commentary-add"), {"seen_number": 0, "period": Y2025, "text": text}
    )
    assert response.status_code == 200
    assert response.context["form"].errors["text"]
    assert not Commentary.objects.exists()


def test_two_who_explain_at_once_see_both(as_, world):
    address, mine = world.address("board:commentary-add"), {"seen_number": 0, "period": Y2025, "text": "My words."}
    as_("officer").post(address, {**mine, "text": "Their words."})
    response = as_("lead").post(address, mine)
    assert response.status_code == 409
    assert "Their words." in text_of(response)
    assert "My words." in text_of(response)
    assert as_("lead").post(address, {**mine, "seen_number": 1}).status_code == 302
    assert Commentary.objects.count() == 2
