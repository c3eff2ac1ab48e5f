"""What owners, families and leads say of the small world, and its risks: for the tests of papers."""

from datetime import date

from board.models import FamilyView, FlagReply, PriorityAssessment, Risk, RiskScore
from strategies.models import ReportingRound
from tests.world import World, at

ANSWER = "The post was empty until May; visits start in September."


def say_everything(world: World) -> None:
    """Known from 1 July 2026 on; the action is overdue since 30 June."""
    PriorityAssessment.objects.create(
        priority=world.priority, number=1, recorded_at=at(2026, 7, 1), status="A", reason="Two teams share few people.",
        mitigation="We share them out anew.", consequence="The summer's work comes a term late.",
        round=ReportingRound.objects.filter(meeting__area=world.area).first(), recorded_by=world.people["officer"],
    )  # fmt: skip
    view(
        world,
        1,
        priority=world.priority,
        felt="partly",
        words="We still tell our story again.",
        coproduced="In the forum.",
    )
    view(world, 2, action=world.action, felt="not_yet", words="We have not seen it.")
    answer(world)


def view(world: World, number: int, **said) -> FamilyView:
    return FamilyView.objects.create(
        area=world.area, number=number, recorded_at=at(2026, 7, 1), body="Parent carer forum", said_on=date(2026, 6, 20), **said
    )  # fmt: skip


def answer(world: World, text: str = ANSWER, *, flag: str = "overdue") -> FlagReply:
    return FlagReply.objects.create(
        action=world.action, number=1, flag=flag, recorded_at=at(2026, 7, 1), text=text,
        recorded_by=world.people["lead"],
    )  # fmt: skip


def another_risk(world: World, ref: str, *scores: tuple[int, int], title: str = "Money ends") -> Risk:
    """Raised and first scored on 1 February 2026, then on the first of each second month; the Board met on 18 March."""
    risk = Risk.objects.create(
        strategy=world.strategy, ref=ref, title=title, cause="Grants end", event="posts go", effect="Children wait.",
        raised_on=date(2026, 2, 1),
    )  # fmt: skip
    for number, (likelihood, impact) in enumerate(scores, start=1):
        RiskScore.objects.create(
            risk=risk, number=number, recorded_at=at(2026, 2 * number, 1), likelihood=likelihood, impact=impact
        )
    return risk
