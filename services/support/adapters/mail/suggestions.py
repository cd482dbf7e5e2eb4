"""Mails about suggestions: each step, to who made them and to who follows them (standard, section 6)."""

from __future__ import annotations

from datetime import datetime

from services.support.adapters.mail.letter import Mail, when
from services.support.adapters.mail.tickets import OBJECT
from services.support.api import Category, SuggestionStatus
from services.support.domain import Link, Suggestion

_S = SuggestionStatus
_AS = {
    Category.PRODUCT: "a question about a product",
    Category.ORDER: "a question about an order",
    Category.LOGISTICS: "a question about a delivery",
    Category.AFTERSALES: "a question about a return or a refund",
    Category.COMPLAINT: "a complaint",
}
SUBJECTS = {
    _S.REVIEWED: "We have read your suggestion",
    _S.PLANNED: "We plan what you suggested",
    _S.DECLINED: "Our decision about your suggestion",
    _S.DONE: "What you suggested is done",
    _S.ANNOUNCED: "We have announced what you suggested",
}


def taken_in(number: str, review_by: datetime, zone: str | None = None) -> Mail:
    """Write that staff took for a suggestion what had been sorted otherwise."""
    return Mail(
        f"We have received your suggestion · {number}",
        "we have taken in what you wrote as a suggestion.",
        f"we decide about your suggestion by {when(review_by, zone)}, and tell you.",
        f"Your ticket: {number}",
        Link.TICKET,
    )


def withdrawn(number: str, category: Category, answer_by: datetime | None, zone: str | None = None) -> Mail:
    """Write that staff sorted otherwise what had been taken for a suggestion. answer_by: where an answer is to come."""
    answer = f"a person answers you by {when(answer_by, zone)}. " if answer_by else ""
    return Mail(
        f"We have sorted your message anew · {number}",
        f"we had taken in what you wrote as a suggestion, and have sorted it anew as {_AS[category]}. So we do not "
        "decide about it as a suggestion any more.",
        f"{answer}{'If' if answer else 'if'} you meant it as a suggestion, write to us through the link below, and a "
        "person answers you.",
        f"Your ticket: {number}",
        Link.TICKET,
    )


def moved(number: str, suggestion: Suggestion, public_url: str, zone: str | None = None) -> Mail:
    """Write the step that a suggestion took to who made it."""
    status, following = suggestion.status, ""
    match status:
        case _S.PLANNED:
            following = "we write to you when it is done."
        case _S.DECLINED:
            following = OBJECT
        case _S.REVIEWED if suggestion.review_by is not None:
            following = f"we decide about your suggestion by {when(suggestion.review_by, zone)}, and tell you."
    board = ""
    if suggestion.public:
        board = f'\n\nOur public board of suggestions shows it in our words, without your name: "{suggestion.title}"'
    what = f"{_what(suggestion, public_url)}{board}"
    return Mail(f"{SUBJECTS[status]} · {number}", what, following, f"Your ticket: {number}", Link.TICKET)


def followed(suggestion: Suggestion, public_url: str) -> Mail:
    """Write the step that a suggestion took to who follows it, and how to hear no more of it."""
    ended = suggestion.status is _S.ANNOUNCED
    return Mail(
        "A suggestion that you follow",
        f'you follow the suggestion "{suggestion.title}". This is new:\n\n'
        f"{_capital(_what(suggestion, public_url, of='it was suggested to us'))}",
        "this was the last mail about it."
        if ended
        else "if you want to be told no more, open the board through the link below and choose to stop following it.",
        "",
        Link.DESK,
    )


def _what(suggestion: Suggestion, public_url: str, of: str = "you suggested it") -> str:
    where = suggestion.link or ""
    where = f"{public_url}{where}" if where.startswith("/") else where
    match suggestion.status:
        case _S.PLANNED:
            return f"we plan to do it, because {of}."
        case _S.DECLINED:
            return (
                f"we do not plan to do it. The lead of our team decided this, for this reason:\n\n{suggestion.reason}"
            )
        case _S.DONE:
            return f"it is done, because {of}. This is what did it:\n\n{where}"
        case _S.ANNOUNCED:
            return f"we have announced it. This is what did it:\n\n{where}"
        case _:
            return "the lead of our team has read the suggestion, and decides about it next."


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
