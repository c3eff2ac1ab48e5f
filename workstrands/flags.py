"""Flags, and the assessed status: what dates say of an action, beside what its lead reports.

A flag is one sentence of facts in which dates or figures question a report. It may carry a cap: the best status it
leaves standing. The assessed status is the reported status lowered to the worst cap among the flags, in the order off
track, at risk, not started, on track, complete, complete and embedded. On hold and stopped are never lowered; an action
of which nothing was ever reported stays "?" with its flags beside it. Complete and embedded stands in place of complete
while the impact is reported as sustained, two kinds of evidence back it, one of them lived experience, an officer has
confirmed it, and no figure that it should have moved says otherwise. Nothing is flagged before the plan is baselined.

How days are counted: a date is passed from the day after it; 60 days are passed on the sixtieth; a report is fresh on
the forty-fifth day after it and no longer on the forty-sixth, days in August left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.db import models

from common.dates import in_words
from common.words import count_words, plural, sentence_case, times
from workstrands.facts import ActionFacts, Calendar, FigureFact, KpiFacts
from workstrands.status import EMBEDDED, SHOWN_WORDS, SILENT, EscalateTo, EvidenceKind, Impact, Status

OFF_TRACK_AFTER_ROUNDS = 2
OFF_TRACK_AFTER_DAYS = 60
FRESH_FOR_DAYS = 45
AT_RISK_FROM_SLIPS = 2
AT_RISK_PAST_DAYS_SLIPPED = 90

# Plain letters: the rules run for every action of a plan on every page.
N, R, A, G, B, H, S = (
    status.value
    for status in (
        Status.NOT_STARTED, Status.OFF_TRACK, Status.AT_RISK, Status.ON_TRACK, Status.COMPLETE, Status.ON_HOLD,
        Status.STOPPED,
    )
)  # fmt: skip
BHS = frozenset((B, H, S))
# From worst to best. What is not on this scale (on hold, stopped, "?") is never lowered.
SCALE = {letter: place for place, letter in enumerate([R, A, N, G, B, EMBEDDED])}


class FlagCode(models.TextChoices):
    OVERDUE = "overdue", "Overdue"
    NOT_STARTED = "not_started", "Not started"
    SILENT = "silent", "No update"
    NOT_UPDATED = "not_updated", "Not updated"
    SLIPPED = "slipped", "Slipped"
    LATE = "late", "Completed late"
    CONTRADICTED = "contradicted", "Contradicted by its KPI"
    UNMOVED = "unmoved", "Complete, figure no better"
    UNEVIDENCED = "unevidenced", "No evidence"
    UNASKED = "unasked", "Escalated without an ask"
    UNOWNED = "unowned", "No lead and no partner"
    OWNER_GONE = "owner_gone", "Lead has left"
    UNDATED = "undated", "No agreed date"
    CAME_BACK = "came_back", "Back from hold"


# Worst first: what makes an action off track, what leaves the Board in the dark, what puts it at risk, what is untidy.
WORST_FIRST: list[tuple[FlagCode, str | None]] = [
    (FlagCode.OVERDUE, R),
    (FlagCode.OVERDUE, A),
    (FlagCode.SILENT, SILENT),
    (FlagCode.CONTRADICTED, None),
    (FlagCode.CAME_BACK, None),
    (FlagCode.NOT_STARTED, A),
    (FlagCode.SLIPPED, A),
    (FlagCode.UNASKED, None),
    (FlagCode.NOT_UPDATED, None),
    (FlagCode.UNOWNED, None),
    (FlagCode.OWNER_GONE, None),
    (FlagCode.UNDATED, None),
    (FlagCode.UNMOVED, None),
    (FlagCode.UNEVIDENCED, None),
    (FlagCode.SLIPPED, None),
    (FlagCode.LATE, None),
]
SEVERITY = {flag: place for place, flag in enumerate(WORST_FIRST, start=1)}


class Flag(NamedTuple):
    """One thing that dates say. `severity` counts from 1, the worst; `days` is how late, how old or how far moved.

    Its words are made when they are asked for.
    """

    code: FlagCode
    severity: int
    cap: str | None
    days: int
    facts: ActionFacts
    calendar: Calendar
    on: date

    @property
    def sentence(self) -> str:
        """One sentence of facts, with its dates."""
        return WORDS[self.code][0](self)

    @property
    def short(self) -> str:
        """Two or three words for a column: "Overdue 53 days"."""
        return WORDS[self.code][1](self)


@dataclass(slots=True)
class Assessment:
    """What the lead reports and what dates say, as shown: a letter of the scale, E, or "?" for silence."""

    reported: str | None
    assessed: str
    flags: tuple[Flag, ...]
    reported_shown: str


def assess(facts: ActionFacts, calendar: Calendar, on: date, baselined_on: date | None) -> Assessment:
    """The reported status lowered to the worst cap among the flags."""
    reported = facts.status
    flags = flags_of(facts, calendar, on, baselined_on)
    if reported is None:
        return Assessment(None, SILENT, flags, SILENT)
    is_unmoved = any(flag.code == FlagCode.UNMOVED for flag in flags)
    shown = EMBEDDED if reported == B and is_embedded(facts) and not is_unmoved else str(reported)
    return Assessment(reported, lowered(shown, flags) if flags else shown, flags, shown)


def lowered(shown: str, flags: tuple[Flag, ...]) -> str:
    """The worst of a status and the caps of its flags; what is not on the scale stays as it is."""
    if shown not in SCALE:
        return shown
    return min([shown, *(flag.cap for flag in flags if flag.cap in SCALE)], key=SCALE.__getitem__)


def is_embedded(facts: ActionFacts) -> bool:
    """Complete, its impact sustained, backed by two kinds of evidence, one of them lived experience, and confirmed."""
    return (
        facts.status == B
        and facts.impact == Impact.SUSTAINED
        and facts.is_impact_confirmed
        and len(facts.evidence_kinds) >= 2
        and EvidenceKind.LIVED_EXPERIENCE in facts.evidence_kinds
    )


def is_live(facts: ActionFacts, on: date) -> bool:
    """The start is reached and the action is not complete, on hold or stopped. Silence is live."""
    return facts.starts_on <= on and facts.status not in BHS


def is_fresh(said_on: date | None, calendar: Calendar, on: date) -> bool:
    """Reported in the open or last closed round; without a calendar, in the last 45 days, days in August left out."""
    if said_on is None:
        return False
    since = calendar.current(on)
    return days_outside_august(said_on, on) <= FRESH_FOR_DAYS if since is None else said_on >= since


def days_outside_august(after: date, on: date) -> int:
    """Days after one day up to and with another, those in August left out."""
    in_august = 0
    for year in range(after.year, on.year + 1):
        first, last = max(date(year, 8, 1), after + timedelta(days=1)), min(date(year, 8, 31), on)
        in_august += max(0, (last - first).days + 1)
    return (on - after).days - in_august


def flags_of(facts: ActionFacts, calendar: Calendar, on: date, plan_baselined_on: date | None) -> tuple[Flag, ...]:
    """What holds of an action at the end of a day, worst first; nothing until its plan is baselined."""
    if plan_baselined_on is None or on < plan_baselined_on:
        return ()
    found: list[tuple[FlagCode, str | None, int]] = []
    status, due_on = facts.status, facts.due_on
    if due_on is None:
        found.append((FlagCode.UNDATED, None, 0))
    else:
        if due_on < on and status not in BHS:
            found.append(_overdue(facts, calendar, on))
        if due_on != facts.first_due_on and facts.first_due_on and due_on > facts.first_due_on:
            found.append(_slipped(facts))
    if status is None:
        if facts.starts_on < on:
            found.append((FlagCode.SILENT, SILENT, (on - facts.starts_on).days))
    elif status in BHS:
        if status == B:
            found.extend(_complete(facts))
        elif status == H and facts.look_again_on and facts.look_again_on < on:
            found.append((FlagCode.CAME_BACK, None, (on - facts.look_again_on).days))
    else:
        found.extend(_running(facts, calendar, on))
    if not facts.has_lead:
        if not facts.partner:
            found.append((FlagCode.UNOWNED, None, 0))
    elif facts.lead_left_on and facts.lead_left_on <= on:
        found.append((FlagCode.OWNER_GONE, None, (on - facts.lead_left_on).days))
    if not found:
        return ()
    flags = [Flag(code, SEVERITY[code, cap], cap, days, facts, calendar, on) for code, cap, days in found]
    return tuple(sorted(flags, key=lambda flag: flag.severity))


def _overdue(facts: ActionFacts, calendar: Calendar, on: date) -> tuple[FlagCode, str, int]:
    """At risk from the day after the date; off track once a second round has closed since, or at once when critical."""
    days = (on - facts.due_on).days
    if calendar.current(on) is None:
        is_long = days >= OFF_TRACK_AFTER_DAYS
    else:
        is_long = calendar.closed_after(facts.due_on, on) >= OFF_TRACK_AFTER_ROUNDS
    return FlagCode.OVERDUE, R if facts.is_critical or is_long else A, days


def _slipped(facts: ActionFacts) -> tuple[FlagCode, str | None, int]:
    """At risk from the second slip or past 90 days in all, while there is still a date to miss."""
    days = (facts.due_on - facts.first_due_on).days
    is_worrying = facts.slips >= AT_RISK_FROM_SLIPS or days > AT_RISK_PAST_DAYS_SLIPPED
    return FlagCode.SLIPPED, A if is_worrying and facts.status not in BHS else None, days


def _complete(facts: ActionFacts):
    """Of a complete action: was it late, does anything show it, and did the figures move?"""
    if facts.completed_on and facts.first_due_on and facts.completed_on > facts.first_due_on:
        yield FlagCode.LATE, None, (facts.completed_on - facts.first_due_on).days
    if not facts.has_evidence:
        yield FlagCode.UNEVIDENCED, None, 0
    if facts.kpis and unmoved_kpi(facts):
        yield FlagCode.UNMOVED, None, 0


def unmoved_kpi(facts: ActionFacts) -> tuple[KpiFacts, FigureFact, FigureFact] | None:
    """The first KPI with a figure from after completion and the expected effect that is no better than the one before."""
    if facts.completed_on is None or facts.effect_expected_from is None:
        return None
    for kpi in facts.kpis:
        pair = kpi.before_and_after(facts.completed_on, facts.effect_expected_from)
        if pair and kpi.is_no_better(*pair):
            return kpi, *pair
    return None


def contradicting_kpi(facts: ActionFacts, on: date) -> KpiFacts | None:
    """The first KPI in trouble, of an action reported on track whose effect was expected by now."""
    if facts.status != G or is_too_early(facts, on) or facts.effect_expected_from is None:
        return None
    return next((kpi for kpi in facts.kpis if kpi.trouble), None)


def is_too_early(facts: ActionFacts, on: date) -> bool:
    """No figure can speak for or against the action yet."""
    return facts.effect_expected_from is not None and on < facts.effect_expected_from


def effect_sentence(facts: ActionFacts, on: date) -> str:
    """What may be read from the KPIs that an action should move; empty where it should move none."""
    if not facts.kpis:
        return ""
    if facts.effect_expected_from is None:
        return "Nobody has said from when an effect is expected, so its KPIs are held neither for it nor against it."
    day = in_words(facts.effect_expected_from)
    if is_too_early(facts, on):
        return f"Too early to judge: an effect is expected from {day}."
    return f"An effect has been expected since {day}."


def _running(facts: ActionFacts, calendar: Calendar, on: date):
    """Of an action reported as under way, or not started: is the report fresh, whole, and borne out by its KPIs?"""
    if facts.status == N:
        if on < facts.starts_on:
            return
        if on > facts.starts_on:
            yield FlagCode.NOT_STARTED, A, (on - facts.starts_on).days
    if not is_fresh(facts.said_on, calendar, on):
        yield FlagCode.NOT_UPDATED, None, (on - facts.said_on).days if facts.said_on else 0
    if facts.status == R and facts.escalate_to == EscalateTo.BOARD and not facts.ask.strip():
        yield FlagCode.UNASKED, None, 0
    if facts.kpis and contradicting_kpi(facts, on):
        yield FlagCode.CONTRADICTED, None, 0


def _last_said(flag: Flag) -> str:
    facts = flag.facts
    if facts.status is None:
        return "nothing has been reported"
    return f"last reported {SHOWN_WORDS[facts.status]} on {in_words(facts.said_on)}"


def _before_this_view(flag: Flag) -> str:
    return f"{plural(flag.days, 'day')} before this view"


def _overdue_sentence(flag: Flag) -> str:
    facts = flag.facts
    closed = flag.calendar.closed_after(facts.due_on, flag.on)
    since = f", {count_words(closed, 'reporting round')} closed since" if closed >= OFF_TRACK_AFTER_ROUNDS else ""
    critical = ", and critical" if facts.is_critical else ""
    return f"Due {in_words(facts.due_on)}, {_before_this_view(flag)}{since}{critical}; {_last_said(flag)}."


def _not_started_sentence(flag: Flag) -> str:
    starts_on = in_words(flag.facts.starts_on)
    return f"Work should have started on {starts_on}, {_before_this_view(flag)}; {_last_said(flag)}."


def _silent_sentence(flag: Flag) -> str:
    return f"Work should have started on {in_words(flag.facts.starts_on)}; nothing has been said since."


def _not_updated_sentence(flag: Flag) -> str:
    opened_on = flag.calendar.current(flag.on)
    missed = (
        f"nothing since the round that opened on {in_words(opened_on)}"
        if opened_on
        else f"a report is looked for every {FRESH_FOR_DAYS} days, August left out"
    )
    return f"{sentence_case(_last_said(flag))}, {_before_this_view(flag)}; {missed}."


def _slipped_sentence(flag: Flag) -> str:
    first, due = in_words(flag.facts.first_due_on), in_words(flag.facts.due_on)
    return f"First agreed for {first}, now for {due}: {plural(flag.days, 'day')} later, moved {_slips(flag)}."


def _slips(flag: Flag) -> str:
    return times(max(1, flag.facts.slips))


def _late_sentence(flag: Flag) -> str:
    done, first = in_words(flag.facts.completed_on), in_words(flag.facts.first_due_on)
    return f"Completed on {done}, {plural(flag.days, 'day')} after the date first agreed, {first}."


def _unevidenced_sentence(flag: Flag) -> str:
    on = in_words(flag.facts.completed_on or flag.facts.said_on)
    return f"Reported {SHOWN_WORDS[Status.COMPLETE]} on {on}, with no evidence given."


def _contradicted_sentence(flag: Flag) -> str:
    kpi = contradicting_kpi(flag.facts, flag.on)
    since = in_words(flag.facts.effect_expected_from)
    return f"{sentence_case(_last_said(flag))}, but “{kpi.title}”, which it should move from {since}, stands at {kpi.trouble}."


def _unmoved_sentence(flag: Flag) -> str:
    kpi, before, after = unmoved_kpi(flag.facts)
    said = f"Reported {SHOWN_WORDS[Status.COMPLETE]} on {in_words(flag.facts.completed_on)}"
    return (
        f"{said}; “{kpi.title}” was {before.shown} before "
        f"({before.period}) and is {after.shown} since ({after.period}): no better."
    )


def _unasked_sentence(flag: Flag) -> str:
    said_on = in_words(flag.facts.said_on)
    said = f"Reported {SHOWN_WORDS[Status.OFF_TRACK]} on {said_on}"
    return f"{said} and escalated to the Board, which is not told what is asked of it."


def owner_in_words(facts: ActionFacts) -> str:
    """What stands where a lead's name would: "Owned by the ICB, nobody named" is not the same as owned by nobody."""
    if facts.has_lead:
        return ""
    return f"Owned by {facts.partner}, nobody named" if facts.partner else "No lead and no partner named"


