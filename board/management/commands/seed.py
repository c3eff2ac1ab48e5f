"""Load the published documents; run again it changes nothing, and keeps what people have edited."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from board.seeding import Refused, document_lines, seed


class Command(BaseCommand):
    help = "Loads what the published documents state, from the files in fixtures/ (see docs/seed-format.md)."

    def add_arguments(self, parser):
        default = Path(settings.BASE_DIR) / "fixtures"
        parser.add_argument("--fixtures", type=Path, default=default, metavar="DIR", help="where the files are")

    def handle(self, *, fixtures: Path, verbosity: int, **options):
        try:
            outcome, library = seed(fixtures, now=timezone.now())
        except Refused as refusal:
            lines = "\n".join(f"  {problem}" for problem in refusal.problems)
            raise CommandError(f"Nothing was loaded. Mend this in {fixtures} first:\n{lines}") from None
        if verbosity:
            for line in [*outcome.lines(), "", *document_lines(library)]:
                self.stdout.write(line)
