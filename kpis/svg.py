"""A chart as inline SVG: drawn by the server, painted without any script. Presentation attributes only."""

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from kpis.chart import Chart

WIDTH, HEIGHT = 280, 80
LEFT, RIGHT, TOP, BOTTOM = 4, 36, 8, 8


def small_chart(chart: Chart) -> SafeString | str:
    """The small multiple; empty where there are too few points for a line."""
    if not chart.is_line:
        return ""
    return mark_safe(_svg(chart, WIDTH, HEIGHT, "st-chart kpi-chart"))


def large_chart(chart: Chart) -> SafeString | str:
    """The chart of the KPI's own page, with its first and last period."""
    if not chart.is_line:
        return ""
    return mark_safe(_svg(chart, 720, 260, "st-chart st-chart--large kpi-chart", labels=True))


def _svg(chart: Chart, width: int, height: int, classes: str, *, labels: bool = False) -> str:
    values = [point.value for point in chart.points]
    promised = [target for target in chart.targets if target is not None]
    low, high = min([*values, *promised]), max([*values, *promised])
    foot = 22 if labels else BOTTOM
    step = (width - LEFT - RIGHT) / max(1, len(values) - 1)
    scale = (height - TOP - foot) / ((high - low) or 1)
    base = height - foot if high > low else height / 2
    xs = [f"{LEFT + at * step:.0f}" for at in range(len(values))]
    ys = [f"{base - (value - low) * scale:.1f}" for value in values]
    line = " ".join(map("%s,%s".__mod__, zip(xs, ys, strict=True)))
    parts = [f'<svg class="{classes}" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(chart.sentence)}">']
    if promised:
        parts.append(_target_line(chart, xs, base, low, scale, width))
    parts.append(f'<polyline class="series" points="{line}" fill="none" stroke="#0b0c0c" stroke-width="2"/>')
    parts.append(f'<circle cx="{xs[-1]}" cy="{ys[-1]}" r="4"/>')
    if labels:
        first, last = chart.points[0], chart.points[-1]
        parts.append(f'<text x="{LEFT}" y="{height - 4}" font-size="13">{escape(first.label)}</text>')
        parts.append(
            f'<text x="{xs[-1]}" y="{height - 4}" font-size="13" text-anchor="end">{escape(last.label)}</text>'
        )
    parts.append("</svg>")
    return "".join(parts)


def _target_line(chart: Chart, xs: list[str], base: float, low: float, scale: float, width: int) -> str:
    """Steps where the promise changes; the last value stands at its end."""
    points, last = [], None
    for x, target in zip(xs, chart.targets, strict=True):
        if target is None:
            continue
        if target != last:
            if last is not None:
                points.append(f"{x},{base - (last - low) * scale:.1f}")
            points.append(f"{x},{base - (target - low) * scale:.1f}")
        last = target
    y = f"{base - (last - low) * scale:.1f}"
    points.append(f"{xs[-1]},{y}")
    text = f'<text x="{width - RIGHT + 6}" y="{float(y) + 4:.0f}" font-size="12" fill="#942514">{last:g}</text>'
    return (
        f'<polyline class="series" points="{" ".join(points)}" fill="none" stroke="#ca3535" stroke-width="1.5" '
        f'stroke-dasharray="6 4"/>{text}'
    )
