"""What customers and agents do with a ticket, but for writing to it (standard, sections 1, 5 and 6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.common.basics.api import TimelinePart
from services.common.basics.caller import AGENT, CUSTOMER, LEAD
from services.common.basics.clock import rfc3339
from services.common.basics.errors import Forbidden
from services.common.store.journal import TIMELINE_LIMIT
from services.support import views
from services.support.adapters.mail import tickets as mails
from services.support.api import (
    AmendTicket,
    AssignTicket,
    Author,
    Category,
    ClosedBy,
    CloseTicket,
    ListTickets,
    MarkSpam,
    ResolutionCode,
    ResolveTicket,
    RestoreTicket,
    TicketPage,
    TicketSummary,
    TicketView,
)  # fmt: skip
from services.support.api.teams import UnknownTeam
from services.support.domain import FIRST, NEXT, Ticket, owner_of
from services.support.handlers import assigning, complaints, guarding, rating, suggestions
from services.support.handlers.access import acting, for_staff, prove, reader_of, require_seen, side_of, zone_of
from services.support.handlers.basis import published_of
from services.support.handlers.drafting import own_drafts
from services.support.handlers.mailing import queue_ticket_mail
from services.support.handlers.opening import let_through
from services.support.handlers.own_mails import tell_of_assignment
from services.support.handlers.whom import above
from services.support.handlers.writing import confirm_reopening
from services.support.repository import Reader, Work
from services.support.repository.inbox import rated

ONE_MOMENT = timedelta(hours=1)
"""So long after an answer, its end needs no mail of its own."""


def get_ticket(work: Work, number: str) -> TicketView:
    """Show the ticket with its thread, as the caller may see it."""
    ticket = work.tickets.get(number)
    reader = reader_of(work, ticket)
    thread, clocks = work.tickets.thread(number, reader), work.tickets.clocks(ticket, lock=False)
    looked_into = work.verifications.get(ticket.verification_id).question if ticket.verification_id else None
    shown = views.full(
        ticket, thread, clocks, work.tickets.rating(ticket), work.now, to_staff=reader is Reader.STAFF,
        proven=reader is not Reader.UNPROVEN, before=work.tickets.count(number, reader) - len(thread),
        above=above(work), question=looked_into, complaint=complaints.show(work, ticket),
        published=published_of(work, (each.basis for each in thread)),
    )  # fmt: skip
    if reader is not Reader.UNPROVEN and (merged := work.triaged.sources(number)):
        shown["merged"] = views.linked(merged, to_staff=reader is Reader.STAFF)
    if reader is Reader.STAFF:
        if related := work.triaged.related(number):
            shown["related"] = views.linked(related, to_staff=True)
        if held := guarding.show(work, ticket):
            shown["quarantine"] = held
        shown["team"] = assigning.team_of(work, ticket)
        if lost := work.incoming.unreachable(ticket.customer_email):
            shown["mailbox_unreachable"] = rfc3339(lost.since)
        shown["drafts"] = own_drafts(work, number)
        shown["ladder"] = work.ladder.shown([number], running_only=False).get(number, [])
    return shown


def get_ticket_timeline(work: Work, number: str) -> TimelinePart:
    """Tell what the journal holds about the ticket; customers see the public entries."""
    side = side_of(work, work.tickets.get(number))
    entries = work.tickets.timeline(number, public_only=side is not Author.AGENT)
    return {"items": entries, "truncated": len(entries) == TIMELINE_LIMIT}


def list_tickets(work: Work, query: ListTickets) -> TicketPage:
    """List the inbox by next deadline for agents; for customers their own tickets, the newest first."""
    caller = work.caller
    if caller.has(AGENT, LEAD):
        teams = work.teams.every()

        def show(ticket: Ticket) -> TicketSummary:
            return {**views.summary(ticket, to_staff=True), "team": owner_of(ticket.category, ticket.team, teams)}

        found = work.tickets.page(show, query, email=None, number=None)
        numbers = [item["number"] for item in found["items"]]
        ladder, begun = work.ladder.shown(numbers, running_only=True), work.drafts.begun(numbers, acting(work))
        scores = rated(work.session, numbers)
        for item in found["items"]:
            if item["number"] in scores:
                item["score"] = scores[item["number"]]
            if item["number"] in begun:
                item["drafted"] = True
            if rungs := ladder.get(item["number"]):
                item["rung"] = max(rungs, key=lambda each: each["share"])
        return {**found, "counts": work.tickets.count_views(query)}
    granted = next((grant.partition(":")[2] for grant in caller.grants if grant.startswith("ticket:")), None)
    if CUSTOMER not in caller.roles and granted is None:
        why = "your role does not read tickets" if caller.is_staff else "sign in to see your tickets"
        raise Forbidden(why, code="role_required")
    email = caller.email if CUSTOMER in caller.roles else None
    query = replace(query, assignee=None, view=None, q=None, team=None)
    found = work.tickets.page(lambda item: views.summary(item, to_staff=False), query, email=email, number=granted)
    return {"items": found["items"], "next_cursor": found["next_cursor"]}


def assign_ticket(work: Work, number: str, request: AssignTicket) -> TicketSummary:
    """Give the ticket to an agent, or (None) back to the team. The agent is told."""
    work.teams.lock()
    ticket = for_staff(work, number, request.version)
    if request.assignee:
        assigning.require_there(work, request.assignee)
    events = ticket.assign(request.assignee, team=assigning.team_of(work, ticket))
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events)
    tell_of_assignment(work, ticket)
    return views.summary(ticket, to_staff=True)


def amend_ticket(work: Work, number: str, request: AmendTicket) -> TicketSummary:
    """Correct what the ticket is about; its answer clocks follow, and the customer is told of a later answer."""
    ticket = for_staff(work, number, request.version)
    contact = work.contacts.find(request.order_number) if request.order_number else None
    before, team = ticket.category, assigning.team_of(work, ticket)
    if request.team is not None and not work.teams.known(request.team):
        raise UnknownTeam
    events = ticket.amend(
        category=request.category,
        topic=request.topic,
        priority=request.priority,
        team=request.team,
        order_number=request.order_number,
        sku=request.sku,
        order_proven=ticket.mailbox_proven and contact is not None and contact.email == ticket.customer_email,
        by_lead=work.caller.has(LEAD),
    )
    clocks = work.tickets.clocks(ticket)
    promised = clocks.due(FIRST, NEXT)
    work.tickets.keep(ticket, clocks, events)
    assigning.follow_team(work, ticket, team)
    if before is not ticket.category:
        suggestions.sort_anew(work, ticket)
        complaints.sort_anew(work, ticket)
    due = clocks.due(FIRST, NEXT)
    if promised and due and due > promised:
        mail = mails.amended(number, due, zone_of(work, ticket))
        queue_ticket_mail(work, ticket, mail, f"ticket_amended:{ticket.version}")
    return views.summary(ticket, to_staff=True)


def resolve_ticket(work: Work, number: str, request: ResolveTicket) -> TicketSummary:
    """End the matter with a code, after it was answered, and tell the customer how it ended.

    An answer of the last hour has said already what follows when it helps; that is one moment and one mail. How
    satisfied the customer is, is asked a while later.
    """
    ticket = for_staff(work, number, request.version)
    complaints.require_decided(work, ticket)
    clocks = work.tickets.clocks(ticket)
    code = ResolutionCode(request.code)
    events = ticket.resolve(
        code, request.note, work.now, by_lead=work.caller.has(LEAD), waits=clocks.waits, ground=request.ground
    )
    work.tickets.keep(ticket, clocks, events)
    complaint = ticket.category is Category.COMPLAINT
    if ticket.refused or complaint or not _just_answered(work, ticket):
        mail = mails.ended(number, code, request.note, ticket.resolution_ground, complaint=complaint)
        queue_ticket_mail(work, ticket, mail, "ticket_resolved")
    else:
        rating.ask_for_rating(work, ticket)
    return views.summary(ticket, to_staff=True)


def close_ticket(work: Work, number: str, request: CloseTicket) -> TicketSummary:
    """Close what is resolved: the customer's own decision, or the signature of a lead, which the customer is told."""
    ticket = work.tickets.get(number, lock=True)
    side = side_of(work, ticket)
    if side is Author.CUSTOMER:
        prove(work, ticket)
    require_seen(work, ticket, reader_of(work, ticket), request.version)
    by = ClosedBy.CUSTOMER if side is Author.CUSTOMER else ClosedBy.LEAD
    work.tickets.keep(ticket, work.tickets.clocks(ticket), ticket.close(by, work.now))
    if by is ClosedBy.LEAD:
        queue_ticket_mail(work, ticket, mails.closed(number), "ticket_closed")
    return views.summary(ticket, to_staff=side is Author.AGENT)


