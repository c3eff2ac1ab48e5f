"""Keeping KPIs in the browser: figures, promises, what explains a figure, new limits, and what is tracked."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from common.dates import last_day_of_month
from kpis.models import Commentary, Indicator, Kpi, Measurement, Rebase, Target
from kpis.recording import record_measurement
from people.models import Lead, User
from strategies.models import SourceDocument
from tests.world import BACKEND, at, build_world

PAGES = [
    "board:kpi-add",
    "board:kpi-edit",
    "board:measurement-add",
    "board:target-add",
    "board:commentary-add",
    "board:rebase",
]
Y2026 = "2026-01-01/2026-12-31"
Y2025 = "2025-01-01/2025-12-31"
SEEN = f"{Y2025}/final=1 2024-01-01/2024-12-31/final=1"
BROKEN_TEXTS = {
    "NUL": "before\x00after",
    "escape": "before\x1bafter",
    "never a character": "before\uffffafter",
    "too long": "x" * 100_000,
}


@pytest.fixture
def world(db, monkeypatch):
    """It is 10 January 2027: the figure for 2026 is the next due, by 31 March."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2027, 1, 10))
    return build_world()


@pytest.fixture
def as_(client, world):
    client.raise_request_exception = False

    def sign_in(name: str):
        client.force_login(world.people[name], backend=BACKEND)
        return client

    return sign_in


@pytest.fixture
def page(world):
    return world.address("board:measurement-add")


@pytest.fixture
def demonstrator(world):
    person = world.people["officer"]
    person.is_illustrative = True
    person.save()
    return person


def figure(**fields) -> dict:
    blank = {"seen": SEEN, "period": Y2026, "value": "", "numerator": "", "denominator": "", "missing": "", "state": "final",
             "qualifier": "", "reason": "", "commentary": ""}  # fmt: skip
    return {**blank, **fields}


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def figures(world) -> int:
    return Measurement.objects.filter(area=world.area).count()


def held(world, **fields) -> Measurement:
    return Measurement.objects.filter(area=world.area, period_end=date(2026, 12, 31), **fields).get()


# Entering a figure


def test_the_form_proposes_the_next_period_due_and_shows_the_last_figures_and_the_target(as_, page):
    text = text_of(as_("lead").get(page))
    assert "The figure for 2026 is due by 31 March 2027" in text
    assert f'<option value="{Y2026}" selected' in text
    assert "64.8%" in text
    assert "61.2%" in text
    assert "Target 70%" in text


def test_its_owner_enters_a_figure_and_is_told_what_was_saved_and_when_the_next_is_due(as_, page, world):
    response = as_("lead").post(page, figure(value="71.2%"), follow=True)
    assert response.redirect_chain[0][0] == world.kpi.get_absolute_url()
    text = text_of(response)
    assert "EHC plans issued within 20 weeks: 71.2% is saved for 2026." in text
    assert "The figure for 2027 is due by 30 March 2028." in text
    row = held(world)
    assert (row.value, row.raw, row.period_label, row.recorded_by) == (
        Decimal("71.2"),
        "71.2%",
        "2026",
        world.people["lead"],
    )
    assert (row.is_published, row.is_illustrative) == (False, False)


def test_an_owner_who_has_left_enters_no_more_figures(as_, page, world):
    world.lead.left_on = date(2027, 1, 10)
    world.lead.save()
    assert as_("lead").get(page).status_code == 403
    world.lead.left_on = date(2027, 1, 11)
    world.lead.save()
    assert as_("lead").get(page).status_code == 200


def test_counts_alone_make_the_percentage_and_are_kept(as_, page, world):
    as_("lead").post(page, figure(numerator="1,052", denominator="1,161"))
    row = held(world)
    assert (row.numerator, row.denominator, row.value) == (1052, 1161, Decimal("90.611542"))


