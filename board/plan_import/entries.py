"""The rows of a plan made into actions, each with what stands beside it and the place it was found at.

A row that goes on from the one above is joined with it, an empty objective means the one above, and a cell with several
bulleted lines is several actions, whose dates and leads are shared out where their number allows no doubt. Whatever was
joined or shared out is noted; whatever cannot be understood is a problem, with its cell.
"""

import re

from board.plan_import.colours import Colour, colour_in, colour_of, is_the_rows
from board.plan_import.drafts import Choices, Draft, Entries, Problem, Said, Step
from board.plan_import.grids import MOST_ENTRIES, Cell, Row, normal, too_many_entries
from board.plan_import.layout import Part, Shape
from board.plan_import.lines import lines_of, parts_of, shortened
from board.plan_import.synonyms import HOLDERS, MEANINGS, REPEATABLE
from common.text import LONGEST_TEXT
from common.words import plural

GOES_ON = re.compile(r"(?:,|\b(?:and|or|the|of|to|for|with|by|in|a|an|including)|[-–(&])$", re.I)
LAST_WORD = 20  # letters: longer than any of them
EXAMPLE = "Example:"  # begins the reference of a row that shows how a row is filled in
PER_ACTION = ("lead", "due", "status", "starts")


def entries_of(shapes: list[Shape], mapping: list[list[str]], choices: list[Choices]) -> Entries:
    found = Entries()
    for shape, meanings, chosen in zip(shapes, mapping, choices, strict=True):
        if "action" not in meanings:
            found.notes.append(f"{shape.where}: left out, since no column of it is chosen as the action.")
            continue
        for part in shape.parts:
            Reading(shape, meanings, chosen, part, found).read()
    for note in dict.fromkeys(note for shape in shapes for part in shape.parts for note in part.grid.notes):
        found.notes.append(note)
    return found


