"""Tickets: what customers ask, what agents answer, how a matter ends (standard, sections 1, 5 and 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, NotRequired, TypedDict

from services.common.basics.api import ANYONE, Api, command, query
from services.common.basics.caller import AGENT, CUSTOMER, LEAD
from services.common.basics.errors import Conflict, Forbidden, Invalid, NotFound
from services.common.basics.shapes import (
    Between,
    CommitmentView,
    Email,
    EmailAddress,
    Line,
    Note,
    Nullable,
    Page,
    PageQuery,
    Sku,
    Text,
    Timestamp,
    Version,
)
from services.support.api.parts import Accepted, OrderNumber, TicketNumber
from services.support.api.statuses import (
    AgentCode,
    Author,
    Category,
    ClosedBy,
    Origin,
    ResolutionCode,
    TicketStatus,
    Topic,
    Turn,
)

# refusals


class TicketNotFound(NotFound):
    """There is no ticket of this number, or the caller has nothing to do with it."""

    code = "ticket_not_found"
    message = "No such ticket."


class TokenInvalid(NotFound):
    """The token of a ticket's link is unknown, expired or revoked."""

    code = "token_invalid"
    message = "This link is not good, or no longer."


class WrongStatus(Conflict):
    """The ticket's status does not allow the command."""

    code = "wrong_status"
    message = "The ticket's status does not allow that."


class NotAnswered(Conflict):
    """A message of the customer has no public answer yet."""

    code = "not_answered"
    message = "The customer still waits for an answer: answer first, then resolve."


class ReopenWindowOver(Conflict):
    """The ticket was closed more than 14 days ago."""

    code = "reopen_window_over"
    message = "It was closed too long ago to be taken up again; a new message opens a new ticket linked to it."


class AlreadyRated(Conflict):
    """The customer has rated this resolution before."""

    code = "already_rated"
    message = "This resolution has been rated."


class VersionMoved(Conflict):
    """The ticket has another version than the one that the caller saw."""

    code = "version_moved"
    message = "Somebody else changed the ticket meanwhile; look again."


class NoSuchAgent(Conflict):
    """The address belongs to nobody who answers tickets."""

    code = "no_such_agent"
    message = "nobody with that address answers tickets"


class ReasonRequired(Invalid):
    """A demand is declined without a note that says why."""

    code = "reason_required"
    message = "declining a demand needs a reason"


class DecliningNeedsLead(Forbidden):
    """Somebody other than a lead declines a demand."""

    code = "role_required"
    message = "only a lead may decline a demand"


class NoteAsksNobody(Invalid):
    """An internal note is to make it the customer's turn."""

    code = "note_asks_nobody"
    message = "a note asks the customer nothing: write a public message"


# requests


@dataclass(frozen=True)
class ContactForm:
    """`topic`: for questions before buying. `order_number` is taken as a claim unless the caller shows it is theirs."""

    name: Annotated[str, Line(120)]
    email: Email
    category: Category
    subject: Annotated[str, Line(200)]
    message: Annotated[str, Text(10_000)]
    topic: Topic | None = None
    order_number: OrderNumber | None = None
    sku: Sku | None = None


@dataclass(frozen=True)
class ListTickets(PageQuery):
    """Without `status`, spam is left out for staff. `assignee` is for staff."""

    status: TicketStatus | None = None
    category: Category | None = None
    assignee: Annotated[str, EmailAddress()] | None = None
    order_number: OrderNumber | None = None


@dataclass(frozen=True)
class PostMessage:
    """`internal` and `status` (whose turn it is afterwards) are for staff."""

    body: Annotated[str, Text(10_000)]
    internal: bool = False
    status: Turn | None = None


@dataclass(frozen=True)
class AssignTicket:
    """Whose ticket it is from now on."""

    assignee: Annotated[str, EmailAddress(), Nullable(), Note("null: back to the team")] | None
    version: Version | None = None


@dataclass(frozen=True)
class ResolveTicket:
    """`declined` needs a note with the reason, and a lead."""

    code: AgentCode
    note: Annotated[str, Text(2000), Note("for staff only")] | None = None
    version: Version | None = None


@dataclass(frozen=True)
class ReopenTicket:
    """What the customer has to say about it, if anything."""

    message: Annotated[str, Text(10_000), Note("what is not solved")] | None = None


@dataclass(frozen=True)
class CloseTicket:
    """Nothing needs to be said."""


@dataclass(frozen=True)
class MarkSpam:
    """Why the ticket is taken for spam."""

    reason: Annotated[str, Line(200)]
    version: Version | None = None


@dataclass(frozen=True)
class RestoreTicket:
    """Why the ticket is no spam."""

    reason: Annotated[str, Line(200)]
    version: Version | None = None


@dataclass(frozen=True)
class RateTicket:
    """How satisfied the customer is: 1 (not at all) to 5."""

    score: Annotated[int, Between(1, 5)]
    comment: Annotated[str, Text(2000)] | None = None


@dataclass(frozen=True)
class RequestTicketLink:
    """The address to which the ticket's mails go."""

    email: Email


# replies


class TicketReceipt(TypedDict):
    """`access_token`: the way back to this ticket, for who has no account; a link to it is mailed too.

    A guest who repeats a request has no second one.
    """

    ticket_number: TicketNumber
    answer_by: Timestamp
    access_token: NotRequired[str]


class TicketCustomer(TypedDict):
    name: str
    email: str


