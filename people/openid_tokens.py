"""What an OpenID provider signed: ID tokens, and the tokens by which it says that somebody signed out there.

The signature is checked against the keys that the provider publishes, by the ways of signing with a pair of keys alone: a token
that says to be signed by a shared secret, or by none, is none. Keys are asked for anew at each sign-in. Of a sign-out, which
anybody may send, they are kept for a while, so that nobody makes this server ask the provider as often as they like.
"""

import jwt
import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal.jwtkit import verify_jti
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.core.cache import cache

WAYS_OF_SIGNING = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
]  # fmt: skip
CLOCKS_DIFFER_BY = 30  # seconds
KEYS_KEPT = 300  # seconds
KEYS_ANEW_EVERY = 60  # seconds, where a token names a key that is not among those kept
SIGNED_OUT = "http://schemas.openid.net/event/backchannel-logout"
TYPES_OF_SIGN_OUT = ("logout+jwt", "application/logout+jwt")


class BadToken(OAuth2Error):
    """The sign-in that it belongs to did not work; the text is for the log and holds nothing of the token."""


# Keys


def keys_of(config: dict) -> dict:
    with get_adapter().get_requests_session() as session:
        response = session.get(config["jwks_uri"])
        response.raise_for_status()
        return response.json()


def kept_keys(provider) -> tuple[dict, dict]:
    """The provider's description of itself and its keys, at most some minutes old."""
    place = f"openid:{provider.server_url}"
    found = cache.get(place)
    return found or keep_keys(provider, place)


def keep_keys(provider, place: str) -> tuple[dict, dict]:
    config = provider.get_oauth2_adapter(provider.request).openid_config
    found = {name: config[name] for name in ("issuer", "jwks_uri")}, keys_of(config)
    cache.set(place, found, KEYS_KEPT)
    return found


def kept_keys_with(provider, token: str) -> tuple[dict, dict]:
    """Asked for once more where the provider has changed its keys since, though not for every token that says so."""
    config, keys = kept_keys(provider)
    if _names_a_key_of(token, keys) or not cache.add("openid:keys-anew", True, KEYS_ANEW_EVERY):
        return config, keys
    return keep_keys(provider, f"openid:{provider.server_url}")


def _names_a_key_of(token: str, keys: dict) -> bool:
    try:
        _key_of(token, keys)
    except BadToken:
        return False
    return True


def _key_of(token: str, keys: dict) -> jwt.PyJWK:
    try:
        named = jwt.get_unverified_header(token).get("kid")
        known = jwt.PyJWKSet.from_dict(keys).keys
    except (jwt.PyJWTError, AttributeError, TypeError) as problem:
        raise BadToken("a token or keys that cannot be read") from problem
    found = [key for key in known if key.key_id == named] if named else known
    if len(found) != 1:
        raise BadToken("signed by a key that the provider does not publish")
    return found[0]


# Tokens


def read_id_token(token: str, *, client_id: str, config: dict) -> dict:
    claims = _claims_of(token, client_id=client_id, config=config, keys=keys_of(config), needed=["exp", "iat", "sub"])
    verify_jti(claims)
    return claims


def read_sign_out(token: str, provider) -> dict:
    """By OpenID Connect Back-Channel Logout 1.0, section 2.6. Everything that needs no key is looked at first."""
    _judge_kind(token)
    client_id = provider.app.client_id
    config, keys = kept_keys_with(provider, token)
    claims = _claims_of(token, client_id=client_id, config=config, keys=keys, needed=["exp", "iat", "jti"])
    _judge_sign_out(claims)
    verify_jti(claims)
    return claims


def _claims_of(token: str, *, client_id: str, config: dict, keys: dict, needed: list[str]) -> dict:
    key = _key_of(token, keys)
    try:
        return jwt.decode(
            token,
            key=key,
            algorithms=WAYS_OF_SIGNING,
            audience=client_id,
            issuer=config["issuer"],
            leeway=CLOCKS_DIFFER_BY,
            options={"require": [*needed, "iss", "aud"]},
        )
    except (jwt.PyJWTError, TypeError, ValueError) as problem:
        raise BadToken(type(problem).__name__) from problem


def _judge_kind(token: str) -> None:
    """So that an ID token, which a browser may have seen, ends nothing."""
    try:
        kind = jwt.get_unverified_header(token).get("typ")
    except jwt.PyJWTError as problem:
        raise BadToken("a token that cannot be read") from problem
    if not isinstance(kind, str) or kind.lower() not in TYPES_OF_SIGN_OUT:
        raise BadToken("no token of a sign-out")


def _judge_sign_out(claims: dict) -> None:
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(SIGNED_OUT), dict):
        raise BadToken("no event of a sign-out")
    if "nonce" in claims:
        raise BadToken("a nonce, which only an ID token has")
    said = [claims[name] for name in ("sub", "sid") if name in claims]
    if not said or not all(isinstance(each, str) and each and "\x00" not in each for each in said):
        raise BadToken("nobody who signed out")


NOT_READ = (OAuth2Error, requests.RequestException, KeyError, ValueError)
