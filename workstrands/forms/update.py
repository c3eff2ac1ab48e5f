"""The form in which a lead says how an action is going.

A field's own message is here; what a report must say beside is asked of `reporting.what_is_missing`.
"""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from common.templatetags.marks import status_tag
from people.models import Lead
from workstrands.forms.days import DayField
from workstrands.forms.fields import FilledForm, WebAddressField, choice, long_text, one_line, with_role
from workstrands.forms.files import EvidenceFileField
from workstrands.models import ProgressUpdate
from workstrands.reporting import refuse_incomplete
from workstrands.status import SHOWN_WORDS, Cause, EscalateTo, EvidenceKind, Impact, Status

EVIDENCE_ROWS = 2
ASKED_BY_STATUS = ("cause", "next_steps", "escalate_to", "ask", "needed_by", "impact", "difference_made")

STATUS_MEANS = {
    Status.NOT_STARTED: "The start date is not reached.",
    Status.ON_TRACK: "Milestones are met; nothing threatens the date or the result.",
    Status.AT_RISK: "There is slippage or an issue. Say why, and what happens next.",
    Status.OFF_TRACK: "The date or the result will be missed. Say why, what happens next and who needs to act.",
    Status.COMPLETE: "It is done. Give evidence.",
}


def reportable_statuses() -> list[tuple[str, str]]:
    """Each with its letter, shape, word and meaning."""
    meaning = '{}<span class="st-reason">{}</span>'
    return [
        (status.value, format_html(meaning, status_tag(status.value, SHOWN_WORDS[status]), STATUS_MEANS[status]))
        for status in Status.reportable()
    ]


