"""What a meeting's page says of the time since the meeting before: of actions, of their dates, and of figures."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils.html import strip_tags

from board.attending import Came, note_attendance
from board.since_meeting import SHOWN, Changes, count_in_words, place_of
from common.dates import last_day_of_month
from kpis.changes import FigureChangeKind
from kpis.models import Indicator, Kpi, Measurement, Target
from strategies.models import Meeting, Strategy
from tests.world import BACKEND, at, build_world
from workstrands.comparison import Change, ChangeKind, Moment
from workstrands.models import Action, Deadline, Placement, ProgressUpdate

BEFORE, HELD, NEXT = date(2026, 2, 4), date(2026, 3, 18), date(2026, 6, 17)
MARCH = f"/northvale/meetings/{HELD}/"


@pytest.fixture
def world(db, monkeypatch):
    """It is 20 March 2026: the Board met two days ago and in February, and meets again in June."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 3, 20))
    world = build_world()
    for day in (BEFORE, NEXT):
        Meeting.objects.create(area=world.area, held_on=day)
    return world


@pytest.fixture
def read(client, world):
    """What a page says to somebody, in one line."""

    def text(address: str, who: str = "board", **asked) -> str:
        client.force_login(world.people[who], backend=BACKEND)
        response = client.get(address, asked)
        assert response.status_code == 200
        return " ".join(strip_tags(response.text.replace("</", " </")).split())

    return text


def action(world, number: int, title: str, *, due_on: date | None = None, since=(2026, 1, 1), **fields) -> Action:
    made = Action.objects.create(
        area=world.area, strategy=world.strategy, key=f"b-{number}", ref=f"2.{number}", title=title, position=number,
        **fields,
    )  # fmt: skip
    Placement.objects.create(action=made, number=1, recorded_at=at(*since), priority=world.priority, lead=world.lead)
    if due_on:
        Deadline.objects.create(action=made, number=1, recorded_at=at(*since), due_on=due_on)
    return made


def said(made: Action, number: int, status: str, when) -> None:
    ProgressUpdate.objects.create(
        action=made, area_id=made.area_id, number=number, recorded_at=when, status=status, next_steps="x", cause="data"
    )


def kpi(world, code: str, **fields) -> Kpi:
    indicator = Indicator.objects.create(
        code=code, title=f"Figure {code}", unit="percent", polarity="higher", frequency="annual", **fields
    )
    made = Kpi.objects.create(area=world.area, indicator=indicator)
    Target.objects.create(kpi=made, number=1, recorded_at=at(2026, 1, 2), period_start=date(2020, 1, 1), value=70)
    return made


def figure(made: Kpi, year: int, value, when, *, number: int = 1) -> None:
    Measurement.objects.create(
        indicator=made.indicator, area=made.area, number=number, recorded_at=when, value=Decimal(value),
        period_start=date(year, 1, 1), period_end=date(year, 12, 31), period_label=str(year), reason="Late returns.",
    )  # fmt: skip


THEN, SINCE = at(2026, 2, 1), at(2026, 3, 1)


# Rules


def test_what_got_worse_is_looked_at_first_and_everything_that_can_change_has_its_place():
    assert place_of(ChangeKind.WORSE) < place_of(ChangeKind.DATE_MOVED) < place_of(ChangeKind.ADDED)
    assert [place_of(kind) for kind in FigureChangeKind] == sorted(place_of(kind) for kind in FigureChangeKind)
    assert len({place_of(kind) for kind in [*ChangeKind, *FigureChangeKind]}) == len(ChangeKind) + len(FigureChangeKind)


@pytest.mark.parametrize(
    ("kind", "count", "words"),
    [
        (ChangeKind.WORSE, 2, "2 worse"),
        (ChangeKind.DATE_MOVED, 1, "1 date moved"),
        (ChangeKind.DATE_MOVED, 2, "2 dates moved"),
        (FigureChangeKind.RESTATED, 2, "2 restated"),
        (FigureChangeKind.REACHED, 2, "2 targets reached"),
        (FigureChangeKind.CONCERN, 1, "1 concern raised"),
    ],
)
def test_so_many_changes_of_a_kind_are_said(kind, count, words):
    assert count_in_words(kind, count) == words


