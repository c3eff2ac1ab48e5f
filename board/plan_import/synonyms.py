"""What a column of a plan means, by the many headings that areas write over it."""

import re
from collections.abc import Sequence

from board.plan_import.grids import normal

MEANINGS = {
    "ref": "Reference or number",
    "priority": "Priority, theme or key objective",
    "strand": "Work strand",
    "objective": "Objective or outcome",
    "action": "Action: what will be done",
    "milestone": "Milestone or step of the action",
    "lead": "Lead or owner",
    "email": "Lead’s email address",
    "partner": "Partner or body",
    "starts": "Start",
    "due": "Due date or timescale",
    "status": "Status: RAG or BRAG",
    "progress": "Progress: how it is going",
    "success": "Measure of success",
    "kpi": "KPI that it should move",
    "impact": "Intended impact",
    "evidence": "Evidence",
}
HOLDERS = ("priority", "strand", "objective")  # what actions hang on, from the outermost
# Several columns may mean these; their texts stand below each other.
REPEATABLE = {"progress", "success", "impact", "evidence", "partner"}

# As compared by `normal`. Where the first meaning is taken by another column, the next is proposed.
SYNONYMS: dict[tuple[str, ...], str] = {
    ("ref",): """
        ref; reference; ref no; ref number; no; number; id; action no; action ref; action number; action id; item;
        task id; s no; ref id
    """,
    ("priority",): """
        priority; priorities; priority area; strategic priority; theme; key objective; key objectives; key priority;
        area for improvement; priority action; area of focus; focus area; improvement area; pillar; ambition; aim
        and priority
    """,
    ("strand",): """
        strand; workstrand; work strand; workstream; work stream; project; programme; bucket name; bucket
    """,
    ("objective", "impact"): """
        objective; objectives; outcome; outcomes; desired outcome; intended outcome; what do we want to achieve;
        what we want to achieve; what we will achieve; aim; aims; goal; goals; deliverable outcome; we will; our
        commitment; commitment; sub priority; what are we trying to achieve; strategic objective
    """,
    ("action",): """
        action; actions; activity; activities; task; tasks; task name; what will we do; what we will do; what we
        plan to do; what are we going to do; what; how; how will we do it; how will we do this; how we will do it;
        how will we achieve this; key action; key actions; specific actions; project plan; steps; actions required;
        action required; what needs to happen; actions to be taken; action to be taken; key activity; key
        activities; delivery actions; improvement action; agreed action
    """,
    ("milestone", "action"): """
        milestone; milestones; step; key milestone; key milestones; sub task; checklist items
    """,
    ("lead",): """
        lead; leads; owner; owners; who; responsible; responsibility; responsible officer; responsible person;
        person responsible; lead officer; lead officers; lead person; lead professional; action lead; action owner;
        by whom; who is responsible; who will do it; who will lead; accountable; accountable officer; named lead;
        lead officer s; sro; assigned to; accountable lead; who will lead this; officer
    """,
    ("email",): """
        email; e mail; lead email; owner email; lead e mail; owner e mail; email address; assigned to email
    """,
    ("partner",): """
        partner; partners; partner agency; agency; agencies; organisation; lead agency; lead organisation; key
        partners; body; service; supporting partners; partners involved
    """,
    ("starts",): "start; start date; starts; from; start on; begins; date started",
    ("due",): """
        timescale; timescales; timeline; timelines; timeframe; time frame; by when; when; due; due date; deadline;
        target date; completion date; date; end date; end; finish; complete by; to be completed by; date due; target
        completion date; date for completion; when will we do it; review date; planned end
    """,
    ("status", "progress"): """
        rag; brag; rag rating; brag rating; rag status; brag status; status; current status; delivery rag; action
        status; rag brag; rating; bragg
    """,
    ("progress", "status"): """
        progress; progress update; update; updates; progress to date; comments; commentary; latest update; current
        position; notes; narrative; progress notes; position statement; where are we now
    """,
    ("success",): """
        success measure; success measures; measure of success; measures of success; measure; measures; success
        criteria; how will we know; how will we measure success; how we will know; what will success look like; what
        does success look like; outcome measure; outcome measures; performance measure; performance measures; how
        will we know we have succeeded; how will we know it s working
    """,
    ("kpi", "success"): """
        kpi; kpis; indicator; indicators; performance indicator; key performance indicator; key performance
        indicators; metric; data measure
    """,
    ("impact",): """
        impact; intended impact; expected impact; impact on children; impact on children and young people; so what;
        difference; difference made; what difference will this make; what difference has it made; benefit; benefits;
        impact outcome
    """,
    ("evidence",): """
        evidence; evidence of impact; evidence of progress; source of evidence; how will we evidence this; evidence
        of success; evidence link
    """,
}
EXACT = {" ".join(words.split()): meanings for meanings, headings in SYNONYMS.items() for words in headings.split(";")}
# Words within a longer heading, tried in order after whole headings.
WITHIN = [
    (r"\be ?mail\b", ("email",)),
    (r"\b(success|how (will|do) we know)\b", ("success",)),
    (r"\b(kpis?|indicators?)\b", ("kpi", "success")),
    (r"\bevidence\b", ("evidence",)),
    (r"\b(impact|so what|difference)\b", ("impact",)),
    (r"\bb?rag\b|\bstatus\b", ("status",)),
    (r"\b(progress|updates?|comments?)\b", ("progress",)),
    (r"\b(start|starting)\b", ("starts",)),
    (r"\b(by when|timescales?|deadlines?|due|target date|completion|timeframe)\b", ("due",)),
    (r"\b(lead|owner|responsible|accountable|by whom|who)\b", ("lead",)),
    (r"\b(partners?|agenc(y|ies))\b", ("partner",)),
    (r"\bmilestones?\b", ("milestone", "action")),
    (r"\b(work ?streams?|work ?strands?)\b", ("strand",)),
    (r"\b(actions?|activit(y|ies)|what (will|do|are) we|what we (will|are)|tasks?)\b", ("action",)),
    (r"\b(objectives?|outcomes?|achieve)\b", ("objective", "impact")),
    (r"\b(priority|priorities|theme)\b", ("priority",)),
    (r"\b(ref|reference|no)\b", ("ref",)),
]
LONGEST_HEADING = 80
LONGEST_LOOKED_AT = 400  # of a cell, with what `normal` leaves out: longer ones are texts
BRACKETS = re.compile(r"\([^()]*\)")


