"""The pages on which officers keep the actions of a plan, and on which a lead proposes another date."""

from board.views.action_upkeep.bulk import BulkView
from board.views.action_upkeep.history import ActionHistoryView, ActionUndoView
from board.views.action_upkeep.parting import ActionMergeView, ActionSplitView
from board.views.action_upkeep.placing import ActionMoveView, ProposeDateView
from board.views.action_upkeep.retiring import ActionRetireView, MilestoneRetireView
from board.views.action_upkeep.saying import ActionAddView, ActionEditView

__all__ = [
    "ActionAddView",
    "ActionEditView",
    "ActionHistoryView",
    "ActionMergeView",
    "ActionMoveView",
    "ActionRetireView",
    "ActionSplitView",
    "ActionUndoView",
    "BulkView",
    "MilestoneRetireView",
    "ProposeDateView",
]
