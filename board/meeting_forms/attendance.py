"""Who came, line by line."""

from dataclasses import dataclass

from django import forms
from django.db.models import Q

from board.attending import PRESENCE, Came, presence_of, seen_of
from board.models import Attendance
from people.models import Membership, Partner, User
from strategies.models import Meeting
from workstrands.forms import FilledForm, choice, one_line

MOST_BLANK = 3


@dataclass(frozen=True, slots=True)
class People:
    """Whom the attendance of a meeting can name: the area's partners, and those who sign in."""

    partners: dict[str, Partner]
    users: dict[str, object]

    @classmethod
    def of(cls, meeting: Meeting) -> "People":
        """Also those who are noted already, and have left or been replaced since."""
        is_noted, area = Q(pk__in=meeting.attendances.order_by().values("partner")), meeting.area_id
        partners = Partner.objects.filter(Q(successor__isnull=True) | is_noted, area=area)
        noted = Q(attendances__meeting=meeting)
        users = User.objects.filter(Q(memberships__area=area) | noted).distinct().order_by("name", "email")
        return cls({str(each.pk): each for each in partners}, {str(each.pk): each for each in users})


class CameForm(FilledForm):
    """One line. `was` is the name under which it stood, `seen` what was seen of it."""

    was = forms.CharField(widget=forms.HiddenInput, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    name = one_line("Name or post", limit=120)
    partner = choice("For", [], empty="No partner")
    user = choice("Sign-in", [], empty="Does not sign in")
    presence = choice("There", PRESENCE, empty="Not noted")

    def __init__(self, *args, people: People, **kwargs):
        super().__init__(*args, **kwargs)
        self.people = people
        partner, user = self.fields["partner"], self.fields["user"]
        partner.choices = [*partner.choices, *((pk, str(each)) for pk, each in people.partners.items())]
        user.choices = [*user.choices, *((pk, str(each)) for pk, each in people.users.items())]
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = (
                f"Line {self.number}: {field.label or 'as it stood'}".lower().capitalize()
            )

    @property
    def number(self) -> int:
        return int(self.prefix.rpartition("-")[2]) + 1

    @property
    def is_new(self) -> bool:
        return not self["was"].value()

    def clean(self) -> None:
        said = self.cleaned_data
        if self.has_error("name"):
            return
        if said.get("presence") and not said.get("name"):
            self.add_error("name", f"Line {self.number}: give a name or post.")
        elif not said.get("presence") and said.get("was"):
            self.add_error("presence", f"{said['name']}: choose whether they were there.")

    @property
    def came(self) -> Came | None:
        """None for a line that says nothing: a name without whether they came is a suggestion only."""
        said = self.cleaned_data
        if not said["presence"]:
            return None
        return Came(
            name=said["name"], presence=said["presence"], partner=self.people.partners.get(said["partner"]),
            user=self.people.users.get(said["user"]), was=said["was"], seen=said["seen"],
        )  # fmt: skip


def attendance_lines(meeting: Meeting, people: People) -> list[dict]:
    """What the form opens with: who is noted, then whom one would expect, then empty lines."""
    noted = list(meeting.attendances.order_by("partner__name", "name"))
    lines = [_noted(row) for row in noted]
    users, partners = {row.user_id for row in noted}, {row.partner_id for row in noted}
    board = Membership.objects.filter(area=meeting.area, role=Membership.Role.BOARD).select_related("user")
    lines += [
        {"name": str(each.user), "user": str(each.user_id)}
        for each in board.order_by("user__name") if each.user_id not in users
    ]  # fmt: skip
    lines += [
        {"partner": pk}
        for pk, partner in people.partners.items() if partner.pk not in partners and not partner.successor_id
    ]  # fmt: skip
    return [*lines, *({} for _ in range(MOST_BLANK))]


def _noted(row: Attendance) -> dict:
    return {
        "was": row.name, "seen": seen_of(row), "name": row.name, "partner": str(row.partner_id or ""),
        "user": str(row.user_id or ""), "presence": presence_of(row),
    }  # fmt: skip
