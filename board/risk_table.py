"""The table of a register: what narrows it, its columns, and what each says on the page and in a file."""

from collections.abc import Callable
from datetime import date

import django_tables2 as tables
from django import forms
from django.utils.html import format_html
from django_tables2.data import TableListData

from board.risks import IMPACTS, LIKELIHOODS, Level, Movement, RiskStanding, natural
from board.tables import in_order
from common.dates import in_words
from strategies.models import Strategy

STATES: dict[str, tuple[str, Callable[[RiskStanding], bool]]] = {
    "open": ("Open", lambda row: not row.is_closed),
    "closed": ("Closed", lambda row: row.is_closed),
    "all": ("Open and closed", lambda row: True),
}
REVIEWS: dict[str, tuple[str, Callable[[RiskStanding], bool]]] = {
    "overdue": ("Overdue", lambda row: row.is_overdue),
    "none": ("No day set", lambda row: row.risk.review_on is None),
}


def _choice(label: str, choices, *, empty: str, unknown: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=False, choices=[("", empty), *choices], error_messages={"invalid_choice": unknown}
    )


class RiskFilterForm(forms.Form):
    """Every number on the page is an address with some of these, so their names stay."""

    state = _choice(
        "State", [(key, words) for key, (words, _) in STATES.items() if key != "open"], empty="Open",
        unknown="There is no such state. Choose one of the list.",
    )  # fmt: skip
    level = _choice("Level", Level.choices, empty="All", unknown="There is no such level. Choose one of the list.")
    likelihood = _choice(
        "Likelihood", [(str(n), f"{n} {word}") for n, word in LIKELIHOODS.items()], empty="All",
        unknown="Likelihood runs from 1 to 5.",
    )  # fmt: skip
    impact = _choice(
        "Impact", [(str(n), f"{n} {word}") for n, word in IMPACTS.items()], empty="All", unknown="Impact runs from 1 to 5."
    )  # fmt: skip
    movement = _choice(
        "Since then", Movement.choices, empty="All", unknown="There is no such change. Choose one of the list."
    )
    review = _choice(
        "Review", [(key, words) for key, (words, _) in REVIEWS.items()], empty="All",
        unknown="Review takes overdue or none.",
    )  # fmt: skip
    priority = _choice("Priority", [], empty="All", unknown="This plan has no such priority. Choose one of the list.")

    refs = forms.CharField(label="References, with commas between them", required=False, max_length=500)

    def __init__(self, data, *, strategy: Strategy):
        super().__init__(data, label_suffix="")
        found = strategy.priorities.order_by("position", "pk").values_list("ref", "title")
        self.fields["priority"].choices = [("", "All"), *((ref, f"{ref} {title}") for ref, title in found)]

    @property
    def unknown_names(self) -> list[str]:
        known = {*self.fields, "sort", "page", "as_at", "compare", "_export"}
        return sorted(name[:40] for name in self.data if name not in known)

    def kept(self, rows: list[RiskStanding]) -> list[RiskStanding]:
        """Nothing where a filter is not understood, rather than rows that answer another question."""
        return [row for row in rows if self._keeps(row)] if self.is_valid() else []

    def _keeps(self, row: RiskStanding) -> bool:
        asked = self.cleaned_data
        state = "closed" if asked["movement"] == Movement.CLOSED and not asked["state"] else asked["state"] or "open"
        return (
            STATES[state][1](row)
            and (not asked["level"] or row.level == asked["level"])
            and (not asked["likelihood"] or bool(row.score and str(row.score.likelihood) == asked["likelihood"]))
            and (not asked["impact"] or bool(row.score and str(row.score.impact) == asked["impact"]))
            and (not asked["movement"] or row.movement == asked["movement"])
            and (not asked["review"] or REVIEWS[asked["review"]][1](row))
            and (not asked["refs"] or row.risk.ref in {ref.strip() for ref in asked["refs"].split(",")})
            and (not asked["priority"] or asked["priority"] in {each.ref for each in row.risk.priorities.all()})
        )

    def in_words(self) -> list[tuple[str, str]]:
        if not self.is_valid():
            return []
        return [
            (str(self.fields[name].label), str(dict(getattr(self.fields[name], "choices", ())).get(value, value)))
            for name, value in self.cleaned_data.items()
            if value
        ]


# Worst first; None stands last whichever way.
SORTED_BY: dict[str, Callable[[RiskStanding], object]] = {
    "ref": lambda row: natural(row.ref),
    "title": lambda row: row.risk.title.casefold(),
    "score": lambda row: -row.number if row.score else None,
    "target": lambda row: row.target,
    "movement": lambda row: Movement.values.index(row.movement),
    "owner": lambda row: row.risk.owner.name.casefold() if row.risk.owner else None,
    "review": lambda row: row.risk.review_on,
    "escalated": lambda row: row.risk.get_escalated_to_display() or None,
}


