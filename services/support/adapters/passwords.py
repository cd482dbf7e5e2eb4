"""One-time passwords of an app (TOTP, RFC 6238: six digits, thirty seconds), and their secrets as they are stored.

A secret is encrypted with a key that follows from support's own secret: a copy of the database alone shows none.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

STEP_SECONDS = 30
DRIFT = 1
"""Steps that a phone's clock may be off, each way."""


def new_secret() -> str:
    return pyotp.random_base32()


def uri(secret: str, email: str, shop: str) -> str:
    """Return the otpauth:// address that an app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=shop)


def qr_code(uri: str) -> str:
    """Return the QR code of an otpauth:// address as an SVG picture, in a data: address; black on white on any page."""
    return segno.make_qr(uri, error="m").svg_data_uri(scale=4, light="#fff", svgclass=None, lineclass=None)


def step_of(secret: str, password: str, now: datetime) -> int | None:
    """Return the time step whose password that is, None for a wrong one; takes the same time whatever is wrong."""
    this = int(now.timestamp()) // STEP_SECONDS
    otp, found = pyotp.TOTP(secret), None
    for step in range(this - DRIFT, this + DRIFT + 1):
        if hmac.compare_digest(otp.generate_otp(step).encode(), password.encode("utf-8", "surrogatepass")):
            found = step
    return found


def seal(platform_secret: str, secret: str) -> str:
    return _fernet(platform_secret).encrypt(secret.encode()).decode()


def unseal(platform_secrets: tuple[str, ...], sealed: str) -> str | None:
    """Return the secret; None where it was sealed with another key than one of these."""
    try:
        return MultiFernet([*map(_fernet, platform_secrets)]).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _fernet(platform_secret: str) -> Fernet:
    key = hmac.new(platform_secret.encode(), b"second factors", hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))
