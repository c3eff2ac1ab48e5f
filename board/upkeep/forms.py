"""The forms in which records are kept. Messages of single fields are here; what must hold as a whole is asked of the
record itself (`strategies.keeping`)."""

import re
from collections.abc import Iterable, Mapping

from django import forms
from django.utils.text import slugify

from common.text import Keepable
from common.words import sentence_case
from people.models import Partner, User
from priorities.models import Finding
from strategies.models import Strategy
from strategies.models.plans import RESERVED_STRATEGY_SLUGS
from strategies.own_words import strand_word
from workstrands.forms import DayField, FilledForm, choice, long_text, one_line, with_role
from workstrands.models import WorkStrand

# Last parts of addresses that belong to the product itself.
RESERVED_REFS = ("add",)
RESERVED_PLANS = (*RESERVED_STRATEGY_SLUGS, "strategies")
AS_REFERENCE = re.compile(r"\w[\w .()-]*")
GONE = "What you chose is not in use any more. Choose again."


def needed(label: str, *, limit: int, help_text: str = "", missing: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        validators=[Keepable(label, limit=limit)],
        error_messages={"required": missing},
    )


def needed_text(label: str, help_text: str, *, missing: str, rows: int = 4) -> forms.CharField:
    field = long_text(label, help_text, rows=rows)
    field.required, field.error_messages = True, field.error_messages | {"required": missing}
    return field


def ticks(label: str, help_text: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, help_text=help_text, required=False, widget=forms.CheckboxSelectMultiple({"small": True}),
        error_messages={"invalid_choice": GONE},
    )  # fmt: skip


class SeenForm(FilledForm):
    """`seen` is the version of the record that the form was filled from."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)

    def clean_seen(self) -> int | None:
        seen = self.cleaned_data["seen"]
        return int(seen) if seen.isascii() and seen.isdigit() else None


class RecordForm(SeenForm):
    """The fields of one record. `offered` are the records to choose from, by field; `one` and `many` name those fields.

    `taken` are the references (or names) that others of its kind have already.
    """

    one: Mapping[str, str] = {}  # field and what no choice is called
    many: tuple[str, ...] = ()
    unique = ""
    is_taken = ""

    def __init__(
        self,
        *args,
        offered: Mapping[str, Iterable] | None = None,
        taken: Iterable[str] = (),
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.taken = {each.casefold() for each in taken}
        self.offered = {
            name: {str(record.pk): record for record in records} for name, records in (offered or {}).items()
        }
        for name, records in self.offered.items():
            choices = [(pk, _words(record)) for pk, record in records.items()]
            self.fields[name].choices = [("", self.one[name]), *choices] if name in self.one else choices
        for name in [*self.one, *self.many]:
            if name not in self.offered:
                del self.fields[name]

    def clean(self) -> None:
        given = self.cleaned_data.get(self.unique)
        if given and given.casefold() in self.taken:
            self.add_error(self.unique, self.is_taken.format(given))
        if self.unique == "ref" and given:
            self._refuse_no_address(given)

    def _refuse_no_address(self, ref: str) -> None:
        """A reference stands in addresses and in the names of files."""
        if ref.casefold() in RESERVED_REFS:
            self.add_error("ref", f"“{ref}” is part of the product’s own addresses. Choose another reference.")
        elif not AS_REFERENCE.fullmatch(ref):
            self.add_error(
                "ref",
                "Reference: use letters, numbers, full stops, hyphens and spaces, and begin with a letter or number.",
            )

    @property
    def values(self) -> dict:
        """The record's own fields, as they were given."""
        plain = {name for name in self.fields if name not in ("seen", *self.one, *self.many)}
        said = {name: self.cleaned_data[name] for name in plain}
        return said | {
            name: self.offered[name].get(self.cleaned_data[name]) for name in self.one if name in self.offered
        }

    @property
    def links(self) -> dict[str, list]:
        return {
            name: [self.offered[name][pk] for pk in self.cleaned_data[name]]
            for name in self.many
            if name in self.offered
        }


def _words(record) -> str:
    if isinstance(record, User) and record.name:  # two of one name are told apart
        return f"{record.name}, {record.email}"
    return with_role(record) if hasattr(record, "initials") else str(record)


