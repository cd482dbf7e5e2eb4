"""Mails that no person wrote: answers of programs are noted for staff, mails that came back call a person.

None of them is answered. What proves nothing, because it was sent to no reply address that is good, changes nothing: a
forged report cannot make a mailbox unreachable.
"""

from __future__ import annotations

from services.support.api.mail_in import MailOutcome
from services.support.domain.incoming import ON_TICKET, IncomingMail, IncomingRecord
from services.support.handlers import unreached
from services.support.handlers.reply_tokens import owner_of
from services.support.repository import Work

SHOWN = 1000
"""Characters that staff see of what a program answered."""


def note_bounce(work: Work, mail: IncomingMail, record: IncomingRecord) -> None:
    """Note that a mail of ours came back: its mailbox is unreachable, and a person is told, once for each mail."""
    owner, report = owner_of(work, mail), mail.report
    record.message_id = None
    record.end(MailOutcome.BOUNCED)
    if owner is None or report is None or not report.failed:
        return
    item = work.notifications.handed_over(owner.number, owner.email, report.original)
    events = item.came_back(report.reason) if item else []
    if item is None or not events:
        return
    work.journal.record(*events)
    work.incoming.mark_unreachable(owner.email, report.reason)
    unreached.tell_person(work, item)


def note_automatic(work: Work, mail: IncomingMail, record: IncomingRecord) -> None:
    """Note what a program answered on the ticket, for staff. No clock moves, and no mail is sent."""
    owner = owner_of(work, mail)
    record.message_id = None
    record.end(MailOutcome.AUTOMATIC, owner.number if owner and owner.ticket else None)
    if owner is None or owner.ticket is None or work.incoming.added_lately(owner.number) > ON_TICKET:
        return
    ticket = work.tickets.goes_on(work.tickets.get(owner.number, lock=True))
    text = f"The customer's mailbox answered by itself:\n\n{mail.text[:SHOWN]}"
    message, posted = ticket.announce(text, work.now, internal=True)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), posted, message)
