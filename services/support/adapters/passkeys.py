"""Passkeys (WebAuthn, level 2), by py_webauthn: which answers of a browser are right.

A device signs a challenge of ours together with the site that asked for it, so an answer is good for one sign-in on one
site. Attestation is not asked for: which maker's device it is does not matter here. What cannot be read is wrong.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import NamedTuple
from urllib.parse import urlsplit

from cbor2 import CBORDecodeError
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException

ALGORITHMS = (-8, -7, -257)
"""EdDSA, ES256, RS256: what browsers are offered."""

UNREADABLE = (
    WebAuthnException, CBORDecodeError, InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, KeyError,
    IndexError, AttributeError, OverflowError, RecursionError,
)  # fmt: skip


class Site(NamedTuple):
    """The pages on which a passkey is good: their host, and the origin as browsers write it."""

    host: str
    origin: str


class Taken(NamedTuple):
    """A device's key, as it is kept."""

    credential: str
    public_key: str
    signs: int


def site_of(public_url: str) -> Site:
    parts = urlsplit(public_url)
    return Site(parts.hostname or "", f"{parts.scheme}://{parts.netloc}")


def new_challenge() -> str:
    return secrets.token_urlsafe(32)


def challenge_of(platform_secret: str, *about: str) -> str:
    """Return the challenge of one sign-in. It is stored nowhere, and who lacks the secret cannot foresee it."""
    return _encoded(_mac(platform_secret, "passkey", *about))


def handle_of(platform_secret: str, email: str) -> str:
    """Return the name by which devices know a person; it tells nothing about them."""
    return _encoded(_mac(platform_secret, "passkey handle", email))


def take(site: Site, challenge: str, credential: str, client_data: str, attestation: str) -> Taken | None:
    """Return the new key that a device has made for this challenge, or None for anything else."""
    response = {"clientDataJSON": client_data, "attestationObject": attestation}
    try:
        found = verify_registration_response(
            credential={"id": credential, "rawId": credential, "type": "public-key", "response": response},
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except UNREADABLE:
        return None
    if _encoded(found.credential_id) != credential:
        return None
    return Taken(_encoded(found.credential_id), _encoded(found.credential_public_key), found.sign_count)


def check(
    site: Site, challenge: str, key: Taken, client_data: str, authenticator_data: str, signature: str
) -> int | None:
    """Return the device's new count of signatures, or None where it did not sign this challenge with that key."""
    response = {"clientDataJSON": client_data, "authenticatorData": authenticator_data, "signature": signature}
    try:
        found = verify_authentication_response(
            credential={
                "id": key.credential, "rawId": key.credential, "type": "public-key", "response": response,
            },
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.signs,
        )  # fmt: skip
    except UNREADABLE:
        return None
    return found.new_sign_count


def _mac(platform_secret: str, *about: str) -> bytes:
    return hmac.new(platform_secret.encode(), "\n".join(about).encode(), hashlib.sha256).digest()


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
