"""The action table: its columns, how each sorts, and what each says on the page and in a file."""

import re
from collections.abc import Callable, Iterable
from datetime import date

import django_tables2 as tables
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django_tables2.data import TableData

from common.dates import in_words
from common.templatetags.marks import status_tag
from strategies.own_words import strand_word
from workstrands.models import Action
from workstrands.standing import Standing
from workstrands.status import SHOWN_ORDER, SHOWN_WORDS, SILENT

PLACE_OF_LETTER = {letter: place for place, letter in enumerate(SHOWN_ORDER)}


def by_parts(ref: str) -> tuple:
    """7.10 after 7.9; parts that are words after parts that are numbers."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.findall(r"\d+|[^\W\d]+", ref.casefold())
    )


def _place_of(letter: str | None) -> int | None:
    return None if letter in (None, SILENT) else PLACE_OF_LETTER[letter]


# What each column is sorted by; None stands last whichever way.
SORTED_BY: dict[str, Callable[[Standing], object]] = {
    "ref": lambda s: by_parts(s.ref),
    "title": lambda s: s.title.casefold(),
    "place": lambda s: (
        (by_parts(s.priority_ref or ""), s.workstrand_slug or "") if s.priority_id or s.workstrand_id else None
    ),
    "lead": lambda s: (s.lead or s.partner).casefold() or None,
    "reported": lambda s: _place_of(s.shown_reported),
    "assessed": lambda s: _place_of(s.assessed),
    "flags": lambda s: (s.flags[0].severity, -s.flags[0].days) if s.flags else None,
    "due": lambda s: s.due_on,
    "said": lambda s: s.said.said_at if s.said else None,
    "fresh": lambda s: not s.is_fresh if s.said else None,
}


def in_order(rows: Iterable, keys: list[tuple[Callable, bool]]) -> list:
    """Sorted by (key, is descending) pairs, the first the weightiest; rows without a key's value stand last."""
    rows = list(rows)
    for key, is_descending in reversed(keys):
        found = [(key(row), row) for row in rows]
        present = [pair for pair in found if pair[0] is not None]
        present.sort(key=lambda pair: pair[0], reverse=is_descending)
        rows = [row for _, row in present] + [row for value, row in found if value is None]
    return rows


class ActionData(TableData):
    """The actions of a plan in the order asked for.

    Where the database has filtered and the order needs no rule, only the standings of the page shown are read: with
    1,500 actions the rules cost more than everything else on the page. `keep` is the filter that needs the rules, or None.
    """

    # What can be sorted by without reading a standing.
    PLAIN = {"ref": lambda row: by_parts(row[1]), "title": lambda row: row[2].casefold()}

    def __init__(self, actions, read: Callable[[object], list[Standing]], keep=None):
        super().__init__(actions)
        self.read, self.keep, self.aliases = read, keep, ()

    def order_by(self, aliases) -> None:
        self.aliases = tuple(aliases)
        self.__dict__.pop("chosen", None)

    @property
    def is_plain(self) -> bool:
        return self.keep is None and all(alias.lstrip("-") in self.PLAIN for alias in self.aliases)

    @cached_property
    def chosen(self) -> list:
        """Ids where that is enough, else standings; in order."""
        if self.is_plain:
            rows = self.data.order_by("position", "pk").values_list("pk", "ref", "title")
            return [row[0] for row in in_order(rows, self._keys(self.PLAIN))]
        standings = self.read(self.data)
        return in_order(self.keep(standings) if self.keep else standings, self._keys(SORTED_BY))

    def _keys(self, of_column: dict[str, Callable]) -> list[tuple[Callable, bool]]:
        return [(of_column[alias.lstrip("-")], alias.startswith("-")) for alias in self.aliases]

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, key):
        return self._read(self.chosen[key]) if isinstance(key, slice) else self._read([self.chosen[key]])[0]

    def __iter__(self):
        return iter(self._read(self.chosen))

    def _read(self, chosen: list) -> list[Standing]:
        if not self.is_plain or not chosen:
            return chosen
        found = {s.id: s for s in self.read(Action.objects.filter(pk__in=chosen))}
        return [found[pk] for pk in chosen if pk in found]


def _width(percent: int) -> dict:
    return {"th": {"class": f"st-w-{percent}"}}


def status_words(letter: str | None) -> str:
    return SHOWN_WORDS[letter or SILENT]


