"""The papers as one HTML file."""

import html
import re
from itertools import pairwise

import pytest

from board.papers import page
from board.papers.blocks import RiskPicture, Table
from tests.board.papers.orders import another_action, paper
from tests.board.papers.what_is_said import another_risk, say_everything
from tests.world import build_world


@pytest.fixture
def world(db):
    return build_world()


def test_the_file_needs_nothing_beside_itself(world):
    made = page.render(paper(world)).decode()
    assert made.startswith("<!DOCTYPE html>")
    assert '<html lang="en-GB">' in made
    assert not re.search(r"<script|<link|<img|url\(|@import| style=", made)


def test_it_says_every_cell_of_every_table(world):
    another_action(world, 2, status="R", narrative="The post is empty & nobody applied.")
    say_everything(world)
    another_risk(world, "R1", (4, 4))
    made = paper(world)
    said = html.unescape(page.render(made).decode())
    for table in (block for block in made.blocks if isinstance(block, Table)):
        for cell in (cell for row in table.rows for cell in row):
            assert cell.text in said
            assert all(line in said for line in cell.reason.split("\n"))


def test_what_people_wrote_is_text(world):
    another_action(world, 2, title='<script>alert(1)</script> "quoted" & <b>bold</b>', status="R")
    made = page.render(paper(world)).decode()
    assert "<script" not in made
    assert "<b>" not in made
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in made


def test_the_risk_picture_stands_with_a_table_of_the_same_numbers(world):
    for ref in ("R1", "R2"):
        another_risk(world, ref, (4, 5))
    made = paper(world)
    [block] = [block for block in made.blocks if isinstance(block, RiskPicture)]
    said = page.render(made).decode()
    assert "<svg" in said.partition("Risks and issues</h2>")[2].partition("<table>")[0]
    table = said.partition("Number of open risks by likelihood")[2].partition("</table>")[0]
    counts = re.findall(r'<td class="number">(?:<a [^>]*>)?(\d+)', table)
    assert counts == [str(cell.count) for row in block.matrix for cell in row]
    assert counts.count("2") == 1
    assert "4 Likely" in table


def test_headings_come_in_order(world):
    levels = [int(level) for level in re.findall(r"<h([1-6])>", page.render(paper(world)).decode())]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_same_papers_are_the_same_file(world):
    assert page.render(paper(world)) == page.render(paper(world))
