"""Keeping KPIs: entering figures, promising, saying what explains a figure, and setting limits anew."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from board.kpi_forms import (
    OTHER,
    CommentaryForm,
    MeasurementForm,
    RebaseForm,
    TargetForm,
    seen_of,
)
from common.dates import in_words
from kpis import promising, recording
from kpis.appending import SAME_WITHIN, Conflict, latest_of, number_of
from kpis.figure import KpiFigure
from kpis.foreseen import questions_about, trouble_with
from kpis.models import Kpi, Measurement
from kpis.questions import Figure, Question, answer_to, is_answered
from kpis.reading import kpi_figures
from kpis.series import KpiSeries, series_of
from kpis.trajectory import trajectory
from kpis.vocabulary import MeasurementState, Polarity, TargetKind
from people.parking import forget_parked, parked_form
from people.roles import may_edit, may_record_figures
from people.scoping import InAreaMixin

LAST_SHOWN = 4
MOST_SEEN = 50  # figures whose numbers a form carries


class _FindKpi:
    """Before anything is shown, parked or read: which KPI, and whether this person may change it."""

    def dispatch(self, request, *args, **kwargs):
        found = Kpi.objects.filter(area=self.area, indicator__code=kwargs["code"])
        self.kpi = found.select_related("indicator", "owner").first()
        if self.kpi is None or self.kpi.retired_at:
            raise Http404("No such KPI, or one that was retired.")
        self.kpi.area = self.area
        if not self.may_change():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class OfKpiMixin(InAreaMixin, _FindKpi):
    """Gives a view the `kpi` of the area, after `InAreaMixin` has found `area`, `membership` and `when`."""

    is_reading = False
    nav = "kpis"

    def may_change(self) -> bool:
        return may_edit(self.membership)

    @cached_property
    def series(self) -> KpiSeries:
        return series_of(self.kpi)

    @cached_property
    def figure(self) -> KpiFigure:
        """How the KPI stands now."""
        only = Kpi.objects.filter(pk=self.kpi.pk)
        return kpi_figures(self.area, self.when.now, kpis=only, whole_history=True)[0]


class ByOwnerMixin(OfKpiMixin):
    """For the officers of the area and the KPI's owner, as long as they are in post."""

    def may_change(self) -> bool:
        owner = self.kpi.owner
        in_post = owner is not None and (owner.left_on is None or owner.left_on > self.when.today)
        return may_record_figures(self.membership, owner_user=owner.user_id if in_post else None)


# A figure


