"""PDF, page, Word, PowerPoint, Excel and CSV show the figures of the report, each read back from its file."""

import csv
import io
import re
from html import unescape

import docx
import openpyxl
import pytest
from pptx import Presentation
from pypdf import PdfReader

from board.papers import page, pdf, rows, slides, word, workbook
from board.papers.blocks import RiskPicture
from board.report import BoardReport
from tests.board.papers.a_plan import build_plan, paper_of, report_of
from tests.board.papers.what_is_said import ANSWER, another_risk, say_everything
from workstrands.status import SHOWN_ORDER

COUNTS = re.compile(r"([RAGNBEHS?])\N{NO-BREAK SPACE}(\d+)")


@pytest.fixture
def report(db) -> BoardReport:
    return report_of(build_plan())


def counts_in(text: str) -> dict[str, int]:
    return {letter: int(count) for letter, count in COUNTS.findall(text)}


def expected_counts(report: BoardReport) -> list[dict[str, int]]:
    return [{letter: n for letter, n in group.counts.items() if n} for group in report.groups]


def tables_of_word(body: bytes) -> list[list[list[str]]]:
    document = docx.Document(io.BytesIO(body))
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


def tables_of_slides(body: bytes) -> list[list[list[str]]]:
    show = Presentation(io.BytesIO(body))
    tables = [shape.table for slide in show.slides for shape in slide.shapes if shape.has_table]
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in tables]


def sheet(body: bytes, name: str) -> list[list]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(body))[name].iter_rows()]


def words_of_pdf(body: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages).split())


def words_of_page(body: bytes) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body.decode())).split())


READ_AS_TEXT = [(pdf.render, words_of_pdf), (page.render, words_of_page)]


@pytest.mark.parametrize("kind", ["full", "exceptions"])
@pytest.mark.parametrize(("render", "words_of"), READ_AS_TEXT)
def test_pdf_and_page_count_each_priority_as_the_report_does(report, kind, render, words_of):
    said = words_of(render(*paper_of(report, kind)))
    for group in report.groups:
        counted = " ".join(f"{letter} {n}" for letter, n in group.counts.items() if n)
        assert f"{counted} {group.flagged} {group.fresh_percent}% {group.headline.word} {group.headline.reason}" in said


@pytest.mark.parametrize(("render", "words_of"), READ_AS_TEXT)
def test_pdf_and_page_say_the_sentences_and_the_figures_of_the_report(report, render, words_of):
    said = words_of(render(*paper_of(report)))
    letters = re.sub(r"\s", "", said)  # a link is a piece of its own, with a space before the full stop
    for sentence in report.sentences:
        assert re.sub(r"\s", "", sentence.text) in letters
    for kpi in report.kpis:
        assert re.sub(r"\s", "", f"{kpi.latest_shown}{kpi.latest_period}") in letters
        assert kpi.status.label in said
    for found in report.exceptions:
        assert re.sub(r"\s", "", found.short) in letters


def under(found: list[list], head: str) -> list[dict]:
    """The rows below the headings that begin with `head`, up to the first empty one."""
    first = next(at for at, row in enumerate(found) if row[0] == head)
    below = found[first + 1 :]
    end = next((at for at, row in enumerate(below) if row[0] is None), len(below))
    return [dict(zip(found[first], row, strict=True)) for row in below[:end]]


@pytest.mark.parametrize("kind", ["full", "exceptions"])
@pytest.mark.parametrize(("render", "tables_of"), [(word.render, tables_of_word), (slides.render, tables_of_slides)])
def test_counts_flags_and_freshness_of_each_priority(report, kind, render, tables_of):
    tables = tables_of(render(*paper_of(report, kind)))
    [priorities] = [table for table in tables if table[0][0] == "Priority"]
    assert [counts_in(row[1]) for row in priorities[1:]] == expected_counts(report)
    assert [row[2] for row in priorities[1:]] == [str(group.flagged) for group in report.groups]
    assert [row[3] for row in priorities[1:]] == [f"{group.fresh_percent}%" for group in report.groups]


def test_the_workbook_counts_the_same(report):
    found = under(sheet(workbook.render(*paper_of(report)), "Summary"), "Priority")
    counted = [
        {head[0]: value for head, value in row.items() if value and head and head[:2] in {f"{x} " for x in SHOWN_ORDER}}
        for row in found
    ]
    assert counted == expected_counts(report)
    assert [(row["Actions"], row["Flagged"], row["Live"], row["Updated this round"]) for row in found] == [
        (group.total, group.flagged, group.live, group.fresh) for group in report.groups
    ]


