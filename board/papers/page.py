"""The paper as one HTML file that needs nothing beside itself: no script, no picture, no style from anywhere else."""

from functools import singledispatch
from pathlib import Path

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from board.papers.blocks import (
    Bullets,
    Cell,
    Column,
    Heading,
    Key,
    KpiBlock,
    KpiGrid,
    Months,
    NewPage,
    Paper,
    Paragraph,
    RiskPicture,
    Span,
    Table,
)
from board.papers.pictures import month_chart
from board.risk_matrix import Cell as RiskCell
from board.risk_matrix import picture
from board.risks import LIKELIHOODS
from common.dates import in_words
from common.templatetags.marks import count_bar, status_tag
from common.text import one_line_end
from kpis import icons
from kpis.spc import Assurance, Variation
from kpis.svg import paper_chart, small_chart
from workstrands.status import SHOWN_WORDS

STYLE = Path(__file__).with_name("page.css")
NOTICE = '<div class="notice" role="region" aria-label="About the data">{}</div>\n'
FEW_COLUMNS = 8
KINDS = {"lead": "lead", "quiet": "quiet", "notice": "warn"}


def render(paper: Paper, report=None) -> bytes:
    page = format_html(
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}, {area}, {day}</title>\n'
        "<style>\n{style}</style>\n</head>\n<body>\n{notice}"
        "<header><div><p>{area} SEND Partnership Board</p><h1>{title}</h1><p>As at <strong>{day}</strong></p></div></header>\n"
        "<main>\n{facts}\n{blocks}\n</main>\n</body>\n</html>\n",
        title=paper.title,
        area=paper.area,
        day=dict(paper.facts).get("As at") or in_words(paper.as_at),
        style=mark_safe(STYLE.read_text()),
        notice=format_html(NOTICE, paper.notice) if paper.notice else "",
        facts=_facts(paper),
        blocks=_joined([_html(block) for block in paper.blocks], "\n"),
    )
    return page.encode("utf-8", "replace")


def _joined(parts, between: str = "") -> SafeString:
    return mark_safe(between.join(conditional_escape(part) for part in parts))


