"""What papers say, whatever they are rendered as."""

import csv
import io
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.models import Decision, DecisionOutcome, Risk, RiskScore
from board.papers.blocks import Bullets, Heading, KpiBlock, KpiGrid, Months, Paragraph, Table
from board.papers.making import make_paper
from kpis.models import Measurement
from strategies.models import Meeting, Strategy
from tests.board.papers.orders import ADDRESS, another_action, order, paper, say
from tests.world import BACKEND, at, build_world
from workstrands.models import Action, Objective


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 7, 20))
    return build_world()


def headings(made) -> list[str]:
    return [block.text for block in made.blocks if isinstance(block, Heading)]


def tables(made) -> list[Table]:
    return [block for block in made.blocks if isinstance(block, Table)]


def table(made, words: str) -> Table:
    return next(each for each in tables(made) if words in each.caption)


def cells(made):
    return [cell for each in tables(made) for row in each.rows for cell in row]


def addresses(made) -> list[str]:
    spans = [span for block in made.blocks if isinstance(block, Paragraph) for span in block.spans]
    spans += [span for block in made.blocks if isinstance(block, Bullets) for item in block.items for span in item]
    kpis = [block for block in made.blocks if isinstance(block, KpiBlock)]
    kpis += [kpi for block in made.blocks if isinstance(block, KpiGrid) for kpi in block.kpis]
    months = [href for block in made.blocks if isinstance(block, Months) for href in block.hrefs]
    return [href for href in [*(each.href for each in [*spans, *cells(made), *kpis]), *months] if href]


def text(made) -> str:
    said = [block.text for block in made.blocks if isinstance(block, (Heading, Paragraph))]
    items = [item for block in made.blocks if isinstance(block, Bullets) for item in block.items]
    said += ["".join(span.text for span in item) for item in items]
    said += [f"{cell.text} {cell.reason}" for cell in cells(made)]
    return " ".join(said)


def test_exceptions_papers_say_what_a_board_reads_first_and_stop_at_the_key(world):
    said = headings(paper(world, kind="exceptions"))
    assert said == ["In words", "Priorities", "Exceptions", "KPIs", "Key"]


def test_full_papers_go_on_with_every_part_figure_movement_and_source(world):
    assert headings(paper(world)) == [
        "In words", "Priorities", "Exceptions", "KPIs", "What changed since 18 March 2026", "Got worse: 1",
        "Newly overdue: 1",
        "Priority 1: Timely plans", "O1 Plans on time", "Every KPI of the plan", "KPIs with too few figures for a line",
        "How the statuses moved", "Key", "Sources",
    ]  # fmt: skip


def test_papers_state_area_plan_moment_filters_who_made_them_when_and_from_where(world):
    facts = dict(paper(world, is_illustrative=True).facts)
    assert facts["Area"] == "Northvale"
    assert facts["Strategy"] == "SEND Strategy"
    assert facts["As at"] == "15 July 2026"
    assert facts["Filters"] == "None: the whole plan"
    assert facts["Made by"] == "officer@example.test"
    assert facts["Made at"] == "2026-07-16 13:00"
    assert facts["Address"] == f"{ADDRESS}/northvale/send-strategy/?as_at=2026-07-15"
    assert "made up" in facts["Illustrative data"]


def test_papers_made_before_the_day_was_over_say_the_time(world):
    made, _ = make_paper(replace(order(world), moment=at(2026, 7, 15, 9)))
    assert dict(made.facts)["As at"] == "15 July 2026, 10:00"


def test_every_address_is_whole_and_shows_the_moment_of_the_papers(world):
    another_action(world, 2, status="R", escalate_to="board", ask="Agree funding.")
    found = addresses(paper(world))
    assert len(found) > 30
    for href in found:
        assert href.startswith(f"{ADDRESS}/northvale/"), href
        asked = parse_qs(urlsplit(href).query)
        of_a_month = "send-strategy/actions" in href and "as_at" in asked
        assert asked["as_at"] == ["2026-07-15"] or of_a_month, href


