"""The forms by which officers keep actions, and by which a lead proposes a date. Their rules are `workstrands.upkeep`'s."""

from board.action_forms.bulk import BulkForm
from board.action_forms.choosing import Chosen, chosen_for
from board.action_forms.parting import NEW_PARTS, MergeForm, SplitForm
from board.action_forms.placing import ActionMoveForm, DateForm
from board.action_forms.retiring import MilestoneRetireForm, RetireForm, UndoForm
from board.action_forms.saying import ActionAddForm, ActionEditForm

__all__ = [
    "NEW_PARTS",
    "ActionAddForm",
    "ActionEditForm",
    "ActionMoveForm",
    "BulkForm",
    "Chosen",
    "DateForm",
    "MergeForm",
    "MilestoneRetireForm",
    "RetireForm",
    "SplitForm",
    "UndoForm",
    "chosen_for",
]
