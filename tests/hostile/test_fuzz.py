"""Nonsense at random, in forms and in addresses: each run tries other ones, and what fails names the seed that brings it back.

HOSTILE_SEED=123 .venv/bin/python -m pytest -n0 -p no:playwright tests/hostile/test_fuzz.py
"""

import os
import random
import secrets
from urllib.parse import quote_plus

import pytest
from django.db import transaction
from django.urls import resolve, reverse

from tests.hostile.forms import Form
from tests.hostile.pages import had_by
from tests.hostile.payloads import (
    CHARACTERS,
    ELSEWHERE,
    LINE_ENDS,
    LOOKUPS,
    MORE_FIELDS,
    ODD,
    PATHS,
    QUERIES,
    SCRIPTS,
    TEMPLATES,
)
from tests.hostile.test_more_fields import LEFT_OUT, forms_for
from tests.test_permissions import ROWS
from tests.world import BACKEND

SHARE = 0.5  # of the forms, others in each run
ADDRESSES = 80
ANY = [
    *SCRIPTS, *TEMPLATES, *QUERIES, *ELSEWHERE, *PATHS, *LINE_ENDS, *CHARACTERS.values(), *ODD.values(), "", " ", "0", "-1",
    "9" * 400, "NaN", "1e400", "²", "٣", "31", "2", "2026", "2026-02-31", "9999-12-31", "true", "null", "[]", "{}", "on",
    "x" * 20_000, "\ufffe", "a\u0300" * 500,
]  # fmt: skip
NAMES = [
    *LOOKUPS,
    *MORE_FIELDS,
    "q",
    "sort",
    "page",
    "as_at",
    "_export",
    "part",
    "next",
    "deed",
    "row",
    "do",
    "of",
    "compare",
]
FINE = (200, 301, 302, 400, 401, 403, 404, 405, 409, 410, 413, 429)
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def dice(request) -> random.Random:
    seed = int(os.environ.get("HOSTILE_SEED") or secrets.randbelow(10**9))
    print(f"HOSTILE_SEED={seed}")  # noqa: T201 - pytest shows it with what fails
    return random.Random(f"{seed} {request.node.name}")


def encoded(pairs: list[tuple[str, str]]) -> bytes:
    """Halves of surrogate pairs go as their three bytes, as no browser would send them."""
    return "&".join(
        "=".join(quote_plus(each.encode("utf-8", "surrogatepass")) for each in pair) for pair in pairs
    ).encode()


def spoilt(form: Form, dice: random.Random) -> list[tuple[str, str]]:
    """The form as the page has it, and nonsense in some of it: values, names, what is left out, what comes twice."""
    pairs = [(name, value) for name, value in form.sent if dice.random() > 0.1]
    pairs += [(name, dice.choice(values)) for name, values in form.chosen.items() if values and dice.random() < 0.7]
    pairs = [(name, dice.choice(ANY) if dice.random() < 0.4 else value) for name, value in pairs]
    pairs += [(dice.choice(NAMES), dice.choice(ANY)) for _ in range(dice.randrange(3))]
    pairs += dice.choices(pairs, k=dice.randrange(3)) if pairs else []
    pairs += [dice.choice(form.buttons)] if form.buttons and dice.random() < 0.9 else []
    dice.shuffle(pairs)
    return pairs


def content_of(response) -> str:
    return response.getvalue().decode(errors="replace") if "html" in response.get("Content-Type", "") else ""


def judge(response, about) -> None:
    assert response.status_code in FINE, about
    assert not had_by(content_of(response)), about
    assert not [value for value in response.headers.values() if "\n" in value or "\r" in value], about


@pytest.mark.parametrize("person", ["officer", "lead", "administrator", "families"])
def test_no_form_breaks_on_nonsense(as_, world, dice, person):
    client = as_(person)
    forms = forms_for(client, world, person)
    for form in dice.sample(forms, k=round(len(forms) * SHARE)):
        pairs = spoilt(form, dice)
        with transaction.atomic():
            judge(client.post(form.address, encoded(pairs), content_type=FORM), (form.address, pairs))
            transaction.set_rollback(True)
        client.force_login(world.people[person], backend=BACKEND)


WITH_KEYS = sorted(name for name in ROWS if name.startswith(("board:", "workstrands:")) and name not in LEFT_OUT)


def address_at_random(world, dice: random.Random) -> str:
    """One of the product's, with some of its keys exchanged for what an address can carry."""
    here = resolve(world.address(dice.choice(WITH_KEYS)))
    odd = [value for value in ANY if value and "/" not in value and len(value) < 500 and value.isprintable()]
    keys = {
        name: dice.choice(odd) if name != "area" and isinstance(value, str) and dice.random() < 0.5 else value
        for name, value in here.kwargs.items()
    }
    try:
        return reverse(here.view_name, kwargs=keys)
    except Exception:  # the converter of the address takes no such key
        return world.address(here.view_name)


@pytest.mark.parametrize("person", ["officer", "board", "visitor"])
def test_no_address_breaks_on_nonsense(as_, client, world, dice, person):
    client.raise_request_exception = False
    if person != "visitor":
        as_(person)
    for _ in range(ADDRESSES):
        address = address_at_random(world, dice)
        query = encoded([(dice.choice(NAMES), dice.choice(ANY)) for _ in range(dice.randrange(4))]).decode()
        with transaction.atomic():
            judge(client.get(address, QUERY_STRING=query), (address, query))
            transaction.set_rollback(True)
