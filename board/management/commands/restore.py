"""`manage.py restore ARCHIVE`: into an empty installation, all or nothing (docs/safekeeping.md)."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from board.safekeeping.archive import Unfit, examine, opened
from board.safekeeping.restoring import restore
from common.words import plural


class Command(BaseCommand):
    help = "Restores an archive of manage.py backup into an empty, migrated installation; --check only verifies it."

    def add_arguments(self, parser):
        parser.add_argument("archive", type=Path)
        parser.add_argument("--check", action="store_true", help="verify the archive and write nothing")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="which of the settings’ DATABASES")

    def handle(self, *, archive: Path, check: bool, database: str, **options):
        refuse_unmigrated(database)
        try:
            with opened(archive) as held:
                if check:
                    examine(held, using=database)
                else:
                    restore(held, using=database, tell=self.say if options["verbosity"] > 1 else lambda said: None)
        except Unfit as error:
            raise CommandError(str(error)) from error
        said = held.manifest
        what = f"{plural(said.rows, 'row')} and {plural(len(said.files), 'file')} of {said.made_at}, version {said.product}"
        self.stdout.write(f"{what}: {'whole, and fit for this installation' if check else 'restored'}.")
        for name in said.missing:
            self.stderr.write(f"It was missing already when the backup was made: {name}")

    def say(self, said: str) -> None:
        self.stdout.write(said)


def refuse_unmigrated(using: str) -> None:
    executor = MigrationExecutor(connections[using])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database is not migrated. Run manage.py migrate first, and then restore again.")
