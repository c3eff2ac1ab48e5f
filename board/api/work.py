"""Actions as the action table has them, what was reported of them, and their dates, as rows."""

from collections.abc import Sequence
from copy import deepcopy
from typing import NamedTuple

from django.db.models import Prefetch

from board.api.asking import Asked, refuse_errors
from board.api.fields import Field, coded, day, flags, moment, several, text, whole, yes
from board.api.parameters import SLUG, Parameter, of_form, sorted_by
from board.api.plans import OF_PLAN
from board.api.problems import not_found
from board.filters import ActionFilter, assessed, reported
from board.tables import SORTED_BY, ActionTable
from board.views.actions import ActionListView
from workstrands.backing import counted_by
from workstrands.models import Action, Deadline, Evidence, ProgressUpdate
from workstrands.standing import Standing
from workstrands.status import SHOWN_WORDS


class TableRow(NamedTuple):
    """A record, and the table that says what stands in each of its columns."""

    record: object
    table: object


class TableRows(Sequence):
    """The rows of a page's table, in its order; a part is read as that part alone."""

    def __init__(self, table):
        self.table = table

    def __len__(self) -> int:
        return len(self.table.data)

    def __getitem__(self, key: slice) -> list[TableRow]:
        return [TableRow(record, self.table) for record in self.table.data[key]]


def page_view(view_class, asked: Asked, **given):
    """A page's own view, for the table and filter that it makes; nothing of it is drawn."""
    view = view_class()
    view.setup(asked.request)
    view.area, view.when, view.membership = asked.area, asked.when, asked.holder.membership
    for name, value in given.items():
        setattr(view, name, value)
    return view


def _letter(name: str, about: str, letter: str) -> Field:
    def pair(row: TableRow):
        code = getattr(row.record, letter)
        return code, getattr(row.table, f"value_{name}")(code)

    return coded(name, about, pair)


def flag_objects(standing: Standing) -> list[dict]:
    return [{"code": str(flag.code), "word": flag.short, "sentence": flag.sentence} for flag in standing.flags]


ACTION = (
    text("ref", "Its reference in the plan.", "record.ref"),
    text("title", "What is to be done.", "record.title"),
    text("place", "Its priority and its work strand, in words.", lambda row: row.table.value_place(row.record)),
    text("lead", "Who answers for it, in words.", lambda row: row.table.render_lead(row.record)),
    _letter("reported", "What its lead reports.", "shown_reported"),
    _letter("assessed", "What dates and data say: the report lowered by its flags.", "assessed"),
    flags("flags", "What questions the report, the worst first.", lambda row: flag_objects(row.record)),
    day("due", "The date agreed; none where none is.", lambda row: row.table.value_due(row.record)),
    day("said", "The day of the last update; none where nothing was reported.", lambda row: row.table.value_said(row.record)),
    yes("fresh", "Updated in the open or last closed round.", "record.is_fresh"),
    text("action", "Its key, as it stands in addresses: what updates and deadlines name.", "record.key"),
    text("strategy", "Its plan, as it stands in addresses.", lambda row: row.table.plan),
    text("priority", "The reference of its priority.", "record.priority_ref"),
    text("strand", "Its work strand, as it stands in addresses.", "record.workstrand_slug"),
    text("lead_name", "Its lead; empty where nobody is named.", "record.lead"),
    text("partner", "The body that owns it.", "record.partner"),
    day("starts_on", "When work on it starts.", "record.starts_on"),
    day("first_due", "The date first agreed.", "record.first_due_on"),
    yes("is_live", "Started, and not complete, on hold or stopped.", "record.is_live"),
    yes("is_critical", "A statutory duty, or the answer to an inspection finding.", "record.is_critical"),
)  # fmt: skip


def _filters() -> tuple[Parameter, ...]:
    """Of copies: a filter keeps the field that it is asked for, and each page offers its own plan's priorities in it."""
    own = deepcopy(ActionFilter.base_filters)
    own["reported"].extra["choices"], own["assessed"].extra["choices"] = reported(), assessed()
    return of_form({name: each.field for name, each in own.items()})


ACTION_FILTERS = (OF_PLAN, *_filters(), sorted_by(SORTED_BY))


def actions(asked: Asked) -> Sequence:
    """Exactly the rows of the action table under the same filters and sorting; none where no plan is current."""
    if asked.plan is None:
        return []
    view = page_view(ActionListView, asked, strategy=asked.plan)
    refuse_errors(view.filter.form)
    table: ActionTable = view.table
    table.plan = asked.plan.slug
    return TableRows(table)


ONE_ACTION = Parameter("action", "The key of one action.", pattern=SLUG)
OF_ACTION_FILTERS = (OF_PLAN, ONE_ACTION)


def _of_actions(asked: Asked, rows):
    """The dated rows known by the moment, of actions of the plans asked for."""
    found = rows.known_by(asked.moment).filter(action__strategy__in=[plan.pk for plan in asked.plans])
    key = asked.request.GET.get("action")
    if key:
        if not Action.objects.filter(area=asked.area, key=key).exists():
            raise not_found(f"There is no action “{key}” here.")
        found = found.filter(action__key=key)
    return found


UPDATE = (
    text("action", "The key of the action.", "action.key"),
    text("ref", "The reference of the action.", "action.ref"),
    text("strategy", "Its plan, as it stands in addresses.", "action.strategy.slug"),
    whole("number", "Counts the updates of the action from 1."),
    moment("recorded_at", "When it was reported."),
    coded("status", "What was reported.", lambda row: (row.status, SHOWN_WORDS[row.status])),
    coded("kind", "An update, or that nothing has changed."),
    text("narrative", "How it is going."),
    text("next_steps", "What happens next."),
    coded("cause", "Why it slips."),
    coded("escalate_to", "Who needs to act."),
    text("ask", "What is asked."),
    day("needed_by", "By when."),
    text("difference_made", "What difference it has made."),
    coded("impact", "What it has changed for children."),
    day("look_again_on", "Of On hold and Stopped: when the Board looks again."),
    text("on_behalf_of", "The lead for whom it was reported.", "on_behalf_of.name"),
    several("evidence", "Titles of what backs it.", lambda row: [one.title for one in row.known_evidence]),
    yes("is_imported", "Taken from a document."),
    yes("is_illustrative", "Made up, to look around with."),
)


def updates(asked: Asked):
    known = Evidence.objects.filter(counted_by(asked.moment)).order_by("pk")
    rows = _of_actions(asked, ProgressUpdate.objects.filter(area=asked.area))
    rows = rows.select_related("action__strategy", "on_behalf_of")
    return rows.prefetch_related(Prefetch("evidence", known, to_attr="known_evidence")).order_by("-recorded_at", "-pk")


DEADLINE = (
    text("action", "The key of the action.", "action.key"),
    text("ref", "The reference of the action.", "action.ref"),
    text("strategy", "Its plan, as it stands in addresses.", "action.strategy.slug"),
    whole("number", "Counts the dates of the action from 1."),
    moment("recorded_at", "When it was set down."),
    day("due_on", "The date."),
    text("as_written", "As a document has it."),
    text("applies_to", "Which part of the action it is the date of."),
    coded("state", "Agreed, proposed or refused."),
    text("reason", "Why."),
    yes("is_illustrative", "Made up, to look around with."),
)


def deadlines(asked: Asked):
    rows = _of_actions(asked, Deadline.objects.all()).select_related("action__strategy")
    return rows.order_by("action__strategy", "action__position", "action", "number", "pk")
