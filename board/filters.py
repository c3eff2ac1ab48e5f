"""What narrows the action table. Every number on the board page is a link to it, so the names in the address stay.

What the database can answer narrows the queryset. Assessed status, flags and dates are rules, so they are asked of the
standings afterwards (`kept`). An action of which nothing was said has the reported status NULL; it is asked for as "?".
"""

from collections.abc import Callable
from datetime import timedelta

import django_filters
from django import forms
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from common.dates import in_words
from common.words import listed, sentence_case
from people.models import Lead, Partner
from priorities.models import Priority
from strategies.models import Strategy
from strategies.own_words import strand_word
from workstrands.flags import FlagCode
from workstrands.models import Action, Placement, ProgressUpdate, WorkStrand
from workstrands.standing import Standing
from workstrands.status import EMBEDDED, SHOWN_ORDER, SHOWN_WORDS, SILENT, Cause, EscalateTo, Status

NOWHERE = "none"
YES = [("1", "Yes")]
PARTS = [("leads", "Leads it"), ("supports", "Supports it")]
DUE = [("overdue", "Overdue"), ("next30", "In the next 30 days"), ("none", "No date agreed")]
LONGEST_SEARCH = 200
# The filters that the rules answer, not the database.
RULED = ("assessed", "flag", "flagged", "fresh", "due", "due_from", "due_to")


def reported() -> list[tuple[str, str]]:
    """What a lead can have said, in the words of the area that is shown."""
    return [(letter, word) for letter, word in assessed() if letter != EMBEDDED]


def assessed() -> list[tuple[str, str]]:
    return [(letter, SHOWN_WORDS[letter]) for letter in SHOWN_ORDER]


class ActionFilterForm(forms.Form):
    """Says of each value it does not know which field it stands in; a window must open before it closes, a part be someone's."""

    def clean(self):
        cleaned = super().clean()
        opens, closes = cleaned.get("due_from"), cleaned.get("due_to")
        if opens and closes and opens > closes:
            self.add_error("due_to", f"Give a day on or after {in_words(opens)}, when the window opens.")
        if cleaned.get("part") and cleaned.get("lead") in (None, "", NOWHERE):
            self.add_error("part", "Choose the lead whose part this is.")
        return cleaned


def _select(
    label: str, *, method: str, choices=(), empty_label: str = "All", unknown: str
) -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(
        label=label, method=method, choices=choices, empty_label=empty_label, error_messages={"invalid_choice": unknown}
    )


def _checkboxes(label: str, *, method: str, choices, unknown: str) -> django_filters.MultipleChoiceFilter:
    return django_filters.MultipleChoiceFilter(
        label=label,
        method=method,
        choices=choices,
        widget=forms.CheckboxSelectMultiple(attrs={"small": True}),
        error_messages={"invalid_choice": unknown},
    )


def _day(label: str) -> django_filters.DateFilter:
    return django_filters.DateFilter(
        label=label,
        method="by_rule",
        input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d %B %Y"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Give a day that exists, like 31/10/2026."},
    )


def flags() -> list[tuple[str, str]]:
    """What each flag is called; those that a status gives its name say it in the area's words."""
    own = {
        FlagCode.NOT_STARTED: SHOWN_WORDS["N"], FlagCode.SILENT: SHOWN_WORDS[SILENT],
        FlagCode.UNMOVED: f"{SHOWN_WORDS['B']}, figure no better",
    }  # fmt: skip
    return [(code, own.get(code, label)) for code, label in FlagCode.choices]


