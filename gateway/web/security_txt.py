"""`/.well-known/security.txt` (RFC 9116): whom to tell of a hole. Not there while no contact is set."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response

from gateway.settings import GatewaySettings
from services.common.basics.clock import now, rfc3339

ADDRESS = "/.well-known/security.txt"
GOOD_FOR = timedelta(days=180)
"""How long a reader may rely on a copy; the file is made anew each time."""


def register(app: Flask, settings: GatewaySettings) -> None:
    """Route it, if there is a contact."""
    contacts = [each.strip() for each in settings.security_contact.split(",") if each.strip()]
    if contacts:
        app.add_url_rule(ADDRESS, "security-txt", lambda: _respond(contacts, settings.public_url))


def _respond(contacts: list[str], public_url: str) -> Response:
    expires = (now() + GOOD_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        *(f"Contact: {contact}" for contact in contacts),
        f"Expires: {rfc3339(expires)}",
        "Preferred-Languages: en",
        f"Canonical: {public_url}{ADDRESS}",
    ]
    return Response("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")
