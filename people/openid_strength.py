"""How strongly an OpenID provider must have asked somebody before they come in here: asked for, and looked for in its ID token.

An installation names what it takes by `OIDC_REQUIRED_ACR` (the class of the sign-in), `OIDC_REQUIRED_AMR` (the ways that were used)
and `OIDC_REQUIRED_CONTEXT` (Microsoft Entra ID's authentication contexts). Of each one value is enough; of those that are set,
each must hold. A request can be changed on its way through the browser, so that only the signed answer counts.
"""

import json

from django.conf import settings


def is_required() -> bool:
    return bool(settings.OIDC_REQUIRED_ACR or settings.OIDC_REQUIRED_AMR or settings.OIDC_REQUIRED_CONTEXT)


def asked_for() -> dict[str, str]:
    """What goes with the request. There is no way to ask for an `amr`: the provider's own rules see to it."""
    asked = {}
    if settings.OIDC_REQUIRED_ACR:
        asked["acr_values"] = " ".join(settings.OIDC_REQUIRED_ACR)
    if settings.OIDC_REQUIRED_CONTEXT:
        wanted = {"essential": True, "values": settings.OIDC_REQUIRED_CONTEXT}
        asked["claims"] = json.dumps({"id_token": {"acrs": wanted}})
    return asked


def is_enough(claims: dict) -> bool:
    """Of the claims of an ID token whose signature was checked."""
    wanted = {
        "acr": settings.OIDC_REQUIRED_ACR,
        "amr": settings.OIDC_REQUIRED_AMR,
        "acrs": settings.OIDC_REQUIRED_CONTEXT,
    }
    return all(_named(claims.get(name)) & set(values) for name, values in wanted.items() if values)


def _named(claim: object) -> set[str]:
    """Some claims are one text, some a list of them."""
    return {each for each in (claim if isinstance(claim, list) else [claim]) if isinstance(each, str)}