class ActionFilter(django_filters.FilterSet):
    """Over a queryset of one strategy's actions, annotated by `as_at`."""

    q = django_filters.CharFilter(label="Words in action or document", method="with_words", max_length=LONGEST_SEARCH)
    reported = _checkboxes(
        "Lead reports", method="as_reported", choices=(), unknown="No status is written “%(value)s”."
    )
    assessed = _checkboxes(
        "Dates and data say", method="by_rule", choices=(), unknown="No status is written “%(value)s”."
    )
    flag = _checkboxes("Flag", method="by_rule", choices=FlagCode.choices, unknown="There is no flag “%(value)s”.")
    priority = _select("Priority", method="under_priority", unknown="This plan has no priority “%(value)s”.")
    strand = _select("Work strand", method="in_strand", unknown="This plan has no work strand “%(value)s”.")
    lead = _select(
        "Lead or supporting lead", method="led_by", unknown="No lead of this area has the number “%(value)s”."
    )
    part = _select(
        "That lead's part", method="by_rule", choices=PARTS, empty_label="Either",
        unknown="The part is leads or supports, not “%(value)s”.",
    )  # fmt: skip
    partner = _select("Partner", method="owned_by", unknown="This area has no partner “%(value)s”.")
    due = _select(
        "Due", method="by_rule", choices=DUE, empty_label="Any day",
        unknown="Due takes overdue, next30 or none, not “%(value)s”.",
    )  # fmt: skip
    due_from = _day("Due from")
    due_to = _day("Due to")
    cause = _select(
        "Cause", method="because_of", choices=Cause.choices, empty_label="Any", unknown="There is no cause “%(value)s”."
    )
    live = _select(
        "Live actions only", method="only_live", choices=YES, empty_label="No", unknown="Live takes 1, not “%(value)s”."
    )
    fresh = _select(
        "Updated this round", method="by_rule", choices=[("1", "Yes"), ("0", "No")], empty_label="Either",
        unknown="Updated this round takes 1 or 0, not “%(value)s”.",
    )  # fmt: skip
    flagged = _select(
        "Flagged only", method="by_rule", choices=YES, empty_label="No", unknown="Flagged takes 1, not “%(value)s”."
    )
    asked = _select(
        "Asked of the Board",
        method="only_asked",
        choices=YES,
        empty_label="Either",
        unknown="Asked takes 1, not “%(value)s”.",
    )

    class Meta:
        form = ActionFilterForm

    def __init__(self, data, queryset, *, strategy: Strategy, moment, on):
        super().__init__(data, queryset)
        self.strategy, self.moment, self.on = strategy, moment, on
        self.priorities = list(
            Priority.objects.existing(moment)
            .filter(strategy=strategy)
            .order_by("position", "pk")
            .values_list("ref", "title")
        )
        self.strands = list(
            WorkStrand.objects.existing(moment)
            .filter(strategy=strategy)
            .order_by("position", "pk")
            .values_list("slug", "name")
        )
        self.filters["flag"].extra["choices"] = flags()
        self._offer("reported", reported())
        self._offer("assessed", assessed())
        self._offer(
            "priority", [(ref, f"{ref} {title}") for ref, title in self.priorities], nowhere="Not under a priority"
        )
        self.filters["strand"].label = sentence_case(strand_word())
        self._offer("strand", self.strands, nowhere=f"Not in a {strand_word()}")
        leads = Lead.objects.filter(area=strategy.area).order_by("name", "pk").values_list("pk", "name")
        self._offer("lead", [(str(pk), name) for pk, name in leads], nowhere="Nobody named")
        partners = Partner.objects.filter(area=strategy.area).order_by("name").values_list("pk", "name")
        named = [(str(pk), name) for pk, name in partners]
        self._offer("partner", [("Named", named), ("Sectors", Partner.Sector.choices)] if named else [])

    def _offer(self, name: str, choices: list, *, nowhere: str = "") -> None:
        self.filters[name].extra["choices"] = [*choices, (NOWHERE, nowhere)] if choices and nowhere else choices

    # What the database answers

    def with_words(self, queryset, name, value):
        """Every word, in any order, in the title, a reference or the wording as found."""
        queryset = queryset.annotate(printed_refs=Cast("document_refs", TextField()))
        for word in value.split():
            queryset = queryset.filter(
                Q(title__icontains=word)
                | Q(ref__icontains=word)
                | Q(printed_refs__icontains=word)
                | Q(source_text__icontains=word)
            )
        return queryset

    def as_reported(self, queryset, name, value):
        said = Q(reported__in=[letter for letter in value if letter != SILENT])
        return queryset.filter(said | Q(reported__isnull=True) if SILENT in value else said)

    def only_live(self, queryset, name, value):
        has_started = Q(starts_on__lte=self.on)
        if self.strategy.starts_on <= self.on:
            has_started |= Q(starts_on__isnull=True)
        return queryset.unfinished().filter(has_started)

    def under_priority(self, queryset, name, value):
        if value == NOWHERE:
            return self._placed(queryset, Q(priority=None) & (Q(objective=None) | Q(objective__priority=None)))
        return self._placed(queryset, Q(priority__ref=value) | Q(objective__priority__ref=value))

    def in_strand(self, queryset, name, value):
        if value == NOWHERE:
            return self._placed(queryset, Q(workstrand=None) & (Q(objective=None) | Q(objective__workstrand=None)))
        return self._placed(queryset, Q(workstrand__slug=value) | Q(objective__workstrand__slug=value))

    def led_by(self, queryset, name, value):
        """Led or supported by someone, or only the one that `part` asks for."""
        if value == NOWHERE:
            return self._placed(queryset, Q(lead=None))
        placements = Placement.objects.filter(lead=value, action__strategy=self.strategy)
        leads = Q(placement_id__in=placements.values("pk"))
        supports = Q(pk__in=Action.supporting_leads.through.objects.filter(lead=value).values("action"))
        return queryset.filter(
            {"leads": leads, "supports": supports}.get(self.form.cleaned_data["part"], leads | supports)
        )

    def owned_by(self, queryset, name, value):
        """The action's own partner; where it has none, its lead's. By number, or all of a sector."""
        wanted = {"sector": value} if value in Partner.Sector.values else {"pk": value}
        own = {f"partner__{key}": wanted[key] for key in wanted}
        of_lead = {f"lead__partner__{key}": wanted[key] for key in wanted}
        placements = Placement.objects.filter(action__strategy=self.strategy, **of_lead)
        return queryset.filter(Q(**own) | Q(partner__isnull=True, placement_id__in=placements.values("pk")))

    def because_of(self, queryset, name, value):
        return self._said(queryset, Q(cause=value))

    def only_asked(self, queryset, name, value):
        return self._said(queryset, Q(escalate_to=EscalateTo.BOARD, status__in=Status.worrying()) & ~Q(ask=""))

    def _placed(self, queryset, condition: Q):
        placements = Placement.objects.filter(condition, action__strategy=self.strategy)
        return queryset.filter(placement_id__in=placements.values("pk"))

    def _said(self, queryset, condition: Q):
        updates = ProgressUpdate.objects.filter(condition, action__strategy=self.strategy)
        return queryset.filter(update_id__in=updates.values("pk"))

    # What the rules answer

    def by_rule(self, queryset, name, value):
        return queryset

    @property
    def asks_rules(self) -> bool:
        return any(self.form.cleaned_data.get(name) for name in RULED)

    def kept(self, standings: list[Standing]) -> list[Standing]:
        tests = self._tests()
        return [standing for standing in standings if all(test(standing) for test in tests)]

    def _tests(self) -> list[Callable[[Standing], bool]]:
        asked = self.form.cleaned_data
        assessed, flags, due = set(asked["assessed"] or ()), set(asked["flag"] or ()), asked["due"]
        opens, closes = asked["due_from"], asked["due_to"]
        found = []
        if assessed:
            found.append(lambda s: s.assessed in assessed)
        if flags:
            found.append(lambda s: any(flag.code in flags for flag in s.flags))
        if asked["flagged"]:
            found.append(lambda s: bool(s.flags))
        if asked["fresh"]:
            found.append(lambda s: s.is_fresh == (asked["fresh"] == "1"))
        if due:
            found.append(lambda s: is_due(s, due, self.on))
        if opens:
            found.append(lambda s: s.due_on is not None and s.due_on >= opens)
        if closes:
            found.append(lambda s: s.due_on is not None and s.due_on <= closes)
        return found

    # In words

    def in_words(self) -> list[tuple[str, str]]:
        """(label, value) of every filter in use, for the page and for the head of an export."""
        said = []
        for name, value in self.form.cleaned_data.items():
            if value:
                field = self.form.fields[name]
                said.append((field.label, _value_in_words(field, value)))
        return said

    @property
    def unknown_names(self) -> list[str]:
        """What the address asks for that no filter answers."""
        known = {*self.filters, "sort", "page", "as_at", "compare", "by", "_export"}
        return sorted(name[:40] for name in self.data if name not in known)


def is_due(standing: Standing, window: str, on) -> bool:
    """Overdue and soon due are asked of work that is not finished; a finished action is due no more."""
    if window == NOWHERE:
        return standing.due_on is None
    if standing.due_on is None or standing.reported in Status.finished():
        return False
    return standing.due_on < on if window == "overdue" else on <= standing.due_on <= on + timedelta(days=30)


def _value_in_words(field: forms.Field, value) -> str:
    words = dict(_flat(getattr(field, "choices", [])))
    if isinstance(value, list):
        return listed(words[each] for each in value)
    if hasattr(value, "year"):
        return in_words(value)
    return str(words.get(value, value))


def _flat(choices):
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            yield from label
        else:
            yield value, label
