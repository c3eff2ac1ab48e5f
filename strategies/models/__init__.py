"""The place, its plans, their documents and the Board's calendar."""

from strategies.models.base import DatedQuerySet, DatedRow, Illustrative, Retirable, RetirableQuerySet, Sourced
from strategies.models.calendar import Meeting, ReportingRound
from strategies.models.documents import GlossaryTerm, GovernanceBody, Passage, SourceDocument, YouSaidWeDid
from strategies.models.places import Area, Neighbour
from strategies.models.plans import Strategy
from strategies.models.versions import DataVersion

__all__ = [
    "Area",
    "DataVersion",
    "DatedQuerySet",
    "DatedRow",
    "GlossaryTerm",
    "GovernanceBody",
    "Illustrative",
    "Meeting",
    "Neighbour",
    "Passage",
    "ReportingRound",
    "Retirable",
    "RetirableQuerySet",
    "SourceDocument",
    "Sourced",
    "Strategy",
    "YouSaidWeDid",
]
