"""Where actions hang: the priorities, strands and objectives that the file names, as they stand or as they would be made."""

import re

from board.plan_import.drafts import Said
from board.plan_import.grids import normal
from board.plan_import.held import Held
from board.plan_import.lines import shortened
from board.plan_import.outcome import Holder, Intended, Outcome

NUMBERED = re.compile(
    r"^(?:(?:key |strategic )?(?:priority|objective|outcome|theme|strand|workstrand|workstream|aim|goal|pillar|ambition)(?: area)?\s*)?"
    r"(?:no\.?\s*)?(?P<ref>[A-Z]?\d{1,3}(?:\.\d{1,3}){0,3}|[A-Z])\s*[.:)\-–—]+\s+(?P<text>\S.*)$",
    re.I | re.S,
)


class Hanging:
    def __init__(self, found: Outcome, standing: Held):
        self.found, self.standing = found, standing
        self.holders: dict[tuple, Holder] = {}
        self.may_make = True

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
        title = self.found.target.title
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
            ref = self.own_ref(kind, ref, Said(text, said.place), priority)
        refs.add(ref.casefold())
        return Holder(kind, ref, text, said if said.place else None, None, is_ref_ours, is_ours, priority, strand)

    def own_ref(self, kind: str, taken: str, said: Said, priority: Holder | None) -> str:
        lead = f"{priority.ref}." if kind == "objective" and priority else "O" if kind == "objective" else ""
        ref = self.standing.refs[kind].free(lead)
        if taken:
            self.found.notes.append(
                f"{said.place}: number {taken} stands here already, so “{shortened(said.text, 60)}” is {ref}."
            )
        return ref


def numbered(text: str) -> tuple[str, str]:
    """ "Priority 2: Early help" is no. 2, "Early help"; a text without a number has no reference."""
    found = NUMBERED.match(" ".join(text.split()) if "\n" not in text else text)
    return (found["ref"], found["text"].strip()) if found else ("", text.strip())
