"""What the Board does: it meets, checks, challenges and decides; and the papers it saw, as it saw them."""

from board.models.decisions import Decision, DecisionOutcome
from board.models.meetings import Attendance, Challenge, ForwardItem, MeetingAction, MeetingActionOutcome
from board.models.packs import Pack, PackFile
from board.models.reminders import CalendarFeed, Reminder, RoundLink
from board.models.reviews import FlagReply, UpdateReview
from board.models.risks import Risk, RiskScore
from board.models.search import SearchEntry
from board.models.succession import Succession
from board.models.voices import FamilyView, PriorityAssessment, PublicPage

__all__ = [
    "Attendance",
    "CalendarFeed",
    "Challenge",
    "Decision",
    "DecisionOutcome",
    "FamilyView",
    "FlagReply",
    "ForwardItem",
    "MeetingAction",
    "MeetingActionOutcome",
    "Pack",
    "PackFile",
    "PriorityAssessment",
    "PublicPage",
    "Reminder",
    "Risk",
    "RiskScore",
    "RoundLink",
    "SearchEntry",
    "Succession",
    "UpdateReview",
]
