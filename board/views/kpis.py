"""The KPI table, and the page of one KPI."""

from django.http import Http404
from django.views.generic import TemplateView

from board.exporting import header_lines
from board.kpi_table import KpiFilterForm, KpiTable, sorted_figures
from common.export import export_format, export_response
from kpis.models import Kpi, Measurement
from kpis.reading import kpi_figures, restatements
from kpis.svg import large_chart
from people.scoping import InAreaMixin


class KpiListView(InAreaMixin, TemplateView):
    template_name = "board/kpi_list.html"
    nav = "kpis"

    def get(self, request, *args, **kwargs):
        fmt = export_format(request)
        form, figures, shown, table = self.make()
        if fmt:
            header = header_lines(self, "KPIs", form.in_words())
            return export_response(table, fmt=fmt, name=f"{self.area.slug}-kpis-{self.when.day}", header_lines=header)
        sort = request.GET.get("sort", "")
        return self.render_to_response(
            self.get_context_data(
                form=form, table=table, total=len(figures), shown=len(shown), sort=sort, narrowing=form.in_words()
            )
        )

    def make(self):
        form = KpiFilterForm(self.request.GET)
        figures = kpi_figures(self.area, self.when.moment)
        shown = sorted_figures(form.kept(figures), self.request.GET.get("sort", ""))
        as_at = f"?as_at={self.when.as_at}" if self.when.as_at else ""
        table = KpiTable(shown, base=f"/{self.area.slug}/kpis/", query=as_at, request=self.request)
        return form, figures, shown, table


class KpiView(InAreaMixin, TemplateView):
    """One KPI: its chart, the same figures as a table, and where each comes from."""

    template_name = "board/kpi_detail.html"
    nav = "kpis"

    def get_context_data(self, **kwargs):
        kpi = (
            Kpi.objects.filter(area=self.area, indicator__code=kwargs["code"])
            .select_related("indicator", "owner", "source__area", "indicator__source__area")
            .prefetch_related("priorities__strategy", "success_measures__priority__strategy", "findings")
            .first()
        )
        if kpi is None:
            raise Http404("No such KPI.")
        kpi.area = self.area
        moment = self.when.moment
        [figure] = kpi_figures(self.area, moment, kpis=Kpi.objects.filter(pk=kpi.pk), whole_history=True)
        known = restatements(kpi, moment)
        return super().get_context_data(
            kpi=kpi,
            figure=figure,
            svg=large_chart(figure.chart),
            plotly=self.plotly(figure.chart),
            periods=[(rows[-1], rows[:-1]) for rows in reversed(known.values())],
            targets=kpi.targets.known_by(moment).select_related("source"),
            comparators=self.comparators(kpi, moment),
            commentaries=kpi.commentaries.known_by(moment),
            rebases=kpi.rebases.known_by(moment),
            **kwargs,
        )

    @staticmethod
    def plotly(chart) -> dict | None:
        if not chart.is_line:
            return None
        # Loading plotly takes longer than the whole page, and only this page needs it.
        from kpis.plotly_figure import plotly_figure

        return plotly_figure(chart)

    def comparators(self, kpi: Kpi, moment):
        """Published figures of other places for the same indicator, of each period the one known last."""
        known = {}
        rows = Measurement.objects.filter(
            indicator=kpi.indicator_id, is_published=True, breakdown="", recorded_at__lte=moment
        ).exclude(area=self.area)
        for row in rows.select_related("area").order_by("area__name", "period_end", "number"):
            known[row.area_id, row.period_start, row.period_end, row.state] = row
        return list(known.values())
