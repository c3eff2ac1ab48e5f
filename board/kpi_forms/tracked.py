"""What an area tracks: how a KPI is owned and judged, and a definition of the area's own."""

from collections.abc import Iterable
from itertools import groupby

from django import forms

from board.kpi_forms.numbers import NumberField, radios
from common.text import Keepable
from kpis.vocabulary import Frequency, Polarity, Unit
from people.models import Lead
from workstrands.forms import FilledForm, choice, long_text, one_line, with_role


class KpiForm(FilledForm):
    """How a KPI is owned and judged, and what it is tied to. `seen` says how it stood when the form was opened."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=500)
    owner = choice(
        "Owner", [], empty="Nobody yet", help_text="The owner enters its figures and says what explains them.",
        invalid="Choose a lead of this area who is in post.",
    )  # fmt: skip
    tolerance = NumberField(
        label="Tolerance", least=0,
        help_text="A figure short of its target by no more than this is slightly behind; further off, it is behind.",
    )  # fmt: skip
    floor = NumberField(
        label="Never below",
        help_text="Beyond this a figure is behind whatever the tolerance. Where lower is better, it is never above.",
    )
    is_headline = forms.BooleanField(
        label="Show it on the board page", required=False, help_text="At most eight are shown there."
    )
    screens_outliers = forms.BooleanField(
        label="Leave outlying moving ranges out of the control limits",
        required=False,
        help_text="The usual choice. The chart says which was made.",
    )
    priorities = forms.MultipleChoiceField(
        label="Priorities it shows progress on", required=False, widget=forms.CheckboxSelectMultiple({"small": True}),
        error_messages={"invalid_choice": "Choose priorities of this area."},
    )  # fmt: skip
    success_measures = forms.MultipleChoiceField(
        label="Measures of success it stands for", required=False, widget=forms.CheckboxSelectMultiple({"small": True}),
        error_messages={"invalid_choice": "Choose measures of success of this area."},
    )  # fmt: skip
    findings = forms.MultipleChoiceField(
        label="Inspection findings it answers", required=False, widget=forms.CheckboxSelectMultiple({"small": True}),
        error_messages={"invalid_choice": "Choose findings of this area."},
    )  # fmt: skip

    def __init__(
        self,
        *args,
        unit: str,
        owners: Iterable[Lead],
        priorities: Iterable,
        measures: Iterable,
        findings: Iterable,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.owners = {str(lead.pk): lead for lead in owners}
        self.related = {
            "priorities": {str(record.pk): record for record in priorities},
            "success_measures": {str(record.pk): record for record in measures},
            "findings": {str(record.pk): record for record in findings},
        }
        self.fields["owner"].choices = [
            ("", "Nobody yet"), *((pk, with_role(lead)) for pk, lead in self.owners.items())
        ]  # fmt: skip
        for name, group_of in (
            ("priorities", lambda each: each.strategy.title),
            ("success_measures", lambda each: each.priority),
            ("findings", lambda each: each.inspection),
        ):
            found = self.related[name].items()
            groups = groupby(found, lambda pair: str(group_of(pair[1])))  # noqa: B023 - used up before the next turn
            self.fields[name].choices = [
                (group, [(pk, str(record)) for pk, record in records]) for group, records in groups
            ]
        for name in ("tolerance", "floor"):
            self.fields[name].unit = unit

    def clean_seen(self) -> int | None:
        """The version of the KPI that the form was filled from."""
        seen = self.cleaned_data["seen"]
        return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 20 else None

    @property
    def choices_made(self) -> dict:
        """What `track` and `edit` take."""
        given = self.cleaned_data
        return {
            "owner": self.owners.get(given["owner"]),
            **{name: given[name] for name in ("tolerance", "floor", "is_headline", "screens_outliers")},
            **{name: [records[pk] for pk in given[name]] for name, records in self.related.items()},
        }


class DefinitionForm(FilledForm):
    """A new indicator of the area's own."""

    title = forms.CharField(
        label="Title", help_text="Say what is counted, of whom: “Annual reviews held on time”.",
        validators=[Keepable("Title", limit=200)], error_messages={"required": "Give it a title."},
    )  # fmt: skip
    definition = long_text("Definition", "What counts and what does not, so that two people count the same.")
    unit = choice("Unit", [(unit, word) for unit, word in Unit.choices if unit != Unit.TEXT], empty="Choose a unit")
    decimals = choice("Decimal places shown", [(str(n), str(n)) for n in range(4)], empty="Choose how many")
    polarity = radios("Which way is better?", Polarity.choices, missing="Choose which way is better.")
    frequency = choice("How often is there a figure?", Frequency.choices, empty="Choose how often")
    counts_people = forms.BooleanField(label="It counts people", required=False)
    counted = one_line("What is counted, in the plural", limit=60, help_text="Such as children, plans, appeals.")
    may_pass_100 = forms.BooleanField(label="It is a percentage that can pass 100%", required=False)
    statutory_standard = NumberField(
        label="Legal standard", help_text="Where the law sets one, such as 100 for every case."
    )
    standard_words = one_line("The legal standard in words", limit=200)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["statutory_standard"].unit = self.unit_chosen

    @property
    def unit_chosen(self) -> str:
        """As it was sent: it says which mark the numbers of this form and the next may carry."""
        return self.data.get("unit", "")

    def clean(self) -> None:
        for name, message in (
            ("unit", "Choose the unit."),
            ("decimals", "Choose how many decimal places are shown."),
            ("frequency", "Choose how often there is a figure."),
        ):
            if not self.cleaned_data.get(name) and not self.has_error(name):
                self.add_error(name, message)

    @property
    def definition_made(self) -> dict:
        """What `define_indicator` takes."""
        return {**self.cleaned_data, "decimals": int(self.cleaned_data["decimals"])}
