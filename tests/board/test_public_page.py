"""The page for families: nobody is named, no small number is told, and what is shown is what was published."""

from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from board.models import PublicPage
from board.public import content_problems, grouped_pairs, hints_of, may_show_figure, proposal, publish, withdraw
from board.small_numbers import SMALL, may_show_share, near_counts_in, safe_counts, small_counts_in
from kpis.appending import Conflict
from kpis.models import Measurement
from people.models import Lead
from strategies.models import YouSaidWeDid
from tests.world import BACKEND, at, build_world
from workstrands.models import Deadline, ProgressUpdate

SENT = {
    "do": "publish", "seen_number": "0", "intro": "For families.", "promised_0": "Plans come on time.",
    "done_0": "The pathway is there.", "next_0": "A guide comes in June.", "said_0": "We wait too long.",
    "did_0": "We took on more people.",
}  # fmt: skip


@pytest.fixture
def world(db, monkeypatch):
    """It is 1 June 2026."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 6, 1))
    return build_world()


@pytest.fixture
def officer(client, world):
    client.force_login(world.people["officer"], backend=BACKEND)
    return client


@pytest.fixture
def edit(world) -> str:
    return reverse("board:public-edit", args=[world.area.slug])


@pytest.fixture
def shown(world) -> str:
    return reverse("board:public", args=[world.area.slug])


def content(**parts) -> dict:
    return {"intro": "For families.", "promised": ["Plans come on time."], "done": [], "next": [], "said": []} | parts


def published(world, *, when=(2026, 5, 1), seen_number=0, by="officer", allows=False, **parts) -> PublicPage:
    return publish(
        world.area, world.strategy, content(**parts), by=world.people[by], at=at(*when), seen_number=seen_number,
        allows_illustration=allows,
    )  # fmt: skip


# Small numbers


@pytest.mark.parametrize(
    ("parts", "total", "expected", "shown_total"),
    [
        ([40, 50], 90, [40, 50], 90),  # nothing small
        ([3, 40, 50], 93, [None, None, 50], 93),  # the smallest other one goes too, or 3 is had by subtraction
        ([3, 40], 43, [None, None], 43),
        ([0, 50], 50, [None, None], 50),  # nought says something of each
        ([2, 3, 40, 50], 95, [None, None, None, 50], 95),  # together five: still small
        ([5, 5, 40], 50, [None, None, 40], 50),  # together ten: not to be told apart
        ([40, 50], 95, [None, 50], 95),  # the five that no part names
        ([40, 50], 100, [40, 50], 100),  # ten that no part names
        ([2, 2], 4, [None, None], None),
        ([3], 3, [None], None),
        ([6], 6, [6], 6),
        ([3, 8], None, [None, 8], None),  # without a total nothing is had by subtraction
        ([], 4, [], None),
        ([], 40, [], 40),
    ],
)
def test_small_counts_and_those_that_give_them_away_are_hidden(parts, total, expected, shown_total):
    assert safe_counts(parts, total=total) == (expected, shown_total)


@given(st.lists(st.integers(0, 60), max_size=6), st.integers(0, 20))
def test_no_small_count_can_be_had_by_subtraction(parts, rest):
    total = sum(parts) + rest
    shown, shown_total = safe_counts(parts, total=total)
    assert all(part is None or part >= SMALL for part in shown)
    hidden = [whole for whole, part in zip([*parts, rest], [*shown, None], strict=True) if part is None]
    if shown_total is not None:
        assert sum(hidden) >= SMALL or (not any(hidden) and len(hidden) == 1)


@pytest.mark.parametrize(("parts", "total"), [([-1], None), ([4, 5], 8)])
def test_counts_that_cannot_be_are_refused(parts, total):
    with pytest.raises(ValueError, match="Parts are counts"):
        safe_counts(parts, total=total)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(30, 60, True), (5, 60, False), (56, 60, False), (54, 60, True), (60, 60, False), (0, 60, False), (3, 5, False)],
)
def test_a_share_is_shown_only_where_neither_part_is_small(part, whole, expected):
    assert may_show_share(part, whole) is expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Five children wait.", ["Five children"]),
        ("0 pupils were excluded.", ["0 pupils"]),
        ("We helped a single family.", ["a single family"]),
        ("Two of the children wait.", ["Two of the children"]),
        ("3 autistic young people have jobs.", ["3 autistic young people"]),
        ("18 of 20 children were seen.", ["18 of 20 children"]),
        ("18 out of 20 children were seen.", ["18 out of 20 children"]),
        ("90% of 20 pupils were seen.", ["90% of 20 pupils"]),
        ("We hear from 6 families.", []),
        ("Over 320 young people travel alone.", []),
        ("1,204 children have a plan.", []),
        ("30 of 60 children were seen.", []),
        ("For children aged 5 and over, 0-25 years.", []),
        ("One child in five has a need.", []),
        ("It took 5 weeks; 3 schools and four 5 year old buildings.", []),
        ("No child waits.", []),
    ],
)
def test_a_sentence_that_tells_of_few_people_is_found(text, found):
    assert small_counts_in(text) == found


def test_two_counts_of_the_same_people_that_lie_close_are_asked_about():
    assert near_counts_in(["20 children wait.", "18 children were seen.", "12 families came."]) == [
        ("20 children", "18 children")
    ]
    assert near_counts_in(["20 children wait.", "18 families came.", "60 children have a plan."]) == []


@pytest.mark.parametrize(
    ("unit", "counts_people", "value", "numerator", "denominator", "expected"),
    [
        ("count", True, 5, None, None, False),
        ("count", True, 6, None, None, True),
        ("count", False, 3, None, None, True),
        ("percent", False, 50, 30, 60, True),
        ("percent", False, 95, 19, 20, False),
        ("percent", False, 64, None, None, True),
    ],
)
def test_a_figure_of_few_people_is_left_out(world, unit, counts_people, value, numerator, denominator, expected):
    indicator = world.kpi.indicator
    indicator.unit, indicator.counts_people = unit, counts_people
    row = Measurement(value=Decimal(value), numerator=numerator, denominator=denominator)
    assert may_show_figure(indicator, row) is expected


# Plain words


@pytest.mark.parametrize(
    ("text", "hint"),
    [("word " * 25 + "word.", "has 26 words: make it two"), ("Each EHCP", "education, health and care plan"), ("A new pathway.", "steps to get help")],
)  # fmt: skip
def test_what_could_be_said_more_plainly_is_hinted_at(text, hint):
    assert any(hint in said for said in hints_of(text))
    assert hints_of("We answer each letter in a week. You can ring us.") == []


def test_what_was_said_stands_once_with_all_that_was_done():
    assert grouped_pairs([["a", "1"], ["b", "2"], ["a", "3"]]) == [("a", ["1", "3"]), ("b", ["2"])]


def test_a_pair_has_both_its_halves():
    assert content_problems(content(said=[["We wait.", ""], ["", "We did."]])) == {
        "did_0": "Say what was done.",
        "said_1": "Say what was said.",
    }


# What it proposes


def test_it_is_proposed_from_promises_work_done_dates_to_come_figures_and_answers(world):
    YouSaidWeDid.objects.create(
        area=world.area, source=world.document, said="We wait", did="We hired. And more.", position=1
    )
    made = proposal(world.area, world.strategy, at(2026, 6, 1))
    assert made.content["promised"] == ["Timely plans."]
    assert made.content["next"] == ["By June 2026: Publish the pathway."]
    assert made.content["done"] == ["EHC plans issued within 20 weeks: 64.8% in 2025."]
    assert made.content["said"] == [["We wait.", "We hired."]]
    assert not made.is_illustrative
    ProgressUpdate.objects.create(
        action=world.action, area=world.area, number=2, recorded_at=at(2026, 5, 1), status="B", narrative="Done."
    )
    done = proposal(world.area, world.strategy, at(2026, 6, 1)).content
    assert done["done"][0] == "Publish the pathway."
    assert done["next"] == []


def test_a_plan_that_is_not_there_proposes_no_promises(world):
    assert proposal(world.other_area, None, at(2026, 6, 1)).content["promised"] == []


# Published


def test_it_is_a_404_until_an_officer_publishes_it(client, officer, world, edit, shown):
    assert client.get(shown).status_code == 404
    response = officer.post(edit, SENT, follow=True)
    assert "The page for families is published, as no. 1." in response.text
    officer.logout()
    response = officer.get(shown)
    assert response.status_code == 200
    for words in (
        "Plans come on time.",
        "The pathway is there.",
        "A guide comes in June.",
        "You said: We wait too long.",
        "We took on more people.",
        "1 June 2026",
    ):
        assert words in response.text


def test_nothing_is_shown_of_an_area_that_is_not_there(client, world):
    for slug in ("nowhere", "southmoor"):
        assert client.get(f"/{slug}/public/").status_code == 404


def test_it_is_the_same_for_everybody_and_may_be_cached_and_indexed(officer, world, shown, django_assert_num_queries):
    published(world)
    response = officer.get(shown)
    assert "max-age=300" in response["Cache-Control"]
    assert "public" in response["Cache-Control"]
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies
    assert "noindex" not in response.text
    assert "<script" not in response.text
    assert "style=" not in response.text
    assert "Sign out" not in response.text
    assert officer.get(shown, headers={"if-none-match": response["ETag"]}).status_code == 304
    officer.logout()
    with django_assert_num_queries(1):
        assert officer.get(shown).content == response.content


def test_it_stays_as_it_was_published_whatever_changes(client, world, shown):
    published(world, promised=["Plans come on time."])
    world.priority.title = "Something else"
    world.priority.save()
    Deadline.objects.create(action=world.action, number=2, recorded_at=at(2026, 5, 2), due_on=date(2028, 1, 1))
    text = client.get(shown).text
    assert "Plans come on time." in text
    assert "As at <strong>1 May 2026</strong>" in text


def test_withdrawn_it_is_gone_and_no_day_brings_it_back(client, world, shown):
    published(world)
    withdraw(world.area, by=world.people["officer"], at=at(2026, 5, 20), seen_number=1)
    assert client.get(shown).status_code == 404
    assert client.get(shown, {"as_at": "2026-05-10"}).status_code == 404
    published(world, when=(2026, 5, 25), seen_number=2, promised=["Said anew."])
    assert "Said anew." in client.get(shown).text
    assert list(PublicPage.objects.order_by("number").values_list("number", "withdrawn")) == [
        (1, False),
        (2, True),
        (3, False),
    ]


def test_an_officer_withdraws_it_with_one_press(officer, world, edit, shown):
    published(world)
    assert "is withdrawn" in officer.post(edit, {"do": "withdraw", "seen_number": "1"}, follow=True).text
    assert officer.get(shown).status_code == 404
    assert "Nothing is published." in officer.post(edit, {"do": "withdraw", "seen_number": "2"}, follow=True).text


def test_what_it_says_is_escaped(officer, edit, shown):
    officer.post(edit, SENT | {"promised_0": "<script>alert(1)</script>"})
    assert "<script" not in officer.get(shown).text


# Written


def test_looking_first_publishes_nothing_and_keeps_every_word(officer, edit):
    response = officer.post(edit, SENT | {"do": "preview", "done_0": "5 children got a place.", "next_3": "Far down."})
    assert "How it will read" in response.text
    assert "tells a count of people under 6" in response.text
    assert 'name="next_5"' in response.text
    assert "Far down." in response.text
    assert not PublicPage.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"done_0": "18 of 20 children were seen."}, "gives one away by subtraction"),
        ({"done_0": "Write to sam@example.org."}, "Take out the email address"),
        ({"done_0": "x" * 601}, "This has 601 characters"),
        ({"done_0": "a\x00b"}, "cannot be kept"),
        ({"did_0": ""}, "Say what was done."),
        ({"promised_0": "", "done_0": " ", "next_0": ""}, "Say at least what was promised"),
        ({"done_0": "Mrs Okoro has come."}, "May this name a person: “Okoro”?"),
        ({"done_0": "The Head of Inclusion has come."}, "May this name a person: “Head of Inclusion”?"),
        (
            {"done_0": "20 children came.", "next_0": "18 children more."},
            "be worked out from “20 children” and “18 children”",
        ),
        ({"seen_number": "x"}, "whole number"),
    ],
)
def test_what_may_not_be_told_is_refused_with_its_reason(officer, world, edit, wrong, message):
    Lead.objects.create(area=world.area, name="Head of Inclusion")
    response = officer.post(edit, SENT | wrong)
    assert response.status_code == 200
    assert message in unescape(response.text)
    assert "We took on more people." in response.text or "did_0" in wrong
    assert not PublicPage.objects.exists()


def test_what_was_asked_about_is_published_once_it_was_checked(officer, edit):
    officer.post(edit, SENT | {"done_0": "20 children came, then 18 children.", "is_checked": "on"})
    assert PublicPage.objects.get().content["done"] == ["20 children came, then 18 children."]


def test_an_emptied_box_leaves_its_sentence_out(officer, edit):
    officer.post(edit, SENT | {"promised_1": "  ", "promised_2": "A second one."})
    assert PublicPage.objects.get().content["promised"] == ["Plans come on time.", "A second one."]


def test_boxes_without_end_are_cut_off(officer, edit):
    sent = SENT | {f"done_{i}": f"Done {i}." for i in range(99)} | {"done_9999": "x", "done_-1": "x", "other_0": "x"}
    assert officer.post(edit, sent).status_code == 302
    assert len(PublicPage.objects.get().content["done"]) == 40


def test_writing_starts_from_what_is_published_or_anew_from_the_plan(officer, world, edit):
    published(world, promised=["As published."])
    assert "As published." in officer.get(edit).text
    anew = officer.get(edit, {"from": "records"}).text
    assert "As published." not in anew
    assert "Timely plans." in anew
    assert "As published." in officer.get(edit, {"from": "1"}).text
    assert officer.get(edit, {"from": "7"}).status_code == 404


def test_two_officers_at_once_publish_one_page(officer, world, edit):
    published(world)
    response = officer.post(edit, SENT)
    assert response.status_code == 409
    assert "published no. 1 while you were writing" in response.text
    assert "A guide comes in June." in response.text
    assert PublicPage.objects.count() == 1
    with pytest.raises(Conflict):
        published(world, when=(2026, 6, 1), promised=["Another."])


# Illustration


def make_illustrative(world) -> None:
    ProgressUpdate.objects.create(
        action=world.action, area=world.area, number=2, recorded_at=at(2026, 4, 1), status="G", narrative="Made up.", is_illustrative=True,
    )  # fmt: skip


def test_what_rests_on_illustration_is_not_published_in_production(officer, world, edit, monkeypatch):
    make_illustrative(world)
    monkeypatch.setattr(settings, "IS_PRODUCTION", True)
    with pytest.raises(ValidationError, match="illustrative"):
        published(world)
    assert "take the demonstration away first" in officer.post(edit, SENT).text
    assert not PublicPage.objects.exists()


def test_in_the_demonstration_it_says_that_it_is_an_example(officer, world, edit, shown):
    make_illustrative(world)
    officer.post(edit, SENT)
    assert PublicPage.objects.get().is_illustrative
    assert "This is an example." in officer.get(shown).text


def test_what_is_real_says_nothing_of_examples(officer, edit, shown):
    officer.post(edit, SENT)
    assert not PublicPage.objects.get().is_illustrative
    assert "example" not in officer.get(shown).text
