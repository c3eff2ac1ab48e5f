from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstrands.facts import ActionFacts, Calendar, FigureFact, KpiFacts
from workstrands.flags import (
    SCALE,
    SEVERITY,
    WORDS,
    WORST_FIRST,
    FlagCode,
    assess,
    days_outside_august,
    effect_sentence,
    flags_of,
    is_embedded,
    is_fresh,
    is_live,
    owner_in_words,
)
from workstrands.status import EscalateTo, EvidenceKind, Impact, Status

BASELINED = date(2019, 1, 1)
STARTED = date(2019, 3, 1)
DUE = date(2019, 10, 31)
NO_ROUNDS = Calendar()
# Closed on 15 July, 13 November and 12 February; a fourth is open.
ROUNDS = Calendar(
    rounds=(
        (date(2019, 7, 1), date(2019, 7, 15)),
        (date(2019, 11, 1), date(2019, 11, 13)),
        (date(2020, 2, 1), date(2020, 2, 12)),
        (date(2020, 5, 1), None),
    )
)


def facts(**given) -> ActionFacts:
    """An action under way with a lead, a date not moved, reported on track on 2 September 2019."""
    usual = {"starts_on": STARTED, "due_on": DUE, "status": "G", "said_on": date(2019, 9, 2)}
    given = usual | given
    if given["status"] is None:
        given["said_on"] = None
    return ActionFacts(**({"first_due_on": given["due_on"]} | given))


def raised(action: ActionFacts, on: date, calendar: Calendar = NO_ROUNDS) -> dict:
    return {flag.code: flag for flag in flags_of(action, calendar, on, BASELINED)}


def assessed(action: ActionFacts, on: date, calendar: Calendar = NO_ROUNDS) -> str:
    return assess(action, calendar, on, BASELINED).assessed


# Overdue


@pytest.mark.parametrize(
    ("days_after", "expected"),
    [(-1, None), (0, None), (1, "A"), (14, "A"), (59, "A"), (60, "R"), (61, "R"), (400, "R")],
)
def test_without_a_calendar_an_action_is_at_risk_the_day_after_its_date_and_off_track_after_sixty_days(
    days_after, expected
):
    on = DUE + timedelta(days=days_after)
    flag = raised(facts(said_on=on), on).get(FlagCode.OVERDUE)

    assert (flag.cap if flag else None) == expected
    assert assessed(facts(said_on=on), on) == (expected or "G")


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (DUE, "G"),
        (date(2019, 11, 1), "A"),
        (date(2019, 11, 13), "A"),  # one round has closed
        (date(2020, 1, 31), "A"),  # 92 days, but rounds are what counts
        (date(2020, 2, 11), "A"),
        (date(2020, 2, 12), "R"),  # the second closes
        (date(2020, 2, 13), "R"),
    ],
)
def test_with_a_calendar_an_action_is_off_track_once_a_second_round_has_closed(on, expected):
    assert assessed(facts(said_on=on), on, ROUNDS) == expected


def test_a_round_that_closes_on_the_agreed_date_has_not_closed_after_it():
    action = facts(due_on=date(2019, 11, 13), said_on=date(2020, 2, 12))

    assert assessed(action, date(2020, 2, 12), ROUNDS) == "A"


def test_rounds_that_open_later_are_no_calendar_yet():
    before_any_round = Calendar(rounds=((date(2020, 2, 1), date(2020, 2, 12)),))

    assert assessed(facts(), DUE + timedelta(days=60), before_any_round) == "R"


def test_a_critical_action_is_off_track_at_once():
    action = facts(is_critical=True)

    assert assessed(action, DUE) == "G"
    assert assessed(action, DUE + timedelta(days=1)) == "R"
    assert assessed(action, DUE + timedelta(days=1), ROUNDS) == "R"