def test_every_address_in_full_papers_can_be_followed(client, world):
    another_action(world, 2, status="A")
    client.force_login(world.people["board"], backend=BACKEND)
    for href in sorted(set(addresses(paper(world)))):
        parts = urlsplit(href)
        assert client.get(f"{parts.path}?{parts.query}").status_code == 200, href


def rows_at(client, href: str) -> int:
    parts = urlsplit(href)
    body = client.get(f"{parts.path}?{parts.query}&_export=csv").content.decode("utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(body)) if row]
    return len(rows) - next(place for place, row in enumerate(rows) if "Action" in row) - 1


def test_following_the_address_of_a_count_shows_as_many_rows(client, world):
    for number, status in enumerate("RAGGN", start=2):
        another_action(world, number, status=status)
    another_action(world, 8)
    client.force_login(world.people["board"], backend=BACKEND)
    [row] = table(paper(world), "Each priority").rows
    _, counted, flagged, *_ = row
    assert sum(count for _, count in counted.counts) == rows_at(client, counted.href) == 7
    for letter, count in counted.counts:
        assert rows_at(client, f"{counted.href}&assessed={letter.replace('?', '%3F')}") == count, letter
    assert rows_at(client, flagged.href) == int(flagged.text)


def test_following_the_address_of_a_month_shows_what_was_reported_then(client, world):
    another_action(world, 2, status="R")
    client.force_login(world.people["board"], backend=BACKEND)
    made = paper(world)
    [months] = [block for block in made.blocks if isinstance(block, Months)]
    for (_, counts), href in zip(months.months, months.hrefs, strict=True):
        for letter, count in counts:
            assert rows_at(client, f"{href}&reported={letter.replace('?', '%3F')}") == count, href


def test_each_action_stands_with_both_statuses_its_worst_flag_lead_date_and_last_words(world):
    [row] = table(paper(world), "Actions of objective").rows
    action, reports, data, lead, said = row
    assert action.text == "1.1 Publish the pathway"
    assert "Due 30 June 2026, 15 days before this view" in action.reason
    assert (reports.status, data.status) == ("G", "A")
    assert (lead.text, lead.reason) == ("Head of SEND", "Due 30 June 2026")
    assert (said.text, said.reason) == ("Going well.", "10 February 2026")


def test_where_nothing_has_changed_the_words_before_still_stand_with_their_day(world):
    say(world, world.action, "G", at(2026, 3, 1), number=2, kind="no_change")
    [row] = table(paper(world), "Actions of objective").rows
    assert (row[4].text, row[4].reason) == ("Going well.", "1 March 2026: nothing has changed since 10 February 2026")


def test_what_was_said_after_the_moment_is_not_in_the_papers(world):
    then = paper(world, date(2026, 2, 28))
    say(world, world.action, "R", at(2026, 3, 1), number=2, narrative="It fell through.")
    again = paper(world, date(2026, 2, 28))
    assert again.blocks == then.blocks
    assert "It fell through." in text(paper(world))


def test_an_action_of_which_nobody_spoke_says_so(world):
    another_action(world, 2)
    rows = table(paper(world), "Actions of Priority").rows
    assert [row[4].text for row in rows] == ["Nothing was ever reported."]


def test_objectives_without_an_action_are_listed(world):
    Objective.objects.create(strategy=world.strategy, priority=world.priority, key="o2", ref="O2", text="Fewer waits")
    made = paper(world)
    assert "1 objective without an action" in headings(made)
    assert "O2 Fewer waits" in text(made)


def test_papers_of_a_strand_hold_its_work_alone_and_narrow_every_address(world):
    another_action(world, 2, status="R")
    made = paper(world, scope="strand:early-years")
    assert made.title == "SEND Strategy, work strand: Early years"
    assert dict(made.facts)["Filters"] == "Work strand: Early years"
    assert "Action 2" not in text(made)
    assert "Publish the pathway" in text(made)
    to_tables = [href for href in addresses(made) if "/actions/?" in href]
    assert to_tables
    assert all("strand=early-years" in href for href in to_tables)


def test_papers_of_a_priority_count_its_own_actions(client, world):
    another_action(world, 2, status="R")
    made = paper(world, scope="priority:1")
    client.force_login(world.people["board"], backend=BACKEND)
    live = next(span for span in made.blocks[1].spans if "live actions" in span.text)
    assert live.text == "2 live actions"
    assert rows_at(client, live.href) == 2


def test_what_the_meeting_decided_stands_until_it_is_done(world):
    meeting = Meeting.objects.get(area=world.area)
    done = Decision.objects.create(meeting=meeting, number=1, recorded_at=at(2026, 3, 18), text="Write to schools.")
    earlier = Meeting.objects.create(area=world.area, held_on=date(2026, 2, 4))
    Decision.objects.create(
        meeting=earlier, number=1, recorded_at=at(2026, 2, 4), text="Agree the budget.", due_on=date(2026, 5, 1)
    )
    shut = Decision.objects.create(meeting=earlier, number=2, recorded_at=at(2026, 2, 4), text="Name a chair.")
    for decision in (done, shut):
        DecisionOutcome.objects.create(decision=decision, number=1, recorded_at=at(2026, 4, 1), outcome="done")
    made = paper(world)
    [decided] = table(made, "Decisions of 18 March 2026").rows
    assert (decided[0].text, decided[3].text) == ("Write to schools.", "Done")
    [open_] = table(made, "not yet done").rows
    assert (open_[0].text, open_[2].text, open_[3].text) == ("Agree the budget.", "1 May 2026", "Not yet done")
    before = table(paper(world, date(2026, 3, 31)), "not yet done").rows
    assert [row[0].text for row in before] == ["Agree the budget.", "Name a chair."]


def test_open_risks_stand_with_their_score_now_and_before(world):
    risk = Risk.objects.create(
        strategy=world.strategy, ref="R1", title="Posts stay empty", cause="Few apply", event="Posts stay empty",
        effect="Children wait.", raised_on=date(2026, 2, 1),
    )  # fmt: skip
    RiskScore.objects.create(risk=risk, number=1, recorded_at=at(2026, 2, 1), likelihood=2, impact=4)
    RiskScore.objects.create(risk=risk, number=2, recorded_at=at(2026, 4, 1), likelihood=4, impact=4)
    [row] = table(paper(world), "Open risks").rows
    assert [cell.text for cell in row][:3] == ["R1 Posts stay empty", "16 (4×4)", "8, rose"]
    Risk.objects.filter(pk=risk.pk).update(closed_on=date(2026, 7, 1))
    assert "Risks and issues" not in headings(paper(world))


def test_figures_that_changed_since_the_meeting_are_told(world):
    Measurement.objects.create(
        indicator=world.kpi.indicator, area=world.area, number=2, recorded_at=at(2026, 5, 1), value="71.0",
        period_start=date(2025, 1, 1), period_end=date(2025, 12, 31), period_label="2025",
    )  # fmt: skip
    rows = table(paper(world), "Changes of figures").rows
    assert (rows[0][1].text, rows[0][2].text) == ("Restated", "2025: 71.0%, was 64.8%.")


def test_a_plan_that_was_never_baselined_says_what_it_needs_and_flags_nothing(world):
    Strategy.objects.filter(pk=world.strategy.pk).update(baselined_on=None)
    made = paper(world)
    assert "is not set up yet" in text(made)
    assert table(made, "look at first").is_empty_words == "Nothing is flagged until this plan is baselined."


def test_an_ended_plan_says_so_and_compares_nothing(world):
    made = paper(world, date(2031, 6, 1))
    assert "This plan ended in 2030" in text(made)
    assert not any("What changed" in heading for heading in headings(made))


def test_an_empty_plan_says_that_it_holds_no_actions(world):
    Action.objects.filter(strategy=world.strategy).update(retired_on=date(2026, 1, 2))
    made = paper(world)
    assert "This plan holds no actions." in text(made)
    assert table(made, "look at first").rows == ()


def test_ten_times_the_actions_ask_no_more_queries(world):
    another_action(world, 2, status="R")
    asked = []
    for first in (3, 4):
        for number in range(first * 10, first * 10 + (1 if first == 3 else 20)):
            another_action(world, number, status="G")
        wanted = order(world)
        with CaptureQueriesContext(connection) as captured:
            make_paper(wanted)
        asked.append(len(captured))
    assert asked[0] == asked[1] <= 40
