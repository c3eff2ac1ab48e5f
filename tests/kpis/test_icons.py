import re
import xml.etree.ElementTree as ElementTree

import pytest
from django.template import Context, Template

from kpis.icons import DRAWINGS, assurance_icon, variation_icon, words
from kpis.spc import Assurance, Variation

DRAWN = {**dict.fromkeys(Variation, variation_icon), **dict.fromkeys(Assurance, assurance_icon)}
ICONS = pytest.mark.parametrize(("icon", "draw"), DRAWN.items(), ids=[str(icon) for icon in DRAWN])


def tree(drawn):
    return ElementTree.fromstring(drawn)


def outline(icon):
    """The shape that the icon stands in, whatever its colour."""
    shape = tree(DRAWN[icon](icon))[1]
    return shape.tag, "filled" if shape.get("stroke") is None else "open"


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@ICONS
def test_an_icon_says_its_words_to_those_who_hear_the_page(icon, draw):
    drawn = tree(draw(icon))

    assert (drawn.get("role"), drawn.get("aria-label")) == ("img", words(icon))
    assert drawn.find("title").text == words(icon)


@ICONS
def test_beside_its_words_an_icon_is_silent(icon, draw):
    drawn = tree(draw(icon, is_silent=True))

    assert drawn.get("aria-hidden") == "true"
    assert drawn.get("role") is drawn.get("aria-label") is drawn.find("title") is None


@ICONS
def test_an_icon_needs_no_style_no_id_and_nothing_from_elsewhere(icon, draw):
    assert not re.search(r"style=|\bid=|href|url\(|<script|<image", draw(icon))


@ICONS
def test_an_icon_fits_its_square(icon, draw):
    drawn = tree(draw(icon))

    assert drawn.get("viewBox") == "0 0 36 36"
    assert 28 <= int(drawn.get("width")) == int(drawn.get("height")) <= 36


@ICONS
def test_every_line_and_letter_stands_out_from_what_it_is_drawn_on(icon, draw):
    """At least 4.5 to 1, as for text."""
    dark, light = [luminance(colour) for colour in set(re.findall(r"#[0-9a-f]{6}", draw(icon)))], luminance("#ffffff")

    assert dark
    assert all((light + 0.05) / (shade + 0.05) >= 4.5 for shade in dark)


def test_every_variation_and_every_assurance_has_an_icon_and_words_of_its_own():
    assert set(DRAWINGS) == set(DRAWN)
    assert len(set(DRAWINGS.values())) == len({words(icon) for icon in DRAWN}) == len(DRAWN) == 10


def test_in_grey_the_outline_says_which_kind_it_is():
    kinds = {
        "good": {Variation.IMPROVEMENT_HIGH, Variation.IMPROVEMENT_LOW, Assurance.PASS},
        "concern": {Variation.CONCERN_HIGH, Variation.CONCERN_LOW, Assurance.FAIL},
        "chance": {Variation.COMMON_CAUSE, Assurance.INCONSISTENT},
        "neither": {Variation.NEUTRAL_HIGH, Variation.NEUTRAL_LOW},
    }
    outlines = {kind: {outline(icon) for icon in icons} for kind, icons in kinds.items()}

    assert outlines == {
        "good": {("circle", "filled")},
        "concern": {("rect", "filled")},
        "chance": {("circle", "open")},
        "neither": {("path", "open")},
    }


@pytest.mark.parametrize(
    ("icon", "letter"),
    [
        (Variation.COMMON_CAUSE, None),
        (Variation.IMPROVEMENT_HIGH, "H"),
        (Variation.CONCERN_HIGH, "H"),
        (Variation.NEUTRAL_HIGH, "H"),
        (Variation.IMPROVEMENT_LOW, "L"),
        (Variation.CONCERN_LOW, "L"),
        (Variation.NEUTRAL_LOW, "L"),
        (Assurance.PASS, "P"),
        (Assurance.FAIL, "F"),
        (Assurance.INCONSISTENT, "?"),
    ],
)
def test_in_grey_the_letter_says_the_rest(icon, letter):
    written = tree(DRAWN[icon](icon)).find(".//text")

    assert (None if written is None else written.text) == letter


@pytest.mark.parametrize("icon", [icon for icon in Variation if icon != Variation.COMMON_CAUSE])
def test_the_dots_rise_beside_an_h_and_fall_beside_an_l(icon):
    heights = [-float(dot.get("cy")) for dot in tree(variation_icon(icon)).findall(".//g/circle")]

    assert heights == sorted(heights, reverse=icon.endswith("low"))
    assert ("higher" if icon.endswith("high") else "lower") in words(icon).split(",")[0]


def test_nothing_is_drawn_for_none():
    assert (variation_icon(None), assurance_icon(None), words(None)) == ("", "", "")


def test_what_is_no_icon_is_refused():
    with pytest.raises(ValueError, match="sideways"):
        variation_icon("sideways")


def render(template, **given):
    return Template("{% load spc_icons %}" + template).render(Context(given))


def test_a_template_shows_the_icon_with_its_words():
    shown = render("{% variation_with_words v %}{% assurance_with_words a %}", v="concern_low", a=Assurance.FAIL)

    assert shown.count('aria-hidden="true"') == 2
    assert ">Concern: lower, and higher is better</span>" in shown
    assert ">Target will not be met reliably</span>" in shown


def test_a_template_shows_the_icon_alone_and_the_words_alone():
    assert render("{% assurance_icon a %}", a="pass") == assurance_icon("pass")
    assert render("{{ v|icon_words }}", v=Variation.COMMON_CAUSE) == "Common cause: no sign of real change"


def test_a_template_shows_nothing_for_none():
    assert (
        render(
            "{% variation_with_words v %}{% assurance_with_words v %}{% variation_icon v %}{{ v|icon_words }}", v=None
        )
        == ""
    )
