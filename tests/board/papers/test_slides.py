"""The paper as slides: one message each, nothing beyond the edge, charts that can be edited."""

import io
import shutil
import subprocess
import zipfile
from xml.etree import ElementTree

import pytest
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.util import Pt

from board.papers import slides
from board.papers.blocks import Bullets, Cell, Column, Heading, Paragraph, RiskPicture, Span, Table
from board.papers.fitting import LINE_HEIGHT, lines
from tests.board.papers.a_plan import LONG, build_plan, hostile_table, paper_by_hand, paper_of, report_of


def opened(body: bytes):
    return Presentation(io.BytesIO(body))


@pytest.fixture
def report(db):
    return report_of(build_plan())


@pytest.fixture
def full(report):
    return opened(slides.render(*paper_of(report)))


def titles(show) -> list[str]:
    return [slide.shapes.title.text for slide in show.slides]


def words_of(slide) -> str:
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def charts_of(show) -> list:
    return [shape for slide in show.slides for shape in slide.shapes if shape.has_chart]


def chart_about(show, words: str):
    """The first whose description says it."""
    return next(c.chart for c in charts_of(show) if words in c._element.nvGraphicFramePr.cNvPr.get("descr"))


def test_slides_are_wide_and_each_has_a_title_in_its_own_place(full):
    assert (full.slide_width, full.slide_height) == (960 * 12_700, 540 * 12_700)
    for slide in full.slides:
        assert slide.shapes.title.text.strip()
        assert slide.shapes[0].shape_id == slide.shapes.title.shape_id  # read first


def test_the_sentence_that_is_read_out_is_the_title_of_its_slide(full, report):
    assert report.sentences[0].text.strip() in titles(full)


def test_nothing_stands_beyond_the_edge_of_a_slide(full):
    for slide in full.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= full.slide_width, words_of(slide)
            assert shape.top + shape.height <= full.slide_height, words_of(slide)


def test_tables_end_above_the_foot_however_long_their_words_are():
    show = opened(slides.render(paper_by_hand(Heading("Harm"), hostile_table())))
    tables = [shape for slide in show.slides for shape in slide.shapes if shape.has_table]
    assert len(tables) > 1
    for shape in tables:
        assert shape.top + sum(row.height for row in shape.table.rows) <= 492 * 12_700
        for row in list(shape.table.rows)[1:]:
            for cell, column in zip(row.cells, shape.table.columns, strict=True):
                assert lines(cell.text_frame.text, 10, column.width.pt - 10) * 10 < 400


def test_a_long_table_goes_on_over_slides_with_its_headings_and_loses_no_row():
    rows = tuple((Cell(f"1.{number} Do thing"), Cell(status="G")) for number in range(90))
    show = opened(
        slides.render(paper_by_hand(Heading("All"), Table("All", (Column("Action", 3), Column("Status")), rows)))
    )
    tables = [shape.table for slide in show.slides for shape in slide.shapes if shape.has_table]
    assert len(tables) > 2
    assert {table.cell(0, 0).text for table in tables} == {"Action"}
    found = [table.cell(at, 0).text for table in tables for at in range(1, len(table.rows))]
    assert found == [row[0].text for row in rows]
    assert titles(show)[-1] == f"All: 90 on track ({len(tables)} of {len(tables)})"


def test_what_is_too_long_for_a_slide_stands_whole_in_its_notes():
    show = opened(slides.render(paper_by_hand(Heading("Long"), Bullets(((Span(LONG),), (Span("Short"),))))))
    slide = show.slides[1]
    assert len(words_of(slide)) < 2_000
    assert LONG.strip() in slide.notes_slide.notes_text_frame.text


def test_charts_are_native_described_and_carry_their_figures(full):
    charts = charts_of(full)
    assert charts
    for shape in charts:
        assert shape._element.nvGraphicFramePr.cNvPr.get("descr")
        assert shape.chart.part.chart_workbook.xlsx_part.blob.startswith(b"PK")
    waiting = chart_about(full, "Children waiting")
    names = [series.name for series in waiting.plots[0].series]
    assert names == ["Figure", "Target", "Mean", "Upper limit", "Lower limit"]


def test_a_chart_leaves_a_gap_where_a_period_has_no_figure(full, report):
    kpi = next(kpi for kpi in report.kpis if kpi.code == "waiting-list")
    series = chart_about(full, "Children waiting").plots[0].series[0]
    assert list(series.values) == [point.value for point in kpi.chart.points]
    assert None in series.values


