"""Two further voices beside what leads report and what dates and data say: families, and the senior responsible owners.

Families: whether a priority or an action is felt (yes, partly, not yet, don't know), in whose words, from which body,
when, and how it was co-produced. The latest said stands; the earlier ones stay beside it. Nobody is ever named.
Owners: the status that the owner of a priority gives it, with the reason, what is done about it and what happens if not,
beside the counted headline, round by round. Both are append-only and are read as known at a moment.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from board.identifying import email_problem, name_question
from board.models import FamilyView, PriorityAssessment
from board.vocabulary import Felt
from common.dates import in_words, london_day
from common.text import text_problem, tidy
from kpis.appending import Conflict, append, latest_of, number_of
from people.models import Lead, Partner, User
from priorities.models import Priority
from strategies.models import Area, ReportingRound
from workstrands.illustration import refuse_real
from workstrands.models import Action
from workstrands.reporting import open_round

# How each answer is drawn: a circle as full as it is felt. The drawing is silent, the word beside it says it.
_RING = '<circle cx="10" cy="10" r="8.5" fill="#fff" stroke="#0b0c0c" stroke-width="2"/>'
FELT_SHAPES = {
    Felt.YES: '<circle cx="10" cy="10" r="9.5" fill="#0b0c0c"/>',
    Felt.PARTLY: f'{_RING}<path d="M10 1.5a8.5 8.5 0 0 0 0 17z" fill="#0b0c0c"/>',
    Felt.NOT_YET: _RING,
    Felt.DO_NOT_KNOW: '<circle cx="10" cy="10" r="8.5" fill="#fff" stroke="#505a5f" stroke-width="2" stroke-dasharray="3 2.3"/>',
}
TEXTS = {
    "words": ("In their words", 2000),
    "body": ("From which body", 120),
    "coproduced": ("How it was co-produced", 1000),
}
OWNER_TEXTS = {
    "reason": ("The reason", 2000),
    "mitigation": ("What is done about it", 2000),
    "consequence": ("What happens if not", 2000),
}


def felt_tag(felt: str) -> SafeString:
    """Its shape, and the word."""
    drawn = f'<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">{FELT_SHAPES[Felt(felt)]}</svg>'
    return mark_safe(f'<span class="st-status">{drawn}<span>{escape(Felt(felt).label)}</span></span>')


# Reading


@dataclass(frozen=True, slots=True)
class FamilyVoice:
    """What families say of one priority or action: the latest first. `latest` is None where nothing was said."""

    rows: list[FamilyView] = field(default_factory=list)

    @property
    def latest(self) -> FamilyView | None:
        return self.rows[0] if self.rows else None

    @property
    def earlier(self) -> list[FamilyView]:
        return self.rows[1:]

    @property
    def tag(self) -> SafeString:
        return felt_tag(self.latest.felt) if self.rows else mark_safe("")


def family_views_of(
    area: Area, moment: datetime, *, priorities: Iterable[int] = (), actions: Iterable[int] = ()
) -> dict[tuple[str, int], FamilyVoice]:
    """By ("priority", id) or ("action", id), of those asked for and known by a moment; one query. All are there, said of or not."""
    priorities, actions = list(priorities), list(actions)
    asked = Q(priority__in=priorities) | Q(action__in=actions)
    found = defaultdict(list)
    for row in views_known(area, moment).filter(asked) if priorities or actions else ():
        found["priority" if row.priority_id else "action", row.priority_id or row.action_id].append(row)
    keys = [*(("priority", pk) for pk in priorities), *(("action", pk) for pk in actions)]
    return {key: FamilyVoice(found[key]) for key in keys}


def views_known(area: Area, moment: datetime):
    """Of an area, the latest said first."""
    known = FamilyView.objects.known_by(moment).filter(area=area)
    return known.select_related("recorded_by").order_by("-said_on", "-number")


def family_voice_of(area: Area, moment: datetime, about: Priority | Action) -> FamilyVoice:
    """Of one thing, for its own page; one query."""
    kind = _kind(about)
    return family_views_of(area, moment, **{"priorities" if kind == "priority" else "actions": [about.pk]})[
        kind, about.pk
    ]


def _kind(about: Priority | Action) -> str:
    return "priority" if isinstance(about, Priority) else "action"


@dataclass(frozen=True, slots=True)
class OwnersView:
    """What the owners of a priority say of it: the latest first, each with its round."""

    rows: list[PriorityAssessment] = field(default_factory=list)

    @property
    def latest(self) -> PriorityAssessment | None:
        return self.rows[0] if self.rows else None

    @property
    def earlier(self) -> list[PriorityAssessment]:
        return self.rows[1:]


def owners_views_of(priorities: Iterable[int], moment: datetime) -> dict[int, OwnersView]:
    """By the id of the priority; one query."""
    ids, found = list(priorities), defaultdict(list)
    known = PriorityAssessment.objects.known_by(moment).filter(priority__in=ids)
    for row in known.select_related("recorded_by", "round__meeting").order_by("-number"):
        found[row.priority_id].append(row)
    return {pk: OwnersView(found[pk]) for pk in ids}


def sro_users(priority: Priority, on: date) -> set[int]:
    """The sign-ins of its senior responsible owners who are in post."""
    owners = Lead.objects.in_post(on).filter(priorities=priority, user__isnull=False)
    return set(owners.values_list("user", flat=True))


def known_words(area: Area) -> list[str]:
    """Names of bodies and places of an area, which name no person."""
    return [area.name, *Partner.objects.filter(area=area).values_list("name", flat=True)]


# Writing


def question_about(area: Area, *texts: str) -> str:
    """What is asked before these words are kept; empty when nothing is."""
    return name_question(*texts, known=known_words(area))


@transaction.atomic
def say_for_families(
    about: Priority | Action, *, felt: str, words: str, body: str, said_on: date, coproduced: str = "",
    by: User, at: datetime, names_nobody: bool = False,
) -> FamilyView:  # fmt: skip
    """What families say, or `ValidationError` by field. The same said twice within minutes is kept once."""
    area = about.strategy.area
    row = FamilyView(
        area=area, **{_kind(about): about}, felt=felt, words=tidy(words), body=tidy(body), said_on=said_on,
        coproduced=tidy(coproduced),
    )  # fmt: skip
    _refuse_what_cannot_be_said(row, on=london_day(at), names_nobody=names_nobody)
    same = ("priority_id", "action_id", "felt", "words", "body", "said_on", "coproduced")
    siblings = FamilyView.objects.filter(area=area)
    try:
        return append(row, siblings, by=by, at=at, seen_number=number_of(latest_of(siblings)), same=same)
    except Conflict:
        raise ValidationError("Somebody else wrote at the same moment. Send again.") from None


def _refuse_what_cannot_be_said(row: FamilyView, *, on: date, names_nobody: bool) -> None:
    problems = _text_problems(row, TEXTS)
    for name, message in (("words", "Write what families say."), ("body", "Say which body says it.")):
        if not getattr(row, name):
            problems[name] = message
    if row.said_on > on:
        problems["said_on"] = f"{in_words(row.said_on)} is still to come. Give the day when it was said."
    if not problems and not names_nobody:
        question = question_about(row.area, row.words, row.coproduced)
        if question:
            problems["words"] = question
    if problems:
        raise ValidationError(problems)
    row.clean_fields(exclude=["area", "priority", "action", "recorded_by", "number", "recorded_at"])


def _text_problems(row, texts: dict[str, tuple[str, int]]) -> dict[str, str]:
    found = {}
    for name, (label, limit) in texts.items():
        problem = text_problem(getattr(row, name), name=label, limit=limit) or email_problem(getattr(row, name))
        if problem:
            found[name] = problem
    return found


@transaction.atomic
def assess_priority(
    priority: Priority, *, status: str, reason: str, mitigation: str = "", consequence: str = "",
    by: User, at: datetime, seen_number: int | None,
) -> PriorityAssessment:  # fmt: skip
    """The owner's view, into the round that is open; `Conflict` where another came in meanwhile."""
    area = priority.strategy.area
    row = PriorityAssessment(
        priority=priority, round=open_round(area.pk, at), status=status, reason=tidy(reason),
        mitigation=tidy(mitigation), consequence=tidy(consequence),
    )  # fmt: skip
    problems = {}
    for name, (label, limit) in OWNER_TEXTS.items():
        problem = text_problem(getattr(row, name), name=label, limit=limit)
        if problem:
            problems[name] = problem
    problems |= {name: text for name, text in what_is_missing(row).items() if name not in problems}
    if problems:
        raise ValidationError(problems)
    row.clean_fields(exclude=["priority", "round", "recorded_by", "number", "recorded_at"])
    refuse_real(by, *priority.sros.all(), what=f"Priority {priority.ref}")
    same = ("status", *OWNER_TEXTS)
    return append(row, priority.assessments.all(), by=by, at=at, seen_number=seen_number, same=same)


def what_is_missing(said) -> dict[str, str]:
    """What an owner must still say: always why; at risk or off track, what is done about it and what happens if not."""
    missing = {} if said.reason else {"reason": "Say why."}
    if said.status in ("A", "R"):
        if not said.mitigation:
            missing["mitigation"] = "Say what is done about it."
        if not said.consequence:
            missing["consequence"] = "Say what happens if nothing is done."
    return missing


def round_for(area: Area, moment: datetime) -> ReportingRound | None:
    """The round that a view given now counts into."""
    return open_round(area.pk, moment)
