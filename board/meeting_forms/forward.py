"""What the Board looks at in depth, line by line."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError

from board.forward import Planned, seen_of
from board.models import ForwardItem
from common.dates import in_words
from people.models import Lead
from strategies.models import Meeting
from workstrands.forms import FilledForm, choice, one_line, with_role

MOST_BLANK = 3


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
