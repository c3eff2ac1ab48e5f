"""A reporting round: how it stands, its opening and closing, and the check of what leads say in it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.views import View
from django.views.generic import TemplateView

from board import planning_rounds, reviewing
from board.round_forms import ReviewForm, round_choices
from board.round_standing import RoundStanding, round_standing, rounds_by
from board.views.of_meeting import OfMeetingMixin
from board.vocabulary import ReviewVerdict
from common.dates import in_words, london_day
from common.text import unkeepable_in
from common.words import plural
from kpis.appending import Conflict
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from strategies.models import ReportingRound
from workstrands.models import Action
from workstrands.reporting import closed_because, leads_of, standing_of

ROUNDS_OFFERED = 4
MOST_AT_ONCE = 500
WAITING_SHOWN = 20


class RoundView(OfMeetingMixin, TemplateView):
    template_name = "board/round.html"

    def get_context_data(self, **kwargs):
        held = {
            "area": self.area,
            "meeting": self.meeting,
            "round": self.round,
            "may_edit": self.may_change,
            "called_off": self.meeting.is_called_off(self.when.moment),
            "is_to_come": self.meeting.held_on >= self.when.day,
        }
        if self.round is None:
            return super().get_context_data(**kwargs | held)
        standing = round_standing(self.round, self.area, self.when.moment)
        # Into which round: this one first, then the latest.
        offered = sorted(standing.rounds, key=lambda found: found.pk != self.round.pk)[:ROUNDS_OFFERED]
        return super().get_context_data(
            **kwargs | held,
            standing=standing,
            **self.waiting(standing),
            rounds=round_choices(offered),
            why_not_opened=self.may_change and planning_rounds.why_not_opened(self.round, self.when.now),
            may_reopen=self.may_change and not planning_rounds.why_not_reopened(self.round, self.when.now),
        )

    def waiting(self, standing: RoundStanding) -> dict:
        """What awaits checking, a page of it at a time, each report with what backs it."""
        page = Paginator(standing.waiting, WAITING_SHOWN).get_page(self.request.GET.get("page"))
        behind = reviewing.evidence_behind((one.check.update for one in page), self.when.moment)
        return {"page": page, "waiting": [(one, behind[one.check.update.pk]) for one in page]}

    @property
    def may_change(self) -> bool:
        return may_edit(self.membership) and not self.when.as_at


class OfRoundMixin(OfMeetingMixin):
    """For what officers do to a round."""

    is_reading = False
    may = may_edit

    @cached_property
    def round(self) -> ReportingRound:
        found = OfMeetingMixin.round.func(self)
        if found is None:
            raise Http404("No round is planned for this meeting.")
        return found


class RoundActView(OfRoundMixin, View):
    """One press on the round's page. Whoever signs in anew after it is led to the page; nothing is sent by itself."""

    def get(self, request, **kwargs):
        forget_parked(request)
        return redirect(self.round_address)

    def post(self, request, **kwargs):
        try:
            messages.success(request, self.act(self.round))
        except ValidationError as error:
            messages.warning(request, " ".join(error.messages))
        return redirect(self.round_address)


class RoundOpenView(RoundActView):
    def act(self, reporting_round: ReportingRound) -> str:
        planning_rounds.open_round(reporting_round, by=self.request.user, at=self.when.now)
        return f"The round is open. Leads report until {in_words(reporting_round.closes_on)}."


class RoundCloseView(RoundActView):
    def act(self, reporting_round: ReportingRound) -> str:
        planning_rounds.close_round(reporting_round, by=self.request.user, at=self.when.now)
        return "The round is closed. What is said from now on can still be accepted into it, and is marked late."


class RoundCheckView(RoundActView):
    """Accepts the reports that were ticked; each that cannot be accepted is named, the rest are."""

    def post(self, request, **kwargs):
        name = "shown" if "all" in request.POST else "pick"
        chosen = [pick for pick in request.POST.getlist(name)[:MOST_AT_ONCE] if not unkeepable_in(pick)]
        reporting_round = next(
            (r for r in rounds_by(self.area, self.when.now) if str(r.meeting.held_on) == request.POST.get("round")),
            None,
        )
        if not chosen or self.round is None:
            messages.warning(request, "Tick the reports to accept first.")
        elif reporting_round is None:
            messages.warning(request, "Choose a round of this area that has been opened.")
        else:
            self.accept(chosen, reporting_round)
        return redirect(self.round_address)

    def accept(self, chosen: list[str], reporting_round: ReportingRound) -> None:
        accepted, late = 0, 0
        for check, seen_number in self.checks(chosen):
            try:
                review = reviewing.accept_update(
                    check.update, round=reporting_round, by=self.request.user, at=self.when.now, seen_number=seen_number
                )
                accepted, late = accepted + 1, late + review.is_late
            except Conflict:
                messages.warning(
                    self.request, f"Action {check.update.action.ref} was checked by somebody else meanwhile."
                )
            except ValidationError as error:
                messages.warning(self.request, f"Action {check.update.action.ref}: {' '.join(error.messages)}")
        if accepted:
            words = (
                f"{plural(accepted, 'report')} accepted into the round for {in_words(reporting_round.meeting.held_on)}"
            )
            messages.success(self.request, f"{words}, {late} of them late." if late else f"{words}.")

    def checks(self, chosen: list[str]):
        """(how far it is checked, the number seen) of each report ticked; a newer report since is named and left."""
        wanted = {}
        for pick in chosen:
            key, _, numbers = pick.partition("/")
            number, _, seen = numbers.partition("/")
            if number.isdecimal() and seen.isdecimal() and len(number) < 8 and len(seen) < 8:
                wanted[key] = int(number), int(seen)
        actions = {action.pk: action for action in Action.objects.filter(area=self.area, key__in=wanted)}
        for pk, check in reviewing.last_checks_of(actions, self.when.now).items():
            check.update.action = action = actions[pk]
            number, seen = wanted[action.key]
            if check.update.number == number:
                yield check, seen
            else:
                messages.warning(
                    self.request, f"Action {action.ref} was reported on again meanwhile. Read it, then accept it."
                )


