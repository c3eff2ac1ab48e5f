"""The paper as PDF/UA-1, set by typst from `paper.typ`.

What people wrote goes in as data (JSON), never as markup, so that nothing in it can be taken for a command. Every warning
of the compiler is a failure. The time in the file is the moment of the report: the same report is the same file.
"""

import json
from functools import lru_cache, singledispatch
from pathlib import Path

from board.papers.blocks import (
    Bullets,
    Cell,
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
)  # fmt: skip
from board.papers.pictures import assurance_or_variation, kpi_chart, month_chart, small_kpi_chart, status_shape
from board.papers.typeface import FAMILY, folder, settable
from board.risk_matrix import SHADES
from board.risk_matrix import Cell as RiskCell
from board.risks import IMPACTS, LIKELIHOODS, Level
from board.vocabulary import PackKind
from common.dates import in_words
from common.templatetags.marks import LOOKS, PLAIN, segment_shares
from common.words import plural
from kpis.icons import SHORT_WORDS
from workstrands.status import SHOWN_ORDER, SHOWN_WORDS

TEMPLATE = Path(__file__).with_name("paper.typ")


# What the head of the first page and the foot of every page say.
SAID_ALREADY = ("Area", "Strategy", "Shows", "As at", "Illustrative data")


class NotSet(Exception):
    """The paper could not be set without a warning."""


def render(paper: Paper, report=None) -> bytes:
    import typst

    compiler = typst.Compiler(
        str(TEMPLATE), font_paths=_fonts(), ignore_system_fonts=True, sys_inputs={"paper": json.dumps(as_data(paper))}
    )
    try:
        made, warnings = compiler.compile_with_warnings(
            format="pdf", pdf_standards=["ua-1"], timestamp=int(paper.moment.timestamp())
        )
    except typst.TypstError as error:
        raise NotSet(error.diagnostic) from error
    if warnings:
        raise NotSet("\n".join(warning.message for warning in warnings))
    return made


@lru_cache(maxsize=1)
def _fonts():
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder()])


def as_data(paper: Paper) -> dict:
    """All that the template needs, and nothing that it has to work out."""
    return {
        "title": settable(paper.title),
        "area": settable(paper.area),
        "strategy": settable(paper.strategy),
        "as_at": dict(paper.facts).get("As at") or in_words(paper.as_at),
        "is_full": paper.kind == PackKind.FULL,
        "kind": "Board papers" if paper.kind == PackKind.FULL else "Board papers: exceptions only",
        "notice": settable(paper.notice),
        "facts": [[name, settable(value)] for name, value in paper.facts if name not in SAID_ALREADY],
        "family": FAMILY,
        "shapes": {letter: status_shape(letter) for letter in SHOWN_ORDER},
        "words": dict(SHOWN_WORDS),
        "looks": {letter: LOOKS.get(letter, PLAIN) for letter in SHOWN_ORDER},
        "blocks": _blocks(paper.blocks),
    }


def _blocks(blocks) -> list[dict]:
    """A paragraph right before a table stays on its page."""
    made = [_data(block) for block in blocks]
    for block, following in zip(made, [*made[1:], {"is": ""}], strict=True):
        block["leads-on"] = following["is"] == "table"
    return made


@singledispatch
def _data(block) -> dict:
    raise TypeError(f"{type(block).__name__} is no block of a paper")


@_data.register
def _(block: Heading) -> dict:
    return {"is": "heading", "text": settable(block.text), "level": block.level}


@_data.register
def _(block: Paragraph) -> dict:
    return {"is": "paragraph", "spans": _spans(block.spans), "kind": block.kind}


@_data.register
def _(block: Bullets) -> dict:
    return {"is": "bullets", "items": [_spans(item) for item in block.items]}


def _spans(spans: tuple[Span, ...]) -> list[dict]:
    return [{"text": settable(span.text), "href": span.href, "strong": span.is_strong} for span in spans]


@_data.register
def _(block: Table) -> dict:
    return {
        "is": "table",
        "caption": settable(block.caption),
        "columns": [
            {"title": settable(column.title), "share": column.share, "number": column.is_number}
            for column in block.columns
        ],
        "rows": [[_cell(cell) for cell in row] for row in block.rows],
        "empty": settable(block.is_empty_words),
    }


def _cell(cell: Cell) -> dict:
    said = {"text": settable(cell.text), "href": cell.href, "reason": settable(cell.reason), "strong": cell.is_strong}
    if cell.status:
        said["status"] = cell.status
    if cell.counts:
        shares = segment_shares([count for _, count in cell.counts])
        said["counts"] = [
            {"letter": letter, "count": f"{count:,}", "share": share, "href": _narrowed(cell.href, "assessed", letter)}
            for (letter, count), share in zip(cell.counts, shares, strict=True)
        ]
    return said


def _narrowed(href: str, name: str, letter: str) -> str:
    return f"{href}&{name}={'%3F' if letter == '?' else letter}" if href else ""


@_data.register
def _(block: KpiBlock) -> dict:
    return {"is": "kpi", **_kpi(block), "picture": kpi_chart(block.chart)}


@_data.register
def _(block: KpiGrid) -> dict:
    return {"is": "kpis", "kpis": [{**_kpi(kpi), "picture": small_kpi_chart(kpi.chart)} for kpi in block.kpis]}


def _kpi(block: KpiBlock) -> dict:
    judged = [each for each in (block.variation, block.assurance) if each]
    return {
        "title": settable(block.title),
        "href": block.href,
        "figure": settable(block.figure),
        "period": settable(block.period),
        "status": block.status,
        "lines": [settable(line) for line in block.lines],
        "alt": settable(block.chart.sentence),
        "judged": [{"icon": assurance_or_variation(each), "words": SHORT_WORDS[each]} for each in judged],
    }


@_data.register
def _(block: Months) -> dict:
    return {"is": "months", "sentence": settable(block.sentence), "picture": month_chart(block.months)}


@_data.register
def _(block: Key) -> dict:
    return {
        "is": "key",
        "statuses": [{"letter": letter, "word": word, "meaning": meaning} for letter, word, meaning in block.statuses],
        "kpi_statuses": [{"word": word, "meaning": meaning} for word, meaning in block.kpi_statuses],
        "icons": [{"icon": assurance_or_variation(name), "meaning": meaning} for name, meaning in block.icons],
    }


@_data.register
def _(block: RiskPicture) -> dict:
    return {
        "is": "risks",
        "sentence": settable(block.sentence),
        "impacts": [f"{impact} {word}" for impact, word in IMPACTS.items()],
        "rows": [
            {"title": f"{row[0].likelihood} {LIKELIHOODS[row[0].likelihood]}", "cells": [_risk_cell(cell) for cell in row]}
            for row in block.matrix
        ],
        "levels": ", ".join(f"{level.value} {level.label.lower()}" for level in Level),
    }  # fmt: skip


def _risk_cell(cell: RiskCell) -> dict:
    return {
        "scored": f"{cell.level.value} {cell.score}",
        "counted": plural(cell.count, "risk") if cell.count else "",
        "href": cell.href,
        "fill": SHADES[cell.level],
    }


@_data.register
def _(block: NewPage) -> dict:
    return {"is": "page"}
