"""As what the annex is made."""

from django import forms

from board.vocabulary import PackFormat
from workstrands.forms import FilledForm

FORMATS = [
    (PackFormat.DOCX, "Word: each finding with what answers it, to read and to go on writing in"),
    (PackFormat.XLSX, "Excel: the same as rows, with real dates, to sort and filter"),
]


class AnnexForm(FilledForm):
    """Its field stands in the address, so that it can be mailed."""

    format = forms.ChoiceField(
        label="As",
        choices=FORMATS,
        initial=PackFormat.DOCX,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what the annex is made as.",
            "invalid_choice": "The annex cannot be made as that. Choose Word or Excel.",
        },
    )
