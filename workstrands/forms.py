"""The forms in which people say how an action is going, and what a plan still needs.

A field's own message is here; what a report must say beside is asked of `reporting.what_is_missing`, and what a plan
needs of `planning`. Nothing that was typed is dropped: texts are kept as sent until they can be stored.
"""

from dataclasses import dataclass
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.forms.utils import ErrorDict, flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from common.dates import MONTHS, in_words
from common.templatetags.marks import form_errors, status_tag
from common.text import Keepable
from people.models import Lead
from workstrands.models import ProgressUpdate
from workstrands.planning import ActionNeeds, KpiNeeds, name_lead
from workstrands.reporting import refuse_incomplete
from workstrands.status import Cause, EscalateTo, EvidenceKind, Impact, Status

FIRST_YEAR, LAST_YEAR = 1990, 2100
EVIDENCE_ROWS = 2
NEW_LEADS = 3


# Days


def day_from(day: str, month: str, year: str, *, name: str) -> date:
    """The day that three typed parts mean; a `ValidationError` naming the field and what is wrong with it."""
    day, month, year = day.strip(), month.strip(), year.strip()
    absent = [word for word, part in (("day", day), ("month", month), ("year", year)) if not part]
    if absent:
        raise ValidationError(f"{name} needs a {' and a '.join(absent)}.", code="incomplete")
    number = _month_number(month)
    if not (_is_number(day) and number and _is_number(year)):
        raise ValidationError(f"{name}: write the day in numbers, such as 31 3 2027.", code="invalid")
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise ValidationError(f"{name}: give the year in four figures, {FIRST_YEAR} to {LAST_YEAR}.", code="invalid")
    try:
        return date(int(year), number, int(day))
    except ValueError:
        said = f"{int(day)} {MONTHS[number - 1]} {year}" if number <= 12 else f"month {number}"
        raise ValidationError(f"{name}: there is no {said}. Choose a real day.", code="invalid") from None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4


def _month_number(text: str) -> int:
    """3 for "3", "03", "Mar" and "March"; 0 for what is no month at all."""
    if _is_number(text):
        return int(text)
    found = [
        at for at, month in enumerate(MONTHS, start=1) if len(text) >= 3 and month.lower().startswith(text.lower())
    ]
    return found[0] if found else 0


class DayWidget(forms.MultiWidget):
    """Day, month and year as three short boxes."""

    template_name = "components/date_input.html"

    def __init__(self, attrs=None):
        boxes = [
            forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "class": f"govuk-input--width-{width}"})
            for width in (2, 2, 4)
        ]
        super().__init__(boxes, attrs)

    def decompress(self, value: date | None) -> list[str]:
        return [str(value.day), str(value.month), str(value.year)] if value else ["", "", ""]


class DayField(forms.Field):
    """A day in three boxes, as the GOV.UK date input asks for it."""

    widget = DayWidget

    def to_python(self, value) -> date | None:
        if not value or not any(part and part.strip() for part in value):
            return None
        return day_from(*(part or "" for part in value), name=self.label)


class ShortDayField(forms.Field):
    """A day in one box, for tables: 31 10 2026, 31/10/2026, 31 October 2026 or 2026-10-31."""

    widget = forms.TextInput

    def to_python(self, value) -> date | None:
        if not value or not value.strip():
            return None
        parts = [part for part in value.replace("/", " ").replace("-", " ").replace(".", " ").split(" ") if part]
        if len(parts) == 3 and len(parts[0]) == 4 and _is_number(parts[0]):
            parts.reverse()
        if len(parts) != 3:
            raise ValidationError(f"{self.label}: write day, month and year, such as 31 10 2027.", code="invalid")
        return day_from(*parts, name=self.label)

    def prepare_value(self, value):
        return in_words(value) if isinstance(value, date) else value


# How an action is going


