"""The forms by which officers keep actions, and by which a lead proposes a date. Their rules are `workstrands.upkeep`'s."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django import forms
from django.core.exceptions import ValidationError

from common.text import Keepable
from kpis.models import Kpi
from people.models import Lead, Partner
from priorities.models import Priority
from strategies.models import Strategy
from workstrands.forms import DayField, FilledForm, choice, long_text, one_line, with_role
from workstrands.models import Action, Milestone, Objective, WorkStrand
from workstrands.status import DeadlineState
from workstrands.upkeep.bulk import Kind
from workstrands.upkeep.editing import Step
from workstrands.upkeep.parting import CARRIED, Part
from workstrands.upkeep.places import LONGEST_REF, Place
from workstrands.upkeep.placing import LONGEST_REASON
from workstrands.upkeep.seen import STALE, Seen

NEW_STEPS, NEW_PARTS = 2, 4
LONGEST_STEP = 250
FROM_THE_LIST = "Choose from the list."


class SeenField(forms.CharField):
    """What the page had seen of the action, kept as it was sent."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs):
        super().__init__(required=False, max_length=60, **kwargs)

    def clean(self, value) -> Seen:
        return Seen.read(value if isinstance(value, str) else "")


def seen_field() -> SeenField:
    return SeenField(error_messages={"max_length": STALE})


def wording(label: str, help_text: str = "", *, rows: int = 3, name: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=False, strip=False, validators=[Keepable(name or label)],
        widget=forms.Textarea({"rows": rows}),
    )  # fmt: skip


def ticks(label: str, help_text: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, help_text=help_text, required=False, widget=forms.CheckboxSelectMultiple({"small": True}),
        error_messages={"invalid_choice": FROM_THE_LIST},
    )  # fmt: skip


# What can be chosen


@dataclass(slots=True)
class Chosen:
    """The leads, partners and places of a plan that a form offers, by what stands in the form."""

    leads: dict[str, Lead] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    objectives: dict[str, Objective] = field(default_factory=dict)
    priorities: dict[str, Priority] = field(default_factory=dict)
    strands: dict[str, WorkStrand] = field(default_factory=dict)
    kpis: dict[str, Kpi] = field(default_factory=dict)

    @property
    def lead_choices(self) -> list[tuple[str, str]]:
        return [(pk, with_role(lead)) for pk, lead in self.leads.items()]

    @property
    def partner_choices(self) -> list[tuple[str, str]]:
        return [(pk, str(partner)) for pk, partner in self.partners.items()]

    @property
    def strand_choices(self) -> list[tuple[str, str]]:
        return [(slug, strand.name) for slug, strand in self.strands.items()]

    @property
    def place_choices(self) -> list:
        """Grouped; the values are those of the addresses: objective:o1, priority:1, strand:early-years."""
        groups = [
            ("Objectives", [(f"objective:{key}", str(one)) for key, one in self.objectives.items()]),
            ("Priorities", [(f"priority:{ref}", str(one)) for ref, one in self.priorities.items()]),
            ("Work strands", [(f"strand:{slug}", one.name) for slug, one in self.strands.items()]),
        ]
        return [group for group in groups if group[1]]

    def place(self, value: str, strand: str = "") -> Place | None:
        """None where nothing was chosen; `ValidationError` where an objective is given a work strand of its own."""
        kind, _, name = value.partition(":")
        also = self.strands.get(strand)
        if kind == "objective":
            if also:
                raise ValidationError({"strand": "An objective has its own work strand. Leave this empty."})
            return Place(objective=self.objectives[name])
        if kind == "priority":
            return Place(priority=self.priorities[name], workstrand=also)
        if not kind and also:
            raise ValidationError({"strand": "Choose the priority that it hangs on as well."})
        if kind == "strand" and also and also.slug != name:
            raise ValidationError({"strand": "Choose one work strand, not two."})
        return Place(workstrand=self.strands[name]) if kind == "strand" else None


