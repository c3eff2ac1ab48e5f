"""The paper as a workbook: what it sums up, the rows behind it, and charts that stay charts.

Figures are as held, unrounded; dates and moments are dates; every sheet of rows is filtered and keeps its headings in sight. Text
is written as text, whatever it begins with. What a sheet shows is said on it: the plan, the moment, and that data is illustrative.
"""

import io
from dataclasses import dataclass, field
from datetime import date, datetime

from board.papers import raw
from board.papers.blocks import Months, Paper
from board.papers.fitting import cell_words, clean, lines, shortened
from board.papers.native_charts import LineChart, line_chart, look, scale
from board.papers.rows import action_addresses, action_rows, header_lines, heard_of, kpi_codes, tables
from board.report import BoardReport
from common.dates import in_words
from common.export import LONGEST_CELL, plain
from common.words import sentence_case
from strategies.own_words import strand_word
from workstrands.status import SHOWN_ORDER, SHOWN_WORDS

FACE, INK, GREY = "Arial", "#16364f", "#4d5b66"
OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    "default_date_format": "d mmmm yyyy", "remove_timezone": True,
}  # fmt: skip
HEAD = 3  # the row of the headings; above it stands what the sheet is
WIDEST = 60  # digits, in which a spreadsheet measures its columns
A_DIGIT, POINTS, LINE, TALLEST = 5.25, 10, 13, 409  # points; no row of Excel is taller
MEASURED = 4000  # letters; more is taller than a row can be
ROWS_A_CHART = 17
A3, A4, WIDE_TABLE = 8, 9, 12  # Excel's numbers of paper; columns
WIDTHS_MEASURED = 300  # rows


def render(paper: Paper, report: BoardReport | None = None) -> bytes:
    """Without a report, the tables of the paper, a sheet each."""
    import xlsxwriter

    out = io.BytesIO()
    book = Book(xlsxwriter.Workbook(out, OPTIONS), paper)
    book.about()
    if report is None:
        book.paper_tables()
    else:
        book.of_report(report)
    book.file.close()
    return out.getvalue()


