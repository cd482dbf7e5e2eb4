"""Change requests: staff propose, the customer decides (standard, section 2: never without authorization)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, TypedDict

from services.common.basics import ids
from services.common.basics.api import Api, command, query
from services.common.basics.caller import AGENT, CASE_STAFF, CUSTOMER, LEAD, REVIEWER
from services.common.basics.errors import Conflict, Forbidden, Invalid, NotFound
from services.common.basics.rules import Ruled, When
from services.common.basics.shapes import (
    Between,
    Example,
    Length,
    Line,
    MoneyView,
    Note,
    Number,
    Page,
    Pattern,
    Quantity,
    Sku,
    Timestamp,
    Version,
)
from services.orders.api.catalogue import OutOfStock, VersionMoved
from services.orders.api.parts import Address, LineLeftView
from services.orders.api.refusals import (
    CustomerRequired,
    DestinationNotServed,
    MailboxNotProven,
    OrderNotFound,
    WrongStatus,
)
from services.orders.api.statuses import ChangeKind, ChangeStatus, EditBarrier

MISSING = "Missing data for required field."


class ChangeNotFound(NotFound):
    """No such change request, or one of an order that is not the caller's."""

    code = "change_not_found"
    message = "There is no such change request, or it is not yours."


class LineNotFound(NotFound):
    """The order does not have the product that is said to be missing."""

    code = "line_not_found"
    message = "the order has no such product"


class LinesNotFewer(Invalid):
    """Only fewer pieces of what was ordered can be proposed, and something must be left."""

    code = "lines_not_fewer"
    message = "only fewer pieces of what was ordered can be proposed"


class ConsentRequired(Conflict):
    """A confirmed order was to change without its customer's recorded consent to exactly this change."""

    code = "consent_required"
    message = "A confirmed order changes only with the customer's recorded consent to exactly this change."


class ChangeStale(Conflict):
    """The order is not any more the one for which the change was proposed."""

    code = "change_stale"
    message = "The order has moved on since this was proposed; it stays as it is."


class ChangeExpired(Conflict):
    """The answer came after the last moment."""

    code = "change_expired"
    message = "The time to answer is over; the order stays as it is."


class OtherDigest(Conflict):
    """The customer decided on something else than the change that is there now."""

    code = "digest_mismatch"
    message = "This is not the change that was shown; look again and decide on what you see."


class ChangeOpen(Conflict):
    """The customer is being asked about another change of the order. Withdraw that one, or wait for the answer.

    details: change_id.
    """

    code = "change_open"
    message = "The customer is being asked about another change of this order."


class NotTheProposer(Forbidden):
    """Only who proposed a change, or a lead, can withdraw it."""

    code = "not_the_proposer"
    message = "Only who proposed it, or a lead, can withdraw it."


class UnknownOption(Invalid):
    """The change does not offer the option that was chosen.

    details: options.
    """

    code = "unknown_option"
    message = "The change offers no such option."


@dataclass(frozen=True)
class RemainingLine:
    """How many pieces of a product are to remain."""

    sku: Sku
    quantity: Annotated[int, Between(0, 999)]


@dataclass(frozen=True)
class ProposeChange(Ruled):
    """stock_short wants sku and quantity, address wants delivery, lines wants lines (what is to remain of them).

    asked_in: the ticket in which the customer asked for it. Only then, or when goods are missing, does the order wait
    for the answer; a proposal that the customer did not ask for stops nothing.
    """

    kind: ChangeKind
    reason: Annotated[str, Line(500), Note("the customer reads it")]
    sku: Sku | None = None
    quantity: Quantity | None = None
    delivery: Address | None = None
    lines: Annotated[tuple[RemainingLine, ...], Length(1, 50)] | None = None
    asked_in: Annotated[str, Number(ids.TICKET), Example(ids.number(ids.TICKET, 0))] | None = None
    version: Version | None = None

    examples: ClassVar[Mapping[str, object]] = {
        "stock_short": {"kind": "stock_short", "reason": "one is broken", "sku": "MUG-CLAY-350", "quantity": 1},
        "address": {
            "kind": "address",
            "reason": "as you told us on the phone",
            "delivery": {
                "name": "Ada Lovelace",
                "line1": "12 St James's Square",
                "city": "London",
                "postal_code": "SW1Y 4JH",
                "country": "GB",
            },
        },
        "lines": {"kind": "lines", "reason": "as you asked", "lines": [{"sku": "MUG-CLAY-350", "quantity": 1}]},
        "cancel": {"kind": "cancel", "reason": "as you asked"},
    }

    rules = (
        When("kind", (ChangeKind.STOCK_SHORT,), needs=("sku", "quantity"), forbids=("delivery", "lines")),
        When("kind", (ChangeKind.ADDRESS,), needs=("delivery",), forbids=("sku", "quantity", "lines")),
        When("kind", (ChangeKind.LINES,), needs=("lines",), forbids=("sku", "quantity", "delivery")),
        When("kind", (ChangeKind.CANCEL,), forbids=("sku", "quantity", "delivery", "lines")),
    )


