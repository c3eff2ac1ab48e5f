"""Evidence: all that an area holds, one file given out, and a piece added to an update."""

import logging
from functools import cached_property

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View
from django.views.generic import TemplateView

from board.evidence_forms import EvidenceFilterForm, EvidenceForm
from board.evidence_held import Held, evidence_of
from board.evidence_table import SORTED_BY, EvidenceTable
from board.exporting import header_lines
from board.views.remembering import RememberedMixin
from common.dates import in_words, london_day
from common.export import export_format, export_response
from people.parking import forget_parked, parked_form
from people.roles import may_edit, may_manage_people
from people.scoping import InAreaMixin
from strategies.models import Strategy
from workstrands import evidence, files_kept, scanning
from workstrands.backing import is_erased, known_by, withheld_in_words, without_given_again
from workstrands.file_kinds import BY_CONTENT_TYPE
from workstrands.illustration import why_not_for
from workstrands.models import Evidence, ProgressUpdate
from workstrands.views.updates import OfActionMixin
from workstrands.withholding import rows_of

log = logging.getLogger(__name__)

PER_PAGE = 50
LONGEST_NUMBER = 6


class EvidenceListView(InAreaMixin, RememberedMixin, TemplateView):
    template_name = "board/evidence_list.html"
    nav = "actions"

    def get(self, request, *args, **kwargs):
        fmt = export_format(request)
        if fmt and self.form.is_valid():
            lines = header_lines(self, "Evidence", self.form.in_words())
            return export_response(
                self.table, fmt=fmt, name=f"{self.area.slug}-evidence-{self.when.day}", header_lines=lines
            )
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        table = self.table
        pages = Paginator(table.rows, PER_PAGE)
        table.paginate(per_page=PER_PAGE, page=pages.get_page(self.request.GET.get("page", "1")).number)
        return super().get_context_data(
            **{**kwargs, "area": self.area},
            table=table, form=self.form, narrowing=self.form.in_words(), sort=self.request.GET.get("sort", ""),
            shown=len(self.rows), counts=self.counts(), address=reverse("board:evidence", args=[self.area.slug]),
            is_scanned=scanning.is_set_up(),
            room=self.room(),
            links={"old": self.narrowed(age="old"), "undated": self.narrowed(age="undated"),
                   "files": self.narrowed(held_as="file"), "withheld": self.narrowed(held_as="withheld")},
        )  # fmt: skip

    def room(self) -> str:
        """For those who see to it that there is enough; how it stands now, so of no past day."""
        if self.when.as_at or not may_manage_people(self.membership):
            return ""
        kept, most = files_kept.kept_by(self.area), files_kept.most()
        return f"This area keeps {files_kept.in_words(kept)}. There is room for {files_kept.in_words(most)}."

    def counts(self) -> dict[str, int]:
        """Of the rows that are shown; what is withheld is counted apart."""
        counted = [row for row in self.rows if not row.is_withheld]
        return {
            "all": len(counted),
            "old": sum(row.is_old for row in counted),
            "undated": sum(row.day is None for row in counted),
            "files": sum(row.is_file for row in counted),
            "withheld": len(self.rows) - len(counted),
        }

    def narrowed(self, **more) -> str:
        """The address of the rows that a number counts, among those that are shown."""
        asked = self.request.GET.copy()
        for name, value in more.items():
            asked[name] = value
        asked.pop("page", None)
        return f"?{asked.urlencode()}#pieces"

    @cached_property
    def form(self) -> EvidenceFilterForm:
        return EvidenceFilterForm(self.request.GET, area=self.area)

    @cached_property
    def rows(self) -> list[Held]:
        """Nothing where a filter is not understood, rather than rows that answer another question."""
        if not self.form.is_valid():
            return []
        found = evidence_of(self.area, self.when.moment, on=self.when.day, **self.form.lookups)
        return [row for row in found if self.form.keeps(row)]

    @cached_property
    def table(self) -> EvidenceTable:
        sort = [name for name in self.request.GET.getlist("sort") if name.removeprefix("-") in SORTED_BY]
        query = f"?as_at={self.when.as_at}" if self.when.as_at else ""
        return EvidenceTable(
            self.rows, area=self.area, query=query, order_by=sort[:3] or ["-given"],
            may_withhold=may_edit(self.membership) and not self.when.as_at,
        )  # fmt: skip


