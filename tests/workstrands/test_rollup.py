import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstrands.rollup import RollupRow, Thresholds, counts, headline
from workstrands.status import SHOWN_ORDER


def rows(letters: str, *, stale: int = 0, critical: str = "", not_live: str = "BEHS") -> list[RollupRow]:
    """A row a letter; the first `stale` live ones have not reported; those of `critical` letters are critical."""
    made, left = [], stale
    for letter in letters:
        is_live = letter not in not_live
        made.append(RollupRow(letter, is_live, not (is_live and left > 0), letter in critical))
        left -= is_live
    return made


def test_counts_come_in_the_order_shown_with_noughts():
    found = counts(rows("GGRB?N"))

    assert list(found) == SHOWN_ORDER
    assert {letter: n for letter, n in found.items() if n} == {"R": 1, "G": 2, "N": 1, "?": 1, "B": 1}


@pytest.mark.parametrize(
    ("letters", "word", "reason"),
    [
        ("", "No actions", "No action hangs here"),
        ("S", "Stopped", "The only action is stopped"),
        ("SSS", "Stopped", "All 3 actions are stopped"),
        ("B", "Complete", "The only action is complete"),
        ("BEB", "Complete", "All 3 actions are complete"),
        ("BBS", "Complete", "2 of 3 actions complete, 1 stopped"),
        ("BH", "", "No live actions: too few for a headline"),
        ("HHHHH", "", "No live actions: too few for a headline"),
        ("R", "", "One live action: too few for a headline"),
        ("RRRB", "", "Three live actions: too few for a headline"),
        ("GGGG", "On track", "4 of 4 live actions are on track"),
        ("GGGGGGGGGAA", "On track", "9 of 11 live actions are on track, 2 at risk"),
        ("GGGG?N", "On track", "4 of 6 live actions are on track, 1 without an update, 1 not started"),
        ("AGGG", "At risk", "1 of 4 live actions is at risk"),
        ("AGGGG", "On track", "4 of 5 live actions are on track, 1 at risk"),
        ("RGGGGGGGGG", "At risk", "1 of 10 live actions is off track"),
        ("RRAAAAGGGGGGGGGG", "At risk", "6 of 16 live actions are off track or at risk"),
        ("RGGG", "At risk", "1 of 4 live actions is off track"),  # a quarter, but one alone
        ("RRGGGGGG", "Off track", "2 of 8 live actions are off track, a quarter"),
        ("RRGGGGGGG", "At risk", "2 of 9 live actions are off track"),
        ("RRRRAAAGGGGGB", "Off track", "4 of 12 live actions are off track, a third"),
        ("RRRGG", "Off track", "3 of 5 live actions are off track"),
    ],
)
def test_the_headline_is_the_first_rule_that_holds(letters, word, reason):
    found = headline(rows(letters), Thresholds())

    assert (found.word, found.reason) == (word, reason)


@pytest.mark.parametrize(("stale", "word"), [(5, "Off track"), (6, "Not enough reported"), (10, "Not enough reported")])
def test_under_half_reported_is_not_enough_and_half_is(stale, word):
    assert headline(rows("RRRRRGGGGG", stale=stale)).word == word


def test_not_enough_reported_gives_its_count():
    assert headline(rows("GGGGGGGGGG", stale=6)).reason == "4 of 10 live actions have a fresh update"
    assert headline(rows("GGGG", stale=3)).reason == "1 of 4 live actions has a fresh update"


def test_reports_of_finished_actions_do_not_make_up_for_silence():
    assert headline(rows("GGGG" + "B" * 20, stale=4)).word == "Not enough reported"


def test_one_critical_action_off_track_is_enough():
    one = headline(rows("R" + "G" * 20, critical="R"))
    several = headline([RollupRow("R", is_critical=True), *rows("RR" + "G" * 20)])

    assert (one.word, one.reason) == ("Off track", "One critical action is off track")
    assert several.reason == "One critical action is off track; 3 of 23 live actions are off track in all"


def test_a_critical_action_at_risk_is_not_off_track():
    assert headline(rows("A" + "G" * 20, critical="A")).word == "On track"


def test_what_is_off_track_before_its_start_puts_at_risk_and_is_no_share_of_the_live():
    early = [RollupRow("R", is_live=False), RollupRow("R", is_live=False)]

    assert headline([*early, *rows("GGGG")]).word == "At risk"


def test_a_strategy_sets_its_own_limits():
    mild = Thresholds(fewest_live=1, reported_percent=0, off_track_count=1, off_track_percent=50, at_risk_percent=60)

    assert headline(rows("R"), mild).word == "Off track"
    assert headline(rows("AG"), mild).word == "On track"
    assert headline(rows("AAG"), mild).word == "At risk"
    assert headline(rows("GGGG", stale=4), mild).word == "On track"


def test_no_live_actions_satisfy_no_rule_even_when_none_are_needed():
    none_needed = Thresholds(0, 0, 0, 0, 0)

    assert headline(rows("BH"), none_needed).word == ""


@given(st.lists(st.builds(RollupRow, st.sampled_from(SHOWN_ORDER), st.booleans(), st.booleans(), st.booleans())))
def test_any_mix_has_one_headline_with_a_reason_and_its_order_does_not_matter(mix):
    assert headline(mix).reason
    assert headline(mix) == headline(list(reversed(mix)))
    assert sum(counts(mix).values()) == len(mix)
