"""The forms of evidence: what narrows the table, and a piece that is added to an update later."""

from collections.abc import Callable
from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from board.evidence_held import Held
from kpis.models import Kpi
from priorities.models import Finding, Priority
from strategies.models import Area, Strategy
from workstrands.evidence import dated_problem
from workstrands.forms import DayField, FilledForm, choice, long_text, one_line
from workstrands.forms.fields import WebAddressField
from workstrands.forms.files import EvidenceFileField
from workstrands.models import Action, Evidence
from workstrands.status import EvidenceKind

AGES: dict[str, Callable[[Held], bool]] = {
    "old": lambda row: row.is_old and not row.is_withheld,
    "recent": lambda row: row.day is not None and not row.is_old and not row.is_withheld,
    "undated": lambda row: row.day is None and not row.is_withheld,
}
AGE_WORDS = [("old", "Older than twelve months"), ("recent", "Of the last twelve months"), ("undated", "Not dated")]
FORMS = [("file", "Files"), ("link", "Web addresses"), ("named", "Named only"), ("withheld", "Withheld")]
OF_ONE = ("action", "kpi", "finding")  # given by the page one comes from


class EvidenceFilterForm(forms.Form):
    """Pages lead here with some of these, so their names stay."""

    kind = choice("Kind", EvidenceKind.choices, empty="All", invalid="There is no such kind. Choose one of the list.")
    priority = choice("Priority", [], empty="All", invalid="There is no such priority. Choose one of the list.")
    age = choice("Age", AGE_WORDS, empty="All", invalid="Age takes old, recent or undated.")
    held_as = choice("Held as", FORMS, empty="All", invalid="Held as takes file, link, named or withheld.")
    action = forms.CharField(label="Action", required=False, widget=forms.HiddenInput)
    kpi = forms.CharField(label="KPI", required=False, widget=forms.HiddenInput)
    finding = forms.CharField(label="Inspection finding", required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, area: Area):
        super().__init__(data, label_suffix="")
        self.area, self.found = area, {}
        priorities = (
            Priority.objects.filter(strategy__area=area, strategy__state=Strategy.State.PUBLISHED)
            .select_related("strategy")
            .order_by("-strategy__starts_on", "position", "pk")
        )
        self.fields["priority"].choices = [
            ("", "All"), *((f"{one.strategy.slug}:{one.ref}", f"{one.ref} {one.title} ({one.strategy.title})") for one in priorities),
        ]  # fmt: skip

    def clean_action(self):
        return self._one("action", Action.objects.filter(area=self.area, key=self.cleaned_data["action"]))

    def clean_kpi(self):
        kpis = Kpi.objects.filter(area=self.area, indicator__code=self.cleaned_data["kpi"])
        return self._one("kpi", kpis.select_related("indicator"))

    def clean_finding(self):
        """By the last day of its inspection and its reference: 2024-09-27-A1."""
        said = self.cleaned_data["finding"]
        try:
            day = date.fromisoformat(said[:10]) if said else None
        except ValueError:
            day = None
        return self._one(
            "finding",
            Finding.objects.filter(inspection__area=self.area, inspection__inspected_to=day, ref=said[11:]),
        )

    def _one(self, name: str, records) -> str:
        said = self.cleaned_data[name]
        if not said:
            return ""
        self.found[name] = records.first()
        if self.found[name] is None:
            raise ValidationError(f"There is no such {self.fields[name].label.lower()} here. Clear the filters.")
        return said

    @property
    def unknown_names(self) -> list[str]:
        known = {*self.fields, "sort", "page", "as_at", "_export"}
        return sorted(name[:40] for name in self.data if name not in known)

    @property
    def lookups(self) -> dict:
        """What the database narrows by."""
        ways = {"action": "update__action", "kpi": "update__action__kpis", "finding": "finding"}
        asked = {ways[name]: record for name, record in self.found.items()}
        return asked | ({"kind": self.cleaned_data["kind"]} if self.cleaned_data["kind"] else {})

    def keeps(self, row: Held) -> bool:
        asked = self.cleaned_data
        place = f"{row.priority.strategy.slug}:{row.priority.ref}" if row.priority else ""
        return (
            (not asked["priority"] or asked["priority"] == place)
            and (not asked["age"] or AGES[asked["age"]](row))
            and (not asked["held_as"] or asked["held_as"] == row.held_as)
        )

    def in_words(self) -> list[tuple[str, str]]:
        if not self.is_valid():
            return []
        chosen = [
            (str(self.fields[name].label), str(dict(self.fields[name].choices)[value]))
            for name, value in self.cleaned_data.items()
            if value and name not in OF_ONE
        ]
        return [(str(self.fields[name].label), _called(record)) for name, record in self.found.items()] + chosen


