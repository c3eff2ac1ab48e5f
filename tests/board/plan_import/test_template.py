"""The empty plan: its headings are recognised, its examples are never brought in, what is filled in comes back."""

import io

import openpyxl
import pytest

from board.plan_import import bringing_in
from board.plan_import.template import make_template
from tests.board.plan_import.files import saved
from tests.board.plan_import.steps import brought_in
from tests.world import BACKEND, build_world

ROWS = [
    {"A": "1.1", "B": "Timely plans", "D": "Plans are on time", "E": "Clear the backlog of advice", "G": "Head of SEND", "K": "31 March 2027"},
    {"E": "Publish the waiting times", "K": "June 2027"},
]  # fmt: skip


@pytest.fixture
def world(db):
    return build_world()


def filled(area, *, first_row: int = 7) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(make_template(area)))
    for number, row in enumerate(ROWS, start=first_row):
        for column, text in row.items():
            book["Action plan"][f"{column}{number}"] = text
    return saved(book)


def test_every_heading_is_recognised_and_the_sheet_that_explains_is_no_table(world):
    shapes = bringing_in.shapes_in(make_template(world.area))
    assert [shape.parts[0].grid.name for shape in shapes] == ["Action plan"]
    assert shapes[0].proposed() == [
        "ref", "priority", "strand", "objective", "action", "milestone", "lead", "email", "partner", "starts", "due",
        "status", "progress", "success", "evidence",
    ]  # fmt: skip


def test_the_filled_template_comes_in_without_its_examples(world):
    brought_in(filled(world.area), world)
    plan = world.area.strategies.get(title="SEND improvement plan")
    assert [action.title for action in plan.actions.order_by("position")] == [
        "Clear the backlog of advice", "Publish the waiting times",
    ]  # fmt: skip
    assert [priority.title for priority in plan.priorities.all()] == ["Timely plans"]


def test_the_empty_template_holds_no_action(world):
    with pytest.raises(bringing_in.NothingToConfirm):
        brought_in(make_template(world.area), world)


def test_the_page_leads_to_the_template(client, world):
    client.force_login(world.people["officer"], backend=BACKEND)
    assert "/northvale/set-up/import/template/" in client.get("/northvale/set-up/import/").text
    response = client.get("/northvale/set-up/import/template/")
    assert response["Content-Disposition"] == 'attachment; filename="action-plan-northvale.xlsx"'
    assert openpyxl.load_workbook(io.BytesIO(response.content)).sheetnames == ["Action plan", "How to fill this in"]
