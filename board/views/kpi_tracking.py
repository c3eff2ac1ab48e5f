"""What an area tracks: choosing a definition or making one, who owns it, and how it is judged."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from board.kpi_forms import DefinitionForm, KpiForm
from board.views.kpi_keeping import OfKpiMixin
from common.text import unkeepable_in
from kpis import tracking
from kpis.models import Indicator, Kpi
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from people.scoping import InAreaMixin
from priorities.models import Finding, Priority, SuccessMeasure
from strategies import keeping

DEFINITIONS_A_PAGE = 50


class KpiFormMixin:
    """The form of a KPI's owner, tolerance and the rest, for a new one and one there is."""

    def kpi_form(self, *args, unit: str, kpi: Kpi | None = None, **kwargs) -> KpiForm:
        area, user = self.area, self.request.user
        priorities, measures, findings = self.ties(kpi)
        return KpiForm(
            *args,
            unit=unit,
            owners=tracking.possible_owners(area, by=user, on=self.when.today, kpi=kpi),
            priorities=priorities.select_related("strategy").order_by("-strategy__starts_on", "position"),
            measures=measures.select_related("priority").order_by(
                "-priority__strategy__starts_on", "priority__position", "position"
            ),
            findings=findings.select_related("inspection").order_by("-inspection__inspected_to", "position", "pk"),
            **kwargs,
        )

    def ties(self, kpi: Kpi | None) -> tuple:
        """What it may be tied to; what it is tied to already stays in the list."""
        area = self.area
        priorities = Priority.objects.in_use().filter(strategy__area=area, strategy__state="published")
        measures = SuccessMeasure.objects.in_use().filter(priority__in=priorities)
        findings = Finding.objects.in_use().filter(inspection__area=area, inspection__retired_at=None)
        found = priorities, measures, findings.exclude(kind=Finding.Kind.STRENGTH)
        if kpi is None:
            return found
        held = [each.model.objects.filter(kpis=kpi) for each in found]
        return tuple((offered | tied).distinct() for offered, tied in zip(found, held, strict=True))

    def warn_of_headlines(self, kpi: Kpi) -> None:
        others = tracking.headlines(self.area, but=kpi)
        if kpi.is_headline and others >= tracking.MOST_HEADLINES:
            messages.warning(
                self.request,
                f"{others} other KPIs are meant for the board page already, and it shows {tracking.MOST_HEADLINES}: "
                "take one off there.",
            )


class KpiAddView(InAreaMixin, KpiFormMixin, View):
    """Choose a definition (`?q=` searches), then say how it is owned and judged (`?indicator=`); or define one (`?new=1`)."""

    is_reading = False
    may = may_edit
    nav = "kpis"

    def get(self, request, **kwargs):
        if not self.is_new and self.indicator is None:
            return self.show_choices()
        parked = parked_form(request)
        if parked is not None:
            definition, form = self.forms(parked)
            return self.show(definition and definition.unjudged(), form.unjudged(), is_parked=True)
        return self.show(*self.forms(initial={"screens_outliers": True}))

    def post(self, request, **kwargs):
        if not self.is_new and self.indicator is None:
            return self.show_choices()
        definition, form = self.forms(request.POST)
        are_valid = [each.is_valid() for each in (definition, form) if each]
        if not all(are_valid):
            return self.show(definition, form)
        try:
            kpi = tracking.track(
                self.area, self.indicator, by=request.user, at=self.when.now,
                definition=definition.definition_made if definition else None, **form.choices_made,
            )  # fmt: skip
        except ValidationError as error:
            (definition or form).accuse(error)
            return self.show(definition, form)
        forget_parked(request)
        self.warn_of_headlines(kpi)
        messages.success(request, f"{self.area} tracks “{kpi.indicator.title}” from now on. Set its target next.")
        return redirect("board:target-add", self.area.slug, kpi.indicator.code)

    @property
    def is_new(self) -> bool:
        return self.request.GET.get("new") == "1"

    @cached_property
    def indicator(self) -> Indicator | None:
        code = self.request.GET.get("indicator", "")
        if self.is_new or not code:
            return None
        found = (
            None
            if unkeepable_in(code)
            else tracking.untracked(self.area, by=self.request.user).filter(code=code).first()
        )
        if found is None:
            raise Http404("No such definition that is not tracked yet.")
        return found

    def forms(self, *args, **kwargs) -> tuple[DefinitionForm | None, KpiForm]:
        definition = DefinitionForm(*args) if self.is_new else None
        unit = definition.unit_chosen if definition else self.indicator.unit
        return definition, self.kpi_form(*args, unit=unit, **kwargs)

    def show(self, definition, form, **context) -> HttpResponse:
        shown = [each for each in (definition, form) if each]
        return render(
            self.request,
            "board/kpi_keeping/kpi_form.html",
            {
                "definition": definition,
                "form": form,
                "indicator": self.indicator,
                "summary": [line for each in shown for line in each.summary],
                "headlines": tracking.headlines(self.area),
                **context,
            },
        )

    def show_choices(self) -> HttpResponse:
        words = self.request.GET.get("q", "")[:200]
        words = "" if unkeepable_in(words) else words.strip()
        found = tracking.untracked(self.area, by=self.request.user, words=words)
        page = Paginator(found, DEFINITIONS_A_PAGE).get_page(self.request.GET.get("page"))
        return render(self.request, "board/kpi_keeping/kpi_add.html", {"page": page, "words": words})


