"""Tickets over HTTP: the inbox, the thread, the steps of customers, agents and leads (standard, sections 1, 5, 6)."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from gateway.http.bodies import versioned
from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.http.schemas import Answer, Line, Listing, Strict, WholeNumber, page_of, timestamp
from gateway.resources.contact import CATEGORIES, TOPICS
from services.common.basics import ids
from services.common.basics.api import ANYONE
from services.common.basics.caller import AGENT, CUSTOMER, LEAD
from services.common.edge.fields import EmailAddress, Number, Text

STATUSES = ("new", "open", "waiting_customer", "waiting_internal", "resolved", "closed", "spam")
TURNS = ("open", "waiting_customer", "waiting_internal")
CODES = ("answered", "solved", "declined", "duplicate")
ITEM = "/tickets/<number(TIC):number>"

blp = Resource("tickets", "What customers wrote, and what was answered by when")


def one_of(*values: str, **kwargs: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(values), **kwargs)


# what is asked


class TicketFilter(Listing):
    status = one_of(*STATUSES)
    category = one_of(*CATEGORIES)
    assignee = EmailAddress()
    order_number = Number(ids.ORDER)


class PostMessage(Strict):
    """`internal` and `status` (whose turn it is afterwards) are for staff."""

    body = Text(10_000, required=True)
    internal = fields.Boolean(truthy={True}, falsy={False})
    status = one_of(*TURNS)


class Versioned(Strict):
    version = WholeNumber(1, 2**31 - 1, metadata={"description": "as If-Match: 412 when it moved"})


class Assign(Versioned):
    assignee = EmailAddress(required=True, allow_none=True, metadata={"description": "null: back to the team"})


class Resolve(Versioned):
    """`declined` needs a note with the reason, and a lead."""

    code = one_of(*CODES, required=True)
    note = Text(2000, metadata={"description": "for staff only"})


class Reopen(Strict):
    message = Text(10_000, metadata={"description": "what is not solved"})


class Reason(Versioned):
    reason = Line(200, required=True)


class Nothing(Strict):
    """Nothing needs to be said."""


class Rate(Strict):
    score = WholeNumber(1, 5, required=True)
    comment = Text(2000)


class RenewLink(Strict):
    email = EmailAddress(required=True)


# what is said


class Summary(Answer):
    """A ticket. Staff also get `customer`, `assignee`, `origin`, `mailbox_proven` and `order_link`: an order that is
    only `claimed` may belong to somebody else."""

    number = fields.String(required=True)
    status = one_of(*STATUSES, required=True)
    category = one_of(*CATEGORIES, required=True)
    topic = one_of(*TOPICS, required=True, allow_none=True)
    subject = fields.String(required=True)
    order_number = fields.String(required=True, allow_none=True)
    sku = fields.String(required=True, allow_none=True)
    opened_at = timestamp(required=True)
    next_due_at = timestamp(required=True, allow_none=True)
    cycle = fields.Integer(required=True, metadata={"description": "1, and one more for each reopening"})
    previous_number = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class Message(Answer):
    """One entry of the thread. `system` is an automatic message."""

    position = fields.Integer(required=True)
    author = one_of("customer", "agent", "system", required=True)
    body = fields.String(required=True)
    internal = fields.Boolean(required=True)
    posted_at = timestamp(required=True)


class Posted(Summary):
    """The ticket after it. When the old one was closed too long ago, this is a new ticket, with `previous_number`."""

    message = fields.Nested(Message)


class Rated(Answer):
    score = fields.Integer(required=True)
    comment = fields.String(required=True, allow_none=True)
    rated_at = timestamp(required=True)


class Accepted(Answer):
    """The same whether the address is the ticket's or not."""


class Ticket(Summary):
    """A ticket with its thread, its clocks and its outcome. `answer_by` is null while nothing is unanswered."""

    answer_by = timestamp(required=True, allow_none=True)
    messages = fields.List(fields.Nested(Message), required=True)
    commitments = fields.List(fields.Dict(), required=True)
    resolution = fields.Dict(required=True, allow_none=True)
    ratable = fields.Boolean(required=True)
    rating = fields.Nested(Rated, required=True, allow_none=True)


