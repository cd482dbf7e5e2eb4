"""Mails to admins about webhooks that we send."""

from __future__ import annotations

from services.support.adapters.mail.letter import Mail
from services.support.domain import Link


def stopped(host: str, *, gone: bool) -> Mail:
    """Tell that nothing is sent to an address any more. gone: it said so itself, by 410."""
    why = "it answered that it is gone (410)" if gone else "nothing could be sent there for five days"
    return Mail(
        f"Webhooks to {host} were stopped",
        f"events are no longer sent to {host}: {why}.",
        "please see to it; enable it again at the desk, and replay what was not delivered.",
        f"Webhook endpoint: {host}",
        Link.DESK,
    )