class KpiEditView(OfKpiMixin, KpiFormMixin, View):
    """How a KPI is owned and judged, and who changed it when."""

    template_name = "board/kpi_keeping/kpi_form.html"

    def get(self, request, **kwargs):
        parked = parked_form(request)
        if parked is not None:
            return self.show(self.form(parked).unjudged(), is_parked=True)
        return self.show(self.form(initial=self.stands))

    def post(self, request, **kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        seen = form.cleaned_data["seen"] or 0
        try:
            changed = tracking.edit(self.kpi, by=request.user, at=self.when.now, seen=seen, **form.choices_made)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        except keeping.Overtaken as overtaken:
            return self.show_conflict(overtaken)
        forget_parked(request)
        self.warn_of_headlines(self.kpi)
        messages.success(request, "The KPI is changed." if changed else "Nothing was changed.")
        return redirect(self.kpi.get_absolute_url())

    def form(self, *args, **kwargs) -> KpiForm:
        return self.kpi_form(*args, unit=self.kpi.indicator.unit, kpi=self.kpi, **kwargs)

    @cached_property
    def stands(self) -> dict:
        kpi = self.kpi
        values = {
            "owner": str(kpi.owner_id or ""), "tolerance": kpi.tolerance, "floor": kpi.floor,
            "is_headline": kpi.is_headline, "screens_outliers": kpi.screens_outliers,
            **{name: sorted(map(str, getattr(kpi, name).values_list("pk", flat=True))) for name in tracking.MANY},
        }  # fmt: skip
        return {**values, "seen": keeping.version_of(kpi)}

    def show_conflict(self, overtaken: keeping.Overtaken) -> HttpResponse:
        self.kpi.refresh_from_db()
        typed = self.request.POST.copy()
        typed["seen"] = str(keeping.version_of(self.kpi))
        status = 409 if self.request.POST.get("seen") else 200
        return self.show(self.form(typed).unjudged(), status=status, is_overtaken=True, meanwhile=overtaken.changes)

    def show(self, form, *, status: int = 200, **context) -> HttpResponse:
        return render(
            self.request,
            self.template_name,
            {
                "form": form,
                "kpi": self.kpi,
                "indicator": self.kpi.indicator,
                "summary": form.summary,
                "changes": keeping.changes_of(self.kpi),
                "closed": tracking.why_not_edited(self.kpi, self.request.user),
                "headlines": tracking.headlines(self.area, but=self.kpi),
                **context,
            },
            status=status,
        )
