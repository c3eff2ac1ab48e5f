"""The template: a row for each KPI with the period that is due next, for officers a sheet that defines KPIs, and one that explains.

Text is written as text, whatever it begins with; periods are text too, so that no spreadsheet makes a day of them.
"""

import io
from dataclasses import dataclass
from datetime import date

from board.own_figures.columns import (
    COLUMNS,
    DEFINED,
    DEFINITIONS,
    FIGURES,
    GUIDE,
    HEAD_ROW,
    LIST,
    NUMBERS,
    ROWS_TO_DEFINE,
    SPARE_ROWS,
    UNITS,
    Column,
)
from board.papers.fitting import lines
from board.round_trip.making import A_DIGIT, FACE, GREY, INK, LINE, LOCKED_FILL, OPTIONS, POINTS, RULE
from common.dates import in_words
from kpis import tracking
from kpis.models import Kpi
from kpis.series import serieses_of
from kpis.vocabulary import Frequency, Missing, Polarity
from people.models import User
from strategies.models import Area

STEPS = [
    f"Go to the sheet {FIGURES}. Each row is one KPI, with the period whose figure is expected next.",
    "Write the figure in the white cells. Leave a row as it is where there is no figure yet: it is left alone.",
    "Save the workbook, then bring it back on the page where you took it.",
    "Before anything is saved you see row by row what would be added, what would be restated, and what is refused.",
]
CAUTIONS = [
    "An earlier period, or several of one KPI: choose the KPI in the empty rows below the list, and write its period.",
    "Figures are final. One that is provisional or not exact is entered on its KPI’s own page.",
    "Write numbers, not formulas of other files; a percentage as 85.2 or 85.2%.",
    "A table of your own, as Excel or CSV, can be brought in the same way: with the columns KPI, Period and Figure, with a column"
    " for each KPI, or with a row for each KPI and the periods along the top.",
]
TO_DEFINE = f"A KPI that is not tracked yet: define it on the sheet {DEFINED}, and write its title or its heading over its figures."
NUMERIC = ("decimals", "tolerance", "target")

WIDTHS = (30, 62, 46)
A4 = 9


@dataclass(frozen=True, slots=True)
class Offers:
    """What an officer chooses from who defines KPIs."""

    owners: list[str]

    @classmethod
    def of(cls, area: Area, *, by: User, on: date) -> "Offers":
        return cls(list(tracking.possible_owners(area, by=by, on=on).order_by("name").values_list("name", flat=True)))


def make_template(kpis: list[Kpi], *, area: Area, today: date, offers: Offers | None = None) -> bytes:
    """`kpis`: those that the person may enter figures for. `offers`: of an officer, who defines KPIs too. One query."""
    import xlsxwriter

    out = io.BytesIO()
    book = _Book(xlsxwriter.Workbook(out, OPTIONS), area, today)
    book.figures(rows_of(kpis, today), kpis, defines=offers is not None)
    if offers:
        book.definitions(offers)
    book.guide(defines=offers is not None)
    book.list(kpis, offers)
    book.file.close()
    return out.getvalue()


def rows_of(kpis: list[Kpi], today: date) -> list[dict[str, str]]:
    serieses = serieses_of(kpis)
    return [_row(kpi, serieses[kpi.pk].next_due(today)) for kpi in kpis]


def _row(kpi: Kpi, period) -> dict[str, str]:
    indicator = kpi.indicator
    return {
        "kpi": indicator.title, "code": indicator.code, "unit": indicator.get_unit_display(),
        "period": period.words if period else "",
    }  # fmt: skip