class RiskData(TableListData):
    def order_by(self, aliases) -> None:
        self.data = in_order(self.data, [(SORTED_BY[alias.lstrip("-")], alias.startswith("-")) for alias in aliases])


NUMBER = {"td": {"class": "st-number"}, "th": {"class": "st-number"}}


class RiskTable(tables.Table):
    """Over `RiskStanding`s. What stands in grey below a cell of the page has a column of its own in a file."""

    caption = "Risks and issues, with their score, the score aimed at, what changed, their owner and when they are looked at again"
    row_header = "title"

    ref = tables.Column("Ref", accessor="ref")
    title = tables.Column("Risk or issue", accessor="risk__title", attrs={"th": {"class": "st-w-30"}})
    kind = tables.Column("Kind", empty_values=(), visible=False)
    cause = tables.Column("Because of", accessor="risk__cause", visible=False)
    event = tables.Column("This may happen", accessor="risk__event", visible=False)
    effect = tables.Column("Which would mean", accessor="risk__effect", visible=False)
    score = tables.Column("Score", accessor="number", empty_values=(), attrs={"th": {"class": "st-w-15"}})
    likelihood = tables.Column("Likelihood", accessor="score__likelihood", visible=False)
    impact = tables.Column("Impact", accessor="score__impact", visible=False)
    level = tables.Column("Level", empty_values=(), visible=False)
    target = tables.Column("Target", accessor="target", empty_values=(), attrs=NUMBER)
    movement = tables.Column("Change", empty_values=(), attrs={"th": {"class": "st-w-15"}})
    before = tables.Column("Score before", accessor="number_before", visible=False)
    owner = tables.Column("Owner", empty_values=())
    mitigation = tables.Column("What is done about it", accessor="risk__mitigation", visible=False)
    review = tables.Column("Review", empty_values=())
    overdue = tables.Column("Review overdue", accessor="is_overdue", empty_values=(), visible=False)
    escalated = tables.Column("Escalated to", empty_values=())
    raised = tables.Column("Raised", accessor="risk__raised_on", visible=False)
    closed = tables.Column("Closed", empty_values=(), visible=False)

    class Meta:
        template_name = "components/table.html"

    def __init__(self, rows: list[RiskStanding], *, base: str, query: str, on: date, **kwargs):
        self.base, self.query, self.on = base, query, on
        super().__init__(RiskData(rows), **kwargs)

    def render_title(self, record) -> str:
        words = [str(Movement.CLOSED.label)] if record.is_closed else []
        words += ["Issue"] if record.risk.kind == "issue" else []
        words += ["illustrative"] if record.risk.is_illustrative else []
        reason = format_html('<span class="st-reason">{}</span>', " · ".join(words)) if words else ""
        return format_html('<a href="{}{}/{}">{}</a>{}', self.base, record.ref, self.query, record.risk.title, reason)

    def value_title(self, record) -> str:
        return record.risk.title

    def value_kind(self, record) -> str:
        return record.risk.get_kind_display().partition(":")[0]

    def render_score(self, record) -> str:
        if record.score is None:
            return "Not scored"
        parts = f"likelihood {record.score.likelihood}, impact {record.score.impact}"
        words = '<strong>{}</strong> {}<span class="st-reason">{}</span>'
        return format_html(words, record.number, record.level.label, parts)

    def value_score(self, record) -> int | None:
        return record.number

    def value_level(self, record) -> str:
        return str(record.level.label) if record.level else ""

    def render_target(self, record) -> str:
        return "None" if record.target is None else str(record.target)

    def value_target(self, record) -> int | None:
        return record.target

    def render_movement(self, record) -> str:
        return (
            format_html("<strong>{}</strong>", record.movement_words)
            if record.movement == Movement.ROSE
            else record.movement_words
        )

    def value_movement(self, record) -> str:
        return record.movement_words

    def render_owner(self, record) -> str:
        return record.risk.owner.name if record.risk.owner else "Nobody named"

    def value_owner(self, record) -> str:
        return record.risk.owner.name if record.risk.owner else ""

    def render_review(self, record) -> str:
        day = format_html('<span class="st-nowrap">{}</span>', in_words(record.risk.review_on) or "No day set")
        if not record.is_overdue:
            return day
        return format_html('{}<ul class="st-flags"><li>Overdue {}</li></ul>', day, record.overdue_words)

    def value_review(self, record) -> date | None:
        return record.risk.review_on

    def value_overdue(self, record) -> str:
        return "yes" if record.is_overdue else "no"

    def render_escalated(self, record) -> str:
        return record.risk.get_escalated_to_display() or "Not escalated"

    def value_escalated(self, record) -> str:
        return record.risk.get_escalated_to_display()

    def value_raised(self, record) -> date:
        return record.risk.raised_on

    def value_closed(self, record) -> date | None:
        return record.risk.closed_on if record.is_closed else None
