"""Tickets: what customers ask, what agents answer, how a matter ends (standard, sections 1, 5 and 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from services.common.basics.api import ANYONE, Api, TimelinePart, command, query
from services.common.basics.caller import AGENT, CUSTOMER, LEAD
from services.common.basics.rules import NotBoth, Ruled, Some, When
from services.common.basics.shapes import (
    Asked,
    Between,
    Email,
    EmailAddress,
    Example,
    Line,
    Note,
    Nullable,
    PageQuery,
    Sku,
    Text,
    Version,
)
from services.support.api.basis import Cited, UnknownBasis
from services.support.api.canned import ReplyId, ReplyNotFound, UnfilledVariables
from services.support.api.parts import SENTENCE, Accepted, Language, OrderNumber, TicketNumber, Zone
from services.support.api.refusals import (
    AlreadyRated,
    AmendingNeedsLead,
    AnswerTooShort,
    DecliningNeedsLead,
    NoSuchAgent,
    NotAnswered,
    NoteAsksNobody,
    NothingToAmend,
    NotRatable,
    ReasonRequired,
    ReopenWindowOver,
    SpamNeedsLead,
    StaffBeginTickets,
    TicketNotFound,
    TokenInvalid,
    TopicOfOrder,
    VersionMoved,
    WrongStatus,
)
from services.support.api.replies import (
    AnswerTimes,
    PostedMessage,
    RatedTicket,
    TicketAccess,
    TicketPage,
    TicketReceipt,
    TicketSummary,
    TicketView,
)
from services.support.api.statuses import (
    AgentCode,
    Category,
    Priority,
    TicketStatus,
    Topic,
    Turn,
    View,
)
from services.support.api.teams import PersonOff, TeamName, UnknownTeam

NOT_PRODUCTS = tuple(each for each in Category if each is not Category.PRODUCT)
WRITING = (TicketNotFound, VersionMoved, WrongStatus, NoteAsksNobody, AnswerTooShort)
OF_PRODUCTS = "Topics are for questions about products before buying; leave it out."

# requests


@dataclass(frozen=True)
class ContactForm(Ruled, Asked):
    """A message to us.

    `topic` is for questions before buying: with the category `product`, and without an order. `order_number` is taken
    as a claim unless the caller shows it is theirs.
    """

    name: Annotated[str, Line(120)]
    email: Email
    category: Category
    subject: Annotated[str, Line(200)]
    message: Annotated[str, Text(10_000)]
    topic: Annotated[Topic, Nullable()] | None = None
    order_number: Annotated[OrderNumber, Nullable()] | None = None
    sku: Annotated[Sku, Nullable()] | None = None
    time_zone: Zone | None = None
    language: Language | None = None

    rules = (
        When("category", NOT_PRODUCTS, forbids=("topic",), forbidden=OF_PRODUCTS),
        NotBoth(("topic", "order_number"), "Leave out the topic or the order's number.", TopicOfOrder),
    )


@dataclass(frozen=True)
class BeginTicket(Ruled):
    """What staff write to a customer, after a phone call or by themselves. `asks`: it is the customer's turn then."""

    name: Annotated[str, Line(120)]
    email: Email
    category: Category
    subject: Annotated[str, Line(200)]
    message: Annotated[str, Text(10_000), SENTENCE]
    topic: Annotated[Topic, Nullable()] | None = None
    order_number: Annotated[OrderNumber, Nullable()] | None = None
    sku: Annotated[Sku, Nullable()] | None = None
    time_zone: Zone | None = None
    language: Language | None = None
    asks: bool = False

    rules = (NotBoth(("topic", "order_number"), "Leave out the topic or the order's number.", TopicOfOrder),)


@dataclass(frozen=True)
class AmendTicket(Ruled):
    """Correct what the ticket is about; what is left out stays."""

    examples: ClassVar[Mapping[str, object]] = {
        "another category": {"category": "complaint"},
        "another topic": {"topic": "usage"},
        "more urgent": {"priority": "high"},
        "another team": {"team": "agents"},
    }

    category: Category | None = None
    topic: Topic | None = None
    priority: Priority | None = None
    order_number: OrderNumber | None = None
    sku: Sku | None = None
    team: TeamName | None = None
    version: Version | None = None

    rules = (
        Some(
            ("category", "topic", "priority", "order_number", "sku", "team"), "Name what is to change.", NothingToAmend
        ),
    )


