"""The KPI table: what narrows it, its columns, and what each says on the page and in a file."""

import django_tables2 as tables
from django import forms
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe

from board.tables import in_order
from common.text import text_problem
from kpis.rating import KpiStatus
from kpis.reading import KpiFigure
from kpis.svg import small_chart

_RATED_ORDER = {status: place for place, status in enumerate([
    KpiStatus.BEHIND, KpiStatus.SLIGHTLY_BEHIND, KpiStatus.ON_TRAJECTORY, KpiStatus.MET, KpiStatus.NO_TARGET,
    KpiStatus.CONTEXTUAL, KpiStatus.SUPPRESSED, KpiStatus.NOT_YET_DUE, KpiStatus.NO_DATA,
])}  # fmt: skip


class KpiFilterForm(forms.Form):
    q = forms.CharField(label="Words in the title", required=False, max_length=200)
    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "All"), *KpiStatus.choices],
        error_messages={"invalid_choice": "There is no such status. Choose one of the list."},
    )  # fmt: skip

    def clean_q(self) -> str:
        problem = text_problem(self.cleaned_data["q"], name="Words in the title", limit=200)
        if problem:
            raise forms.ValidationError(problem)
        return self.cleaned_data["q"].strip()

    def kept(self, figures: list[KpiFigure]) -> list[KpiFigure]:
        """Nothing where a filter is not understood, rather than rows that answer another question."""
        if not self.is_valid():
            return []
        words, status = self.cleaned_data["q"].casefold(), self.cleaned_data["status"]
        return [f for f in figures if words in f.title.casefold() and (not status or f.status == status)]

    def in_words(self) -> list[tuple[str, str]]:
        if not self.is_valid():
            return []
        said = [
            ("Words", self.cleaned_data["q"]),
            ("Status", dict(KpiStatus.choices).get(self.cleaned_data["status"], "")),
        ]
        return [(label, value) for label, value in said if value]


# What each column is sorted by; None stands last whichever way.
SORTED_BY = {
    "title": lambda f: f.title.casefold(),
    "latest": lambda f: f.latest.value if f.latest else None,
    "period": lambda f: f.latest.period_end if f.latest else None,
    "target": lambda f: f.target.value if f.target else None,
    "status": lambda f: _RATED_ORDER[f.status],
    "change": lambda f: f.change_words or None,
    "owner": lambda f: f.owner.casefold() if f.owner else None,
}
_NUMBER = {"td": {"class": "st-number"}, "th": {"class": "st-number"}}


def sorted_figures(figures: list[KpiFigure], sort: str) -> list[KpiFigure]:
    key = SORTED_BY.get(sort.removeprefix("-"))
    return in_order(figures, [(key, sort.startswith("-"))]) if key else figures


class KpiTable(tables.Table):
    """Over `KpiFigure`s that are in order already: the order of a list of values is ours to make, not the table's."""

    caption = "KPIs, with the latest figure, its target and how it stands against it"
    row_header = "title"

    title = tables.Column("KPI", attrs={"th": {"class": "st-w-25"}})
    latest = tables.Column("Latest", accessor="latest_shown", attrs=_NUMBER, empty_values=())
    unit = tables.Column("Unit", visible=False)
    period = tables.Column("Period", accessor="latest_period", empty_values=())
    target = tables.Column("Target", accessor="target_words", empty_values=())
    status = tables.Column("Status", accessor="status", empty_values=(), attrs={"th": {"class": "st-w-20"}})
    change = tables.Column("Change", accessor="change_words", empty_values=())
    trend = tables.Column(
        "Trend",
        accessor="title",
        orderable=False,
        empty_values=(),
        exclude_from_export=True,
        attrs={"th": {"class": "st-w-15"}},
    )
    owner = tables.Column("Owner", empty_values=())

    class Meta:
        template_name = "components/table.html"

    def __init__(self, data, *, base: str, query: str, **kwargs):
        self.base, self.query = base, query
        super().__init__(data, **kwargs)

    def render_title(self, record) -> str:
        return format_html('<a href="{}{}/{}">{}</a>', self.base, record.code, self.query, record.title)

    def value_title(self, record) -> str:
        return record.title

    def value_latest(self, record):
        """The raw number; the words where there is no number."""
        if not record.latest:
            return None
        return record.latest.value if record.latest.value is not None else record.latest_shown

    def render_target(self, record) -> str:
        return record.target_words.removeprefix("target ") or "None"

    def value_target(self, record):
        target = record.target
        return (target.value if target.value is not None else target.as_written) if target else None

    def value_period(self, record) -> str:
        return record.latest_period

    def render_status(self, record) -> str:
        return format_html(
            '<strong>{}</strong><span class="st-reason">{}</span>', record.status.label, record.status_sentence
        )

    def value_status(self, record) -> str:
        return str(record.status.label)

    def render_change(self, record) -> str:
        return record.change_words or "–"

    def value_change(self, record) -> str:
        return record.change_words

    def render_trend(self, record) -> str:
        return small_chart(record.chart) or mark_safe('<span class="st-quiet">Too few figures</span>')

    def render_owner(self, record) -> str:
        return escape(record.owner) if record.owner else "Nobody named"

    def value_owner(self, record) -> str:
        return record.owner or ""
