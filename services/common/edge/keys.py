"""Keys that sign tokens: one for each purpose, in one process; all others only verify (Ed25519).

    ring = Signing.parse("access:2026-11-29:<64 hex digits>, order:2026-11-29:<…>")
    token = ring.sign("access", {"session": "…"}, until)
    known = Verifying.parse("access:2026-11-29:<64 hex digits of the public key>, …")
    known.read("access", token, now)          # {"session": "…"}; None for what is expired, changed or not ours

A key is `purpose:name:hex`. Of a purpose's keys the first signs, and all of them verify: to change a key, first let
the others know the new public key, then sign with it, and drop the old one when what it signed has expired. A name
that begins with a date, as those that we make do, tells how old a key is. A signature covers the purpose, so that a
token of one kind is never taken for another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.common.basics.untyped import Fields, JsonDict

FORM = "purpose:name:64 hex digits, several separated by commas, of each purpose the one that signs first"
PATTERN = r"\s*[a-z]+:[A-Za-z0-9-]{1,32}:[0-9a-f]{64}(\s*,\s*[a-z]+:[A-Za-z0-9-]{1,32}:[0-9a-f]{64})*\s*"
ACCESS, ORDER, STREAM = "access", "order", "stream"
OF_SUPPORT, OF_GATEWAY = (ACCESS, ORDER), (ORDER, STREAM)
_ONE = r"\s*(?:\d{4}-\d{2}-\d{2}:)?(?!\d{4}-\d{2}-\d{2}:)[^,\s][^,]{14,}[^,\s]\s*"  # the day counts for nothing
SECRETS = f"{_ONE}(,{_ONE})*"
SECRETS_FORM = "at least 16 characters; several separated by commas: the first makes, any of them proves"
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})(-.*)?\Z")
_DAY = re.compile(r"^(\d{4}-\d{2}-\d{2}):(?=.)")


def private_keys(purposes: tuple[str, ...], name: str, seed: bytes) -> str:
    """Write one private key for each purpose, derived from `seed` (random, at least 32 bytes)."""
    made = ((purpose, hashlib.sha256(purpose.encode() + b"\n" + seed).hexdigest()) for purpose in purposes)
    return ", ".join(f"{purpose}:{name}:{key}" for purpose, key in made)


def public_keys(text: str) -> str:
    """Write the public keys that belong to those private ones."""
    return ", ".join(
        f"{purpose}:{name}:{Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw().hex()}"
        for purpose, name, key in _entries(text)
    )


def secrets_of(text: str) -> tuple[str, ...]:
    """Return the secrets of a list, without the days on which they were made: `2026-12-01:<new>, 2025-11-30:<old>`."""
    return tuple(_DAY.sub("", part.strip()) for part in text.split(","))


def secret_made(text: str) -> date | None:
    """Return the day on which the secret that is in use was made, where it says so."""
    day = _DAY.match(text.strip())
    try:
        return date.fromisoformat(day[1]) if day else None
    except ValueError:
        return None


def purposes(text: str) -> set[str]:
    """Return what there is a key for."""
    return {purpose for purpose, _, _ in _entries(text)}


def birthdays(text: str) -> Iterator[tuple[str, str, date | None]]:
    """Tell of the key that signs for each purpose: (purpose, name, when it was made, where the name says so)."""
    seen: set[str] = set()
    for purpose, name, _ in _entries(text):
        if purpose in seen:
            continue
        seen.add(purpose)
        dated = _DATED.match(name)
        try:
            made = date.fromisoformat(dated[1]) if dated else None
        except ValueError:
            made = None
        yield purpose, name, made


@dataclass(frozen=True)
class Verifying:
    """Public keys by purpose and name."""

    keys: Mapping[tuple[str, str], Ed25519PublicKey]

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls({(p, n): Ed25519PublicKey.from_public_bytes(key) for p, n, key in _entries(text)})

    def with_those_of(self, ring: Signing) -> Verifying:
        """Return these keys with the public keys of that ring."""
        own = {(p, n): key.public_key() for p, n, key in ring.keys}
        return Verifying({**self.keys, **own})

    def read(self, purpose: str, token: str, now: datetime) -> JsonDict | None:
        """Return the claims with `until`, in seconds of Unix; None for what is expired, changed or not ours."""
        try:
            name, claims, signature = token.split(".")
            key = self.keys.get((purpose, name))
            if key is None:
                return None
            key.verify(_decoded(signature), _signed(purpose, name, claims))
            found: JsonDict = json.loads(_decoded(claims))
            return found if found["until"] > now.timestamp() else None
        except (InvalidSignature, ValueError, KeyError, TypeError, binascii.Error):
            return None


@dataclass(frozen=True)
class Signing:
    """Private keys: (purpose, name, key), of each purpose the one that signs first."""

    keys: tuple[tuple[str, str, Ed25519PrivateKey], ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(tuple((p, n, Ed25519PrivateKey.from_private_bytes(key)) for p, n, key in _entries(text)))

    def sign(self, purpose: str, claims: Fields, until: datetime) -> str:
        """Return `name.claims.signature`, good until then. LookupError without a key for the purpose."""
        found = next(((name, key) for each, name, key in self.keys if each == purpose), None)
        if found is None:
            raise LookupError(f"there is no key that signs for {purpose!r}")
        name, key = found
        text = _encoded(json.dumps({**claims, "until": int(until.timestamp())}, separators=(",", ":")).encode())
        return f"{name}.{text}.{_encoded(key.sign(_signed(purpose, name, text)))}"


def _signed(purpose: str, name: str, claims: str) -> bytes:
    return f"pledge\n{purpose}\n{name}\n{claims}".encode("utf-8", "surrogatepass")


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _encoded(raw) != text:  # one text for one token
        raise ValueError("not in its one form")
    return raw


def _entries(text: str) -> Iterator[tuple[str, str, bytes]]:
    for part in filter(None, map(str.strip, text.split(","))):
        purpose, name, key = part.split(":")
        yield purpose, name, bytes.fromhex(key)


DEVELOPMENT_SUPPORT_KEYS = private_keys(OF_SUPPORT, "development", b"signs nothing but what is tried out")
DEVELOPMENT_GATEWAY_KEYS = private_keys(OF_GATEWAY, "development-gateway", b"signs nothing but what is tried out here")
DEVELOPMENT_PUBLIC_KEYS = public_keys(DEVELOPMENT_SUPPORT_KEYS)
"""Keys that stand in this source; refused outside development."""
