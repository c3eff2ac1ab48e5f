"""A lead answers a flag: the answer is printed under it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.views import View

from board import reviewing
from board.round_forms import ReplyForm
from kpis.appending import Conflict
from people.parking import forget_parked, parked_form
from workstrands.flags import FlagCode
from workstrands.illustration import why_not_for
from workstrands.reporting import standing_of
from workstrands.views.updates import OfActionMixin


class FlagReplyView(OfActionMixin, View):
    """To the leads of the action, and the officers of its area. A flag that no longer stands can be read, not answered."""

    template_name = "board/flag_reply.html"

    def get(self, request, **kwargs):
        self.find()
        parked = parked_form(request)
        if parked is not None:
            return self.show(ReplyForm(parked).unjudged(), is_parked=True)
        return self.show(ReplyForm(initial={"seen_number": self.last_number}))

    def post(self, request, **kwargs):
        self.find()
        form = ReplyForm(request.POST)
        if self.flag is None or not form.is_valid():
            return self.show(form)
        try:
            reviewing.reply_to_flag(
                self.action, self.code, text=form.cleaned_data["text"], by=request.user, at=self.when.now,
                seen_number=form.cleaned_data["seen_number"] or 0,
            )  # fmt: skip
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        except Conflict as conflict:
            return self.show_conflict(conflict.latest)
        forget_parked(request)
        messages.success(request, f"Your answer stands under “{self.code.label}” of action {self.action.ref}.")
        return redirect("board:action", self.area.slug, self.action.key)

    def find(self) -> None:
        try:
            self.code = FlagCode(self.kwargs["code"])
        except ValueError:
            raise Http404("No such flag.") from None
        standing = standing_of(self.action, self.when.now)
        flags = standing.flags if standing else ()
        self.flag = next((flag for flag in flags if flag.code == self.code), None)
        found = reviewing.flag_replies_of([self.action.pk], self.when.now).get(self.action.pk, {})
        self.replies = found.get(self.code, [])
        self.last_number = max((reply.number for replies in found.values() for reply in replies), default=0)

    def show_conflict(self, latest):
        self.find()
        typed = self.request.POST.copy()
        typed["seen_number"] = str(latest.number if latest else 0)
        return self.show(ReplyForm(typed).unjudged(), meanwhile=latest, said=latest and latest.text, status=409)

    def show(self, form: ReplyForm, *, status: int = 200, **context):
        refusal = why_not_for(self.request.user, *self.leads[:1])
        return render(
            self.request,
            self.template_name,
            {
                "form": form,
                "action": self.action,
                "code": self.code,
                "flag": self.flag,
                "replies": self.replies,
                "refusal": refusal,
                **context,
            },
            status=status,
        )