class Reading:
    """One table, row by row, with what carries down from row to row."""

    def __init__(self, shape: Shape, meanings: list[str], choices: Choices, part: Part, found: Entries):
        self.shape, self.meanings, self.choices, self.part, self.found = shape, meanings, choices, part, found
        self.carried: dict[str, Said] = {}
        self.last: list[Draft] = []
        self.whole_rows = 0  # whose status cell has the colour of all
        for heading in part.grid.headings:
            if meaning := choices.above.get(heading.level):
                self.carried[meaning] = Said(heading.text, heading.place)
        self.above = dict(self.carried)

    def read(self) -> None:
        for row in self.part.rows:
            if not row.filled or self.is_example(row):
                continue
            said = self.words_of(row)
            if self.is_across(row):
                self.start_section(row)
            elif "action" in said and not self.is_lonely_end(row, said):
                self.start_action(row, said)
            else:
                self.go_on(row, said)
        if self.whole_rows:
            self.found.notes.append(
                f"{self.part.grid.name}: {plural(self.whole_rows, 'row')} of one colour; the status cell is empty in"
                f" {'it' if self.whole_rows == 1 else 'them'}, and a whole row’s colour is not read as a status."
            )

    # What a row says

    def is_example(self, row: Row) -> bool:
        """The template's own: never a part of the plan."""
        refs = (row.cell(column).text for column, meaning in enumerate(self.meanings) if meaning == "ref")
        return any(text.casefold().startswith(EXAMPLE.casefold()) for text in refs)

    def words_of(self, row: Row) -> dict[str, list[Said]]:
        """By meaning. A cell merged downwards counts in its first row, save for what each row below it shares."""
        said: dict[str, list[Said]] = {}
        for column, meaning in enumerate(self.meanings):
            cell = row.cell(column)
            if meaning == "status" and (colour := self.colour(row, column)):
                said["status"] = [Said(colour.text, cell.place, cell, colour)]
            if not meaning or not (cell.text or cell.problem):
                continue
            if cell.problem:
                self.report(
                    row, column, cell, cell.problem, "Then choose the file again; or bring in the rest without it."
                )
            elif not (cell.is_repeated and meaning in ("action", "milestone", *REPEATABLE)):
                said.setdefault(meaning, []).append(Said(self.worded(column, cell), cell.place, cell))
        return said

    def colour(self, row: Row, column: int) -> Colour | None:
        """What a status cell without text says by its colour. Where a whole row bears it, that is noted once."""
        cell = row.cell(column)
        if not cell.text and not cell.problem and is_the_rows(row, column) and colour_of(cell.fill):
            self.whole_rows += 1
        return colour_in(row, column)

    def worded(self, column: int, cell: Cell) -> str:
        """Of several columns with one meaning, each text is led by its heading."""
        is_one_of_several = self.meanings.count(self.meanings[column]) > 1
        heading = self.shape.headings[column]
        return f"{heading}: {cell.text}" if is_one_of_several and heading else cell.text

    def is_across(self, row: Row) -> bool:
        """One cell merged over half the table or more; or a text in a column that says nothing of an action."""
        if len(row.filled) != 1 or any(cell.is_repeated for cell in row.cells):
            return False
        column = row.filled[0]
        cell, meaning = row.cells[column], self.meanings[column] if column < len(self.meanings) else ""
        if cell.columns >= max(2, (self.shape.width + 1) // 2):
            return True
        return meaning in ("", "ref") and len(cell.text.split()) > 1

    def is_lonely_end(self, row: Row, said: dict) -> bool:
        """A row with an action's text alone, that goes on in mid-sentence from the one above."""
        if wordy(said) - set(HOLDERS) != {"action"} or not self.last or self.choices.lonely == "apart":
            return False
        if any(not each.cell.is_repeated for name in HOLDERS for each in said.get(name, ())):
            return False
        text, above = said["action"][0].text, self.last[-1].action.text
        if self.choices.lonely == "join":
            return True
        return text[:1].islower() or bool(GOES_ON.search(above[-LAST_WORD:]))

    # What a row does

    def start_section(self, row: Row) -> None:
        cell = row.cells[row.filled[0]]
        self.last = []
        if not self.choices.across:
            self.found.notes.append(f"{cell.place}: “{shortened(cell.text)}” stands across the table and is left out.")
            return
        self.carry({self.choices.across: Said(cell.text, cell.place, cell)})

    def carry(self, said: dict[str, Said]) -> None:
        """A new priority or strand ends the objective before it."""
        for name in HOLDERS:
            if name in said and normal(said[name].text) != normal(self.carried.get(name, Said("", "")).text):
                if name != "objective":
                    self.end_objective()
                self.carried[name] = said[name]

    def end_objective(self) -> None:
        """One that stands above the table holds for all of it."""
        self.carried.pop("objective", None)
        if "objective" in self.above:
            self.carried["objective"] = self.above["objective"]

    def start_action(self, row: Row, said: dict[str, list[Said]]) -> None:
        self.carry({name: said[name][0] for name in HOLDERS if name in said})
        action = said["action"][0]
        if "milestone" in said and self.last and normal(self.last[-1].action.text) == normal(action.text):
            self.add_step(self.last[-1], said)
            return
        texts = lines_of(action.text, self.choices.lines)
        self.last = [self.draft(row, Said(text, action.place), action.text if len(texts) > 1 else "") for text in texts]
        self.found.drafts += self.last
        if len(self.found.drafts) > MOST_ENTRIES:
            raise too_many_entries()
        if len(texts) > 1:
            self.found.notes.append(
                f"{action.place} holds {len(texts)} actions, by its {'lines' if self.choices.lines == 'every' else 'bullets'}."
            )
        if "milestone" in said:
            of_step = ("milestone", "due", "status")
            self.add_step(self.last[-1], {name: said[name] for name in of_step if name in said})
            said = {name: words for name, words in said.items() if name not in of_step}
        for meaning, words in said.items():
            if meaning not in (*HOLDERS, "action", "milestone"):
                self.share(row, meaning, words)

    def draft(self, row: Row, action: Said, whole: str) -> Draft:
        return Draft(row.number, self.part.grid.name, action, holders=dict(self.carried), whole=whole)

    def share(self, row: Row, meaning: str, words: list[Said]) -> None:
        """Among the actions of a cell: one each where there are as many, to all where there is one, else a problem."""
        if meaning not in PER_ACTION or len(self.last) == 1:
            for draft in self.last if meaning not in ("success", "progress", "evidence", "ref") else self.last[:1]:
                draft.said.setdefault(meaning, []).extend(words)
            return
        said = words[0]
        texts = parts_of(said.text, meaning, len(self.last))
        if len(texts) == len(self.last):
            for draft, text in zip(self.last, texts, strict=True):
                draft.said[meaning] = [Said(text, said.place)]
        elif len(texts) == 1:
            for draft in self.last:
                draft.said[meaning] = words
                draft.shared = len(self.last)
        else:
            column = self.meanings.index(meaning)
            self.report(
                row, column, Cell(said.text, said.place),
                f"{len(texts)} stand here for {len(self.last)} actions: whose each is cannot be told.",
                "Give each action its own row, or set it by hand afterwards.",
            )  # fmt: skip

    def go_on(self, row: Row, said: dict[str, list[Said]]) -> None:
        """No action of its own: a further milestone, or more words for the action above."""
        new = {name: said[name][0] for name in HOLDERS if name in said and not said[name][0].cell.is_repeated}
        others = {
            name: words for name, words in said.items()
            if name not in HOLDERS and not all(each.cell and each.cell.is_repeated for each in words)
        }  # fmt: skip
        if new:
            self.carry(new)
            if not wordy(others):
                self.last = []
        if not wordy(others):
            return
        if not self.last or (new and "action" not in said):
            self.report_without_action(row, others)
        elif "milestone" in others:
            self.add_step(self.last[-1], others)
        else:
            self.join(row, others)

    def add_step(self, draft: Draft, said: dict[str, list[Said]]) -> None:
        first = {name: said[name][0] for name in ("due", "status") if name in said}
        draft.milestones.append(Step(said["milestone"][0], first.get("due"), first.get("status")))
        for meaning, words in said.items():
            if meaning not in (*HOLDERS, "action", "milestone", "due", "status"):
                self.extend(draft, meaning, words)

    def join(self, row: Row, others: dict[str, list[Said]]) -> None:
        draft = self.last[-1]
        if "action" in others and (length := len(draft.action.text) + len(others["action"][0].text) + 1) > LONGEST_TEXT:
            words = others.pop("action")
            self.report(
                row, self.meanings.index("action"), Cell(words[0].text, words[0].place),
                f"Joined with the row above it would have {length:,} characters, and the most is {LONGEST_TEXT:,}.",
                "Shorten it, or let such rows be actions of their own.",
            )  # fmt: skip
        for meaning, words in others.items():
            if meaning == "action":
                draft.action = Said(f"{draft.action.text} {words[0].text}", draft.action.place)
                draft.whole = f"{draft.whole or draft.action.text}"
            else:
                self.extend(draft, meaning, words)
        if not others:
            return
        named = ", ".join(MEANINGS[meaning].split(":")[0].lower() for meaning in others)
        self.found.notes.append(
            f"{self.part.grid.name}, row {row.number} goes on from the row above and is joined with it ({named})."
        )

    def extend(self, draft: Draft, meaning: str, words: list[Said]) -> None:
        """Further words, unless they only say again what is there."""
        there = draft.said.setdefault(meaning, [])
        if meaning not in draft.heard:  # a text may go on over thousands of rows
            draft.heard[meaning] = {normal(one.text) for one in there}
        heard = draft.heard[meaning]
        new = [each for each in words if normal(each.text) not in heard]
        heard |= {normal(each.text) for each in new}
        there += new

    # What cannot be understood

    def report(self, row: Row, column: int, cell: Cell, reason: str, to_do: str) -> None:
        heading = self.shape.headings[column] or f"column {column + 1}"
        self.found.problems.append(
            Problem(self.part.grid.name, cell.place, heading, shortened(cell.text), reason, to_do, row.number)
        )

    def report_without_action(self, row: Row, others: dict[str, list[Said]]) -> None:
        meaning, words = next(iter(others.items()))
        column = self.meanings.index(meaning)
        self.report(row, column, Cell(words[0].text, words[0].place), "The row names no action.",
                    "Write the action in the row, or leave the row out.")  # fmt: skip


def wordy(said: dict[str, list[Said]]) -> set[str]:
    """What a row says in words, not by a colour alone."""
    return {meaning for meaning, words in said.items() if not all(each.colour for each in words)}
