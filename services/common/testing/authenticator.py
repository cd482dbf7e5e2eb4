"""A device that keeps a passkey (WebAuthn), in software: for tests of what browsers do with a real one.

device = Authenticator("http://localhost:8000")
answer = device.make(begun)          # of POST /v1/second-factor/passkeys, to confirm it
shown = device.show(asked)           # of a 403 second_factor_required, to sign in
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from services.common.basics.untyped import Fields

PRESENT, ATTESTED = 0x01, 0x40


class Authenticator:
    """One key pair of one device, used in a browser on pages of this origin."""

    def __init__(self, origin: str):
        self.origin, self.signs = origin, 0
        self._key, self._id = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(32)

    @property
    def credential(self) -> str:
        return _encoded(self._id)

    def make(self, begun: Fields) -> dict[str, str]:
        """Answer a challenge with the new key, as `navigator.credentials.create` does."""
        numbers = self._key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self._id).to_bytes(2, "big") + self._id + cbor2.dumps(key)
        data = self._data(begun["host"], PRESENT | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client_data("webauthn.create", begun["challenge"])
        return {"id": self.credential, "client_data": _encoded(client), "attestation": _encoded(attestation)}

    def show(self, asked: Fields) -> dict[str, str]:
        """Sign a challenge, as `navigator.credentials.get` does."""
        self.signs += 1
        data, client = self._data(asked["host"], PRESENT), self._client_data("webauthn.get", asked["challenge"])
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return {
            "id": self.credential,
            "client_data": _encoded(client),
            "authenticator_data": _encoded(data),
            "signature": _encoded(signature),
        }

    def _data(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.signs.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
