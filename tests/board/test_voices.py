"""Two further voices: what families feel of a promise, and what its owner says; nobody is ever named."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from board.identifying import email_problem, names_in
from board.models import FamilyView, PriorityAssessment
from board.voices import (
    FamilyVoice,
    assess_priority,
    family_views_of,
    family_voice_of,
    felt_tag,
    owners_views_of,
    say_for_families,
    sro_users,
)
from common.dates import end_of_day
from kpis.appending import Conflict
from people.models import Lead
from strategies.models import Meeting, ReportingRound
from tests.board.test_demo import make_plan
from tests.world import BACKEND, at, build_world

SAID = {
    "felt": "partly", "words": "We are heard, and then wait.", "body": "The parent carer forum", "said_on_0": "20",
    "said_on_1": "5", "said_on_2": "2026", "coproduced": "Agreed at an open meeting.",
}  # fmt: skip
VIEW = {
    "seen_number": "0",
    "status": "A",
    "reason": "Two teams are late.",
    "mitigation": "A new team.",
    "consequence": "Plans come late.",
}


@pytest.fixture
def world(db, monkeypatch):
    """It is 1 June 2026."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 6, 1))
    return build_world()


@pytest.fixture
def as_(client, world):
    def sign_in(name: str):
        client.force_login(world.people[name], backend=BACKEND)
        return client

    return sign_in


def said(world, about=None, *, felt="yes", when=(2026, 5, 1), words="It is better.", **fields):
    return say_for_families(
        about or world.priority, felt=felt, words=words, body="The forum", said_on=date(*when),
        by=world.people["families"], at=at(*when), **fields,
    )  # fmt: skip


def assessed(world, *, status="G", when=(2026, 5, 1), seen_number=None, by="officer", **fields):
    texts = {"reason": "It goes well."} | fields
    return assess_priority(
        world.priority, status=status, by=world.people[by], at=at(*when), seen_number=seen_number, **texts
    )


# Who might be recognised


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We are heard earlier than before.", []),
        ("The Local Offer is clearer. Parents say so.", []),
        ("We met Northvale Council in May 2026.", []),
        ("It takes 20 weeks, up from 16.", []),
        ("Mrs Okoro was kind.", ["Okoro"]),
        ("Dr. Jane Smith listened.", ["Jane Smith"]),
        ("My son Sam waited.", ["Sam"]),
        ("our daughter, Ayesha waited", ["Ayesha"]),
        ("A boy called Tom", ["Tom"]),
        ("I told Jane Smith about it.", ["Jane Smith"]),
        ("Jane Smith told me.", ["Jane Smith"]),
        ("Ring 020 8314 6000.", ["020 8314 6000"]),
    ],
)
def test_what_looks_like_a_name_is_found(text, found):
    assert names_in(text, known=["Northvale"]) == found


@pytest.mark.parametrize("text", ["write to jo.bloggs@example.org", "A.B+c@nhs.example"])
def test_an_email_address_is_found(text):
    assert "Take out the email address" in email_problem("nothing here", text)


# Families


def test_a_forum_member_says_what_families_feel(as_, world):
    response = as_("families").post(world.address("board:families-priority"), SAID, follow=True)
    assert response.redirect_chain[0][0] == world.priority.get_absolute_url()
    row = FamilyView.objects.get()
    assert (row.felt, row.body, row.said_on, row.number) == ("partly", "The parent carer forum", date(2026, 5, 20), 1)
    assert (row.priority, row.action, row.area, row.recorded_by) == (
        world.priority,
        None,
        world.area,
        world.people["families"],
    )
    assert not row.is_illustrative


def test_an_officer_says_it_of_an_action_on_their_behalf(as_, world):
    assert as_("officer").post(world.address("board:families-action"), SAID).status_code == 302
    assert FamilyView.objects.get().action == world.action


def test_a_plain_warning_stands_above_the_field(as_, world):
    text = as_("families").get(world.address("board:families-action")).text
    assert "Name nobody." in text
    assert text.index("Name nobody.") < text.index("In their words")
    assert "names_nobody" not in text


def test_what_looks_like_a_name_is_asked_about_and_kept_only_when_it_was_checked(as_, world):
    client, address = as_("families"), world.address("board:families-priority")
    sent = SAID | {"words": "We were seen at Downham Park."}
    text = client.post(address, sent).text
    assert "This may say who somebody is: “Downham Park”." in text
    assert "I have checked: it names nobody" in text
    assert not FamilyView.objects.exists()
    client.post(address, sent | {"names_nobody": "on"})
    assert FamilyView.objects.get().words == "We were seen at Downham Park."


