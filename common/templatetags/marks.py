"""Marks, bars and table bodies: what pages draw many of, so written here and not in a template.

A mark is a shape with its letter; the word stands beside it in the colour of the text. Which letters there are and what they
mean is said by the apps; here is only how each looks. Everything is SVG with presentation attributes and without ids, since a
strict content policy drops inline style and since many marks stand on one page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django import template
from django.http import QueryDict
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

TEXT, WHITE, GREY, HATCH = "#0b0c0c", "#ffffff", "#6b7276", "#c3cace"

# How a letter looks: (fill of its bar segment, colour of the letter on it, edge of the segment or none).
LOOKS = {
    "R": ("#ca3535", WHITE, ""),
    "A": ("#d9610f", TEXT, ""),
    "G": ("#0f7a52", WHITE, ""),
    "N": (WHITE, TEXT, GREY),
    "B": ("#1a65a6", WHITE, ""),
    "E": ("#0f385c", WHITE, ""),
    "H": ("#e4e8ea", TEXT, GREY),
    "S": ("#4f575c", WHITE, ""),
    "?": (WHITE, TEXT, GREY),
}
PLAIN = (WHITE, TEXT, GREY)

# The shape of each letter, in a box of 20 by 20.
SHAPES = {
    "R": '<path fill="#ca3535" d="M1 1h18v18H1z"/>',
    "A": '<path fill="#d9610f" d="M10 0 20 19H0z"/>',
    "G": '<circle fill="#0f7a52" cx="10" cy="10" r="9.5"/>',
    "N": f'<circle fill="#fff" stroke="{GREY}" stroke-width="2" cx="10" cy="10" r="8.5"/>',
    "B": '<rect fill="#1a65a6" x="1" y="1" width="18" height="18" rx="5"/>',
    "E": '<rect fill="#0f385c" width="20" height="20" rx="6"/><rect fill="none" stroke="#fff" x="2.5" y="2.5" width="15" height="15" rx="4"/>',
    "H": f'<rect fill="#e4e8ea" stroke="{GREY}" x="1" y="1" width="18" height="18"/><path stroke="{GREY}" stroke-width="1.5" d="M1 19 19 1"/>',
    "S": '<path fill="#4f575c" d="M6 0h8l6 6v8l-6 6H6l-6-6V6z"/><path stroke="#fff" stroke-width="1.2" d="M3 17 17 3"/>',
    "?": f'<rect fill="#fff" stroke="{GREY}" stroke-dasharray="3 2" x=".5" y=".5" width="19" height="19"/>'
    f'<path stroke="{HATCH}" stroke-width="2" d="M1 6 6 1M1 19 5 15M15 5 19 1M14 19l5-5"/>',
}
LETTER_COLOURS = {"A": TEXT, "N": TEXT, "H": TEXT, "?": TEXT}
BASELINES = {"A": 16.5}


def _drawing(letter: str, attributes: str) -> str:
    shape = SHAPES.get(letter, SHAPES["?"])
    colour, baseline = LETTER_COLOURS.get(letter, WHITE), BASELINES.get(letter, 14.2)
    return (
        f'<svg viewBox="0 0 20 20" width="20" height="20" {attributes}>{shape}<text x="10" y="{baseline}" text-anchor="middle" '
        f'font-size="12" font-weight="700" fill="{colour}">{escape(letter)}</text></svg>'
    )


@register.simple_tag
@lru_cache(maxsize=256)
def status_tag(letter: str, word: str) -> SafeString:
    """The shape with its letter, and the word. The drawing is silent: the word says it."""
    drawn = _drawing(letter, 'aria-hidden="true"')
    return mark_safe(f'<span class="st-status">{drawn}<span>{escape(word)}</span></span>')


@register.simple_tag
@lru_cache(maxsize=256)
def status_mark(letter: str, word: str) -> SafeString:
    """The shape alone, which says its word to those who hear the page: for places where the word stands nearby."""
    return mark_safe(_drawing(letter, f'class="st-mark" role="img" aria-label="{escape(word)}"'))


# A segment is never narrower than its label: this share of the bar for two characters, and more for each further one.
SHARE_OF_LABEL, SHARE_OF_CHARACTER = 10.5, 2.2


def _least_share(count: int) -> float:
    return SHARE_OF_LABEL + SHARE_OF_CHARACTER * (len(str(count)) - 1)


def segment_shares(counts: Sequence[int]) -> list[float]:
    """The width of each count's segment in hundredths of the bar: in proportion, but none too narrow to be read."""
    least = [_least_share(count) for count in counts]
    if sum(least) >= 100:
        return [100 * share / sum(least) for share in least]
    shares, free = dict.fromkeys(range(len(counts)), 0.0), set(range(len(counts)))
    while free:
        room, total = 100 - sum(shares[i] for i in shares if i not in free), sum(counts[i] for i in free)
        narrow = {i for i in free if room * counts[i] / total < least[i]}
        for i in narrow or free:
            shares[i] = least[i] if narrow else room * counts[i] / total
        free -= narrow or free
    return [shares[i] for i in range(len(counts))]


