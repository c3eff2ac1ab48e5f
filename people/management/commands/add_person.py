"""A sign-in with a role in an area, for whoever sets an installation up; the area is made where it is not there yet."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.text import slugify

from people.models import Lead, Membership, User
from strategies.models import Area

ROLES = Membership.Role.values


class Command(BaseCommand):
    help = "Adds a person with a role in an area. A password is made and printed once; they can set their own by 'Forgotten password'."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--area", required=True, help="the area's name or the last part of its address: lewisham")
        parser.add_argument("--role", required=True, choices=ROLES)
        parser.add_argument("--name", default="", help="as it stands beside what they write")
        parser.add_argument("--lead", default="", help="the lead, by name, whose actions they update")
        parser.add_argument(
            "--make-area", action="store_true", help="make the local area where there is none of that name"
        )

    @transaction.atomic
    def handle(self, *, email, area, role, name, lead, make_area, **options):
        email = _checked(email)
        place = _area(area, make_area=make_area)
        person, is_new = User.objects.get_or_create(email=email, defaults={"name": name})
        password = get_random_string(20) if is_new else ""
        if is_new:
            person.set_password(password)
            person.save()
        Membership.objects.update_or_create(user=person, area=place, defaults={"role": role})
        if lead:
            _tie(place, lead, person)
        self.stdout.write(f"{email} is now {Membership.Role(role).label.lower()} of {place}.")
        if password:
            self.stdout.write(f"Password, shown this once: {password}")


def _checked(email: str) -> str:
    try:
        validate_email(email)
    except ValidationError:
        raise CommandError(f"{email} is no email address.") from None
    return email.lower()


def _area(words: str, *, make_area: bool) -> Area:
    found = Area.objects.filter(kind=Area.Kind.LOCAL_AREA)
    place = found.filter(slug=words).first() or found.filter(name__iexact=words).first()
    if place is None and make_area:
        place = Area(name=words, slug=slugify(words))
        try:
            place.full_clean()
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from None
        place.save()
    if place is None:
        raise CommandError(f"No local area is called {words}. Write it as it stands in addresses, or give --make-area.")
    return place


def _tie(place: Area, name: str, person: User) -> None:
    leads = Lead.objects.filter(area=place, name__iexact=name, left_on__isnull=True)
    if leads.count() != 1:
        raise CommandError(f"{leads.count()} leads of {place} are called {name}. Name one as it stands under People.")
    lead = leads.get()
    if lead.user_id not in (None, person.pk):
        raise CommandError(f"{lead} has the sign-in {lead.user.email} already.")
    lead.user = person
    lead.save()
