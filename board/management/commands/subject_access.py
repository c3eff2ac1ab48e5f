"""`manage.py subject_access EMAIL --to FILE.zip`: everything held about one person, for them to read."""

import json
import os
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.utils import timezone

from board.safekeeping.one_person import NotCovered, Section, everything_about
from common.words import plural
from people.models import AuditEntry, User


class Command(BaseCommand):
    help = "Writes everything held about one person as JSON and as a page into a zip file. There is no page for it."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--to", type=Path, required=True, metavar="FILE.zip", help="must not be there yet")

    def handle(self, *, email: str, to: Path, **options):
        email = email.strip()
        if to.suffix.lower() != ".zip" or not to.parent.is_dir():
            raise CommandError("--to must name a file that ends in .zip, in a folder that is there.")
        if to.exists():
            raise CommandError(f"{to} is there already. Name another file.")
        now, sections = timezone.now(), self.found(email)
        try:
            write(to, email, sections, at=now)
        except OSError as error:
            raise CommandError(f"{to} could not be written: {error.strerror}.") from error
        note(email, at=now)
        for section in sections:
            self.stdout.write(f"{section.heading}: {len(section.rows):,}")
        self.stdout.write(
            f"{to}: {plural(sum(len(section.rows) for section in sections), 'record')}. Read it through before it is handed"
            " over: what people wrote in their own words may name others."
        )

    def found(self, email: str) -> list[Section]:
        try:
            validate_email(email)  # a blank one would be that of everybody without an address
        except ValidationError:
            raise CommandError(f"{email!r:.80} is no email address.") from None
        try:
            sections = everything_about(email)
        except NotCovered as error:
            raise CommandError(f"Not all of it would be found. {error}") from error
        if not sections:
            raise CommandError(f"Nothing is held about {email}. Check how the address is written.")
        return sections


def note(email: str, *, at) -> None:
    """In the audit log, by number: an address that nobody here has is not kept there."""
    user = User.objects.filter(email__iexact=email).first()
    whom = f"sign-in no. {user.pk}" if user else "somebody without a sign-in"
    AuditEntry.objects.create(at=at, kind=AuditEntry.Kind.EXPORT, what=f"subject access, {whom}")


def write(to: Path, email: str, sections: list[Section], *, at) -> None:
    """For nobody else's eyes, and under its name only once it is whole."""
    said = {"about": email, "made_at": at.isoformat(), "held": {each.heading: each.rows for each in sections}}
    page = render_to_string("board/safekeeping/subject_access.html", {"email": email, "at": at, "sections": sections})
    handle, name = tempfile.mkstemp(dir=to.parent, prefix=".subject-access-")
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("what-is-held.html", page)
            packed.writestr("what-is-held.json", json.dumps(said, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder))
        os.replace(name, to)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
