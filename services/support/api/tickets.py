"""Tickets: what customers ask, what agents answer, how a matter ends (standard, sections 1, 5 and 6)."""

from __future__ import annotations

from services.common.basics.api import ANYONE, Api, TimelinePart, command, query
from services.common.basics.caller import AGENT, CUSTOMER, LEAD
from services.support.api.basis import UnknownBasis
from services.support.api.canned import ReplyNotFound, UnfilledVariables
from services.support.api.escalation import LeadAnswersFirst
from services.support.api.guard import Quarantined
from services.support.api.parts import Accepted, OrderNumber, TicketNumber
from services.support.api.refusals import (
    AlreadyRated,
    AmendingNeedsLead,
    AnswerRepeats,
    AnswerTooShort,
    ComplaintUndecided,
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
    StillVerifying,
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
from services.support.api.teams import PersonOff, UnknownTeam
from services.support.api.ticket_forms import (
    AmendTicket,
    AssignTicket,
    BeginTicket,
    CloseTicket,
    ContactForm,
    ListTickets,
    MarkSpam,
    PostMessage,
    RateTicket,
    ReopenTicket,
    RequestOrderLink,
    RequestTicketLink,
    ResolveTicket,
    RestoreTicket,
)
from services.support.api.uploads import UploadMissing

WRITING = (TicketNotFound, VersionMoved, WrongStatus, NoteAsksNobody, AnswerTooShort)


class Tickets(Api):
    """What customers, guests and staff do with tickets."""

    @command(roles=(ANYONE,), errors=(TopicOfOrder, StaffBeginTickets, UploadMissing))
    def open_ticket(self, form: ContactForm) -> TicketReceipt:
        """Write to us, without an account.

        The answer says at once under which number it is kept, and until when a person answers. Send the token of the
        order, or of your session, along with a question about an order: then we know that it is yours.

        Of a stranger, a message that no person seems to have written is `quarantined`: one of us looks at it before any
        mail is sent, and it is lost in no case.
        """

    @query(roles=(ANYONE,))
    def list_answer_times(self) -> AnswerTimes:
        """Tell until when a person answers what is asked now, by category: for who has not sent it yet."""

    @command(
        roles=(AGENT, LEAD), errors=(AnswerTooShort, TopicOfOrder, UploadMissing, UnfilledVariables), personal=True
    )
    def begin_ticket(self, begun: BeginTicket) -> TicketSummary:
        """Begin a conversation with a customer, who gets the message by mail with a link to answer."""

    @command(
        roles=(AGENT, LEAD),
        errors=(
            TicketNotFound,
            VersionMoved,
            WrongStatus,
            AmendingNeedsLead,
            NothingToAmend,
            TopicOfOrder,
            UnknownTeam,
        ),
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
        errors=(
            *WRITING,
            Quarantined,
            UnknownBasis,
            ReplyNotFound,
            UnfilledVariables,
            UploadMissing,
            AnswerRepeats,
            StillVerifying,
        ),
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
        errors=(
            TicketNotFound,
            VersionMoved,
            NotAnswered,
            WrongStatus,
            ReasonRequired,
            DecliningNeedsLead,
            ComplaintUndecided,
            LeadAnswersFirst,
            StillVerifying,
            UnfilledVariables,
        ),
        personal=True,
    )
    def resolve_ticket(self, number: TicketNumber, request: ResolveTicket) -> TicketSummary:
        """End the matter with a code; 409 `not_answered` while anything is unanswered.

        A complaint ends with its decision: 409 `complaint_undecided` before it.
        """

    @command(
        roles=(CUSTOMER, AGENT, LEAD),
        errors=(TicketNotFound, VersionMoved, WrongStatus, ReopenWindowOver, Quarantined),
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
        """Put back what was no spam, or take in what is quarantined: its clocks count from when it was written."""

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