def _called(record: Action | Kpi | Finding) -> str:
    if isinstance(record, Kpi):
        return record.indicator.title
    return f"{record.ref} {record.title if isinstance(record, Action) else record.text}"


class EvidenceForm(FilledForm):
    """One more piece for an update: a web address or a file."""

    title = one_line("Title", limit=200, help_text="What it is, so that others find it.")
    kind = choice("Kind", EvidenceKind.choices, empty="Choose a kind")
    url = WebAddressField(
        label="Web address",
        required=False,
        max_length=Evidence._meta.get_field("url").max_length,
        error_messages={"max_length": "The web address may have 500 characters at most."},
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "off"}),
    )
    file = EvidenceFileField(label="Or a file")
    dated_on = DayField(
        label="Date of the evidence",
        help_text="The day that stands on it, for example 31 3 2026. Left out, it counts as of the day of the update.",
        required=False,
    )

    def __init__(self, *args, on: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.on = on

    def clean_title(self) -> str:
        if not self.cleaned_data["title"]:
            raise ValidationError("Give it a title.")
        return self.cleaned_data["title"]

    def clean_kind(self) -> str:
        if not self.cleaned_data["kind"]:
            raise ValidationError("Choose the kind of evidence.")
        return self.cleaned_data["kind"]

    def clean_dated_on(self) -> date | None:
        problem = dated_problem(self.cleaned_data["dated_on"], on=self.on)
        if problem:
            raise ValidationError(problem)
        return self.cleaned_data["dated_on"]

    def clean(self) -> None:
        url, file = self.cleaned_data.get("url"), self.cleaned_data.get("file")
        if url and file:
            self.add_error("file", "Give a web address or a file: each is a piece of evidence of its own.")
        elif not url and not file and not self.has_error("url") and not self.has_error("file"):
            self.add_error("url", "Give a web address, or choose a file.")

    @property
    def has_lost_files(self) -> bool:
        return bool(self.files)

    @property
    def said(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("title", "kind", "dated_on")}


SURE = "Yes, erase it for good: nobody can bring it back"


class WithholdForm(FilledForm):
    """Why a piece is withheld, and whether its file goes as well (`may_erase`: it has one, and this person may)."""

    because = long_text(
        "Why it is withheld", "Shown beside its title. Leave out names and whatever must not be read.", rows=2
    )
    erasing = forms.BooleanField(
        label="Also erase the file from the store",
        help_text="For a file with personal data. The record stays, its content goes.",
        required=False,
    )
    sure = forms.BooleanField(label=SURE, required=False)

    def __init__(self, *args, may_erase: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not may_erase:
            del self.fields["erasing"], self.fields["sure"]

    def clean_because(self) -> str:
        if not self.cleaned_data["because"].strip():
            raise ValidationError("Say why it is withheld.")
        return self.cleaned_data["because"]

    def clean(self) -> None:
        erasing, sure = self.cleaned_data.get("erasing"), self.cleaned_data.get("sure")
        if erasing and not sure:
            self.add_error("sure", "Tick this as well to erase the file for good, or untick the box above.")
        elif sure and not erasing:
            self.add_error("erasing", "Tick this if the file is to be erased, or untick the box below.")

    @property
    def said(self) -> dict:
        return {"because": self.cleaned_data["because"], "erasing": self.cleaned_data.get("erasing", False)}


class EraseForm(FilledForm):
    sure = forms.BooleanField(
        label=SURE, error_messages={"required": "Tick this to erase the file for good, or cancel."}
    )
