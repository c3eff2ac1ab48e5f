"""The KPI table: what narrows it, its columns, and what each says on the page and in a file."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import django_tables2 as tables
from django import forms
from django.utils.html import escape, format_html
from django_tables2.data import TableListData

from board.tables import in_order
from common.text import text_problem
from kpis import icons
from kpis.benchmarking import Band
from kpis.figure import KpiFigure
from kpis.models import Kpi
from kpis.rating import KpiStatus, exact
from kpis.spc import Assurance, Variation
from kpis.svg import quality_mark, sparkline
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


# What narrows the table: the word, and whether a figure is of it.
VARIATIONS: dict[str, tuple[str, Callable[[KpiFigure], bool]]] = {
    "concern": ("Concern", lambda f: bool(f.variation and f.variation.is_concern)),
    "improvement": ("Improvement", lambda f: bool(f.variation and f.variation.is_improvement)),
    "common": ("No real change", lambda f: f.variation == Variation.COMMON_CAUSE),
    "none": ("Not judged", lambda f: f.variation is None),
}
GAPS: dict[str, tuple[str, Callable[[KpiFigure], bool]]] = {
    "stale": ("Without a fresh figure", lambda f: is_stale(f)),
    "target": ("Without a target", lambda f: f.status == KpiStatus.NO_TARGET),
    "owner": ("Without an owner", lambda f: not f.owner),
}


def is_stale(figure: KpiFigure) -> bool:
    return not figure.points or bool(figure.age_words)


class KpiFilterForm(forms.Form):
    q = forms.CharField(label="Words in the title", required=False, max_length=LONGEST_SEARCH)
    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "All"), *KpiStatus.choices],
        error_messages={"invalid_choice": "There is no such status. Choose one of the list."},
    )  # fmt: skip
    variation = forms.ChoiceField(
        label="Variation", required=False, choices=[("", "All"), *((key, words) for key, (words, _) in VARIATIONS.items())],
        error_messages={"invalid_choice": "There is no such variation. Choose one of the list."},
    )  # fmt: skip
    gap = forms.ChoiceField(
        label="Gaps", required=False, choices=[("", "All"), *((key, words) for key, (words, _) in GAPS.items())],
        error_messages={"invalid_choice": "There is no such gap. Choose one of the list."},
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
        known = {*self.fields, "sort", "page", "as_at", "compare", "_export", "shape"}
        return sorted(name[:40] for name in self.data if name not in known)

    def kept(self, figures: list[KpiFigure]) -> list[KpiFigure]:
        """Nothing where a filter is not understood, rather than rows that answer another question."""
        if not self.is_valid():
            return []
        words, status = self.cleaned_data["q"].casefold(), self.cleaned_data["status"]
        of_priority = self._ids_of_priority()
        of_variation = VARIATIONS[self.cleaned_data["variation"]][1] if self.cleaned_data["variation"] else None
        of_gap = GAPS[self.cleaned_data["gap"]][1] if self.cleaned_data["gap"] else None
        return [
            figure
            for figure in figures
            if words in figure.title.casefold()
            and (not status or figure.status == status)
            and (of_priority is None or figure.id in of_priority)
            and (of_variation is None or of_variation(figure))
            and (of_gap is None or of_gap(figure))
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
            ("Variation", chosen["variation"] and VARIATIONS[chosen["variation"]][0]),
            ("Gaps", chosen["gap"] and GAPS[chosen["gap"]][0]),
            ("Priority", chosen["priority"] and dict(self.fields["priority"].choices)[chosen["priority"]]),
        ]
        return [(label, value) for label, value in said if value]


# Worst first.
_VARIATION_ORDER = {
    Variation.CONCERN_LOW: 0, Variation.CONCERN_HIGH: 0, Variation.COMMON_CAUSE: 1, Variation.NEUTRAL_HIGH: 2,
    Variation.NEUTRAL_LOW: 2, Variation.IMPROVEMENT_HIGH: 3, Variation.IMPROVEMENT_LOW: 3,
}  # fmt: skip
_ASSURANCE_ORDER = {Assurance.FAIL: 0, Assurance.INCONSISTENT: 1, Assurance.PASS: 2}

# What each column is sorted by; None stands last whichever way.
SORTED_BY: dict[str, Callable[[KpiFigure], object]] = {
    "title": lambda f: f.title.casefold(),
    "latest": lambda f: f.latest.value if f.latest else None,
    "period": lambda f: f.latest.period_end if f.latest else None,
    "target": lambda f: f.target.value if f.target else None,
    "status": lambda f: _RATED_ORDER[f.status],
    "change": lambda f: f.gain,
    "variation": lambda f: _VARIATION_ORDER.get(f.variation),
    "assurance": lambda f: _ASSURANCE_ORDER.get(f.assurance),
    "rank": lambda f: f.ranking.rank.place if f.ranking else None,
    "quality": lambda f: f.quality_held,
}


class KpiData(TableListData):
    """Figures are sorted by what they are, not by how they read."""

    def order_by(self, aliases) -> None:
        keys = [(SORTED_BY[alias.lstrip("-")], alias.startswith("-")) for alias in aliases]
        self.data = in_order(self.data, keys)


_NUMBER = {"td": {"class": "st-number"}, "th": {"class": "st-number"}}


class KpiTable(tables.Table):
    """Over `KpiFigure`s. What stands in grey below a cell of the page has a column of its own in a file."""

    caption = "KPIs, with the latest figure, its target, how it stands against it and whether it is really changing"
    row_header = "title"

    title = tables.Column("KPI", attrs={"th": {"class": "st-w-25"}})
    owner = tables.Column("Owner", visible=False)
    latest = tables.Column("Latest", accessor="latest_shown", attrs=_NUMBER, empty_values=())
    counted = tables.Column("Counted", accessor="counted_in_words", visible=False)
    unit = tables.Column("Unit", visible=False)
    period = tables.Column("Period", accessor="latest_period", empty_values=(), attrs={"th": {"class": "st-w-10"}})
    target = tables.Column("Target", accessor="target_words", empty_values=())
    status = tables.Column("Status", accessor="status", empty_values=(), attrs={"th": {"class": "st-w-20"}})
    why = tables.Column("Why", accessor="status_sentence", visible=False)
    change = tables.Column("Change", accessor="change_words", empty_values=(), attrs={"th": {"class": "st-w-10"}})
    variation = tables.Column("Variation", empty_values=())
    assurance = tables.Column("Assurance", empty_values=())
    rank = tables.Column("Rank", empty_values=(), attrs=_NUMBER)
    ranked = tables.Column("Of", empty_values=(), visible=False)
    band = tables.Column("Quarter", empty_values=(), visible=False)
    trend = tables.Column(
        "Trend", accessor="title", orderable=False, empty_values=(), exclude_from_export=True,
        attrs={"th": {"class": "st-w-10"}},
    )  # fmt: skip
    quality = tables.Column("Quality", accessor="quality_held", empty_values=())
    lacking = tables.Column("Not so", accessor="lacking_words", visible=False)

    class Meta:
        template_name = "components/table.html"

    def __init__(self, figures: list[KpiFigure], *, base: str, query: str, **kwargs):
        self.base, self.query = base, query
        super().__init__(KpiData(figures), **kwargs)

    def render_title(self, record) -> str:
        words = [record.owner or "nobody named", *(["illustrative"] if record.is_illustrative else [])]
        return format_html(
            '<a href="{}{}/{}">{}</a><span class="st-reason">{}</span>',
            self.base, record.code, self.query, record.title, " · ".join(words),
        )  # fmt: skip

    def value_title(self, record) -> str:
        return record.title

    def render_latest(self, record) -> str:
        return with_reason(record.latest_shown, record.counted_in_words)

    def value_latest(self, record) -> Decimal | str | None:
        """The raw number; the words where there is no number."""
        if not record.latest:
            return None
        return record.latest_shown if record.latest.value is None else exact(record.latest.value)

    def render_period(self, record) -> str:
        return with_reason(record.latest_period or "–", record.age_words)

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

    def render_variation(self, record) -> str:
        return judged(icons.variation_icon(record.variation, is_silent=True), icons.short_words(record.variation))

    def value_variation(self, record) -> str:
        return icons.words(record.variation)

    def render_assurance(self, record) -> str:
        return judged(icons.assurance_icon(record.assurance, is_silent=True), icons.short_words(record.assurance))

    def value_assurance(self, record) -> str:
        return icons.words(record.assurance)

    def render_rank(self, record) -> str:
        if record.ranking is None:
            return "–"
        quarter = record.ranking.band.label if record.ranking.band in (Band.A, Band.D) else ""
        return with_reason(str(record.ranking.rank), ", ".join(filter(None, (quarter, record.ranked_period))))

    def value_rank(self, record) -> int | None:
        return record.ranking.rank.place if record.ranking else None

    def value_ranked(self, record) -> int | None:
        return record.ranking.rank.ranked if record.ranking else None

    def value_band(self, record) -> str:
        return str(record.ranking.band or "") if record.ranking else ""

    def render_trend(self, record) -> str:
        drawn = sparkline(record.chart)
        count = len(record.chart.drawn)
        return drawn or format_html(
            '<span class="st-quiet">{} figure{}</span>', count or "No", "" if count == 1 else "s"
        )

    def render_quality(self, record) -> str:
        return format_html("{} {} of {}", quality_mark(record.quality), record.quality_held, len(record.quality))

    def value_quality(self, record) -> int:
        return record.quality_held

    def value_owner(self, record) -> str:
        return record.owner or ""

    def value_unit(self, record) -> str:
        return str(Unit(record.unit).label)


class FiguresTable(tables.Table):
    """Every figure of one KPI, for its file: over `Measurement`s."""

    period = tables.Column("Period", accessor="period")
    period_start = tables.Column("From")
    period_end = tables.Column("To")
    breakdown = tables.Column("Part")
    value = tables.Column("Figure")
    missing = tables.Column("Missing", accessor="get_missing_display")
    as_written = tables.Column("As written")
    state = tables.Column("State", accessor="get_state_display")
    numerator = tables.Column("Numerator")
    denominator = tables.Column("Denominator")
    number = tables.Column("Version")
    recorded_at = tables.Column("Recorded")
    release = tables.Column("Published in")
    reason = tables.Column("Reason of the restatement")

    def value_period_start(self, value) -> date:
        return value

    value_period_end = value_recorded_at = value_period_start


def with_reason(shown: str, reason: str) -> str:
    return format_html('{}<span class="st-reason">{}</span>', shown, reason) if reason else escape(shown)


def judged(icon: str, words: str) -> str:
    return format_html('{}<span class="st-reason">{}</span>', icon, words) if icon else "–"
