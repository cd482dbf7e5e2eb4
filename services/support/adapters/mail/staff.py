"""Mails to members of staff about the tickets that they work on (standard, section 6: no delayed response)."""

from __future__ import annotations

from services.support.adapters.mail.letter import Mail
from services.support.domain import Link


def _about(number: str, subject: str, what: str, next_step: str) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, f"Case: {number}", Link.DESK)


def assigned(number: str) -> Mail:
    return _about(number, "A ticket is yours now", "this ticket has been assigned to you.", "please see to it.")


def customer_wrote(number: str) -> Mail:
    return _about(
        number,
        "The customer has written",
        "the customer has written to a ticket of yours.",
        "please answer; the clock of the answer runs.",
    )
