"""A file of open data brought in: what is added, restated, unchanged, left alone and refused, and what stays when it is not."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError

from kpis.dfe import figures as figures_module
from kpis.dfe.arriving import Origin, choose, kept_series, origin_of, reading_for, receive, series_of
from kpis.dfe.bringing_in import (
    HasChanged,
    HasRefusedRows,
    NothingToConfirm,
    abandon,
    compare_again,
    confirm,
    rehearse_import,
)
from kpis.dfe.contents import Contents
from kpis.dfe.errors import NotThisFormat
from kpis.dfe.series import Series
from kpis.dfe.storing import clear_abandoned, in_pieces, pieces_of
from kpis.models import ColumnMapping, FigureImport, FilePiece, Indicator, Measurement, Release
from people.models import User
from strategies.models import Area
from tests.kpis.dfe_files import (
    ALL,
    ELSEWHERE,
    ENGLAND,
    HEADER,
    LONDON,
    NORTHVALE,
    SOUTHMOOR,
    a_file,
    a_row,
    the_places,
)
from tests.world import at

JUNE = Origin("Education, health and care plans", "2025", date(2025, 6, 26))
NEXT = Origin("Education, health and care plans", "2026", date(2026, 6, 25))
NOW = at(2026, 7, 1)


@pytest.fixture
def places(db):
    return the_places()


@pytest.fixture
def indicator(places):
    return Indicator.objects.create(code="in-20-weeks", title="Plans in 20 weeks", unit="percent", polarity="higher")


@pytest.fixture
def officer(db):
    return User.objects.create(email="officer@example.test")


@pytest.fixture
def arrive(indicator, officer):
    """A file received, chosen and rehearsed, with its rehearsal."""

    def arriving(
        rows, *, origin=JUNE, by=officer, when=NOW, name="timeliness.csv", series=None, content=None, **chosen
    ):
        content = content or a_file(rows)
        made = receive(lambda: [content], file_name=name, origin=origin, area=None, by=by, at=when)
        filters = chosen.pop("filters", {"breakdown": ALL})
        choose(made, series or [Series(indicator.pk, "rate", filters, state=origin_of(made).state, **chosen)])
        return made, rehearse_import(made)

    return arriving


@pytest.fixture
def bring_in(arrive, officer):
    def bringing_in(rows, *, by=officer, when=NOW, **given):
        made, result = arrive(rows, by=by, when=when, **given)
        confirm(made, seen=result.digest, by=by, at=when)
        return made

    return bringing_in


def counts(result) -> dict[str, int]:
    found = {deed.value: count for deed, count in result.rehearsal.counts().items()}
    return found | ({"refused": len(result.found.refused)} if result.found.refused else {})


def refusals(result) -> list[tuple]:
    return [(line.row, line.column, line.cell) for line in result.found.refused]


def test_every_place_known_here_is_brought_in_at_once_and_others_are_counted(bring_in, places):
    made = bring_in(
        [
            a_row(ENGLAND, "46.4"),
            a_row(LONDON, "66.9"),
            a_row(NORTHVALE, "94.8"),
            a_row(SOUTHMOOR, "x"),
            a_row(ELSEWHERE, "1"),
        ]
    )
    rows = {row.area.slug: row for row in Measurement.objects.select_related("area")}
    assert {slug: row.value for slug, row in rows.items()} == {
        "england": Decimal("46.4"), "london": Decimal("66.9"), "northvale": Decimal("94.8"), "southmoor": None,
    }  # fmt: skip
    assert rows["southmoor"].missing == "not_available"
    assert made.rehearsal["other_places"] == [["Hartlepool (E06000001 / 805)", 1]]
    assert made.rehearsal["counts"]["refused"] == 0


def test_a_figure_remembers_its_release_file_row_and_raw_text(bring_in, officer, places):
    made = bring_in([a_row(ENGLAND, "46.123456789")], numerator="issued", denominator="plans")
    row = Measurement.objects.get()
    assert (row.value, row.raw) == (Decimal("46.123457"), "46.123456789")
    assert (row.numerator, row.denominator) == (61, 100)
    assert (row.period_start, row.period_end, row.period_label) == (date(2024, 1, 1), date(2024, 12, 31), "2024")
    assert (row.is_published, row.published_on, str(row.release)) == (True, JUNE.published_on, JUNE.name)
    assert (row.recorded_at, row.recorded_by, row.figure_import) == (NOW, officer, made)
    assert (row.number, row.reason, row.state, row.source_locator) == (1, "", "final", "row 2")
    made.refresh_from_db()
    assert (made.state, made.confirmed_at, made.release) == ("confirmed", NOW, row.release)
    assert len(made.sha256) == 64


def test_only_the_chosen_item_is_taken_and_columns_without_an_item_are_not_guessed(arrive):
    rows = [a_row(ENGLAND, "46.4"), a_row(ENGLAND, "50", item="Girls"), a_row(NORTHVALE, "1", item=f" {ALL} ")]
    made, result = arrive(rows)
    assert counts(result) == {"added": 2}
    assert made.rehearsal["fitting"] == 2


def test_the_same_release_again_changes_nothing(bring_in, arrive):
    rows = [a_row(ENGLAND, "46.4"), a_row(NORTHVALE, "x"), a_row(LONDON, "c")]
    bring_in(rows)
    made, result = arrive(rows)
    assert counts(result) == {"unchanged": 3}
    with pytest.raises(HasChanged):
        confirm(made, seen=result.digest, by=None, at=NOW)
    assert Measurement.objects.count() == 3


def test_a_restatement_is_a_further_row_with_its_reason_and_the_first_stays(bring_in, arrive):
    bring_in([a_row(ENGLAND, "46.4"), a_row(LONDON, "66.9")])
    rows = [a_row(ENGLAND, "46.9"), a_row(LONDON, "66.9")]
    made, result = arrive(rows, origin=NEXT)
    assert counts(result) == {"restated": 1, "unchanged": 1}
    line = made.rehearsal["first"]["restated"][0]
    assert (line["place"], line["old"], line["new"], line["row"]) == ("England", "46.4", "46.9", 2)
    confirm(made, seen=result.digest, by=None, at=NOW)
    first, second = Measurement.objects.filter(area__slug="england").order_by("number")
    assert (first.value, second.value, second.number) == (Decimal("46.4"), Decimal("46.9"), 2)
    assert second.reason == "Restated in Education, health and care plans, 2026"


@pytest.mark.parametrize(
    ("before", "after", "deed"),
    [
        ("46.4", "c", "restated"), ("46.4", "u", "restated"), ("46.4", "x", "left_alone"), ("46.4", "", "left_alone"),
        ("46.4", "0", "restated"), ("x", "46.4", "restated"), ("c", "low", "restated"), ("c", "x", "left_alone"),
        ("0", "0", "unchanged"), ("z", "z", "unchanged"), ("x", "", "unchanged"), ("46.40", "46.4", "unchanged"),
    ],
)  # fmt: skip
def test_what_a_later_release_says_of_a_period(bring_in, arrive, before, after, deed):
    bring_in([a_row(ENGLAND, before)])
    _, result = arrive([a_row(ENGLAND, after)], origin=NEXT)
    assert counts(result) == {deed: 1}


def test_an_older_release_takes_nothing_back_and_fills_only_what_is_not_there(bring_in, arrive):
    bring_in([a_row(ENGLAND, "46.9")], origin=NEXT)
    made, result = arrive([a_row(ENGLAND, "46.4"), a_row(ENGLAND, "40", period="2019")], origin=JUNE)
    assert counts(result) == {"left_alone": 1, "added": 1}
    assert made.rehearsal["first"]["left_alone"][0]["why"] == "a newer release says otherwise"


def test_a_figure_typed_here_is_published_by_the_release_that_says_the_same(arrive, bring_in, places, indicator):
    Measurement.objects.create(
        indicator=indicator, area=places["england"], number=1, recorded_at=at(2025, 3, 1), value=Decimal("46.4"),
        period_start=date(2024, 1, 1), period_end=date(2024, 12, 31),
    )  # fmt: skip
    bring_in([a_row(ENGLAND, "46.4")])
    assert Measurement.objects.get(number=2).reason == "Published in Education, health and care plans, 2025"
    assert counts(arrive([a_row(ENGLAND, "46.4")])[1]) == {"unchanged": 1}


def test_final_beside_provisional_is_an_addition(bring_in, arrive):
    bring_in([a_row(ENGLAND, "46.4")], origin=Origin("Plans", "2025 (provisional)", date(2025, 2, 1)))
    assert Measurement.objects.get().state == "provisional"
    bring_in([a_row(ENGLAND, "46.4")])
    assert sorted(Measurement.objects.values_list("state", "number")) == [("final", 1), ("provisional", 1)]


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"rows": [a_row(ENGLAND, "46.4", period="2024 (prov)")]}, "provisional"),
        ({"rows": [a_row(ENGLAND, "46.4", item="Provisional")], "filters": {"breakdown": "Provisional"}}, "provisional"),
        ({"rows": [a_row(ENGLAND, "46.4", item="Forecast")], "filters": {}}, "forecast"),
        ({"rows": [a_row(ENGLAND, "46.4")], "name": "timeliness_prov.csv"}, "provisional"),
        ({"rows": [a_row(ENGLAND, "46.4")], "origin": Origin("Plans", "2025 provisional", date(2025, 2, 1))}, "provisional"),
        ({"rows": [a_row(ENGLAND, "46.4", item="SEN provision")], "filters": {"breakdown": "SEN provision"}}, "final"),
    ],
)  # fmt: skip
def test_what_calls_itself_provisional_is_never_taken_for_final(arrive, given, state):
    _, result = arrive(**given)
    assert [change.identity.state for change in result.rehearsal.changes] == [state]


def test_a_column_that_is_called_provisional_is_so(arrive, indicator):
    content = a_file([a_row(ENGLAND, "46.4")]).replace(b"rate", b"rate_prov")
    series = [Series(indicator.pk, "rate_prov", {"breakdown": ALL})]
    _, result = arrive([], content=content, series=series)
    assert result.rehearsal.changes[0].identity.state == "provisional"


def test_a_bad_cell_is_refused_by_row_column_cell_and_reason_and_nothing_goes_without_a_word(arrive):
    rows = [
        a_row(ENGLAND, "46.4"),
        a_row(LONDON, "=1+1"),
        a_row(NORTHVALE, "61.5", period="202425"),
        a_row(SOUTHMOOR, "abc"),
    ]
    made, result = arrive(rows)
    assert refusals(result) == [(3, "rate", "=1+1"), (4, "time_period", "202425"), (5, "rate", "abc")]
    assert "formula" in result.found.refused[0].reason
    with pytest.raises(HasRefusedRows):
        confirm(made, seen=result.digest, by=None, at=NOW)
    assert not Measurement.objects.exists()
    assert confirm(made, seen=result.digest, by=None, at=NOW, without_refused=True) == 1
    assert [row.area.slug for row in Measurement.objects.all()] == ["england"]


def test_two_figures_for_one_place_and_period_are_both_refused_naming_each_other(arrive):
    """As when a filter is not chosen, or a place stands under both its codes."""
    former = [*NORTHVALE]
    former[5] = "E10000098"
    _, result = arrive([a_row(ENGLAND, "46.4"), a_row(NORTHVALE, "61.5"), a_row(former, "62")])
    assert refusals(result) == [(3, "rate", "61.5"), (4, "rate", "62")]
    assert "stands in row 4 too" in result.found.refused[0].reason
    assert "stands in row 3 too" in result.found.refused[1].reason
    assert counts(result) == {"added": 1, "refused": 2}


def test_a_filter_left_open_is_named(arrive):
    _, result = arrive([a_row(ENGLAND, "46.4", item="Boys"), a_row(LONDON, "50", item="Girls")], filters={})
    assert result.found.unanswered == {"breakdown": ("Boys", "Girls")}


def test_a_file_in_which_nearly_everything_is_refused_is_refused_whole(arrive, monkeypatch):
    monkeypatch.setattr(figures_module, "MOST_REFUSED", 3)
    with pytest.raises(NotThisFormat, match=r"More than 3 rows are refused.*The first: row 2, rate"):
        arrive([a_row(ENGLAND, "abc", period=str(year)) for year in range(2010, 2020)])
    with pytest.raises(NotThisFormat, match="further figure for a place and period, such as rows 2 and"):
        arrive([a_row(ENGLAND, "1")] * 10)


def test_other_levels_are_passed_over_and_counted(arrive):
    school = ["School", *ENGLAND[1:]]
    made, result = arrive([a_row(ENGLAND, "46.4"), a_row(school, "1"), a_row(school, "2")])
    assert counts(result) == {"added": 1}
    assert made.rehearsal["other_levels"] == {"school": 2}


def test_odd_figures_are_asked_about_and_not_refused(arrive):
    made, result = arrive([a_row(ENGLAND, "146.4"), a_row(LONDON, "-3")])
    assert counts(result) == {"added": 2}
    over, below = made.rehearsal["questions"]
    assert "1 figure is over 100% (such as 146.4: England, 2024, row 2)" in over
    assert "below nought" in below


def test_a_year_can_be_read_as_the_january_in_it(bring_in, indicator):
    row = a_row(ENGLAND, "638745", period="202425", identifier="Academic year")
    bring_in([row], reads_as="january")
    assert Measurement.objects.get().period_label == "January 2025"
    assert ColumnMapping.objects.get().reads_as == "january"
    assert reading_for([("Academic year", "202425")], indicator.pk) == "january"


def test_several_kpis_are_read_from_one_file_at_once(arrive, indicator):
    other = Indicator.objects.create(code="plans", title="Plans", unit="count", polarity="contextual")
    series = [Series(indicator.pk, "rate", {"breakdown": ALL}), Series(other.pk, "plans", {"breakdown": ALL})]
    made, result = arrive([a_row(ENGLAND, "46.4"), a_row(NORTHVALE, "61")], series=series)
    assert confirm(made, seen=result.digest, by=None, at=NOW) == 4
    assert Measurement.objects.filter(indicator=other).count() == 2
    assert [each["counts"]["added"] for each in made.rehearsal["series"]] == [2, 2]


def test_if_what_is_held_changed_since_the_rehearsal_nothing_is_written_and_it_is_rehearsed_anew(
    arrive, places, indicator
):
    made, result = arrive([a_row(ENGLAND, "46.4"), a_row(LONDON, "66.9")])
    Measurement.objects.create(
        indicator=indicator, area=places["england"], number=1, recorded_at=at(2026, 7, 1), value=Decimal(40),
        period_start=date(2024, 1, 1), period_end=date(2024, 12, 31),
    )  # fmt: skip
    with pytest.raises(HasChanged):
        confirm(made, seen=result.digest, by=None, at=NOW)
    assert Measurement.objects.count() == 1
    made.refresh_from_db()
    assert made.rehearsal["counts"] == {"added": 1, "restated": 1, "unchanged": 0, "left_alone": 0, "refused": 0}
    assert confirm(made, seen=made.rehearsal["digest"], by=None, at=NOW) == 2


def test_a_figure_that_somebody_writes_at_the_same_moment_is_no_fault_but_a_change(arrive, monkeypatch):
    made, result = arrive([a_row(ENGLAND, "46.4")])

    def taken(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr("kpis.dfe.bringing_in.insert_measurements", taken)
    with pytest.raises(HasChanged):
        confirm(made, seen=result.digest, by=None, at=NOW)
    assert not Release.objects.exists()


def test_if_a_place_became_known_since_the_rehearsal_the_file_is_read_anew(arrive):
    made, result = arrive([a_row(ENGLAND, "46.4"), a_row(ELSEWHERE, "50")])
    Area.objects.create(name="Hartlepool", slug="hartlepool", ons_code="E06000001", dfe_code="805")
    with pytest.raises(HasChanged):
        confirm(made, seen=result.digest, by=None, at=NOW)
    assert made.rehearsal["counts"]["added"] == 2


def test_a_rehearsal_that_somebody_else_made_meanwhile_is_not_confirmed_unseen(arrive, indicator):
    made, result = arrive([a_row(ENGLAND, "46.4"), a_row(ENGLAND, "50", item="Girls")])
    choose(made, [Series(indicator.pk, "rate", {"breakdown": "Girls"})])
    rehearse_import(made)
    with pytest.raises(HasChanged):
        confirm(made, seen=result.digest, by=None, at=NOW)
    assert not Measurement.objects.exists()


def test_what_fails_halfway_leaves_nothing(arrive, monkeypatch):
    made, result = arrive([a_row(ENGLAND, "46.4")])
    monkeypatch.setattr("kpis.dfe.bringing_in.keep_mapping", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        confirm(made, seen=result.digest, by=None, at=NOW)
    assert not Measurement.objects.exists()
    assert not Release.objects.exists()
    assert FigureImport.objects.get().state == "rehearsed"


def test_an_import_is_confirmed_once(arrive):
    made, result = arrive([a_row(ENGLAND, "46.4")])
    stale = FigureImport.objects.get(pk=made.pk)
    confirm(made, seen=result.digest, by=None, at=NOW)
    for again in (made, stale):
        with pytest.raises(NothingToConfirm):
            confirm(again, seen=result.digest, by=None, at=NOW)
    with pytest.raises(NothingToConfirm):
        abandon(stale)
    assert Measurement.objects.count() == 1


def test_a_refused_file_leaves_nothing_behind(arrive):
    with pytest.raises(NotThisFormat):
        arrive([], content=a_file([a_row(ENGLAND, "46.4")]) + b"short,row\r\n")
    assert not FigureImport.objects.exists()
    assert not FilePiece.objects.exists()


def test_the_file_lies_in_pieces_until_it_is_confirmed_or_abandoned(arrive):
    content = a_file([a_row(ENGLAND, "46.4"), a_row(LONDON, "66.9")])
    made, result = arrive([], content=content)
    assert b"".join(pieces_of(made)) == content
    assert made.size == len(content)
    confirm(made, seen=result.digest, by=None, at=NOW)
    assert not FilePiece.objects.exists()
    other, _ = arrive([a_row(ENGLAND, "50")])
    abandon(other)
    assert (other.state, FilePiece.objects.count()) == ("abandoned", 0)


def test_pieces_are_of_one_size_whatever_size_they_arrive_in():
    assert list(in_pieces([b"abc", b"", b"defgh", b"i"], size=4)) == [b"abcd", b"efgh", b"i"]


def test_uploads_that_nobody_confirmed_are_cleared_after_a_day(arrive):
    old, _ = arrive([a_row(ENGLAND, "46.4")], when=at(2026, 6, 28))
    young, _ = arrive([a_row(ENGLAND, "46.4")], when=at(2026, 6, 29, 11))
    assert clear_abandoned(at=at(2026, 6, 29, 13)) == 1
    old.refresh_from_db()
    assert (old.state, old.pieces.count()) == ("abandoned", 0)
    arrive([a_row(ENGLAND, "46.4")], when=at(2026, 7, 5))
    young.refresh_from_db()
    assert young.state == "abandoned"


def test_the_mapping_is_kept_and_fits_the_next_release(bring_in, indicator, officer):
    bring_in([a_row(ENGLAND, "46.4"), a_row(ENGLAND, "1", item="Girls")], numerator="issued", denominator="plans")
    kept = ColumnMapping.objects.get()
    assert (kept.column, kept.filters, kept.publication) == ("rate", {"breakdown": ALL}, JUNE.publication)
    assert (kept.changed_by, kept.changed_at) == (officer, NOW)
    assert fitting([a_row(ENGLAND, "47", period="2025"), a_row(ENGLAND, "1", item="Girls")], indicator) == [
        Series(indicator.pk, "rate", {"breakdown": ALL}, "", "final", "issued", "plans")
    ]


def fitting(rows, indicator, *, name="timeliness_2026.csv", origin=NEXT, content=None):
    content = content or a_file(rows)
    made = receive(lambda: [content], file_name=name, origin=origin, area=None, by=None, at=NOW)
    return kept_series(made, [indicator.pk])


def test_a_kept_mapping_does_not_fit_a_file_that_asks_more_or_is_another(bring_in, indicator):
    bring_in([a_row(ENGLAND, "46.4"), a_row(ENGLAND, "1", item="Girls")])
    both = [a_row(ENGLAND, "46.4"), a_row(ENGLAND, "1", item="Girls")]
    assert fitting(both, indicator, name="elsewhere.csv")
    assert not fitting(both, indicator, name="elsewhere.csv", origin=Origin("Absence", "2026", date(2026, 3, 1)))
    assert not fitting([a_row(ENGLAND, "1", item="Girls")], indicator)
    assert not fitting([], indicator, content=a_file(both).replace(b"rate", b"percent"))
    wider = a_file([[*row, phase] for row in both for phase in ("Primary", "Secondary")], header=[*HEADER, "phase"])
    assert not fitting([], indicator, content=wider)


def test_a_mapping_of_the_same_file_counts_for_more_than_one_of_the_same_publication(bring_in, indicator):
    """caseload.csv and newplans.csv have columns of the same names that mean different things."""
    other = Indicator.objects.create(code="other", title="Other", unit="percent", polarity="higher")
    rows = [a_row(ENGLAND, "46.4"), a_row(ENGLAND, "1", item="Girls")]
    bring_in(rows, name="caseload.csv")
    bring_in(rows, name="newplans.csv", series=[Series(other.pk, "rate", {"breakdown": ALL})])
    made = receive(lambda: [a_file(rows)], file_name="newplans.csv", origin=NEXT, area=None, by=None, at=NOW)
    assert [each.indicator for each in kept_series(made, [indicator.pk, other.pk])] == [other.pk]


def test_what_an_illustrative_sign_in_brings_in_is_illustrative_and_changes_no_real_mapping(bring_in, officer):
    made_up = User.objects.create(email="made-up@example.test", is_illustrative=True)
    bring_in([a_row(ENGLAND, "46.4")])
    made = bring_in([a_row(ENGLAND, "47")], origin=NEXT, by=made_up)
    assert made.is_illustrative
    assert Measurement.objects.get(number=2).is_illustrative
    assert (ColumnMapping.objects.get().changed_by, ColumnMapping.objects.get().is_illustrative) == (officer, False)
    assert list(Release.objects.order_by("edition").values_list("is_illustrative", flat=True)) == [False, True]
    bring_in([a_row(ENGLAND, "48")], origin=NEXT)
    assert not Release.objects.filter(is_illustrative=True).exists()


def test_a_release_known_by_its_month_gets_its_day_from_the_import(bring_in):
    Release.objects.create(
        publication=JUNE.publication, edition="2025", published_on=date(2025, 6, 30), is_day_assumed=True
    )
    bring_in([a_row(ENGLAND, "46.4")])
    release = Release.objects.get()
    assert (release.published_on, release.is_day_assumed) == (date(2025, 6, 26), False)


def test_the_queries_of_an_import_do_not_grow_with_its_rows(arrive, django_assert_max_num_queries):
    few = [a_row(ENGLAND, "46.4")]
    many = [
        a_row(place, "46.4", period=str(year)) for year in range(1960, 2024) for place in (ENGLAND, LONDON, NORTHVALE)
    ]
    for rows in (few, many):
        made, result = arrive(rows, filters={})
        with django_assert_max_num_queries(24):
            confirm(made, seen=result.digest, by=None, at=NOW)
    assert Measurement.objects.count() == 1 + len(many)


def test_all_lines_can_be_read_again_without_keeping_anything(arrive):
    made, result = arrive([a_row(ENGLAND, "46.4"), a_row(LONDON, "abc")])
    again = compare_again(made)
    assert again.digest == result.digest
    assert Contents.kept(made.contents).rows == 2
    assert [each.column for each in series_of(made)] == ["rate"]
