"""The forms of a round: planning a year, checking a report, entering what was said by telephone, answering a flag."""

from datetime import date

from django import forms

from board.reviewing import MOST_REMARK, Check
from board.rounds import A_YEAR_OF, MOST_MEETINGS, Planned, Rhythm, Spacing
from common.dates import in_words
from common.text import Keepable
from people.models import Lead
from strategies.models import ReportingRound
from workstrands.forms import DayField, FilledForm, ShortDayField, UpdateForm, choice, long_text
from workstrands.standing import Standing
from workstrands.status import SHOWN_WORDS, Status

MOST_DAYS_BETWEEN = 60  # working days


def _days(label: str, help_text: str, *, least: int = 0) -> forms.IntegerField:
    wrong = f"{label}: give a whole number from {least} to {MOST_DAYS_BETWEEN}."
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=least,
        max_value=MOST_DAYS_BETWEEN,
        widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-3"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
    )


class YearForm(FilledForm):
    """Sent by GET: what it proposes can be looked at, changed and looked at again before anything is written."""

    rhythm = forms.ChoiceField(
        label="How often does the Board meet?",
        choices=Rhythm.choices,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose how often the Board meets."),
    )
    first_on = DayField(
        label="First meeting",
        help_text="For example, 13 1 2027. The others keep its weekday. A weekend or bank holiday moves to the next "
        "working day.",
        error_messages={"required": "Give the day of the first meeting."},
    )
    count = forms.IntegerField(
        label="How many meetings",
        help_text="Left empty, a year of them.",
        required=False,
        min_value=1,
        max_value=MOST_MEETINGS,
        widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-2"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), f"How many meetings: give a whole number from 1 to {MOST_MEETINGS}."
        ),
    )
    papers = _days("Papers are due", "Working days before the meeting.")
    closes = _days("The round closes", "Working days before papers are due.")
    opens = _days("The round opens", "Working days before papers are due.", least=1)

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_first_on(self) -> date:
        day = self.cleaned_data["first_on"]
        if day is not None and day <= self.today:
            raise forms.ValidationError(f"Give a day to come: {in_words(day)} has passed or is today.")
        return day

    def clean(self) -> None:
        opens, closes = self.cleaned_data.get("opens"), self.cleaned_data.get("closes")
        if opens is not None and closes is not None and opens <= closes:
            self.add_error("opens", "The round opens more working days before the papers than it closes.")

    @property
    def wanted(self) -> dict:
        """What `proposal` takes."""
        asked = self.cleaned_data
        return {
            "rhythm": asked["rhythm"],
            "first_on": asked["first_on"],
            "count": asked["count"] or A_YEAR_OF[Rhythm(asked["rhythm"])],
            "spacing": Spacing(papers=asked["papers"], closes=asked["closes"], opens=asked["opens"]),
        }


def _day(label: str) -> ShortDayField:
    return ShortDayField(
        label=label,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": f"{label}: write a day, such as 13 1 2027."},
    )


class PlannedForm(FilledForm):
    """One meeting of the rehearsal, as an officer settles it."""

    is_wanted = forms.BooleanField(label="Plan it", required=False, initial=True)
    held_on = _day("Meeting")
    opens_on = _day("Round opens")
    closes_on = _day("Round closes")
    papers_due_on = _day("Papers due")

    def __init__(self, *args, number: int, planned: Planned | None = None, **kwargs):
        initial = {name: getattr(planned, name) for name in DAYS} if planned else {}
        super().__init__(*args, prefix=f"m{number}", initial=initial, **kwargs)
        self.number = number
        self.notes = planned.notes if planned else ()
        self.weekday = f"a {planned.held_on:%A}" if planned else ""  # of the day proposed
        self.name = f"Meeting {number}"
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{self.name}: {field.label.lower()}"

    @property
    def is_left_out(self) -> bool:
        return self.is_bound and not self["is_wanted"].value()

    @property
    def planned(self) -> Planned:
        return Planned(*(self.cleaned_data[name] for name in DAYS))

    @property
    def summary(self) -> list[tuple[str, str]]:
        return [(address, f"{self.name}. {message}") for address, message in super().summary]


DAYS = ("held_on", "papers_due_on", "opens_on", "closes_on")


def round_choices(rounds: list[ReportingRound]) -> list[tuple[str, str]]:
    """By the day of the meeting, as addresses name them."""
    return [
        (str(found.meeting.held_on), f"The meeting of {in_words(found.meeting.held_on)}{' (closed)' if found.closed_at else ''}")
        for found in rounds
    ]  # fmt: skip