class MeasurementAddView(ByOwnerMixin, View):
    """A figure: entered, or restated. What looks wrong is asked about first; what is behind is explained with it."""

    template_name = "board/kpi_keeping/measurement_add.html"

    def get(self, request, **kwargs):
        parked = parked_form(request)
        if parked is not None:
            return self.show(self.form(parked).unjudged(), is_parked=True)
        due = self.series.next_due(self.when.today)
        initial = {
            "seen": seen_of(self.series.rows[:MOST_SEEN]),
            "state": MeasurementState.FINAL,
            "period": request.GET.get("period") or (due.key if due else OTHER),
        }
        return self.show(self.form(initial=initial))

    def post(self, request, **kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        if self.is_unseen(form):
            return self.show_conflict(form)
        asked = self.refuse_incomplete(form)
        if form.errors or asked:
            return self.show(form, asked=asked)
        try:
            row, _ = recording.enter_figure(
                self.kpi, by=request.user, at=self.when.now, seen_number=form.seen_number, **form.figure
            )
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        except Conflict:
            del self.series
            return self.show_conflict(self.form(request.POST))
        return self.done(row)

    def form(self, *args, **kwargs) -> MeasurementForm:
        return MeasurementForm(*args, kpi=self.kpi, series=self.series, today=self.when.today, **kwargs)

    # Before it is saved

    def is_unseen(self, form: MeasurementForm) -> bool:
        """A figure stands that this form never showed, unless it is this very form's own, sent twice."""
        standing = form.standing
        if number_of(standing) == form.seen_number:
            return False
        is_own = standing is not None and standing.recorded_by_id == self.request.user.pk
        return not (is_own and self.when.now - standing.recorded_at <= SAME_WITHIN)

    def refuse_incomplete(self, form: MeasurementForm) -> list[Question]:
        """Adds what is missing to the form's messages; returns what is still asked of the figure."""
        if form.standing and form.standing.is_published and self.request.user.is_illustrative:
            form.add_error(None, "This figure was published. An illustrative sign-in cannot restate it.")
        if form.standing and form.seen_number and not form.cleaned_data.get("reason"):
            form.add_error("reason", "Say why the figure is restated.")
        trouble = trouble_with(form.figure, kpi=self.figure)
        if trouble and not form.cleaned_data.get("commentary", "").strip() and not self.is_explained(form):
            form.add_error("commentary", f"Say what explains it. {trouble}.")
        figure, asked = self.asked_of(form)
        answer = self.request.POST.get("answer", "")
        return [] if is_answered(answer, asked, figure, of=self.kpi.indicator.code) else asked

    def asked_of(self, form: MeasurementForm) -> tuple[Figure, list[Question]]:
        return questions_about(form.figure, kpi=self.figure, series=self.series, today=self.when.today)

    def is_explained(self, form: MeasurementForm) -> bool:
        return self.kpi.commentaries.filter(period_end=form.cleaned_data["period_end"]).exists()

    # What is shown

    def show(self, form, *, asked=(), status: int = 200, **context) -> HttpResponse:
        standing = form.standing if form.is_bound and hasattr(form, "cleaned_data") else self.chosen_by_address(form)
        figure = self.asked_of(form)[0] if asked else None
        return render(
            self.request,
            self.template_name,
            {
                "form": form,
                "kpi": self.kpi,
                "series": self.series,
                "recent": [(row, self.series.counted(row)) for row in self.series.rows[:LAST_SHOWN]],
                "due": self.series.due_in_words(self.when.today),
                "standing": standing,
                "asked": asked,
                "answer": answer_to(asked, figure, of=self.kpi.indicator.code) if asked else "",
                "targets": self.figure.target_words,
                **context,
            },
            status=status,
        )

    def chosen_by_address(self, form) -> Measurement | None:
        """The figure that somebody came to restate."""
        key = form["period"].value()
        period = next((period for period in self.series.by_period if period.key == key), None)
        return self.series.standing(period, MeasurementState.FINAL) if period else None

    def show_conflict(self, form: MeasurementForm) -> HttpResponse:
        """What stands and what was typed side by side; sent again, the form answers to what stands."""
        form.is_valid()
        standing = form.standing
        typed = self.request.POST.copy()
        typed["seen"] = seen_of(self.series.rows[:MOST_SEEN])
        if standing and standing not in self.series.rows[:MOST_SEEN]:
            typed["seen"] += f" {seen_of([standing])}"
        again = self.form(typed)
        again.is_valid()
        return self.show(again, status=409, is_conflict=True, mine=form.in_words)

    def done(self, row: Measurement) -> HttpResponse:
        forget_parked(self.request)
        indicator = self.kpi.indicator
        said = (
            f"{indicator.title}: {self.series.shown(row)} is saved for {row.period_label or in_words(row.period_end)}."
        )
        del self.series
        messages.success(self.request, f"{said} {self.series.due_in_words(self.when.today)}.")
        return redirect(self.kpi.get_absolute_url())


# A promise, what is said, new limits


class AppendView(OfKpiMixin, View):
    """A page that shows the dated rows of a KPI and a form that adds the next one."""

    form_class: type
    rows_name = ""
    saved = ""

    def get(self, request, **kwargs):
        parked = parked_form(request)
        if parked is not None:
            return self.show(self.form(parked).unjudged(), is_parked=True)
        return self.show(self.form(initial={"seen_number": number_of(latest_of(self.rows)), **self.initial()}))

    def post(self, request, **kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            self.write(form, by=request.user, at=self.when.now)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        except Conflict as conflict:
            typed = request.POST.copy()
            typed["seen_number"] = number_of(conflict.latest)
            return self.show(self.form(typed).unjudged(), status=409, meanwhile=conflict.latest)
        forget_parked(request)
        messages.success(request, self.saved)
        return redirect(self.kpi.get_absolute_url())

    @property
    def rows(self):
        return getattr(self.kpi, self.rows_name).all()

    def initial(self) -> dict:
        period = self.request.GET.get("period")
        held = [each.key for each in self.series.by_period]
        return {"period": period if period in held else next(iter(held), "")}

    def form(self, *args, **kwargs):
        return self.form_class(*args, series=self.series, **kwargs)

    def show(self, form, *, status: int = 200, **context) -> HttpResponse:
        return render(
            self.request,
            self.template_name,
            {
                "form": form,
                "kpi": self.kpi,
                "rows": self.rows.select_related("recorded_by").order_by("-number")[:50],
                **context,
            },
            status=status,
        )


class TargetAddView(AppendView):
    template_name = "board/kpi_keeping/target_add.html"
    rows_name = "targets"

    def initial(self) -> dict:
        return {}

    def form(self, *args, **kwargs) -> TargetForm:
        return TargetForm(*args, indicator=self.kpi.indicator, **kwargs)

    def write(self, form: TargetForm, *, by, at) -> None:
        target = promising.promise(self.kpi, by=by, at=at, **form.promise)
        kind = "Milestone" if target.kind == TargetKind.MILESTONE else "Target"
        self.saved = f"{kind} saved: {target.as_written or form['value'].value()}, {self.holds(target)}."

    @staticmethod
    def holds(target) -> str:
        end = f" to {in_words(target.period_end)}" if target.period_end else ""
        return f"from {in_words(target.period_start)}{end}"

    def show(self, form, **context) -> HttpResponse:
        [figure] = kpi_figures(self.area, self.when.now, kpis=Kpi.objects.filter(pk=self.kpi.pk), whole_history=True)
        targets = self.rows.select_related("recorded_by")
        is_context = self.kpi.indicator.polarity == Polarity.CONTEXTUAL
        return super().show(
            form, trajectory=trajectory(figure, targets), figure=figure, is_context=is_context, **context
        )


class CommentaryAddView(ByOwnerMixin, AppendView):
    template_name = "board/kpi_keeping/commentary_add.html"
    form_class = CommentaryForm
    rows_name = "commentaries"
    saved = "What you wrote is saved with its figure."

    def write(self, form: CommentaryForm, *, by, at) -> None:
        said = form.cleaned_data
        promising.comment(
            self.kpi,
            period_end=form.chosen_period.end,
            text=said["text"],
            by=by,
            at=at,
            seen_number=said["seen_number"],
        )


class RebaseView(AppendView):
    template_name = "board/kpi_keeping/rebase.html"
    form_class = RebaseForm
    rows_name = "rebases"

    def write(self, form: RebaseForm, *, by, at) -> None:
        said, period = form.cleaned_data, form.chosen_period
        promising.rebase(
            self.kpi, from_period=period.start, reason=said["reason"], by=by, at=at, seen_number=said["seen_number"]
        )
        self.saved = f"Limits are calculated anew from {self.series.label_of(period)}."
