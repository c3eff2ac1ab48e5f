"""Retiring an action or one of its milestones, and taking the last change back."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError

from board.action_forms.fields import seen_field
from common.dates import in_words
from workstrands.forms import FilledForm, long_text
from workstrands.models import Milestone


class RetireForm(FilledForm):
    seen = seen_field()
    because = long_text("Why it is retired", "It is done with, or another action does it, or it is needed no longer.")

    def clean_because(self) -> str:
        if not self.cleaned_data["because"].strip():
            raise ValidationError("Say why it is retired.")
        return self.cleaned_data["because"]


class MilestoneRetireForm(RetireForm):
    """One of the milestones of an action."""

    which = forms.ChoiceField(
        label="Which milestone is retired?", widget=forms.RadioSelect,
        error_messages={"required": "Choose the milestone.", "invalid_choice": "Choose the milestone."},
    )  # fmt: skip
    because = long_text("Why it is retired", "It is needed no longer, or another step takes its place.", rows=2)
    field_order = ("seen", "which", "because")

    def __init__(self, *args, milestones: Iterable[Milestone], **kwargs):
        super().__init__(*args, **kwargs)
        self.known = {str(one.pk): one for one in milestones}
        self.fields["which"].choices = [(pk, _told(one)) for pk, one in self.known.items()]

    @property
    def milestone(self) -> Milestone:
        return self.known[self.cleaned_data["which"]]


def _told(milestone: Milestone) -> str:
    due = f", due {in_words(milestone.due_on)}" if milestone.due_on else ""
    done = f", done {in_words(milestone.done_on)}" if milestone.done_on else ""
    return f"{milestone.text}{due}{done}"


class UndoForm(FilledForm):
    seen = seen_field()
