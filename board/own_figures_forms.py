"""The form by which a table of an area's own figures comes in."""

from django import forms
from django.core.exceptions import ValidationError

from board.own_figures.reading import MOST_BYTES, MOST_ROWS
from workstrands.forms import FilledForm


class FiguresForm(FilledForm):
    file = forms.FileField(
        label="The file",
        help_text="The template filled in, or a table of your own with the columns KPI, Period and Figure: Excel (.xlsx) or CSV,"
        f" at most {MOST_BYTES // 2**20} MB and {MOST_ROWS:,} figures.",
        allow_empty_file=True,  # the reader says what an empty file lacks
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        error_messages={"required": "Choose the file.", "invalid": "Choose the file again."},
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(
                f"The file is larger than {MOST_BYTES // 2**20} MB. Leave only the table of figures in it."
            )
        return file
