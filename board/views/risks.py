"""The risk register of a plan: read as at any day, and kept by officers; a risk's owner may give it a score."""

from functools import cached_property
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View
from django.views.generic import TemplateView

from board import risk_keeping
from board.exporting import header_lines
from board.models import Risk
from board.risk_forms import CloseForm, NewRiskForm, RiskForm, ScoreForm
from board.risk_matrix import matrix_of, picture
from board.risk_table import SORTED_BY, RiskFilterForm, RiskTable
from board.risks import LIKELIHOODS, Level, Movement, RiskStanding, moment_before, risks_at, summary_of
from board.views.mixins import InStrategyMixin
from common.export import export_format, export_response
from kpis.appending import Conflict, latest_of, number_of
from people.parking import forget_parked, parked_form
from people.roles import may_edit, may_score
from people.scoping import past_day
from strategies import keeping

PER_PAGE = 50
LEVELS = [(Level.LOW, "1 to 4"), (Level.MEDIUM, "5 to 9"), (Level.HIGH, "10 to 14"), (Level.VERY_HIGH, "15 to 25")]


class RiskListView(InStrategyMixin, TemplateView):
    template_name = "board/risk_list.html"
    nav = "board"

    def get(self, request, *args, **kwargs):
        self.compare = past_day(request.GET.get("compare", ""), self.when.day, name="compare")
        self.since, self.before = moment_before(self.strategy, self.when.day, self.compare)
        fmt = export_format(request)
        if fmt and self.form.is_valid():
            header = header_lines(self, "Risks and issues", self.form.in_words(), strategy=self.strategy)
            name = f"{self.area.slug}-{self.strategy.slug}-risks-{self.when.day}"
            return export_response(self.table, fmt=fmt, name=name, header_lines=header)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        self.paginate(self.table)
        summary = summary_of(self.rows, since=self.since)
        matrix = matrix_of(summary.open, self.cell_address)
        return super().get_context_data(
            **kwargs,
            table=self.table, form=self.form, narrowing=self.form.in_words(), sort=self.request.GET.get("sort", ""),
            total=len(self.rows), shown=len(self.table.data), summary=summary, since=self.since, compare=self.compare,
            links=self.links(), matrix=matrix, picture=picture(matrix), likelihoods=LIKELIHOODS, levels=LEVELS, address=self.address,
            may_edit=may_edit(self.membership) and not self.when.as_at,
        )  # fmt: skip

    def links(self) -> dict[str, str]:
        """The addresses of the rows that the sentences count."""
        moved = {name: self.narrowed(movement=name) for name in (Movement.ROSE, Movement.NEW, Movement.FELL)}
        return {**moved, "overdue": self.narrowed(review="overdue"), "closed": self.narrowed(state="closed")}

    @cached_property
    def rows(self) -> list[RiskStanding]:
        return risks_at(self.strategy, self.when.moment, compare=self.before)

    @cached_property
    def form(self) -> RiskFilterForm:
        return RiskFilterForm(self.request.GET, strategy=self.strategy)

    @property
    def address(self) -> str:
        return reverse("board:risks", args=[self.area.slug, self.strategy.slug])

    def narrowed(self, **asked) -> str:
        """The address of the rows that a number counts, on the same days."""
        days = {"as_at": self.when.as_at, "compare": self.compare}
        return f"{self.address}?{urlencode(asked | {name: day for name, day in days.items() if day})}#register"

    def cell_address(self, likelihood: int, impact: int) -> str:
        return self.narrowed(likelihood=likelihood, impact=impact)

    @cached_property
    def table(self) -> RiskTable:
        sort = [name for name in self.request.GET.getlist("sort") if name.removeprefix("-") in SORTED_BY]
        return RiskTable(
            self.form.kept(self.rows),
            base=self.address,
            query=f"?as_at={self.when.as_at}" if self.when.as_at else "",
            on=self.when.day,
            order_by=sort[:3] or ["score"],
        )

    def paginate(self, table: RiskTable) -> None:
        """A page that there is none of shows the nearest."""
        pages = Paginator(table.rows, PER_PAGE)
        table.paginate(per_page=PER_PAGE, page=pages.get_page(self.request.GET.get("page", "1")).number)