def test_a_percentage_that_its_counts_do_not_make_is_told_with_both(as_, page, world):
    response = as_("lead").post(page, figure(value="94.8", numerator="52", denominator="61"))
    message = "52 of 61 is 85.2%, and 94.8% is typed. Correct one of them, or leave the figure empty."
    assert text_of(response).count(message) == 2
    assert figures(world) == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "value"),
        ({"value": "12/3"}, "value"),
        ({"value": "\x00"}, "value"),
        ({"value": "9" * 100_000}, "value"),
        ({"value": "NaN"}, "value"),
        ({"value": "£5"}, "value"),
        ({"value": "71", "missing": "suppressed"}, "missing"),
        ({"missing": "lost"}, "missing"),
        ({"value": "71", "state": "forecast"}, "state"),
        ({"value": "71", "state": ""}, "state"),
        ({"value": "71", "qualifier": "roughly"}, "qualifier"),
        ({"value": "71", "numerator": "5"}, "denominator"),
        ({"value": "71", "denominator": "5"}, "numerator"),
        ({"numerator": "0", "denominator": "0"}, "denominator"),
        ({"numerator": "-1", "denominator": "5"}, "numerator"),
        ({"numerator": "1.5", "denominator": "5"}, "numerator"),
        ({"numerator": "1", "denominator": "5.5"}, "denominator"),
        ({"numerator": "1", "denominator": "5", "missing": "suppressed"}, "missing"),
        ({"value": "71", "period": "2026"}, "period"),
        ({"value": "71", "period": "\x00"}, "period"),
        ({"value": "71", "period": ""}, "period"),
        ({"value": "71", "period": "other"}, "period_start"),
        ({"value": "71", "period": "other", "period_start_0": "31", "period_start_1": "2", "period_start_2": "2026"}, "period_start"),
        *(({"value": "71", "commentary": text}, "commentary") for text in BROKEN_TEXTS.values()),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_by_its_field_and_nothing_is_kept(as_, page, world, fields, field):
    response = as_("lead").post(page, figure(**fields))
    assert response.status_code == 200
    assert response.context["form"].errors[field]
    assert figures(world) == 2
    for typed in fields.values():
        assert (
            typed == "\x00"
            or escape(typed) in response.content.decode()
            or field in ("state", "qualifier", "missing", "period")
        )


def test_a_period_ends_on_or_after_the_day_it_starts(as_, page):
    days = {"period_start_0": "1", "period_start_1": "2", "period_start_2": "2026",
            "period_end_0": "31", "period_end_1": "1", "period_end_2": "2026"}  # fmt: skip
    response = as_("lead").post(page, figure(value="71", period="other", **days))
    assert response.context["form"].errors["period_end"] == ["A period ends on or after the day it starts."]


def test_another_period_is_given_by_its_days(as_, page, world):
    days = {"period_start_0": "1", "period_start_1": "January", "period_start_2": "2023",
            "period_end_0": "31", "period_end_1": "12", "period_end_2": "2023"}  # fmt: skip
    assert as_("lead").post(page, figure(value="71", period="other", **days)).status_code == 302
    row = Measurement.objects.get(period_end=date(2023, 12, 31))
    assert (row.period_start, row.period_label) == (date(2023, 1, 1), "2023")


def test_why_there_is_no_figure_can_be_said_instead(as_, page, world):
    assert as_("lead").post(page, figure(missing="suppressed")).status_code == 302
    assert (held(world).value, held(world).missing) == (None, "suppressed")


def test_of_what_is_only_said_in_words_the_words_are_asked_for(as_, page, world):
    Indicator.objects.update(unit="text", polarity="contextual")
    response = as_("lead").get(page)
    assert "The figure in words" in text_of(response)
    assert "value" not in response.context["form"].fields
    assert as_("lead").post(page, figure(as_written="almost half", value="\x00")).status_code == 302
    assert (held(world).value, held(world).as_written, held(world).raw) == (None, "almost half", "")


def test_of_a_count_no_part_and_whole_are_asked_for(as_, page, world):
    Indicator.objects.update(unit="count")
    response = as_("lead").get(page)
    assert "numerator" not in response.context["form"].fields
    assert as_("lead").post(page, figure(value="71", numerator="\x00")).status_code == 302
    assert held(world).numerator is None


def test_a_provisional_figure_is_kept_apart_and_need_not_be_explained(as_, page, world):
    assert as_("lead").post(page, figure(value="40", state="provisional")).status_code == 302
    assert held(world).state == "provisional"


