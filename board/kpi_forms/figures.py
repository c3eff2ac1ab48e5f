"""Entering a figure. What it must say as a whole is asked of `kpis.recording`, what looks wrong of `kpis.questions`."""

from collections.abc import Iterable
from datetime import date

from django import forms

from board.kpi_forms.numbers import UNIT_HINTS, NumberField, radios
from kpis.models import Indicator, Kpi, Measurement
from kpis.periods import Period
from kpis.questions import agrees, percentage_of
from kpis.rating import show_trimmed, show_value
from kpis.series import KpiSeries
from kpis.vocabulary import MeasurementState, Missing, Qualifier, Unit
from workstrands.forms import DayField, FilledForm, choice, long_text, one_line

OTHER = "other"


class MeasurementForm(FilledForm):
    """One figure of a KPI. `seen` carries the number of every figure that the form showed, so that nobody's is written over."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=4000)
    period = forms.ChoiceField(
        label="Which period is it for?",
        error_messages={
            "required": "Choose the period.",
            "invalid_choice": "Choose a period of the list, or another one.",
        },
    )
    period_start = DayField(label="First day of the period", required=False)
    period_end = DayField(label="Last day of the period", required=False)
    value = NumberField(label="Figure")
    numerator = NumberField(label="How many")
    denominator = NumberField(label="Out of how many")
    as_written = one_line("The figure in words", limit=120)
    missing = choice(
        "Or why there is no figure", Missing.choices, empty="There is a figure",
        help_text="Suppressed means that so few are counted that the figure could point to one child.",
    )  # fmt: skip
    state = radios(
        "How sure is it?",
        [
            (MeasurementState.FINAL, "Final"),
            (MeasurementState.PROVISIONAL, "Provisional: shown, and not rated until the final figure is there"),
        ],
        missing="Choose final or provisional.",
    )
    qualifier = choice("How exact is it?", Qualifier.choices, empty="Exact")
    reason = one_line(
        "Why is the figure restated?", limit=250, help_text="The earlier figure is kept beside yours, with this reason."
    )
    commentary = long_text(
        "What explains the figure",
        "In plain words, for the Board. Asked for when the figure is behind its target, or worse than chance explains.",
    )

    def __init__(self, *args, kpi: Kpi, series: KpiSeries, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.kpi, self.series = kpi, series
        indicator = kpi.indicator
        self.fields["period"].choices = self.periods_offered(today)
        self._fit(indicator)

    def periods_offered(self, today: date) -> list[tuple[str, str]]:
        return period_choices(self.series, today)

    def _fit(self, indicator: Indicator) -> None:
        """Only the boxes that a figure of this kind has."""
        value = self.fields["value"]
        value.unit, value.help_text = indicator.unit, UNIT_HINTS.get(indicator.unit, "")
        if indicator.unit == Unit.PERCENT:
            counted = f" {indicator.counted}" if indicator.counted else ""
            self.fields["numerator"].label = f"How many{counted}"
            self.fields["denominator"].label = f"Out of how many{counted}"
            value.help_text += " Left empty, it is worked out from the two counts below."
        else:
            del self.fields["numerator"], self.fields["denominator"]
        if indicator.unit == Unit.TEXT:
            del self.fields["value"], self.fields["qualifier"]
        else:
            del self.fields["as_written"]

    def clean(self) -> None:
        self._clean_period()
        self._clean_counts()
        if {"value", "numerator", "denominator", "as_written"} & set(self.errors):
            return
        said = [self.cleaned_data.get(name) for name in ("value", "as_written", "numerator")]
        has_figure, missing = any(each not in (None, "") for each in said), self.cleaned_data.get("missing")
        if not has_figure and not missing and not self.has_error("missing"):
            field = "value" if "value" in self.fields else "as_written"
            self.add_error(field, "Give the figure, or say why there is none.")
        if has_figure and missing:
            self.add_error("missing", "A figure is either there or missing: empty one of the two.")

    def _clean_period(self) -> None:
        chosen = self.cleaned_data.get("period")
        if chosen == OTHER:
            for name, word in (("period_start", "first"), ("period_end", "last")):
                if self.cleaned_data.get(name) is None and not self.has_error(name):
                    self.add_error(name, f"Give the {word} day of the period.")
            start, end = self.cleaned_data.get("period_start"), self.cleaned_data.get("period_end")
            if start and end and end < start:
                self.add_error("period_end", "A period ends on or after the day it starts.")
        elif chosen:
            start, end = map(date.fromisoformat, chosen.split("/"))
            self.cleaned_data |= {"period_start": start, "period_end": end}

    def _clean_counts(self) -> None:
        """52 of 61 is 85.2%: worked out where only the counts are given, held against the percentage where it is too."""
        part, whole = self.cleaned_data.get("numerator"), self.cleaned_data.get("denominator")
        if "numerator" not in self.fields or {"numerator", "denominator", "value"} & set(self.errors):
            return
        if (part is None) != (whole is None):
            name = "numerator" if part is None else "denominator"
            self.add_error(name, f"{self.fields[name].label}: give both counts, or neither.")
        elif part is not None and (part < 0 or part % 1):
            self.add_error("numerator", f"{self.fields['numerator'].label}: write a whole number, zero or more.")
        elif whole is not None and whole % 1:
            self.add_error("denominator", f"{self.fields['denominator'].label}: write a whole number.")
        elif whole is not None and whole <= 0:
            self.add_error(
                "denominator",
                "Out of none there is no percentage: leave both counts empty and choose “Not applicable”.",
            )
        elif part is not None:
            self._hold_against_counts(part, whole)

    def _hold_against_counts(self, part, whole) -> None:
        computed, value = percentage_of(part, whole), self.cleaned_data.get("value")
        if value is None and not self.cleaned_data.get("missing"):
            self.cleaned_data["value"] = computed
        elif value is not None and not agrees(value, computed):
            shown = show_trimmed(round(computed, max(1, self.kpi.indicator.decimals)), Unit.PERCENT)
            typed = show_trimmed(value, Unit.PERCENT)
            self.add_error(
                "value",
                f"{part:,f} of {whole:,f} is {shown}, and {typed} is typed. Correct one of them, or leave the figure empty.",
            )

    # What was typed

    @property
    def has_period(self) -> bool:
        return bool(self.cleaned_data.get("period_start") and self.cleaned_data.get("period_end"))

    @property
    def chosen_period(self) -> Period:
        return Period(self.cleaned_data["period_start"], self.cleaned_data["period_end"])

    @property
    def standing(self) -> Measurement | None:
        """The figure that stands for the chosen period and state."""
        state = self.cleaned_data.get("state", MeasurementState.FINAL)
        return self.series.standing(self.chosen_period, state) if self.has_period else None

    @property
    def in_words(self) -> str:
        """The figure as the page would show it."""
        said, indicator = self.cleaned_data, self.kpi.indicator
        if said.get("missing"):
            return Missing(said["missing"]).label
        return show_value(
            said.get("value"), indicator.unit, indicator.decimals, said.get("qualifier", ""), said.get("as_written", "")
        )

    @property
    def seen_number(self) -> int:
        """The number that this form showed for the chosen period; 0 where it showed none."""
        return seen_from(self.cleaned_data.get("seen", "")).get((self.chosen_period.key, self.cleaned_data["state"]), 0)

    @property
    def figure(self) -> dict:
        """What `enter_figure` takes."""
        names = ("period_start", "period_end", "value", "missing", "state", "numerator", "denominator")
        words = ("as_written", "qualifier", "reason", "commentary")
        period = self.chosen_period
        return {
            **{name: self.cleaned_data.get(name) for name in names},
            **{name: self.cleaned_data.get(name, "") for name in words},
            "raw": (self.data.get("value") or "").strip() if "value" in self.fields else "",
            "period_label": self.series.label_of(period) or period.words,
        }


def period_choices(series: KpiSeries, today: date) -> list[tuple[str, str]]:
    """The periods that are due, then those that have a figure, then any other."""
    due = series.periods_due(today)
    words = [f"{period.words}{' (due next)' if place == 0 else ''}" for place, period in enumerate(due)]
    held = [
        (period.key, f"{series.label_of(period)} ({' and '.join(said)}: {_what_comes_of(series, period)})")
        for period, said in series.recent()
    ]
    return [
        *zip((period.key for period in due), words, strict=True),
        *held,
        (OTHER, "Another period: give its days below"),
    ]


def _what_comes_of(series: KpiSeries, period: Period) -> str:
    is_final = series.standing(period, MeasurementState.FINAL) is not None
    return "yours restates it" if is_final else "the final figure is to come"


def seen_of(rows: Iterable[Measurement]) -> str:
    """How a form says what it showed: 2026-10-01/2026-10-31/final=2, and so on."""
    return " ".join(f"{row.period_start}/{row.period_end}/{row.state}={row.number}" for row in rows)


def seen_from(text: str) -> dict[tuple[str, str], int]:
    found = {}
    for piece in text.split()[:100]:
        name, _, number = piece.partition("=")
        key, _, state = name.rpartition("/")
        if number.isascii() and number.isdigit() and len(number) < 8:
            found[key, state] = int(number)
    return found
