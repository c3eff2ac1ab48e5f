"""The paper's actions as a file of rows."""

import csv
import io

import pytest

from board.papers import rows
from tests.board.papers.a_plan import FORMULA, HOSTILE, build_plan, hostile_table, paper_by_hand, paper_of, report_of


@pytest.fixture
def report(db):
    return report_of(build_plan())


def read(body: bytes) -> tuple[dict, list[dict]]:
    """(what it says of itself, its rows)."""
    lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    gap = lines.index([])
    heads, *found = lines[gap + 1 :]
    return dict(lines[:gap]), [dict(zip(heads, row, strict=True)) for row in found]


def test_it_says_what_it_is_above_its_rows(report):
    said, _ = read(rows.render(*paper_of(report)))
    assert said["Area"] == "Northvale"
    assert said["As at"] == "15 July 2026"
    assert said["Made by"] == "officer@example.test"
    assert said["Address"].startswith("https://tracker.example/northvale/send-strategy/?as_at=2026-07-15")
    assert "made up" in said["Illustrative data"]


def test_the_full_paper_has_every_action_and_that_of_exceptions_those_it_shows(report):
    _, found = read(rows.render(*paper_of(report)))
    assert [row["Ref"] for row in found] == [standing.ref for standing in report.standings]
    _, found = read(rows.render(*paper_of(report, "exceptions")))
    assert {row["Ref"] for row in found} == {each.standing.ref for each in report.exceptions}


def test_statuses_dates_and_addresses_are_those_of_the_report(report):
    _, found = read(rows.render(*paper_of(report)))
    for row, standing in zip(found, report.standings, strict=True):
        assert (row["Lead reports"], row["Dates and data say"]) == (standing.shown_reported, standing.assessed)
        assert row["Due (agreed)"] == standing.due_on.isoformat()
        assert row["Address"] == f"https://tracker.example/northvale/actions/{standing.key}/?as_at=2026-07-15"


def test_text_that_a_spreadsheet_could_take_for_a_formula_is_harmless(report):
    _, found = read(rows.render(*paper_of(report)))
    titles = [row["Action"] for row in found]
    assert f"'{FORMULA}" in titles
    assert not [title for title in titles if title.startswith(("=", "+", "-", "@", "\t"))]
    assert max(map(len, titles)) >= max(map(len, HOSTILE)) - 1


def test_without_a_report_the_tables_stand_as_they_are():
    text = rows.render(paper_by_hand(hostile_table())).decode("utf-8-sig")
    assert "Words that try to do harm" in text
    assert "R Off track" in text
    assert "\x00" not in text
