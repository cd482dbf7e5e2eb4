"""Mails: queued in the transaction of what they tell of, sent after it, their outcomes noted in another.

The outcomes of a second are noted together. A crash between sending and noting sends those mails once more, with the
same Message-ID: told twice beats never told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import NamedTuple

from services.common.basics.caller import LEAD, person_of
from services.common.basics.personal import ERASED
from services.common.edge import tokens
from services.common.language import speaking
from services.support.adapters.mail.composing import Ways
from services.support.adapters.mail.letter import SCORES, Mail, letter
from services.support.adapters.mail.sending import MailSettings, Post, Undeliverable, opened
from services.support.adapters.mail.words import TEXTS
from services.support.adapters.mailbox.settings import MailInSettings
from services.support.api.teams import Availability
from services.support.domain import Link, Notification, Staff, Ticket
from services.support.domain.people import sign_in_code
from services.support.handlers import privacy_mails, unreached
from services.support.repository import CLAIMED, Transaction, Work
from services.support.repository.tickets import FIRST_MAILED
from services.support.settings import SupportSettings

CODE_GROUP = 4
TOLD_WITHIN_SECONDS = 1.0
SUGGESTION_MOVED = "suggestion_moved"


class Outcome(NamedTuple):
    """What came of an attempt to send the mail with this key; no problem: it was handed over."""

    key: str
    problem: Undeliverable | None


def queue_mail(
    work: Work,
    mail: Mail,
    recipient: str,
    link_key: str,
    *,
    key: str,
    about: str,
    reference: str,
    ticket: Ticket | None = None,
    order_number: str | None = None,
    tells_customer: bool = True,
    not_after: datetime | None = None,
    greets: str | None = None,
    wait: timedelta = timedelta(),
    first: bool = False,
    language: str | None = None,
) -> None:
    """Write a mail down to be sent after the commit, or so long after it, unless one with that key was before.

    A customer's mail is written in that language, else in the one of the ticket, else as they were written to last.

    The mails of a ticket to one address are one thread: they keep the first one's subject. Nothing is written to a
    customer whose address was erased. first: of a ticket that was opened just now, about which none can have gone out.
    """
    if recipient == ERASED:
        return
    last = work.notifications.last_of(ticket.number, recipient) if ticket and not first else None
    if last is not None and last.key == key:
        return
    if mail.again is not None:
        mail = mail.in_language(language or language_of(work, recipient, ticket))
    since = last.created_at if last else None
    answers = (
        work.incoming.latest_id(ticket.number, recipient, since, first=first) if ticket and tells_customer else None
    )
    item = Notification(
        key=key,
        recipient=recipient,
        subject=f"Re: {last.subject.removeprefix('Re: ')}" if last else mail.subject,
        text=mail.text,
        link=mail.link,
        link_key=link_key,
        about=about,
        reference=reference,
        created_at=work.now,
        next_attempt_at=work.now + wait,
        ticket_number=ticket.number if ticket else None,
        order_number=ticket.linked_order if ticket else order_number,
        tells_customer=tells_customer,
        not_after=not_after,
        greets=greets,
        thread=(last.thread or last.message_id) if last else None,
        in_reply_to=last.message_id if last else None,
        answers=answers,
        language=mail.language,
    )
    work.notifications.add(item)


def language_of(work: Work, recipient: str, ticket: Ticket | None = None) -> str | None:
    """Return the language that the ticket was begun in, else that of the last mail to this mailbox that had one."""
    known = ticket.language if ticket else None
    return known or (work.notifications.language_of(recipient) if TEXTS.translated else None)


def for_reader(work: Work, ticket: Ticket, mail: Mail) -> Mail:
    """Return a mail as its customer gets it, for what the conversation says in the same words."""
    return mail.in_language(language_of(work, ticket.customer_email, ticket))


def queue_ticket_mail(
    work: Work, ticket: Ticket, mail: Mail, about: str, *, wait: timedelta = timedelta(), first: bool = False
) -> None:
    """Write to the ticket's customer about what just happened to it, with a link that lets them in.

    first: its links were made just now, and this is its first mail.
    """
    serial = FIRST_MAILED if first else work.links.for_mail(ticket.number)
    link_key = f"{serial}:{ticket.cycle}" if mail.link is Link.RATING else serial
    key = f"{ticket.number}:{about}:{ticket.cycle}:{ticket.messages_count}"
    queue_mail(
        work, mail, ticket.customer_email, link_key, key=key, about=about.partition(":")[0], reference=ticket.number,
        ticket=ticket, greets=name_to_greet(ticket), wait=wait, first=first,
    )  # fmt: skip


def name_to_greet(ticket: Ticket) -> str | None:
    """Return the name that the form gave, once a person has read it or its customer has shown who they are."""
    known = ticket.mailbox_proven or ticket.order_proven or ticket.answered_cycle > 0
    return ticket.customer_name if known else None


def who_works_on(work: Work, ticket: Ticket) -> list[Staff]:
    """Return the ticket's assignee, but not while they are off; the leads, if the assignee has left."""
    presence = work.teams.presence(ticket.assignee) if ticket.assignee else None
    if ticket.assignee is None or (presence is not None and presence.at(work.now) is Availability.OFF):
        return []
    person = work.people.find_staff(ticket.assignee)
    return [person] if person else work.people.with_role(LEAD)


def tell_assignee(work: Work, ticket: Ticket, mail: Mail, key: str) -> None:
    """Mail the ticket's assignee, unless they did it; the leads, if the assignee has left."""
    for each in who_works_on(work, ticket):
        if each.email == work.caller.email:
            continue
        tell_person(work, ticket.number, each.email, mail, f"{ticket.number}:{key}:{each.email}", about="ticket")


