"""Raising, changing, scoring and closing a risk. What each must say as a whole is asked of `board.risk_keeping`."""

from collections.abc import Iterable, Mapping

from django import forms

from board.models import Risk
from board.risk_keeping import MANY, NEEDED
from board.risks import IMPACTS, LIKELIHOODS
from people.models import Lead
from workstrands.forms import DayField, FilledForm, choice, long_text, one_line, with_role
from workstrands.status import EscalateTo

SEEN = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


def part(label: str, words: Mapping[int, str], *, missing: str) -> forms.TypedChoiceField:
    """One of the five steps, as radios beside each other."""
    return forms.TypedChoiceField(
        label=label,
        coerce=int,
        choices=[(str(n), f"{n} {word}") for n, word in words.items()],
        widget=forms.RadioSelect({"inline": True, "small": True}),
        error_messages={"required": missing, "invalid_choice": missing},
    )


def target_part(label: str, words: Mapping[int, str], *, help_text: str = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, required=False, coerce=int, empty_value=None, help_text=help_text,
        choices=[("", "Not set"), *((str(n), f"{n} {word}") for n, word in words.items())],
        error_messages={"invalid_choice": "Choose 1 to 5."},
    )  # fmt: skip


def ticks(label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=False, widget=forms.CheckboxSelectMultiple({"small": True}),
        error_messages={"invalid_choice": "Choose from the list."},
    )  # fmt: skip


class RiskForm(FilledForm):
    """What a risk is. `seen` says how it stood when the form was opened."""

    seen = SEEN
    kind = forms.ChoiceField(
        label="Is it a risk or an issue?", choices=Risk.Kind.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose which it is.", "invalid_choice": "Choose which it is."},
    )  # fmt: skip
    title = one_line("Short title", limit=200)
    cause = long_text("Because of", "What it comes from.", rows=3)
    event = long_text("This may happen", "Or, of an issue, what has happened.", rows=3)
    effect = long_text("Which would mean", "For children, families and the strategy.", rows=3)
    mitigation = long_text("What is done about it", "Who does what, by when.")
    owner = choice(
        "Owner", [], empty="Nobody yet", help_text="The owner may give it a new score.",
        invalid="Choose a lead of this area who is in post.",
    )  # fmt: skip
    target_likelihood = target_part(
        "Target likelihood", LIKELIHOODS, help_text="What the two should come down to by what is done about it."
    )
    target_impact = target_part("Target impact", IMPACTS)
    review_on = DayField(label="Look at it again on", required=False, help_text="For example, 31 3 2027.")
    escalated_to = choice("Escalated to", EscalateTo.choices, empty="Not escalated")
    priorities = ticks("Priorities that it could stop")
    actions = ticks("Actions that it could stop, or that answer it")
    kpis = ticks("KPIs that would show it")

    def __init__(self, *args, owners: Iterable[Lead], ties: Mapping[str, Iterable], **kwargs):
        super().__init__(*args, **kwargs)
        self.owners = {str(lead.pk): lead for lead in owners}
        self.ties = {name: {str(record.pk): record for record in records} for name, records in ties.items()}
        self.fields["owner"].choices = [
            ("", "Nobody yet"),
            *((pk, with_role(lead)) for pk, lead in self.owners.items()),
        ]
        for name in MANY:
            self.fields[name].choices = [(pk, _words(record)) for pk, record in self.ties[name].items()]

    def clean(self) -> None:
        for name, message in NEEDED.items():
            if not (self.cleaned_data.get(name) or "").strip() and not self.has_error(name):
                self.add_error(name, message)

    @property
    def said(self) -> dict:
        """What `raise_risk` and `edit_risk` take."""
        given = self.cleaned_data
        plain = [name for name in self.fields if name not in ("seen", "owner", *MANY, "likelihood", "impact", "reason")]
        return {
            **{name: given[name] for name in plain},
            "owner": self.owners.get(given["owner"]),
            **{name: [self.ties[name][pk] for pk in given[name]] for name in MANY},
        }


class NewRiskForm(RiskForm):
    """With its first score."""

    likelihood = part("How likely is it?", LIKELIHOODS, missing="Choose how likely it is.")
    impact = part("How bad would it be?", IMPACTS, missing="Choose how bad it would be.")
    reason = long_text("Why this score", "What makes it this likely and this bad today.", rows=3)


class ScoreForm(FilledForm):
    """`seen_number` is that of the score that stood when the page was opened."""

    seen_number = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=1_000_000)
    likelihood = part("How likely is it now?", LIKELIHOODS, missing="Choose how likely it is.")
    impact = part("How bad would it be now?", IMPACTS, missing="Choose how bad it would be.")
    reason = long_text("Why", "What has changed since the last score, or why it stands.")

    def clean_seen_number(self) -> int:
        return self.cleaned_data["seen_number"] or 0

    def clean_reason(self) -> str:
        if not self.cleaned_data["reason"].strip():
            raise forms.ValidationError("Say why it is scored like this.")
        return self.cleaned_data["reason"]


class CloseForm(FilledForm):
    closed_on = DayField(label="Closed on", help_text="The day from which it counts no longer.")
    note = long_text(
        "Why it is closed", "It can no longer happen, it has been dealt with, or another risk has taken its place."
    )

    def clean_note(self) -> str:
        if not self.cleaned_data["note"].strip():
            raise forms.ValidationError("Say why it is closed.")
        return self.cleaned_data["note"]


def _words(record) -> str:
    """An action's whole title, a priority with its reference, a KPI's title."""
    indicator = getattr(record, "indicator", None)
    return indicator.title if indicator else f"{record.ref} {record.title}"
