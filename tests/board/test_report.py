"""The board report: what the Board sees of a plan at a moment."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.movement import movement
from board.report import make_report
from common.dates import end_of_day
from kpis.models import Measurement
from strategies.models import Meeting, Strategy
from tests.world import BACKEND, at, build_world
from workstrands.models import Action, Deadline, Placement, ProgressUpdate


@pytest.fixture
def world(db):
    return build_world()


def report_of(world, day: date, **more):
    strategy = Strategy.objects.select_related("area").get(pk=world.strategy.pk)
    return make_report(strategy, end_of_day(day), **more)


def another_action(world, number: int, **more) -> Action:
    action = Action.objects.create(
        area=world.area, strategy=world.strategy, key=f"a-{number}", ref=f"1.{number}", title=f"Action {number}",
        position=number, **more,
    )  # fmt: skip
    Placement.objects.create(
        action=action, number=1, recorded_at=at(2026, 1, 1), priority=world.priority, lead=world.lead
    )
    Deadline.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), due_on=date(2026, 12, 31))
    return action


def say(world, action: Action, status: str, moment, number: int = 1, **more) -> ProgressUpdate:
    return ProgressUpdate.objects.create(
        action=action, area=world.area, number=number, recorded_at=moment, status=status, next_steps="Go on.",
        author=world.people["lead"], **more,
    )  # fmt: skip


def words(report) -> str:
    return " ".join(sentence.text for sentence in report.sentences)


def test_the_lead_sentence_sets_reports_beside_what_dates_support(world):
    report = report_of(world, date(2026, 7, 15))
    assert words(report).startswith("Leads report 1 of 1 live actions on track; dates and data support 0.")


def test_an_overdue_action_is_an_exception_with_its_reason_and_rounds(world):
    report = report_of(world, date(2026, 7, 15))
    [found] = report.exceptions
    assert (found.standing.reported, found.standing.assessed) == ("G", "A")
    assert "Due 30 June 2026, 15 days before this view" in found.reason
    assert found.rounds == 0


def test_a_plan_that_was_never_baselined_flags_nothing_and_says_what_it_needs(world):
    Strategy.objects.filter(pk=world.strategy.pk).update(baselined_on=None)
    report = report_of(world, date(2026, 7, 15))
    assert report.exceptions == []
    assert report.flagged == 0
    assert "is not set up yet" in words(report)
    assert report.set_up is not None


def test_what_is_asked_of_the_board_stands_with_its_age(world):
    action = another_action(world, 2)
    say(world, action, "R", at(2026, 3, 1), escalate_to="board", ask="Agree funding.", needed_by=date(2026, 4, 1))
    [ask] = report_of(world, date(2026, 3, 11)).asks
    assert (ask.text, ask.age_days, ask.needed_by) == ("Agree funding.", 10, date(2026, 4, 1))


def test_an_ask_that_a_later_report_no_longer_makes_is_gone(world):
    action = another_action(world, 2)
    say(world, action, "R", at(2026, 3, 1), escalate_to="board", ask="Agree funding.")
    say(world, action, "G", at(2026, 3, 5), number=2)
    assert report_of(world, date(2026, 3, 11)).asks == []
    assert len(report_of(world, date(2026, 3, 2)).asks) == 1


def test_the_same_report_is_given_for_a_past_day_whatever_was_said_since(world):
    then = report_of(world, date(2026, 3, 1))
    say(world, world.action, "R", at(2026, 3, 2), number=2)
    again = report_of(world, date(2026, 3, 1))
    assert [s.assessed for s in then.standings] == [s.assessed for s in again.standings] == ["G"]
    assert report_of(world, date(2026, 3, 2)).standings[0].reported == "R"


def test_comparing_two_days_counts_what_got_worse(world):
    say(world, world.action, "R", at(2026, 3, 2), number=2)
    report = report_of(world, date(2026, 3, 10), compare=end_of_day(date(2026, 3, 1)))
    assert [change.kind for change in report.changes] == ["worse"]
    assert "Since 1 March 2026, one got worse." in words(report)


def test_comparing_two_days_tells_which_dates_moved_and_why_what_is_overdue_and_which_figures_were_restated(world):
    Deadline.objects.create(
        action=world.action, number=2, recorded_at=at(2026, 3, 5), due_on=date(2026, 9, 30), reason="The partner left."
    )
    late = another_action(world, 2)
    Deadline.objects.create(action=late, number=2, recorded_at=at(2026, 1, 2), due_on=date(2026, 3, 4))
    say(world, late, "G", at(2026, 2, 20))
    Measurement.objects.create(
        indicator=world.kpi.indicator, area=world.area, number=2, recorded_at=at(2026, 3, 6), period_label="2025",
        period_start=date(2025, 1, 1), period_end=date(2025, 12, 31), value=Decimal("71"), reason="Counted again.",
    )  # fmt: skip
    report = report_of(world, date(2026, 3, 10), compare=end_of_day(date(2026, 3, 1)))
    said = [(change.kind, change.sentence) for change in report.changes]
    assert ("date_moved", "Due 30 September 2026, was 30 June 2026: 92 days later. The partner left.") in said
    assert ("overdue", "Due 4 March 2026, and not done.") in said
    figures = [(change.kind, change.sentence) for change in report.figure_changes]
    assert ("restated", "2025: 71.0%, was 64.8%.") in figures
    assert "one deadline moved, one became overdue, one figure reached its target and one figure was restated" in words(
        report
    )


def test_an_action_nobody_spoke_of_is_counted_as_silent(world):
    another_action(world, 2)
    report = report_of(world, date(2026, 3, 10))
    assert report.groups[0].counts["?"] == 1
    assert "?" in [s.assessed for s in report.standings]
    assert report.months[-1].counts == {"G": 1, "?": 1}


def test_an_action_retired_since_is_still_there_in_the_past(world):
    action = another_action(world, 2)
    Action.objects.filter(pk=action.pk).update(retired_at=at(2026, 4, 1, 0))
    assert report_of(world, date(2026, 3, 10)).total == 2
    assert report_of(world, date(2026, 4, 1)).total == 1


def test_a_plan_past_its_end_is_assessed_as_at_its_end_and_says_so(world):
    report = report_of(world, date(2031, 6, 1))
    assert report.assessed_on == date(2030, 12, 31)
    assert "This plan ended in 2030; no successor is held here." in words(report)


def test_grouping_by_strand_counts_the_same_actions(world):
    another_action(world, 2)
    by_priority, by_strand = (report_of(world, date(2026, 3, 10), by=by) for by in ("priority", "strand"))
    assert sum(row.total for row in by_priority.groups) == sum(row.total for row in by_strand.groups) == 2
    assert by_strand.groups[-1].title == "Not in a work strand"


def queries(client, address) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_board_page_asks_the_same_questions_of_one_row_and_of_many(client, world):
    client.force_login(world.people["board"], backend=BACKEND)
    say(world, world.action, "B", at(2026, 3, 2), number=2)
    address = world.address("board:strategy")
    few = queries(client, address)
    for number in range(2, 62):
        action = another_action(world, number)
        for month, status in enumerate("NGARB", start=1):
            say(world, action, status, at(2026, 3, month), number=month)
    assert queries(client, address) == few <= 15


def test_the_board_page_shows_its_eight_parts(client, world):
    client.force_login(world.people["board"], backend=BACKEND)
    say(world, another_action(world, 2), "R", at(2026, 3, 1), escalate_to="board", ask="Agree funding.")
    page = client.get(world.address("board:area")).text
    for part in ("SEND Strategy", "Leads report", "Asked of the Board", "Priorities", "Exceptions", "KPIs",
                 "How the statuses moved", "Key"):  # fmt: skip
        assert part in page


def test_every_number_in_the_sentences_is_a_link_to_the_rows_it_counts(client, world):
    """The link's table holds as many rows as the number says."""
    client.force_login(world.people["board"], backend=BACKEND)
    for number, letter in enumerate("GGRA", start=2):
        say(world, another_action(world, number), letter, at(2026, 3, 1))
    another_action(world, 9)
    page = client.get(world.address("board:area") + "?as_at=2026-03-10").text
    sentences = page[page.index('class="st-words"') : page.index("</div>", page.index('class="st-words"'))]
    numbers = dict(zip("one two three four five six".split(), range(1, 7), strict=True))
    found = re.findall(r'<a href="([^"]+/actions/[^"]*)">([^<]+)</a>', sentences)
    assert len(found) >= 5
    for address, text in found:
        word = text.split()[0].lower()
        count = numbers.get(word) or (int(word) if word.isdigit() else None)
        if count is None:
            continue
        rows = client.get(address.replace("&amp;", "&") + "&_export=csv").text.splitlines()
        heading = next(i for i, row in enumerate(rows) if row.lower().startswith("ref"))
        assert len(rows) - heading - 1 == count, (text, address)


