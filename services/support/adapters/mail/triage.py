"""Mails about tickets that are put together, taken apart or split (standard, section 5)."""

from __future__ import annotations

from datetime import datetime

from services.support.adapters.mail.letter import Mail, when
from services.support.domain import Link

LATE = "we are late with our answer, and write to you about that in a mail of its own."


def _about(number: str, subject: str, what: str, next_step: str) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, f"Your ticket: {number}", Link.TICKET)


def merged(number: str, other: str, answer_by: datetime | None, zone: str | None = None) -> Mail:
    """Write that the conversation `other` goes on in this one. answer_by: None where there is no time to tell."""
    by = f" A person answers you by {when(answer_by, zone)}." if answer_by else ""
    return _about(
        number,
        "We have put two of your conversations together",
        f"you have written to us twice about one matter. Your conversation {other} goes on in this one, {number}. What "
        "you wrote is kept, and what we promised you there is kept here.",
        f"please write to us in this conversation; what you write to the other one arrives here too.{by}",
    )


def unmerged(number: str, other: str, answer_by: datetime | None, zone: str | None = None) -> Mail:
    """Write that this conversation goes on by itself again."""
    by = f"a person answers you here by {when(answer_by, zone)}." if answer_by else "you need do nothing."
    return _about(
        number,
        "We have taken two of your conversations apart again",
        f"we had put this conversation together with {other}, and should not have: it is a matter of its own. We are "
        f"sorry. It goes on by itself again; what you wrote meanwhile is in {other}.",
        by,
    )


def split(number: str, other: str, answer_by: datetime | None, zone: str | None = None, steps: str = "") -> Mail:
    """Write that something of the conversation `other` is one of its own. steps: those of a complaint.

    answer_by: None where the answer is late.
    """
    by = f"a person answers you there by {when(answer_by, zone)}." if answer_by else LATE
    return _about(
        number,
        "We answer you about this in a conversation of its own",
        f"in your conversation {other} you wrote about more than one matter. So that nothing is left out, one of them "
        f"has a conversation of its own now, {number}.",
        f"{by}{steps and ' '}{steps}",
    )
