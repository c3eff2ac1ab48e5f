"""Letters to leads: which is due, to whom, what it says, and how the page shows it."""

from datetime import date

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend as LocmemBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.models import Reminder, RoundLink, UpdateReview
from board.reminding import due_stage, is_outdated, stage_days, stage_on
from people.models import Lead, Membership, User
from strategies.models import Meeting, ReportingRound
from tests.board.reminding.the_round import CLOSING, COPY, OPENED, OVERDUE, PAGE, another_action, page, report, run
from tests.world import BACKEND, at
from workstrands.models import Placement

# Opened on Wednesday 4 November, asked for by Monday 30 November 2026.
DAYS = stage_days(date(2026, 11, 4), date(2026, 11, 30))


# Which letter is due


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        (date(2026, 11, 3), None),
        (date(2026, 11, 4), OPENED),
        (date(2026, 11, 24), OPENED),
        (date(2026, 11, 25), CLOSING),  # Thursday, Friday and Monday are left
        (date(2026, 11, 30), CLOSING),  # the last day itself is no day late
        (date(2026, 12, 1), OVERDUE),
        (date(2026, 12, 2), COPY),
    ],
)
def test_a_round_goes_through_its_stages_by_working_days(day, stage):
    assert stage_on(day, DAYS) == stage


def test_three_working_days_leave_out_bank_holidays_and_a_weekend_at_the_end():
    # Easter 2026: Good Friday is 3 April, Easter Monday the 6th.
    assert stage_days(date(2026, 3, 2), date(2026, 4, 8))[CLOSING] == date(2026, 4, 1)
    assert (
        stage_days(date(2026, 3, 2), date(2026, 4, 5))[CLOSING]
        == stage_days(date(2026, 3, 2), date(2026, 4, 2))[CLOSING]
    )


def test_a_letter_that_was_claimed_is_not_due_again():
    assert due_stage(date(2026, 11, 10), DAYS, {}) == OPENED
    assert due_stage(date(2026, 11, 10), DAYS, {OPENED: date(2026, 11, 4)}) is None


def test_a_missed_stage_is_left_out_rather_than_sent_late():
    assert due_stage(date(2026, 11, 26), DAYS, {}) == CLOSING


def test_officers_get_their_copy_two_working_days_after_the_lead_was_told():
    assert due_stage(date(2026, 12, 4), DAYS, {}) == OVERDUE
    told = {OVERDUE: date(2026, 12, 4)}  # a Friday
    assert due_stage(date(2026, 12, 7), DAYS, told) is None
    assert due_stage(date(2026, 12, 8), DAYS, told) == COPY
    assert due_stage(date(2026, 12, 9), DAYS, told | {COPY: date(2026, 12, 8)}) is None


def test_a_letter_is_outdated_once_a_later_one_went_or_is_due():
    assert not is_outdated(OPENED, date(2026, 11, 10), DAYS, {OPENED: date(2026, 11, 4)})
    assert is_outdated(OPENED, date(2026, 11, 26), DAYS, {OPENED: date(2026, 11, 4)})
    assert is_outdated(CLOSING, date(2026, 12, 1), DAYS, {CLOSING: date(2026, 11, 25), OVERDUE: date(2026, 12, 1)})


# To whom, and what


def test_one_letter_holds_all_that_is_awaited_from_a_lead_oldest_first(world):
    another_action(world, 1, said_at=at(2026, 5, 1))
    another_action(world, 2)

    (letter,) = run()

    assert letter.to == ["head@northvale.example"]
    assert letter.subject == "Northvale: Three actions to update by 30 November 2026"
    places = [letter.body.index(title) for title in ("Number 2", "Publish the pathway", "Number 1")]
    assert places == sorted(places)
    assert "https://tracker.example/northvale/actions/a-1/update/" in letter.body
    html, kind = letter.alternatives[0]
    assert kind == "text/html"
    assert html.count("https://tracker.example/northvale/actions/") == 3
    assert '<html lang="en-GB">' in html
    assert "style=" not in html