@pytest.mark.parametrize("status", ["B", "H", "S"])
def test_what_is_complete_on_hold_or_stopped_is_never_overdue_or_asked_for_news(status):
    action = facts(status=status, is_critical=True, has_evidence=True, completed_on=date(2019, 9, 2))
    found = raised(action, date(2022, 1, 1), ROUNDS)

    assert found == {}
    assert assessed(action, date(2022, 1, 1), ROUNDS) == status


@pytest.mark.parametrize("status", ["N", "G", "A", "R", None])
def test_everything_else_is_overdue_even_in_silence(status):
    assert FlagCode.OVERDUE in raised(facts(status=status), DUE + timedelta(days=1))


def test_the_sentence_gives_the_date_the_days_and_the_last_report():
    flag = raised(facts(), date(2019, 11, 14))[FlagCode.OVERDUE]

    assert flag.sentence == (
        "Due 31 October 2019, 14 days before this view; last reported On track on 2 September 2019."
    )
    assert flag.short == "Overdue 14 days"


def test_the_sentence_says_why_it_is_off_track_and_not_at_risk():
    critical = raised(facts(is_critical=True), date(2019, 11, 1))[FlagCode.OVERDUE]
    long = raised(facts(), date(2020, 2, 12), ROUNDS)[FlagCode.OVERDUE]
    silent = raised(facts(status=None), date(2019, 11, 1))[FlagCode.OVERDUE]

    assert critical.sentence == (
        "Due 31 October 2019, 1 day before this view, and critical; last reported On track on 2 September 2019."
    )
    assert critical.short == "Overdue 1 day"
    assert "104 days before this view, two reporting rounds closed since; last" in long.sentence
    assert silent.sentence == "Due 31 October 2019, 1 day before this view; nothing has been reported."


# Not started, silent


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (STARTED - timedelta(days=1), "N"),
        (STARTED, "N"),  # the day is reached, not passed
        (STARTED + timedelta(days=1), "A"),
    ],
)
def test_not_started_is_at_risk_once_its_start_has_passed(on, expected):
    action = facts(status="N", said_on=STARTED - timedelta(days=5))

    assert assessed(action, on) == expected
    assert (FlagCode.NOT_STARTED in raised(action, on)) == (expected == "A")


def test_not_started_before_the_start_is_not_asked_for_news():
    action = facts(status="N", said_on=date(2018, 1, 1), starts_on=date(2019, 6, 1))

    assert raised(action, date(2019, 5, 31)) == {}
    assert FlagCode.NOT_UPDATED in raised(action, date(2019, 6, 1))


@pytest.mark.parametrize(("days_after", "is_silent"), [(-1, False), (0, False), (1, True), (266, True)])
def test_silence_is_flagged_once_the_start_has_passed(days_after, is_silent):
    on = STARTED + timedelta(days=days_after)
    action = facts(status=None, due_on=date(2030, 1, 1))

    assert (FlagCode.SILENT in raised(action, on)) == is_silent
    assert assessed(action, on) == "?"


def test_silence_says_since_when():
    flag = raised(facts(status=None, starts_on=date(2026, 3, 1)), date(2026, 11, 22))[FlagCode.SILENT]

    assert flag.sentence == "Work should have started on 1 March 2026; nothing has been said since."
    assert (flag.short, flag.cap) == ("No update, 266 days", "?")


def test_silence_stays_a_question_mark_with_its_flags_beside_it():
    action = facts(status=None, is_critical=True, slips=3, first_due_on=date(2019, 1, 1))
    found = assess(action, ROUNDS, date(2020, 6, 1), BASELINED)

    assert (found.reported, found.assessed, found.reported_shown) == (None, "?", "?")
    assert [flag.code for flag in found.flags] == [FlagCode.OVERDUE, FlagCode.SILENT, FlagCode.SLIPPED]


# Not updated


