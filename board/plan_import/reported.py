"""What the file reports of its actions: status, progress and evidence, where reports come in with it.

A status is a word, or the colour of a cell without one. Words that are not plain are asked for; a plain colour is proposed,
and counts unless the officer says otherwise.
"""

from datetime import date

from board.plan_import.drafts import Draft, Said
from board.plan_import.grids import normal
from board.plan_import.held import Held
from board.plan_import.lines import shortened
from board.plan_import.matching import Found, key_of
from board.plan_import.outcome import Intended, Outcome, Wishes
from board.plan_import.statuses import PUT_ASIDE, status_of
from workstrands.reporting import put_aside_because
from workstrands.status import Status

BY_HAND = "Report on the action by hand."


class Reported:
    def __init__(self, found: Outcome, standing: Held, wishes: Wishes, *, on: date):
        self.found, self.standing, self.wishes, self.on = found, standing, wishes, on

    def note_left_out(self, drafts: list[Draft]) -> None:
        says_more = any(draft.said.keys() & {"status", "progress", "evidence"} for draft in drafts)
        if says_more and not self.wishes.with_updates:
            self.found.notes.append(
                "Statuses, progress and evidence are left out: bringing in reports was not asked for."
            )

    def report(self, intended: Intended) -> None:
        if not self.wishes.with_updates:
            return
        said, progress = self.status_said(intended), intended.draft.one("progress")
        intended.narrative = progress.text if progress else ""
        intended.evidence = evidence_in(intended.draft.one("evidence"))
        if said is not None:
            self.take(intended, said)
        elif progress and normal(progress.text):
            self.found.not_understood(
                intended, progress, "Progress", "It stands without a status.",
                "Give the action a status, or report on it by hand.",
            )  # fmt: skip

    def take(self, intended: Intended, said: Said) -> None:
        if said.colour and said.colour.doubt:
            to_do = "Write the status into the cell, or report on the action by hand."
            self.found.not_understood(intended, said, "Status", said.colour.doubt, to_do)
            return
        status = self.status_by_colour(said) if said.colour else status_of(said.text) or self.chosen_status(said)
        if status in PUT_ASIDE:
            self.found.not_understood(
                intended, said, "Status", "Only a decision of the Board puts an action on hold or stops it.",
                "Record the decision on the meeting’s page.",
            )  # fmt: skip
        elif status is not None:
            intended.status, intended.status_place = status, said.place
            intended.status_colour = said.colour.name if said.colour else ""

    def status_said(self, intended: Intended) -> Said | None:
        said = intended.draft.one("status")
        if said or not intended.draft.milestones:
            return said if said and normal(said.text) else None
        of_steps = [step.status for step in intended.draft.milestones if step.status]
        words = {normal(each.text) for each in of_steps}
        if len(words) == 1:
            return of_steps[0]
        if words:
            self.found.not_understood(
                intended, of_steps[0], "Status", "Its milestones have different statuses.", BY_HAND
            )
        return None

    def chosen_status(self, said: Said) -> Status | None:
        self.found.questions.append(("statuses", said.text, Found(), ""))
        return reportable(self.wishes.statuses.get(key_of(said.text), ""))

    def status_by_colour(self, said: Said) -> Status | None:
        """As the word for the colour would be read, unless the officer chose otherwise for every cell of that colour."""
        plain = status_of(said.colour.name)
        self.found.questions.append(("statuses", said.text, Found(plain.value), ""))
        return reportable(self.wishes.statuses.get(key_of(said.text), plain.value))

    def compare(self, intended: Intended) -> None:
        """The same report again is none; and nobody reports over what the Board stopped or holds."""
        latest = self.standing.updates.get(intended.record.pk)
        if latest is None or intended.status is None:
            return
        intended.reported_before = Status(latest.status).label
        refusal = put_aside_because(latest, self.on)
        if refusal:
            said = Said(intended.status.label, intended.status_place)
            self.found.not_understood(intended, said, "Status", refusal, "Take it to the Board.")
        if refusal or (latest.status, normal(latest.narrative)) == (intended.status, normal(intended.narrative)):
            intended.status = None


def reportable(chosen: str) -> Status | None:
    return Status(chosen) if chosen in Status.reportable() else None


def evidence_in(said: Said | None) -> list[str]:
    lines = (line.strip(" •-–") for line in said.text.splitlines()) if said else ()
    return [shortened(line, 199) for line in lines if line]