def test_a_letter_carries_titles_as_they_are_in_text_and_escaped_in_html(world):
    world.action.title = "Join up <health> & care"
    world.action.save()

    (letter,) = run()

    assert "Join up <health> & care" in letter.body
    assert "Join up &lt;health&gt; &amp; care" in letter.alternatives[0][0]


def test_each_stage_has_one_letter_however_often_it_is_run(world, clock):
    sent = []
    for day in (
        "2026-11-04",
        "2026-11-05",
        "2026-11-25",
        "2026-11-30",
        "2026-12-01",
        "2026-12-02",
        "2026-12-03",
        "2026-12-04",
    ):
        clock.now = at(*map(int, day.split("-")))
        sent += [(day, letter.subject.split(": ")[1]) for letter in run() + run()]

    assert sent == [
        ("2026-11-04", "One action to update by 30 November 2026"),
        ("2026-11-25", "Few days left"),
        ("2026-12-01", "Overdue"),
        ("2026-12-03", "Still overdue"),
    ]
    assert Reminder.objects.filter(sent_at__isnull=False).count() == 4


def test_the_last_letter_goes_to_the_officers_as_a_copy(world, clock):
    clock.now = at(2026, 12, 1)
    (first,) = run()
    clock.now = at(2026, 12, 3)
    (second,) = run()

    assert first.cc == []
    assert (second.to, second.cc) == (["head@northvale.example"], ["officer@example.test"])
    assert second.reply_to == ["officer@example.test"]


def test_officers_of_other_areas_and_those_who_left_get_no_copy(world, clock):
    gone = User.objects.create(email="former@example.test", is_active=False)
    Membership.objects.create(user=gone, area=world.area, role=Membership.Role.OFFICER)
    clock.now = at(2026, 12, 1)
    run()
    clock.now = at(2026, 12, 3)
    (letter,) = run()
    assert letter.cc == ["officer@example.test"]


def test_nobody_gets_a_letter_who_has_reported_has_left_has_no_address_or_holds_nothing(world):
    def lead(name, **more):
        return Lead.objects.create(area=world.area, name=name, **{"email": f"{name}@northvale.example", **more})

    another_action(world, 1, lead=lead("gone", left_on=date(2026, 11, 1)))
    another_action(world, 2, lead=lead("silent", email=""))
    another_action(world, 3, lead=lead("done"), said_at=at(2026, 5, 1), status="B")
    lead("idle")
    action = another_action(world, 4, lead=lead("prompt"))
    report(world, action, moment=at(2026, 11, 4, 15))

    assert [letter.to for letter in run()] == [["head@northvale.example"]]


def test_an_action_that_nobody_leads_brings_no_letter(world):
    Placement.objects.create(
        action=world.action, number=2, recorded_at=at(2026, 2, 1), priority=world.priority, lead=None
    )

    assert run() == []


def test_a_returned_update_is_awaited_again_with_the_remark(world):
    update = report(world, world.action, moment=at(2026, 11, 4, 15))
    assert run() == []
    UpdateReview.objects.create(
        update=update, number=1, recorded_at=at(2026, 11, 5, 9), verdict="returned", remark="Which schools?"
    )

    (letter,) = run()

    assert "Returned to you: Which schools?" in letter.body


def test_a_closed_round_and_a_round_to_come_bring_no_letter(world):
    world.round.closed_at = at(2026, 11, 5, 9)
    world.round.save()
    assert run() == []
    world.round.opened_at = world.round.closed_at = None
    world.round.save()
    assert run() == []


def test_a_dry_run_says_what_would_be_sent_and_claims_nothing(world, capsys):
    assert run(dry_run=True) == []
    assert (
        "would be sent: The round has opened, Head of SEND, head@northvale.example (1 action)"
        in capsys.readouterr().out
    )
    assert not Reminder.objects.exists()


