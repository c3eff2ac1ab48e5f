"""Actions as a workbook to take away, and the workbook that comes back."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from board.round_trip.bringing_in import (
    CHOICES,
    MINE,
    HasChanged,
    NotChosen,
    abandon,
    brought_in_before,
    confirm,
    receive,
    rehearse,
)
from board.round_trip.choosing import key_of, own_leads, part_named, parts_of, stood
from board.round_trip.rehearsing import Outcome, Rehearsed, digest_of
from board.round_trip.sending import send
from board.round_trip_forms import LEADS, WorkbookForm
from board.views.room import has_room
from common.export import file_response
from common.words import listed, plural
from common.workbooks import NotAWorkbook
from people.models import Lead
from people.parking import forget_parked
from people.roles import may_edit
from people.scoping import InAreaMixin
from workstrands.models import PlanFile
from workstrands.plan_files import WAITING
from workstrands.reporting import actions_led_by

LATEST_SHOWN = 10
ILLUSTRATIVE = "Illustrative updates may be among what was last said: they are made up."


class WithWorkbooksMixin(InAreaMixin):
    """For officers of the area, and for those who are a lead in post there."""

    is_reading = False
    nav = "my"

    @cached_property
    def is_officer(self) -> bool:
        return may_edit(self.membership)

    @cached_property
    def leads(self) -> list[Lead]:
        """The lead records that are one's own here."""
        return list(own_leads(self.request.user, self.area, self.when.now))

    def refuse_others(self) -> None:
        if not (self.is_officer or self.leads):
            raise PermissionDenied

    def files(self):
        """Workbooks that came back: an officer sees those of the area, a lead their own."""
        found = PlanFile.objects.filter(area=self.area, kind=PlanFile.Kind.UPDATES)
        return found if self.is_officer else found.filter(made_by=self.request.user)


class MyWorkbookView(WithWorkbooksMixin, View):
    """Which workbook to take, and where to bring one back; with `?of=` the workbook itself."""

    def get(self, request, **kwargs):
        self.refuse_others()
        part = request.GET.get("of", "")
        return self.workbook(part) if part else self.show(self.form())

    def post(self, request, **kwargs):
        self.refuse_others()
        form = self.form(request.POST, request.FILES)
        if not (form.is_valid() and has_room(form, self.area)):
            return self.show(form)
        try:
            made = self.receive(form)
        except NotAWorkbook as problem:
            form.add_error("file", str(problem))
            return self.show(form)
        forget_parked(request)
        return redirect("board:my-workbook-one", self.area.slug, made.key)

    def form(self, *args) -> WorkbookForm:
        return WorkbookForm(*args, is_officer=self.is_officer)

    def receive(self, form: WorkbookForm) -> PlanFile:
        file = form.cleaned_data["file"]
        return receive(
            file.read(), file_name=file.name, area=self.area, by=self.request.user, at=self.when.now,
            is_officer=self.is_officer, whose=form.cleaned_data.get("whose", LEADS),
        )  # fmt: skip

    def workbook(self, key: str) -> HttpResponse:
        from board.round_trip.making import file_name, make_workbook

        part = part_named(key, self.area, self.when.now)
        if part is None or not (self.is_officer or part in self.leads):
            raise Http404("No such lead or work strand here.")
        notice = ILLUSTRATIVE if self.membership.has_illustration else ""
        sent = send(part, area=self.area, by=self.request.user, at=self.when.now, notice=notice)
        return file_response(make_workbook(sent), fmt="xlsx", name=file_name(sent))

    def show(self, form: WorkbookForm) -> HttpResponse:
        latest = self.files().select_related("made_by", "lead").defer("content", "rehearsal")
        return render(
            self.request,
            "board/round_trip.html",
            {
                "form": form,
                "area": self.area,
                "is_officer": self.is_officer,
                "mine": [(f"{self.address}?of={key_of(lead)}", lead, self.count_of(lead)) for lead in self.leads],
                "parts": parts_of(self.area, self.when.now) if self.is_officer else {},
                "latest": latest[:LATEST_SHOWN],
                "open_states": WAITING,
            },
        )

    @property
    def address(self) -> str:
        return reverse("board:my-workbook", args=[self.area.slug])

    def count_of(self, lead: Lead) -> int:
        mine = actions_led_by(Lead.objects.filter(pk=lead.pk), self.when.now)
        return len(stood(self.area, self.when.now, mine))


