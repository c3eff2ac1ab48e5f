"""Charts that stay charts in Word, PowerPoint and Excel: what each shows, said once, and PowerPoint's and Word's drawing of it.

A figure's chart has a line for what was measured, one for what was promised, and the mean and limits where they hold. Counts
by status are stacked bars whose segments say letter and number, so that grey says it too.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from board.papers.blocks import Months, Table
from board.papers.fitting import clean, counted, status_words
from common.dates import MONTHS
from common.templatetags.marks import LOOKS, PLAIN
from kpis.chart import INK, LIMITS, PROMISE, Chart
from kpis.vocabulary import Unit
from workstrands.status import SHOWN_ORDER


@dataclass(frozen=True, slots=True)
class Line:
    """`weight` in points; `dash` in the words of DrawingML, nothing for an unbroken line."""

    name: str
    values: tuple[float | None, ...]
    ink: str
    weight: float
    dash: str = ""


@dataclass(frozen=True, slots=True)
class LineChart:
    title: str
    alternative: str
    categories: tuple[str, ...]
    lines: tuple[Line, ...]
    number_format: str


@dataclass(frozen=True, slots=True)
class StackedChart:
    """Counts by letter. `is_across`: the bars lie, one a group; otherwise they stand, one a month."""

    title: str
    alternative: str
    categories: tuple[str, ...]
    stacks: tuple[tuple[str, tuple[int | None, ...]], ...]
    is_across: bool = False


EMU_PER_POINT = 12_700
NativeChart = LineChart | StackedChart


def number_format(unit: str, decimals: int) -> str:
    """In the words of a spreadsheet: figures stay numbers and read as on the page."""
    digits = "#,##0" + (f".{'0' * decimals}" if decimals else "")
    if unit == Unit.PERCENT:
        return f'{digits}"%"'
    if unit == Unit.PERCENT_CHANGE:
        return f'+{digits}"%";-{digits}"%";{digits}"%"'
    return {Unit.GBP: f'"£"{digits}', Unit.WEEKS: f'{digits} "weeks"'}.get(unit, digits)


_MONTH = re.compile(rf"\b({'|'.join(MONTHS)})\b")


def short_period(period: str) -> str:
    """Oct 2026: under a chart there is no room for more."""
    return _MONTH.sub(lambda found: found[1][:3], clean(period))


def scale(chart: LineChart) -> tuple[float, float, float]:
    """(lowest, highest, step) of the axis: round numbers close about what is drawn, as on the page."""
    values = [value for line in chart.lines for value in line.values if value is not None]
    low, high = min(values, default=0), max(values, default=1)
    rough = (high - low or abs(high) or 1) / 3
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * times for times in (1, 2, 5, 10) if size * times >= rough)
    lowest, highest = math.floor(low / step) * step, math.ceil(high / step) * step
    return lowest, highest if highest > lowest else lowest + step, step


def line_chart(chart: Chart) -> LineChart:
    lines = [Line("Figure", tuple(point.value for point in chart.points), INK, 2.25)]
    if chart.has_targets:
        lines.append(Line("Target", chart.targets, PROMISE, 1.75, "dash"))
    if chart.control is not None:
        limits = [point.limits for point in chart.control.points]
        lines += [
            Line("Mean", tuple(each.mean for each in limits), LIMITS, 1),
            Line("Upper limit", tuple(each.upl for each in limits), LIMITS, 1, "sysDash"),
            Line("Lower limit", tuple(each.lpl for each in limits), LIMITS, 1, "sysDash"),
        ]
    return LineChart(
        clean(chart.title), clean(chart.sentence), tuple(short_period(point.period) for point in chart.points), tuple(lines),
        number_format(chart.unit, chart.decimals),
    )  # fmt: skip


def _stacks(counts: Sequence[Iterable[tuple[str, int]]]) -> tuple[tuple[str, tuple[int | None, ...]], ...]:
    """By letter, in the order shown; nought is nothing, and gets no label."""
    held = [dict(each) for each in counts]
    used = [letter for letter in SHOWN_ORDER if any(each.get(letter) for each in held)]
    return tuple((letter, tuple(each.get(letter) or None for each in held)) for letter in used)


def months_chart(months: Months) -> StackedChart:
    return StackedChart(
        "How the statuses moved",
        clean(months.sentence),
        tuple(clean(month) for month, _ in months.months),
        _stacks([counts for _, counts in months.months]),
    )


def counts_chart(table: Table) -> StackedChart | None:
    """The bars of a table that counts statuses row by row; none where it does not."""
    at = next((at for at in range(len(table.columns)) if any(row[at].counts for row in table.rows)), None)
    if at is None:
        return None
    rows = [row for row in table.rows if row[at].counts]
    said = "; ".join(f"{row[0].text}: {counted(row[at].counts)}" for row in rows)
    return StackedChart(
        clean(table.caption), clean(f"{table.caption}. {said}."), tuple(clean(row[0].text) for row in rows),
        _stacks([row[at].counts for row in rows]), is_across=True,
    )  # fmt: skip


def letters_key(chart: StackedChart) -> str:
    """R Off track · A At risk: what stands under the picture."""
    return " · ".join(f"{letter} {status_words(letter)}" for letter, _ in chart.stacks)


def look(letter: str) -> tuple[str, str, str]:
    """(fill, colour of the words on it, edge), as on the page."""
    return LOOKS.get(letter, PLAIN)


# Drawn by python-pptx: a frame on a slide, or a part of its own for Word


ROOM_FOR_A_LABEL = 5.6  # ems


def draw_on(shapes, chart: NativeChart, box: tuple[int, int, int, int], *, points: float = 10) -> Any:
    """The chart as a shape of a slide, in `box` (left, top, width, height); returns the frame."""
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    data = CategoryChartData(number_format=getattr(chart, "number_format", "0"))
    data.categories = [category or " " for category in chart.categories]
    if isinstance(chart, LineChart):
        kind = XL_CHART_TYPE.LINE
        for line in chart.lines:
            data.add_series(line.name, line.values)
    else:
        kind = XL_CHART_TYPE.BAR_STACKED if chart.is_across else XL_CHART_TYPE.COLUMN_STACKED
        for letter, values in chart.stacks:
            data.add_series(letter, values)
    frame = shapes.add_chart(kind, *box, data)
    _describe(frame, chart)
    _common_look(frame.chart, points)
    labels = max(2, int(box[2] / EMU_PER_POINT / (points * ROOM_FOR_A_LABEL)))
    if not getattr(chart, "is_across", False):
        _spread_labels(frame.chart, -(-len(chart.categories) // labels))
    (_look_of_lines if isinstance(chart, LineChart) else _look_of_stacks)(frame.chart, chart, points)
    return frame


def _describe(frame, chart: NativeChart) -> None:
    properties = frame._element.nvGraphicFramePr.cNvPr
    properties.set("name", f"Chart: {chart.title}"[:120])
    properties.set("descr", chart.alternative)


def _common_look(chart, points: float) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.chart import XL_TICK_MARK
    from pptx.util import Pt

    chart.has_title = False
    chart.has_legend = False
    chart.font.size, chart.font.name = Pt(points), "Arial"
    chart.font.color.rgb = RGBColor.from_string(INK[1:].upper())
    chart.value_axis.has_major_gridlines = False
    _without_frame(chart)
    for axis in (chart.value_axis, chart.category_axis):
        axis.major_tick_mark = XL_TICK_MARK.NONE
        axis.format.line.color.rgb = RGBColor.from_string("C3CACE")


def _without_frame(chart) -> None:
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    look = f"<c:spPr {nsdecls('c', 'a')}><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>"
    chart._chartSpace.find(f"{{{chart._chartSpace.nsmap['c']}}}txPr").addprevious(parse_xml(look))


def _spread_labels(drawn, every: int) -> None:
    """Periods lie flat, and as many are left out as there is no room for."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    axis = drawn.category_axis
    # A turn too small to be seen: at none at all LibreOffice breaks the words of a label.
    axis.tick_labels.font._rPr.getparent().getparent().getparent().bodyPr.set("rot", "600")
    skip = parse_xml(f'<c:tickLblSkip {nsdecls("c")} val="{max(every, 1)}"/>')
    axis._element.find(f"{{{axis._element.nsmap['c']}}}noMultiLvlLbl").addprevious(skip)


