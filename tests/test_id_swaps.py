"""Numbers, keys and references of another area, put in the place of one's own: nothing crosses from one area to another.

Forms are taken from the pages as a browser reads them, so a new form is tried without being named here. What another area's
workbook does is in `tests/board/round_trip/test_refusals.py`, the API in `tests/board/api/test_access.py`.
"""

import random
import re

import pytest
from django.db import connection, transaction
from django.urls import resolve, reverse

from tests.hostile.elsewhere import DAY, KEY, PK, SECRET, crossings, models_of_areas, rows_of
from tests.hostile.forms import Form, filled_in, forms_of
from tests.test_permissions import ROWS
from tests.world import BACKEND, World, at

SEED = 20260401
DAYS = [("20", "2", "2026"), ("1", "12", "2026"), ("1", "4", "2026")]
NO_SUCH = ["999999999", "no-such-record"]
FILLINGS, SWAPS = 2, 2  # of each form, at most
WROTE = re.compile(r'^(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "(\w+)"')
ASKERS = ("officer", "lead", "administrator", "families")
# Pages without an area, and those that end the session or the sign-in that the others need.
LEFT_OUT = {
    "account_logout",
    "board:api",
    "board:evidence-file",
    "board:feed",
    "board:link",
    "board:link-to-action",
    "healthz",
    "metrics",
}


@pytest.fixture
def world(two_areas, db, monkeypatch) -> World:
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 4, 1))
    return two_areas


@pytest.fixture
def as_(client, world):
    client.raise_request_exception = False

    def sign_in(name: str):
        client.force_login(world.people[name], backend=BACKEND)
        return client

    return sign_in


def pages_of(person: str) -> list[str]:
    return sorted(name for name in ROWS if name not in LEFT_OUT and ROWS[name][person] == 200)


def forms_for(client, world: World, person: str) -> list[Form]:
    """Every form of every page that the person may open, each once; no page shows a word of the other area."""
    found = {}
    for name in pages_of(person):
        address = world.address(name)
        response = client.get(address)
        assert response.status_code in (200, 302), f"{name}: {response.status_code}"
        if response.status_code == 302 or "html" not in response["Content-Type"]:
            continue  # what waited has been settled by the page before it, or a file
        assert SECRET not in response.text, name
        for form in forms_of(response.text, address):
            found.setdefault(form.is_for, form)
    return list(found.values())


def swapped(value: str, dice: random.Random) -> str:
    """What stands in the place of a value: the other area's number or key, alone or within it; or one that there is none of."""
    within = re.sub(r"\d+", str(PK), value)
    return dice.choice([str(PK), str(PK), KEY, within, within, *NO_SUCH])


def swap_some(sent: list[tuple[str, str]], form: Form, world: World, dice: random.Random) -> list[tuple[str, str]]:
    """Some of what is no typed text is swapped, fields of many values get one more, and names that hold a key another key."""
    at_stake = [i for i, (name, _) in enumerate(sent) if name not in form.typed]
    changed = list(sent)
    for i in dice.sample(at_stake, k=min(len(at_stake), dice.choice([1, 1, 2, 3]))):
        changed[i] = (sent[i][0], swapped(sent[i][1], dice))
    more = [name for name in form.chosen if name not in {name for name, _ in sent} or dice.random() < 0.3]
    changed += [(name, str(PK)) for name in dice.sample(more, k=min(len(more), 2))]
    if dice.random() < 0.25:
        own = world.action.key
        changed = [(name.replace(own, KEY), value.replace(own, KEY)) for name, value in changed]
    return changed


class Wrote:
    """The tables that were written to while it was listening."""

    def __init__(self):
        self.tables = set()

    def __call__(self, execute, sql, params, many, context):
        if found := WROTE.match(sql):
            self.tables.add(found[1])
        return execute(sql, params, many, context)


def send(client, form: Form, sent: list[tuple[str, str]]):
    """The answer, and the tables that were written to; the caller takes back what was written."""
    fields: dict[str, list[str]] = {}
    for name, value in sent:
        fields.setdefault(name, []).append(value)
    wrote = Wrote()
    with connection.execute_wrapper(wrote):
        response = client.post(form.address, fields)
    return response, wrote.tables


def accepted(response) -> bool:
    return response.status_code == 302 and reverse("account_login") not in response["Location"]


def a_good_filling(client, form: Form, dice: random.Random) -> tuple[list[tuple[str, str]], bool]:
    """What the form takes, found by trying; otherwise the last that was tried."""
    sent = []
    for number in range(FILLINGS):
        sent = filled_in(form, dice, day=DAYS[number % len(DAYS)], text="Something is said here.")
        with transaction.atomic():
            response, _ = send(client, form, sent)
            transaction.set_rollback(True)
        assert response.status_code != 500, form.address
        if accepted(response):
            return sent, True
    return sent, False