class FilledForm(forms.Form):
    """A form that can show what was typed before anybody judges it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)

    def unjudged(self):
        """Filled, without messages: for a form that comes back from a parking or a conflict."""
        self._errors = ErrorDict()
        self.cleaned_data = {}
        return self

    def accuse(self, error: ValidationError) -> None:
        """Put the messages of a rule by their fields; those of no field of this form stand above."""
        if not hasattr(error, "error_dict"):
            return self.add_error(None, error)
        for field, messages in error.error_dict.items():
            if field in self.fields:
                if not self.has_error(field):
                    self.add_error(field, messages)
            else:
                self.add_error(None, messages)
        return None

    @property
    def summary(self) -> list[tuple[str, str]]:
        """(address on the page, message) of each message, in the order of the fields: the error summary."""
        return form_errors(self)


def long_text(label: str, help_text: str, *, rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        strip=False,
        validators=[Keepable(label)],
        widget=forms.Textarea({"rows": rows}),
    )


def one_line(label: str, *, limit: int, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        validators=[Keepable(label, limit=limit)],
    )


def choice(
    label: str, choices, *, empty: str, help_text: str = "", invalid: str = "Choose one of the list."
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        required=False,
        choices=[("", empty), *choices],
        error_messages={"invalid_choice": invalid},
    )


def with_role(lead: Lead) -> str:
    """A name with its role, where that is not the name already."""
    return f"{lead}, {lead.role}" if lead.role and lead.role != lead.name else str(lead)


STATUS_MEANS = {
    Status.NOT_STARTED: "The start date is not reached.",
    Status.ON_TRACK: "Milestones are met; nothing threatens the date or the result.",
    Status.AT_RISK: "There is slippage or an issue. Say why, and what happens next.",
    Status.OFF_TRACK: "The date or the result will be missed. Say why, what happens next and who needs to act.",
    Status.COMPLETE: "It is done. Give evidence.",
}


def reportable_statuses() -> list[tuple[str, str]]:
    """Each with its letter, shape, word and meaning."""
    meaning = '{}<span class="st-reason">{}</span>'
    return [
        (status.value, format_html(meaning, status_tag(status.value, status.label), STATUS_MEANS[status]))
        for status in Status.reportable()
    ]


class UpdateForm(FilledForm):
    """One report. `leads` are those on whose behalf an officer may report; empty for everybody else."""

    seen_number = forms.IntegerField(widget=forms.HiddenInput, required=False)
    status = forms.ChoiceField(
        label="How is it going?",
        choices=reportable_statuses,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how the action is going.",
            "invalid_choice": "Choose how the action is going.",
        },
    )
    narrative = long_text("What has been done", "What was done since the last update, in plain words.", rows=6)
    cause = choice(
        "Main cause", Cause.choices, empty="Choose a cause", help_text="Asked for when at risk or off track."
    )
    next_steps = long_text("What happens next", "Who does what by when. Asked for when at risk or off track.")
    escalate_to = choice(
        "Who needs to act", EscalateTo.choices, empty="Choose who", help_text="Asked for when off track."
    )
    ask = long_text(
        "What the Board is asked to do", "Asked for when it is off track and the Board needs to act.", rows=3
    )
    needed_by = DayField(
        label="Answer needed by", help_text="For example, 31 3 2027. Asked for when the Board is asked.", required=False
    )
    impact = choice(
        "Has it changed anything for children and families?",
        Impact.choices,
        empty="Not said",
        help_text="The impact is said apart from how far the work is.",
    )
    difference_made = long_text(
        "What difference it has made", "What children, young people and families would notice.", rows=3
    )

    def __init__(self, *args, leads: list[Lead] = (), **kwargs):
        super().__init__(*args, **kwargs)
        self.leads = {str(lead.pk): lead for lead in leads}
        for row in range(1, EVIDENCE_ROWS + 1):
            self.fields.update(_evidence_fields(row))
        if self.leads:
            self.fields["on_behalf_of"] = choice(
                "Whose report is this?",
                [(pk, f"On behalf of {with_role(lead)}") for pk, lead in self.leads.items()],
                empty="Mine, as an officer",
                help_text="The page and the record will say that you reported on their behalf.",
                invalid="Choose a lead of this action.",
            )

    def clean_seen_number(self) -> int:
        return self.cleaned_data["seen_number"] or 0

    def clean(self) -> None:
        for row in range(1, EVIDENCE_ROWS + 1):
            self._clean_evidence(row)

    def _clean_evidence(self, row: int) -> None:
        title, kind, url = (self.cleaned_data.get(f"evidence_{row}_{part}") for part in ("title", "kind", "url"))
        typed = f"evidence_{row}_title" in self.errors or f"evidence_{row}_url" in self.errors
        if not (title or kind or url or typed):
            return
        if not title and not self.has_error(f"evidence_{row}_title"):
            self.add_error(f"evidence_{row}_title", f"Give evidence {row} a title.")
        if not kind and not self.has_error(f"evidence_{row}_kind"):
            self.add_error(f"evidence_{row}_kind", f"Choose the kind of evidence {row}.")

    def accuse(self, error: ValidationError) -> None:
        """What is said of evidence as a whole stands by its first title, unless a piece has its own message already."""
        of_evidence = getattr(error, "error_dict", {}).pop("evidence", None)
        if of_evidence and not any(name.startswith("evidence_") for name in self.errors):
            error.error_dict["evidence_1_title"] = of_evidence
        super().accuse(error)

    def refuse_incomplete(self, action, *, on: date) -> None:
        """What the report lacks as a whole, said at once with the messages of single fields."""
        if "status" not in self.cleaned_data:
            return
        said = {name: value for name, value in self.report.items() if name != "evidence"}
        refuse_incomplete(ProgressUpdate(action=action, **said), self.evidence, on=on)

    @property
    def evidence(self) -> list[tuple[str, str, str]]:
        rows = [[self.cleaned_data.get(f"evidence_{row}_{part}", "") for part in ("title", "kind", "url")]
                for row in range(1, EVIDENCE_ROWS + 1)]  # fmt: skip
        return [(title, kind, url) for title, kind, url in rows if title or kind or url]

    @property
    def report(self) -> dict:
        """What `report_progress` takes, so far as it could be read."""
        names = ["status", "narrative", "cause", "next_steps", "escalate_to", "ask", "impact", "difference_made"]
        said = {name: self.cleaned_data.get(name, "") for name in names}
        return {
            **said,
            "needed_by": self.cleaned_data.get("needed_by"),
            "evidence": self.evidence,
            "on_behalf_of": self.leads.get(self.cleaned_data.get("on_behalf_of", "")),
        }

    @property
    def evidence_rows(self) -> list[tuple[int, list[forms.BoundField]]]:
        return [
            (row, [self[f"evidence_{row}_{part}"] for part in ("title", "kind", "url")])
            for row in range(1, EVIDENCE_ROWS + 1)
        ]


def _evidence_fields(row: int) -> dict[str, forms.Field]:
    return {
        f"evidence_{row}_title": one_line("Title", limit=200),
        f"evidence_{row}_kind": choice("Kind", EvidenceKind.choices, empty="Choose a kind"),
        f"evidence_{row}_url": WebAddressField(
            label="Web address, where it has one",
            required=False,
            max_length=500,
            error_messages={"max_length": "The web address may have 500 characters at most."},
            widget=forms.TextInput({"inputmode": "url", "autocomplete": "off"}),
        ),
    }


class WebAddressField(forms.CharField):
    """An address of the web only: http or https, so that no link runs anything."""

    default_validators = (
        URLValidator(["http", "https"], message="Write the whole address, such as https://www.example.org/report."),
    )


# What a plan needs


@dataclass(frozen=True, slots=True)
class Choices:
    """Who can be chosen on every row of a page: read once, not once a row."""

    leads: dict[str, Lead]
    partners: dict[str, object]

    def new_leads(self) -> list[tuple[str, str]]:
        return [(f"new{number}", f"New lead {number}, named above") for number in range(1, NEW_LEADS + 1)]

    def lead_choices(self) -> list[tuple[str, str]]:
        return [
            *((pk, with_role(lead)) for pk, lead in self.leads.items()),
            *self.new_leads(),
        ]

    def partner_choices(self) -> list[tuple[str, str]]:
        return [(pk, str(partner)) for pk, partner in self.partners.items()]


class NewLeadForm(FilledForm):
    name = one_line("Name or post", limit=120)
    role = one_line("Role", limit=160)

    def __init__(self, *args, number: int, kind: str, **kwargs):
        super().__init__(*args, prefix=f"{kind}-new{number}", **kwargs)
        self.number = number
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"New lead {number}: {field.label.lower()}"

    @property
    def is_named(self) -> bool:
        return self.is_bound and bool(self["name"].value() and self["name"].value().strip())

    def clean(self) -> None:
        if self.cleaned_data.get("role") and not self.cleaned_data.get("name") and not self.has_error("name"):
            self.add_error("name", f"New lead {self.number} needs a name or post.")

    def name_lead(self, area, *, by) -> Lead:
        return name_lead(area, name=self.cleaned_data["name"], role=self.cleaned_data["role"], by=by)


class RowForm(FilledForm):
    """One row of a table of records. `seen` says what the row showed when it was opened."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def __init__(self, *args, choices: Choices, name: str, now_seen: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.choices = choices
        self.name = name
        self.now_seen = now_seen
        for field in self.fields.values():
            if field.label:
                field.widget.attrs["aria-label"] = f"{name}: {field.label.lower()}"

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Above a page of rows a message says which row it is about."""
        return [
            (address, message if self.name in message else f"{self.name}: {message}")
            for address, message in super().summary
        ]

    def refuse_what_moved(self, wanted: bool) -> None:
        """Somebody else changed the record since the page was opened, and this row would change it too."""
        if wanted and self.cleaned_data.get("seen") != self.now_seen:
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = self.now_seen
            self.add_error(
                None, f"{self.name} was changed by somebody else meanwhile: {self.stands}. Save again to change it."
            )

    def lead_named(self, field: str, new_leads: set[str]) -> str:
        """The chosen lead as its choice: a lead there is, or one that is named above; empty for none."""
        chosen = self.cleaned_data.get(field, "")
        if chosen.startswith("new") and chosen not in new_leads:
            self.add_error(field, f"{self.name}: name new lead {chosen.removeprefix('new')} above the table first.")
        return chosen


class QuickSelect(forms.Select):
    """A select whose options are written at once: a page of rows has thousands of them."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = str(value or "")
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, mark_safe(" selected") if key == chosen else "", word) for key, word in self.choices),
        )
        attributes = flatatt({**self.build_attrs(self.attrs, attrs), "name": name, "class": "govuk-select"})
        return format_html("<select{}>{}</select>", attributes, options)


