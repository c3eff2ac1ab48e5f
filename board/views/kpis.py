"""The KPI table, and the page of one KPI."""

from collections.abc import Iterable

from django.core.paginator import EmptyPage, PageNotAnInteger
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from board.decided import decisions_about_kpis
from board.exporting import header_lines
from board.kpi_table import SORTED_BY, FiguresTable, KpiFilterForm, KpiTable, is_stale
from board.movers import movers_of
from board.papers.dfe import dfe_table
from board.risks import risks_tied_to
from board.upkeep.links import Upkeep
from board.views.remembering import RememberedMixin
from common.export import export_format, export_response, file_response
from kpis.figure import KpiFigure
from kpis.models import Kpi, Measurement
from kpis.one_kpi import comparison_of, figures_by_period, lines_beside
from kpis.places import benchmark_of, standings_of
from kpis.plotly_figure import plotly_figure
from kpis.reading import kpi_figures
from kpis.svg import large_chart
from kpis.trajectory import trajectory
from people.roles import may_edit, may_record_figures
from people.scoping import InAreaMixin
from priorities.models import Finding, Priority, SuccessMeasure
from strategies.models import Strategy

PER_PAGE = 50


class KpiListView(InAreaMixin, RememberedMixin, TemplateView):
    template_name = "board/kpi_list.html"
    nav = "kpis"

    def get(self, request, *args, **kwargs):
        fmt = export_format(request)
        if fmt and request.GET.get("shape") == "dfe":
            return self.in_the_departments_shape(fmt)
        if fmt and self.form.is_valid():
            header = header_lines(self, "KPIs", self.form.in_words())
            return export_response(
                self.table, fmt=fmt, name=f"{self.area.slug}-kpis-{self.when.day}", header_lines=header
            )
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        self.paginate(self.table)
        return super().get_context_data(
            form=self.form,
            table=self.table,
            total=len(self.figures),
            shown=len(self.table.data),
            narrowing=self.form.in_words(),
            sort=self.request.GET.get("sort", ""),
            unmeasured=self.unmeasured(),
            stale=sum(is_stale(figure) for figure in self.figures),
            may_edit=may_edit(self.membership) and not self.when.as_at,
            **kwargs,
        )

    @cached_property
    def form(self) -> KpiFilterForm:
        return KpiFilterForm(self.request.GET, area=self.area)

    @cached_property
    def figures(self) -> list[KpiFigure]:
        figures = kpi_figures(self.area, self.when.moment)
        found = standings_of(self.area, self.when.moment, codes=[figure.code for figure in figures])
        for figure in figures:
            if figure.code in found and found[figure.code].standing.rank:
                figure.ranked_period, _, figure.ranking = found[figure.code]
        return figures

    def in_the_departments_shape(self, fmt: str) -> HttpResponse:
        """Every KPI with its baseline, target and milestones, as areas under improvement must publish."""
        header = header_lines(self, "KPIs, with baseline, target and milestones", [])
        table = dfe_table(self.area, self.when.moment, header=header)
        body = table.as_csv if fmt == "csv" else table.as_xlsx
        return file_response(body, fmt=fmt, name=f"{self.area.slug}-kpis-milestones-{self.when.day}")

    def unmeasured(self) -> list[SuccessMeasure]:
        """Measures of success of the plan of the day that no KPI measures."""
        plan = Strategy.objects.current(self.area, self.when.day)
        there = SuccessMeasure.objects.existing(self.when.moment)
        measures = there.filter(priority__strategy=plan, kpis__isnull=True)
        return list(measures.select_related("priority__strategy").order_by("priority__position", "pk")) if plan else []

    @cached_property
    def table(self) -> KpiTable:
        sort = [name for name in self.request.GET.getlist("sort") if name.removeprefix("-") in SORTED_BY]
        return KpiTable(
            self.form.kept(self.figures),
            base=f"{self.area.get_absolute_url()}kpis/",
            query=f"?as_at={self.when.as_at}" if self.when.as_at else "",
            order_by=sort[:3] or None,
        )

    def paginate(self, table: KpiTable) -> None:
        page = self.request.GET.get("page", "1")
        try:
            table.paginate(per_page=PER_PAGE, page=page)
        except PageNotAnInteger:
            table.page = table.paginator.page(1)
        except EmptyPage:
            table.page = table.paginator.page(table.paginator.num_pages)


