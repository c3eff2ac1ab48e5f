"""What holds of every rating and of every set of targets, whatever the numbers and the days."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kpis.rating import KpiStatus, rate, shortfall, target_in_force
from kpis.vocabulary import Missing, Polarity, TargetKind

numbers = st.decimals(-1000, 1000, places=2)
margins = st.none() | st.decimals(0, 100, places=2)
floors = st.none() | numbers
judged = st.sampled_from([Polarity.HIGHER, Polarity.LOWER])
FROM_WORST = [KpiStatus.BEHIND, KpiStatus.SLIGHTLY_BEHIND, KpiStatus.ON_TRAJECTORY, KpiStatus.MET]


def goodness(value, **given):
    return FROM_WORST.index(rate(value, **given))


@given(numbers, numbers, numbers, margins, floors, judged, st.booleans())
def test_a_better_figure_never_stands_worse(one, other, target, tolerance, floor, polarity, is_milestone):
    worse, better = sorted((one, other), reverse=polarity == Polarity.LOWER)
    given = {
        "target": target,
        "tolerance": tolerance,
        "floor": floor,
        "polarity": polarity,
        "is_milestone": is_milestone,
    }

    assert goodness(better, **given) >= goodness(worse, **given)


@given(numbers, numbers, numbers, margins, floors, judged)
def test_the_same_figure_never_stands_better_against_a_harder_target(value, one, other, tolerance, floor, polarity):
    easier, harder = sorted((one, other), reverse=polarity == Polarity.LOWER)
    given = {"tolerance": tolerance, "floor": floor, "polarity": polarity}

    assert goodness(value, target=harder, **given) <= goodness(value, target=easier, **given)


@given(numbers, numbers, margins, floors, st.booleans())
def test_higher_and_lower_are_each_other_in_the_mirror(value, target, tolerance, floor, is_milestone):
    def rated(sign, polarity):
        return rate(
            sign * value, target=sign * target, tolerance=tolerance, floor=None if floor is None else sign * floor,
            polarity=polarity, is_milestone=is_milestone,
        )  # fmt: skip

    assert rated(1, Polarity.HIGHER) == rated(-1, Polarity.LOWER)


@given(numbers, numbers, numbers, margins, floors, judged)
def test_a_change_of_level_of_figure_and_target_alike_changes_nothing(value, target, shift, tolerance, floor, polarity):
    moved = None if floor is None else floor + shift

    assert rate(value + shift, target=target + shift, tolerance=tolerance, floor=moved, polarity=polarity) == rate(
        value, target=target, tolerance=tolerance, floor=floor, polarity=polarity
    )


@given(numbers, numbers, margins, margins, judged)
def test_a_wider_tolerance_never_makes_it_worse(value, target, one, other, polarity):
    if one is None or other is None:
        return
    narrow, wide = sorted((one, other))

    assert goodness(value, target=target, tolerance=wide, polarity=polarity) >= goodness(
        value, target=target, tolerance=narrow, polarity=polarity
    )


@given(numbers, numbers, numbers, numbers, margins, judged)
def test_a_farther_floor_never_makes_it_worse(value, target, one, other, tolerance, polarity):
    strict, lenient = sorted((one, other), reverse=polarity == Polarity.HIGHER)
    given = {"target": target, "tolerance": tolerance, "polarity": polarity}

    assert goodness(value, floor=lenient, **given) >= goodness(value, floor=strict, **given)


@given(numbers, numbers, st.decimals(0, 100, places=2), numbers, judged)
def test_slightly_behind_is_within_both_tolerance_and_floor(value, target, tolerance, floor, polarity):
    given = {"target": target, "polarity": polarity}
    by_tolerance, by_floor = goodness(value, tolerance=tolerance, **given), goodness(value, floor=floor, **given)

    assert goodness(value, tolerance=tolerance, floor=floor, **given) == min(by_tolerance, by_floor)


@given(numbers, numbers, judged)
def test_where_neither_is_set_short_is_behind(value, target, polarity):
    expected = KpiStatus.BEHIND if shortfall(value, target, polarity) > 0 else KpiStatus.MET

    assert rate(value, target=target, polarity=polarity) == expected


@given(numbers, numbers, margins, floors, judged)
def test_a_milestone_changes_the_word_and_not_the_judgement(value, target, tolerance, floor, polarity):
    given = {"target": target, "tolerance": tolerance, "floor": floor, "polarity": polarity}
    final, milestone = rate(value, **given), rate(value, is_milestone=True, **given)

    assert milestone == (KpiStatus.ON_TRAJECTORY if final == KpiStatus.MET else final)


@given(st.integers(-10_000, 10_000), st.integers(-10_000, 10_000), st.integers(0, 10_000), judged)
def test_a_float_is_rated_as_the_decimal_that_it_is_written_as(value, target, tolerance, polarity):
    written = [Decimal(number).scaleb(-2) for number in (value, target, tolerance)]
    as_floats = [float(number) for number in written]

    assert rate(as_floats[0], target=as_floats[1], tolerance=as_floats[2], polarity=polarity) == rate(
        written[0], target=written[1], tolerance=written[2], polarity=polarity
    )


@given(
    st.none() | numbers, st.none() | numbers, margins, floors, st.sampled_from(Polarity), st.booleans(),
    st.sampled_from(["", *Missing]), st.booleans(),
)  # fmt: skip
def test_only_a_figure_with_a_target_and_a_better_side_is_rated(
    value, target, tolerance, floor, polarity, is_milestone, missing, is_due
):
    status = rate(
        value, target=target, tolerance=tolerance, floor=floor, polarity=polarity,
        is_milestone=is_milestone, missing=missing, is_due=is_due,
    )  # fmt: skip

    assert status.is_rated == (value is not None and target is not None and polarity != Polarity.CONTEXTUAL)


@dataclass(frozen=True)
class Promise:
    kind: str
    period_start: date
    period_end: date | None
    value: int
    number: int


days = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@st.composite
def promises(draw):
    """Targets of one KPI as they are written: each with a number of its own, later ones higher."""
    made = []
    for number in range(draw(st.integers(0, 8))):
        kind, start = draw(st.sampled_from(TargetKind)), draw(days)
        end = start + timedelta(days=draw(st.integers(0, 400))) if kind == TargetKind.MILESTONE else None
        made.append(Promise(kind, start, end, draw(st.integers(0, 100)), number))
    return made


def holds(promise, day):
    return promise.period_start <= day and (promise.period_end is None or day <= promise.period_end)


@given(promises(), days)
def test_the_target_in_force_holds_on_the_day(targets, day):
    found = target_in_force(targets, day)

    assert (found is None) == (not any(holds(promise, day) for promise in targets))
    assert found is None or (found in targets and holds(found, day))


@given(promises(), days)
def test_a_milestone_that_holds_goes_before_every_standing_target(targets, day):
    found = target_in_force(targets, day)

    if any(promise.kind == TargetKind.MILESTONE and holds(promise, day) for promise in targets):
        assert found.kind == TargetKind.MILESTONE


@given(promises(), days)
def test_no_other_that_holds_is_for_a_shorter_period_or_started_later(targets, day):
    found = target_in_force(targets, day)

    for other in targets:
        if found is None or other.kind != found.kind or not holds(other, day):
            continue
        if found.kind == TargetKind.MILESTONE:
            length, others = found.period_end - found.period_start, other.period_end - other.period_start
            assert (length, -found.number) <= (others, -other.number)
        else:
            assert (found.period_start, found.number) >= (other.period_start, other.number)


@given(promises(), days, st.randoms())
def test_the_order_of_targets_does_not_matter(targets, day, random):
    assert target_in_force(random.sample(targets, len(targets)), day) == target_in_force(iter(targets), day)


@given(promises(), days)
def test_targets_that_do_not_hold_on_the_day_could_as_well_not_be_there(targets, day):
    assert target_in_force([promise for promise in targets if holds(promise, day)], day) == target_in_force(
        targets, day
    )


@given(promises(), days)
def test_a_target_said_again_for_the_same_period_takes_the_place_of_the_first(targets, day):
    found = target_in_force(targets, day)
    if found is None:
        return
    again = Promise(found.kind, found.period_start, found.period_end, found.value + 1, len(targets))

    assert target_in_force([*targets, again], day) == again


@given(promises(), days, days)
def test_between_two_days_the_target_changes_only_where_one_starts_or_ends(targets, one, other):
    first, last = sorted((one, other))
    turns = {promise.period_start for promise in targets}
    turns |= {promise.period_end + timedelta(days=1) for promise in targets if promise.period_end}

    if not any(first < turn <= last for turn in turns):
        assert target_in_force(targets, first) == target_in_force(targets, last)