def small_choice(label: str) -> forms.ChoiceField:
    field = choice(label, [], empty="Not chosen")
    field.widget = QuickSelect()
    return field


def small_day(label: str) -> ShortDayField:
    return ShortDayField(label=label, required=False, widget=forms.TextInput({"autocomplete": "off"}))


def small_number(label: str, **bounds) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        max_digits=18,
        decimal_places=6,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": f"{label}: write a number, such as 92.5."},
        **bounds,
    )


class ActionRowForm(RowForm):
    lead = small_choice("Lead")
    partner = small_choice("Partner")
    starts_on = small_day("Start")
    due_on = small_day("Due date")

    def __init__(self, *args, record, choices: Choices, new_leads: set[str], **kwargs):
        self.action = action = record
        self.new_leads = new_leads
        seen = f"{action.placed_no}.{action.dated_no}.{action.partner_id or ''}.{action.starts_on or ''}"
        initial = {
            "seen": seen,
            "lead": str(action.standing_lead or ""),
            "partner": str(action.partner_id or ""),
            "starts_on": action.starts_on,
            "due_on": action.standing_due_on,
        }
        super().__init__(
            *args,
            choices=choices,
            name=f"Action {action.ref}",
            now_seen=seen,
            initial=initial,
            prefix=f"a-{action.key}",
            **kwargs,
        )
        self.fields["lead"].choices = [("", "Not chosen"), *choices.lead_choices()]
        self.fields["partner"].choices = [("", "Not chosen"), *choices.partner_choices()]

    @property
    def stands(self) -> str:
        lead = self.choices.leads.get(str(self.action.standing_lead or ""))
        return f"lead {lead or 'none'}, due {in_words(self.action.standing_due_on) or 'on no date'}"

    def clean(self) -> None:
        chosen = self.lead_named("lead", self.new_leads)
        self.changed = {
            name: value
            for name, value, stands in (
                ("lead", chosen, str(self.action.standing_lead or "")),
                ("partner", self.cleaned_data.get("partner"), str(self.action.partner_id or "")),
                ("starts_on", self.cleaned_data.get("starts_on"), self.action.starts_on),
                ("due_on", self.cleaned_data.get("due_on"), self.action.standing_due_on),
            )
            if value and value != stands
        }
        self.refuse_what_moved(bool(self.changed))
        self._refuse_dates_out_of_order()

    def _refuse_dates_out_of_order(self) -> None:
        plan = self.action.strategy
        starts_on = self.cleaned_data.get("starts_on") or self.action.starts_on or plan.starts_on
        due_on = self.cleaned_data.get("due_on") or self.action.standing_due_on
        if due_on and due_on < starts_on and ("due_on" in self.changed or "starts_on" in self.changed):
            self.add_error("due_on", f"{self.name} is due on or after the day it starts, {in_words(starts_on)}.")

    def needs(self, leads: dict[str, Lead]) -> ActionNeeds | None:
        """What `set_up_actions` takes; none where the row changes nothing."""
        if not self.changed:
            return None
        return ActionNeeds(
            self.action,
            lead=leads.get(self.changed.get("lead", "")),
            partner=self.choices.partners.get(self.changed.get("partner", "")),
            due_on=self.changed.get("due_on"),
            starts_on=self.changed.get("starts_on"),
        )


