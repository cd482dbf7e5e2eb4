"""Tickets that are put together, and taken apart again (standard, section 5: everything is sorted, processed, solved).

The merged ticket keeps its words, its page and its links. What is written to it goes on in the other one, with the
proof that its writer has given: a link to one ticket opens no other one. Its promises go on there, due when they were
due.

Who puts tickets together, takes them apart or relates them, holds the row of `agents` first, so that this happens one
after the other and no circle can come of two at once; then the ticket that goes on elsewhere, then the one where it
goes on. Who writes to a merged ticket locks them in the same order, and so does who erases several (`locking`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from services.common.basics import ids
from services.common.commitments.events import CommitmentAtRisk, CommitmentBreached
from services.support import views
from services.support.adapters.mail import triage as mails
from services.support.api import TicketNotFound, TicketStatus, TicketSummary, WrongStatus
from services.support.api.triage import MergeCircle, MergeTicket, NotMerged, NotRelated, RelateTicket, UnmergeTicket
from services.support.api.triage_events import TicketRelated
from services.support.domain import FIRST, IN_WORK, NEXT, Ticket
from services.support.domain.merging import Merge, merge, unmerge
from services.support.handlers.access import acting, for_staff, require_person, zone_of
from services.support.handlers.mailing import queue_ticket_mail
from services.support.handlers.own_mails import take_back, tell_of_reply
from services.support.handlers.rating import ask_for_rating
from services.support.repository import Work

MERGED = "This conversation goes on in {}. Please write to us there; what you write here arrives there too."
TOOK_IN = "Your conversation {} goes on here. What we promised you there is kept here."
UNMERGED = "This conversation goes on by itself again. What was written meanwhile is in {}."
GAVE_BACK = "Your conversation {} goes on by itself again."

Told = TypeVar("Told", CommitmentAtRisk, CommitmentBreached)


def merge_ticket(work: Work, number: str, request: MergeTicket) -> TicketSummary:
    """Let a ticket go on in another one of its customer, and tell the customer."""
    work.teams.lock()
    source = for_staff(work, number, request.version)
    into = work.triaged.root(request.into)
    if into == number:
        raise MergeCircle
    if source.status is TicketStatus.MERGED:
        raise WrongStatus(f"it goes on in {source.next_number} already", details={"status": source.status})
    work.tickets.get(into).require_in_work()  # before its lock: who writes to what is over locks what continues it
    target = work.tickets.get(into, lock=True)
    require_person(target)
    clocks, theirs, before = work.tickets.clocks(source), work.tickets.clocks(target), source.status
    events = merge(source, target, waits=clocks.waits)
    named = [(clock.kind, clock.started_at) for clock in clocks.all if clock.stopped_at is None]
    handed = clocks.hand_over(theirs, target, work.now)
    note, noted = source.note(f"Merged into {into}: {request.reason}", acting(work), work.now)
    work.tickets.keep(source, clocks, [*events[:1], *noted], note)
    _announce(work, source, MERGED.format(into))
    work.tickets.keep(target, theirs, events[1:])
    _announce(work, target, TOOK_IN.format(number))
    work.add(Merge(ids.new_id(), number, into, before, handed, work.now, work.caller.actor))
    work.triaged.move_rungs(number, into, named)
    take_back(work, source)
    if clocks_wait(work, target) and before in IN_WORK:
        tell_of_reply(work, target)
    mail = mails.merged(into, number, answered_by(work, target), zone_of(work, target))
    queue_ticket_mail(work, target, mail, f"ticket_merged:{number}")
    return views.summary(source, to_staff=True)


def unmerge_ticket(work: Work, number: str, request: UnmergeTicket) -> TicketSummary:
    """Let a merged ticket go on by itself again, as it was, and tell the customer."""
    work.teams.lock()
    source = for_staff(work, number, request.version)
    merged = work.triaged.running(number)
    if merged is None or source.status is not TicketStatus.MERGED:
        raise NotMerged
    target = work.tickets.get(merged.target, lock=True)
    if target.status is TicketStatus.MERGED:
        raise WrongStatus(f"{target.number} goes on in {target.next_number}: take those apart first")
    clocks, theirs = work.tickets.clocks(source), work.tickets.clocks(target)
    events = unmerge(source, target, merged.status_before, work.now)
    clocks.take_back(merged.clocks, theirs, work.now)
    note, noted = source.note(f"Taken out of {target.number}: {request.reason}", acting(work), work.now)
    work.tickets.keep(source, clocks, [*events[:1], *noted], note)
    _announce(work, source, UNMERGED.format(target.number))
    work.tickets.keep(target, theirs, events[1:])
    _announce(work, target, GAVE_BACK.format(number))
    merged.ended_at, merged.ended_by = work.now, work.caller.actor
    again = work.tickets.clocks(source)
    work.triaged.look_again(number, [(each.kind, each.started_at) for each in again.all if each.stopped_at is None])
    mail = mails.unmerged(number, target.number, answered_by(work, source), zone_of(work, source))
    queue_ticket_mail(work, source, mail, f"ticket_unmerged:{source.version}")
    ask_for_rating(work, source)  # the mail that asked for it was taken back, or led to what could not be rated
    return views.summary(source, to_staff=True)


def of_where_it_goes_on(work: Work, event: Told) -> Told:
    """Return the event of a clock as of the ticket in which its own goes on: it may have been told before the merge."""
    if not ids.is_number(event.promised_on, ids.TICKET):
        return event
    return replace(event, promised_on=work.triaged.root(event.promised_on))


def relate_ticket(work: Work, number: str, request: RelateTicket) -> TicketSummary:
    """Note that two tickets have to do with one another, each in its own journal."""
    return _relate(work, number, request.other, request.version, related=True)


def unrelate_ticket(work: Work, number: str, other: str) -> TicketSummary:
    """Note that they have nothing to do with one another."""
    return _relate(work, number, other, None, related=False)


def note_relation(work: Work, one: Ticket, other: Ticket) -> None:
    """Relate two tickets that are locked, unless they are."""
    if work.triaged.relate(one.number, other.number, work.caller.actor):
        _note_both(work, one, other, related=True)


def _relate(work: Work, number: str, other: str, version: int | None, *, related: bool) -> TicketSummary:
    work.teams.lock()
    found = {each.number: each for each in work.tickets.locked((number, other))}
    ticket = for_staff(work, number, version)
    if number == other:
        raise MergeCircle("a ticket has to do with itself anyway")
    if other not in found:
        raise TicketNotFound
    if related:
        note_relation(work, ticket, found[other])
    elif work.triaged.unrelate(number, other):
        _note_both(work, ticket, found[other], related=False)
    else:
        raise NotRelated
    return views.summary(ticket, to_staff=True)


def _note_both(work: Work, one: Ticket, other: Ticket, *, related: bool) -> None:
    for mine, its in ((one, other), (other, one)):
        event = TicketRelated(
            ticket_number=mine.number, order_number=mine.linked_order, other=its.number, related=related
        )
        work.tickets.keep(mine, work.tickets.clocks(mine), [event])


def answered_by(work: Work, ticket: Ticket) -> datetime | None:
    """Return until when a person answers what is unanswered, to be told; of what is late by now its own mail tells."""
    due = work.tickets.clocks(ticket, lock=False).due(FIRST, NEXT)
    return due if due and due > work.now else None


def clocks_wait(work: Work, ticket: Ticket) -> bool:
    """Return whether a message of its customer is unanswered."""
    return work.tickets.clocks(ticket, lock=False).waits


def _announce(work: Work, ticket: Ticket, text: str) -> None:
    message, events = ticket.announce(text, work.now)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events, message)
