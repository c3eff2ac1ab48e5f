"""The paper as slides: one message each, its title the sentence, charts that can be edited, addresses in the notes.

Words that belong together come on one slide and are spread over more where they do not fit. A table becomes a picture where it
counts statuses, and rows on as many slides as they need; what is too long for a slide is shortened there and stands whole in
the notes. KPIs come four at a time.
"""

import io
from dataclasses import dataclass, field

from board.papers import slide_look, slide_risks, slide_tables, slide_words
from board.papers.blocks import (
    Block,
    Bullets,
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
from board.papers.fitting import LINE_HEIGHT, cell_words, clean, lines, shortened
from board.papers.native_charts import StackedChart, counts_chart, draw_on, letters_key, line_chart, months_chart
from board.papers.slide_look import BODY, GREY, KICKER, OPENING, PICTURE, TEXT, TITLE, WORDS, Box
from board.report import BoardReport
from common.dates import in_words
from common.words import count_words, sentence_case
from kpis.icons import WORDS as ICON_WORDS

TITLE_SIZES = (24, 21, 18)  # the first at which a title stays above what follows
SIZES = (20, 18, 16, 14)  # of the words on a slide; the first at which all of them fit
MOST_LETTERS = 900  # of one paragraph; what is longer stands whole in the notes
KPIS_A_SLIDE = 4
GAP = 6  # points between paragraphs

Words = tuple[Span, ...]


def render(paper: Paper, report: BoardReport | None = None) -> bytes:
    show = _Show(paper)
    show.opening()
    for block in paper.blocks:
        show.take(block)
    show.flush()
    for slide in show.show.slides:
        slide_look.read_foot_last(slide)
    show.properties()
    out = io.BytesIO()
    show.show.save(out)
    return out.getvalue()


@dataclass
class _Show:
    """Gathers what belongs on one slide, and makes it when something else follows."""

    paper: Paper
    part: str = ""
    within: str = ""
    said: list[tuple[Words, str]] = field(default_factory=list)  # words and their kind
    kpis: list[KpiBlock] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)  # for the notes of the next slide

    def __post_init__(self):
        self.show = slide_look.new_show()

    @property
    def heading(self) -> str:
        return self.within or self.part

    def take(self, block: Block) -> None:
        if isinstance(block, Paragraph):
            self.said.append((block.spans, block.kind))
        elif isinstance(block, Bullets):
            self.said += [(item, "item") for item in block.items]
        elif isinstance(block, KpiBlock):
            self.flush_words()
            self.kpis.append(block)
        elif isinstance(block, Table) and self.kpis and block.caption.startswith(f"{self.kpis[-1].title}:"):
            self.remarks += _rows_as_words(block)  # the figures that the chart above draws
        elif not isinstance(block, NewPage):
            self._other(block)

    def _other(self, block: Block) -> None:
        if not isinstance(block, Table):
            self.flush()
        if isinstance(block, Heading):
            self.part, self.within = (block.text, "") if block.level <= 2 else (self.part, block.text)
        elif isinstance(block, KpiGrid):
            self.kpis += block.kpis
            self.flush()
        elif isinstance(block, Table):
            self.table(block)
        elif isinstance(block, Months):
            self.months(block)
        elif isinstance(block, Key):
            self.key(block)
        elif isinstance(block, RiskPicture):
            self.risks(block)

    def flush(self) -> None:
        self.flush_words()
        self.flush_kpis()

    # Slides of words

    def opening(self) -> None:
        paper = self.paper
        slide = self._slide(OPENING, paper.title)
        body = slide.placeholders[1].text_frame
        facts = [f"{what}: {value}" for what, value in paper.facts if value != paper.notice]
        texts = [*facts, paper.notice] if paper.notice else facts
        _fill(
            body,
            [((Span(text, is_strong=text == paper.notice),), "fact") for text in texts],
            13,
            self._link(slide),
            gap=3,
        )
        self._note(slide, texts)

    def flush_words(self) -> None:
        """The sentence read out first is the title; remarks alone make no slide and go into the notes."""
        said, self.said = self.said, []
        loud = [each for each in said if each[1] != "quiet"]
        if not loud:
            self.remarks += [_text(spans) for spans, _ in said]
            return
        title, rest = self._titled(loud)
        self._words(title, rest or loud, [_text(spans) for spans, kind in said if kind == "quiet"])

    def _titled(self, said: list[tuple[Words, str]]) -> tuple[str, list]:
        spans, kind = said[0]
        if kind in ("lead", "", "notice") and len(_text(spans)) <= slide_words.LONGEST_TITLE:
            return _text(spans), said[1:]
        items = sum(kind == "item" for _, kind in said)
        is_list = items == len(said) and self.heading
        return (f"{self.heading}: {count_words(items, 'point')}" if is_list else self.heading), said

    def _words(self, title: str, said: list[tuple[Words, str]], quiet: list[str]) -> None:
        short = [((Span(shortened(_text(spans), MOST_LETTERS)),), kind) if len(_text(spans)) > MOST_LETTERS else (spans, kind)
                 for spans, kind in said]  # fmt: skip
        long = [_text(spans) for spans, _ in said if len(_text(spans)) > MOST_LETTERS]
        points, portions = _spread(short, BODY)
        for place, portion in enumerate(portions, start=1):
            slide = self._slide(WORDS, slide_words.numbered(title, place, len(portions)))
            _fill(slide.placeholders[1].text_frame, portion, points, self._link(slide))
            self._note(slide, [*_addresses(portion), *(quiet + long if place == len(portions) else [])])

    def key(self, block: Key) -> None:
        statuses = [_meaning(f"{letter} {word}", meaning) for letter, word, meaning in block.statuses]
        self._words("What each letter says of an action", statuses, [])
        figures = [_meaning(word, meaning) for word, meaning in block.kpi_statuses]
        if figures:
            self._words("What each word says of a figure", figures, [meaning for _, meaning in block.icons])

    # Slides of tables and pictures

    def table(self, block: Table) -> None:
        title = self._title_of(block)
        self.flush()
        if not block.rows:
            self._words(title, [((Span(block.is_empty_words),), "")], [])
            return
        chart = counts_chart(block)
        if chart is not None:
            self._stacked(title, chart, [])
        fitted = slide_tables.fit(block)
        for place, portion in enumerate(fitted.portions, start=1):
            slide = self._slide(PICTURE, slide_words.numbered(title, place, len(fitted.portions)))
            slide_tables.add_table(slide, fitted, portion, self._link(slide))
            self._note(slide, [block.caption, *_addresses_of(portion.rows), *portion.left_out])

    def _title_of(self, block: Table) -> str:
        """What was said just before the table, where it is short enough to be a title; else what the table counts."""
        loud = [_text(spans) for spans, kind in self.said if kind != "quiet"]
        if len(loud) == 1 and len(loud[0]) <= slide_words.LONGEST_TITLE:
            self.said = [each for each in self.said if each[1] == "quiet"]
            return loud[0]
        return slide_words.of_table(self.heading, block)

    def months(self, block: Months) -> None:
        if block.months:
            notes = [f"{month}: {href}" for (month, _), href in zip(block.months, block.hrefs, strict=False)]
            self._stacked(shortened(block.sentence, slide_words.LONGEST_TITLE), months_chart(block), notes)

    def _stacked(self, title: str, chart: StackedChart, notes: list[str]) -> None:
        slide = self._slide(PICTURE, title)
        high = min(BODY.height - 24, 60 + 46 * len(chart.categories)) if chart.is_across else BODY.height - 24
        draw_on(slide.shapes, chart, Box(BODY.left, BODY.top, BODY.width, high).emu, points=12)
        key = Box(BODY.left, BODY.top + high + 4, BODY.width, 20)
        _text_box(slide, key, [((Span(letters_key(chart)),), "fact", 11, GREY)], self._link(slide))
        self._note(slide, [chart.alternative, *notes])

    def risks(self, block: RiskPicture) -> None:
        slide = self._slide(PICTURE, shortened(block.sentence, slide_words.LONGEST_TITLE))
        slide_risks.add_matrix(slide, block, self._link(slide))
        _text_box(slide, slide_risks.BELOW, [((Span(slide_risks.KEY),), "fact", 11, GREY)], self._link(slide))
        self._note(slide, [block.sentence, *slide_risks.counts_in_words(block)])

    def flush_kpis(self) -> None:
        kpis, self.kpis = self.kpis, []
        slides = -(-len(kpis) // KPIS_A_SLIDE)
        for place in range(slides):
            self._kpi_slide(kpis[place * len(kpis) // slides : (place + 1) * len(kpis) // slides])

    def _kpi_slide(self, kpis: list[KpiBlock]) -> None:
        slide = self._slide(PICTURE, slide_words.of_kpis(self.heading, kpis))
        across, down = (2 if len(kpis) > 1 else 1), (2 if len(kpis) > 2 else 1)
        wide, high = (BODY.width - 24 * (across - 1)) / across, (BODY.height - 14 * (down - 1)) / down
        for at, kpi in enumerate(kpis):
            row, column = divmod(at, across)
            self._kpi(slide, kpi, Box(BODY.left + column * (wide + 24), BODY.top + row * (high + 14), wide, high))
        self._note(slide, [f"{kpi.title}: {slide_words.joined(kpi.lines)} {kpi.href}" for kpi in kpis])

    def _kpi(self, slide, kpi: KpiBlock, box: Box) -> None:
        icons = [ICON_WORDS[icon] for icon in (kpi.variation, kpi.assurance) if icon in ICON_WORDS]
        context = shortened(" · ".join(map(sentence_case, [*kpi.lines[:3], *icons])), 170)
        figure = (Span(kpi.figure, is_strong=True), Span(f"  {kpi.period}{kpi.status and f' · {kpi.status}'}"))
        title = shortened(kpi.title, 90)
        said = [((Span(title, kpi.href, True),), "fact", 13, TEXT), (figure, "fact", 13, TEXT)]
        said += [((Span(context),), "fact", 10.5, GREY)] if context else []
        if not kpi.chart.is_line and len(kpi.chart.values) > 1:
            values = " · ".join(f"{value} in {period}" for value, period in kpi.chart.values)
            said.append(((Span(values),), "fact", 10.5, TEXT))
        used = sum(_high(_text(spans), points, box.width) + 2 for spans, _, points, _ in said)
        _text_box(slide, Box(box.left, box.top, box.width, used), said, self._link(slide))
        if kpi.chart.is_line:
            picture = Box(box.left, box.top + used + 2, box.width, box.height - used - 2)
            draw_on(slide.shapes, line_chart(kpi.chart), picture.emu, points=9)

    # What every slide has

    def _slide(self, name: str, title: str):
        slide = self.show.slides.add_slide(slide_look.layout(self.show, name))
        slide.shapes.title.text = clean(title).replace("\n", " ") or "Untitled"
        if name != OPENING:
            _fit_title(slide.shapes.title.text_frame)
            self._kicker(slide, title)
            words = f"{self.paper.area} · {self.paper.strategy} · as at {in_words(self.paper.as_at)}"
            slide_look.add_foot(slide, words, self.paper.notice)
        return slide

    def _kicker(self, slide, title: str) -> None:
        """Which part of the paper it is, where the title does not say it."""
        if self.part and not title.startswith(self.part[:40]):
            _text_box(slide, KICKER, [((Span(shortened(self.part, 120)),), "fact", 12, GREY)], self._link(slide))

    def _link(self, slide):
        """From an address to the name under which the slide knows it."""
        from pptx.opc.constants import RELATIONSHIP_TYPE

        return lambda href: slide.part.relate_to(clean(href), RELATIONSHIP_TYPE.HYPERLINK, is_external=True)

    def _note(self, slide, texts: list[str]) -> None:
        remarks, self.remarks = self.remarks, []
        said = [clean(text) for text in dict.fromkeys([*texts, *remarks]) if text]
        if said:
            slide.notes_slide.notes_text_frame.text = "\n".join(said)

    def properties(self) -> None:
        held, facts = self.show.core_properties, dict(self.paper.facts)
        held.title = clean(self.paper.title)[:255]
        held.subject = clean(f"{self.paper.area}: {self.paper.strategy}")[:255]
        held.author = held.last_modified_by = clean(facts.get("Made by", "") or self.paper.area)[:255]
        held.language, held.comments = "en-GB", clean(f"As at {in_words(self.paper.as_at)}. {self.paper.notice}")[:255]
        held.created = held.modified = self.paper.moment.replace(tzinfo=None)


# Words in their boxes


def _text(spans: Words) -> str:
    return "".join(span.text for span in spans)


def _meaning(word: str, meaning: str) -> tuple[Words, str]:
    return (Span(word, is_strong=True), Span(f": {meaning}")), "fact"


def _high(text: str, points: float, room: float) -> float:
    return lines(clean(text), points, room) * points * LINE_HEIGHT


def _fit_title(frame) -> None:
    from pptx.util import Pt

    bold = 1.07  # as much wider than other letters
    fits = (points for points in TITLE_SIZES if _high(frame.text, points * bold, TITLE.width) <= TITLE.height * bold)
    points = next(fits, TITLE_SIZES[-1])
    if points != TITLE_SIZES[0]:
        frame.paragraphs[0].runs[0].font.size = Pt(points)


def _spread(said: list[tuple[Words, str]], box: Box) -> tuple[float, list[list]]:
    """At the largest size at which all of it fits; at the smallest over as many slides as it needs."""
    for points in SIZES:
        if sum(_high(_text(spans), points, box.width - 20) + GAP for spans, _ in said) <= box.height:
            return points, [said]
    portions, used = [[]], 0.0
    for each in said:
        high = _high(_text(each[0]), SIZES[-1], box.width - 20) + GAP
        if portions[-1] and used + high > box.height:
            portions, used = [*portions, []], 0.0
        portions[-1].append(each)
        used += high
    return SIZES[-1], portions


def _fill(frame, said: list[tuple[Words, str]], points: float, link, *, gap: float = GAP) -> None:
    from pptx.oxml import parse_xml

    body = frame._txBody
    for old in body.p_lst:
        body.remove(old)
    for spans, kind in said:
        body.append(parse_xml(_paragraph(spans, kind, points, TEXT, link, gap)))


def _paragraph(spans: Words, kind: str, points: float, colour: str, link, gap: float) -> str:
    """Only items of a list have a bullet."""
    plain = "" if kind == "item" else ' marL="0" indent="0"'
    bullet = "" if kind == "item" else "<a:buNone/>"
    look = f'<a:pPr{plain}><a:spcBef><a:spcPts val="{round(gap * 100)}"/></a:spcBef>{bullet}</a:pPr>'
    return f"<a:p {_NAMESPACES}>{look}{''.join(_span(span, kind, points, colour, link) for span in spans)}</a:p>"


def _span(span: Span, kind: str, points: float, colour: str, link) -> str:
    """What stands on a line of its own is a link as a whole."""
    longest = 60 if kind == "fact" else slide_tables.LONGEST_LINK
    look = {"attributes": f'b="{int(span.is_strong)}"', "points": points, "colour": colour, "longest": longest}
    return slide_tables.linked_xml(span.text, span.href, link, **look)


_NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)


def _text_box(slide, box: Box, said: list[tuple], link) -> None:
    """`said` are (words, kind, points, colour)."""
    from pptx.oxml import parse_xml

    frame = slide.shapes.add_textbox(*box.emu).text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    body = frame._txBody
    for old in body.p_lst:
        body.remove(old)
    for spans, kind, points, colour in said:
        body.append(parse_xml(_paragraph(spans, kind, points, colour, link, 1)))


# The notes


def _addresses(said: list[tuple[Words, str]]) -> list[str]:
    return [f"{span.text}: {span.href}" for spans, _ in said for span in spans if span.href]


def _addresses_of(rows) -> list[str]:
    return [f"{shortened(cell.text, 80)}: {cell.href}" for row in rows for cell in row if cell.href]


def _rows_as_words(table: Table) -> list[str]:
    """The latest figures of a KPI: Figure: 61.2% (2024), 64.8% (2025)."""
    periods = [column.title for column in table.columns[1:]]
    said = [f"{table.caption}."]
    for row in table.rows:
        pairs = [f"{cell_words(cell)} ({period})" for cell, period in zip(row[1:], periods, strict=True)]
        said.append(f"{row[0].text}: {', '.join(pairs)}")
    return said
