"""The forms of a meeting: a decision, what becomes of it, challenge, the action log, who came, what comes later."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from board.deciding import COMES_BACK, StopReason
from board.kpi_forms.numbers import radios
from board.kpi_forms.promises import SeenForm
from board.minuting import PRESENCE, Came, Planned, presence_of, seen_of
from board.models import Attendance, ForwardItem
from board.vocabulary import DecisionKind, Outcome
from common.dates import in_words
from common.text import Keepable
from kpis.models import Kpi
from people.models import Lead, Membership, Partner, User
from strategies.models import Area, Meeting
from workstrands.forms import DayField, FilledForm, choice, long_text, one_line, with_role
from workstrands.models import Action

MOST_BLANK = 3
DATED = (DecisionKind.AGREE_DATE, *COMES_BACK)
KIND_HINTS = {
    DecisionKind.OTHER: "Something else: what is to be done, by whom and by when",
    DecisionKind.AGREE_DATE: "Agree a later date for an action",
    DecisionKind.REFUSE_DATE: "Refuse the date that its lead proposed",
    DecisionKind.ACCEPT_RED: "Accept that an action is off track, until a date",
    DecisionKind.PUT_ON_HOLD: "Put an action on hold, until a date",
    DecisionKind.STOP: "Stop an action",
    DecisionKind.RESUME: "Take an action up again that was on hold or stopped",
}


class Choices:
    """The actions of running plans, the KPIs and the leads in post of an area, each by what a form sends."""

    def __init__(self, area: Area, on):
        running = Action.objects.filter(area=area, strategy__state="published", strategy__ends_on__gte=on)
        in_plan = running.filter(retired_on__isnull=True).select_related("strategy").order_by("strategy", "position")
        self.actions = {action.key: action for action in in_plan}
        tracked = Kpi.objects.filter(area=area).select_related("indicator").order_by("indicator__title")
        self.kpis = {kpi.indicator.code: kpi for kpi in tracked}
        self.leads = {str(lead.pk): lead for lead in Lead.objects.filter(area=area).in_post(on)}

    def of_actions(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Grouped by their plan."""
        plans: dict[str, list[tuple[str, str]]] = {}
        for key, action in self.actions.items():
            title = action.title if len(action.title) <= 90 else f"{action.title[:89]}…"
            plans.setdefault(str(action.strategy), []).append((key, f"{action.ref} {title}"))
        return list(plans.items())

    def of_kpis(self) -> list[tuple[str, str]]:
        return [(code, kpi.indicator.title) for code, kpi in self.kpis.items()]

    def of_leads(self) -> list[tuple[str, str]]:
        return [(pk, with_role(lead)) for pk, lead in self.leads.items()]


