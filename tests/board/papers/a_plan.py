"""A plan with enough in it for a paper: every status, flags, asks, figures of each kind, and words that try to do harm."""

from datetime import UTC, date, datetime
from decimal import Decimal

from board.models import Decision, Risk, RiskScore
from board.papers.blocks import Cell, Column, Paper, Table
from board.papers.contents import contents_of
from board.papers.reading import WHOLE, gather, narrowed
from board.report import BoardReport, make_report
from common.dates import end_of_day, last_day_of_month
from kpis.models import Indicator, Kpi, Measurement, Target
from strategies.models import Meeting, Strategy
from tests.world import World, at, build_world
from workstrands.models import Action, Deadline, Placement, ProgressUpdate

DAY = date(2026, 7, 15)
FORMULA = '=HYPERLINK("https://evil.example","Press here")'
TAGS = "<w:p/></w:t>&lt; ]]> {{ area }} %s"
CONTROL = "before\x0b\x1f\x7fafter"
EMOJI = "Families said 👩‍👧‍👦 “yes” – naïve Ω"
LONG = "A very long account of how it is going. " * 750  # 30,000 letters
HOSTILE = [FORMULA, TAGS, CONTROL, EMOJI, LONG, "+44 20 7946 0000", "@SUM(A1:A9)", "\ttab first", "x" * 400]


def build_plan() -> World:
    world = build_world()
    for number, letter in enumerate("RAGNRAGBGR?", start=2):
        action = another_action(world, number, f"Do thing number {number}")
        if letter != "?":
            say(world, action, letter, ask="Decide who chairs" if number == 2 else "")
    for number, words in enumerate(HOSTILE, start=20):
        say(world, another_action(world, number, words), "A", narrative=words)
    monthly_kpi(world)
    record_business(world)
    return world


def another_action(world: World, number: int, title: str) -> Action:
    action = Action.objects.create(
        area=world.area, strategy=world.strategy, key=f"a-{number}", ref=f"1.{number}", title=title, position=number
    )
    Placement.objects.create(
        action=action, number=1, recorded_at=at(2026, 1, 1), priority=world.priority, lead=world.lead
    )
    Deadline.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), due_on=date(2026, 12, 31))
    return action


def say(world: World, action: Action, letter: str, *, narrative: str = "It goes on.", ask: str = "") -> ProgressUpdate:
    return ProgressUpdate.objects.create(
        action=action, area=world.area, number=1, recorded_at=at(2026, 7, 1), status=letter, narrative=narrative,
        next_steps="Go on.", author=world.people["lead"], ask=ask, escalate_to="board" if ask else "",
        cause="workforce" if letter == "R" else "",
    )  # fmt: skip


def monthly_kpi(world: World) -> Kpi:
    """Twenty figures at a regular interval, one left out: a control chart with a gap."""
    indicator = Indicator.objects.create(
        code="waiting-list", title="Children waiting", unit="count", polarity="lower", frequency="monthly"
    )
    kpi = Kpi.objects.create(area=world.area, indicator=indicator, owner=world.lead, is_headline=True, position=1)
    kpi.priorities.add(world.priority)
    for month in range(20):
        start = date(2024 + (10 + month) // 12, (10 + month) % 12 + 1, 1)
        if month != 7:
            Measurement.objects.create(
                indicator=indicator, area=world.area, number=1, recorded_at=at(2026, 7, 1), period_start=start,
                period_end=last_day_of_month(start), value=Decimal("301.25") + month * 7 % 5,
            )  # fmt: skip
    for number, (end, value) in enumerate(((date(2026, 3, 31), 300), (date(2026, 9, 30), 280)), start=1):
        Target.objects.create(
            kpi=kpi, number=number, recorded_at=at(2026, 1, 15), kind="milestone", period_start=end.replace(day=1),
            period_end=end, value=Decimal(value),
        )  # fmt: skip
    return kpi


def record_business(world: World) -> None:
    meeting = Meeting.objects.get(area=world.area)
    Decision.objects.create(
        meeting=meeting, number=1, recorded_at=at(2026, 3, 18), text="=Agree the later date", action=world.action,
        kind="agree_date", agreed_on=date(2026, 6, 30), owner=world.lead, due_on=date(2026, 5, 1),
    )  # fmt: skip
    Decision.objects.create(meeting=meeting, number=2, recorded_at=at(2026, 8, 1), text="Said after the day")
    risk = Risk.objects.create(
        strategy=world.strategy, ref="K1", title="Posts stay vacant", cause="pay", event="nobody applies", effect="delay",
        raised_on=date(2026, 2, 1), owner=world.lead,
    )  # fmt: skip
    RiskScore.objects.create(risk=risk, number=1, recorded_at=at(2026, 2, 1), likelihood=4, impact=5)


def report_of(world: World, day: date = DAY) -> BoardReport:
    strategy = Strategy.objects.select_related("area").get(pk=world.strategy.pk)
    return make_report(strategy, end_of_day(day))


def paper_of(report: BoardReport, kind: str = "full", *, scope=WHOLE) -> tuple[Paper, BoardReport]:
    report = narrowed(report, scope)
    paper = contents_of(
        report, kind=kind, address="https://tracker.example", made_by="officer@example.test",
        made_at=datetime(2026, 7, 15, 9, tzinfo=UTC), scope=scope, is_illustrative=True,
        gathered=gather(report, scope, is_full=kind == "full"),
    )  # fmt: skip
    return paper, report


def paper_by_hand(*blocks, title: str = "Papers") -> Paper:
    return Paper(
        title=title, area="Northvale", strategy="SEND Strategy", kind="full", as_at=DAY, moment=end_of_day(DAY),
        facts=(("Area", "Northvale"), ("As at", "15 July 2026"), ("Made by", "officer@example.test")), blocks=blocks,
    )  # fmt: skip


def hostile_table() -> Table:
    """Words that no database would hold among them."""
    words = [*HOSTILE, "null\x00byte", "half a pair \ud800"]
    columns = (Column("Action", 3), Column("Status"), Column("Count", 0.5, is_number=True))
    rows = tuple((Cell(text, "https://t.example/?a=1&b=2", reason=text), Cell(status="R"), Cell("7")) for text in words)
    return Table("Words that try to do harm", columns, rows)