@dataclass(frozen=True)
class ListTickets(PageQuery):
    """Without `status` and `view`, spam is left out for staff. `view`, `q` and `assignee` are for staff."""

    view: View | None = None
    q: (
        Annotated[
            str,
            Line(100, min=2),
            Note("number, name, e-mail, SKU, tracking number, words; or how each begins"),
        ]
        | None
    ) = None

    status: TicketStatus | None = None
    category: Category | None = None
    assignee: Annotated[str, EmailAddress(), Example("agent@pledge.example")] | None = None
    order_number: OrderNumber | None = None
    team: Annotated[TeamName, Note("for staff")] | None = None


@dataclass(frozen=True)
class PostMessage(Ruled):
    """`internal`, `status` (whose turn it is afterwards), `basis` and `reply_id` are for staff.

    What staff write to a customer may name variables, `{order.total}`: they are filled, or nothing is sent.
    """

    examples: ClassVar[Mapping[str, object]] = {
        "a message": {"body": SENTENCE.value},
        "an answer": {"body": SENTENCE.value, "basis": [{"kind": "article", "slug": "free-shipping"}]},
        "a note": {"body": "The maker is asked.", "internal": True},
    }

    body: Annotated[str, Text(10_000), SENTENCE]
    internal: bool = False
    status: Turn | None = None
    basis: Cited = ()
    reply_id: Annotated[ReplyId, Note("the canned reply that it is made of; what that sets is set")] | None = None
    version: Version | None = None

    rules = (
        When("internal", (True,), forbids=("basis", "reply_id"), forbidden="A note is no answer: leave it out."),
        When("status", (Turn.WAITING_CUSTOMER,), forbids=("internal",), refusal=NoteAsksNobody),
    )


@dataclass(frozen=True)
class AssignTicket:
    """Whose ticket it is from now on."""

    assignee: (
        Annotated[str, EmailAddress(), Nullable(), Example("agent@pledge.example"), Note("null: back to the team")]
        | None
    )
    version: Version | None = None


@dataclass(frozen=True)
class ResolveTicket(Ruled):
    """`declined` needs a note with the reason, and a lead."""

    code: AgentCode
    note: (
        Annotated[str, Text(2000), Note("the reason; the customer reads it when the demand is declined or a duplicate")]
        | None
    ) = None
    version: Version | None = None

    rules = (When("code", (AgentCode.DECLINED,), needs=("note",), refusal=ReasonRequired),)


@dataclass(frozen=True)
class ReopenTicket:
    """What the customer has to say about it, if anything."""

    message: Annotated[str, Text(10_000), Note("what is not solved")] | None = None
    version: Version | None = None


@dataclass(frozen=True)
class CloseTicket:
    """Nothing needs to be said."""

    version: Version | None = None


@dataclass(frozen=True)
class MarkSpam:
    """Why the ticket is taken for spam."""

    reason: Annotated[str, Line(200), Note("told to the customer where a lead has to decide")]
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
    version: Version | None = None


@dataclass(frozen=True)
class RequestTicketLink(Asked):
    """The address to which the ticket's mails go."""

    email: Email


@dataclass(frozen=True)
class RequestOrderLink(Asked):
    """The address to which the order's mails go."""

    email: Email


# methods


