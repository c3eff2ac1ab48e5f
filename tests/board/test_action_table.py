"""The action table: what it shows, how it is narrowed, sorted and exported."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from board.tables import by_parts, in_order
from people.models import Lead, Partner
from strategies.models import Strategy
from tests.world import BACKEND, at, build_world
from workstrands.models import Action, Deadline, Placement, ProgressUpdate, WorkStrand

NOW = at(2026, 7, 20)


@pytest.fixture
def world(db, monkeypatch):
    """On 20 July 2026 the world's own action, 1.1, is reported on track and was due on 30 June."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return build_world()


@pytest.fixture
def page(client, world):
    client.force_login(world.people["board"], backend=BACKEND)

    def get(query: str = "", strategy: str = "send-strategy"):
        return client.get(f"/northvale/{strategy}/actions/{query}")

    return get


@pytest.fixture
def refs(page):
    """The references shown, in order."""
    return lambda query="": [standing.ref for standing in page(query).context["table"].page.object_list.data]


def an_action(world, ref: str, *, status=None, said_on=None, due_on=None, lead=None, title="", **fields) -> Action:
    action = Action.objects.create(
        area=world.area, strategy=world.strategy, key=f"a-{ref.replace('.', '-')}-x", ref=ref,
        title=title or f"Action {ref}", position=Action.objects.count() + 1, **fields,
    )  # fmt: skip
    Placement.objects.create(
        action=action, number=1, recorded_at=at(2026, 1, 1), priority=world.priority, lead=lead or world.lead
    )
    if due_on:
        Deadline.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), due_on=due_on)
    if status:
        ProgressUpdate.objects.create(
            action=action, area=world.area, number=1, recorded_at=said_on or at(2026, 7, 1), status=status,
            next_steps="Recruit", cause="workforce" if status in "RA" else "",
        )  # fmt: skip
    return action


def test_an_action_stands_with_what_its_lead_reports_beside_what_dates_say(page):
    text = page().content.decode()

    assert "Publish the pathway" in text
    assert "Lead reports" in text
    assert "Dates and data say" in text
    assert "Overdue 20 days" in text
    assert "Due 30 June 2026, 20 days before this view; last reported On track on 10 February 2026." in text
    assert "1 action." in text


def test_filters_are_counted_against_the_whole_and_can_be_cleared(world, page):
    an_action(world, "1.2", status="R")

    text = " ".join(page("?reported=R").content.decode().split())

    assert "2 actions, 1 shown because of filters" in text
    assert 'href="/northvale/send-strategy/actions/">clear</a>' in text
    assert "Lead reports: Off track" in text


def test_an_action_of_which_nothing_was_said_survives_every_filter_that_fits_it(world, refs):
    an_action(world, "1.2")

    assert refs("?reported=?") == ["1.2"]
    assert refs("?reported=?&reported=G") == ["1.1", "1.2"]
    assert refs("?assessed=?") == ["1.2"]
    assert refs("?live=1") == ["1.1", "1.2"]
    assert refs("?fresh=0") == ["1.2"]
    assert refs("?due=none") == ["1.2"]
    assert refs("?priority=1") == ["1.1", "1.2"]


def test_a_lead_is_found_by_what_they_support_too_and_each_part_can_be_asked_for_alone(world, refs, page):
    other = Lead.objects.create(area=world.area, name="Engagement Lead")
    an_action(world, "1.2", lead=other).supporting_leads.add(world.lead)
    an_action(world, "1.3", lead=other)

    assert refs(f"?lead={world.lead.pk}") == ["1.1", "1.2"]
    assert refs(f"?lead={world.lead.pk}&part=leads") == ["1.1"]
    assert refs(f"?lead={world.lead.pk}&part=supports") == ["1.2"]
    assert refs(f"?lead={other.pk}") == ["1.2", "1.3"]
    assert "Lead or supporting lead: Engagement Lead" in page(f"?lead={other.pk}").content.decode()
    assert "Choose the lead whose part this is." in page("?part=supports").content.decode()
    assert "Choose the lead whose part this is." in page("?lead=none&part=leads").content.decode()


def test_a_work_strand_is_named_whole_in_the_table(world, page):
    name = "Preparing for adulthood and moving on from school with support that lasts"
    WorkStrand.objects.update(name=name)
    table = page().content.decode().split("<tbody>")[1]

    assert name in table


