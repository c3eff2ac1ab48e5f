from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstrands.comparison import Change, ChangeKind, Moment, changes_between, status_changes
from workstrands.status import SHOWN_ORDER

SEPTEMBER, OCTOBER = date(2026, 9, 30), date(2026, 10, 31)


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ("G", "G", []),
        ("G", "A", ["worse"]),
        ("G", "N", ["worse"]),
        ("N", "A", ["worse"]),
        ("A", "R", ["worse"]),
        ("R", "A", ["better"]),
        ("A", "N", ["better"]),
        ("N", "G", ["better"]),
        ("R", "G", ["better"]),
        ("G", "B", ["completed"]),
        ("R", "B", ["completed"]),
        ("A", "E", ["completed"]),
        ("B", "E", ["better"]),
        ("E", "B", ["worse"]),
        ("B", "G", ["worse"]),
        ("?", "G", ["first_report"]),
        ("?", "R", ["first_report"]),
        ("?", "H", ["first_report"]),
        ("?", "B", ["first_report", "completed"]),
        ("G", "H", ["on_hold"]),
        ("H", "S", ["stopped"]),
        ("B", "S", ["stopped"]),
        ("H", "G", ["resumed"]),
        ("S", "R", ["resumed"]),
        ("H", "B", ["completed"]),
    ],
)
def test_what_a_change_of_letter_is_called(then, now, expected):
    assert status_changes(then, now) == expected


def test_actions_are_matched_by_key_and_listed_as_they_stand_now():
    then = [Moment("gone", "G"), Moment("a", "G", due_on=SEPTEMBER), Moment("b", "A")]
    now = [Moment("b", "A"), Moment("a", "R", due_on=OCTOBER), Moment("new", "?")]

    assert [(change.key, change.kind) for change in changes_between(then, now)] == [
        ("a", ChangeKind.WORSE),
        ("a", ChangeKind.DATE_MOVED),
        ("new", ChangeKind.ADDED),
        ("gone", ChangeKind.RETIRED),
    ]


@pytest.mark.parametrize(
    ("then", "now", "kind", "days", "sentence"),
    [
        (
            Moment("a", "G", due_on=SEPTEMBER),
            Moment("a", "G", due_on=OCTOBER),
            "date_moved",
            31,
            "Due 31 October 2026, was 30 September 2026: 31 days later.",
        ),
        (
            Moment("a", "G", due_on=OCTOBER),
            Moment("a", "G", due_on=date(2026, 10, 30)),
            "date_moved",
            -1,
            "Due 30 October 2026, was 31 October 2026: 1 day earlier.",
        ),
        (
            Moment("a", "G"),
            Moment("a", "G", due_on=OCTOBER),
            "date_agreed",
            0,
            "Due 31 October 2026; no date was agreed before.",
        ),
        (Moment("a", "G"), Moment("a", "R"), "worse", 0, "Off track, was On track."),
        (Moment("a", "?"), Moment("a", "N"), "first_report", 0, "Not started, was No update."),
    ],
)
def test_a_change_in_words(then, now, kind, days, sentence):
    (change,) = changes_between([then], [now])

    assert (change.kind, change.days, change.sentence) == (kind, days, sentence)


def test_added_and_retired_have_words_too():
    assert Change(ChangeKind.ADDED, None, Moment("a", "G")).sentence == "Added."
    assert Change(ChangeKind.RETIRED, Moment("a", "G"), None).action.key == "a"


letters = st.dictionaries(st.integers(0, 9), st.sampled_from(SHOWN_ORDER))


@given(letters, letters)
def test_nothing_changes_between_a_moment_and_itself_and_worse_one_way_is_better_the_other(then, now):
    before, after = ([Moment(key, letter) for key, letter in moment.items()] for moment in (then, now))
    there, back = changes_between(before, after), changes_between(after, before)

    assert changes_between(before, before) == []
    assert {c.key for c in there if c.kind == "added"} == {c.key for c in back if c.kind == "retired"}
    assert {c.key for c in there if c.kind == "better"} <= {c.key for c in back if c.kind in ("worse")}