class TicketSummary(TypedDict):
    """A ticket. Staff also get `customer`, `assignee`, `origin`, `mailbox_proven` and `order_link`: an order that is
    only `claimed` may belong to somebody else."""

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
    version: int
    customer: NotRequired[TicketCustomer]
    mailbox_proven: NotRequired[bool]
    order_link: NotRequired[Literal["claimed", "verified"] | None]
    origin: NotRequired[Origin]
    assignee: NotRequired[str | None]


class MessageView(TypedDict):
    """One entry of the thread. `system` is an automatic message. `actor` is for staff."""

    position: int
    author: Author
    body: str
    internal: bool
    posted_at: Timestamp
    actor: NotRequired[str]


class PostedMessage(TicketSummary):
    """The ticket after it. When the old one was closed too long ago, this is a new ticket, with `previous_number`."""

    message: NotRequired[MessageView]


class ResolutionView(TypedDict):
    """How a matter ended. `note` is null for customers."""

    code: ResolutionCode
    note: str | None
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


class TicketView(TicketSummary):
    """A ticket with its thread, its clocks and its outcome. `answer_by` is null while nothing is unanswered."""

    answer_by: Timestamp | None
    messages: list[MessageView]
    commitments: list[CommitmentView]
    resolution: ResolutionView | None
    ratable: bool
    rating: RatingView | None


class TicketAccess(TypedDict):
    """What a ticket's token lets its holder do, as grants of a caller."""

    ticket_number: TicketNumber
    grants: list[str]


# methods


class Tickets(Api):
    """What customers, guests and staff do with tickets."""

    @command(roles=(ANYONE,))
    def open_ticket(self, form: ContactForm) -> TicketReceipt:
        """Write to us, without an account.

        The answer says at once under which number it is kept, and until when a person answers. Send the token of the
        order, or of your session, along with a question about an order: then we know that it is yours.
        """

    @query(roles=(CUSTOMER, AGENT, LEAD), errors=(TicketNotFound,))
    def get_ticket(self, number: TicketNumber) -> TicketView:
        """Show a ticket with its thread."""

    @query(roles=(CUSTOMER, AGENT, LEAD))
    def list_tickets(self, query: ListTickets) -> Page[TicketSummary]:
        """List tickets: staff by next deadline (spam only when asked for), customers their own, newest first."""

    @command(roles=(CUSTOMER, AGENT, LEAD), errors=(TicketNotFound, WrongStatus, NoteAsksNobody))
    def post_message(self, number: TicketNumber, request: PostMessage) -> PostedMessage:
        """Write to the thread.

        A person's public answer stops the response clock, a note does not. A customer's message takes a resolved
        ticket up again; one that was closed more than 14 days ago is continued in a new, linked ticket.
        """

    @command(roles=(AGENT, LEAD), errors=(TicketNotFound, VersionMoved, NoSuchAgent, WrongStatus))
    def assign_ticket(self, number: TicketNumber, request: AssignTicket) -> TicketSummary:
        """Give the ticket to an agent or lead; 409 `no_such_agent` for anybody else."""

    @command(
        roles=(AGENT, LEAD),
        errors=(TicketNotFound, VersionMoved, NotAnswered, WrongStatus, ReasonRequired, DecliningNeedsLead),
    )
    def resolve_ticket(self, number: TicketNumber, request: ResolveTicket) -> TicketSummary:
        """End the matter with a code; 409 `not_answered` while anything is unanswered."""

    @command(roles=(CUSTOMER, AGENT, LEAD), errors=(TicketNotFound, WrongStatus, ReopenWindowOver))
    def reopen_ticket(self, number: TicketNumber, request: ReopenTicket) -> PostedMessage:
        """Take the matter up again, up to 14 days after it was closed.

        Later 409 `reopen_window_over`, unless a message comes along: that opens a new, linked ticket.
        """

    @command(roles=(CUSTOMER, LEAD), errors=(TicketNotFound, WrongStatus))
    def close_ticket(self, number: TicketNumber, request: CloseTicket) -> TicketSummary:
        """Close what is resolved: the customer's decision, or a lead's signature. Complaints close in no other way."""

    @command(roles=(AGENT, LEAD), errors=(TicketNotFound, VersionMoved, WrongStatus))
    def mark_spam(self, number: TicketNumber, request: MarkSpam) -> TicketSummary:
        """Take it out of the inbox as spam; nothing is deleted."""

    @command(roles=(AGENT, LEAD), errors=(TicketNotFound, VersionMoved, WrongStatus))
    def restore_ticket(self, number: TicketNumber, request: RestoreTicket) -> TicketSummary:
        """Put back what was no spam."""

    @command(roles=(CUSTOMER,), errors=(TicketNotFound, WrongStatus, AlreadyRated))
    def rate_ticket(self, number: TicketNumber, request: RateTicket) -> RatedTicket:
        """Say how satisfied you are with a resolution, once for each; then 409 `already_rated`."""

    @command(roles=(ANYONE,))
    def request_ticket_link(self, number: TicketNumber, request: RequestTicketLink) -> Accepted:
        """Have a new link mailed to the ticket's own address; the answer is always the same. Old links end."""

    @query(roles=(ANYONE,), errors=(TokenInvalid,))
    def exchange_ticket_token(self, token: str) -> TicketAccess:
        """Say for which ticket a token is, and what its holder may do."""
