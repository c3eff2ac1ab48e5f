"""The pages on which officers keep the actions of a plan, and on which a lead proposes another date."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from board import action_forms as forms
from board.action_dependents import dependents_of
from board.views.mixins import InStrategyMixin
from common.dates import in_words
from common.text import unkeepable_in
from common.words import listed, plural
from people.parking import forget_parked, parked_form
from people.roles import may_edit, may_update
from people.scoping import InAreaMixin
from strategies.keeping import Overtaken
from workstrands import reporting
from workstrands.illustration import why_not_for
from workstrands.models import Action
from workstrands.status import DeadlineState
from workstrands.upkeep import bulk, editing, parting, placing, retiring, undoing
from workstrands.upkeep.places import Place, beside, hanging, latest_placement, next_ref
from workstrands.upkeep.seen import Seen, happened_since, seen_by, seen_of, with_seen

MOST_OFFERED = 300  # actions to merge with, listed at once


class KeepingView(InAreaMixin, View):
    """A page with one form that writes. A page names `template_name`, makes its `form`, says what it starts with
    (`initial`), and writes (`write`, which answers with a sentence)."""

    is_reading = False
    may = may_edit
    nav = "actions"

    def get(self, request, **kwargs):
        self.find()
        parked = parked_form(request)
        if parked is not None:
            return self.show(self.form(parked).unjudged(), is_parked=True)
        return self.show(self.form(initial=self.initial()))

    def post(self, request, **kwargs):
        self.find()
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            said = self.write(form)
        except ValidationError as error:
            form.accuse(self.by_field(form, error))
            return self.show(form)
        except Overtaken:
            return self.show_overtaken(form)
        return self.done(said)

    def find(self) -> None:
        """What the address names, or 404."""

    def initial(self) -> dict:
        return {}

    def by_field(self, form, error: ValidationError) -> ValidationError:
        return error

    def done(self, said: str):
        forget_parked(self.request)
        messages.success(self.request, said)
        return redirect(self.after)

    @cached_property
    def chosen(self) -> forms.Chosen:
        return forms.chosen_for(self.strategy, by=self.request.user, on=self.when.today)

    def show(self, form, *, status: int = 200, **context):
        shown = {"form": form, "strategy": self.strategy, "back": self.back, "closed": self.closed, **self.beside(form)}
        return render(self.request, self.template_name, {**shown, **context}, status=status)

    def beside(self, form) -> dict:
        """What else the page shows."""
        return {}


class OfActionView(KeepingView):
    """Of one action. Its form carries what it had seen of it (`seen`); where somebody wrote meanwhile both are shown."""

    def find(self) -> None:
        found = Action.objects.select_related("area", "strategy", "partner")
        self.action = found.filter(area=self.area, key=self.kwargs["key"]).first()
        if self.action is None:
            raise Http404("No such action.")
        self.action.area = self.action.strategy.area = self.area
        self.strategy = self.action.strategy

    @property
    def back(self) -> str:
        return self.action.get_absolute_url()

    @property
    def after(self) -> str:
        return self.action.get_absolute_url()

    @cached_property
    def placed(self):
        return latest_placement(self.action)

    @property
    def is_made_up(self) -> bool:
        """An illustrative sign-in on a real action: whom it is supported by is not its to say."""
        return self.request.user.is_illustrative and not self.action.is_illustrative

    @property
    def closed(self) -> str:
        """Why nothing can be kept here, before anybody types."""
        lead = self.placed.lead if self.placed else None
        closed = editing.why_closed(self.strategy, self.action.retired_on, self.when.today)
        return closed or why_not_for(self.request.user, lead)

    def written(self, form) -> dict:
        """Who writes, when, and what the page had seen."""
        return {"by": self.request.user, "at": self.when.now, "seen": form.cleaned_data["seen"]}

    def show_overtaken(self, form):
        """What was typed stays; sent again it answers to what was changed meanwhile."""
        changes = happened_since(self.action, form.cleaned_data["seen"])
        typed = self.request.POST.copy()
        self.find()
        typed["seen"] = str(seen_of(self.action))
        return self.show(self.form(typed).unjudged(), status=409, meanwhile=changes, is_overtaken=True)

    def show(self, form, **context):
        return super().show(form, action=self.action, place=Place.of(self.placed), placed=self.placed, **context)

    def seen_first(self) -> dict:
        return {"seen": str(seen_of(self.action))}


class ActionAddView(InStrategyMixin, KeepingView):
    """`?objective=`, `?priority=` or `?strand=` says what it hangs on from the start."""

    template_name = "board/action_add.html"

    def form(self, *args, **kwargs):
        return forms.ActionAddForm(*args, chosen=self.chosen, **kwargs)

    def initial(self) -> dict:
        value, place = self.asked_place()
        ref = next_ref(place, self.strategy) if place else ""
        begun = self.strategy.starts_on <= self.when.today
        return {
            "place": value, "strand": self.request.GET.get("strand", "") if place and place.priority else "", "ref": ref,
            "proposed_ref": ref, "starts_on": self.when.today if begun else None,
        }  # fmt: skip

    def asked_place(self) -> tuple[str, Place | None]:
        for name, known in (("objective", self.chosen.objectives), ("priority", self.chosen.priorities),
                            ("strand", self.chosen.strands)):  # fmt: skip
            asked = self.request.GET.get(name, "")
            if asked in known:
                value = f"{name}:{asked}"
                return value, self.chosen.place(value)
        return "", None

    def write(self, form) -> str:
        said = form.values
        self.made = editing.add_action(
            self.strategy, place=form.place, ref=form.given_ref, lead=self.chosen.leads.get(form.cleaned_data["lead"]),
            due_on=form.cleaned_data["due_on"], links={"supporting_leads": form.supporting_leads},
            by=self.request.user, at=self.when.now, **said,
        )  # fmt: skip
        return f"Action {self.made.ref} is in the plan."

    @property
    def back(self) -> str:
        return reverse("board:actions", args=[self.area.slug, self.strategy.slug])

    @property
    def after(self) -> str:
        return self.made.get_absolute_url()

    @property
    def closed(self) -> str:
        return editing.why_closed(self.strategy, None, self.when.today)


class ActionEditView(OfActionView):
    template_name = "board/action_edit.html"

    def form(self, *args, **kwargs):
        return forms.ActionEditForm(
            *args, chosen=self.chosen, supporting=self.supporting, partner=self.action.partner,
            milestones=self.milestones, may_name_supporters=not self.is_made_up, **kwargs,
        )  # fmt: skip

    @cached_property
    def milestones(self) -> list:
        return list(self.action.milestones.order_by("position", "pk"))

    @cached_property
    def supporting(self) -> list:
        return list(self.action.supporting_leads.order_by("name"))

    def initial(self) -> dict:
        action = self.action
        return {
            **self.seen_first(), "title": action.title, "ref": action.ref, "partner": str(action.partner_id or ""),
            "supporting": [str(lead.pk) for lead in self.supporting], "starts_on": action.starts_on,
            "is_critical": action.is_critical, "intended_impact": action.intended_impact,
        }  # fmt: skip

    def write(self, form) -> str:
        said = form.cleaned_data
        changed = editing.edit_action(
            self.action, {**form.values, "ref": said["ref"]}, supporting=form.supporting_leads, steps=form.steps,
            knows_the_past=said["knows_the_past"], **self.written(form),
        )  # fmt: skip
        return f"Action {self.action.ref} is changed." if changed else "Nothing was changed."


class ActionMoveView(OfActionView):
    """Under another part of the plan, to another lead, or elsewhere in the order."""

    template_name = "board/action_move.html"

    def form(self, *args, **kwargs):
        return forms.ActionMoveForm(*args, chosen=self.chosen, beside=self.neighbours, **kwargs)

    @cached_property
    def neighbours(self) -> list[Action]:
        """Those that hang on the same, in order."""
        rows = beside(Place.of(self.placed), hanging(self.strategy))
        ids = [row.pk for row in rows if row.pk != self.action.pk]
        return list(Action.objects.filter(pk__in=ids).order_by("position", "pk"))

    def initial(self) -> dict:
        return self.seen_first()

    def write(self, form) -> str:
        said = form.cleaned_data
        after = placing.FIRST if said["after"] == "first" else form.beside.get(said["after"])
        changed = placing.move_action(
            self.action, place=form.place, lead=self.chosen.leads.get(said["lead"]), after=after, **self.written(form)
        )
        return f"Action {self.action.ref} is moved." if changed else "Nothing was changed."


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
        return forms.MergeForm(*args, offered=self.others, may_carry_leads=not self.is_made_up, **kwargs)

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


class ActionRetireView(OfActionView):
    """Says what depends on it first. Of a retired one: takes that back."""

    template_name = "board/action_retire.html"

    def form(self, *args, **kwargs):
        if self.action.retired_at:
            return forms.UndoForm(*args, **kwargs)
        return forms.RetireForm(*args, **kwargs)

    def initial(self) -> dict:
        return self.seen_first()

    @property
    def closed(self) -> str:
        if self.action.retired_at:
            lead = self.placed.lead if self.placed else None
            return editing.why_closed(self.strategy, None, self.when.today) or why_not_for(self.request.user, lead)
        return super().closed

    def write(self, form) -> str:
        if self.action.retired_at:
            retiring.take_back(self.action, **self.written(form))
            return f"Action {self.action.ref} is in the plan again."
        retiring.retire_action(self.action, because=form.cleaned_data["because"], **self.written(form))
        return f"Action {self.action.ref} is retired."

    def beside(self, form) -> dict:
        return {"dependents": [] if self.action.retired_at else dependents_of(self.action, self.when.now)}


class ActionHistoryView(OfActionView):
    """Who changed what of it, when, what it said before and says now. Officers undo the last change from here."""

    template_name = "board/action_history.html"
    is_reading = True
    may = None
    http_method_names = ("get", "head")

    def get(self, request, **kwargs):
        self.find()
        return self.show(self.form(initial=self.seen_first()))

    def form(self, *args, **kwargs):
        return forms.UndoForm(*args, **kwargs)

    @property
    def merged(self):
        return Action.objects.filter(replaced_by=self.action).order_by("position", "pk")

    def beside(self, form) -> dict:
        lines = [line for line in undoing.lines_of(self.action) if line.change.at <= self.when.moment]
        may_undo = not self.when.as_at and may_edit(self.membership) and not self.closed
        return {
            "lines": lines,
            "last": undoing.undoable(lines) if may_undo else None,
            "merged": list(self.merged) if may_undo else [],
            "closed": self.closed if not self.when.as_at and may_edit(self.membership) else "",
        }


class ActionUndoView(ActionHistoryView):
    """One press on the page of its history: the last change undone, or a merged action taken out again."""

    is_reading = False
    may = may_edit
    http_method_names = ("get", "head", "post")

    def get(self, request, **kwargs):
        self.find()
        return redirect(self.after)

    def post(self, request, **kwargs):
        if "apart" in request.POST:
            return self.post_apart()
        return KeepingView.post(self, request, **kwargs)

    def post_apart(self):
        self.find()
        key = self.request.POST["apart"]
        one = None if unkeepable_in(key) else self.merged.filter(key=key).first()
        if one is None:
            return self.done("It was taken out already.")
        one.area, one.strategy = self.area, self.strategy
        try:
            retiring.take_apart(one, by=self.request.user, at=self.when.now)
        except ValidationError as error:
            messages.error(self.request, " ".join(error.messages))
            return redirect(self.after)
        return self.done(f"Action {one.ref} is in the plan again. Look at what was carried over.")

    def write(self, form) -> str:
        undone = undoing.undo(self.action, **self.written(form))
        said = " ".join(undone.change.sentences) or undone.change.reason
        return f"Undone: {said}" if said else "The last change is undone."

    @property
    def after(self) -> str:
        return reverse("board:action-history", args=[self.area.slug, self.action.key])


class ProposeDateView(OfActionView):
    """Another date: a lead proposes it, and the Board agrees it by a decision. An officer may record one as agreed."""

    template_name = "board/action_propose_date.html"
    may = None

    def find(self) -> None:
        super().find()
        leads = reporting.leads_of(self.action, self.when.moment)
        if not may_update(self.membership, lead_users={lead.user_id for lead in leads}):
            raise PermissionDenied

    @cached_property
    def agreed(self) -> list:
        return parting.agreed_dates(self.action)

    def form(self, *args, **kwargs):
        parts = [row.applies_to for row in self.agreed]
        return forms.DateForm(*args, parts=parts, may_agree=may_edit(self.membership), **kwargs)

    def initial(self) -> dict:
        return {**self.seen_first(), "state": DeadlineState.PROPOSED}

    @property
    def closed(self) -> str:
        latest = reporting.latest_update(self.action)
        return super().closed or placing.why_no_date(latest.status if latest else None)

    def write(self, form) -> str:
        row = placing.give_date(self.action, **form.said, **self.written(form))
        if row.state == DeadlineState.AGREED:
            return f"Action {self.action.ref} is due on {in_words(row.due_on)}."
        return f"{in_words(row.due_on)} is proposed. It counts once the Board agrees it."

    def beside(self, form) -> dict:
        return {"agreed": self.agreed, "proposed": placing.proposed_of(self.action)}


# Many at once


class BulkView(InStrategyMixin, View):
    """The rows chosen in the action table: what should be done, what each would become, then all of them or none.

    `?key=` names each row; `?back=` is where the table stood.
    """

    is_reading = False
    may = may_edit
    nav = "actions"
    template_name = "board/action_bulk.html"

    def get(self, request, **kwargs):
        parked = parked_form(request)
        if parked is not None:
            return self.show(self.form(parked).unjudged(), keys=self.keys(parked), is_parked=True)
        return self.show(self.form(initial={"state": DeadlineState.PROPOSED}), keys=self.keys(request.GET))

    def post(self, request, **kwargs):
        form, keys = self.form(request.POST), self.keys(request.POST)
        self.too_many = len(set(request.POST.getlist("key"))) > bulk.MOST_ROWS
        if not form.is_valid() or not keys or self.too_many:
            return self.show(form, keys=keys)
        deed = self.deed(form)
        try:
            bulk.refuse_deed(deed, self.strategy, by=request.user)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form, keys=keys)
        return self.confirm(form, deed, keys) if "confirm" in request.POST else self.show(form, keys=keys, deed=deed)

    def confirm(self, form, deed: bulk.Deed, keys: list[str]):
        said = {"by": self.request.user, "at": self.when.now}
        try:
            changed = bulk.carry_out(self.strategy, self.seen(keys), deed, **said)
        except bulk.RowsOvertaken:
            return self.show(form, keys=keys, deed=deed, is_overtaken=True, status=409)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form, keys=keys, deed=deed)
        forget_parked(self.request)
        messages.success(self.request, f"{plural(changed, 'action')} changed." if changed else "Nothing was changed.")
        return redirect(self.back)

    def seen(self, keys: list[str]) -> dict[str, Seen]:
        return {key: Seen.read(self.request.POST.get(f"seen-{key}", "")) for key in keys}

    def keys(self, sent) -> list[str]:
        """The ticked rows, each once."""
        found = dict.fromkeys(key for key in sent.getlist("key") if key and len(key) <= 80 and not unkeepable_in(key))
        return list(found)[: bulk.MOST_ROWS]

    def form(self, *args, **kwargs):
        return forms.BulkForm(*args, chosen=self.chosen, **kwargs)

    @cached_property
    def chosen(self) -> forms.Chosen:
        return forms.chosen_for(self.strategy, by=self.request.user, on=self.when.today, with_kpis=True)

    def deed(self, form) -> bulk.Deed:
        said, chosen = form.cleaned_data, self.chosen
        return bulk.Deed(
            kind=said["kind"], lead=chosen.leads.get(said["lead"]), partner=chosen.partners.get(said["partner"]),
            place=form.place, due_on=said["due_on"], state=said["state"] or DeadlineState.PROPOSED,
            reason=said["reason"], is_critical=said["is_critical"] == "1", kpi=chosen.kpis.get(said["kpi"]),
        )  # fmt: skip

    @cached_property
    def table_address(self) -> str:
        return reverse("board:actions", args=[self.area.slug, self.strategy.slug])

    @property
    def back(self) -> str:
        """The table as it was filtered, or all of it."""
        sent = self.request.POST if self.request.method == "POST" else self.request.GET
        asked = sent.get("back", "")
        fits = asked.startswith(self.table_address) and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
        return asked if fits and not unkeepable_in(asked) else self.table_address

    def show(self, form, *, keys: list[str], deed: bulk.Deed | None = None, is_overtaken=False, status=200, **context):
        rows = bulk.chosen_rows(self.strategy, keys)
        if deed is not None:
            bulk.foresee(rows, deed, by=self.request.user, at=self.when.now)
        if is_overtaken:
            self.say_what_changed(rows)
        shown = {
            "form": form, "strategy": self.strategy, "rows": rows, "deed": deed, "back": self.back, "most": bulk.MOST_ROWS,
            "words": dict(bulk.Kind.choices).get(deed.kind, "") if deed else "",
            "closed": editing.why_closed(self.strategy, None, self.when.today), "is_overtaken": is_overtaken,
            "problems": sum(1 for row in rows if row.problem), "changing": sum(1 for row in rows if row.becomes),
            "too_many": getattr(self, "too_many", False), "is_sent": self.request.method == "POST",
        }  # fmt: skip
        return render(self.request, self.template_name, {**shown, **context}, status=status)

    def say_what_changed(self, rows: list[bulk.Row]) -> None:
        for row in rows:
            seen = self.seen([row.action.key])[row.action.key]
            if seen != row.seen:
                row.changes = happened_since(row.action, seen)