def chosen_for(strategy: Strategy, *, by, on, with_kpis: bool = False) -> Chosen:
    """To an illustrative sign-in only those leads that are illustrative too. Five queries, six with KPIs."""
    leads = Lead.objects.in_post(on).filter(area=strategy.area_id).order_by("name", "pk")
    kpis = Kpi.objects.filter(area=strategy.area_id, retired_at=None).select_related("indicator", "owner")
    if by.is_illustrative:
        leads = leads.filter(is_illustrative=True)
    parts = {
        model: model.objects.filter(strategy=strategy, retired_at=None).order_by("position", "pk")
        for model in (Objective, Priority, WorkStrand)
    }
    found = Chosen(
        leads={str(lead.pk): lead for lead in leads},
        partners={str(one.pk): one for one in Partner.objects.filter(area=strategy.area_id).order_by("name")},
        objectives={one.key: one for one in parts[Objective].select_related("priority", "workstrand")},
        priorities={one.ref: one for one in parts[Priority]},
        strands={one.slug: one for one in parts[WorkStrand]},
    )
    if with_kpis:
        found.kpis = {one.indicator.code: one for one in kpis.order_by("position", "pk")}
    return found


class PlacedMixin:
    """What a form with `place` and `strand` says where an action hangs."""

    chosen: Chosen

    def offer_places(self, *, empty: str) -> None:
        self.fields["place"].choices = [("", empty), *self.chosen.place_choices]
        if "strand" in self.fields:
            self.fields["strand"].choices = [("", "No other work strand"), *self.chosen.strand_choices]

    def clean(self) -> None:
        if self.has_error("place") or self.has_error("strand"):
            return
        try:
            self.place = self.chosen.place(self.cleaned_data.get("place", ""), self.cleaned_data.get("strand", ""))
        except ValidationError as error:
            self.accuse(error)


def place_field(label: str = "What it hangs on") -> forms.ChoiceField:
    return choice(label, [], empty="Choose", invalid="Choose an objective, a priority or a work strand of this plan.")


def strand_field() -> forms.ChoiceField:
    return choice("Work strand as well", [], empty="No other work strand",
                  help_text="Only of an action that hangs on a priority.",
                  invalid="Choose a work strand of this plan.")  # fmt: skip


def lead_field(label: str = "Lead", *, empty: str, help_text: str = "") -> forms.ChoiceField:
    return choice(label, [], empty=empty, help_text=help_text, invalid="Choose a lead of this area who is in post.")


def partner_field(empty: str = "No partner") -> forms.ChoiceField:
    return choice("Partner", [], empty=empty, help_text="The body that owns it, where that is not its lead’s.",
                  invalid="Choose a partner of this area.")  # fmt: skip


CRITICAL_HINT = (
    "A legal duty, or it answers an inspection finding. Once overdue it is off track at once, in past views too."
)


class ActionBaseForm(FilledForm):
    """What an action says, new or old."""

    def __init__(
        self, *args, chosen: Chosen, supporting: Iterable[Lead] = (), partner: Partner | None = None, **kwargs
    ):
        super().__init__(*args, **kwargs)
        self.chosen = chosen
        self.supporters = {**chosen.leads, **{str(lead.pk): lead for lead in supporting}}
        self.fields["partner"].choices = [("", "No partner"), *chosen.partner_choices]
        self.fields["supporting"].choices = [(pk, with_role(lead)) for pk, lead in self.supporters.items()]

    def clean_title(self) -> str:
        if not self.cleaned_data["title"].strip():
            raise ValidationError("Say what will be done.")
        return self.cleaned_data["title"]

    @property
    def values(self) -> dict:
        said = self.cleaned_data
        return {
            "title": said["title"], "partner": self.chosen.partners.get(said["partner"]),
            "starts_on": said["starts_on"], "is_critical": said["is_critical"],
            "intended_impact": said["intended_impact"].strip(),
        }  # fmt: skip

    @property
    def supporting_leads(self) -> list[Lead] | None:
        """None where they cannot be changed here."""
        if "supporting" not in self.fields:
            return None
        return [self.supporters[pk] for pk in self.cleaned_data["supporting"]]


