"""The letters of a round, for officers: as they would go, what went, and what may not have gone."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views import View

from board import reminding, round_links
from board.letters import letter, token_for
from board.models import Reminder, RoundLink
from board.views.of_meeting import OfMeetingMixin
from board.vocabulary import ReminderStage
from common.dates import in_words, london_day
from common.words import count_words
from people.models import Lead
from people.parking import forget_parked
from people.roles import may_edit

MOST_LETTERS = 500


@dataclass(frozen=True, slots=True)
class Cell:
    """One stage of one lead: what became of its letter, or from which day it goes."""

    stage: ReminderStage
    reminder: Reminder | None
    state: str  # sent, doubtful, on_its_way, due, later, passed
    day: date
    has_letter: bool
    why_not_again: str = ""


@dataclass
class Row:
    lead: Lead
    awaited: int
    is_preview_only: bool
    cells: list[Cell] = field(default_factory=list)
    links: list[RoundLink] = field(default_factory=list)

    @property
    def live_links(self) -> int:
        return sum(link.revoked_at is None for link in self.links)

    @property
    def last_used_at(self) -> datetime | None:
        return max((link.last_used_at for link in self.links if link.last_used_at), default=None)


class OfLettersMixin(OfMeetingMixin):
    """For the officers of the area: whether letters go in the round of a meeting, and who gets copies."""

    may = may_edit

    @property
    def backend(self) -> str:
        return settings.EMAIL_BACKEND

    @cached_property
    def officers(self) -> list[str]:
        return [officer.email for officer in reminding.officers_of(self.round, backend=self.backend)]

    @property
    def over_because(self) -> str:
        """Why no more letters go, as the start of a sentence; empty while some may."""
        if self.meeting.is_called_off(self.when.moment):
            return "The meeting was called off"
        is_closed = self.round.closed_at and self.round.closed_at <= self.when.moment
        return "The round has closed" if is_closed else ""

    @property
    def is_over(self) -> bool:
        return bool(self.over_because)

    @property
    def is_open(self) -> bool:
        return self.round.is_open(self.when.moment) and not self.is_over

    def awaited(self) -> dict:
        """Of a closed round nothing is awaited any more."""
        return {} if self.is_over else reminding.awaited_by_lead(self.round, self.when.moment)


class LettersMixin(OfLettersMixin):
    """What became of each letter of the round, and making one that is sent from here."""

    def rows(self) -> list[Row]:
        """Leads of whom something is awaited, and those to whom a letter went; queries do not grow with either."""
        awaited, went = self.awaited(), defaultdict(dict)
        for each in self.round.reminders.filter(claimed_at__lte=self.when.moment).select_related("lead__user"):
            went[each.lead_id][each.stage] = each
        links = defaultdict(list)
        for link in self.round.links.filter(made_at__lte=self.when.moment):
            links[link.lead_id].append(link)
        leads = Lead.objects.filter(area=self.area, pk__in={*awaited, *went}).select_related("user")
        in_post = [lead for lead in leads if not (lead.left_on and lead.left_on <= self.when.day)]
        self.unaddressed = [lead for lead in in_post if not lead.email and lead.pk in awaited]
        addressed = {lead.pk for lead in in_post if lead.email}
        return [
            self.row(lead, awaited.get(lead.pk, []), went[lead.pk], links[lead.pk])
            for lead in leads
            if lead.pk in went or lead.pk in addressed
        ]

    def row(self, lead: Lead, awaited: list, went: dict, links: list) -> Row:
        out = reminding.goes_out(lead, self.round, self.backend)
        row = Row(lead, len(awaited), is_preview_only=not out and not went, links=links)
        claimed = {ReminderStage(stage): london_day(each.claimed_at) for stage, each in went.items()}
        days = reminding.days_of(self.round)
        due = reminding.due_stage(self.when.day, days, claimed) if awaited else None
        for stage, day in days.items():
            reminder = went.get(stage)
            state = self.state_of(reminder) if reminder else self.state_ahead(stage, day, due)
            why_not = self.why_not_again(stage, lead, awaited, claimed)
            row.cells.append(Cell(stage, reminder, state, day, has_letter=bool(awaited), why_not_again=why_not))
        return row

    def why_not_again(self, stage: ReminderStage, lead: Lead, awaited: list, claimed: dict) -> str:
        """Why a letter that may not have gone cannot be sent again, as a sentence; empty when it can."""
        if not self.is_open:
            return "The round is not open: there is nothing to remind anybody of."
        if not awaited:
            return f"Nothing is awaited from {lead} any more: no letter is needed."
        if not lead.email or (lead.left_on and lead.left_on <= self.when.day):
            return f"{lead} has no address or has left: nobody can be written to."
        if not reminding.goes_out(lead, self.round, self.backend):
            return f"{lead} or the round is illustrative: nothing is sent outside."
        if reminding.is_outdated(stage, self.when.day, reminding.days_of(self.round), claimed):
            return "The letter of a later stage takes its place."
        return ""

    def state_of(self, reminder: Reminder) -> str:
        if reminder.sent_at and reminder.sent_at <= self.when.moment:
            return "sent"
        return "doubtful" if reminding.may_not_have_gone(reminder, self.when.moment) else "on_its_way"

    def state_ahead(self, stage: ReminderStage, day: date, due: ReminderStage | None) -> str:
        if stage == due and self.is_open:
            return "due"
        return "later" if day > self.when.day and not self.is_over else "passed"

    def message_to(self, reminder: Reminder, awaited: list, connection):
        stage = ReminderStage(reminder.stage)
        token = token_for(self.round, reminder.lead, stage, at=self.when.now)
        made = letter(
            self.round, reminder.lead, stage, awaited, site=settings.SITE_ADDRESS, officers=self.officers, token=token
        ).message()
        made.connection = connection
        return made


def doubtful_in(rows: list[Row]) -> list[tuple[Row, Cell]]:
    return [(row, cell) for row in rows for cell in row.cells if cell.state == "doubtful"]


class RemindersView(LettersMixin, View):
    template_name = "board/reminders.html"

    def get(self, request, **kwargs):
        context = {
            "area": self.area,
            "meeting": self.meeting,
            "round": self.round,
            "can_change": not self.when.as_at,
        }
        if self.round is not None:
            context |= self.letters()
        return render(request, self.template_name, context)

    def letters(self) -> dict:
        rows = self.rows()
        doubtful = doubtful_in(rows)
        return {
            "rows": rows,
            "stages": [stage.label for stage in ReminderStage],
            "linked": [row for row in rows if row.links],
            "doubtful": doubtful,
            "can_go_again": sum(not cell.why_not_again for _, cell in doubtful),
            "is_over": self.is_over,
            "over_because": self.over_because,
            "is_open": self.is_open,
            "officers": self.officers,
            "has_preview_only": any(row.is_preview_only for row in rows),
            "unaddressed": self.unaddressed,
            "sent": sum(cell.state == "sent" for row in rows for cell in row.cells),
        }

    def post(self, request, **kwargs):
        if self.when.as_at or self.round is None:
            raise Http404("Nothing can be changed here.")
        presses = {
            "again": self.send_again,
            "revoke": self.revoke,
            "links_on": self.links_on,
            "links_off": self.links_off,
        }
        press = presses.get(request.POST.get("press"))
        if press is None:
            messages.warning(request, "Nothing was chosen: press one of the buttons.")
        else:
            try:
                press(request)
            except ValidationError as refusal:
                messages.warning(request, " ".join(refusal.messages))
        return redirect("board:reminders", self.area.slug, self.kwargs["day"])

    def send_again(self, request) -> None:
        reminder = numbered(self.round.reminders.select_related("lead__user"), request.POST.get("reminder", ""))
        seen = read_moment(request.POST.get("claimed_at", ""))
        lead, awaited = reminder.lead, self.awaited().get(reminder.lead_id, [])
        stood = {
            ReminderStage(each.stage): london_day(each.claimed_at) for each in lead.reminders.filter(round=self.round)
        }
        why_not = self.why_not_again(ReminderStage(reminder.stage), lead, awaited, stood)
        if why_not:
            raise ValidationError(why_not)
        reminding.claim_again(reminder, seen_claimed_at=seen, by=request.user, at=self.when.now)
        if reminding.send(reminder, self.message_to(reminder, awaited, get_connection()), clock=timezone.now):
            messages.success(request, f"The letter to {lead} has gone to {reminder.address}.")
        else:
            messages.warning(
                request, f"The letter to {lead} could not be sent. What the mail server said stands below."
            )

    def revoke(self, request) -> None:
        lead = numbered(Lead.objects.filter(area=self.area), request.POST.get("lead", ""))
        gone = round_links.revoke(self.round, lead, at=self.when.now)
        links = count_words(gone, "link")
        messages.success(
            request,
            f"{links.capitalize()} of {lead} opened until now, and no longer." if gone else "There was no link.",
        )

    def links_on(self, request) -> None:
        round_links.switch(self.area, on=True, at=self.when.now)
        messages.success(request, "From the next letter on, leads who have never signed in get a link.")

    def links_off(self, request) -> None:
        round_links.switch(self.area, on=False, at=self.when.now)
        messages.success(request, "Letters carry no links any more, and those that were sent open nothing.")


def numbered(rows, number: str):
    """The record of that number among these rows; a plain 404 for any other, and for nonsense."""
    found = rows.filter(pk=number).first() if number.isascii() and number.isdigit() and len(number) < 19 else None
    if found is None:
        raise Http404("No such record.")
    return found


def read_moment(text: str) -> datetime:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ValidationError("The page was too old to tell. Look at it again, then press.")
    return found


class SendAgainView(LettersMixin, View):
    """All letters that may not have gone, at once. The page names them first; the press sends those that it named."""

    template_name = "board/reminders_again.html"
    is_reading = False

    def get(self, request, **kwargs):
        if self.round is None:
            raise Http404("No round is planned for this meeting.")
        forget_parked(request)
        doubtful = doubtful_in(self.rows())
        context = {
            "area": self.area,
            "meeting": self.meeting,
            "round": self.round,
            "wanted": [(row, cell) for row, cell in doubtful if not cell.why_not_again],
            "left": [(row, cell) for row, cell in doubtful if cell.why_not_again],
        }
        return render(request, self.template_name, context)

    def post(self, request, **kwargs):
        if self.round is None:
            raise Http404("No round is planned for this meeting.")
        picked, passed = self.picked()
        if picked:
            passed += self.send(picked)
        elif not passed:
            messages.warning(request, "No letter was named: there is nothing to send again.")
        if passed:
            letters = count_words(passed, "letter")
            messages.warning(
                request, f"{letters.capitalize()} of those you saw went, or changed, meanwhile: not sent again."
            )
        return redirect("board:reminders", self.area.slug, self.kwargs["day"])

    def picked(self) -> tuple[list[tuple[Reminder, datetime]], int]:
        """Those that the page named and that can still go, each with when it was seen to be claimed; how many cannot."""
        waiting = {str(cell.reminder.pk): cell for _, cell in doubtful_in(self.rows()) if not cell.why_not_again}
        named = dict(letter.partition("/")[::2] for letter in self.request.POST.getlist("letter")[:MOST_LETTERS])
        found = []
        for number, seen in named.items():
            try:
                found.append((waiting[number].reminder, read_moment(seen)))
            except (KeyError, ValidationError):
                continue
        return found, len(named) - len(found)

    def send(self, picked: list[tuple[Reminder, datetime]]) -> int:
        """How many somebody else sent meanwhile. Where the mail server is not there, nothing is claimed."""
        awaited, connection = self.awaited(), get_connection()
        try:
            connection.open()
        except OSError as error:
            messages.warning(self.request, f"The mail server was not reached ({error}). Nothing was sent.")
            return 0
        try:
            outcome = reminding.send_doubtful(
                picked,
                by=self.request.user,
                clock=timezone.now,
                compose=lambda each: self.message_to(each, awaited.get(each.lead_id, []), connection),
                reconnect=lambda: reminding.is_reached_anew(connection),
            )
        finally:
            connection.close()
        self.tell(outcome)
        return len(outcome.taken)

    def tell(self, outcome: reminding.Outcome) -> None:
        if outcome.sent:
            messages.success(self.request, f"{count_words(len(outcome.sent), 'letter').capitalize()} sent again.")
        if outcome.failed:
            failed = count_words(len(outcome.failed), "letter").capitalize()
            rest = " The mail server is gone: the rest was left as it was." if outcome.is_cut_short else ""
            messages.warning(self.request, f"{failed} could not be sent. What the mail server said stands below.{rest}")


class ReminderLetterView(OfLettersMixin, View):
    """One letter, as it would go now. No link is made by looking at it."""

    def get(self, request, stage, lead, **kwargs):
        if self.round is None or stage not in ReminderStage.values:
            raise Http404("No such letter.")
        in_post = Lead.objects.in_post(self.when.day).filter(area=self.area)
        to = numbered(in_post.select_related("user"), lead)
        awaited = self.awaited().get(to.pk, [])
        stage = ReminderStage(stage)
        made = letter(self.round, to, stage, awaited, site=settings.SITE_ADDRESS, officers=self.officers)
        return render(
            request,
            "board/reminder_letter.html",
            {
                "area": self.area,
                "meeting": self.meeting,
                "round": self.round,
                "lead": to,
                "stage": stage,
                "letter": made if awaited else None,
                "over_because": self.over_because,
                "will_carry_link": round_links.gets_link(to, self.area) and stage != ReminderStage.OVERDUE_COPY,
                "is_preview_only": not reminding.goes_out(to, self.round, self.backend),
                "last_day": in_words(self.round.closes_on),
            },
        )
