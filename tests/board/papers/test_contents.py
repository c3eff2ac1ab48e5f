"""What papers say, whatever they are rendered as."""

import csv
import io
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.models import Decision, DecisionOutcome, MeetingAction, MeetingActionOutcome, Pack, Risk, RiskScore
from board.papers.blocks import Bullets, Heading, KpiBlock, KpiGrid, Months, Paragraph, RiskPicture, Table
from board.papers.making import make_paper
from common.dates import end_of_day
from kpis.models import Commentary, Measurement
from strategies.models import Meeting, Strategy
from tests.board.papers.orders import ADDRESS, another_action, order, paper, say
from tests.board.papers.what_is_said import ANSWER, another_risk, answer, say_everything, view
from tests.world import BACKEND, at, build_world
from workstrands.models import Action, Objective, Placement


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
    counted = [cell for row in risk_cells(made) for cell in row]
    return [href for href in [*(each.href for each in [*spans, *cells(made), *kpis, *counted]), *months] if href]


def risk_cells(made) -> tuple:
    return next((block.matrix for block in made.blocks if isinstance(block, RiskPicture)), ())


def column(of: Table, title: str) -> list:
    at = [each.title for each in of.columns].index(title)
    return [row[at] for row in of.rows]


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
    say_everything(world)
    another_risk(world, "R1", (2, 2), (3, 3))
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
    assert (open_[0].text, open_[2].text, open_[3].text) == ("Agree the budget.", "1 May 2026", "Overdue, not yet done")
    before = table(paper(world, date(2026, 3, 31)), "not yet done").rows
    assert [row[0].text for row in before] == ["Agree the budget.", "Name a chair."]


def test_what_is_put_on_hold_says_until_when_and_why(world):
    meeting = Meeting.objects.get(area=world.area)
    Decision.objects.create(
        meeting=meeting, number=1, recorded_at=at(2026, 3, 18), text="Wait for the money.", kind="put_on_hold",
        action=world.action, until=date(2027, 1, 31), reason="The grant comes in January.",
    )  # fmt: skip
    [decided] = table(paper(world), "Decisions of 18 March 2026").rows
    assert (decided[3].text, decided[3].reason) == ("On hold until 31 January 2027", "The grant comes in January.")


def test_what_the_board_asked_of_itself_stands_until_it_is_done(world):
    meeting = Meeting.objects.get(area=world.area)
    for number, text in enumerate(("Invite the schools.", "Name a chair."), start=1):
        entry = MeetingAction.objects.create(
            meeting=meeting, number=number, recorded_at=at(2026, 3, 18), text=text, owner_text="The chair"
        )
    MeetingActionOutcome.objects.create(meeting_action=entry, number=1, recorded_at=at(2026, 4, 1), outcome="done")
    [open_] = table(paper(world), "own action log").rows
    assert (open_[0].text, open_[1].text, open_[3].text) == ("Invite the schools.", "The chair", "Not yet done")


def test_a_kpis_owner_is_heard_in_the_full_papers(world):
    period_end = Measurement.objects.filter(indicator__kpis=world.kpi, area=world.area).latest("period_end").period_end
    for number, text in enumerate(("Posts stood empty.", "Two posts are filled."), start=1):
        Commentary.objects.create(
            kpi=world.kpi, number=number, recorded_at=at(2026, 5, number), period_end=period_end, text=text
        )
    said = [cell.reason for cell in cells(paper(world))]
    assert "Its owner says (2 May 2026): Two posts are filled." in said


def test_papers_compare_with_what_the_board_saw_last(world):
    """What it decided at its meeting came after the papers of that meeting."""
    meeting = Meeting.objects.get(area=world.area)
    assert make_paper(order(world))[1].compared_at == end_of_day(meeting.held_on)
    Pack.objects.create(
        meeting=meeting, strategy=world.strategy, number=1, as_at=at(2026, 3, 10, 16), recorded_at=at(2026, 3, 10, 17)
    )
    made, report = make_paper(order(world))
    assert report.compared_at == at(2026, 3, 10, 16)
    assert dict(made.facts)["Compared with"] == "10 March 2026, 16:00"


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
    Action.objects.filter(strategy=world.strategy).update(retired_at=at(2026, 1, 2, 0))
    made = paper(world)
    assert "This plan holds no actions." in text(made)
    assert table(made, "look at first").rows == ()


def test_a_leads_answer_stands_under_the_flag_that_it_answers(world):
    say_everything(world)
    for kind in ("full", "exceptions"):
        [reason] = [row[0].reason for row in table(paper(world, kind=kind), "look at first").rows]
        assert reason.startswith("Due 30 June 2026, 15 days before this view")
        assert f"Lead answers, 1 July 2026: {ANSWER}" in reason
    [row] = table(paper(world), "Actions of objective").rows
    assert row[0].reason.endswith(f"\nLead answers, 1 July 2026: {ANSWER}")


