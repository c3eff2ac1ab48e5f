"""What bringing the entries in would do to a plan: every record it would make or change, worked out and not yet written.

The rehearsal tells this object and the confirmation writes it, so they cannot differ. Beside a plan that exists, an
action is known by the document's reference, by its own words or by the wording as found; what the file leaves empty
changes nothing, and what is retired is left alone.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from board.plan_import.days import EMPTY, NotADay, When, first_of, read_when
from board.plan_import.entries import Draft, Entries, Problem, Said, lines_of, shortened
from board.plan_import.grids import normal
from board.plan_import.held import Held
from board.plan_import.matching import (
    ADDRESS,
    BODY,
    FORUM,
    NEW,
    NONE_SAID,
    SAME,
    Directory,
    Found,
    Named,
    address_in,
    key_of,
    name_and_role,
    settled_as,
)
from board.plan_import.outcome import Body, Due, Holder, Intended, Measure, Outcome, Person, Step, Target
from board.plan_import.statuses import PUT_ASIDE, status_of
from common.dates import in_words, london_day
from people.models import Partner
from workstrands.reporting import put_aside_because
from workstrands.status import Status

NUMBERED = re.compile(
    r"^(?:(?:key |strategic )?(?:priority|objective|outcome|theme|strand|workstrand|workstream|aim|goal|pillar|ambition)(?: area)?\s*)?"
    r"(?:no\.?\s*)?(?P<ref>[A-Z]?\d{1,3}(?:\.\d{1,3}){0,3}|[A-Z])\s*[.:)\-–—]+\s+(?P<text>\S.*)$",
    re.I | re.S,
)
LONGEST_REF, LONGEST_TITLE, LONGEST_NAME, LONGEST_WRITTEN = 20, 250, 160, 120


@dataclass(frozen=True)
class Wishes:
    """What the officer chose: for words that nobody fits, for status words, and whether reports come in too."""

    people: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    joint: dict[str, str] = field(default_factory=dict)  # wordings with separators: several leads, or one
    with_updates: bool = False
    is_same_file: bool = False  # brought in before: what was changed since by hand stays


class Comparing:
    def __init__(self, entries: Entries, target: Target, directory: Directory, wishes: Wishes, *, at: datetime):
        self.target, self.directory, self.wishes, self.at = target, directory, wishes, at
        self.entries = entries
        self.found = Outcome(target, problems=list(entries.problems), notes=list(entries.notes))
        self.standing = Held(target.strategy, at)
        self.holders: dict[tuple, Holder] = {}
        self.measured: dict[tuple, set[str]] = {}
        self.may_make = True
        cells = [said for draft in entries.drafts for said in lead_cells(draft)]
        self.alone = {key_of(said.text) for said in cells} - NONE_SAID
        self.named = {text: self.names_in(text) for text in {said.text for said in cells}}
        self.first = self.first_said(cells)

    def names_in(self, text: str) -> list[Named]:
        return self.directory.names_in(text, alone=self.alone, said=self.wishes.joint)

    def first_said(self, cells: list[Said]) -> dict[str, Said]:
        """Each name as it is written first: so is a new lead called, whichever row makes it."""
        found: dict[str, Said] = {}
        for said in cells:
            for name in self.named[said.text]:
                if not name.within or key_of(name.text) not in self.alone:
                    found.setdefault(key_of(name.text), Said(name.text, said.place))
        return found

    def compare(self) -> Outcome:
        repeated = Counter(normal(ref.text) for draft in self.entries.drafts if (ref := draft.one("ref")))
        self.repeated = {ref for ref, count in repeated.items() if count > 1}
        for draft in self.entries.drafts:
            self.found.actions.append(self.action(draft))
        says_more = any(draft.said.keys() & {"status", "progress", "evidence"} for draft in self.entries.drafts)
        if says_more and not self.wishes.with_updates:
            self.found.notes.append(
                "Statuses, progress and evidence are left out: bringing in reports was not asked for."
            )
        return self.found

    # Holders

    def hold(self, intended: Intended) -> None:
        """Where a new action hangs. One that is here already stays where it hangs, and makes nothing new to hang on."""
        said = intended.draft.holders
        self.may_make = intended.is_new
        priority = self.holder("priority", said["priority"]) if "priority" in said else None
        strand = self.holder("strand", said["strand"]) if "strand" in said else None
        if priority is None and strand is None and intended.is_new:
            priority = self.whole_plan()
        if "objective" in said:
            intended.objective = self.holder("objective", said["objective"], priority, strand)
        else:
            intended.priority, intended.strand = priority, strand

    def whole_plan(self) -> Holder:
        """Objectives hang on a priority or strand; a plan that names none has one, called after it."""
        title = self.target.title
        known = self.holders.get(("priority", "", "", normal(title)))
        if known:
            return known
        self.found.notes.append(
            f"The file names no priority or work strand for some actions: they stand under one called “{title}”."
        )
        return self.holder("priority", Said(title, ""), is_ours=True)

    def holder(self, kind: str, said: Said, priority=None, strand=None, *, is_ours: bool = False) -> Holder | None:
        above = tuple(normal(holder.text) if holder else "" for holder in (priority, strand))
        identity = (kind, *above, normal(said.text))
        if identity not in self.holders:
            made = self.make_holder(kind, said, priority, strand, is_ours)
            if made is None:
                return None
            self.holders[identity] = made
            self.found.holders.append(made)
        return self.holders[identity]

    def make_holder(self, kind: str, said: Said, priority, strand, is_ours: bool) -> Holder | None:
        ref, text = numbered(said.text)
        record = self.standing.holder(
            kind, ref, text, said.text, priority and priority.record, strand and strand.record
        )
        if record is not None:
            return Holder(kind, getattr(record, "ref", ""), text, said, record, priority=priority, strand=strand)
        if not self.may_make:
            return None
        refs = self.standing.refs[kind]
        is_ref_ours = not ref or ref.casefold() in refs
        if is_ref_ours:
            taken = ref
            ref = free_ref(
                refs, f"{priority.ref}." if kind == "objective" and priority else "O" if kind == "objective" else ""
            )
            if taken:
                self.found.notes.append(
                    f"{said.place}: number {taken} stands here already, so “{shortened(text, 60)}” is {ref}."
                )
        refs.add(ref.casefold())
        return Holder(kind, ref, text, said if said.place else None, None, is_ref_ours, is_ours, priority, strand)

    # Actions

    def action(self, draft: Draft) -> Intended:
        ref = draft.one("ref")
        intended = Intended(draft, self.standing.take(draft, self.doc_ref(ref)))
        self.hold(intended)
        if ref:
            intended.document_refs = [shortened(ref.text, 60)]
        if intended.record is None:
            self.refer(intended, self.doc_ref(ref))
        for fill in (self.lead, self.partner, self.dates, self.aims, self.steps, self.report, self.measure):
            fill(intended)
        if intended.record is not None:
            self.differ(intended)
        return intended

    def doc_ref(self, said: Said | None) -> str:
        """The document's own reference, where it is one and stands once."""
        if said is None or len(said.text.strip()) > LONGEST_REF or normal(said.text) in self.repeated:
            return ""
        return said.text.strip().rstrip(".")

    def refer(self, intended: Intended, ref: str) -> None:
        refs = self.standing.refs["action"]
        if ref and ref.casefold() not in refs:
            intended.ref = ref
        else:
            holder = intended.objective or intended.priority or intended.strand
            intended.ref, intended.is_ref_ours = free_ref(refs, f"{holder.ref}." if holder.ref else "A"), True
        refs.add(intended.ref.casefold())

    def problem(self, intended: Intended, said: Said, meaning: str, reason: str, to_do: str) -> None:
        draft = intended.draft
        self.found.problems.append(
            Problem(draft.sheet, said.place, meaning, shortened(said.text), reason, to_do, draft.row)
        )

    def lead(self, intended: Intended) -> None:
        """The first is lead; leads named jointly support."""
        draft = intended.draft
        emails = [address for said in draft.said.get("email", []) for address in ADDRESS.findall(said.text)]
        names = [(name, said) for said in lead_cells(draft) for name in self.named[said.text]]
        for at, (name, said) in enumerate(names):
            # An address is of the one name beside it, or of each in turn; else it cannot be told whose it is.
            email = emails[at] if len(emails) == len(names) else emails[0] if emails and len(names) == 1 else ""
            self.name(intended, name, said, email or address_in(name.text))
        known = {person.key: person for person in intended.leads}
        intended.leads = list(known.values())
        intended.is_joint = len(intended.leads) > 1
        for within in dict.fromkeys(name.within for name, _ in names if name.within):
            note = f"“{shortened(within)}” is read as several: the first is lead, the rest support."
            if note not in self.found.notes:
                self.found.notes.append(note)

    def name(self, intended: Intended, name: Named, said: Said, email: str) -> None:
        fit = self.directory.lead(email) if email else Found()
        fit = fit if fit.is_sure else self.directory.lead(name.text)
        chosen, key = fit.chosen, key_of(name.text)
        if not fit.is_sure:
            self.found.questions.append(("people", name.text, Found(fit.chosen or self.proposal(name)), name.within))
            chosen, key = settled_as(key, self.wishes.people)
        if chosen.startswith(("partner-", BODY)):
            self.lead_body(intended, self.body_of(chosen, self.first.get(key, Said(name.text, said.place))))
        elif chosen == NEW or chosen in self.directory.leads:
            intended.leads.append(self.person_of(chosen, key, said, email))

    def proposal(self, name: Named) -> str:
        """A name with its post is the lead who stands alone elsewhere; a parent carer forum is a body."""
        person = key_of(name_and_role(name.text)[0])
        if person != key_of(name.text) and person in self.alone:
            return f"{SAME}{person}"
        return f"{BODY}{Partner.Sector.PARENT_CARER_FORUM}" if FORUM.search(name.text.strip()) else ""

    def lead_body(self, intended: Intended, body: Body) -> None:
        """A body in the column of leads owns the work; nobody of it is named."""
        if intended.partner not in (None, body):
            self.found.notes.append(
                f"{body.place}: an action has one body, so “{shortened(body.text)}” is left out beside “{intended.partner.text}”."
            )
        intended.partner = intended.partner or body

    def person_of(self, chosen: str, name: str, said: Said, email: str) -> Person:
        key = chosen if chosen != NEW else f"new {name}"
        if key not in self.found.people:
            lead, first = self.directory.leads.get(chosen), self.first.get(name, said)
            self.found.people[key] = Person(key, first.text, lead, email, lead is None, first.place)
        person = self.found.people[key]
        person.email = person.email or (email if person.is_new else "")
        return person

    def body_of(self, chosen: str, said: Said) -> Body:
        partner = self.directory.partners.get(chosen)
        key = chosen if partner else f"new {key_of(said.text)}"
        if key not in self.found.bodies:
            sector = chosen.removeprefix(BODY) if chosen.startswith(BODY) else Partner.Sector.OTHER.value
            self.found.bodies[key] = Body(key, said.text, partner, partner is None, said.place, sector)
        return self.found.bodies[key]

    def partner(self, intended: Intended) -> None:
        for said in intended.draft.said.get("partner", []):
            if key_of(said.text) in ("", "n a", "none") or intended.partner:
                continue
            fit = self.directory.body(said.text)
            chosen = fit.chosen if fit.is_sure else self.wishes.bodies.get(key_of(said.text), "")
            if not fit.is_sure:
                self.found.questions.append(("bodies", said.text, fit, ""))
            if chosen == NEW or chosen.startswith(BODY) or chosen in self.directory.partners:
                intended.partner = self.body_of(chosen, said)

    def dates(self, intended: Intended) -> None:
        due, starts = intended.draft.one("due"), intended.draft.one("starts")
        when = self.read(intended, due, "Due date") if due else When()
        intended.starts_on = when.starts_on
        if starts:
            begins = self.read(intended, starts, "Start")
            intended.starts_on = (
                begins.starts_on or (self.first_day(starts, begins) if begins.dues else None) or when.starts_on
            )
        for day, applies_to in when.dues:
            self.due(intended, due, day, applies_to, is_likely=when.is_likely or intended.draft.shared > 1)

    def first_day(self, said: Said, when: When) -> date | None:
        """A start is the first day that its words can mean."""
        return said.cell.day if said.cell and said.cell.day else first_of(said.text) or when.due_on

    def read(self, intended: Intended, said: Said, meaning: str) -> When:
        if said.cell is not None and said.cell.day and "\n" not in said.text:
            return When(((said.cell.day, ""),))
        try:
            when = read_when(said.text)
        except NotADay as reason:
            self.problem(
                intended,
                said,
                meaning,
                f"It {reason}.",
                "Write a day, month or term with its year, or set the date by hand.",
            )
            return When()
        if not when.dues and not when.starts_on and " ".join(said.text.lower().split()) not in EMPTY:
            self.keep_how_often(intended, said, meaning)
        return when

    def keep_how_often(self, intended: Intended, said: Said, meaning: str) -> None:
        """Ongoing, termly: no day to be held to, and words that must not be lost."""
        if meaning == "Due date":
            intended.how_often = intended.how_often or said
        else:
            self.found.notes.append(
                f"{said.place}: “{shortened(said.text)}” says how often, and names no day to start on."
            )

    def due(
        self, intended: Intended, said: Said, day: date, applies_to: str, *, is_likely: bool, note: str = ""
    ) -> None:
        starts_on = max(intended.starts_on or self.target.starts_on, date.min)
        if day < starts_on:
            begins = "it starts" if intended.starts_on else "the plan starts"
            self.problem(intended, said, "Due date", f"It is read as {in_words(day)}, before {begins} ({in_words(starts_on)}).",
                         "Mend the date, or let the plan start earlier.")  # fmt: skip
            return
        written = "" if said.cell is not None and said.cell.day else shortened(said.text, LONGEST_WRITTEN - 1)
        intended.dues.append(Due(day, written, applies_to, is_likely, said.place, note))

    def aims(self, intended: Intended) -> None:
        impact = intended.draft.one("impact")
        intended.impact = impact.text if impact else ""
        for said in intended.draft.said.get("kpi", []):
            for line in filter(None, (line.strip(" •-–") for line in said.text.splitlines())):
                kpi = self.directory.kpi(line)
                if kpi:
                    intended.kpis.append(kpi)
                else:
                    self.problem(intended, Said(line, said.place), "KPI", "No KPI of this area is called so.",
                                 "Track it first and choose the file again, or let the column mean the measure of success.")  # fmt: skip

    def steps(self, intended: Intended) -> None:
        """A milestone's day is its own; the action's is then the last of them, which is likely and not certain."""
        there = self.standing.steps_of(intended.record)
        steps = intended.draft.milestones
        read = [(step, self.read(intended, step.due, "Due date") if step.due else When()) for step in steps]
        intended.steps = [
            Step(step.text, when.due_on) for step, when in read if normal(step.text.text)[:200] not in there
        ]
        dated = [(when.due_on, step) for step, when in read if when.due_on]
        if dated and not intended.dues:
            day, step = max(dated, key=lambda pair: pair[0])
            self.due(intended, step.due, day, "", is_likely=True, note="The day of its last milestone.")

    def report(self, intended: Intended) -> None:
        if not self.wishes.with_updates:
            return
        said = self.status_said(intended)
        progress = intended.draft.one("progress")
        intended.narrative = progress.text if progress else ""
        evidence = intended.draft.one("evidence")
        intended.evidence = (
            [shortened(line.strip(" •-–"), 199) for line in evidence.text.splitlines() if line.strip(" •-–")]
            if evidence
            else []
        )
        if said is None:
            if progress and normal(progress.text):
                self.problem(
                    intended,
                    progress,
                    "Progress",
                    "It stands without a status.",
                    "Give the action a status, or report on it by hand.",
                )
            return
        status = status_of(said.text) or self.chosen_status(said)
        if status in PUT_ASIDE:
            self.problem(intended, said, "Status", "Only a decision of the Board puts an action on hold or stops it.",
                         "Record the decision on the meeting’s page.")  # fmt: skip
        elif status is not None:
            intended.status, intended.status_place = status, said.place

    def status_said(self, intended: Intended) -> Said | None:
        said = intended.draft.one("status")
        if said or not intended.draft.milestones:
            return said if said and normal(said.text) else None
        of_steps = [step.status for step in intended.draft.milestones if step.status]
        words = {normal(each.text) for each in of_steps}
        if len(words) == 1:
            return of_steps[0]
        if words:
            self.problem(
                intended,
                of_steps[0],
                "Status",
                "Its milestones have different statuses.",
                "Report on the action by hand.",
            )
        return None

    def chosen_status(self, said: Said) -> Status | None:
        self.found.questions.append(("statuses", said.text, Found(), ""))
        chosen = self.wishes.statuses.get(key_of(said.text), "")
        return Status(chosen) if chosen in Status.reportable() else None

    def measure(self, intended: Intended) -> None:
        holder = intended.objective.priority if intended.objective else intended.priority
        if holder is None and not intended.is_new:
            return
        for said in intended.draft.said.get("success", []):
            if holder is None:
                self.problem(intended, said, "Measure of success", "It belongs to a priority, and the row has none.",
                             "Choose the column or the heading that names the priority.")  # fmt: skip
                continue
            there = self.measured.setdefault((id(holder),), self.standing.measures_of(holder.record))
            for line in lines_in(said.text):
                if normal(line) not in there:
                    there.add(normal(line))
                    refs = self.standing.measure_refs[id(holder)]
                    ref = free_ref(refs | self.standing.measure_refs_of(holder.record), f"{holder.ref}.")
                    refs.add(ref.casefold())
                    self.found.measures.append(Measure(ref, Said(line, said.place), holder, line))

    # Against what stands

    def differ(self, intended: Intended) -> None:
        action = intended.record
        if action.retired_at:
            intended.left_because = "It is retired here."
            intended.steps = []
            return
        if self.wishes.is_same_file:
            intended.left_because = "This file brought it in before."
            return
        changes = {}
        text = intended.draft.action.text
        if normal(text) not in (normal(action.title), normal(action.source_text)):
            changes["title"] = (action.title, text)
        standing = self.standing.leads.get(action.pk)
        if intended.leads and (intended.leads[0].is_new or intended.leads[0].lead.pk != standing):
            changes["lead"] = (self.standing.name_of(standing), intended.leads[0].text)
        due = intended.dues[-1].day if intended.dues else None
        if due and due != action.standing_due_on:
            changes["due"] = (in_words(action.standing_due_on), in_words(due))
        for name, value in (("starts_on", intended.starts_on), ("intended_impact", intended.impact)):
            if value and not getattr(action, name):
                changes[name] = ("", in_words(value) if isinstance(value, date) else value)
        if intended.partner and not action.partner_id:
            changes["partner"] = ("", intended.partner.text)
        intended.changes = changes
        self.compare_report(intended)

    def compare_report(self, intended: Intended) -> None:
        """The same report again is none; and nobody reports over what the Board stopped or holds."""
        latest = self.standing.updates.get(intended.record.pk)
        if latest is None or intended.status is None:
            return
        intended.reported_before = Status(latest.status).label
        refusal = put_aside_because(latest, london_day(self.at))
        if refusal:
            said = Said(intended.status.label, intended.status_place)
            self.problem(intended, said, "Status", refusal, "Take it to the Board.")
        if refusal or (latest.status, normal(latest.narrative)) == (intended.status, normal(intended.narrative)):
            intended.status = None


def lead_cells(draft: Draft) -> list[Said]:
    return draft.said.get("lead", []) or draft.said.get("email", [])


def numbered(text: str) -> tuple[str, str]:
    """ "Priority 2: Early help" is no. 2, "Early help"; a text without a number has no reference."""
    found = NUMBERED.match(" ".join(text.split()) if "\n" not in text else text)
    return (found["ref"], found["text"].strip()) if found else ("", text.strip())


def free_ref(taken: set[str], lead: str) -> str:
    lead = lead[: LONGEST_REF - 5]
    number = 1
    while f"{lead}{number}".casefold() in taken:
        number += 1
    return f"{lead}{number}"


def lines_in(text: str) -> list[str]:
    return lines_of(text, "bullets")


def compare(entries: Entries, target: Target, directory: Directory, wishes: Wishes, *, at: datetime) -> Outcome:
    return Comparing(entries, target, directory, wishes, at=at).compare()