@pytest.mark.parametrize("query", [{"by": "colour"}, {"compare": "2026-02-30"}, {"compare": "2999-01-01"}])
def test_nonsense_in_the_address_is_a_plain_404(client, world, query):
    client.force_login(world.people["board"], backend=BACKEND)
    assert client.get(world.address("board:area"), query).status_code == 404


LONG = "Write down who answers for each part of the pathway, agree it with every partner and with families, and publish it where all of them look"


def test_a_long_title_stands_whole_wherever_the_board_page_names_it(client, world):
    """Among what is asked, the exceptions and what changed; a Board cannot decide on half a sentence."""
    client.force_login(world.people["board"], backend=BACKEND)
    asking = another_action(world, 2)
    Action.objects.filter(pk=asking.pk).update(title=LONG)
    say(world, asking, "R", at(2026, 3, 5), escalate_to="board", ask="Agree who answers.")
    page = client.get(world.address("board:area") + "?as_at=2026-03-10&compare=2026-03-01").text
    assert page.count(LONG) == 3
    assert "…" not in page


def test_an_ended_plan_has_no_next_board_and_nothing_to_compare(client, world):
    Strategy.objects.filter(pk=world.strategy.pk).update(ends_on=date(2026, 2, 28))
    Meeting.objects.create(area=world.area, held_on=date(2026, 6, 17))
    client.force_login(world.people["board"], backend=BACKEND)
    page = client.get(world.address("board:strategy") + "?as_at=2026-04-10").text
    assert "Ended on <strong>28 February 2026</strong>" in page
    for word in ("Next Board", "Compare with", "compare two", "No Board meeting is planned"):
        assert word not in page
    running = client.get(world.address("board:strategy") + "?as_at=2026-02-20").text
    assert "Next Board" in running


