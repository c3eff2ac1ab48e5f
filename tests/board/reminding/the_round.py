"""A round that is open, a lead with an address in it, and what runs and officers do there."""

from datetime import date

from django.core import mail
from django.core.management import call_command

from board.vocabulary import ReminderStage
from strategies.models import Meeting, ReportingRound
from tests.world import BACKEND, at, build_world
from workstrands.models import Action, Deadline, Placement, ProgressUpdate

OPENED, CLOSING, OVERDUE, COPY = ReminderStage
PAGE = "/northvale/meetings/2026-12-09/reminders/"


def world_with_round():
    world = build_world()
    world.lead.email = "head@northvale.example"
    world.lead.save()
    meeting = Meeting.objects.create(area=world.area, held_on=date(2026, 12, 9))
    world.round = ReportingRound.objects.create(
        meeting=meeting, opens_on=date(2026, 11, 4), closes_on=date(2026, 11, 30), opened_at=at(2026, 11, 4, 9)
    )
    return world


def run(today=None, **options) -> list:
    """The letters that a run sends."""
    before = len(mail.outbox)
    call_command("send_reminders", **({"today": date.fromisoformat(today)} if today else {}), **options)
    return mail.outbox[before:]


def another_action(world, number, *, lead=None, said_at=None, status="G") -> Action:
    action = Action.objects.create(
        area=world.area,
        strategy=world.strategy,
        key=f"r-{number}",
        ref=f"4.{number}",
        title=f"Number {number}",
        position=number,
    )
    Placement.objects.create(
        action=action, number=1, recorded_at=at(2026, 1, 1), priority=world.priority, lead=lead or world.lead
    )
    Deadline.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), due_on=date(2027, 6, 30))
    if said_at:
        ProgressUpdate.objects.create(
            action=action, area=world.area, number=1, recorded_at=said_at, status=status, next_steps="x", round=None
        )
    return action


def report(world, action, *, moment, status="G") -> ProgressUpdate:
    latest = action.updates.order_by("-number").first()
    return ProgressUpdate.objects.create(
        action=action, area=world.area, number=latest.number + 1 if latest else 1, recorded_at=moment, status=status,
        author=world.people["lead"], round=world.round,
    )  # fmt: skip


def page(client, world, name="officer", address=PAGE) -> str:
    client.force_login(world.people[name], backend=BACKEND)
    return " ".join(client.get(address).content.decode().split())


def press(client, world, **fields):
    client.force_login(world.people["officer"], backend=BACKEND)
    response = client.post(PAGE, fields, follow=True)
    return " ".join(response.content.decode().split())