def test_every_number_of_the_board_page_leads_to_its_rows(world, refs):
    council = Partner.objects.get()
    ask = an_action(world, "1.2", status="R", due_on=date(2026, 8, 1), title="Open the clinic")
    ProgressUpdate.objects.create(
        action=ask, area=world.area, number=2, recorded_at=at(2026, 7, 2), status="R", next_steps="Wait",
        escalate_to="board", ask="Agree the funding", cause="workforce",
    )  # fmt: skip
    health = Partner.objects.create(area=world.area, name="The ICB", sector="health")
    an_action(world, "1.3", status="B", due_on=date(2026, 6, 1), partner=health)

    assert refs("?flag=overdue") == ["1.1"]
    assert refs("?flag=overdue&flag=unevidenced") == ["1.1", "1.3"]
    assert refs("?assessed=R") == ["1.2"]
    assert refs("?strand=early-years") == ["1.1"]
    assert refs("?strand=none") == ["1.2", "1.3"]
    assert refs(f"?lead={world.lead.pk}&reported=G") == ["1.1"]
    assert refs(f"?partner={health.pk}") == ["1.3"]
    assert refs(f"?partner={council.pk}") == ["1.1", "1.2"]
    assert refs("?partner=health") == ["1.3"]
    assert refs("?due=overdue") == ["1.1"]
    assert refs("?due=next30") == ["1.2"]
    assert refs("?due_from=2026-06-15&due_to=2026-07-31") == ["1.1"]
    assert refs("?q=CLINIC open") == ["1.2"]
    assert refs("?q=1.3") == ["1.3"]
    assert refs("?live=1") == ["1.1", "1.2"]
    assert refs("?fresh=1") == ["1.1", "1.2", "1.3"]
    assert refs("?cause=workforce") == ["1.2"]
    assert refs("?flagged=1&reported=G") == ["1.1"]
    assert refs("?asked=1") == ["1.2"]


def test_words_are_looked_for_in_the_documents_wording_and_references_too(world, refs):
    an_action(world, "7.9", source_text="Developpe the offer", document_refs=["7.9", "7.9a"])

    assert refs("?q=developpe") == ["7.9"]
    assert refs("?q=7.9a") == ["7.9"]
    assert refs("?q=100%25") == []


def test_a_reference_is_sorted_by_its_parts(world, refs):
    for ref in ("7.10", "7.9", "7.1a"):
        an_action(world, ref)

    assert refs("?sort=ref") == ["1.1", "7.1a", "7.9", "7.10"]
    assert refs("?sort=-ref") == ["7.10", "7.9", "7.1a", "1.1"]
    assert by_parts("7.10") > by_parts("7.9")


@pytest.mark.parametrize("sort", ["due", "-due"])
def test_actions_without_a_date_stand_last_whichever_way(world, refs, sort):
    an_action(world, "1.2")
    an_action(world, "1.3", due_on=date(2026, 9, 1))

    assert refs(f"?sort={sort}")[-1] == "1.2"


COLUMNS = ["ref", "title", "place", "lead", "reported", "assessed", "flags", "due", "said", "fresh"]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("sign", ["", "-"])
def test_every_column_sorts_and_loses_no_row(world, refs, column, sign):
    an_action(world, "1.2")
    bare = Action.objects.create(
        area=world.area, strategy=world.strategy, key="bare", ref="x", title="Bare", position=9
    )
    Placement.objects.create(action=bare, number=1, recorded_at=at(2026, 1, 1), workstrand=world.strand)

    assert sorted(refs(f"?sort={sign}{column}")) == ["1.1", "1.2", "x"]


def test_the_first_sort_weighs_most():
    rows = [("b", 1), ("a", 2), ("a", 1)]

    assert in_order(rows, [(lambda row: row[0], False), (lambda row: row[1], True)]) == [("a", 2), ("a", 1), ("b", 1)]


def test_fifty_actions_are_on_a_page_and_a_page_beyond_the_last_is_the_last(world, page, refs):
    for number in range(2, 60):
        an_action(world, f"2.{number}")

    assert len(refs()) == 50
    assert len(refs("?page=2")) == 9
    assert refs("?page=99") == refs("?page=2")
    assert refs("?page=nonsense") == refs("?page=1")
    assert "59 actions." in page().content.decode()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?reported=Q", "No status is written “Q”."),
        ("?assessed=red", "No status is written “red”."),
        ("?flag=late-ish", "There is no flag “late-ish”."),
        ("?priority=99", "This plan has no priority “99”."),
        ("?lead=abc", "No lead of this area has the number “abc”."),
        ("?partner=0", "This area has no partner “0”."),
        ("?due=soon", "Due takes overdue, next30 or none"),
        ("?due_from=2026-02-31", "Give a day that exists"),
        ("?due_from=2026-03-01&due_to=2026-02-01", "Give a day on or after 1 March 2026"),
        ("?fresh=2", "Updated this round takes 1 or 0"),
        (f"?q={'x' * 201}", "at most 200 characters"),
        ("?q=%00", "Null characters are not allowed"),
    ],
)
def test_a_filter_that_is_not_understood_is_said_by_its_field_and_shows_no_rows(world, page, query, message):
    response = page(query)
    text = response.content.decode()

    assert response.status_code == 200
    assert message in text
    assert "Publish the pathway" not in text
    assert "clear the filters" in text


