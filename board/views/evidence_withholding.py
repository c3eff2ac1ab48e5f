"""An officer takes back what should not have been given as evidence: withholds it, gives it out again, erases its file."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from board.evidence_forms import EraseForm, WithholdForm
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from people.scoping import InAreaMixin
from strategies.models import Strategy
from workstrands import withholding
from workstrands.backing import is_erased
from workstrands.forms import FilledForm
from workstrands.models import Evidence

LONGEST_NUMBER = 9


class TakingBackView(InAreaMixin, View):
    """A page with one form about one piece. A page names its words, makes its `form`, says why it cannot be done
    (`refusal`), and does it (`write`, which answers with a sentence)."""

    template_name = "board/evidence_withhold.html"
    is_reading = False
    may = may_edit
    nav = "actions"
    heading = lede = button = ""
    form_class = FilledForm

    def get(self, request, **kwargs) -> HttpResponse:
        parked = parked_form(request)
        return self.show(
            self.form(parked).unjudged() if parked is not None else self.form(), is_parked=parked is not None
        )

    def post(self, request, **kwargs) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            said = self.write(form)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        forget_parked(request)
        messages.success(request, said)
        return redirect("board:action", self.area.slug, self.piece.update.action.key)

    @cached_property
    def piece(self) -> Evidence:
        number = self.kwargs["piece"]
        if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER):
            raise Http404("No such evidence.")
        found = Evidence.objects.filter(
            pk=int(number), update__area=self.area, update__action__strategy__state=Strategy.State.PUBLISHED
        )
        piece = found.select_related("update__action__strategy", "added_by", "withheld_by").first()
        if piece is None:
            raise Http404("No such evidence.")
        piece.update.action.area = piece.update.action.strategy.area = self.area
        return piece

    def form(self, *args) -> FilledForm:
        return self.form_class(*args)

    def show(self, form: FilledForm, **context) -> HttpResponse:
        piece = self.piece
        others = withholding.rows_of(piece).exclude(pk=piece.pk).select_related("update__action")
        others = others.exclude(update__action=piece.update.action).order_by("pk") if piece.file else others.none()
        shown = {
            "form": form, "piece": piece, "update": piece.update, "action": piece.update.action, "area": self.area,
            "heading": self.heading, "lede": self.lede, "button": self.button, "refusal": self.refusal(),
            "others": {other.update.action.key: other.update.action for other in others}.values(),
            "is_erased": is_erased(piece), "is_withheld": bool(piece.withheld_at) and not self.is_given_again, **context,
        }  # fmt: skip
        return render(self.request, self.template_name, shown)

    @cached_property
    def is_given_again(self) -> bool:
        """It was withheld, and stands beside itself anew."""
        return bool(self.piece.withheld_at) and self.piece not in withholding.withheld_of(self.piece)


class WithholdView(TakingBackView):
    heading = "Withhold this evidence"
    lede = (
        "From now on nobody is given it, and it counts as evidence no more. Its title stays, struck through, with what you"
        " say here. Earlier views still count it."
    )
    button = "Withhold it"

    def form(self, *args) -> WithholdForm:
        refusal = withholding.why_not_erased(self.piece, by=self.request.user)
        return WithholdForm(*args, may_erase=not refusal)

    def refusal(self) -> str:
        return withholding.why_not_withheld(self.piece)

    def write(self, form: WithholdForm) -> str:
        withholding.withhold(self.piece, by=self.request.user, at=self.when.now, **form.said)
        rest = " Its file is erased." if form.said["erasing"] else ""
        return f"“{self.piece.title}” is withheld.{rest}"


class GiveAgainView(TakingBackView):
    heading = "Give this evidence out again"
    lede = (
        "It counts as evidence again from now on, as a piece given today. Views of the days on which it was withheld"
        " stay as they are."
    )
    button = "Give it out again"

    def refusal(self) -> str:
        return withholding.why_not_given_again(self.piece)

    def write(self, form: FilledForm) -> str:
        withholding.give_again(self.piece, by=self.request.user, at=self.when.now)
        return f"“{self.piece.title}” is given out again."


class EraseView(TakingBackView):
    heading = "Erase the file"
    lede = (
        "For a file that must not be kept at all, such as one with personal data. Its content and its name go for good;"
        " the record stays, with its digest, so that it can be told which file it was."
    )
    button = "Erase the file for good"
    form_class = EraseForm

    def refusal(self) -> str:
        if not self.piece.withheld_at:
            return "Withhold the file before you erase it."
        return withholding.why_not_erased(self.piece, by=self.request.user)

    def write(self, form: FilledForm) -> str:
        withholding.erase(self.piece, by=self.request.user, at=self.when.now)
        return f"The file of “{self.piece.title}” is erased."
