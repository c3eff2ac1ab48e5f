"""Fields that a form does not have, sent along with those that it has: they change nothing."""

import random

import pytest
from django.db import transaction

from people.models import Membership, User
from tests.hostile.elsewhere import models_of_areas
from tests.hostile.forms import filled_in, forms_of
from tests.hostile.pages import had_by
from tests.hostile.payloads import MORE_FIELDS, SCRIPTS
from tests.test_permissions import ROWS

LEFT_OUT = {"board:evidence-file", "board:pack-file", "account_logout", "account_change_password"}
DAYS = [("20", "2", "2026"), ("1", "12", "2026")]


def forms_for(client, world, person: str) -> list:
    found = {}
    for name in sorted(name for name in ROWS if ROWS[name][person] == 200 and name not in LEFT_OUT):
        address = world.address(name)
        response = client.get(address)
        if response.status_code == 200 and "html" in response["Content-Type"]:
            for form in forms_of(response.text, address):
                found.setdefault(form.is_for, form)
    return [form for form in found.values() if form.method == "post" and "logout" not in form.address]


def people() -> list:
    return [*User.objects.order_by("pk").values("pk", "is_superuser", "is_active", "password", "is_illustrative"),
            *Membership.objects.order_by("pk").values("pk", "user", "area", "role")]  # fmt: skip


def marked() -> int:
    """Rows that carry what was sent along: a year long past, or the word."""
    found = 0
    for model in models_of_areas():
        names = {field.name for field in model._meta.fields}
        for name in ("recorded_at", "added_at", "withheld_at", "opened_at", "closed_at", "confirmed_at"):
            found += model._base_manager.filter(**{f"{name}__year": 2001}).count() if name in names else 0
        for name, value in (("seed_key", "pwned"), ("seeded_hash", "pwned"), ("is_illustrative", True), ("number", 77)):
            found += model._base_manager.filter(**{name: value}).count() if name in names else 0
    return found


def shown(response) -> str:
    is_page = "html" in response.get("Content-Type", "")
    return response.getvalue().decode(errors="replace") if is_page else ""


@pytest.mark.parametrize("person", ["officer", "lead", "administrator", "families"])
def test_more_fields_than_a_form_has_change_nothing(as_, world, person):
    dice, client = random.Random(20260401), as_(person)
    forms = forms_for(client, world, person)
    taken = 0
    for at_form, form in enumerate(forms):
        own = {name for name, _ in form.sent} | set(form.chosen) | set(form.typed)
        more = {name: value for name, value in MORE_FIELDS.items() if name not in own}
        for number in [at_form % len(DAYS)]:
            fields = {}
            for name, value in filled_in(form, dice, day=DAYS[number], text=dice.choice(SCRIPTS)):
                fields.setdefault(name, []).append(value)
            with transaction.atomic():
                before = people()
                response = client.post(form.address, fields | more)
                assert response.status_code != 500, (form.address, fields)
                assert not had_by(shown(response)), form.address
                if response.status_code == 302:
                    taken += 1
                    assert marked() == 0, (form.address, fields)
                    if "/people/sign-ins/" not in form.address:  # where roles are changed by their own field
                        assert people() == before, (form.address, fields)
                transaction.set_rollback(True)
            client.force_login(world.people[person], backend="people.backends.MemberBackend")
    assert taken >= len(forms) // 5, f"{taken} of {len(forms)}"
