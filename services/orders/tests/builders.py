"""Builders for the tests of orders: each gives something whole, and lets the test name what matters to it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from services.common.basics import clock, ids
from services.common.basics.message import Message
from services.common.basics.money import Money
from services.common.edge import signatures
from services.orders.adapters.payments import FactKind, PaymentFact
from services.orders.adapters.payments.sandbox import Sandbox
from services.orders.api import Address, ChangeKind, Consent, Contact
from services.orders.api.ceiling import CEILINGS, read_ceilings
from services.orders.api.places import SaveStockPlace
from services.orders.domain import Change, Option, Order, Payment, Product, Quoted
from services.orders.domain.options import shortage_options
from services.orders.settings import OrdersSettings

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EMAIL = "ada@example.com"
SETTINGS = OrdersSettings.load({})

CONTACT = Contact("Ada Lovelace", EMAIL, "+44 20 7946 0018", time_zone="Europe/London")
DELIVERY = Address("Ada Lovelace", "12 St James's Square", "London", "SW1Y 4JH", country="GB")


@contextmanager
def ceiling(alarm: str, stop: str) -> Iterator[None]:
    """Have these amounts of a day in force: people are told at the first, and refunds wait beyond the second."""
    CEILINGS.change(read_ceilings({"USD": {"alarm": alarm, "stop": stop}}))
    try:
        yield
    finally:
        CEILINGS.change({})


def a_product(sku: str = "MUG", price: str = "12.50", **facts: Any) -> Product:
    return Product(sku, f"The {sku}", Money.parse(price), 400, "CN", **facts)


def an_order(
    *lines: tuple[str, int, str], delivery: Address = DELIVERY, contact: Contact = CONTACT, confirmed: bool = False
) -> Order:
    """Build an order of (sku, quantity, price) lines."""
    quoted = [Quoted(a_product(sku, price), count) for sku, count, price in lines or (("MUG", 2, "12.50"),)]
    number = ids.new_number(ids.ORDER)
    order, _ = Order.place(number, contact, delivery, quoted, NOW, timedelta(hours=24), "2026-1")
    if confirmed:
        order.confirm("PAY-1", NOW)
    return order


def a_payment(order: Order, captured: str | None = None, currency: str = "USD") -> Payment:
    payment = Payment(ids.new_number(ids.PAYMENT), order.order_number, "sandbox", order.total, NOW)
    if captured is not None:
        payment.capture(Money.parse(captured).cents, currency, "pay.ref", NOW)
    return payment


def a_change(order: Order, options: tuple[Option, ...] | None = None) -> Change:
    """Build a change that asks the customer about a shortage of one piece of the first line."""
    sku = order.lines[0].sku
    change = Change(
        ids.new_number(ids.CHANGE),
        order.order_number,
        order.version,
        ChangeKind.STOCK_SHORT,
        "one is missing",
        options or shortage_options(order, sku, 1, None),
        "system",
        NOW,
        NOW + timedelta(days=14),
        sku=sku,
        short=1,
    )
    change.ask(order.contact)
    return change


def a_consent(change: Change, option: str | None = None, digest: str | None = None) -> Consent:
    """Build a consent to the first option, unless another is named."""
    chosen = option or change.options[0]["option"]
    return Consent(EMAIL, "2026-03-02T10:00:00Z", "link", chosen, change.digest if digest is None else digest)


def order_form(
    *lines: tuple[str, int], email: str = EMAIL, discount_code: str | None = None, **delivery: str
) -> dict[str, Any]:
    """Build what a client posts to place an order."""
    return {
        **({"discount_code": discount_code} if discount_code else {}),
        "contact": {"name": "Ada Lovelace", "email": email, "phone": "+44 20 7946 0018", "language": "en"},
        "delivery": {
            "name": "Ada Lovelace",
            "line1": "12 St James's Square",
            "city": "London",
            "postal_code": "SW1Y 4JH",
            "country": "GB",
            **delivery,
        },
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines or (("MUG", 2),)],
    }


def captured(payment: Payment, cents: int | None = None, currency: str = "USD", event: str = "") -> PaymentFact:
    amount = payment.amount.cents if cents is None else cents
    return PaymentFact(
        event or ids.new_id(), FactKind.CAPTURED, payment.payment_id, "", amount, currency, f"pay.{payment.payment_id}"
    )


def declined(payment: Payment) -> PaymentFact:
    return PaymentFact(ids.new_id(), FactKind.FAILED, payment.payment_id, reason="card_declined")


def refund_fact(refund: Mapping[str, Any], kind: FactKind, reference: str = "ref.1", event: str = "") -> PaymentFact:
    cents = Money.parse(refund["amount"]["amount"]).cents
    return PaymentFact(event or ids.new_id(), kind, "", refund["id"], cents, "USD", reference, "account_closed")


def a_message(source: str, type_: str, body: Mapping[str, Any], seq: int = 1, event_id: str = "") -> Message:
    return Message(
        event_id or ids.new_id(), source, type_, 1, "subject", seq, None, clock.now(), "system", "test", dict(body)
    )


SECRET = str(SETTINGS.part(Sandbox).sandbox_secret)


def a_webhook(kind: str, secret: str = SECRET, **data: Any) -> tuple[dict[str, str], str]:
    """Return headers and base64 body of a signed webhook of the sandbox bank."""
    event_id = data.pop("event_id", None) or ids.new_id()
    raw = orjson.dumps({"id": event_id, "type": kind, "created": 1, "data": data})
    return {"sandbox-signature": signatures.sign(secret, raw, clock.now())}, base64.b64encode(raw).decode()


def berlin(**changes: Any) -> SaveStockPlace:
    """Return a stock place with an address."""
    address: dict[str, Any] = {"line1": "Hauptstr. 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}
    return SaveStockPlace(**{"name": "Berlin", **address, **changes})