def test_an_email_address_is_refused_even_when_it_was_checked(as_, world):
    for field in ("words", "body", "coproduced"):
        sent = SAID | {field: "Write to sam@example.org.", "names_nobody": "on"}
        text = as_("families").post(world.address("board:families-priority"), sent).text
        assert "Take out the email address sam@example.org" in text
    assert not FamilyView.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"felt": ""}, "Choose how families feel it."),
        ({"felt": "maybe"}, "Choose how families feel it."),
        ({"words": "  "}, "Write what families say."),
        ({"words": "a\x00b"}, "cannot be kept"),
        ({"words": "x" * 2001}, "has 2,001 characters"),
        ({"body": ""}, "Say which body says it."),
        ({"body": "x" * 121}, "has 121 characters"),
        ({"said_on_2": "2027"}, "20 May 2027 is still to come"),
        ({"said_on_0": "31", "said_on_1": "2"}, "there is no 31 February 2026"),
        ({"said_on_0": ""}, "needs a day"),
    ],
)
def test_bad_input_is_said_by_its_field_and_nothing_is_kept(as_, world, wrong, message):
    response = as_("families").post(world.address("board:families-action"), SAID | wrong)
    assert response.status_code == 200
    assert message in response.text
    assert "Agreed at an open meeting." in response.text
    assert not FamilyView.objects.exists()


def test_sent_twice_it_is_kept_once(as_, world):
    for _ in range(2):
        as_("families").post(world.address("board:families-priority"), SAID)
    assert FamilyView.objects.count() == 1


def test_the_latest_said_stands_and_the_earlier_stays_beside_it(world):
    said(world, felt="not_yet", when=(2026, 3, 1), words="Nothing yet.")
    said(world, felt="yes", when=(2026, 5, 1))
    said(world, world.action, felt="partly", when=(2026, 4, 1))
    found = family_views_of(world.area, at(2026, 6, 1), priorities=[world.priority.pk], actions=[world.action.pk])
    of_priority = found["priority", world.priority.pk]
    assert [row.felt for row in of_priority.rows] == ["yes", "not_yet"]
    assert of_priority.latest.felt == "yes"
    assert found["action", world.action.pk].latest.felt == "partly"
    then = family_voice_of(world.area, end_of_day(date(2026, 4, 30)), world.priority)
    assert then.latest.words == "Nothing yet."
    assert family_voice_of(world.area, end_of_day(date(2026, 2, 1)), world.priority).latest is None


def test_many_are_read_in_one_query(world, django_assert_num_queries):
    for month in range(1, 6):
        said(world, when=(2026, month, 1), words=f"Said in month {month}.")
    with django_assert_num_queries(1):
        found = family_views_of(world.area, at(2026, 6, 1), priorities=[world.priority.pk], actions=[world.action.pk])
        latest = found["priority", world.priority.pk].latest
        assert (latest.words, latest.recorded_by.email) == ("Said in month 5.", "families@example.test")
    with django_assert_num_queries(0):
        assert family_views_of(world.area, at(2026, 6, 1)) == {}


@pytest.mark.parametrize(
    ("felt", "word"), [("yes", "Yes"), ("partly", "Partly"), ("not_yet", "Not yet"), ("do_not_know", "Don&#x27;t know")]
)
def test_how_it_is_felt_is_a_shape_and_a_word(felt, word):
    assert f"<span>{word}</span>" in felt_tag(felt)
    assert 'aria-hidden="true"' in felt_tag(felt)


def test_the_column_shows_what_is_said_and_where_to_say_it(world):
    said(world, coproduced="At a meeting.")
    voice = family_voice_of(world.area, at(2026, 6, 1), world.priority)
    shown = {"family_voice": voice, "say_address": "/say/"}
    text = render_to_string("board/includes/family_views.html", shown)
    for words in ("Families feel it", "It is better.", "The forum, 1 May 2026", "At a meeting.", 'href="/say/"', "Yes"):
        assert words in text
    assert "Nobody has asked families" in render_to_string(
        "board/includes/family_views.html", {"family_voice": FamilyVoice()}
    )


def test_everything_said_of_a_plan_stands_on_one_page_as_at_a_day(as_, world):
    said(world, when=(2026, 3, 1), words="In March.")
    said(world, world.action, when=(2026, 5, 1), words="In May.")
    address = world.address("board:families")
    assert "In March." in as_("board").get(address).text
    assert "In May." not in as_("board").get(address, {"as_at": "2026-04-01"}).text
    assert "Say what families feel" not in as_("board").get(address).text
    assert "Say what families feel" in as_("families").get(address).text
    assert as_("families").get(address, {"page": "x"}).status_code == 200


def test_queries_do_not_grow_with_what_is_said(as_, world):
    client, address = as_("families"), world.address("board:families")
    said(world)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for month in range(1, 6):
        said(world, world.action, when=(2026, month, 2), words=f"Month {month}.")
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few) <= 9


def test_an_illustrative_sign_in_says_illustrative_things(world):
    person = world.people["families"]
    person.is_illustrative = True
    person.save()
    assert said(world).is_illustrative


