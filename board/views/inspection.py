"""The page of the inspection thread, and the same as a self-evaluation annex."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views import View
from django.views.generic import TemplateView

from board.annex.forms import AnnexForm
from board.annex.making import AnnexOrder, make_annex, named
from board.inspection_thread import inspections_of
from board.papers.making import CONTENT_TYPES
from board.views.packs import address_of_product, to_the_second
from board.vocabulary import PackFormat
from people.roles import may_edit
from people.scoping import InAreaMixin


class InspectionView(InAreaMixin, TemplateView):
    template_name = "board/inspection.html"
    nav = "inspection"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            inspections=inspections_of(self.area, self.when.moment, day=self.when.day),
            may_edit=may_edit(self.membership) and not self.when.as_at,
            **{**kwargs, "area": self.area},
        )


class AnnexView(InAreaMixin, View):
    """The choice; with a choice in the address, the file."""

    nav = "inspection"

    def get(self, request, **kwargs):
        form = AnnexForm(request.GET if "format" in request.GET else None)
        if form.is_bound and form.is_valid():
            return self.file(form.cleaned_data["format"])
        return render(request, "board/inspection_annex.html", {"form": form, "area": self.area, "day": self.when.day})

    def file(self, file_format: str) -> HttpResponse:
        """As at the second that its addresses name, so that the pages they lead to show the same."""
        moment = to_the_second(self.when.moment)
        order = AnnexOrder(
            area=self.area, moment=moment, day=self.when.day, address=address_of_product(self.request),
            made_by=str(self.request.user), made_at=self.when.now, is_illustrative=self.membership.has_illustration,
        )  # fmt: skip
        response = HttpResponse(make_annex(order, file_format), content_type=CONTENT_TYPES[PackFormat(file_format)])
        response["Content-Disposition"] = content_disposition_header(True, named(order, file_format))
        response["Cache-Control"] = "private, no-store"
        return response
