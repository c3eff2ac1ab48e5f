"""A workbook that was sent out, as a lead fills it in with a spreadsheet."""

import io

import openpyxl

from board.round_trip.columns import ACTIONS, HEAD_ROW, NUMBERS


def filled_in(content: bytes, said: dict[str, dict[str, str]]) -> bytes:
    """What is said of an action, by its reference and the name of a column."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book[ACTIONS]
    lines = {sheet.cell(at, NUMBERS["ref"]).value: at for at in range(HEAD_ROW + 1, sheet.max_row + 1)}
    for ref, values in said.items():
        for name, value in values.items():
            sheet.cell(lines[ref], NUMBERS[name]).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def references(content: bytes) -> list[str]:
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True)[ACTIONS]
    column = NUMBERS["ref"]
    cells = sheet.iter_rows(min_row=HEAD_ROW + 1, min_col=column, max_col=column, values_only=True)
    return [ref for (ref,) in cells if ref]