@blp.route("/tickets", methods=["GET"])
@blp.allows(CUSTOMER, AGENT, LEAD)
@blp.filters(TicketFilter)
@blp.answers(200, page_of(Summary))
def list_tickets(query: dict[str, Any]) -> Any:
    """List tickets: agents and leads by next deadline (spam only when asked for), customers their own, newest first."""
    return services().support.list_tickets(query)


@blp.route(ITEM, methods=["GET"])
@blp.allows(CUSTOMER, AGENT, LEAD)
@blp.answers(200, Ticket)
def get_ticket(number: str) -> Any:
    """Show a ticket with its thread."""
    return services().support.get_ticket(number)


@blp.route(f"{ITEM}/messages", methods=["POST"])
@blp.allows(CUSTOMER, AGENT, LEAD)
@blp.takes(PostMessage)
@blp.answers(201, Posted)
def post_message(body: dict[str, Any], number: str) -> Any:
    """Write to the thread.

    A person's public answer stops the response clock, a note does not. A customer's message takes a resolved ticket
    up again; one that was closed more than 14 days ago is continued in a new, linked ticket.
    """
    return services().support.post_message(number, body)


@blp.route(f"{ITEM}/assignment", methods=["POST"])
@blp.allows(AGENT, LEAD)
@blp.takes(Assign)
@blp.answers(200, Summary)
def assign_ticket(body: dict[str, Any], number: str) -> Any:
    """Give the ticket to an agent or lead; 409 `no_such_agent` for anybody else."""
    return services().support.assign_ticket(number, versioned(body))


@blp.route(f"{ITEM}/resolution", methods=["POST"])
@blp.allows(AGENT, LEAD)
@blp.takes(Resolve)
@blp.answers(200, Summary)
def resolve_ticket(body: dict[str, Any], number: str) -> Any:
    """End the matter with a code; 409 `not_answered` while anything is unanswered."""
    return services().support.resolve_ticket(number, versioned(body))


@blp.route(f"{ITEM}/reopening", methods=["POST"])
@blp.allows(CUSTOMER, AGENT, LEAD)
@blp.takes(Reopen)
@blp.answers(200, Summary)
def reopen_ticket(body: dict[str, Any], number: str) -> Any:
    """Take the matter up again, up to 14 days after it was closed.

    Later 409 `reopen_window_over`, unless a message comes along: that opens a new, linked ticket.
    """
    return services().support.reopen_ticket(number, body)


@blp.route(f"{ITEM}/closing", methods=["POST"])
@blp.allows(CUSTOMER, LEAD)
@blp.takes(Nothing)
@blp.answers(200, Summary)
def close_ticket(body: dict[str, Any], number: str) -> Any:
    """Close what is resolved: the customer's decision, or a lead's signature. Complaints close in no other way."""
    return services().support.close_ticket(number, body)


@blp.route(f"{ITEM}/spam", methods=["POST"])
@blp.allows(AGENT, LEAD)
@blp.takes(Reason)
@blp.answers(200, Summary)
def mark_spam(body: dict[str, Any], number: str) -> Any:
    """Take it out of the inbox as spam; nothing is deleted."""
    return services().support.mark_spam(number, versioned(body))


@blp.route(f"{ITEM}/restoration", methods=["POST"])
@blp.allows(AGENT, LEAD)
@blp.takes(Reason)
@blp.answers(200, Summary)
def restore_ticket(body: dict[str, Any], number: str) -> Any:
    """Put back what was no spam."""
    return services().support.restore_ticket(number, versioned(body))


@blp.route(f"{ITEM}/rating", methods=["POST"])
@blp.allows(CUSTOMER)
@blp.takes(Rate)
@blp.answers(201, Rated)
def rate_ticket(body: dict[str, Any], number: str) -> Any:
    """Say how satisfied you are with a resolution, once for each; then 409 `already_rated`."""
    return services().support.rate_ticket(number, body)


@blp.route(f"{ITEM}/link", methods=["POST"])
@blp.allows(ANYONE)
@blp.takes(RenewLink)
@blp.answers(202, Accepted)
def renew_link(body: dict[str, Any], number: str) -> Any:
    """Have a new link mailed to the ticket's own address; the answer is always the same. Old links end."""
    return services().support.request_ticket_link(number, body)
