"""Mails about tickets that their customers take to a lead (standard, section 6: no perfunctory reception).

A shop without a lead has its admin answer; these texts then speak of the person in charge.
"""

from __future__ import annotations

from datetime import datetime

from services.support.adapters.mail.letter import Mail, when
from services.support.api.statuses import Above
from services.support.domain import Link

WHO = {Above.LEAD: "a lead of our team", Above.ADMIN: "the person in charge of our shop"}
_TOLD = {Above.LEAD: "Our leads have been told.", Above.ADMIN: "They have been told."}


def asked(number: str, by: datetime, zone: str | None, to: Above, *, told: bool, reopened: bool) -> Mail:
    """Write to the customer that their wish has arrived. told: there is a lead or an admin, who has a mail about it."""
    again = " Your matter has been taken up again." if reopened else ""
    word = f" {_TOLD[to]}" if told else ""
    return Mail(
        f"You asked for {WHO[to]} · {number}",
        f"you have asked that {WHO[to]} answers you.{again}{word}",
        f"{WHO[to]} answers you by {when(by, zone)}. You need do nothing.",
        f"Your ticket: {number}",
        Link.TICKET,
    )


def for_lead(number: str, by: datetime, zone: str) -> Mail:
    """Write to those who are to answer."""
    return Mail(
        f"A customer asks for you · {number}",
        "the customer is not content, and asks that you answer. The reason stands in the conversation.",
        f"please answer the customer yourself by {when(by, zone)}, as we have promised them. An answer of somebody "
        "else does not count.",
        f"Case: {number}",
        Link.DESK,
    )


def for_assignee(number: str, to: Above) -> Mail:
    """Write to the person who works on it, that another person answers now."""
    return Mail(
        f"Your customer asks for {WHO[to]} · {number}",
        f"the customer of a ticket of yours is not content, and asks that {WHO[to]} answers.",
        f"{WHO[to]} answers next. Please help with what you know: write it down as a note.",
        f"Case: {number}",
        Link.DESK,
    )
