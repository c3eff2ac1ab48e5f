"""`manage.py retain`: takes away what has been kept long enough (docs/safekeeping.md); `--rehearse`, `--audit`."""

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from board.safekeeping.retention import OwnerOnly, Rule, old_audit_entries, periods, retain
from board.search.keeping import tidy as tidy_search
from common.words import plural


class Command(BaseCommand):
    help = (
        "Takes away what has been kept long enough, and says how much; keeps searches quick. --rehearse only says it."
    )

    def add_arguments(self, parser):
        parser.add_argument("--rehearse", action="store_true", help="change nothing and say what would go")
        parser.add_argument(
            "--audit", action="store_true", help="old entries of the audit log too; as the owner of the database"
        )

    def handle(self, *, rehearse: bool, audit: bool, **options):
        now = timezone.now()
        try:
            done = retain(at=now, rehearse=rehearse, with_audit=audit)
            waiting = 0 if audit else old_audit_entries(now)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        except OwnerOnly as error:
            raise CommandError(
                "The database does not let this role remove entries of the audit log. Run it with DATABASE_URL naming the"
                f" owner of the tables. Nothing was taken away. ({error})"
            ) from error
        if not rehearse:
            tidy_search()
        for rule, count in done:
            self.stdout.write(f"{count:>7,}  {rule.what}{_kept_for(rule)}")
        if waiting:
            entries = plural(waiting, "entry", "entries")
            self.stdout.write(f"Past their time in the audit log: {entries}. By --audit they go.")
        self.stdout.write("Nothing was changed: this was a rehearsal." if rehearse else "Taken away.")


def _kept_for(rule: Rule) -> str:
    if rule.period:
        return f" (kept for {periods()[rule.period].days:,} days)"
    return f" (kept for {rule.words})" if rule.words else ""
