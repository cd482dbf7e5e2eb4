"""Orders on the bus: the calls it answers, the events it follows, the jobs it does by the clock."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from services.common.basics.clock import now
from services.common.basics.errors import Invalid
from services.common.basics.message import Message
from services.common.bus.rpc import rpc
from services.common.edge.fields import load
from services.common.runtime.config import Configured
from services.common.runtime.database import Database
from services.common.runtime.messaging import subscribe
from services.common.runtime.service import Service
from services.common.runtime.timers import every
from services.orders import schemas
from services.orders.handlers import (
    access,
    cancelling,
    catalogue,
    changing,
    following,
    paying,
    placing,
    refunding,
    reviewing,
    shortage,
    submitting,
)
from services.orders.repository import Work
from services.orders.settings import OrdersSettings

Json = dict[str, Any]


class OrdersService(Service):
    name = "orders"
    transaction: Database[Work] = Database(Work)
    settings: Any = Configured(OrdersSettings)

    def may_see_order(self, order_number: str) -> bool:
        order = self.work.orders.find(order_number)
        return order is not None and access.may_see(self.work, order)

    # catalogue

    @rpc
    def list_products(self, query: Json) -> Json:
        wanted = load(schemas.ListProducts, query)
        with self.transaction(reading=True) as work:
            return catalogue.list_products(work, wanted)

    @rpc
    def get_product(self, sku: str) -> Json:
        with self.transaction(reading=True) as work:
            return catalogue.get_product(work, sku)

    @rpc
    def put_product(self, sku: str, product: Json) -> Json:
        load(schemas.ProductName, {"sku": sku})
        facts = load(schemas.Product, product)
        with self.transaction() as work:
            return work.once("put_product", [sku, product], lambda: catalogue.put_product(work, sku, facts))

    @rpc
    def adjust_stock(self, sku: str, adjustment: Json) -> Json:
        moved = load(schemas.AdjustStock, adjustment)
        with self.transaction() as work:
            return work.once("adjust_stock", [sku, adjustment], lambda: catalogue.adjust_stock(work, sku, **moved))

    @rpc
    def import_products(self, csv_text: str) -> Json:
        with self.transaction() as work:
            return work.once("import_products", csv_text, lambda: catalogue.import_products(work, csv_text))

    # orders

    @rpc
    def place_order(self, order: Json) -> Json:
        """The order with what its client needs to pay it; given again for the same key, only while that can be paid."""
        wanted, new = load(schemas.PlaceOrder, order), False

        def act() -> Json:
            nonlocal new
            new = True
            return placing.place_order(work, self.settings, wanted)

        with self.transaction() as work:
            placed: Json = work.once("place_order", order, act)
            payable = new or work.payments.is_open(placed["payment"]["id"])
        return paying.ready_to_pay(placed, self.settings) if payable else placed

    @rpc
    def get_order(self, number: str) -> Json:
        with self.transaction(reading=True) as work:
            return placing.get_order(work, number)

    @rpc
    def list_orders(self, query: Json) -> Json:
        wanted = load(schemas.ListOrders, query)
        with self.transaction(reading=True) as work:
            return placing.list_orders(work, wanted)

    @rpc
    def authorize_order_access(self, number: str) -> Json:
        with self.transaction(reading=True) as work:
            return {"order_number": access.visible(work, number).order_number}

    @rpc
    def cancel_order(self, number: str, wish: Json) -> Json:
        wanted = load(schemas.CancelOrder, wish)
        with self.transaction() as work:
            return work.once("cancel_order", [number, wish], lambda: cancelling.cancel_order(work, number, **wanted))

    # payments

    @rpc
    def start_payment(self, number: str, choice: Json) -> Json:
        chosen = load(schemas.StartPayment, choice)
        with self.transaction() as work:
            payment = paying.start_payment(work, self.settings, number, chosen.get("provider"))
        return paying.client_data(payment, self.settings.provider(payment.provider))

    @rpc
    def receive_payment_webhook(self, provider: str, headers: dict[str, str], raw_body_base64: str) -> Json:
        facts = paying.read_webhook(self.settings.provider(provider), headers, _decoded(raw_body_base64), now())
        with self.transaction() as work:
            return paying.take_facts(work, self.settings, provider, facts)

    # review

    @rpc
    def list_reviews(self, query: Json) -> Json:
        wanted = load(schemas.Page, query)
        with self.transaction(reading=True) as work:
            return reviewing.list_reviews(work, wanted)

    @rpc
    def decide_review(self, number: str, decision: Json) -> Json:
        decided = load(schemas.DecideReview, decision)
        with self.transaction() as work:
            return work.once(
                "decide_review", [number, decision], lambda: reviewing.decide_review(work, number, decided)
            )

    # change requests

    @rpc
    def list_changes(self, number: str) -> Json:
        with self.transaction(reading=True) as work:
            return changing.list_changes(work, number)

    @rpc
    def propose_change(self, number: str, change: Json) -> Json:
        wanted = load(schemas.ProposeChange, change)
        with self.transaction() as work:
            return work.once(
                "propose_change",
                [number, change],
                lambda: changing.propose_change(work, self.settings, number, wanted),
            )

    @rpc
    def answer_change(self, change_id: str, answer: Json) -> Json:
        given = load(schemas.AnswerChange, answer)
        with self.transaction() as work:
            change = work.once(
                "answer_change",
                [change_id, answer],
                lambda: changing.answer_change(work, self.settings, change_id, given),
            )
        changing.refuse_closed(change)
        return change

    # what we announce and follow ourselves, so that it is done as soon as it is committed, and in the end for certain

    @subscribe("orders", "payment_captured")
    def on_payment_captured(self, work: Work, message: Message) -> None:
        event = load(schemas.PaymentCaptured, message.body)
        reviewing.start_review(work, self.settings, event["order_number"])

    @subscribe("orders", "stock_adjusted")
    def on_stock_adjusted(self, work: Work, message: Message) -> None:
        event = load(schemas.StockAdjusted, message.body)
        shortage.look(work, self.settings, event["sku"])

    @subscribe("orders", "stock_freed")
    def on_stock_freed(self, work: Work, message: Message) -> None:
        event = load(schemas.StockAdjusted, message.body)
        shortage.look(work, self.settings, event["sku"])

    # logistics

    @subscribe("logistics", "shipment_created")
    def on_shipment_created(self, work: Work, message: Message) -> None:
        event = load(schemas.ShipmentCreated, message.body)
        following.shipment_created(work, message, event)

    @subscribe("logistics", "shipment_sorted")
    def on_shipment_sorted(self, work: Work, message: Message) -> None:
        event = load(schemas.ShipmentEvent, message.body)
        following.shipment_prepared(work, message, event)

    @subscribe("logistics", "shipment_packed")
    def on_shipment_packed(self, work: Work, message: Message) -> None:
        event = load(schemas.ShipmentEvent, message.body)
        following.shipment_prepared(work, message, event)

    @subscribe("logistics", "shipment_dispatched")
    def on_shipment_dispatched(self, work: Work, message: Message) -> None:
        event = load(schemas.ShipmentDispatched, message.body)
        following.shipment_dispatched(work, message, event)

    @subscribe("logistics", "tracking_updated")
    def on_tracking_updated(self, work: Work, message: Message) -> None:
        event = load(schemas.TrackingUpdated, message.body)
        following.tracking_updated(work, message, event)

    @subscribe("logistics", "shipment_delivered")
    def on_shipment_delivered(self, work: Work, message: Message) -> None:
        event = load(schemas.ShipmentDelivered, message.body)
        following.shipment_delivered(work, message, event)

    @subscribe("logistics", "shipment_recalled")
    def on_shipment_recalled(self, work: Work, message: Message) -> None:
        event = load(schemas.ShipmentEvent, message.body)
        following.shipment_recalled(work, message, event)

    @subscribe("logistics", "recall_refused")
    def on_recall_refused(self, work: Work, message: Message) -> None:
        event = load(schemas.RecallRefused, message.body)
        following.recall_refused(work, message, event)

    # after-sales and support

    @subscribe("aftersales", "refund_claimed")
    def on_refund_claimed(self, work: Work, message: Message) -> None:
        event = load(schemas.RefundClaimed, message.body)
        refunding.claim_return(work, event)

    @subscribe("support", "customer_notified")
    def on_customer_notified(self, work: Work, message: Message) -> None:
        event = load(schemas.CustomerNotified, message.body)
        following.customer_notified(work, event)

    # by the clock

    @every(1.0)
    def drive_refunds(self) -> None:
        """Submit what is due or failed before, repeat what was never confirmed, ask after what has not settled."""
        with self.transaction() as work:
            claimed = submitting.claim_due(work)
        submitting.drive(self.transaction, self.settings, claimed)

    @every(15.0)
    def expire_unpaid(self) -> None:
        """Let go of the orders that nobody ever tried to pay, each in its own transaction."""
        with self.transaction(reading=True) as work:
            numbers = work.orders.unpaid_since(work.now)
        for number in numbers:
            with self.transaction() as work:
                placing.expire_unpaid(work, number)

    @every(15.0)
    def expire_changes(self) -> None:
        """Close the questions that nobody answered; the orders stay as they are."""
        with self.transaction(reading=True) as work:
            unanswered = work.changes.expired(work.now)
        for change_id, number in unanswered:
            with self.transaction() as work:
                changing.expire(work, change_id, number)

    @every(3600.0)
    def forget_webhooks(self) -> None:
        with self.transaction() as work:
            work.payments.forget_webhooks()


def _decoded(raw_body_base64: str) -> bytes:
    try:
        return base64.b64decode(raw_body_base64, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("the raw body is not base64", code="bad_raw_body") from None
