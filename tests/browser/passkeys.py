"""A device that holds passkeys: Chromium's virtual authenticator, which confirms each time as if a finger were laid on it."""

import base64

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Device:
    def __init__(self, page):
        self.browser = page.context.new_cdp_session(page)
        self.browser.send("WebAuthn.enable")
        made = self.browser.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self.which = {"authenticatorId": made["authenticatorId"]}

    def keys(self) -> list[dict]:
        return self.browser.send("WebAuthn.getCredentials", self.which)["credentials"]

    def forget_keys(self) -> None:
        self.browser.send("WebAuthn.clearCredentials", self.which)

    def forge(self, key: dict) -> None:
        """In the place of a key one that calls itself the same and is another."""
        self.forget_keys()
        private = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        forged = {**key, "privateKey": base64.b64encode(private).decode()}
        self.browser.send("WebAuthn.addCredential", {**self.which, "credential": forged})
