"""Planning a year of meetings and rounds: a rhythm, a rehearsal whose days can be changed, then all of them at once."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views import View

from board import planning_rounds
from board.round_forms import PlannedForm, YearForm
from board.rounds import MOST_MEETINGS, Rhythm, Spacing
from common.words import plural
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from people.scoping import InAreaMixin

ASKED = ("rhythm", "first_on_0", "first_on_1", "first_on_2")


class RoundPlanView(InAreaMixin, View):
    """The rhythm comes in the address (GET), the settled days are sent (POST): what was proposed can be gone back to."""

    template_name = "board/round_plan.html"
    is_reading = False
    may = may_edit
    nav = "meetings"

    def get(self, request, **kwargs):
        parked = parked_form(request)
        if parked is not None:
            return self.show(rows=[form.unjudged() for form in self.sent(parked)], is_parked=True)
        return self.show(rows=None)

    def post(self, request, **kwargs):
        rows = self.sent(request.POST)
        wanted = [form for form in rows if not form.is_left_out]
        if [form for form in wanted if not form.is_valid()]:  # every row is judged
            return self.show(rows=rows)
        if not wanted:
            return self.show(rows=rows, refusals=["Every meeting is left out. Tick those that are to be planned."])
        try:
            planned = planning_rounds.plan_year(
                self.area, [form.planned for form in wanted], by=request.user, at=self.when.now
            )
        except planning_rounds.PlanRefused as refused:
            for number, problems in refused.problems.items():
                wanted[number].accuse(ValidationError(problems))
            return self.show(rows=rows)
        except ValidationError as error:
            return self.show(rows=rows, refusals=error.messages)
        return self.done(len(planned))

    def sent(self, data) -> list[PlannedForm]:
        """The rows as they were sent, without those of a forged number."""
        numbers = [number for number in range(1, MOST_MEETINGS + 1) if f"m{number}-held_on" in data]
        return [PlannedForm(data, number=number) for number in numbers]

    def year(self) -> YearForm:
        """What the address asks for; the usual distances where it asks for nothing yet."""
        usual = Spacing()
        if any(name in self.request.GET for name in ASKED):
            return YearForm(self.request.GET, today=self.when.today)
        initial = {"rhythm": Rhythm.SIX_WEEKLY, "papers": usual.papers, "closes": usual.closes, "opens": usual.opens}
        return YearForm(initial=initial, today=self.when.today)

    def show(self, *, rows: list[PlannedForm] | None, refusals=(), is_parked: bool = False):
        year, kept, called_off = self.year(), [], []
        if year.is_bound and year.is_valid():
            proposed = planning_rounds.proposal(self.area, **year.wanted)
            kept, called_off = proposed.kept, proposed.called_off
            if rows is None:
                rows = [PlannedForm(number=n, planned=planned) for n, planned in enumerate(proposed.rows, start=1)]
        summary = [*(("", refusal) for refusal in refusals), *(line for row in rows or [] for line in row.summary)]
        meetings = planning_rounds.meetings_of(self.area)
        return render(
            self.request,
            self.template_name,
            {
                "area": self.area,
                "year": year,
                "rows": rows,
                "kept": kept,
                "called_off": called_off,
                "coming": [meeting for meeting in meetings if meeting.held_on >= self.when.today],
                "summary": summary,
                "is_parked": is_parked,
            },
        )

    def done(self, count: int):
        forget_parked(self.request)
        messages.success(self.request, f"{plural(count, 'meeting')} planned, each with its round.")
        return redirect("board:meetings", self.area.slug)
