"""Several places on one KPI: published figures alone."""

import re

from django.http import Http404
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from board.compare_chart import compare_chart
from board.compare_table import SORTED_BY, PlacesForm, PlaceTable, narrowing_of
from board.exporting import header_lines
from board.views.remembering import RememberedMixin
from common.export import export_format, export_response
from kpis.comparing import Benchmark
from kpis.models import Kpi
from kpis.places import benchmark_of
from people.scoping import InAreaMixin

YEAR = re.compile(r"[0-9]{4}")


class CompareView(InAreaMixin, RememberedMixin, TemplateView):
    template_name = "board/kpi_compare.html"
    nav = "kpis"

    def get(self, request, *args, **kwargs):
        fmt = export_format(request)
        if fmt and self.form.is_valid():
            title = f"{self.kpi.indicator.title}, beside other places"
            header = [*header_lines(self, title, narrowing_of(self.benchmark)), *self.said_of_ranks()]
            name = f"{self.area.slug}-{self.kpi.indicator.code}-places-{self.when.day}"
            return export_response(self.table, fmt=fmt, name=name, header_lines=header)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            kpi=self.kpi,
            benchmark=self.benchmark,
            table=self.table,
            chart=compare_chart(self.benchmark),
            form=self.form,
            sort=self.request.GET.get("sort", "")[:40],
            **kwargs,
        )

    def said_of_ranks(self) -> list[tuple[str, str]]:
        """What a column of ranks leaves open: of how many, for which period."""
        benchmark = self.benchmark
        ranked = f"{len(benchmark.ranked)} of {benchmark.local_areas} local areas, {benchmark.latest_words}"
        return [("Ranked", ranked)] if benchmark.ranked and benchmark.is_ranked else []

    @cached_property
    def kpi(self) -> Kpi:
        found = Kpi.objects.filter(area=self.area, indicator__code=self.kwargs["code"]).select_related("indicator")
        kpi = found.first()
        if kpi is None:
            raise Http404("No such KPI.")
        kpi.area = self.area
        return kpi

    @cached_property
    def form(self) -> PlacesForm:
        return PlacesForm(self.request.GET, indicator=self.kpi.indicator, area=self.area, moment=self.when.moment)

    @cached_property
    def benchmark(self) -> Benchmark:
        try:
            return benchmark_of(
                self.kpi.indicator, self.area, self.when.moment, model_year=self.model_year, chosen=self.form.chosen,
                targets=self.kpi.targets.known_by(self.when.moment),
            )  # fmt: skip
        except LookupError:
            raise Http404("There is no list of neighbours by a model of that year.") from None

    @property
    def model_year(self) -> int | None:
        asked = self.request.GET.get("neighbours", "")
        if asked and not YEAR.fullmatch(asked):
            raise Http404("neighbours takes the year of a model, like 2025.")
        return int(asked) if asked else None

    @cached_property
    def table(self) -> PlaceTable:
        sort = [name for name in self.request.GET.getlist("sort") if name.removeprefix("-") in SORTED_BY]
        return PlaceTable(self.benchmark, order_by=sort[:3] or None)
