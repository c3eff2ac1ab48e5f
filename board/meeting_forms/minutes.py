"""What was questioned, and what the meeting itself asked to be done."""

from django import forms

from board.meeting_forms.choosing import ChoosingForm, due_on_field, owner_field, owner_text_field
from common.text import Keepable
from workstrands.forms import choice, long_text, one_line


class ChallengeForm(ChoosingForm):
    text = forms.CharField(
        label="What was questioned",
        strip=False,
        validators=[Keepable("What was questioned")],
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Say what was questioned."},
    )
    raised_by = one_line("By whom", limit=120, help_text="A post or a body, such as “Parent carer forum”.")
    answer = long_text("What was answered", "Empty where no answer was given yet.", rows=3)
    action = choice("About which action", [], empty="No action")
    kpi = choice("About which KPI", [], empty="No KPI")


class LogForm(ChoosingForm):
    text = forms.CharField(
        label="What is to be done",
        strip=False,
        validators=[Keepable("What is to be done")],
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Say what is to be done."},
    )
    owner = owner_field()
    owner_text = owner_text_field()
    due_on = due_on_field()
