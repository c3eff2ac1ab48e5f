"""Bringing in published figures: the file, what of it feeds which KPI, the rehearsal, the confirmation."""

from functools import cached_property, partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from board.import_forms import ColumnsForm, FiltersForm, UploadForm
from board.views.room import has_room
from common.words import plural
from kpis.dfe.arriving import choose, kept_series, origin_of, reading_for, receive, series_of
from kpis.dfe.bringing_in import (
    HasChanged,
    HasRefusedRows,
    NothingToConfirm,
    abandon,
    compare_again,
    confirm,
    rehearse_import,
)
from kpis.dfe.contents import Contents
from kpis.dfe.errors import NotThisFormat
from kpis.dfe.rehearsal import Deed
from kpis.dfe.series import Series, proposed_filters
from kpis.dfe.storing import PIECE
from kpis.dfe.telling import GROUPS, lines_of, written_lines
from kpis.models import ColumnMapping, FigureImport, Kpi, Release
from kpis.vocabulary import Unit
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from people.scoping import InAreaMixin

LINES_A_PAGE = 200
LATEST_SHOWN = 10


class BringingInMixin(InAreaMixin):
    """For the officers of the area, in the present only."""

    is_reading = False
    may = may_edit
    nav = "kpis"

    @cached_property
    def kpis(self) -> list[Kpi]:
        """Those that a number can feed."""
        mine = Kpi.objects.in_use().filter(area=self.area).exclude(indicator__unit=Unit.TEXT)
        return list(mine.select_related("indicator").order_by("indicator__title"))

    def titles(self) -> dict[int, str]:
        return {kpi.indicator_id: kpi.indicator.title for kpi in self.kpis}


class ImportView(BringingInMixin, View):
    """The file. One that a kept mapping fits goes straight on to its rehearsal."""

    def get(self, request, **kwargs):
        parked = parked_form(request)
        form = self.form(parked).unjudged() if parked is not None else self.form()
        return self.show(form, is_parked=parked is not None)

    def post(self, request, **kwargs):
        form = self.form(request.POST, request.FILES)
        if not (form.is_valid() and has_room(form, self.area)):
            return self.show(form)
        try:
            made = self.receive(form)
        except NotThisFormat as problem:
            form.add_error("file", str(problem))
            return self.show(form)
        forget_parked(request)
        return self.go_on(made)

    def form(self, *args) -> UploadForm:
        return UploadForm(*args, today=self.when.today)

    def receive(self, form: UploadForm) -> FigureImport:
        file, said = form.cleaned_data["file"], form.cleaned_data
        described = {name: said[name].read() if said[name] else b"" for name in ("meta", "guidance")}
        return receive(
            partial(file.chunks, PIECE), file_name=file.name, origin=form.origin, area=self.area, by=self.request.user,
            at=self.when.now, **described,
        )  # fmt: skip

    def go_on(self, made: FigureImport) -> HttpResponse:
        series = kept_series(made, [kpi.indicator_id for kpi in self.kpis])
        if not series:
            return redirect("board:import-columns", self.area.slug, made.key)
        try:
            choose(made, series)
            rehearse_import(made)
        except NotThisFormat as problem:
            messages.error(self.request, str(problem))
            return redirect("board:import-columns", self.area.slug, made.key)
        return redirect("board:import-one", self.area.slug, made.key)

    def show(self, form: UploadForm, *, is_parked: bool = False) -> HttpResponse:
        latest = published_files(self.area).select_related("made_by").defer("contents", "rehearsal")
        context = {
            "form": form,
            "is_parked": is_parked,
            "latest": latest[:LATEST_SHOWN],
            "publications": sorted({release.publication for release in Release.objects.all()}),
        }
        return render(self.request, "board/import_upload.html", context)


class OfImportMixin(BringingInMixin):
    """Gives a view `figure_import`, of the area."""

    @cached_property
    def figure_import(self) -> FigureImport:
        mine = published_files(self.area).filter(key=self.kwargs["key"])
        found = mine.first()
        if found is None:
            raise Http404("No such import.")
        return found

    @cached_property
    def contents(self) -> Contents:
        return Contents.kept(self.figure_import.contents)

    @property
    def address(self) -> str:
        return reverse("board:import-one", args=[self.area.slug, self.figure_import.key])

    @property
    def is_open(self) -> bool:
        return self.figure_import.state in (FigureImport.State.UPLOADED, FigureImport.State.REHEARSED)


