"""Saying how an action is going.

A report is a row with the next number; nothing is ever edited. Whoever reports names the number they saw: if another
report came in between, both texts are shown and nothing is written. On hold and stopped are never reported: only the
carrying out of a Board decision writes them.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Max, OuterRef, Q, Subquery

from common.dates import in_words, london_day
from common.text import text_problem, tidy
from people.models import Lead, User
from strategies.models import ReportingRound, Strategy
from workstrands.backing import counted_by
from workstrands.illustration import refuse_real
from workstrands.models import Action, Evidence, ImpactConfirmation, Placement, PlanFile, ProgressUpdate
from workstrands.standing import standings
from workstrands.status import EscalateTo, EvidenceKind, Impact, Status, UpdateKind

MOST_REPEATS = 2
NOT_ENOUGH = "“Nothing has changed” is not enough here. Say how the action is going."
SAME_WITHIN = timedelta(minutes=10)  # the same report sent twice: a double press, or a page sent again
TEXTS = {
    "narrative": "How it is going",
    "next_steps": "What happens next",
    "ask": "What is asked",
    "difference_made": "What difference it has made",
}
REPEATED = ("status", *TEXTS, "cause", "escalate_to", "needed_by", "impact", "authority", "look_again_on")
SAID = ("status", *TEXTS, "cause", "escalate_to", "needed_by", "impact", "on_behalf_of_id")


class Conflict(Exception):
    """Somebody else reported, or confirmed, in the meantime. `latest` is what stands now."""

    def __init__(self, latest: ProgressUpdate | ImpactConfirmation | None):
        super().__init__("This action was reported on in the meantime.")
        self.latest = latest


# Rules


@dataclass(frozen=True, slots=True)
class Asked:
    """A report as far as it decides what else must be said."""

    status: str
    cause: str = ""
    next_steps: str = ""
    escalate_to: str = ""
    ask: str = ""
    needed_by: date | None = None
    has_evidence: bool = False


def what_is_missing(said: Asked, *, on: date) -> dict[str, str]:
    """What a report made on a day must still say: the message by field. An empty answer means that it is complete."""
    missing = {}
    if said.status in Status.worrying():
        if not said.cause:
            missing["cause"] = "Choose the main cause."
        if not said.next_steps.strip():
            missing["next_steps"] = "Say what happens next."
    if said.status == Status.OFF_TRACK and not said.escalate_to:
        missing["escalate_to"] = "Choose who needs to act now that it is off track."
    if said.status == Status.OFF_TRACK and said.escalate_to == EscalateTo.BOARD:
        if not said.ask.strip():
            missing["ask"] = "Say what the Board is asked to do."
        if said.needed_by is None:
            missing["needed_by"] = "Give the day by which the Board’s answer is needed."
        elif said.needed_by < on:
            missing["needed_by"] = f"Give a day to come: {in_words(said.needed_by)} has passed."
    if said.status == Status.COMPLETE and not said.has_evidence:
        missing["evidence"] = "Give at least one piece of evidence that it is done: its title and kind."
    return missing


def may_repeat(status: str | None, *, repeats: int, due_on: date | None, on: date) -> bool:
    """Whether "Nothing has changed" may be pressed: at most twice running, not when off track or past the date."""
    if status is None or status in (Status.OFF_TRACK, Status.ON_HOLD, Status.STOPPED):
        return False
    return repeats < MOST_REPEATS and (due_on is None or on <= due_on)


def closed_because(plan: Strategy, retired_on: date | None, on: date) -> str:
    """Why nothing can be reported on an action of a plan on a day, as a sentence; empty when it can."""
    if retired_on and retired_on <= on:
        return f"This action was retired on {in_words(retired_on)}. It is kept to be read, and no longer reported on."
    if plan.has_ended(on):
        return (
            f"This plan ended on {in_words(plan.ends_on)}. Its actions are kept to be read, and no longer reported on."
        )
    if on < plan.starts_on:
        return f"This plan starts on {in_words(plan.starts_on)}. Its actions can be reported on from that day."
    return ""


def put_aside_because(latest, on: date) -> str:
    """Why the Board's own decision keeps a lead from reporting, as a sentence; empty when nothing does.

    What was stopped is taken up again by a decision alone; what is on hold comes back after its day. `latest` is the report
    that stands, a `ProgressUpdate` or a `workstrands.standing.Said`, or none.
    """
    if latest is None or latest.status not in (Status.STOPPED, Status.ON_HOLD):
        return ""
    if latest.status == Status.STOPPED:
        return "The Board stopped this action. Only the Board takes it up again."
    if latest.look_again_on and on <= latest.look_again_on:
        return f"The Board put this action on hold until {in_words(latest.look_again_on)}. It can be reported on after that day."
    return ""


def why_not_confirmed(*, status: str | None, impact: str, kinds: Iterable[str]) -> str:
    """What a confirmation of sustained impact still lacks, as a sentence; empty when nothing."""
    kinds = set(kinds)
    if status != Status.COMPLETE or impact != Impact.SUSTAINED:
        return "Only a complete action whose impact is reported as sustained can be confirmed."
    if len(kinds) < 2 or EvidenceKind.LIVED_EXPERIENCE not in kinds:
        return "Two kinds of evidence are needed, one of them lived experience."
    return ""


# Reading


def latest_update(action: Action) -> ProgressUpdate | None:
    return action.updates.select_related("author", "on_behalf_of").order_by("-number").first()


def number_of(update: ProgressUpdate | ImpactConfirmation | None) -> int:
    """The number a form carries to say what it saw; 0 where nothing was said."""
    return update.number if update else 0


def leads_of(action: Action, moment: datetime) -> list[Lead]:
    """The lead in post, then the supporting leads in post: those who answer for the action at a moment."""
    standing = Placement.objects.filter(action=action, recorded_at__lte=moment).order_by("-number").values("lead")[:1]
    in_post = Lead.objects.in_post(london_day(moment))
    supporting = Action.supporting_leads.through.objects.filter(action=action).values("lead")
    found = in_post.annotate(first=Subquery(standing)).filter(Q(pk=F("first")) | Q(pk__in=supporting))
    return sorted(found, key=lambda lead: (lead.pk != lead.first, lead.name))


def lead_users(action: Action, moment: datetime) -> set[int]:
    """The ids of the sign-ins that may report through their lead record."""
    return {lead.user_id for lead in leads_of(action, moment) if lead.user_id}


def actions_of(user: User, moment: datetime):
    """The actions that somebody leads or supports at a moment, through a lead record that is theirs and in post."""
    return actions_led_by(Lead.objects.in_post(london_day(moment)).filter(user=user), moment)


def actions_led_by(own, moment: datetime):
    """The actions that these leads (a queryset) lead or support at a moment."""
    standing = Placement.objects.filter(action=OuterRef("pk"), recorded_at__lte=moment).order_by("-number")
    supported = Action.supporting_leads.through.objects.filter(lead__in=own).values("action")
    return Action.objects.annotate(led_by=Subquery(standing.values("lead")[:1])).filter(
        Q(led_by__in=own) | Q(pk__in=supported)
    )


def repeats_running(action_ids: Iterable[int], moment: datetime) -> dict[int, int]:
    """How often running "Nothing has changed" was pressed up to a moment, by action; one query."""
    known = ProgressUpdate.objects.filter(action=OuterRef("action"), recorded_at__lte=moment)
    written = known.filter(kind=UpdateKind.UPDATE).order_by("-number").values("number")[:1]
    rows = (
        ProgressUpdate.objects.filter(action__in=list(action_ids), recorded_at__lte=moment)
        .order_by()
        .values("action")
        .annotate(last=Max("number"), written=Subquery(written))
    )
    return defaultdict(int, {row["action"]: row["last"] - (row["written"] or 0) for row in rows})


def standing_of(action: Action, moment: datetime):
    """One action as it stands, or None where the plan does not hold it then."""
    return next(iter(standings(action.strategy, moment, actions=Action.objects.filter(pk=action.pk))), None)


def can_repeat(action: Action, moment: datetime, *, standing=None) -> bool:
    """`may_repeat` asked of the records; `standing` where it has been read already."""
    standing = standing or standing_of(action, moment)
    on = london_day(moment)
    if standing is None or closed_because(action.strategy, action.retired_on, on):
        return False
    repeats = repeats_running([action.pk], moment)[action.pk]
    return may_repeat(standing.reported, repeats=repeats, due_on=standing.due_on, on=on)


def latest_confirmation(action: Action) -> ImpactConfirmation | None:
    return action.impact_confirmations.select_related("recorded_by").order_by("-number").first()


def why_no_confirmation(action: Action, moment: datetime) -> str:
    """Why the sustained impact of an action cannot be confirmed at a moment, as a sentence; empty when it can."""
    closed = closed_because(action.strategy, action.retired_on, london_day(moment))
    if closed:
        return closed
    said = latest_update(action)
    kinds = Evidence.objects.filter(counted_by(moment), update__action=action).values_list("kind", flat=True)
    refusal = why_not_confirmed(status=said and said.status, impact=said.impact if said else "", kinds=kinds)
    if refusal:
        return refusal
    written = action.updates.filter(kind=UpdateKind.UPDATE).order_by("-number").first() or said
    confirmed = latest_confirmation(action)
    if confirmed and confirmed.recorded_at >= written.recorded_at:
        whom = f" by {confirmed.recorded_by}" if confirmed.recorded_by else ""
        return f"This report was confirmed{whom} on {in_words(london_day(confirmed.recorded_at))} already."
    return ""


# Writing


def report_progress(
    action: Action,
    *,
    status: str,
    by: User | None,
    at: datetime,
    seen_number: int,
    narrative: str = "",
    next_steps: str = "",
    cause: str = "",
    escalate_to: str = "",
    ask: str = "",
    needed_by: date | None = None,
    difference_made: str = "",
    impact: str = "",
    evidence: Iterable[tuple[str, str, str]] = (),
    on_behalf_of: Lead | None = None,
    brought_in: PlanFile | None = None,
) -> ProgressUpdate:
    """Write the next report, or raise `ValidationError` by field, or `Conflict`.

    The same report sent twice is written once. `brought_in` is the workbook that it came with.
    """
    update = ProgressUpdate(
        action=action,
        status=status,
        narrative=tidy(narrative),
        next_steps=tidy(next_steps),
        cause=cause,
        escalate_to=escalate_to,
        ask=tidy(ask),
        needed_by=needed_by,
        difference_made=tidy(difference_made),
        impact=impact,
        on_behalf_of=on_behalf_of,
        brought_in=brought_in,
    )
    evidence = [(title.strip(), kind, url.strip()) for title, kind, url in evidence]
    refuse_incomplete(update, evidence, on=london_day(at))
    aside = put_aside_because(latest_update(action), london_day(at))
    if aside:
        raise ValidationError(aside, code="closed")
    return _append(update, by=by, at=at, seen_number=seen_number, evidence=evidence)


def repeat_status(
    action: Action,
    *,
    by: User | None,
    at: datetime,
    seen_number: int,
    on_behalf_of: Lead | None = None,
    brought_in: PlanFile | None = None,
) -> ProgressUpdate:
    """Nothing has changed: the report that stands, said again."""
    latest = latest_update(action)
    if latest and latest.kind == UpdateKind.NO_CHANGE and _is_just_now(latest, by, at):
        return latest
    if number_of(latest) != seen_number:
        raise Conflict(latest)
    if not can_repeat(action, at):
        raise ValidationError(NOT_ENOUGH)
    said = {name: getattr(latest, name) for name in REPEATED}
    update = ProgressUpdate(
        action=action, kind=UpdateKind.NO_CHANGE, on_behalf_of=on_behalf_of, brought_in=brought_in, **said
    )
    return _append(update, by=by, at=at, seen_number=seen_number, evidence=[])


def confirm_impact(action: Action, *, by: User, at: datetime, seen_number: int, text: str = "") -> ImpactConfirmation:
    """An officer confirms sustained impact. `seen_number` is that of the confirmation last seen, 0 for none."""
    latest = latest_confirmation(action)
    if number_of(latest) != seen_number:
        raise Conflict(latest)
    if by.is_illustrative:
        refuse_real(by, *leads_of(action, at)[:1], what=f"Action {action.ref}")
    refusal = why_no_confirmation(action, at)
    problem = text_problem(text, name="What you looked at")
    if refusal:
        raise ValidationError(refusal)
    if problem:
        raise ValidationError({"text": problem})
    confirmation = ImpactConfirmation(
        action=action,
        number=seen_number + 1,
        text=tidy(text),
        recorded_at=at,
        recorded_by=by,
        is_illustrative=by.is_illustrative,
    )
    try:
        with transaction.atomic():
            confirmation.save()
    except IntegrityError:
        raise Conflict(latest_confirmation(action)) from None
    return confirmation


def refuse_incomplete(
    update: ProgressUpdate, evidence: list[tuple[str, str, str]], *, on: date, is_backed: bool | None = None
) -> None:
    """`ValidationError` with every message at once, by field, for a report that cannot be kept as it is.

    `is_backed`: whether earlier reports gave evidence, where that has been read already.
    """
    closed = closed_because(update.action.strategy, update.action.retired_on, on)
    if closed:
        raise ValidationError(closed, code="closed")
    if update.status not in Status.reportable():
        raise ValidationError({"status": "Choose how the action is going."})
    has_evidence = bool(evidence) or bool(is_backed)
    if not has_evidence and is_backed is None and update.status == Status.COMPLETE:
        has_evidence = Evidence.objects.filter(update__action=update.action, withheld_at=None).exists()
    asked = Asked(
        status=update.status,
        cause=update.cause,
        next_steps=update.next_steps,
        escalate_to=update.escalate_to,
        ask=update.ask,
        needed_by=update.needed_by,
        has_evidence=has_evidence,
    )
    messages = what_is_missing(asked, on=on)
    for field, name in TEXTS.items():
        problem = text_problem(getattr(update, field), name=name)
        if problem:
            messages[field] = problem
    for title, _kind, _url in evidence:
        problem = text_problem(title, name="The title of the evidence", limit=200)
        if problem:
            messages["evidence"] = problem
    if update.on_behalf_of and update.on_behalf_of.area_id != update.action.area_id:
        messages["on_behalf_of"] = "Choose a lead of this area."
    if messages:
        raise ValidationError(messages)


def _append(update: ProgressUpdate, *, by, at, seen_number, evidence) -> ProgressUpdate:
    action = update.action
    if by and by.is_illustrative:
        refuse_real(by, *leads_of(action, at)[:1], update.on_behalf_of, what=f"Action {action.ref}")
    latest = latest_update(action)
    if _is_said_already(latest, update, by, at, evidence):
        return latest
    if number_of(latest) != seen_number:
        raise Conflict(latest)
    update.number = seen_number + 1
    update.area_id = action.area_id
    update.recorded_at = at
    update.recorded_by = update.author = by
    update.is_illustrative = is_made_up(by, update.on_behalf_of)
    update.round = open_round(action.area_id, at)
    update.clean_fields(exclude=["action", "area", "author", "recorded_by", "on_behalf_of", "round", "brought_in"])
    try:
        with transaction.atomic():
            update.save()
            _keep_evidence(update, evidence)
    except IntegrityError:
        latest = latest_update(action)
        if _is_said_already(latest, update, by, at, evidence):
            return latest
        if number_of(latest) == seen_number:
            raise
        raise Conflict(latest) from None
    return update


def is_made_up(by: User | None, on_behalf_of: Lead | None) -> bool:
    """Of whoever reports; of the lead where the report came without a sign-in."""
    said_by = by or on_behalf_of
    return bool(said_by and said_by.is_illustrative)


def open_round(area_id: int, moment: datetime) -> ReportingRound | None:
    """The round of an area that is open at a moment; the one opened last, should there be several."""
    opened = ReportingRound.objects.filter(meeting__area=area_id, opened_at__lte=moment)
    return opened.filter(Q(closed_at__isnull=True) | Q(closed_at__gt=moment)).order_by("-opened_at").first()


def _keep_evidence(update: ProgressUpdate, evidence: list[tuple[str, str, str]]) -> None:
    for title, kind, url in evidence:
        piece = Evidence(update=update, title=title, kind=kind, url=url, is_illustrative=update.is_illustrative)
        piece.full_clean(exclude=["update"])
        piece.save()


def _is_just_now(latest: ProgressUpdate, by: User | None, at: datetime) -> bool:
    return by is not None and latest.author_id == by.pk and timedelta(0) <= at - latest.recorded_at <= SAME_WITHIN


def _is_said_already(latest, update, by, at, evidence) -> bool:
    """Whether the row that stands is this very report, sent twice."""
    if latest is None or latest.kind != update.kind or not _is_just_now(latest, by, at):
        return False
    same_words = all(getattr(latest, name) == getattr(update, name) for name in SAID)
    return same_words and sorted(latest.evidence.values_list("title", "kind", "url")) == sorted(evidence)