class OutsideBackend(LocmemBackend):
    """As if it left the machine."""


def test_nothing_is_sent_outside_to_an_illustrative_lead(world, settings):
    Lead.objects.filter(pk=world.lead.pk).update(is_illustrative=True)
    settings.EMAIL_BACKEND = f"{__name__}.OutsideBackend"

    assert run() == []
    assert not Reminder.objects.exists()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert len(run()) == 1
    assert Reminder.objects.get().is_illustrative


def test_the_demonstrations_letters_and_links_go_with_it(world):
    from board.demonstration.removal import tagged_models

    assert {Reminder, RoundLink} <= set(tagged_models())


def test_another_area_s_round_asks_its_own_leads_alone(world):
    meeting = Meeting.objects.create(area=world.other_area, held_on=date(2026, 12, 9))
    ReportingRound.objects.create(
        meeting=meeting, opens_on=date(2026, 11, 4), closes_on=date(2026, 11, 30), opened_at=at(2026, 11, 4, 9)
    )

    assert [letter.subject.split(":")[0] for letter in run()] == ["Northvale"]


# The page


def test_the_page_shows_each_lead_s_letters_and_what_went(client, world, clock):
    run()
    text = page(client, world)

    assert "Head of SEND" in text
    assert "<strong>Sent</strong> 5 November 2026" in text
    assert "From 25 November 2026" in text
    letter = page(client, world, address=f"{PAGE}closing/{world.lead.pk}/")
    assert "Northvale: Few days left: one action to update by 30 November 2026" in letter
    assert "Publish the pathway" in letter
    assert "officer@example.test" in page(client, world, address=f"{PAGE}overdue_copy/{world.lead.pk}/")


def test_looking_at_a_letter_makes_no_link_and_sends_nothing(client, world):
    world.area.sends_round_links = True
    world.area.save()
    assert "without a sign-in" in page(client, world, address=f"{PAGE}opened/{world.lead.pk}/")
    assert not RoundLink.objects.exists()
    assert mail.outbox == []


def test_a_lead_without_an_address_is_named_so_that_somebody_telephones(client, world):
    Lead.objects.filter(pk=world.lead.pk).update(email="")
    text = page(client, world)
    assert "Leads without an email address" in text
    assert "<li>Head of SEND</li>" in text
    assert "No letter is due to anybody" in text


def test_the_past_shows_what_had_gone_by_then_and_offers_nothing(client, world, clock):
    run()
    clock.now = at(2026, 11, 20)
    text = page(client, world, address=f"{PAGE}?as_at=2026-11-04")
    assert "<strong>Sent</strong>" not in text
    assert "Let letters carry links" not in text
    assert client.post(f"{PAGE}?as_at=2026-11-04", {"press": "links_on"}).status_code == 404


@pytest.mark.parametrize("day", ["2026-12-10", "soon", "2026-02-31"])
def test_a_day_without_a_meeting_is_a_plain_404(client, world, day):
    client.force_login(world.people["officer"], backend=BACKEND)
    assert client.get(f"/northvale/meetings/{day}/reminders/").status_code == 404


def test_a_meeting_without_a_round_says_what_to_do(client, world):
    Meeting.objects.create(area=world.area, held_on=date(2027, 3, 10))
    assert "Plan a round" in page(client, world, address="/northvale/meetings/2027-03-10/reminders/")


def test_the_page_s_queries_do_not_grow_with_leads_or_actions(client, world):
    client.force_login(world.people["officer"], backend=BACKEND)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE).status_code == 200
        return len(queries)

    run()
    first = asked()
    for number in range(1, 9):
        lead = Lead.objects.create(area=world.area, name=f"Lead {number}", email=f"l{number}@northvale.example")
        another_action(world, number, lead=lead)
    run()
    assert asked() == first
