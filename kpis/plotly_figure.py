"""A chart as a Plotly figure: plain data that plotly.js draws on the KPI's own page.

Made without the plotly library, which takes longer to load than the page to serve; a test holds the figure to its schema.
"""

from html import escape

from kpis.chart import (
    CONCERN,
    IMPROVEMENT,
    INK,
    LIMITS,
    NEITHER,
    OTHERS,
    PROMISE,
    PROMISE_INK,
    Chart,
    Drawable,
)
from kpis.spc import PointType
from kpis.vocabulary import Unit

PERIODS_NAMED = 4  # as many as stand beside each other on a phone
LETTERS = {"family": "Arial, Helvetica, sans-serif", "size": 15, "color": INK}


def plotly_figure(chart: Chart) -> dict:
    """The figure as JSON-ready values: the series, limits, what was promised, forecasts, other places; no grid, no legend.

    Each trace has a name of its own; the page offers a switch for each but the series itself, which is the last but the
    forecasts.
    """
    traces = [_line(name, line, chart) for name, line in chart.others if line]
    if chart.control:
        traces += _limits(chart)
    if chart.has_targets:
        traces.append(_promise(chart))
    traces.append(_series(chart))
    if chart.forecasts:
        traces.append(_forecasts(chart))
    return {"data": traces, "layout": _layout(chart)}


def _days(points) -> list[str]:
    return [point.period_end.isoformat() for point in points]


def _hover(points: tuple[Drawable, ...], chart: Chart, before: str = "") -> dict:
    words = [
        f"{before}{point.period}: {chart.shown(point) if point.value is not None else 'no figure'}" for point in points
    ]
    return {"text": words, "hoverinfo": "text"}


def _series(chart: Chart) -> dict:
    """A period without a figure breaks the line; a figure that chance does not explain has its own shape and colour."""
    return {
        "type": "scatter", "mode": "lines+markers", "name": chart.title, "x": _days(chart.points),
        "y": [point.value for point in chart.points], "connectgaps": False,
        "line": {"color": INK, "width": 2}, "marker": _markers(chart), **_hover(chart.points, chart),
    }  # fmt: skip


# Shape, colour and size of a figure's mark.
MARKERS = {
    PointType.COMMON_CAUSE: ("circle", INK, 6),
    PointType.IMPROVEMENT: ("circle", IMPROVEMENT, 10),
    PointType.CONCERN: ("diamond", CONCERN, 12),
    PointType.NEUTRAL_HIGH: ("square", NEITHER, 9),
    PointType.NEUTRAL_LOW: ("square", NEITHER, 9),
}


def _markers(chart: Chart) -> dict:
    if not chart.control:
        return {"size": 6, "color": INK}
    symbols, colours, sizes = zip(*[MARKERS[point.type] for point in chart.control.points], strict=True)
    return {"symbol": list(symbols), "color": list(colours), "size": list(sizes)}


def _limits(chart: Chart) -> list[dict]:
    """The average and both limits, each over the periods of its segment, broken between segments."""
    lines = {"Average": ("mean", "solid"), "Upper limit": ("upl", "dot"), "Lower limit": ("lpl", "dot")}
    return [
        {
            "type": "scatter", "mode": "lines", "name": name, "hoverinfo": "skip", "connectgaps": False,
            "line": {"color": LIMITS, "width": 1, "dash": dash}, **_over_segments(chart, which),
        }
        for name, (which, dash) in lines.items()
    ]  # fmt: skip


def _over_segments(chart: Chart, which: str) -> dict:
    x, y = [], []
    for segment in chart.control.segments:
        line = getattr(segment.limits, which)
        x += [point.date.isoformat() for point in (segment.points[0], segment.points[-1])]
        x.append(x[-1])
        y += [line, line, None]
    return {"x": x, "y": y}


def _promise(chart: Chart) -> dict:
    return {
        "type": "scatter", "mode": "lines", "name": "Target", "x": _days(chart.points), "y": list(chart.targets),
        "hoverinfo": "skip", "line": {"color": PROMISE, "width": 1.5, "dash": "dash", "shape": "hv"},
    }  # fmt: skip


def _line(name: str, line: tuple[Drawable, ...], chart: Chart) -> dict:
    return {
        "type": "scatter", "mode": "lines+markers", "name": name, "x": _days(line), "y": [point.value for point in line],
        "line": {"color": OTHERS, "width": 1.2}, "marker": {"size": 4, "color": OTHERS}, **_hover(line, chart, f"{name}, "),
    }  # fmt: skip


