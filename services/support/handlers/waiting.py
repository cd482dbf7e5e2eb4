"""What ends by itself, and how the customer is told before (standard, section 6).

A customer who owes us an answer is reminded after three days. Seven days later the conversation ends, and they are
told; a complaint, and what a service of ours asked, comes back to the team instead. What is resolved closes after a
week of silence, as its mail said; complaints do not.
"""

from __future__ import annotations

from services.support.adapters.mail import tickets as mails
from services.support.api import ClosedBy
from services.support.domain import SILENCE, Ticket
from services.support.handlers.mailing import for_reader, queue_ticket_mail
from services.support.repository import Work


def close_silent_tickets(work: Work) -> None:
    """Close what was resolved a week ago without news since; never a complaint."""
    for ticket in work.tickets.silent_since(work.now - SILENCE):
        work.tickets.keep(ticket, work.tickets.clocks(ticket), ticket.close(ClosedBy.SILENCE, work.now))


def see_to_waiting_tickets(work: Work) -> None:
    """Remind customers of our question, and end what was not answered after that."""
    for ticket in work.tickets.waiting(work.now):
        if ticket.reminded_at is None:
            _remind(work, ticket)
        else:
            _end(work, ticket)


def _remind(work: Work, ticket: Ticket) -> None:
    ticket.remind(work.now)
    ends = ticket.ends_in_silence
    mail = for_reader(work, ticket, mails.reminder(ticket.number, ends=ends))
    message, events = ticket.announce(mail.text, work.now)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events, message)
    queue_ticket_mail(work, ticket, mail, "ticket_reminder")


def _end(work: Work, ticket: Ticket) -> None:
    events = ticket.end_waiting(work.now)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events)
    if events:
        queue_ticket_mail(work, ticket, mails.ended_in_silence(ticket.number), "ticket_resolved")
        return
    text = "The customer was reminded and has not answered. It is our turn: it does not end by silence."
    message, posted = ticket.announce(text, work.now, internal=True)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), posted, message)
