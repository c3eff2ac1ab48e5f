"""An action plan as areas publish theirs: priorities and objectives as merged cells, dates in words, RAG, evidence."""

import io
from dataclasses import dataclass
from datetime import datetime

import openpyxl
from openpyxl.styles import Font

TITLE = "Testshire SEND test plan 2026 to 2029"
HEADINGS = [
    "Ref", "Priority", "What do we want to achieve?", "What will we do?", "Lead officer", "Lead email", "By when", "RAG",
    "Progress to date", "Evidence",
]  # fmt: skip

# Each priority, and what its objectives are about.
PRIORITIES = {
    "Priority 1: Needs are seen early": [
        "early years checks", "speech and language help", "ordinarily available provision", "transition into reception",
    ],
    "Priority 2: Plans are good and in time": ["needs assessments", "annual reviews", "plan quality", "phase transfers"],
    "Priority 3: Children belong in a local school": [
        "attendance support", "specialist places", "travel training", "alternative provision",
    ],
    "Priority 4: Young people are ready for adult life": [
        "supported internships", "independent living skills", "health transitions", "the local offer",
    ],
}  # fmt: skip
STEPS = [
    "Map how {} work today and where families wait",
    "Agree with partners one standard for {}",
    "Try the new way of {} with three test settings",
    "Train the people who work on {}",
    "Tell the Board what has changed for families through {}",
]
LEADS = [
    "Head of SEND", "Designated Clinical Officer", "Early Years Lead", "Commissioning Manager",
    "Principal Educational Psychologist", "Head of School Places", "Preparing for Adulthood Lead",
]  # fmt: skip
SHARED, FORUM = "Head of SEND / Designated Clinical Officer", "Testshire Parent Carer Forum"
WHENS = [
    "Autumn term 2026", "March 2027", "Spring term 2027", "by end of July 2027", "31/08/2027", datetime(2027, 12, 17),
    "Summer '28", "Academic year 2027/28", "Jan/March 2028", "Ongoing",
]  # fmt: skip
RAGS = ["Green", "Amber", "Not started", "G", "Blue - complete", "Red", "", "On course"]
PROGRESS = {
    "Amber": "Slower than planned: two posts are empty.",
    "Red": "The test provider withdrew.",
    "Blue - complete": "Done and looked back on.",
}


@dataclass(frozen=True)
class Row:
    ref: str
    priority: str
    objective: str
    action: str
    lead: str
    when: object
    rag: str
    progress: str
    evidence: str

    @property
    def email(self) -> str:
        return address_of(self.lead) if self.lead in LEADS else ""


def address_of(lead: str) -> str:
    return f"{lead.lower().replace(' ', '.')}@testshire.example"


def rows() -> list[Row]:
    """80, under four priorities with four objectives each. One names no day, one names two leads, one a body."""
    made = []
    for priority, (name, subjects) in enumerate(PRIORITIES.items(), start=1):
        for objective, subject in enumerate(subjects, start=1):
            wanted = f"{subject[0].upper()}{subject[1:]} work for every family"
            made += [
                _row(len(made) + step - 1, f"{priority}.{objective}.{step}", name, wanted, words.format(subject))
                for step, words in enumerate(STEPS, start=1)
            ]
    return made


def _row(at: int, ref: str, priority: str, objective: str, action: str) -> Row:
    lead = {7: SHARED, 31: FORUM}.get(at, LEADS[at // 3 % len(LEADS)])
    rag = RAGS[at % len(RAGS)]
    evidence = "Report to the test steering group" if rag.startswith("Blue") else ""
    when = "TBC" if at == 44 else WHENS[at % len(WHENS)]
    return Row(ref, priority, objective, action, lead, when, rag, PROGRESS.get(rag, ""), evidence)


def workbook() -> bytes:
    """With a title over the headings, and a note below the table."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Action plan"
    sheet.append([TITLE])
    sheet.append(["Made up for a test"])
    sheet.append([])
    sheet.append(HEADINGS)
    for cell in sheet[4]:
        cell.font = Font(bold=True)
    first = sheet.max_row + 1
    made = rows()
    for each in made:
        sheet.append([
            each.ref, each.priority, each.objective, each.action, each.lead, each.email, each.when, each.rag,
            each.progress, each.evidence,
        ])  # fmt: skip
    for column, names in ((2, [row.priority for row in made]), (3, [row.objective for row in made])):
        _merge(sheet, column, first, names)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _merge(sheet, column: int, first: int, names: list[str]) -> None:
    """Cells of one name below each other become one."""
    start = 0
    for at in range(1, len(names) + 1):
        if at == len(names) or names[at] != names[start]:
            sheet.merge_cells(start_row=first + start, end_row=first + at - 1, start_column=column, end_column=column)
            start = at
