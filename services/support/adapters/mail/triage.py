"""Mails about tickets that are put together, taken apart or split (standard, section 5)."""

from __future__ import annotations

from datetime import datetime

from services.support.adapters.mail.letter import Mail, for_customers, when
from services.support.adapters.mail.tickets import complaint_steps, person_answers
from services.support.adapters.mail.words import _, capital
from services.support.domain import Link


def _about(number: str, subject: str, what: str, next_step: str) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, _("Your ticket: {number}", number=number), Link.TICKET)


@for_customers
def merged(number: str, other: str, answer_by: datetime | None, zone: str | None = None) -> Mail:
    """Write that the conversation `other` goes on in this one. answer_by: None where there is no time to tell."""
    following = _("please write to us in this conversation; what you write to the other one arrives here too.")
    if answer_by:
        following = f"{following} {capital(person_answers(answer_by, zone))}"
    return _about(
        number,
        _("We have put two of your conversations together"),
        _(
            "you have written to us twice about one matter. Your conversation {other} goes on in this one, {number}. "
            "What you wrote is kept, and what we promised you there is kept here.",
            other=other,
            number=number,
        ),
        following,
    )


@for_customers
def unmerged(number: str, other: str, answer_by: datetime | None, zone: str | None = None) -> Mail:
    """Write that this conversation goes on by itself again."""
    by = (
        _("a person answers you here by {date}.", date=when(answer_by, zone))
        if answer_by
        else _("you need do nothing.")
    )
    return _about(
        number,
        _("We have taken two of your conversations apart again"),
        _(
            "we had put this conversation together with {other}, and should not have: it is a matter of its own. We "
            "are sorry. It goes on by itself again; what you wrote meanwhile is in {other}.",
            other=other,
        ),
        by,
    )


@for_customers
def split(
    number: str,
    other: str,
    answer_by: datetime | None,
    zone: str | None = None,
    steps: tuple[datetime, datetime] | None = None,
) -> Mail:
    """Write that something of the conversation `other` is one of its own. steps: those of a complaint, see `received`.

    answer_by: None where the answer is late.
    """
    by = (
        _("a person answers you there by {date}.", date=when(answer_by, zone))
        if answer_by
        else _("we are late with our answer, and write to you about that in a mail of its own.")
    )
    return _about(
        number,
        _("We answer you about this in a conversation of its own"),
        _(
            "in your conversation {other} you wrote about more than one matter. So that nothing is left out, one of "
            "them has a conversation of its own now, {number}.",
            other=other,
            number=number,
        ),
        f"{by} {complaint_steps(*steps, zone)}" if steps else by,
    )