class KpiRowForm(RowForm):
    owner = small_choice("Owner")
    target = small_number("Target")
    target_from = small_day("Target holds from")
    tolerance = small_number("Tolerance", min_value=0)

    def __init__(self, *args, record, choices: Choices, new_leads: set[str], **kwargs):
        self.kpi = kpi = record
        self.new_leads = new_leads
        seen = f"{kpi.owner_id or ''}.{_plain(kpi.tolerance)}.{kpi.target_no}"
        initial = {
            "seen": seen,
            "owner": str(kpi.owner_id or ""),
            "tolerance": _plain(kpi.tolerance),
            "target": _plain(kpi.target_value),
            "target_from": kpi.target_from,
        }
        super().__init__(
            *args,
            choices=choices,
            name=str(kpi),
            now_seen=seen,
            initial=initial,
            prefix=f"k-{kpi.indicator.code}",
            **kwargs,
        )
        self.fields["owner"].choices = [("", "Not chosen"), *choices.lead_choices()]
        self.fields["tolerance"].error_messages["min_value"] = "Tolerance: zero or more."
        self.fields["tolerance"].validators[0].message = "Tolerance: zero or more."

    @property
    def stands(self) -> str:
        owner = self.choices.leads.get(str(self.kpi.owner_id or ""))
        return f"owner {owner or 'none'}, target {_plain(self.kpi.target_value) or 'none'}"

    def clean(self) -> None:
        target, since = self.cleaned_data.get("target"), self.cleaned_data.get("target_from")
        owner, tolerance = self.lead_named("owner", self.new_leads), self.cleaned_data.get("tolerance")
        self.changed = {}
        if owner and owner != str(self.kpi.owner_id or ""):
            self.changed["owner"] = owner
        if tolerance is not None and tolerance != self.kpi.tolerance:
            self.changed["tolerance"] = tolerance
        if target is not None and (target, since) != (self.kpi.target_value, self.kpi.target_from):
            self.changed["target"] = target
            if since is None and not self.has_error("target_from"):
                self.add_error("target_from", f"{self.name}: say from which day the target holds.")
        elif target is None and since and not self.has_error("target") and since != self.kpi.target_from:
            self.add_error("target", f"{self.name}: give the target itself.")
        self.refuse_what_moved(bool(self.changed))

    def needs(self, leads: dict[str, Lead]) -> KpiNeeds | None:
        """What `set_up_kpis` takes; none where the row changes nothing."""
        if not self.changed:
            return None
        return KpiNeeds(
            self.kpi,
            owner=leads.get(self.changed.get("owner", "")),
            tolerance=self.changed.get("tolerance"),
            target=self.changed.get("target"),
            target_from=self.cleaned_data.get("target_from") if "target" in self.changed else None,
        )


def _plain(value) -> str:
    """92.5 rather than 92.500000; empty for none."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class BaselineForm(FilledForm):
    baselined_on = DayField(
        label="Hold this plan to its dates from",
        help_text="For example, 1 4 2026. The first day of the plan, or any later day that has come.",
        error_messages={"required": "Give the day from which the plan is held to its dates."},
    )
    is_confirmed = forms.BooleanField(
        label="From that day, what is late, silent or without a lead is flagged to the Board",
        error_messages={"required": "Tick the box to confirm that flags start."},
    )
