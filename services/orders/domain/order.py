"""An order, from placing to completion.

awaiting_payment → confirmed → completed | cancelled; awaiting_payment → expired, and back when money arrives after all.
review: not_started → pending → passed | needs_contact → passed. No review cancels anything.

A confirmed order has three ways to become another one, `amend`, `cancel` and `pay_back` (for what did not arrive), and
all want the customer's consent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.common.basics.money import ZERO, Money
from services.common.basics.states import moved
from services.orders.api import (
    RETURN_DAYS,
    Address,
    BoughtLine,
    CancellationRefused,
    CancellationRequested,
    Consent,
    ConsentRequired,
    Contact,
    Finding,
    OrderCancelled,
    OrderChanged,
    OrderCompleted,
    OrderExpired,
    OrderPlaced,
    OrderReopened,
    OrderRevived,
    OrderStatus,
    RemovedUnits,
    ReturnPolicy,
    ReviewNeedsContact,
    ReviewPassed,
    ReviewStatus,
    Totals,
    WrongStatus,
)
from services.orders.api.parts import AppliedDiscount, ReportedAmount, ShipmentPart
from services.orders.domain.catalogue import Product
from services.orders.domain.change import Change
from services.orders.domain.discount import Discount, Quoted, price_units
from services.orders.domain.hold import mailbox_key, place_key
from services.orders.domain.payment import Payment
from services.orders.domain.remedy import Remedy
from services.orders.domain.rest import Rest
from services.orders.domain.tax import Taxes, TaxRate, include
from services.orders.domain.values import OrderLine, line_from

ORDER_MOVES: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.AWAITING_PAYMENT: frozenset({OrderStatus.CONFIRMED, OrderStatus.EXPIRED, OrderStatus.CANCELLED}),
    OrderStatus.CONFIRMED: frozenset({OrderStatus.COMPLETED, OrderStatus.CANCELLED}),
    OrderStatus.COMPLETED: frozenset({OrderStatus.CONFIRMED}),
    OrderStatus.EXPIRED: frozenset({OrderStatus.CONFIRMED}),
}
REVIEW_MOVES: Mapping[ReviewStatus, frozenset[ReviewStatus]] = {
    ReviewStatus.NOT_STARTED: frozenset({ReviewStatus.PENDING}),
    ReviewStatus.PENDING: frozenset({ReviewStatus.PASSED, ReviewStatus.NEEDS_CONTACT}),
    ReviewStatus.NEEDS_CONTACT: frozenset({ReviewStatus.PASSED, ReviewStatus.NEEDS_CONTACT}),
}


@dataclass(eq=False)
class Order:
    """What was bought, by whom, and how far it is.

    version        counts what changes the order itself (lines, address, cancellation), so that a consent given for
                   one version cannot be used for another
    stage          how far the goods are, from logistics' reports; None before the first
    goods_by       the day by which all is to be here that it waits for; None when nothing is waited for
    cancellation   the customer's own request or accepted change, without which nothing is cancelled
    """

    order_number: str
    email: str
    contact: Contact
    delivery: Address
    lines: list[OrderLine]
    goods: Money
    placed_at: datetime
    expires_at: datetime
    policy_version: str
    place_key: str | None = None
    mailbox_key: str | None = None
    shipping: Money = ZERO
    duties: Money = ZERO
    return_days: int = RETURN_DAYS
    version: int = 1
    status: OrderStatus = OrderStatus.AWAITING_PAYMENT
    review: ReviewStatus = ReviewStatus.NOT_STARTED
    review_due_at: datetime | None = None
    stage: str | None = None
    cancellation: Consent | None = None
    cancellation_reason: str = ""
    cancellation_open: bool = False
    confirmed_at: datetime | None = None
    completed_at: datetime | None = None
    goods_by: str | None = None
    discount: AppliedDiscount | None = None

    @classmethod
    def place(
        cls,
        number: str,
        contact: Contact,
        delivery: Address,
        quoted: Sequence[Quoted],
        now: datetime,
        hold: timedelta,
        policy_version: str,
        discount: Discount | None = None,
        taxes: Taxes | None = None,
        least: Money = ZERO,
    ) -> tuple[Order, OrderPlaced]:
        """Place a new order, delivered free of freight and duties (standard, section 3).

        Each unit costs what the catalogue says, less its share of the discount. Raise DiscountNotForThese if there is
        none. taxes: know what is included in it. least: what a discount leaves to be paid.
        """
        paid, day = price_units(quoted, discount, least), now.date()
        lines = [
            line_of(product, number, line_id, units, taxes.rate(delivery, product.hs_code, day) if taxes else None)
            for line_id, ((product, _), units) in enumerate(zip(quoted, paid, strict=True), 1)
        ]
        less = Money.total(line.reduction(line.units) for line in lines)
        order = cls(
            order_number=number,
            email=contact.email,
            contact=contact,
            delivery=delivery,
            lines=lines,
            goods=Money.total(line.paid_for(line.units) for line in lines),
            discount=discount.applied(less) if discount else None,
            placed_at=now,
            expires_at=now + hold,
            policy_version=policy_version,
            place_key=place_key(delivery),
            mailbox_key=mailbox_key(contact.email),
        )
        return order, order.placed()

    @property
    def total(self) -> Money:
        return self.goods + self.shipping + self.duties

    @property
    def paid_for_rest(self) -> Money:
        """What the units that are still in the order cost."""
        return Money.total(line.paid_for(line.units) for line in self.lines)

    @property
    def rest(self) -> Rest:
        """What is left of it, in money."""
        return Rest.of([line.in_cents() for line in self.lines], discounted=self.discount is not None)

    def paid_for(self, units: Mapping[int, Sequence[int]]) -> Money:
        """Return what these units cost. units: unit numbers by line."""
        return Money.total(line.paid_for(units.get(line.line_id, ())) for line in self.lines)

    @property
    def totals(self) -> Totals:
        less, tax = self.discount.amount if self.discount else ZERO, Money.total(map(_tax_of, self.lines))
        return Totals(
            goods=self.goods,
            shipping=self.shipping,
            duties=self.duties,
            total=self.total,
            discount=less,
            tax=tax,
        )

    def paid_by(self, payments: Iterable[Payment]) -> Payment | None:
        """Return the payment that confirmed the order. Everything else that is captured is surplus and goes back."""
        captured = (payment for payment in payments if payment.captured_at is not None)
        return next((payment for payment in captured if payment.captured_at == self.confirmed_at), None)

    def bought_lines(self) -> tuple[BoughtLine, ...]:
        """Return what is left of the order, line by line.

        Without a discount nothing was taken off. A dearer product that came instead of another has, in rows of before
        there were discounts, the price of the catalogue: it cost what was paid for it.
        """
        left = (line.bought() for line in self.lines if line.quantity)
        return tuple(line if self.discount else replace(line, unit_price=max(line.paid)) for line in left)

    def wanted(self) -> dict[str, int]:
        """Count the pieces per SKU, in SKU order: what is reserved for this order until it is dispatched."""
        counts: dict[str, int] = {}
        for line in sorted(self.lines, key=lambda line: line.sku):
            if line.quantity:
                counts[line.sku] = counts.get(line.sku, 0) + line.quantity
        return counts

    def confirm(self, payment_id: str, now: datetime) -> OrderRevived | None:
        """Confirm the paid order: the internal process begins. Return an event only if the order had expired."""
        revived = self.status is OrderStatus.EXPIRED
        self.status = moved(ORDER_MOVES, self.status, OrderStatus.CONFIRMED, "the order")
        self.review = moved(REVIEW_MOVES, self.review, ReviewStatus.PENDING, "the review")
        self.confirmed_at = now
        return OrderRevived(order_number=self.order_number, payment_id=payment_id) if revived else None

    def expire(self) -> OrderExpired:
        """Expire the order, because it was not paid in time."""
        self.status = moved(ORDER_MOVES, self.status, OrderStatus.EXPIRED, "the order")
        return OrderExpired(order_number=self.order_number)

    def pass_review(
        self, now: datetime, paid: ReportedAmount | None = None, parts: Sequence[ShipmentPart] = ()
    ) -> ReviewPassed:
        """Record that every check passed. paid: what the customer has just paid, and is told with this."""
        self._confirmed()
        self.review = moved(REVIEW_MOVES, self.review, ReviewStatus.PASSED, "the review")
        return ReviewPassed(
            order_number=self.order_number,
            passed_at=now,
            customer=self.contact,
            delivery=self.delivery,
            lines=self.bought_lines(),
            paid=paid,
            goods_by=self.goods_by,
            parts=tuple(parts),
        )

    def need_contact(self, failed: Sequence[Finding], paid: ReportedAmount | None = None) -> ReviewNeedsContact:
        """Record that a check failed and the customer is asked. The order's status does not change."""
        self._confirmed()
        self.review = moved(REVIEW_MOVES, self.review, ReviewStatus.NEEDS_CONTACT, "the review")
        return ReviewNeedsContact(
            order_number=self.order_number, failed=tuple(failed), customer=self.contact, paid=paid
        )

    def amend(self, change: Change, taxes: Taxes | None = None) -> OrderChanged:
        """Do what the customer agreed to, and nothing else: ConsentRequired or ChangeStale otherwise.

        taxes: know what is included in what the lines cost when they go to another country.
        """
        option = change.consented(self.order_number, self.version)
        self._confirmed()
        by_id = {line.line_id: line for line in self.lines}
        for removal in option["removed"]:
            line = by_id[removal["line_id"]]
            line.removed = tuple(sorted({*line.removed, *removal["units"]}))
        for added in option["added"]:
            self.lines.append(line_from(self.order_number, added))
        if option["delivery"]:
            came_from, self.delivery = self.delivery, Address(**option["delivery"])
            if self.delivery.country != came_from.country:
                self._include_taxes(taxes)
        self.version += 1
        change.applied()
        return OrderChanged(
            order_number=self.order_number,
            change_id=change.change_id,
            lines=self.bought_lines(),
            removed=tuple(
                RemovedUnits(each["line_id"], each["sku"], each["quantity"], tuple(each["units"]))
                for each in option["removed"]
            ),
            refund=Money.parse(option["refund"]["amount"]),
            delivery=self.delivery,
            own=change.own,
        )

    def _include_taxes(self, taxes: Taxes | None) -> None:
        """Include the tax of the country that they go to now; what they cost stays."""
        day = self.placed_at.date()
        for line in self.lines:
            line.tax = include(taxes.rate(self.delivery, line.hs_code, day) if taxes else None, line.paid)

    def request_cancellation(self, consent: Consent, reason: str) -> CancellationRequested | None:
        """Record the customer's wish to cancel. Return None if it is known and under way."""
        if self.cancellation_open:
            return None
        moved(ORDER_MOVES, self.status, OrderStatus.CANCELLED, "the order")
        self.cancellation, self.cancellation_reason, self.cancellation_open = consent, reason, True
        self.version += 1
        return CancellationRequested(order_number=self.order_number, reason=reason)

    def refuse_cancellation(self, reason: str) -> CancellationRefused | None:
        """Refuse the cancellation, because the goods are on their way.

        The order goes on; the customer may return the goods.
        """
        if not self.cancellation_open:
            return None
        self.cancellation_open, self.cancellation = False, None
        return CancellationRefused(order_number=self.order_number, reason=reason)

    def cancel(self, refund: Money, *, waits: Money = ZERO) -> OrderCancelled:
        """End it, as the customer asked; ConsentRequired when they did not. waits: what of the refund is disputed."""
        if self.cancellation is None or not self.cancellation_open:
            raise ConsentRequired
        self.status = moved(ORDER_MOVES, self.status, OrderStatus.CANCELLED, "the order")
        self.cancellation_open = False
        return OrderCancelled(
            order_number=self.order_number,
            reason=self.cancellation_reason,
            refund=refund,
            held=bool(waits),
            waits=waits,
        )

    def pay_back(self, remedy: Remedy) -> OrderCancelled | None:
        """Take out what did not arrive, as the customer agreed to; ConsentRequired otherwise.

        Return the end of the order when nothing is left of it.
        """
        option = remedy.consented(self.order_number)
        self._confirmed()
        by_id = {line.line_id: line for line in self.lines}
        for removal in option["removed"]:
            line = by_id[removal["line_id"]]
            line.removed = tuple(sorted({*line.removed, *removal["units"]}))
        self.version += 1
        if self.bought_lines():
            return None
        self.cancellation, self.cancellation_reason = remedy.consent, "what did not arrive was paid back"
        self.status = moved(ORDER_MOVES, self.status, OrderStatus.CANCELLED, "the order")
        return OrderCancelled(
            order_number=self.order_number,
            reason=self.cancellation_reason,
            refund=Money.parse(option["refund"]["amount"]),
            remedy_id=remedy.remedy_id,
        )

    def complete(self, now: datetime) -> OrderCompleted | None:
        """Complete the order, because everything was delivered. Return None if it was complete before."""
        if self.status is OrderStatus.COMPLETED:
            return None
        self.status = moved(ORDER_MOVES, self.status, OrderStatus.COMPLETED, "the order")
        self.completed_at = now
        return OrderCompleted(order_number=self.order_number, completed_at=now)

    def reopen(self, why: str) -> OrderReopened | None:
        """Reopen the order, because what was reported as delivered is not. Return None if it was not complete."""
        if self.status is not OrderStatus.COMPLETED:
            return None
        self.status, self.completed_at = moved(ORDER_MOVES, self.status, OrderStatus.CONFIRMED, "the order"), None
        return OrderReopened(order_number=self.order_number, why=why)

    def _confirmed(self) -> None:
        if self.status is not OrderStatus.CONFIRMED:
            raise WrongStatus(f"the order is {self.status}", details={"status": self.status.value})

    def placed(self) -> OrderPlaced:
        """Return the event that announces it."""
        return OrderPlaced(
            order_number=self.order_number,
            customer=self.contact,
            delivery=self.delivery,
            lines=self.bought_lines(),
            totals=self.totals,
            return_policy=ReturnPolicy(self.policy_version, self.return_days),
            placed_at=self.placed_at,
            discount=self.discount,
            goods_by=self.goods_by,
        )


def _tax_of(line: OrderLine) -> Money:
    return line.tax_of(range(len(line.paid)))


def line_of(
    product: Product, number: str, line_id: int, paid: tuple[Money, ...], rate: TaxRate | None = None
) -> OrderLine:
    """Build a line as the catalogue describes the product today."""
    return OrderLine(
        order_number=number,
        line_id=line_id,
        sku=product.sku,
        title=product.title,
        unit_price=product.price,
        paid=paid,
        weight_g=product.weight_g,
        hs_code=product.hs_code,
        origin_country=product.origin_country,
        tax=include(rate, paid),
    )