@pytest.mark.parametrize("person", ASKERS)
def test_no_form_reaches_a_record_of_another_area(as_, world, person):
    dice, client = random.Random(SEED), as_(person)
    before = rows_of(world.other_area)
    forms = [
        form for form in forms_for(client, world, person) if form.method == "post" and "logout" not in form.address
    ]
    taken, tried = 0, 0
    for form in forms:
        sent, is_taken = a_good_filling(client, form, dice)
        taken += is_taken
        for _ in range(SWAPS):
            typed = swap_some(sent, form, world, dice)
            with transaction.atomic():
                response, tables = send(client, form, typed)
                tried += 1
                assert response.status_code != 500, (form.address, typed)
                assert not crossings(world.area, world.other_area, tables), (form.address, typed)
                touched = [model for model in models_of_areas() if model._meta.db_table in tables]
                for table, rows in rows_of(world.other_area, touched).items():
                    assert rows == before[table], (form.address, typed)
                assert SECRET not in response.getvalue().decode(errors="replace"), (form.address, typed)
                transaction.set_rollback(True)
    assert rows_of(world.other_area) == before
    assert taken >= len(forms) // 3, f"{taken} of {len(forms)} forms were taken as filled in, so little was tried"
    assert tried == SWAPS * len(forms)


def test_a_row_that_points_to_another_area_is_noticed(world):
    """What the test above relies on."""
    assert not crossings(world.area, world.other_area, {"workstrands_action", "people_lead", "workstrands_action_kpis"})
    world.action.kpis.add(PK)
    world.lead.user_id = PK
    world.lead.save()
    world.action.partner_id = PK
    world.action.save()

    found = crossings(world.area, world.other_area, {"workstrands_action", "people_lead", "workstrands_action_kpis"})

    assert {"workstrands.Action.partner", "workstrands.Action.kpis", "people.Lead.user"} <= set(found)


# What narrows a page


@pytest.mark.parametrize("person", ["officer", "administrator"])
def test_no_filter_shows_a_word_of_another_area(as_, world, person):
    client, tried = as_(person), 0
    forms = [form for form in forms_for(client, world, person) if form.method == "get"]
    for form in {form.address: form for form in forms}.values():
        names = sorted({*form.chosen, *form.typed, *(name for name, _ in form.sent)} | {"strategy", "action", "kpi"})
        alone = [{name: str(PK)} for name in names if name in form.chosen]
        for query in [*alone, dict.fromkeys(names, str(PK)), dict.fromkeys(names, KEY)]:
            response = client.get(form.address, query)
            tried += 1
            assert response.status_code in (200, 302, 404), (form.address, query)
            assert SECRET not in response.text, (form.address, query)
    assert tried > 20


@pytest.mark.parametrize("name", ["board:actions", "board:kpis", "board:risks", "board:evidence"])
def test_no_export_holds_a_word_of_another_area(as_, world, name):
    for field in ("lead", "partner", "priority", "strand", "owner", "update", "action", "strategy", "area"):
        response = as_("officer").get(world.address(name), {field: PK, "_export": "csv"})
        assert response.status_code in (200, 404)
        assert SECRET not in response.text, field


def test_searching_for_a_word_of_another_area_finds_nothing(as_, world):
    page = as_("officer").get(world.address("board:search"), {"q": "Southmoor"}).text
    assert SECRET not in page


# Addresses

ITS_OWN = {"day": str(DAY), "strategy": KEY, "key": KEY, "ref": KEY, "code": KEY, "slug": KEY, "number": str(PK),
           "piece": str(PK), "lead": str(PK), "inspection": str(PK), "link": str(PK), "pk": str(PK), "measure": KEY}  # fmt: skip


def addresses_elsewhere(world: World, name: str) -> set[str]:
    """The address of one's own area with each of the other area's keys, and with all of them."""
    here = resolve(world.address(name))
    keys = [part for part in here.kwargs if part != "area"]
    theirs = {part: ITS_OWN.get(part, KEY) for part in keys}
    mixed = [here.kwargs | {part: theirs[part]} for part in keys] + [here.kwargs | theirs]
    return {reverse(name, kwargs=kwargs) for kwargs in mixed if kwargs != here.kwargs}


WITH_KEYS = sorted(name for name in ROWS if name.startswith(("board:", "workstrands:")) and name not in LEFT_OUT)


@pytest.mark.parametrize("name", WITH_KEYS)
def test_the_keys_of_another_area_are_no_address_of_this_one(as_, world, name):
    person = next((each for each in ASKERS if ROWS[name][each] != 403), "officer")
    client = as_(person)
    for address in addresses_elsewhere(world, name):
        assert client.get(address).status_code in (404, 405), address
        assert client.post(address, {}).status_code in (404, 405), address


@pytest.mark.parametrize("name", WITH_KEYS)
def test_the_addresses_of_another_area_answer_as_if_there_were_none(as_, world, name):
    here = resolve(world.address(name))
    if "area" not in here.kwargs or name == "board:public":  # which anybody may read
        return
    theirs = {part: world.other_area.slug if part == "area" else ITS_OWN.get(part, KEY) for part in here.kwargs}
    for person in ("officer", "administrator"):
        assert as_(person).get(reverse(name, kwargs=theirs)).status_code in (404, 405), person
