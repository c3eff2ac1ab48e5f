"""One action split into several, and several merged into one."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError

from board.action_forms.choosing import Chosen
from board.action_forms.fields import (
    lead_field,
    seen_field,
    ticks,
    wording,
)
from workstrands.forms import FilledForm, long_text, one_line
from workstrands.models import Action
from workstrands.upkeep.parting import CARRIED, Part
from workstrands.upkeep.places import LONGEST_REF

NEW_PARTS = 4


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

    def __init__(self, *args, offered: Iterable[Action], **kwargs):
        super().__init__(*args, **kwargs)
        self.offered = {one.key: one for one in offered}
        self.fields["others"].choices = [(key, str(one)) for key, one in self.offered.items()]
        self.fields["carry"].choices = list(CARRIED.items())

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
