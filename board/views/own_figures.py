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
from board.own_figures.rehearsing import Deed, Outcome, Rehearsed
from board.own_figures_forms import FiguresForm, NamesForm
from board.views.room import has_room
from common.export import file_response
from common.words import plural, sentence_case
from kpis.models import FigureImport, Indicator, Kpi, Measurement
from people.roles import may_edit
from people.scoping import InAreaMixin

LATEST_SHOWN = 10
LINES_SHOWN = 200
NAMES_SHOWN = 60


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
        from board.own_figures.making import Offers, make_template

        offers = Offers.of(self.area, by=request.user, on=self.when.today) if may_edit(self.membership) else None
        body = make_template(self.kpis, area=self.area, today=self.when.today, offers=offers)
        return file_response(body, fmt="xlsx", name=f"figures-{self.area.slug}-{self.when.today}")


class FiguresView(OwnFiguresMixin, View):
    """Where the template is taken, and a table brought in."""

    def get(self, request, **kwargs):
        return self.show(FiguresForm())

    def post(self, request, **kwargs):
        form = FiguresForm(request.POST, request.FILES)
        if not (form.is_valid() and has_room(form, self.area)):
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
        deeds = {"abandon": self.abandon, "names": self.say_names}
        return deeds.get(request.POST.get("deed"), self.confirm)()

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
            result = bringing_in.confirm(
                self.figure_import, self.kpis, seen=said.get("seen", ""), by=self.request.user, at=self.when.now,
                defines=may_edit(self.membership), without_refused=bool(said.get("without_refused")),
                are_right=bool(said.get("are_right")),
            )  # fmt: skip
        except NotAnswered:
            return self.show(is_unanswered=True)
        except HasChanged:
            return self.show(status=409, has_changed=True)
        except NotWritten as problem:
            return self.show(not_written=str(problem))
        except NothingToConfirm:
            return redirect(self.address)
        messages.success(self.request, f"{what_is_written(result, IS_DONE)} from {self.figure_import.file_name}.")
        return redirect(self.address)

    def say_names(self) -> HttpResponse:
        """What the file calls each KPI, all in one go."""
        form = self.names_form(self.worked_out(), self.request.POST)
        if not form.is_valid():
            return self.show(names_form=form)
        try:
            bringing_in.say_names(self.figure_import, form.said)
        except NothingToConfirm:
            return redirect(self.address)
        messages.success(
            self.request, "What the names mean is kept, for the next file too once this one is brought in."
        )
        return redirect(self.address)

    def names_form(self, result: Rehearsed, *args) -> NamesForm:
        fresh = [(row.title, f"{row.title} (defined by this file)") for row in result.to_define if row.is_new]
        held = [(kpi.indicator.code, kpi.indicator.title) for kpi in self.kpis]
        return NamesForm(*args, names=result.names[:NAMES_SHOWN], offered=[*fresh, *held])

    def abandon(self) -> HttpResponse:
        try:
            bringing_in.abandon(self.figure_import)
        except NothingToConfirm:
            return redirect(self.address)
        messages.success(self.request, f"{self.figure_import.file_name} was thrown away. Nothing was changed.")
        return redirect("board:figures", self.area.slug)

    def show(self, *, status: int = 200, **context) -> HttpResponse:
        is_open = self.figure_import.state == State.REHEARSED
        context = {"figure_import": self.figure_import, "is_open": is_open, **self.found(), **context}
        return render(self.request, "board/own_figures_one.html", context, status=status)

    def worked_out(self) -> Rehearsed:
        said = {"by": self.request.user, "at": self.when.now, "defines": may_edit(self.membership)}
        return bringing_in.worked_out(self.figure_import, self.kpis, **said)

    def found(self) -> dict:
        """While it waits, what it would do now; afterwards the rows that it wrote."""
        if self.figure_import.state != State.REHEARSED:
            return {"written": self.written(), "tracked": self.tracked()}
        result = self.worked_out()
        said = self.request.POST
        return {
            "result": result, "writes": what_is_written(result), "refused": result.refused,
            "added": by_kpi(result.of(Deed.ADDED)), "restated": result.of(Deed.RESTATED),
            "new": [row for row in result.to_define if row.is_new],
            "changed": [row for row in result.to_define if not row.is_new],
            "same": result.of(Deed.SAME), "ticked": {name for name in TICKS if said.get(name)},
            "names_form": self.names_form(result) if result.names else None,
        }  # fmt: skip

    def written(self):
        rows = Measurement.objects.filter(figure_import=self.figure_import).select_related("indicator")
        return rows.order_by("indicator__title", "period_end")[:LINES_SHOWN]

    def tracked(self):
        codes = self.figure_import.rehearsal.get("tracked", [])
        return Indicator.objects.filter(code__in=codes).order_by("title") if codes else []


def by_kpi(outcomes: list[Outcome]) -> list[tuple[Outcome, Outcome, list[Outcome]]]:
    """The figures of each KPI in the order of their periods, with the first and the last row of the file; the KPIs by title."""
    found: dict[int, list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.kpi.pk, []).append(outcome)
    told = sorted(found.values(), key=lambda rows: rows[0].kpi.indicator.title.casefold())
    return [(rows[0], rows[-1], sorted(rows, key=lambda row: row.said["period_end"])) for rows in told]


def what_is_written(result: Rehearsed, words: tuple[str, str, str] | None = None) -> str:
    """What would be done, such as: Bring in 120 figures and track 10 KPIs. Empty where nothing would be."""
    counts = result.counts
    many = [(len(result.to_write), "figure"), (counts["tracked"], "KPI"), (counts["changed"], "KPI")]
    told = [said.format(plural(*each)) for said, each in zip(words or TO_DO, many, strict=True) if each[0]]
    return sentence_case(" and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told))


TO_DO = ("bring in {}", "track {}", "change {}")
IS_DONE = ("{} brought in", "{} tracked", "{} changed")
TICKS = ("are_right", "without_refused")
