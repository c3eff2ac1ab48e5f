"""The figures: definitions, which of them an area tracks, what was measured, what was promised, where it came from."""

from kpis.models.figures import Commentary, Measurement, Rebase, Target
from kpis.models.indicators import Indicator, Kpi, SeriesBreak
from kpis.models.releases import ColumnMapping, FigureImport, FilePiece, Release

__all__ = [
    "ColumnMapping",
    "Commentary",
    "FigureImport",
    "FilePiece",
    "Indicator",
    "Kpi",
    "Measurement",
    "Rebase",
    "Release",
    "SeriesBreak",
    "Target",
]
