"""The forms by which officers keep the Board's calendar: the days of a meeting that moves, and why one is called off."""

from datetime import date

from django import forms

from board.keeping_calendar import MOST_REASON, Days
from common.text import Keepable
from workstrands.forms import DayField, FilledForm

LABELS = {
    "held_on": "The meeting is held on",
    "papers_due_on": "Papers are due",
    "opens_on": "Its round opens",
    "closes_on": "Its round closes",
}


class NewDayForm(FilledForm):
    """Sent by GET: the days around another day can be looked at before anything moves."""

    on = DayField(
        label="Move it to",
        help_text="For example, 13 1 2027. A weekend or bank holiday moves to the next working day.",
        error_messages={"required": "Give the day that the meeting moves to."},
    )


class MoveForm(FilledForm):
    """The days as an officer settles them: those that can still move. `seen` are the days that stood."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)

    def __init__(self, *args, stands: Days, names: tuple[str, ...], days: Days | None = None, **kwargs):
        initial = {name: getattr(days, name) for name in names} | {"seen": str(stands)} if days else {}
        super().__init__(*args, initial=initial, **kwargs)
        self.stands, self.names = stands, names
        for name in names:
            self.fields[name] = DayField(
                label=LABELS[name], error_messages={"required": f"{LABELS[name]}: give the day."}
            )

    @property
    def settled(self) -> Days:
        """With the days that have come about as they stand."""
        days: dict[str, date | None] = {name: getattr(self.stands, name) for name in LABELS}
        return Days(**days | {name: self.cleaned_data[name] for name in self.names})

    def now_seen(self, stands: Days) -> None:
        """Sent again, the form answers the days that stand now."""
        self.data = self.data.copy()
        self.data["seen"] = str(stands)


class CallOffForm(FilledForm):
    because = forms.CharField(
        label="Why it is called off",
        help_text="Everybody who looks at the meeting reads it, and it stands in calendars that are fetched by a link.",
        strip=False,
        validators=[Keepable("Why", limit=MOST_REASON)],
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Say why the meeting is called off."},
    )
