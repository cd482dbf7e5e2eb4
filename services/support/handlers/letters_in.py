"""Letters of people: an answer goes into its conversation, as if its writer had come by the link of our mail."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.common.basics import ids
from services.common.basics.caller import Caller
from services.support.adapters.mail import tickets as mails
from services.support.api import Category, ContactForm, PostMessage, TicketStatus
from services.support.api.mail_in import MailOutcome
from services.support.domain import OrderContact
from services.support.domain.incoming import IncomingMail, IncomingRecord
from services.support.handlers import mail_files, writing
from services.support.handlers.mail_files import KeptFile
from services.support.handlers.mailing import queue_ticket_mail
from services.support.handlers.opening import take_in
from services.support.handlers.reply_tokens import Owner, number_meant, owner_of
from services.support.repository import Work

_NUMBER = re.compile(ids.PATTERN)


def take_letter(work: Work, mail: IncomingMail, record: IncomingRecord, files: Sequence[KeptFile]) -> None:
    """Add a letter to the conversation that it answers, or open one for it."""
    owner, uploads = owner_of(work, mail, mail.sender), mail_files.taken(files)
    notes: list[str] = []
    if owner is None:
        meant = number_meant(work, mail)
        record.end(MailOutcome.OPENED, _open(work, mail, uploads))
        if meant is not None:
            notes.append(
                f"It was sent to an address for answers about {meant}, but that was given to another mailbox, or is "
                "not good any more. So nothing shows that its writer is the customer there."
            )
    else:
        work.incoming.mark_reached(owner.email)
        number = owner.number if owner.ticket else _about_order(work, owner.contact)
        if number is not None:
            record.end(MailOutcome.ADDED, _answer(work, number, mail, uploads))
        else:
            record.end(MailOutcome.OPENED, _open_about_order(work, owner.contact, mail, uploads))
    left = [f"{each.name} ({each.refusal})" for each in files if each.found is None]
    if mail.left:
        left.append(f"and {mail.left} more than a message may have")
    if left:
        notes.append(f"Files of this mail were left out: {', '.join(left)}.")
    _note(work, record.ticket_number or "", notes, told=len(left) - bool(mail.left) + mail.left if owner else 0)


def number_taking(work: Work, owner: Owner) -> str | None:
    """Return the conversation that takes an answer of the owner; None where one is opened for it.

    What was closed long ago goes on in another one. A merged one is named itself, as in the outcome of its mails.
    """
    if owner.ticket is None:
        return _about_order(work, owner.contact)
    ticket = owner.ticket
    while ticket.next_number is not None and ticket.status is not TicketStatus.MERGED:
        ticket = work.tickets.get(ticket.next_number)
    return ticket.number


def _answer(work: Work, number: str, mail: IncomingMail, uploads: Sequence[str]) -> str:
    """Write on the ticket as its customer. Return the number of the ticket that took it, which may continue that."""
    grants = frozenset({f"ticket:{number}", f"mailbox:{number}"})
    work.caller = Caller(f"customer:{number}", grants=grants, trace_id=work.caller.trace_id)
    return writing.post_message(work, number, PostMessage(mail.text, attachments=tuple(uploads)))["number"]


def _about_order(work: Work, contact: OrderContact | None) -> str | None:
    """Return the conversation about the order that goes on."""
    ticket = work.tickets.of_order_in_work(contact, Category.ORDER) if contact else None
    return ticket.number if ticket else None


def _open_about_order(work: Work, contact: OrderContact | None, mail: IncomingMail, uploads: Sequence[str]) -> str:
    """Open a conversation about the order whose mail was answered; its customer has shown that they read it."""
    assert contact is not None
    work.caller = Caller(f"customer:{contact.order_number}", trace_id=work.caller.trace_id)
    form = ContactForm(
        name=contact.name[:120], email=contact.email, category=Category.ORDER, subject=mail.subject,
        message=mail.text, order_number=contact.order_number, time_zone=contact.time_zone, language=contact.language,
        attachments=tuple(uploads),
    )  # fmt: skip
    return take_in(work, form, proven=True)[0].number


def _open(work: Work, mail: IncomingMail, uploads: Sequence[str]) -> str:
    """Open a conversation for a stranger, who has shown nothing. An order that they name is a claim."""
    work.caller = Caller("guest", trace_id=work.caller.trace_id)
    found = _NUMBER.findall(f"{mail.subject}\n{mail.text}")
    order = next((each for each in found if ids.is_number(each, ids.ORDER)), None)
    form = ContactForm(
        name=mail.name or "?", email=mail.sender or "", category=Category.ORDER if order else Category.PRODUCT,
        subject=mail.subject, message=mail.text, order_number=order, attachments=tuple(uploads),
    )  # fmt: skip
    return take_in(work, form)[0].number


def _note(work: Work, number: str, notes: Sequence[str], *, told: int) -> None:
    """Leave notes for staff. told: how many files the customer is told of that were left out."""
    if not notes:
        return
    ticket = work.tickets.goes_on(work.tickets.get(number, lock=True))
    message, posted = ticket.announce("\n\n".join(notes), work.now, internal=True)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), posted, message)
    if told:
        queue_ticket_mail(work, ticket, mails.files_left(ticket.number, told), "files_left")
