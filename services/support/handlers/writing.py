"""Writing to a ticket: the customer, an agent, a note, and what is written too late (standard, sections 1 and 6).

After the time in which a ticket can be taken up again, one ticket continues it; what is written to the old one later
goes there too. So does what its customer writes to a merged ticket; its answer shows the merged one, for who writes may
have no right to read the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.common.basics.caller import LEAD
from services.common.basics.errors import Forbidden
from services.common.language import speaking
from services.support import views
from services.support.adapters.mail import tickets as mails
from services.support.api import (
    Author,
    ContactForm,
    PostedMessage,
    PostMessage,
    ReopenTicket,
    TicketReopened,
    TicketStatus,
    Turn,
)
from services.support.api.drafts import DraftKind
from services.support.domain import FIRST, IN_WORK, NEXT, Ticket, TicketClocks
from services.support.domain.escalation import note_answer_of_lead
from services.support.handlers import assigning, quality
from services.support.handlers.access import acting, prove, reader_of, require_seen, side_of, zone_of
from services.support.handlers.basis import cite
from services.support.handlers.drafting import end_draft
from services.support.handlers.mailing import language_of, queue_ticket_mail
from services.support.handlers.opening import let_through, take_in
from services.support.handlers.own_mails import take_back, tell_of_reply
from services.support.repository import Reader, Work


def post_message(work: Work, number: str, request: PostMessage) -> PostedMessage:
    """Add to the thread: the customer writes, or an agent answers or leaves a note."""
    ticket = work.tickets.get(number, lock=True)
    reader = reader_of(work, ticket)
    require_seen(work, ticket, reader, request.version)
    if reader is Reader.STAFF:
        return _agent_writes(work, ticket, request)
    if request.internal or request.status or request.basis or request.reply_id or request.draft is not None:
        raise Forbidden("that is for staff", code="role_required")
    proven = prove(work, ticket)
    let_pass(work, ticket, proven=proven)
    return _customer_writes(work, ticket, request.body, proven=proven, attachments=request.attachments)


def reopen_ticket(work: Work, number: str, request: ReopenTicket) -> PostedMessage:
    """Take the matter up again. With a message, one that was closed too long ago is continued in a linked ticket."""
    ticket = work.tickets.get(number, lock=True)
    side = side_of(work, ticket)
    require_seen(work, ticket, reader_of(work, ticket), request.version)
    proven = side is Author.CUSTOMER and prove(work, ticket)
    passed = let_pass(work, ticket, proven=proven)
    if request.message and side is Author.CUSTOMER:
        return _customer_writes(work, ticket, request.message, proven=proven)
    if passed:  # it goes on by that: nothing was over that could be taken up
        return views.posted(ticket, None, to_staff=False)
    clocks = work.tickets.clocks(ticket)
    work.tickets.keep(ticket, clocks, ticket.reopen(work.now, by_customer=side is Author.CUSTOMER))
    confirm_reopening(work, ticket, clocks)
    return views.posted(ticket, None, to_staff=side is Author.AGENT)


def confirm_reopening(work: Work, ticket: Ticket, clocks: TicketClocks) -> None:
    """Mail the customer that the matter is taken up again, and until when a person answers."""
    due = clocks.due(FIRST, NEXT) or work.now
    mail = mails.reopened(ticket.number, due, zone_of(work, ticket))
    queue_ticket_mail(work, ticket, mail, f"ticket_reopened:{ticket.version}")


def let_pass(work: Work, ticket: Ticket, *, proven: bool) -> bool:
    """Let through what was set aside, since its customer has shown that they read its mailbox and goes on with it.

    Return whether it was.
    """
    passes = proven and ticket.quarantined
    if passes:
        let_through(work, ticket, "the customer has shown that it is theirs")
    return passes


def _customer_writes(
    work: Work, ticket: Ticket, body: str, *, proven: bool, attachments: Sequence[str] = ()
) -> PostedMessage:
    if ticket.status is TicketStatus.MERGED:
        _customer_writes(work, work.tickets.goes_on(ticket), body, proven=proven, attachments=attachments)
        return views.posted(ticket, None, to_staff=False)
    if ticket.status not in IN_WORK and ticket.too_late(work.now):
        return _go_on(work, ticket, body, proven=proven, attachments=attachments)
    message, events = ticket.write(body, work.caller.actor, work.now, proven=proven)
    work.uploads.attach(message, attachments, by_staff=work.caller.is_staff)
    clocks = work.tickets.clocks(ticket)
    work.tickets.keep(ticket, clocks, events, message)
    if any(isinstance(event, TicketReopened) for event in events):
        confirm_reopening(work, ticket, clocks)
    tell_of_reply(work, ticket)
    assigning.take_back(work, ticket)
    reads = proven or f"reads:{ticket.number}" in work.caller.grants
    reader = Reader.CUSTOMER if reads else Reader.UNPROVEN
    return views.posted(ticket, message, work.tickets.count(ticket.number, reader, message.position), to_staff=False)


def _agent_writes(work: Work, ticket: Ticket, request: PostMessage) -> PostedMessage:
    actor = acting(work)
    then = TicketStatus(request.status) if request.status else None
    if request.internal:
        message, events = ticket.note(request.body, actor, work.now, then)
    else:
        before = work.tickets.last_answer(ticket.number)
        last, basis = before.body if before else "", cite(work, request.basis)
        message, events = ticket.answer(request.body, actor, work.now, then, last=last, basis=basis)
        if work.caller.has(LEAD):
            events += note_answer_of_lead(ticket, work.now)
    work.uploads.attach(message, request.attachments, by_staff=True)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events, message)
    end_draft(work, ticket.number, DraftKind.NOTE if message.internal else DraftKind.ANSWER, request.draft)
    quality.draw_answer(work, ticket, message)
    if not message.internal:
        take_back(work, ticket)
        question = work.tickets.last_question(ticket.number)
        looking = ticket.verifying and request.status is not Turn.WAITING_CUSTOMER
        files = len(message.attachments)
        with speaking(language_of(work, ticket.customer_email, ticket)):
            text = message.body + mails.based_on(message.basis, work.settings.public_url)
        mail = mails.news(ticket.number, text, files=files) if looking else mails.answered(
            ticket.number, text, question.body if question else None, ticket.subject,
            your_turn=request.status is Turn.WAITING_CUSTOMER, done=ticket.status not in IN_WORK, files=files,
        )  # fmt: skip
        queue_ticket_mail(work, ticket, mail, "message_posted")
    return views.posted(ticket, message, message.position, to_staff=True)


def _go_on(work: Work, old: Ticket, body: str, *, proven: bool, attachments: Sequence[str]) -> PostedMessage:
    """Write to the ticket that continues the old one; the first message after the time begins it."""
    if old.next_number is not None:
        following = work.tickets.get(old.next_number, lock=True)
        return _customer_writes(work, following, body, proven=proven, attachments=attachments)
    form = ContactForm(
        name=old.customer_name,
        email=old.customer_email,
        category=old.category,
        subject=old.subject,
        message=body,
        topic=None if old.order_number else old.topic,
        order_number=old.order_number,
        sku=old.sku,
        time_zone=old.time_zone,
        language=old.language,
        attachments=tuple(attachments),
    )
    ticket, _ = take_in(work, form, old, proven=proven)
    old.next_number = ticket.number
    work.tickets.keep(old, work.tickets.clocks(old), [])
    return views.posted(ticket, None, to_staff=False)
