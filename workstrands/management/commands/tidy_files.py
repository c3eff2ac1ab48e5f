"""`manage.py tidy_files`: files of evidence that no row names, and rows whose file is missing; `--remove`, `--scan`."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from common.words import plural
from workstrands import evidence, scanning
from workstrands.scanning import Outcome


class Command(BaseCommand):
    help = (
        "Lists the files of evidence that no row names, and the rows whose file is missing. Changes nothing by itself."
    )

    def add_arguments(self, parser):
        parser.add_argument("--remove", action="store_true", help="remove the files that no row names")
        parser.add_argument("--scan", action="store_true", help="have every file scanned for viruses again")

    def handle(self, *args, remove: bool, scan: bool, **options):
        now = timezone.now()
        self.unnamed(now, remove=remove)
        missing = evidence.missing_files()
        for piece in missing:
            self.stdout.write(f"Missing: {piece.file.name} ({piece.file_name}, action {piece.update.action.ref})")
        self.stdout.write(f"{plural(len(missing), 'row')} whose file is missing.")
        if scan:
            self.scan(now, without={piece.pk for piece in missing})

    def unnamed(self, now, *, remove: bool) -> None:
        names = evidence.unnamed_files(now)
        for name in names:
            self.stdout.write(f"No row names {name}")
            if remove:
                evidence.remove_unnamed(name)
        self.stdout.write(f"{plural(len(names), 'file')} that no row names{', removed' if names and remove else ''}.")

    def scan(self, now, *, without: set[int]) -> None:
        if not scanning.is_set_up():
            self.stdout.write("No virus scanner is set up: nothing was scanned.")
            return
        rows = evidence.kept_rows().select_related("update__action")
        said = [(piece, evidence.scan_again(piece, at=now)) for piece in rows.exclude(pk__in=without).order_by("pk")]
        for piece, outcome in said:
            if outcome == Outcome.INFECTED:
                self.stdout.write(f"Withheld: {piece.file_name}, action {piece.update.action.ref}")
        unscanned = sum(outcome == Outcome.NOT_AVAILABLE for _, outcome in said)
        self.stdout.write(f"{plural(len(said), 'file')} given to the scanner, {unscanned} of them not scanned.")
