"""What programs are given: the rows of the pages and their exports, as at a moment, page by page."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.api.resources import RESOURCES
from board.models import Decision, RiskScore
from kpis.models import Measurement
from people.access_tokens import make_token
from people.models import User
from strategies.models import Meeting
from tests.world import BACKEND, a_risk, at
from workstrands.models import Action, Deadline, Evidence, Placement, ProgressUpdate


def add_actions(world, count: int, **fields) -> list[Action]:
    """Each led, dated, reported, backed by evidence and answering the finding."""
    made = []
    for number in range(count):
        n = Action.objects.count() + 1
        action = Action.objects.create(
            area=world.area,
            strategy=world.strategy,
            key=f"a-{n}",
            ref=f"1.{n}",
            title=f"=Step {n}",
            position=n,
            **fields,
        )
        Placement.objects.create(
            action=action, number=1, recorded_at=at(2026, 1, 1), priority=world.priority, lead=world.lead
        )
        Deadline.objects.create(
            action=action, number=1, recorded_at=at(2026, 1, 1), due_on=date(2026, 5, 1 + number % 28)
        )
        update = ProgressUpdate.objects.create(
            action=action, area=world.area, number=1, recorded_at=at(2026, 3, 1), status="A", next_steps="Go on.",
            author=world.people["lead"], on_behalf_of=world.lead,
        )  # fmt: skip
        Evidence.objects.create(update=update, title="Audit", kind="audit")
        action.findings.add(world.area.inspections.get().findings.get())
        made.append(action)
    return made


@pytest.fixture
def full(world):
    """A row of each resource."""
    add_actions(world, 3)
    a_risk(world.strategy)
    meeting = Meeting.objects.get(area=world.area)
    Decision.objects.create(
        meeting=meeting, number=1, recorded_at=at(2026, 3, 18), text="Write to the board", owner=world.lead,
        action=world.action, kpi=world.kpi,
    )  # fmt: skip
    world.objective.findings.add(world.area.inspections.get().findings.get())
    world.kpi.findings.add(world.area.inspections.get().findings.get())
    return world


def export_of(client, world, address: str, **query) -> tuple[list[str], list[list[str]]]:
    client.force_login(world.people["board"], backend=BACKEND)
    response = client.get(address, {**query, "_export": "csv"})
    lines = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    heading, *found = lines[lines.index([]) + 1 :]
    client.logout()
    return heading, found


def csv_of(response) -> list[dict]:
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


ACTION_QUERIES = [
    {},
    {"sort": "-due"},
    {"reported": ["A"]},
    {"flag": "overdue"},
    {"as_at": "2026-02-01"},
    {"priority": "1", "sort": ["lead", "-ref"]},
]


@pytest.mark.parametrize("query", ACTION_QUERIES, ids=str)
def test_actions_are_the_rows_order_and_columns_of_the_export(client, full, ask, query):
    _, exported = export_of(client, full, "/northvale/send-strategy/actions/", **query)
    given = csv_of(ask("actions", format="csv", **query))
    assert exported, "a filter that finds nothing would prove nothing"
    columns = [
        "ref", "title", "place", "lead", "reported_word", "assessed_word", "flags_in_words", "due", "said", "fresh",
    ]  # fmt: skip
    yes_or_no = {"true": "Yes", "false": "No"}
    assert [[yes_or_no.get(row[column], row[column]) for column in columns] for row in given] == exported


def test_an_action_says_both_what_its_lead_reports_and_what_dates_say_with_the_flag_that_says_so(full, rows):
    found = {row["ref"]: row for row in rows("actions")}
    late = found["1.2"]
    assert late["reported"] == {"code": "A", "word": "At risk"}
    assert late["assessed"] == {"code": "A", "word": "At risk"}
    assert late["flags"][0]["code"] == "overdue"
    assert "Due 1 May 2026" in late["flags"][0]["sentence"]
    assert late["due"] == "2026-05-01"
    assert late["is_live"] is True


def test_statuses_are_said_in_the_areas_own_words_beside_the_codes(full, rows):
    full.area.words = {"statuses": {"A": "Some concerns"}}
    full.area.save()
    assert rows("actions")[1]["reported"] == {"code": "A", "word": "Some concerns"}
    assert rows("updates")[0]["status"] == {"code": "A", "word": "Some concerns"}


def test_an_officers_rows_are_those_of_a_board_member(full, ask):
    theirs = make_token(full.area, "Officer", by=full.people["officer"], at=at(2026, 7, 1))
    assert ask("actions", secret=theirs).json()["rows"] == ask("actions").json()["rows"]


KPI_COLUMNS = [
    "title", "owner", "latest", "counted", "unit", "period", "target", "status_word", "why", "change", "variation_word",
    "assurance_word", "rank", "ranked", "band", "quality", "lacking",
]  # fmt: skip


def test_kpis_are_the_rows_order_and_columns_of_the_export(client, full, ask):
    heading, exported = export_of(client, full, "/northvale/kpis/")
    given = csv_of(ask("kpis", format="csv"))
    assert len(given) == len(exported) == 1
    assert len(heading) == len(KPI_COLUMNS)
    assert [given[0][column] for column in KPI_COLUMNS] == exported[0]
    assert given[0]["latest"] == "64.8"


def test_risks_are_the_rows_and_order_of_the_export(client, full, ask):
    heading, exported = export_of(client, full, "/northvale/send-strategy/risks/")
    given = csv_of(ask("risks", format="csv"))
    columns = dict(zip(heading, exported[0], strict=True))
    assert len(given) == len(exported) == 1
    for column, title in (("ref", "Ref"), ("title", "Risk or issue"), ("score", "Score"), ("level_word", "Level"),
                          ("likelihood", "Likelihood"), ("raised", "Raised"), ("owner", "Owner")):  # fmt: skip
        assert given[0][column] == columns[title]


def test_figures_are_numbers_and_dates_are_iso(full, rows):
    figure = rows("measurements")[-1]
    assert figure["value"] == 64.8
    assert figure["period_end"] == "2025-12-31"
    assert figure["recorded_at"] == "2026-01-15T12:00:00Z"
    assert rows("targets")[0]["value"] == 70


def test_a_restatement_stands_beside_the_figure_that_it_replaces(full, rows):
    Measurement.objects.create(
        indicator=full.kpi.indicator, area=full.area, number=2, recorded_at=at(2026, 6, 1), period_start=date(2025, 1, 1),
        period_end=date(2025, 12, 31), value=Decimal("63.1"), reason="Late returns",
    )  # fmt: skip
    of_2025 = [row for row in rows("measurements") if row["period_end"] == "2025-12-31"]
    assert [(row["value"], row["is_latest"]) for row in of_2025] == [(64.8, False), (63.1, True)]
    before = [row for row in rows("measurements", as_at="2026-05-31") if row["period_end"] == "2025-12-31"]
    assert [(row["value"], row["is_latest"]) for row in before] == [(64.8, True)]


def test_a_finding_names_what_answers_it(full, rows):
    [finding] = rows("findings")
    assert finding["objectives"] == ["send-strategy/o1"]
    assert finding["actions"] == ["a-2", "a-3", "a-4"]
    assert finding["kpis"] == ["plans-within-20-weeks"]
    assert finding["is_answered"] is True


@pytest.mark.parametrize("name", RESOURCES)
def test_every_resource_has_rows_and_says_what_it_shows(full, ask, name):
    said = ask(name).json()
    assert said["resource"] == name
    assert said["area"] == {"slug": "northvale", "name": "Northvale"}
    assert said["as_at"] == said["generated_at"] == "2026-07-20T12:00:00Z"
    assert said["is_illustrative"] is False
    assert said["next"] is None
    assert len(said["rows"]) == said["total"] >= 1


@pytest.mark.parametrize("name", RESOURCES)
def test_every_resource_is_there_as_csv_with_its_headings_first(full, ask, name):
    by_header = ask(name, headers={"Accept": "text/csv"})
    found = csv_of(by_header)
    assert list(found[0]) == RESOURCES[name].columns
    assert len(found) == len(ask(name).json()["rows"]) == int(by_header["SEND-Total"])
    assert by_header["SEND-As-At"] == "2026-07-20T12:00:00Z"
    assert ask(name, format="csv").content == by_header.content


def test_text_that_could_start_a_formula_is_harmless_in_csv_and_as_written_in_json(full, ask, rows):
    assert csv_of(ask("actions", format="csv"))[1]["title"] == "'=Step 2"
    assert rows("actions")[1]["title"] == "=Step 2"


def test_what_is_made_up_is_announced(full, ask):
    User.objects.create(email="demo@example.test", is_illustrative=True)
    response = ask("actions")
    assert response.json()["is_illustrative"] is True
    assert "made up" in response.json()["notice"]
    assert response["SEND-Illustrative"] == "true"


# As at


def test_rows_are_as_they_stood_on_the_day_asked_for(full, ask, rows):
    assert {row["reported"]["code"] for row in rows("actions", as_at="2026-02-20")} == {"G", "?"}
    assert len(rows("updates", as_at="2026-02-20")) == 1
    assert len(rows("updates")) == 4
    said = ask("actions", as_at="2026-02-20").json()
    assert said["day"] == "2026-02-20"
    assert said["as_at"] == "2026-02-20T23:59:59.999999Z"


def test_a_moment_shows_what_was_known_at_that_moment(full, rows):
    assert len(rows("updates", as_at="2026-02-10T11:59:59Z")) == 0
    assert len(rows("updates", as_at="2026-02-10T12:00:00Z")) == 1


def test_a_risk_is_scored_as_it_was_then(full, rows):
    risk = a_risk(full.strategy)
    RiskScore.objects.create(risk=risk, number=2, recorded_at=at(2026, 6, 1), likelihood=5, impact=5)
    assert rows("risks")[0]["score"] == 25
    assert rows("risks", as_at="2026-05-31")[0]["score"] == 12


def test_what_was_retired_is_there_before_and_gone_after(full, rows):
    Action.objects.filter(key="a-2").update(retired_at=at(2026, 6, 1))
    assert "a-2" not in [row["action"] for row in rows("actions")]
    assert "a-2" in [row["action"] for row in rows("actions", as_at="2026-05-31")]
    assert "a-2" not in rows("findings")[0]["actions"]


# Pages


@pytest.mark.parametrize("name", ["actions", "updates", "deadlines", "measurements"])
def test_pages_hold_every_row_once_in_the_same_order(full, ask, client, token, name):
    add_actions(full, 4)
    for year in range(2010, 2020):
        Measurement.objects.create(
            indicator=full.kpi.indicator, area=full.area, number=1, recorded_at=at(2026, 1, 15),
            period_start=date(year, 1, 1), period_end=date(year, 12, 31), value=year,
        )  # fmt: skip
    whole = ask(name).json()["rows"]
    pieces, response = [], ask(name, limit=3)
    while True:
        said = response.json()
        pieces += said["rows"]
        if said["next"] is None:
            break
        assert len(said["rows"]) == 3
        response = client.get(said["next"], headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 200, response.text
    assert pieces == whole
    assert len(whole) > 6


def test_a_write_between_two_pages_moves_no_row(full, ask, client, token, monkeypatch):
    first = ask("updates", limit=2).json()
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 7, 20, 13))
    ProgressUpdate.objects.create(
        action=full.action, area=full.area, number=2, recorded_at=at(2026, 7, 20, 13), status="B"
    )
    second = client.get(first["next"], headers={"Authorization": f"Bearer {token}"}).json()
    seen = [(row["action"], row["number"]) for row in first["rows"] + second["rows"]]
    assert len(seen) == len(set(seen)) == 4


def test_beyond_the_last_page_there_are_no_rows_and_no_next(full, ask):
    said = ask("actions", page=40).json()
    assert (said["rows"], said["next"], said["total"]) == ([], None, 4)


def test_csv_says_in_its_head_where_it_goes_on(full, ask, client, token):
    response = ask("actions", format="csv", limit=3)
    address = response["Link"].removeprefix("<").removesuffix('>; rel="next"')
    further = client.get(address, headers={"Authorization": f"Bearer {token}"})
    assert len(csv_of(response)) == 3
    assert len(csv_of(further)) == 1


@pytest.mark.parametrize("name", RESOURCES)
def test_queries_do_not_grow_with_rows(full, ask, name):
    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            assert ask(name).status_code == 200
        return len(made)

    ask(name)
    few = queries()
    add_actions(full, 12)
    for day in range(1, 13):
        meeting = Meeting.objects.create(area=full.area, held_on=date(2026, 4, day))
        Decision.objects.create(
            meeting=meeting, number=1, recorded_at=at(2026, 4, day), text="Go on", owner=full.lead, kpi=full.kpi
        )
    assert queries() == few