class ActionAddForm(PlacedMixin, ActionBaseForm):
    """`proposed_ref` is the reference that the page filled in for the place it was opened with."""

    proposed_ref = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LONGEST_REF)
    place = place_field()
    strand = strand_field()
    title = wording("What will be done")
    ref = one_line("Reference", limit=LONGEST_REF, help_text="Leave it, and it gets the next free one, marked as ours.")
    lead = lead_field(empty="Nobody yet", help_text="One person or post that answers for it.")
    supporting = ticks("Supporting leads")
    partner = partner_field()
    starts_on = DayField(label="Starts on", required=False, help_text="Empty: with the plan. For example, 1 4 2027.")
    due_on = DayField(label="Due on", required=False, help_text="As agreed. It can be given later.")
    is_critical = forms.BooleanField(label="It is critical", required=False, help_text=CRITICAL_HINT)
    intended_impact = long_text("What should be different for children and young people", "", rows=3)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer_places(empty="Choose")
        self.fields["lead"].choices = [("", "Nobody yet"), *self.chosen.lead_choices]
        self.place = None

    def clean_place(self) -> str:
        if not self.cleaned_data["place"]:
            raise ValidationError("Choose what the action hangs on.")
        return self.cleaned_data["place"]

    @property
    def given_ref(self) -> str:
        """Nothing where the officer left what the page proposed."""
        ref = self.cleaned_data["ref"].strip()
        return "" if ref == self.cleaned_data["proposed_ref"] else ref


