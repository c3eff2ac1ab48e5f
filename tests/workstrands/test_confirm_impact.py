"""An officer confirms that the impact of a complete action is sustained."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from people.models import Lead
from tests.world import at, build_world
from workstrands.models import ImpactConfirmation
from workstrands.reporting import Conflict, confirm_impact, repeat_status, report_progress
from workstrands.standing import standings

BACKEND = "django.contrib.auth.backends.ModelBackend"
NOW, MARCH_1, MARCH_2 = at(2026, 3, 10), at(2026, 3, 1), at(2026, 3, 2)
TWO_KINDS = [("What families said", "lived_experience", ""), ("Before and after", "data", "")]


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return build_world()


@pytest.fixture
def as_(client, world, settings):
    settings.AUTHENTICATION_BACKENDS = [BACKEND]

    def sign_in(name: str):
        client.force_login(world.people[name], backend=BACKEND)
        return client

    return sign_in


@pytest.fixture
def page(world):
    return world.address("workstrands:confirm-impact")


def report(world, when=MARCH_1, *, seen=1, evidence=TWO_KINDS, **fields):
    said = {"status": "B", "impact": "sustained", **fields}
    return report_progress(
        world.action, by=world.people["lead"], at=when, seen_number=seen, evidence=evidence, narrative="Done.", **said
    )


def confirm(world, when=MARCH_2, *, seen=0):
    return confirm_impact(world.action, by=world.people["officer"], at=when, seen_number=seen, text="Read it.")


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_the_same_report_is_not_confirmed_twice(world):
    report(world)
    confirm(world)

    with pytest.raises(ValidationError, match=r"confirmed by officer@example\.test on 2 March 2026 already"):
        confirm(world, at(2026, 3, 3), seen=1)


def test_saying_that_nothing_has_changed_is_no_new_report_to_confirm(world):
    report(world)
    confirm(world)
    repeat_status(world.action, by=world.people["lead"], at=at(2026, 3, 5), seen_number=2)

    with pytest.raises(ValidationError, match="already"):
        confirm(world, at(2026, 3, 6), seen=1)


def test_a_later_report_can_be_confirmed_anew(world):
    report(world)
    confirm(world)
    report(world, at(2026, 3, 5), seen=2, evidence=[])

    assert confirm(world, at(2026, 3, 6), seen=1).number == 2


def test_who_was_quicker_stands(world):
    report(world)
    confirm(world)

    with pytest.raises(Conflict):
        confirm(world, seen=0)
    assert ImpactConfirmation.objects.count() == 1


def test_an_ended_plan_is_confirmed_no_more(world):
    report(world)
    world.action.strategy.ends_on = date(2026, 3, 1)

    with pytest.raises(ValidationError, match="This plan ended on 1 March 2026"):
        confirm(world)


def test_an_officer_confirms_from_the_action_page(as_, world, page):
    report(world)
    officer = as_("officer")
    assert page in text_of(officer.get(world.action.get_absolute_url()))
    form = text_of(officer.get(page))
    assert "What families said" in form
    assert "Lived experience" in form

    response = officer.post(page, {"seen_number": "0", "text": "Read with the forum."}, follow=True)

    text = text_of(response)
    assert "The impact of action 1.1 is confirmed as sustained." in text
    assert "10 March 2026, officer@example.test: Read with the forum." in text
    assert page not in text
    assert standings(world.strategy, NOW)[0].shown_reported == "E"


def test_only_officers_are_offered_it_and_not_in_the_past(as_, world, page):
    report(world)
    for name in ("lead", "board", "administrator"):
        assert page not in text_of(as_(name).get(world.action.get_absolute_url()))
    assert page not in text_of(as_("officer").get(world.action.get_absolute_url(), {"as_at": "2026-03-05"}))


def test_what_a_confirmation_lacks_is_said_on_the_action_and_on_the_form(as_, world, page):
    report(world, evidence=[("Before and after", "data", "")])
    needed = "Two kinds of evidence are needed, one of them lived experience."
    officer = as_("officer")

    action = text_of(officer.get(world.action.get_absolute_url()))
    assert needed in action
    assert page not in action
    assert needed in text_of(officer.get(page))
    assert needed in text_of(officer.post(page, {"seen_number": "0", "text": "Read it."}))
    assert not ImpactConfirmation.objects.exists()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"text": "   "}, "Say what you looked at."),
        ({"text": "bell \x07"}, "has a character that cannot be kept"),
        ({"text": "x" * 100_000}, "The most is 10,000"),
        ({"text": "Read it.", "seen_number": "many"}, "Enter a whole number"),
        ({"text": "Read it.", "seen_number": "9" * 40}, "less than or equal to"),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_is_lost(as_, world, page, typed, message):
    report(world)
    text = text_of(as_("officer").post(page, {"seen_number": "0", **typed}))

    assert message in text
    assert not ImpactConfirmation.objects.exists()


def test_the_form_sent_twice_confirms_once_and_says_who_did(as_, world, page):
    report(world)
    officer = as_("officer")
    officer.post(page, {"seen_number": "0", "text": "Read it."})
    text = text_of(officer.post(page, {"seen_number": "0", "text": "Read it."}, follow=True))

    assert "The impact was confirmed by officer@example.test on 10 March 2026." in text
    assert ImpactConfirmation.objects.count() == 1


def test_what_an_illustrative_officer_confirms_is_illustrative(world):
    report(world)
    world.people["officer"].is_illustrative = True
    with pytest.raises(ValidationError, match="Head of SEND is no illustrative lead"):
        confirm(world)

    Lead.objects.update(is_illustrative=True)
    assert confirm(world).is_illustrative
