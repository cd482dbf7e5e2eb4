"""The facts that support announces (contract examples in contracts/<type>.v1.json).

An event carries an order number only when the ticket's link to that order is proven: what a stranger claims must not
appear on the order's timeline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.common.basics.personal import PersonalText
from services.support.api.article_events import ArticleEvent as ArticleEvent
from services.support.api.article_events import ArticlePublished as ArticlePublished
from services.support.api.article_events import ArticleRated as ArticleRated
from services.support.api.article_events import ArticleSaved as ArticleSaved
from services.support.api.article_events import ArticleWithdrawn as ArticleWithdrawn
from services.support.api.canned_events import ReplyDeleted as ReplyDeleted
from services.support.api.canned_events import ReplyEvent as ReplyEvent
from services.support.api.canned_events import ReplySaved as ReplySaved
from services.support.api.complaint_events import ComplaintAcknowledged as ComplaintAcknowledged
from services.support.api.complaint_events import ComplaintDecided as ComplaintDecided
from services.support.api.complaint_events import ComplaintEvent as ComplaintEvent
from services.support.api.complaint_events import ComplaintImproved as ComplaintImproved
from services.support.api.complaint_events import ComplaintMoved as ComplaintMoved
from services.support.api.complaint_events import ComplaintObjected as ComplaintObjected
from services.support.api.complaint_events import ComplaintReceived as ComplaintReceived
from services.support.api.complaint_events import GoodwillAsked as GoodwillAsked
from services.support.api.complaint_events import ResendAsked as ResendAsked
from services.support.api.escalation_events import EscalationAnswered as EscalationAnswered
from services.support.api.escalation_events import RungTold as RungTold
from services.support.api.escalation_events import TicketEscalated as TicketEscalated
from services.support.api.guard import Suspicion
from services.support.api.people_events import FactorRemoved as FactorRemoved
from services.support.api.people_events import FactorSet as FactorSet
from services.support.api.people_events import SessionEnded as SessionEnded
from services.support.api.people_events import SessionStarted as SessionStarted
from services.support.api.people_events import StaffChanged as StaffChanged
from services.support.api.quality_events import AnswerReviewed as AnswerReviewed
from services.support.api.statuses import (
    Author,
    Category,
    ClosedBy,
    DeclineGround,
    ResolutionCode,
    SuggestionStatus,
    TicketStatus,
    Topic,
)
from services.support.api.team_events import AvailabilityChanged as AvailabilityChanged
from services.support.api.team_events import RulesChanged as RulesChanged
from services.support.api.team_events import TeamChanged as TeamChanged
from services.support.api.team_events import TeamRemoved as TeamRemoved
from services.support.api.teams import Why
from services.support.api.triage_events import TicketGaveBack as TicketGaveBack
from services.support.api.triage_events import TicketMerged as TicketMerged
from services.support.api.triage_events import TicketRelated as TicketRelated
from services.support.api.triage_events import TicketSplit as TicketSplit
from services.support.api.triage_events import TicketTookIn as TicketTookIn
from services.support.api.triage_events import TicketUnmerged as TicketUnmerged
from services.support.api.webhook_events import WebhookEndpointMoved as WebhookEndpointMoved
from services.support.api.webhook_events import WebhookEvent as WebhookEvent
from services.support.api.webhook_events import WebhookReplayed as WebhookReplayed


@dataclass(frozen=True, kw_only=True)
class TicketEvent(Event):
    """The base of what happens to one ticket, which is the subject of its chain in the journal."""

    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "ticket_number"
    audience: ClassVar[str] = "public"
    followed: ClassVar[bool] = False

    ticket_number: str
    order_number: str | None


@dataclass(frozen=True, kw_only=True)
class TicketOpened(TicketEvent):
    """answer_by: until when a person answers; None when it was we who wrote first, as `opened_by` tells."""

    followed: ClassVar[bool] = True

    category: Category
    topic: Topic | None
    subject_line: PersonalText
    answer_by: datetime | None
    opened_by: Author = Author.CUSTOMER


@dataclass(frozen=True, kw_only=True)
class TicketQuarantined(TicketEvent):
    """A stranger's message was set aside: it may be from no person. It is not opened before it is let through.

    reasons: what speaks against it.
    """

    audience: ClassVar[str] = "internal"

    reasons: list[Suspicion]


@dataclass(frozen=True, kw_only=True)
class MessagePosted(TicketEvent):
    """A message that the customer sees; `status` is the ticket's after it.

    basis: what an answer rests on, "article free-shipping 3" or "product MUG-CLAY-350 7" in its version.
    """

    followed: ClassVar[bool] = True

    author: Author
    internal: bool = False
    status: TicketStatus
    basis: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NotePosted(TicketEvent):
    """A note that only staff see."""

    audience: ClassVar[str] = "internal"

    author: Author
    internal: bool = True
    status: TicketStatus


@dataclass(frozen=True, kw_only=True)
class TicketAssigned(TicketEvent):
    """It has another assignee, or none: back to the team. why: who decided it; before: who had it; team: its team."""

    audience: ClassVar[str] = "internal"

    assignee: str | None
    before: str | None = None
    why: Why = Why.BY_HAND
    team: str | None = None


@dataclass(frozen=True, kw_only=True)
class TicketAmended(TicketEvent):
    """Staff, or rules, corrected what the ticket is about.

    changed: the fields, each with what it was and what it is; rules: the names of those that did it.
    """

    audience: ClassVar[str] = "internal"

    changed: Mapping[str, Mapping[str, str | None]]
    rules: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class TicketMoved(TicketEvent):
    """A move that no other event tells of: taken for spam, or given back."""

    audience: ClassVar[str] = "internal"

    from_status: TicketStatus
    status: TicketStatus
    reason: PersonalText


@dataclass(frozen=True, kw_only=True)
class VerificationRequested(TicketEvent):
    """A question cannot be answered at once: it is looked into. complete_by: when the complete answer comes."""

    verification_id: str
    complete_by: datetime


@dataclass(frozen=True, kw_only=True)
class AnswerDrafted(TicketEvent):
    """The complete answer is written and waits for a second person."""

    audience: ClassVar[str] = "internal"

    verification_id: str


@dataclass(frozen=True, kw_only=True)
class DraftSentBack(TicketEvent):
    """A second person did not agree to the draft."""

    audience: ClassVar[str] = "internal"

    verification_id: str
    why: PersonalText


@dataclass(frozen=True, kw_only=True)
class AnswerVerified(TicketEvent):
    """A second person agreed to the complete answer, and it went out. edited: they changed the words."""

    verification_id: str
    edited: bool


@dataclass(frozen=True, kw_only=True)
class SuggestionReceived(TicketEvent):
    """What a customer wrote is a suggestion: it is reviewed. review_by: until when a lead has decided about it."""

    suggestion_id: str
    review_by: datetime


@dataclass(frozen=True, kw_only=True)
class SuggestionMoved(TicketEvent):
    """A suggestion took a step; its author and followers are told."""

    suggestion_id: str
    from_status: SuggestionStatus
    status: SuggestionStatus


@dataclass(frozen=True, kw_only=True)
class SuggestionEdited(TicketEvent):
    """A lead changed the words for the public, or whether the board shows them."""

    audience: ClassVar[str] = "internal"

    suggestion_id: str
    public: bool


@dataclass(frozen=True, kw_only=True)
class TicketResolved(TicketEvent):
    """ground: why it was declined; None if it was not."""

    code: ResolutionCode
    cycle: int
    ground: DeclineGround | None = None


@dataclass(frozen=True, kw_only=True)
class TicketClosed(TicketEvent):
    closed_by: ClosedBy


@dataclass(frozen=True, kw_only=True)
class TicketReopened(TicketEvent):
    """cycle: how many times it has been taken up by now, the first included."""

    cycle: int


@dataclass(frozen=True, kw_only=True)
class TicketRated(TicketEvent):
    score: int
    cycle: int


@dataclass(frozen=True, kw_only=True)
class CustomerNotified(Event):
    """A mail has left for the customer.

    about, reference: what it told of, e.g. "change_requested" and the change's id; orders stops its clock by it.
    Its chain is the ticket's, or the order's where there is no ticket.
    """

    source: ClassVar[str] = "support"
    audience: ClassVar[str] = "public"

    ticket_number: str | None
    order_number: str | None
    about: str
    reference: str
    channel: str = "email"
    notified_at: datetime

    @property
    def subject(self) -> str:
        return self.ticket_number or self.order_number or self.reference


@dataclass(frozen=True, kw_only=True)
class NotificationFailed(Event):
    """A mail that could not be delivered and is given up; a person has to find another way."""

    source: ClassVar[str] = "support"
    followed: ClassVar[bool] = False

    ticket_number: str | None
    order_number: str | None
    about: str
    reference: str
    reason: PersonalText

    @property
    def subject(self) -> str:
        return self.ticket_number or self.order_number or self.reference


@dataclass(frozen=True, kw_only=True)
class PrivacyEvent(Event):
    """The base of what happens to one request about a person's data, which is the subject of its chain."""

    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "request_id"

    request_id: str


@dataclass(frozen=True, kw_only=True)
class ErasureConfirmed(PrivacyEvent):
    """A customer wants their data erased, and has shown that they read the mailbox.

    Orders answers with `orders_sorted`, and with `order_erased` for each order that is erased, now or later; logistics
    and aftersales answer that one. So only orders needs to know whose data it is.
    """

    email: PersonalText


@dataclass(frozen=True, kw_only=True)
class ExportConfirmed(PrivacyEvent):
    """A customer wants a copy of their data, and has shown that they read the mailbox."""

    followed: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class PrivacyRequestEnded(PrivacyEvent):
    """What a customer asked for about their data is done, and they are told."""

    followed: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class LinksEnded(Event):
    """Links to an order or a ticket were ended; the entry's actor says by whom."""

    source: ClassVar[str] = "support"
    followed: ClassVar[bool] = False

    ticket_number: str | None
    order_number: str | None
    links: list[str]

    @property
    def subject(self) -> str:
        return self.ticket_number or self.order_number or ""