@dataclass
class Book:
    file: object
    paper: Paper
    forms: dict[str, object] = field(default_factory=dict)
    named: int = 0
    drawn: int = 0

    def __post_init__(self):
        base = {"font_name": FACE, "font_size": 10, "valign": "top"}
        looks = {
            "text": {"text_wrap": True},
            "number": {},
            "date": {"num_format": "d mmmm yyyy", "align": "left", "indent": 1},
            "moment": {"num_format": "d mmmm yyyy hh:mm", "align": "left", "indent": 1},
            "bold": {"bold": True},
            "title": {"bold": True, "font_size": 14, "font_color": INK},
            "quiet": {"font_color": GREY},
            "head": {"bold": True, "text_wrap": True, "bottom": 2, "bottom_color": INK},
            "link": {"font_color": "#1d4f8c", "underline": 1},
        }
        self.forms = {name: self.file.add_format(base | look) for name, look in looks.items()}
        held, paper = dict(self.paper.facts), self.paper
        self.file.set_properties({
            "title": clean(paper.title), "subject": clean(f"{paper.area}: {paper.strategy}"), "author": clean(held.get("Made by", "")),
            "comments": clean(f"As at {in_words(paper.as_at)}. {paper.notice}"), "created": paper.moment.replace(tzinfo=None),
        })  # fmt: skip

    # The sheets

    def about(self) -> None:
        sheet = self._sheet("About", self.paper.title)
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 100)
        for at, (what, value) in enumerate(header_lines(self.paper), start=HEAD):
            self._write(sheet, at, 0, what, "bold")
            self._write(sheet, at, 1, value)

    def of_report(self, report: BoardReport) -> None:
        places = self.summary(report)
        part = self.paper.narrowing
        self.rows("Actions", action_rows(report.standings, action_addresses(self.paper), heard_of(report)))
        self.rows("Updates", raw.updates(report))
        self.rows("Deadlines", raw.deadlines(report))
        found = raw.figures(report, kpi_codes(self.paper))
        self.rows("KPIs", raw.kpis(found))
        self.rows("Measurements", raw.measurements(report, found))
        self.rows("Targets", raw.targets(report, found))
        self.rows("Decisions", raw.decisions(report))
        self.rows_if_any("Risks", raw.risks(report, part))
        self.rows_if_any("Families", raw.families(report, part))
        self.rows_if_any("Owners", raw.owners(report, part))
        self.rows_if_any("Answers to flags", raw.answers(report))
        self.charts(report, places, [line_chart(kpi.chart) for kpi in found if kpi.chart.is_line])

    def summary(self, report: BoardReport) -> dict[str, int]:
        """Returns the row of the headings of the counts by group and by month, for the charts."""
        sheet = self._sheet("Summary", "In words, and counted")
        widths = [WIDEST, *[17] * 20]
        sheet.set_column(0, 0, WIDEST)
        sheet.set_column(1, 20, 17)
        at = HEAD
        for sentence in report.sentences:
            self._write(sheet, at, 0, sentence.text.strip(), "number")  # runs on over the columns beside it
            at += 1
        places = {"groups": at + 1}
        at = self._table(sheet, at + 1, _group_rows(report), "Groups", widths) + 2
        places["months"] = at
        at = self._table(sheet, at, _month_rows(report), "Months", widths) + 2
        self._table(sheet, at, _ask_rows(report), "Asks", widths)
        return places

    def rows(self, name: str, rows: raw.Rows) -> None:
        sheet = self._sheet(name, name)
        widths = [_width([row[column] for row in rows[: WIDTHS_MEASURED + 1]]) for column in range(len(rows[0]))]
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        self._table(sheet, HEAD, rows, name.replace(" ", ""), widths)
        if len(rows[0]) > WIDE_TABLE:
            sheet.set_paper(A3)
        sheet.freeze_panes(HEAD + 1, 2)
        sheet.repeat_rows(HEAD)

    def rows_if_any(self, name: str, rows: raw.Rows) -> None:
        if len(rows) > 1:
            self.rows(name, rows)

    def paper_tables(self) -> None:
        for number, table in enumerate(tables(self.paper), start=1):
            heads = [column.title for column in table.columns]
            self.rows(f"Table {number}", [heads, *([cell_words(cell) for cell in row] for row in table.rows)])

    def charts(self, report: BoardReport, places: dict[str, int], kpis: list[LineChart]) -> None:
        sheet = self._sheet("Charts", "Charts")
        figures = self._sheet("Chart figures", "The figures that the charts draw")
        figures.set_column(0, 0, 30)
        figures.set_column(1, 6, 14)
        months = next((block for block in self.paper.blocks if isinstance(block, Months)), None)
        if report.months:
            sentence = (
                months.sentence if months else "Actions by the status that leads had reported at each month’s end."
            )
            self._stacked(sheet, places["months"], _month_rows(report), "column", "How the statuses moved", sentence)
        if any(group.total for group in report.groups):
            words = "Actions by assessed status: " + "; ".join(_group_words(group) for group in report.groups)
            self._stacked(sheet, places["groups"], _group_rows(report), "bar", "Actions by assessed status", words)
        at = HEAD
        for chart in kpis:
            at = self._line(sheet, figures, at, chart)

    # Pieces of a sheet

    def _sheet(self, name: str, title: str):
        sheet = self.file.add_worksheet(name)
        paper = self.paper
        self._write(sheet, 0, 0, title, "title")
        self._write(sheet, 1, 0, f"{paper.area} · {paper.strategy} · as at {in_words(paper.as_at)}", "quiet")
        if paper.notice:
            self._write(sheet, 2, 0, paper.notice, "bold")
        head = shortened(clean(f"{paper.area}, {paper.strategy}, as at {in_words(paper.as_at)}. {paper.notice}"), 220)
        sheet.set_header(f"&L&8{head.replace('&', '&&')}")
        sheet.set_footer(f"&L&8{name}&R&8Page &P of &N")
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _table(self, sheet, first: int, rows: raw.Rows, name: str, widths: list[int]) -> int:
        """Headings and rows as a table of the spreadsheet's own, with its filters; returns the last row."""
        heads = [clean(str(head)) for head in rows[0]]
        last = first + max(len(rows) - 1, 1)
        sheet.set_row(first, 2 * LINE)
        for at, row in enumerate(rows[1:], start=first + 1):
            sheet.set_row(at, _height(row, widths))
            for column, value in enumerate(row):
                self._write(sheet, at, column, value)
        self.named += 1
        sheet.add_table(first, 0, last, len(heads) - 1, {
            "name": f"{name}_{self.named}", "style": "Table Style Light 1", "banded_rows": False,
            "columns": [{"header": head, "header_format": self.forms["head"]} for head in heads],
        })  # fmt: skip
        return last

    def _write(self, sheet, row: int, column: int, value, form: str = "") -> None:
        value = plain(value)
        if value is None or value == "":
            return
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if isinstance(value, datetime):
            sheet.write_datetime(row, column, value.replace(tzinfo=None), self.forms["moment"])
        elif isinstance(value, date):
            sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), self.forms["date"])
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, self.forms["number"])
        else:
            sheet.write_string(row, column, shortened(value, LONGEST_CELL), self.forms[form or "text"])

    def _stacked(self, sheet, first: int, rows: raw.Rows, kind: str, title: str, words: str) -> None:
        """Of the counts on the sheet Summary. Each segment says its letter and its number."""
        chart = self.file.add_chart({"type": kind, "subtype": "stacked"})
        last = first + len(rows) - 1
        for column, head in enumerate(rows[0]):
            letter = head.partition(" ")[0]
            if letter not in SHOWN_ORDER or not any(row[column] for row in rows[1:]):
                continue
            fill, ink, edge = look(letter)
            chart.add_series({
                "name": ["Summary", first, column],
                "categories": ["Summary", first + 1, 0, last, 0],
                "values": ["Summary", first + 1, column, last, column],
                "fill": {"color": fill}, "border": {"color": edge or "#ffffff"}, "gap": 40,
                "data_labels": {"value": True, "num_format": f'"{letter} "0;;', "font": {"color": ink, "bold": True, "name": FACE}},
            })  # fmt: skip
        if kind == "bar":
            chart.set_y_axis({"reverse": True, "num_font": {"name": FACE}})
            chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
        else:
            chart.set_x_axis({"text_axis": True, "num_format": "mmm yyyy", "num_font": {"name": FACE}})
            chart.set_y_axis({"visible": False, "major_gridlines": {"visible": False}})
        self._place(sheet, chart, title, words)

    def _line(self, sheet, figures, first: int, chart: LineChart) -> int:
        """The figures stand on their own sheet, a block a chart; returns where the next block begins."""
        self._write(figures, first, 0, chart.title, "bold")
        for column, head in enumerate(["Period", *(line.name for line in chart.lines)]):
            self._write(figures, first + 1, column, head, "head")
        for at, period in enumerate(chart.categories):
            self._write(figures, first + 2 + at, 0, period)
            for column, line in enumerate(chart.lines, start=1):
                self._write(figures, first + 2 + at, column, line.values[at])
        drawn, last = self.file.add_chart({"type": "line"}), first + 1 + len(chart.categories)
        for column, line in enumerate(chart.lines, start=1):
            dash = {"dash": "dash", "sysDash": "square_dot"}.get(line.dash, "solid")
            drawn.add_series({
                "name": ["Chart figures", first + 1, column],
                "categories": ["Chart figures", first + 2, 0, last, 0],
                "values": ["Chart figures", first + 2, column, last, column],
                "line": {"color": line.ink, "width": line.weight, "dash_type": dash},
                "marker": {"type": "circle", "size": 4, "fill": {"color": line.ink}} if column == 1 else {"type": "none"},
            })  # fmt: skip
        drawn.show_blanks_as("gap")
        low, high, step = scale(chart)
        drawn.set_y_axis({
            "num_format": chart.number_format, "major_gridlines": {"visible": False}, "num_font": {"name": FACE},
            "min": low, "max": high, "major_unit": step,
        })  # fmt: skip
        drawn.set_x_axis({"label_position": "low", "num_font": {"name": FACE}})
        self._place(sheet, drawn, chart.title, chart.alternative)
        return last + 3

    def _place(self, sheet, drawn, title: str, words: str) -> None:
        """Two beside each other, in the order in which they are made."""
        drawn.set_title({"name": clean(title), "name_font": {"name": FACE, "size": 11, "bold": True}, "overlay": False})
        drawn.set_legend({"position": "bottom", "font": {"name": FACE}})
        drawn.set_size({"width": 620, "height": 320})
        row, column = HEAD + self.drawn // 2 * ROWS_A_CHART, self.drawn % 2 * 10
        sheet.insert_chart(row, column, drawn, {"description": clean(words), "x_offset": 4, "y_offset": 4})
        self.drawn += 1


