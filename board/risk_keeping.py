"""Raising, changing, scoring and closing a risk. What it is, is edited in place with its history; its scores are appended.

What a demonstration sign-in raises is illustrative and hangs on illustrative leads alone; a real risk hangs on nothing
illustrative, so that the demonstration can always be taken away.
"""

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from board.models import Risk, RiskScore
from board.risks import next_ref
from common.dates import in_words, london_day
from common.text import text_problem, tidy
from kpis.appending import append
from kpis.models import Kpi
from people.models import Lead, User
from priorities.models import Priority
from strategies.models import Strategy
from workstrands.models import Action

TEXTS = {
    "title": ("The title", 200),
    "cause": ("The cause", 2000),
    "event": ("What may happen", 2000),
    "effect": ("What it would mean", 2000),
    "mitigation": ("What is done about it", 5000),
}
NEEDED = {
    "title": "Give it a short title.",
    "cause": "Say what it comes from.",
    "event": "Say what may happen.",
    "effect": "Say what it would mean for children and families.",
}
FIELDS = ("kind", *TEXTS, "owner", "target_likelihood", "target_impact", "review_on", "escalated_to")
MANY = ("priorities", "actions", "kpis")


# Who may, and what may be chosen


def why_not_edited(risk: Risk, by: User) -> str:
    """Why somebody may not change what a risk is, as a sentence; empty when they may."""
    if by.is_illustrative and not risk.is_illustrative:
        return (
            "This risk is real and your sign-in is part of the demonstration, which changes illustrative risks only. "
            "A score that you give is kept as illustrative."
        )
    return ""


def possible_owners(strategy: Strategy, *, by: User, on: date, risk: Risk | None = None) -> QuerySet[Lead]:
    """The leads in post; whoever owns it now stays in the list."""
    is_illustrative = risk.is_illustrative if risk else by.is_illustrative
    in_post = Lead.objects.in_post(on).filter(area=strategy.area_id, is_illustrative=is_illustrative)
    return in_post | Lead.objects.filter(pk=risk.owner_id) if risk and risk.owner_id else in_post


def possible_ties(strategy: Strategy, *, is_illustrative: bool) -> dict[str, QuerySet]:
    """What a risk of a plan may be tied to; a real one to nothing illustrative."""
    actions = Action.objects.filter(strategy=strategy, retired_at=None).order_by("position", "pk")
    kpis = Kpi.objects.in_use().filter(area=strategy.area_id).select_related("indicator").order_by("position", "pk")
    if not is_illustrative:
        actions, kpis = actions.filter(is_illustrative=False), kpis.filter(is_illustrative=False)
    priorities = Priority.objects.in_use().filter(strategy=strategy).order_by("position", "pk")
    if not is_illustrative:
        priorities = priorities.filter(is_illustrative=False)
    return {"priorities": priorities, "actions": actions, "kpis": kpis}


# Writing


@transaction.atomic
def raise_risk(
    strategy: Strategy, *, by: User, at: datetime, likelihood: int, impact: int, reason: str = "",
    raised_on: date | None = None, **fields,
) -> Risk:  # fmt: skip
    """A new risk with its first score: both, or nothing."""
    risk = Risk(strategy=strategy, raised_on=raised_on or london_day(at), is_illustrative=by.is_illustrative)
    ever = Risk.history.filter(strategy=strategy).values_list("ref", flat=True)
    risk.ref = next_ref({*ever, *strategy.risks.values_list("ref", flat=True)})
    many = _state(risk, fields)
    _refuse_what_cannot_be(risk, many, on=london_day(at))
    try:
        with transaction.atomic():
            _save(risk, by, at)
    except IntegrityError:
        raise ValidationError("Somebody else raised a risk at the same moment. Send again.") from None
    _tie(risk, many)
    score_risk(
        risk, likelihood=likelihood, impact=impact, reason=reason or "As first scored.", by=by, at=at, seen_number=None
    )
    return risk


@transaction.atomic
def edit_risk(risk: Risk, *, by: User, at: datetime, **fields) -> bool:
    """Change what a risk is, in place; whether anything changed."""
    _refuse_closed(risk, by)
    before, ties = {name: getattr(risk, name) for name in FIELDS}, ties_of(risk)
    many = _state(risk, fields)
    _refuse_what_cannot_be(risk, many, on=london_day(at), kept=before)
    changed = any(getattr(risk, name) != value for name, value in before.items())
    tied = any(ties[name] != {record.pk for record in chosen} for name, chosen in many.items())
    if changed or tied:
        _save(risk, by, at)
        _tie(risk, many)
    return changed or tied


