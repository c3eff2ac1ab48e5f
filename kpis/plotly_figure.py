"""A chart as a Plotly figure: plain data that plotly.js draws on the KPI's own page.

Made without the plotly library, which takes longer to load than the page to serve; a test holds the figure to its schema.
"""

from html import escape

from kpis.chart import INK, OTHERS, PROMISE, PROMISE_INK, Chart, Drawable
from kpis.vocabulary import Unit

PERIODS_NAMED = 4  # as many as stand beside each other on a phone
LETTERS = {"family": "Arial, Helvetica, sans-serif", "size": 15, "color": INK}


def plotly_figure(chart: Chart) -> dict:
    """The figure as JSON-ready values: the series, what was promised, forecasts, other places; no grid, no legend."""
    traces = [_line(name, line, chart) for name, line in chart.others if line]
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
    """A period without a figure breaks the line."""
    return {
        "type": "scatter", "mode": "lines+markers", "name": chart.title, "x": _days(chart.points),
        "y": [point.value for point in chart.points], "connectgaps": False,
        "line": {"color": INK, "width": 2}, "marker": {"size": 6, "color": INK}, **_hover(chart.points, chart),
    }  # fmt: skip


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
        "font": LETTERS, "showlegend": False, "height": 380, "margin": {"l": 56, "r": 24, "t": 28, "b": 44},
        "paper_bgcolor": "#ffffff", "plot_bgcolor": "#ffffff", "hovermode": "closest",
        "hoverlabel": {"bgcolor": "#ffffff", "bordercolor": INK, "font": LETTERS},
        "xaxis": {"showgrid": False, "type": "date", "ticks": "outside", "fixedrange": True, **_periods(chart)},
        "yaxis": value_axis, "annotations": _words(chart),
    }  # fmt: skip


def _periods(chart: Chart) -> dict:
    """A few periods by their own names, the last always among them: a day on the axis would name the month after."""
    points = chart.points
    apart = max(1, round((len(points) - 1) / (PERIODS_NAMED - 1)))
    named = [*reversed(points[::-apart])][-PERIODS_NAMED:]
    return {"tickvals": _days(named), "ticktext": [escape(point.period) for point in named]}


def _words(chart: Chart) -> list[dict]:
    """Each line says what it is at its last point, in place of a legend."""
    ends = [(line[-1].period_end, line[-1].value, name, "#4d5b66") for name, line in chart.others if line]
    promised = [
        (point.period_end, target)
        for point, target in zip(chart.points, chart.targets, strict=True)
        if target is not None
    ]
    if promised:
        ends.append((*promised[-1], chart.target_words or "target", PROMISE_INK))
    return [
        {
            "x": day.isoformat(), "y": value, "text": escape(words), "showarrow": False, "xanchor": "right",
            "yanchor": "bottom", "font": {"color": colour, "size": 14},
        }
        for day, value, words, colour in ends
    ]  # fmt: skip