class ReviewForm(FilledForm):
    """Accept a report into a round, or return it to its lead."""

    update_number = forms.IntegerField(widget=forms.HiddenInput, required=False)
    seen_number = forms.IntegerField(widget=forms.HiddenInput, required=False)
    round = forms.ChoiceField(
        label="Which round it is accepted into",
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "Choose a round of this area that has been opened."
        ),
    )
    remark = forms.CharField(
        label="Remark",
        help_text="Asked for when you return it: what the lead should look at again. The lead reads it.",
        required=False,
        strip=False,
        validators=[Keepable("The remark", limit=MOST_REMARK)],
        widget=forms.Textarea({"rows": 4}),
    )

    def __init__(self, *args, rounds: list[ReportingRound], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["round"].choices = round_choices(rounds)
        self.rounds = {str(found.meeting.held_on): found for found in rounds}

    @property
    def chosen_round(self) -> ReportingRound:
        return self.rounds[self.cleaned_data["round"]]


class ReplyForm(FilledForm):
    seen_number = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = long_text("Your answer", "It is printed under the flag, on the action’s page and in the papers.", rows=5)


# A row of the telephone round


def reportable() -> list[tuple[str, str]]:
    """In the words of the area that is shown."""
    return [(status.value, f"{status.value} {SHOWN_WORDS[status]}") for status in Status.reportable()]


TYPED = (
    "status", "narrative", "cause", "next_steps", "escalate_to", "ask", "needed_by", "evidence_1_title",
    "evidence_1_kind", "evidence_1_url",
)  # fmt: skip
FOLDED = TYPED[4:]  # asked for only when off track or complete
NOT_ASKED = ("impact", "difference_made", "evidence_2_title", "evidence_2_kind", "evidence_2_url")


SHORT_NAMES = {
    "ask": "What the Board is asked",
    "evidence_1_title": "Evidence: title",
    "evidence_1_kind": "Evidence: kind",
    "evidence_1_url": "Evidence: web address",
}


class ReportRowForm(UpdateForm):
    """The form of one report, as a row of many: the same fields, rules and messages. `check` holds what was said last."""

    said_on = ShortDayField(
        label="Said on",
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": "Said on: write the day, such as 26 11 2026."},
    )

    def __init__(self, *args, standing: Standing, check: Check | None, leads: list[Lead], today: date, **kwargs):
        self.standing, self.check = standing, check
        initial = {
            "seen_number": check.update.number if check else 0,
            "on_behalf_of": str(leads[0].pk) if leads else "",
            "said_on": today,
        }
        super().__init__(*args, leads=leads, prefix=f"u-{standing.key}", initial=initial, **kwargs)
        for name in NOT_ASKED:
            del self.fields[name]
        self.fields["status"] = choice(
            "How is it going", reportable(), empty="Not said", invalid="Choose how it is going."
        )
        self.fields["needed_by"] = ShortDayField(label="Answer needed by", required=False, widget=forms.TextInput)
        self._call_by_short_names()
        self.name = f"Action {standing.ref}"
        for name, one in self.fields.items():
            one.help_text = ""
            if name != "seen_number":
                one.widget.attrs["aria-label"] = f"{self.name}: {one.label.lower()}"
        for name in ("narrative", "next_steps", "ask"):
            self.fields[name].widget.attrs["rows"] = 3

    def _call_by_short_names(self) -> None:
        """Beside a whole row there is no room for sentences."""
        for name, label in SHORT_NAMES.items():
            self.fields[name].label = label
        if self.leads:
            whose = self.fields["on_behalf_of"]
            whose.widget = forms.RadioSelect({"small": True})  # a long name breaks, where a list would cut it off
            whose.choices = [*((pk, str(lead)) for pk, lead in self.leads.items()), ("", "Mine, as an officer")]

    @property
    def how_it_goes(self) -> list:
        return [self["status"], self["cause"]]

    @property
    def what_is_said(self) -> list:
        return [self["narrative"], self["next_steps"]]

    @property
    def what_else(self) -> list:
        return [self[name] for name in FOLDED]

    @property
    def who_said(self) -> list:
        return [self[name] for name in ("on_behalf_of", "said_on") if name in self.fields]

    @property
    def is_empty(self) -> bool:
        """Nothing was said of the action: the row is left as it is."""
        return not any((self.data.get(self.add_prefix(name)) or "").strip() for name in TYPED)

    @property
    def has_more(self) -> bool:
        """Whether something stands, or is missing, in what is folded away."""
        return self.is_bound and any(self[name].value() or self[name].errors for name in FOLDED)

    def clean(self) -> None:
        super().clean()
        if not self.cleaned_data.get("status") and not self.has_error("status"):
            self.add_error("status", "Choose how the action is going.")

    @property
    def report(self) -> dict:
        """What was last said of the impact is said again: the telephone round does not ask for it."""
        return {**super().report, "impact": self.check.update.impact if self.check else ""}

    @property
    def summary(self) -> list[tuple[str, str]]:
        return [(address, f"{self.name}. {message}") for address, message in super().summary]

    def now_seen(self, number: int) -> None:
        """Sent again, the row answers the report that came in between."""
        self.data = self.data.copy()
        self.data[self.add_prefix("seen_number")] = str(number)