def mark_spam(work: Work, number: str, request: MarkSpam) -> TicketSummary:
    """Take the ticket out of the inbox as spam; its clocks pause. A possible customer is told why."""
    ticket = for_staff(work, number, request.version)
    events = ticket.mark_spam(request.reason, by_lead=work.caller.has(LEAD))
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events)
    if ticket.spam_needs_lead and not ticket.quarantined:
        queue_ticket_mail(work, ticket, mails.taken_out(number, request.reason), f"ticket_spam:{ticket.version}")
    return views.summary(ticket, to_staff=True)


def restore_ticket(work: Work, number: str, request: RestoreTicket) -> TicketSummary:
    """Put back what was no spam, or take in what was set aside. A writer who was told is told that we look at it
    again."""
    ticket = for_staff(work, number, request.version)
    if ticket.quarantined:
        let_through(work, ticket, request.reason)
        return views.summary(ticket, to_staff=True)
    clocks = work.tickets.clocks(ticket)
    work.tickets.keep(ticket, clocks, ticket.restore(request.reason))
    if ticket.spam_needs_lead and clocks.waits:
        confirm_reopening(work, ticket, clocks)
    rating.ask_for_rating(work, ticket)  # the mail that asked for it was taken back
    return views.summary(ticket, to_staff=True)


def _just_answered(work: Work, ticket: Ticket) -> bool:
    answer = work.tickets.last_answer(ticket.number)
    return answer is not None and work.now - answer.posted_at <= ONE_MOMENT