def test_of_each_kind_of_change_so_many_are_shown_and_the_rest_are_counted():
    stood = Moment("a", "G"), Moment("a", "R")
    found = Changes.of([Change(ChangeKind.BETTER, *stood)] * (SHOWN + 2) + [Change(ChangeKind.WORSE, *stood)])
    assert found.shown[0].kind == ChangeKind.WORSE
    assert (len(found.shown), found.hidden) == (SHOWN + 1, 2)
    assert found.sentence == "8 changes: 1 worse and 7 better."


# The meeting's page


def test_each_change_of_an_action_is_said_in_words_with_both_dates_and_the_reason(world, read):
    worse, better, done = action(world, 1, "Worse"), action(world, 2, "Better"), action(world, 3, "Done")
    for made, before, after in ((worse, "G", "R"), (better, "R", "G"), (done, "G", "B")):
        said(made, 1, before, THEN)
        said(made, 2, after, SINCE)
    late = action(world, 4, "Late", due_on=date(2026, 3, 1))
    moved = action(world, 5, "Moved", due_on=date(2026, 6, 30))
    for made in (late, moved):
        said(made, 1, "G", THEN)
    Deadline.objects.create(
        action=moved, number=2, recorded_at=SINCE, due_on=date(2026, 9, 30), reason="The building is late."
    )
    action(world, 6, "Added", since=(2026, 3, 1), added_at=SINCE)
    action(world, 7, "Removed", retired_at=at(2026, 3, 1, 0))

    text = read(MARCH)

    assert "2.1 Worse Worse Off track, was On track." in text
    assert "2.2 Better Better On track, was Off track." in text
    assert "2.3 Done Completed Complete, was On track." in text
    assert "2.4 Late Newly overdue Due 1 March 2026, and not done." in text
    assert "2.5 Moved Date moved Due 30 September 2026, was 30 June 2026: 92 days later. The building is late." in text
    assert "2.6 Added Added Added." in text
    assert "2.7 Removed Retired Retired." in text


def test_each_change_of_a_figure_is_said_with_what_it_was_before(world, read):
    reached, missed, restated = kpi(world, "reached"), kpi(world, "missed"), kpi(world, "restated")
    for made, before, after in ((reached, 60, 75), (missed, 75, 60)):
        figure(made, 2024, before, THEN)
        figure(made, 2025, after, SINCE)
    figure(restated, 2025, 72, THEN)
    figure(restated, 2025, 71, SINCE, number=2)

    text = read(MARCH)

    assert "5 changes: 1 fell behind, 1 restated, 1 target reached and 2 new figures." in text
    assert "Figure missed Fell behind 60%, 2025" in text
    assert "Figure restated Restated 2025: 71%, was 72%." in text
    assert "Figure reached Target reached 75%, 2025" in text
    assert "Figure reached New figure 75%, 2025; the latest was 60%, 2024." in text
    assert "EHC plans issued within 20 weeks" not in text.partition("What changed")[2].partition("Who came")[0]


def test_a_signal_of_a_control_chart_raised_since_is_said(world, read):
    made = kpi(world, "signal")
    made.indicator.frequency = "monthly"
    made.indicator.save()
    for month in range(1, 13):
        Measurement.objects.create(
            indicator=made.indicator, area=world.area, number=1, recorded_at=THEN, value=80 + month % 3,
            period_start=date(2025, month, 1), period_end=last_day_of_month(date(2025, month, 1)),
        )  # fmt: skip
    Measurement.objects.create(
        indicator=made.indicator, area=world.area, number=1, recorded_at=SINCE, value=20,
        period_start=date(2026, 1, 1), period_end=date(2026, 1, 31),
    )  # fmt: skip
    assert "Figure signal Concern raised" in read(MARCH)