class WhileOpenMixin(OfImportMixin):
    """Choosing comes before confirming: a finished import leads to what came of it."""

    def get(self, request, **kwargs):
        return self.ask() if self.is_open else redirect(self.address)

    def post(self, request, **kwargs):
        return self.answer() if self.is_open else redirect(self.address)

    def show(self, template: str, **context) -> HttpResponse:
        origin = origin_of(self.figure_import)
        context |= {"figure_import": self.figure_import, "origin": origin, "contents": self.contents}
        return render(self.request, template, context)


class ImportColumnsView(WhileOpenMixin, View):
    """Which column feeds which KPI."""

    def ask(self):
        return self.display(self.form(initial=self.proposed()))

    def answer(self):
        form = self.form(self.request.POST)
        if not form.is_valid():
            return self.display(form)
        keep_draft(self.figure_import, form.series)
        return redirect("board:import-filters", self.area.slug, self.figure_import.key)

    def form(self, *args, **kwargs) -> ColumnsForm:
        return ColumnsForm(*args, kpis=self.kpis, contents=self.contents, **kwargs)

    def proposed(self) -> dict:
        """For the KPI that the address names: what was chosen for it here, else what was kept of an earlier file."""
        kpi = next((kpi for kpi in self.kpis if kpi.indicator.code == self.request.GET.get("kpi")), None)
        if kpi is None:
            return {}
        for series in series_of(self.figure_import):
            if series.indicator == kpi.indicator_id:
                return {"kpi": kpi.indicator.code, **series.as_dict()}
        kept = ColumnMapping.objects.filter(indicator=kpi.indicator_id).order_by("-changed_at")
        names = self.contents.names
        column = next((mapping.column for mapping in kept if mapping.column in names), "")
        return {"kpi": kpi.indicator.code, "column": column}

    def display(self, form: ColumnsForm) -> HttpResponse:
        return self.show("board/import_columns.html", form=form, kept=self.kept_elsewhere())

    def kept_elsewhere(self) -> list[ColumnMapping]:
        """What fed the area's KPIs before in such a file, under names that this file does not have."""
        origin, names = origin_of(self.figure_import), self.contents.names
        kept = ColumnMapping.objects.filter(
            indicator__in=[kpi.indicator_id for kpi in self.kpis], publication__iexact=origin.publication
        )
        return [mapping for mapping in kept.select_related("indicator") if mapping.column not in names][:10]


class ImportFiltersView(WhileOpenMixin, View):
    """Which rows of the column, and which time they mean."""

    def ask(self):
        return self.display(self.form()) if self.draft else self.back_to_columns()

    def answer(self):
        if not self.draft:
            return self.back_to_columns()
        form = self.form(self.request.POST)
        if not form.is_valid():
            return self.display(form)
        try:
            choose(self.figure_import, self.with_others(form.chosen))
            rehearse_import(self.figure_import)
        except NotThisFormat as problem:
            form.add_error(None, str(problem))
            return self.display(form)
        return redirect(self.address)

    @cached_property
    def draft(self) -> Series | None:
        """The column chosen on the page before, with what is proposed for its rows."""
        stored = self.figure_import.mapping.get("draft")
        if not stored or stored["indicator"] not in self.titles():
            return None
        series = Series(**stored)
        kept = ColumnMapping.objects.filter(indicator=series.indicator).order_by("-changed_at").first()
        chosen = next((one for one in series_of(self.figure_import) if one.indicator == series.indicator), kept)
        series.filters = proposed_filters(self.contents, series, dict(chosen.filters) if chosen else {})
        series.reads_as = (chosen.reads_as if chosen else "") or reading_for(self.contents.periods, series.indicator)
        series.state = origin_of(self.figure_import).state
        return series

    def with_others(self, chosen: Series) -> list[Series]:
        """The series of this KPI takes the place of an earlier choice; those of other KPIs stay."""
        others = [series for series in series_of(self.figure_import) if series.indicator != chosen.indicator]
        return [*others, chosen]

    def form(self, *args) -> FiltersForm:
        return FiltersForm(*args, contents=self.contents, series=self.draft)

    def display(self, form: FiltersForm) -> HttpResponse:
        title, column = self.titles()[self.draft.indicator], self.contents.column(self.draft.column)
        return self.show("board/import_filters.html", form=form, title=title, column=column)

    def back_to_columns(self) -> HttpResponse:
        return redirect("board:import-columns", self.area.slug, self.figure_import.key)


