"""Papers of the small world, as tests order them."""

from datetime import date, datetime

from board.papers.making import Order, make_paper
from board.papers.reading import scopes_of
from common.dates import end_of_day
from strategies.models import Strategy
from tests.world import World, at
from workstrands.models import Action, Deadline, Placement, ProgressUpdate

ADDRESS = "https://tracker.example"
JULY = date(2026, 7, 15)


def order(world: World, day: date = JULY, *, scope: str = "", **more) -> Order:
    strategy = Strategy.objects.select_related("area", "source").get(pk=world.strategy.pk)
    chosen = next(each for each in scopes_of(strategy)[strategy.pk] if each.value == scope)
    said = {"address": ADDRESS, "made_by": "officer@example.test", "made_at": at(2026, 7, 16), **more}
    return Order(strategy=strategy, moment=end_of_day(day), scope=chosen, **said)


def paper(world: World, day: date = JULY, **more):
    return make_paper(order(world, day, **more))[0]


def another_action(world: World, number: int, *, title: str = "", status: str = "", **said) -> Action:
    action = Action.objects.create(
        area=world.area, strategy=world.strategy, key=f"a-{number}", ref=f"1.{number}", title=title or f"Action {number}",
        position=number,
    )  # fmt: skip
    Placement.objects.create(
        action=action, number=1, recorded_at=at(2026, 1, 1), priority=world.priority, lead=world.lead
    )
    Deadline.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), due_on=date(2026, 12, 31))
    if status:
        say(world, action, status, at(2026, 3, 1), **said)
    return action


def say(world: World, action: Action, status: str, when: datetime, *, number: int = 1, **more) -> ProgressUpdate:
    said = {"next_steps": "Go on.", "author": world.people["lead"], **more}
    return ProgressUpdate.objects.create(
        action=action, area=world.area, number=number, recorded_at=when, status=status, **said
    )
