"""The workbook as a file: grey cells that are locked, white ones to fill in, a sheet that explains, one that is hidden.

Text is written as text, whatever it begins with; dates are dates.
"""

import io
from datetime import date, datetime

from board.papers.fitting import lines
from board.round_trip.columns import (
    ACTIONS,
    COLUMNS,
    FILLED,
    FORMAT,
    GUIDE,
    HEAD_ROW,
    LOCKED,
    NUMBERS,
    SEAL,
    Column,
    choices_of,
    status_choices,
)
from board.round_trip.seal import NOTE, signed
from board.round_trip.sending import Sent, SentRow, as_text
from common.text import LONGEST_TEXT
from workstrands.forms.days import FIRST_YEAR, LAST_YEAR
from workstrands.forms.update import STATUS_MEANS
from workstrands.status import Status

FACE, INK, GREY, LOCKED_FILL, RULE = "Arial", "#16364f", "#4d5b66", "#eef1f3", "#b8c2c9"
OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    "default_date_format": "d mmmm yyyy",
}  # fmt: skip
A_DIGIT, POINTS, LINE = 5.25, 10, 13
LOWEST, HIGHEST = 66, 240  # points of a row: room to write, and no row that fills the window
DAY = "d mmmm yyyy"
A3 = 8
STEPS = [
    "Go to the sheet Actions. Each row is one action. White cells are for you to fill in; grey ones are locked.",
    "Say how the action is going and what has been done. Where nothing has changed, choose Yes in that column and leave"
    " the rest of the row empty.",
    "Leave a row as it is where you have nothing to say: it is left alone.",
    "Save the workbook, then send it to the officer who asked for it, or bring it back yourself under My work.",
    "Before anything is saved you see row by row what would be reported, and what is still missing.",
]
CAUTIONS = [
    "Write words, not formulas: a formula is not worked out.",
    "Add no rows or columns. A date is changed by agreement, not here.",
    f"A text may have {LONGEST_TEXT:,} characters at most.",
    "The rules are those of the form on the site: at risk needs its cause and what happens next, off track also who needs to act, complete"
    " needs evidence.",
]


def make_workbook(sent: Sent) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    book = _Book(xlsxwriter.Workbook(out, OPTIONS), sent)
    book.guide()
    book.actions()
    book.seal()
    book.file.close()
    return out.getvalue()