def _look_of_lines(drawn, chart: LineChart, points: float) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.chart import XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
    from pptx.util import Pt

    drawn.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW  # under the lowest figure, not at nought
    axis = drawn.value_axis
    axis.minimum_scale, axis.maximum_scale, axis.major_unit = scale(chart)
    axis.tick_labels.number_format = chart.number_format
    axis.tick_labels.number_format_is_linked = False
    for series, line in zip(drawn.plots[0].series, chart.lines, strict=True):
        series.smooth = False
        series.marker.style = XL_MARKER_STYLE.NONE
        series.format.line.color.rgb = RGBColor.from_string(line.ink[1:].upper())
        series.format.line.width = Pt(line.weight)
        if line.dash:
            _dash(series, line.dash)
        for at in _alone(line.values):
            _dot(series.points[at], line.ink)
    _mark_last(drawn.plots[0].series[0], chart, points)
    if len(chart.lines) > 1:
        drawn.has_legend = True
        drawn.legend.position, drawn.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
        drawn.legend.font.size = Pt(points)


def _dash(series, dash: str) -> None:
    from pptx.enum.dml import MSO_LINE

    series.format.line.dash_style = {"dash": MSO_LINE.DASH, "sysDash": MSO_LINE.SQUARE_DOT}[dash]


