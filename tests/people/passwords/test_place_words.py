"""Words of the place count for nothing in a password."""

from datetime import timedelta

import pytest

from people.models import Invitation, Membership, User
from people.passwords.place_words import ALWAYS, without, words_of
from strategies.models import Area
from tests.world import at

NOW = at(2026, 11, 2)


@pytest.fixture
def area(db) -> Area:
    return Area.objects.create(name="King’s Norvale and Easter-Ford", slug="norvale")


@pytest.fixture
def person(db) -> User:
    return User.objects.create(email="head.inclusion@northvalecouncil.example", name="Head of Phonics")


@pytest.mark.parametrize(
    ("password", "left"),
    [
        ("SEND-strategy-26", "- -26"),
        ("5END-5trategy-26", "- -26"),
        ("EHCPlan2026!", "2026!"),
        ("Summer2026Summer", "2026"),
        ("look-around-the-board", "look-around-the-"),
        ("quiet river chair", "quiet river chair"),
        ("SCHOOLschools", ""),
        ("", ""),
    ],
)
def test_each_word_is_taken_out_however_it_is_written(password, left):
    assert without(password, ALWAYS) == left


def test_of_a_name_its_words_and_all_of_it_count_and_what_is_short_does_not(area, person):
    Membership.objects.create(user=person, area=area, role="officer")

    theirs = words_of(person) - ALWAYS
    assert theirs >= {"kings", "norvale", "ford", "kingsnorvaleandeasterford", "phonics", "northvalecouncil"}
    assert not {"and", "of", "example"} & theirs


def test_an_area_that_somebody_is_invited_to_counts_before_they_belong_to_it(area):
    inviting = User.objects.create(email="administrator@northvale.example")
    Invitation.objects.create(
        area=area, email="New@Elsewhere.example", role="officer", digest="d", invited_by=inviting, invited_at=NOW,
        expires_at=NOW + timedelta(days=14),
    )  # fmt: skip

    assert "norvale" in words_of(User(email="new@elsewhere.example"))


def test_areas_of_others_do_not_count(area, person):
    assert "norvale" not in words_of(person)
    assert "norvale" not in words_of(User(email="new@elsewhere.example"))
    assert words_of(User()) == words_of(None) == ALWAYS


def test_it_is_one_query_for_one_area_and_for_many(person, django_assert_num_queries):
    for number in range(20):
        of_them = Area.objects.create(name=f"Numbered place {number}", slug=f"place-{number}")
        Membership.objects.create(user=person, area=of_them, role="board")

    with django_assert_num_queries(1):
        assert "numberedplace19" in words_of(person)
