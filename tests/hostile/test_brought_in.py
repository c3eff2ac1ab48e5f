"""Scripts and formulas in what comes in otherwise than through the fields of a page: files, an area's own words, an
invitation, the page for families, the name of a provider. What is shown of them is text.
"""

import csv
import io
from datetime import date
from secrets import token_hex

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from board.own_figures import bringing_in as own_figures
from board.plan_import import bringing_in as plans
from board.round_trip.bringing_in import receive as receive_workbook
from board.round_trip.columns import COLUMNS, HEAD_ROW
from board.round_trip.making import make_workbook
from board.round_trip.sending import send
from kpis.dfe.arriving import Origin, receive
from people import joining
from people.models import User
from strategies.models import Area
from tests.common.test_export import FORMULAS
from tests.hostile.forms import forms_of
from tests.hostile.pages import had_by, pages_that_show_it
from tests.hostile.payloads import ATTACK, SCRIPTS
from tests.hostile.test_stored import pages_of
from tests.world import a_public_page, at

NOW = at(2026, 4, 1)


def no_script_ran(response) -> bool:
    """And the attack is on the page, so that something was tried."""
    return response.status_code == 200 and not had_by(response.text) and ATTACK in response.text


def as_csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


# Plans from files


def plan_rows(start: int) -> list[list[str]]:
    """Every cell a script; the headings are understood, and two of them are none."""
    rows = [["Priority", "Action", "Lead", "By when", "Status", SCRIPTS[start], SCRIPTS[start + 1]]]
    for number in range(6):
        at_cell = start + 7 * number
        rows.append([SCRIPTS[(at_cell + place) % len(SCRIPTS)] for place in range(7)])
    return rows


@pytest.mark.parametrize("start", [0, 8, 16])
def test_a_plan_whose_every_cell_is_a_script_is_shown_as_text_on_every_page_of_its_way(as_, world, start):
    client = as_("officer")
    came = SimpleUploadedFile(f"{SCRIPTS[start][:20].replace('/', '')}.csv", as_csv(plan_rows(start)))
    arrived = client.post(world.address("board:plan-import"), {"file": came})
    assert arrived.status_code == 302, arrived.context["form"].errors
    made = world.area.plan_files.order_by("-pk").first()
    plans.choose(made, target={"strategy": world.strategy.pk})
    for step in ("columns", "plan", "names", "one"):
        response = client.get(reverse(f"board:plan-import-{step}", args=[world.area.slug, made.key]), follow=True)
        assert response.status_code == 200, step
        assert not had_by(response.text), step
    assert no_script_ran(client.get(reverse("board:plan-import-columns", args=[world.area.slug, made.key])))
    assert not had_by(client.get(world.address("board:plan-import")).text)


def test_a_plan_as_a_workbook_with_scripts_for_sheets_and_headings_is_shown_as_text(as_, world):
    book = Workbook()
    book.active.title = SCRIPTS[1][:31].translate({ord(letter): None for letter in "\\/*?:[]"})
    for row in plan_rows(3):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    made = plans.receive(out.getvalue(), file_name=SCRIPTS[0], area=world.area, by=world.people["officer"], at=NOW)

    assert no_script_ran(as_("officer").get(reverse("board:plan-import-columns", args=[world.area.slug, made.key])))


# Figures


@pytest.mark.parametrize("start", [0, 6, 12, 18])
def test_a_table_of_own_figures_full_of_scripts_is_shown_as_text(as_, world, start):
    rows = [["KPI", "Period", "Figure", "Numerator", "Note"]]
    rows += [[SCRIPTS[(start + row + place) % len(SCRIPTS)] for place in range(5)] for row in range(6)]
    said = {"file_name": SCRIPTS[start], "area": world.area, "by": world.people["officer"], "at": NOW}
    made = own_figures.receive(as_csv(rows), **said)
    client, address = as_("officer"), reverse("board:figures-one", args=[world.area.slug, made.key])

    assert no_script_ran(client.get(address))
    for deed in ("names", "confirm", "abandon"):
        response = client.post(address, {"deed": deed, "name-0": SCRIPTS[start]}, follow=True)
        assert response.status_code == 200
        assert not had_by(response.text), deed


@pytest.mark.parametrize("start", [0, 12])
def test_a_file_of_published_figures_whose_columns_are_scripts_is_shown_as_text(as_, world, start):
    names = [SCRIPTS[start].replace(",", ""), SCRIPTS[start + 2].replace(",", "")]
    head = ["time_period", "time_identifier", "geographic_level", "country_code", "country_name", "new_la_code", "old_la_code",
            "la_name", *names]  # fmt: skip
    row = ["2024", "Calendar year", "National", "E92000001", "England", "", "", "", SCRIPTS[start + 1], "50.1"]
    origin = Origin(SCRIPTS[start + 3], SCRIPTS[start + 4], date(2025, 6, 26))
    made = receive(
        lambda: [as_csv([head, row])], file_name=SCRIPTS[start], origin=origin, area=world.area,
        by=world.people["officer"], at=NOW,
    )  # fmt: skip
    client = as_("officer")
    for step in ("columns", "filters", "one"):
        response = client.get(reverse(f"board:import-{step}", args=[world.area.slug, made.key]), follow=True)
        assert response.status_code == 200, step
        assert not had_by(response.text), step
    assert no_script_ran(client.get(reverse("board:import-columns", args=[world.area.slug, made.key])))


# Workbooks that come back