class ImportOneView(OfImportMixin, View):
    """The rehearsal, with its confirmation; afterwards what came of it."""

    def get(self, request, **kwargs):
        group = request.GET.get("group", "")
        if group:
            return self.show_group(group)
        if self.figure_import.state == FigureImport.State.UPLOADED:
            return redirect("board:import-columns", self.area.slug, self.figure_import.key)
        return self.show()

    def post(self, request, **kwargs):
        if request.POST.get("deed") == "abandon":
            return self.abandon()
        return self.confirm() if request.POST.get("seen") else redirect(self.address)

    def confirm(self) -> HttpResponse:
        may_leave_out = self.request.POST.get("without_refused") == "on"
        try:
            written = confirm(
                self.figure_import, seen=self.request.POST.get("seen", ""), by=self.request.user, at=self.when.now,
                without_refused=may_leave_out,
            )  # fmt: skip
        except (NothingToConfirm, NotThisFormat):  # confirmed or thrown away just now
            return redirect(self.address)
        except HasRefusedRows:
            return self.show(asks_again=True)
        except HasChanged:
            return self.show(status=409, has_changed=True)
        messages.success(self.request, f"{plural(written, 'figure')} brought in from {self.figure_import.file_name}.")
        return redirect(self.address)

    def abandon(self) -> HttpResponse:
        try:
            abandon(self.figure_import)
        except NothingToConfirm:
            return redirect(self.address)
        messages.success(self.request, f"{self.figure_import.file_name} was thrown away. No figure was changed.")
        return redirect("board:import", self.area.slug)

    def show(self, *, status: int = 200, **context) -> HttpResponse:
        made = self.figure_import
        by_indicator = {kpi.indicator_id: kpi for kpi in self.kpis}
        said = made.rehearsal
        series = [{**each, "kpi": by_indicator.get(each["indicator"])} for each in said.get("series", [])]
        context |= {
            "figure_import": made, "origin": origin_of(made), "said": said, "series": series, "groups": self.groups(),
            "writes": sum(said.get("counts", {}).get(deed, 0) for deed in (Deed.ADDED, Deed.RESTATED)),
            "refused": said.get("counts", {}).get("refused", 0), "before": self.same_file(),
        }  # fmt: skip
        return render(self.request, "board/import_rehearsal.html", context, status=status)

    def groups(self) -> list[dict]:
        """The groups that hold something, each with its first lines."""
        said = self.figure_import.rehearsal
        counts, first = said.get("counts", {}), said.get("first", {})
        held = (group for group in GROUPS if counts.get(group["code"]))
        return [self.group_shown(group, counts[group["code"]], first[group["code"]]) for group in held]

    def group_shown(self, group: dict, count: int, first: list[dict]) -> dict:
        """Unchanged figures are only counted. All lines can be read while the file lies here, afterwards those it wrote."""
        code, is_waiting = group["code"], self.figure_import.state == FigureImport.State.REHEARSED
        shown = [] if code == Deed.UNCHANGED else with_titles(first, self.titles())
        can_be_read = is_waiting or code in (Deed.ADDED, Deed.RESTATED)
        return {**group, "count": count, "lines": shown, "has_more": can_be_read and count > len(shown)}

    def same_file(self) -> FigureImport | None:
        """An earlier import of the very same file."""
        same = FigureImport.objects.filter(sha256=self.figure_import.sha256, state=FigureImport.State.CONFIRMED)
        return same.exclude(pk=self.figure_import.pk).order_by("-confirmed_at").first()

    def show_group(self, code: str) -> HttpResponse:
        group = next((group for group in GROUPS if group["code"] == code), None)
        if group is None:
            raise Http404("No such group.")
        lines = list(self.all_lines(code))
        page = Paginator(lines, LINES_A_PAGE).get_page(self.request.GET.get("page"))
        page.object_list = with_titles(page.object_list, self.titles())
        context = {"figure_import": self.figure_import, "origin": origin_of(self.figure_import), "group": group}
        return render(self.request, "board/import_group.html", {**context, "page": page})

    def all_lines(self, code: str):
        """Read anew while the file lies here; of a finished import what it wrote."""
        try:
            if self.figure_import.state == FigureImport.State.REHEARSED:
                return lines_of(compare_again(self.figure_import), code)
        except NotThisFormat:  # confirmed or thrown away just now
            raise Http404("The file does not lie here any more.") from None
        if self.figure_import.state == FigureImport.State.CONFIRMED and code in (Deed.ADDED, Deed.RESTATED):
            return written_lines(self.figure_import, Deed(code))
        raise Http404("These lines are not kept.")


def published_files(area):
    """Those of an area's own figures have pages of their own."""
    return FigureImport.objects.filter(area=area).exclude(mapping__has_key="own")


def with_titles(lines, titles: dict[int, str]) -> list[dict]:
    return [{**line, "title": titles.get(line.get("indicator"), "")} for line in lines]


def keep_draft(figure_import: FigureImport, series: Series) -> None:
    """The column that was chosen, until its rows are."""
    figure_import.mapping = {**figure_import.mapping, "draft": series.as_dict()}
    figure_import.save(update_fields=["mapping"])
