"""The Board's own business, and what inspectors found, as rows."""

from collections.abc import Sequence

from django.db.models import Prefetch

from board.api.asking import Asked, refuse_errors
from board.api.fields import coded, day, moment, several, text, whole, yes
from board.api.parameters import of_form, sorted_by
from board.api.plans import OF_PLAN
from board.api.work import TableRow, TableRows, page_view
from board.decided import Item, decisions_known, items
from board.risk_table import SORTED_BY, RiskFilterForm
from board.risks import moment_before
from board.views.risks import RiskListView
from kpis.models import Kpi
from priorities.models import Finding
from strategies.models import Meeting, ReportingRound, Strategy
from workstrands.models import Action, Objective

DECISION = (
    day("meeting", "The day of the meeting.", "row.meeting.held_on"),
    whole("number", "Counts the decisions of the meeting from 1.", "row.number"),
    coded("kind", "What it does.", lambda item: (item.row.kind, item.row.get_kind_display())),
    text("text", "What was decided.", "row.text"),
    text("reason", "Why.", "row.reason"),
    text("owner", "Who sees to it.", "who"),
    day("due_on", "To be done by.", "row.due_on"),
    text("action", "The key of the action that it is about.", "row.action.key"),
    text("kpi", "The code of the KPI that it is about.", "row.kpi.indicator.code"),
    day("agreed_on", "The date that was agreed.", "row.agreed_on"),
    day("until", "Until when, or when it is looked at again.", "row.until"),
    text("state", "Open, Overdue, Done or Dropped."),
    text("outcome", "What became of it, in words.", "outcome_text"),
    day("outcome_on", "When that was set down."),
    moment("recorded_at", "When the decision was set down.", "row.recorded_at"),
    yes("is_illustrative", "Made up, to look around with.", "row.is_illustrative"),
)


def decisions(asked: Asked) -> list[Item]:
    rows = decisions_known(asked.moment).filter(meeting__area=asked.area)
    return items(rows.order_by("-meeting__held_on", "number", "pk"), asked.when.day)


def _of_table(name: str):
    return lambda row: getattr(row.table, f"value_{name}")(row.record)


def _level(row: TableRow) -> tuple[str, str]:
    level = row.record.level
    return (level.value, level.label) if level else ("", "")


RISK = (
    text("ref", "Its reference.", "record.ref"),
    text("title", "The risk or issue.", "record.risk.title"),
    coded("kind", "A risk or an issue.", lambda row: (row.record.risk.kind, row.table.value_kind(row.record))),
    text("cause", "Because of what.", "record.risk.cause"),
    text("event", "What may happen.", "record.risk.event"),
    text("effect", "What that would mean.", "record.risk.effect"),
    whole("score", "Likelihood times impact.", "record.number"),
    whole("likelihood", "From 1 to 5.", "record.score.likelihood"),
    whole("impact", "From 1 to 5.", "record.score.impact"),
    coded("level", "How serious the score is.", _level),
    whole("target", "The score aimed at.", "record.target"),
    coded("movement", "Against the Board's last meeting.", lambda row: (row.record.movement, row.record.movement_words)),
    whole("before", "The score then.", "record.number_before"),
    text("owner", "Who answers for it.", _of_table("owner")),
    text("mitigation", "What is done about it.", "record.risk.mitigation"),
    day("review", "When it is looked at again.", "record.risk.review_on"),
    yes("overdue", "That day has passed.", "record.is_overdue"),
    coded("escalated", "To whom it was taken.", lambda row: (row.record.risk.escalated_to, _of_table("escalated")(row))),
    day("raised", "When it was raised.", "record.risk.raised_on"),
    day("closed", "When it was closed; none while it is open.", _of_table("closed")),
    text("strategy", "Its plan, as it stands in addresses.", lambda row: row.table.plan),
    several("priorities", "References of the priorities it touches.", lambda row: [one.ref for one in row.record.risk.priorities.all()]),
    yes("is_illustrative", "Made up, to look around with.", "record.risk.is_illustrative"),
)  # fmt: skip
RISK_FILTERS = (OF_PLAN, *of_form(RiskFilterForm.base_fields), sorted_by(SORTED_BY))


