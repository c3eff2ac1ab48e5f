"""What bringing the entries in would do to a plan: every record it would make or change, worked out and not yet written.

The rehearsal tells this object and the confirmation writes it, so they cannot differ. Beside a plan that exists, an
action is known by the document's reference, by its own words or by the wording as found; what the file leaves empty
changes nothing, and what is retired is left alone.
"""

from collections import Counter
from datetime import date, datetime

from board.plan_import.dating import Dating
from board.plan_import.drafts import Draft, Entries, Said
from board.plan_import.grids import MOST_ENTRIES, normal, too_many_entries
from board.plan_import.hanging import Hanging
from board.plan_import.held import Held
from board.plan_import.lines import lines_of, shortened
from board.plan_import.matching import Directory
from board.plan_import.naming import Naming
from board.plan_import.outcome import Holder, Intended, Measure, Outcome, Target, Wishes
from board.plan_import.refs import LONGEST_REF
from board.plan_import.reported import Reported
from common.dates import in_words, london_day


def compare(entries: Entries, target: Target, directory: Directory, wishes: Wishes, *, at: datetime) -> Outcome:
    return Comparing(entries, target, directory, wishes, at=at).compare()


class Comparing:
    def __init__(self, entries: Entries, target: Target, directory: Directory, wishes: Wishes, *, at: datetime):
        self.drafts, self.directory, self.wishes = entries.drafts, directory, wishes
        self.found = Outcome(target, problems=list(entries.problems), notes=list(entries.notes))
        self.standing = Held(target.strategy, at)
        self.hanging = Hanging(self.found, self.standing)
        self.naming = Naming(self.found, directory, wishes, entries.drafts)
        self.dating = Dating(self.found, self.standing)
        self.reported = Reported(self.found, self.standing, wishes, on=london_day(at))
        self.measured: dict[int, set[str]] = {}
        self.entries = 0
        repeated = Counter(normal(ref.text) for draft in entries.drafts if (ref := draft.one("ref")))
        self.repeated = {ref for ref, count in repeated.items() if count > 1}

    def compare(self) -> Outcome:
        for draft in self.drafts:
            intended = self.action(draft)
            self.found.actions.append(intended)
            self.count(1 + len(intended.steps) + len(intended.evidence))
        self.reported.note_left_out(self.drafts)
        return self.found

    def count(self, more: int) -> None:
        """Cells of many lines bring far more than the file has rows."""
        self.entries += more
        if self.entries > MOST_ENTRIES:
            raise too_many_entries()

    def action(self, draft: Draft) -> Intended:
        ref = draft.one("ref")
        intended = Intended(draft, self.standing.take(draft, self.doc_ref(ref)))
        self.hanging.hold(intended)
        if ref:
            intended.document_refs = [shortened(ref.text, 60)]
        if intended.record is None:
            self.refer(intended, self.doc_ref(ref))
        fills = (self.naming.lead, self.naming.partner, self.dating.dates, self.aims, self.dating.steps,
                 self.reported.report, self.measure)  # fmt: skip
        for fill in fills:
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
            intended.ref, intended.is_ref_ours = refs.free(f"{holder.ref}." if holder.ref else "A"), True
        refs.add(intended.ref.casefold())

    def aims(self, intended: Intended) -> None:
        impact = intended.draft.one("impact")
        intended.impact = impact.text if impact else ""
        for said in intended.draft.said.get("kpi", []):
            for line in filter(None, (line.strip(" •-–") for line in said.text.splitlines())):
                kpi = self.directory.kpi(line)
                if kpi:
                    intended.kpis.append(kpi)
                else:
                    self.found.not_understood(
                        intended, Said(line, said.place), "KPI", "No KPI of this area is called so.",
                        "Track it first and choose the file again, or let the column mean the measure of success.",
                    )  # fmt: skip

    def measure(self, intended: Intended) -> None:
        holder = intended.objective.priority if intended.objective else intended.priority
        if holder is None and not intended.is_new:
            return
        for said in intended.draft.said.get("success", []):
            if holder is None:
                self.found.not_understood(
                    intended, said, "Measure of success", "It belongs to a priority, and the row has none.",
                    "Choose the column or the heading that names the priority.",
                )  # fmt: skip
            else:
                self.measures_of(holder, said)

    def measures_of(self, holder: Holder, said: Said) -> None:
        """Those of a cell that its priority has not yet."""
        there = self.measured.setdefault(id(holder), self.standing.measures_of(holder.record))
        for line in lines_of(said.text, "bullets"):
            if normal(line) not in there:
                there.add(normal(line))
                refs = self.standing.measure_refs_of(holder)
                ref = refs.free(f"{holder.ref}.")
                refs.add(ref.casefold())
                self.count(1)
                self.found.measures.append(Measure(ref, Said(line, said.place), holder, line))

    # Against what stands

    def differ(self, intended: Intended) -> None:
        if intended.record.retired_at:
            intended.left_because = "It is retired here."
            intended.steps = []
        elif self.wishes.is_same_file:
            intended.left_because = "This file brought it in before."
        else:
            intended.changes = self.changes(intended)
            self.reported.compare(intended)

    def changes(self, intended: Intended) -> dict[str, tuple[str, str]]:
        """By field what stands and what the file says instead. What it leaves empty changes nothing."""
        action, changes, text = intended.record, {}, intended.draft.action.text
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
        return changes
