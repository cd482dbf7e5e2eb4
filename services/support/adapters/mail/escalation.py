"""Mails about tickets that their customers take to a lead (standard, section 6: no perfunctory reception).

A shop without a lead has its admin answer; these texts then speak of the person in charge.
"""

from __future__ import annotations

from datetime import datetime

from services.support.adapters.mail.letter import Mail, for_customers, when
from services.support.adapters.mail.words import _
from services.support.api.statuses import Above
from services.support.domain import Link

WHO = {Above.LEAD: "a lead of our team", Above.ADMIN: "the person in charge of our shop"}


@for_customers
def asked(number: str, by: datetime, zone: str | None, to: Above, *, told: bool, reopened: bool) -> Mail:
    """Write to the customer that their wish has arrived. told: there is a lead or an admin, who has a mail about it."""
    date = when(by, zone)
    if to is Above.LEAD:
        subject, what = _("You asked for a lead of our team"), _("you have asked that a lead of our team answers you.")
        they_know = _("Our leads have been told.")
        following = _("a lead of our team answers you by {date}. You need do nothing.", date=date)
    else:
        subject = _("You asked for the person in charge of our shop")
        what = _("you have asked that the person in charge of our shop answers you.")
        they_know = _("They have been told.")
        following = _("the person in charge of our shop answers you by {date}. You need do nothing.", date=date)
    said = [what]
    said += [_("Your matter has been taken up again.")] if reopened else []
    said += [they_know] if told else []
    case = _("Your ticket: {number}", number=number)
    return Mail(f"{subject} · {number}", " ".join(said), following, case, Link.TICKET)


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