def test_a_filter_that_does_not_exist_is_named(page):
    text = page("?rag=red").content.decode()

    assert "no filter called rag" in text
    assert "Publish the pathway" in text


def test_another_areas_lead_is_no_filter(world, page):
    other = Lead.objects.create(area=world.other_area, name="Elsewhere")

    assert "No lead of this area" in page(f"?lead={other.pk}").content.decode()


def test_as_at_a_past_day_the_table_shows_what_was_known_then_and_stays_there(world, page):
    text = page("?as_at=2026-02-01").content.decode()

    assert "No update" in text
    assert 'href="/northvale/actions/a-1/?as_at=2026-02-01"' in text
    assert '<input type="hidden" name="as_at" value="2026-02-01">' in text


def test_before_the_plans_date_it_held_no_actions(page):
    assert "This plan held no actions on this day" in page("?as_at=2025-06-01").content.decode()


def test_a_plan_of_another_area_a_draft_and_none_answer_404(world, page, client):
    world.strategy.state = Strategy.State.DRAFT
    world.strategy.save()

    assert page().status_code == 404
    assert page(strategy="none").status_code == 404
    assert client.get("/southmoor/send-strategy/actions/").status_code == 404


def test_the_short_address_leads_to_the_current_plan_and_keeps_its_filters(world, client):
    client.force_login(world.people["lead"], backend=BACKEND)

    response = client.get("/northvale/actions/?flag=overdue&as_at=2026-07-10")

    assert response.status_code == 302
    assert response["Location"] == "/northvale/send-strategy/actions/?flag=overdue&as_at=2026-07-10"


def test_the_short_address_of_an_area_without_a_plan_leads_to_its_first_page(world, client):
    client.force_login(world.people["lead"], backend=BACKEND)
    Strategy.objects.filter(area=world.area).update(state=Strategy.State.DRAFT)

    assert client.get("/northvale/actions/")["Location"] == "/northvale/"


def test_a_csv_holds_the_same_rows_and_order_unpaged_under_a_head_that_says_what_it_is(world, page, refs):
    an_action(world, "1.2", status="R", title="=HYPERLINK(1)")
    for number in range(3, 60):
        an_action(world, f"1.{number}", status="G", due_on=date(2026, 9, 1))

    rows = list(csv.reader(io.StringIO(page("?sort=-ref&_export=csv").content.decode("utf-8-sig"))))
    head = dict(row[:2] for row in rows[: rows.index([])])
    table = rows[rows.index([]) + 1 :]

    assert head["Area"] == "Northvale"
    assert head["Strategy"] == "SEND Strategy"
    assert head["As at"] == "20 July 2026"
    assert head["Filters"] == "None"
    assert table[0][:2] == ["Ref", "Action"]
    assert [row[0] for row in table[1:]] == [f"1.{number}" for number in range(59, 0, -1)]
    assert table[1][table[0].index("Due (agreed)")] == "2026-09-01"
    assert table[-2][1] == "'=HYPERLINK(1)"
    assert table[-1][table[0].index("Lead reports")] == "On track"


def test_a_workbook_holds_dates_as_dates_and_only_the_rows_that_pass(world, page):
    an_action(world, "1.2", status="R", due_on=date(2026, 9, 1))

    sheet = load_workbook(io.BytesIO(page("?reported=R&_export=xlsx").content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(number for number, row in enumerate(rows) if row[0] == "Ref")

    assert [row[0] for row in rows[start + 1 :]] == ["1.2"]
    assert rows[start + 1][rows[start].index("Due (agreed)")].date() == date(2026, 9, 1)
    assert ["Filters", "Lead reports: Off track"] in [row[:2] for row in rows]


def test_an_export_that_there_is_none_of_answers_404(page):
    assert page("?_export=pdf").status_code == 404


@pytest.mark.parametrize("query", ["", "?reported=G", "?assessed=G&sort=-due", "?q=Action&priority=1&flagged=1"])
def test_the_query_count_is_the_same_for_one_action_and_for_many(world, page, query):
    an_action(world, "1.2", status="G", title="Action", due_on=date(2026, 7, 1))
    page(query)
    with CaptureQueriesContext(connection) as few:
        page(query)
    for number in range(3, 40):
        an_action(world, f"1.{number}", status="G", due_on=date(2026, 7, 1))
    with CaptureQueriesContext(connection) as many:
        page(query)

    assert len(many) == len(few)
    assert len(many) <= 20
