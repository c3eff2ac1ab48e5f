"""The paper in Word: its structure is real, so that it can be gone on with and heard."""

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import docx
import pikepdf
import pytest
from docx.oxml.ns import qn

from board.papers import word
from board.papers.blocks import Cell, Column, Heading, Key, KpiGrid, NewPage, Paper, Paragraph, RiskPicture, Span, Table
from board.risk_matrix import Cell as RiskCell
from tests.board.papers.a_busy_plan import make_busy
from tests.board.papers.a_plan import build_plan, hostile_table, paper_by_hand, paper_of, report_of
from tests.board.papers.orders import paper
from tests.world import build_world

needs_libreoffice = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


def opened(body: bytes):
    return docx.Document(io.BytesIO(body))


def xml_of(body: bytes, name: str = "word/document.xml") -> str:
    return zipfile.ZipFile(io.BytesIO(body)).read(name).decode()


@pytest.fixture
def full(db) -> bytes:
    paper, report = paper_of(report_of(build_plan()))
    return word.render(paper, report)


def test_the_paper_has_a_title_and_headings_whose_levels_go_down_one_at_a_time(full):
    styles = [p.style.name for p in opened(full).paragraphs if p.style.name.startswith(("Title", "Heading"))]
    assert styles.count("Title") == 1
    assert styles[0] == "Title"
    levels = [int(style[-1]) for style in styles[1:]]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_heading_asked_for_out_of_order_goes_one_level_down_only():
    body = word.render(paper_by_hand(Heading("Part"), Heading("Deep", 5), Heading("Part again")))
    found = [(p.text, p.style.name) for p in opened(body).paragraphs if p.style.name.startswith("Heading")]
    assert found == [("Part", "Heading 1"), ("Deep", "Heading 2"), ("Part again", "Heading 1")]


def test_every_table_repeats_a_marked_heading_row_and_marks_its_first_column(full):
    document = opened(full)
    assert document.tables
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        look = table._tbl.tblPr.find(qn("w:tblLook"))
        assert look.get(qn("w:firstRow")) == "1"
        assert look.get(qn("w:firstColumn")) == "1"
        assert table.style.name == "Tracker table"
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))


def test_columns_are_as_wide_as_the_page_and_their_shares_differ(full):
    for table in opened(full).tables:
        total = sum(column.width.cm for column in table.columns)
        assert total == pytest.approx(17, abs=0.1)


def test_a_column_is_never_narrower_than_its_longest_word():
    narrow = Table("T", (Column("Action", 20), Column("Straightforwardly", 0.1)), ((Cell("a"), Cell("b")),))
    [table] = opened(word.render(paper_by_hand(narrow))).tables
    assert table.columns[1].width.pt > 60


def test_a_status_is_said_by_letter_and_word(full):
    table = next(t for t in opened(full).tables if t.rows[0].cells[1].text == "Lead reports")
    said = table.rows[1].cells[1].text.replace("\N{NO-BREAK SPACE}", " ").strip()
    assert re.fullmatch(r"[RAGNBEHS?] +(Off track|At risk|On track|Not started|Complete|No update)", said)


def test_every_chart_can_be_edited_and_says_in_words_what_it_shows(full):
    document = xml_of(full)
    described = re.findall(r'<wp:docPr id="\d+" name="Chart \d+" descr="([^"]+)"', document)
    names = zipfile.ZipFile(io.BytesIO(full)).namelist()
    charts = [name for name in names if re.fullmatch(r"word/charts/chart\d+\.xml", name)]
    books = [name for name in names if name.startswith("word/embeddings/")]
    assert len(described) == len(charts) == len(books) > 1
    assert any(words.startswith("Children waiting: from ") for words in described)
    assert "lineChart" in xml_of(full, charts[0])


def test_every_part_that_is_named_is_there_and_every_part_is_sound_xml(full):
    package = zipfile.ZipFile(io.BytesIO(full))
    assert package.testzip() is None
    names = set(package.namelist())
    for name in names:
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(package.read(name))
        if name.endswith(".rels"):
            folder = name.split("_rels/")[0]
            for relation in ElementTree.fromstring(package.read(name)):
                if relation.get("TargetMode") != "External":
                    assert resolved(folder, relation.get("Target")) in names


def resolved(folder: str, target: str) -> str:
    parts = [] if target.startswith("/") else folder.split("/")[:-1]
    for part in target.lstrip("/").split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def test_names_within_the_document_are_used_once(full):
    document = xml_of(full)
    for found in (
        re.findall(r'<w:bookmarkStart w:id="(\d+)"', document),
        re.findall(r'<wp:docPr id="(\d+)"', document),
    ):
        assert len(found) == len(set(found))
    marks = set(re.findall(r'w:name="(part\d+)"', document))
    assert set(re.findall(r'w:anchor="(part\d+)"', document)) <= marks


