"""The pure rules of reading a plan: headings, dates in words, statuses, names, cells that hold several actions."""

from datetime import date

import pytest

from board.plan_import.days import NotADay, days_in, first_of, read_when
from board.plan_import.hanging import numbered
from board.plan_import.lines import lines_of, parts_of
from board.plan_import.matching import key_of, name_and_role
from board.plan_import.statuses import status_of
from board.plan_import.synonyms import EXACT, MEANINGS, SYNONYMS, recognise


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (["No.", "Key Objectives", "Aims", "Project Plan", "Timescale", "Lead"], ["ref", "priority", "objective", "action", "due", "lead"]),
        (["Objective", "What will we do?", "How", "Who", "By when", "BRAG", "So what?"], ["objective", "action", "", "lead", "due", "status", "impact"]),
        (["Action Ref", "Desired outcome", "Activity", "Responsible Officer", "Target date", "RAG rating", "Progress update"], ["ref", "objective", "action", "lead", "due", "status", "progress"]),
        (["Milestone", "Owner", "Deadline"], ["action", "lead", "due"]),
        (["Outcome", "Objective", "Action"], ["objective", "impact", "action"]),
        (["How will we know it's working?", "Evidence of impact", "KPIs", "Actions (what will be done)"], ["success", "evidence", "kpi", "action"]),
        (["Lead agency", "Named lead", "Workstream", "Actions to be taken this year"], ["partner", "lead", "strand", "action"]),
        (["Colour", "", "x" * 500], ["", "", ""]),
    ],
)  # fmt: skip
def test_columns_are_recognised_by_the_names_that_areas_use(headings, expected):
    assert recognise(headings) == expected


def test_no_heading_is_listed_twice_and_every_meaning_is_known():
    assert len(EXACT) == sum(len(headings.split(";")) for headings in SYNONYMS.values())
    assert {meaning for meanings in SYNONYMS for meaning in meanings} <= set(MEANINGS)


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("Sept '19", date(2019, 9, 30)), ("Jan ' 20", date(2020, 1, 31)), ("March ’19", date(2019, 3, 31)), ("Nov 19", date(2019, 11, 30)),
        ("July 19", date(2019, 7, 31)), ("Spring '19", date(2019, 3, 31)), ("Autumn 2019", date(2019, 12, 31)),
        ("Autumn term 2026", date(2026, 12, 31)), ("Summer 2027", date(2027, 7, 31)), ("Spring term 2026/27", date(2027, 3, 31)),
        ("September 2019 intake", date(2019, 9, 1)), ("by March 2026", date(2026, 3, 31)), ("end of July 2027", date(2027, 7, 31)),
        ("31/03/2027", date(2027, 3, 31)), ("31.3.27", date(2027, 3, 31)), ("2027-03-31", date(2027, 3, 31)), ("31st March 2027", date(2027, 3, 31)),
        ("Friday 5 March 2027", date(2027, 3, 5)), ("Feb-28", date(2028, 2, 29)), ("academic year 2025/26", date(2026, 8, 31)),
    ],
)  # fmt: skip
def test_a_date_in_words_is_the_last_day_they_can_mean(written, due):
    when = read_when(written)
    assert (when.due_on, when.starts_on, when.is_likely) == (due, None, False)


@pytest.mark.parametrize(
    ("written", "due"),
    [("by 2026", date(2026, 12, 31)), ("2025/26", date(2026, 3, 31)), ("2025-2026", date(2026, 3, 31))],
)
def test_a_whole_year_is_its_end_and_only_likely(written, due):
    assert (read_when(written).due_on, read_when(written).is_likely) == (due, True)


@pytest.mark.parametrize(
    ("written", "starts", "due"),
    [
        ("Jan/Feb '19", date(2019, 1, 1), date(2019, 2, 28)), ("from September 2019", date(2019, 9, 1), None),
        ("January to March 2027", date(2027, 1, 1), date(2027, 3, 31)), ("1 April 2026 - 31 March 2027", date(2026, 4, 1), date(2027, 3, 31)),
        ("Sept 2026 – July 2027", date(2026, 9, 1), date(2027, 7, 31)),
    ],
)  # fmt: skip
def test_words_can_name_a_start(written, starts, due):
    assert (read_when(written).starts_on, read_when(written).due_on) == (starts, due)