def test_both_statuses_of_every_action_are_the_same_in_every_format(report):
    expected = {s.ref: (s.shown_reported, s.assessed) for s in report.standings}
    paper = paper_of(report)
    assert statuses_in(tables_of_word(word.render(*paper))) == expected
    assert statuses_in(tables_of_slides(slides.render(*paper))) == expected
    lines = list(csv.reader(io.StringIO(rows.render(*paper).decode("utf-8-sig"))))
    heads, *found = lines[lines.index([]) + 1 :]
    of_csv = [dict(zip(heads, row, strict=True)) for row in found]
    assert {row["Ref"]: (row["Lead reports"], row["Dates and data say"]) for row in of_csv} == expected
    of_sheet = under(sheet(workbook.render(*paper), "Actions"), "Ref")
    assert {row["Ref"]: (row["Lead reports"], row["Dates and data say"]) for row in of_sheet} == expected


def statuses_in(tables: list[list[list[str]]]) -> dict[str, tuple[str, str]]:
    """By reference, from every table that shows what is reported beside what is assessed."""
    found = {}
    for heads, *body in tables:
        if "Lead reports" in heads:
            one, other = heads.index("Lead reports"), heads.index("Dates and data say")
            for row in body:
                found[row[0].split()[0]] = (row[one].strip()[0], row[other].strip()[0])
    return found


def test_the_statuses_month_by_month_are_the_same(report):
    expected = [{letter: n for letter, n in month.counts.items() if n} for month in report.months]
    paper = paper_of(report)
    show = Presentation(io.BytesIO(slides.render(*paper)))
    charts = [shape.chart for slide in show.slides for shape in slide.shapes if shape.has_chart]
    [standing] = [chart for chart in charts if chart.chart_type.name == "COLUMN_STACKED"]
    of_slides = [
        {series.name: int(series.values[at]) for series in standing.plots[0].series if series.values[at]}
        for at in range(len(expected))
    ]
    assert of_slides == expected
    found = under(sheet(workbook.render(*paper), "Summary"), "At the end of")
    heads = {f"{letter} " for letter in SHOWN_ORDER}
    assert [{h[0]: n for h, n in row.items() if h and h[:2] in heads and n} for row in found] == expected


def test_each_kpis_figure_period_and_status_are_the_same(report):
    paper = paper_of(report)
    said_by_word = "\n".join(p.text for p in docx.Document(io.BytesIO(word.render(*paper))).paragraphs)
    show = Presentation(io.BytesIO(slides.render(*paper)))
    said_by_slides = "\n".join(s.text_frame.text for slide in show.slides for s in slide.shapes if s.has_text_frame)
    found = {row["Code"]: row for row in under(sheet(workbook.render(*paper), "KPIs"), "Code")}
    for kpi in report.kpis:
        assert f"{kpi.latest_shown}  {kpi.latest_period}" in said_by_word
        assert f"{kpi.latest_shown}  {kpi.latest_period}" in said_by_slides
        assert kpi.status.label in said_by_word
        assert kpi.status.label in said_by_slides
        row = found[kpi.code]
        assert row["Latest figure"] == pytest.approx(kpi.latest.value)
        assert (row["As shown"], row["Period"], row["Status"]) == (
            kpi.latest_shown,
            kpi.latest_period,
            kpi.status.label,
        )


def test_what_is_asked_and_what_is_said_is_the_same(report):
    paper = paper_of(report)
    said_by_word = "\n".join(p.text for p in docx.Document(io.BytesIO(word.render(*paper))).paragraphs)
    show = Presentation(io.BytesIO(slides.render(*paper)))
    said_by_slides = "\n".join(s.text_frame.text for slide in show.slides for s in slide.shapes if s.has_text_frame)
    summary = [row[0] for row in sheet(workbook.render(*paper), "Summary")]
    for sentence in report.sentences:
        for said in (said_by_word, said_by_slides, "\n".join(filter(None, map(str, summary)))):
            assert sentence.text.strip() in said
    for ask in report.asks:
        assert ask.text in said_by_word
        assert ask.text in said_by_slides
        assert ask.text in summary


# What is said beside the statuses, and the risks