# Owners


def make_owner(world) -> Lead:
    world.priority.sros.add(world.lead)
    return world.lead


def test_an_owner_gives_their_view_into_the_open_round(as_, world):
    make_owner(world)
    meeting = Meeting.objects.create(area=world.area, held_on=date(2026, 6, 20))
    opened = ReportingRound.objects.create(
        meeting=meeting, opens_on=date(2026, 5, 20), closes_on=date(2026, 6, 10), opened_at=at(2026, 5, 20)
    )
    response = as_("lead").post(world.address("board:owners-view"), VIEW, follow=True)
    assert response.redirect_chain[0][0] == world.priority.get_absolute_url()
    row = PriorityAssessment.objects.get()
    assert (row.status, row.reason, row.round, row.recorded_by) == (
        "A",
        "Two teams are late.",
        opened,
        world.people["lead"],
    )


def test_only_its_owners_in_post_and_officers_give_it(as_, world):
    lead = make_owner(world)
    address = world.address("board:owners-view")
    assert sro_users(world.priority, date(2026, 6, 1)) == {world.people["lead"].pk}
    assert as_("lead").get(address).status_code == 200
    for person in ("board", "other_lead", "administrator", "families"):
        assert as_(person).post(address, VIEW).status_code == 403
    lead.left_on = date(2026, 6, 1)
    lead.save()
    assert as_("lead").post(address, VIEW).status_code == 403
    assert as_("officer").post(address, VIEW).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"status": ""}, "Choose how it stands."),
        ({"status": "N"}, "Choose how it stands."),
        ({"reason": " "}, "Say why."),
        ({"mitigation": ""}, "Say what is done about it."),
        ({"status": "R", "consequence": ""}, "Say what happens if nothing is done."),
        ({"reason": "x" * 2001}, "has 2,001 characters"),
        ({"reason": "a\x00b"}, "cannot be kept"),
        ({"seen_number": "x"}, "whole number"),
    ],
)
def test_an_incomplete_view_is_sent_back_by_its_field(as_, world, wrong, message):
    response = as_("officer").post(world.address("board:owners-view"), VIEW | wrong)
    assert response.status_code == 200
    assert message in response.text
    assert not PriorityAssessment.objects.exists()


def test_on_track_needs_a_reason_alone(world):
    assert assessed(world).number == 1


def test_a_view_given_meanwhile_is_shown_beside_ones_own(as_, world):
    assessed(world)
    response = as_("officer").post(world.address("board:owners-view"), VIEW)
    assert response.status_code == 409
    assert "gave a view while you were writing: On track." in response.text
    assert "Two teams are late." in response.text
    assert PriorityAssessment.objects.count() == 1
    with pytest.raises(Conflict):
        assessed(world, seen_number=0, when=(2026, 6, 1))


def test_views_are_read_as_at_a_day_and_stay(world, django_assert_num_queries):
    assessed(world, when=(2026, 3, 1))
    assessed(world, status="R", mitigation="A team.", consequence="Late plans.", when=(2026, 5, 1))
    with django_assert_num_queries(1):
        found = owners_views_of([world.priority.pk], at(2026, 6, 1))[world.priority.pk]
    assert [row.status for row in found.rows] == ["R", "G"]
    assert owners_views_of([world.priority.pk], end_of_day(date(2026, 4, 1)))[world.priority.pk].latest.status == "G"
    text = render_to_string("board/includes/owner_view.html", {"view_of_owners": found, "assess_address": "/say/"})
    for words in ("Its owner says", "Off track", "A team.", "Late plans.", "1 earlier view", 'href="/say/"'):
        assert words in text


def test_an_illustrative_sign_in_speaks_for_no_real_owner(as_, world):
    make_owner(world)
    person = world.people["officer"]
    person.is_illustrative = True
    person.save()
    with pytest.raises(ValidationError, match="no illustrative lead"):
        assessed(world)
    assert "no illustrative lead" in as_("officer").get(world.address("board:owners-view")).text


def test_the_demonstration_lets_both_voices_speak_and_takes_them_away(db):
    make_plan("lewisham", starts_on=date(2025, 12, 1), ends_on=date(2030, 12, 31))
    call_command("demo", today=date(2026, 11, 22), verbosity=0)
    assert FamilyView.objects.filter(is_illustrative=True).count() == FamilyView.objects.count() >= 3
    assert {row.recorded_by.email for row in FamilyView.objects.select_related("recorded_by")} == {
        "families@lewisham.example"
    }
    assert PriorityAssessment.objects.filter(is_illustrative=True).count() == 1  # this plan has one priority
    call_command("demo", remove=True, verbosity=0)
    assert not FamilyView.objects.exists()
    assert not PriorityAssessment.objects.exists()