class _Book:
    def __init__(self, file, area: Area, today: date):
        self.file, self.area, self.today = file, area, today
        base = {"font_name": FACE, "font_size": POINTS, "valign": "top", "text_wrap": True}
        box = {"border": 1, "border_color": RULE}
        looks = {
            "title": {"bold": True, "font_size": 14, "font_color": INK, "text_wrap": False},
            "quiet": {"font_color": GREY, "text_wrap": False},
            "text": {},
            "head": {**box, "bold": True, "bg_color": LOCKED_FILL},
            "locked": {**box, "bg_color": LOCKED_FILL},
            "fill": {**box, "locked": False},
            "fill text": {**box, "locked": False, "num_format": "@"},
            "boxed": box,
        }
        self.forms = {name: file.add_format(base | look) for name, look in looks.items()}
        file.set_properties({"title": f"KPI figures: {area.name}"})

    @property
    def about(self) -> str:
        return f"{self.area.name}, template of {in_words(self.today)}"

    def figures(self, rows: list[dict[str, str]], kpis: list[Kpi], *, defines: bool) -> None:
        sheet = self._sheet(FIGURES)
        self._words(sheet, 0, "KPI figures", "title")
        self._words(sheet, 1, self.about, "quiet")
        self._words(sheet, 2, f"Fill in the white cells. The sheet “{GUIDE}” explains.", "quiet")
        for number, column in enumerate(COLUMNS):
            sheet.set_column(number, number, column.width, None, {"hidden": column.name == "code"})
            sheet.write_string(HEAD_ROW - 1, number, column.title, self.forms["head"])
        for at in range(len(rows) + SPARE_ROWS):
            self._row(sheet, HEAD_ROW + at, rows[at] if at < len(rows) else None)
        last = HEAD_ROW + len(rows) + SPARE_ROWS - 1
        self._offer(sheet, "missing", HEAD_ROW, last, [str(label) for label in Missing.labels])
        if kpis:
            titles = f"='{LIST}'!$A$1:$A${len(kpis)}"
            self._offer(sheet, "kpi", HEAD_ROW + len(rows), last, titles, is_open=defines)
        sheet.freeze_panes(HEAD_ROW, 1)
        sheet.repeat_rows(HEAD_ROW - 1)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.activate()

    def _row(self, sheet, at: int, row: dict[str, str] | None) -> None:
        if row:
            sheet.set_row(at, lines(row["kpi"], POINTS, COLUMNS[0].width * A_DIGIT) * LINE + 4)
        for number, column in enumerate(COLUMNS):
            is_free = row is None and column.name == "kpi"
            is_text = column.name in ("period", "reason", "commentary")
            form = "fill text" if is_text or is_free else "locked" if column.is_locked else "fill"
            text = (row or {}).get(column.name, "")
            if text:
                sheet.write_string(at, number, text, self.forms[form])
            else:
                sheet.write_blank(at, number, None, self.forms[form])

    def _offer(self, sheet, name: str, first: int, last: int, source, *, is_open: bool = False) -> None:
        self._choice(sheet, COLUMNS[NUMBERS[name]], NUMBERS[name], first, last, source, is_open=is_open)

    def _choice(self, sheet, column: Column, at: int, first: int, last: int, source, *, is_open: bool = False) -> None:
        """`is_open`: something else may be written too."""
        rule = {
            "validate": "list", "source": source, "ignore_blank": True, "error_title": column.title,
            "error_message": "Choose one of the list, or leave the cell empty.", "show_error": not is_open,
        }  # fmt: skip
        sheet.data_validation(first, at, last, at, rule)

    def definitions(self, offers: Offers) -> None:
        """Empty rows: a KPI each."""
        sheet = self._sheet(DEFINED)
        self._words(sheet, 0, "KPIs to be tracked", "title")
        self._words(sheet, 1, self.about, "quiet")
        self._words(sheet, 2, f"One KPI a row. The sheet “{GUIDE}” explains.", "quiet")
        first, last = HEAD_ROW, HEAD_ROW + ROWS_TO_DEFINE - 1
        lists = {
            "unit": UNITS, "polarity": list(map(str, Polarity.labels)), "frequency": list(map(str, Frequency.labels)),
            "headline": ["Yes", "No"], "owner": f"='{LIST}'!$B$1:$B${len(offers.owners)}" if offers.owners else None,
        }  # fmt: skip
        for at, column in enumerate(DEFINITIONS):
            sheet.set_column(at, at, column.width)
            sheet.write_string(HEAD_ROW - 1, at, column.title, self.forms["head"])
            for row in range(first, last + 1):
                sheet.write_blank(row, at, None, self.forms["fill" if column.name in NUMERIC else "fill text"])
            if lists.get(column.name):
                self._choice(sheet, column, at, first, last, lists[column.name])
        sheet.freeze_panes(HEAD_ROW, 1)
        sheet.repeat_rows(HEAD_ROW - 1)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.protect("", {"format_columns": True, "format_rows": True})

    def guide(self, *, defines: bool) -> None:
        sheet = self._sheet(GUIDE)
        for number, width in enumerate(WIDTHS):
            sheet.set_column(number, number, width)
        self._words(sheet, 0, "How to fill this in", "title")
        self._words(sheet, 1, self.about, "quiet")
        said = [
            *(f"{number}. {step}" for number, step in enumerate(STEPS, start=1)),
            *(f"• {each}" for each in [*CAUTIONS, *([TO_DEFINE] if defines else [])]),
        ]
        for at, text in enumerate(said, start=3):
            sheet.merge_range(at, 0, at, 2, text, self.forms["text"])
            sheet.set_row(at, lines(text, POINTS, sum(WIDTHS) * A_DIGIT) * LINE + 4)
        self._table(sheet, len(said) + 4, COLUMNS)
        if defines:
            self._words(sheet, len(said) + 14, f"The sheet {DEFINED}", "title")
            self._table(sheet, len(said) + 16, DEFINITIONS)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.protect("", {"format_columns": True, "format_rows": True})

    def _table(self, sheet, at: int, columns: list[Column]) -> None:
        rows = [("Column", "What to write", "Example"), *((c.title, c.note, c.example) for c in columns if c.note)]
        for number, row in enumerate(rows):
            most = max(lines(text, POINTS, width * A_DIGIT) for text, width in zip(row, WIDTHS, strict=True))
            sheet.set_row(at + number, most * LINE + 4)
            for column, text in enumerate(row):
                sheet.write_string(at + number, column, text, self.forms["boxed" if number else "head"])

    def list(self, kpis: list[Kpi], offers: Offers | None) -> None:
        """What the empty rows offer."""
        sheet = self.file.add_worksheet(LIST)
        for at, kpi in enumerate(kpis):
            sheet.write_string(at, 0, kpi.indicator.title)
        for at, owner in enumerate(offers.owners if offers else []):
            sheet.write_string(at, 1, owner)
        sheet.hide()

    def _sheet(self, name: str):
        sheet = self.file.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_footer(f"&L&8{name}&R&8Page &P of &N")
        return sheet

    def _words(self, sheet, row: int, text: str, form: str) -> None:
        sheet.write_string(row, 0, text, self.forms[form])