class KpiView(InAreaMixin, TemplateView):
    """One KPI: its chart, the same figures as a table, where each comes from, and what it stands beside."""

    template_name = "board/kpi_detail.html"
    nav = "kpis"

    def get(self, request, *args, **kwargs):
        if request.GET.get("_export") == "svg":
            return self.picture()
        fmt = export_format(request)
        if fmt:
            name = f"{self.area.slug}-{self.kpi.indicator.code}-{self.when.day}"
            header = [*header_lines(self, f"KPI: {self.kpi.indicator.title}", []), *said_above(self.figure)]
            return export_response(self.figures_table, fmt=fmt, name=name, header_lines=header)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        kpi, moment, figure = self.kpi, self.when.moment, self.figure
        periods, parts = figures_by_period(kpi, moment)
        is_now = not self.when.as_at
        return super().get_context_data(
            kpi=kpi,
            figure=figure,
            chart=figure.chart,
            plotly=plotly_figure(figure.chart) if figure.chart.is_line else None,
            periods=periods,
            parts=parts,
            trajectory=trajectory(figure, list(kpi.targets.known_by(moment).select_related("source__area"))),
            benchmark=self.benchmark,
            comparison=comparison_of(figure, own=self.area.name) if self.benchmark.is_empty else None,
            movers=movers_of(kpi, moment),
            decisions=decisions_about_kpis([kpi.pk], moment)[kpi.pk],
            risks=risks_tied_to(kpi, moment),
            attribution=attribution_of(period.row for period in periods),
            may_edit=is_now and not kpi.retired_at and may_edit(self.membership),
            upkeep=Upkeep.of("kpi", kpi, self.when.moment, may_edit=is_now and may_edit(self.membership)),
            may_record=is_now
            and not kpi.retired_at
            and may_record_figures(self.membership, owner_user=kpi.owner and kpi.owner.user_id),
            **kwargs,
        )

    def picture(self) -> HttpResponse:
        """The chart alone, as a file."""
        drawn = large_chart(self.figure.chart)
        if not drawn:
            raise Http404("There are too few figures for a picture.")
        name = f"{self.area.slug}-{self.kpi.indicator.code}-{self.when.day}.svg"
        return HttpResponse(
            drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" font-family="Arial, sans-serif" ', 1),
            content_type="image/svg+xml",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @cached_property
    def figure(self) -> KpiFigure:
        """In the chart of a yearly figure stand the mean of its neighbours, its region and the country."""
        [figure] = kpi_figures(self.area, self.when.moment, kpis=Kpi.objects.filter(pk=self.kpi.pk), whole_history=True)
        if not self.benchmark.is_empty:
            figure.comparators = lines_beside(self.benchmark)
        return figure

    @cached_property
    def benchmark(self):
        return benchmark_of(
            self.kpi.indicator, self.area, self.when.moment, targets=self.kpi.targets.known_by(self.when.moment)
        )

    @property
    def figures_table(self) -> FiguresTable:
        periods, parts = figures_by_period(self.kpi, self.when.moment)
        return FiguresTable([period.row for period in [*periods, *parts]])

    @cached_property
    def kpi(self) -> Kpi:
        kpi = (
            Kpi.objects.filter(area=self.area, indicator__code=self.kwargs["code"])
            .select_related("indicator", "owner", "source__area")
            .prefetch_related(
                Prefetch("priorities", Priority.objects.existing(self.when.moment).select_related("strategy")),
                Prefetch(
                    "success_measures",
                    SuccessMeasure.objects.existing(self.when.moment).select_related("priority__strategy"),
                ),
                Prefetch("findings", Finding.objects.existing(self.when.moment).select_related("inspection")),
            )
            .first()
        )
        if kpi is None:
            raise Http404("No such KPI.")
        kpi.area = self.area
        return kpi


def attribution_of(rows: Iterable[Measurement]) -> str:
    """What the licences of the publications ask to be said; empty where no figure was published in one."""
    releases = {row.release.pk: row.release for row in rows if row.release}
    named = sorted({(release.licence, release.publisher) for release in releases.values()})
    return " ".join(
        f"Contains public sector information licensed under the {licence} ({who})." for licence, who in named
    )


def said_above(figure: KpiFigure) -> list[tuple[str, str]]:
    """What the page says of the KPI, for the head of its file."""
    said = [
        ("Status", f"{figure.status.label}. {figure.status_sentence}"),
        ("Variation", figure.chart.variation_words),
        ("Assurance", figure.chart.assurance_words),
        ("Chart", figure.chart.why),
    ]
    return [(what, words) for what, words in said if words]
