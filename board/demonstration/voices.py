"""Made-up risks with their scores, what families say, and what two owners say, on the plan that runs or ended last."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from board.demonstration.calendar import Window
from board.models import Risk
from board.risk_keeping import raise_risk, score_risk
from board.vocabulary import Felt
from board.voices import assess_priority, say_for_families
from common.dates import noon
from kpis.models import Kpi
from people.models import User
from priorities.models import Priority
from strategies.models import Strategy
from workstrands.models import Action
from workstrands.status import EscalateTo, Status

BODY = "Parent carer forum (illustrative)"
# When, in hundredths of the time played, what is said falls.
EARLY, MIDDLE, LATE = 6, 55, 97


@dataclass(frozen=True)
class PlannedRisk:
    """`scores`: (when in hundredths, likelihood, impact, why), the first when it is raised."""

    title: str
    cause: str
    event: str
    effect: str
    mitigation: str
    owner: str
    scores: tuple[tuple[int, int, int, str], ...]
    target: tuple[int, int]
    words: tuple[str, ...]  # of the priorities and actions that it is tied to
    figure: str = ""
    escalated_to: str = ""
    kind: str = Risk.Kind.RISK
    is_review_overdue: bool = False


RISKS = [
    PlannedRisk(
        "Too few educational psychologists",
        "Posts stay empty and agencies are short.",
        "Advice for EHC needs assessments comes late.",
        "Children wait longer for a plan, and families are told less.",
        "A bursary for trainees; two posts shared with the neighbouring area.",
        "principal-educational-psychologist",
        (
            (EARLY, 3, 4, "Two posts are empty."),
            (MIDDLE, 3, 4, "One post is filled, another has fallen empty."),
            (LATE, 4, 4, "The agency can send nobody before the spring."),
        ),
        (2, 4), ("assess", "plans"), figure="advice-from-health-in-6-weeks", escalated_to=EscalateTo.BOARD,
    ),
    PlannedRisk(
        "Waits for autism and ADHD assessments grow",
        "More children are referred each term than can be seen.",
        "The list grows whatever is done about it.",
        "Families wait for years without help.",
        "Help while waiting, in every family hub; evening clinics.",
        "head-of-neurodevelopmental-services",
        (
            (EARLY, 5, 4, "Referrals have doubled in two years."),
            (MIDDLE, 4, 4, "Evening clinics have begun."),
            (LATE, 3, 4, "The list has stopped growing."),
        ),
        (2, 3), ("autism", "adhd", "wait"), figure="waiting-over-52-weeks", escalated_to=EscalateTo.SRO,
    ),
    PlannedRisk(
        "Money for short projects ends",
        "Several posts are paid from grants that end in the spring.",
        "Work stops before it shows an effect.",
        "What families were promised is taken away again.",
        "A paper on what to keep, to the joint commissioning group.",
        "joint-commissioning-manager",
        ((EARLY, 3, 3, "Grants run for a year more."), (MIDDLE, 3, 4, "No word on the next grants.")),
        (2, 3), ("commission", "services", "support"), is_review_overdue=True,
    ),
    PlannedRisk(
        "Families do not hear what has changed",
        "News is spread over many pages and letters.",
        "Families do not know what they can ask for.",
        "Help that is there is not used, and trust is lost.",
        "One page in plain words, and a note through schools each term.",
        "engagement-lead",
        ((MIDDLE, 3, 2, "Said by the forum at two meetings."),),
        (1, 2), ("information", "communicat", "local offer", "voice"), kind=Risk.Kind.ISSUE,
    ),
]  # fmt: skip

FELT_OF_PRIORITIES = [
    (Felt.PARTLY, "The people we meet are kind and try hard. We still tell our story again at every new door.",
     "Asked at two open meetings of the forum; the words were agreed there."),
    (Felt.YES, "We are asked earlier than before, and told what came of it.", "Written together with the engagement lead."),
    (Felt.NOT_YET, "Training is talked of. In the classroom we do not feel a difference.", ""),
]  # fmt: skip
FELT_OF_ACTIONS = [
    (Felt.NOT_YET, "We have read about this and not seen it.", "Asked in the forum’s survey."),
    (Felt.DO_NOT_KNOW, "Most of us had not heard of it.", ""),
]

OWNERS_VIEWS = [
    (Status.AT_RISK, "More of the work is late than the headline shows: two teams wait for the same few people.",
     "We share those people out anew each month.", "What was promised for the summer comes a term later."),
    (Status.ON_TRACK, "The pieces are in place, and families on the group say that it goes the right way.", "", ""),
]  # fmt: skip


def play(plan: Strategy, window: Window, *, officer: User, families: User, leads: dict) -> None:
    """All of it, dated within the window, through the writes that people use."""
    priorities, actions = list(plan.priorities.order_by("position", "pk")), _played(plan)
    kpis = {kpi.indicator.code: kpi for kpi in _figures(plan)}
    for planned in RISKS:
        _raise(planned, plan, window, officer, leads.get(planned.owner), priorities, actions, kpis)
    said = [*zip(priorities, FELT_OF_PRIORITIES, strict=False), *zip(actions[::7], FELT_OF_ACTIONS, strict=False)]
    for place, (about, (felt, words, how)) in enumerate(said):
        day = day_at(window, MIDDLE + 6 * place)
        say_for_families(
            about,
            felt=felt,
            words=words,
            body=BODY,
            said_on=day,
            coproduced=how,
            by=families,
            at=noon(day),
            names_nobody=True,
        )
    _owners(priorities, window, officer)


def day_at(window: Window, hundredths: int) -> date:
    return window.first_on + timedelta(days=(window.last_on - window.first_on).days * min(hundredths, 100) // 100)


def _raise(planned: PlannedRisk, plan, window, officer, owner, priorities, actions, kpis) -> None:
    (when, likelihood, impact, reason), *later = planned.scores
    raised_on = day_at(window, when)
    review_on = day_at(window, 95) if planned.is_review_overdue else window.last_on + timedelta(days=30)
    risk = raise_risk(
        plan, by=officer, at=noon(raised_on), likelihood=likelihood, impact=impact, reason=reason, kind=planned.kind,
        title=planned.title, cause=planned.cause, event=planned.event, effect=planned.effect, mitigation=planned.mitigation,
        owner=owner, target_likelihood=planned.target[0], target_impact=planned.target[1], review_on=review_on,
        escalated_to=planned.escalated_to, priorities=about(planned.words, priorities)[:1],
        actions=about(planned.words, actions)[:2], kpis=[kpi for code, kpi in kpis.items() if code.endswith(planned.figure or "–")],
    )  # fmt: skip
    by = owner.user if owner and owner.user else officer
    for when, likelihood, impact, reason in later:
        score_risk(
            risk,
            likelihood=likelihood,
            impact=impact,
            reason=reason,
            by=by,
            at=noon(day_at(window, when)),
            seen_number=None,
        )


def about(words: Iterable[str], records: Sequence) -> list:
    """Those whose title holds one of the words, in their order."""
    return [record for record in records if any(word in record.title.lower() for word in words)]


def _played(plan: Strategy) -> list[Action]:
    given = plan.actions.filter(placements__lead__is_illustrative=True, retired_at=None)
    return list(given.distinct().order_by("position", "pk"))


def _figures(plan: Strategy) -> list[Kpi]:
    return list(Kpi.objects.filter(area=plan.area_id, is_illustrative=True).select_related("indicator"))


def _owners(priorities: list[Priority], window: Window, officer: User) -> None:
    """Of priorities that no real person owns; in the open round where the day falls into one."""
    free = [priority for priority in priorities if not priority.sros.filter(is_illustrative=False).exists()]
    for priority, (status, reason, mitigation, consequence) in zip(free, OWNERS_VIEWS, strict=False):
        at = noon(day_at(window, LATE))
        assess_priority(
            priority, status=status, reason=reason, mitigation=mitigation, consequence=consequence, by=officer, at=at,
            seen_number=None,
        )  # fmt: skip
