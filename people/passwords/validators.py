"""What Django asks of a password that somebody chooses: on joining, changing, setting anew, and at `manage.py createsuperuser`."""

from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from people.models import User
from people.passwords.breached import is_breached
from people.passwords.place_words import without, words_of
from people.passwords.strength import is_common, is_easily_guessed

INSTEAD = "Choose three words that do not belong together and have nothing to do with you or your work."
COMMON = f"Many people use this password, so it is tried first. {INSTEAD}"
OF_THE_PLACE = (
    f"Little is left of this password without names, seasons and words of your work, so it is easily guessed. {INSTEAD}"
)
EASILY_GUESSED = (
    f"This password is easily guessed, as dates, repeated letters and keys that lie side by side are. {INSTEAD}"
)
BREACHED = f"This password is known from data that was stolen elsewhere. {INSTEAD} If you use this one anywhere, change it there too."


class HardToGuessValidator:
    """Gives one reason, the first; only what passes the rest is asked about elsewhere. Shorter ones are told so by Django's own."""

    def __init__(self, min_length: int):
        self.min_length = min_length

    @sensitive_variables()
    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) >= self.min_length and (problem := _problem(password, user)):
            raise ValidationError(problem[1], code=problem[0])

    def get_help_text(self) -> str:
        return f"Not one that is often used or easily guessed. {INSTEAD}"


@sensitive_variables()
def _problem(password: str, user: User | None) -> tuple[str, str] | None:
    if is_common(password):
        return "common", COMMON
    if is_easily_guessed(password):
        return "easily_guessed", EASILY_GUESSED
    words = words_of(user)
    if is_easily_guessed(password, words) or is_easily_guessed(without(password, words)):
        return "of_the_place", OF_THE_PLACE
    return ("breached", BREACHED) if is_breached(password) else None
