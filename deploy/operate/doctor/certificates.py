"""Certificates that end soon: those that broker and databases show, where we speak to them by TLS."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509

from deploy.operate.doctor.finding import Finding, warning
from services import SERVICES
from services.common.basics import clock
from services.common.basics.urls import parameters

SOON = timedelta(days=60)
SECONDS = 5.0
SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
"""What a client of PostgreSQL says before it speaks TLS; the server answers S."""
BROKER_PORT, DATABASE_PORT = 5671, 5432


def examine(amqp_uri: str, databases: dict[str, str]) -> Iterator[Finding]:
    """Yield a finding for each server whose certificate ends within 60 days.

    A server that does not answer, or cannot be trusted, is told of by who looks for it.
    """
    seen: set[tuple[str, int]] = set()
    for url in (amqp_uri, *(databases[name] for name in SERVICES)):
        bus = url.startswith("amqps:")
        if not bus and not parameters(url).get("sslmode", "").startswith("verify-"):
            continue
        parts = urlsplit(url)
        place = (parts.hostname or "", parts.port or (BROKER_PORT if bus else DATABASE_PORT))
        if place in seen:
            continue
        seen.add(place)
        ends = _end_of(*place, by_request=not bus)
        if ends is not None and ends - clock.now() < SOON:
            yield warning(
                "certificate_ends", f"{place[0]}:{place[1]}", f"its certificate ends at {ends:%Y-%m-%d %H:%M} UTC",
                "docker compose up -d makes the next one, then restart that server; "
                "elsewhere see docs/operations-security.md",
            )  # fmt: skip


def _end_of(host: str, port: int, *, by_request: bool) -> datetime | None:
    """Return when the certificate that a server shows ends; None if it shows none. Nothing secret is said to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # one that has ended must be seen too
    try:
        with socket.create_connection((host, port), timeout=SECONDS) as plain:
            if by_request:
                plain.sendall(SSL_REQUEST)
                if plain.recv(1) != b"S":
                    return None
            with context.wrap_socket(plain) as secured:
                shown = secured.getpeercert(binary_form=True)
    except OSError:
        return None
    return x509.load_der_x509_certificate(shown).not_valid_after_utc if shown else None