def tell_person(work: Work, number: str, recipient: str, mail: Mail, key: str, *, about: str) -> None:
    """Mail a member of staff about a ticket, once for each key; for a key of the shop's back end, who made it.

    A program has no mailbox: nothing is sent.
    """
    recipient = person_of(recipient)
    if "@" in recipient:
        queue_mail(
            work, mail, recipient, f"desk/inbox/{number}", key=key, about=about, reference=number, tells_customer=False
        )


def send_due_mails(transaction: Transaction) -> None:
    """Send what is due: claimed in one transaction, sent in none, the outcomes noted in another."""
    claimed = CLAIMED
    while claimed == CLAIMED:
        with transaction() as work:
            due, settings, now = work.notifications.claim_due(), work.settings, work.now
        claimed = len(due)
        for outcomes in deliver(due, settings, now) if due else ():
            with transaction() as work:
                note_outcomes(work, outcomes)


def send(item: Notification, settings: SupportSettings, post: Post, now: datetime) -> None:
    """Hand one mail over. Undeliverable when it was not taken, or came too late to be of use."""
    if item.expired(now):
        raise Undeliverable("too late to be of use", for_good=True)
    ways, link = _ways(item, settings, now), _link(item, settings, now)
    sender = settings.part(MailSettings).mail_from
    domain = sender.partition("@")[2]
    ours = [f"<{each}@{domain}>" for each in dict.fromkeys((item.thread, item.in_reply_to)) if each]
    thread = [*ours, *([item.answers] if item.answers else [])]
    with speaking(item.language):
        body = letter(item.text, item.link, link, item.greets, _scores(item, settings), answerable=bool(ways.reply_to))
        post(
            sender, item.recipient, item.subject, body, f"<{item.message_id}@{domain}>", item.created_at, thread, ways
        )  # fmt: skip


def _ways(item: Notification, settings: SupportSettings, now: datetime) -> Ways:
    """Return where a mail leads: a customer's answer to its ticket or order, who follows a suggestion to the board."""
    inbox = settings.part(MailInSettings)
    if item.link is Link.DESK and item.about == SUGGESTION_MOVED:
        return Ways(unsubscribe=_link(item, settings, now))
    if not inbox.mail_in or item.link not in (Link.ORDER, Link.TICKET, Link.RATING):
        return Ways()
    number = item.ticket_number or item.link_key
    return Ways(reply_to=inbox.reply_address(tokens.reply_token(settings.secret, number, item.recipient, now)))


def note_outcomes(work: Work, outcomes: Sequence[Outcome]) -> None:
    """Record how attempts went. A customer who cannot be reached is called back to the agents' attention."""
    problems = {outcome.key: outcome.problem for outcome in outcomes}
    links: list[tuple[str, str]] = []
    for item in work.notifications.locked(problems):
        problem = problems[item.key]
        if problem is None:
            work.journal.record(*item.sent(work.now))
            if item.link is Link.ORDER:
                links.append((item.link_key, item.message_id))
            privacy_mails.note_sent(work, item)
            continue
        events = item.failed(str(problem), work.now, for_good=problem.for_good)
        privacy_mails.note_failed(item)
        work.journal.record(*events)
        if events:
            unreached.tell_person(work, item)
    work.order_links.note(links, tokens.ORDER_LIFETIME)


def deliver(items: Iterable[Notification], settings: SupportSettings, now: datetime) -> Iterator[list[Outcome]]:
    """Send a batch over one connection, and yield the outcome of each mail within a second of the next."""
    waiting, known, began = list(items), list[Outcome](), monotonic()
    try:
        with opened(settings.part(MailSettings)) as post:
            while waiting:
                if known and monotonic() - began > TOLD_WITHIN_SECONDS:
                    yield known
                    known, began = [], monotonic()
                item = waiting.pop(0)
                try:
                    send(item, settings, post, now)
                except Undeliverable as problem:
                    known.append(Outcome(item.key, problem))
                else:
                    known.append(Outcome(item.key, None))
    except Undeliverable as problem:
        known += [Outcome(item.key, problem) for item in waiting]
    if known:
        yield known


def _scores(item: Notification, settings: SupportSettings) -> dict[int, str]:
    """Make the link of each score, the best first, of a mail that asks for a rating."""
    if item.link is not Link.RATING or item.ticket_number is None:
        return {}
    cycle = int(item.link_key.partition(":")[2])
    made = {score: tokens.RatingClaims(item.ticket_number, cycle, score) for score in SCORES}
    return {
        score: f"{settings.public_url}/rating/{tokens.rating_token(settings.secret, made[score])}" for score in made
    }


def _link(item: Notification, settings: SupportSettings, now: datetime) -> str:
    """Make the link that follows the label. It is made at sending, because its secret is not stored."""
    match item.link:
        case Link.ORDER:
            token = tokens.order_token(settings.signing, item.link_key, now, item.message_id)
            return f"{settings.public_url}/orders/{item.link_key}#token={token}"
        case Link.TICKET | Link.RATING:
            assert item.ticket_number is not None
            serial = item.link_key.partition(":")[0]
            token = tokens.ticket_token(settings.secret, item.ticket_number, int(serial))
            return f"{settings.public_url}/tickets/{item.ticket_number}#token={token}"
        case Link.CODE:
            code = sign_in_code(settings.secret, item.link_key)
            return f"{code[:CODE_GROUP]} {code[CODE_GROUP:]}"
        case Link.EXPORT:
            return f"{settings.public_url}/v1/privacy/exports/{tokens.export_token(settings.secret, item.link_key)}"
        case Link.DESK:
            return f"{settings.public_url}/{item.link_key}"