class EvidenceFileView(InAreaMixin, View):
    """A file, to members of its area: always a download, of a type that was told by its content.

    What is withheld now is not given out, whichever day is viewed.
    """

    nav = "actions"

    def get(self, request, *, key: str, **kwargs) -> HttpResponse:
        piece = self.find(key)
        rows = without_given_again(rows_of(piece).select_related("withheld_by").order_by("pk"))
        taken_back = next((one for one in rows if one.withheld_at), None)
        if taken_back:
            said = {"withheld": withheld_in_words(taken_back), "is_erased": is_erased(taken_back)}
            return self.withheld(piece, status=410, **said)
        if any(one.scan == Evidence.Scan.INFECTED for one in rows):
            return self.withheld(piece, status=410)
        try:
            file = piece.file.open("rb")
        except FileNotFoundError:
            log.error("The file of evidence %s is missing", piece.file.name)
            return self.withheld(piece, status=404)
        content_type = piece.content_type if piece.content_type in BY_CONTENT_TYPE else "application/octet-stream"
        response = FileResponse(file, as_attachment=True, filename=piece.file_name, content_type=content_type)
        response["X-Content-Type-Options"] = "nosniff"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Cache-Control"] = "private, no-store"
        return response

    def find(self, key: str) -> Evidence:
        held = Evidence.objects.filter(
            known_by(self.when.moment), update__area=self.area,
            update__action__strategy__state=Strategy.State.PUBLISHED,
        )  # fmt: skip
        piece = evidence.with_key(held, key).select_related("update__action").order_by("-pk").first()
        if piece is None:
            raise Http404("No such evidence.")
        return piece

    def withheld(self, piece: Evidence, *, status: int, **said) -> HttpResponse:
        context = {"piece": piece, "action": piece.update.action, "area": self.area, "is_missing": status == 404}
        return render(self.request, "board/evidence_withheld.html", {**context, **said}, status=status)


class EvidenceAddView(OfActionMixin, View):
    """One more piece for an update that is there: by those who may report on its action."""

    template_name = "board/evidence_add.html"

    def get(self, request, **kwargs):
        update, parked = self.update, parked_form(request)
        if parked is not None:
            return self.show(update, self.made(parked).unjudged(), is_parked=True)
        return self.show(update, self.made())

    def post(self, request, **kwargs):
        update, form = self.update, self.made(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(update, form)
        try:
            self.attach(update, form)
        except ValidationError as error:
            form.accuse(error)
            return self.show(update, form)
        forget_parked(request)
        messages.success(request, f"Evidence is added to the update of {in_words(london_day(update.recorded_at))}.")
        return redirect("board:action", self.area.slug, self.action.key)

    def attach(self, update: ProgressUpdate, form: EvidenceForm) -> Evidence:
        said = {"by": self.request.user, "at": self.when.now, **form.said}
        if form.cleaned_data["file"]:
            return evidence.attach_file(update, form.cleaned_data["file"], **said)
        return evidence.attach_link(update, url=form.cleaned_data["url"], **said)

    def made(self, *args) -> EvidenceForm:
        return EvidenceForm(*args, on=self.when.today)

    @cached_property
    def update(self) -> ProgressUpdate:
        number, action = self.kwargs["number"], self.action
        if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER):
            raise Http404("No such update.")
        found = action.updates.select_related("author", "on_behalf_of", "source").filter(number=int(number)).first()
        if found is None:
            raise Http404("No such update.")
        found.action = action
        return found

    def show(self, update: ProgressUpdate, form: EvidenceForm, **context) -> HttpResponse:
        closed = evidence.why_not_added(self.action, self.when.today) or why_not_for(self.request.user, *self.leads[:1])
        pieces = without_given_again(update.evidence.select_related("added_by", "withheld_by").order_by("pk"))
        shown = {
            "form": form, "update": update, "action": self.action, "area": self.area, "pieces": pieces,
            "closed": closed, **context,
        }  # fmt: skip
        return render(self.request, self.template_name, shown)
