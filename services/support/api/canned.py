"""Canned replies: texts with variables that staff answer with, and what they set besides (standard, section 1:
professionalism, efficiency and standardization).

    "Your parcel {parcel.tracking_number} arrives by {delivery.by}."

The variables are a closed list. Their values are asked of the services that own them when a reply is filled, and of an
order only when it is proven to be the customer's. A variable without a value stops the sending: no braces reach a
customer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, TypedDict

from services.common.basics import ids, states
from services.common.basics.api import Api, command, query
from services.common.basics.caller import AGENT, LEAD
from services.common.basics.errors import Forbidden, Invalid, NotFound
from services.common.basics.rules import Either, NotBoth, Ruled
from services.common.basics.shapes import Example, Except, Line, Note, Page, PageQuery, Text, Timestamp, Version
from services.support.api.articles import ArticleTopic
from services.support.api.parts import Accepted, TicketNumber
from services.support.api.refusals import TicketNotFound
from services.support.api.statuses import AgentCode, Category, Priority, Turn

BRACES = re.compile(r"\{+([^{}\n]{0,80})\}+")
"""What stands in braces: a variable, or what a customer would take for a mistake of ours."""


class Variable(StrEnum):
    """What a canned reply can name."""

    CUSTOMER_NAME = "customer.name"
    TICKET_NUMBER = "ticket.number"
    AGENT_NAME = "agent.name"
    ORDER_NUMBER = "order.number"
    ORDER_TOTAL = "order.total"
    PARCEL_TRACKING_NUMBER = "parcel.tracking_number"
    PARCEL_CARRIER = "parcel.carrier"
    DELIVERY_BY = "delivery.by"
    RETURN_NUMBER = "return.number"


OF_ORDER = frozenset(Variable) - {Variable.CUSTOMER_NAME, Variable.TICKET_NUMBER, Variable.AGENT_NAME}
"""Those whose values are an order's."""