def _group_rows(report: BoardReport) -> raw.Rows:
    letters = [f"{letter} {SHOWN_WORDS[letter]}" for letter in SHOWN_ORDER]
    first = "Priority" if report.grouped_by == "priority" else sentence_case(strand_word())
    heads = [
        first, *letters, "Actions", "Flagged", "Live", "Updated this round", "Headline", "Why", "Owners", "Owners say",
        "Families feel it",
    ]  # fmt: skip
    return [heads, *(
        [f"{g.ref} {g.title}".strip(), *(g.counts.get(letter, 0) for letter in SHOWN_ORDER), g.total, g.flagged, g.live,
         g.fresh, g.headline.word, g.headline.reason, ", ".join(g.owners),
         f"{g.owners_say.status} {g.owners_say.word}" if g.owners_say else "",
         g.families_say.word if g.families_say else ""]
        for g in report.groups
    )]  # fmt: skip


def _group_words(group) -> str:
    return (
        f"{group.ref} {group.title}".strip()
        + ", "
        + ", ".join(
            f"{group.counts[letter]} {SHOWN_WORDS[letter].lower()}"
            for letter in SHOWN_ORDER
            if group.counts.get(letter)
        )
    )


def _month_rows(report: BoardReport) -> raw.Rows:
    heads = ["At the end of", *(f"{letter} {SHOWN_WORDS[letter]}" for letter in SHOWN_ORDER)]
    return [heads, *([m.day, *(m.counts.get(letter, 0) for letter in SHOWN_ORDER)] for m in report.months)]


def _ask_rows(report: BoardReport) -> raw.Rows:
    heads = ["Asked of the Board", "Ref", "Action", "Lead", "Asked on", "Needed by", "Days"]
    return [heads, *(
        [a.text, a.standing.ref, a.standing.title, a.standing.lead, a.standing.said.said_on, a.needed_by, a.age_days]
        for a in report.asks
    )]  # fmt: skip


def _height(row: list, widths: list[int]) -> float:
    """Room for the longest text of the row: not every programme makes it by itself."""
    texts = [(value[:MEASURED], width) for value, width in zip(row, widths, strict=False) if isinstance(value, str)]
    most = max((lines(text, POINTS, width * A_DIGIT) for text, width in texts if len(text) > width / 2), default=1)
    return min(max(most, 1) * LINE + 3, TALLEST)


def _width(values: list) -> int:
    shown = [in_words(value) if isinstance(value, date) else str(value) for value in values if value is not None]
    longest = max((len(line) for text in shown for line in text.split("\n")), default=8)
    return max(len(str(values[0])) // 2 + 4, min(WIDEST, longest + 3), 9)