def _segment(letter: str, count: int, *, box: str, middle: str, hatch: str, gap: str) -> str:
    """One part of a bar in a box of its own, which clips it; `gap` is the white line that parts it from the one before."""
    fill, colour, edge = LOOKS.get(letter, PLAIN)
    edged = f' stroke="{edge}" stroke-width="2"' if edge else ""
    hatched = hatch if letter == "?" else ""
    # On hatching the letter needs white behind it to be read.
    halo = ' stroke="#fff" stroke-width="4" paint-order="stroke"' if hatched else ""
    return (
        f'<svg {box}><rect width="100%" height="100%" fill="{fill}"/>{hatched}'
        + (f'<rect width="100%" height="100%" fill="none"{edged}/>' if edged else "")
        + f'{gap}<text x="50%" {middle} text-anchor="middle" fill="{colour}"{halo}>'
        f'<tspan font-weight="700">{escape(letter)}</tspan> {count:,}</text></svg>'
    )


def _linked(drawn: str, href: str, said: str) -> str:
    """A drawn part that leads to its rows and says in words what it counts."""
    if not href:
        return f'<g role="img" aria-label="{escape(said)}">{drawn}</g>'
    return f'<a href="{escape(href)}" aria-label="{escape(said)}">{drawn}</a>'


ROW_HATCH = f'<path d="M-40 15H2000" stroke="{HATCH}" stroke-width="40" stroke-dasharray="4 6" transform="skewX(-45)"/>'
ROW_GAP = '<path d="M0 0v30" stroke="#fff" stroke-width="4"/>'


