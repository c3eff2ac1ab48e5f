"""The rules of upkeep over plain values: references, order, what a form has seen."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from workstrands.upkeep.editing import changes_the_past
from workstrands.upkeep.places import free_ref, reordered
from workstrands.upkeep.seen import Seen


@pytest.mark.parametrize(
    ("siblings", "parent", "taken", "expected"),
    [
        (["1.1", "1.2", "1.8"], "1", {"1.1", "1.2", "1.8"}, "1.9"),
        (["1.8"], "1", {"1.8", "1.9"}, "1.10"),  # 1.9 was retired: its reference stays taken
        ([], "3", set(), "3.1"),
        ([], "3", {"3.1"}, "3.2"),
        (["7a", "7b"], "7", set(), "7.1"),
        (["4.6.1", "4.6.2", "5.1"], "4", set(), "4.6.3"),
        ([], "A reference of twenty", set(), "A reference o.1"),
    ],
)
def test_the_next_free_reference(siblings, parent, taken, expected):
    assert free_ref(siblings, parent=parent, taken=taken) == expected


@pytest.mark.parametrize(
    ("rows", "moved", "after", "expected"),
    [
        ([(1, 1), (2, 2), (3, 3), (4, 4)], 4, 1, {4: 1}),
        ([(1, 1), (2, 2), (3, 3), (4, 4)], 1, 3, {1: 4}),
        ([(1, 1), (2, 2), (3, 3)], 3, None, {3: 0}),
        ([(0, 1), (0, 2), (0, 3)], 3, None, {3: 0, 1: 1, 2: 1}),
        ([(1, 1), (2, 2)], 2, 1, {2: 1}),
    ],
)
def test_order_is_changed_by_few_rows(rows, moved, after, expected):
    changed = reordered(rows, moved, after)
    stands = sorted((changed.get(pk, position), pk) for position, pk in rows)
    others = [pk for _, pk in sorted(rows) if pk != moved]
    place = others.index(after) + 1 if after else 0
    assert [pk for _, pk in stands] == [*others[:place], moved, *others[place:]]
    assert set(changed) <= set(expected)


@pytest.mark.parametrize("text", ["", "1.2.3", "1.2.3.x", "1.2.3.-4", "1.2.3.²", "9" * 30, "1.2.3.4.5"])
def test_what_a_page_had_seen_is_four_numbers_or_refused(text):
    with pytest.raises(ValidationError, match="Open it again"):
        Seen.read(text)


def test_what_a_page_had_seen_is_read_as_it_was_written():
    assert Seen.read(str(Seen(12, 1, 2, 0))) == Seen(12, 1, 2, 0)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (date(2026, 3, 1), date(2026, 3, 1), False),
        (date(2026, 3, 1), date(2026, 9, 1), True),
        (date(2026, 9, 1), date(2026, 3, 1), True),
        (date(2026, 9, 1), date(2026, 10, 1), False),
    ],
)
def test_a_start_that_has_passed_is_part_of_past_views(before, after, expected):
    assert changes_the_past(before, after, on=date(2026, 5, 1)) == expected