@pytest.mark.parametrize(
    "written", ["termly", "monthly", "6-weekly", "Annually", "ongoing", "Half termly", "n/a", "-", "every term"]
)
def test_how_often_is_no_due_date(written):
    assert read_when(written).dues == ()


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("Autumn term", "names no year"), ("19 Nov", "names no year"), ("December", "names no year"), ("TBC", "names no day"), ("ASAP", "names no day"),
        ("31 February 2027", "names a day that there is none of"), ("Q3", "cannot be read as a date"), ("soon", "cannot be read as a date"),
        ("March 2027 to January 2027", "ends before it starts"), ("2025/28", "names two years that do not follow each other"),
        ("March 0999", "names a year out of bounds"), ("Winter 2026", "cannot be read as a date"), ("Completed", "cannot be read as a date"),
        ("end of the financial year", "cannot be read as a date"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_never_guessed(written, reason):
    with pytest.raises(NotADay, match=reason):
        read_when(written)


def test_a_start_is_the_first_day_its_words_can_mean():
    assert first_of("September 2026") == date(2026, 9, 1)
    assert first_of("soon") is None


def test_several_dates_in_a_line_are_told_apart():
    assert days_in("Spring '19 Sept '19") == ["Spring '19", "Sept '19"]
    assert days_in("Feb ' 19 Feb ' 19") == ["Feb ' 19", "Feb ' 19"]
    assert days_in("1 April 2026 to March 2027") == ["1 April 2026 to March 2027"]


@pytest.mark.parametrize(
    ("written", "status"),
    [("R", "R"), ("amber", "A"), ("Green – on track", "G"), ("BLUE", "B"), ("Complete", "B"), ("Not started", "N"), ("Grey", "N"), ("On hold", "H"),
     ("In progress", None), ("Red/Amber", None), ("", None), ("Purple", None)],
)  # fmt: skip
def test_a_status_is_taken_only_where_it_is_plain(written, status):
    assert status_of(written) == status


def test_bulleted_lines_are_actions_of_their_own():
    text = "To widen the offer:\n• open a hub\n• train staff\n  in every school"
    assert lines_of(text, "bullets") == [
        "To widen the offer: open a hub",
        "To widen the offer: train staff in every school",
    ]
    assert lines_of("1. Open a hub\n2. Train staff", "bullets") == ["Open a hub", "Train staff"]
    assert lines_of("Open a hub. \uf0b7 Train staff \uf0b7 Survey", "bullets") == [
        "Open a hub.",
        "Train staff",
        "Survey",
    ]
    assert lines_of("Open a hub\nand train staff", "bullets") == ["Open a hub\nand train staff"]
    assert lines_of("Open a hub\nTrain staff", "every") == ["Open a hub", "Train staff"]
    assert lines_of("• Open a hub\n• Train staff", "together") == ["• Open a hub\n• Train staff"]


def test_initials_in_a_line_are_one_for_each_action():
    assert parts_of("CH VR CH", "lead", 3) == ["CH", "VR", "CH"]
    assert parts_of("Head of SEND", "lead", 3) == ["Head of SEND"]


def test_names_are_compared_without_case_signs_or_letters_that_only_look_latin():
    assert key_of("МН") == key_of("MH") == "mh"
    assert key_of("O'Brien,  J.") == "o brien j"
    assert name_and_role("Robin Ash (Designated Clinical Officer)") == ("Robin Ash", "Designated Clinical Officer")
    assert name_and_role("Robin Ash, Clinical Officer") == ("Robin Ash", "Clinical Officer")
    assert name_and_role("Robin Ash") == ("Robin Ash", "")


@pytest.mark.parametrize(
    ("written", "expected"),
    [("Priority 1: Early help", ("1", "Early help")), ("2. Timely plans", ("2", "Timely plans")), ("Key objective 3 – Health", ("3", "Health")),
     ("1.2) Voice", ("1.2", "Voice")), ("Early help", ("", "Early help")), ("2025 plan", ("", "2025 plan"))],
)  # fmt: skip
def test_a_number_before_a_priority_is_its_reference(written, expected):
    assert numbered(written) == expected