def _forecasts(chart: Chart) -> dict:
    return {
        "type": "scatter", "mode": "markers", "name": "Forecast", "x": _days(chart.forecasts),
        "y": [point.value for point in chart.forecasts],
        "marker": {"size": 9, "color": "#ffffff", "line": {"color": INK, "width": 1.5}},
        **_hover(chart.forecasts, chart, "Forecast, "),
    }  # fmt: skip


def _layout(chart: Chart) -> dict:
    value_axis = {"showgrid": False, "zeroline": False, "ticks": "outside", "automargin": True, "fixedrange": True}
    if chart.unit in (Unit.PERCENT, Unit.PERCENT_CHANGE):
        value_axis["ticksuffix"] = "%"
    if chart.unit == Unit.GBP:
        value_axis["tickprefix"] = "£"
    return {
        "meta": {"series": chart.title}, "font": LETTERS,
        "showlegend": False, "height": 380, "margin": {"l": 56, "r": 24, "t": 28, "b": 44},
        "paper_bgcolor": "#ffffff", "plot_bgcolor": "#ffffff", "hovermode": "closest",
        "hoverlabel": {"bgcolor": "#ffffff", "bordercolor": INK, "font": LETTERS},
        "xaxis": {"showgrid": False, "type": "date", "ticks": "outside", "fixedrange": True, "tickangle": 0, **_periods(chart)},
        "yaxis": value_axis, "annotations": [*_words(chart), *_mark_words(chart)], "shapes": _mark_lines(chart),
    }  # fmt: skip


def _mark_lines(chart: Chart) -> list[dict]:
    """Where limits start anew or the series breaks: an upright line."""
    return [
        {
            "type": "line", "xref": "x", "yref": "paper", "x0": mark.from_period.isoformat(),
            "x1": mark.from_period.isoformat(), "y0": 0, "y1": 1,
            "line": {"color": "#4d5b66", "width": 1, "dash": "dot"},
        }
        for mark in chart.marks_shown
    ]  # fmt: skip


def _mark_words(chart: Chart) -> list[dict]:
    return [
        {
            "x": mark.from_period.isoformat(), "yref": "paper", "y": 1, "xanchor": "left", "yanchor": "top",
            "text": "counted anew" if mark.is_break else "limits anew", "showarrow": False,
            "font": {"color": "#4d5b66", "size": 13},
        }
        for mark in chart.marks_shown
    ]  # fmt: skip


def _periods(chart: Chart) -> dict:
    """A few periods by their own names, the last always among them: a day on the axis would name the month after."""
    points = chart.points
    apart = max(1, round((len(points) - 1) / (PERIODS_NAMED - 1)))
    named = [*reversed(points[::-apart])][-PERIODS_NAMED:]
    return {"tickvals": _days(named), "ticktext": [escape(point.period) for point in named]}


def _words(chart: Chart) -> list[dict]:
    """Each line says what it is at its last point, in place of a legend. `name` is that of its trace."""
    ends = [(line[-1].period_end, line[-1].value, name, "#4d5b66", name) for name, line in chart.others if line]
    promised = [
        (point.period_end, target)
        for point, target in zip(chart.points, chart.targets, strict=True)
        if target is not None
    ]
    if promised:
        ends.append((*promised[-1], chart.target_words or "target", PROMISE_INK, "Target"))
    return [
        {
            "x": day.isoformat(), "y": value, "text": escape(words), "showarrow": False, "xanchor": "right",
            "yanchor": "bottom", "yshift": shift, "font": {"color": colour, "size": 14}, "name": name,
        }
        for (day, value, words, colour, name), shift in zip(ends, _apart(ends, chart), strict=True)
    ]  # fmt: skip


PLOT_HEIGHT, LINE_HEIGHT = 300, 16  # pixels, about


def _apart(ends: list[tuple], chart: Chart) -> list[int]:
    """By how many pixels each of the words is lifted, so that none lies on another."""
    values = [point.value for point in chart.drawn] + [end[1] for end in ends]
    tall = PLOT_HEIGHT / ((max(values) - min(values)) or 1)
    shifts, free_from = [0] * len(ends), float("-inf")
    for place in sorted(range(len(ends)), key=lambda place: ends[place][1]):
        at = (ends[place][1] - min(values)) * tall
        shifts[place] = round(max(free_from - at, 0))
        free_from = at + shifts[place] + LINE_HEIGHT
    return shifts
