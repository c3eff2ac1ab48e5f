"""Whatever text is in the database, every page shows it as text, and every file of rows keeps it as text.

The texts are written past the forms, into every column that holds free text: so what a seed, an import or an older release let
in is tried too. That forms take a script and show it as it was written is in `tests/test_bad_input.py`.
"""

import csv
import io

import pytest
from django.db import connection, models
from openpyxl import load_workbook

from board.letters import letter
from board.models import SearchEntry
from board.reminding import Awaited
from board.vocabulary import ReminderStage
from strategies.models import ReportingRound
from tests.common.test_export import FORMULAS
from tests.hostile.elsewhere import models_of_areas
from tests.hostile.pages import had_by, pages_that_show_it
from tests.hostile.payloads import ATTACK, SCRIPTS, TEMPLATES, WORKED_OUT
from tests.test_permissions import ROWS
from tests.world import World, at
from workstrands.standing import standings

# What is an address, a code that the program reads, or a digest.
NO_TEXT = {"slug", "key", "ref", "code", "digest", "sha256", "format", "breakdown", "authority", "content_type", "seed_key",
           "seeded_hash", "ons_code", "dfe_code", "scope", "file", "history_type", "history_change_reason", "publisher_code"}  # fmt: skip
FILES = ["board:actions", "board:kpis", "board:risks", "board:evidence", "board:audit"]


def columns_of_text():
    """Model, column and the most characters that it takes."""
    for model in models_of_areas():
        if model is SearchEntry:
            continue  # the database's triggers write it
        for column in model._meta.fields:
            is_text = type(column) in (models.CharField, models.TextField)
            if is_text and not column.choices and column.name not in NO_TEXT and not column.unique:
                yield model, column.column, column.max_length


def fill_every_text(payloads: list[str], *, start: int) -> int:
    """Each row's number and a payload; the longest columns hold them all. How many columns were written."""
    written = 0
    with connection.cursor() as cursor:
        for number, (model, column, most) in enumerate(columns_of_text()):
            text = payloads[(start + number) % len(payloads)] if most else " ".join(payloads)
            key = model._meta.pk.column
            value = f"SUBSTR(%s || ' ' || {key}, 1, {most or 100_000})"
            cursor.execute(f"UPDATE {model._meta.db_table} SET {column} = {value} WHERE {column} <> ''", [text])
            written += 1
    return written


def pages_of(person: str) -> list[str]:
    left_out = {"board:evidence-file", "board:pack-file", "account_logout", "board:feed"}
    return sorted(name for name in ROWS if ROWS[name][person] == 200 and name not in left_out)


@pytest.mark.parametrize("start", [0, 12])
def test_every_page_shows_stored_scripts_as_text(as_, world: World, start):
    assert fill_every_text(SCRIPTS, start=start) > 100
    shown = pages_that_show_it(as_("officer"), world, pages_of("officer"))
    assert shown > 40, "too few pages showed what was stored"


def test_a_page_that_was_had_is_noticed():
    """What the tests beside this one rely on."""
    unnoticed = [
        script for script in SCRIPTS if not had_by(f"<html><body><p>{script}</p><p title='{script}'>x</p></body>")
    ]
    escaped = [script for script in unnoticed if script.startswith(("\\u", "&lt;"))]
    assert len(unnoticed) - len(escaped) <= 4


@pytest.mark.parametrize("name", ["board:actions", "board:action", "board:kpi", "board:search", "board:people"])
def test_what_reads_as_a_template_is_not_worked_out(as_, world, name):
    fill_every_text(TEMPLATES, start=0)
    text = as_("officer").get(world.address(name)).text
    assert not [sign for sign in WORKED_OUT if sign in text]


@pytest.mark.parametrize("name", FILES)
def test_files_of_rows_hold_no_formula(as_, world, name):
    fill_every_text(FORMULAS, start=0)
    client = as_("administrator" if name == "board:audit" else "officer")
    content = client.get(world.address(name), {"_export": "csv"}).content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(content, newline="")) for cell in row]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "@", "＝"))]
    assert not [cell for cell in cells if cell.startswith("-") and not cell.lstrip("-−").replace(".", "").isdigit()]

    response = client.get(world.address(name), {"_export": "xlsx"})
    if response.status_code == 200:
        sheets = load_workbook(io.BytesIO(response.content))
        assert not [cell for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize("start", [0, 8, 16])
def test_letters_show_stored_scripts_as_text(as_, world, mailoutbox, start):
    fill_every_text(SCRIPTS, start=start)
    world.lead.refresh_from_db()
    awaited = [Awaited(world.strategy, standing) for standing in standings(world.strategy, at(2026, 4, 1))]
    round_ = ReportingRound.objects.get(meeting__area=world.area)
    round_.meeting.area.refresh_from_db()
    for stage in ReminderStage:
        made = letter(round_, world.lead, stage, awaited, site="http://testserver", officers=[])
        assert ATTACK in made.as_html()
        assert not had_by(made.as_html())
