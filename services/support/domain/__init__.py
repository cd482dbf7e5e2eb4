"""What support is about: tickets, their clocks, the mails that tell of them, the people. Pure.

Standard, sections 1 (patient, timely, targeted answers), 5 (one channel for every demand) and 6 (no perfunctory
reception, delayed response or arbitrary rejection). Statuses, events and refusals are declared in `api`.
"""

from services.support.domain.clocks import FIRST, NEXT, TeamTime, TicketClocks, business_hours
from services.support.domain.complaint import Complaint
from services.support.domain.merging import Merge, Relation
from services.support.domain.moves import IN_WORK, MOVES
from services.support.domain.notification import Link, Notification, NotificationStatus
from services.support.domain.parts import Rating, TicketMessage
from services.support.domain.people import LinkRequest, OrderContact, OrderLink, SignInCode, Staff, TicketLink
from services.support.domain.privacy import PrivacyRequest
from services.support.domain.reads import StaffRead
from services.support.domain.sessions import Factor, KnownBrowser, Passkey, RecoveryCode, Session, SignInRequest
from services.support.domain.state import END_AFTER_REMINDER, NEVER, REMIND_AFTER, REOPEN_WINDOW, SILENCE
from services.support.domain.suggestion import Suggestion, SuggestionFollower
from services.support.domain.teams import owner_of
from services.support.domain.ticket import Ticket
from services.support.domain.upload import UNNAMED_KEPT, Upload
from services.support.domain.verification import Verification

__all__ = [
    "END_AFTER_REMINDER",
    "FIRST",
    "IN_WORK",
    "MOVES",
    "NEVER",
    "NEXT",
    "REMIND_AFTER",
    "REOPEN_WINDOW",
    "SILENCE",
    "UNNAMED_KEPT",
    "Complaint",
    "Factor",
    "KnownBrowser",
    "Link",
    "LinkRequest",
    "Merge",
    "Notification",
    "NotificationStatus",
    "OrderContact",
    "OrderLink",
    "Passkey",
    "PrivacyRequest",
    "Rating",
    "RecoveryCode",
    "Relation",
    "Session",
    "SignInCode",
    "SignInRequest",
    "Staff",
    "StaffRead",
    "Suggestion",
    "SuggestionFollower",
    "TeamTime",
    "Ticket",
    "TicketClocks",
    "TicketLink",
    "TicketMessage",
    "Upload",
    "Verification",
    "business_hours",
    "owner_of",
]