def risks(asked: Asked) -> Sequence:
    """Exactly the rows of the register under the same filters and sorting; none where no plan is current."""
    if asked.plan is None:
        return []
    since, before = moment_before(asked.plan, asked.when.day, None)
    view = page_view(RiskListView, asked, strategy=asked.plan, since=since, before=before, compare=None)
    refuse_errors(view.form)
    view.table.plan = asked.plan.slug
    return TableRows(view.table)


MEETING = (
    day("held_on", "The day of the meeting."),
    day("papers_due_on", "When papers are due."),
    yes("is_called_off", "It does not take place."),
    text("called_off_because", "Why not.", lambda row: row.cancelled_because if row.is_called_off else ""),
    yes("is_past", "By the day of the view."),
    yes("is_illustrative", "Made up, to look around with."),
)


class _Known:
    """A record of the calendar with what was known of it at a moment; everything else is the record's own."""

    def __init__(self, record, **known):
        self._record = record
        self.__dict__.update(known)

    def __getattr__(self, name: str):
        return getattr(self._record, name)


def meetings(asked: Asked) -> list[_Known]:
    found = Meeting.objects.filter(area=asked.area).order_by("-held_on", "pk")
    return [
        _Known(one, is_called_off=one.is_called_off(asked.moment), is_past=one.held_on < asked.when.day)
        for one in found
    ]


ROUND = (
    day("meeting", "The day of the meeting that it is for.", "meeting.held_on"),
    day("opens_on", "When it is planned to open."),
    day("closes_on", "When it is planned to close."),
    moment("opened_at", "When it was opened."),
    moment("closed_at", "When it was closed."),
    yes("is_open", "Leads report now."),
    yes("is_illustrative", "Made up, to look around with."),
)


def rounds(asked: Asked) -> list[_Known]:
    found = ReportingRound.objects.filter(meeting__area=asked.area).select_related("meeting")
    return [_round_at(one, asked) for one in found.order_by("-meeting__held_on", "pk")]


def _round_at(one: ReportingRound, asked: Asked) -> _Known:
    def by_then(moment):
        return moment if moment and moment <= asked.moment else None

    return _Known(
        one, opened_at=by_then(one.opened_at), closed_at=by_then(one.closed_at), is_open=one.is_open(asked.moment)
    )


FINDING = (
    text("inspectorates", "Who inspected.", "inspection.inspectorates"),
    day("inspected_from", "The first day of the inspection.", "inspection.inspected_from"),
    day("inspected_to", "Its last day.", "inspection.inspected_to"),
    text("ref", "The reference of the finding."),
    coded("kind", "What kind of finding it is."),
    text("text", "What was found."),
    text("part_of", "The reference of the finding that it is a part of.", "parent.ref"),
    text("owner", "Who is to act, in the inspectors' words.", "owner_text"),
    several("objectives", "Plan and key of each objective that answers it.", lambda row: _named(row.objectives.all())),
    several("actions", "The keys of the actions that answer it.", lambda row: [one.key for one in row.actions.all()]),
    several("kpis", "The codes of the KPIs that answer it.", lambda row: [one.indicator.code for one in row.kpis.all()]),
    yes("is_answered", "Something answers it itself.", lambda row: bool(row.objectives.all() or row.actions.all() or row.kpis.all())),
)  # fmt: skip


def _named(objectives) -> list[str]:
    return [f"{one.strategy.slug}/{one.key}" for one in objectives]


def findings(asked: Asked):
    """Of the inspections that had ended by the day, with what answered them; five queries."""
    published = {"strategy__state": Strategy.State.PUBLISHED, "strategy__area": asked.area}
    objectives = Objective.objects.existing(asked.moment).filter(**published).select_related("strategy")
    actions = Action.objects.existing(asked.moment).filter(**published).order_by("strategy", "position", "pk")
    kpis = Kpi.objects.existing(asked.moment).filter(area=asked.area).select_related("indicator")
    return (
        Finding.objects.existing(asked.moment)
        .filter(inspection__area=asked.area, inspection__inspected_to__lte=asked.when.day)
        .select_related("inspection", "parent")
        .prefetch_related(
            Prefetch("objectives", objectives.order_by("strategy", "position", "pk")),
            Prefetch("actions", actions),
            Prefetch("kpis", kpis.order_by("position", "indicator__title", "pk")),
        )
        .order_by("-inspection__inspected_from", "inspection", "position", "pk")
    )
