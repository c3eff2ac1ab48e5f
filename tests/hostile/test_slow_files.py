"""Files within all bounds that would cost a worker minutes: each answers at full size, and what made it slow is counted.

No test measures the time. Those at full size are broken off once they have cost what ends a worker, so that one that would run
for hours fails; the others count how often the dear thing is done, or look at where it is cut.
"""

import csv
import io
import signal
import zipfile
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest

from board.kpi_forms import figures
from board.own_figures import reading as own_figures
from board.own_figures import rehearsing
from board.papers.typeface import BREAK, MOST_IN_WORDS, settable
from board.plan_import import bringing_in, comparing, delimited, documents, entries, grids, held, layout, matching
from board.plan_import.bringing_in import digest_of, proposed_for, shapes_in
from board.plan_import.comparing import compare
from board.plan_import.days import days_in
from board.plan_import.drafts import Choices, Entries
from board.plan_import.errors import NotAPlan
from board.plan_import.held import Held
from board.plan_import.matching import Directory
from board.plan_import.opening import read_grids
from board.plan_import.outcome import Outcome, Target, Wishes
from board.plan_import.refs import Refs
from board.plan_import.synonyms import meanings_of
from common import workbooks
from common.text import LONGEST_TEXT
from common.workbooks import NotAWorkbook, read_sheets
from kpis.dfe import guidance, symbols
from kpis.models import Indicator, Kpi
from kpis.periods import Period
from kpis.series import KpiSeries
from people.models import Lead, Partner
from tests.board.plan_import.test_hostile_files import WORD, with_parts
from workstrands.models import Objective

A_WORKERS_LIFE = 60  # seconds of its own; see deploy/gunicorn.conf.py


@contextmanager
def as_long_as_a_worker_lives():
    def end(*_):
        raise AssertionError("It would have ended a worker.")

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, A_WORKERS_LIFE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


class Counted:
    """Stands in for a function of a module and counts how often it is called."""

    def __init__(self, monkeypatch, module, name: str):
        self.calls, self.real = 0, getattr(module, name)
        monkeypatch.setattr(module, name, self)

    def __call__(self, *args, **kwargs):
        self.calls += 1
        return self.real(*args, **kwargs)

    def during(self, act, *args) -> int:
        before = self.calls
        act(*args)
        return self.calls - before