def test_addresses_can_be_followed(full):
    document = opened(full)
    used = set(re.findall(r'<w:hyperlink r:id="([^"]+)"', xml_of(full)))
    assert used
    addresses = {document.part.rels[name].target_ref for name in used}
    assert all(address.startswith("https://tracker.example/northvale/") for address in addresses)
    assert all("as_at=2026-" in address for address in addresses)


def test_the_contents_list_the_parts_and_lead_to_them(full):
    found = [p for p in opened(full).paragraphs if p.style.name.casefold() == "toc 1"]
    parts = [p.text for p in opened(full).paragraphs if p.style.name == "Heading 1"]
    assert ["".join(t.text for t in p._p.iter(qn("w:t"))) for p in found] == parts


def test_head_and_foot_say_what_it_is_on_every_page(full):
    section = opened(full).sections[0]
    head = "\n".join(p.text for p in section.header.paragraphs)
    assert "Northvale · SEND Strategy" in head
    assert "As at 15 July 2026" in head
    assert "made up" in head
    fields = [f.get(qn("w:instr")).strip() for f in section.footer._element.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]
    others = xml_of(full).split("<w:sectPr")[2:]
    assert not any("headerReference" in other for other in others)  # they take it over from the first


def test_the_file_says_title_language_and_who_made_it(full):
    held = opened(full).core_properties
    assert (held.title, held.language, held.author) == ("SEND Strategy", "en-GB", "officer@example.test")
    assert 'w:lang w:val="en-GB"' in xml_of(full, "word/styles.xml")


def test_a_new_page_starts_with_the_heading_that_follows():
    body = word.render(paper_by_hand(Heading("One"), NewPage(), Heading("Two")))
    two = next(p for p in opened(body).paragraphs if p.text == "Two" and p.style.name == "Heading 1")
    assert two._p.pPr.find(qn("w:pageBreakBefore")) is not None


def test_words_that_try_to_do_harm_stay_words():
    said = Paragraph((Span('</w:t><script>"&'), Span("link", 'https://t.example/?a="<>&')))
    table = opened(word.render(paper_by_hand(said, hostile_table()))).tables[0]
    texts = [row.cells[0].text for row in table.rows[1:]]
    assert texts[0].startswith('=HYPERLINK("https://evil.example","Press here")')
    assert texts[1].startswith("<w:p/></w:t>&lt; ]]> {{ area }} %s")
    assert texts[2].startswith("beforeafter")
    assert "👩‍👧‍👦" in texts[3]
    assert len(texts[4]) >= 60_000
    assert texts[-2].startswith("nullbyte")


def test_a_row_longer_than_a_page_may_break():
    rows = opened(word.render(paper_by_hand(hostile_table()))).tables[0].rows
    assert rows[1]._tr.trPr is not None
    assert rows[5]._tr.trPr is None


def test_an_empty_plan_and_an_empty_table_say_so():
    empty = Table("Asks", (Column("Ask"),), (), "Nothing is asked of the Board.")
    document = opened(word.render(paper_by_hand(Heading("Asked"), empty, Key((), ()))))
    assert not document.tables
    assert "Nothing is asked of the Board." in [p.text for p in document.paragraphs]


# Exceptions only


@pytest.fixture
def busy(db) -> Paper:
    return paper(make_busy(build_world()), kind="exceptions", is_illustrative=True)


def test_exceptions_only_forces_no_page_break_and_sets_no_words_below_eight_and_a_half_points(busy):
    body = word.render(replace(busy, blocks=(NewPage(), *busy.blocks)))
    assert "pageBreakBefore" not in xml_of(body)
    sizes = re.findall(r'<w:sz w:val="(\d+)"', xml_of(body))
    sizes += [str(style.font.size.pt * 2) for style in opened(body).styles if used_in(style, body) and style.font.size]
    assert min(map(float, sizes)) >= 17


def used_in(style, body: bytes) -> bool:
    return f'<w:pStyle w:val="{style.style_id}"/>' in xml_of(body)


def test_exceptions_only_keeps_headings_that_repeat_and_captions_that_can_be_heard(busy):
    tables = [table for table in opened(word.render(busy)).tables if table.style.name == "Tracker table"]
    assert len(tables) == 2
    for table in tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))


