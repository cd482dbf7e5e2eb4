"""Mails about what a customer wrote to us, and codes to sign in with (standard, sections 1, 5 and 6)."""

from __future__ import annotations

from datetime import datetime

from services.common.edge.tokens import ORDER_LIFETIME
from services.support.adapters.mail.letter import Mail, when
from services.support.domain import Link


def _about(number: str, subject: str, what: str, next_step: str) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, f"Your ticket: {number}", Link.TICKET)


def received(number: str, answer_by: datetime, zone: str | None = None) -> Mail:
    return _about(
        number,
        "We have received your message",
        "thank you for writing to us. Your message has arrived.",
        f"a person answers you by {when(answer_by, zone)}.",
    )


def answered(number: str, body: str, *, your_turn: bool) -> Mail:
    next_step = (
        "we need your answer to go on; please use the link below."
        if your_turn
        else "if that helps, you need do nothing; if not, just answer through the link below."
    )
    return _about(number, "We have answered you", f"we have answered you:\n\n{body}", next_step)


def resolved(number: str) -> Mail:
    return _about(
        number,
        "Is everything solved?",
        "we believe that your matter is solved, and have marked it so.",
        "please tell us how satisfied you are; it takes one click. If it is not solved, answer or reopen it there.",
    )


def reopened(number: str, answer_by: datetime, zone: str | None = None) -> Mail:
    return _about(
        number,
        "We are looking at it again",
        "your matter has been taken up again.",
        f"a person answers you by {when(answer_by, zone)}.",
    )


def link_renewed(number: str) -> Mail:
    return _about(
        number,
        "Your new link",
        "you asked for a new link to your conversation with us. Older links no longer work.",
        "open the link; it is good for 30 days. If you did not ask for it, you need do nothing.",
    )


def order_link(number: str) -> Mail:
    return Mail(
        f"Your new link · {number}",
        "you asked for a new link to the page of your order.",
        f"open the link; it is good for {ORDER_LIFETIME.days} days. If you did not ask for it, you need do nothing.",
        f"Your order: {number}",
        Link.ORDER,
    )


def sign_in_code() -> Mail:
    return Mail(
        "Your code to sign in",
        "somebody, hopefully you, wants to sign in with this address.",
        "enter the code below within 10 minutes. Tell it to nobody. If it was not you, you need do nothing.",
        "",
        Link.CODE,
    )