@dataclass(frozen=True)
class AnswerChange(Ruled):
    decision: Literal["accept", "decline"]
    digest: Annotated[
        str,
        Line(64),
        Pattern("[0-9a-f]{64}", "Not a digest."),
        Note("of the change as it was shown"),
        Example("0" * 64),
    ]
    option: Annotated[str, Line(40), Note("needed to accept")] | None = None

    examples: ClassVar[Mapping[str, object]] = {
        "accept": {"decision": "accept", "digest": "0" * 64, "option": "wait"},
        "decline": {"decision": "decline", "digest": "0" * 64},
    }

    rules = (When("decision", ("accept",), needs=("option",)),)


class ChangeOptionView(TypedDict):
    """One of the choices: what it leaves of the order, and what goes back to the customer."""

    option: str
    label: str
    lines_after: list[LineLeftView]
    refund: MoneyView


class ConsentView(TypedDict):
    """Who agreed, when and how, and the digest of what was shown to them."""

    by: str
    at: Timestamp
    how: str
    option: str
    digest: str


class ChangeView(TypedDict):
    """A proposal to change an order; nothing happens before its customer accepts one of the options.

    own: the customer's own edit, accepted with its making. because: why it was not done.
    """

    id: str
    order_number: str
    kind: ChangeKind
    status: ChangeStatus
    summary: str
    options: list[ChangeOptionView]
    digest: Annotated[str, Note("comes back with the answer")]
    consent: ConsentView | None
    created_at: Timestamp
    expires_at: Timestamp
    decided_at: Timestamp | None
    own: bool
    because: EditBarrier | None


class EditState(TypedDict):
    """Whether the customer can change the order now without asking us, or why not."""

    possible: bool
    because: EditBarrier | None


class Changes(Api):
    """Changes to an order, which need its customer's consent."""

    @query(roles=(CUSTOMER, *CASE_STAFF), errors=(OrderNotFound,), personal=True)
    def list_changes(self, number: str) -> Page[ChangeView]:
        """List the change requests of an order, oldest first."""

    @command(
        roles=(AGENT, REVIEWER),
        errors=(
            OrderNotFound,
            WrongStatus,
            LineNotFound,
            LinesNotFewer,
            ChangeOpen,
            VersionMoved,
            DestinationNotServed,
        ),
        personal=True,
    )
    def propose_change(self, number: str, change: ProposeChange) -> ChangeView:
        """Propose a change to the customer.

        It changes nothing by itself, and only the customer can accept it. Silence leaves the order as it is. One
        proposal at a time: 409 `change_open` names the one that waits. With If-Match only if the order is still the
        version that was seen: 412 `version_moved`.
        """

    @command(roles=(AGENT, REVIEWER, LEAD), errors=(ChangeNotFound, WrongStatus, NotTheProposer), personal=True)
    def withdraw_change(self, change_id: str) -> ChangeView:
        """Withdraw a proposal that waits for the customer's answer.

        By who proposed it, or a lead. The order stays as it is and goes on; the customer is told.
        """

    @command(
        roles=(CUSTOMER,),
        errors=(
            ChangeNotFound,
            CustomerRequired,
            MailboxNotProven,
            WrongStatus,
            OtherDigest,
            UnknownOption,
            ChangeStale,
            ChangeExpired,
            ConsentRequired,
            OutOfStock,
        ),
    )
    def answer_change(self, change_id: str, answer: AnswerChange) -> ChangeView:
        """Accept one of the options, or decline.

        `digest` says what was looked at: another one is 409 `digest_mismatch`. An order that has moved on: 409
        `change_stale`; the time to answer is over: 409 `change_expired`; either way the order stays as it is. Another
        delivery address is accepted by who signed in with the order's e-mail address: 403 `mailbox_not_proven`.
        """