class OfRiskMixin(InStrategyMixin):
    """Gives a view the `risk` of the plan; refuses those who may not change it before anything is shown."""

    nav = "board"

    @cached_property
    def risk(self) -> Risk:
        ref = self.kwargs["ref"]
        found = Risk.objects.select_related("owner").filter(strategy=self.strategy, ref=ref).first()
        if found is None or found.raised_on > self.when.day:
            raise Http404("No such risk.")
        found.strategy = self.strategy
        if not self.is_reading and not self.may_change(found):
            raise PermissionDenied
        return found

    def may_change(self, risk: Risk) -> bool:
        return may_edit(self.membership)

    def may_score(self, risk: Risk) -> bool:
        owner = risk.owner
        in_post = owner is not None and (owner.left_on is None or owner.left_on > self.when.today)
        return may_score(self.membership, owner_user=owner.user_id if in_post else None)

    @property
    def back(self) -> str:
        return reverse("board:risk", args=[self.area.slug, self.strategy.slug, self.risk.ref])

    @cached_property
    def standing(self) -> RiskStanding:
        _, before = moment_before(self.strategy, self.when.day, None)
        only = Risk.objects.filter(pk=self.risk.pk)
        return risks_at(self.strategy, self.when.moment, compare=before, risks=only)[0]


class RiskView(OfRiskMixin, TemplateView):
    template_name = "board/risk_detail.html"

    def get_context_data(self, **kwargs):
        risk, present = self.risk, not self.when.as_at
        may_change = present and may_edit(self.membership)
        return super().get_context_data(
            **kwargs,
            risk=risk, row=self.standing, scores=list(reversed(self.standing.risk.known_scores)),
            actions=list(risk.actions.order_by("position", "pk")),
            kpis=list(risk.kpis.select_related("indicator").order_by("position", "pk")),
            changes=keeping.changes_of(risk, until=self.when.moment),
            may_edit=may_change, may_score=present and not risk.closed_on and self.may_score(risk),
            closed=risk_keeping.why_not_edited(risk, self.request.user) if may_change else "",
        )  # fmt: skip


# Keeping it


class RiskFormMixin:
    """What the form for a new risk and for one there is have in common."""

    template_name = "board/risk_form.html"

    def made(self, form_class, *args, risk: Risk | None = None, **kwargs):
        user = self.request.user
        is_illustrative = risk.is_illustrative if risk else user.is_illustrative
        owners = risk_keeping.possible_owners(self.strategy, by=user, on=self.when.today, risk=risk)
        ties = risk_keeping.possible_ties(self.strategy, is_illustrative=is_illustrative)
        return form_class(*args, owners=owners.order_by("name", "pk"), ties=ties, **kwargs)


class RiskAddView(InStrategyMixin, RiskFormMixin, View):
    is_reading = False
    may = may_edit
    nav = "board"

    def get(self, request, **kwargs):
        parked = parked_form(request)
        if parked is not None:
            return self.show(self.made(NewRiskForm, parked).unjudged(), is_parked=True)
        return self.show(self.made(NewRiskForm, initial={"kind": Risk.Kind.RISK, **self.tied()}))

    def tied(self) -> dict[str, list[str]]:
        """What the page that one comes from is about: ticked already. The form offers what may be tied, and no more."""
        return {name: self.request.GET.getlist(name) for name in risk_keeping.MANY}

    def post(self, request, **kwargs):
        form = self.made(NewRiskForm, request.POST)
        if not form.is_valid():
            return self.show(form)
        score = {name: form.cleaned_data[name] for name in ("likelihood", "impact", "reason")}
        try:
            risk = risk_keeping.raise_risk(self.strategy, by=request.user, at=self.when.now, **score, **form.said)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        forget_parked(request)
        messages.success(request, f"Risk {risk.ref} is in the register.")
        return redirect("board:risk", self.area.slug, self.strategy.slug, risk.ref)

    def show(self, form, **context) -> HttpResponse:
        back = reverse("board:risks", args=[self.area.slug, self.strategy.slug])
        shown = {"form": form, "strategy": self.strategy, "back": back, **context}
        return render(self.request, self.template_name, shown)


