"""From a file to its rehearsal and confirmation, as the browser and the command do it."""

from datetime import date

from board.plan_import import bringing_in
from tests.world import at

NOW = at(2026, 9, 1)
NEW_PLAN = {
    "title": "SEND improvement plan",
    "kind": "improvement_plan",
    "starts_on": "2026-03-01",
    "ends_on": "2029-12-31",
}


def received(content: bytes, world, *, name: str = "plan.xlsx", by=None, **chosen):
    made = bringing_in.receive(content, file_name=name, area=world.area, by=by, at=NOW)
    bringing_in.choose(made, **{"target": NEW_PLAN, **chosen})
    return made


def worked_out(content: bytes, world, **more):
    return bringing_in.work_out(received(content, world, **more), by=None, at=NOW)


def brought_in(content: bytes, world, *, without_unread: bool = True, now=NOW, **more):
    made = received(content, world, **more)
    seen = bringing_in.rehearse(made, by=more.get("by"), at=now).digest
    return bringing_in.confirm(made, seen=seen, by=more.get("by"), at=now, without_unread=without_unread)


def due_days(strategy) -> dict[str, date]:
    """The agreed day of each action, by its wording."""
    return {each.title: each.deadlines.last().due_on for each in strategy.actions.all() if each.deadlines.exists()}
