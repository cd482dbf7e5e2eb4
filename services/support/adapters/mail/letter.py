"""The texts of all mails, plain and polite: what happened, what happens next, the number, the link. Pure.

Nothing that a stranger typed is repeated in a mail, no name, subject or message: otherwise the contact form could be
used to send anybody anything in our name. What an agent or a service of ours wrote is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.support.domain import Link

LINK_LABELS = {
    Link.ORDER: "See your order",
    Link.TICKET: "Read and answer",
    Link.DESK: "Open it",
    Link.CODE: "Your code",
}


@dataclass(frozen=True)
class Mail:
    """One mail without its link. `number` is the line that names the case, such as "Your order: ORD-…"."""

    subject: str
    what: str
    next_step: str
    number: str
    link: Link

    @property
    def text(self) -> str:
        """The whole text but for the greeting and the link."""
        number = f"\n\n{self.number}" if self.number else ""
        return f"{self.what.strip()}\n\nWhat happens next: {self.next_step}{number}"


def letter(text: str, label: Link, link: str) -> str:
    """The body as it goes out."""
    return (
        f"Hello,\n\n{text}\n{LINK_LABELS[label]}: {link}\n\nKind regards\nPledge customer service\n\n"
        "Replies to this address are not read; please use the link, or our Contact Us page.\n"
    )


def when(moment: datetime, time_zone: str | None = None) -> str:
    """A time as its reader's clock shows it: "Wednesday 4 March 2026, 18:00 (Asia/Shanghai)"; UTC without a zone."""
    zone = time_zone if time_zone and _known(time_zone) else "UTC"
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} ({zone})"


def _known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