# What is asked before it is saved


def test_a_figure_out_of_its_units_sense_is_asked_about_and_saved_when_it_is_right(as_, page, world):
    typed = figure(value="104")
    response = as_("lead").post(page, typed)
    text = text_of(response)
    assert response.status_code == 200
    assert "104% is more than the whole: this percentage cannot usually pass 100%." in text
    assert "Yes, this is right" in text
    assert 'value="104"' in text
    assert figures(world) == 2

    answer = response.context["answer"]
    assert as_("lead").post(page, {**typed, "answer": answer}).status_code == 302
    assert held(world).value == 104


def test_a_value_that_was_changed_is_asked_about_anew(as_, page, world):
    answer = as_("lead").post(page, figure(value="104")).context["answer"]
    response = as_("lead").post(page, figure(value="105", answer=answer))
    assert "105% is more than the whole" in text_of(response)
    assert figures(world) == 2


def test_an_answer_about_another_kpi_or_none_is_no_answer(as_, page, world):
    for answer in ("yes", "", "\x00", "f" * 64):
        assert as_("lead").post(page, figure(value="104", answer=answer)).status_code == 200
    assert figures(world) == 2


def test_ten_times_the_last_and_a_period_to_come_are_asked_about_at_once(as_, page, world):
    response = as_("lead").post(page, figure(period="2027-01-01/2027-12-31", value="6", commentary="Low."))
    assert [question.code for question in response.context["asked"]] == ["not_ended", "other_size"]


@pytest.fixture
def monthly(world):
    """A year of calm months, without a target: enough for control limits."""
    indicator = Indicator.objects.create(
        code="reviews", title="Reviews on time", unit="percent", polarity="higher", frequency="monthly"
    )
    Kpi.objects.create(area=world.area, indicator=indicator)
    for month in range(1, 13):
        start = date(2026, month, 1)
        record_measurement(
            indicator, world.area, period_start=start, period_end=last_day_of_month(start), value=Decimal(80 + month % 3),
            by=None, at=at(2027, 1, 2),
        )  # fmt: skip
    return reverse("board:measurement-add", args=[world.area.slug, "reviews"])


def month(**fields) -> dict:
    return {"seen": "", "state": "final", "period": "2027-01-01/2027-01-31", "commentary": "Known.", **fields}


def test_a_jump_past_the_limits_of_the_figures_so_far_is_asked_about(as_, monthly):
    calm = as_("officer").post(monthly, month(value="82"))
    jump = as_("officer").post(monthly, month(value="95"))
    assert [question.code for question in calm.context["asked"]] == ["not_ended"]
    assert [question.code for question in jump.context["asked"]] == ["not_ended", "beyond_limits"]
    assert "such a jump seldom comes by chance" in text_of(jump)


def test_a_figure_worse_than_chance_explains_is_explained_though_it_has_no_target(as_, monthly):
    worse = as_("officer").post(monthly, month(value="60", commentary=""))
    better = as_("officer").post(monthly, month(value="95", commentary=""))
    assert worse.context["form"].errors["commentary"][0].startswith("Say what explains it. 60%, January 2027: ")
    assert "commentary" not in better.context["form"].errors


def test_a_period_that_shares_days_with_another_figures_is_asked_about(as_, page, world):
    days = {"period_start_0": "1", "period_start_1": "7", "period_start_2": "2025",
            "period_end_0": "30", "period_end_1": "6", "period_end_2": "2026"}  # fmt: skip
    response = as_("lead").post(page, figure(value="71", period="other", **days))
    assert "July 2025 to June 2026 shares days with 2025, which has a figure already." in text_of(response)
    assert figures(world) == 2


def test_of_a_published_figure_the_day_of_its_release_is_said(as_, page, world):
    Indicator.objects.update(next_release_on=date(2027, 6, 25))
    assert "The next figure is to be published on 25 June 2027" in text_of(as_("lead").get(page))
    Indicator.objects.update(next_release_on=date(2026, 6, 25))
    assert "The figure for 2026 is due by 31 March 2027" in text_of(as_("lead").get(page))


# A figure that is behind is explained


