"""The PDF of the papers: one that everybody can read, the same each time, whatever people wrote."""

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pikepdf
import pytest
from pypdf import PdfReader

from board.papers import pdf
from board.papers.blocks import RiskPicture
from board.papers.typeface import settable
from board.risk_matrix import Cell as RiskCell
from kpis.models import Indicator, Kpi, Measurement
from priorities.models import Priority
from strategies.models import Strategy
from tests.board.papers.a_busy_plan import make_busy
from tests.board.papers.orders import another_action, paper, say
from tests.world import at, build_world
from workstrands.models import Action


@pytest.fixture
def world(db):
    return build_world()


def a_monthly_kpi(world) -> Kpi:
    """Fourteen months: enough for a control chart."""
    indicator = Indicator.objects.create(
        code="advice-on-time",
        title="Advice on time",
        unit="percent",
        decimals=1,
        polarity="higher",
        frequency="monthly",
    )
    kpi = Kpi.objects.create(area=world.area, indicator=indicator, is_headline=True)
    for back in range(14):
        year, month = divmod(2025 * 12 + 3 + back, 12)
        start = date(year, month + 1, 1)
        Measurement.objects.create(
            indicator=indicator, area=world.area, number=1, recorded_at=at(2026, 6, 20), period_start=start,
            period_end=date(year, month + 1, 28), value=Decimal(60 + back % 5),
        )  # fmt: skip
    return kpi


def opened(made) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf.render(made)))


def tags(node, found=None) -> list[tuple[str, pikepdf.Dictionary]]:
    """(tag, element) of the whole structure, in the order in which it is read."""
    found = [] if found is None else found
    if isinstance(node, pikepdf.Array):
        for each in node:
            tags(each, found)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            found.append((str(node["/S"]), node))
        if "/K" in node:
            tags(node["/K"], found)
    return found


def structure(file: pikepdf.Pdf):
    return tags(file.Root.StructTreeRoot["/K"])


def links(file: pikepdf.Pdf) -> list[str]:
    return [
        str(note["/A"]["/URI"])
        for page in file.pages
        for note in page.get("/Annots", [])
        if note.get("/A", {}).get("/URI") is not None
    ]


def test_the_file_says_what_it_is_in_which_language_and_that_it_is_accessible(world):
    file = opened(paper(world))
    with file.open_metadata() as metadata:
        assert metadata["dc:title"] == "SEND Strategy, Northvale"
        assert metadata["pdfuaid:part"] == "1"
    assert str(file.Root.Lang) == "en-GB"
    assert bool(file.Root.MarkInfo.Marked)
    assert bool(file.Root.ViewerPreferences.DisplayDocTitle)