@register.simple_tag
def count_bar(counts: Iterable[tuple[str, int, str, str]], label: str = "Actions by status") -> SafeString:
    """A bar of counted segments from (letter, count, word, href), in the order given; every number leads to its rows."""
    shown = [entry for entry in counts if entry[1]]
    if not shown:
        return mark_safe('<span class="st-quiet">None</span>')
    parts, x = [], 0.0
    numbers = [entry[1] for entry in shown]
    crowded = " st-count--full" if sum(map(_least_share, numbers)) > 95 else ""
    for (letter, count, word, href), share in zip(shown, segment_shares(numbers), strict=True):
        drawn = _segment(
            letter,
            count,
            box=f'x="{x:.2f}%" width="{share:.2f}%" height="30"',
            middle='y="19.5"',
            hatch=ROW_HATCH,
            gap=ROW_GAP if parts else "",
        )
        parts.append(_linked(drawn, href, f"{count:,} {word}"))
        x += share
    return mark_safe(
        f'<svg class="st-count{crowded}" height="30" role="group" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


COLUMN_HATCH = (
    f'<path d="M-200 90H400" stroke="{HATCH}" stroke-width="400" stroke-dasharray="4 6" transform="skewX(-45)"/>'
)
COLUMN_GAP = '<path d="M0 0h400" stroke="#fff" stroke-width="2"/>'
STACK_HEIGHT, LEAST_LABELLED = 180, 13


@register.simple_tag
def month_bars(
    months: Sequence[tuple[str, Sequence[tuple[str, int, str, str]]]], label: str = "Statuses by month"
) -> SafeString:
    """One stack a month from (month, [(letter, count, word, href), ...]); the first of a list is at the top of its stack.

    All stacks share one scale. A segment too low for its label goes without, so the same counts stand in a table beside.
    """
    highest = max((sum(entry[1] for entry in counts) for _, counts in months), default=0)
    if not highest:
        return mark_safe("")
    step, drawn = 100 / len(months), []
    for number, (month, counts) in enumerate(months):
        x, y = number * step + step * 0.12, float(STACK_HEIGHT)
        for letter, count, word, href in reversed([entry for entry in counts if entry[1]]):
            height = STACK_HEIGHT * count / highest
            y -= height
            segment = _stacked(letter, count, x=x, y=y, width=step * 0.76, height=height)
            drawn.append(_linked(segment, href, f"{count:,} {word}, {month}"))
        drawn.append(
            f'<text x="{x + step * 0.38:.2f}%" y="{STACK_HEIGHT + 18}" text-anchor="middle" fill="{TEXT}">{escape(month)}</text>'
        )
    return mark_safe(
        f'<div class="st-scroll" tabindex="0" role="region" aria-label="{escape(label)}"><svg class="st-months" '
        f'height="{STACK_HEIGHT + 24}" role="group" aria-label="{escape(label)}">{"".join(drawn)}</svg></div>{_as_table(months, label)}'
    )


def _as_table(months, label: str) -> str:
    """The same counts to read: every figure that the drawing was too low for."""
    words = {letter: word for _, counts in months for letter, _, word, _ in counts}
    head = "".join(f'<th scope="col" class="st-number">{escape(word)}</th>' for word in words.values())
    rows = []
    for month, counts in months:
        of_letter = {letter: count for letter, count, _, _ in counts}
        cells = "".join(
            f'<td class="st-number" data-label="{escape(word)}">{of_letter.get(letter, 0)}</td>'
            for letter, word in words.items()
        )
        rows.append(f'<tr><th scope="row">{escape(month)}</th>{cells}</tr>')
    return (
        '<details class="govuk-details st-screen-only"><summary class="govuk-details__summary"><span class="govuk-details__summary-text">'
        'The same as a table</span></summary><div class="govuk-details__text"><table class="st-table"><caption class="govuk-visually-hidden">'
        f'{escape(label)}</caption><thead><tr><th scope="col">Month</th>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div></details>'
    )


def _stacked(letter: str, count: int, *, x: float, y: float, width: float, height: float) -> str:
    box = f'x="{x:.2f}%" y="{y:.1f}" width="{width:.2f}%" height="{height:.1f}"'
    drawn = _segment(letter, count, box=box, middle=f'y="{height / 2 + 4:.1f}"', hatch=COLUMN_HATCH, gap=COLUMN_GAP)
    return drawn if height >= LEAST_LABELLED else drawn[: drawn.rindex("<text")] + "</svg>"


@register.simple_tag
def table_body(table) -> SafeString:
    """The rows of a django-tables2 table. A column's attributes are read once a page: read once a cell they cost most of it."""
    head = getattr(table, "row_header", None)
    openings, closings, names = [], [], []
    for column in table.columns:
        classes = _own_classes(column, "td")
        css = f' class="{escape(classes)}"' if classes else ""
        is_head = column.name == head
        openings.append(f'<th scope="row"{css}>' if is_head else f'<td data-label="{escape(column.header)}"{css}>')
        closings.append("</th>" if is_head else "</td>")
        names.append(column.name)
    columns = list(zip(names, openings, closings, strict=True))
    rows = []
    for row in table.paginated_rows:
        cells = "".join(
            [f"{opening}{conditional_escape(row.get_cell(name))}{closing}" for name, opening, closing in columns]
        )
        rows.append(f"<tr>{cells}</tr>")
    return mark_safe("\n".join(rows))


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading: where it leads to be sorted by ("" when it cannot), and which way it stands now ("" for neither)."""

    text: str
    css: str
    href: str
    sort: str


@register.simple_tag(takes_context=True)
def table_headings(context, table) -> list[Heading]:
    """The headings of a django-tables2 table; sorting starts again at the first page and keeps the rest of the query string."""
    headings = []
    for column in table.columns:
        alias = column.order_by_alias
        is_sorted = column.orderable and column.is_ordered
        headings.append(
            Heading(
                text=column.header,
                css=_own_classes(column, "th"),
                href=_with_query(context, {table.prefixed_order_by_field: alias.next, table.prefixed_page_field: None})
                if column.orderable
                else "",
                sort=("descending" if alias.is_descending else "ascending") if is_sorted else "",
            )
        )
    return headings


def _own_classes(column, cell: str) -> str:
    """The library adds the column's name and how it sorts to what was asked for; those are left out."""
    return " ".join(name for name in str(column.attrs[cell].get("class", "")).split() if name.startswith("st-"))


def _with_query(context, changes: dict[str, object]) -> str:
    """The page's own address with some of its query string changed; None takes a name out."""
    request = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@dataclass(frozen=True, slots=True)
class PageLinks:
    previous: str
    next: str
    pages: list[tuple[int | None, str]]  # None stands for those left out


@register.simple_tag(takes_context=True)
def page_links(context, page, parameter: str = "page") -> PageLinks:
    """Where each page of a list is; the rest of the query string stays."""
    parameter = parameter or "page"

    def address(number: int) -> str:
        return _with_query(context, {parameter: number})

    listed = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return PageLinks(
        previous=address(page.previous_page_number()) if page.has_previous() else "",
        next=address(page.next_page_number()) if page.has_next() else "",
        pages=[(n, address(n)) if isinstance(n, int) else (None, "") for n in listed],
    )


@register.simple_tag
def form_errors(form) -> list[tuple[str, str]]:
    """(address on the page, message) of every message of a form, in the order of its fields; "" leads nowhere."""
    if form is None or not getattr(form, "is_bound", False):
        return []
    lines = [("", message) for message in form.non_field_errors()]
    for field in form.hidden_fields():
        lines += [("", message) for message in field.errors]
    for field in form.visible_fields():
        first = f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label or field.auto_id
        lines += [(f"#{first}", message) for message in field.errors]
    return lines