class ChoosingForm(SeenForm):
    """A form some of whose lists are an area's records; what was chosen comes back as the record."""

    lists = {"action": "actions", "kpi": "kpis", "owner": "leads"}

    def __init__(self, *args, choices: Choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.offered = choices
        for name, of in self.lists.items():
            if name in self.fields:
                field = self.fields[name]
                field.choices = [*field.choices, *getattr(choices, f"of_{of}")()]

    def chosen(self) -> dict:
        """What was said, with records in place of their addresses; none where nothing was chosen."""
        said = dict(self.cleaned_data)
        for name, of in self.lists.items():
            if name in said:
                said[name] = getattr(self.offered, of).get(said[name])
        return said


def _owner():
    return choice("Who does it", [], empty="Choose a lead, or write who below")


def _owner_text():
    return one_line(
        "Or who, where it is no lead", limit=120, help_text="A post or a body, such as “Clerk to the Board”."
    )


def _due_on():
    return DayField(
        label="To be done by", required=False, help_text="For example, 31 3 2027. Empty where no day was set."
    )


class DecisionForm(ChoosingForm):
    kind = radios(
        "What kind of decision is it?", list(KIND_HINTS.items()), missing="Choose what kind of decision it is."
    )
    text = forms.CharField(
        label="What was decided",
        help_text="One sentence that can be read out.",
        strip=False,
        validators=[Keepable("What was decided")],
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Say what was decided."},
    )
    action = choice("About which action", [], empty="No action")
    kpi = choice("About which KPI", [], empty="No KPI")
    day = DayField(
        label="The date agreed, or until when",
        required=False,
        help_text="Of a later date: the date that is agreed. On hold or accepted: its last day; it comes back by itself.",
    )
    stop_reason = choice(
        "Why it is stopped", StopReason.choices, empty="Only where an action is stopped", help_text="Of a stop only."
    )
    reason = long_text(
        "The reason", "Needed to accept, to put on hold and to stop. It is shown with the action.", rows=3
    )
    owner = _owner()
    owner_text = _owner_text()
    due_on = _due_on()

    def clean(self) -> None:
        kind, said = self.cleaned_data.get("kind"), self.cleaned_data
        if kind == DecisionKind.STOP and not said.get("stop_reason"):
            self.add_error("stop_reason", "Choose why it is stopped.")
        elif kind and kind != DecisionKind.STOP and said.get("stop_reason"):
            self.add_error(
                "stop_reason", "Nothing is stopped by this kind of decision: choose “Stop”, or leave this empty."
            )
        if kind and kind not in DATED and said.get("day"):
            self.add_error(
                "day",
                "Only a later date, an acceptance and a hold have a date: choose one of these, or leave it empty.",
            )

    @property
    def decided(self) -> dict:
        said = self.chosen()
        day, kind, why = said.pop("day"), said["kind"], said.pop("stop_reason")
        words = f"{StopReason(why).label}. {said['reason']}" if why else said["reason"]
        return {
            **said,
            "reason": words,
            "agreed_on": day if kind == DecisionKind.AGREE_DATE else None,
            "until": day if kind in COMES_BACK else None,
        }

    def accuse(self, error: ValidationError) -> None:
        """Both dates of a decision are typed into one field."""
        if hasattr(error, "error_dict"):
            found = {"day" if name in ("agreed_on", "until") else name: said for name, said in error.error_dict.items()}
            error = ValidationError(found)
        super().accuse(error)


class ChallengeForm(ChoosingForm):
    text = forms.CharField(
        label="What was questioned",
        strip=False,
        validators=[Keepable("What was questioned")],
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Say what was questioned."},
    )
    raised_by = one_line("By whom", limit=120, help_text="A post or a body, such as “Parent carer forum”.")
    answer = long_text("What was answered", "Empty where no answer was given yet.", rows=3)
    action = choice("About which action", [], empty="No action")
    kpi = choice("About which KPI", [], empty="No KPI")


class LogForm(ChoosingForm):
    text = forms.CharField(
        label="What is to be done",
        strip=False,
        validators=[Keepable("What is to be done")],
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Say what is to be done."},
    )
    owner = _owner()
    owner_text = _owner_text()
    due_on = _due_on()


class OutcomeForm(SeenForm):
    outcome = radios("What became of it?", [], missing="Choose what became of it.")
    text = long_text("In words", "What was done, or why it is dropped. It is shown with it.", rows=3)

    def __init__(self, *args, offered: Sequence[Outcome], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(each.value, each.label) for each in offered]
        self.fields["text"].validators = [Keepable("What became of it", limit=500)]


# Who came


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


# What comes later


class PlannedForm(FilledForm):
    """One line of the forward plan. `seen` is what was seen of it."""

    item = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    title = one_line("What is looked at", limit=200)
    meeting = choice("At which meeting", [], empty="Some day")
    lead = choice("Who prepares it", [], empty="Nobody yet")
    is_done = forms.BooleanField(label="Done", required=False)

    def __init__(
        self, *args, meetings: dict[str, Meeting], leads: dict[str, Lead], items: dict[int, ForwardItem], **kwargs
    ):
        super().__init__(*args, **kwargs)
        self.meetings, self.leads, self.items = meetings, leads, items
        for name, offered, words in (
            ("meeting", meetings, lambda meeting: in_words(meeting.held_on)), ("lead", leads, with_role),
        ):  # fmt: skip
            field = self.fields[name]
            field.choices = [*field.choices, *((key, words(record)) for key, record in offered.items())]
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"Line {self.number}: {(field.label or 'as it stood').lower()}"

    @property
    def number(self) -> int:
        return int(self.prefix.rpartition("-")[2]) + 1

    def clean_item(self) -> ForwardItem | None:
        pk = self.cleaned_data["item"]
        if pk and pk not in self.items:
            raise ValidationError("This line is no longer there. Open the page again.")
        return self.items.get(pk)

    def clean(self) -> None:
        said = self.cleaned_data
        if not self.has_error("title") and not said.get("title") and not self.is_empty:
            self.add_error("title", f"Line {self.number}: say what is to be looked at.")

    @property
    def is_empty(self) -> bool:
        said = self.cleaned_data
        return not any(said.get(name) for name in ("item", "title", "meeting", "lead", "is_done"))

    @property
    def planned(self) -> Planned | None:
        said = self.cleaned_data
        if self.is_empty:
            return None
        return Planned(
            title=said["title"], item=said["item"], meeting=self.meetings.get(said["meeting"]),
            lead=self.leads.get(said["lead"]), is_done=said["is_done"], seen=said["seen"],
        )  # fmt: skip


def planned_lines(items: Iterable[ForwardItem]) -> list[dict]:
    lines = [
        {
            "item": item.pk, "seen": seen_of(item), "title": item.title, "meeting": str(item.meeting_id or ""),
            "lead": str(item.lead_id or ""), "is_done": item.done_on is not None,
        }
        for item in items
    ]  # fmt: skip
    return [*lines, *({} for _ in range(MOST_BLANK))]