def _facts(paper: Paper) -> SafeString:
    shown = [(name, _led(value if name == "Address" else "", value)) for name, value in paper.facts]
    return format_html('<dl class="facts">{}</dl>', format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", shown))


def _led(href: str, words) -> SafeString:
    return format_html('<a href="{}">{}</a>', href, words) if href else conditional_escape(words)


def _words(text: str) -> SafeString:
    """As typed, line by line."""
    return mark_safe("<br>".join(conditional_escape(line) for line in one_line_end(text).split("\n")))


def _spans(spans: tuple[Span, ...]) -> SafeString:
    shown = [_led(span.href, _words(span.text)) for span in spans]
    return _joined(
        format_html("<strong>{}</strong>", words) if span.is_strong else words
        for span, words in zip(spans, shown, strict=True)
    )


@singledispatch
def _html(block) -> SafeString:
    raise TypeError(f"{type(block).__name__} is no block of a paper")


@_html.register
def _(block: Heading) -> SafeString:
    return format_html("<h{0}>{1}</h{0}>", block.level, block.text)


@_html.register
def _(block: Paragraph) -> SafeString:
    css = KINDS.get(block.kind, "")
    return format_html("<p{}>{}</p>", format_html(' class="{}"', css) if css else "", _spans(block.spans))


@_html.register
def _(block: Bullets) -> SafeString:
    return format_html("<ul>{}</ul>", format_html_join("\n", "<li>{}</li>", [(_spans(item),) for item in block.items]))


@_html.register
def _(block: Table) -> SafeString:
    if not block.rows:
        return format_html('<p class="quiet">{}</p>', block.is_empty_words)
    heads = format_html_join(
        "",
        '<th scope="col" class="{}{}">{}</th>',
        [
            (width, " number" if each.is_number else "", each.title)
            for width, each in zip(_widths(block.columns), block.columns, strict=True)
        ],
    )
    rows = format_html_join("\n", "<tr>{}</tr>", [(_row(block.columns, row),) for row in block.rows])
    return format_html(
        '<div class="wide" tabindex="0" role="region" aria-label="{0}"><table><caption>{0}</caption>'
        "<thead><tr>{1}</tr></thead>\n<tbody>{2}</tbody></table></div>",
        block.caption,
        heads,
        rows,
    )


def _widths(columns: tuple[Column, ...]) -> list[str]:
    """The class of each column, in twentieths of the table: by its share, yet wide enough for a heading where they are few."""
    total, least = sum(column.share for column in columns), 2 if len(columns) <= FEW_COLUMNS else 1
    parts = [min(12, max(least, round(20 * column.share / total))) for column in columns]
    while sum(parts) > 20 and max(parts) > least:
        parts[parts.index(max(parts))] -= 1
    return [f"w{5 * part}" for part in parts]


def _row(columns: tuple[Column, ...], row: tuple[Cell, ...]) -> SafeString:
    first, *others = zip(columns, row, strict=True)
    head = format_html('<th scope="row"{}>{}</th>', _number(first[0]), _cell(first[1]))
    rest = [(_number(column), _cell(cell)) for column, cell in others]
    return head + format_html_join("", "<td{}>{}</td>", rest)


def _number(column: Column) -> SafeString:
    return mark_safe(' class="number"' if column.is_number else "")


def _cell(cell: Cell) -> SafeString:
    if cell.counts:
        return count_bar(
            [(letter, n, SHOWN_WORDS[letter], _narrowed(cell.href, letter)) for letter, n in cell.counts],
            label="Actions by assessed status",
        )
    if cell.status:
        return status_tag(cell.status, SHOWN_WORDS[cell.status])
    said = _led(cell.href, _words(cell.text))
    said = format_html("<strong>{}</strong>", said) if cell.is_strong and cell.text else said
    return said + format_html('<span class="reason">{}</span>', _words(cell.reason)) if cell.reason else said


def _narrowed(href: str, letter: str) -> str:
    return f"{href}&assessed={letter.replace('?', '%3F')}" if href else ""


@_html.register
def _(block: KpiBlock) -> SafeString:
    return format_html(
        '<div class="kpi"><h3>{}</h3><div>{}</div><div>{}{}</div></div>',
        _led(block.href, block.title),
        paper_chart(block.chart),
        _figure(block),
        format_html_join("", "<p>{}</p>", [(line,) for line in block.lines]),
    )


@_html.register
def _(block: KpiGrid) -> SafeString:
    cards = [
        (
            _led(kpi.href, kpi.title),
            _figure(kpi),
            small_chart(kpi.chart),
            format_html_join("", '<p class="quiet">{}</p>', [(line,) for line in kpi.lines]),
        )
        for kpi in block.kpis
    ]
    return format_html('<ul class="kpis">{}</ul>', format_html_join("\n", "<li><h3>{}</h3>{}{}{}</li>", cards))


def _figure(kpi: KpiBlock) -> SafeString:
    judged = format_html_join(
        "", "<span>{} {}</span>", [(_icon(each), icons.SHORT_WORDS[each]) for each in (kpi.variation, kpi.assurance) if each]
    )  # fmt: skip
    return format_html(
        '<p class="figure"><strong>{}</strong> <span>{}</span></p><p><strong>{}</strong></p>{}',
        kpi.figure,
        kpi.period,
        kpi.status,
        format_html('<p class="judged">{}</p>', judged) if judged else "",
    )


def _icon(name: str) -> SafeString:
    if name in list(Variation):
        return icons.variation_icon(name, is_silent=True)
    return icons.assurance_icon(Assurance(name), is_silent=True)


@_html.register
def _(block: Months) -> SafeString:
    picture = month_chart(block.months).replace("<svg ", '<svg aria-hidden="true" ', 1)
    return format_html('<p>{}</p><div class="months">{}</div>', block.sentence, mark_safe(picture))


@_html.register
def _(block: RiskPicture) -> SafeString:
    """The picture, and the same numbers as a table."""
    heads = format_html_join(
        "", '<th scope="col" class="number">Impact {}</th>', [(cell.impact,) for cell in block.matrix[0]]
    )
    rows = format_html_join("\n", "<tr>{}</tr>", [(_risk_row(row),) for row in block.matrix])
    return format_html(
        '<p>{}</p><div class="wide" tabindex="0" role="region" aria-label="Open risks by likelihood and impact">{}</div>'
        '<div class="wide" tabindex="0" role="region" aria-label="The same numbers"><table><caption>{}</caption>'
        '<thead><tr><th scope="col" class="w25">Likelihood</th>{}</tr></thead>\n<tbody>{}</tbody></table></div>',
        block.sentence,
        picture([list(row) for row in block.matrix]),
        "Number of open risks by likelihood (rows) and impact (columns)",
        heads,
        rows,
    )


def _risk_row(row: tuple[RiskCell, ...]) -> SafeString:
    likelihood = row[0].likelihood
    counts = [(_led(cell.href if cell.count else "", str(cell.count)),) for cell in row]
    return format_html(
        '<th scope="row">{} {}</th>{}',
        likelihood,
        LIKELIHOODS[likelihood],
        format_html_join("", '<td class="number">{}</td>', counts),
    )


@_html.register
def _(block: Key) -> SafeString:
    entries = [(status_tag(letter, word), meaning) for letter, word, meaning in block.statuses]
    entries += [*block.kpi_statuses, *((_icon(name), meaning) for name, meaning in block.icons)]
    return format_html('<dl class="key">{}</dl>', format_html_join("\n", "<div><dt>{}</dt><dd>{}</dd></div>", entries))


@_html.register
def _(block: NewPage) -> SafeString:
    return mark_safe('<div class="new"></div>')
