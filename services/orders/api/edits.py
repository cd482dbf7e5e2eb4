"""The customer's own edits before the parcel is packed: fewer pieces, or another address in the same country.

Two steps: `preview_edit` says exactly what would change, what is paid back and by when; `edit_order` does it when the
digest of that text comes with it. Who asks is who consents, and the record of it is that of every other change.

An order's link can be forwarded, and stands in mails that others may see. It is enough to take pieces out: the money
goes back to who paid, and the parcel to where it was sent. Another address is where a stranger would have it sent, so
that wants the mailbox of the order: its customer signs in with the order's address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal, TypedDict

from services.common.basics.api import Api, command, query
from services.common.basics.caller import CUSTOMER
from services.common.basics.errors import Conflict, Invalid
from services.common.basics.rules import Ruled, When
from services.common.basics.shapes import Example, Length, Line, MoneyView, Note, Pattern, Timestamp, Version, Wrong
from services.orders.api.catalogue import VersionMoved
from services.orders.api.changes import (
    ChangeOpen,
    ChangeView,
    LineNotFound,
    LinesNotFewer,
    OtherDigest,
    RemainingLine,
)
from services.orders.api.parts import Address, AddressView, LineLeftView
from services.orders.api.placing import AlreadyDispatched
from services.orders.api.refusals import (
    CustomerRequired,
    DestinationNotServed,
    MailboxNotProven,
    OrderNotFound,
    WrongStatus,
)
from services.orders.api.statuses import ChangeKind

ASK_US = "POST /v1/contact"


class BeingPacked(Conflict):
    """The parcel is packed. A person can still see whether it is opened again.

    details: next.
    """

    code = "being_packed"
    message = "Your parcel is packed already, so it cannot be changed here any more. Please ask us."


class PaymentInQuestion(Conflict):
    """Money of the order is disputed, missing or paid back already, so what an edit pays back cannot be said for sure.

    details: next.
    """

    code = "payment_in_question"
    message = "A person looks into the payment of this order, so it cannot be changed here. Please ask us."


class OtherCountry(Conflict):
    """Another country has other duties, rights and days of delivery than the order was placed with.

    details: country (of the order), next.
    """

    code = "other_country"
    message = "The parcel cannot go to another country than the one that you ordered for. Please ask us."


class AddressDoubtful(Invalid):
    """We would have to ask about this address before anything is sent there.

    details: errors, by field.
    """

    code = "address_doubtful"
    message = "We would have to ask you about this address."


class NothingLeft(Invalid):
    """Nothing of the order would be left: that is a cancellation.

    details: next.
    """

    code = "nothing_left"
    message = "Nothing would be left of the order. Cancel it instead."


class NothingToChange(Invalid):
    """The order is like that already."""

    code = "nothing_to_change"
    message = "The order is like that already."


@dataclass(frozen=True)
class PreviewEdit(Ruled):
    """address wants delivery, lines wants lines: how many pieces are to remain; a product that is not named stays."""

    kind: Literal["address", "lines"]
    delivery: Address | None = None
    lines: Annotated[tuple[RemainingLine, ...], Length(1, 50)] | None = None

    examples: ClassVar[Mapping[str, object]] = {
        "lines": {"kind": "lines", "lines": [{"sku": "MUG-CLAY-350", "quantity": 1}]},
        "address": {
            "kind": "address",
            "delivery": {
                "name": "Ada Lovelace",
                "line1": "1 Other Street",
                "city": "New York",
                "region": "NY",
                "postal_code": "10001",
                "country": "US",
            },
        },
    }

    rules = (
        When("kind", ("address",), needs=("delivery",), forbids=("lines",)),
        When("kind", ("lines",), needs=("lines",), forbids=("delivery",)),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        skus = [line.sku for line in self.lines or ()]
        if len(set(skus)) < len(skus):
            raise Wrong({"lines": "Name each product once."})


@dataclass(frozen=True)
class EditOrder(PreviewEdit):
    """What was previewed, with its digest."""

    digest: Annotated[
        str, Line(64), Pattern("[0-9a-f]{64}", "Not a digest."), Note("of the preview"), Example("0" * 64)
    ] = field(kw_only=True)
    version: Version | None = None

    examples: ClassVar[Mapping[str, object]] = {
        name: {**example, "digest": "0" * 64}  # type: ignore[dict-item]
        for name, example in PreviewEdit.examples.items()
    }


class EditPreview(TypedDict):
    """Exactly what an edit would do. Nothing is written down yet.

    refund_by: when the refund that it brings is settled at the latest; null without one.
    asks_warehouse: the warehouse has the order, and may have packed it before the edit arrives there. asks_mailbox:
    this caller must sign in with the order's e-mail address to make it.
    """

    order_number: str
    kind: ChangeKind
    summary: str
    lines_after: list[LineLeftView]
    delivery: AddressView
    total_after: MoneyView
    refund: MoneyView
    refund_by: Timestamp | None
    asks_warehouse: bool
    asks_mailbox: bool
    version: int
    digest: Annotated[str, Note("comes back with the edit")]


REFUSALS = (
    OrderNotFound,
    CustomerRequired,
    WrongStatus,
    AlreadyDispatched,
    BeingPacked,
    ChangeOpen,
    PaymentInQuestion,
    LineNotFound,
    LinesNotFewer,
    NothingLeft,
    NothingToChange,
    OtherCountry,
    AddressDoubtful,
    DestinationNotServed,
)


class Edits(Api):
    """What customers change themselves."""

    @query(roles=(CUSTOMER,), errors=REFUSALS, personal=True)
    def preview_edit(self, number: str, edit: PreviewEdit) -> EditPreview:
        """Show exactly what an edit of one's own order would change, and what is paid back by when.

        It writes nothing down. An order can be edited from its payment until its parcel is packed: 409 `being_packed`
        from then on. Another country is 409 `other_country`, an address that we would ask about 422
        `address_doubtful`, and an order of which nothing would be left 422 `nothing_left`.
        """

    @command(roles=(CUSTOMER,), errors=(*REFUSALS, MailboxNotProven, OtherDigest, VersionMoved))
    def edit_order(self, number: str, edit: EditOrder) -> ChangeView:
        """Change one's own order, exactly as the preview showed it.

        While the warehouse does not have the order yet, the change is `applied` at once. Else it is `accepted`, the
        warehouse is asked, and within moments it is `applied`; or `stale` with the reason in `because`, when the parcel
        was packed first: nothing is changed then. The customer is told of either by e-mail. One change at a time: 409
        `change_open`. Another address wants the session of who signed in with the order's e-mail address; for the
        order's link alone it is 403 `mailbox_not_proven`. With If-Match only if the order is still the version that was
        seen: 412 `version_moved`.
        """
