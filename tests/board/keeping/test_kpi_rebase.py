"""Calculating limits anew, in the browser."""

from datetime import date

import pytest

from kpis.models import Rebase
from tests.board.keeping.typed import (
    Y2025,
    Y2026,
    text_of,
)


def test_an_officer_sets_limits_anew_with_a_reason(as_, world):
    address = world.address("board:rebase")
    response = as_("officer").post(address, {"seen_number": 0, "period": Y2025, "reason": "A new team."}, follow=True)
    assert "Limits are calculated anew from 2025." in text_of(response)
    row = Rebase.objects.get()
    assert (row.from_period, row.reason, row.recorded_by) == (date(2025, 1, 1), "A new team.", world.people["officer"])


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"period": Y2026}, "period"), ({"period": ""}, "period"), ({"reason": ""}, "reason"), ({"reason": "x" * 251}, "reason"),
     ({"reason": "a\x00b"}, "reason")],
)  # fmt: skip
def test_limits_need_a_period_with_a_figure_and_a_reason(as_, world, fields, field):
    sent = {"seen_number": 0, "period": Y2025, "reason": "A new team.", **fields}
    response = as_("officer").post(world.address("board:rebase"), sent)
    assert response.context["form"].errors[field]
    assert not Rebase.objects.exists()
