"""When the actions of a file start and are due, and the days of their milestones."""

from datetime import date

from board.plan_import.days import EMPTY, NotADay, When, first_of, read_when
from board.plan_import.drafts import Said
from board.plan_import.grids import normal
from board.plan_import.held import Held
from board.plan_import.lines import shortened
from board.plan_import.outcome import Due, Intended, Outcome, Step
from common.dates import in_words

LONGEST_WRITTEN = 120


class Dating:
    def __init__(self, found: Outcome, standing: Held):
        self.found, self.standing = found, standing

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
            to_do = "Write a day, month or term with its year, or set the date by hand."
            self.found.not_understood(intended, said, meaning, f"It {reason}.", to_do)
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
        starts_on = intended.starts_on or self.found.target.starts_on
        if day < starts_on:
            begins = "it starts" if intended.starts_on else "the plan starts"
            self.found.not_understood(
                intended, said, "Due date", f"It is read as {in_words(day)}, before {begins} ({in_words(starts_on)}).",
                "Mend the date, or let the plan start earlier.",
            )  # fmt: skip
            return
        written = "" if said.cell is not None and said.cell.day else shortened(said.text, LONGEST_WRITTEN - 1)
        intended.dues.append(Due(day, written, applies_to, is_likely, said.place, note))

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
