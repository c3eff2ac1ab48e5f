"""A workbook of the lead's actions in March 2026, and hands to fill it in."""

import io

import openpyxl
import pytest

from board.round_trip.columns import ACTIONS, HEAD_ROW, NUMBERS
from board.round_trip.making import make_workbook
from board.round_trip.sending import send
from tests.world import at, build_world
from workstrands.models import Action, Placement, ProgressUpdate

NOW = at(2026, 3, 10)
LATER = at(2026, 3, 12)
MEANWHILE = at(2026, 3, 11)
OFF_TRACK = {
    "status": "R Off track", "narrative": "The post is empty.", "cause": "Workforce", "next_steps": "It is advertised again.",
    "escalate_to": "The Board", "ask": "Pay for the post.", "needed_by": "30/4/2026",
}  # fmt: skip


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    return build_world()


def another_action(world, number: int, *, status="G", lead=None) -> Action:
    action = Action.objects.create(
        area=world.area, strategy=world.strategy, key=f"more-{number}", ref=f"3.{number}", title=f"More {number}", position=number + 1,
    )  # fmt: skip
    placed = {"action": action, "number": 1, "recorded_at": at(2026, 1, 1), "priority": world.priority}
    Placement.objects.create(**placed, lead=lead or world.lead)
    said = {"cause": "data", "next_steps": "x"} if status in "RA" else {}
    said |= {"authority": "Decision 1"} if status in "HS" else {}
    if status != "?":
        ProgressUpdate.objects.create(
            action=action, area=world.area, number=1, recorded_at=at(2026, 2, 10), status=status, **said
        )
    return action


def sent(world, part=None, *, moment=NOW) -> bytes:
    return make_workbook(send(part or world.lead, area=world.area, by=world.people["lead"], at=moment))


def book_of(content: bytes):
    return openpyxl.load_workbook(io.BytesIO(content))


def saved(book) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def row_of(sheet, ref: str) -> int:
    return next(row for row in range(HEAD_ROW + 1, sheet.max_row + 1) if sheet.cell(row, NUMBERS["ref"]).value == ref)


def filled(content: bytes, rows: dict[str, dict]) -> bytes:
    """What a lead writes: {reference: {column: value}}."""
    book = book_of(content)
    sheet = book[ACTIONS]
    for ref, values in rows.items():
        row = row_of(sheet, ref)
        for name, value in values.items():
            sheet.cell(row, NUMBERS[name]).value = value
    return saved(book)


def say(action: Action, *, status="A", narrative="Somebody else looked into it.", moment=MEANWHILE, number=2):
    return ProgressUpdate.objects.create(
        action=action, area=action.area, number=number, recorded_at=moment, status=status, narrative=narrative,
        cause="data", next_steps="Ask again.",
    )  # fmt: skip
