"""The table of an area's evidence: its columns, how each sorts, and what each says on the page and in a file."""

from collections.abc import Callable
from datetime import date

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_tables2.data import TableListData

from board.evidence_held import Held
from board.tables import by_parts, in_order
from common.dates import in_words
from common.words import sentence_case
from strategies.models import Area
from workstrands.backing import is_erased, withheld_in_words
from workstrands.evidence import key_of
from workstrands.models import Evidence
from workstrands.templatetags.evidence import about_file

# None stands last whichever way.
SORTED_BY: dict[str, Callable[[Held], object]] = {
    "title": lambda row: row.piece.title.casefold(),
    "kind": lambda row: row.piece.get_kind_display(),
    "dated": lambda row: row.day,  # undated evidence stands last
    "action": lambda row: (row.action.strategy.slug, by_parts(row.action.ref)),
    "priority": lambda row: (row.priority.strategy.slug, by_parts(row.priority.ref)) if row.priority else None,
    "given": lambda row: row.given_on,
}


class EvidenceData(TableListData):
    def order_by(self, aliases) -> None:
        self.data = in_order(self.data, [(SORTED_BY[alias.lstrip("-")], alias.startswith("-")) for alias in aliases])


class EvidenceTable(tables.Table):
    """Over `Held` pieces. What stands in grey below a cell of the page has a column of its own in a file."""

    caption = "Evidence, with its kind, its date and age, the action that it backs, and who gave it"
    row_header = "title"

    title = tables.Column("Evidence", accessor="piece__title", attrs={"th": {"class": "st-w-25"}})
    kind = tables.Column("Kind", accessor="piece__get_kind_display")
    dated = tables.Column("Date", accessor="day", empty_values=(), attrs={"th": {"class": "st-w-15"}})
    date_is = tables.Column("Date is", empty_values=(), visible=False)
    age = tables.Column("Age", accessor="age_words", visible=False)
    old = tables.Column("Older than twelve months", empty_values=(), visible=False)
    action = tables.Column("Action", empty_values=(), attrs={"th": {"class": "st-w-25"}})
    action_title = tables.Column("Action: title", accessor="action__title", visible=False)
    plan = tables.Column("Plan", accessor="action__strategy__title", visible=False)
    priority = tables.Column("Priority", empty_values=(), attrs={"th": {"class": "st-w-15"}})
    given = tables.Column("Given", accessor="given_on", attrs={"th": {"class": "st-w-15"}})
    given_by = tables.Column("Given by", accessor="given_by", visible=False)
    url = tables.Column("Web address", accessor="url", visible=False)
    file_name = tables.Column("File", accessor="piece__file_name", visible=False)
    file_about = tables.Column("About the file", empty_values=(), visible=False)
    withheld = tables.Column("Withheld", accessor="withheld_words", visible=False)
    withheld_because = tables.Column("Why it is withheld", empty_values=(), visible=False)
    illustrative = tables.Column("Illustrative", empty_values=(), visible=False)

    class Meta:
        template_name = "components/table.html"

    def __init__(self, rows: list[Held], *, area: Area, query: str, may_withhold: bool, **kwargs):
        self.area, self.query, self.may_withhold = area, query, may_withhold
        super().__init__(EvidenceData(rows), **kwargs)

    def render_title(self, record: Held) -> str:
        piece = record.piece
        words = [
            about_file(piece) if record.is_file else "Web address" if piece.url else "No file or web address is held"
        ]
        words += ["illustrative"] if piece.is_illustrative else []
        return format_html(
            '{}<span class="st-reason">{}</span>{}', self.name_of(record), ", ".join(words), self.offer(record)
        )

    def name_of(self, record: Held) -> str:
        """The title, leading to the piece; struck with why where it is withheld, and leading nowhere where it is by now."""
        piece, address = record.piece, self.address_of(record)
        if record.is_withheld:
            return format_html(_STRUCK, piece.title, sentence_case(withheld_in_words(piece)))
        if piece.withheld_at:
            return format_html("{} <strong>(withheld since)</strong>", piece.title)
        if not address or piece.scan == Evidence.Scan.INFECTED:
            return piece.title
        return format_html('<a href="{}"{}>{}</a>', address, _DOWNLOAD if record.is_file else _AWAY, piece.title)

    def offer(self, record: Held) -> str:
        """To an officer: what may be done with it."""
        if not self.may_withhold or is_erased(record.piece):
            return ""
        address = reverse("board:evidence-withhold", args=[self.area.slug, record.piece.pk])
        word = "Give it out again" if record.is_withheld else "Withhold"
        return format_html(_OFFER, address, word, record.piece.title)

    def address_of(self, record: Held) -> str:
        if record.is_file:
            return reverse("board:evidence-file", args=[self.area.slug, key_of(record.piece)]) + self.query
        return record.url

    def value_title(self, record: Held) -> str:
        return record.piece.title

    def render_dated(self, record: Held) -> str:
        if record.day is None:
            return format_html('Not dated<span class="st-reason">{}</span>', "Its age is not known")
        age = f"{record.age_words} old" + ("" if record.is_dated_itself else "; the day it was reported")
        day = format_html(
            '<span class="st-nowrap">{}</span><span class="st-reason">{}</span>', in_words(record.day), age
        )
        flag = _OLD if record.is_old else ""
        return format_html("{}{}", day, flag)

    def value_dated(self, record: Held) -> date | None:
        return record.day

    def value_date_is(self, record: Held) -> str:
        return record.date_is

    def value_withheld_because(self, record: Held) -> str:
        return record.piece.withheld_because if record.is_withheld else ""

    def value_old(self, record: Held) -> str:
        return "yes" if record.is_old else "no"

    def render_action(self, record: Held) -> str:
        action = record.action
        address = reverse("board:action", args=[self.area.slug, action.key]) + self.query
        words = '<strong>{}</strong> <a href="{}">{}</a><span class="st-reason">{}</span>'
        return format_html(words, action.ref, address, action.title, action.strategy.title)

    def value_action(self, record: Held) -> str:
        return record.action.ref

    def render_priority(self, record: Held) -> str:
        if record.priority is None:
            return "None"
        where = [self.area.slug, record.priority.strategy.slug, record.priority.ref]
        address = reverse("board:priority", args=where) + self.query
        return format_html('<a href="{}">{} {}</a>', address, record.priority.ref, record.priority.title)

    def value_priority(self, record: Held) -> str:
        return f"{record.priority.ref} {record.priority.title}" if record.priority else ""

    def render_given(self, record: Held) -> str:
        return format_html('{}<span class="st-reason">{}</span>', in_words(record.given_on), record.given_by)

    def value_given(self, record: Held) -> date:
        return record.given_on

    def value_file_about(self, record: Held) -> str:
        return about_file(record.piece)

    def value_illustrative(self, record: Held) -> str:
        return "yes" if record.piece.is_illustrative else "no"


_STRUCK = '<s>{}</s> <strong>(withheld)</strong><span class="st-reason">{}</span>'
_OFFER = (
    '<span class="st-small st-screen-only"><a href="{}">{}<span class="govuk-visually-hidden">: {}</span></a></span>'
)
_DOWNLOAD = SafeString(" download")
_AWAY = SafeString(' rel="noopener noreferrer"')
_OLD = SafeString('<ul class="st-flags"><li>Older than twelve months</li></ul>')
