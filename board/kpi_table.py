"""The KPI table: what narrows it, its columns, and what each says on the page and in a file."""

from collections.abc import Callable
from decimal import Decimal

import django_tables2 as tables
from django import forms
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe
from django_tables2.data import TableListData

from board.tables import in_order
from common.text import text_problem
from kpis.models import Kpi
from kpis.rating import KpiStatus, exact
from kpis.reading import KpiFigure
from kpis.svg import sparkline
from kpis.vocabulary import Unit
from priorities.models import Priority
from strategies.models import Area

LONGEST_SEARCH = 200

# What the Board should look at first.
_RATED_ORDER = {status: place for place, status in enumerate([
    KpiStatus.BEHIND, KpiStatus.SLIGHTLY_BEHIND, KpiStatus.ON_TRAJECTORY, KpiStatus.MET, KpiStatus.NO_TARGET,
    KpiStatus.CONTEXTUAL, KpiStatus.SUPPRESSED, KpiStatus.NOT_YET_DUE, KpiStatus.NO_DATA,
])}  # fmt: skip


def priority_choices(area: Area) -> list[tuple[str, str]]:
    """Of every plan of the area, so that a link into an earlier plan's KPIs stays good; the value is "plan/ref"."""
    rows = Priority.objects.filter(strategy__area=area, kpis__area=area).distinct()
    found = rows.order_by("-strategy__starts_on", "position").values_list(
        "strategy__slug", "strategy__title", "ref", "title"
    )
    plans = {slug for slug, *_ in found}
    return [
        (f"{slug}/{ref}", f"{ref} {title}" if len(plans) == 1 else f"{plan}: {ref} {title}")
        for slug, plan, ref, title in found
    ]


class KpiFilterForm(forms.Form):
    q = forms.CharField(label="Words in the title", required=False, max_length=LONGEST_SEARCH)
    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "All"), *KpiStatus.choices],
        error_messages={"invalid_choice": "There is no such status. Choose one of the list."},
    )  # fmt: skip
    priority = forms.ChoiceField(
        label="Priority", required=False,
        error_messages={"invalid_choice": "No priority with a KPI is called that. Choose one of the list."},
    )  # fmt: skip

    def __init__(self, data, *, area: Area):
        super().__init__(data)
        self.area = area
        self.fields["priority"].choices = [("", "All"), *priority_choices(area)]

    def clean_q(self) -> str:
        problem = text_problem(self.cleaned_data["q"], name="Words in the title", limit=LONGEST_SEARCH)
        if problem:
            raise forms.ValidationError(problem)
        return self.cleaned_data["q"].strip()

    @property
    def unknown_names(self) -> list[str]:
        """What the address asks for that no filter answers."""
        known = {*self.fields, "sort", "page", "as_at", "compare", "_export"}
        return sorted(name[:40] for name in self.data if name not in known)

    def kept(self, figures: list[KpiFigure]) -> list[KpiFigure]:
        """Nothing where a filter is not understood, rather than rows that answer another question."""
        if not self.is_valid():
            return []
        words, status = self.cleaned_data["q"].casefold(), self.cleaned_data["status"]
        of_priority = self._ids_of_priority()
        return [
            figure
            for figure in figures
            if words in figure.title.casefold()
            and (not status or figure.status == status)
            and (of_priority is None or figure.id in of_priority)
        ]

    def _ids_of_priority(self) -> set[int] | None:
        if not self.cleaned_data["priority"]:
            return None
        plan, ref = self.cleaned_data["priority"].split("/", 1)
        kpis = Kpi.objects.filter(area=self.area, priorities__ref=ref, priorities__strategy__slug=plan)
        return set(kpis.filter(priorities__strategy__area=self.area).values_list("pk", flat=True))

    def in_words(self) -> list[tuple[str, str]]:
        if not self.is_valid():
            return []
        chosen = self.cleaned_data
        said = [
            ("Words", chosen["q"]),
            ("Status", dict(KpiStatus.choices).get(chosen["status"], "")),
            ("Priority", chosen["priority"] and dict(self.fields["priority"].choices)[chosen["priority"]]),
        ]
        return [(label, value) for label, value in said if value]