@pytest.mark.parametrize(
    ("said_on", "on", "expected"),
    [
        (date(2019, 7, 1), date(2019, 7, 10), True),  # on the day the open round opened
        (date(2019, 6, 30), date(2019, 7, 10), False),
        (date(2019, 7, 1), date(2019, 10, 31), True),  # in the last closed round
        (date(2019, 8, 20), date(2019, 10, 31), True),  # since it closed
        (date(2019, 6, 30), date(2019, 10, 31), False),
        (date(2019, 10, 31), date(2019, 11, 1), False),  # a round has opened
        (date(2019, 11, 1), date(2019, 11, 1), True),
        (date(2019, 6, 20), date(2019, 6, 30), True),  # before the first round days count
        (None, date(2019, 11, 1), False),
    ],
)
def test_news_is_fresh_when_it_is_of_the_open_or_last_closed_round(said_on, on, expected):
    assert is_fresh(said_on, ROUNDS, on) == expected


@pytest.mark.parametrize(
    ("said_on", "on", "expected"),
    [
        (date(2019, 9, 2), date(2019, 10, 17), True),  # 45 days
        (date(2019, 9, 2), date(2019, 10, 18), False),
        (date(2019, 7, 31), date(2019, 10, 15), True),  # 76 days, 31 of them in August
        (date(2019, 7, 31), date(2019, 10, 16), False),
        (date(2019, 7, 10), date(2019, 9, 24), True),  # 21 + 24
        (date(2019, 7, 10), date(2019, 9, 25), False),
        (date(2019, 8, 15), date(2019, 10, 15), True),
        (date(2019, 8, 15), date(2019, 10, 16), False),
        (date(2019, 6, 20), date(2019, 8, 31), True),  # 41 days by the end of July
        (date(2018, 9, 2), date(2019, 9, 2), False),
    ],
)
def test_without_a_calendar_news_is_fresh_for_45_days_and_august_does_not_count(said_on, on, expected):
    assert is_fresh(said_on, NO_ROUNDS, on) == expected
    assert (FlagCode.NOT_UPDATED in raised(facts(said_on=said_on, due_on=date(2030, 1, 1)), on)) == (not expected)


@given(st.dates(date(2015, 1, 1), date(2022, 1, 1)), st.integers(0, 1500))
def test_days_outside_august_are_those_counted_one_by_one(after, length):
    days = [after + timedelta(days=step) for step in range(1, length + 1)]

    assert days_outside_august(after, after + timedelta(days=length)) == sum(day.month != 8 for day in days)


def test_old_news_lowers_nothing_and_says_its_age():
    found = assess(facts(due_on=date(2030, 1, 1)), ROUNDS, date(2019, 11, 14), BASELINED)
    without = assess(facts(due_on=date(2030, 1, 1)), NO_ROUNDS, date(2019, 11, 14), BASELINED)

    assert (found.assessed, found.flags[0].cap, found.flags[0].short) == ("G", None, "Not updated, 73 days")
    assert found.flags[0].sentence == (
        "Last reported On track on 2 September 2019, 73 days before this view; "
        "nothing since the round that opened on 1 November 2019."
    )
    assert without.flags[0].sentence.endswith("; a report is looked for every 45 days, August left out.")


# Slipped, late


@pytest.mark.parametrize(
    ("days", "slips", "expected"),
    [
        (0, 0, "not flagged"),
        (-10, 0, "not flagged"),
        (1, 1, None),
        (90, 1, None),
        (91, 1, "A"),
        (1, 2, "A"),
        (0, 2, "not flagged"),  # moved out and back again
        (200, 3, "A"),
    ],
)
def test_a_date_has_slipped_worryingly_the_second_time_or_past_ninety_days(days, slips, expected):
    first = date(2019, 12, 1)
    action = facts(first_due_on=first, due_on=first + timedelta(days=days), slips=slips)
    flag = raised(action, date(2019, 9, 3)).get(FlagCode.SLIPPED)

    assert (flag.cap if flag else "not flagged") == expected
    assert assessed(action, date(2019, 9, 3)) == ("A" if expected == "A" else "G")


