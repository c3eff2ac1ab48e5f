"""A KPI's chart: one description, and pictures and words made of it that agree."""

import json
import re
from datetime import date
from xml.etree import ElementTree

import plotly.graph_objects as go
import pytest

from kpis.chart import Chart, Kind
from kpis.figure import Point
from kpis.plotly_figure import plotly_figure
from kpis.svg import large_chart, short, small_chart, sparkline

PICTURES = [small_chart, sparkline, large_chart]


def a_point(month: int, value, qualifier="") -> Point:
    start, label = date(2026, month, 1), f"Month {month}"
    return Point(
        start,
        date(2026, month, 28),
        label,
        value,
        "" if value is not None else "suppressed",
        "",
        qualifier,
        False,
        1,
        "final",
    )


def a_chart(*values, targets=None, title="Plans on time", forecasts=(), others=()) -> Chart:
    points = tuple(a_point(month, value) for month, value in enumerate(values, start=1))
    targets = (None,) * len(points) if targets is None else targets
    return Chart(
        title=title, unit="percent", decimals=1, points=points, targets=targets,
        target_words="target 90%" if any(targets) else "", forecasts=forecasts, others=others,
    )  # fmt: skip


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def series(svg: str) -> list[ElementTree.Element]:
    return [element for element in drawn(svg).iter() if element.get("class") == "series"]


@pytest.mark.parametrize("count", range(5))
@pytest.mark.parametrize("picture", PICTURES)
def test_fewer_than_five_figures_draw_no_line(picture, count):
    assert picture(a_chart(*range(count))) == ""


@pytest.mark.parametrize("picture", PICTURES)
def test_a_period_without_a_figure_does_not_count_towards_a_line(picture):
    assert picture(a_chart(1, 2, None, 3, 4)) == ""
    assert picture(a_chart(1, 2, None, 3, 4, 5)) != ""


@pytest.mark.parametrize("picture", PICTURES)
def test_the_figures_and_what_was_promised_are_two_lines_with_a_text_alternative_and_no_style(picture):
    svg = picture(a_chart(60, 65, 70, 75, 80, targets=(90,) * 5))
    assert len(series(svg)) == 2
    assert drawn(svg).get("role") == "img"
    assert drawn(svg).get("aria-label") == (
        "Plans on time: from 60.0%, Month 1, to 80.0%, Month 5, against a target 90%."
    )
    assert "style" not in svg
    assert "<script" not in svg


@pytest.mark.parametrize("picture", PICTURES)
def test_without_a_target_one_line_is_drawn(picture):
    assert len(series(picture(a_chart(60, 65, 70, 75, 80)))) == 1


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize(
    "values", [(5, 5, 5, 5, 5), (0, 0, 0, 0, 0), (-3, -2, -1, 0, 1), (1e12, 1, 2, 3, 4), (0.001,) * 5]
)
def test_any_numbers_are_drawn_within_the_frame(picture, values):
    svg = picture(a_chart(*values))
    _, _, width, height = map(float, drawn(svg).get("viewBox").split())
    [path] = [element.get("d") for element in series(svg)]
    for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path):
        assert 0 <= float(x) <= width
        assert 0 <= float(y) <= height
    assert "nan" not in svg
    assert "inf" not in svg


@pytest.mark.parametrize("picture", PICTURES)
def test_the_line_breaks_where_a_period_has_no_figure(picture):
    [path] = [element.get("d") for element in series(picture(a_chart(60, 65, None, 70, 75, 80)))]
    assert path.count("M") == 2
    assert len(re.findall(r"[\d.]+,[\d.]+", path)) == 5


def test_no_target_is_drawn_before_the_first_was_promised():
    promise, figures = series(small_chart(a_chart(1, 2, 3, 4, 5, targets=(None, None, 4, 4, 5))))
    assert promise.get("stroke-dasharray")
    third_x = re.findall(r"([\d.]+),", figures.get("d"))[2]
    assert promise.get("d").startswith(f"M{third_x},")


def test_a_title_cannot_break_out_of_the_picture():
    svg = large_chart(a_chart(1, 2, 3, 4, 5, title='<script>"&'))
    assert drawn(svg).get("aria-label").startswith('<script>"&:')
    assert "<script" not in svg


