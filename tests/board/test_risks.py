"""The risk register: scores are appended, the picture counts, what rose is said, and it reads as at any day."""

import csv
import io
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from board.demonstration.removal import dependants
from board.models import Risk, RiskScore
from board.risk_keeping import close_risk, edit_risk, raise_risk, reopen_risk, score_risk
from board.risk_matrix import matrix_of, picture
from board.risks import (
    Level,
    Movement,
    is_review_overdue,
    level_of,
    movement,
    next_ref,
    risks_at,
    risks_tied_to,
    summary_of,
)
from common.dates import end_of_day
from kpis.appending import Conflict
from people.models import Lead
from tests.board.test_demo import make_plan
from tests.world import BACKEND, at, build_world

SAID = {
    "kind": "risk", "title": "Too few speech therapists", "cause": "Posts are empty.", "event": "Waits grow.",
    "effect": "Children go without help.", "mitigation": "Two trainees.", "owner": "", "target_likelihood": "2",
    "target_impact": "3", "review_on_0": "1", "review_on_1": "9", "review_on_2": "2026", "escalated_to": "board",
}  # fmt: skip
SCORE = {"likelihood": "4", "impact": "3", "reason": "Two of six posts are empty."}


@pytest.fixture
def world(db, monkeypatch):
    """It is 1 June 2026; the Board last met on 18 March 2026."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 6, 1))
    return build_world()


@pytest.fixture
def as_(client, world):
    def sign_in(name: str):
        client.force_login(world.people[name], backend=BACKEND)
        return client

    return sign_in


def page(world, name="risks", *args) -> str:
    return reverse(f"board:{name}", args=[world.area.slug, world.strategy.slug, *args])


def raised(world, *, when=(2026, 1, 20), likelihood=3, impact=3, **fields) -> Risk:
    said = {"title": "Too few therapists", "cause": "Posts are empty.", "event": "Waits grow.", "effect": "No help."}
    return raise_risk(
        world.strategy, by=world.people["officer"], at=at(*when), likelihood=likelihood, impact=impact,
        reason="As it looks.", **said | fields,
    )  # fmt: skip


def scored(world, risk, likelihood, impact, *, when=(2026, 5, 1), by="officer"):
    return score_risk(
        risk,
        likelihood=likelihood,
        impact=impact,
        reason="It changed.",
        by=world.people[by],
        at=at(*when),
        seen_number=None,
    )


# Rules


@pytest.mark.parametrize(
    ("score", "level"),
    [(1, Level.LOW), (4, Level.LOW), (5, Level.MEDIUM), (9, Level.MEDIUM), (10, Level.HIGH), (12, Level.HIGH), (15, Level.VERY_HIGH), (25, Level.VERY_HIGH)],
)  # fmt: skip
def test_how_serious_a_score_is(score, level):
    assert level_of(score) == level


@pytest.mark.parametrize(
    ("now", "before", "more", "expected"),
    [
        (12, 9, {}, Movement.ROSE),
        (9, 12, {}, Movement.FELL),
        (9, 9, {}, Movement.SAME),
        (9, None, {}, Movement.SAME),
        (9, None, {"is_new": True}, Movement.NEW),
        (None, None, {}, Movement.UNSCORED),
        (9, 4, {"is_closed": True}, Movement.CLOSED),
    ],
)
def test_what_became_of_a_risk(now, before, more, expected):
    assert movement(now, before, **more) == expected


@pytest.mark.parametrize(
    ("review_on", "is_closed", "expected"),
    [(None, False, False), (date(2026, 6, 1), False, False), (date(2026, 5, 31), False, True), (date(2026, 5, 31), True, False)],
)  # fmt: skip
def test_a_review_is_overdue_from_the_day_after(review_on, is_closed, expected):
    assert is_review_overdue(review_on, on=date(2026, 6, 1), is_closed=is_closed) is expected


@pytest.mark.parametrize(
    ("taken", "expected"), [([], "R1"), (["R1", "R9", "R10"], "R11"), (["X3", "R", "R²", "R2a"], "R1")]
)
def test_a_reference_is_never_given_twice(taken, expected):
    assert next_ref(taken) == expected


# As at any day


def test_a_score_is_a_further_row_and_the_earlier_one_is_read_on_an_earlier_day(world):
    risk = raised(world)
    scored(world, risk, 4, 4)

    assert list(risk.scores.values_list("number", "likelihood", "impact")) == [(1, 3, 3), (2, 4, 4)]
    [then] = risks_at(world.strategy, end_of_day(date(2026, 4, 30)))
    [now] = risks_at(world.strategy, at(2026, 6, 1))
    assert (then.number, now.number) == (9, 16)


def test_a_score_is_never_overwritten(world):
    row = raised(world).scores.get()
    row.impact = 5
    with pytest.raises(TypeError, match="history"):
        row.save()


def test_a_risk_is_not_there_before_it_was_raised_and_open_until_it_was_closed(world):
    risk = raised(world)
    close_risk(risk, closed_on=date(2026, 5, 10), note="Dealt with.", by=world.people["officer"], at=at(2026, 5, 12))

    assert risks_at(world.strategy, end_of_day(date(2026, 1, 19))) == []
    assert [row.is_closed for row in risks_at(world.strategy, end_of_day(date(2026, 5, 9)))] == [False]
    assert [row.is_closed for row in risks_at(world.strategy, end_of_day(date(2026, 5, 10)))] == [True]


def test_what_rose_since_the_last_meeting_is_said_with_its_reason(as_, world):
    risk = raised(world)
    scored(world, risk, 4, 4)
    text = as_("board").get(page(world)).text
    assert "Held against <strong>18 March 2026</strong>" in text
    assert "Rose from 9 to 16" in text
    assert "rose from 9 to 16. It changed." in text


def test_compare_holds_it_against_another_day(as_, world):
    risk = raised(world)
    scored(world, risk, 4, 4)
    text = as_("board").get(page(world), {"compare": "2026-05-15"}).text
    assert "none rose" in text
    assert "Rose from" not in text


@pytest.mark.parametrize("compare", ["soon", "2026-02-31", "2999-01-01", "\x00"])
def test_a_day_to_compare_that_is_none_is_a_plain_404(as_, world, compare):
    assert as_("board").get(page(world), {"compare": compare}).status_code == 404


def test_a_risk_raised_since_is_new_and_a_closed_one_is_counted_once(world):
    old, new = raised(world), raised(world, when=(2026, 5, 2))
    close_risk(old, closed_on=date(2026, 5, 10), note="Dealt with.", by=world.people["officer"], at=at(2026, 5, 10))
    rows = risks_at(world.strategy, at(2026, 6, 1), compare=end_of_day(date(2026, 3, 18)))
    summary = summary_of(rows, since=date(2026, 3, 18))
    assert [row.ref for row in summary.new] == [new.ref]
    assert [row.ref for row in summary.closed_since] == [old.ref]
    assert [row.ref for row in summary.open] == [new.ref]
    assert summary_of(rows, since=date(2026, 5, 20)).closed_since == []


# On the pages of what it is tied to


TIES = {"action": "actions", "priority": "priorities", "kpi": "kpis"}


def tied_to(world, name: str, **fields) -> Risk:
    return raised(world, **{TIES[name]: [getattr(world, name)]}, **fields)


def shown(client, world, name: str, **asked) -> str:
    response = client.get(world.address(f"board:{name}"), asked)
    assert response.status_code == 200
    return " ".join(strip_tags(response.text).split())


@pytest.mark.parametrize("name", TIES)
def test_a_risk_stands_with_its_score_on_the_page_of_what_it_is_tied_to(as_, world, name):
    risk = tied_to(world, name, title="Posts are empty")
    raised(world, title="Tied to nothing")
    scored(world, risk, 4, 3)
    client = as_("board")
    text = shown(client, world, name)
    assert "R1 Posts are empty H 12, high: likelihood 4, impact 3" in text
    assert "Tied to nothing" not in text
    assert f'href="{page(world, "risk", "R1")}"' in client.get(world.address(f"board:{name}")).text


@pytest.mark.parametrize("name", TIES)
def test_a_risk_is_shown_there_as_it_stood_on_the_day_viewed(as_, world, name):
    risk = tied_to(world, name, title="Posts are empty")
    scored(world, risk, 5, 5)
    close_risk(risk, closed_on=date(2026, 5, 10), note="Dealt with.", by=world.people["officer"], at=at(2026, 5, 10))
    client = as_("board")
    assert "Posts are empty" not in shown(client, world, name)
    assert "Posts are empty V 25, very high" in shown(client, world, name, as_at="2026-05-09")
    assert "Posts are empty M 9, medium" in shown(client, world, name, as_at="2026-04-30")
    assert "Posts are empty" not in shown(client, world, name, as_at="2026-01-19")


def test_the_worst_of_the_risks_tied_to_an_action_comes_first_and_one_query_finds_them(
    world, django_assert_num_queries
):
    refs = [tied_to(world, "action", likelihood=n, impact=3).ref for n in (1, 4, 2)]
    with django_assert_num_queries(1):
        found = risks_tied_to(world.action, at(2026, 6, 1))
        assert [each.risk.ref for each in found] == [refs[1], refs[2], refs[0]]
        assert {each.risk.strategy.slug for each in found} == {"send-strategy"}


@pytest.mark.parametrize("name", ["action", "priority"])
def test_an_officer_adds_a_risk_from_there_tied_from_the_start(as_, world, name):
    assert "Risks and issues" not in shown(as_("board"), world, name)
    officer = as_("officer")
    assert f"No open risk or issue is tied to this {name}. Add one." in shown(officer, world, name)
    assert "Add one." not in shown(officer, world, name, as_at="2026-05-01")
    record = getattr(world, name)
    address = f"{page(world, 'risk-add')}?{TIES[name]}={record.pk}"
    assert f'href="{address}"' in officer.get(world.address(f"board:{name}")).text
    assert officer.get(address).context["form"][TIES[name]].value() == [str(record.pk)]


@pytest.mark.parametrize("value", ["x", "-1", "99999999999999999999", "\x00"])
def test_a_senseless_tie_in_the_address_ticks_nothing(as_, world, value):
    response = as_("officer").get(page(world, "risk-add"), {"actions": value})
    assert response.status_code == 200
    assert "checked" not in response.text.partition("Actions that it could stop")[2].partition("KPIs that would")[0]


# The picture and the table


def test_the_picture_counts_each_open_risk_once_and_leads_to_those_it_counts(as_, world):
    raised(world)
    raised(world)
    raised(world, likelihood=5, impact=5)
    rows = risks_at(world.strategy, at(2026, 6, 1))
    matrix = matrix_of(rows, lambda likelihood, impact: f"?{likelihood}&{impact}")
    assert sum(cell.count for row in matrix for cell in row) == 3
    drawn = picture(matrix)
    assert 'href="?3&amp;3" aria-label="2 risks, likelihood 3, impact 3: medium"' in drawn
    assert "style=" not in drawn

    table = as_("board").get(page(world), {"likelihood": "3", "impact": "3"}).text
    assert "2 of 3 risks and issues are shown" in table


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["R1", "R2"]), ({"level": "V"}, ["R2"]), ({"review": "overdue"}, ["R1"]), ({"state": "all"}, ["R1", "R2"]),
        ({"state": "closed"}, []), ({"priority": "1"}, ["R1"]), ({"movement": "new"}, []), ({"level": "Z"}, []), ({"impact": "9"}, []),
    ],
)  # fmt: skip
def test_the_table_is_narrowed(as_, world, asked, expected):
    raised(world, review_on=date(2026, 4, 1), priorities=[world.priority])
    raised(world, likelihood=5, impact=4)
    response = as_("board").get(page(world), asked)
    assert sorted(row.record.ref for row in response.context["table"].rows) == expected


def test_the_worst_stand_first_and_every_column_sorts(as_, world):
    raised(world)
    raised(world, likelihood=5, impact=4)
    first = as_("board").get(page(world)).context["table"].rows[0].record
    assert first.ref == "R2"
    for column in ("ref", "title", "score", "target", "movement", "owner", "review", "escalated", "nonsense"):
        for alias in (column, f"-{column}"):
            assert as_("board").get(page(world), {"sort": alias}).status_code == 200


def test_the_file_holds_the_rows_of_the_page_with_raw_numbers(as_, world):
    raised(world, review_on=date(2026, 4, 1), target_likelihood=2, target_impact=2)
    text = as_("board").get(page(world), {"_export": "csv"}).content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    head = next(i for i, line in enumerate(lines) if line[:1] == ["Ref"])
    row = dict(zip(lines[head], lines[head + 1], strict=True))
    assert row["Score"] == "9"
    assert (row["Likelihood"], row["Impact"], row["Target"], row["Level"]) == ("3", "3", "4", "Medium")
    assert (row["Review"], row["Review overdue"], row["Because of"]) == ("2026-04-01", "yes", "Posts are empty.")
    assert as_("board").get(page(world), {"_export": "xlsx"}).content[:2] == b"PK"
    assert as_("board").get(page(world), {"_export": "doc"}).status_code == 404


@pytest.mark.parametrize("name", ["risks", "risk"])
def test_queries_do_not_grow_with_risks_and_scores(as_, world, name):
    risk = raised(world, priorities=[world.priority], actions=[world.action], kpis=[world.kpi])
    address = page(world, name, *([risk.ref] if name == "risk" else []))
    client = as_("officer")
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for month in (2, 3, 4, 5):
        scored(world, risk, month, 5, when=(2026, month, 1))
        for _ in range(5):
            raised(world, when=(2026, month, 2), priorities=[world.priority])
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)
    assert len(many) <= 16


def test_an_empty_register_says_what_to_do(as_, world):
    assert "Add the first one" in as_("officer").get(page(world)).text
    assert "An officer keeps the register" in as_("board").get(page(world)).text


# Keeping it


def test_an_officer_adds_a_risk_with_its_first_score(as_, world):
    sent = (
        SAID
        | SCORE
        | {
            "owner": world.lead.pk,
            "priorities": [world.priority.pk],
            "actions": [world.action.pk],
            "kpis": [world.kpi.pk],
        }
    )
    response = as_("officer").post(page(world, "risk-add"), sent, follow=True)
    assert "Risk R1 is in the register." in response.text
    risk = Risk.objects.get()
    assert (risk.owner, risk.review_on, risk.raised_on) == (world.lead, date(2026, 9, 1), date(2026, 6, 1))
    assert (risk.target_likelihood, risk.target_impact, risk.escalated_to) == (2, 3, "board")
    assert list(risk.priorities.all()) == [world.priority]
    assert list(risk.actions.all()) == [world.action]
    assert list(risk.kpis.all()) == [world.kpi]
    assert risk.scores.get().score == 12
    assert risk.history.get().history_user == world.people["officer"]
    for words in ("Posts are empty.", "Two trainees.", "Publish the pathway", "EHC plans issued within 20 weeks"):
        assert words in response.text


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"title": ""}, "Give it a short title."),
        ({"title": "x" * 201}, "Short title has 201 characters"),
        ({"cause": " "}, "Say what it comes from."),
        ({"event": "a\x00b"}, "cannot be kept"),
        ({"likelihood": "6"}, "Choose how likely it is."),
        ({"impact": ""}, "Choose how bad it would be."),
        ({"kind": "worry"}, "Choose which it is."),
        ({"owner": "999999"}, "Choose a lead of this area who is in post."),
        ({"target_impact": ""}, "Give both parts of the target score, or neither."),
        ({"target_likelihood": "7"}, "Choose 1 to 5."),
        ({"review_on_0": "31", "review_on_1": "2"}, "there is no 31 February 2026"),
        ({"review_on_2": "2025"}, "1 September 2025 has passed. Give a day to come."),
        ({"escalated_to": "nobody"}, "Choose one of the list."),
        ({"actions": ["999999"]}, "Choose from the list."),
        ({"kpis": ["x"]}, "Choose from the list."),
        ({"mitigation": "x" * 6000}, "What is done about it has 6,000 characters"),
    ],
)
def test_bad_input_is_said_by_its_field_and_nothing_is_saved(as_, world, wrong, message):
    response = as_("officer").post(page(world, "risk-add"), SAID | SCORE | wrong)
    assert response.status_code == 200
    assert message in response.text
    assert not Risk.objects.exists()
    assert not RiskScore.objects.exists()


def test_a_risk_is_changed_in_place_and_its_history_says_by_whom(as_, world):
    risk = raised(world)
    client, address = as_("officer"), page(world, "risk-edit", risk.ref)
    seen = client.get(address).context["form"]["seen"].value()
    response = client.post(address, SAID | {"seen": seen}, follow=True)
    assert "Risk R1 is changed." in response.text
    assert "Title: “Too few therapists” before, “Too few speech therapists” now." in response.text
    risk.refresh_from_db()
    assert risk.title == "Too few speech therapists"


def test_two_people_at_once_lose_nothing(as_, world):
    risk = raised(world)
    client, address = as_("officer"), page(world, "risk-edit", risk.ref)
    seen = client.get(address).context["form"]["seen"].value()
    edit_risk(risk, mitigation="Somebody else’s plan.", by=world.people["officer"], at=at(2026, 5, 30))
    response = client.post(address, SAID | {"seen": seen})
    assert response.status_code == 409
    assert "Two trainees." in response.text
    assert "Somebody else’s plan." in response.text
    risk.refresh_from_db()
    assert risk.mitigation == "Somebody else’s plan."
    again = client.post(address, SAID | {"seen": response.context["form"]["seen"].value()}, follow=True)
    assert "Risk R1 is changed." in again.text


def test_its_owner_may_score_it_and_change_nothing_else(as_, world):
    risk = raised(world, owner=world.lead)
    sent = {"seen_number": "1", "likelihood": "5", "impact": "4", "reason": "The agency has closed."}
    response = as_("lead").post(page(world, "risk-score", risk.ref), sent, follow=True)
    assert "Risk R1 is scored 20: likelihood 5, impact 4." in response.text
    assert risk.scores.last().recorded_by == world.people["lead"]
    assert as_("lead").get(page(world, "risk-edit", risk.ref)).status_code == 403
    assert as_("lead").get(page(world, "risk-close", risk.ref)).status_code == 403
    assert as_("other_lead").post(page(world, "risk-score", risk.ref), sent).status_code == 403


def test_an_owner_who_has_left_scores_no_more(as_, world):
    risk = raised(world, owner=world.lead)
    Lead.objects.filter(pk=world.lead.pk).update(left_on=date(2026, 6, 1))
    assert as_("lead").get(page(world, "risk-score", risk.ref)).status_code == 403


def test_a_score_given_meanwhile_is_shown_beside_ones_own(as_, world):
    risk = raised(world)
    scored(world, risk, 2, 2)
    sent = {"seen_number": "1", "likelihood": "5", "impact": "4", "reason": "The agency has closed."}
    response = as_("officer").post(page(world, "risk-score", risk.ref), sent)
    assert response.status_code == 409
    assert "scored it while you were writing: 4, likelihood 2, impact 2" in response.text
    assert "The agency has closed." in response.text
    assert risk.scores.count() == 2
    with pytest.raises(Conflict):
        score_risk(
            risk, likelihood=1, impact=1, reason="x", by=world.people["officer"], at=at(2026, 6, 1), seen_number=1
        )


def test_a_score_needs_its_reason(as_, world):
    risk = raised(world)
    response = as_("officer").post(
        page(world, "risk-score", risk.ref), {"seen_number": "1", "likelihood": "5", "impact": "4"}
    )
    assert "Say why it is scored like this." in response.text
    assert risk.scores.count() == 1


def test_a_risk_is_closed_with_its_reason_and_can_be_opened_again(as_, world):
    risk = raised(world)
    client, address = as_("officer"), page(world, "risk-close", risk.ref)
    day = {"closed_on_0": "20", "closed_on_1": "5", "closed_on_2": "2026"}
    assert "Say why it is closed." in client.post(address, day).text
    assert "was raised on 20 January 2026" in client.post(address, {"note": "Done.", **day, "closed_on_2": "2025"}).text
    assert "Give a day that has come." in client.post(address, {"note": "Done.", **day, "closed_on_1": "7"}).text
    assert "Risk R1 is closed." in client.post(address, {"note": "Done.", **day}, follow=True).text
    risk.refresh_from_db()
    assert risk.closed_on == date(2026, 5, 20)
    with pytest.raises(ValidationError, match="Open it again"):
        scored(world, risk, 2, 2)
    assert "Risk R1 is open again." in client.post(address, {"reopen": "1"}, follow=True).text
    risk.refresh_from_db()
    assert risk.closed_on is None
    with pytest.raises(ValidationError, match="is open"):
        reopen_risk(risk, by=world.people["officer"], at=at(2026, 6, 1))


def test_nothing_is_offered_to_be_changed_on_a_past_day(as_, world):
    risk = raised(world)
    text = as_("officer").get(page(world, "risk", risk.ref), {"as_at": "2026-05-01"}).text
    assert "Score it again" not in text
    assert "Close it" not in text


def test_what_is_not_there_is_a_plain_404(as_, world):
    raised(world)
    for ref in ("R2", "R1x", "%00", "r1"):
        assert as_("officer").get(f"{page(world)}{ref}/").status_code == 404
    assert as_("other_officer").get(page(world, "risk", "R1")).status_code == 404
    elsewhere = reverse("board:risk", args=["southmoor", "send-strategy", "R1"])
    assert as_("other_officer").get(elsewhere).status_code == 404


# Illustrative sign-ins


def test_an_illustrative_sign_in_raises_illustrative_risks_and_changes_no_real_one(as_, world):
    real = raised(world)
    person = world.people["officer"]
    person.is_illustrative = True
    person.save()
    made_up = raised(world)
    assert made_up.is_illustrative
    assert made_up.scores.get().is_illustrative
    with pytest.raises(ValidationError, match="illustrative risks only"):
        edit_risk(real, title="Another", by=person, at=at(2026, 6, 1))
    assert "illustrative risks only" in as_("officer").get(page(world, "risk-edit", real.ref)).text
    assert score_risk(
        real, likelihood=1, impact=1, reason="x", by=person, at=at(2026, 6, 1), seen_number=None
    ).is_illustrative
    with pytest.raises(ValidationError, match="illustrative lead"):
        raised(world, owner=world.lead)


def test_a_real_risk_is_tied_to_nothing_illustrative(world):
    world.kpi.is_illustrative = True
    world.kpi.save()
    with pytest.raises(ValidationError, match="illustrative"):
        raised(world, kpis=[world.kpi])


def test_the_demonstration_writes_four_risks_the_same_each_time_and_takes_them_away(db):
    make_plan("lewisham", starts_on=date(2025, 12, 1), ends_on=date(2030, 12, 31))
    names = [
        "ref",
        "title",
        "scores__number",
        "scores__likelihood",
        "scores__recorded_at",
        "actions__ref",
        "kpis__indicator__code",
    ]
    found = []
    for _ in range(2):
        call_command("demo", today=date(2026, 11, 22), verbosity=0)
        found.append(sorted(map(str, Risk.objects.values_list(*names))))
        assert Risk.objects.filter(is_illustrative=True).count() == Risk.objects.count() == 4
        assert dependants() == []
        call_command("demo", remove=True, verbosity=0)
        assert not Risk.objects.exists()
        assert not RiskScore.objects.exists()
        assert not Risk.history.exists()
    assert found[0] == found[1]