class MyWorkbookOneView(WithWorkbooksMixin, View):
    """What the workbook would report, with its confirmation; afterwards what came of it."""

    def get(self, request, **kwargs):
        self.refuse_others()
        return self.show()

    def post(self, request, **kwargs):
        self.refuse_others()
        if request.POST.get("deed") == "abandon":
            return self.abandon()
        return self.confirm() if request.POST.get("seen") else redirect(self.address)

    @cached_property
    def plan_file(self) -> PlanFile:
        found = self.files().filter(key=self.kwargs["key"])
        plan_file = found.select_related("made_by", "lead").defer("content").first()
        if plan_file is None:
            raise Http404("No such workbook.")
        plan_file.area = self.area
        return plan_file

    @property
    def address(self) -> str:
        return reverse("board:my-workbook-one", args=[self.area.slug, self.plan_file.key])

    def abandon(self) -> HttpResponse:
        if abandon(self.plan_file):
            messages.success(self.request, f"{self.plan_file.file_name} was thrown away. Nothing was reported.")
            return redirect("board:my-workbook", self.area.slug)
        return redirect(self.address)

    def confirm(self) -> HttpResponse:
        try:
            written = confirm(
                self.plan_file, seen=self.request.POST["seen"], choices=self.choices, by=self.request.user,
                at=self.when.now, is_officer=self.is_officer,
            )  # fmt: skip
        except NotChosen as problem:
            return self.show(not_chosen=problem.rows, is_nothing_chosen=not problem.rows)
        except HasChanged:
            del self.plan_file, self.found
            return (
                self.show(has_changed=True, status=409) if self.plan_file.state in WAITING else redirect(self.address)
            )
        refs = listed(update.action.ref for update in written)
        messages.success(
            self.request, f"{plural(len(written), 'action')} reported from {self.plan_file.file_name}: {refs}."
        )
        return redirect(self.address)

    @property
    def choices(self) -> dict[int, str]:
        """By the number of the row, as sent."""
        sent = self.request.POST
        return {row.number: sent.get(f"row-{row.number}", "") for row in self.found}

    @cached_property
    def found(self) -> list[Rehearsed]:
        return rehearse(self.plan_file, by=self.request.user, at=self.when.now, is_officer=self.is_officer)

    def show(self, *, status: int = 200, not_chosen: list[int] = (), **context) -> HttpResponse:
        plan_file = self.plan_file
        context |= {"plan_file": plan_file, "area": self.area, "is_open": plan_file.state in WAITING}
        context |= self.rehearsal(not_chosen) if context["is_open"] else {"written": self.written()}
        return render(self.request, "board/round_trip_one.html", context, status=status)

    def written(self) -> list:
        found = self.plan_file.updates.select_related("action", "on_behalf_of").order_by("action__position")
        for update in found:
            update.action.area = self.area
        return list(found)

    def rehearsal(self, not_chosen: list[int]) -> dict:
        groups = {outcome.value: [row for row in self.found if row.outcome == outcome] for outcome in Outcome}
        sent = self.choices if self.request.method == "POST" else {row.number: MINE for row in groups["report"]}
        for row in self.found:
            row.chosen, row.is_unchosen = sent.get(row.number, ""), row.number in not_chosen
        return {
            **groups,
            "digest": digest_of(self.found),
            "before": brought_in_before(self.plan_file),
            "choices": CHOICES,
            "unchosen": [row for row in groups["meanwhile"] if row.is_unchosen],
            "can_confirm": bool(groups["report"] or groups["meanwhile"]),
        }