def test_a_figure_behind_its_target_is_explained_on_the_same_page(as_, page, world):
    typed = figure(value="60.5")
    response = as_("lead").post(page, typed)
    message = "Say what explains it. 60.5%, 2026: 9.5 percentage points short of the local target of 70%."
    assert text_of(response).count(message) == 2
    assert 'value="60.5"' in text_of(response)
    assert figures(world) == 2

    assert as_("lead").post(page, {**typed, "commentary": "Two posts are empty."}).status_code == 302
    said = Commentary.objects.get()
    assert (said.period_end, said.text, said.recorded_by) == (
        date(2026, 12, 31),
        "Two posts are empty.",
        world.people["lead"],
    )


def test_a_figure_within_tolerance_or_at_its_target_need_not_be_explained(as_, page, world):
    assert as_("lead").post(page, figure(value="65")).status_code == 302
    assert not Commentary.objects.exists()


def test_what_was_explained_already_is_not_asked_again(as_, page, world):
    Commentary.objects.create(
        kpi=world.kpi, number=1, recorded_at=at(2027, 1, 2), period_end=date(2026, 12, 31), text="Known."
    )
    assert as_("lead").post(page, figure(value="60.5")).status_code == 302


# Restating, and two people at once


def test_a_restatement_shows_what_stands_and_asks_for_a_reason(as_, page, world):
    text = text_of(as_("lead").get(page, {"period": Y2025}))
    assert "What stands" in text
    assert "Why is the figure restated?" in text

    response = as_("lead").post(page, figure(period=Y2025, value="71"))
    assert "Say why the figure is restated." in text_of(response)
    assert "What stands" in text_of(response)
    assert as_("lead").post(page, figure(period=Y2025, value="71", reason="Late returns.")).status_code == 302
    values = Measurement.objects.filter(period_end=date(2025, 12, 31)).order_by("number").values_list("value", "reason")
    assert list(values) == [(Decimal("64.8"), ""), (71, "Late returns.")]


def test_a_figure_that_would_change_nothing_is_told(as_, page, world):
    response = as_("lead").post(page, figure(period=Y2025, value="64.8", reason="Again.", commentary="Known."))
    assert "This is the figure that stands already" in text_of(response)
    assert figures(world) == 2
    assert not Commentary.objects.exists()


def test_two_who_enter_the_same_period_see_both_figures_and_lose_neither(as_, page, world):
    as_("officer").post(page, figure(value="72", commentary=""))
    response = as_("lead").post(page, figure(value="75.5", commentary="Ours is newer."))
    text = text_of(response)
    assert response.status_code == 409
    assert "A figure stands for this period that your form had not shown." in text
    assert "72.0%" in text
    assert "officer@example.test on 10 January 2027" in text
    assert "75.5" in text
    assert "Ours is newer." in text
    assert figures(world) == 3

    seen = re.search(r'name="seen" value="([^"]*)"', response.content.decode())[1]
    again = as_("lead").post(page, figure(value="75.5", commentary="Ours is newer.", seen=seen))
    assert "Say why the figure is restated." in text_of(again)
    assert as_("lead").post(page, figure(value="75.5", reason="Counted again.", seen=seen)).status_code == 302
    assert figures(world) == 4


@pytest.mark.parametrize(
    "seen", ["", "x", "=", f"{Y2025}/final=99", f"{Y2025}/final=-1", "\x00", "9" * 5000, f"{Y2025}/final=²"]
)
def test_a_form_that_saw_nothing_true_restates_nothing(as_, page, world, seen):
    response = as_("lead").post(page, figure(period=Y2025, value="71", reason="Mine.", seen=seen))
    assert response.status_code in (200, 409)
    assert figures(world) == 2


def test_the_same_form_sent_twice_is_written_once(as_, page, world):
    for _ in range(2):
        assert as_("lead").post(page, figure(value="60.5", commentary="Two posts are empty.")).status_code == 302
    assert figures(world) == 3
    assert Commentary.objects.count() == 1


# Promises


def test_the_trajectory_stands_above_the_form(as_, world):
    text = text_of(as_("officer").get(world.address("board:target-add")))
    for words in ("Baseline", "61.2%", "From 1 January 2025 until the next", "70%", "64.8%", "Behind"):
        assert words in text