class RiskEditView(OfRiskMixin, RiskFormMixin, View):
    is_reading = False

    def get(self, request, **kwargs):
        risk = self.risk
        parked = parked_form(request)
        if parked is not None:
            return self.show(self.made(RiskForm, parked, risk=risk).unjudged(), is_parked=True)
        return self.show(self.made(RiskForm, initial=self.stands, risk=risk))

    def post(self, request, **kwargs):
        risk = self.risk
        form = self.made(RiskForm, request.POST, risk=risk)
        if not form.is_valid():
            return self.show(form)
        if form.cleaned_data["seen"] != self.stands["seen"]:
            return self.show_conflict()
        try:
            changed = risk_keeping.edit_risk(risk, by=request.user, at=self.when.now, **form.said)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        forget_parked(request)
        messages.success(request, f"Risk {risk.ref} is changed." if changed else "Nothing was changed.")
        return redirect(self.back)

    @cached_property
    def stands(self) -> dict:
        risk = self.risk
        values = {name: getattr(risk, name) for name in risk_keeping.FIELDS if name != "owner"}
        values["owner"] = str(risk.owner_id or "")
        values |= {name: sorted(map(str, ids)) for name, ids in risk_keeping.ties_of(risk).items()}
        return {**values, "seen": risk_keeping.digest_of(values)}

    def show_conflict(self) -> HttpResponse:
        """What somebody else changed stands at the end of the page; sent again, the form answers to it."""
        typed = self.request.POST.copy()
        typed["seen"] = self.stands["seen"]
        return self.show(self.made(RiskForm, typed, risk=self.risk).unjudged(), status=409, is_conflict=True)

    def show(self, form, *, status: int = 200, **context) -> HttpResponse:
        risk = self.risk
        refusal = risk_keeping.why_not_edited(risk, self.request.user)
        shown = {
            "form": form, "risk": risk, "strategy": self.strategy, "back": self.back,
            "closed": refusal or (risk_keeping.closed_words(risk) if risk.closed_on else ""),
            "changes": keeping.changes_of(risk) if context.get("is_conflict") else [], **context,
        }  # fmt: skip
        return render(self.request, self.template_name, shown, status=status)


class RiskScoreView(OfRiskMixin, View):
    """The next score; the earlier ones stay beside it."""

    is_reading = False
    template_name = "board/risk_score.html"

    def may_change(self, risk: Risk) -> bool:
        return self.may_score(risk)

    def get(self, request, **kwargs):
        latest = latest_of(self.risk.scores.all())
        parked = parked_form(request)
        if parked is not None:
            return self.show(ScoreForm(parked).unjudged(), is_parked=True)
        stands = {"likelihood": latest.likelihood, "impact": latest.impact} if latest else {}
        return self.show(ScoreForm(initial={"seen_number": number_of(latest), **stands}))

    def post(self, request, **kwargs):
        risk, form = self.risk, ScoreForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            row = risk_keeping.score_risk(risk, by=request.user, at=self.when.now, **form.cleaned_data)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        except Conflict as conflict:
            typed = request.POST.copy()
            typed["seen_number"] = number_of(conflict.latest)
            return self.show(ScoreForm(typed).unjudged(), status=409, meanwhile=conflict.latest)
        forget_parked(request)
        messages.success(
            request, f"Risk {risk.ref} is scored {row.score}: likelihood {row.likelihood}, impact {row.impact}."
        )
        return redirect(self.back)

    def show(self, form, *, status: int = 200, **context) -> HttpResponse:
        closed = risk_keeping.closed_words(self.risk) if self.risk.closed_on else ""
        shown = {
            "form": form, "risk": self.risk, "row": self.standing, "strategy": self.strategy, "back": self.back,
            "closed": closed, "scores": list(reversed(self.standing.risk.known_scores)), **context,
        }  # fmt: skip
        return render(self.request, self.template_name, shown, status=status)


class RiskCloseView(OfRiskMixin, View):
    """Close a risk, or open a closed one again."""

    is_reading = False
    template_name = "board/risk_close.html"

    def get(self, request, **kwargs):
        closed_on = max(self.when.today, self.risk.raised_on)
        parked = parked_form(request)
        if parked is not None:
            return self.show(CloseForm(parked).unjudged(), is_parked=True)
        return self.show(CloseForm(initial={"closed_on": closed_on}))

    def post(self, request, **kwargs):
        risk = self.risk
        if request.POST.get("reopen"):
            return self.reopen(risk)
        form = CloseForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            risk_keeping.close_risk(risk, by=request.user, at=self.when.now, **form.cleaned_data)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        return self.done(f"Risk {risk.ref} is closed.")

    def reopen(self, risk: Risk) -> HttpResponse:
        try:
            risk_keeping.reopen_risk(risk, by=self.request.user, at=self.when.now)
        except ValidationError as error:
            messages.warning(self.request, error.messages[0])
            return redirect(self.back)
        return self.done(f"Risk {risk.ref} is open again.")

    def done(self, said: str) -> HttpResponse:
        forget_parked(self.request)
        messages.success(self.request, said)
        return redirect(self.back)

    def show(self, form, **context) -> HttpResponse:
        closed = risk_keeping.why_not_edited(self.risk, self.request.user)
        shown = {
            "form": form, "risk": self.risk, "strategy": self.strategy, "back": self.back, "closed": closed, **context,
        }  # fmt: skip
        return render(self.request, self.template_name, shown)
