"""A decision of the Board, and what became of it."""

from collections.abc import Sequence

from django import forms
from django.core.exceptions import ValidationError

from board.decision_rules import COMES_BACK, StopReason
from board.kpi_forms.numbers import radios
from board.kpi_forms.promises import SeenForm
from board.meeting_forms.choosing import ChoosingForm, due_on_field, owner_field, owner_text_field
from board.vocabulary import DecisionKind, Outcome
from common.text import Keepable
from workstrands.forms import DayField, choice, long_text

DATED = (DecisionKind.AGREE_DATE, *COMES_BACK)
KIND_HINTS = {
    DecisionKind.OTHER: "Something else: what is to be done, by whom and by when",
    DecisionKind.AGREE_DATE: "Agree a later date for an action",
    DecisionKind.REFUSE_DATE: "Refuse the date that its lead proposed",
    DecisionKind.ACCEPT_RED: "Accept that an action is off track, until a date",
    DecisionKind.PUT_ON_HOLD: "Put an action on hold, until a date",
    DecisionKind.STOP: "Stop an action",
    DecisionKind.RESUME: "Take an action up again that was on hold or stopped",
}


class DecisionForm(ChoosingForm):
    kind = radios(
        "What kind of decision is it?", list(KIND_HINTS.items()), missing="Choose what kind of decision it is."
    )
    text = forms.CharField(
        label="What was decided",
        help_text="One sentence that can be read out.",
        strip=False,
        validators=[Keepable("What was decided")],
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Say what was decided."},
    )
    action = choice("About which action", [], empty="No action")
    kpi = choice("About which KPI", [], empty="No KPI")
    day = DayField(
        label="The date agreed, or until when",
        required=False,
        help_text="Of a later date: the date that is agreed. On hold or accepted: its last day; it comes back by itself.",
    )
    stop_reason = choice(
        "Why it is stopped", StopReason.choices, empty="Only where an action is stopped", help_text="Of a stop only."
    )
    reason = long_text(
        "The reason", "Needed to accept, to put on hold and to stop. It is shown with the action.", rows=3
    )
    owner = owner_field()
    owner_text = owner_text_field()
    due_on = due_on_field()

    def clean(self) -> None:
        kind, said = self.cleaned_data.get("kind"), self.cleaned_data
        if kind == DecisionKind.STOP and not said.get("stop_reason"):
            self.add_error("stop_reason", "Choose why it is stopped.")
        elif kind and kind != DecisionKind.STOP and said.get("stop_reason"):
            self.add_error(
                "stop_reason", "Nothing is stopped by this kind of decision: choose “Stop”, or leave this empty."
            )
        if kind and kind not in DATED and said.get("day"):
            self.add_error(
                "day",
                "Only a later date, an acceptance and a hold have a date: choose one of these, or leave it empty.",
            )

    @property
    def decided(self) -> dict:
        said = self.chosen()
        day, kind, why = said.pop("day"), said["kind"], said.pop("stop_reason")
        words = f"{StopReason(why).label}. {said['reason']}" if why else said["reason"]
        return {
            **said,
            "reason": words,
            "agreed_on": day if kind == DecisionKind.AGREE_DATE else None,
            "until": day if kind in COMES_BACK else None,
        }

    def accuse(self, error: ValidationError) -> None:
        """Both dates of a decision are typed into one field."""
        if hasattr(error, "error_dict"):
            found = {"day" if name in ("agreed_on", "until") else name: said for name, said in error.error_dict.items()}
            error = ValidationError(found)
        super().accuse(error)


class OutcomeForm(SeenForm):
    outcome = radios("What became of it?", [], missing="Choose what became of it.")
    text = long_text("In words", "What was done, or why it is dropped. It is shown with it.", rows=3)

    def __init__(self, *args, offered: Sequence[Outcome], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(each.value, each.label) for each in offered]
        self.fields["text"].validators = [Keepable("What became of it", limit=500)]