class ReviewView(OfRoundMixin, View):
    """The last report of one action: accept it, or return it with a remark."""

    template_name = "board/round_review.html"

    @cached_property
    def action(self) -> Action:
        found = Action.objects.select_related("strategy").filter(area=self.area, key=self.kwargs["key"]).first()
        if found is None:
            raise Http404("No such action.")
        found.area = found.strategy.area = self.area
        return found

    @cached_property
    def check(self) -> reviewing.Check | None:
        found = reviewing.last_checks_of([self.action.pk], self.when.now).get(self.action.pk)
        if found:
            found.update.action = self.action
        return found

    def get(self, request, **kwargs):
        parked = parked_form(request)
        if parked is not None:
            return self.show(self.form(parked).unjudged(), is_parked=True)
        return self.show(self.form(initial=self.seen()))

    def post(self, request, **kwargs):
        form, verdict = self.form(request.POST), request.POST.get("verdict")
        if self.check is None or not form.is_valid():
            return self.show(form)
        if verdict not in ReviewVerdict.values:
            form.add_error(None, "Choose whether to accept the report or to return it.")
            return self.show(form)
        if form.cleaned_data["update_number"] != self.check.update.number:
            return self.show_moved(form, "This action was reported on again while you were reading.")
        try:
            review = self.write(form, verdict)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        except Conflict:
            return self.show_moved(form, "Somebody else checked this report while you were reading.")
        return self.done(review)

    def write(self, form: ReviewForm, verdict: str):
        said = {
            "round": form.chosen_round, "remark": form.cleaned_data["remark"], "by": self.request.user,
            "at": self.when.now, "seen_number": form.cleaned_data["seen_number"] or 0,
        }  # fmt: skip
        write = reviewing.accept_update if verdict == ReviewVerdict.ACCEPTED else reviewing.return_update
        return write(self.check.update, **said)

    def form(self, *args, **kwargs) -> ReviewForm:
        opened = [found for found in rounds_by(self.area, self.when.now) if self.round][::-1]
        opened.sort(key=lambda found: found.pk != self.round.pk)
        return ReviewForm(*args, rounds=opened[:ROUNDS_OFFERED], **kwargs)

    def seen(self) -> dict:
        return {"update_number": self.check.update.number, "seen_number": self.check.seen_number} if self.check else {}

    def show_moved(self, form: ReviewForm, said: str):
        """What was written stays; sent again, it answers what stands now."""
        del self.check
        data = self.request.POST.copy()
        data.update({name: str(number) for name, number in self.seen().items()})
        for name, number in self.seen().items():
            data[name] = str(number)
        return self.show(self.form(data).unjudged(), moved=f"{said} What stands now is below.", status=409)

    def show(self, form: ReviewForm, *, status: int = 200, **context):
        update, now = self.check and self.check.update, self.when.now
        return render(
            self.request,
            self.template_name,
            {
                "area": self.area,
                "meeting": self.meeting,
                "round": self.round,
                "action": self.action,
                "check": self.check,
                "evidence": reviewing.evidence_behind([update], now)[update.pk] if update else [],
                "reviews": reviewing.reviews_of([update.pk], now)[update.pk] if update else [],
                "is_late": update and reviewing.is_late(self.round, update.recorded_at),
                "leads": leads_of(self.action, now),
                "standing": standing_of(self.action, now),
                "closed": closed_because(self.action.strategy, self.action.retired_on, self.when.today),
                "form": form,
                **context,
            },
            status=status,
        )

    def done(self, review):
        forget_parked(self.request)
        said = {
            ReviewVerdict.ACCEPTED: f"The report of {in_words(london_day(self.check.update.recorded_at))} on action "
            f"{self.action.ref} is accepted{', marked late' if review.is_late else ''}.",
            ReviewVerdict.RETURNED: f"The report on action {self.action.ref} is returned: its lead sees your remark.",
        }
        messages.success(self.request, said[review.verdict])
        return redirect(self.round_address)
