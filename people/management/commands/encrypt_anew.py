"""Encrypts second steps under the `SECRET_KEY` of today, after it was changed."""

from django.core.management.base import BaseCommand, CommandError

from common.words import plural
from people.encrypting import encrypt_anew


class Command(BaseCommand):
    help = (
        "After SECRET_KEY was changed and the older key named in SECRET_KEY_FALLBACKS: encrypts second steps under the new "
        "key. Safe to run again; once it finds none of an older key, the fallback can go."
    )

    def handle(self, **options):
        done = encrypt_anew()
        self.stdout.write(
            f"{plural(done.anew, 'second step')} encrypted anew, {done.already} under the key of today already."
        )
        if done.unreadable:
            raise CommandError(
                f"{plural(done.unreadable, 'second step')} cannot be read under SECRET_KEY or SECRET_KEY_FALLBACKS. Name the "
                "key that was there when they were set up, and run this again; or let an administrator take them off."
            )
