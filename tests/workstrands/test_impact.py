"""What an action should change: the impact intended, the KPIs it should move, and from when an effect is expected."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpis.models import Indicator, Kpi
from people.models import Lead
from tests.world import at, build_world
from workstrands.impact import Aim, Conflict, aim_of, merged, say_impact
from workstrands.models import Action

BACKEND = "django.contrib.auth.backends.ModelBackend"
NOW = at(2026, 3, 10)
KPI = "kpi:plans-within-20-weeks"
TICKED = f'value="{KPI}" id="id_kpis_ticked_0" checked'
AUTUMN = {
    "effect_expected_from_0": "1",
    "effect_expected_from_1": "9",
    "effect_expected_from_2": "2026",
}


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return build_world()


@pytest.fixture
def page(world):
    return world.address("workstrands:impact")


@pytest.fixture
def officer(client, world, settings):
    settings.AUTHENTICATION_BACKENDS = [BACKEND]
    client.force_login(world.people["officer"], backend=BACKEND)
    return client


@pytest.fixture
def illustrative_officer(officer, world):
    person = world.people["officer"]
    person.is_illustrative = True
    person.save()
    return officer


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def another_kpi(area, code: str = "waits", **fields) -> Kpi:
    indicator = Indicator.objects.create(code=code, title=f"Waits ({code})", unit="percent", polarity="lower")
    return Kpi.objects.create(area=area, indicator=indicator, **fields)


def stands(world) -> Aim:
    return aim_of(Action.objects.get(pk=world.action.pk))


def say(world, *, by="officer", kpis=(), text="", since=None, seen=None) -> bool:
    return say_impact(
        world.action,
        kpis=kpis,
        intended_impact=text,
        effect_expected_from=since,
        by=world.people[by],
        at=NOW,
        seen=seen,
    )


# The page


def test_impact_kpis_and_day_are_said_at_once_and_stand_on_the_action(officer, page, world):
    sent = {"kpis": [KPI], "intended_impact": "Children wait less.", **AUTUMN}
    text = text_of(officer.post(page, sent, follow=True))

    assert "What action 1.1 should change is saved." in text
    assert "Children wait less." in text
    assert "EHC plans issued within 20 weeks" in text
    assert "Too early to judge: an effect is expected from 1 September 2026." in text
    assert stands(world) == Aim(frozenset([world.kpi.pk]), "Children wait less.", date(2026, 9, 1))


def test_an_action_on_track_whose_kpi_is_behind_is_contradicted_from_that_day_on(officer, page, world):
    sent = {
        "kpis": [KPI],
        "effect_expected_from_0": "1",
        "effect_expected_from_1": "3",
        "effect_expected_from_2": "2026",
    }
    type(world.kpi).objects.filter(pk=world.kpi.pk).update(tolerance=1)

    text = text_of(officer.post(page, sent, follow=True))

    assert "Its KPI says otherwise." in text
    assert "which it should move from 1 March 2026, stands at 64.8%" in text


def test_the_history_says_who_said_it_and_when(officer, page, world):
    officer.post(page, {"kpis": [KPI], "intended_impact": "Children wait less.", **AUTUMN})

    for line in world.action.history.order_by("-history_id")[:2]:
        assert line.history_user == world.people["officer"]
        assert line.history_date == NOW
        assert line.history_change_reason == "What it should change"
    assert [link.kpi for link in world.action.history.first().kpis.all()] == [world.kpi]


def test_of_a_ticked_kpi_it_is_asked_from_when(officer, page, world):
    text = text_of(officer.post(page, {"kpis": [KPI], "intended_impact": "Children wait less."}))

    assert "Say from when an effect on these KPIs is expected, or tick that it is not known yet." in text
    assert "Children wait less." in text
    assert "Until then its figures speak neither for nor against it." in text
    assert stands(world) == Aim()


def test_that_nobody_knows_from_when_is_an_answer(officer, page, world):
    officer.post(page, {"kpis": [KPI], "is_not_known": "on"})

    assert stands(world) == Aim(frozenset([world.kpi.pk]))
    assert "Nobody has said from when an effect is expected" in text_of(officer.get(world.action.get_absolute_url()))


def test_without_a_kpi_no_day_is_asked_for(officer, page, world):
    officer.post(page, {"intended_impact": "Children wait less."})

    assert stands(world) == Aim(intended_impact="Children wait less.")


def test_what_stands_is_in_the_form_and_the_same_sent_again_changes_nothing(officer, page, world):
    say(world, kpis=[world.kpi], text="Children wait less.", since=date(2026, 9, 1))
    lines = world.action.history.count()

    text = text_of(officer.get(page))
    assert TICKED in text
    assert 'name="was_from" value="2026-09-01"' in text
    sent = {"kpis": [KPI], "was": [KPI], "intended_impact": "Children wait less.",
            "was_impact": "Children wait less.", "was_from": "2026-09-01", **AUTUMN}  # fmt: skip
    assert "Nothing was changed." in text_of(officer.post(page, sent, follow=True))
    assert world.action.history.count() == lines


def test_all_of_it_can_be_taken_back(officer, page, world):
    say(world, kpis=[world.kpi], text="Children wait less.", since=date(2026, 9, 1))

    officer.post(page, {"was": [KPI], "was_impact": "Children wait less.", "was_from": "2026-09-01"})

    assert stands(world) == Aim()


def test_words_narrow_what_is_listed_and_what_is_ticked_stays(officer, page, world):
    another_kpi(world.area, "speech")
    another_kpi(world.area, "autism")

    text = text_of(officer.get(page, {"q": "AUTISM"}))
    assert "Waits (autism)" in text
    assert "Waits (speech)" not in text
    assert "1 KPI found for “AUTISM”" in text

    sent = {"find": "1", "q": "autism", "kpis": [KPI], "intended_impact": "Typed already.", **AUTUMN}
    text = text_of(officer.post(page, sent))
    assert TICKED in text
    assert "Typed already." in text
    assert "Waits (speech)" not in text
    assert stands(world) == Aim()


def test_an_area_without_a_kpi_says_what_to_do(officer, page, world):
    world.kpi.targets.all().delete()
    Kpi.objects.all().delete()

    assert "This area tracks no other KPI. More can be tracked from the page KPIs." in text_of(officer.get(page))


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"kpis": ["kpi:no-such"]}, "Something that was ticked is no longer there"),
        ({"kpis": ["\x00"], "q": "\x00"}, "There is a problem"),
        ({"was": ["x" * 10_000]}, "Something that was ticked is no longer there"),
        ({"intended_impact": "x" * 100_000}, "has 100,000 characters"),
        ({"intended_impact": "a\x07b"}, "has a character that cannot be kept"),
        ({"was_from": "soon"}, "This page did not say what it answers. Open it again."),
        ({**AUTUMN, "effect_expected_from_0": "31"}, "there is no 31 September 2026"),
        ({**AUTUMN, "effect_expected_from_0": ""}, "An effect is expected from needs a day."),
        ({**AUTUMN, "is_not_known": "on"}, "not both"),
        ({**AUTUMN, "effect_expected_from_2": "2025"}, "No effect comes before the action starts, 1 January 2026."),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_field_and_nothing_is_half_saved(officer, page, world, sent, message):
    response = officer.post(
        page, {"kpis": [KPI], "is_not_known": "" if "effect_expected_from_0" in sent else "on", **sent}
    )

    assert response.status_code == 200
    assert "There is a problem" in text_of(response)
    assert message in text_of(response)
    assert stands(world) == Aim()


def test_script_in_a_text_is_shown_as_text(officer, page, world):
    text = text_of(officer.post(page, {"intended_impact": "<script>alert(1)</script>"}, follow=True))

    assert "&lt;script&gt;" in text
    assert "<script>alert" not in text


def test_another_areas_action_and_kpis_are_not_to_be_had(officer, page, world):
    theirs = another_kpi(world.other_area)

    assert "Waits (waits)" not in text_of(officer.get(page))
    officer.post(page, {"kpis": ["kpi:waits"], "is_not_known": "on"})
    assert stands(world) == Aim()
    with pytest.raises(ValidationError, match="its own area"):
        say(world, kpis=[theirs])
    assert officer.get(f"/{world.area.slug}/actions/no-such/impact/").status_code == 404
    assert officer.get(f"/{world.other_area.slug}/actions/a-1/impact/").status_code == 404
    assert officer.get(f"/{world.area.slug}/actions/%00/impact/").status_code == 404


def test_only_officers_find_the_way_from_the_action_and_not_in_the_past(client, officer, page, world):
    action = world.action.get_absolute_url()
    assert page in text_of(officer.get(action))
    assert page not in text_of(officer.get(action, {"as_at": "2026-03-01"}))
    assert officer.get(page, {"as_at": "2026-03-01"}).status_code == 404
    client.force_login(world.people["lead"], backend=BACKEND)
    assert page not in text_of(client.get(action))


def test_of_a_retired_action_nothing_is_said(officer, page, world):
    Action.objects.filter(pk=world.action.pk).update(retired_at=at(2026, 2, 1, 0))

    assert "This action was retired on 1 February 2026." in text_of(officer.get(page))
    assert "Save what it should change" not in text_of(officer.get(page))
    officer.post(page, {"intended_impact": "Children wait less."})
    assert stands(world) == Aim()


def test_the_queries_do_not_grow_with_the_kpis(officer, page, world):
    officer.get(page)
    with CaptureQueriesContext(connection) as few:
        officer.get(page)
    world.action.kpis.add(*(another_kpi(world.area, f"k{number}") for number in range(30)))
    with CaptureQueriesContext(connection) as many:
        officer.get(page)

    assert len(many) == len(few)


# Two officers at once


def test_ticks_of_two_officers_add_up(officer, page, world):
    """The other KPI was linked by somebody else after this page was opened."""
    other = another_kpi(world.area)
    say(world, kpis=[other])

    officer.post(page, {"was": [], "kpis": [KPI], "is_not_known": "on"})

    assert stands(world).kpis == {world.kpi.pk, other.pk}


def test_two_texts_at_once_stand_side_by_side_and_neither_is_lost(officer, page, world):
    other = another_kpi(world.area)
    say(world, kpis=[other], text="Waits fall.", since=date(2026, 6, 1))

    sent = {
        "was": [],
        "kpis": [KPI],
        "intended_impact": "Children wait less.",
        "was_impact": "",
        "was_from": "",
        **AUTUMN,
    }
    response = officer.post(page, sent)

    assert response.status_code == 409
    text = text_of(response)
    assert "Somebody else said what this action should change while you were writing." in text
    assert "Waits fall." in text
    assert "An effect is expected from 1 June 2026." in text
    assert "Children wait less." in text
    assert 'value="kpi:waits" id="id_kpis_ticked_1" checked' in text
    assert stands(world) == Aim(frozenset([other.pk]), "Waits fall.", date(2026, 6, 1))

    again = {
        **sent,
        "was": ["kpi:waits"],
        "kpis": [KPI, "kpi:waits"],
        "was_impact": "Waits fall.",
        "was_from": "2026-06-01",
    }
    officer.post(page, again)
    both = frozenset([other.pk, world.kpi.pk])
    assert stands(world) == Aim(both, "Children wait less.", date(2026, 9, 1))


SEEN = Aim(frozenset([1, 2]), "Before", date(2026, 6, 1))


@pytest.mark.parametrize(
    ("wanted", "standing", "made"),
    [
        (Aim(frozenset([1]), "Before", date(2026, 6, 1)), Aim(frozenset([1, 2, 3]), "Theirs", None),
         Aim(frozenset([1, 3]), "Theirs", None)),
        (Aim(frozenset([1, 2, 4]), "Ours", date(2026, 6, 1)), Aim(frozenset([2]), "Before", date(2026, 7, 1)),
         Aim(frozenset([2, 4]), "Ours", date(2026, 7, 1))),
        (Aim(frozenset(), "Same", None), Aim(frozenset([1, 2]), "Same", None), Aim(frozenset(), "Same", None)),
    ],
)  # fmt: skip
def test_what_only_one_of_two_changed_is_as_that_one_says(wanted, standing, made):
    assert merged(wanted, seen=SEEN, stands=standing) == made


@pytest.mark.parametrize(
    "standing", [Aim(SEEN.kpis, "Theirs", SEEN.effect_expected_from), Aim(SEEN.kpis, "Before", None)]
)
def test_what_both_changed_is_a_conflict(standing):
    with pytest.raises(Conflict) as conflict:
        merged(Aim(frozenset(), "Ours", date(2026, 8, 1)), seen=SEEN, stands=standing)
    assert conflict.value.stands == standing


# Illustrative sign-ins


def test_an_illustrative_officer_is_told_before_it_types_that_a_real_lead_is_not_its_own(
    illustrative_officer, page, world
):
    text = text_of(illustrative_officer.get(page))

    assert "Head of SEND is no illustrative lead." in text
    assert "Save what it should change" not in text
    text = text_of(illustrative_officer.post(page, {"intended_impact": "Children wait less."}))
    assert "Action 1.1: Head of SEND is no illustrative lead." in text
    assert stands(world) == Aim()


def test_an_illustrative_officer_moves_no_kpi_of_a_real_owner(illustrative_officer, page, world):
    Lead.objects.filter(pk=world.lead.pk).update(is_illustrative=True)
    assert "EHC plans issued within 20 weeks" in text_of(illustrative_officer.get(page))

    owner = Lead.objects.create(area=world.area, name="Somebody real")
    Kpi.objects.filter(pk=world.kpi.pk).update(owner=owner)
    assert "EHC plans issued within 20 weeks" not in text_of(illustrative_officer.get(page))
    with pytest.raises(ValidationError, match="Somebody real is no illustrative lead"):
        say(world, kpis=[Kpi.objects.get(pk=world.kpi.pk)])
    assert stands(world) == Aim()


def test_of_many_kpis_those_of_the_board_page_are_listed_first_and_open(officer, page, world):
    for number in range(25):
        another_kpi(world.area, f"k{number}")

    text = text_of(officer.get(page))
    headline, others = text.index("Headline KPIs (1)"), text.index("Other KPIs (25)")
    assert headline < others
    assert text[:headline].endswith(
        '<details class="govuk-details" open> <summary class="govuk-details__summary"><span class="govuk-details__summary-text">'
    )
    assert "open" not in text[others - 130 : others]
    assert text_of(officer.get(page, {"q": "k1"})).count('<details class="govuk-details" open>') == 1
