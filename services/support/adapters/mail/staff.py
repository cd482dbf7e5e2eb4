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


def drafted(number: str) -> Mail:
    return _about(
        number,
        "A complete answer waits to be checked",
        "a colleague has written the complete answer to a question that was looked into.",
        "please check it: approve it, edit and approve it, or send it back with the reason. The customer waits for it.",
    )


def sent_back(number: str) -> Mail:
    return _about(
        number,
        "Your draft was sent back",
        "a colleague has not agreed to your answer; the reason stands beside the conversation.",
        "please write it again; the clock of the complete answer runs.",
    )


def article_due(slug: str) -> Mail:
    return Mail(
        f"An article is to be looked at again · {slug}",
        "half a year has passed since this text of the help centre was published or looked at.",
        "please read it: publish it again if it still holds, or write a new version.",
        f"Article: {slug}",
        Link.DESK,
    )