@pytest.fixture
def said(db):
    """(paper, report) in which owners, families and a lead have spoken and risks rose."""
    world = build_plan()
    say_everything(world)
    another_risk(world, "R2", (2, 2), (4, 5))
    another_risk(world, "R3", (1, 3))
    return paper_of(report_of(world))


def under_words(tables: list[list[list[str]]], head: str, title: str) -> list[str]:
    """What stands under a heading in the tables whose first heading begins with `head`; a status as its word."""
    return [
        re.sub(r"^[RAGNBEHS?]\s+", "", row[table[0].index(title)].strip())
        for table in tables
        if table[0][0].startswith(head) and title in table[0]
        for row in table[1:]
    ]


@pytest.mark.parametrize(("render", "tables_of"), [(word.render, tables_of_word), (slides.render, tables_of_slides)])
def test_word_and_slides_say_what_owners_and_families_say_and_what_the_lead_answers(said, render, tables_of):
    tables = tables_of(render(*said))
    assert under_words(tables, "Priority", "Owners say") == ["At risk"]
    assert under_words(tables, "Priority", "Families feel it") == ["Partly"]
    assert under_words(tables, "Owner", "What happens if not") == ["The summer's work comes a term late."]
    felt = dict(zip(under_words(tables, "Action", "Action, and what the dates and figures say"),
                    under_words(tables, "Action", "Families feel it"), strict=False))  # fmt: skip
    [of_action] = {words for action, words in felt.items() if action.startswith("1.1 ")}
    assert of_action == "Not yet"
    assert any(ANSWER in cell for table in tables for row in table for cell in row)


@pytest.mark.parametrize(("render", "words_of"), READ_AS_TEXT)
def test_pdf_and_page_say_what_owners_and_families_say_and_what_the_lead_answers(said, render, words_of):
    letters = re.sub(r"\s", "", words_of(render(*said)))
    for words in (
        f"Lead answers, 1 July 2026: {ANSWER}", "Two teams share few people.", "We share them out anew.",
        "The summer's work comes a term late.", "We still tell our story again.", "Parent carer forum", "In the forum.",
    ):  # fmt: skip
        assert re.sub(r"\s", "", words) in letters, words
    assert "Notyet" in letters


def test_csv_and_workbook_say_what_families_feel_and_what_the_lead_answers(said):
    lines = list(csv.reader(io.StringIO(rows.render(*said).decode("utf-8-sig"))))
    heads, *found = lines[lines.index([]) + 1 :]
    of_csv = {row[0]: dict(zip(heads, row, strict=True)) for row in found}
    of_sheet = {row["Ref"]: row for row in under(sheet(workbook.render(*said), "Actions"), "Ref")}
    for found in (of_csv["1.1"], of_sheet["1.1"]):
        assert found["Families feel it"] == "Not yet"
        assert found["Lead answers"].endswith(f"{ANSWER} (1 July 2026)")
    [priority] = under(sheet(workbook.render(*said), "Summary"), "Priority")
    assert (priority["Owners say"], priority["Families feel it"]) == ("A At risk", "Partly")


def counts_of_risks(said) -> list[list[int]]:
    [block] = [block for block in said[0].blocks if isinstance(block, RiskPicture)]
    return [[cell.count for cell in row] for row in block.matrix]


@pytest.mark.parametrize(("render", "tables_of"), [(word.render, tables_of_word), (slides.render, tables_of_slides)])
def test_word_and_slides_count_the_risks_as_the_register_does(said, render, tables_of):
    [found] = [table for table in tables_of(render(*said)) if table[0][0].startswith("Likelihood")]
    counted = [
        [int((cell.replace("risks", "").replace("risk", "").split()[2:] or [0])[0]) for cell in row[1:]]
        for row in found[1:]
    ]
    assert counted == counts_of_risks(said)
    assert sum(map(sum, counted)) == 3


def test_page_and_workbook_count_the_risks_as_the_register_does(said):
    table = page.render(*said).decode().partition("Number of open risks by likelihood")[2].partition("</table>")[0]
    counts = list(map(int, re.findall(r'<td class="number">(?:<a [^>]*>)?(\d+)', table)))
    assert counts == [count for row in counts_of_risks(said) for count in row]
    found = under(sheet(workbook.render(*said), "Risks"), "Ref")
    matrix = [[0] * 5 for _ in range(5)]
    for row in found:
        matrix[5 - row["Likelihood"]][row["Impact"] - 1] += 1
    assert matrix == counts_of_risks(said)