def test_slipping_says_from_when_to_when():
    action = facts(first_due_on=date(2026, 6, 30), due_on=date(2026, 10, 30), slips=2)
    flag = raised(action, date(2026, 7, 1))[FlagCode.SLIPPED]

    assert flag.short == "Slipped twice, 122 days"
    assert flag.sentence == "First agreed for 30 June 2026, now for 30 October 2026: 122 days later, moved twice."


@pytest.mark.parametrize("status", ["B", "H", "S"])
def test_a_finished_action_keeps_its_slips_but_is_not_lowered_by_them(status):
    action = facts(status=status, first_due_on=date(2019, 1, 1), slips=4, has_evidence=True)

    assert raised(action, date(2019, 11, 1))[FlagCode.SLIPPED].cap is None
    assert assessed(action, date(2019, 11, 1)) == status


@pytest.mark.parametrize(
    ("completed_on", "is_late"), [(DUE - timedelta(days=1), False), (DUE, False), (DUE + timedelta(days=1), True)]
)
def test_late_is_after_the_date_first_agreed_and_is_kept_for_good(completed_on, is_late):
    action = facts(status="B", due_on=date(2020, 6, 30), first_due_on=DUE, completed_on=completed_on, has_evidence=True)
    found = raised(action, date(2025, 1, 1))

    assert (FlagCode.LATE in found) == is_late
    assert assessed(action, date(2025, 1, 1)) == "B"
    if is_late:
        assert found[FlagCode.LATE].short == "Completed 1 day late"
        assert found[FlagCode.LATE].sentence == (
            "Completed on 1 November 2019, 1 day after the date first agreed, 31 October 2019."
        )


def test_a_complete_action_that_never_had_a_date_is_not_late():
    action = facts(status="B", due_on=None, completed_on=date(2020, 1, 1), has_evidence=True)

    assert list(raised(action, date(2020, 1, 2))) == [FlagCode.UNDATED]


# What was not said, and who answers


def test_complete_without_evidence_is_flagged_and_stays_complete():
    action = facts(status="B", completed_on=date(2019, 9, 2))
    found = assess(action, NO_ROUNDS, date(2019, 9, 3), BASELINED)

    assert [flag.code for flag in found.flags] == [FlagCode.UNEVIDENCED]
    assert found.assessed == "B"
    assert found.flags[0].sentence == "Reported Complete on 2 September 2019, with no evidence given."


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"status": "R", "escalate_to": EscalateTo.BOARD, "ask": ""}, True),
        ({"status": "R", "escalate_to": "board", "ask": "  "}, True),
        ({"status": "R", "escalate_to": "board", "ask": "Agree the funding"}, False),
        ({"status": "R", "escalate_to": "sro", "ask": ""}, False),
        ({"status": "A", "escalate_to": "board", "ask": ""}, False),
    ],
)
def test_off_track_escalated_to_the_board_needs_an_ask(given, expected):
    assert (FlagCode.UNASKED in raised(facts(**given), date(2019, 9, 3))) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"has_lead": False}, [FlagCode.UNOWNED]),
        ({"has_lead": False, "partner": "the ICB"}, []),
        ({"lead_left_on": date(2019, 9, 4)}, []),
        ({"lead_left_on": date(2019, 9, 3)}, [FlagCode.OWNER_GONE]),
        ({"due_on": None}, [FlagCode.UNDATED]),
    ],
)
def test_who_answers_and_by_when(given, expected):
    assert list(raised(facts(**given), date(2019, 9, 3))) == expected


def test_owned_by_a_partner_is_not_owned_by_nobody():
    assert owner_in_words(facts()) == ""
    assert owner_in_words(facts(has_lead=False, partner="the ICB")) == "Owned by the ICB, nobody named"
    assert raised(facts(has_lead=False), date(2019, 9, 3))[FlagCode.UNOWNED].sentence == "No lead and no partner named."


# When flags begin, and their order


