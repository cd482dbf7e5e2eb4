"""How tickets are shown: lists, threads, outcomes (standard, sections 1, 5 and 6)."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict

from services.common.basics.shapes import CommitmentView, Note, Timestamp
from services.support.api.basis import ShownBasis
from services.support.api.complaint_views import ComplaintView
from services.support.api.drafts import DraftView
from services.support.api.guard import QuarantineView
from services.support.api.parts import OrderNumber, TicketNumber
from services.support.api.statuses import (
    Above,
    Author,
    Category,
    ClosedBy,
    DeclineGround,
    Origin,
    Priority,
    ResolutionCode,
    TicketStatus,
    Topic,
)
from services.support.api.uploads import UploadView


class TicketReceipt(TypedDict):
    """`access_token`: the way back to this ticket, for who has no account; a link to it is mailed too.

    A guest who repeats a request has no second one.
    """

    ticket_number: TicketNumber
    answer_by: Timestamp
    access_token: NotRequired[str]
    quarantined: NotRequired[
        Annotated[
            bool,
            Note(
                "true where it is set aside until one of us has seen that a person wrote it; no mail is sent before, "
                "and `answer_by` counts from now then"
            ),
        ]
    ]


class AnswerTime(TypedDict):
    """Until when a person answers what is asked now in this category."""

    category: Category
    answer_by: Timestamp


class AnswerTimes(TypedDict):
    """Every category, in the order of the list of categories."""

    items: list[AnswerTime]


class TicketCustomer(TypedDict):
    name: str
    email: str


class RungView(TypedDict):
    """Who was told, because the time of a promise runs out. share: of its time, in parts of 100: 75, 100 or 150."""

    kind: str
    share: int
    due_at: Timestamp
    told_at: Timestamp
    told: list[str]


class LinkedTicket(TypedDict):
    """A ticket that belongs to another one."""

    number: TicketNumber
    subject: str
    status: TicketStatus


class TicketSummary(TypedDict):
    """A ticket. Staff also get `customer`, `assignee`, `origin`, `priority`, `mailbox_proven` and `order_link`: an
    order that is only `claimed` may belong to another customer."""

    number: TicketNumber
    status: TicketStatus
    category: Category
    topic: Topic | None
    subject: str
    order_number: OrderNumber | None
    sku: str | None
    opened_at: Timestamp
    next_due_at: Timestamp | None
    cycle: Annotated[int, Note("1, and one more for each reopening")]
    previous_number: TicketNumber | None
    next_number: Annotated[TicketNumber | None, Note("the ticket that continues this one")]
    version: Annotated[int, Note("what you saw, for If-Match; customers have a count of their own")]
    customer: NotRequired[TicketCustomer]
    mailbox_proven: NotRequired[bool]
    mailbox_unreachable: NotRequired[
        Annotated[Timestamp, Note("since when our mails to it come back; with one ticket, for staff")]
    ]
    order_link: NotRequired[Literal["claimed", "verified"] | None]
    origin: NotRequired[Origin]
    priority: NotRequired[Priority]
    assignee: NotRequired[str | None]
    team: NotRequired[Annotated[str, Note("which team it belongs to; where tickets are read, for staff")]]
    escalated_at: NotRequired[
        Annotated[Timestamp, Note("since when its customer waits for a lead's answer; left out where they do not")]
    ]
    rung: NotRequired[
        Annotated[RungView, Note("the highest rung of which people were told, of promises that still run; for staff")]
    ]
    drafted: NotRequired[
        Annotated[bool, Note("true where the reader has begun to write and not sent it; in lists, for staff")]
    ]
    score: NotRequired[Annotated[int, Note("how its customer rated the last end of it, 1 to 5; in lists, for staff")]]
    merged: NotRequired[Annotated[list[LinkedTicket], Note("tickets that go on in this one; with one ticket")]]
    related: NotRequired[
        Annotated[list[LinkedTicket], Note("tickets that it has to do with; with one ticket, for staff")]
    ]
    drafts: NotRequired[
        Annotated[list[DraftView], Note("what the reader began to write; with one ticket, for staff, their own alone")]
    ]
    ladder: NotRequired[Annotated[list[RungView], Note("who was told of what, in time; with one ticket, for staff")]]
    quarantine: NotRequired[
        Annotated[QuarantineView, Note("why it was set aside at first; with one ticket, for staff")]
    ]


class ViewCounts(TypedDict):
    """How many tickets each view has among those that are looked for; 1000 stands for that many or more."""

    open: int
    mine: int
    unassigned: int
    overdue: int
    escalated: int
    verifying: int
    waiting: int
    spam: int
    quarantined: int


class TicketPage(TypedDict):
    """One page of tickets; `next_cursor` is null on the last."""

    items: list[TicketSummary]
    next_cursor: str | None
    counts: NotRequired[Annotated[ViewCounts, Note("for staff")]]


class MessageView(TypedDict):
    """One entry of the thread, numbered without gaps for its reader. `system` is an automatic message. `actor` and
    `verified_by` are for staff. `proven`, of a customer's message: its writer had shown that they read the customer's
    mail."""

    position: int
    author: Author
    body: str
    internal: bool
    posted_at: Timestamp
    actor: NotRequired[str]
    proven: NotRequired[bool]
    verified: NotRequired[Annotated[bool, Note("a second person has checked this answer")]]
    verified_by: NotRequired[str]
    attachments: NotRequired[Annotated[list[UploadView], Note("the files that came along, if any")]]
    basis: NotRequired[Annotated[list[ShownBasis], Note("what the answer rests on, in the versions of then")]]


class PostedMessage(TicketSummary):
    """The ticket after it. When the old one was closed too long ago, this is a new ticket, with `previous_number`."""

    message: NotRequired[MessageView]


class ResolutionView(TypedDict):
    """How a matter ended. `note` is null for customers, unless it is the reason of a refusal.

    `ground`: why it was declined, from a closed list; null if it was not, or before that was kept.
    """

    code: ResolutionCode
    note: str | None
    ground: DeclineGround | None
    resolved_at: Timestamp
    closed_at: Timestamp | None
    closed_by: ClosedBy | None


class RatingView(TypedDict):
    """How satisfied the customer was with a resolution, 1 to 5."""

    score: int
    comment: str | None
    rated_at: Timestamp


class RatedTicket(RatingView):
    """The rating, and the ticket that it is about."""

    number: TicketNumber


class LookedInto(TypedDict):
    """The question that is looked into, and until when we write: the complete answer, and the next news.

    A time is null while it is the customer's turn.
    """

    verification_id: str
    question: str
    complete_by: Timestamp | None
    news_by: Timestamp | None


class EscalationView(TypedDict):
    """Whether the customer may ask for a lead now, and how that went when they last did. `to`: who answers."""

    possible: bool
    to: Above
    asked_at: Timestamp | None
    answer_by: Annotated[Timestamp | None, Note("until when a lead answers; null once one has")]
    answered_at: Timestamp | None


class TicketView(TicketSummary):
    """A ticket with its thread, its clocks and its outcome. `answer_by` is null while nothing is unanswered.

    `own_words_only`: the reader has not shown that they read the customer's mail, and sees what they wrote. The link in
    our mails shows all.
    """

    own_words_only: bool
    answer_by: Timestamp | None
    messages: list[MessageView]
    commitments: list[CommitmentView]
    looked_into: LookedInto | None
    complaint: ComplaintView | None
    resolution: ResolutionView | None
    ratable: bool
    rating: RatingView | None
    escalation: EscalationView


class TicketAccess(TypedDict):
    """What a ticket's token lets its holder do, as grants of a caller."""

    ticket_number: TicketNumber
    grants: list[str]
