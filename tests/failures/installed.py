"""Something to do for several people at once, in an installation of its own: `fill` is run in a process that can reach it."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.replicas.servers import Postgres, Visitor, Web

FILL = "from tests.failures.installed import fill\nfill()\n"
MARK = "AT WORK "
PEOPLE = 5
LONG_AGO, ENDED_SESSION = datetime(2018, 1, 1, tzinfo=UTC), "a-session-that-has-ended"


@dataclass(frozen=True)
class Reporter:
    """A lead with one action of their own."""

    session: str
    action: int
    page: str
    update: str


@dataclass(frozen=True)
class AtWork:
    reporters: list[Reporter]
    officer: str  # their session
    plan: str  # the address of a rehearsed plan
    papers: str
    actions: str


@dataclass(frozen=True)
class Installed:
    server: Postgres
    web: Web
    at_work: AtWork

    def visitor(self, session: str, **more) -> Visitor:
        return Visitor(session=session, **more)


def fill() -> None:
    """Prints what `told` reads."""
    from board.plan_import import bringing_in
    from tests.world import a_plan_that_waits, build_world
    from workstrands.models import PlanFile

    world = build_world()
    waiting = PlanFile.objects.get(pk=a_plan_that_waits(world.area, world.strategy).pk)
    waiting.made_at = timezone.now()  # or a night's `retain`, which is played here too, would take it away
    waiting.save()
    bringing_in.choose(waiting, people={})
    _something_old()
    found = AtWork(
        reporters=[_reporter(world, number) for number in range(1, PEOPLE + 1)],
        officer=_session_of(world.people["officer"]),
        plan=reverse("board:plan-import-one", args=[world.area.slug, waiting.key]),
        papers=reverse("board:meeting-papers", args=[world.area.slug, "2026-03-18"]),
        actions=world.address("board:actions"),
    )
    print(MARK + json.dumps(asdict(found)))  # noqa: T201 - the other process reads it


def told(printed: str) -> AtWork:
    line = next(line for line in printed.splitlines() if line.startswith(MARK))
    found = json.loads(line.removeprefix(MARK))
    return AtWork(**found | {"reporters": [Reporter(**each) for each in found["reporters"]]})


def _reporter(world, number: int) -> Reporter:
    from people.models import Lead, Membership, User
    from tests.world import at
    from workstrands.models import Action, Deadline, Placement

    user = User.objects.create(email=f"lead{number}@example.test")
    Membership.objects.create(user=user, area=world.area, role=Membership.Role.LEAD)
    lead = Lead.objects.create(area=world.area, name=f"Lead {number}", user=user)
    action = Action.objects.create(
        area=world.area, strategy=world.strategy, key=f"r-{number}", ref=f"4.{number}", title=f"Number {number}",
        position=number,
    )  # fmt: skip
    Placement.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), priority=world.priority, lead=lead)
    Deadline.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), due_on=date(2030, 6, 30))
    page, update = (
        reverse(name, args=[world.area.slug, action.key]) for name in ("board:action", "workstrands:update")
    )
    return Reporter(session=_session_of(user), action=action.pk, page=page, update=update)


def _something_old() -> None:
    """What has been kept long enough."""
    from django.contrib.sessions.models import Session

    from people.models import AuditEntry

    AuditEntry.objects.create(at=LONG_AGO - timedelta(days=1), kind="export", ip_address="2001:db8::1")
    Session.objects.create(session_key=ENDED_SESSION, session_data="", expire_date=LONG_AGO)


def _session_of(user) -> str:
    """Signed in without the seconds that a password takes."""
    from tests.world import BACKEND

    browser = Client()
    browser.force_login(user, backend=BACKEND)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value
