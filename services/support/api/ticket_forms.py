"""What is asked of tickets: the contact form, and the bodies of the commands (`tickets`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

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
from services.support.api.basis import Cited
from services.support.api.canned import ReplyId
from services.support.api.drafts import MOST
from services.support.api.parts import SENTENCE, Language, OrderNumber, Zone
from services.support.api.refusals import (
    NoteAsksNobody,
    NothingToAmend,
    ReasonRequired,
    TopicOfOrder,
)
from services.support.api.statuses import (
    AgentCode,
    Category,
    DeclineGround,
    Priority,
    TicketStatus,
    Topic,
    Turn,
    View,
)
from services.support.api.teams import TeamName
from services.support.api.uploads import Attachments

NOT_PRODUCTS = tuple(each for each in Category if each is not Category.PRODUCT)
NOT_DECLINED = tuple(each for each in AgentCode if each is not AgentCode.DECLINED)
OF_DECLINING = "Only what is declined has a ground."
OF_PRODUCTS = "Topics are for questions about products before buying; leave it out."

# requests


@dataclass(frozen=True)
class ContactForm(Ruled, Asked):
    """A message to us.

    `topic` is for questions before buying: with the category `product`, and without an order. `order_number` is taken
    as a claim unless the caller shows it is theirs. `form_token` and `website` are for pages with a form: what comes
    from no person is set aside by them. An app has no form and leaves both out.
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
    attachments: Attachments = ()
    form_token: (
        Annotated[str, Line(200), Note("of POST /v1/uploads/form, asked for when the form is shown; it tells its age")]
        | None
    ) = None
    website: Annotated[str, Text(2000), Note("a field that people do not see; leave it out")] | None = None

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
    attachments: Attachments = ()

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
    """Without `status` and `view`, spam and what is quarantined are left out for staff.

    `view`, `q` and `assignee` are for staff.
    """

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
    attachments: Attachments = ()
    draft: Annotated[int, Between(0, MOST), Note("the version of one's draft that is sent; it is gone then")] | None = (
        None
    )

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
    """`declined` needs a note with the reason, and a lead; its ground is told to the customer and counted."""

    examples: ClassVar[Mapping[str, object]] = {
        "answered": {"code": "answered"},
        "declined": {"code": "declined", "ground": "not_offered", "note": "We do not make it in wool."},
    }

    code: AgentCode
    note: (
        Annotated[str, Text(2000), Note("the reason; the customer reads it when the demand is declined or a duplicate")]
        | None
    ) = None
    version: Version | None = None
    ground: Annotated[DeclineGround, Note("why it is declined; left out: `other`")] | None = None

    rules = (
        When("code", (AgentCode.DECLINED,), needs=("note",), refusal=ReasonRequired),
        When("code", NOT_DECLINED, forbids=("ground",), forbidden=OF_DECLINING),
    )


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
