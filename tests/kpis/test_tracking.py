"""Choosing what an area tracks, and keeping made-up and real apart."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from kpis import tracking
from kpis.models import Indicator, Kpi
from people.models import Lead, User
from strategies import keeping
from strategies.models import Strategy
from tests.world import at, build_world

NOW = at(2026, 3, 10)
DEFINITION = {
    "title": "Annual reviews held on time", "unit": "percent", "decimals": 1, "polarity": "higher", "frequency": "monthly",
    "counted": "reviews", "definition": "Of all that fell due in the month.",
}  # fmt: skip


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def officer(world):
    return world.people["officer"]


@pytest.fixture
def demonstrator(world):
    return User.objects.create(email="demonstration@example.test", is_illustrative=True)


@pytest.fixture
def waits(db):
    return Indicator.objects.create(
        code="waits",
        title="Waiting over a year",
        definition="For an autism assessment.",
        unit="count",
        polarity="lower",
    )


def test_an_area_tracks_a_definition_with_all_that_was_chosen(world, officer, waits):
    kpi = tracking.track(
        world.area, waits, by=officer, at=NOW, owner=world.lead, tolerance=Decimal(5), floor=None, is_headline=True,
        screens_outliers=False, priorities=[world.priority], success_measures=[],
    )  # fmt: skip
    kpi.refresh_from_db()
    assert (kpi.owner, kpi.tolerance, kpi.is_headline, kpi.screens_outliers) == (world.lead, 5, True, False)
    assert list(kpi.priorities.all()) == [world.priority]
    first = keeping.changes_of(kpi)[-1]
    assert (first.by, first.at, first.is_first) == (str(officer), NOW, True)
    assert keeping.changes_of(kpi) == [first]


@pytest.mark.parametrize(("baselined_on", "added_at"), [(None, None), (date(2026, 1, 5), NOW)])
def test_once_a_plan_is_held_to_its_dates_a_kpi_joins_when_it_is_tracked(world, officer, waits, baselined_on, added_at):
    Strategy.objects.filter(pk=world.strategy.pk).update(baselined_on=baselined_on)
    kpi = tracking.track(world.area, waits, by=officer, at=NOW)
    assert kpi.added_at == added_at
    assert (kpi in Kpi.objects.existing(at(2026, 3, 9))) is (added_at is None)


def test_nothing_is_tracked_twice(world, officer):
    with pytest.raises(ValidationError, match="tracks that indicator already"):
        tracking.track(world.area, world.kpi.indicator, by=officer, at=NOW)
    assert Kpi.objects.count() == 1


def test_a_definition_of_ones_own_gets_its_address_from_its_title(world, officer):
    kpi = tracking.track(world.area, None, by=officer, at=NOW, definition=DEFINITION)
    assert (kpi.indicator.code, kpi.indicator.counted) == ("annual-reviews-held-on-time", "reviews")
    second = tracking.track(world.area, None, by=officer, at=NOW, definition=DEFINITION)
    assert second.indicator.code == "annual-reviews-held-on-time-2"


def test_a_definition_that_cannot_be_tracked_is_not_left_behind(world, officer):
    elsewhere = Lead.objects.create(area=world.other_area, name="Their lead")
    with pytest.raises(ValidationError, match="Choose a lead of this area"):
        tracking.track(world.area, None, by=officer, at=NOW, definition=DEFINITION, owner=elsewhere)
    assert Indicator.objects.count() == 1


@pytest.mark.parametrize(
    ("title", "taken", "code"),
    [
        ("Plans: 20 weeks", [], "plans-20-weeks"),
        ("Add", [], "add-2"),
        ("Import", [], "import-2"),
        ("Waits", ["waits", "waits-2"], "waits-3"),
        ("٣", [], "kpi"),
        ("x" * 200, [], "x" * 70),
    ],
)
def test_a_code_is_neither_taken_nor_reserved(title, taken, code):
    assert tracking.code_from(title, taken) == code


@pytest.mark.parametrize("code", ["add", "import"])
def test_the_database_keeps_the_words_of_addresses_free(world, code):
    with pytest.raises(IntegrityError), transaction.atomic():
        Indicator.objects.create(code=code, title="A", unit="count", polarity="higher")


def test_what_is_tracked_already_is_not_offered_and_words_narrow_it(world, officer, waits):
    assert list(tracking.untracked(world.area, by=officer)) == [waits]
    assert list(tracking.untracked(world.area, by=officer, words="autism YEAR")) == [waits]
    assert not tracking.untracked(world.area, by=officer, words="autism plans").exists()
    assert list(tracking.untracked(world.other_area, by=officer)) == [world.kpi.indicator, waits]


def test_a_lead_who_has_left_cannot_own_and_who_owns_it_now_stays_in_the_list(world, officer):
    world.lead.left_on = date(2026, 3, 1)
    world.lead.save()
    names = {lead.name for lead in tracking.possible_owners(world.area, by=officer, on=date(2026, 3, 10))}
    assert names == {"Another lead"}
    kept = tracking.possible_owners(world.area, by=officer, on=date(2026, 3, 10), kpi=world.kpi)
    assert {lead.name for lead in kept} == {"Another lead", "Head of SEND"}


def test_a_change_is_made_in_place_and_its_history_says_who_when_and_what(world, officer):
    other = Lead.objects.get(name="Another lead")
    assert tracking.edit(world.kpi, by=officer, at=NOW, owner=other, tolerance=Decimal("2.5"), is_headline=True)
    change = keeping.changes_of(world.kpi)[0]
    assert (change.by, change.at) == (str(officer), NOW)
    assert change.sentences == [
        "Owner: Head of SEND before, Another lead now.",
        "Still slightly behind when short of the target by: 5 before, 2.5 now.",
    ]


def test_links_are_kept_in_the_history_and_come_back_when_a_change_is_undone(world, officer):
    tracking.edit(world.kpi, by=officer, at=NOW, priorities=[world.priority])
    tracking.edit(world.kpi, by=officer, at=at(2026, 3, 11), priorities=[], tolerance=Decimal(1))
    assert keeping.changes_of(world.kpi)[0].sentences == [
        "Still slightly behind when short of the target by: 5 before, 1 now.",
        f"Priorities: {world.priority} before, none now.",
    ]
    keeping.undo(world.kpi, by=officer, at=at(2026, 3, 12), seen=None)
    assert (list(world.kpi.priorities.all()), world.kpi.tolerance) == ([world.priority], 5)


def test_whoever_is_slower_is_told_what_changed(world, officer):
    seen = keeping.version_of(world.kpi)
    tracking.edit(world.kpi, by=officer, at=NOW, seen=seen, tolerance=Decimal(1))
    with pytest.raises(keeping.Overtaken):
        tracking.edit(world.kpi, by=officer, at=NOW, seen=seen, tolerance=Decimal(2))


def test_nothing_changed_is_no_line_of_history(world, officer):
    before = world.kpi.history.count()
    assert not tracking.edit(world.kpi, by=officer, at=NOW, owner=world.lead, tolerance=Decimal(5))
    assert world.kpi.history.count() == before


@pytest.mark.parametrize(
    ("field", "value"), [("tolerance", Decimal(-1)), ("tolerance", Decimal("NaN")), ("floor", Decimal("1e20"))]
)
def test_a_limit_that_cannot_be_is_refused_by_its_field(world, officer, field, value):
    with pytest.raises(ValidationError) as refused:
        tracking.edit(world.kpi, by=officer, at=NOW, **{field: value})
    assert list(refused.value.message_dict) == [field]
    world.kpi.refresh_from_db()
    assert (world.kpi.tolerance, world.kpi.floor) == (5, None)


# Made up and real


def test_a_demonstration_sign_in_does_not_change_a_real_kpi(world, demonstrator):
    with pytest.raises(ValidationError, match="This KPI is real"):
        tracking.edit(world.kpi, by=demonstrator, at=NOW, tolerance=Decimal(1))
    world.kpi.refresh_from_db()
    assert world.kpi.tolerance == 5


def test_what_a_demonstration_sign_in_tracks_and_defines_is_illustrative(world, demonstrator):
    kpi = tracking.track(world.area, None, by=demonstrator, at=NOW, definition=DEFINITION)
    assert kpi.is_illustrative
    assert kpi.indicator.is_illustrative


def test_a_made_up_kpi_hangs_on_made_up_leads_and_a_real_one_on_real_leads(world, officer, demonstrator, waits):
    made_up = Lead.objects.create(area=world.area, name="Lead (illustrative)", is_illustrative=True)
    assert list(tracking.possible_owners(world.area, by=demonstrator, on=date(2026, 3, 10))) == [made_up]
    assert made_up not in tracking.possible_owners(world.area, by=officer, on=date(2026, 3, 10))
    with pytest.raises(ValidationError, match="Choose an illustrative lead"):
        tracking.track(world.area, waits, by=demonstrator, at=NOW, owner=world.lead)
    with pytest.raises(ValidationError, match="Choose a real lead"):
        tracking.track(world.area, waits, by=officer, at=NOW, owner=made_up)
    assert Kpi.objects.count() == 1


def test_a_real_kpi_is_never_of_a_made_up_definition(world, officer, waits):
    Indicator.objects.filter(pk=waits.pk).update(is_illustrative=True)
    waits.refresh_from_db()
    assert not tracking.untracked(world.area, by=officer).exists()
    with pytest.raises(ValidationError, match="illustrative"):
        tracking.track(world.area, waits, by=officer, at=NOW)
