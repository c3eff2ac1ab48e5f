"""The KPI table, and the page of one KPI."""

from django.core.paginator import EmptyPage, PageNotAnInteger
from django.http import Http404
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from board.exporting import header_lines
from board.kpi_table import SORTED_BY, KpiFilterForm, KpiTable
from board.views.remembering import RememberedMixin
from common.export import export_format, export_response
from kpis.models import Kpi
from kpis.plotly_figure import plotly_figure
from kpis.reading import comparison_of, figures_by_period, kpi_figures
from people.scoping import InAreaMixin

PER_PAGE = 50


class KpiListView(InAreaMixin, RememberedMixin, TemplateView):
    template_name = "board/kpi_list.html"
    nav = "kpis"

    def get(self, request, *args, **kwargs):
        fmt = export_format(request)
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
            **kwargs,
        )

    @cached_property
    def form(self) -> KpiFilterForm:
        return KpiFilterForm(self.request.GET, area=self.area)

    @cached_property
    def figures(self):
        return kpi_figures(self.area, self.when.moment)

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

    def get_context_data(self, **kwargs):
        kpi, moment = self.kpi, self.when.moment
        [figure] = kpi_figures(self.area, moment, kpis=Kpi.objects.filter(pk=kpi.pk), whole_history=True)
        periods, parts = figures_by_period(kpi, moment)
        return super().get_context_data(
            kpi=kpi,
            figure=figure,
            chart=figure.chart,
            plotly=plotly_figure(figure.chart) if figure.chart.is_line else None,
            periods=periods,
            parts=parts,
            targets=kpi.targets.known_by(moment).select_related("source__area"),
            comparison=comparison_of(figure, own=self.area.name),
            commentaries=kpi.commentaries.known_by(moment).select_related("recorded_by"),
            **kwargs,
        )

    @cached_property
    def kpi(self) -> Kpi:
        kpi = (
            Kpi.objects.filter(area=self.area, indicator__code=self.kwargs["code"])
            .select_related("indicator", "owner", "source__area")
            .prefetch_related("priorities__strategy", "success_measures__priority__strategy", "findings")
            .first()
        )
        if kpi is None:
            raise Http404("No such KPI.")
        kpi.area = self.area
        return kpi
