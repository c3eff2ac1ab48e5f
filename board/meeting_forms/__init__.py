"""The forms of a meeting. Messages of single fields are here; what must hold as a whole is asked of what records it."""

from board.meeting_forms.attendance import CameForm, People, attendance_lines
from board.meeting_forms.choosing import Choices
from board.meeting_forms.decisions import DecisionForm, OutcomeForm
from board.meeting_forms.forward import PlannedForm, planned_lines
from board.meeting_forms.minutes import ChallengeForm, LogForm

__all__ = [
    "CameForm",
    "ChallengeForm",
    "Choices",
    "DecisionForm",
    "LogForm",
    "OutcomeForm",
    "People",
    "PlannedForm",
    "attendance_lines",
    "planned_lines",
]
