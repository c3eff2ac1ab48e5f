"""The forms by which a table of an area's own figures comes in, and by which somebody says what its names mean."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError

from board.own_figures.reading import MOST_BYTES, MOST_ROWS
from board.own_figures.rehearsing import LEFT_OUT, Name
from workstrands.forms import FilledForm


class FiguresForm(FilledForm):
    file = forms.FileField(
        label="The file",
        help_text="The template filled in, or a table of your own: Excel (.xlsx) or CSV, at most"
        f" {MOST_BYTES // 2**20} MB and {MOST_ROWS:,} figures.",
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


class NamesForm(FilledForm):
    """A choice for each name of the file: which KPI it means, or none. `offered` are (code or title, title)."""

    def __init__(self, *args, names: list[Name], offered: Iterable[tuple[str, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.names = names
        choices = [("", "Nobody has said yet"), (LEFT_OUT, "No KPI: leave it out"), *offered]
        for at, name in enumerate(names):
            self.fields[f"name-{at}"] = forms.ChoiceField(
                label=name.text[:100], choices=choices, required=False, initial=name.meant,
                error_messages={"invalid_choice": "Choose a KPI of the list."},
                widget=forms.Select({"aria-label": f"The KPI that “{name.text[:100]}” means"}),
            )  # fmt: skip

    @property
    def rows(self):
        return [(name, self[f"name-{at}"]) for at, name in enumerate(self.names)]

    @property
    def said(self) -> dict[str, str]:
        return {name.text: self.cleaned_data[f"name-{at}"] for at, name in enumerate(self.names)}