def named_in(text: str) -> list[str]:
    """Return what a text has in braces, each once, without blanks: "order.total"."""
    return list(dict.fromkeys(_name(found) for found in BRACES.finditer(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put the values in, once: what a value itself has in braces stays as it is."""
    return BRACES.sub(lambda found: values.get(_name(found), found[0]), text)


def _name(found: re.Match[str]) -> str:
    return re.sub(r"\s", "", found[1])


class ReplyScope(StrEnum):
    """Whose a reply is. `shared` ones are all staff's, and leads change them; `own` ones only their author sees."""

    SHARED = "shared"
    OWN = "own"


class ReplyNotFound(NotFound):
    """There is no such reply, or it is another person's own."""

    code = "reply_not_found"
    message = "There is no such reply."


class ReplyMoved(states.VersionMoved):
    """The reply has another version than the one that the caller saw."""

    message = "Somebody else changed this reply meanwhile; look again."


class SharedNeedsLead(Forbidden):
    """Only a lead may write, change or delete a reply of all."""

    code = "role_required"
    message = "only a lead changes replies of all"


class UnknownVariable(Invalid):
    """A reply names a variable that there is not. details: unknown, known."""

    code = "unknown_variable"
    message = "The text names a variable that there is not."


class UnfilledVariables(Invalid):
    """A message to a customer has a variable without a value. Nothing is sent. details: names, why (by name)."""

    code = "unfilled_variables"
    message = "A variable has no value, and no braces reach a customer: write it in your own words."


ReplyId = Annotated[str, Line(36), Example("01a20741-af0f-78bd-abd5-59d22ef0d5df")]
WORDS = Example("Dear {customer.name}, we look into it, and answer you soon.")


@dataclass(frozen=True)
class SaveReply(Ruled):
    """A reply, and what it sets in the same step: whose turn it is then, the ticket's fields, or its end.

    `id`: the reply to change; without it a new one is made.
    """

    examples: ClassVar[Mapping[str, object]] = {
        "a text": {"name": "We look into it", "text": WORDS.value},
        "a text and what it sets": {
            "name": "Solved by a hint",
            "text": "Dear {customer.name}, please hold the button for five seconds. That solves it.",
            "topic": "usage",
            "resolve": "solved",
        },
    }

    name: Annotated[str, Line(120), Example("We look into it")]
    text: Annotated[str, Text(5000, 20), WORDS]
    id: Annotated[ReplyId, Note("left out: a new one")] | None = None
    scope: Annotated[ReplyScope, Example("own")] = ReplyScope.OWN
    topic: ArticleTopic | None = None
    then: Annotated[Turn, Note("whose turn it is then")] | None = None
    category: Annotated[Category, Note("set it")] | None = None
    priority: Annotated[Priority, Note("set it")] | None = None
    resolve: Annotated[AgentCode, Except((AgentCode.DECLINED,)), Note("end it so")] | None = None
    version: Version | None = None

    rules = (NotBoth(("then", "resolve"), "What is ended is nobody's turn: leave out one of the two."),)


@dataclass(frozen=True)
class DeleteReply:
    """version: refuse if it has changed meanwhile."""

    version: Version | None = None


@dataclass(frozen=True)
class ListReplies(PageQuery):
    """Those of all and the caller's own, by name."""

    q: Annotated[str, Line(100), Note("part of name or text")] | None = None
    topic: ArticleTopic | None = None
    scope: ReplyScope | None = None


@dataclass(frozen=True)
class PreviewReply(Ruled):
    """A saved reply, or a text, to be filled for a ticket."""

    examples: ClassVar[Mapping[str, object]] = {
        "a text": {"ticket_number": ids.number(ids.TICKET, 0), "text": WORDS.value},
    }

    ticket_number: TicketNumber
    reply_id: ReplyId | None = None
    text: Annotated[str, Text(10_000), WORDS] | None = None

    rules = (Either((("reply_id",), ("text",)), "Name a saved reply, or give a text."),)


class ReplyView(TypedDict):
    """A canned reply. `variables`: what it names; `uses`: how many answers were made of it."""

    id: str
    scope: ReplyScope
    name: str
    text: str
    topic: ArticleTopic | None
    then: Turn | None
    category: Category | None
    priority: Priority | None
    resolve: AgentCode | None
    variables: list[str]
    uses: int
    saved_by: str
    saved_at: Timestamp
    version: int


class MissingValue(TypedDict):
    """A variable that has no value for this ticket, and why."""

    name: Annotated[str, Example("order.total")]
    why: Annotated[str, Example("the ticket names no order")]


class ReplyPreview(TypedDict):
    """The text as it would be sent. While anything is `missing`, it is not.

    `order_number`: the order whose values are asked of its services; null where the ticket has none that is proven.
    """

    ticket_number: TicketNumber
    text: str
    values: Mapping[str, str]
    missing: list[MissingValue]
    order_number: str | None


class CannedReplies(Api):
    """Texts that staff answer with."""

    @query(roles=(AGENT, LEAD))
    def list_replies(self, query: ListReplies) -> Page[ReplyView]:
        """List the replies of all and one's own, by name."""

    @command(roles=(AGENT, LEAD), errors=(ReplyNotFound, ReplyMoved, SharedNeedsLead, UnknownVariable))
    def put_reply(self, reply: SaveReply) -> ReplyView:
        """Save a reply: a new one, or with `id` in the place of the one there is. Shared ones are for leads."""

    @command(roles=(AGENT, LEAD), errors=(ReplyNotFound, ReplyMoved, SharedNeedsLead))
    def delete_reply(self, reply_id: ReplyId, request: DeleteReply) -> Accepted:
        """Delete a reply; what was answered with it stays. Shared ones are for leads."""

    @query(roles=(AGENT, LEAD), errors=(TicketNotFound, ReplyNotFound), personal=True)
    def preview_reply(self, request: PreviewReply) -> ReplyPreview:
        """Show a reply filled for a ticket, with what is missing and why. Nothing is sent."""