def test_small_figures_stand_four_in_a_row_and_are_read_in_their_order(busy):
    document = opened(word.render(busy))
    [grid] = [table for table in document.tables if table.style.name != "Tracker table"]
    [block] = [each for each in busy.blocks if isinstance(each, KpiGrid)]
    assert [len(row.cells) for row in grid.rows] == [4, 4]
    assert grid._tbl.tblPr.find(qn("w:tblLook")).get(qn("w:firstRow")) == "0"
    for cell, kpi in zip((cell for row in grid.rows for cell in row.cells), block.kpis, strict=True):
        title, figure, status = cell.paragraphs[:3]
        assert title.style.name == "Heading 2"
        assert "".join(t.text for t in title._p.iter(qn("w:t"))) == kpi.title
        assert figure.text == f"{kpi.figure}  {kpi.period}"
        assert status.text.startswith(f"{kpi.status} · ")
        drawn = [each.get("descr") for each in cell._tc.iter() if each.tag.endswith("}docPr")]
        assert drawn == [kpi.chart.sentence] * kpi.chart.is_line
    assert sum(kpi.chart.is_line for kpi in block.kpis) == 7


@pytest.mark.parametrize(("number", "rows"), [(1, 1), (4, 1), (5, 2)])
def test_a_row_of_small_figures_that_is_not_full_ends_in_empty_cells(busy, number, rows):
    [block] = [each for each in busy.blocks if isinstance(each, KpiGrid)]
    body = word.render(replace(busy, blocks=(Heading("KPIs"), KpiGrid(block.kpis[:number]))))
    [grid] = opened(body).tables
    assert [len(row.cells) for row in grid.rows] == [4] * rows
    assert sum(bool(cell.text) for row in grid.rows for cell in row.cells) == number


def test_each_side_of_exceptions_only_says_that_updates_are_illustrative(busy):
    document = opened(word.render(busy))
    assert "Illustrative updates are shown" in document.sections[0].header.paragraphs[0].text
    assert [p.text for p in document.paragraphs if p.style.name == "Notice"] == [busy.notice]


def test_a_status_keeps_to_one_line_however_much_is_said_beside_it():
    said = Table(
        "T", (Column("Action"), Column("Lead reports"), Column("Because")),
        ((Cell("It is slow, and here is why. " * 20), Cell(status="?"), Cell("Overdue 26 days", is_strong=True)),),
    )  # fmt: skip
    [table] = opened(word.render(replace(paper_by_hand(said), kind="exceptions"))).tables
    assert table.columns[1].width.pt > 65
    assert table.columns[0].width.pt > 300


# Risks


def risk_picture() -> RiskPicture:
    href = "https://tracker.example/northvale/risks/?likelihood={}&impact={}"
    counts = {(4, 4): 1, (3, 4): 2}
    matrix = tuple(
        tuple(
            RiskCell(down, across, counts.get((down, across), 0), href.format(down, across)) for across in range(1, 6)
        )
        for down in range(5, 0, -1)
    )
    return RiskPicture("Three risks are open: one very high, two high.", matrix)


def test_the_register_is_a_table_of_six_by_six_that_says_level_score_and_count():
    document = opened(word.render(paper_by_hand(Heading("Risks"), risk_picture())))
    [table] = document.tables
    said = [[linked(cell) for cell in row.cells] for row in table.rows]
    assert [len(row) for row in said] == [6] * 6
    assert said[0][1:] == ["1 Very small", "2 Small", "3 Moderate", "4 Large", "5 Very large"]
    assert [row[0] for row in said[1:]] == ["5 Almost certain", "4 Likely", "3 Possible", "2 Unlikely", "1 Rare"]
    assert said[2] == ["4 Likely", "L 4", "M 8", "H 12", "V 16 1 risk", "V 20"]
    assert said[3][4] == "H 12 2 risks"
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) == "Open risks by likelihood and impact"


def linked(cell) -> str:
    """The words of a cell with those of its links."""
    return " ".join("".join(t.text for t in p._p.iter(qn("w:t"))) for p in cell.paragraphs).strip()


def test_each_count_of_the_register_leads_to_its_risks():
    document = opened(word.render(paper_by_hand(Heading("Risks"), risk_picture())))
    links = [document.part.rels[each.get(qn("r:id"))].target_ref for each in document.element.iter(qn("w:hyperlink"))
             if each.get(qn("r:id"))]  # fmt: skip
    assert links == [
        "https://tracker.example/northvale/risks/?likelihood=4&impact=4",
        "https://tracker.example/northvale/risks/?likelihood=3&impact=4",
    ]


# As LibreOffice lays it out


@needs_libreoffice
def test_libreoffice_opens_it(full, tmp_path):
    assert laid_out(full, tmp_path).startswith(b"%PDF")


@needs_libreoffice
def test_exceptions_only_of_a_busy_plan_takes_two_sides(busy, tmp_path):
    assert len(pikepdf.open(io.BytesIO(laid_out(word.render(busy), tmp_path))).pages) == 2


def laid_out(body: bytes, folder) -> bytes:
    (folder / "paper.docx").write_bytes(body)
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/office", "--headless", "--convert-to", "pdf", "--outdir",
         str(folder), str(folder / "paper.docx")], check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return (folder / "paper.pdf").read_bytes()
