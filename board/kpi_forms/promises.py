"""The next dated row of a KPI: a promise, what explains a figure, from where limits are calculated anew."""

from datetime import date

from django import forms

from board.kpi_forms.numbers import UNIT_HINTS, NumberField, radios
from common.text import Keepable
from kpis.models import Indicator
from kpis.periods import Period
from kpis.series import KpiSeries
from kpis.vocabulary import TargetKind
from workstrands.forms import DayField, FilledForm, one_line


class SeenForm(FilledForm):
    seen_number = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_seen_number(self) -> int:
        return self.cleaned_data["seen_number"] or 0


class TargetForm(SeenForm):
    kind = radios(
        "What is promised?",
        [
            (TargetKind.MILESTONE, "A milestone: for its period alone"),
            (TargetKind.STANDING, "A target that holds from a day until the next"),
        ],
        missing="Choose a milestone or a target.",
    )
    period_start = DayField(
        label="From",
        help_text="The first day it holds, such as 1 4 2027. Of a milestone, the first day of its period.",
        error_messages={"required": "Give the day from which it holds."},
    )
    period_end = DayField(
        label="To", help_text="Of a milestone, the last day of its period. A target has none.", required=False
    )
    value = NumberField(label="Value")
    as_written = one_line(
        "Or the promise in words",
        limit=120,
        help_text="Where it was promised without a number, such as “in line with England”.",
    )

    def __init__(self, *args, indicator: Indicator, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["value"].unit = indicator.unit
        self.fields["value"].help_text = UNIT_HINTS.get(indicator.unit, "")

    def clean(self) -> None:
        kind = self.cleaned_data.get("kind")
        if kind == TargetKind.STANDING and self.cleaned_data.get("period_end"):
            self.add_error("period_end", "A target holds until the next: leave this empty, or choose a milestone.")
        if (
            kind == TargetKind.MILESTONE
            and not self.cleaned_data.get("period_end")
            and not self.has_error("period_end")
        ):
            self.add_error("period_end", "A milestone needs the end of its period.")
        numbers = {"value", "as_written"} & set(self.errors)
        if not numbers and self.cleaned_data.get("value") is None and not self.cleaned_data.get("as_written"):
            self.add_error("value", "Give a value, or the promise in words.")

    @property
    def promise(self) -> dict:
        names = ("kind", "period_start", "period_end", "value", "as_written", "seen_number")
        return {name: self.cleaned_data[name] for name in names}


class OnPeriodForm(SeenForm):
    """Something said of one period that has a figure."""

    period = forms.ChoiceField(
        label="Which figure?", error_messages={"invalid_choice": "Choose a period that has a figure."}
    )

    def __init__(self, *args, series: KpiSeries, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["period"].choices = [
            (period.key, f"{series.label_of(period)}: {' and '.join(said)}")
            for period, said in series.recent(most=None)
        ]

    @property
    def chosen_period(self) -> Period:
        return Period(*map(date.fromisoformat, self.cleaned_data["period"].split("/")))


class CommentaryForm(OnPeriodForm):
    text = forms.CharField(
        label="What explains it",
        help_text="In plain words, for the Board: why it is as it is, and what is being done.",
        strip=False,
        validators=[Keepable("What explains it")],
        widget=forms.Textarea({"rows": 6}),
        error_messages={"required": "Say what explains the figure."},
    )


class RebaseForm(OnPeriodForm):
    reason = forms.CharField(
        label="Why from there?",
        help_text="What changed in the work itself, such as a new team or a new way of counting. The page will say it.",
        validators=[Keepable("The reason", limit=250)],
        error_messages={"required": "Say why the limits are calculated anew."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["period"].label = "From which period?"
