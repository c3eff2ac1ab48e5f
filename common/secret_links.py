"""Addresses that open something to whoever holds them. The secret is shown once; only its digest is kept."""

import secrets
from hashlib import sha256

CHARACTERS = 43  # of 32 random bytes


def new_token() -> str:
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What is kept, and looked up: from it nobody finds the token."""
    return sha256(token.encode()).hexdigest()
