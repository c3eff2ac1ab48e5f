"""The forms by which a file of published figures is brought in: the file, which column feeds which KPI, which rows."""

from collections.abc import Iterable
from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from common.dates import in_words
from kpis.dfe.arriving import Origin
from kpis.dfe.contents import Column, Contents
from kpis.dfe.guidance import MOST_BYTES as MOST_DESCRIPTION
from kpis.dfe.periods import READS_AS
from kpis.dfe.reading import MOST_BYTES, MOST_ROWS
from kpis.dfe.series import Series, kept_for_file, term_of
from kpis.models import Kpi
from kpis.vocabulary import MeasurementState
from workstrands.forms import DayField, FilledForm, choice, one_line

EARLIEST = date(1990, 1, 1)
STATES = [
    (MeasurementState.FINAL, "Final, or revised"),
    (MeasurementState.PROVISIONAL, "Provisional: shown beside final figures, never taken for one"),
]


def file_field(label: str, help_text: str, *, required: bool = False) -> forms.FileField:
    return forms.FileField(
        label=label,
        help_text=help_text,
        required=required,
        allow_empty_file=True,  # the reader says what an empty file lacks
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
        error_messages={"required": "Choose the file.", "invalid": "Choose the file again."},
    )


class UploadForm(FilledForm):
    """A file, and which edition of which publication it is of."""

    file = file_field(
        "The file",
        f"A CSV file of open data, as downloaded: at most {MOST_BYTES // 2**20} MB and {MOST_ROWS:,} rows. It may hold every"
        " area of England.",
        required=True,
    )
    publication = one_line(
        "Publication", limit=200,
        help_text="Such as Education, health and care plans. Leave it empty where a file of this name was brought in before.",
    )  # fmt: skip
    edition = one_line("Edition", limit=60, help_text="As the publication calls it, such as 2025 or 2024/25.")
    published_on = DayField(label="Day of publication", help_text="Such as 26 6 2025.", required=False)
    state = forms.ChoiceField(
        label="How sure are the figures?",
        choices=STATES,
        initial=MeasurementState.FINAL,
        widget=forms.RadioSelect,
        help_text="What the file itself calls provisional or a forecast is taken so, whatever is chosen here.",
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one."},
    )
    meta = file_field("Metadata file", "Ends in .meta.csv: it says which columns are filters.")
    guidance = file_field("Data guidance", "The text file that describes the columns, data-guidance.txt.")

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["publication"].widget.attrs["list"] = "publications"
        self.fields["edition"].widget.attrs["class"] = "govuk-input--width-10"

    def clean_file(self):
        return self._of_size("file", MOST_BYTES)

    def clean_meta(self):
        return self._of_size("meta", MOST_DESCRIPTION)

    def clean_guidance(self):
        return self._of_size("guidance", MOST_DESCRIPTION)

    def _of_size(self, name: str, most: int):
        file = self.cleaned_data.get(name)
        if file and file.size > most:
            raise ValidationError(f"{self.fields[name].label}: larger than {most // 2**20} MB.")
        return file

    def clean_published_on(self) -> date | None:
        day = self.cleaned_data["published_on"]
        if day is None:
            raise ValidationError("Give the day of publication.")
        if not EARLIEST <= day <= self.today:
            raise ValidationError("The day of publication must have passed, and be after 1989.")
        return day

    def clean(self) -> None:
        file = self.cleaned_data.get("file")
        if not self.cleaned_data.get("publication") and "publication" not in self.errors:
            known = kept_for_file(file.name) if file else ""
            if known:
                self.cleaned_data["publication"] = known
            else:
                self.add_error("publication", "Name the publication: no file of this name was brought in before.")
        if not self.cleaned_data.get("edition") and "edition" not in self.errors:
            self.add_error("edition", "Name the edition.")
        if not self.errors:
            self._agree_with_known()

    def _agree_with_known(self) -> None:
        known = self.origin.known
        if known and not known.is_day_assumed and known.published_on != self.cleaned_data["published_on"]:
            self.add_error(
                "published_on", f"{known} is known here as published on {in_words(known.published_on)}. Give that day."
            )

    @property
    def origin(self) -> Origin:
        said = self.cleaned_data
        tidied = (" ".join(said[name].split()) for name in ("publication", "edition"))
        return Origin(*tidied, said["published_on"], said["state"])


