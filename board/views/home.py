"""The first page, and the board page of an area or a plan."""

from urllib.parse import quote

from django.contrib import messages
from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect
from django.views.generic import TemplateView

from board.key import ICON_KEY, KPI_KEY, STATUS_KEY
from board.meetings import last_attended
from board.movement import movement_sentence
from board.report import make_report
from board.views.remembering import RememberedMixin
from people.roles import may_edit
from people.scoping import InAreaMixin, memberships_of, past
from strategies.models import Strategy
from workstrands.status import SHOWN_WORDS


class HomeView(TemplateView):
    """The signed-in person's area; a choice where they have several."""

    template_name = "board/home.html"

    def get(self, request, *args, **kwargs):
        request.memberships = memberships_of(request.user)
        if len(request.memberships) == 1:
            return redirect(request.memberships[0].area)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(areas=[m.area for m in self.request.memberships], **kwargs)


ATTENDED = "attended"


class BoardView(InAreaMixin, RememberedMixin, TemplateView):
    """`?compare=` takes a day or a moment, or "attended": the meeting that whoever asks last attended, the same address for everybody."""

    template_name = "board/board.html"
    nav = "board"

    def get(self, request, *args, **kwargs):
        if request.GET.get("compare") == ATTENDED:
            return redirect(self.since_attended())
        return super().get(request, *args, **kwargs)

    def since_attended(self) -> str:
        meeting = last_attended(self.request.user, self.area, self.when.day)
        asked = self.request.GET.copy()
        del asked["compare"]
        if meeting is None:
            messages.info(self.request, f"Nobody has noted that you attended a meeting of the {self.area} Board.")
        else:
            asked["compare"] = str(meeting.held_on)
        return f"{self.request.path}?{asked.urlencode()}" if asked else self.request.path

    def get_context_data(self, **kwargs):
        plans = self.plans()
        self.strategy = self.choose(plans)
        if self.strategy is None:
            return super().get_context_data(plans=plans, may_bring_in=may_edit(self.membership), **kwargs)
        self.strategy.area = self.area
        compare = past(self.request.GET.get("compare", ""), self.when.moment, name="compare")
        report = make_report(
            self.strategy,
            self.when.moment,
            compare=compare.moment if compare else None,
            by=self.grouping(),
            successor=next((plan for plan in plans if plan.continues_id == self.strategy.pk), None),
        )
        return super().get_context_data(
            report=report,
            plans=[plan for plan in plans if plan.pk != self.strategy.pk],
            months=[(month.label, marked(month.counts)) for month in report.months],
            months_sentence=movement_sentence(report.months),
            groups=[(row, marked(row.counts, self.table_address(row))) for row in report.groups],
            table=f"/{self.area.slug}/{self.strategy.slug}/actions/"
            + (f"?as_at={self.when.as_at}" if self.when.as_at else ""),
            table_joiner="&" if self.when.as_at else "?",
            today=self.when.today,
            status_key=STATUS_KEY,
            kpi_key=KPI_KEY,
            icon_key=ICON_KEY if any(figure.variation for figure in report.kpis) else [],
            may_edit=may_edit(self.membership) and not self.when.as_at,
            **kwargs,
        )

    def table_address(self, row) -> str:
        """The action table narrowed to a priority or strand; one more `&assessed=` narrows it to a count."""
        as_at = f"&as_at={self.when.as_at}" if self.when.as_at else ""
        return f"/{self.area.slug}/{self.strategy.slug}/actions/?{row.query}{as_at}" if row.query else ""

    def plans(self) -> list[Strategy]:
        counted = (
            Strategy.objects.published()
            .filter(area=self.area)
            .annotate(
                priority_count=Count("priorities", distinct=True), strand_count=Count("workstrands", distinct=True)
            )
        )
        return list(counted.order_by("starts_on"))

    def grouping(self) -> str:
        asked = self.request.GET.get("by", "")
        if asked not in ("", "priority", "strand"):
            raise Http404("by takes priority or strand.")
        return asked


def marked(counts: dict[str, int], address: str = "") -> list[tuple[str, int, str, str]]:
    """Counts as the bars take them: (letter, count, word, address of the rows counted)."""
    return [
        (letter, count, SHOWN_WORDS[letter], f"{address}&assessed={quote(letter)}" if address else "")
        for letter, count in counts.items()
    ]


class AreaBoardView(BoardView):
    """The board page of the plan that is current on the day: see `Strategy.objects.current`."""

    def choose(self, plans):
        return Strategy.current_of(plans, self.when.day)


class StrategyBoardView(BoardView):
    def choose(self, plans):
        found = next((plan for plan in plans if plan.slug == self.kwargs["strategy"]), None)
        if found is None:
            raise Http404("No such plan.")
        return found