class UpdateForm(FilledForm):
    """One report. `leads` are those on whose behalf an officer may report; empty for everybody else.

    `takes_files`: whether evidence may be a file, which takes a form that sends files and somebody who has signed in.
    """

    seen_number = forms.IntegerField(widget=forms.HiddenInput, required=False)
    status = forms.ChoiceField(
        label="How is it going?",
        choices=reportable_statuses,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how the action is going.",
            "invalid_choice": "Choose how the action is going.",
        },
    )
    narrative = long_text("What has been done", "What was done since the last update, in plain words.", rows=4)
    cause = choice(
        "Main cause", Cause.choices, empty="Choose a cause", help_text="Asked for when at risk or off track."
    )
    next_steps = long_text("What happens next", "Who does what by when. Asked for when at risk or off track.")
    escalate_to = choice(
        "Who needs to act", EscalateTo.choices, empty="Choose who", help_text="Asked for when off track."
    )
    ask = long_text(
        "What the Board is asked to do", "Asked for when it is off track and the Board needs to act.", rows=3
    )
    needed_by = DayField(
        label="Answer needed by", help_text="For example, 31 3 2027. Asked for when the Board is asked.", required=False
    )
    impact = choice(
        "Has it changed anything for children and families?",
        Impact.choices,
        empty="Not said",
        help_text="The impact is said apart from how far the work is.",
    )
    difference_made = long_text(
        "What difference it has made", "What children, young people and families would notice.", rows=3
    )

    def __init__(self, *args, leads: list[Lead] = (), takes_files: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.leads = {str(lead.pk): lead for lead in leads}
        self.evidence_parts = ("title", "kind", "url", "file") if takes_files else ("title", "kind", "url")
        for row in range(1, EVIDENCE_ROWS + 1):
            self.fields.update(_evidence_fields(row))
            if takes_files:
                self.fields[f"evidence_{row}_file"] = EvidenceFileField(
                    label="Or a file", hint="Every member of this area may open it: nothing in it may point at a child."
                )
        self._mark_what_can_be_empty()
        if self.leads:
            self.fields["on_behalf_of"] = choice(
                "Whose report is this?",
                [(pk, f"On behalf of {with_role(lead)}") for pk, lead in self.leads.items()],
                empty="Mine, as an officer",
                help_text="The page and the record will say that you reported on their behalf.",
                invalid="Choose a lead of this action.",
            )

    def _mark_what_can_be_empty(self) -> None:
        """A blank placeholder tells the style sheet what is filled in: a part in which something stands is never folded."""
        for name, field in self.fields.items():
            if name in ASKED_BY_STATUS or name.startswith("evidence_"):
                field.widget.attrs["placeholder"] = " "

    def clean_seen_number(self) -> int:
        return self.cleaned_data["seen_number"] or 0

    def clean(self) -> None:
        for row in range(1, EVIDENCE_ROWS + 1):
            self._clean_evidence(row)

    def _clean_evidence(self, row: int) -> None:
        parts = ("title", "kind", "url", "file")
        title, kind, url, file = (self.cleaned_data.get(f"evidence_{row}_{part}") for part in parts)
        typed = any(f"evidence_{row}_{part}" in self.errors for part in ("title", "url", "file"))
        if not (title or kind or url or file or typed):
            return
        if url and file:
            self.add_error(
                f"evidence_{row}_file", "Give a web address or a file: each is a piece of evidence of its own."
            )
        if not title and not self.has_error(f"evidence_{row}_title"):
            self.add_error(f"evidence_{row}_title", f"Give evidence {row} a title.")
        if not kind and not self.has_error(f"evidence_{row}_kind"):
            self.add_error(f"evidence_{row}_kind", f"Choose the kind of evidence {row}.")

    def accuse(self, error: ValidationError) -> None:
        """What is said of evidence as a whole stands by its first title, unless a piece has its own message already."""
        of_evidence = getattr(error, "error_dict", {}).pop("evidence", None)
        if of_evidence and not any(name.startswith("evidence_") for name in self.errors):
            error.error_dict["evidence_1_title"] = of_evidence
        super().accuse(error)

    def refuse_incomplete(self, action, *, on: date) -> None:
        """What the report lacks as a whole, said at once with the messages of single fields."""
        if "status" not in self.cleaned_data:
            return
        said = {name: value for name, value in self.report.items() if name != "evidence"}
        refuse_incomplete(ProgressUpdate(action=action, **said), self.evidence, on=on)

    @property
    def evidence(self) -> list[tuple[str, str, str]]:
        rows = [[self.cleaned_data.get(f"evidence_{row}_{part}", "") for part in ("title", "kind", "url")]
                for row in range(1, EVIDENCE_ROWS + 1)]  # fmt: skip
        return [(title, kind, url) for title, kind, url in rows if title or kind or url]

    @property
    def evidence_files(self) -> dict[int, tuple[str, object]]:
        """The files that were chosen, each with the name of its field, by the place of its piece in `evidence`."""
        given = [
            row for row in range(1, EVIDENCE_ROWS + 1)
            if any(self.cleaned_data.get(f"evidence_{row}_{part}") for part in ("title", "kind", "url"))
        ]  # fmt: skip
        names = {place: f"evidence_{row}_file" for place, row in enumerate(given)}
        found = {place: (name, self.cleaned_data.get(name)) for place, name in names.items()}
        return {place: (name, file) for place, (name, file) in found.items() if file}

    @property
    def has_lost_files(self) -> bool:
        """Whether a file was chosen: it must be chosen again, should the page come back."""
        return "file" in self.evidence_parts and bool(self.files)

    @property
    def report(self) -> dict:
        """What `report_progress` takes, so far as it could be read."""
        names = ["status", "narrative", "cause", "next_steps", "escalate_to", "ask", "impact", "difference_made"]
        said = {name: self.cleaned_data.get(name, "") for name in names}
        return {
            **said,
            "needed_by": self.cleaned_data.get("needed_by"),
            "evidence": self.evidence,
            "on_behalf_of": self.leads.get(self.cleaned_data.get("on_behalf_of", "")),
        }

    @property
    def has_second_piece(self) -> bool:
        """Whether something stands, or is wrong, in the evidence that is folded away."""
        _, fields = self.evidence_rows[-1]
        return any(field.value() or field.errors for field in fields)

    @property
    def evidence_rows(self) -> list[tuple[int, list[forms.BoundField]]]:
        return [
            (row, [self[f"evidence_{row}_{part}"] for part in self.evidence_parts])
            for row in range(1, EVIDENCE_ROWS + 1)
        ]


def _evidence_fields(row: int) -> dict[str, forms.Field]:
    return {
        f"evidence_{row}_title": one_line("Title", limit=200),
        f"evidence_{row}_kind": choice("Kind", EvidenceKind.choices, empty="Choose a kind"),
        f"evidence_{row}_url": WebAddressField(
            label="Web address, where it has one",
            required=False,
            max_length=500,
            error_messages={"max_length": "The web address may have 500 characters at most."},
            widget=forms.TextInput({"inputmode": "url", "autocomplete": "off"}),
        ),
    }
