"""Discounts: codes that an admin declares with their terms, and what an order costs before it is placed.

Customers only name a code, and staff have no way to lower a price by hand. What an order got is kept on it, unit by
unit; a code that is changed or over changes no order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, NotRequired, TypedDict

from services.common.basics import states
from services.common.basics.api import ANYONE, Api, command, query
from services.common.basics.caller import ADMIN, AGENT, LEAD
from services.common.basics.errors import Conflict, Invalid, NotFound
from services.common.basics.events import Event
from services.common.basics.folding import code_key
from services.common.basics.money import Money
from services.common.basics.rules import Either, Ruled
from services.common.basics.shapes import (
    Between,
    Code,
    Example,
    Length,
    Line,
    MoneyView,
    Note,
    Nullable,
    Page,
    PageQuery,
    Seen,
    Sku,
    Timestamp,
    Wrong,
)
from services.orders.api.backorders import QuotedBackorderView
from services.orders.api.moments import NO_MOMENT, Moment, begin_of, end_of
from services.orders.api.parts import AppliedDiscountView, WantedLine
from services.orders.api.refusals import TotalTooLarge, UnknownProduct

CODE_PATTERN = r"[A-Z0-9][A-Z0-9-]{2,30}[A-Z0-9]"
MOST_SKUS = 50
MOST_PER_CUSTOMER = 100

DiscountCode = Annotated[
    str, Line(40), Code(), Nullable(), Note("in any case; empty is as if it was left out"), Example("SPRING-10")
]


def fold_code(text: str) -> str:
    """Return a code as it is kept, whatever keyboard it was typed with."""
    return code_key(text).upper()


class UnknownDiscount(Invalid):
    """No such code, or one that cannot be used yet. Nothing was reserved.

    details: errors, by field.
    """

    code = "unknown_discount"
    message = "We do not know this discount code."


class DiscountOver(Conflict):
    """The code cannot be used now. Nothing was reserved.

    details: why (ended; used_up: all its uses are taken just now, and those of orders that end unpaid come back;
    order_waits: an unpaid order of the same guest has it; customer_used_up: this customer's paid orders have taken all
    the uses of one customer).
    """

    code = "discount_over"
    message = "This discount code cannot be used any more."

    @classmethod
    def used_up(cls) -> DiscountOver:
        return cls("All uses of this discount code are taken just now.", details={"why": "used_up"})

    @classmethod
    def used_up_by_customer(cls) -> DiscountOver:
        return cls("You have used this discount code as often as you can.", details={"why": "customer_used_up"})


class DiscountNotForThese(Conflict):
    """The code takes nothing off these goods: it is for others, or for more of them. Nothing was reserved.

    details: minimum (null without one), skus (empty for all products).
    """

    code = "discount_not_for_these"
    message = "This discount code is not for what is ordered."


class DiscountNotFound(NotFound):
    """No discount of this code."""

    code = "discount_not_found"
    message = "There is no such discount."


class DiscountMoved(states.VersionMoved):
    """The discount has another version than the one that the caller saw.

    details: version, current (the discount as it is now).
    """

    message = "Somebody changed it since you read it."


DISCOUNT_REFUSALS = UnknownDiscount, DiscountOver, DiscountNotForThese


@dataclass(frozen=True)
class SaveDiscount(Ruled):
    """The terms of a code: percent or amount, of all goods or of those of some SKUs.

    minimum: what those goods must cost at least. uses: how many orders may have it. uses_per_customer: after how many
    paid ones a mailbox gets no other, signed in or not; `ada+x@…` is the mailbox of `ada@…`. An order that waits for
    its payment does not count, and keeps its price. A unit still costs 0.01 at least,
    and an order what its payment provider takes at least (Stripe: 0.50): the code takes less off then.
    """

    percent: Annotated[int, Between(1, 99), Nullable(), Example(10)] | None = None
    amount: Annotated[Money, Nullable(), Note("taken off once an order")] | None = None
    skus: Annotated[tuple[Sku, ...], Length(0, MOST_SKUS), Note("empty: all products")] = ()
    minimum: Annotated[Money, Nullable()] | None = None
    valid_from: Annotated[Moment, Nullable()] | None = None
    valid_until: Annotated[Moment, Nullable(), Note("that day, or second, included")] | None = None
    uses: Annotated[int, Between(1, 10**9), Nullable(), Note("empty: any number")] | None = None
    uses_per_customer: Annotated[int, Between(1, MOST_PER_CUSTOMER), Nullable(), Note("empty: any number")] | None = (
        None
    )
    note: Annotated[str, Line(200, min=0), Note("for staff"), Example("spring letter")] = ""
    active: bool = True
    version: (
        Annotated[int, Between(0, 2**31 - 1), Seen(), Note("refuse if it is another one; or send If-Match")] | None
    ) = None

    examples: ClassVar[Mapping[str, object]] = {
        "percent": {"percent": 10, "valid_until": "2026-12-31", "uses": 100, "note": "spring letter"},
        "amount": {
            "amount": {"amount": "5.00", "currency": "USD"},
            "minimum": {"amount": "50.00", "currency": "USD"},
            "skus": ["MUG-CLAY-350"],
        },
    }

    rules = (Either((("percent",), ("amount",)), "Say percent or amount, one of them."),)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.amount is not None and not self.amount:
            raise Wrong({"amount": "Must be more than 0.00."})
        for name in ("valid_from", "valid_until"):
            try:
                begin_of(getattr(self, name))
            except (ValueError, OverflowError):
                raise Wrong({name: NO_MOMENT}) from None
        begin, end = begin_of(self.valid_from), end_of(self.valid_until)
        if begin and end and begin >= end:
            raise Wrong({"valid_until": "Must not be before it begins."})


class DiscountView(TypedDict):
    """A code with its terms. valid_until: the first moment at which it is over. used: orders that have it."""

    code: str
    percent: int | None
    amount: MoneyView | None
    skus: list[str]
    minimum: MoneyView | None
    valid_from: Timestamp | None
    valid_until: Timestamp | None
    uses: int | None
    uses_per_customer: int | None
    used: int
    note: str
    active: bool
    version: int


@dataclass(frozen=True)
class ListDiscounts(PageQuery):
    """All of them, by code."""


@dataclass(frozen=True)
class QuoteOrder:
    """What a customer thinks of ordering: each product once."""

    lines: Annotated[tuple[WantedLine, ...], Length(1, 50)]
    discount_code: DiscountCode | None = None

    def __post_init__(self) -> None:
        if len({code_key(line.sku) for line in self.lines}) != len(self.lines):
            raise Wrong({"lines": "Name each product once."})


class QuotedLineView(TypedDict):
    """A line at the prices of now. discount: what its pieces cost less than their price."""

    sku: str
    title: str
    quantity: int
    unit_price: MoneyView
    discount: MoneyView
    total: MoneyView


class QuotedTotalsView(TypedDict):
    """goods: after the discount. Shipping and duties are always 0.00."""

    goods: MoneyView
    discount: MoneyView
    shipping: MoneyView
    duties: MoneyView
    total: MoneyView


class QuoteView(TypedDict):
    """What it would cost now. Nothing is kept for anybody, and nothing is promised."""

    lines: list[QuotedLineView]
    totals: QuotedTotalsView
    backorders: NotRequired[Annotated[list[QuotedBackorderView], Note("what of it is not in stock")]]
    discount: NotRequired[AppliedDiscountView | None]


@dataclass(frozen=True, kw_only=True)
class DiscountSaved(Event):
    """A code has these terms from now on. The orders that have it are in their own chains."""

    source: ClassVar[str] = "orders"
    subject_field: ClassVar[str] = "discount_code"
    followed: ClassVar[bool] = False
    discount_code: str
    percent: int | None
    amount: Money | None
    skus: tuple[str, ...]
    minimum: Money | None
    valid_from: str | None
    valid_until: str | None
    uses: int | None
    uses_per_customer: int | None = None
    active: bool
    discount_version: int


class Prices(Api):
    """Discounts, and what an order would cost."""

    @query(roles=(ANYONE,), errors=(UnknownProduct, TotalTooLarge, *DISCOUNT_REFUSALS))
    def quote_order(self, wish: QuoteOrder) -> QuoteView:
        """Say what these goods cost now, with a discount code.

        Nothing is reserved. `totals.total` is what an order sends as `expected_total`, and the latest day of
        `backorders` as `goods_by`.
        """

    @query(roles=(AGENT, LEAD, ADMIN))
    def list_discounts(self, query: ListDiscounts) -> Page[DiscountView]:
        """List the discount codes with their terms, and how often each was used."""

    @query(roles=(AGENT, LEAD, ADMIN), errors=(DiscountNotFound,))
    def get_discount(self, code: str) -> DiscountView:
        """Show the terms of a code."""

    @command(roles=(ADMIN,), errors=(UnknownProduct, DiscountMoved))
    def put_discount(self, code: str, discount: SaveDiscount) -> DiscountView:
        """Declare a discount code, or change its terms; orders that have it stay as they are.

        A code has 4 to 32 letters, digits and hyphens, in any case. All who know it can use it: make it hard to guess,
        or say how often it may be used. With If-Match (or `version`) only if it has not changed meanwhile: 412
        `version_moved`.
        """