def as_csv(*rows: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


# What a plan's file would do, as its rehearsal works it out


def entries_in(content: bytes) -> Entries:
    shapes = shapes_in(content)
    proposed = [proposed_for(shape) for shape in shapes]
    return entries.entries_of(
        shapes, [each["meanings"] for each in proposed], [Choices(across=each["across"]) for each in proposed]
    )


def a_directory(*, leads: int = 0, bodies: int = 0) -> Directory:
    return Directory(
        {f"lead-{pk}": Lead(pk=pk, name=f"Lead number {pk}", role=f"Head of team {pk}") for pk in range(leads)},
        {f"partner-{pk}": Partner(pk=pk, name=f"Body number {pk}") for pk in range(bodies)},
    )


def outcome_of(content: bytes, directory: Directory | None = None) -> Outcome:
    target = Target(None, "A plan", "strategy", date(2026, 1, 1), date(2028, 12, 31))
    wishes = Wishes(with_updates=True)
    return compare(
        entries_in(content), target, directory or a_directory(leads=20), wishes, at=datetime(2026, 4, 1, tzinfo=UTC)
    )


def refusal_of(content: bytes, directory: Directory | None = None) -> str:
    with pytest.raises(NotAPlan) as caught:
        outcome_of(content, directory)
    return str(caught.value)


# Each at full size: without its bound it took from a minute to hours


def cells_beside(actions: list[str], heading: str, text: str) -> bytes:
    return as_csv(["Action", heading], *([action, text] for action in actions))


MANY = [
    f"Action number {number}" for number in range(490)
]  # as many as hold the longest text within the whole file's bound
FULL_SIZE = {
    "brackets in headings": lambda: as_csv(*[["(" * 9_990 + "a"] * 24] * 19, ["Action", "Lead"], ["Train", "HS"]),
    "a due date of letters": lambda: cells_beside(["• One\n• Two"] * 490, "By when", "a" * 9_990),
    "spaces between names": lambda: cells_beside(MANY, "Lead", "A" + " " * 9_980 + "B"),
    "a text that goes on": lambda: as_csv(
        ["Action", "Progress"], ["The first", "p"], *(["", f"{row} " + "p-" * 1_200] for row in range(1_990))
    ),
    "rows that go on from each other": lambda: as_csv(
        ["Action", "Lead"], ["The first action, and", ""], *([["A" * 2_480 + " and", ""]] * 1_990)
    ),
    "no references": lambda: as_csv(["Action", "Lead"], *([f"Action {row}", "Lead number 3"] for row in range(1_990))),
}


@pytest.mark.parametrize("name", FULL_SIZE)
def test_a_plan_of_the_largest_size_is_worked_out(name):
    with as_long_as_a_worker_lives():
        assert outcome_of(FULL_SIZE[name]()).target.title == "A plan"


def test_a_description_of_two_million_spaces_is_read():
    with as_long_as_a_worker_lives():
        content = b"Filename: a" + b" " * 2_000_000 + b"b\nFilename: Figures.csv \ncolumn | What it is\n"
        assert guidance.read_guidance(content, "figures.csv", ["column"])["column"].label == "What it is"


def test_a_cell_of_very_many_digits_is_told_from_a_figure():
    with as_long_as_a_worker_lives():
        assert not symbols.is_figure("1" * 1_000_000 + "x")
    assert all(map(symbols.is_figure, ("12", "12.", "12.5", ".5", "-1.5e3", "low")))


# Workbooks


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def a_book(rows: str, *, text: str = "", more: str = "", number_format: str = "General", sheets: int = 1) -> bytes:
    """One part of rows, which as many sheets name; `text` is its one shared text, `number_format` that of style 0."""
    parts = {
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="r"><sheets>'
        + "".join(f'<sheet name="Sheet {at}" sheetId="{at}" r:id="one"/>' for at in range(sheets))
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        '<Relationship Id="one" Type="/worksheet" Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="two" Type="/sharedStrings" Target="sharedStrings.xml"/>'
        '<Relationship Id="three" Type="/styles" Target="styles.xml"/></Relationships>',
        "xl/sharedStrings.xml": f"<sst {MAIN}><si><t>{text}</t></si></sst>",
        "xl/styles.xml": f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="200" formatCode="{number_format}"/></numFmts>'
        '<cellXfs><xf numFmtId="200"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}>{more}<sheetData>{rows}</sheetData></worksheet>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def refused_workbook(content: bytes) -> str:
    with pytest.raises(NotAWorkbook) as caught:
        list(read_sheets(content))
    return str(caught.value)


def test_a_shared_text_counts_in_each_cell_that_shows_it():
    """Of 40,000 letters in 300,000 cells, every reader would go through twelve thousand million."""
    longest, row = "a" * workbooks.LONGEST_CELL, "<row>" + '<c t="s"><v>0</v></c>' * 50 + "</row>"
    bearable = workbooks.MOST_SHARED // workbooks.LONGEST_CELL // 50
    (sheet,) = read_sheets(a_book(row * bearable, text=longest))
    assert len(sheet.rows) == bearable
    assert "far more than anybody fills in" in refused_workbook(a_book(row * (bearable + 1), text=longest))


def test_one_part_is_no_two_sheets():
    rows = '<row><c t="str"><v>Action</v></c></row>'
    assert [sheet.name for sheet in read_sheets(a_book(rows))] == ["Sheet 0"]
    assert "broken" in refused_workbook(a_book(rows, sheets=2))


def test_a_comment_that_the_parser_would_look_at_with_each_piece_is_refused():
    within, beyond = ("<!--" + "< " * (size * 2**19) + "-->" for size in (3, 5))
    assert list(read_sheets(a_book("", more=within)))
    assert "far more than anybody fills in" in refused_workbook(a_book("", more=beyond))


def test_a_merged_range_is_not_looked_for_beyond_the_next_tag():
    found = workbooks.MERGE.search(b'<mergeCell <mergeCell ref="A1:B2"/>')
    assert found.start() == len("<mergeCell ")


def test_how_a_number_is_shown_is_worked_out_once_for_each_format(monkeypatch):
    from openpyxl.styles import numbers

    asked = Counted(monkeypatch, numbers, "is_date_format")
    (sheet,) = read_sheets(a_book(f"<row>{'<c><v>1.5</v></c>' * 50}</row>" * 20, number_format="[" * 251))
    assert sum(map(len, sheet.rows.values())) == 1_000
    assert asked.calls <= 1


# Text and documents


def test_no_more_rows_of_a_text_are_kept_than_a_plan_may_have(monkeypatch):
    read = Counted(monkeypatch, delimited, "cell_of")
    assert f"more than {grids.MOST_ROWS:,} filled rows" in refusal_of(b"a\n" * 100_000)
    assert read.calls == grids.MOST_ROWS + 1


def test_empty_rows_of_a_text_cost_no_cells(monkeypatch):
    read = Counted(monkeypatch, delimited, "cell_of")
    (grid,) = read_grids(b"Action,Lead\n" + b", \n" * 10_000 + b"Train,\n")
    assert [row.number for row in grid.rows] == [1, 10_002]
    assert read.calls == 4


def a_document(body: str) -> bytes:
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return with_parts(
        WORD, **{"word/document__xml": f'<w:document xmlns:w="{name}"><w:body>{body}</w:body></w:document>'.encode()}
    )


def a_cell(content: str) -> str:
    return f"<w:tc><w:p>{content}</w:p></w:tc>"


def in_word(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def test_no_more_rows_of_a_table_are_kept_than_a_plan_may_have(monkeypatch):
    read = Counted(monkeypatch, documents, "_cells")
    row = f"<w:tr>{a_cell(in_word('a'))}</w:tr>"
    table = f"<w:tbl>{row * (grids.MOST_ROWS + 500)}</w:tbl>"
    assert f"more than {grids.MOST_ROWS:,} filled rows" in refusal_of(a_document(table))
    assert read.calls == grids.MOST_ROWS + 1


def test_paragraphs_within_one_another_are_read_once():
    """As those of a text box are. Hundreds within one another were read hundreds of times."""
    deep = "<w:p>" * 200 + in_word("deep") + "</w:p>" * 200
    inner = f"<w:tbl><w:tr>{a_cell(in_word('a table in it'))}</w:tr></w:tbl>"
    row = f"<w:tr>{a_cell(in_word('Outer ') + deep)}<w:tc>{inner}<w:p/></w:tc></w:tr>"
    (grid,) = read_grids(a_document(f"<w:tbl>{row}</w:tbl>"))
    assert [cell.text for cell in grid.rows[0].cells] == ["Outer deep", "a table in it"]


def test_tables_are_told_apart_without_comparing_each_with_each(monkeypatch):
    def plan(tables: int) -> bytes:
        each = "<w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}</w:tr></w:tbl>"
        cells = a_cell(in_word("Train")), a_cell(in_word("Head of SEND"))
        return a_document(
            "".join(
                each.format(a_cell(in_word(f"Action {at}")), a_cell(in_word("Lead")), *cells) for at in range(tables)
            )
        )

    compared = Counted(monkeypatch, layout, "normal")
    assert compared.during(shapes_in, plan(80)) <= 2.5 * compared.during(shapes_in, plan(40))


# What rows are made into


def test_a_text_is_no_heading_however_little_of_it_is_letters():
    assert meanings_of("(in full) Action")[1]
    assert meanings_of("(" * 500 + "Action") == ((), False)


def test_what_goes_on_over_many_rows_is_compared_once(monkeypatch):
    def plan(rows: int) -> bytes:
        return as_csv(["Action", "Progress"], ["Train", "p"], *(["", f"It goes on {row}"] for row in range(rows)))

    compared = Counted(monkeypatch, entries, "normal")
    assert compared.during(entries_in, plan(200)) <= 2.5 * compared.during(entries_in, plan(100))
    (draft,) = entries_in(
        as_csv(["Action", "Progress"], ["Train", "p"], ["", "More"], ["", "more."], ["", "Last"])
    ).drafts
    assert [said.text for said in draft.said["progress"]] == ["p", "More", "Last"]


def test_rows_are_joined_up_to_the_longest_text_and_no_further():
    found = entries_in(as_csv(["Action", "Lead"], ["The first, and", "HS"], *([["A" * 4_000 + " and", ""]] * 4)))
    first, *others = found.drafts
    assert len(first.action.text) <= LONGEST_TEXT
    assert not others
    assert {problem.reason for problem in found.problems} == {
        "Joined with the row above it would have 12,029 characters, and the most is 10,000."
    }


def test_a_file_of_very_many_bullets_is_refused():
    cell = "\n".join(f"• {at}" for at in range(1_500))
    assert "lines or bullets" in refusal_of(cells_beside([cell] * 20, "Lead", "HS"))


@pytest.mark.parametrize(
    ("heading", "text"),
    [("Lead", ""), ("Success measure", "• One {0}\n• Two {0}"), ("Evidence", "One\nTwo")],
)
def test_no_more_is_brought_than_the_bound(monkeypatch, heading, text):
    for module in (entries, comparing):
        monkeypatch.setattr(module, "MOST_ENTRIES", 20)
    rows = 7 if text else 20  # each with its two lines

    def plan(rows: int) -> bytes:
        return as_csv(["Action", "RAG", heading], *([f"Number {row}", "G", text.format(row)] for row in range(rows)))

    assert outcome_of(plan(rows - 1))
    assert "at once" in refusal_of(plan(rows + 1))


def test_an_introduction_before_very_many_bullets_is_not_written_out_for_all_of_them(monkeypatch):
    monkeypatch.setattr(entries, "MOST_ENTRIES", 50)
    made = Counted(monkeypatch, entries, "lines_of")
    assert "at once" in refusal_of(
        cells_beside(["We will:\n" + "\n".join("• a" for _ in range(20))] * 40, "Lead", "HS")
    )
    assert made.calls == 3


def test_the_next_free_reference_is_not_looked_for_from_the_first():
    class Watched(Refs):
        looks = 0

        def __contains__(self, one) -> bool:
            self.looks += 1
            return super().__contains__(one)

    refs, given = Watched({"a1", "a3"}), []
    for _ in range(500):
        given.append(refs.free("A"))
        refs.add(given[-1].casefold())
    assert given[:3] == ["A2", "A4", "A5"]
    assert len(set(given)) == 500
    assert refs.looks <= 1_500


def test_what_stands_is_looked_up_and_not_compared_with_each_row(monkeypatch):
    standing = Held(None, datetime(2026, 4, 1, tzinfo=UTC))
    standing.objectives = [Objective(pk=pk, ref=str(pk), text=f"Objective {pk}", priority_id=3) for pk in range(300)]
    assert standing.holder("objective", "", "objective 7.", "7 Objective 7", None, None) is None
    compared = Counted(monkeypatch, held, "normal")

    def look_up() -> None:
        for number in range(300):
            assert standing.holder("objective", "", f"None {number}", f"None {number}", None, None) is None

    assert compared.during(look_up) <= 600


def test_days_are_not_looked_for_in_words_that_no_month_is_as_long_as():
    assert days_in("Spring '19 Sept '19") == ["Spring '19", "Sept '19"]
    long = f"{'a' * 21} 2019 Sept 2019"
    assert days_in(long) == [long]


def test_a_rehearsals_digest_does_not_repeat_what_actions_hang_on(monkeypatch):
    class Hash:
        size = 0

        def update(self, more: bytes) -> None:
            Hash.size += len(more)

        def hexdigest(self) -> str:
            return "0"

    priority = "p" * 9_000
    outcome = outcome_of(as_csv(["Priority", "Action"], *([priority, f"Number {row}"] for row in range(50))))
    monkeypatch.setattr(bringing_in, "sha256", lambda *_: Hash())
    digest_of(outcome)
    assert Hash.size < 10 * len(priority)


def test_a_rehearsals_digest_tells_where_an_action_hangs():
    def plan(second: str) -> bytes:
        return as_csv(["Priority", "Action"], ["One", "Train"], ["Two", "Read"], [second, "Write"])

    assert digest_of(outcome_of(plan("One"))) == digest_of(outcome_of(plan("One")))
    assert digest_of(outcome_of(plan("One"))) != digest_of(outcome_of(plan("Two")))


# Names


@pytest.fixture
def compared(monkeypatch) -> Counted:
    from rapidfuzz import process

    return Counted(monkeypatch, process, "extractOne")


def test_a_name_is_compared_with_everybody_once(compared):
    outcome_of(cells_beside(MANY, "Lead", "Somebody Else"), a_directory(leads=5, bodies=5))
    assert compared.calls == 3  # names, roles, bodies


def test_a_text_where_a_name_should_be_is_compared_with_nobody(compared):
    outcome_of(cells_beside(MANY, "Lead", "Somebody Else " * 50), a_directory(leads=5, bodies=5))
    assert compared.calls == 0


@pytest.mark.parametrize("heading", ["Lead", "Partner"])
def test_a_file_that_names_very_many_whom_nobody_knows_is_refused(monkeypatch, heading):
    monkeypatch.setattr(matching, "MOST_COMPARED", 20)
    rows = [[f"Number {row}", f"Somebody {row}"] for row in range(21)]
    assert outcome_of(as_csv(["Action", heading], *rows[:20]))
    assert "whom nobody here fits" in refusal_of(as_csv(["Action", heading], *rows))


def test_a_cell_of_more_lines_than_it_can_name_leads_is_one_text():
    named = a_directory().names_in
    assert len(named("\n".join(f"Person {at}" for at in range(matching.MOST_LINES)))) == matching.MOST_LINES
    assert len(named("\n".join(f"Person {at}" for at in range(matching.MOST_LINES + 1)))) == 1


# Figures


@pytest.mark.parametrize(
    ("name", "head"),
    [("columns_of_kpis", ["Period", "Plans on time"]), ("columns_of_periods", ["KPI", "October 2026"])],
)
def test_headings_of_a_table_of_figures_are_read_once_and_not_for_each_row(monkeypatch, name, head):
    read = Counted(monkeypatch, own_figures, name)
    rows = [[f"Row {row}", "1"] for row in range(200)]
    assert len(own_figures.read_table(as_csv(head, *rows)).figures) == 200
    assert read.calls == 1


def test_the_form_of_a_row_does_not_go_through_all_periods_of_its_kpi(monkeypatch):
    offered = Counted(monkeypatch, figures, "period_choices")
    indicator = Indicator(title="Requests", unit="count", frequency="monthly")
    period, line = Period(date(2026, 3, 1), date(2026, 3, 31)), own_figures.Line(1, {})
    form = rehearsing._RowForm(
        line, period, kpi=Kpi(indicator=indicator), series=KpiSeries(indicator, []), today=date(2026, 4, 1)
    )
    assert form.fields["period"].choices == [(period.key, "March 2026")]
    assert offered.calls == 0


def test_what_the_letters_of_papers_lack_is_said_up_to_a_bound():
    said = settable("\U0001f389" * 10_000).replace(BREAK, "")
    assert said.count("party") == MOST_IN_WORDS
    assert said.endswith("[?]")


def test_the_columns_of_a_description_are_looked_up():
    class Names(list):
        asked = Counter()

        def __contains__(self, one) -> bool:
            self.asked["in"] += 1
            return super().__contains__(one)

    names = Names(f"column_{at}" for at in range(500))
    found = guidance.read_guidance(b"a|b\n" * 100 + b"column_7 | Seven\n", "x.csv", names)
    assert found["column_7"].label == "Seven"
    assert not Names.asked
