"""The action table: one plan's actions as at a moment, filtered, sorted, paged and exported."""

from urllib.parse import urlencode

from django.core.paginator import EmptyPage, PageNotAnInteger
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView, View

from board.exporting import header_lines
from board.filters import ActionFilter
from board.tables import ActionData, ActionTable
from board.views.mixins import InStrategyMixin
from board.views.remembering import RememberedMixin
from common.dates import london_day
from common.export import export_format, export_response
from people.roles import may_edit
from people.scoping import InAreaMixin
from strategies.models import Strategy
from workstrands.models import Action
from workstrands.standing import assessed_moment, calendar_of, standings
from workstrands.upkeep.bulk import MOST_ROWS

PER_PAGE = 50


class CurrentActionsView(InAreaMixin, View):
    """The table of the plan that is current on the day; the filters go along. Without a plan, the area's first page."""

    nav = "actions"

    def get(self, request, *args, **kwargs):
        current = Strategy.objects.current(self.area, self.when.day)
        if current is None:
            address = self.area.get_absolute_url()
        else:
            current.area = self.area
            address = f"{current.get_absolute_url()}actions/"
        query = request.META.get("QUERY_STRING", "")
        return redirect(f"{address}?{query}" if query else address)


class ChosenActionsMixin(InStrategyMixin):
    """The actions of a plan that a query (`asked`) chooses, in its order."""

    @property
    def asked(self) -> QueryDict:
        return self.request.GET

    @cached_property
    def moment(self):
        return assessed_moment(self.strategy, self.when.moment)

    @cached_property
    def existing(self):
        return Action.objects.filter(strategy=self.strategy).existing(self.moment)

    @cached_property
    def filter(self) -> ActionFilter:
        return ActionFilter(
            self.asked,
            self.existing.as_at(self.moment),
            strategy=self.strategy,
            moment=self.moment,
            on=london_day(self.moment),
        )

    @cached_property
    def rows(self) -> ActionData:
        """Where a filter is not understood nothing is shown, rather than rows that answer another question."""
        actions, keep = self.existing.none(), None
        if self.filter.form.is_valid():
            actions = self.filter.qs if self.filter.in_words() else self.existing
            keep = self.filter.kept if self.filter.asks_rules else None
        return ActionData(actions, self.read, keep)

    @cached_property
    def calendar(self):
        return calendar_of(self.area, self.moment)

    def read(self, actions):
        return standings(self.strategy, self.moment, calendar=self.calendar, actions=actions)


class ActionListView(ChosenActionsMixin, RememberedMixin, TemplateView):
    template_name = "board/action_list.html"
    nav = "actions"

    def get(self, request, *args, **kwargs):
        fmt = export_format(request)
        if fmt and self.filter.form.is_valid():
            lines = header_lines(self, "Actions", self.filter.in_words(), strategy=self.strategy)
            name = f"{self.area.slug}-{self.strategy.slug}-actions-{self.when.day}"
            return export_response(self.table, fmt=fmt, name=name, header_lines=lines)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        table = self.table
        self.paginate(table)
        narrowing = self.filter.form.is_valid() and self.filter.in_words()
        return super().get_context_data(
            table=table,
            filter=self.filter,
            form=self.filter.form,
            total=self.existing.count() if narrowing or self.filter.form.errors else len(table.data),
            shown=len(table.data),
            narrowing=narrowing or [],
            has_ended=self.strategy.has_ended(self.when.day),
            address=f"{self.strategy.get_absolute_url()}actions/",
            sort=self.request.GET.get("sort", ""),
            **self.choosing(table),
            **kwargs,
        )

    @cached_property
    def table(self) -> ActionTable:
        return ActionTable(
            self.rows,
            strategy=self.strategy,
            names={"priority": dict(self.filter.priorities), "strand": dict(self.filter.strands)},
            query=f"?as_at={self.when.as_at}" if self.when.as_at else "",
            order_by=self.request.GET.getlist("sort")[:3] or None,
            request=None,
            exclude=() if self.may_choose else ("tick",),
        )

    @cached_property
    def may_choose(self) -> bool:
        """Officers tick rows of a plan that runs, to change many at once; a file has no ticks."""
        is_page = not self.when.as_at and export_format(self.request) is None
        return is_page and may_edit(self.membership) and not self.strategy.has_ended(self.when.today)

    def choosing(self, table: ActionTable) -> dict:
        """Where the ticked rows are sent, and the addresses that choose all of the page, or of all pages: no script is needed."""
        if not self.may_choose:
            return {}
        base = reverse("board:actions-bulk", args=[self.area.slug, self.strategy.slug])
        back = self.request.get_full_path()
        keys = [("key", row.record.key) for row in table.paginated_rows]
        shown = len(table.data)
        return {
            "bulk_address": base,
            "bulk_back": back,
            "bulk_all": f"{base}?{urlencode([*keys, ('back', back)])}",
            "bulk_count": len(keys),
            "bulk_every": f"{base}?{urlencode([('all', '1'), ('back', back)])}"
            if len(keys) < shown <= MOST_ROWS
            else "",
            "add_address": reverse("board:action-add", args=[self.area.slug, self.strategy.slug]),
        }

    def paginate(self, table: ActionTable) -> None:
        page = self.request.GET.get("page", "1")
        try:
            table.paginate(per_page=PER_PAGE, page=page)
        except PageNotAnInteger:
            table.page = table.paginator.page(1)
        except EmptyPage:
            table.page = table.paginator.page(table.paginator.num_pages)
