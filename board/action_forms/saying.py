"""What an action says: a new one, and one that is edited, with its milestones."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError

from board.action_forms.choosing import Chosen
from board.action_forms.fields import (
    PlacedMixin,
    lead_field,
    partner_field,
    place_field,
    seen_field,
    strand_field,
    ticks,
    wording,
)
from people.models import Lead, Partner
from workstrands.forms import DayField, FilledForm, long_text, one_line, with_role
from workstrands.models import Milestone, Objective
from workstrands.upkeep.editing import Step
from workstrands.upkeep.places import LONGEST_REF

NEW_STEPS = 2
LONGEST_STEP = 250
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
    def supporting_leads(self) -> list[Lead]:
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
    also_serves = ticks("Objectives that it also serves", "Beside the one that it hangs on.")
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

    def __init__(self, *args, milestones: Iterable[Milestone] = (), serves: Iterable[Objective] = (), **kwargs):
        super().__init__(*args, **kwargs)
        self.served = {**self.chosen.objectives, **{one.key: one for one in serves}}
        self.fields["also_serves"].choices = [(key, str(one)) for key, one in self.served.items()]
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
    def objectives(self) -> list[Objective]:
        return [self.served[key] for key in self.cleaned_data["also_serves"]]

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
                self.add_error(f"step_{name}", "Say what the step is. To take it out of the action, retire it.")

    @property
    def steps(self) -> list[Step]:
        said = self.cleaned_data
        return [
            Step(self.known.get(name), said[f"step_{name}"], said[f"step_due_{name}"], said[f"step_done_{name}"])
            for name in self.step_names
            if said[f"step_{name}"].strip()
        ]
