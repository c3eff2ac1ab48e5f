"""The audit log as administrators read it: what narrows it, and its table."""

from datetime import date, datetime, time, timedelta

import django_tables2 as tables
from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from common.dates import LONDON, in_words, time_in_words
from people.models import AuditEntry, Membership
from strategies.models import Area
from workstrands.forms import choice

WHOLE_NUMBER = 18  # digits; more is no row's number


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d %B %Y"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Give a day that exists, like 31/10/2026."},
    )


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min), LONDON)


class AuditFilterForm(forms.Form):
    kind = choice(
        "What", AuditEntry.Kind.choices, empty="All", invalid="There is no such kind. Choose one of the list."
    )
    who = choice("Who", [], empty="All", invalid="Nobody of this area is meant by that. Choose one of the list.")
    since = _day("From")
    until = _day("To")

    def __init__(self, data, *, area: Area):
        super().__init__(data, label_suffix="")
        members = Membership.objects.filter(area=area).select_related("user").order_by("user__name", "user__email")
        self.people = {str(member.user_id): str(member.user) for member in members}
        self.fields["who"].choices = [("", "All"), *self.people.items()]

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", f"Give a day on or after {in_words(since)}.")
        return cleaned

    def kept(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Nothing where a filter is not understood, rather than rows that answer another question."""
        if not self.is_valid():
            return entries.none()
        said = self.cleaned_data
        wanted = {
            "kind": said["kind"],
            "user": said["who"],
            "at__gte": said["since"] and start_of(said["since"]),
            "at__lt": said["until"] and start_of(said["until"] + timedelta(days=1)),
        }
        return entries.filter(**{name: value for name, value in wanted.items() if value})

    def in_words(self) -> list[tuple[str, str]]:
        if not self.is_valid():
            return []
        said = self.cleaned_data
        words = {
            "What": dict(AuditEntry.Kind.choices).get(said["kind"], ""),
            "Who": self.people.get(said["who"], ""),
            "From": said["since"] and in_words(said["since"]),
            "To": said["until"] and in_words(said["until"]),
        }
        return [(label, value) for label, value in words.items() if value]


class AuditTable(tables.Table):
    caption = "The audit log, the newest entry first"
    row_header = "at"
    orderable = False

    at = tables.Column("When", attrs={"th": {"class": "st-w-20"}, "td": {"class": "st-nowrap"}})
    kind = tables.Column("What", accessor="get_kind_display", attrs={"th": {"class": "st-w-15"}})
    who = tables.Column("Who", accessor="user", default="Nobody known")
    address = tables.Column("Address of the page", attrs={"th": {"class": "st-w-40"}})
    what = tables.Column("Name of the page", visible=False)
    ip_address = tables.Column("Network address")

    class Meta:
        template_name = "components/table.html"
        orderable = False

    def render_at(self, value: datetime) -> str:
        return f"{in_words(value.astimezone(LONDON).date())}, {time_in_words(value)}"

    def value_at(self, value: datetime) -> datetime:
        return value

    def render_who(self, record: AuditEntry) -> str:
        return str(record.user)

    def value_who(self, record: AuditEntry) -> str:
        return str(record.user or "")
