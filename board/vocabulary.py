"""The words of the Board's own business."""

from django.db import models


class DecisionKind(models.TextChoices):
    """What a decision does. Those about an action have an effect on it when they are carried out."""

    AGREE_DATE = "agree_date", "Agree a later date"
    REFUSE_DATE = "refuse_date", "Refuse a proposed date"
    ACCEPT_RED = "accept_red", "Accept off track until a date"
    PUT_ON_HOLD = "put_on_hold", "Put on hold until a date"
    STOP = "stop", "Stop"
    RESUME = "resume", "Take up again"
    OTHER = "other", "Something else"


class Outcome(models.TextChoices):
    """What became of a decision or of an entry of the meeting's action log."""

    DONE = "done", "Done"
    DROPPED = "dropped", "Dropped"
    REOPENED = "reopened", "Open again"


class ReviewVerdict(models.TextChoices):
    ACCEPTED = "accepted", "Accepted"
    RETURNED = "returned", "Returned to its lead"


class ReminderStage(models.TextChoices):
    OPENED = "opened", "The round has opened"
    CLOSING = "closing", "Three working days are left"
    OVERDUE = "overdue", "The round's last day has passed"
    OVERDUE_COPY = "overdue_copy", "Still nothing: copy to the officer"


class Felt(models.TextChoices):
    """What families say of a promise."""

    YES = "yes", "Yes"
    PARTLY = "partly", "Partly"
    NOT_YET = "not_yet", "Not yet"
    DO_NOT_KNOW = "do_not_know", "Don't know"


class PackKind(models.TextChoices):
    FULL = "full", "Full"
    EXCEPTIONS = "exceptions", "Exceptions only"


class PackFormat(models.TextChoices):
    PDF = "pdf", "PDF"
    DOCX = "docx", "Word"
    PPTX = "pptx", "PowerPoint"
    XLSX = "xlsx", "Excel"
    CSV = "csv", "CSV"
    HTML = "html", "Page"


class Fate(models.TextChoices):
    """What became of an earlier promise; `NOT_THE_SAME` refuses a proposal that a later one carries it on."""

    CARRIED_ON = "carried_on", "Carried on"
    DELIVERED = "delivered", "Delivered"
    DROPPED = "dropped", "Dropped"
    OPEN = "open", "Still open"
    NOT_THE_SAME = "not_the_same", "Not the same promise"
