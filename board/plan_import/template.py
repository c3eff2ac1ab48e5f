"""An empty action plan to fill in: headings that the import recognises, two examples that it leaves out, a sheet that explains."""

import io

from board.papers.fitting import lines
from board.plan_import.entries import EXAMPLE
from board.plan_import.workbooks import GUIDE
from board.round_trip.making import A3, A_DIGIT, FACE, GREY, INK, LINE, LOCKED_FILL, OPTIONS, POINTS, RULE
from strategies.models import Area
from workstrands.status import Status

PLAN = "Action plan"
HEAD_ROW = 4  # counted from 1
ROWS = 200
# Heading, width, what to write, and what the two examples say.
COLUMNS = [
    ("Reference", 14, "The number of the action, if it has one.", f"{EXAMPLE} 1.1", f"{EXAMPLE} 1.2"),
    ("Priority", 28, "The priority of the plan. Left empty, it is that of the row above.", "Timely plans", ""),
    ("Work strand", 20, "Who works on it together, if the plan is ordered so.", "", ""),
    (
        "Objective", 30, "What the priority is to achieve. Left empty, it is that of the row above.",
        "Plans are issued on time", "",
    ),
    (
        "Action", 40, "What will be done. Each row that has one is an action.",
        "Train every caseworker in writing outcomes", "Publish how long each step takes",
    ),
    ("Milestone", 28, "A step of the action. Further ones stand in rows below it, with the action again.", "", ""),
    ("Lead", 24, "Who answers for it: one person or post.", "Head of SEND", "Head of SEND"),
    ("Lead email", 26, "So that the lead can be asked for updates.", "", ""),
    ("Partner", 20, "The body that the lead works for.", "", ""),
    ("Start", 14, "A day or a month.", "1 April 2027", ""),
    ("Due date", 16, "A day, such as 31 March 2027, or a month, a quarter or a term.", "30 September 2027", "Spring 2028"),
    ("Status", 14, "Only where work is under way. One of the list.", "", ""),
    ("Progress", 34, "How it is going, in plain words.", "", ""),
    ("Success measure", 30, "How it will be known that it has succeeded.", "Nine in ten plans pass the quality check", ""),
    ("Evidence", 26, "What shows it.", "", ""),
]  # fmt: skip
STEPS = [
    f"Go to the sheet {PLAN} and write each action in its own row. Only the action is needed; the rest can follow.",
    f"The two rows whose reference begins with “{EXAMPLE}” show how. They are never brought in: leave them, or write over them.",
    "Save the workbook, then bring it back on the page where you took it. You say into which plan it goes, and see everything"
    " that would be added. Until you confirm, nothing is saved.",
]
STATUSES = [Status.NOT_STARTED, Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK, Status.COMPLETE]
WIDTHS = (24, 62, 42)
A4 = 9


def make_template(area: Area) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as file:
        file.set_properties({"title": f"Action plan: {area.name}"})
        base = {"font_name": FACE, "font_size": POINTS, "valign": "top", "text_wrap": True}
        looks = {
            "title": {"bold": True, "font_size": 14, "font_color": INK, "text_wrap": False},
            "quiet": {"font_color": GREY, "text_wrap": False},
            "head": {"border": 1, "border_color": RULE, "bold": True, "bg_color": LOCKED_FILL},
            "fill": {"border": 1, "border_color": RULE, "num_format": "@"},
            "example": {"border": 1, "border_color": RULE, "italic": True, "font_color": GREY, "num_format": "@"},
            "text": {},
        }
        forms = {name: file.add_format(base | look) for name, look in looks.items()}
        _plan(file.add_worksheet(PLAN), forms, area)
        _guide(file.add_worksheet(GUIDE), forms)
    return out.getvalue()


def _plan(sheet, forms: dict, area: Area) -> None:
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, "Action plan", forms["title"])
    sheet.write_string(1, 0, f"{area.name}. The sheet “{GUIDE}” explains.", forms["quiet"])
    for number, (heading, width, _, *examples) in enumerate(COLUMNS):
        sheet.set_column(number, number, width)
        sheet.write_string(HEAD_ROW - 1, number, heading, forms["head"])
        for at, text in enumerate(examples, start=HEAD_ROW):
            sheet.set_row(at, 3 * LINE)
            if text:
                sheet.write_string(at, number, text, forms["example"])
            else:
                sheet.write_blank(at, number, None, forms["example"])
        for at in range(HEAD_ROW + len(examples), HEAD_ROW + ROWS):
            sheet.write_blank(at, number, None, forms["fill"])
    _offer_statuses(sheet)
    sheet.freeze_panes(HEAD_ROW, 0)
    sheet.repeat_rows(HEAD_ROW - 1)
    sheet.set_landscape()
    sheet.set_paper(A3)
    sheet.fit_to_pages(1, 0)


def _offer_statuses(sheet) -> None:
    column = [heading for heading, *_ in COLUMNS].index("Status")
    rule = {"validate": "list", "source": [str(status.label) for status in STATUSES], "ignore_blank": True,
            "error_title": "Status", "error_message": "Choose one of the list, or leave the cell empty."}  # fmt: skip
    sheet.data_validation(HEAD_ROW, column, HEAD_ROW + ROWS - 1, column, rule)


def _guide(sheet, forms: dict) -> None:
    sheet.hide_gridlines(2)
    for number, width in enumerate(WIDTHS):
        sheet.set_column(number, number, width)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, GUIDE, forms["title"])
    for at, step in enumerate(STEPS, start=2):
        sheet.merge_range(at, 0, at, 2, f"{at - 1}. {step}", forms["text"])
        sheet.set_row(at, lines(step, POINTS, sum(WIDTHS) * A_DIGIT) * LINE + 4)
    table = [("Column", "What to write", "Example")]
    table += [(heading, note, example.removeprefix(f"{EXAMPLE} ")) for heading, _, note, example, _ in COLUMNS]
    for at, row in enumerate(table, start=len(STEPS) + 3):
        most = max(lines(text, POINTS, width * A_DIGIT) for text, width in zip(row, WIDTHS, strict=True))
        sheet.set_row(at, most * LINE + 4)
        for column, text in enumerate(row):
            sheet.write_string(at, column, text, forms["head" if at == len(STEPS) + 3 else "fill"])
