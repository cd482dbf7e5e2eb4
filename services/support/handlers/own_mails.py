"""Mails to the person who works on a ticket: it was given to them, or its customer wrote (standard, section 6).

Each person chooses which of these they want. Of one ticket's replies a person has a mail each ten minutes at most; what
comes meanwhile is told by one that waits, and that is taken back when the ticket is answered or given to another.
"""

from __future__ import annotations

from datetime import timedelta

from services.support.adapters.mail import staff as mails
from services.support.api.mail_choices import ChooseMails, MailChoices
from services.support.domain import NotificationStatus, Ticket
from services.support.domain.mail_choice import MailChoice
from services.support.handlers.mailing import queue_mail, tell_assignee, who_works_on
from services.support.handlers.sessions import own_mailbox
from services.support.repository import Work

WROTE = "customer_wrote"
APART = timedelta(minutes=10)


def get_mail_choices(work: Work) -> MailChoices:
    """Tell which mails the caller gets."""
    return _shown(work.ladder.choice(own_mailbox(work)))


def choose_mails(work: Work, request: ChooseMails) -> MailChoices:
    """Keep which mails the caller wants."""
    choice = MailChoice(own_mailbox(work), request.assignments, request.replies)
    work.ladder.choose(choice)
    return _shown(choice)


def tell_of_assignment(work: Work, ticket: Ticket) -> None:
    """Tell the new assignee, unless they took it themselves or want no such mail."""
    take_back(work, ticket)
    if ticket.assignee is not None and work.ladder.choice(ticket.assignee).assignments:
        tell_assignee(work, ticket, mails.assigned(ticket.number), f"assigned:{ticket.version}")


def tell_of_reply(work: Work, ticket: Ticket) -> None:
    """Tell who works on the ticket that its customer wrote; the ticket is locked meanwhile."""
    for person in who_works_on(work, ticket):
        if person.email == work.caller.email or not work.ladder.choice(person.email).replies:
            continue
        last = work.notifications.latest(ticket.number, WROTE, person.email)
        if last is not None and last.status is NotificationStatus.PENDING and last.attempts == 0:
            continue
        due = (last.sent_at or last.created_at) + APART if last else work.now
        queue_mail(
            work, mails.customer_wrote(ticket.number), person.email, f"desk/inbox/{ticket.number}",
            key=f"{ticket.number}:wrote:{ticket.messages_count}:{person.email}", about=WROTE, reference=ticket.number,
            tells_customer=False, wait=max(due - work.now, timedelta()),
        )  # fmt: skip


def take_back(work: Work, ticket: Ticket) -> None:
    """Take back what waits to be told of replies: it is answered, or another person's ticket."""
    work.notifications.take_back(ticket.number, WROTE)


def _shown(choice: MailChoice) -> MailChoices:
    return {"assignments": choice.assignments, "replies": choice.replies}
