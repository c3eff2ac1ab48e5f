"""A chart as a Plotly figure: plain data that plotly.js draws on the KPI's own page."""

import plotly.graph_objects as go

from kpis.chart import Chart

FONT = {"family": "Arial, sans-serif", "size": 15, "color": "#0b0c0c"}


def plotly_figure(chart: Chart) -> dict:
    """The figure as JSON-ready values: the series, the target beside it, no grid, no legend."""
    days = [point.day.isoformat() for point in chart.points]
    traces = [
        go.Scatter(
            x=days, y=[point.value for point in chart.points], mode="lines+markers", name=chart.title,
            line={"color": "#0b0c0c", "width": 2}, marker={"size": 6},
            text=[f"{point.label}: {point.shown}" for point in chart.points], hoverinfo="text",
        )
    ]  # fmt: skip
    if chart.has_targets:
        traces.append(
            go.Scatter(
                x=days, y=list(chart.targets), mode="lines", name="Target", hoverinfo="skip",
                line={"color": "#ca3535", "width": 2, "dash": "dash", "shape": "hv"},
            )
        )  # fmt: skip
    layout = go.Layout(
        font=FONT, showlegend=False, margin={"l": 56, "r": 24, "t": 16, "b": 48}, paper_bgcolor="#ffffff",
        plot_bgcolor="#ffffff", hovermode="closest", template="none", height=360,
        xaxis={"showgrid": False, "type": "date"}, yaxis={"showgrid": False, "zeroline": False},
    )  # fmt: skip
    return go.Figure(data=traces, layout=layout).to_plotly_json() | {"frames": []}
