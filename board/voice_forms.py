"""What families say of a promise, and what its owner says. What each must say as a whole is asked of `board.voices`."""

from django import forms

from board.vocabulary import Felt
from board.voices import felt_tag
from common.templatetags.marks import status_tag
from workstrands.forms import DayField, FilledForm, long_text, one_line
from workstrands.status import SHOWN_WORDS, Status

ON_THE_SCALE = [Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK, Status.COMPLETE]


class FamilyViewForm(FilledForm):
    """`names_nobody` is asked only where the words look as if they named somebody."""

    felt = forms.ChoiceField(
        label="Do families feel it?", widget=forms.RadioSelect, choices=[(felt.value, felt_tag(felt)) for felt in Felt],
        error_messages={"required": "Choose how families feel it.", "invalid_choice": "Choose how families feel it."},
    )  # fmt: skip
    words = long_text("In their words", "As it was said, or summed up as those who said it agreed.")
    names_nobody = forms.BooleanField(
        label="I have checked: it names nobody, and nobody could be recognised", required=False
    )
    body = one_line(
        "From which body",
        limit=120,
        help_text="Such as the parent carer forum, a youth forum, a survey. No person’s name.",
    )
    said_on = DayField(label="When was it said?", help_text="For example, 31 3 2027.")
    coproduced = long_text(
        "How it was co-produced", "Who was asked, how many and how. Leave it empty where it was not.", rows=3
    )

    def __init__(self, *args, asks_names: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        if not asks_names and not self.data.get("names_nobody"):
            del self.fields["names_nobody"]

    def clean(self) -> None:
        for name, message in (("words", "Write what families say."), ("body", "Say which body says it.")):
            if not (self.cleaned_data.get(name) or "").strip() and not self.has_error(name):
                self.add_error(name, message)


class OwnersViewForm(FilledForm):
    """`seen_number` is that of the view that stood when the page was opened."""

    seen_number = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=1_000_000)
    status = forms.ChoiceField(
        label="How does the priority stand, in the owner’s own view?", widget=forms.RadioSelect,
        choices=lambda: [(status.value, status_tag(status.value, SHOWN_WORDS[status])) for status in ON_THE_SCALE],
        error_messages={"required": "Choose how it stands.", "invalid_choice": "Choose how it stands."},
    )  # fmt: skip
    reason = long_text("Why", "What makes it so, in a few sentences the Board can follow.")
    mitigation = long_text("What is done about it", "Needed when it is at risk or off track.", rows=3)
    consequence = long_text(
        "What happens if not", "For children and families. Needed when it is at risk or off track.", rows=3
    )

    def clean_seen_number(self) -> int:
        return self.cleaned_data["seen_number"] or 0
