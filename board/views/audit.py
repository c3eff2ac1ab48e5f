"""The audit log of an area, for its administrators."""

from functools import cached_property

from django.core.paginator import Paginator
from django.urls import reverse
from django.views.generic import TemplateView

from board.audit_log import AuditFilterForm, AuditTable
from board.exporting import header_lines
from common.export import export_format, export_response
from people.auditing import entries_of
from people.roles import may_manage_people
from people.scoping import InAreaMixin

PER_PAGE = 50


class AuditLogView(InAreaMixin, TemplateView):
    template_name = "board/audit_log.html"
    is_reading = False  # the log is what it is; no page of the past shows less of it
    may = may_manage_people
    nav = "people"
    tells_of_people = True

    def get(self, request, *args, **kwargs):
        fmt = export_format(request)
        if fmt and self.form.is_valid():
            lines = header_lines(self, "Audit log", self.form.in_words())
            name = f"{self.area.slug}-audit-log-{self.when.day}"
            return export_response(AuditTable(self.entries), fmt=fmt, name=name, header_lines=lines)
        return super().get(request, *args, **kwargs)

    @cached_property
    def form(self) -> AuditFilterForm:
        return AuditFilterForm(self.request.GET, area=self.area)

    @cached_property
    def entries(self):
        return self.form.kept(entries_of(self.area))

    def get_context_data(self, **kwargs):
        table = AuditTable(self.entries)
        pages = Paginator(table.rows, PER_PAGE)
        table.paginate(per_page=PER_PAGE, page=pages.get_page(self.request.GET.get("page", "1")).number)
        address = reverse("board:audit", args=[self.area.slug])
        more = {"table": table, "form": self.form, "narrowing": self.form.in_words(), "address": address}
        return super().get_context_data(**{**kwargs, "area": self.area}, shown=table.page.paginator.count, **more)
