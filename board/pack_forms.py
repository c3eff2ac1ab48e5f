"""Which papers: of which plan or part, how much, as at which day, in which format."""

from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError

from board.papers.making import formats
from board.papers.reading import Scope, scopes_of
from board.vocabulary import PackKind
from common.dates import end_of_day, in_words
from strategies.models import Strategy
from workstrands.forms import DayField, FilledForm, long_text

KINDS = [
    (PackKind.EXCEPTIONS, "Exceptions only: two sides of A4"),
    (PackKind.FULL, "Full: every action, KPI, decision and risk"),
]


def _kinds() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="How much",
        choices=KINDS,
        initial=PackKind.FULL,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how much the papers say.",
            "invalid_choice": "Choose full papers or exceptions only.",
        },
    )


class PapersForm(FilledForm):
    """For a download of one file. Its fields stand in the address, so that it can be mailed."""

    kind = _kinds()
    scope = forms.ChoiceField(
        label="Of what",
        required=False,
        error_messages={"invalid_choice": "This plan has no such part. Choose one of the list."},
    )
    format = forms.ChoiceField(
        label="As",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what the papers are made as.",
            "invalid_choice": "Papers cannot be made as that. Choose one of the list.",
        },
    )

    def __init__(self, *args, strategy: Strategy, moment: datetime | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.scopes = {scope.value: scope for scope in scopes_of(strategy, moment=moment)[strategy.pk]}
        self.fields["scope"].choices = [(value, scope.title) for value, scope in self.scopes.items()]
        self.fields["format"].choices = [(each.value, each.label) for each in formats()]
        self.fields["format"].initial = next((each.value for each in formats()), None)

    @property
    def scope_chosen(self) -> Scope:
        return self.scopes[self.cleaned_data["scope"]]


class FreezeForm(FilledForm):
    """For the papers of a meeting. `seen_number` is that of the last ones that were there when the form was opened."""

    subject = forms.ChoiceField(
        label="Papers of",
        error_messages={
            "required": "Choose what the papers are of.",
            "invalid_choice": "There is no such plan or part here. Choose one of the list.",
        },
    )
    kind = _kinds()
    as_at = DayField(
        label="As at",
        help_text="The papers show what was known at the end of this day, or by now if it is today. Addresses in them lead "
        "to the pages as at the same moment.",
    )
    correction = long_text(
        "What changed",
        "Only where papers of the same kind have been frozen for this meeting already: what is corrected in these.",
        rows=3,
    )
    seen_number = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=32_000)

    def __init__(self, *args, plans: list[Strategy], today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.plans = {plan.slug: plan for plan in plans}
        of_plans = scopes_of(*plans, moment=end_of_day(today))
        self.scopes = {plan: {scope.value: scope for scope in found} for plan, found in of_plans.items()}
        self.fields["subject"].choices = [
            (
                plan.title,
                [(f"{plan.slug}/{value}", _named(plan, scope)) for value, scope in self.scopes[plan.pk].items()],
            )
            for plan in plans
        ]

    @property
    def strategy(self) -> Strategy:
        return self.plans[self.cleaned_data["subject"].partition("/")[0]]

    @property
    def scope(self) -> Scope:
        return self.scopes[self.strategy.pk][self.cleaned_data["subject"].partition("/")[2]]

    def clean_as_at(self) -> date:
        day = self.cleaned_data["as_at"]
        if day and day > self.today:
            raise ValidationError("As at: give a day that has come.")
        return day

    def clean_seen_number(self) -> int:
        return self.cleaned_data["seen_number"] or 0

    def clean(self):
        day = self.cleaned_data.get("as_at")
        if day and self.cleaned_data.get("subject") and day < self.strategy.starts_on:
            self.add_error(
                "as_at",
                f"As at: this plan started on {in_words(self.strategy.starts_on)}. Give that day or a later one.",
            )
        return self.cleaned_data


def _named(plan: Strategy, scope: Scope) -> str:
    return scope.title if scope.kind else f"{plan.title}: the whole plan"