# By code: the sentence, and the words for a column.
WORDS: dict[FlagCode, tuple[Callable[[Flag], str], Callable[[Flag], str]]] = {
    FlagCode.OVERDUE: (_overdue_sentence, lambda flag: f"Overdue {plural(flag.days, 'day')}"),
    FlagCode.NOT_STARTED: (
        _not_started_sentence,
        lambda flag: f"{SHOWN_WORDS[Status.NOT_STARTED]}, {plural(flag.days, 'day')}",
    ),
    FlagCode.SILENT: (_silent_sentence, lambda flag: f"{SHOWN_WORDS[SILENT]}, {plural(flag.days, 'day')}"),
    FlagCode.NOT_UPDATED: (_not_updated_sentence, lambda flag: f"Not updated, {plural(flag.days, 'day')}"),
    FlagCode.SLIPPED: (_slipped_sentence, lambda flag: f"Slipped {_slips(flag)}, {plural(flag.days, 'day')}"),
    FlagCode.LATE: (_late_sentence, lambda flag: f"Completed {plural(flag.days, 'day')} late"),
    FlagCode.UNEVIDENCED: (_unevidenced_sentence, lambda flag: "No evidence"),
    FlagCode.UNASKED: (_unasked_sentence, lambda flag: "Escalated without an ask"),
    FlagCode.CAME_BACK: (
        lambda flag: (
            f"{SHOWN_WORDS[Status.ON_HOLD]} by the Board until {in_words(flag.facts.look_again_on)}, "
            f"{_before_this_view(flag)}; it can be reported on again."
        ),
        lambda flag: f"Back from hold, {plural(flag.days, 'day')}",
    ),
    FlagCode.CONTRADICTED: (_contradicted_sentence, lambda flag: "Its KPI says otherwise"),
    FlagCode.UNMOVED: (_unmoved_sentence, lambda flag: "Figure no better"),
    FlagCode.UNOWNED: (lambda flag: f"{owner_in_words(flag.facts)}.", lambda flag: "No lead"),
    FlagCode.OWNER_GONE: (
        lambda flag: f"Its lead left on {in_words(flag.facts.lead_left_on)} and nobody has taken over.",
        lambda flag: "Lead has left",
    ),
    FlagCode.UNDATED: (lambda flag: "No date has been agreed.", lambda flag: "No date"),
}
