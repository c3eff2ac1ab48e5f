"""`manage.py demo`: made-up leads, reports and monthly figures on the seeded plans; `--remove` takes them away again."""

from datetime import date

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from board.demonstration import removal, writing
from common.dates import in_words, london_day
from strategies.models import Area


def day(text: str) -> date:
    return date.fromisoformat(text)


class Command(BaseCommand):
    help = "Adds illustrative leads, sign-ins, updates, figures and meetings to the seeded plans, or takes them away again."

    def add_arguments(self, parser):
        parser.add_argument(
            "--today", type=day, metavar="YYYY-MM-DD", help="the day to play on; by default today in London"
        )
        parser.add_argument("--remove", action="store_true", help="take everything illustrative away again")

    def handle(self, *args, today: date | None, remove: bool, **options):
        if settings.IS_PRODUCTION:
            raise CommandError("The demonstration is not for production: nothing was changed.")
        try:
            self.remove() if remove else self.write(today)
        except removal.UntaggedDepends as refusal:
            lines = "\n".join(f"  - {line}" for line in refusal.listed)
            raise CommandError(
                f"Nothing was changed: real records depend on illustrative ones. Change these first:\n{lines}"
            ) from None
        except writing.NothingSeeded:
            raise CommandError("There is no plan to demonstrate on. Run `manage.py seed` first.") from None
        except writing.AddressTaken as taken:
            raise CommandError(
                f"Nothing was changed: somebody signs in as {taken}, which the demonstration needs."
            ) from None

    def remove(self) -> None:
        gone = self.take_away()
        self.say(f"Removed {gone:,} illustrative rows." if gone else "Nothing illustrative was here.")

    def take_away(self) -> int:
        kept = removal.edited_since()
        gone = removal.remove()
        for line in kept:
            self.say(f"  {line}")
        return gone

    def write(self, asked: date | None) -> None:
        now_on = london_day(timezone.now())
        today = asked or now_on
        present = writing.present_since()
        if present and asked in (None, present):
            self.say(f"The demonstration of {in_words(present)} is here already; nothing was changed.")
            if present != today:
                self.say(f"To write it anew for today, which drops what its people wrote since: demo --today {today}")
            return self.tell_sign_ins()
        if today > now_on:
            self.stderr.write(f"{in_words(today)} is still to come: rows dated after today are not shown until then.")
        with transaction.atomic():
            if present:
                self.take_away()
            written = writing.write(today)
        self.say(
            f"Wrote the demonstration for {in_words(today)}: {written.updates:,} updates, {written.figures:,} figures."
        )
        for plan in written.plans:
            self.say(f"  {plan}")
        return self.tell_sign_ins()

    def tell_sign_ins(self) -> None:
        self.say(f"\nSign in with the password {writing.PASSWORD} as")
        areas = Area.objects.filter(memberships__is_illustrative=True).distinct().order_by("-name")
        for each in (sign_in for area in areas for sign_in in writing.sign_ins(area)):
            self.say(f"  {each.email:<34} {each.area}: {each.name}, {each.role.lower()}")

    def say(self, line: str) -> None:
        if self.verbosity > 0:
            self.stdout.write(line)

    def execute(self, *args, **options):
        self.verbosity = options.get("verbosity", 1)
        return super().execute(*args, **options)