@transaction.atomic
def score_risk(
    risk: Risk, *, likelihood: int, impact: int, reason: str, by: User, at: datetime, seen_number: int | None
) -> RiskScore:
    """The next score; `Conflict` where another came in meanwhile."""
    if risk.closed_on:
        raise ValidationError(closed_words(risk))
    row = RiskScore(
        risk=risk, likelihood=likelihood, impact=impact, reason=tidy(reason), is_illustrative=risk.is_illustrative
    )
    row.clean_fields(exclude=["risk", "recorded_by", "number", "recorded_at"])
    problem = text_problem(row.reason, name="The reason", limit=2000)
    if problem or not row.reason:
        raise ValidationError({"reason": problem or "Say why it is scored like this."})
    same = ("likelihood", "impact", "reason")
    return append(row, risk.scores.all(), by=by, at=at, seen_number=seen_number, same=same)


@transaction.atomic
def close_risk(risk: Risk, *, closed_on: date, note: str, by: User, at: datetime) -> None:
    _refuse_closed(risk, by)
    problems, note = {}, tidy(note)
    if not note or text_problem(note, name="Why it is closed", limit=2000):
        problems["note"] = text_problem(note, name="Why it is closed", limit=2000) or "Say why it is closed."
    if closed_on < risk.raised_on:
        problems["closed_on"] = f"It was raised on {in_words(risk.raised_on)}. Give that day or a later one."
    elif closed_on > london_day(at):
        problems["closed_on"] = "Give a day that has come."
    if problems:
        raise ValidationError(problems)
    risk.closed_on, risk.closing_note = closed_on, note
    _save(risk, by, at)


@transaction.atomic
def reopen_risk(risk: Risk, *, by: User, at: datetime) -> None:
    """It counts as open again; that and why it was closed stays in its history."""
    refusal = why_not_edited(risk, by)
    if refusal or risk.closed_on is None:
        raise ValidationError(refusal or "This risk is open.")
    risk.closed_on, risk.closing_note = None, ""
    _save(risk, by, at)


def closed_words(risk: Risk) -> str:
    return f"This risk was closed on {in_words(risk.closed_on)}. Open it again before you change it."


def _refuse_closed(risk: Risk, by: User) -> None:
    refusal = why_not_edited(risk, by) or (closed_words(risk) if risk.closed_on else "")
    if refusal:
        raise ValidationError(refusal)


def _state(risk: Risk, fields: dict) -> dict[str, Sequence]:
    """Set the fields; returns the ties, which wait until the risk is saved."""
    for name in FIELDS:
        if name in fields:
            setattr(risk, name, tidy(fields[name]) if name in TEXTS else fields[name])
    return {name: list(fields[name]) for name in MANY if name in fields}


def _refuse_what_cannot_be(risk: Risk, many: dict[str, Sequence], *, on: date, kept: dict | None = None) -> None:
    problems = {}
    for name, (words, limit) in TEXTS.items():
        problem = text_problem(getattr(risk, name), name=words, limit=limit)
        if problem or (name in NEEDED and not getattr(risk, name)):
            problems[name] = problem or NEEDED[name]
    if (risk.target_likelihood is None) != (risk.target_impact is None):
        problems["target_impact"] = "Give both parts of the target score, or neither."
    was_review_on = kept["review_on"] if kept else None
    if risk.review_on and risk.review_on < on and risk.review_on != was_review_on:
        problems["review_on"] = f"{in_words(risk.review_on)} has passed. Give a day to come."
    owner = risk.owner
    if owner and owner.area_id != risk.strategy.area_id:
        problems["owner"] = "Choose a lead of this area."
    elif owner and owner != (kept or {}).get("owner") and owner.is_illustrative != risk.is_illustrative:
        problems["owner"] = "Choose an illustrative lead." if risk.is_illustrative else "Choose a lead who is real."
    for name, chosen in many.items():
        if any(_is_elsewhere(record, risk) for record in chosen):
            problems[name] = "Choose records of this plan, none of them illustrative unless the risk is."
    if problems:
        raise ValidationError(problems)
    risk.clean_fields(exclude=["strategy", "owner", "ref"])


def _is_elsewhere(record, risk: Risk) -> bool:
    of_area = isinstance(record, Kpi)
    elsewhere = record.area_id != risk.strategy.area_id if of_area else record.strategy_id != risk.strategy_id
    return elsewhere or (getattr(record, "is_illustrative", False) and not risk.is_illustrative)


def ties_of(risk: Risk) -> dict[str, set[int]]:
    return {name: set(getattr(risk, name).values_list("pk", flat=True)) for name in MANY}


def _tie(risk: Risk, many: dict[str, Sequence]) -> None:
    for name, chosen in many.items():
        getattr(risk, name).set(chosen)


def _save(risk: Risk, by: User, at: datetime) -> None:
    """With whoever did it, and when, in its history, whether or not there is a request."""
    risk._history_user, risk._history_date = by, at
    risk.save()


def digest_of(values: dict) -> str:
    """How a form says what it showed of a risk."""
    return sha256(repr(sorted((name, str(value)) for name, value in values.items())).encode()).hexdigest()[:32]
