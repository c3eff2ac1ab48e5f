"""What an area tracks: definitions chosen or made, and who owns what, in the browser."""

from datetime import date

import pytest
from django.urls import reverse

from kpis.models import Indicator, Kpi
from people.models import Lead
from priorities.models import Finding, Inspection, Priority
from strategies.models import Strategy
from tests.board.keeping.typed import defined, text_of
from tests.world import at


@pytest.fixture
def waits(world):
    return Indicator.objects.create(
        code="waits", title="Waiting over a year", definition="For an autism assessment.", unit="count", polarity="lower",
        publisher="NHS England",
    )  # fmt: skip


def test_definitions_that_are_not_tracked_yet_are_offered_by_publisher_and_searched(as_, world, waits):
    address = world.address("board:kpi-add")
    text = text_of(as_("officer").get(address))
    assert "Published by NHS England" in text
    assert "Waiting over a year" in text
    assert "EHC plans issued within 20 weeks" not in text
    assert "Waiting over a year" in text_of(as_("officer").get(address, {"q": "autism"}))
    assert "No definition holds these words." in text_of(as_("officer").get(address, {"q": "nothing like it"}))


def test_an_officer_tracks_a_definition_and_is_led_to_its_target(as_, world, waits):
    address = world.address("board:kpi-add") + "?indicator=waits"
    assert "Waiting over a year" in text_of(as_("officer").get(address))
    sent = {
        "owner": world.lead.pk,
        "tolerance": "30",
        "floor": "",
        "is_headline": "on",
        "priorities": [world.priority.pk],
    }
    response = as_("officer").post(address, sent)
    assert response.url == reverse("board:target-add", args=["northvale", "waits"])
    kpi = Kpi.objects.get(indicator=waits)
    assert (kpi.owner, kpi.tolerance, kpi.is_headline, kpi.screens_outliers) == (world.lead, 30, True, False)
    assert list(kpi.priorities.all()) == [world.priority]


def test_an_officer_defines_a_kpi_of_the_areas_own(as_, world):
    assert as_("officer").post(world.address("board:kpi-add") + "?new=1", defined()).status_code == 302
    made = Indicator.objects.get(code="annual-reviews-held-on-time")
    assert (made.frequency, made.decimals, made.counted, made.statutory_standard) == ("monthly", 1, "reviews", 100)
    assert made.kpis.get().area == world.area


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"title": ""}, "Give it a title."),
        ({"title": "x" * 100_000}, "Title has 100,000 characters."),
        ({"title": "a\x00b"}, "Null characters are not allowed."),
        ({"definition": "a\x00b"}, "cannot be kept"),
        ({"unit": ""}, "Choose the unit."),
        ({"unit": "text"}, "Choose one of the list."),
        ({"decimals": "9"}, "Choose one of the list."),
        ({"polarity": ""}, "Choose which way is better."),
        ({"frequency": "daily"}, "Choose one of the list."),
        ({"statutory_standard": "all"}, "Legal standard: write a number, such as 92.5."),
        ({"owner": "999999"}, "Choose a lead of this area who is in post."),
        ({"owner": "\x00"}, "Choose a lead of this area who is in post."),
        ({"tolerance": "-1"}, "Tolerance: zero or more."),
        ({"floor": "12/3"}, "Never below: “12/3” could be a fraction or a date."),
        ({"priorities": ["999999"]}, "Choose priorities of this area."),
        ({"success_measures": ["\x00"]}, "Choose measures of success of this area."),
    ],
)
def test_a_definition_that_cannot_be_is_told_and_leaves_nothing_behind(as_, world, fields, message):
    response = as_("officer").post(world.address("board:kpi-add") + "?new=1", defined(**fields))
    assert response.status_code == 200
    assert message in text_of(response)
    assert (Indicator.objects.count(), Kpi.objects.count()) == (1, 1)


@pytest.mark.parametrize("code", ["unheard", "plans-within-20-weeks", "\x00", "x" * 5000])
def test_a_definition_that_there_is_not_or_that_is_tracked_is_a_404(as_, world, code):
    assert as_("officer").get(world.address("board:kpi-add"), {"indicator": code}).status_code == 404


def test_a_ninth_headline_is_warned_of(as_, world, waits):
    for n in range(7):
        indicator = Indicator.objects.create(code=f"i{n}", title=f"I{n}", unit="count", polarity="higher")
        Kpi.objects.create(area=world.area, indicator=indicator, is_headline=True)
    address = world.address("board:kpi-add") + "?indicator=waits"
    assert "8 other KPIs are meant for the board page already" in text_of(as_("officer").get(address))
    response = as_("officer").post(address, {"is_headline": "on"}, follow=True)
    assert "8 other KPIs are meant for the board page already, and it shows 8" in text_of(response)


