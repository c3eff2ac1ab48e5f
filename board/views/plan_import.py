"""Bringing a plan in from its file: the file, its columns, the plan, who is meant, the rehearsal, the confirmation."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from board.plan_import import bringing_in
from board.plan_import.errors import HasChanged, HasUnread, NotAPlan, NothingToConfirm
from board.plan_import.layout import Shape
from board.plan_import.matching import Directory
from board.plan_import_forms import ColumnsForm, NamesForm, PlanForm, PlanUploadForm
from board.views.room import has_room
from common.export import file_response
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from people.scoping import InAreaMixin
from strategies.models import Strategy
from workstrands.models import PlanFile

LATEST_SHOWN = 10


class BringingInMixin(InAreaMixin):
    """For the officers of the area, in the present only."""

    is_reading = False
    may = may_edit
    nav = "board"

    @property
    def mine(self):
        return PlanFile.objects.filter(area=self.area, kind=PlanFile.Kind.PLAN)


class PlanTemplateView(BringingInMixin, View):
    """An empty plan to fill in, whose headings need no explaining."""

    def get(self, request, **kwargs):
        from board.plan_import.template import make_template

        return file_response(make_template(self.area), fmt="xlsx", name=f"action-plan-{self.area.slug}")


class PlanImportView(BringingInMixin, View):
    """The file."""

    def get(self, request, **kwargs):
        return self.show(PlanUploadForm())

    def post(self, request, **kwargs):
        form = PlanUploadForm(request.POST, request.FILES)
        if not (form.is_valid() and has_room(form, self.area)):
            return self.show(form)
        file = form.cleaned_data["file"]
        try:
            made = bringing_in.receive(
                file.read(), file_name=file.name, area=self.area, by=request.user, at=self.when.now
            )
        except NotAPlan as problem:
            form.add_error("file", str(problem))
            return self.show(form)
        return redirect("board:plan-import-columns", self.area.slug, made.key)

    def show(self, form: PlanUploadForm) -> HttpResponse:
        latest = self.mine.select_related("made_by", "strategy").defer("content", "rehearsal", "mapping")[:LATEST_SHOWN]
        return render(self.request, "board/plan_import_upload.html", {"form": form, "latest": latest})


class OfFileMixin(BringingInMixin):
    """Gives a view `plan_file`, of the area."""

    @cached_property
    def plan_file(self) -> PlanFile:
        found = self.mine.select_related("area", "strategy").filter(key=self.kwargs["key"]).first()
        if found is None:
            raise Http404("No such file.")
        return found

    @property
    def is_open(self) -> bool:
        return self.plan_file.state in bringing_in.WAITING

    def address(self, name: str = "one") -> str:
        return reverse(f"board:plan-import-{name}", args=[self.area.slug, self.plan_file.key])


class StepMixin(OfFileMixin):
    """One page of choosing. A finished import leads to what came of it; a file that reads no more says why."""

    template = ""

    def get(self, request, **kwargs):
        return self.guarded(self.ask)

    def post(self, request, **kwargs):
        return self.guarded(self.answer)

    def guarded(self, step) -> HttpResponse:
        if not self.is_open:
            return redirect(self.address())
        try:
            return step()
        except NotAPlan as problem:
            messages.error(self.request, str(problem))
            return redirect("board:plan-import", self.area.slug)
        except NothingToConfirm:  # brought in or thrown away just now
            return redirect(self.address())

    def ask(self) -> HttpResponse:
        parked = parked_form(self.request)
        return self.show(self.form(parked).unjudged(), is_parked=True) if parked else self.show(self.form())

    def answer(self) -> HttpResponse:
        form = self.form(self.request.POST)
        if not form.is_valid():
            return self.show(form)
        forget_parked(self.request)
        bringing_in.choose(self.plan_file, **self.chosen(form))
        return self.go_on()

    def show(self, form, **context) -> HttpResponse:
        context = {"form": form, "plan_file": self.plan_file, **context}
        return render(self.request, self.template, context)

    def go_on(self) -> HttpResponse:
        """To what is still to be chosen, else to the rehearsal."""
        if bringing_in.target_of(self.plan_file) is None:
            return redirect(self.address("plan"))
        result = bringing_in.rehearse(self.plan_file, by=self.request.user, at=self.when.now)
        # What is taken apart, or is one name after all, may ask anew for names that nobody was chosen for yet.
        is_asking = result.unanswered if self.has_asked() else any(result.questions.values())
        return redirect(self.address("names" if is_asking else "one"))

    def has_asked(self) -> bool:
        return False


class PlanImportColumnsView(StepMixin, View):
    """What each column means."""

    template = "board/plan_import_columns.html"

    @cached_property
    def shapes(self) -> list[Shape]:
        return bringing_in.shapes_in(bytes(self.plan_file.content))

    def form(self, *args) -> ColumnsForm:
        return ColumnsForm(*args, shapes=self.shapes, mapping=self.plan_file.mapping)

    def chosen(self, form: ColumnsForm) -> dict:
        return {"shapes": form.shapes_said, "lonely": form.cleaned_data["lonely"], "lines": form.cleaned_data["lines"]}

    def show(self, form, **context) -> HttpResponse:
        return super().show(form, before=bringing_in.brought_in_before(self.plan_file), **context)

    def go_on(self) -> HttpResponse:
        return redirect(self.address("plan"))


class PlanImportPlanView(StepMixin, View):
    """Into which plan."""

    template = "board/plan_import_plan.html"

    def form(self, *args) -> PlanForm:
        mapping = self.plan_file.mapping
        initial = PlanForm.initial_of(mapping.get("target"), with_updates=mapping.get("with_updates", False))
        before = bringing_in.brought_in_before(self.plan_file)
        if before and before.strategy_id:
            initial.setdefault("into", str(before.strategy_id))
        return PlanForm(*args, plans=Strategy.objects.filter(area=self.area), initial=initial)

    def chosen(self, form: PlanForm) -> dict:
        return {"target": form.target, "with_updates": form.cleaned_data["with_updates"]}

    def show(self, form, **context) -> HttpResponse:
        return super().show(form, before=bringing_in.brought_in_before(self.plan_file), **context)


class PlanImportNamesView(StepMixin, View):
    """Who is meant by the names, and what the words for a status say."""

    template = "board/plan_import_names.html"

    def ask(self) -> HttpResponse:
        if bringing_in.target_of(self.plan_file) is None:
            return redirect(self.address("plan"))
        return super().ask()

    def answer(self) -> HttpResponse:
        if bringing_in.target_of(self.plan_file) is None:
            return redirect(self.address("plan"))
        return super().answer()

    def form(self, *args) -> NamesForm:
        result = bringing_in.work_out(self.plan_file, by=self.request.user, at=self.when.now)
        directory = Directory.of(self.area, self.request.user, self.when.today)
        return NamesForm(*args, questions=result.questions, directory=directory, kept=self.plan_file.mapping)

    def chosen(self, form: NamesForm) -> dict:
        return form.said(self.plan_file.mapping)

    def has_asked(self) -> bool:
        return True


class PlanImportOneView(OfFileMixin, View):
    """The rehearsal with its confirmation; afterwards what came of it."""

    def get(self, request, **kwargs):
        if self.plan_file.state != PlanFile.State.UPLOADED:
            return self.show()
        if not bringing_in.is_chosen(self.plan_file):
            return redirect(self.address("columns"))
        if bringing_in.target_of(self.plan_file) is None:
            return redirect(self.address("plan"))
        try:
            bringing_in.rehearse(self.plan_file, by=request.user, at=self.when.now)
        except NotAPlan as problem:
            messages.error(request, str(problem))
            return redirect(self.address("columns"))
        except NothingToConfirm:
            return redirect(self.address())
        return self.show()

    def post(self, request, **kwargs):
        if request.POST.get("deed") == "abandon":
            return self.abandon()
        return self.confirm() if request.POST.get("seen") else redirect(self.address())

    def confirm(self) -> HttpResponse:
        post = self.request.POST
        try:
            strategy = bringing_in.confirm(
                self.plan_file, seen=post["seen"], by=self.request.user, at=self.when.now,
                without_unread=post.get("without_unread") == "on",
            )  # fmt: skip
        except (NothingToConfirm, NotAPlan):  # brought in or thrown away just now
            return redirect(self.address())
        except HasUnread:
            return self.show(asks_again=True)
        except HasChanged:
            return self.show(status=409, has_changed=True)
        except ValidationError as refusal:
            return self.show(refusals=refusal.messages)
        messages.success(self.request, f"{self.plan_file.file_name} was brought into {strategy}.")
        return redirect(self.address())

    def abandon(self) -> HttpResponse:
        try:
            bringing_in.abandon(self.plan_file)
        except NothingToConfirm:
            return redirect(self.address())
        messages.success(self.request, f"{self.plan_file.file_name} was thrown away. No plan was changed.")
        return redirect("board:plan-import", self.area.slug)

    def show(self, *, status: int = 200, **context) -> HttpResponse:
        said = self.plan_file.rehearsal
        before = bringing_in.brought_in_before(self.plan_file)
        context |= {"plan_file": self.plan_file, "said": said, "writes": said.get("writes", 0), "before": before}
        return render(self.request, "board/plan_import_rehearsal.html", context, status=status)
