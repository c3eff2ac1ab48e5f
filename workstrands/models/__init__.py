"""The work: strands, objectives, actions, and everything said of them."""

from workstrands.models.actions import Action, Deadline, Milestone, Placement
from workstrands.models.files import PlanFile
from workstrands.models.strands import Objective, WorkStrand
from workstrands.models.updates import Evidence, ImpactConfirmation, ProgressUpdate

__all__ = [
    "Action",
    "Deadline",
    "Evidence",
    "ImpactConfirmation",
    "Milestone",
    "Objective",
    "Placement",
    "PlanFile",
    "ProgressUpdate",
    "WorkStrand",
]