def kept(as_, world) -> dict:
    """What the edit form shows, as it would be sent."""
    initial = as_("officer").get(world.address("board:kpi-edit")).context["form"].initial
    return {
        "seen": initial["seen"],
        "owner": initial["owner"],
        "tolerance": "5",
        "floor": "",
        "is_headline": "on",
        "screens_outliers": "on",
    }


def test_an_officer_changes_who_owns_a_kpi_and_the_page_says_who_changed_it(as_, world):
    other = Lead.objects.get(name="Another lead")
    sent = {**kept(as_, world), "owner": other.pk, "tolerance": "2.5"}
    assert as_("officer").post(world.address("board:kpi-edit"), sent).status_code == 302
    text = text_of(as_("officer").get(world.address("board:kpi-edit")))
    assert "Owner: Head of SEND before, Another lead now." in text
    assert "Still slightly behind when short of the target by: 5 before, 2.5 now." in text
    assert "10 January 2027 · officer@example.test" in text


def test_two_who_change_a_kpi_at_once_are_told(as_, world):
    sent = kept(as_, world)
    assert as_("officer").post(world.address("board:kpi-edit"), {**sent, "tolerance": "7"}).status_code == 302
    response = as_("officer").post(world.address("board:kpi-edit"), {**sent, "tolerance": "3"})
    assert response.status_code == 409
    assert "Somebody else changed this while you were writing." in text_of(response)
    assert "short of the target by: 5 before, 7 now." in text_of(response)
    assert 'value="3"' in text_of(response)
    world.kpi.refresh_from_db()
    assert world.kpi.tolerance == 7


def a_finding(area) -> Finding:
    inspection, _ = Inspection.objects.get_or_create(
        area=area, defaults={"inspected_from": date(2024, 9, 23), "inspected_to": date(2024, 9, 27)}
    )
    said = {"ref": "AFI 9", "text": "Families wait too long.", "kind": Finding.Kind.AREA_FOR_IMPROVEMENT}
    return Finding.objects.create(inspection=inspection, **said)


def test_what_a_kpi_is_tied_to_is_kept_in_its_history_and_undone(as_, world):
    finding = a_finding(world.area)
    sent = {**kept(as_, world), "priorities": [world.priority.pk], "findings": [finding.pk]}
    as_("officer").post(world.address("board:kpi-edit"), {**sent, "priorities": []})
    address = reverse("board:kpi-history", args=["northvale", world.kpi.indicator.code])
    assert f"Findings: none before, {finding} now." in text_of(as_("officer").get(address))
    undo = reverse("board:kpi-undo", args=["northvale", world.kpi.indicator.code])
    seen = as_("officer").get(undo).context["form"]["seen"].value()
    as_("officer").post(undo, {"seen": seen})
    assert not world.kpi.findings.exists()
    assert "Undone" in text_of(as_("officer").get(address))


def test_a_priority_that_was_retired_stays_tied_when_something_else_is_changed(as_, world):
    world.kpi.priorities.set([world.priority])
    Priority.objects.update(retired_at=at(2026, 12, 1))
    form = as_("officer").get(world.address("board:kpi-edit")).context["form"]
    assert str(world.priority.pk) in form["priorities"].value()
    sent = {**kept(as_, world), "priorities": form["priorities"].value(), "tolerance": "2"}
    assert as_("officer").post(world.address("board:kpi-edit"), sent).status_code == 302
    assert list(world.kpi.priorities.all()) == [world.priority]


def test_a_finding_of_another_area_is_not_offered_and_not_taken(as_, world):
    theirs = a_finding(world.other_area)
    response = as_("officer").post(world.address("board:kpi-edit"), {**kept(as_, world), "findings": [theirs.pk]})
    assert "Choose findings of this area." in text_of(response)
    assert not world.kpi.findings.exists()


def test_what_is_tracked_once_the_plan_runs_is_not_in_past_views(as_, world, waits):
    Strategy.objects.filter(area=world.area).update(baselined_on=date(2026, 1, 1))
    as_("officer").post(world.address("board:kpi-add") + "?indicator=waits", {"owner": "", "tolerance": ""})
    assert Kpi.objects.get(indicator=waits).added_at == at(2027, 1, 10)
    pages = [reverse("board:kpis", args=["northvale"])]
    for page in pages:
        assert "Waiting over a year" in text_of(as_("officer").get(page))
        assert "Waiting over a year" not in text_of(as_("officer").get(page, {"as_at": "2027-01-09"}))


def test_a_demonstration_sign_in_does_not_change_a_real_kpi(as_, world, demonstrator):
    response = as_("officer").get(world.address("board:kpi-edit"))
    assert "changes illustrative KPIs only" in text_of(response)
    assert "Save the changes" not in text_of(response)
    seen = response.context["form"].initial["seen"]
    response = as_("officer").post(world.address("board:kpi-edit"), {"seen": seen, "owner": "", "tolerance": "1"})
    assert "This KPI is real" in text_of(response)
    world.kpi.refresh_from_db()
    assert (world.kpi.owner, world.kpi.tolerance) == (world.lead, 5)
