"""A rehearsal as one object, and told in plain values: for a page, a command, and the record of the import."""

from collections import Counter
from dataclasses import dataclass

from board.plan_import.colours import BY_COLOUR
from board.plan_import.lines import shortened
from board.plan_import.matching import Asked
from board.plan_import.outcome import KINDS, Intended, Outcome
from board.plan_import.settling import Settled
from common.dates import in_words
from common.words import plural


@dataclass
class Rehearsed:
    outcome: Outcome
    digest: str
    questions: dict[str, list[Asked]]
    settled: list[Settled]  # what was chosen for them
    unanswered: int


def told(result: Rehearsed) -> dict:
    """A rehearsal in plain values: for a page, a command, and the record of the import."""
    outcome = result.outcome
    return {
        "digest": result.digest,
        "writes": outcome.writes,
        "plan": outcome.target.title,
        "is_new": outcome.target.strategy is None,
        "added": [plural(outcome.added[kind], *nouns) for kind, nouns in KINDS.items() if outcome.added[kind]],
        "actions": [line_of(each) for each in outcome.actions if each.is_new],
        "changed": [changes_of(each) for each in outcome.actions if each.changes or (each.reports and not each.is_new)],
        "left": len(outcome.left),
        "left_lines": [[each.record.ref, shortened(each.record.title), each.left_because] for each in outcome.left],
        "problems": [problem.as_dict() for problem in outcome.problems],
        "notes": list(dict.fromkeys(outcome.notes)),
        "unsure": result.unanswered,
        "chosen": [each.as_dict() for each in result.settled],
        "by_colour": by_colour_in(outcome.actions),
        "undated": undated_in(outcome.actions),
        "evidence": outcome.added["evidence"],
    }


def by_colour_in(actions: list[Intended]) -> dict:
    """How many reports take their status from the colour of a cell, and which: red means R: Off track (4)."""
    read = Counter(
        f"{each.status_colour} means {each.status.value}: {each.status.label}"
        for each in actions
        if each.reports and each.status_colour
    )
    return {"count": read.total(), "colours": [f"{said} ({count})" for said, count in read.most_common()]}


def undated_in(actions: list[Intended]) -> dict:
    """The new actions whose due date is words that name no day, and which words: Ongoing (8), termly (1)."""
    words = Counter(
        shortened(each.how_often.text, 60) for each in actions if each.is_new and each.how_often and not each.dues
    )
    return {"count": words.total(), "words": [f"“{said}” ({count})" for said, count in words.most_common()]}


def line_of(each: Intended) -> dict:
    holder = each.objective or each.priority or each.strand
    above = each.objective and each.objective.priority
    return {
        "ref": each.ref,
        "is_ours": each.is_ref_ours,
        "title": shortened(each.draft.action.text, 200),
        "place": each.draft.action.place,
        "under": shortened(holder.text, 80),
        "priority": shortened(above.text, 80) if above else "",
        "leads": [person.lead.name if person.lead else person.text for person in each.leads],
        "partner": each.partner.text if each.partner else "",
        "due": in_words(each.dues[-1].day) if each.dues else "",
        "as_written": each.dues[-1].as_written
        if each.dues
        else shortened(each.how_often.text)
        if each.how_often
        else "",
        "is_likely": bool(each.dues and each.dues[-1].is_likely),
        "status": each.status.value if each.status else "",
        "status_word": str(each.status.label) if each.status else "",
        "status_from": BY_COLOUR if each.status_colour else "",
    }


NAMES = {
    "title": "Wording", "lead": "Lead", "due": "Due date", "starts_on": "Start", "intended_impact": "Intended impact",
    "partner": "Partner",
}  # fmt: skip


def changes_of(each: Intended) -> dict:
    changes = [[NAMES[name], shortened(old), shortened(new)] for name, (old, new) in each.changes.items()]
    if each.reports:
        by_colour = f", {BY_COLOUR}" if each.status_colour else ""
        changes.append(["Report", each.reported_before, f"{each.status.value}: {each.status.label}{by_colour}"])
    return {
        "ref": each.record.ref,
        "title": shortened(each.record.title),
        "place": each.draft.action.place,
        "changes": changes,
    }