def test_a_long_answer_is_whole_in_full_papers_and_ends_behind_a_word_in_those_of_two_sides(world):
    words = " ".join(f"word{number}" for number in range(300))
    answer(world, words)
    assert words in table(paper(world), "look at first").rows[0][0].reason
    short = table(paper(world, kind="exceptions"), "look at first").rows[0][0].reason
    said = short.partition("Lead answers, 1 July 2026: ")[2]
    assert len(said) <= 480
    assert words.startswith(f"{said.removesuffix('…')} ")


def test_an_answer_to_another_flag_is_not_put_under_this_one(world):
    answer(world, "Not about the date.", flag="silent")
    assert "Not about the date." not in text(paper(world))


def test_what_families_feel_is_a_third_column_beside_the_two_statuses(world):
    another_action(world, 2, status="R")
    say_everything(world)
    made = paper(world)
    for words in ("look at first", "Actions of objective"):
        titles = [each.title for each in table(made, words).columns]
        assert titles[1:4] == ["Lead reports", "Dates and data say", "Families feel it"]
    assert {cell.text for cell in column(table(made, "look at first"), "Families feel it")} == {"Not yet", "Not asked"}
    assert [cell.text for cell in column(table(made, "Actions of objective"), "Families feel it")] == ["Not yet"]


def test_where_nobody_said_anything_no_column_stands_empty(world):
    made = paper(world)
    titles = {each.title for block in tables(made) for each in block.columns}
    assert not titles & {"Families feel it", "Owners say"}


def test_each_priority_has_its_owners_status_beside_the_counted_headline(world):
    say_everything(world)
    for kind in ("full", "exceptions"):
        priorities = table(paper(world, kind=kind), "Each priority")
        assert [cell.status for cell in column(priorities, "Owners say")] == ["A"]
        assert [cell.text for cell in column(priorities, "Families feel it")] == ["Partly"]
        assert column(priorities, "Headline, and why")[0].reason


def test_full_papers_give_the_owners_view_and_what_families_say_in_whole(world):
    world.people["officer"].name = "Keeper of the plan"
    world.people["officer"].save()
    say_everything(world)
    made = paper(world)
    [owners] = table(made, "what its owners say").rows
    assert owners[0].reason == "1 July 2026, for the Board on 18 March 2026, entered by Keeper of the plan"
    assert [cell.text or cell.status for cell in owners[1:]] == [
        "A", "Two teams share few people.", "We share them out anew.", "The summer's work comes a term late.",
    ]  # fmt: skip
    [families] = table(made, "what families say").rows
    assert [cell.text for cell in families] == [
        "Partly", "We still tell our story again.", "Parent carer forum", "In the forum.",
    ]  # fmt: skip
    assert families[2].reason == "20 June 2026"


def test_what_was_said_beside_the_statuses_after_the_moment_is_not_in_the_papers(world):
    say_everything(world)
    said = text(paper(world, date(2026, 6, 30)))
    for words in (ANSWER, "Two teams share few people.", "We still tell our story again."):
        assert words not in said


def test_papers_of_a_strand_say_nothing_of_priorities_but_what_families_say_of_its_actions(world):
    say_everything(world)
    another_action(world, 2)
    view(world, 3, action=Action.objects.get(key="a-2"), felt="yes", words="Of another part.")
    made = paper(world, scope="strand:early-years")
    assert [cell.text for cell in column(table(made, "Actions of objective"), "Families feel it")] == ["Not yet"]
    assert "Two teams share few people." not in text(made)


def test_the_picture_of_the_register_counts_the_open_risks_of_the_table(world):
    for ref, score in (("R1", (4, 4)), ("R2", (4, 4)), ("R3", (1, 2))):
        another_risk(world, ref, score)
    another_risk(world, "R4")
    made = paper(world)
    [picture] = [block for block in made.blocks if isinstance(block, RiskPicture)]
    assert picture.sentence == "4 risks and issues are open: 2 very high, 1 low, 1 not scored."
    counted = {(c.likelihood, c.impact): c.count for row in picture.matrix for c in row if c.count}
    assert counted == {(4, 4): 2, (1, 2): 1}
    assert [row[0].likelihood for row in picture.matrix] == [5, 4, 3, 2, 1]
    assert [row[0].text.split()[0] for row in table(made, "Open risks").rows] == ["R1", "R2", "R3", "R4"]


