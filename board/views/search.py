"""Search across everything a person may see of an area."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse
from django.views.generic import TemplateView

from board.search.finding import MOST, NOTHING, Found, KindCount, find
from board.search.sources import BY_KIND, SOURCES
from board.search_forms import SearchForm
from people.roles import may_edit
from people.scoping import InAreaMixin

OF_EACH_KIND = 3
A_PAGE = 20


class SearchView(InAreaMixin, TemplateView):
    """Words and kinds of records together; with a kind, that kind alone, page by page."""

    template_name = "board/search.html"
    nav = "search"

    def get_context_data(self, **kwargs):
        form = SearchForm(self.request.GET if "q" in self.request.GET else None)
        kind, page = self.read_kind(), self.read_page()
        said = form.cleaned_data["q"] if form.is_valid() else ""
        found = self.look_up(said, kind, page) if said else NOTHING
        return super().get_context_data(
            **{**kwargs, "area": self.area},
            form=form,
            said=said,
            found=found,
            kind=BY_KIND.get(kind),
            kinds=[(self.address(said, count.kind), count, count.kind == kind) for count in found.counts],
            all_address=self.address(said),
            groups=[(group, self.rest_of(said, group.count, kind)) for group in found.groups],
            page_obj=self.page_of(found, kind, page),
            searched=[source.many for source in SOURCES],
            today_address=f"{self.request.path}?{urlencode({'q': said})}" if said else self.request.path,
        )

    def look_up(self, said: str, kind: str, page: int) -> Found:
        return find(
            self.area,
            said,
            limit=A_PAGE if kind else OF_EACH_KIND,
            kinds=(kind,) if kind else (),
            skip=(page - 1) * A_PAGE if kind else 0,
            at=self.when.moment,
            known_by=self.when.as_at and self.when.moment,
            drafts=may_edit(self.membership),
        )

    def read_kind(self) -> str:
        kind = self.request.GET.get("kind", "")
        if kind and kind not in BY_KIND:
            raise Http404("No such kind of record.")
        return kind

    def read_page(self) -> int:
        text = self.request.GET.get("page", "1")
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= MOST // A_PAGE):
            raise Http404("No such page.")
        return int(text)

    def page_of(self, found: Found, kind: str, page: int):
        """Where one is among the pages of a kind; None where there are no pages."""
        count = next((count for count in found.counts if count.kind == kind), None)
        if count is None:
            return None
        pages = Paginator(range(count.shown), A_PAGE)
        if page > pages.num_pages:
            raise Http404("No such page.")
        return pages.page(page)

    def address(self, said: str, kind: str = "") -> str:
        query = urlencode({"q": said, **({"kind": kind} if kind else {})})
        return f"{reverse('board:search', args=[self.area.slug])}?{query}"

    def rest_of(self, said: str, count: KindCount, kind: str) -> str:
        """Where the others of a kind are, when not all of them are shown."""
        return self.address(said, count.kind) if not kind and count.count > OF_EACH_KIND else ""
