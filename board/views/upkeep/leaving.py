"""Everything that a lead answers for, on one page: hand it over, all or some of it, and say that the lead has left."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.views import View

from board.upkeep.forms import GONE, SeenForm
from board.upkeep.handing_over import Held, hand_over, held_by
from board.upkeep.kinds import leads_for
from board.views.upkeep.finding import WriteMixin
from common.words import count_words
from workstrands.forms import DayField, choice, with_role

NOBODY = "nobody"


class HandOverForm(SeenForm):
    """`keys` are ticks, one for each thing held; `seen_held` says what was listed."""

    seen_held = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200_000)
    keys = forms.MultipleChoiceField(required=False, error_messages={"invalid_choice": GONE})
    to = choice("Who takes on what is ticked?", [], empty="Choose a lead", invalid=GONE)
    left_on = DayField(
        label="The day on which they left", required=False,
        help_text="Leave it empty where they stay. For example, 31 3 2027: the first day on which they are not in post.",
    )  # fmt: skip

    def __init__(self, *args, held: Held, leads, **kwargs):
        super().__init__(*args, **kwargs)
        self.held, self.leads = held, {str(lead.pk): lead for lead in leads}
        self.fields["keys"].choices = [(holding.key, holding.words) for holding in held.holdings]
        self.fields["to"].choices = [
            ("", "Choose a lead"), *((pk, with_role(lead)) for pk, lead in self.leads.items()),
            (NOBODY, "Nobody for now: it is flagged until somebody does"),
        ]  # fmt: skip

    @property
    def ticked(self) -> set[str]:
        """Also of a form that nobody has judged."""
        return set(self["keys"].value() or ())

    @property
    def chosen(self):
        return self.leads.get(self.cleaned_data["to"])

    @property
    def is_to_nobody(self) -> bool:
        return self.cleaned_data["to"] == NOBODY


class HandOverView(WriteMixin, View):
    template_name = "board/upkeep_handover.html"

    @cached_property
    def held(self) -> Held:
        return held_by(self.record)

    def form(self, *args, **kwargs):
        leads = leads_for(self.area, self.request.user, self.when.today).exclude(pk=self.record.pk)
        return HandOverForm(*args, held=self.held, leads=leads, **kwargs)

    def initial(self) -> dict:
        every = [holding.key for holding in self.held.holdings]
        return {"seen": self.version, "seen_held": self.held.digest, "keys": every, "left_on": self.record.left_on}

    def write(self, form) -> HttpResponse:
        said = form.cleaned_data
        handed = hand_over(
            self.record, to=form.chosen, to_nobody=form.is_to_nobody, keys=said["keys"], left_on=said["left_on"], by=self.request.user,
            at=self.when.now, seen=said["seen"] or 0, seen_held=said["seen_held"],
        )  # fmt: skip
        whom = form.chosen or "nobody for now"
        went = f"{count_words(handed, 'thing')} went over to {whom}" if handed else "nothing went over"
        messages.success(self.request, f"{self.record}: {went}.")
        return redirect(self.kind.page(self.record))

    def show_overtaken(self, overtaken) -> HttpResponse:
        self.__dict__.pop("held", None)
        return super().show_overtaken(overtaken)

    def more(self) -> dict:
        return {"held": self.held}