def meanings_of(heading: str) -> tuple[tuple[str, ...], bool]:
    """What a heading can mean, best first, and whether the whole heading is known."""
    if len(heading) > LONGEST_LOOKED_AT:
        return (), False
    text = normal(heading)
    if not text or len(text) > LONGEST_HEADING:
        return (), False
    known = EXACT.get(text) or EXACT.get(normal(BRACKETS.sub(" ", heading)))
    if known:
        return known, True
    return next((meanings for words, meanings in WITHIN if re.search(words, text)), ()), False


def recognise(headings: Sequence[str]) -> list[str]:
    """The meaning of each column, "" where none is recognised. Whole headings choose first, then words within them."""
    found = [""] * len(headings)
    for wants_whole in (True, False):
        for column, heading in enumerate(headings):
            meanings, is_whole = meanings_of(heading)
            if meanings and not found[column] and is_whole == wants_whole:
                found[column] = next((each for each in meanings if each in REPEATABLE or each not in found), "")
    if "action" not in found:
        _settle_without_action(found)
    return found


def _settle_without_action(found: list[str]) -> None:
    """A plan whose only statements are milestones, or objectives, states its actions by them."""
    for stands_for in ("milestone", "objective"):
        if stands_for in found:
            found[found.index(stands_for)] = "action"
            return