@pytest.mark.parametrize("by", ["priority", "strand"])
def test_what_hangs_nowhere_is_counted_and_leads_to_its_rows(client, world, by):
    action = another_action(world, 2)
    elsewhere = {"workstrand": world.strand} if by == "priority" else {"priority": world.priority}
    Placement.objects.create(action=action, number=2, recorded_at=at(2026, 1, 2), lead=world.lead, **elsewhere)
    client.force_login(world.people["board"], backend=BACKEND)
    page = client.get(world.address("board:area") + f"?by={by}").text
    row = page[page.index("Not under a priority" if by == "priority" else "Not in a work strand") :]
    links = re.findall(r'href="([^"]*/actions/[^"]*)"', row[: row.index("</tr>")])
    assert links
    assert all(f"{by}=none" in link for link in links)
    table = client.get(links[0].replace("&amp;", "&")).text
    assert "Action 2" in table
    assert "Publish the pathway" not in table


def test_every_cell_of_the_priorities_names_itself_on_a_phone(client, world):
    """A row is a card there: what has no label of its own cannot be understood."""
    client.force_login(world.people["board"], backend=BACKEND)
    page = client.get(world.address("board:area")).text
    table = page[page.index('id="groups"') : page.index('id="exceptions"')]
    assert re.findall(r"<td(?! data-label)[^>]*>", table) == []


def test_the_figures_of_an_area_go_on_after_its_plan_has_ended(client, world):
    world.action.kpis.add(world.kpi)
    Action.objects.filter(pk=world.action.pk).update(effect_expected_from=date(2026, 2, 1))
    Strategy.objects.filter(pk=world.strategy.pk).update(ends_on=date(2026, 3, 1))
    Measurement.objects.create(
        indicator=world.kpi.indicator, area=world.area, number=1, recorded_at=at(2026, 3, 20), period_label="2026",
        period_start=date(2026, 1, 1), period_end=date(2026, 12, 31), value=Decimal("99"),
    )  # fmt: skip
    world.strategy.refresh_from_db()
    report = report_of(world, date(2026, 3, 25))
    assert [kpi.latest_shown for kpi in report.kpis] == ["99.0%"]
    [standing] = report.standings
    assert "64.8%, 2025" in next(flag.sentence for flag in standing.flags if flag.code == "contradicted")
    client.force_login(world.people["board"], backend=BACKEND)
    assert queries(client, world.address("board:strategy")) <= 15


def test_each_month_counts_the_actions_that_were_in_the_plan_and_what_had_been_reported_by_its_end(world):
    another_action(world, 2, added_at=at(2026, 4, 10))
    another_action(world, 3, retired_at=at(2026, 5, 10), retired_because="Done elsewhere.")
    say(world, Action.objects.get(key="a-2"), "A", at(2026, 5, 20))
    found = {
        month.label: (month.total, month.counts.get("A", 0)) for month in report_of(world, date(2026, 6, 15)).months
    }
    assert [found[month] for month in ("Mar", "Apr", "May", "Jun")] == [(2, 0), (3, 0), (2, 1), (2, 1)]


def test_the_months_of_a_part_count_what_hung_there_at_each_months_end(world):
    moved = another_action(world, 2)
    strand = world.strategy.workstrands.first()
    Placement.objects.create(action=moved, number=2, recorded_at=at(2026, 5, 10), workstrand=strand, lead=world.lead)
    strategy = Strategy.objects.get(pk=world.strategy.pk)

    def totals(part) -> list[int]:
        return [month.total for month in movement(strategy, at(2026, 6, 15), part=part)][-3:]

    before = totals(("strand", strand.slug))[0]
    assert totals(("strand", strand.slug)) == [before, before + 1, before + 1]
    assert totals(("priority", "1"))[0] - totals(("priority", "1"))[1] == 1
