"""What a second step is made of (the secret of an app, the seed of recovery codes) is kept encrypted under `SECRET_KEY`.

Where the key was changed, what an older one (`SECRET_KEY_FALLBACKS`) encrypted is still read; `encrypt_anew` brings it under
the new key, so that the older one can be forgotten. Passkeys hold no secret of ours.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction

ENCRYPTED = ("secret", "seed", "migrated_codes")  # a text each, or a list of texts


def encrypt(text: str) -> str:
    return _cipher().encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    return _cipher().decrypt(text.encode()).decode()


def _cipher() -> MultiFernet:
    """Writes under the first key, and reads under each."""
    return MultiFernet([_under(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _under(key: str) -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(b"second factor:" + key.encode()).digest()))


# Another key


@dataclass
class Outcome:
    """Of how many second steps."""

    anew: int = 0
    already: int = 0
    unreadable: int = 0


def encrypt_anew() -> Outcome:
    """Everything under the key of today. Each second step by itself, so that nobody waits who signs in meanwhile."""
    outcome = Outcome()
    for number in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            found = Authenticator.objects.select_for_update().filter(pk=number).first()
            said = _said_anew(found.data) if found else None
            if said is None:
                continue
            setattr(outcome, said, getattr(outcome, said) + 1)
            if said == "anew":
                found.save(update_fields=["data"])
    return outcome


def _said_anew(data: dict) -> str | None:
    """Puts what is encrypted in `data` under the key of today, and says what it was; None where nothing is encrypted."""
    names = [name for name in ENCRYPTED if data.get(name)]
    if not names:
        return None
    texts = {name: data[name] if isinstance(data[name], list) else [data[name]] for name in names}
    if all(_is_of_today(text) for each in texts.values() for text in each):
        return "already"
    try:
        anew = {name: [encrypt(decrypt(text)) for text in each] for name, each in texts.items()}
    except InvalidToken:
        return "unreadable"
    data.update({name: each if isinstance(data[name], list) else each[0] for name, each in anew.items()})
    return "anew"


def _is_of_today(text: str) -> bool:
    try:
        _under(settings.SECRET_KEY).decrypt(text.encode())
    except InvalidToken:
        return False
    return True
