"""KPIs as the KPI table has them, their figures and their targets, as rows."""

from django.db.models import Exists, OuterRef

from board.api.asking import Asked, refuse_errors
from board.api.fields import coded, day, decimal, moment, text, whole, yes
from board.api.parameters import SLUG, Parameter, of_form, sorted_by
from board.api.problems import not_found
from board.api.work import TableRow, TableRows, page_view
from board.kpi_table import SORTED_BY, KpiFilterForm
from board.views.kpis import KpiListView
from kpis.models import Kpi, Measurement, Target
from kpis.vocabulary import Polarity


def _latest(row: TableRow):
    return row.record.latest.value if row.record.latest else None


KPI = (
    text("title", "What is measured.", "record.title"),
    text("owner", "Who answers for it.", "record.owner"),
    decimal("latest", "The latest figure, as a number; none where it stands in words or is missing.", _latest),
    text("counted", "What the figure was counted of.", "record.counted_in_words"),
    text("unit", "Its unit.", lambda row: row.table.value_unit(row.record)),
    text("period", "The period of the latest figure.", "record.latest_period"),
    decimal("target", "The target in force, as a number.", "record.target.value"),
    coded("status", "How it stands against its target.", lambda row: (row.record.status, row.record.status.label)),
    text("why", "The facts behind the status.", "record.status_sentence"),
    text("change", "Against the figure before.", "record.change_words"),
    coded("variation", "Whether it is really changing.", lambda row: _judged(row, "variation")),
    coded("assurance", "Whether it will reach its target as things go.", lambda row: _judged(row, "assurance")),
    whole("rank", "Its rank among local areas.", lambda row: row.table.value_rank(row.record)),
    whole("ranked", "How many are ranked.", lambda row: row.table.value_ranked(row.record)),
    text("band", "In which quarter of them.", lambda row: row.table.value_band(row.record)),
    whole("quality", "How many of the five questions about the figure are answered with yes.", "record.quality_held"),
    text("lacking", "Which are not.", "record.lacking_words"),
    text("kpi", "Its code, as it stands in addresses: what measurements and targets name.", "record.code"),
    text("latest_in_words", "The latest figure as pages show it.", lambda row: row.record.latest_shown if row.record.latest else ""),
    text("target_in_words", "The target as pages show it.", "record.target_words"),
    day("period_end", "The last day of the period of the latest figure.", "record.latest.period_end"),
    coded("polarity", "Which way is better.", lambda row: (row.record.polarity, Polarity(row.record.polarity).label)),
    yes("is_headline", "Shown on the board page.", "record.is_headline"),
    yes("is_illustrative", "Made up, to look around with.", "record.is_illustrative"),
)  # fmt: skip


def _judged(row: TableRow, name: str) -> tuple[str, str]:
    return getattr(row.record, name) or "", getattr(row.table, f"value_{name}")(row.record)


KPI_FILTERS = (*of_form(KpiFilterForm.base_fields), sorted_by(SORTED_BY))


def kpis(asked: Asked) -> TableRows:
    view = page_view(KpiListView, asked)
    refuse_errors(view.form)
    return TableRows(view.table)


ONE_KPI = Parameter("kpi", "The code of one KPI.", pattern=SLUG)
FILTERS = (ONE_KPI,)


def _tracked(asked: Asked):
    """The KPIs of the area, or the one that `?kpi=` names."""
    found = Kpi.objects.existing(asked.moment).filter(area=asked.area)
    code = asked.request.GET.get("kpi")
    if code:
        found = found.filter(indicator__code=code)
        if not found.exists():
            raise not_found(f"There is no KPI “{code}” here.")
    return found


MEASUREMENT = (
    text("kpi", "The code of the KPI.", "indicator.code"),
    text("title", "What is measured.", "indicator.title"),
    text("breakdown", "Which part; empty for the whole."),
    day("period_start", "The first day of its period."),
    day("period_end", "The last day of its period."),
    text("period", "Its period in words."),
    yes("is_period_assumed", "The source bears no date."),
    coded("state", "Final, provisional or forecast."),
    decimal("value", "The figure; none where it is missing or stands in words."),
    coded("missing", "Why there is no figure."),
    text("as_written", "The figure as its source has it."),
    coded("qualifier", "How exact it is."),
    decimal("numerator", "What was counted."),
    decimal("denominator", "Of how many."),
    whole("number", "Counts the versions of the figure from 1."),
    yes("is_latest", "No later version of it was known.", lambda row: not row.has_later),
    text("reason", "Why it was restated."),
    yes("is_published", "It stands in a publication."),
    day("published_on", "When it was published."),
    moment("recorded_at", "When it became known here."),
    yes("is_illustrative", "Made up, to look around with."),
)
SAME_FIGURE = ("indicator", "area", "breakdown", "state", "period_end", "period_start")


def measurements(asked: Asked):
    known = Measurement.objects.known_by(asked.moment).filter(area=asked.area)
    later = known.filter(number__gt=OuterRef("number"), **{name: OuterRef(name) for name in SAME_FIGURE})
    rows = known.filter(indicator__in=_tracked(asked).values("indicator")).annotate(has_later=Exists(later))
    order = ("indicator__title", "indicator", "breakdown", "period_end", "period_start", "state", "number", "pk")
    return rows.select_related("indicator").order_by(*order)


TARGET = (
    text("kpi", "The code of the KPI.", "kpi.indicator.code"),
    text("title", "What is measured.", "kpi.indicator.title"),
    coded("kind", "Standing until the next, or a milestone for its period alone."),
    day("period_start", "From when it holds."),
    day("period_end", "Until when; none of a standing target."),
    text("period", "Its period in words.", "period_label"),
    decimal("value", "The target; none where it was promised in words."),
    text("as_written", "The promise as its source has it."),
    coded("qualifier", "How exact it is."),
    whole("number", "Counts the targets of the KPI from 1."),
    moment("recorded_at", "When it became known here."),
    yes("is_illustrative", "Made up, to look around with."),
)


def targets(asked: Asked):
    rows = Target.objects.known_by(asked.moment).filter(kpi__in=_tracked(asked).values("pk"))
    return rows.select_related("kpi__indicator").order_by(
        "kpi__indicator__title", "kpi", "period_start", "number", "pk"
    )
