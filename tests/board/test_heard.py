"""What families, owners and leads say, beside the statuses on the board page."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.heard import heard
from board.reviewing import reply_to_flag
from board.voices import assess_priority, say_for_families
from strategies.models import Strategy
from tests.board.test_report import another_action, report_of, say
from tests.world import BACKEND, at, build_world


@pytest.fixture
def world(db):
    return build_world()


def felt(world, about, what: str, day: date, words: str = "It is better.", **more):
    moment = more.pop("recorded", at(day.year, day.month, day.day))
    return say_for_families(
        about, felt=what, words=words, body="The forum", said_on=day, by=world.people["families"], at=moment
    )


def assessed(world, status: str, reason: str, moment):
    return assess_priority(
        world.priority, status=status, reason=reason, mitigation="A new team.", consequence="Plans come late.",
        by=world.people["officer"], at=moment, seen_number=world.priority.assessments.count(),
    )  # fmt: skip


def answered(world, flag: str, text: str, moment, action=None):
    action = action or world.action
    return reply_to_flag(
        action, flag, text=text, by=world.people["lead"], at=moment, seen_number=action.flag_replies.count()
    )


def of_plan(world, moment, **more):
    return heard(Strategy.objects.select_related("area").get(pk=world.strategy.pk), moment, **more)


def test_the_last_said_stands_and_a_past_moment_shows_what_stood_then(world):
    felt(world, world.priority, "not_yet", date(2026, 3, 1))
    felt(world, world.priority, "partly", date(2026, 6, 1), words="We are asked first.")
    felt(world, world.action, "yes", date(2026, 6, 2))
    now, then = of_plan(world, at(2026, 7, 1)), of_plan(world, at(2026, 4, 1))
    view = now.families_of_priority[world.priority.pk]
    assert (view.word, view.words, view.said_on) == ("Partly", "We are asked first.", date(2026, 6, 1))
    assert now.families_of_action[world.action.pk].felt == "yes"
    assert then.families_of_priority[world.priority.pk].felt == "not_yet"
    assert then.families_of_action == {}


def test_what_was_said_earlier_and_written_down_later_does_not_stand_over_what_was_said_last(world):
    felt(world, world.priority, "yes", date(2026, 6, 1))
    felt(world, world.priority, "not_yet", date(2026, 2, 1), recorded=at(2026, 6, 10))
    assert of_plan(world, at(2026, 7, 1)).families_of_priority[world.priority.pk].felt == "yes"


def test_owners_say_why_and_what_is_done_about_it(world):
    assessed(world, "G", "It goes well.", at(2026, 3, 1))
    assessed(world, "A", "Two teams are late.", at(2026, 5, 1))
    view = of_plan(world, at(2026, 7, 1)).owners[world.priority.pk]
    assert (view.word, view.reason, view.mitigation, view.consequence, view.said_on) == (
        "At risk", "Two teams are late.", "A new team.", "Plans come late.", date(2026, 5, 1),
    )  # fmt: skip


def test_an_answer_stands_with_the_flag_that_it_answers(world):
    answered(world, "overdue", "The report is with the printer.", at(2026, 7, 3))
    answered(world, "overdue", "It came back on Monday.", at(2026, 7, 5))
    answered(world, "slipped", "I was away.", at(2026, 7, 6))
    answers = of_plan(world, at(2026, 7, 10)).answers
    assert answers[world.action.pk, "overdue"].text == "It came back on Monday."
    assert answers[world.action.pk, "slipped"].text == "I was away."


def test_another_plans_voices_are_not_heard(world):
    other = Strategy.objects.exclude(pk=world.strategy.pk).filter(area=world.other_area).first()
    felt(world, world.priority, "yes", date(2026, 6, 1))
    answered(world, "overdue", "It came back on Monday.", at(2026, 7, 5))
    found = heard(other, at(2026, 7, 10))
    assert (found.families_of_priority, found.answers) == ({}, {})


def test_an_exception_carries_its_leads_answer_and_what_families_feel(world):
    answered(world, "overdue", "It came back on Monday.", at(2026, 7, 5))
    felt(world, world.action, "not_yet", date(2026, 7, 6))
    [found] = report_of(world, date(2026, 7, 15)).exceptions
    assert (found.answer.text, found.families_say.word) == ("It came back on Monday.", "Not yet")
    [then] = report_of(world, date(2026, 7, 4)).exceptions
    assert (then.answer, then.families_say) == (None, None)


def test_the_board_page_prints_the_answer_and_the_other_two_views(client, world):
    client.force_login(world.people["board"], backend=BACKEND)
    answered(world, "overdue", "It came back on Monday.", at(2026, 7, 5))
    felt(world, world.action, "not_yet", date(2026, 7, 6))
    assessed(world, "A", "Two teams are late.", at(2026, 7, 1))
    page = " ".join(client.get(world.address("board:area") + "?as_at=2026-07-15").text.split())
    assert "<strong>Its lead answers</strong> (5 July 2026): It came back on Monday." in page
    assert 'data-label="Families feel it"' in page
    assert "Its owners say" in page
    assert "Two teams are late." in page


def test_voices_cost_the_board_page_no_query_however_many_there_are(client, world):
    client.force_login(world.people["board"], backend=BACKEND)
    address = world.address("board:strategy") + "?as_at=2026-07-15"

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    say(world, world.action, "B", at(2026, 3, 2), number=2)
    before = asked()
    for number in range(2, 12):
        action = another_action(world, number)
        felt(world, action, "partly", date(2026, 7, 1))
        answered(world, "silent", "Nothing to say yet.", at(2026, 7, 2), action=action)
    assessed(world, "A", "Two teams are late.", at(2026, 7, 1))
    assert asked() == before <= 15
