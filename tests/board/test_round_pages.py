"""The pages of a round: planning, opening and closing, checking, entering by telephone, answering a flag."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from board.models import FlagReply, UpdateReview
from board.planning_rounds import close_round, open_round
from board.reviewing import return_update
from people.models import Lead
from strategies.models import Meeting, ReportingRound
from tests.world import BACKEND, at, build_world
from workstrands.models import Action, Placement, ProgressUpdate
from workstrands.reporting import report_progress

NOW = at(2026, 4, 20)


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return build_world()


@pytest.fixture
def planned(world):
    meeting = Meeting.objects.create(area=world.area, held_on=date(2026, 5, 13), papers_due_on=date(2026, 5, 6))
    return ReportingRound.objects.create(meeting=meeting, opens_on=date(2026, 4, 1), closes_on=date(2026, 4, 30))


@pytest.fixture
def opened(world, planned):
    return open_round(planned, by=world.people["officer"], at=at(2026, 4, 2))


@pytest.fixture
def update(world, opened):
    return say(world, world.action, at(2026, 4, 10))


def say(world, action, when, **fields):
    said = {"status": "G", "narrative": "Going well.", "seen_number": action.updates.count(), **fields}
    return report_progress(action, by=world.people["lead"], at=when, **said)


def arrive(client, world, person="officer"):
    client.force_login(world.people[person], backend=BACKEND)
    return client


def address(world, name="round", *args):
    return reverse(f"board:{name}", args=[world.area.slug, "2026-05-13", *args])


def words_of(response) -> str:
    return " ".join(strip_tags(response.text).split())


def add_action(world, number: int, lead: Lead | None = None) -> Action:
    action = Action.objects.create(
        area=world.area, strategy=world.strategy, key=f"more-{number}", ref=f"2.{number}", title=f"More {number}",
        position=number + 1,
    )  # fmt: skip
    Placement.objects.create(
        action=action, number=1, recorded_at=at(2026, 1, 1), priority=world.priority, workstrand=world.strand,
        lead=lead or world.lead,
    )  # fmt: skip
    return action


# Planning a year

YEAR = {
    "rhythm": "six_weekly", "first_on_0": "28", "first_on_1": "12", "first_on_2": "2026", "count": "2", "papers": "5",
    "closes": "2", "opens": "20",
}  # fmt: skip


def plan_page(world) -> str:
    return reverse("board:round-plan", args=[world.area.slug])


def sent_rows(**changed) -> dict:
    rows = {
        "m1-is_wanted": "on", "m1-held_on": "29 December 2026", "m1-papers_due_on": "18 December 2026",
        "m1-opens_on": "20 November 2026", "m1-closes_on": "16 December 2026",
        "m2-is_wanted": "on", "m2-held_on": "8 February 2027", "m2-papers_due_on": "1 February 2027",
        "m2-opens_on": "4 January 2027", "m2-closes_on": "28 January 2027",
    }  # fmt: skip
    return {name: value for name, value in (rows | changed).items() if value is not None}


def test_the_days_are_shown_before_anything_is_planned(client, world):
    page = arrive(client, world).get(plan_page(world), YEAR)

    assert "Moved from 28 December 2026, Boxing Day (substitute day)." in words_of(page)
    assert 'value="29 December 2026"' in page.text
    assert "Plan meeting 1, a Tuesday" in words_of(page)
    assert Meeting.objects.count() == 1


def test_what_was_settled_is_planned_at_once(client, world):
    response = arrive(client, world).post(plan_page(world), sent_rows())

    assert response["Location"] == reverse("board:meetings", args=[world.area.slug])
    rounds = ReportingRound.objects.filter(meeting__held_on__gte=date(2026, 12, 1)).order_by("opens_on")
    assert [found.closes_on for found in rounds] == [date(2026, 12, 16), date(2027, 1, 28)]


def test_a_day_that_was_changed_is_kept_and_a_meeting_left_out_is_not_planned(client, world):
    arrive(client, world).post(
        plan_page(world), sent_rows(**{"m1-is_wanted": None, "m1-held_on": "nonsense", "m2-held_on": "9/2/2027"})
    )
    assert [m.held_on for m in Meeting.objects.filter(held_on__gte=date(2026, 12, 1))] == [date(2027, 2, 9)]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"m2-held_on": "31 February 2027"}, "Meeting 2. Meeting: there is no 31 February 2027"),
        ({"m2-held_on": ""}, "Meeting 2. Meeting: write a day"),
        (
            {"m2-held_on": "13 2 2027"},
            "Meeting 2. The meeting is held on a working day: 13 February 2027 is a Saturday",
        ),
        ({"m2-opens_on": "14 12 2026"}, "Meeting 2. The round for the meeting of 29 December 2026 runs from"),
        ({"m2-held_on": "\x00"}, "Meeting 2. Meeting: write day, month and year"),
    ],
)
def test_one_wrong_day_plans_nothing_and_loses_nothing(client, world, changed, message):
    response = arrive(client, world).post(plan_page(world), sent_rows(**changed))

    assert response.status_code == 200
    assert message in words_of(response)
    assert "Nothing was saved" in words_of(response)
    assert 'value="29 December 2026"' in response.text
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"first_on_1": "2", "first_on_0": "31", "first_on_2": "2027"}, "there is no 31 February 2027"),
        ({"first_on_2": "2025"}, "Give a day to come"),
        ({"rhythm": "weekly"}, "Choose how often the Board meets"),
        ({"count": "99"}, "give a whole number from 1 to 14"),
        ({"papers": "-1"}, "Papers are due: give a whole number from 0 to 60"),
        ({"opens": "2"}, "opens more working days before the papers than it closes"),
        ({"opens": "9" * 5000}, "give a whole number from 1 to 60"),
    ],
)
def test_a_rhythm_that_cannot_be_read_says_why(client, world, changed, message):
    response = arrive(client, world).get(plan_page(world), YEAR | changed)
    assert response.status_code == 200
    assert message in words_of(response)


# The round


def test_the_round_says_who_has_updated_and_what_awaits_checking(client, world, update):
    add_action(world, 1, Lead.objects.get(name="Another lead"))

    page = words_of(arrive(client, world, "board").get(address(world)))

    assert "Open since 2 April 2026. It closes on 30 April 2026: 8 working days left after today." in page
    assert "1 of 2 actions have a report in this round." in page
    assert "1 report awaits checking." in page
    assert "Going well." in page
    assert "Accept the reports ticked" not in page  # board members read


def test_what_awaits_checking_comes_before_whoever_owes_a_report(client, world, update):
    for number in range(2):
        add_action(world, number, Lead.objects.get(name="Another lead"))

    page = arrive(client, world).get(address(world)).text

    assert page.index('id="waiting"') < page.index('id="missing"') < page.index('id="leads"')
    assert "2 to come: 2.0, 2.1" in page
    assert "Enter by telephone" in page
    assert "1 lead owes no report" in page


def test_what_awaits_checking_comes_a_page_at_a_time(client, world, opened):
    for number in range(21):
        say(world, add_action(world, number), at(2026, 4, 10, number))

    first, second = (words_of(arrive(client, world).get(address(world), {"page": page})) for page in ("1", "2"))

    assert "21 reports, the longest waiting first; 20 on this page." in first
    assert "Accept all 20 shown" in first
    assert "Accept the report on action 2.20" not in first
    assert "Accept the report on action 2.20" in second


def test_a_lead_who_never_signed_in_is_named_once(client, world, opened):
    page = words_of(arrive(client, world).get(address(world)))
    assert page.count("Never signed in") == 1
    assert "Never signed in: Head of SEND." in page


@pytest.mark.parametrize(
    ("now", "reported", "secondary"),
    [(at(2026, 4, 20), False, True), (at(2026, 4, 20), True, False), (at(2026, 4, 30), False, False)],
)
def test_closing_stands_out_on_the_last_day_or_once_everybody_has_reported(
    client, world, opened, monkeypatch, now, reported, secondary
):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    if reported:
        say(world, world.action, at(2026, 4, 10))
    page = arrive(client, world).get(address(world)).text
    button = page[: page.index("Close this round")].rpartition("<button")[2]
    assert ("secondary" in button) is secondary


def test_a_closed_round_says_when_it_was_open(client, world, opened):
    close_round(opened, by=world.people["officer"], at=at(2026, 4, 18))
    assert "Was open from 2 April 2026 to 18 April 2026." in words_of(arrive(client, world).get(address(world)))


def test_a_round_is_opened_and_closed_by_hand(client, world, planned):
    arrive(client, world)
    assert "Open this round" in words_of(client.get(address(world)))

    assert "The round is open. Leads report until 30 April 2026." in words_of(
        client.post(address(world, "round-open"), follow=True)
    )
    planned.refresh_from_db()
    assert (planned.opened_at, planned.history.first().history_user) == (NOW, world.people["officer"])
    assert "already" in words_of(client.post(address(world, "round-open"), follow=True))


def test_the_past_is_read_and_offers_no_change(client, world, update):
    page = arrive(client, world).get(address(world), {"as_at": "2026-04-09"})

    assert "0 of 1 action has a report in this round." in words_of(page)
    assert "<form" not in page.text[page.text.index("<main") :]


def test_a_meeting_without_a_round_says_what_to_do(client, world):
    Meeting.objects.create(area=world.area, held_on=date(2026, 5, 13))
    assert "No round is planned for this meeting. Plan its round" in words_of(arrive(client, world).get(address(world)))


@pytest.mark.parametrize("day", ["2026-05-14", "2026-02-31", "nonsense", "1"])
def test_a_day_without_a_meeting_is_not_there(client, world, opened, day):
    arrive(client, world)
    assert client.get(f"/northvale/meetings/{day}/round/").status_code == 404
    assert client.post(f"/northvale/meetings/{day}/round/open/").status_code == 404


def test_another_areas_round_is_not_there(client, world, opened):
    assert arrive(client, world, "other_officer").get(address(world)).status_code == 404
    assert client.get(address(world).replace("northvale", "southmoor")).status_code == 404


def test_the_queries_of_the_page_do_not_grow(client, world, update, django_assert_max_num_queries):
    arrive(client, world).get(address(world))
    with django_assert_max_num_queries(25) as few:
        client.get(address(world))
    for number in range(15):
        lead = Lead.objects.create(area=world.area, name=f"Lead {number}", user=world.people["lead"])
        backed = [(f"Minutes {number}", "document", "")]
        say(world, add_action(world, number, lead), at(2026, 4, 11), evidence=backed)
    with django_assert_max_num_queries(25) as many:
        client.get(address(world))
    assert len(many) == len(few)


# Checking


SAYS_ALL = {
    "status": "R", "cause": "funding", "next_steps": "Ask the board.", "escalate_to": "board",
    "ask": "Who pays for it?", "needed_by": date(2026, 5, 29), "impact": "early_signs", "difference_made": "Calls answered.",
    "evidence": [("The survey", "lived_experience", "https://example.org/survey")],
}  # fmt: skip


@pytest.mark.parametrize("name", ["round", "round-review"])
def test_an_officer_sees_all_that_was_said_before_accepting_it(client, world, opened, name):
    say(world, world.action, at(2026, 4, 10), **SAYS_ALL)
    page = arrive(client, world).get(address(world, name, *(["a-1"] if name == "round-review" else [])))

    words = words_of(page)
    for said in (
        "Main cause: Funding",
        "Ask the board.",
        "Who pays for it?",
        "eeded by 29 May 2026",
        "Calls answered.",
    ):
        assert said in words
    assert "Impact: Early signs" in words
    assert '<a href="https://example.org/survey" rel="noopener noreferrer">The survey</a>' in page.text


@pytest.mark.parametrize("name", ["round", "round-review"])
def test_complete_may_rest_on_evidence_that_was_given_before(client, world, opened, name):
    say(world, world.action, at(2026, 4, 3), evidence=[("Minutes of March", "document", "")])
    say(world, world.action, at(2026, 4, 10), status="B")
    words = words_of(arrive(client, world).get(address(world, name, *(["a-1"] if name == "round-review" else []))))
    assert "Minutes of March (document, given 3 April 2026)" in words


def test_complete_without_evidence_says_so(client, world, opened):
    ProgressUpdate.objects.create(
        action=world.action, area=world.area, number=2, recorded_at=at(2026, 4, 10), status="B",
        author=world.people["lead"], round=opened,
    )  # fmt: skip
    assert "No evidence was given." in words_of(arrive(client, world).get(address(world)))
    assert "No evidence was given." in words_of(client.get(address(world, "round-review", "a-1")))


def picked(*updates) -> list[str]:
    return [f"{update.action.key}/{update.number}/0" for update in updates]


def test_the_reports_ticked_are_accepted_into_the_round_chosen(client, world, update):
    other = say(world, add_action(world, 1), at(2026, 4, 11))
    left = say(world, add_action(world, 2), at(2026, 4, 11))

    page = arrive(client, world).post(
        address(world, "round-check"), {"pick": picked(update, other), "round": "2026-05-13"}, follow=True
    )

    assert "2 reports accepted into the round for 13 May 2026." in words_of(page)
    assert set(UpdateReview.objects.values_list("update", "verdict")) == {
        (update.pk, "accepted"),
        (other.pk, "accepted"),
    }
    assert left.action.title in words_of(page)


def test_all_that_was_shown_can_be_accepted_at_once(client, world, update):
    arrive(client, world).post(
        address(world, "round-check"), {"shown": picked(update), "all": "1", "round": "2026-05-13"}
    )
    assert UpdateReview.objects.get().update == update


def test_a_report_that_changed_meanwhile_is_named_and_the_rest_are_accepted(client, world, update):
    other = say(world, add_action(world, 1), at(2026, 4, 11))
    say(world, world.action, at(2026, 4, 12), narrative="More.")

    page = words_of(
        arrive(client, world).post(
            address(world, "round-check"), {"pick": picked(update, other), "round": "2026-05-13"}, follow=True
        )
    )

    assert "Action 1.1 was reported on again meanwhile." in page
    assert UpdateReview.objects.get().update == other


@pytest.mark.parametrize(
    "sent",
    [
        {"round": "2026-05-13"},
        {"pick": ["a-1/2/0"], "round": "2031-01-01"},
        {"pick": ["a-1/2/0"]},
        {"pick": ["nonsense", "a-1/x/0", "a-1/99999999999999/0", "a-1/2/²", "a-1\x00/2/0", ""], "round": "2026-05-13"},
    ],
)
def test_nonsense_accepts_nothing(client, world, update, sent):
    assert arrive(client, world).post(address(world, "round-check"), sent).status_code == 302
    assert not UpdateReview.objects.exists()


def test_a_report_is_read_whole_and_returned_with_a_remark(client, world, update):
    page = address(world, "round-review", world.action.key)
    assert "Going well." in words_of(arrive(client, world).get(page))
    sent = {"update_number": "2", "seen_number": "0", "round": "2026-05-13", "remark": "", "verdict": "returned"}
    assert "Say what the lead should look at again." in words_of(client.post(page, sent))

    response = client.post(page, sent | {"remark": "By when?"}, follow=True)

    assert "its lead sees your remark" in words_of(response)
    assert "By when?" in words_of(response)
    assert UpdateReview.objects.get().verdict == "returned"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"verdict": "burnt"}, "Choose whether to accept the report or to return it."),
        ({"round": "2031-01-01"}, "Choose a round of this area that has been opened."),
        ({"remark": "x" * 2001}, "shorten it by 1"),
        ({"remark": "a\x0bb"}, "cannot be kept"),
    ],
)
def test_a_check_that_cannot_be_kept_says_why(client, world, update, changed, message):
    sent = {
        "update_number": "2",
        "seen_number": "0",
        "round": "2026-05-13",
        "remark": "By when?",
        "verdict": "returned",
    }
    response = arrive(client, world).post(address(world, "round-review", world.action.key), sent | changed)

    assert response.status_code == 200
    assert message in words_of(response)
    assert not UpdateReview.objects.exists()


def test_a_check_meanwhile_is_shown_and_the_remark_is_not_lost(client, world, opened, update):
    return_update(
        update, remark="First.", round=opened, by=world.people["administrator"], at=at(2026, 4, 19), seen_number=0
    )
    sent = {"update_number": "2", "seen_number": "0", "round": "2026-05-13", "remark": "Second.", "verdict": "returned"}

    response = arrive(client, world).post(address(world, "round-review", world.action.key), sent)

    assert response.status_code == 409
    assert "First." in words_of(response)
    assert "Second." in words_of(response)
    assert 'name="seen_number" value="1"' in response.text


def test_a_report_meanwhile_is_shown_before_it_is_checked(client, world, update):
    say(world, world.action, at(2026, 4, 19), narrative="Quite different.")
    sent = {"update_number": "2", "seen_number": "0", "round": "2026-05-13", "remark": "", "verdict": "accepted"}

    response = arrive(client, world).post(address(world, "round-review", world.action.key), sent)

    assert response.status_code == 409
    assert "Quite different." in words_of(response)
    assert not UpdateReview.objects.exists()


# Entering what was said by telephone


def grid(world, of="strand.send-strategy.early-years") -> str:
    return f"{address(world, 'round-grid')}?of={of}"


def typed(action, *, seen=1, **fields) -> dict:
    row = {"seen_number": seen, "said_on": "19 4 2026", **fields}
    return {f"u-{action.key}-{name}": value for name, value in row.items()}


def sent(*rows: tuple[Action, dict]) -> dict:
    found = {"row": [action.key for action, _ in rows]}
    for _, fields in rows:
        found |= fields
    return found


def test_a_whole_strand_is_entered_and_what_is_left_empty_stays(client, world, opened):
    second, third = add_action(world, 1), add_action(world, 2)
    response = arrive(client, world).post(
        grid(world),
        sent(
            (world.action, typed(world.action, status="G", narrative="Told.", on_behalf_of=world.lead.pk)),
            (
                second,
                typed(
                    second, seen=0, status="A", cause="funding", next_steps="Ask the ICB.", on_behalf_of=world.lead.pk
                ),
            ),
            (third, typed(third, seen=0, on_behalf_of=world.lead.pk)),
        ),
        follow=True,
    )

    assert "2 reports entered and accepted: 1.1 and 2.1." in words_of(response)
    update = second.updates.get()
    assert (update.status, update.on_behalf_of, update.author, update.round) == (
        "A", world.lead, world.people["officer"], opened,
    )  # fmt: skip
    assert update.reviews.get().remark == "Said on 19 April 2026, entered by an officer."
    assert not third.updates.exists()


def test_a_mistake_in_one_row_marks_it_and_keeps_all_that_was_typed(client, world, opened):
    second = add_action(world, 1)
    response = arrive(client, world).post(
        grid(world),
        sent(
            (world.action, typed(world.action, status="R", narrative="It stands still.")),
            (second, typed(second, seen=0, status="G", narrative="Told.")),
        ),
    )

    page = words_of(response)
    assert response.status_code == 200
    assert "1 row could not be entered. What you typed is kept." in page
    for message in (
        "Choose the main cause.",
        "Say what happens next.",
        "Choose who needs to act now that it is off track.",
    ):
        assert f"Action 1.1. {message}" in page
    assert "It stands still." in response.text
    assert "1 report entered and accepted: 2.1." in page
    assert second.updates.count() == 1
    assert world.action.updates.count() == 1


def test_a_text_without_a_status_is_not_passed_over(client, world, opened):
    response = arrive(client, world).post(grid(world), sent((world.action, typed(world.action, narrative="Told."))))
    assert "Action 1.1. Choose how the action is going." in words_of(response)
    assert "Told." in response.text


def test_a_report_meanwhile_is_shown_in_its_row(client, world, update):
    response = arrive(client, world).post(
        grid(world), sent((world.action, typed(world.action, seen=1, status="N", narrative="Told.")))
    )

    page = words_of(response)
    assert "reported on this action while you were typing" in page
    assert "Going well." in page
    assert "Told." in response.text
    assert 'name="u-a-1-seen_number" value="2"' in response.text
    again = client.post(grid(world), sent((world.action, typed(world.action, seen=2, status="N", narrative="Told."))))
    assert again.status_code == 302
    assert world.action.updates.count() == 3


def test_the_same_page_sent_twice_is_entered_once(client, world, opened):
    said = sent((world.action, typed(world.action, status="G", narrative="Told.")))
    arrive(client, world).post(grid(world), said)
    client.post(grid(world), said)

    assert world.action.updates.count() == 2
    assert UpdateReview.objects.count() == 1


def test_what_was_last_said_of_the_impact_is_said_again(client, world, opened):
    say(world, world.action, at(2026, 4, 3), impact="early_signs")
    arrive(client, world).post(
        grid(world), sent((world.action, typed(world.action, seen=2, status="G", narrative="On.")))
    )
    assert world.action.updates.order_by("number").last().impact == "early_signs"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"said_on": "31 2 2026"}, "Said on: there is no 31 February 2026"),
        ({"said_on": ""}, "Said on: write the day"),
        ({"said_on": "21 4 2026"}, "21 April 2026 is still to come"),
        ({"narrative": "x" * 10_001}, "shorten it by 1"),
        ({"narrative": "a\x0bb"}, "cannot be kept"),
        ({"status": "S"}, "Choose how it is going."),
        ({"on_behalf_of": "0"}, "Choose a lead of this action."),
        ({"seen_number": "x"}, "Enter a whole number."),
    ],
)
def test_bad_input_is_named_in_its_row(client, world, opened, fields, message):
    row = {"status": "G", "narrative": "Told."} | fields
    response = arrive(client, world).post(grid(world), sent((world.action, typed(world.action, **row))))

    assert response.status_code == 200
    assert message in words_of(response)
    assert world.action.updates.count() == 1


@pytest.mark.parametrize(
    "of", ["strand.send-strategy.none", "lead.0", "nonsense", "lead.\x00", "priority.send-strategy.99"]
)
def test_an_unknown_part_is_not_there(client, world, opened, of):
    assert arrive(client, world).get(address(world, "round-grid"), {"of": of}).status_code == 404


@pytest.mark.parametrize("of", ["lead.{lead}", "priority.send-strategy.1"])
def test_the_actions_of_a_lead_or_a_priority_can_be_entered_too(client, world, opened, of):
    page = arrive(client, world).get(grid(world, of.format(lead=world.lead.pk)))
    assert "Publish the pathway" in words_of(page)
    assert "Going well." in words_of(page)


def test_another_parts_action_sent_along_is_not_written(client, world, opened):
    elsewhere = Action.objects.create(
        area=world.area, strategy=world.strategy, key="elsewhere", ref="9.1", title="Elsewhere", position=9
    )
    Placement.objects.create(action=elsewhere, number=1, recorded_at=at(2026, 1, 1), priority=world.priority)
    arrive(client, world).post(grid(world), sent((elsewhere, typed(elsewhere, seen=0, status="G"))))
    assert not elsewhere.updates.exists()


def test_nothing_is_entered_into_a_round_that_was_not_opened(client, world, planned):
    page = arrive(client, world).post(grid(world), sent((world.action, typed(world.action, status="G"))))
    assert "This round has not been opened." in words_of(page)
    assert world.action.updates.count() == 1


def test_what_is_entered_after_closing_by_the_day_it_was_said(client, world, opened):
    close_round(opened, by=world.people["officer"], at=at(2026, 4, 18))
    second = add_action(world, 1)
    arrive(client, world).post(
        grid(world),
        sent(
            (world.action, typed(world.action, status="G", said_on="17 4 2026")),
            (second, typed(second, seen=0, status="G", said_on="19 4 2026")),
        ),
    )
    assert dict(UpdateReview.objects.values_list("update__action__ref", "is_late")) == {"1.1": False, "2.1": True}


def test_the_queries_of_the_grid_do_not_grow(client, world, opened, django_assert_max_num_queries):
    arrive(client, world).get(grid(world))
    with django_assert_max_num_queries(25) as few:
        client.get(grid(world))
    for number in range(15):
        say(world, add_action(world, number), at(2026, 4, 11))
    with django_assert_max_num_queries(25) as many:
        client.get(grid(world))
    assert len(many) == len(few)


# Answering a flag


def reply_page(world, code="not_updated") -> str:
    return reverse("board:flag-reply", args=[world.area.slug, world.action.key, code])


def test_a_lead_answers_a_flag(client, world, opened):
    arrive(client, world, "lead")
    assert "nothing since the round that opened on 2 April 2026" in words_of(client.get(reply_page(world)))

    response = client.post(reply_page(world), {"seen_number": "0", "text": "I was away."})

    assert response["Location"] == world.action.get_absolute_url()
    assert FlagReply.objects.get().text == "I was away."
    assert "I was away." in words_of(client.get(reply_page(world)))


@pytest.mark.parametrize(
    ("text", "message"), [("", "Write the answer"), ("x" * 100_000, "shorten it by"), ("a\x00", "cannot be kept")]
)
def test_an_answer_that_cannot_be_kept_says_why(client, world, opened, text, message):
    response = arrive(client, world, "lead").post(reply_page(world), {"seen_number": "0", "text": text})
    assert response.status_code == 200
    assert message in words_of(response)


def test_an_answer_meanwhile_is_shown_and_the_other_is_not_lost(client, world, opened):
    arrive(client, world, "officer").post(reply_page(world), {"seen_number": "0", "text": "One."})
    response = arrive(client, world, "lead").post(reply_page(world), {"seen_number": "0", "text": "Two."})

    assert response.status_code == 409
    assert "One." in words_of(response)
    assert "Two." in words_of(response)


def test_a_flag_that_does_not_stand_cannot_be_answered(client, world):
    arrive(client, world, "lead")
    assert "does not stand on this action" in words_of(client.get(reply_page(world, "overdue")))
    kept = client.post(reply_page(world, "overdue"), {"seen_number": "0", "text": "Long written."})
    assert "Long written." in words_of(kept)
    assert not FlagReply.objects.exists()
    assert client.get(reply_page(world, "nonsense")).status_code == 404


@pytest.mark.parametrize("name", ["flag-reply", "round-review", "round-grid", "round-plan"])
def test_what_was_typed_before_the_session_ran_out_comes_back_unsent(client, world, update, name):
    page, typed_in = {
        "flag-reply": (reply_page(world), {"text": "Typed long."}),
        "round-review": (address(world, "round-review", "a-1"), {"remark": "Typed long.", "round": "2026-05-13"}),
        "round-grid": (grid(world), sent((world.action, typed(world.action, seen=2, narrative="Typed long.")))),
        "round-plan": (plan_page(world), sent_rows(**{"m1-held_on": "Typed long."})),
    }[name]
    assert client.post(page, typed_in).status_code == 302

    response = arrive(client, world).get(page)

    assert "Typed long." in response.text
    assert "Your session had run out." in words_of(response)
    assert not FlagReply.objects.exists()
    assert not UpdateReview.objects.exists()
    assert world.action.updates.count() == 2
