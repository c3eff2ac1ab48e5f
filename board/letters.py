"""The letters to leads, as plain text and as HTML: what is to be updated, oldest first, each with its own link."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from board.reminding import Awaited
from board.round_links import gets_link, make_link
from board.vocabulary import ReminderStage
from common.dates import in_words
from common.words import count_words, sentence_case
from people.models import Lead
from strategies.models import Area, ReportingRound
from workstrands.status import SHOWN_WORDS

SUBJECTS = {
    ReminderStage.OPENED: "{count} to update by {last_day}",
    ReminderStage.CLOSING: "Few days left: {count} to update by {last_day}",
    ReminderStage.OVERDUE: "Overdue: {count} to update, asked for by {last_day}",
    ReminderStage.OVERDUE_COPY: "Still overdue: {count} to update, asked for by {last_day}",
}
ASKED = "Updates for the Board’s meeting of {meeting} were asked for by {last_day}"
OPENINGS = {
    ReminderStage.OPENED: "Reporting for the Board’s meeting of {meeting} has opened. "
    "Please say how {these} going by {last_day}.",
    ReminderStage.CLOSING: "Reporting for the Board’s meeting of {meeting} closes soon. "
    "Please say how {these} going by {last_day}.",
    ReminderStage.OVERDUE: f"{ASKED}. Please say now how {{these}} going: a late update still counts.",
    ReminderStage.OVERDUE_COPY: f"{ASKED}, and are still missing. Please say now how {{these}} going. "
    "The SEND team gets a copy of this letter.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One action in a letter."""

    ref: str
    title: str
    said: str
    due_on: date | None
    remark: str
    address: str


@dataclass(frozen=True)
class Letter:
    """One digest, before it is written down. `token` opens the lead's forms without a sign-in, where they get a link."""

    round: ReportingRound
    lead: Lead
    stage: ReminderStage
    awaited: list[Awaited]
    site: str
    token: str = ""
    link_went_before: bool = False
    copies: list[str] = field(default_factory=list)
    answers_to: list[str] = field(default_factory=list)

    @property
    def area(self) -> Area:
        return self.round.meeting.area

    @property
    def subject(self) -> str:
        return f"{self.area}: {self._filled(SUBJECTS[self.stage])}"

    @property
    def opening(self) -> str:
        return self._filled(OPENINGS[self.stage])

    def _filled(self, text: str) -> str:
        count = count_words(len(self.awaited), "action")
        return text.format(
            count=sentence_case(count) if text.startswith("{count}") else count,
            last_day=in_words(self.round.closes_on),
            meeting=in_words(self.round.meeting.held_on),
            these="this action is" if len(self.awaited) == 1 else f"these {count} are",
        )

    @property
    def lines(self) -> list[Line]:
        return [self._line(one) for one in self.awaited]

    def _line(self, one: Awaited) -> Line:
        standing = one.standing
        said = "Nothing has been reported yet."
        if standing.said:
            said = f"Last reported {SHOWN_WORDS[standing.shown_reported].lower()} on {in_words(one.said_on)}."
        address = self.site + self._path(standing.key)
        return Line(standing.ref, standing.title, said, standing.due_on, one.remark, address)

    def _path(self, key: str) -> str:
        if self.token:
            return reverse("board:link-to-action", args=[self.token, key])
        return reverse("workstrands:update", args=[self.area.slug, key])

    @property
    def all_address(self) -> str:
        return self.site + (reverse("board:link", args=[self.token]) if self.token else reverse("board:my"))

    def as_text(self) -> str:
        return render_to_string("board/letters/digest.txt", {"letter": self})

    def as_html(self) -> str:
        return render_to_string("board/letters/digest.html", {"letter": self})

    def message(self) -> EmailMultiAlternatives:
        message = EmailMultiAlternatives(
            self.subject, self.as_text(), to=[self.lead.email], cc=self.copies, reply_to=self.answers_to
        )
        message.attach_alternative(self.as_html(), "text/html")
        return message


def letter(
    round_: ReportingRound,
    lead: Lead,
    stage: ReminderStage,
    awaited: list[Awaited],
    *,
    site: str,
    officers: list[str],
    token: str = "",
) -> Letter:
    """`officers` are their addresses: they get answers, and the copy. Without a token it is made by looking alone."""
    is_copied = stage == ReminderStage.OVERDUE_COPY
    return Letter(
        round_,
        lead,
        stage,
        awaited,
        site,
        token=token,
        link_went_before=is_copied and gets_link(lead, round_.meeting.area),
        copies=officers if is_copied else [],
        answers_to=officers,
    )


def token_for(round_: ReportingRound, lead: Lead, stage: ReminderStage, *, at: datetime) -> str:
    """A new link where the lead gets one. A copy for officers holds none: it opens the forms for its lead alone."""
    if gets_link(lead, round_.meeting.area) and stage != ReminderStage.OVERDUE_COPY:
        return make_link(round_, lead, at=at)
    return ""
