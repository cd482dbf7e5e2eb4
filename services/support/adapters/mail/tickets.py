"""Mails about what a customer wrote to us, and codes to sign in with (standard, sections 1, 5 and 6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote

from services.common.edge.tokens import ORDER_LIFETIME, TICKET_LIFETIME
from services.support.adapters.mail.letter import Mail, quoted, when
from services.support.api import ResolutionCode
from services.support.api.basis import ShownBasis
from services.support.api.uploads import MOST_BYTES, MOST_FILES
from services.support.domain import END_AFTER_REMINDER, REOPEN_WINDOW, SILENCE, Link

OBJECT = "if you see it otherwise, write to us through the link below: your message takes the matter up again, and a "
OBJECT += "person answers you."
_HELPS = "if that helps, you need do nothing; if not, just answer through the link below"


def _about(number: str, subject: str, what: str, next_step: str, link: Link = Link.TICKET) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, f"Your ticket: {number}", link)


def _with(files: int) -> str:
    """Say where the files are that came along."""
    if not files:
        return ""
    what = "One file came with it; it is" if files == 1 else f"{files} files came with it; they are"
    return f"\n\n{what} in the conversation: follow the link below."


def received(
    number: str, answer_by: datetime, zone: str | None = None, *, review_by: datetime | None = None, steps: str = ""
) -> Mail:
    """Write that a message has arrived.

    review_by: it is a suggestion, about which a lead decides until then. steps: those of a complaint, with their dates.
    """
    decided = f" We decide about your suggestion by {when(review_by, zone)}, and tell you." if review_by else ""
    return _about(
        number,
        "We have received your message",
        "thank you for writing to us. Your message has arrived.",
        f"a person answers you by {when(answer_by, zone)}.{decided}{steps and ' '}{steps}",
    )


def begun(number: str, body: str, *, your_turn: bool, files: int = 0) -> Mail:
    what = f"we write to you about this:\n\n{body}{_with(files)}"
    return _about(number, "A message from us", what, _turn(your_turn))


def answered(
    number: str, body: str, question: str | None, subject: str, *, your_turn: bool, done: bool = False, files: int = 0
) -> Mail:
    """Write the mail with an agent's answer. done: the matter had ended before; the answer is an addition.

    files: how many came along; they are in the conversation.
    """
    asked = f'\n\nYou had written, under "{subject}":\n\n{quoted(question)}' if question else ""
    what = f"we have answered you:\n\n{body}{_with(files)}{asked}"
    return _about(number, "We have answered you", what, f"{_HELPS}." if done else _turn(your_turn))


def based_on(basis: Iterable[ShownBasis] | None, site: str) -> str:
    """Return the lines below an answer that say what it rests on, each with its page; nothing where it is nothing."""
    lines = [f"{each.get('title') or _facts_of(each)}: {site}{page_of(each)}" for each in basis or ()]
    return "\n".join(["", "", "Based on:", *lines]) if lines else ""


def page_of(each: ShownBasis) -> str:
    """Return the address of the page that shows what is cited, as it was then or with what has changed."""
    name = each.get("slug") or f"products/{quote(each.get('sku', ''))}"
    return f"/help/{name}?version={each['version']}"


def looked_into(number: str, question: str, complete_by: datetime, news_by: datetime, zone: str | None = None) -> Mail:
    """Write what is looked into, and until when the complete answer and the next news come."""
    return _about(
        number,
        "We are looking into your question",
        "we want to answer you truthfully and in full, and have to look into it first. This is what we look into:\n\n"
        f"{question}",
        f"you get the complete answer by {when(complete_by, zone)}; a second person checks it before. If it takes "
        f"longer than a working day, we write to you with news by {when(news_by, zone)}. You need do nothing.",
    )


def news(number: str, body: str, *, files: int = 0) -> Mail:
    """Write the mail with what is new about a question that is still looked into."""
    return _about(
        number,
        "News about your question",
        f"there is news about what we are looking into for you:\n\n{body}{_with(files)}",
        "we go on, and you get the complete answer as we promised. You need do nothing.",
    )


def verified(number: str, answer: str, question: str) -> Mail:
    """Write the mail with the complete answer that a second person agreed to."""
    return _about(
        number,
        "The complete answer to your question",
        f"you had asked, and we have looked into it:\n\n{quoted(question)}\n\nThis is our answer. A second person "
        f"of our team has checked it:\n\n{answer}",
        _turn(yours=False),
    )


def amended(number: str, answer_by: datetime, zone: str | None = None) -> Mail:
    return _about(
        number,
        "When we answer you",
        "we have sorted your message anew, and answer it later than we had said. We are sorry.",
        f"a person answers you by {when(answer_by, zone)}.",
    )


def ended(number: str, code: ResolutionCode, note: str | None, *, complaint: bool) -> Mail:
    """Write how a matter ended: solved, or refused with the reason and the way to object."""
    match code:
        case ResolutionCode.DECLINED:
            return _about(
                number,
                "Our decision about your request",
                f"we cannot do what you asked for. The lead of our team decided this, for this reason:\n\n{note}",
                OBJECT,
            )
        case ResolutionCode.DUPLICATE:
            reason = f"\n\n{note}" if note else ""
            return _about(
                number,
                "We have ended this conversation",
                "we have ended this conversation, because we take its matter for the same as that of another one "
                f"of yours.{reason}",
                OBJECT,
            )
    silence = (
        "it is closed only when you say so, or our lead signs it."
        if complaint
        else f"if we hear nothing for {SILENCE.days} days, we close it."
    )
    return _about(
        number,
        "Is everything solved?",
        "we believe that your matter is solved, and have marked it so.",
        "tell us below how satisfied you are. If it is not solved, open the link and write to us: your message takes "
        f"it up again. {silence[0].upper()}{silence[1:]}",
        Link.RATING,
    )


def rating_asked(number: str) -> Mail:
    """Write the mail that asks for a rating of what an answer had ended at once."""
    return _about(
        number,
        "How did we do?",
        "we have answered you, and believe that your matter is solved.",
        "tell us below how satisfied you are. If it is not solved, open the link and write to us: your message takes "
        "it up again.",
        Link.RATING,
    )


def closed(number: str) -> Mail:
    return _about(
        number,
        "We have closed your matter",
        "the lead of our team has closed your matter.",
        f"if it is not solved, write to us through the link below within {REOPEN_WINDOW.days} days: your message takes "
        "it up again.",
    )


def taken_out(number: str, reason: str) -> Mail:
    return _about(
        number,
        "We have closed your message",
        f"the lead of our team has closed your message without an answer, for this reason:\n\n{reason}",
        OBJECT,
    )


def files_left(number: str, count: int) -> Mail:
    """Write that files which came with a mail were not taken; their names are not repeated."""
    what = "one file that came with your mail was" if count == 1 else f"{count} files that came with your mail were"
    return _about(
        number,
        "A file could not be taken",
        f"we have your message, but {what} not taken. We take pictures (JPEG, PNG, WebP), PDF and plain text: "
        f"{MOST_FILES} files with a message, each of {MOST_BYTES >> 20} MB at most.",
        "please send it in one of these forms, or tell us in words what it shows.",
    )


def reminder(number: str, *, ends: bool) -> Mail:
    end = f" If we do not hear from you for {END_AFTER_REMINDER.days} days, we end this conversation." if ends else ""
    return _about(
        number,
        "We need your answer",
        "we have asked you something, and cannot go on without your answer.",
        f"please answer through the link below.{end}",
    )


def ended_in_silence(number: str) -> Mail:
    return _about(
        number,
        "We have ended this conversation",
        "we have not heard from you since we reminded you, and have ended this conversation.",
        "if you still need us, write to us through the link below: your message takes the matter up again.",
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
        "you asked for a new link to your conversation with us. Older links end when you write through this one.",
        f"open the link; it is good for {TICKET_LIFETIME.days} days. If you did not ask for it, you need do nothing.",
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


def _facts_of(each: ShownBasis) -> str:
    return f"What we know of the product {each.get('sku')}"


def _turn(yours: bool) -> str:
    return (
        "we need your answer to go on; please use the link below."
        if yours
        else f"{_HELPS}. What we have marked as solved can be rated there. It closes after {SILENCE.days} days without "
        "a word from you, unless it is a complaint."
    )
