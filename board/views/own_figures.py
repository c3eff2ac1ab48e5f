"""An area's own figures: the template to take away, the table that comes back, its rehearsal and confirmation."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from board.own_figures import bringing_in
from board.own_figures.bringing_in import HasChanged, NotAnswered, NothingToConfirm, NotWritten, State
from board.own_figures.reading import NotFigures
from board.own_figures.rehearsing import Deed
from board.own_figures_forms import FiguresForm
from common.export import file_response
from common.words import plural
from kpis.models import FigureImport, Kpi, Measurement
from people.roles import may_edit
from people.scoping import InAreaMixin

LATEST_SHOWN = 10
LINES_SHOWN = 200


class _ForRecorders:
    """After `InAreaMixin`: for the officers of the area, and for owners of KPIs in post."""

    def dispatch(self, request, *args, **kwargs):
        if not (may_edit(self.membership) or self.kpis):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class OwnFiguresMixin(InAreaMixin, _ForRecorders):
    """Gives a view `kpis`, those that the person may enter figures for."""

    is_reading = False
    nav = "kpis"

    @cached_property
    def kpis(self) -> list[Kpi]:
        return bringing_in.kpis_of(self.membership, self.area, at=self.when.now)

    def files(self):
        """An officer sees those of the area, an owner their own; what is illustrative stays among illustrative sign-ins."""
        user = self.request.user
        found = FigureImport.objects.filter(area=self.area, mapping__own=True, is_illustrative=user.is_illustrative)
        return found if may_edit(self.membership) else found.filter(made_by=user)


class FiguresTemplateView(OwnFiguresMixin, View):
    def get(self, request, **kwargs):
        from board.own_figures.making import make_template

        body = make_template(self.kpis, area=self.area, today=self.when.today)
        return file_response(body, fmt="xlsx", name=f"figures-{self.area.slug}-{self.when.today}")


class FiguresView(OwnFiguresMixin, View):
    """Where the template is taken, and a table brought in."""

    def get(self, request, **kwargs):
        return self.show(FiguresForm())

    def post(self, request, **kwargs):
        form = FiguresForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form)
        file = form.cleaned_data["file"]
        said = {"file_name": file.name, "area": self.area, "by": request.user, "at": self.when.now}
        try:
            made = bringing_in.receive(file.read(), **said)
        except NotFigures as problem:
            form.add_error("file", str(problem))
            return self.show(form)
        return redirect("board:figures-one", self.area.slug, made.key)

    def show(self, form: FiguresForm) -> HttpResponse:
        latest = self.files().select_related("made_by")[:LATEST_SHOWN]
        context = {"form": form, "kpis": self.kpis, "latest": latest, "may_edit": may_edit(self.membership)}
        return render(self.request, "board/own_figures.html", context)


class FiguresOneView(OwnFiguresMixin, View):
    """What the table would do, with its confirmation; afterwards what it did."""

    def get(self, request, **kwargs):
        return self.show()

    def post(self, request, **kwargs):
        if self.figure_import.state != State.REHEARSED:
            return redirect(self.address)
        return self.abandon() if request.POST.get("deed") == "abandon" else self.confirm()

    @cached_property
    def figure_import(self) -> FigureImport:
        found = self.files().select_related("area", "made_by").filter(key=self.kwargs["key"]).first()
        if found is None:
            raise Http404("No such file.")
        return found

    @property
    def address(self) -> str:
        return reverse("board:figures-one", args=[self.area.slug, self.figure_import.key])

    def confirm(self) -> HttpResponse:
        said = self.request.POST
        try:
            written = bringing_in.confirm(
                self.figure_import, self.kpis, seen=said.get("seen", ""), by=self.request.user, at=self.when.now,
                without_refused=bool(said.get("without_refused")), are_right=bool(said.get("are_right")),
            )  # fmt: skip
        except NotAnswered:
            return self.show(is_unanswered=True)
        except HasChanged:
            return self.show(status=409, has_changed=True)
        except NotWritten as problem:
            return self.show(not_written=str(problem))
        except NothingToConfirm:
            return redirect(self.address)
        messages.success(self.request, f"{plural(written, 'figure')} brought in from {self.figure_import.file_name}.")
        return redirect(self.address)

    def abandon(self) -> HttpResponse:
        try:
            bringing_in.abandon(self.figure_import)
        except NothingToConfirm:
            return redirect(self.address)
        messages.success(self.request, f"{self.figure_import.file_name} was thrown away. No figure was changed.")
        return redirect("board:figures", self.area.slug)

    def show(self, *, status: int = 200, **context) -> HttpResponse:
        is_open = self.figure_import.state == State.REHEARSED
        context |= {"figure_import": self.figure_import, "is_open": is_open, **self.found()}
        return render(self.request, "board/own_figures_one.html", context, status=status)

    def found(self) -> dict:
        """While it waits, what it would do now; afterwards the rows that it wrote."""
        if self.figure_import.state != State.REHEARSED:
            return {"written": self.written()}
        result = bringing_in.worked_out(self.figure_import, self.kpis, by=self.request.user, at=self.when.now)
        said = self.request.POST
        return {
            "result": result, "writes": len(result.to_write), "refused": result.of(Deed.REFUSED),
            "groups": [(deed, title, meaning, result.of(deed)) for deed, title, meaning in GROUPS if result.of(deed)],
            "same": result.of(Deed.SAME), "ticked": {name for name in TICKS if said.get(name)},
        }  # fmt: skip

    def written(self):
        rows = Measurement.objects.filter(figure_import=self.figure_import).select_related("indicator")
        return rows.order_by("indicator__title", "period_end")[:LINES_SHOWN]


TICKS = ("are_right", "without_refused")
GROUPS = [
    (Deed.ADDED, "Would be added", "No figure is held yet for the period."),
    (Deed.RESTATED, "Would be restated", "The figure before stays to be read, with the reason."),
]