@pytest.mark.parametrize("start", [0, 8, 16])
def test_a_workbook_that_comes_back_full_of_scripts_is_shown_as_text(as_, world, start):
    lead = world.people["lead"]
    book = load_workbook(io.BytesIO(make_workbook(send(world.lead, area=world.area, by=lead, at=NOW))))
    sheet = book["Actions"]
    for place, column in enumerate(COLUMNS, start=1):
        if not column.is_locked and not column.choices:
            sheet.cell(HEAD_ROW + 1, place).value = SCRIPTS[(start + place) % len(SCRIPTS)]
    out = io.BytesIO()
    book.save(out)
    said = {"file_name": "actions.xlsx", "area": world.area, "by": lead, "at": NOW, "is_officer": False}
    made = receive_workbook(out.getvalue(), **said)

    assert no_script_ran(as_("lead").get(reverse("board:my-workbook-one", args=[world.area.slug, made.key])))


# An area's own words, and the page for families


def say_in_own_words(area: Area, payloads: list[str], start: int) -> None:
    """Past the form, which takes 30 characters."""
    letters = "NRAGBHSE?"
    words = {letter: payloads[(start + place) % len(payloads)] for place, letter in enumerate(letters)}
    area.words = {"statuses": words, "workstrand": payloads[start]}
    area.save()


@pytest.mark.parametrize("start", [0, 12])
def test_an_area_whose_own_words_are_scripts_is_shown_as_text(as_, world, start):
    say_in_own_words(world.area, SCRIPTS, start)
    shown = pages_that_show_it(as_("officer"), world, pages_of("officer"))
    assert shown > 20, "too few pages showed the area's own words"


@pytest.mark.parametrize("name", ["board:actions", "board:kpis", "board:risks", "board:evidence"])
def test_own_words_that_are_formulas_are_none_in_a_file(as_, world, name):
    say_in_own_words(world.area, FORMULAS, 0)
    content = as_("officer").get(world.address(name), {"_export": "csv"}).content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(content, newline="")) for cell in row]
    assert cells
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "@", "＝"))]


@pytest.mark.parametrize("script", SCRIPTS)
def test_own_words_are_taken_and_shown_as_text_or_refused(as_, world, script):
    address, client = world.address("board:words"), as_("officer")
    for said in ({"workstrand": script[:30]}, {"status_on_track": script[:30]}, {"workstrand": script}):
        form = next(form for form in forms_of(client.get(address).text, address) if "workstrand" in form.typed)
        response = client.post(address, dict(form.sent) | said, follow=True)
        assert response.status_code == 200
        assert not had_by(response.text)
        assert response.redirect_chain or "There is a problem" in response.text


@pytest.mark.parametrize(
    "value", ["<script>", "-1", "9" * 400, "1e400", "NaN", "\x00", "²", "", "0", "5.5", "' OR 1=1--"]
)
def test_thresholds_that_are_none_are_told_and_change_nothing(as_, world, value):
    address, client = world.address("board:thresholds-edit"), as_("officer")
    form = next(form for form in forms_of(client.get(address).text, address) if form.method == "post" and form.typed)
    before = type(world.strategy).objects.filter(pk=world.strategy.pk).values().get()
    response = client.post(address, dict(form.sent) | dict.fromkeys(form.typed, value))
    assert response.status_code in (200, 302)
    assert not had_by(response.text)
    after = type(world.strategy).objects.filter(pk=world.strategy.pk).values().get()
    assert response.status_code == 302 or after == before


@pytest.mark.parametrize("start", [0, 8, 16])
def test_the_page_for_families_shows_scripts_as_text_to_whoever_comes(client, world, start):
    page = a_public_page(world.area)
    some = SCRIPTS[start : start + 6]
    content = {"intro": some[0], "promised": some[1:3], "done": some[3:5], "next": some[4:6], "said": [some[:2]],
               "plan": some[5], "is_illustrative": False}  # fmt: skip
    type(page).objects.create(
        area=world.area, number=page.number + 1, content=content, as_at=NOW, recorded_at=at(2026, 3, 31)
    )
    assert no_script_ran(client.get(reverse("board:public", args=[world.area.slug])))


# Joining, and the name of a provider


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_invitation_with_scripts_for_names_is_shown_as_text_to_whoever_opens_it(client, world, script):
    Area.objects.filter(pk=world.area.pk).update(name=script)
    world.area.refresh_from_db()
    email = f"{token_hex(4)}@northvale.example"
    _, secret = joining.invite(world.area, email, "board", by=world.people["administrator"], at=NOW, name=script[:100])
    address = reverse("join", args=[secret])
    shown = client.get(address)
    assert no_script_ran(shown)
    refused = client.post(address, {"name": script, "password": script[:8]})
    assert no_script_ran(refused)
    assert not User.objects.filter(email=email).exists()


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_provider_whose_name_is_a_script_is_a_button_with_text(client, db, settings, script):
    app = {"provider_id": "organisation", "name": script, "client_id": "x", "secret": "y",
           "settings": {"server_url": "https://provider.example"}}  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    assert no_script_ran(client.get(reverse("account_login")))


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_a_provider_says_went_wrong_is_not_shown_as_it_came(client, db, settings, script):
    app = {"provider_id": "organisation", "name": "Council", "client_id": "x", "secret": "y",
           "settings": {"server_url": "https://provider.example"}}  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    client.raise_request_exception = False
    said = {"error": script, "error_description": script, "state": script, "code": script}
    response = client.get(reverse("openid_connect_callback", args=["organisation"]), said)
    assert response.status_code in (200, 302, 400, 401, 403)
    assert ATTACK not in response.text
    assert ATTACK not in response.get("Location", "")