def column_choices(columns: Iterable[Column]) -> list[tuple[str, str]]:
    return [(column.name, column.title) for column in columns]


class ColumnsForm(FilledForm):
    """Which column feeds which KPI."""

    kpi = choice("Which KPI do the figures feed?", [], empty="Choose a KPI")
    column = choice("Which column holds its figures?", [], empty="Choose a column")
    numerator = choice("Numerator", [], empty="Not in this file", help_text="Of a percentage: how many.")
    denominator = choice("Denominator", [], empty="Not in this file", help_text="Of a percentage: out of how many.")

    def __init__(self, *args, kpis: Iterable[Kpi], contents: Contents, **kwargs):
        super().__init__(*args, **kwargs)
        self.kpis = {kpi.indicator.code: kpi for kpi in kpis}
        self.fields["kpi"].choices = [
            ("", "Choose a KPI"), *((code, kpi.indicator.title) for code, kpi in self.kpis.items())
        ]  # fmt: skip
        figures = column_choices(contents.figures)
        for name, empty in (("column", "Choose a column"), ("numerator", None), ("denominator", None)):
            self.fields[name].choices = [("", empty or "Not in this file"), *figures]

    def clean_kpi(self) -> Kpi:
        return self._chosen("kpi", "Choose the KPI.", self.kpis)

    def clean_column(self) -> str:
        if not self.cleaned_data["column"]:
            raise ValidationError("Choose the column.")
        return self.cleaned_data["column"]

    def _chosen(self, name: str, message: str, among: dict):
        if not self.cleaned_data[name]:
            raise ValidationError(message)
        return among[self.cleaned_data[name]]

    @property
    def series(self) -> Series:
        said = self.cleaned_data
        return Series(
            said["kpi"].indicator_id, said["column"], numerator=said["numerator"], denominator=said["denominator"]
        )


class FiltersForm(FilledForm):
    """One item of each filter, and which part of its year the file means."""

    reads_as = forms.ChoiceField(
        label="Which time is meant?",
        required=False,
        choices=list(READS_AS.items()),
        help_text="Some files write a whole year for figures of one day or term in it.",
        error_messages={"invalid_choice": "Choose one of the list."},
    )

    def __init__(self, *args, contents: Contents, series: Series, **kwargs):
        super().__init__(*args, **kwargs)
        self.series = series
        self.columns: dict[str, str] = {}
        asked = [(column, True) for column in contents.filters_beside(series.columns)]
        perhaps = [each for each in contents.perhaps_filters if each.name not in series.columns]
        for number, (column, is_needed) in enumerate([*asked, *((each, False) for each in perhaps)]):
            self._add(f"filter_{number}", column, is_needed=is_needed)
        self.order_fields([*self.columns, "reads_as"])
        self.initial.setdefault("reads_as", series.reads_as)

    def _add(self, field: str, column: Column, *, is_needed: bool) -> None:
        self.columns[field] = column.name
        kept = self.series.filters.get(column.name, "")
        self.fields[field] = forms.ChoiceField(
            label=column.title,
            required=is_needed,
            choices=[
                ("", "Choose an item" if is_needed else "Every row: it is no filter"),
                *((item, item) for item in column.items),
            ],
            initial=kept if kept in column.items else column.proposed if is_needed else "",
            error_messages={
                "required": f"Choose an item of {column.title}.",
                "invalid_choice": "Choose an item of the list.",
            },
        )
        self.fields[field].is_needed = is_needed

    @property
    def needed(self) -> list:
        return [self[name] for name in self.columns if self.fields[name].is_needed]

    @property
    def perhaps(self) -> list:
        return [self[name] for name in self.columns if not self.fields[name].is_needed]

    @property
    def chosen(self) -> Series:
        said = self.cleaned_data
        filters = {column: said[field] for field, column in self.columns.items() if said[field]}
        reads_as = said["reads_as"] or term_of(filters)
        return Series(**{**self.series.as_dict(), "filters": filters, "reads_as": reads_as})
