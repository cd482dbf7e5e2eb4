"""The events that support follows: nearly all become a mail to the customer, some begin a conversation with them."""

from __future__ import annotations

from typing import Any

from services.common.fields import load
from services.common.message import Message
from services.common.messaging import subscribe
from services.support import schemas
from services.support.domain import Category
from services.support.handlers import news
from services.support.mails import aftersales, logistics, orders


class Follows:
    """The subscriptions of SupportService, which has `work` and `settings`."""

    work: Any
    settings: Any

    def _tell(self, message: Message, schema: Any, write: news.Writer) -> None:
        event = load(schema, message.body)
        with self.work() as work:
            if work.inbox.accept(message):
                news.tell(work, message, event, write)

    def _tell_status(self, message: Message, schema: Any, write: news.Writer) -> None:
        event = load(schema, message.body)
        with self.work() as work:
            if work.inbox.accept(message):
                news.tell_status(work, message, event, write)

    def _settle(self, message: Message, write: news.Writer) -> None:
        event = load(schemas.ChangeNews, message.body)
        with self.work() as work:
            if work.inbox.accept(message):
                news.settle(work, self.settings, message, event, write)

    def _reach_out(
        self, message: Message, schema: Any, write: news.Writer, category: Category, *, needs_answer: bool = False
    ) -> None:
        event = load(schema, message.body)
        with self.work() as work:
            if work.inbox.accept(message):
                news.reach_out(work, self.settings, message, event, write, category, needs_answer=needs_answer)

    def _learn(self, message: Message, schema: Any, write: news.Writer) -> None:
        event = load(schema, message.body)
        with self.work() as work:
            if work.inbox.accept(message):
                news.learn_contact(work, message, event)
                news.tell(work, message, event, write)

    def _broken(self, message: Message) -> None:
        event = load(schemas.Commitment, message.body)
        with self.work() as work:
            if work.inbox.accept(message):
                news.tell_broken_promise(work, self.settings, message, event)

    def _at_risk(self, message: Message) -> None:
        event = load(schemas.Commitment, message.body)
        with self.work() as work:
            if work.inbox.accept(message):
                news.warn_leads(work, message, event)

    @subscribe("orders", "order_placed")
    def on_order_placed(self, message: Message) -> None:
        self._learn(message, schemas.OrderPlaced, orders.order_placed)

    @subscribe("orders", "payment_captured")
    def on_payment_captured(self, message: Message) -> None:
        self._tell(message, schemas.OrderNews, orders.payment_captured)

    @subscribe("orders", "payment_failed")
    def on_payment_failed(self, message: Message) -> None:
        self._tell(message, schemas.OrderNews, orders.payment_failed)

    @subscribe("orders", "review_passed")
    def on_review_passed(self, message: Message) -> None:
        self._learn(message, schemas.ReviewPassed, orders.review_passed)

    @subscribe("orders", "review_needs_contact")
    def on_review_needs_contact(self, message: Message) -> None:
        self._reach_out(
            message, schemas.ReviewNeedsContact, orders.review_needs_contact, Category.ORDER, needs_answer=True
        )

    @subscribe("orders", "change_requested")
    def on_change_requested(self, message: Message) -> None:
        self._reach_out(message, schemas.ChangeRequested, orders.change_requested, Category.ORDER, needs_answer=True)

    @subscribe("orders", "change_accepted")
    def on_change_accepted(self, message: Message) -> None:
        self._settle(message, orders.change_accepted)

    @subscribe("orders", "change_declined")
    def on_change_declined(self, message: Message) -> None:
        self._settle(message, orders.change_declined)

    @subscribe("orders", "change_closed")
    def on_change_closed(self, message: Message) -> None:
        self._settle(message, orders.change_closed)

    @subscribe("orders", "order_changed")
    def on_order_changed(self, message: Message) -> None:
        self._tell(message, schemas.OrderChanged, orders.order_changed)

    @subscribe("orders", "cancellation_requested")
    def on_cancellation_requested(self, message: Message) -> None:
        self._tell(message, schemas.OrderNews, orders.cancellation_requested)

    @subscribe("orders", "order_cancelled")
    def on_order_cancelled(self, message: Message) -> None:
        self._tell(message, schemas.OrderCancelled, orders.order_cancelled)

    @subscribe("orders", "order_expired")
    def on_order_expired(self, message: Message) -> None:
        self._tell(message, schemas.OrderNews, orders.order_expired)

    @subscribe("orders", "order_completed")
    def on_order_completed(self, message: Message) -> None:
        self._tell(message, schemas.OrderNews, orders.order_completed)

    @subscribe("orders", "refund_settled")
    def on_refund_settled(self, message: Message) -> None:
        self._tell(message, schemas.Refund, orders.refund_settled)

    @subscribe("orders", "refund_failed")
    def on_refund_failed(self, message: Message) -> None:
        event = load(schemas.RefundFailed, message.body)
        with self.work() as work:
            if work.inbox.accept(message):
                news.reach_out(work, self.settings, message, event, orders.refund_failed, Category.ORDER)
                if event["manual"]:
                    news.warn_of_money(work, message, event, orders.refund_needs_person)

    @subscribe("orders", "payment_needs_attention")
    def on_payment_needs_attention(self, message: Message) -> None:
        event = load(schemas.PaymentNeedsAttention, message.body)
        with self.work() as work:
            if work.inbox.accept(message):
                news.warn_of_money(work, message, event, orders.payment_needs_person)

    @subscribe("logistics", "shipment_dispatched")
    def on_shipment_dispatched(self, message: Message) -> None:
        self._tell(message, schemas.ShipmentDispatched, logistics.shipment_dispatched)

    @subscribe("logistics", "recall_refused")
    def on_recall_refused(self, message: Message) -> None:
        self._reach_out(message, schemas.RecallRefused, logistics.recall_refused, Category.LOGISTICS)

    @subscribe("logistics", "tracking_updated")
    def on_tracking_updated(self, message: Message) -> None:
        self._tell_status(message, schemas.TrackingUpdated, logistics.key_status)

    @subscribe("logistics", "parcel_delivered")
    def on_parcel_delivered(self, message: Message) -> None:
        self._tell_status(message, schemas.ParcelNews, logistics.parcel_delivered)

    @subscribe("logistics", "parcel_exception")
    def on_parcel_exception(self, message: Message) -> None:
        event = load(schemas.ParcelException, message.body)
        key = f"late:{event['shipment_number']}" if event["reason"] == "late" else None
        key = key or f"parcel:{event['parcel_id']}:{event['reason']}"
        with self.work() as work:
            if work.inbox.accept(message):
                write, category = logistics.parcel_exception, Category.LOGISTICS
                news.reach_out(work, self.settings, message, event, write, category, key=key)

    @subscribe("logistics", "parcel_stuck")
    def on_parcel_stuck(self, message: Message) -> None:
        self._reach_out(message, schemas.ParcelStuck, logistics.parcel_stuck, Category.LOGISTICS)

    @subscribe("aftersales", "return_requested")
    def on_return_requested(self, message: Message) -> None:
        self._tell(message, schemas.ReturnNews, aftersales.return_requested)

    @subscribe("aftersales", "return_info_requested")
    def on_return_info_requested(self, message: Message) -> None:
        self._tell(message, schemas.ReturnInfoRequested, aftersales.return_info_requested)

    @subscribe("aftersales", "return_authorized")
    def on_return_authorized(self, message: Message) -> None:
        self._tell(message, schemas.ReturnAuthorized, aftersales.return_authorized)

    @subscribe("aftersales", "return_rejected")
    def on_return_rejected(self, message: Message) -> None:
        self._tell(message, schemas.ReturnRejected, aftersales.return_rejected)

    @subscribe("aftersales", "return_received")
    def on_return_received(self, message: Message) -> None:
        self._tell(message, schemas.ReturnNews, aftersales.return_received)

    @subscribe("aftersales", "return_inspected")
    def on_return_inspected(self, message: Message) -> None:
        self._tell(message, schemas.ReturnInspected, aftersales.return_inspected)

    @subscribe("aftersales", "return_refunded")
    def on_return_refunded(self, message: Message) -> None:
        self._tell(message, schemas.ReturnRefunded, aftersales.return_refunded)

    @subscribe("orders", "commitment_breached")
    def on_orders_commitment_breached(self, message: Message) -> None:
        self._broken(message)

    @subscribe("orders", "commitment_at_risk")
    def on_orders_commitment_at_risk(self, message: Message) -> None:
        self._at_risk(message)

    @subscribe("logistics", "commitment_breached")
    def on_logistics_commitment_breached(self, message: Message) -> None:
        self._broken(message)

    @subscribe("logistics", "commitment_at_risk")
    def on_logistics_commitment_at_risk(self, message: Message) -> None:
        self._at_risk(message)

    @subscribe("aftersales", "commitment_breached")
    def on_aftersales_commitment_breached(self, message: Message) -> None:
        self._broken(message)

    @subscribe("aftersales", "commitment_at_risk")
    def on_aftersales_commitment_at_risk(self, message: Message) -> None:
        self._at_risk(message)

    @subscribe("support", "commitment_breached")
    def on_support_commitment_breached(self, message: Message) -> None:
        self._broken(message)

    @subscribe("support", "commitment_at_risk")
    def on_support_commitment_at_risk(self, message: Message) -> None:
        self._at_risk(message)
