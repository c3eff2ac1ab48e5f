"""What can be said of an action: its status, its impact, why it slips, who is asked.

Meaning lives here; shape and colour live in `templates/components/status_tag.html`.
"""

from collections.abc import Mapping

from django.db import models

from strategies.own_words import status_word


class Status(models.TextChoices):
    """What a lead reports of an action: the Board's scale. "No update yet" is the absence of a report, so no member."""

    NOT_STARTED = "N", "Not started"
    OFF_TRACK = "R", "Off track"
    AT_RISK = "A", "At risk"
    ON_TRACK = "G", "On track"
    COMPLETE = "B", "Complete"
    ON_HOLD = "H", "On hold"
    STOPPED = "S", "Stopped"

    @classmethod
    def finished(cls) -> list["Status"]:
        """No longer live: done, or put aside by the Board."""
        return [cls.COMPLETE, cls.ON_HOLD, cls.STOPPED]

    @classmethod
    def worrying(cls) -> list["Status"]:
        return [cls.OFF_TRACK, cls.AT_RISK]

    @classmethod
    def reportable(cls) -> list["Status"]:
        """What a lead may choose. On hold and stopped are written only by carrying out a Board decision."""
        return [cls.NOT_STARTED, cls.ON_TRACK, cls.AT_RISK, cls.OFF_TRACK, cls.COMPLETE]


# Shown in the place of a letter, though no lead can report them.
EMBEDDED = "E"  # a complete action whose impact is sustained and confirmed
SILENT = "?"  # nothing was ever reported

PRODUCT_WORDS = {
    **{status.value: str(status.label) for status in Status},
    EMBEDDED: "Complete and embedded",
    SILENT: "No update",
}


class _ShownWords(Mapping):
    """The word of each letter as the area that is shown writes it (`strategies.own_words`), or the product's own."""

    def __getitem__(self, letter: str) -> str:
        return status_word(letter, PRODUCT_WORDS[letter])

    def __iter__(self):
        return iter(PRODUCT_WORDS)

    def __len__(self) -> int:
        return len(PRODUCT_WORDS)


SHOWN_WORDS = _ShownWords()
# The order in which counts stand in bars, tables and sentences.
SHOWN_ORDER = ["R", "A", "G", "N", "?", "B", "E", "H", "S"]


class UpdateKind(models.TextChoices):
    UPDATE = "update", "Update"
    NO_CHANGE = "no_change", "Nothing has changed"


class Cause(models.TextChoices):
    WORKFORCE = "workforce", "Workforce"
    FUNDING = "funding", "Funding"
    PARTNER = "partner", "A partner"
    DATA = "data", "Data"
    LAW = "law", "Law or national policy"
    OTHER = "other", "Other"


class EscalateTo(models.TextChoices):
    LEAD = "lead", "The lead deals with it"
    SRO = "sro", "Senior responsible owner"
    OPERATIONAL_GROUP = "operational_group", "Operational group"
    BOARD = "board", "The Board"


class Impact(models.TextChoices):
    """What an action has changed for children, said apart from how far the work is."""

    NOT_YET_EXPECTED = "not_yet_expected", "Not yet expected"
    NO_DATA = "no_data", "No data"
    NO_CHANGE = "no_change", "No change yet"
    EARLY_SIGNS = "early_signs", "Early signs"
    EVIDENT = "evident", "Evident"
    SUSTAINED = "sustained", "Sustained"


class EvidenceKind(models.TextChoices):
    DATA = "data", "Data"
    AUDIT = "audit", "Audit"
    LIVED_EXPERIENCE = "lived_experience", "Lived experience"
    CASE_STUDY = "case_study", "Case study"
    DOCUMENT = "document", "Document"


class DeadlineState(models.TextChoices):
    AGREED = "agreed", "Agreed"
    PROPOSED = "proposed", "Proposed"
    REFUSED = "refused", "Refused"
