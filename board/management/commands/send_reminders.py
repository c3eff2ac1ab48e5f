"""`manage.py send_reminders`: the letters that are due to leads of open rounds. Run it once each working day."""

from datetime import date

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from board.letters import letter, token_for
from board.reminding import DueLetter, Outcome, due_letters, is_reached_anew, officers_of, open_rounds, send_due
from common.dates import end_of_day, in_words
from common.words import plural
from strategies.models import ReportingRound


class Command(BaseCommand):
    help = "Mails each lead one digest per stage of an open round; never twice, however often and wherever it is run."

    def add_arguments(self, parser):
        parser.add_argument(
            "--today",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="the day to go by; by default today in London",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")

    def handle(self, *args, today: date | None, dry_run: bool, **options):
        moment = end_of_day(today) if today else timezone.now()
        due = [(each, due_letters(each, moment, backend=settings.EMAIL_BACKEND)) for each in open_rounds(moment)]
        if not due:
            self.stdout.write("No round is open: there is nothing to remind anybody of.")
        waiting = [(round_, letters) for round_, letters in due if letters]
        for round_, letters in due:
            if dry_run or not letters:
                self.head(round_)
                self.tell(letters, "would be sent")
        if waiting and not dry_run:
            self.send(waiting)

    def send(self, due: list[tuple[ReportingRound, list[DueLetter]]]) -> None:
        """The mail server is asked first: where it is not there, nothing is claimed, and the next run sends."""
        connection = get_connection()
        try:
            connection.open()
        except OSError as error:
            raise CommandError(f"The mail server was not reached ({error}). Nothing was sent or claimed.") from None
        outcomes = []
        try:
            for round_, letters in due:
                outcomes.append(self.send_round(round_, letters, connection))
                if outcomes[-1].is_cut_short:
                    break
        finally:
            connection.close()
        refuse_failed(outcomes)

    def send_round(self, round_: ReportingRound, letters: list[DueLetter], connection) -> Outcome:
        officers = [officer.email for officer in officers_of(round_, backend=settings.EMAIL_BACKEND)]

        def compose(due: DueLetter) -> EmailMessage:
            token = token_for(round_, due.lead, due.stage, at=timezone.now())
            made = letter(
                round_, due.lead, due.stage, due.awaited, site=settings.SITE_ADDRESS, officers=officers, token=token
            ).message()
            made.connection = connection
            return made

        self.head(round_)
        outcome = send_due(
            round_, letters, clock=timezone.now, compose=compose, reconnect=lambda: is_reached_anew(connection)
        )
        self.tell(outcome.sent, "sent")
        self.tell(outcome.taken, "left to another run")
        self.tell(outcome.failed, "may not have gone")
        return outcome

    def head(self, round_: ReportingRound) -> None:
        self.stdout.write(f"{round_.meeting.area}, round for the meeting of {in_words(round_.meeting.held_on)}:")

    def tell(self, letters: list[DueLetter], what: str) -> None:
        if not letters and what == "would be sent":
            self.stdout.write("  No letter is due.")
        for due in letters:
            counted = plural(len(due.awaited), "action")
            self.stdout.write(f"  {what}: {due.stage.label}, {due.lead.name}, {due.lead.email} ({counted})")


def refuse_failed(outcomes: list[Outcome]) -> None:
    """A run after which somebody should look ends as a failed one, so that cron or systemd says so."""
    failed = [due for outcome in outcomes for due in outcome.failed]
    rest = " The mail server is gone: the rest waits for the next run." if outcomes[-1].is_cut_short else ""
    if failed:
        raise CommandError(
            f"{plural(len(failed), 'letter')} may not have gone. Officers see which, and can send them again.{rest}"
        )
