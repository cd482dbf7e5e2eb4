"""Builders for the tests of orders: each gives something whole, and lets the test name what matters to it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import orjson
import sqlalchemy as sa

from services.common.basics import clock, ids
from services.common.basics.caller import ADMIN, Caller
from services.common.basics.message import Message
from services.common.basics.money import ZERO, Money
from services.common.edge import signatures
from services.common.edge.fields import load
from services.common.store.database import Store
from services.common.testing import customer, holder
from services.orders import schemas, tables
from services.orders.domain import (
    Address,
    Change,
    ChangeKind,
    Consent,
    Contact,
    Order,
    Payment,
    Product,
    Quoted,
    Refund,
)
from services.orders.domain.change import Terms
from services.orders.domain.options import shortage_options
from services.orders.handlers import catalogue, changing, paying, placing, reviewing
from services.orders.payments import FactKind, PaymentFact
from services.orders.repository import Work
from services.orders.settings import OrdersSettings

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EMAIL = "ada@example.com"
SETTINGS = OrdersSettings.load({})
MANAGER = Caller("staff:admin@pledge.example", roles=frozenset({ADMIN}), trace_id="test")
Answer = TypeVar("Answer")

CONTACT = Contact("Ada Lovelace", EMAIL, "+44 20 7946 0018", time_zone="Europe/London")
DELIVERY = Address("Ada Lovelace", "12 St James's Square", "London", "SW1Y 4JH", "GB")


def a_product(sku: str = "MUG", price: str = "12.50", **facts: Any) -> Product:
    return Product(sku, f"The {sku}", Money.parse(price), 400, "CN", **facts)


def an_order(
    *lines: tuple[str, int, str], delivery: Address = DELIVERY, contact: Contact = CONTACT, confirmed: bool = False
) -> Order:
    """An order of (sku, quantity, price) lines."""
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


def a_change(order: Order, options: tuple[Terms, ...] | None = None) -> Change:
    """A shortage of one piece of the first line, put to the customer."""
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
    """To the first option, unless another is named."""
    chosen = option or change.options[0]["option"]
    return Consent(EMAIL, "2026-03-02T10:00:00Z", "link", chosen, change.digest if digest is None else digest)


def order_form(*lines: tuple[str, int], email: str = EMAIL, **delivery: str) -> dict[str, Any]:
    """What a client posts."""
    return {
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


class Shop:
    """A store with a few products, and short ways to do what the handlers do, each in a transaction of its own."""

    def __init__(self, store: Store):
        self.store = store

    def do(self, act: Callable[..., Answer], *args: Any, caller: Caller = MANAGER) -> Answer:
        with self.store.work(Work, caller) as work:
            return act(work, *args)

    def stocked(self, sku: str, count: int = 10, price: str = "12.50", matches: tuple[str, ...] = ()) -> Shop:
        facts = load(
            schemas.Product,
            {
                "title": f"The {sku}",
                "price": {"amount": price, "currency": "USD"},
                "weight_g": 400,
                "origin_country": "CN",
                "hs_code": "691200",
                "matches": list(matches),
            },
        )
        self.do(catalogue.put_product, sku, facts)
        if count:
            self.do(catalogue.adjust_stock, sku, count, "first delivery")
        return self

    def place(self, *lines: tuple[str, int], caller: Caller | None = None, **form: str) -> str:
        wanted = load(schemas.PlaceOrder, order_form(*lines, **form))
        order = self.do(placing.place_order, SETTINGS, wanted, caller=caller or customer(EMAIL))
        return str(order["number"])

    def start(self, number: str) -> Payment:
        return self.do(paying.start_payment, SETTINGS, number, None, caller=holder(f"order:{number}"))

    def report(self, *facts: PaymentFact) -> dict[str, Any]:
        return self.do(paying.take_facts, SETTINGS, "sandbox", facts)

    def pay(self, number: str, cents: int | None = None, currency: str = "USD") -> Payment:
        """Start a payment and have the provider capture it."""
        payment = self.start(number)
        self.report(captured(payment, cents, currency))
        return payment

    def paid(self, *lines: tuple[str, int], review: bool = True, **form: str) -> str:
        """A paid order, its review made."""
        number = self.place(*lines, caller=None, **form)
        self.pay(number)
        if review:
            self.do(reviewing.start_review, SETTINGS, number)
        return number

    def answer(self, change: Mapping[str, Any], decision: str, option: str = "", digest: str = "") -> dict[str, Any]:
        given = {"decision": decision, "digest": digest or change["digest"], "option": option}
        caller = holder(f"order:{change['order_number']}")
        return self.do(changing.answer_change, SETTINGS, change["id"], given, caller=caller)

    def order(self, number: str) -> dict[str, Any]:
        return self.do(placing.get_order, number)

    def journal(self, subject: str) -> list[str]:
        """The types of what was recorded about an order, in order."""
        return [entry["type"] for entry in self.events(subject)]

    def events(self, number: str) -> list[dict[str, Any]]:
        return self.do(lambda work: work.journal.timeline(number, public_only=False))

    def body(self, number: str, type_: str) -> dict[str, Any]:
        """The body of the last entry of that type."""
        bodies: list[dict[str, Any]] = [entry["body"] for entry in self.events(number) if entry["type"] == type_]
        return bodies[-1]

    def count(self, sku: str) -> tuple[int, int]:
        level = self.do(lambda work: work.stock.levels([sku]))[sku]
        return level.on_hand, level.reserved

    def ledger(self, sku: str) -> tuple[int, int]:
        """What the ledger adds up to."""
        row = tables.stock_ledger.c
        query = sa.select(sa.func.sum(row.on_hand_delta), sa.func.sum(row.reserved_delta)).where(row.sku == sku)
        found = self.do(lambda work: work.session.execute(query).one())
        return int(found[0] or 0), int(found[1] or 0)

    def holds(self) -> None:
        """What must be true after everything: the invariants of stock and money, and the journal's chains."""
        for sku in self.do(lambda work: list(work.session.scalars(sa.select(tables.stock.c.sku)))):
            assert self.count(sku) == self.ledger(sku)
        owed: dict[str, Money] = {}
        for refund in self.do(lambda work: work.session.scalars(sa.select(Refund)).all()):
            owed[refund.payment_id] = owed.get(refund.payment_id, ZERO) + refund.amount
        for payment in self.do(lambda work: work.session.scalars(sa.select(Payment)).all()):
            assert payment.refunded == owed.get(payment.payment_id, ZERO) <= payment.captured
        assert not self.do(lambda work: list(work.journal.verify()))


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


def a_webhook(kind: str, secret: str = str(SETTINGS.sandbox_secret), **data: Any) -> tuple[dict[str, str], str]:
    """Headers and base64 body of a signed webhook of the sandbox bank."""
    event_id = data.pop("event_id", None) or ids.new_id()
    raw = orjson.dumps({"id": event_id, "type": kind, "created": 1, "data": data})
    return {"sandbox-signature": signatures.sign(secret, raw, clock.now())}, base64.b64encode(raw).decode()