def promised(**fields) -> dict:
    return {"seen_number": 1, "kind": "milestone", "period_start_0": "1", "period_start_1": "1", "period_start_2": "2027",
            "period_end_0": "31", "period_end_1": "12", "period_end_2": "2027", "value": "80%", **fields}  # fmt: skip


def test_an_officer_adds_a_milestone(as_, world):
    response = as_("officer").post(world.address("board:target-add"), promised(), follow=True)
    assert "Milestone saved: 80%, from 1 January 2027 to 31 December 2027." in text_of(response)
    target = world.kpi.targets.get(number=2)
    assert (target.kind, target.value, target.period_end) == ("milestone", 80, date(2027, 12, 31))


def test_a_promise_may_be_words_alone(as_, world):
    words = {"kind": "standing", "value": "", "as_written": "in line with England"}
    assert (
        as_("officer")
        .post(world.address("board:target-add"), promised(**words, period_end_0="", period_end_1="", period_end_2=""))
        .status_code
        == 302
    )
    assert world.kpi.targets.get(number=2).as_written == "in line with England"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "standing"}, "period_end"),
        ({"period_end_0": "", "period_end_1": "", "period_end_2": ""}, "period_end"),
        ({"period_end_2": "2026"}, "period_end"),
        ({"period_start_0": "31", "period_start_1": "2"}, "period_start"),
        ({"period_start_0": "", "period_start_1": "", "period_start_2": ""}, "period_start"),
        ({"value": ""}, "value"),
        ({"value": "12/3"}, "value"),
        ({"value": "9" * 400}, "value"),
        ({"as_written": "x" * 100_000}, "as_written"),
        ({"as_written": "in\x00line"}, "as_written"),
    ],
)
def test_a_promise_that_cannot_be_is_told_by_its_field(as_, world, fields, field):
    response = as_("officer").post(world.address("board:target-add"), promised(**fields))
    assert response.status_code == 200
    assert response.context["form"].errors[field]
    assert world.kpi.targets.count() == 1


def test_two_who_promise_at_once_see_both(as_, world):
    Target.objects.create(
        kpi=world.kpi, number=2, recorded_at=at(2027, 1, 9), recorded_by=world.people["lead"], period_start=date(2027, 1, 1),
        value=Decimal(85),
    )  # fmt: skip
    response = as_("officer").post(world.address("board:target-add"), promised())
    assert response.status_code == 409
    assert "added this while you were writing" in text_of(response)
    assert "85%" in text_of(response)
    assert 'value="80%"' in text_of(response)
    assert as_("officer").post(world.address("board:target-add"), promised(seen_number=2)).status_code == 302
    assert world.kpi.targets.count() == 3


def test_context_is_said_to_have_no_target(as_, world):
    Indicator.objects.update(polarity="contextual")
    text = text_of(as_("officer").get(world.address("board:target-add")))
    assert "Add a milestone or a target" not in text
    response = as_("officer").post(world.address("board:target-add"), promised())
    assert "This figure is context" in text_of(response)
    assert world.kpi.targets.count() == 1


# Commentary and new limits


def test_the_owner_says_what_explains_a_figure(as_, world):
    address = world.address("board:commentary-add")
    assert as_("lead").post(address, {"seen_number": 0, "period": Y2025, "text": "Two posts."}).status_code == 302
    assert Commentary.objects.get().period_end == date(2025, 12, 31)
    assert "Two posts." in text_of(as_("lead").get(address))


@pytest.mark.parametrize("text", ["", "   ", *BROKEN_TEXTS.values()])
def test_an_explanation_that_says_nothing_or_cannot_be_kept_is_told(as_, world, text):
    response = as_("lead").post(
        world.address("board:commentary-add"), {"seen_number": 0, "period": Y2025, "text": text}
    )
    assert response.status_code == 200
    assert response.context["form"].errors["text"]
    assert not Commentary.objects.exists()


