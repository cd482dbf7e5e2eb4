"""Mails about what a customer wrote to us, and codes to sign in with (standard, sections 1, 5 and 6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote

from services.common.edge.tokens import ORDER_LIFETIME, TICKET_LIFETIME
from services.common.language import N_
from services.support.adapters.mail.letter import Mail, for_customers, quoted, when
from services.support.adapters.mail.words import _, capital, ngettext
from services.support.api import DeclineGround, ResolutionCode
from services.support.api.basis import ShownBasis
from services.support.api.uploads import MOST_BYTES, MOST_FILES
from services.support.domain import END_AFTER_REMINDER, REOPEN_WINDOW, SILENCE, Link
from services.support.domain.people import CODE_LIFETIME

OBJECT = N_(
    "if you see it otherwise, write to us through the link below: your message takes the matter up again, and a person "
    "answers you."
)

GROUNDS = {
    DeclineGround.NOT_OFFERED: N_("We do not sell or offer this."),
    DeclineGround.NOT_POSSIBLE: N_("It cannot be done, or not any more."),
    DeclineGround.AS_PROMISED: N_("We have found that it is as we had promised."),
    DeclineGround.NOT_SHOWN: N_("We could not see that it is as you wrote."),
    DeclineGround.TOO_LATE: N_("The time in which this can be asked for is over."),
    DeclineGround.LAW: N_("The law does not allow it."),
}
"""What is told of each ground, before the words of who decided; of `other` those alone."""


def _about(number: str, subject: str, what: str, next_step: str, link: Link = Link.TICKET) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, _("Your ticket: {number}", number=number), link)


def _with(files: int) -> str:
    """Say where the files are that came along."""
    if not files:
        return ""
    said = ngettext(
        "One file came with it; it is in the conversation: follow the link below.",
        "{count} files came with it; they are in the conversation: follow the link below.",
        files,
    )
    return f"\n\n{said}"


def person_answers(by: datetime, zone: str | None) -> str:
    return _("a person answers you by {date}.", date=when(by, zone))


@for_customers
def received(
    number: str,
    answer_by: datetime,
    zone: str | None = None,
    *,
    review_by: datetime | None = None,
    steps: tuple[datetime, datetime] | None = None,
) -> Mail:
    """Write that a message has arrived.

    review_by: it is a suggestion, about which a lead decides until then. steps: it is a complaint; until when a person
    takes it up, and until when we decide about it.
    """
    following = [person_answers(answer_by, zone)]
    following += [capital(decided_by(review_by, zone))] if review_by else []
    following += [complaint_steps(*steps, zone)] if steps else []
    return _about(
        number,
        _("We have received your message"),
        _("thank you for writing to us. Your message has arrived."),
        " ".join(following),
    )


@for_customers
def let_through(
    number: str,
    answer_by: datetime,
    now: datetime,
    zone: str | None = None,
    *,
    review_by: datetime | None = None,
    steps: tuple[datetime, datetime] | None = None,
) -> Mail:
    """Write that a message has arrived which was set aside at first; what was promised before now is not repeated."""
    late = _("we had promised an answer by {date}, and are late. We are sorry.", date=when(answer_by, zone))
    following = [person_answers(answer_by, zone) if answer_by > now else late]
    following += [capital(decided_by(review_by, zone))] if review_by and review_by > now else []
    following += [complaint_steps(*steps, zone)] if steps and steps[0] > now else []
    what = _(
        "thank you for writing to us. Our guard against automatic messages had set yours aside at first; it goes on "
        "now. We are sorry for the detour."
    )
    return _about(number, _("We have received your message"), what, " ".join(following))


def decided_by(review_by: datetime, zone: str | None) -> str:
    return _("we decide about your suggestion by {date}, and tell you.", date=when(review_by, zone))


def complaint_steps(acknowledge_by: datetime, decide_by: datetime, zone: str | None = None) -> str:
    """Say the steps of a complaint and their dates, for the automatic acknowledgment."""
    return _(
        "A person takes your complaint up by {begin}. Then we look into it and write to you each working day with what "
        "is new. We decide about it by {end}, and tell you the reasons.",
        begin=when(acknowledge_by, zone),
        end=when(decide_by, zone),
    )


@for_customers
def begun(number: str, body: str, *, your_turn: bool, files: int = 0) -> Mail:
    what = f"{_('we write to you about this:')}\n\n{body}{_with(files)}"
    return _about(number, _("A message from us"), what, _turn(your_turn))


@for_customers
def answered(
    number: str, body: str, question: str | None, subject: str, *, your_turn: bool, done: bool = False, files: int = 0
) -> Mail:
    """Write the mail with an agent's answer. done: the matter had ended before; the answer is an addition.

    files: how many came along; they are in the conversation.
    """
    wrote = _('You had written, under "{subject}":', subject=subject)
    asked = f"\n\n{wrote}\n\n{quoted(question)}" if question else ""
    what = f"{_('we have answered you:')}\n\n{body}{_with(files)}{asked}"
    return _about(number, _("We have answered you"), what, _helps() if done else _turn(your_turn))


def based_on(basis: Iterable[ShownBasis] | None, site: str) -> str:
    """Return the lines below an answer that say what it rests on, each with its page; nothing where it is nothing."""
    lines = [f"{each.get('title') or _facts_of(each)}: {site}{page_of(each)}" for each in basis or ()]
    return "\n".join(["", "", _("Based on:"), *lines]) if lines else ""


def page_of(each: ShownBasis) -> str:
    """Return the address of the page that shows what is cited, as it was then or with what has changed."""
    name = each.get("slug") or f"products/{quote(each.get('sku', ''))}"
    return f"/help/{name}?version={each['version']}"


@for_customers
def looked_into(number: str, question: str, complete_by: datetime, news_by: datetime, zone: str | None = None) -> Mail:
    """Write what is looked into, and until when the complete answer and the next news come."""
    what = _("we want to answer you truthfully and in full, and have to look into it first. This is what we look into:")
    return _about(
        number,
        _("We are looking into your question"),
        f"{what}\n\n{question}",
        _(
            "you get the complete answer by {end}; a second person checks it before. If it takes longer than a working "
            "day, we write to you with news by {news}. You need do nothing.",
            end=when(complete_by, zone),
            news=when(news_by, zone),
        ),
    )


@for_customers
def news(number: str, body: str, *, files: int = 0) -> Mail:
    """Write the mail with what is new about a question that is still looked into."""
    return _about(
        number,
        _("News about your question"),
        f"{_('there is news about what we are looking into for you:')}\n\n{body}{_with(files)}",
        _("we go on, and you get the complete answer as we promised. You need do nothing."),
    )


@for_customers
def verified(number: str, answer: str, question: str) -> Mail:
    """Write the mail with the complete answer that a second person agreed to."""
    asked = _("you had asked, and we have looked into it:")
    checked = _("This is our answer. A second person of our team has checked it:")
    return _about(
        number,
        _("The complete answer to your question"),
        f"{asked}\n\n{quoted(question)}\n\n{checked}\n\n{answer}",
        _turn(yours=False),
    )


@for_customers
def amended(number: str, answer_by: datetime, zone: str | None = None) -> Mail:
    return _about(
        number,
        _("When we answer you"),
        _("we have sorted your message anew, and answer it later than we had said. We are sorry."),
        person_answers(answer_by, zone),
    )


@for_customers
def ended(
    number: str, code: ResolutionCode, note: str | None, ground: DeclineGround | None = None, *, complaint: bool
) -> Mail:
    """Write how a matter ended: solved, or refused with the reason and the way to object."""
    match code:
        case ResolutionCode.DECLINED:
            what = _("we cannot do what you asked for. The lead of our team decided this, for this reason:")
            because = [_(GROUNDS[ground])] if ground in GROUNDS else []
            said = "\n\n".join([what, *because, note or ""])
            return _about(number, _("Our decision about your request"), said, _(OBJECT))
        case ResolutionCode.DUPLICATE:
            what = _(
                "we have ended this conversation, because we take its matter for the same as that of another one of "
                "yours."
            )
            reason = f"\n\n{note}" if note else ""
            return _about(number, _("We have ended this conversation"), f"{what}{reason}", _(OBJECT))
    silence = (
        _("It is closed only when you say so, or our lead signs it.")
        if complaint
        else _("If we hear nothing for {days} days, we close it.", days=SILENCE.days)
    )
    return _about(
        number,
        _("Is everything solved?"),
        _("we believe that your matter is solved, and have marked it so."),
        f"{_rate()} {silence}",
        Link.RATING,
    )


def _rate() -> str:
    return _(
        "tell us below how satisfied you are. If it is not solved, open the link and write to us: your message takes "
        "it up again."
    )


@for_customers
def rating_asked(number: str) -> Mail:
    """Write the mail that asks for a rating of what an answer had ended at once."""
    what = _("we have answered you, and believe that your matter is solved.")
    return _about(number, _("How did we do?"), what, _rate(), Link.RATING)


@for_customers
def closed(number: str) -> Mail:
    return _about(
        number,
        _("We have closed your matter"),
        _("the lead of our team has closed your matter."),
        _(
            "if it is not solved, write to us through the link below within {days} days: your message takes it up "
            "again.",
            days=REOPEN_WINDOW.days,
        ),
    )


@for_customers
def taken_out(number: str, reason: str) -> Mail:
    what = _("the lead of our team has closed your message without an answer, for this reason:")
    return _about(number, _("We have closed your message"), f"{what}\n\n{reason}", _(OBJECT))


@for_customers
def files_left(number: str, count: int) -> Mail:
    """Write that files which came with a mail were not taken; their names are not repeated."""
    left = ngettext(
        "we have your message, but one file that came with your mail was not taken.",
        "we have your message, but {count} files that came with your mail were not taken.",
        count,
    )
    taken = _(
        "We take pictures (JPEG, PNG, WebP), PDF and plain text: {files} files with a message, each of {size} MB at "
        "most.",
        files=MOST_FILES,
        size=MOST_BYTES >> 20,
    )
    return _about(
        number,
        _("A file could not be taken"),
        f"{left} {taken}",
        _("please send it in one of these forms, or tell us in words what it shows."),
    )


@for_customers
def reminder(number: str, *, ends: bool) -> Mail:
    following = _("please answer through the link below.")
    if ends:
        days = END_AFTER_REMINDER.days
        end = _("If we do not hear from you for {days} days, we end this conversation.", days=days)
        following = f"{following} {end}"
    what = _("we have asked you something, and cannot go on without your answer.")
    return _about(number, _("We need your answer"), what, following)


@for_customers
def ended_in_silence(number: str) -> Mail:
    return _about(
        number,
        _("We have ended this conversation"),
        _("we have not heard from you since we reminded you, and have ended this conversation."),
        _("if you still need us, write to us through the link below: your message takes the matter up again."),
    )


@for_customers
def reopened(number: str, answer_by: datetime, zone: str | None = None) -> Mail:
    what = _("your matter has been taken up again.")
    return _about(number, _("We are looking at it again"), what, person_answers(answer_by, zone))


@for_customers
def link_renewed(number: str) -> Mail:
    what = _("you asked for a new link to your conversation with us. Older links end when you write through this one.")
    return _about(number, _("Your new link"), what, _open_link(TICKET_LIFETIME.days))


@for_customers
def order_link(number: str) -> Mail:
    what = _("you asked for a new link to the page of your order.")
    subject, case = _("Your new link"), _("Your order: {number}", number=number)
    return Mail(f"{subject} · {number}", what, _open_link(ORDER_LIFETIME.days), case, Link.ORDER)


def _open_link(days: int) -> str:
    return _("open the link; it is good for {days} days. If you did not ask for it, you need do nothing.", days=days)


@for_customers
def sign_in_code() -> Mail:
    return Mail(
        _("Your code to sign in"),
        _("somebody, hopefully you, wants to sign in with this address."),
        _(
            "enter the code below within {minutes} minutes. Tell it to nobody. If it was not you, you need do nothing.",
            minutes=CODE_LIFETIME.seconds // 60,
        ),
        "",
        Link.CODE,
    )


def _facts_of(each: ShownBasis) -> str:
    return _("What we know of the product {sku}", sku=each.get("sku"))


def _helps() -> str:
    return _("if that helps, you need do nothing; if not, just answer through the link below.")


def _turn(yours: bool) -> str:
    if yours:
        return _("we need your answer to go on; please use the link below.")
    rated = _(
        "What we have marked as solved can be rated there. It closes after {days} days without a word from you, unless "
        "it is a complaint.",
        days=SILENCE.days,
    )
    return f"{_helps()} {rated}"