def test_what_came_to_be_known_after_the_meeting_is_the_next_ones(world, read):
    made, late = kpi(world, "late"), at(2026, 3, 19)
    figure(made, 2025, 75, late)
    said(world.action, 2, "R", late)
    assert "No status and no date has changed." not in read(MARCH)  # the first report of February
    assert "No figure was restated or added" in read(MARCH)
    june = read(f"/northvale/meetings/{NEXT}/")
    assert "Publish the pathway Worse Off track, was On track." in june
    assert "Figure late New figure 75%, 2025; there was none." in june


def test_the_first_meeting_and_one_after_a_meeting_to_come_have_nothing_to_compare(world, read):
    Meeting.objects.create(area=world.area, held_on=date(2026, 9, 16))
    assert "No meeting was held before this one." in read(f"/northvale/meetings/{BEFORE}/")
    assert "The meeting before is to come too." in read("/northvale/meetings/2026-09-16/")


def test_where_no_plan_ran_the_figures_are_compared_all_the_same(world, read):
    figure(kpi(world, "late"), 2025, 75, SINCE)
    Strategy.objects.filter(pk=world.strategy.pk).update(starts_on=date(2026, 4, 1))
    text = read(MARCH)
    assert "No plan ran on this day." in text
    assert "Figure late New figure" in text


def test_queries_do_not_grow_with_what_changed(world, client, django_assert_max_num_queries):
    client.force_login(world.people["board"], backend=BACKEND)

    def change(numbers) -> None:
        for number in numbers:
            made = action(world, number, f"No. {number}", due_on=date(2026, 6, 30))
            said(made, 1, "G", THEN)
            said(made, 2, "R", SINCE)
            Deadline.objects.create(action=made, number=2, recorded_at=SINCE, due_on=date(2026, 9, 30), reason="Late.")
            figure(kpi(world, f"k{number}"), 2025, 60 + number, SINCE)

    change([1])
    with django_assert_max_num_queries(45) as few:
        client.get(MARCH)
    change(range(2, 9))
    with django_assert_max_num_queries(45) as many:
        assert "17 changes" in client.get(MARCH).text
    assert len(many) == len(few)


# Since the meeting one last attended


LISTED = "/northvale/meetings/"
WORDS = "Since the meeting you last attended, "


def there(world, who: str, held_on: date) -> None:
    meeting = Meeting.objects.get(area=world.area, held_on=held_on)
    note_attendance(
        meeting, [Came(who, "present", user=world.people[who])], by=world.people["officer"], at=at(2026, 3, 19)
    )


@pytest.mark.parametrize("address", [LISTED, MARCH])
def test_a_member_is_led_to_what_changed_since_they_were_last_there(world, client, read, address):
    there(world, "board", BEFORE)
    assert f"{WORDS}4 February 2026" in read(address)
    assert 'href="/northvale/?compare=2026-02-04"' in client.get(address).text
    there(world, "board", HELD)
    assert f"{WORDS}18 March 2026" in read(address)
    assert f"{WORDS}4 February 2026" in read(address, as_at="2026-03-17")
    assert "?compare=2026-02-04&amp;as_at=2026-03-17" in client.get(address, {"as_at": "2026-03-17"}).text


@pytest.mark.parametrize("address", [LISTED, MARCH])
def test_who_was_never_there_is_told_nothing_of_it(world, read, address):
    there(world, "board", HELD)
    assert WORDS not in read(address, who="officer")


@pytest.mark.parametrize("address", [LISTED, MARCH])
def test_a_page_that_is_kept_as_made_says_to_each_when_they_were_there(world, read, remembered, address):
    there(world, "lead", BEFORE)
    there(world, "other_lead", HELD)
    assert f"{WORDS}4 February 2026" in read(address, who="lead")
    assert f"{WORDS}18 March 2026" in read(address, who="other_lead")
    assert f"{WORDS}4 February 2026" in read(address, who="lead")
