"""Messages that become a ticket of their own (standard, section 5: everything is sorted, processed, solved).

They stay in the thread where they were written, and stand in the new one with the time and the proof that they had. A
question without an answer is promised from the moment at which it was asked; where nothing else is unanswered, the old
ticket's clock of the answer ends, since the answer comes in the new one. Their files are in both, each kept as long as
its conversation.
"""

from __future__ import annotations

import uuid

from services.common.basics import ids
from services.common.basics.events import Event
from services.support import views
from services.support.adapters.mail import triage as mails
from services.support.api import Author
from services.support.api.triage import SplitResult, SplitTicket
from services.support.domain import FIRST, NEXT, Ticket, TicketMessage
from services.support.domain.merging import require_splittable, unanswered
from services.support.handlers import complaints, suggestions
from services.support.handlers.access import for_staff, zone_of
from services.support.handlers.mailing import queue_ticket_mail
from services.support.handlers.merging import answered_by, note_relation
from services.support.repository import Reader, Work

SPLIT = "We answer you about a part of this in a conversation of its own, {}."


def split_ticket(work: Work, number: str, request: SplitTicket) -> SplitResult:
    """Make a ticket of its own of these messages, and tell the customer."""
    old = for_staff(work, number, request.version)
    thread = work.tickets.thread(number, Reader.STAFF)
    said = require_splittable(thread, request.positions)
    clocks = work.tickets.clocks(old)
    asked_at = clocks.asked_at
    waiting = unanswered(said, asked_at)
    others = [each for each in thread if each.author is Author.CUSTOMER and each not in said]
    moves_on = bool(waiting) and not unanswered(others, asked_at)
    category = request.category or old.category
    by = work.settings.team_time.answer_by(category, waiting[0].posted_at if waiting else work.now)
    new, copies, opened, split = old.split_off(
        ids.new_number(ids.TICKET), said, request.subject, category, by, work.now, unasked=moves_on
    )
    for message, copy in zip(said, copies, strict=True):
        copy.attachments.extend(
            each.again(str(uuid.uuid4())) for each in message.attachments if not each.is_over(work.now)
        )
    _begin(work, new, copies, opened, waiting)
    if moves_on:
        clocks.end_unwanted(work.now, FIRST, NEXT)
    work.tickets.keep(old, clocks, split)
    _announce(work, old, new)
    note_relation(work, old, new)
    suggestions.take_in(work, new)
    steps = complaints.take_in(work, new)
    mail = mails.split(new.number, number, answered_by(work, new), zone_of(work, new), steps)
    queue_ticket_mail(work, new, mail, "ticket_opened")
    return {**views.summary(old, to_staff=True), "split": views.summary(new, to_staff=True)}


def _begin(
    work: Work, new: Ticket, copies: list[TicketMessage], opened: list[Event], waiting: list[TicketMessage]
) -> None:
    work.tickets.keep(new, work.tickets.clocks(new), opened, copies[0])
    work.reports.forget_opening(new)
    for each in copies[1:]:
        each.version, each.public_version = new.version, new.public_version
    work.add(*copies[1:])
    clocks = work.tickets.clocks(new)
    if waiting:
        clocks.count_from(new, FIRST, waiting[0].posted_at)
    work.tickets.keep(new, clocks, [])
    work.links.begin(new.number, proven=new.mailbox_proven, reads=False)


def _announce(work: Work, old: Ticket, new: Ticket) -> None:
    message, events = old.announce(SPLIT.format(new.number), work.now)
    work.tickets.keep(old, work.tickets.clocks(old), events, message)
