"""Plans as areas publish them, built as files: workbooks, documents and text, each of another shape."""

import csv
import io
import tomllib
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import docx
import openpyxl

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "lewisham-mitigation-plan-2019"


def a_workbook(rows: Iterable[Iterable], *, title: str = "Plan", merge: Iterable[str] = (), **sheets) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for cells in merge:
        sheet.merge_cells(cells)
    for name, more in sheets.items():
        other = book.create_sheet(name)
        for row in more:
            other.append(list(row))
    return saved(book)


def saved(made) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def a_csv(rows: Iterable[Iterable], *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def a_document(*blocks) -> bytes:
    """Text is a heading, a list of rows is a table."""
    document = docx.Document()
    for block in blocks:
        if isinstance(block, str):
            document.add_heading(block, level=2)
        else:
            a_table(document, block)
    return saved(document)


def a_table(document, rows: list[list[str]]):
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(at, column).text = text
    return table


# The Mitigation Action Plan for SEN provision (Lewisham, 18 June 2019; Schools Forum, 17 October 2019, item 9) put back
# into its six columns: number, Key Objectives, Aims, Project Plan, Timescale, Lead. Its wording is the fixture's.


def mitigation_actions() -> list[dict]:
    return tomllib.loads((FIXTURES / "actions.toml").read_text(encoding="utf-8"))["action"]


def mitigation_plan() -> list[list[str]]:
    priorities = tomllib.loads((FIXTURES / "priorities.toml").read_text(encoding="utf-8"))["priority"]
    titles = {each["key"]: (f"{each['ref']}.", each["title"]) for each in priorities}
    leads = tomllib.loads((FIXTURES / "leads.toml").read_text(encoding="utf-8"))["lead"]
    initials = {each["key"]: each["initials"] for each in leads}
    rows = [["", "Key Objectives", "Aims", "Project Plan", "Timescale", "Lead"]]
    shown = None
    for (priority, _), grouped in groupby(mitigation_actions(), key=lambda each: (each["priority"], each["line"])):
        actions = list(grouped)
        number, title = titles[priority] if priority != shown else ("", "")
        shown = priority
        dates = [each["deadline"][0]["as_written"] for each in actions if each.get("deadline")]
        named = [
            "/".join(initials[lead] for lead in [each["lead"], *each.get("supporting_leads", [])])
            for each in actions
            if each.get("lead")
        ]
        plan = "\n".join(f"• {each['title']}" for each in actions)
        rows.append(
            [number, title, "", plan, "\n".join(dates), "\n".join(named) if len(set(named)) > 1 else "".join(named[:1])]
        )
    return rows


WIDE_MATRIX = [
    ["Priority", "Outcome", "What will we do?", "Who", "By when", "RAG", "Progress", "How will we know?"],
    ["1. Early identification", "Needs are seen early", "Train every health visitor", "Head of SEND", "31/03/2027", "G", "Forty trained", "All trained"],
    [None, None, "Publish a two-year check pathway", "Designated Clinical Officer", "Summer 2027", "Amber", "Draft is out", "Fewer late referrals"],
    [None, "Parents know where to go", "Rewrite the Local Offer's first page", "Head of SEND", "December 2026", "B", "Done in May", "Visits up by a third"],
    ["2. Timely plans", "Plans are on time", "Clear the backlog of advice", "Principal EP; Head of SEND", "by March 2027", "Red", "Two posts empty", "60% in 20 weeks"],
    [None, None, "Quality assure every plan", "Somebody Else", "termly", "", "", ""],
]  # fmt: skip
WIDE_MERGES = ["A2:A4", "A5:A6", "B2:B3", "B5:B6"]

BRAG_LOG = [
    ["Ref", "Workstream", "Action", "Milestone", "Owner", "Due date", "BRAG"],
    ["3.1", "Preparing for adulthood", "Open a supported internship hub", "Site agreed", "Head of SEND", "30/09/2026", "Blue"],
    ["", "", "", "Employers signed up", "", "31/12/2026", "Blue"],
    ["", "", "", "First interns placed", "", "Spring 2027", "Blue"],
    ["3.2", "", "Publish a travel policy", "Consultation", "Head of SEND", "30/11/2026", "Green"],
    ["", "", "", "Cabinet decision", "", "28/02/2027", "Red"],
    ["3.10", "Short breaks", "Recommission short breaks", "Market event", "Head of Commissioning", "31/01/2027", "Amber"],
]  # fmt: skip

PLANNER = [
    ["Task ID", "Task Name", "Bucket Name", "Progress", "Assigned To", "Start date", "Due date"],
    ["a1f", "Map alternative provision", "Inclusion", "In progress", "head.send@northvale.example", "01/09/2026", "18/12/2026"],
    ["b2e", "Agree a reintegration protocol", "Inclusion", "Not started", "new.person@northvale.example", "", "26/03/2027"],
    ["c3d", "Survey pupils", "Voice", "Completed", "", "", "30/09/2026"],
]  # fmt: skip

TITLE_ROWS = [
    ["Northvale SEND Improvement Plan 2026-2028"],
    ["Agreed by the Board on 18 March 2026. Queries to the SEND team."],
    [],
    ["", "What we want", "", "Who and when", "", "How we know"],
    ["No.", "Objective", "Action", "Lead officer", "Timescale", "Success criteria"],
    ["1", "Schools include more children", "Fund outreach from special schools", "Head of SEND", "Autumn 2026", "Fewer exclusions"],
    ["2", "", "Write an inclusion charter with heads", "Head of SEND", "2026/27", ""],
    ["Health"],
    ["3", "Therapies are there when needed", "Agree a balanced system", "Designated Clinical Officer", "Q3", "Waits under 18 weeks"],
    ["", "", "across speech, occupational and physiotherapy", "", "", ""],
]  # fmt: skip

LANDSCAPE = [
    ["What will we do?", "Responsible", "Deadline", "Intended impact"],
    ["Hold a transition fair in every cluster", "Head of SEND", "Autumn term 2026", "Families meet their next school"],
    ["Name a key adult for each Year 6 child with a plan", "HS", "Summer term 2026/27", ""],
    ["Share information between phases", "Head of  send", "each term during academic year 2026-2027", "Nothing is asked twice"],
    ["Review the offer", "TBC", "Autumn term", ""],
]  # fmt: skip


def word_plan() -> bytes:
    """A table for each priority under its heading; the second runs over a page and repeats its headings."""
    headings = ["Action", "Lead", "Timescale", "Progress"]
    return a_document(
        "Priority 1: Healthy lives",
        [headings, ["Extend the neurodevelopmental pathway", "DCO", "March 2027", "Agreed"],
         ["Open two more family hubs", "Head of SEND", "Sept '26", ""]],
        "Priority 2: Learning locally",
        [headings, ["Build a special school", "Head of SEND", "September 2028 intake", "Site found"]],
        [headings, ["Open three resource bases", "Head of SEND", "Sept '27", ""]],
    )  # fmt: skip