@pytest.mark.parametrize(
    ("baselined_on", "is_flagged"), [(None, False), (date(2020, 1, 2), False), (date(2020, 1, 1), True)]
)
def test_nothing_is_flagged_before_the_plan_is_baselined(baselined_on, is_flagged):
    found = assess(facts(is_critical=True), NO_ROUNDS, date(2020, 1, 1), baselined_on)

    assert bool(found.flags) == is_flagged
    assert found.assessed == ("R" if is_flagged else "G")


def test_the_worst_flag_comes_first():
    action = facts(has_lead=False, slips=1, first_due_on=date(2019, 10, 1))

    assert [flag.code for flag in flags_of(action, NO_ROUNDS, date(2019, 12, 1), BASELINED)] == [
        FlagCode.OVERDUE,
        FlagCode.NOT_UPDATED,
        FlagCode.UNOWNED,
        FlagCode.SLIPPED,
    ]


def test_every_code_has_its_place_in_the_order():
    assert {code for code, _ in WORST_FIRST} == set(FlagCode)
    assert len(SEVERITY) == len(WORST_FIRST)
    assert set(WORDS) == set(FlagCode)


# The assessed status


@pytest.mark.parametrize(
    ("reported", "cap", "expected"),
    [
        ("R", "A", "R"),
        ("A", "A", "A"),
        ("N", "A", "A"),
        ("G", "A", "A"),
        ("R", "R", "R"),
        ("A", "R", "R"),
        ("N", "R", "R"),
        ("G", "R", "R"),
    ],
)
def test_the_reported_status_is_lowered_to_the_cap_and_never_raised(reported, cap, expected):
    on = DUE + timedelta(days=1 if cap == "A" else 60)

    assert assessed(facts(status=reported), on) == expected


def test_the_letters_are_plain_whatever_was_handed_in():
    found = assess(facts(status=Status.ON_TRACK), NO_ROUNDS, date(2019, 9, 3), BASELINED)

    assert type(found.assessed) is str
    assert type(found.reported_shown) is str


EMBEDDED_FACTS = {
    "status": "B",
    "completed_on": date(2019, 9, 2),
    "has_evidence": True,
    "impact": Impact.SUSTAINED,
    "is_impact_confirmed": True,
    "evidence_kinds": frozenset({EvidenceKind.LIVED_EXPERIENCE, EvidenceKind.DATA}),
}


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, "E"),
        ({"evidence_kinds": frozenset({"lived_experience", "audit", "data"})}, "E"),
        ({"impact": "evident"}, "B"),
        ({"impact": ""}, "B"),
        ({"is_impact_confirmed": False}, "B"),
        ({"evidence_kinds": frozenset({"lived_experience"})}, "B"),
        ({"evidence_kinds": frozenset({"data", "audit"})}, "B"),
        ({"status": "G"}, "G"),
    ],
)
def test_complete_and_embedded_asks_for_sustained_impact_two_kinds_of_evidence_and_confirmation(but, expected):
    found = assess(facts(**(EMBEDDED_FACTS | but)), NO_ROUNDS, date(2019, 9, 3), BASELINED)

    assert (found.assessed, found.reported_shown) == (expected, expected)
    assert found.reported == (EMBEDDED_FACTS | but)["status"]


@pytest.mark.parametrize(
    ("status", "on", "expected"),
    [
        ("G", STARTED - timedelta(days=1), False),
        ("G", STARTED, True),
        (None, STARTED, True),
        ("N", STARTED, True),
        ("B", STARTED, False),
        ("H", STARTED, False),
        ("S", STARTED, False),
    ],
)
def test_live_is_started_and_not_finished(status, on, expected):
    assert is_live(facts(status=status), on) == expected


# Whatever the facts

days = st.dates(date(2018, 1, 1), date(2022, 12, 31))
maybe_days = st.none() | days
calendars = st.lists(st.tuples(days, st.integers(1, 60)), max_size=5).map(
    lambda rounds: Calendar(tuple((day, day + timedelta(days=length)) for day, length in sorted(rounds)))
)


