"""`manage.py backup`: database and stored files in one verified archive (docs/safekeeping.md)."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from board.safekeeping.making import NotMade, backup_root, in_mb, make_backup
from common.words import plural


class Command(BaseCommand):
    help = "Writes the database and the stored files into one archive, reads it back, and says where it lies."

    def add_arguments(self, parser):
        parser.add_argument("--to", type=Path, metavar="FOLDER", help="where archives lie; by default BACKUP_ROOT")
        parser.add_argument("--keep", type=int, metavar="N", help="remove all but the newest N archives of the folder")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="which of the settings’ DATABASES")

    def handle(self, *, to: Path | None, keep: int | None, database: str, **options):
        if keep is not None and keep < 1:
            raise CommandError("--keep must be 1 or more: the archive just made is one of them.")
        try:
            made = make_backup(to or backup_root(), at=timezone.now(), keep=keep, using=database)
        except NotMade as error:
            raise CommandError(str(error)) from error
        held = made.manifest
        self.stdout.write(f"{made.path}: {in_mb(made.size)}, sha256 {made.sha256}")
        self.stdout.write(
            f"{plural(held.rows, 'row')} of {plural(len(held.tables), 'table')} and {plural(len(held.files), 'file')}, read back."
        )
        for name in held.missing:
            self.stderr.write(f"Not in it, because it is not where it was stored: {name} (see manage.py tidy_files)")
        for name in made.removed:
            self.stdout.write(f"Removed {name}")