def test_two_who_explain_at_once_see_both(as_, world):
    address, mine = world.address("board:commentary-add"), {"seen_number": 0, "period": Y2025, "text": "My words."}
    as_("officer").post(address, {**mine, "text": "Their words."})
    response = as_("lead").post(address, mine)
    assert response.status_code == 409
    assert "Their words." in text_of(response)
    assert "My words." in text_of(response)
    assert as_("lead").post(address, {**mine, "seen_number": 1}).status_code == 302
    assert Commentary.objects.count() == 2


def test_an_officer_sets_limits_anew_with_a_reason(as_, world):
    address = world.address("board:rebase")
    response = as_("officer").post(address, {"seen_number": 0, "period": Y2025, "reason": "A new team."}, follow=True)
    assert "Limits are calculated anew from 2025." in text_of(response)
    row = Rebase.objects.get()
    assert (row.from_period, row.reason, row.recorded_by) == (date(2025, 1, 1), "A new team.", world.people["officer"])


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"period": Y2026}, "period"), ({"period": ""}, "period"), ({"reason": ""}, "reason"), ({"reason": "x" * 251}, "reason"),
     ({"reason": "a\x00b"}, "reason")],
)  # fmt: skip
def test_limits_need_a_period_with_a_figure_and_a_reason(as_, world, fields, field):
    sent = {"seen_number": 0, "period": Y2025, "reason": "A new team.", **fields}
    response = as_("officer").post(world.address("board:rebase"), sent)
    assert response.context["form"].errors[field]
    assert not Rebase.objects.exists()


@pytest.mark.parametrize("name", ["board:commentary-add", "board:rebase"])
def test_without_a_figure_the_page_says_what_to_do_first(as_, world, name):
    Measurement.objects.all()._raw_delete("default")
    assert "Enter the first figure" in text_of(as_("officer").get(world.address(name)))
    assert as_("officer").post(world.address(name), {"period": Y2025, "text": "a", "reason": "a"}).status_code == 200


# What is tracked


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


def defined(**fields) -> dict:
    return {"title": "Annual reviews held on time", "definition": "Of all that fell due.", "unit": "percent", "decimals": "1",
            "polarity": "higher", "frequency": "monthly", "counted": "reviews", "statutory_standard": "100%", **fields}  # fmt: skip


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
    assert "Tolerance: 5% before, 2.5% now." in text
    assert "10 January 2027 · officer@example.test" in text


def test_two_who_change_a_kpi_at_once_are_told(as_, world):
    sent = kept(as_, world)
    assert as_("officer").post(world.address("board:kpi-edit"), {**sent, "tolerance": "7"}).status_code == 302
    response = as_("officer").post(world.address("board:kpi-edit"), {**sent, "tolerance": "3"})
    assert response.status_code == 409
    assert "Somebody else changed this KPI while you were writing" in text_of(response)
    assert 'value="3"' in text_of(response)
    world.kpi.refresh_from_db()
    assert world.kpi.tolerance == 7


# The demonstration


def test_a_demonstration_sign_in_is_told_that_what_it_enters_is_illustrative(as_, page, world, demonstrator):
    assert "what you save here is kept as illustrative" in text_of(as_("officer").get(page))
    assert as_("officer").post(page, figure(value="71")).status_code == 302
    assert (held(world).is_illustrative, held(world).is_published) == (True, False)


def test_a_demonstration_sign_in_does_not_restate_a_published_figure(as_, page, world, demonstrator):
    standing = Measurement.objects.get(area=world.area, period_end=date(2025, 12, 31))
    Measurement.objects.filter(pk=standing.pk).delete()
    standing.is_published, standing.pk = True, None
    Measurement.objects.bulk_create([standing])
    response = as_("officer").post(page, figure(period=Y2025, value="71", reason="Late returns."))
    assert "An illustrative sign-in cannot restate it." in text_of(response)
    assert figures(world) == 2


def test_a_demonstration_sign_in_does_not_change_a_real_kpi(as_, world, demonstrator):
    response = as_("officer").get(world.address("board:kpi-edit"))
    assert "changes illustrative KPIs only" in text_of(response)
    assert "Save the changes" not in text_of(response)
    seen = response.context["form"].initial["seen"]
    response = as_("officer").post(world.address("board:kpi-edit"), {"seen": seen, "owner": "", "tolerance": "1"})
    assert "This KPI is real" in text_of(response)
    world.kpi.refresh_from_db()
    assert (world.kpi.owner, world.kpi.tolerance) == (world.lead, 5)