@st.composite
def actions(draw, statuses=(None, "N", "R", "A", "G", "B", "H", "S")):
    status = draw(st.sampled_from(statuses))
    due_on = draw(maybe_days)
    return ActionFacts(
        starts_on=draw(days),
        due_on=due_on,
        first_due_on=draw(days) if due_on else None,
        slips=draw(st.integers(0, 4)),
        is_critical=draw(st.booleans()),
        has_lead=draw(st.booleans()),
        lead_left_on=draw(maybe_days),
        partner=draw(st.sampled_from(["", "the ICB"])),
        status=status,
        said_on=draw(days) if status else None,
        completed_on=draw(days) if status == "B" else None,
        escalate_to=draw(st.sampled_from(["", "board", "sro"])),
        ask=draw(st.sampled_from(["", "Agree it"])),
        has_evidence=draw(st.booleans()),
        evidence_kinds=draw(st.frozensets(st.sampled_from(list(EvidenceKind)))),
        impact=draw(st.sampled_from(["", *Impact])),
        is_impact_confirmed=draw(st.booleans()),
    )


@given(actions(statuses=("N", "R", "A", "G", "B")), calendars, days)
def test_assessed_is_never_better_than_reported_and_never_better_than_a_cap(action, calendar, on):
    found = assess(action, calendar, on, BASELINED)

    assert SCALE[found.assessed] <= SCALE[found.reported_shown]
    assert all(SCALE[found.assessed] <= SCALE[flag.cap] for flag in found.flags if flag.cap)
    assert found.assessed in {found.reported_shown, *(flag.cap for flag in found.flags)}
    assert found.reported_shown in (action.status, "E" if is_embedded(action) else action.status)


@given(actions(statuses=("H", "S", None)), calendars, days)
def test_on_hold_stopped_and_silence_are_left_as_they_are(action, calendar, on):
    assert assess(action, calendar, on, BASELINED).assessed == (action.status or "?")


@given(actions(), calendars, days)
def test_every_flag_has_its_words_and_the_worst_stands_first(action, calendar, on):
    flags = flags_of(action, calendar, on, BASELINED)

    assert [flag.severity for flag in flags] == sorted({flag.severity for flag in flags})
    assert all(flag.sentence.endswith(".") and flag.short and "None" not in flag.sentence for flag in flags)


# What figures say

TROUBLE = "71.2%, October 2019: 8.8 percentage points short of the local target of 80%"


def a_kpi(trouble="", sign=1, figures=()) -> KpiFacts:
    return KpiFacts(
        title="Plans on time", code="plans-on-time", trouble=trouble, gain_sign=sign, figures=tuple(figures)
    )


def a_figure(year: int, value: float) -> FigureFact:
    return FigureFact(date(year, 1, 1), date(year, 12, 31), str(year), value, f"{value}%")


@pytest.mark.parametrize(
    ("status", "effect_from", "trouble", "expected"),
    [
        ("G", date(2019, 9, 1), TROUBLE, True),
        ("G", date(2019, 10, 1), TROUBLE, True),  # the day itself
        ("G", date(2019, 10, 2), TROUBLE, False),  # too early to judge
        ("G", None, TROUBLE, False),
        ("G", date(2019, 9, 1), "", False),
        ("A", date(2019, 9, 1), TROUBLE, False),
        ("R", date(2019, 9, 1), TROUBLE, False),
        ("N", date(2019, 9, 1), TROUBLE, False),
        ("B", date(2019, 9, 1), TROUBLE, False),
        ("H", date(2019, 9, 1), TROUBLE, False),
        (None, date(2019, 9, 1), TROUBLE, False),
    ],
)
def test_contradicted_is_on_track_with_its_effect_due_and_a_kpi_in_trouble(status, effect_from, trouble, expected):
    action = facts(status=status, effect_expected_from=effect_from, kpis=(a_kpi(), a_kpi(trouble)))

    assert (FlagCode.CONTRADICTED in raised(action, date(2019, 10, 1))) is expected