class ActionEditForm(ActionBaseForm):
    """With its milestones: those there are, and room for new ones."""

    seen = seen_field()
    title = wording("What will be done")
    ref = one_line("Reference", limit=LONGEST_REF)
    supporting = ticks("Supporting leads", "They may report on it too.")
    partner = partner_field()
    starts_on = DayField(
        label="Starts on", required=False,
        help_text="Empty: with the plan. Past views count an action from its start, so a start that has passed is changed "
        "only where the record was wrong.",
    )  # fmt: skip
    knows_the_past = forms.BooleanField(
        label="The record was wrong: past views may change too", required=False,
        help_text="Asked only where the start given above, or the one before, has passed.",
    )  # fmt: skip
    is_critical = forms.BooleanField(label="It is critical", required=False, help_text=CRITICAL_HINT)
    intended_impact = long_text("What should be different for children and young people", "", rows=3)

    def __init__(self, *args, milestones: Iterable[Milestone] = (), may_name_supporters: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        if not may_name_supporters:
            del self.fields["supporting"]
        known = {str(one.pk): one for one in milestones}
        self.step_names = [*known, *(f"new{number}" for number in range(1, NEW_STEPS + 1))]
        self.known = known
        for name in self.step_names:
            self._add_step(name, known.get(name))

    def _add_step(self, name: str, milestone: Milestone | None) -> None:
        self.fields[f"step_{name}"] = one_line("Step", limit=LONGEST_STEP)
        self.fields[f"step_due_{name}"] = DayField(label="Due on", required=False)
        self.fields[f"step_done_{name}"] = DayField(label="Done on", required=False)
        if milestone:
            self.initial |= {f"step_{name}": milestone.text, f"step_due_{name}": milestone.due_on,
                             f"step_done_{name}": milestone.done_on}  # fmt: skip

    @property
    def step_rows(self) -> list[tuple]:
        """(number, its wording, due on, done on), the bound fields."""
        return [
            (number, self[f"step_{name}"], self[f"step_due_{name}"], self[f"step_done_{name}"])
            for number, name in enumerate(self.step_names, start=1)
        ]

    def clean_ref(self) -> str:
        if not self.cleaned_data["ref"].strip():
            raise ValidationError("Give the reference.")
        return self.cleaned_data["ref"].strip()

    def clean(self) -> None:
        for name in self.step_names:
            said = [self.cleaned_data.get(f"{part}_{name}") for part in ("step", "step_due", "step_done")]
            if not (said[0] or "").strip() and (name in self.known or any(said[1:])):
                self.add_error(f"step_{name}", "Say what the step is. A step is kept: say when it was done.")

    @property
    def steps(self) -> list[Step]:
        said = self.cleaned_data
        return [
            Step(self.known.get(name), said[f"step_{name}"], said[f"step_due_{name}"], said[f"step_done_{name}"])
            for name in self.step_names
            if said[f"step_{name}"].strip()
        ]


class ActionMoveForm(PlacedMixin, FilledForm):
    """Where it hangs, who leads it, and where it stands among those beside it."""

    seen = seen_field()
    place = place_field()
    strand = strand_field()
    lead = lead_field(empty="As it is")
    after = choice(
        "Its place in the order", [], empty="As it is", help_text="Among the actions that hang beside it now.",
        invalid="Choose one of the actions beside it.",
    )  # fmt: skip

    def __init__(self, *args, chosen: Chosen, beside: Iterable[Action], **kwargs):
        super().__init__(*args, **kwargs)
        self.chosen, self.place = chosen, None
        self.beside = {one.key: one for one in beside}
        self.offer_places(empty="As it is")
        self.fields["lead"].choices = [("", "As it is"), *chosen.lead_choices]
        after = [(key, f"After {one}") for key, one in self.beside.items()]
        self.fields["after"].choices = [("", "As it is"), *([("first", "Before them all"), *after] if after else [])]

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("after") and self.cleaned_data.get("place"):
            self.add_error("after", "Move it first. Its order under the new place can be changed afterwards.")


class SplitForm(FilledForm):
    """Up to four new actions, and what becomes of the old one."""

    seen = seen_field()
    stays = forms.ChoiceField(
        label="What becomes of the action itself?", widget=forms.RadioSelect,
        choices=[("keeps", "It stays, with narrower wording"),
                 ("retires", "It is retired, and its address leads to the first new one")],
        error_messages={"required": "Choose what becomes of it.", "invalid_choice": "Choose what becomes of it."},
    )  # fmt: skip
    stays_as = wording("Its narrower wording", "Only where it stays.")

    def __init__(self, *args, chosen: Chosen, **kwargs):
        super().__init__(*args, **kwargs)
        self.chosen = chosen
        for number in range(1, NEW_PARTS + 1):
            self.fields[f"title_{number}"] = wording("What will be done", name=f"New action {number}")
            self.fields[f"ref_{number}"] = one_line("Reference", limit=LONGEST_REF)
            self.fields[f"lead_{number}"] = lead_field(empty="As before")
            self.fields[f"lead_{number}"].choices = [("", "As before"), *chosen.lead_choices]

    @property
    def part_rows(self) -> list[tuple]:
        return [
            (number, self[f"title_{number}"], self[f"ref_{number}"], self[f"lead_{number}"])
            for number in range(1, NEW_PARTS + 1)
        ]

    def clean(self) -> None:
        said = self.cleaned_data
        keeps = said.get("stays") == "keeps"
        if keeps and not (said.get("stays_as") or "").strip():
            self.add_error("stays_as", "Say what the action keeps doing.")
        for number in range(1, 2 if keeps else 3):
            if not (said.get(f"title_{number}") or "").strip() and not self.has_error(f"title_{number}"):
                self.add_error(f"title_{number}", f"New action {number}: say what will be done.")

    @property
    def parts(self) -> list[Part]:
        said = self.cleaned_data
        return [
            Part(said[f"title_{n}"], said[f"ref_{n}"], self.chosen.leads.get(said[f"lead_{n}"]))
            for n in range(1, NEW_PARTS + 1)
            if said[f"title_{n}"].strip()
        ]

    def field_of(self, error: ValidationError) -> ValidationError:
        """What is wrong with a reference is said by the first one given."""
        if hasattr(error, "error_dict") and "ref" in error.error_dict:
            taken = error.error_dict["ref"][0].message
            name = next((f"ref_{n}" for n in range(1, NEW_PARTS + 1) if self.cleaned_data[f"ref_{n}"] and
                         taken.startswith(f"{self.cleaned_data[f'ref_{n}']} ")), "ref_1")  # fmt: skip
            return ValidationError({name: error.error_dict["ref"]})
        return error


class MergeForm(FilledForm):
    """Other actions of the plan that become part of this one."""

    seen = seen_field()
    q = one_line("Find an action", limit=100, help_text="Words of its title or its reference. Ticks are kept.")
    others = ticks("Actions that become part of this one")
    carry = ticks("What it takes over from them")
    title = wording("Its wording from now on", "As it is, or as it reads for all of them together.")
    because = long_text("Why they become one", "", rows=2)

    def __init__(self, *args, offered: Iterable[Action], may_carry_leads: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        self.offered = {one.key: one for one in offered}
        self.fields["others"].choices = [(key, str(one)) for key, one in self.offered.items()]
        self.fields["carry"].choices = [pair for pair in CARRIED.items() if may_carry_leads or pair[0] != "leads"]

    def clean_others(self) -> list[str]:
        if not self.cleaned_data["others"]:
            raise ValidationError("Tick at least one action to merge into this one.")
        return self.cleaned_data["others"]

    def clean_because(self) -> str:
        if not self.cleaned_data["because"].strip():
            raise ValidationError("Say why they become one.")
        return self.cleaned_data["because"]

    def clean_title(self) -> str:
        if not self.cleaned_data["title"].strip():
            raise ValidationError("Say what the one action does.")
        return self.cleaned_data["title"]


class RetireForm(FilledForm):
    seen = seen_field()
    because = long_text("Why it is retired", "It is done with, or another action does it, or it is needed no longer.")

    def clean_because(self) -> str:
        if not self.cleaned_data["because"].strip():
            raise ValidationError("Say why it is retired.")
        return self.cleaned_data["because"]


class UndoForm(FilledForm):
    seen = seen_field()


STATES = [
    (DeadlineState.PROPOSED, "Propose it to the Board: it counts once the Board agrees it"),
    (DeadlineState.AGREED, "Record it as agreed already: it counts from now"),
]


class DateForm(FilledForm):
    """Another date for an action; only an officer may record one as agreed."""

    seen = seen_field()
    due_on = DayField(
        label="Due on", help_text="For example, 31 3 2027.", error_messages={"required": "Give the date."}
    )
    applies_to = choice("What the date is for", [], empty="The whole action", invalid=FROM_THE_LIST)
    reason = one_line(
        "Why another date is needed", limit=LONGEST_REASON, help_text="In a sentence: the Board reads it."
    )
    state = forms.ChoiceField(
        label="Proposed or agreed", choices=STATES, widget=forms.RadioSelect,
        error_messages={"required": "Choose which it is.", "invalid_choice": "Choose which it is."},
    )  # fmt: skip

    def __init__(self, *args, parts: Iterable[str], may_agree: bool, **kwargs):
        super().__init__(*args, **kwargs)
        parts = [part for part in parts if part]
        self.fields["applies_to"].choices = [("", "The whole action"), *((part, part) for part in parts)]
        if not parts:
            del self.fields["applies_to"]
        if not may_agree:
            del self.fields["state"]

    def clean_reason(self) -> str:
        if not self.cleaned_data["reason"].strip():
            raise ValidationError("Say why another date is needed.")
        return self.cleaned_data["reason"]

    @property
    def said(self) -> dict:
        given = self.cleaned_data
        return {
            "due_on": given["due_on"], "reason": given["reason"], "applies_to": given.get("applies_to", ""),
            "state": given.get("state", DeadlineState.PROPOSED),
        }  # fmt: skip


# Many at once


class BulkForm(PlacedMixin, FilledForm):
    """What is to be done to the chosen actions. Only what the chosen deed asks for is read."""

    kind = forms.ChoiceField(
        label="What should be done?", choices=Kind.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose what should be done.", "invalid_choice": "Choose what should be done."},
    )  # fmt: skip
    lead = lead_field("Hand them to", empty="Choose a lead")
    partner = partner_field()
    place = place_field("Move them under")
    strand = strand_field()
    due_on = DayField(label="Date", required=False, help_text="For example, 31 3 2027.")
    state = forms.ChoiceField(
        label="Proposed or agreed", choices=STATES, widget=forms.RadioSelect, required=False,
        error_messages={"invalid_choice": "Choose which it is."},
    )  # fmt: skip
    reason = one_line("Reason", limit=LONGEST_REASON, help_text="Asked of a date, and of retiring.")
    is_critical = forms.ChoiceField(
        label="Are they critical?", choices=[("1", "Critical"), ("0", "Not critical")], required=False,
        widget=forms.RadioSelect({"inline": True}), error_messages={"invalid_choice": FROM_THE_LIST},
    )  # fmt: skip
    kpi = choice("KPI that they should move", [], empty="Choose a KPI", invalid="Choose a KPI of this area.")

    def __init__(self, *args, chosen: Chosen, **kwargs):
        super().__init__(*args, **kwargs)
        self.chosen, self.place = chosen, None
        self.offer_places(empty="Choose")
        self.fields["lead"].choices = [("", "Choose a lead"), *chosen.lead_choices]
        self.fields["partner"].choices = [("", "No partner"), *chosen.partner_choices]
        self.fields["kpi"].choices = [("", "Choose a KPI"), *((code, str(kpi)) for code, kpi in chosen.kpis.items())]

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("kind") == Kind.CRITICAL and not self.cleaned_data.get("is_critical"):
            self.add_error("is_critical", "Choose whether they are critical.")
        if self.cleaned_data.get("kind") == Kind.DATE and not self.cleaned_data.get("state"):
            self.add_error("state", "Choose whether the date is proposed or agreed.")
