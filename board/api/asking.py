"""What one request asks of an area: as at which moment, which plan, which page of rows."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.http import Http404, HttpRequest

from board.api.fields import moment_text
from board.api.parameters import DEFAULT_ROWS, MOST_ROWS
from board.api.problems import bad_request, not_found
from people.access_tokens import Holder
from people.scoping import When, past
from strategies.models import Area, Strategy


def when_of(request: HttpRequest, now: datetime) -> When:
    """The same rule as on the pages; a program is told in words what a page answers with 404."""
    try:
        return When(now=now, as_at=past(request.GET.get("as_at", ""), now, name="as_at"))
    except Http404 as refused:
        raise bad_request(str(refused)) from refused


@dataclass
class Asked:
    request: HttpRequest
    holder: Holder
    when: When

    @property
    def area(self) -> Area:
        return self.holder.area

    @property
    def moment(self) -> datetime:
        return self.when.moment

    @property
    def is_csv(self) -> bool:
        wanted = self.request.GET.get("format")
        if wanted:
            return wanted == "csv"
        return self.request.get_preferred_type(["application/json", "text/csv"]) == "text/csv"

    @property
    def page(self) -> int:
        return int(self.request.GET.get("page", 1))

    @property
    def limit(self) -> int:
        """A file that cannot say where it goes on is as long as it may be."""
        return int(self.request.GET.get("limit", MOST_ROWS if self.is_csv else DEFAULT_ROWS))

    @property
    def first(self) -> int:
        return (self.page - 1) * self.limit

    def next_address(self, total: int) -> str | None:
        """Of the next page; as at the same moment, so that nothing written meanwhile moves a row to another page."""
        if self.first + self.limit >= total:
            return None
        query = self.request.GET.copy()
        query["page"] = self.page + 1
        if not self.when.as_at:
            query["as_at"] = moment_text(self.when.now)
        return self.request.build_absolute_uri(f"{self.request.path}?{query.urlencode()}")

    # Plans

    @cached_property
    def plans(self):
        """The published plans of the area, or the one that `?strategy=` names."""
        plans = Strategy.objects.published().filter(area=self.area)
        slug = self.request.GET.get("strategy")
        return [self._named(slug)] if slug else list(plans)

    @cached_property
    def plan(self) -> Strategy | None:
        """The plan that `?strategy=` names, else the one that is current on the day, if any."""
        slug = self.request.GET.get("strategy")
        found = self._named(slug) if slug else Strategy.objects.current(self.area, self.when.day)
        if found is not None:
            found.area = self.area
        return found

    def _named(self, slug: str) -> Strategy:
        found = Strategy.objects.published().filter(area=self.area, slug=slug).first()
        if found is None:
            raise not_found(f"There is no plan “{slug[:60]}” here.")
        return found


def refuse_errors(form) -> None:
    """What a page's filter says of a value, for a program: 404 for a name that is not there, 400 for the rest."""
    if form.is_valid():
        return
    for name, errors in form.errors.as_data().items():
        error = errors[0]
        words = f"{name}: {' '.join(error.messages)}"
        raise not_found(words) if error.code == "invalid_choice" else bad_request(words)