def parent(label: str, help_text: str = "") -> forms.ChoiceField:
    return choice(label, [], empty="None", help_text=help_text, invalid=GONE)


class PlanForm(RecordForm):
    one = {"continues": "No earlier plan"}
    unique, is_taken = "title", "This area has a plan called “{}” already. Give it another title."

    title = needed("Title", limit=200, missing="Give the plan a title.")
    kind = choice("What kind of plan is it?", Strategy.Kind.choices, empty="Choose a kind")
    starts_on = DayField(label="Starts on", help_text="For example, 1 9 2026.")
    ends_on = DayField(label="Ends on", help_text="The last day on which it runs.")
    continues = parent("The plan that it carries on")
    exceptions_shown = forms.IntegerField(label="Exceptions on the board page", min_value=1, max_value=30, initial=7)
    kpis_shown = forms.IntegerField(label="KPIs on the board page", min_value=1, max_value=20, initial=8)

    def __init__(self, *args, locked: Iterable[str] = (), **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("exceptions_shown", "kpis_shown"):
            self.fields[name].widget = forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-3"})
            self.fields[name].error_messages |= dict.fromkeys(
                ("required", "invalid", "min_value", "max_value"),
                f"{self.fields[name].label}: give a whole number, one or more.",
            )
        for name in ("starts_on", "ends_on"):
            self.fields[name].error_messages["required"] = f"{self.fields[name].label}: give the day."
        for name in locked:
            del self.fields[name]

    def clean(self) -> None:
        super().clean()
        if not self.cleaned_data.get("kind") and not self.has_error("kind"):
            self.add_error("kind", "Choose what kind of plan it is.")
        starts, ends = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if starts and ends and ends <= starts:
            self.add_error("ends_on", "A plan ends after it starts.")


def whole_number(label: str, help_text: str, *, least: int, most: int) -> forms.IntegerField:
    field = forms.IntegerField(
        label=label, help_text=help_text, min_value=least, max_value=most,
        widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-3", "autocomplete": "off"}),
    )  # fmt: skip
    wrong = ("required", "invalid", "min_value", "max_value")
    field.error_messages |= dict.fromkeys(wrong, f"{label}: give a whole number from {least} to {most}.")
    return field


class ThresholdsForm(RecordForm):
    """By what the headline of a priority, a strand or the whole plan is chosen: `workstrands.rollup` has the rule."""

    fewest_live = whole_number(
        "Fewest live actions for a headline",
        "Where fewer actions are under way, the page shows counts alone and no word such as “At risk”. The usual number is 4.",
        least=1, most=100,
    )  # fmt: skip
    reported_percent = whole_number(
        "Live actions that must have a fresh update, in per cent",
        "Where fewer have, the headline is “Not enough reported”. 0 means that it never is. The usual share is 50.",
        least=0, most=100,
    )  # fmt: skip
    off_track_count = whole_number(
        "Off track: at least so many actions",
        "So many live actions must be off track, and the share below reached too. One critical action off track is always enough."
        " The usual number is 2.",
        least=1, most=100,
    )  # fmt: skip
    off_track_percent = whole_number(
        "Off track: at least this share of live actions, in per cent",
        "Both must hold before the headline says “Off track”. The usual share is 25.",
        least=1, most=100,
    )  # fmt: skip
    at_risk_percent = whole_number(
        "At risk: at least this share of live actions, in per cent",
        "Actions at risk and off track together. One off track is always enough. The usual share is 25.",
        least=1, most=100,
    )  # fmt: skip


def plan_slug(title: str, taken: Iterable[str]) -> str:
    """The part of every address that names a plan."""
    taken, base = {*taken, *RESERVED_PLANS}, slugify(title)[:50].strip("-_") or "plan"
    numbered = (base if number == 1 else f"{base}-{number}" for number in range(1, 1_000))
    return next(slug for slug in numbered if slug not in taken)


def strand_slug(name: str, taken: Iterable[str]) -> str:
    taken, base = {*taken, *RESERVED_REFS}, slugify(name)[:70].strip("-_") or "strand"
    numbered = (base if number == 1 else f"{base}-{number}" for number in range(1, 1_000))
    return next(slug for slug in numbered if slug not in taken)


class PriorityForm(RecordForm):
    many = ("sros",)
    unique, is_taken = "ref", "Another priority of this plan has, or had, the reference “{}”. Choose another."

    ref = needed("Reference", limit=20, help_text="Such as 4.", missing="Give it a reference.")
    title = needed("Title", limit=250, missing="Give it a title.")
    statement = long_text("What is promised", "As the plan words it.")
    sros = ticks("Senior responsible owners")


class StrandForm(RecordForm):
    one = {"lead": "Nobody yet"}
    unique, is_taken = "name", "This plan has “{}” already. Choose another name."

    name = needed("Name", limit=160, missing="Give it a name.")
    alias = one_line("Also called", limit=160)
    group = choice("Group", WorkStrand.Group.choices, empty="None")
    lead = choice("Lead", [], empty="Nobody yet", invalid=GONE)


class ObjectiveForm(RecordForm):
    one = {"priority": "No priority", "workstrand": "None"}
    many = ("findings",)
    unique, is_taken = "ref", "Another objective of this plan has, or had, the reference “{}”. Choose another."

    ref = needed("Reference", limit=20, help_text="Such as 4.5.", missing="Give it a reference.")
    text = needed_text("What will be achieved", "As the plan words it.", missing="Say what will be achieved.")
    priority = parent("Priority")
    workstrand = parent("Work strand")
    findings = ticks("Inspection findings it answers")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "workstrand" in self.fields:
            self.fields["workstrand"].label = sentence_case(strand_word())

    def clean(self) -> None:
        super().clean()
        places = ("priority", "workstrand")
        is_said = any(self.cleaned_data.get(name) or self.has_error(name) for name in places)
        if "priority" in self.fields and not is_said:
            self.add_error("priority", "An objective belongs to a priority, a work strand or both: choose one.")


class MeasureForm(RecordForm):
    unique, is_taken = "ref", "Another measure of this priority has, or had, the reference “{}”. Choose another."

    ref = needed("Reference", limit=20, help_text="Such as 4.2.", missing="Give it a reference.")
    text = needed_text(
        "What was promised", "What shows that the priority is reached.", missing="Say what was promised."
    )


class LeadForm(RecordForm):
    one = {"partner": "None", "user": "Nobody signs in as this lead"}
    name = needed("Name or post", limit=120, missing="Give the name or the post.")
    initials = one_line("Initials", limit=8, help_text="As plans print them beside actions.")
    role = one_line("Role", limit=160)
    partner = choice("Belongs to", [], empty="None", invalid=GONE)
    email = forms.EmailField(
        label="Email address", required=False, help_text="Reminders go there.",
        error_messages={"invalid": "Write an email address, such as name@example.org."},
    )  # fmt: skip
    user = choice(
        "Who signs in as this lead", [], empty="Nobody signs in as this lead",
        invalid="Choose somebody who is a member of this area.",
        help_text="They may report on the actions of this lead and enter the figures of its KPIs. Members of this area are offered.",
    )  # fmt: skip


class PartnerForm(RecordForm):
    one = {"successor": "None: it works on"}
    unique, is_taken = "name", "“{}” is recorded already."

    name = needed("Name", limit=160, missing="Give the name.")
    sector = choice("Sector", Partner.Sector.choices, empty="Choose a sector")
    successor = choice(
        "Who took over its work", [], empty="None: it works on", invalid=GONE,
        help_text="Where it has been merged or renamed. It is kept in what was written under its name.",
    )  # fmt: skip

    def clean(self) -> None:
        super().clean()
        if not self.cleaned_data.get("sector") and not self.has_error("sector"):
            self.add_error("sector", "Choose the sector.")


class InspectionForm(RecordForm):
    inspected_from = DayField(label="First day", help_text="For example, 23 9 2024.")
    inspected_to = DayField(label="Last day")
    inspectorates = needed("Inspectorates", limit=120, missing="Say who inspected.")
    outcome = long_text("Outcome", "In the inspectors’ words.")
    next_due_by = DayField(label="The next one is due by", required=False)
    is_second_hand = forms.BooleanField(label="It is known only from another document", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("inspected_from", "inspected_to"):
            self.fields[name].error_messages["required"] = f"{self.fields[name].label}: give the day."

    def clean(self) -> None:
        super().clean()
        first, last = self.cleaned_data.get("inspected_from"), self.cleaned_data.get("inspected_to")
        if first and last and last < first:
            self.add_error("inspected_to", "An inspection ends on or after the day it starts.")


class FindingForm(RecordForm):
    one = {"parent": "It stands on its own"}
    unique, is_taken = "ref", "Another finding of this inspection has, or had, the reference “{}”. Choose another."

    ref = needed("Reference", limit=20, help_text="Such as AFI 2.", missing="Give it a reference.")
    kind = choice("What kind of finding is it?", Finding.Kind.choices, empty="Choose a kind")
    text = needed_text("What was found", "In the inspectors’ words.", missing="Say what was found.")
    owner_text = one_line("Who is to act, in the inspectors’ words", limit=200)
    parent = choice("Part of", [], empty="It stands on its own", invalid=GONE)

    def clean(self) -> None:
        super().clean()
        if not self.cleaned_data.get("kind") and not self.has_error("kind"):
            self.add_error("kind", "Choose what kind of finding it is.")


class RetireForm(SeenForm):
    """`seen_below` says what of it was shown to hang on the record."""

    seen_below = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200_000)
    because = needed_text(
        "Why is it retired?",
        "It is printed on its page, for whoever looks for it.",
        rows=3,
        missing="Say why it is retired.",
    )
    below = forms.BooleanField(label="Retire what hangs on it too, for the same reason", required=False)


class MergeForm(SeenForm):
    into = forms.ChoiceField(
        label="Merge it into", error_messages={"required": "Choose what it is merged into.", "invalid_choice": GONE}
    )

    def __init__(self, *args, others: Iterable, **kwargs):
        super().__init__(*args, **kwargs)
        self.others = {str(other.pk): other for other in others}
        self.fields["into"].choices = [("", "Choose one"), *((pk, str(other)) for pk, other in self.others.items())]

    @property
    def chosen(self):
        return self.others[self.cleaned_data["into"]]


class OrderForm(FilledForm):
    """`seen` says in which order the neighbours were shown."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200_000)
    after = forms.ChoiceField(
        label="Put it", error_messages={"required": "Choose where it goes.", "invalid_choice": GONE}
    )

    def __init__(self, *args, others: Iterable, **kwargs):
        super().__init__(*args, **kwargs)
        self.others = {str(other.pk): other for other in others}
        self.fields["after"].choices = [
            ("first", "First"), *((pk, f"After {_short(other)}") for pk, other in self.others.items())
        ]  # fmt: skip

    @property
    def chosen(self):
        return self.others.get(self.cleaned_data["after"])


def _short(record) -> str:
    words = str(record)
    return words if len(words) <= 90 else f"{words[:89]}…"


class MoveForm(SeenForm):
    priority = parent("Priority")
    workstrand = parent("Work strand")
    ref = one_line(
        "Its reference there",
        limit=20,
        help_text="The objective is made anew there. Its earlier reference stays with the earlier place.",
    )

    def __init__(self, *args, priorities: Iterable, strands: Iterable, **kwargs):
        super().__init__(*args, **kwargs)
        self.offered = {
            "priority": {str(record.pk): record for record in priorities},
            "workstrand": {str(record.pk): record for record in strands},
        }
        for name, records in self.offered.items():
            self.fields[name].choices = [("", "None"), *((pk, str(record)) for pk, record in records.items())]
        self.fields["workstrand"].label = sentence_case(strand_word())

    def clean(self) -> None:
        if not (self.cleaned_data.get("priority") or self.cleaned_data.get("workstrand")) and not self.errors:
            self.add_error("priority", "Choose a priority, a work strand or both.")

    @property
    def where(self) -> dict:
        return {name: records.get(self.cleaned_data[name]) for name, records in self.offered.items()}


class SplitForm(SeenForm):
    text = needed_text("The second objective", "What will be achieved.", missing="Say what the second objective is.")
    ref = one_line("Its reference", limit=20)
    actions = ticks("Actions that go to it")

    def __init__(self, *args, actions: Iterable, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["actions"].choices = [(str(action.pk), str(action)) for action in actions]
        if not self.fields["actions"].choices:
            del self.fields["actions"]

    @property
    def action_ids(self) -> set[int]:
        return {int(pk) for pk in self.cleaned_data.get("actions", ())}