def test_contradicted_says_what_was_reported_and_how_the_kpi_stands():
    action = facts(effect_expected_from=date(2019, 9, 1), kpis=(a_kpi(TROUBLE),))
    flag = raised(action, date(2019, 10, 1))[FlagCode.CONTRADICTED]

    assert flag.cap is None
    assert flag.sentence == (
        "Last reported On track on 2 September 2019, but “Plans on time”, which it should move from 1 September 2019, "
        f"stands at {TROUBLE}."
    )


@pytest.mark.parametrize(
    ("sign", "figures", "effect_from", "expected"),
    [
        (1, [(2017, 60), (2019, 60)], date(2018, 7, 1), True),  # the same is no better
        (1, [(2017, 60), (2019, 59)], date(2018, 7, 1), True),
        (1, [(2017, 60), (2019, 61)], date(2018, 7, 1), False),
        (-1, [(2017, 60), (2019, 61)], date(2018, 7, 1), True),
        (-1, [(2017, 60), (2019, 59)], date(2018, 7, 1), False),
        (0, [(2017, 60), (2019, 59)], date(2018, 7, 1), False),  # of context nothing is better
        (1, [(2017, 60), (2018, 50)], date(2018, 7, 1), False),  # 2018 began before completion
        (1, [(2019, 50)], date(2018, 7, 1), False),  # nothing from before
        (1, [(2017, 60), (2019, 50)], date(2019, 7, 1), False),  # its period began before the effect was expected
        (1, [(2017, 60), (2019, 50)], None, False),
        (
            1,
            [(2016, 40), (2017, 60), (2019, 65), (2020, 59)],
            date(2018, 7, 1),
            True,
        ),  # the last before, the latest since
    ],
)
def test_unmoved_compares_the_last_figure_before_completion_with_the_latest_since(sign, figures, effect_from, expected):
    action = facts(
        status="B", completed_on=date(2018, 6, 30), effect_expected_from=effect_from,
        kpis=(a_kpi(sign=sign, figures=[a_figure(*each) for each in figures]),), has_evidence=True,
    )  # fmt: skip

    assert (FlagCode.UNMOVED in raised(action, date(2021, 3, 1))) is expected


def test_unmoved_says_both_figures_and_takes_embedded_back_to_complete():
    embedded = {
        "status": "B", "completed_on": date(2018, 6, 30), "impact": Impact.SUSTAINED, "is_impact_confirmed": True,
        "has_evidence": True, "evidence_kinds": frozenset({EvidenceKind.DATA, EvidenceKind.LIVED_EXPERIENCE}),
        "effect_expected_from": date(2018, 7, 1),
    }  # fmt: skip
    moved = facts(**embedded, kpis=(a_kpi(figures=[a_figure(2017, 60), a_figure(2019, 70)]),))
    unmoved = facts(**embedded, kpis=(a_kpi(figures=[a_figure(2017, 60), a_figure(2019, 55)]),))

    assert assessed(moved, date(2021, 3, 1)) == "E"
    assert assessed(unmoved, date(2021, 3, 1)) == "B"
    assert raised(unmoved, date(2021, 3, 1))[FlagCode.UNMOVED].sentence == (
        "Reported Complete on 30 June 2018; “Plans on time” was 60% before (2017) and is 55% since (2019): no better."
    )


@pytest.mark.parametrize(
    ("effect_from", "kpis", "expected"),
    [
        (date(2019, 10, 2), (a_kpi(),), "Too early to judge: an effect is expected from 2 October 2019."),
        (date(2019, 10, 1), (a_kpi(),), "An effect has been expected since 1 October 2019."),
        (None, (a_kpi(),), "Nobody has said from when an effect is expected, so its KPIs are held neither for it nor against it."),
        (date(2019, 10, 2), (), ""),
    ],
)  # fmt: skip
def test_what_may_be_read_from_the_kpis_is_said(effect_from, kpis, expected):
    assert effect_sentence(facts(effect_expected_from=effect_from, kpis=kpis), date(2019, 10, 1)) == expected