class Tickets(Api):
    """What customers, guests and staff do with tickets."""

    @command(roles=(ANYONE,), errors=(TopicOfOrder, StaffBeginTickets))
    def open_ticket(self, form: ContactForm) -> TicketReceipt:
        """Write to us, without an account.

        The answer says at once under which number it is kept, and until when a person answers. Send the token of the
        order, or of your session, along with a question about an order: then we know that it is yours.
        """

    @query(roles=(ANYONE,))
    def list_answer_times(self) -> AnswerTimes:
        """Tell until when a person answers what is asked now, by category: for who has not sent it yet."""

    @command(roles=(AGENT, LEAD), errors=(AnswerTooShort, TopicOfOrder, UnfilledVariables), personal=True)
    def begin_ticket(self, begun: BeginTicket) -> TicketSummary:
        """Begin a conversation with a customer, who gets the message by mail with a link to answer."""

    @command(
        roles=(AGENT, LEAD),
        errors=(TicketNotFound, VersionMoved, AmendingNeedsLead, NothingToAmend, TopicOfOrder, UnknownTeam),
        personal=True,
    )
    def amend_ticket(self, number: TicketNumber, request: AmendTicket) -> TicketSummary:
        """Correct the category, topic, priority, order, product or team.

        A category belongs to a team. When the team changes and who has the ticket is not in it, it has no assignee.

        Answer clocks that run are counted again from their start, by the category and priority; those that ended or
        were not kept stay as they are. The customer is told when the answer comes later than was promised.
        """

    @query(roles=(CUSTOMER, AGENT, LEAD), errors=(TicketNotFound,), personal=True)
    def get_ticket_timeline(self, number: TicketNumber) -> TimelinePart:
        """Tell what happened to a ticket; customers see the public entries."""

    @query(roles=(CUSTOMER, AGENT, LEAD), errors=(TicketNotFound,), personal=True)
    def get_ticket(self, number: TicketNumber) -> TicketView:
        """Show a ticket with its thread."""

    @query(roles=(CUSTOMER, AGENT, LEAD), personal=True)
    def list_tickets(self, query: ListTickets) -> TicketPage:
        """List tickets: staff by next deadline (spam only when asked for), customers their own, newest first.

        Staff are told how many tickets each view has.
        """

    @command(
        roles=(CUSTOMER, AGENT, LEAD),
        errors=(*WRITING, UnknownBasis, ReplyNotFound, UnfilledVariables),
        personal=True,
    )
    def post_message(self, number: TicketNumber, request: PostMessage) -> PostedMessage:
        """Write to the thread.

        A person's public answer stops the response clock, a note does not; it has at least 20 characters. With
        If-Match (or `version`) only if nothing arrived meanwhile: else 412 `version_moved`, with what arrived in
        `messages`. Staff may add to what is resolved or closed. A customer's message takes a resolved ticket up again;
        one that was closed more than 14 days ago is continued in one new, linked ticket.
        """

    @command(
        roles=(AGENT, LEAD), errors=(TicketNotFound, VersionMoved, NoSuchAgent, PersonOff, WrongStatus), personal=True
    )
    def assign_ticket(self, number: TicketNumber, request: AssignTicket) -> TicketSummary:
        """Give the ticket to an agent, a lead or an admin, who is told by mail.

        409 `no_such_agent` for anybody else, `person_off` for who is off.
        """

    @command(
        roles=(AGENT, LEAD),
        errors=(TicketNotFound, VersionMoved, NotAnswered, WrongStatus, ReasonRequired, DecliningNeedsLead),
        personal=True,
    )
    def resolve_ticket(self, number: TicketNumber, request: ResolveTicket) -> TicketSummary:
        """End the matter with a code; 409 `not_answered` while anything is unanswered."""

    @command(
        roles=(CUSTOMER, AGENT, LEAD),
        errors=(TicketNotFound, VersionMoved, WrongStatus, ReopenWindowOver),
        personal=True,
    )
    def reopen_ticket(self, number: TicketNumber, request: ReopenTicket) -> PostedMessage:
        """Take the matter up again, up to 14 days after it was closed.

        Later 409 `reopen_window_over`, unless a message comes along: that opens a new, linked ticket.
        """

    @command(roles=(CUSTOMER, LEAD), errors=(TicketNotFound, VersionMoved, WrongStatus), personal=True)
    def close_ticket(self, number: TicketNumber, request: CloseTicket) -> TicketSummary:
        """Close what is resolved: the customer's decision, or a lead's signature. Complaints close in no other way."""

    @command(roles=(AGENT, LEAD), errors=(TicketNotFound, VersionMoved, WrongStatus, SpamNeedsLead), personal=True)
    def mark_spam(self, number: TicketNumber, request: MarkSpam) -> TicketSummary:
        """Take it out of the inbox as spam; nothing is deleted.

        For a complaint, a proven mailbox or the customer of an order a lead decides, and the customer is told. Who
        writes again brings it back.
        """

    @command(roles=(AGENT, LEAD), errors=(TicketNotFound, VersionMoved, WrongStatus), personal=True)
    def restore_ticket(self, number: TicketNumber, request: RestoreTicket) -> TicketSummary:
        """Put back what was no spam."""

    @command(roles=(CUSTOMER,), errors=(TicketNotFound, VersionMoved, WrongStatus, AlreadyRated, NotRatable))
    def rate_ticket(self, number: TicketNumber, request: RateTicket) -> RatedTicket:
        """Say how satisfied you are with a resolution, once for each; then 409 `already_rated`."""

    @command(roles=(ANYONE,))
    def request_ticket_link(self, number: TicketNumber, request: RequestTicketLink) -> Accepted:
        """Have a new link mailed to the ticket's own address; the answer is always the same.

        Older links end when the new one is used to write.
        """

    @command(roles=(ANYONE,))
    def request_order_link(self, number: OrderNumber, request: RequestOrderLink) -> Accepted:
        """Have a new link to an order mailed to the order's own address; the answer is always the same."""

    @query(roles=(ANYONE,), errors=(TokenInvalid,))
    def exchange_ticket_token(self, token: str) -> TicketAccess:
        """Say for which ticket a token is, and what its holder may do."""
