"""The scene of the tests: a store with a few products, and short ways to do what the handlers do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, TypeVar

import sqlalchemy as sa

from services.common.basics.caller import ADMIN, Caller
from services.common.basics.events import Event
from services.common.basics.money import ZERO, Money
from services.common.edge.schemas import load
from services.common.store.database import Store
from services.common.testing import customer, holder
from services.orders import tables
from services.orders.adapters.payments import PaymentFact
from services.orders.api import (
    AdjustStock,
    AnswerChange,
    ChangeView,
    PaymentWebhookReceipt,
    PlaceOrder,
    ProposeChange,
    SaveProduct,
    StartPayment,
)
from services.orders.api.discounts import SaveDiscount
from services.orders.api.edits import EditOrder, EditPreview, PreviewEdit
from services.orders.domain import Payment, Refund
from services.orders.handlers import catalogue, changes, discounts, edits, payments, placing
from services.orders.repository import Work
from services.orders.tests.builders import EMAIL, SETTINGS, a_message, captured, order_form
from services.orders.tests.paper import holds_documents

MANAGER = Caller("staff:admin@pledge.example", roles=frozenset({ADMIN}), trace_id="test")
Answer = TypeVar("Answer")
Decision = Literal["accept", "decline"]


class Scene:
    """A store with a few products, and each act in a transaction of its own."""

    def __init__(self, store: Store):
        self.store = store
        store.settings = SETTINGS

    def do(self, act: Callable[..., Answer], *args: Any, caller: Caller = MANAGER) -> Answer:
        with self.store.work(Work, caller) as work:
            return act(work, *args)

    def stocked(self, sku: str, count: int = 10, price: str = "12.50", matches: tuple[str, ...] = ()) -> Scene:
        product = SaveProduct(f"The {sku}", Money.parse(price), 400, "CN", "691200", matches=matches)
        self.do(catalogue.put_product, sku, product)
        if count:
            self.do(catalogue.adjust_stock, sku, AdjustStock(count, "first delivery"))
        return self

    def discounts(self, code: str = "SPRING", **terms: Any) -> Scene:
        """Declare a discount code: a tenth off, unless its terms say otherwise."""
        kind: dict[str, Any] = {} if "amount" in terms else {"percent": 10}
        for name in {"amount", "minimum"} & terms.keys():
            kind[name] = {"amount": terms.pop(name), "currency": "USD"}
        self.do(discounts.put_discount, code, load(SaveDiscount, {**kind, **terms}))
        return self

    def place(self, *lines: tuple[str, int], caller: Caller | None = None, passes: bool = True, **form: str) -> str:
        """Place an order. passes: unless its review is to find the address wrong. Return its number."""
        wanted = load(PlaceOrder, order_form(*lines, **form, **({} if passes else {"postal_code": "1"})))
        return self.do(placing.add_order, wanted, caller=caller or customer(EMAIL))["number"]

    def start(self, number: str) -> Payment:
        return self.do(payments.attempt_payment, number, StartPayment(), caller=holder(f"order:{number}"))

    def report(self, *facts: PaymentFact) -> PaymentWebhookReceipt:
        return self.do(payments.take_facts, "sandbox", facts)

    def pay(self, number: str, cents: int | None = None, currency: str = "USD") -> Payment:
        """Start a payment and have the provider capture it."""
        payment = self.start(number)
        self.report(captured(payment, cents, currency))
        return payment

    def paid(self, *lines: tuple[str, int], passes: bool = True, **form: str) -> str:
        """Place and pay an order, which is reviewed with that. Return its number."""
        number = self.place(*lines, caller=None, passes=passes, **form)
        self.pay(number)
        return number

    def propose(self, number: str, caller: Caller, **change: Any) -> ChangeView:
        return self.do(changes.propose_change, number, load(ProposeChange, change), caller=caller)

    def answer(
        self, change: ChangeView, decision: Decision, option: str | None = None, digest: str = "",
        caller: Caller | None = None,
    ) -> ChangeView:  # fmt: skip
        """Answer by the order's link, unless it is another who does."""
        given = AnswerChange(decision, digest or change["digest"], option)
        caller = caller or holder(f"order:{change['order_number']}")
        return self.do(changes.decide_change, change["id"], given, caller=caller)

    def preview(self, number: str, **edit: Any) -> EditPreview:
        """Have the customer look at an edit of their own."""
        given = load(PreviewEdit, {"kind": "lines" if "lines" in edit else "address", **edit})
        return self.do(edits.preview_edit, number, given, caller=holder(f"order:{number}"))

    def edit(
        self, number: str, *, digest: str = "", version: int | None = None, **edit: Any
    ) -> tuple[EditPreview, ChangeView]:
        """Have the customer look at an edit of their own, and make it."""
        shown = self.preview(number, **edit)
        given = {"kind": shown["kind"], "digest": digest or shown["digest"], **edit}
        wanted = replace(load(EditOrder, given), version=version)
        caller = customer(EMAIL) if "delivery" in edit else holder(f"order:{number}")
        return shown, self.do(edits.edit_order, number, wanted, caller=caller)

    def hear(self, handler: Callable[..., None], event: Event, seq: int = 1, actor: str = "system") -> None:
        """Handle an event, as if it came from the service that emits it."""
        self.do(handler, event, replace(a_message(event.source, event.type, event.body(), seq), actor=actor))

    def deliver(self, number: str) -> None:
        """Have all of an order delivered in one shipment, unless some of it is known to have left or ended."""
        from services.orders.tests.test_changes import ship

        known = self.do(lambda work: work.fulfillments.of_order(number))
        if not any(each.dispatched_at or each.is_over for each in known):
            ship(self, number, "created", "dispatched", "delivered")

    def order(self, number: str) -> Any:
        """Return all of an order, as staff see it."""
        return self.do(placing.get_order, number)

    def journal(self, subject: str) -> list[str]:
        """Return the types of what was recorded about an order, in order."""
        return [entry["type"] for entry in self.events(subject)]

    def events(self, number: str) -> list[dict[str, Any]]:
        return self.do(lambda work: work.journal.timeline(number, public_only=False))

    def body(self, number: str, type_: str) -> dict[str, Any]:
        """Return the body of the last entry of that type."""
        bodies: list[dict[str, Any]] = [entry["body"] for entry in self.events(number) if entry["type"] == type_]
        return bodies[-1]

    def count(self, sku: str) -> tuple[int, int]:
        level = self.do(lambda work: work.stock.levels([sku]))[sku]
        return level.on_hand, level.reserved

    def there(self, sku: str) -> dict[str, tuple[int, int]]:
        """Count, by place: (on hand, promised from there)."""
        found = self.do(lambda work: work.stock.by_place(work.stock.levels([sku])))[sku]
        return {each.place: (each.on_hand, each.reserved) for each in found}

    def ledger_of_places(self, sku: str) -> dict[str, tuple[int, int]]:
        """Sum the ledger of a product by place."""
        row = tables.stock_ledger.c
        sums = sa.select(row.place, sa.func.sum(row.on_hand_delta), sa.func.sum(row.reserved_delta))
        found = self.do(lambda work: work.session.execute(sums.where(row.sku == sku).group_by(row.place)).all())
        return {place: (int(on_hand), int(reserved)) for place, on_hand, reserved in found}

    def ledger(self, sku: str) -> tuple[int, int]:
        """Sum the ledger of a product: (on hand, reserved)."""
        row = tables.stock_ledger.c
        query = sa.select(sa.func.sum(row.on_hand_delta), sa.func.sum(row.reserved_delta)).where(row.sku == sku)
        found = self.do(lambda work: work.session.execute(query).one())
        return int(found[0] or 0), int(found[1] or 0)

    def holds(self) -> None:
        """Check what must always be true: the invariants of stock and money, and the journal's chains."""
        for sku in self.do(lambda work: list(work.session.scalars(sa.select(tables.stock.c.sku)))):
            assert self.count(sku) == self.ledger(sku)
            there, said = self.there(sku), self.ledger_of_places(sku)
            assert {place: said.get(place, (0, 0)) for place in {*there, *said}} == there
            assert min(on_hand for on_hand, _ in there.values()) >= 0
        owed: dict[str, Money] = {}
        for refund in self.do(lambda work: work.session.scalars(sa.select(Refund)).all()):
            owed[refund.payment_id] = owed.get(refund.payment_id, ZERO) + refund.amount
        for payment in self.do(lambda work: work.session.scalars(sa.select(Payment)).all()):
            assert payment.refunded == owed.get(payment.payment_id, ZERO) <= payment.captured
        holds_documents(self)
        assert not self.do(lambda work: list(work.journal.verify()))
