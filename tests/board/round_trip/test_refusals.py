"""A workbook of which it cannot be known what it speaks of is refused as a whole, with the reason."""

import pytest
from django.test import override_settings

from board.round_trip.columns import ACTIONS, HEAD_ROW, NUMBERS, SEAL
from board.round_trip.reading import read_workbook
from common.workbooks import NotAWorkbook
from tests.board.round_trip.conftest import OFF_TRACK, another_action, book_of, filled, saved, sent


def refusal(content: bytes, area) -> str:
    with pytest.raises(NotAWorkbook) as told:
        read_workbook(content, area=area)
    return str(told.value)


def changed(content: bytes, change) -> bytes:
    book = book_of(content)
    change(book)
    return saved(book)


def test_another_areas_workbook(world):
    told = refusal(sent(world), world.other_area)

    assert told == "This workbook holds actions of Northvale. It cannot be brought in for Southmoor."


def seal_cell(text: str):
    """The cell beside the one that says `text` in the hidden sheet."""

    def found(book):
        rows = book[SEAL].iter_rows()
        return next(row[1] for row in rows if row[0].value == text)

    return found


@pytest.mark.parametrize(
    ("says", "why"), [("0", "an older version"), ("2", "a newer version"), ("x", "hidden part"), (None, "hidden part")]
)
def test_another_version_of_the_format(world, says, why):
    def change(book):
        seal_cell("format")(book).value = says

    assert why in refusal(changed(sent(world), change), world.area)


@pytest.mark.parametrize("fact", ["id", "area", "area_name", "made_for", "made_at", "made_by", "action", "signature"])
def test_a_changed_hidden_sheet(world, fact):
    def change(book):
        seal_cell(fact)(book).value = "something else"

    assert "hidden part of the workbook was changed" in refusal(changed(sent(world), change), world.area)


def test_a_changed_number_of_the_report_that_was_seen(world):
    def change(book):
        row = next(row for row in book[SEAL].iter_rows() if row[0].value == "action")
        row[2].value = "7"

    assert "hidden part of the workbook was changed" in refusal(changed(sent(world), change), world.area)


def test_a_workbook_that_another_site_made(world):
    with override_settings(SECRET_KEY="another-secret"):
        content = sent(world)

    assert "hidden part of the workbook was changed" in refusal(content, world.area)


def test_a_workbook_without_its_hidden_sheet_and_any_other_workbook(world):
    assert "was not made here" in refusal(changed(sent(world), lambda book: book.remove(book[SEAL])), world.area)


def test_a_sheet_that_was_renamed(world):
    def change(book):
        book[ACTIONS].title = "Mine"

    assert "taken out or renamed" in refusal(changed(sent(world), change), world.area)


def test_a_tampered_key(world):
    told = refusal(filled(sent(world), {"1.1": {"key": "a-2"}}), world.area)

    assert told.startswith("The hidden key in A7 was changed")


def test_keys_that_changed_places(world):
    another_action(world, 1)
    told = refusal(filled(sent(world), {"1.1": {"key": "more-1"}, "3.1": {"key": "a-1"}}), world.area)

    assert told.startswith("In row 7 the reference and the hidden key do not belong together")


def test_a_row_copied_over_another(world):
    another_action(world, 1)
    told = refusal(filled(sent(world), {"3.1": {"key": "a-1", "ref": "1.1"}}), world.area)

    assert told.startswith("Rows 7 and 8 are the same action")


def test_a_column_put_in(world):
    told = refusal(changed(sent(world), lambda book: book[ACTIONS].insert_cols(9)), world.area)

    assert "in I6 “How is it going?” was expected" in told


def test_a_row_that_was_added_is_refused_by_itself(world):
    def change(book):
        for name, value in OFF_TRACK.items():
            book[ACTIONS].cell(HEAD_ROW + 5, NUMBERS[name]).value = value

    (_, added) = read_workbook(changed(sent(world), change), area=world.area).rows
    assert added.problems[0].message == "This row was not among those sent. Rows cannot be added."


@pytest.mark.parametrize(("name", "value"), [("title", "Do less"), ("due_on", "2027-01-01"), ("last_said", None)])
def test_a_changed_locked_cell_refuses_its_row_and_names_the_column(world, name, value):
    (row,) = read_workbook(filled(sent(world), {"1.1": {name: value}}), area=world.area).rows

    assert "This column may not change" in row.problems[0].message
    assert row.problems[0].cell.endswith("7")


def test_a_formula_is_never_worked_out(world):
    (row,) = read_workbook(filled(sent(world), {"1.1": {"narrative": '=CONCAT("a","b")'}}), area=world.area).rows

    assert not row.values
    assert row.problems[0].cell == "J7"
    assert row.problems[0].message.startswith("The cell holds a formula.")


def test_text_that_begins_like_a_formula_stays_text(world):
    book = book_of(sent(world))
    cell = book[ACTIONS].cell(HEAD_ROW + 1, NUMBERS["narrative"])
    cell.value = "=we did it"
    cell.data_type = "s"

    (row,) = read_workbook(saved(book), area=world.area).rows
    assert row.values == {"narrative": "=we did it"}