# What every page keeps to


@pytest.mark.parametrize("name", PAGES)
def test_the_past_offers_no_keeping(as_, world, name):
    assert as_("officer").get(world.address(name), {"as_at": "2026-03-01"}).status_code == 404


@pytest.mark.parametrize("name", [name for name in PAGES if name != "board:kpi-add"])
def test_a_kpi_that_there_is_not_is_a_404(as_, world, name):
    for code in ("unheard", "x" * 300):
        assert as_("officer").get(reverse(name, args=["northvale", code])).status_code == 404
    assert as_("officer").get(reverse(name, args=["northvale", "code"]).replace("code", "%00")).status_code == 404


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("board:measurement-add", figure(value="71", commentary="What I typed.")),
        ("board:target-add", promised(as_written="What I typed.")),
        ("board:commentary-add", {"period": Y2025, "text": "What I typed."}),
        ("board:rebase", {"period": Y2025, "reason": "What I typed."}),
        ("board:kpi-edit", {"tolerance": "What I typed."}),
    ],
)
def test_what_was_typed_when_the_session_ran_out_comes_back_unsent(client, world, name, sent):
    before = [model.objects.count() for model in (Measurement, Target, Commentary, Rebase)]
    assert client.post(world.address(name), sent).status_code == 302
    client.force_login(world.people["officer"], backend=BACKEND)
    text = text_of(client.get(world.address(name)))
    assert "Your session had run out." in text
    assert "What I typed." in text
    assert [model.objects.count() for model in (Measurement, Target, Commentary, Rebase)] == before


def test_a_new_definition_typed_when_the_session_ran_out_comes_back(client, world):
    address = world.address("board:kpi-add") + "?new=1"
    client.post(address, defined(title="What I typed."))
    client.force_login(world.people["officer"], backend=BACKEND)
    assert "What I typed." in text_of(client.get(address))


def test_what_was_typed_is_not_shown_to_who_may_not_open_the_page(client, world):
    client.post(world.address("board:rebase"), {"period": Y2025, "reason": "What I typed."})
    client.force_login(world.people["board"], backend=BACKEND)
    response = client.get(world.address("board:rebase"))
    assert response.status_code == 403
    assert "What I typed." not in text_of(response)


def queries(client, address) -> int:
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(address).status_code == 200
    return len(found)


@pytest.mark.parametrize("name", PAGES)
def test_queries_do_not_grow_with_what_is_held(as_, world, name):
    client, address = as_("officer"), world.address(name)
    Indicator.objects.create(code="i", title="I", unit="count", polarity="higher")
    client.get(address)
    few = queries(client, address)
    document = SourceDocument.objects.get()
    for n in range(20):
        Indicator.objects.create(code=f"i{n}", title=f"I{n}", unit="count", polarity="higher")
        Measurement.objects.create(
            indicator=world.kpi.indicator, area=world.area, number=1, recorded_at=at(2026, 1, 15), source=document,
            period_start=date(2000 + n, 1, 1), period_end=date(2000 + n, 12, 31), value=Decimal(50), recorded_by=world.people["lead"],
        )  # fmt: skip
        by = {"recorded_at": at(2026, 1, 15), "recorded_by": world.people["lead"]}
        Target.objects.create(kpi=world.kpi, number=n + 2, period_start=date(2000 + n, 1, 1), value=Decimal(70), **by)
        Commentary.objects.create(kpi=world.kpi, number=n + 1, period_end=date(2000 + n, 12, 31), text="Known.", **by)
        Rebase.objects.create(kpi=world.kpi, number=n + 1, from_period=date(2000 + n, 1, 1), reason="Known.", **by)
        Lead.objects.create(area=world.area, name=f"Lead {n}", user=User.objects.create(email=f"l{n}@example.test"))
        world.kpi.tolerance = Decimal(n + 6)
        world.kpi.save()
    assert queries(client, address) <= few + (1 if name == "board:kpi-edit" else 0)  # names of owners that were
    assert few <= 15