class ActionTable(tables.Table):
    """Over standings. `names` gives the address and the words of each priority (by ref) and strand (by slug)."""

    caption = "Actions, with what their leads report beside what dates and data say"
    row_header = "title"

    tick = tables.Column(  # officers alone see it, and on the screen alone
        "Choose",
        accessor="key",
        orderable=False,
        attrs={"th": {"class": "st-w-5 st-screen-only"}, "td": {"class": "st-screen-only"}},
    )
    ref = tables.Column("Ref")
    title = tables.Column("Action", attrs=_width(30))
    place = tables.Column("Priority or strand", accessor="priority_ref", empty_values=())
    lead = tables.Column("Lead", empty_values=())
    reported = tables.Column("Lead reports", accessor="shown_reported", attrs=_width(10))
    assessed = tables.Column("Dates and data say", attrs=_width(10))
    flags = tables.Column("Flags", empty_values=(), attrs=_width(10))
    due = tables.Column("Due (agreed)", accessor="due_on", empty_values=())
    said = tables.Column("Last update", empty_values=())
    fresh = tables.Column("Updated this round", accessor="is_fresh", empty_values=(), attrs=_width(5))

    class Meta:
        orderable = True
        template_name = "components/table.html"

    def __init__(self, data, *, strategy, names: dict[str, dict[str, str]], query: str = "", **kwargs):
        self.names, self.query = names, query
        self.base = reverse("board:strategy", args=[strategy.area.slug, strategy.slug])
        self.actions_base = reverse("board:current-actions", args=[strategy.area.slug])
        super().__init__(data, **kwargs)
        self.columns["place"].column.verbose_name = f"Priority or {strand_word().removeprefix('work ')}"

    def render_tick(self, record) -> str:
        key, name = escape(record.key), f"row-{record.id}"
        label = f'<span class="govuk-visually-hidden">Choose {escape(record.ref)} {escape(record.title)}</span>'
        return mark_safe(
            '<div class="govuk-checkboxes govuk-checkboxes--small"><div class="govuk-checkboxes__item">'
            f'<input class="govuk-checkboxes__input" type="checkbox" name="key" value="{key}" id="{name}">'
            f'<label class="govuk-label govuk-checkboxes__label" for="{name}">{label}</label></div></div>'
        )

    def render_title(self, record) -> str:
        """With the worst flag's sentence under it."""
        reason = f'<span class="st-reason">{escape(record.flags[0].sentence)}</span>' if record.flags else ""
        link = f'<a href="{self.actions_base}{record.key}/{self.query}">{escape(record.title)}</a>'
        return mark_safe(link + reason)

    def value_title(self, record) -> str:
        return record.title

    def render_place(self, record) -> str:
        parts = []
        if record.priority_id:
            href = f"{self.base}priorities/{record.priority_ref}/{self.query}"
            parts.append(f'<a class="st-nowrap" href="{escape(href)}">Priority {escape(record.priority_ref)}</a>')
        if record.workstrand_id:
            name = self.names["strand"].get(record.workstrand_slug, record.workstrand_slug)
            href = f"{self.base}strands/{record.workstrand_slug}/{self.query}"
            parts.append(f'<a href="{escape(href)}">{escape(name)}</a>')
        return mark_safe("<br>".join(parts) or "Neither")

    def value_place(self, record) -> str:
        priority = self.names["priority"].get(record.priority_ref, "") if record.priority_id else ""
        strand = self.names["strand"].get(record.workstrand_slug, "") if record.workstrand_id else ""
        priority = f"{record.priority_ref} {priority}".strip() if record.priority_id else ""
        return "; ".join(words for words in (priority, strand) if words)

    def render_lead(self, record) -> str:
        return owner_in_words(record)

    def render_reported(self, value) -> str:
        return status_tag(value, SHOWN_WORDS[value])

    def value_reported(self, value) -> str:
        return SHOWN_WORDS[value]

    render_assessed, value_assessed = render_reported, value_reported

    def render_flags(self, record) -> str:
        if not record.flags:
            return mark_safe('<span class="st-quiet">None</span>')
        words = "".join([f"<li>{escape(flag.short)}</li>" for flag in record.flags])
        return mark_safe(f'<ul class="st-flags">{words}</ul>')

    def value_flags(self, record) -> str:
        return " ".join(f"{flag.short}: {flag.sentence}" for flag in record.flags)

    def render_due(self, record) -> str:
        return in_words(record.due_on) or "None"

    def value_due(self, record) -> date | None:
        return record.due_on

    def render_said(self, record) -> str:
        return in_words(record.said.said_on) if record.said else "None"

    def value_said(self, record) -> date | None:
        return record.said.said_on if record.said else None

    def render_fresh(self, record) -> str:
        return "Yes" if record.is_fresh else "No"


def owner_in_words(standing: Standing) -> str:
    """Who answers for it. A body without a name is its own wording."""
    if standing.lead:
        return standing.lead
    return f"Owned by {standing.partner}, nobody named" if standing.partner else "Nobody named"
