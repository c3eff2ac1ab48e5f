import pytest
from django.core.exceptions import ValidationError

from common.text import Keepable, excess_of, text_problem, tidy, unkeepable_in


@pytest.mark.parametrize(
    "text", ["", "Plain words", "Tabs\tand\r\nline ends\n", "Café, ‘quotes’, 漢字, 🙂", "\u200d joiner"]
)
def test_what_people_write_can_be_kept(text):
    assert unkeepable_in(text) is None


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\ud800", "\ufffe", "\uffff"])
def test_what_no_page_or_file_can_carry_is_named_with_its_place(character):
    assert unkeepable_in(f"The pathway{character} opens") == (
        f"has a character that cannot be kept (U+{ord(character):04X}, after “The pathway”). Take it out and send again."
    )


def test_a_bad_character_at_the_very_start_is_said_to_stand_there():
    assert "at the beginning" in unkeepable_in("\x07The pathway")


def test_the_excess_is_counted_for_the_writer():
    assert excess_of("x" * 10_001, 10_000) == "has 10,001 characters. The most is 10,000: shorten it by 1."
    assert excess_of("x" * 10_000, 10_000) is None


def test_line_ends_count_once():
    assert excess_of("x\r\n" * 5, 10) is None


def test_tidying_leaves_the_words_alone():
    assert tidy("  One\r\n\r\nTwo\rThree \n") == "One\n\nTwo\nThree"


def test_the_message_names_the_field():
    assert text_problem("x" * 12, name="Title", limit=10).startswith("Title has 12 characters.")
    with pytest.raises(ValidationError, match="Title has a character that cannot be kept"):
        Keepable("Title")("a\x07")