class _Book:
    def __init__(self, file, sent: Sent):
        self.file, self.sent = file, sent
        base = {"font_name": FACE, "font_size": POINTS, "valign": "top", "text_wrap": True}
        box = {"border": 1, "border_color": RULE}
        looks = {
            "title": {"bold": True, "font_size": 14, "font_color": INK, "text_wrap": False},
            "quiet": {"font_color": GREY, "text_wrap": False},
            "plain": {"text_wrap": False},
            "bold": {"bold": True, "text_wrap": False},
            "text": {},
            "head": {**box, "bold": True, "bottom": 2, "bottom_color": INK, "bg_color": LOCKED_FILL},
            "head to fill": {**box, "bold": True, "bottom": 2, "bottom_color": INK},
            "locked": {**box, "bg_color": LOCKED_FILL},
            "locked day": {**box, "bg_color": LOCKED_FILL, "num_format": DAY, "align": "left"},
            "fill": {**box, "locked": False},
            "fill day": {**box, "locked": False, "num_format": DAY, "align": "left"},
            "boxed": box,
            "boxed bold": {**box, "bold": True},
        }
        self.forms = {name: file.add_format(base | look) for name, look in looks.items()}
        sealed = sent.sealed
        file.set_properties({
            "title": sent.title, "subject": f"{sealed.area_name}: {sent.plans}", "author": sealed.made_by,
            "comments": sent.notice, "created": sealed.made_at.replace(tzinfo=None),
        })  # fmt: skip

    # The sheets

    def actions(self) -> None:
        sheet = self._sheet(ACTIONS)
        self._head_lines(sheet)
        for number, column in enumerate(COLUMNS):
            form = "head" if column.is_locked else "head to fill"
            sheet.set_column(number, number, column.width, None, {"hidden": column.name == "key"})
            sheet.write_string(HEAD_ROW - 1, number, column.title, self.forms[form])
        sheet.set_row(HEAD_ROW - 1, 4 * LINE)
        for at, row in enumerate(self.sent.rows, start=HEAD_ROW):
            self._action(sheet, at, row)
        if self.sent.rows:
            for column in FILLED:
                self._offer(sheet, column, HEAD_ROW, HEAD_ROW + len(self.sent.rows) - 1)
        else:
            self._words(sheet, HEAD_ROW, 1, "No live action, so there is nothing to report.", "plain")
        sheet.freeze_panes(HEAD_ROW, NUMBERS["objective"] - 1)
        sheet.repeat_rows(HEAD_ROW - 1)
        sheet.set_landscape()
        sheet.set_paper(A3)
        sheet.fit_to_pages(1, 0)
        sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})
        sheet.activate()

    def guide(self) -> None:
        sheet = self._sheet(GUIDE)
        for number, width in enumerate((30, 62, 46)):
            sheet.set_column(number, number, width)
        self._words(sheet, 0, 0, "How to fill this in", "title")
        self._words(sheet, 1, 0, self.sent.about, "quiet")
        at = 3
        for number, step in enumerate(STEPS, start=1):
            at = self._wide(sheet, at, f"{number}. {step}")
        for caution in CAUTIONS:
            at = self._wide(sheet, at, f"• {caution}")
        at = self._guide_to_statuses(sheet, at + 1)
        self._guide_to_columns(sheet, at + 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.protect("", {"format_columns": True, "format_rows": True})

    def seal(self) -> None:
        sheet = self._sheet(SEAL)
        sheet.write_string(0, 0, NOTE)
        for at, row in enumerate(signed(self.sent.sealed.rows()), start=1):
            for number, text in enumerate(row):
                sheet.write_string(at, number, text)
        sheet.protect("")
        sheet.very_hidden()

    # Pieces of a sheet

    def _sheet(self, name: str):
        sheet = self.file.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_footer(f"&L&8{name}&R&8Page &P of &N")
        return sheet

    def _head_lines(self, sheet) -> None:
        """Written in the first column that shows; they run on over those beside it."""
        sent = self.sent
        self._words(sheet, 0, 1, sent.title, "title")
        self._words(sheet, 1, 1, sent.about, "quiet")
        self._words(
            sheet, 2, 1, f"Fill in the white cells; grey ones may not change. The sheet “{GUIDE}” explains.", "plain"
        )
        self._words(sheet, 3, 1, sent.notice, "bold")

    def _action(self, sheet, at: int, row: SentRow) -> None:
        texts = [(as_text(row.cells[column.name]), column.width) for column in LOCKED[1:]]
        most = max(lines(text, POINTS, width * A_DIGIT) for text, width in texts)
        sheet.set_row(at, min(max(most * LINE + 4, LOWEST), HIGHEST))
        for number, column in enumerate(COLUMNS):
            value = row.cells[column.name] if column.is_locked else None
            form = self.forms[("locked" if column.is_locked else "fill") + (" day" if column.is_day else "")]
            if isinstance(value, date):
                sheet.write_datetime(at, number, datetime(value.year, value.month, value.day), form)
            elif value:
                sheet.write_string(at, number, value, form)
            else:
                sheet.write_blank(at, number, None, form)

    def _offer(self, sheet, column: Column, first: int, last: int) -> None:
        """What a spreadsheet holds its user to; what comes back is judged by the site's own rules all the same."""
        if column.choices:
            rule = {
                "validate": "list", "source": [words for _, words in choices_of(column)],
                "error_title": column.title[:32], "error_message": "Choose one of the list, or leave the cell empty.",
            }  # fmt: skip
        elif column.is_day:
            rule = {
                "validate": "date", "criteria": "between", "minimum": date(FIRST_YEAR, 1, 1), "maximum": date(LAST_YEAR, 12, 31),
                "error_title": column.title[:32], "error_message": "Write a day, such as 31/3/2027.",
            }  # fmt: skip
        else:
            rule = {
                "validate": "length", "criteria": "<=", "value": LONGEST_TEXT,
                "error_title": column.title[:32], "error_message": f"A text may have {LONGEST_TEXT:,} characters at most.",
            }  # fmt: skip
        number = NUMBERS[column.name] - 1
        sheet.data_validation(first, number, last, number, {**rule, "ignore_blank": True})

    def _guide_to_statuses(self, sheet, at: int) -> int:
        at = self._table_head(sheet, at, ["How is it going?", "What it means"])
        for code, words in status_choices():
            at = self._table_row(sheet, at, [words, STATUS_MEANS[Status(code)]])
        return at

    def _guide_to_columns(self, sheet, at: int) -> None:
        at = self._table_head(sheet, at, ["Column", "What to write", "Example: an action that is off track"])
        for column in FILLED:
            offered = f"One of: {', '.join(words for _, words in choices_of(column))}." if column.choices else ""
            note = " ".join(part for part in (column.note, offered) if part)
            at = self._table_row(sheet, at, [column.title, note, self._example(column)])

    @staticmethod
    def _example(column: Column) -> str:
        return dict(status_choices())[Status.OFF_TRACK] if column.name == "status" else column.example

    def _table_head(self, sheet, at: int, heads: list[str]) -> int:
        for number, head in enumerate(heads):
            sheet.write_string(at, number, head, self.forms["head"])
        return at + 1

    def _table_row(self, sheet, at: int, cells: list[str]) -> int:
        most = max(lines(cell, POINTS, width * A_DIGIT) for cell, width in zip(cells, (30, 62, 46), strict=False))
        sheet.set_row(at, most * LINE + 4)
        for number, cell in enumerate(cells):
            sheet.write_string(at, number, cell, self.forms["boxed" if number else "boxed bold"])
        return at + 1

    def _wide(self, sheet, at: int, text: str) -> int:
        sheet.merge_range(at, 0, at, 2, text, self.forms["text"])
        sheet.set_row(at, lines(text, POINTS, 138 * A_DIGIT) * LINE + 4)
        return at + 1

    def _words(self, sheet, row: int, column: int, text: str, form: str) -> None:
        if text:
            sheet.write_string(row, column, text, self.forms[form])


def file_name(sent: Sent) -> str:
    """Without its ending: what it is, whose, and of which day."""
    from django.utils.text import slugify

    whose = slugify(sent.sealed.made_for_name)[:60] or "actions"
    return f"actions-{sent.sealed.area}-{whose}-{sent.sealed.made_at:%Y-%m-%d}-format-{FORMAT}"
