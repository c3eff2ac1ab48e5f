"""The paper in Word: its structure is real, so that it can be gone on with and heard."""

import io
import re
import shutil
import subprocess
import zipfile
from itertools import pairwise
from xml.etree import ElementTree

import docx
import pytest
from docx.oxml.ns import qn

from board.papers import word
from board.papers.blocks import Cell, Column, Heading, Key, NewPage, Paragraph, Span, Table
from tests.board.papers.a_plan import build_plan, hostile_table, paper_by_hand, paper_of, report_of


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


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it(full, tmp_path):
    (tmp_path / "paper.docx").write_bytes(full)
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", "pdf", "--outdir",
         str(tmp_path), str(tmp_path / "paper.docx")], check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF")