def test_segments_say_their_letter_so_that_grey_says_it_too(full):
    stacked = [
        c.chart for c in charts_of(full) if c.chart.chart_type is not None and "STACKED" in c.chart.chart_type.name
    ]
    assert stacked
    for chart in stacked:
        for series in chart.plots[0].series:
            assert series.name in "RAGN?BEHS"
            assert series.data_labels.show_value
            assert series.data_labels.show_series_name


def test_every_slide_has_its_number_and_says_that_data_is_made_up(full):
    for slide in list(full.slides)[1:]:
        kinds = {shape.placeholder_format.type for shape in slide.placeholders}
        assert {PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.FOOTER} <= kinds
        assert "made up" in words_of(slide)
        assert "as at 15 July 2026" in words_of(slide)
    assert "made up" in words_of(full.slides[0])


def test_the_title_is_read_out_first_and_the_foot_last(full):
    for slide in list(full.slides)[1:]:
        names = [shape.name for shape in slide.shapes]
        assert names[0] == slide.shapes.title.name
        assert names[-2:] == ["Foot", "Slide number"]


def test_no_place_is_left_empty(full):
    for slide in full.slides:
        for shape in slide.placeholders:
            assert shape.text_frame.text.strip()


def test_the_risk_picture_is_a_table_whose_cells_say_letter_score_and_count(report):
    paper, _ = paper_of(report)
    show = opened(slides.render(paper, report))
    [block] = [block for block in paper.blocks if isinstance(block, RiskPicture)]
    [slide] = [slide for slide in show.slides if slide.shapes.title.text == block.sentence]
    [table] = [shape.table for shape in slide.shapes if shape.has_table]
    assert [cell.text for cell in table.rows[0].cells][1:3] == ["1 Very small", "2 Small"]
    for row, cells in zip(list(table.rows)[1:], block.matrix, strict=True):
        for shown, cell in zip(list(row.cells)[1:], cells, strict=True):
            count = [str(cell.count)] if cell.count else []
            assert shown.text.split() == [cell.level.value, str(cell.score), *count]
    [counted] = [cell for row in block.matrix for cell in row if cell.count]
    assert (counted.likelihood, counted.impact, counted.count) == (4, 5, 1)
    assert counted.href in slide.notes_slide.notes_text_frame.text


@pytest.mark.parametrize("letters", [60, 130, 165])
def test_a_title_ends_above_what_follows_it(letters):
    words = ("Waiting for municipal words " * 9)[:letters].strip()
    show = opened(slides.render(paper_by_hand(Heading(words), Table("All", (Column("Action"),), ((Cell("One"),),)))))
    title = show.slides[1].shapes.title
    points = (title.text_frame.paragraphs[0].runs[0].font.size or Pt(24)).pt
    assert lines(title.text_frame.text, points * 1.07, 880) * points * LINE_HEIGHT <= 66


def test_notes_give_the_addresses(full):
    notes = "\n".join(s.notes_slide.notes_text_frame.text for s in full.slides if s.has_notes_slide)
    assert "https://tracker.example/northvale/actions/a-2/?as_at=2026-07-15" in notes


def test_words_that_try_to_do_harm_stay_words():
    said = Paragraph((Span('</a:t><script>"&'), Span("link", 'https://t.example/?a="<>&')))
    body = slides.render(paper_by_hand(Heading("H"), said, hostile_table(), title="null\x00\ud800 </p:sp>"))
    package = zipfile.ZipFile(io.BytesIO(body))
    for name in package.namelist():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(package.read(name))
    assert titles(opened(body))[0] == "null </p:sp>"


def test_an_empty_paper_is_one_slide_and_an_empty_table_says_so():
    assert len(opened(slides.render(paper_by_hand())).slides) == 1
    empty = Table("Asks", (Column("Ask"),), (), "Nothing is asked of the Board.")
    show = opened(slides.render(paper_by_hand(Heading("Asked of the Board"), empty)))
    assert "Nothing is asked of the Board." in words_of(show.slides[1])


def test_names_of_shapes_are_used_once_on_a_slide(full):
    for slide in full.slides:
        ids = [shape.shape_id for shape in slide.shapes]
        assert len(ids) == len(set(ids))


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it(report, tmp_path):
    (tmp_path / "paper.pptx").write_bytes(slides.render(*paper_of(report)))
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", "pdf", "--outdir",
         str(tmp_path), str(tmp_path / "paper.pptx")], check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF")
