"""The forms of the round trip: the workbook that comes back, and one of its rows as the form of one report."""

from datetime import date

from django import forms

from board.round_trip.columns import BY_NAME, FILLED, STATUS_WORDS
from board.round_trip.reading import MOST_BYTES
from people.models import Lead
from workstrands.forms import FilledForm, ShortDayField, UpdateForm, choice
from workstrands.models import Action, ProgressUpdate
from workstrands.reporting import refuse_incomplete

LEADS, MINE = "lead", "mine"
WHOSE = [
    (LEADS, "The lead’s: I bring them in on their behalf"),
    (MINE, "Mine, as an officer"),
]


class WorkbookForm(FilledForm):
    """The file; of an officer it is asked whose reports they are."""

    file = forms.FileField(
        label="The workbook",
        help_text=f"The Excel file (.xlsx) that was sent out, filled in: at most {MOST_BYTES // 2**20} MB.",
        allow_empty_file=True,  # the reader says what an empty file lacks
        widget=forms.FileInput(
            attrs={"accept": ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
        ),
        error_messages={"required": "Choose the workbook.", "invalid": "Choose the workbook again."},
    )
    whose = forms.ChoiceField(
        label="Whose reports are these?",
        choices=WHOSE,
        initial=LEADS,
        widget=forms.RadioSelect,
        help_text="The record will say that you brought them in.",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose whose reports these are."),
    )

    def __init__(self, *args, is_officer: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not is_officer:
            del self.fields["whose"]

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                f"The file is larger than {MOST_BYTES // 2**20} MB. Take pictures and other sheets out of it."
            )
        return file


class RowForm(UpdateForm):
    """The form of one report, filled from a row of the workbook: the same fields, rules and messages."""

    def __init__(self, values: dict[str, str], *, leads: list[Lead] = (), on_behalf_of: Lead | None = None):
        said = {name: value for name, value in values.items() if name != "no_change"}
        if on_behalf_of:
            said["on_behalf_of"] = str(on_behalf_of.pk)
        super().__init__(said, leads=leads)
        for part in ("title", "kind", "url"):
            del self.fields[f"evidence_2_{part}"]
        self.fields["status"] = choice(
            "How is it going?", STATUS_WORDS, empty="Not said", invalid="Choose how the action is going."
        )
        self.fields["needed_by"] = ShortDayField(label=BY_NAME["needed_by"].title, required=False)
        for column in FILLED:
            if column.name in self.fields:
                self.fields[column.name].label = column.title

    def clean(self) -> None:
        super().clean()
        if not self.cleaned_data.get("status") and not self.has_error("status"):
            self.add_error("status", "Choose how the action is going.")

    def refuse_incomplete(self, action: Action, *, on: date, is_backed: bool = False) -> None:
        """What the report lacks as a whole; whether earlier reports gave evidence has been read for all rows at once."""
        if not self.cleaned_data.get("status"):
            return
        said = {name: value for name, value in self.report.items() if name != "evidence"}
        refuse_incomplete(ProgressUpdate(action=action, **said), self.evidence, on=on, is_backed=is_backed)
