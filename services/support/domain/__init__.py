"""What support is about: tickets, their statuses and the events that tell of them. Pure.

Standard, sections 1 (patient, timely, targeted answers), 5 (one channel for every demand) and 6 (no perfunctory
reception, delayed response or arbitrary rejection).
"""

from services.support.domain.events import (
    CustomerNotified,
    MessagePosted,
    NotePosted,
    NotificationFailed,
    TicketAssigned,
    TicketClosed,
    TicketEvent,
    TicketMoved,
    TicketOpened,
    TicketRated,
    TicketReopened,
    TicketResolved,
)
from services.support.domain.notification import Link, Notification, NotificationStatus
from services.support.domain.parts import (
    AlreadyRated,
    Form,
    Message,
    NotAnswered,
    Rating,
    ReopenWindowOver,
    WrongStatus,
)
from services.support.domain.people import OrderContact, SignInCode, Staff, TicketLink
from services.support.domain.statuses import (
    IN_WORK,
    MOVES,
    Author,
    Category,
    ClosedBy,
    Origin,
    ResolutionCode,
    TicketStatus,
    Topic,
)
from services.support.domain.ticket import NEVER, REOPEN_WINDOW, SILENCE, Ticket

__all__ = [
    "IN_WORK",
    "MOVES",
    "NEVER",
    "REOPEN_WINDOW",
    "SILENCE",
    "AlreadyRated",
    "Author",
    "Category",
    "ClosedBy",
    "CustomerNotified",
    "Form",
    "Link",
    "Message",
    "MessagePosted",
    "NotAnswered",
    "NotePosted",
    "Notification",
    "NotificationFailed",
    "NotificationStatus",
    "OrderContact",
    "Origin",
    "Rating",
    "ReopenWindowOver",
    "ResolutionCode",
    "SignInCode",
    "Staff",
    "Ticket",
    "TicketAssigned",
    "TicketClosed",
    "TicketEvent",
    "TicketLink",
    "TicketMoved",
    "TicketOpened",
    "TicketRated",
    "TicketReopened",
    "TicketResolved",
    "TicketStatus",
    "Topic",
    "WrongStatus",
]