def _mark_last(series, chart: LineChart, points: float) -> None:
    """The last figure is a dot with its number."""
    from pptx.enum.chart import XL_LABEL_POSITION
    from pptx.util import Pt

    values = chart.lines[0].values
    held = [at for at, value in enumerate(values) if value is not None]
    if held:
        _dot(series.points[held[-1]], chart.lines[0].ink)
        label = series.points[held[-1]].data_label
        label.position = XL_LABEL_POSITION.ABOVE
        label.font.bold, label.font.size = True, Pt(points + 1)
        _say_value(label, chart.number_format)


def _alone(values: Sequence[float | None]) -> list[int]:
    """Where a value stands between two gaps: no line shows it, so it becomes a dot."""
    edged = [None, *values, None]
    return [at for at, value in enumerate(values) if value is not None and edged[at] is None and edged[at + 2] is None]


def _dot(point, ink: str) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.chart import XL_MARKER_STYLE

    point.marker.style, point.marker.size = XL_MARKER_STYLE.CIRCLE, 7
    point.marker.format.fill.solid()
    point.marker.format.fill.fore_color.rgb = RGBColor.from_string(ink[1:].upper())
    point.marker.format.line.color.rgb = RGBColor.from_string(ink[1:].upper())


def _say_value(label, number_format: str) -> None:
    """The value itself, and neither category nor series, whatever the programme would show."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    element = label._get_or_add_dLbl()
    for tag, is_shown in (("showVal", 1), ("showCatName", 0), ("showSerName", 0), ("showLegendKey", 0)):
        found = element.find(f"{{{element.nsmap['c']}}}{tag}")
        if found is not None:
            found.set("val", str(is_shown))
    if element.find(f"{{{element.nsmap['c']}}}numFmt") is None:
        words = parse_xml(f'<c:numFmt {nsdecls("c")} formatCode="" sourceLinked="0"/>')
        words.set("formatCode", number_format)
        element.find(f"{{{element.nsmap['c']}}}idx").addnext(words)


def _look_of_stacks(drawn, chart: StackedChart, points: float) -> None:
    from pptx.dml.color import RGBColor
    from pptx.util import Pt

    plot = drawn.plots[0]
    plot.gap_width, plot.overlap = 40, 100
    drawn.value_axis.visible = False
    drawn.category_axis.reverse_order = chart.is_across  # the first group on top
    for series, (letter, _) in zip(plot.series, chart.stacks, strict=True):
        fill, words, edge = look(letter)
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = RGBColor.from_string(fill[1:].upper())
        series.format.line.color.rgb = RGBColor.from_string((edge or "#ffffff")[1:].upper())
        labels = series.data_labels
        labels.show_value = labels.show_series_name = True
        labels.font.size, labels.font.bold = Pt(points), True
        labels.font.color.rgb = RGBColor.from_string(words[1:].upper())
        _separate_by_space(labels)


def _separate_by_space(labels) -> None:
    """R 2, not "R; 2"."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    element = labels._element
    separator = parse_xml(f"<c:separator {nsdecls('c')}> </c:separator>")
    before = [child for child in element if child.tag.endswith("}showBubbleSize")]
    (before[-1] if before else element[-1]).addnext(separator)


class ChartParts:
    """Charts for Word: drawn by python-pptx on a slide that nobody sees, then taken over with the workbook they are edited in."""

    def __init__(self):
        from pptx import Presentation

        show = Presentation()
        self.shapes = show.slides.add_slide(show.slide_layouts[6]).shapes

    def part_of(self, chart: NativeChart, *, room: float, points: float = 8) -> tuple[bytes, bytes, str]:
        """The chart as XML, its workbook, and the name under which the one knows the other."""
        part = draw_on(self.shapes, chart, (0, 0, int(room * EMU_PER_POINT), 2_000_000), points=points).chart.part
        (name, workbook), = ((rid, rel.target_part) for rid, rel in part.rels.items())  # fmt: skip
        return part.blob, workbook.blob, name