def test_a_forecast_is_drawn_apart_on_the_large_chart_alone_and_never_within_the_line():
    chart = a_chart(1, 2, 3, 4, 5, forecasts=(a_point(9, 50.0),))
    assert "forecast 50.0%" in large_chart(chart)
    assert len(series(large_chart(chart))) == 1
    assert len(re.findall(r"[\d.]+,[\d.]+", series(large_chart(chart))[0].get("d"))) == 5
    assert "forecast" not in small_chart(chart)
    assert small_chart(chart) == small_chart(a_chart(1, 2, 3, 4, 5))


def test_other_places_are_drawn_with_their_names_on_the_large_chart():
    svg = large_chart(a_chart(1, 2, 3, 4, 5, others=(("England", (a_point(1, 7.0), a_point(2, 8.0))),)))
    assert len(series(svg)) == 1
    assert "England" in "".join(drawn(svg).itertext())


@pytest.mark.parametrize("values", [(60, 65, 70, 75, 80), (80, None, 70.25, 60, 55, 99.96), (0, 0, 0, 0, 0)])
def test_words_and_pictures_agree_on_the_first_and_the_last_figure(values):
    chart = a_chart(*values)
    first, last = chart.values[0], chart.values[-1]
    assert chart.sentence == f"Plans on time: from {first[0]}, {first[1]}, to {last[0]}, {last[1]}."
    written = [text.text for text in drawn(large_chart(chart)).iter("text")]
    assert written[:3] == [first[0], first[1], last[1]]
    assert last[0] in written[3:]  # beside the dot, at the right edge
    [trace] = plotly_figure(chart)["data"]
    assert trace["y"] == list(values)
    assert trace["text"][0] == f"{first[1]}: {first[0]}"
    assert trace["text"][-1] == f"{last[1]}: {last[0]}"


def test_highest_and_lowest_are_said_with_their_periods():
    assert a_chart(60, 81.2, None, 55, 70, 71).range_words == "Highest 81.2%, Month 2; lowest 55.0%, Month 4."


@pytest.mark.parametrize(
    ("values", "kind", "words"),
    [
        ((), Kind.NONE, "There is no number to draw."),
        ((None,), Kind.NONE, "There is no number to draw."),
        ((1,), Kind.VALUES, "One figure is too few"),
        ((1, None, 2), Kind.VALUES, "Two figures are too few"),
        ((1, 2, 3, 4, 5), Kind.LINE, "5 figures: a line."),
        ((1, 2, None, 3, 4, 5), Kind.LINE, "breaks where a period has no figure"),
    ],
)
def test_the_chart_chosen_follows_from_the_data_and_says_why(values, kind, words):
    chart = a_chart(*values)
    assert chart.kind == kind
    assert words in chart.why


def test_one_figure_and_none_are_said_in_words():
    assert a_chart().sentence == "Plans on time: no figure to draw."
    assert a_chart(50).sentence == "Plans on time: 50.0%, Month 1."


def test_the_plotly_figure_holds_to_plotly_s_schema_and_is_plain_data():
    chart = a_chart(
        60, 65, None, 70, 75, 80, targets=(None, 90, 90, 90, 95, 95), forecasts=(a_point(9, 85.0),),
        others=(("England", (a_point(1, 50.0), a_point(2, 51.0))),),
    )  # fmt: skip
    figure = plotly_figure(chart)
    assert json.loads(json.dumps(figure)) == figure
    go.Figure(figure)  # raises on any unknown name or value
    assert [trace["name"] for trace in figure["data"]] == ["England", "Target", "Plans on time", "Forecast"]
    promise = next(trace for trace in figure["data"] if trace["name"] == "Target")
    assert promise["y"] == [None, 90, 90, 90, 95, 95]


def test_the_edge_of_a_small_chart_says_the_target_narrowly():
    assert [short(value) for value in (90, 12.5, 12_500, 1_500_000, 1234)] == ["90", "12.5", "12.5k", "1.5m", "1,234"]
    assert short(-12_500) == "-12.5k"
