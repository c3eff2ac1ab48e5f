"""Entering figures in the browser: what is read, what is asked first, what is explained, restated and never lost."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.html import escape

from common.dates import last_day_of_month
from kpis.models import Commentary, Indicator, Kpi, Measurement
from kpis.recording import record_measurement
from tests.board.keeping.typed import (
    BROKEN_TEXTS,
    Y2025,
    Y2026,
    figure,
    figures,
    held,
    text_of,
)
from tests.world import at


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
