"""The rows in which officers fill in what a plan still needs, and the form that baselines it.

What a plan needs is asked of `planning`.
"""

from dataclasses import dataclass

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from common.dates import in_words
from people.models import Lead
from workstrands.forms.days import DayField, ShortDayField
from workstrands.forms.fields import FilledForm, choice, one_line, with_role
from workstrands.planning import ActionNeeds, KpiNeeds, name_lead

NEW_LEADS = 3


@dataclass(frozen=True, slots=True)
class Choices:
    """Who can be chosen on every row of a page: read once, not once a row."""

    leads: dict[str, Lead]
    partners: dict[str, object]
    others: dict[str, str]  # names of leads who stand in places, and are not offered
    other_partners: dict[str, str]
    real: frozenset[str]  # of the others, those whom this sign-in may not replace

    def new_leads(self) -> list[tuple[str, str]]:
        return [(f"new{number}", f"New lead {number}, named above") for number in range(1, NEW_LEADS + 1)]

    def lead_choices(self) -> list[tuple[str, str]]:
        return [
            *((pk, with_role(lead)) for pk, lead in self.leads.items()),
            *self.new_leads(),
        ]

    def name_of(self, lead: str) -> str:
        return str(self.leads.get(lead) or self.others.get(lead, ""))

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

    kept_lead = ""  # what stands in place of the choice, where a lead cannot be changed
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

    def offer(self, name: str, choices: list[tuple[str, str]], *, stands: str, others: dict[str, str]) -> None:
        """Whoever stands and is not among the choices is named in place of "Not chosen"; left so, they stay."""
        self.fields[name].choices = [("", others.get(stands, "Not chosen")), *choices]

    def offer_leads(self, name: str, *, stands: str) -> None:
        self.offer(name, self.choices.lead_choices(), stands=stands, others=self.choices.others)
        if stands in self.choices.real:
            self.kept_lead = f"{self.choices.others[stands]}. An illustrative sign-in cannot change this."

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
        self.offer_leads("lead", stands=initial["lead"])
        self.offer("partner", choices.partner_choices(), stands=initial["partner"], others=choices.other_partners)

    @property
    def stands(self) -> str:
        lead = self.choices.name_of(str(self.action.standing_lead or ""))
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
        self.offer_leads("owner", stands=initial["owner"])
        self.fields["tolerance"].error_messages["min_value"] = "Tolerance: zero or more."
        self.fields["tolerance"].validators[0].message = "Tolerance: zero or more."

    @property
    def stands(self) -> str:
        owner = self.choices.name_of(str(self.kpi.owner_id or ""))
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
