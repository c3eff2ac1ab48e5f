"""Splitting an action, and merging others into it."""

from functools import cached_property

from board import action_forms as forms
from board.views.action_upkeep.keeping import OfActionView
from common.words import listed, plural
from workstrands.models import Action
from workstrands.upkeep import parting
from workstrands.upkeep.places import Place, hanging, next_ref
from workstrands.upkeep.seen import Seen, happened_since, seen_by, with_seen

MOST_OFFERED = 300  # actions to merge with, listed at once


class ActionSplitView(OfActionView):
    template_name = "board/action_split.html"

    def form(self, *args, **kwargs):
        return forms.SplitForm(*args, chosen=self.chosen, **kwargs)

    def initial(self) -> dict:
        return {**self.seen_first(), **self.next_refs()}

    def next_refs(self) -> dict[str, str]:
        """The next free ones, proposed."""
        place, refs = Place.of(self.placed), []
        if not any(place.ids):
            return {}
        rows = hanging(self.strategy)
        for _ in range(forms.NEW_PARTS):
            refs.append(next_ref(place, self.strategy, rows=rows, also=refs))
        return {f"ref_{number}": ref for number, ref in enumerate(refs, start=1)}

    def write(self, form) -> str:
        keeps = form.cleaned_data["stays"] == "keeps"
        proposed = set(self.next_refs().values())
        parts = [parting.Part(part.title, "" if part.ref in proposed else part.ref, part.lead) for part in form.parts]
        ref = self.action.ref
        made = parting.split_action(
            self.action, parts, stays_as=form.cleaned_data["stays_as"] if keeps else None, **self.written(form)
        )
        return (
            f"Action {ref} is split: {listed(one.ref for one in made)} {'is' if len(made) == 1 else 'are'} in the plan."
        )

    def by_field(self, form, error):
        return form.field_of(error)


class ActionMergeView(OfActionView):
    """Of the action that stays: the others become part of it."""

    template_name = "board/action_merge.html"

    def form(self, *args, **kwargs):
        return forms.MergeForm(*args, offered=self.others, **kwargs)

    @cached_property
    def others(self) -> list[Action]:
        found = Action.objects.filter(strategy=self.strategy, retired_at=None).exclude(pk=self.action.pk)
        return list(with_seen(found).order_by("position", "pk"))

    def initial(self) -> dict:
        asked = self.request.GET
        return {
            **self.seen_first(), "title": self.action.title, "carry": list(parting.CARRIED), "q": asked.get("q", ""),
            "others": asked.getlist("others"),
        }  # fmt: skip

    def post(self, request, **kwargs):
        if "find" in request.POST:
            self.find()
            return self.show(self.form(request.POST).unjudged())
        return super().post(request, **kwargs)

    def write(self, form) -> str:
        said, ref = form.cleaned_data, self.action.ref
        others = [parting.Other(form.offered[key], self.seen_of_other(form.offered[key])) for key in said["others"]]
        title = said["title"] if said["title"].strip() != self.action.title else ""
        made = parting.merge_actions(
            self.action, others, because=said["because"], carry=said["carry"], title=title, **self.written(form)
        )
        taken = f" {plural(made.evidence, 'piece')} of evidence taken over." if made.evidence else ""
        return f"{plural(made.actions, 'action')} merged into {ref}.{taken}"

    def seen_of_other(self, other: Action) -> Seen | None:
        """What the page had seen of it, where it says so."""
        sent = self.request.POST.get(f"seen-{other.key}", "")
        return Seen.read(sent) if sent else None

    def show_overtaken(self, form):
        """Of this action, or of one of those that are merged into it."""
        changes = [
            (one, happened_since(one, seen))
            for key in form.cleaned_data["others"]
            if (seen := self.seen_of_other(one := form.offered[key]))
        ]
        self.__dict__.pop("others", None)
        return self._with_others(super().show_overtaken, form, [pair for pair in changes if pair[1]])

    def _with_others(self, show, form, changes):
        self.other_changes = changes
        return show(form)

    def beside(self, form) -> dict:
        ticked = set(form["others"].value() or [])
        words = (form["q"].value() or "").lower().split()
        left = [one for one in self.others if one.key not in ticked]
        found = [one for one in left if all(word in f"{one.ref} {one.title}".lower() for word in words)]
        return {
            "ticked": [(one, str(seen_by(one))) for one in self.others if one.key in ticked],
            "offered": [(one, str(seen_by(one))) for one in found[:MOST_OFFERED]],
            "more": max(len(found) - MOST_OFFERED, 0),
            "other_changes": getattr(self, "other_changes", []),
            "has_update": self.action.updates.exists(),
        }
