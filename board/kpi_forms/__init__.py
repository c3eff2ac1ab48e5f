"""The forms in which KPIs are kept. Messages of single fields are here; what must hold as a whole is asked of `kpis`."""

from board.kpi_forms.figures import OTHER, MeasurementForm, seen_of
from board.kpi_forms.promises import CommentaryForm, RebaseForm, TargetForm
from board.kpi_forms.tracked import DefinitionForm, KpiForm

__all__ = [
    "OTHER",
    "CommentaryForm",
    "DefinitionForm",
    "KpiForm",
    "MeasurementForm",
    "RebaseForm",
    "TargetForm",
    "seen_of",
]