def risks_at(client, href: str) -> list[str]:
    parts = urlsplit(href)
    body = client.get(f"{parts.path}?{parts.query}&_export=csv").content.decode("utf-8-sig")
    found = [row for row in csv.reader(io.StringIO(body)) if row]
    head = next(place for place, row in enumerate(found) if row[0] == "Ref")
    return [row[0] for row in found[head + 1 :]]


def test_following_a_number_of_the_risk_picture_shows_the_risks_that_it_counts(client, world):
    for ref, score in (("R1", (4, 4)), ("R2", (4, 4)), ("R3", (1, 2))):
        another_risk(world, ref, score)
    client.force_login(world.people["board"], backend=BACKEND)
    found = {
        (c.likelihood, c.impact): risks_at(client, c.href) for row in risk_cells(paper(world)) for c in row if c.count
    }
    assert found == {(4, 4): ["R1", "R2"], (1, 2): ["R3"]}


def test_papers_of_a_part_hold_its_own_risks_and_their_numbers_lead_to_these_alone(client, world):
    for ref in ("R1", "R2", "R3"):
        another_risk(world, ref, (4, 4))
    world.priority.risks.add(*world.strategy.risks.filter(ref="R1"))
    world.action.risks.add(*world.strategy.risks.filter(ref="R2"))
    client.force_login(world.people["board"], backend=BACKEND)
    made = paper(world, scope="strand:early-years")
    assert [row[0].text for row in table(made, "Open risks").rows] == ["R2 Money ends"]
    [cell] = [cell for row in risk_cells(made) for cell in row if cell.count]
    assert urlsplit(cell.href).path == "/northvale/send-strategy/risks/R2/"
    world.action.risks.add(*world.strategy.risks.filter(ref="R3"))
    [cell] = [cell for row in risk_cells(paper(world, scope="strand:early-years")) for cell in row if cell.count]
    assert risks_at(client, cell.href) == ["R2", "R3"], "R1 has the same score and is not of this strand"
    world.action.risks.clear()
    [cell] = [cell for row in risk_cells(paper(world, scope="priority:1")) for cell in row if cell.count]
    assert risks_at(client, cell.href) == ["R1"]


def test_what_rose_since_the_last_meeting_is_said_in_a_sentence_with_its_reason(world):
    another_risk(world, "R1", (2, 4), (4, 4))
    another_risk(world, "R2", (4, 4), (2, 4))
    said = text(paper(world))
    assert "Since 18 March 2026, 1 rose and 1 fell:" in said
    assert "R1 Money ends: from 8 to 16." in said
    world.strategy.risks.filter(ref="R1").update(closed_on=date(2026, 7, 1))
    assert "Since 18 March 2026, none rose and 1 fell." in text(paper(world))


def test_papers_of_a_part_say_how_its_statuses_moved(client, world):
    another_action(world, 2, status="R")
    client.force_login(world.people["board"], backend=BACKEND)
    for scope, last in (("priority:1", {"G": 1, "R": 1}), ("strand:early-years", {"G": 1})):
        made = paper(world, scope=scope)
        [months] = [block for block in made.blocks if isinstance(block, Months)]
        assert dict(months.months[-1][1]) == last
        for (_, counts), href in zip(months.months, months.hrefs, strict=True):
            for letter, count in counts:
                assert rows_at(client, f"{href}&reported={letter.replace('?', '%3F')}") == count, href


def test_an_action_that_moved_away_is_counted_where_it_hung_at_the_time(world):
    moved = another_action(world, 2, status="R")
    other = world.strategy.priorities.create(ref="2", title="Fewer waits", position=2)
    Placement.objects.create(action=moved, number=2, recorded_at=at(2026, 5, 15), priority=other, lead=world.lead)
    [months] = [block for block in paper(world, scope="priority:1").blocks if isinstance(block, Months)]
    counted = {month: dict(counts) for month, counts in months.months}
    assert counted["Apr 2026"] == {"G": 1, "R": 1}
    assert counted["May 2026"] == {"G": 1}


def test_ten_times_the_actions_ask_no_more_queries(world):
    another_action(world, 2, status="R")
    say_everything(world)
    another_risk(world, "R1", (2, 2), (3, 3))
    asked = []
    for first in (3, 4):
        for number in range(first * 10, first * 10 + (1 if first == 3 else 20)):
            another_action(world, number, status="G")
            if first == 4:
                added = Action.objects.get(key=f"a-{number}")
                view(world, number, action=added, felt="yes", words="We see it.")
                another_risk(world, f"R{number}", (3, 3))
        wanted = order(world)
        with CaptureQueriesContext(connection) as captured:
            make_paper(wanted)
        asked.append(len(captured))
    assert asked[0] == asked[1] <= 44
