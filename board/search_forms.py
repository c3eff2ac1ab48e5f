"""What somebody types into the search box."""

from django import forms
from django.core.exceptions import ValidationError

from board.search.asking import MOST_TERMS, ref_of, terms_of
from common.text import Keepable

LONGEST = 200
EXAMPLES = "such as autism, “short breaks”, 4.5 or a name"


class SearchForm(forms.Form):
    q = forms.CharField(
        label="Search for",
        help_text="Words, a “phrase in quotation marks”, a reference such as 4.5, or a person.",
        widget=forms.TextInput({"type": "search", "maxlength": LONGEST}),
        validators=[Keepable("What you search for", limit=LONGEST)],
        error_messages={"required": f"Type what you look for, {EXAMPLES}."},
    )

    def clean_q(self) -> str:
        said = self.cleaned_data["q"]
        terms = terms_of(said)
        if not terms and not ref_of(said):
            raise ValidationError(f"Type at least one word that is not in every sentence, or a number, {EXAMPLES}.")
        if len(terms) > MOST_TERMS:
            raise ValidationError(f"Search for at most {MOST_TERMS} words at once. You typed {len(terms)}.")
        return said