# What each column is sorted by; None stands last whichever way.
SORTED_BY: dict[str, Callable[[KpiFigure], object]] = {
    "title": lambda f: f.title.casefold(),
    "latest": lambda f: f.latest.value if f.latest else None,
    "period": lambda f: f.latest.period_end if f.latest else None,
    "target": lambda f: f.target.value if f.target else None,
    "status": lambda f: _RATED_ORDER[f.status],
    "change": lambda f: f.gain,
    "owner": lambda f: f.owner.casefold() if f.owner else None,
}


class KpiData(TableListData):
    """Figures are sorted by what they are, not by how they read."""

    def order_by(self, aliases) -> None:
        keys = [(SORTED_BY[alias.lstrip("-")], alias.startswith("-")) for alias in aliases]
        self.data = in_order(self.data, keys)


_NUMBER = {"td": {"class": "st-number"}, "th": {"class": "st-number"}}


class KpiTable(tables.Table):
    """Over `KpiFigure`s. The unit and the sentence behind the status stand in other cells of the page and have columns in a file."""

    caption = "KPIs, with the latest figure, its target and how it stands against it"
    row_header = "title"

    title = tables.Column("KPI", attrs={"th": {"class": "st-w-25"}})
    latest = tables.Column("Latest", accessor="latest_shown", attrs=_NUMBER, empty_values=())
    unit = tables.Column("Unit", visible=False)
    period = tables.Column("Period", accessor="latest_period", empty_values=(), attrs={"th": {"class": "st-w-10"}})
    target = tables.Column("Target", accessor="target_words", empty_values=())
    status = tables.Column("Status", accessor="status", empty_values=(), attrs={"th": {"class": "st-w-20"}})
    why = tables.Column("Why", accessor="status_sentence", visible=False)
    change = tables.Column("Change", accessor="change_words", empty_values=(), attrs={"th": {"class": "st-w-10"}})
    trend = tables.Column(
        "Trend", accessor="title", orderable=False, empty_values=(), exclude_from_export=True,
        attrs={"th": {"class": "st-w-10"}},
    )  # fmt: skip
    owner = tables.Column("Owner", empty_values=())

    class Meta:
        template_name = "components/table.html"

    def __init__(self, figures: list[KpiFigure], *, base: str, query: str, **kwargs):
        self.base, self.query = base, query
        super().__init__(KpiData(figures), **kwargs)

    def render_title(self, record) -> str:
        made_up = mark_safe('<span class="st-reason">illustrative</span>') if record.is_illustrative else ""
        return format_html('<a href="{}{}/{}">{}</a>{}', self.base, record.code, self.query, record.title, made_up)

    def value_title(self, record) -> str:
        return record.title

    def value_latest(self, record) -> Decimal | str | None:
        """The raw number; the words where there is no number."""
        if not record.latest:
            return None
        return record.latest_shown if record.latest.value is None else exact(record.latest.value)

    def render_period(self, record) -> str:
        old = format_html('<span class="st-reason">{}</span>', record.age_words) if record.age_words else ""
        return format_html("{}{}", record.latest_period or "–", old)

    def value_period(self, record) -> str:
        return record.latest_period

    def render_target(self, record) -> str:
        return record.target_words.removeprefix("target ") or "None"

    def value_target(self, record) -> Decimal | str | None:
        target = record.target
        return (target.value if target.value is not None else target.as_written) if target else None

    def render_status(self, record) -> str:
        words = '<strong>{}</strong><span class="st-reason">{}</span>'
        return format_html(words, record.status.label, record.status_reason)

    def value_status(self, record) -> str:
        return str(record.status.label)

    def render_change(self, record) -> str:
        return record.change_words or "–"

    def value_change(self, record) -> str:
        return record.change_words

    def render_trend(self, record) -> str:
        drawn = sparkline(record.chart)
        count = len(record.chart.drawn)
        return drawn or format_html(
            '<span class="st-quiet">{} figure{}</span>', count or "No", "" if count == 1 else "s"
        )

    def render_owner(self, record) -> str:
        return escape(record.owner) if record.owner else "Nobody named"

    def value_owner(self, record) -> str:
        return record.owner or ""

    def value_unit(self, record) -> str:
        return str(Unit(record.unit).label)