def test_headings_come_in_order_and_none_is_skipped(world):
    levels = [int(tag[2]) for tag, _ in structure(opened(paper(world))) if re.fullmatch(r"/H[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert {2, 3} <= set(levels)
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_have_headings_that_repeat_and_are_tagged_as_such(world):
    for number in range(2, 60):
        another_action(
            world, number, title=f"Agree and publish pathway {number} with every school and clinic", status="A"
        )
    file = opened(paper(world))
    found = structure(file)
    [work] = [
        table for table in (element for tag, element in found if tag == "/Table")
        if sum(tag == "/TR" for tag, _ in tags(table)) > 50
    ]  # fmt: skip
    assert sum(tag == "/TH" for tag, _ in tags(work)) == 5, "one tagged table, its headings tagged once"


def test_a_chart_is_a_figure_that_says_what_it_shows(world):
    a_monthly_kpi(world)
    file = opened(paper(world))
    figures = [element for tag, element in structure(file) if tag == "/Figure"]
    said = [str(each["/Alt"]) for each in figures]
    assert any(words.startswith("Advice on time: from ") for words in said)
    assert any(words.startswith("As leads reported, ") for words in said)
    assert all(said)


def test_pictures_are_drawn_and_not_photographed(world):
    a_monthly_kpi(world)
    file = opened(paper(world))
    images = [
        thing for thing in file.objects
        if isinstance(thing, pikepdf.Stream) and str(thing.get("/Subtype", "")) == "/Image"
    ]  # fmt: skip
    assert images == []


def test_the_contents_lead_to_their_pages(world):
    file = opened(paper(world))
    assert any(tag == "/TOC" for tag, _ in structure(file))
    assert not any(tag == "/TOC" for tag, _ in structure(opened(paper(world, kind="exceptions"))))
    with file.open_outline() as outline:
        titles = [item.title for item in outline.root] + [sub.title for item in outline.root for sub in item.children]
    assert "Every KPI of the plan" in titles


def test_every_address_of_the_papers_can_be_followed_from_the_file(world):
    another_action(world, 2, status="R")
    made = paper(world)
    found = links(opened(made))
    assert "https://tracker.example/northvale/actions/a-2/?as_at=2026-07-15" in found
    assert any("assessed=R" in href and "as_at=2026-07-15" in href for href in found)
    assert any("reported=" in href for href in found)
    assert all(href.startswith("https://tracker.example/") for href in found)


def test_the_same_papers_are_the_same_file(world):
    a_monthly_kpi(world)
    another_action(world, 2, status="R")
    assert pdf.render(paper(world)) == pdf.render(paper(world))


def test_exceptions_papers_of_a_busy_plan_take_two_sides(world):
    for number in range(2, 9):
        title = "Agree and publish the pathway with every school and clinic " * 3
        another_action(
            world, number, title=title, status="R", escalate_to="board" if number < 5 else "", ask="Agree it."
        )
        Priority.objects.create(strategy=world.strategy, ref=str(number), title=title[:80], position=number)
    a_monthly_kpi(world)
    assert len(opened(paper(world, kind="exceptions")).pages) == 2


def test_exceptions_papers_as_long_as_the_demonstrations_take_two_sides(world):
    assert len(opened(paper(make_busy(world), kind="exceptions", is_illustrative=True)).pages) == 2


def test_the_register_of_risks_is_a_table_whose_counts_lead_to_their_risks():
    href = "https://tracker.example/northvale/risks/?likelihood={}&impact={}"
    matrix = tuple(
        tuple(
            RiskCell(down, across, int((down, across) == (4, 4)), href.format(down, across)) for across in range(1, 6)
        )
        for down in range(5, 0, -1)
    )
    made = replace(bare_paper("Risks"), blocks=(RiskPicture("One risk is open: very high.", matrix),))
    file = opened(made)
    [table] = [element for tag, element in structure(file) if tag == "/Table"]
    rows = [element for tag, element in tags(table["/K"]) if tag == "/TR"]
    cells = [[tag for tag, _ in tags(row["/K"]) if tag in ("/TH", "/TD")] for row in rows]
    assert cells == [["/TH"] * 6] + [["/TD"] * 6] * 5
    assert links(file) == [href.format(4, 4)]
    said = " ".join(PdfReader(io.BytesIO(pdf.render(made))).pages[0].extract_text().split())
    assert "One risk is open: very high." in said
    assert (
        "Likelihood, then impact 1 Very small 2 Small 3 Moderate 4 Large 5 Very large 5 Almost certain M 5 H 10" in said
    )
    assert re.search("4 Likely L 4.*V 16 1 risk.*3 Possible", said)


INERT = [
    "#strong[bold] $x^2$ *bold* _em_ `code` = Heading",
    '#image("/etc/passwd") #read("paper.typ") #panic()',
    "<script>alert(1)</script> & “quotes” \\ {braces} [brackets] @label <label> // comment /* */",
    '"]; #eval("1+1") %2F ~ -- --- ...',
]


@pytest.mark.parametrize("words", INERT)
def test_what_people_wrote_is_text_and_never_a_command(world, words):
    another_action(world, 2, title=words, status="R", narrative=words)
    assert f"1.2 {words}" in written_in(world)


def written_in(world) -> str:
    """What the data hold: the template sets these texts as they are."""
    rows = next(
        b for b in pdf.as_data(paper(world))["blocks"] if b["is"] == "table" and "look at first" in b["caption"]
    )
    opened(paper(world))
    return " ".join(cell["text"] for row in rows["rows"] for cell in row).replace("\u200b", "")


@pytest.mark.parametrize(
    "words",
    [
        "\x07bell\x1bescape\x00nul",
        "\ud800half",
        "🎉 done ✅",
        "العربية",
        "漢字",
        "a\u2028b\u202ec",
        "\ufb03 ①",
        "e\u0301",
        "\ue000",
    ],
)
def test_characters_that_the_typeface_lacks_never_stop_the_papers(words):
    assert "�" not in settable(words)
    made = pdf.as_data(bare_paper(words))
    assert made["blocks"][0]["spans"][0]["text"] == settable(words)
    assert opened(bare_paper(words)).pages


def bare_paper(words: str):
    from board.papers.blocks import Paper, Paragraph, Span

    return Paper(
        title="Papers", area="Northvale", strategy="Plan", kind="exceptions", as_at=date(2026, 7, 15),
        moment=at(2026, 7, 15), facts=(("Made by", words),), blocks=(Paragraph((Span(words),)),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Done 🎉", "Done [party popper]"),
        ("stage ①", "stage 1"),
        ("a\x07b", "ab"),
        ("“quoted” – é €", "“quoted” – é €"),
    ],
)
def test_what_the_typeface_lacks_is_said_in_words(words, said):
    assert settable(words) == said


def test_a_word_that_no_line_could_hold_may_break(world):
    huge = "x" * 400
    address = "https://example.org/" + "/".join(["a-long-part-of-an-address"] * 12)
    another_action(world, 2, title=huge, status="R", narrative=address)
    words = re.split("[\\s\u200b]", settable(f"1.2 {huge} {address}"))
    assert max(map(len, words)) <= 28
    assert "".join(words) == f"1.2{huge}{address}"
    assert all(x1 <= 595.3 for x1 in right_edges(pdf.render(paper(world))))


def right_edges(content: bytes) -> list[float]:
    """Where the links of the file end: they enclose the words that lead on."""
    file = pikepdf.open(io.BytesIO(content))
    return [float(max(note["/Rect"][0], note["/Rect"][2])) for page in file.pages for note in page.get("/Annots", [])]


def test_an_empty_plan_and_one_that_was_never_baselined_have_papers_too(world):
    Action.objects.filter(strategy=world.strategy).update(retired_at=at(2026, 1, 2, 0))
    assert len(opened(paper(world)).pages) >= 2
    Action.objects.filter(strategy=world.strategy).update(retired_at=None)
    Strategy.objects.filter(pk=world.strategy.pk).update(baselined_on=None)
    assert opened(paper(world)).pages


def test_an_ended_plan_has_papers(world):
    assert opened(paper(world, date(2031, 6, 1))).pages


def test_a_long_narrative_goes_on_over_the_page(world):
    say(world, world.action, "R", at(2026, 3, 2), number=2, narrative="It is slow, and here is why. " * 340)
    assert len(opened(paper(world)).pages) >= 4


def test_a_warning_of_the_compiler_is_a_failure(monkeypatch):
    monkeypatch.setattr(pdf, "FAMILY", "No such face")
    with pytest.raises(pdf.NotSet, match="unknown font family"):
        pdf.render(bare_paper("Words"))
