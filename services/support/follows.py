"""The events that support follows: nearly all become a mail to the customer, some begin a conversation with them."""

from __future__ import annotations

from typing import Any

from services.common.basics.message import Message
from services.common.edge.fields import load
from services.common.runtime.messaging import subscribe
from services.support import schemas
from services.support.domain import Category
from services.support.handlers import news
from services.support.mails import aftersales, logistics, orders
from services.support.repository import Work


class Follows:
    """The subscriptions of SupportService, which has `settings`."""

    settings: Any

    def _tell(self, work: Work, message: Message, schema: Any, write: news.Writer) -> None:
        event = load(schema, message.body)
        news.tell(work, message, event, write)

    def _tell_status(self, work: Work, message: Message, schema: Any, write: news.Writer) -> None:
        event = load(schema, message.body)
        news.tell_status(work, message, event, write)

    def _settle(self, work: Work, message: Message, write: news.Writer) -> None:
        event = load(schemas.ChangeNews, message.body)
        news.settle(work, self.settings, message, event, write)

    def _reach_out(
        self,
        work: Work,
        message: Message,
        schema: Any,
        write: news.Writer,
        category: Category,
        *,
        needs_answer: bool = False,
    ) -> None:
        event = load(schema, message.body)
        news.reach_out(work, self.settings, message, event, write, category, needs_answer=needs_answer)

    def _learn(self, work: Work, message: Message, schema: Any, write: news.Writer) -> None:
        event = load(schema, message.body)
        news.tell(work, message, event, write, contact=news.learn_contact(work, message, event))

    def _broken(self, work: Work, message: Message) -> None:
        event = load(schemas.Commitment, message.body)
        news.tell_broken_promise(work, self.settings, message, event)

    def _at_risk(self, work: Work, message: Message) -> None:
        event = load(schemas.Commitment, message.body)
        news.warn_leads(work, message, event)

    @subscribe("orders", "order_placed")
    def on_order_placed(self, work: Work, message: Message) -> None:
        self._learn(work, message, schemas.OrderPlaced, orders.order_placed)

    @subscribe("orders", "payment_captured")
    def on_payment_captured(self, work: Work, message: Message) -> None:
        self._tell(work, message, schemas.OrderNews, orders.payment_captured)

    @subscribe("orders", "payment_failed")
    def on_payment_failed(self, work: Work, message: Message) -> None:
        self._tell(work, message, schemas.OrderNews, orders.payment_failed)

    @subscribe("orders", "review_passed")
    def on_review_passed(self, work: Work, message: Message) -> None:
        self._learn(work, message, schemas.ReviewPassed, orders.review_passed)

    @subscribe("orders", "review_needs_contact")
    def on_review_needs_contact(self, work: Work, message: Message) -> None:
        self._reach_out(
            work, message, schemas.ReviewNeedsContact, orders.review_needs_contact, Category.ORDER, needs_answer=True
        )

    @subscribe("orders", "change_requested")
    def on_change_requested(self, work: Work, message: Message) -> None:
        self._reach_out(
            work, message, schemas.ChangeRequested, orders.change_requested, Category.ORDER, needs_answer=True
        )

    @subscribe("orders", "change_accepted")
    def on_change_accepted(self, work: Work, message: Message) -> None:
        self._settle(work, message, orders.change_accepted)

    @subscribe("orders", "change_declined")
    def on_change_declined(self, work: Work, message: Message) -> None:
        self._settle(work, message, orders.change_declined)

    @subscribe("orders", "change_closed")
    def on_change_closed(self, work: Work, message: Message) -> None:
        self._settle(work, message, orders.change_closed)

    @subscribe("orders", "order_changed")
    def on_order_changed(self, work: Work, message: Message) -> None:
        self._tell(work, message, schemas.OrderChanged, orders.order_changed)

    @subscribe("orders", "cancellation_requested")
    def on_cancellation_requested(self, work: Work, message: Message) -> None:
        self._tell(work, message, schemas.OrderNews, orders.cancellation_requested)

    @subscribe("orders", "order_cancelled")
    def on_order_cancelled(self, work: Work, message: Message) -> None:
        self._tell(work, message, schemas.OrderCancelled, orders.order_cancelled)

    @subscribe("orders", "order_expired")
    def on_order_expired(self, work: Work, message: Message) -> None:
        self._tell(work, message, schemas.OrderNews, orders.order_expired)

    @subscribe("orders", "order_completed")
    def on_order_completed(self, work: Work, message: Message) -> None:
        self._tell(work, message, schemas.OrderNews, orders.order_completed)

    @subscribe("orders", "refund_settled")
    def on_refund_settled(self, work: Work, message: Message) -> None:
        self._tell(work, message, schemas.Refund, orders.refund_settled)

    @subscribe("orders", "refund_failed")
    def on_refund_failed(self, work: Work, message: Message) -> None:
        event = load(schemas.RefundFailed, message.body)
        news.reach_out(work, self.settings, message, event, orders.refund_failed, Category.ORDER)
        if event["manual"]:
            news.warn_of_money(work, message, event, orders.refund_needs_person)

    @subscribe("orders", "payment_needs_attention")
    def on_payment_needs_attention(self, work: Work, message: Message) -> None:
        event = load(schemas.PaymentNeedsAttention, message.body)
        news.warn_of_money(work, message, event, orders.payment_needs_person)

    @subscribe("logistics", "shipment_dispatched")
    def on_shipment_dispatched(self, work: Work, message: Message) -> None:
        self._tell(work, message, schemas.ShipmentDispatched, logistics.shipment_dispatched)

    @subscribe("logistics", "recall_refused")
    def on_recall_refused(self, work: Work, message: Message) -> None:
        self._reach_out(work, message, schemas.RecallRefused, logistics.recall_refused, Category.LOGISTICS)

    @subscribe("logistics", "tracking_updated")
    def on_tracking_updated(self, work: Work, message: Message) -> None:
        self._tell_status(work, message, schemas.TrackingUpdated, logistics.key_status)

    @subscribe("logistics", "parcel_delivered")
    def on_parcel_delivered(self, work: Work, message: Message) -> None:
        self._tell_status(work, message, schemas.ParcelNews, logistics.parcel_delivered)

    @subscribe("logistics", "parcel_exception")
    def on_parcel_exception(self, work: Work, message: Message) -> None:
        event = load(schemas.ParcelException, message.body)
        key = f"late:{event['shipment_number']}" if event["reason"] == "late" else None
        key = key or f"parcel:{event['parcel_id']}:{event['reason']}"
        write, category = logistics.parcel_exception, Category.LOGISTICS
        news.reach_out(work, self.settings, message, event, write, category, key=key)

    @subscribe("logistics", "parcel_stuck")
    def on_parcel_stuck(self, work: Work, message: Message) -> None:
        self._reach_out(work, message, schemas.ParcelStuck, logistics.parcel_stuck, Category.LOGISTICS)

    @subscribe("aftersales", "return_requested")
    def on_return_requested(self, work: Work, message: Message) -> None:
        self._tell(work, message, schemas.ReturnNews, aftersales.return_requested)

    @subscribe("aftersales", "return_info_requested")
    def on_return_info_requested(self, work: Work, message: Message) -> None:
        self._tell(work, message, schemas.ReturnInfoRequested, aftersales.return_info_requested)

    @subscribe("aftersales", "return_authorized")
    def on_return_authorized(self, work: Work, message: Message) -> None:
        self._tell(work, message, schemas.ReturnAuthorized, aftersales.return_authorized)

    @subscribe("aftersales", "return_rejected")
    def on_return_rejected(self, work: Work, message: Message) -> None:
        self._tell(work, message, schemas.ReturnRejected, aftersales.return_rejected)

    @subscribe("aftersales", "return_received")
    def on_return_received(self, work: Work, message: Message) -> None:
        self._tell(work, message, schemas.ReturnNews, aftersales.return_received)

    @subscribe("aftersales", "return_inspected")
    def on_return_inspected(self, work: Work, message: Message) -> None:
        self._tell(work, message, schemas.ReturnInspected, aftersales.return_inspected)

    @subscribe("aftersales", "return_refunded")
    def on_return_refunded(self, work: Work, message: Message) -> None:
        self._tell(work, message, schemas.ReturnRefunded, aftersales.return_refunded)

    @subscribe("orders", "commitment_breached")
    def on_orders_commitment_breached(self, work: Work, message: Message) -> None:
        self._broken(work, message)

    @subscribe("orders", "commitment_at_risk")
    def on_orders_commitment_at_risk(self, work: Work, message: Message) -> None:
        self._at_risk(work, message)

    @subscribe("logistics", "commitment_breached")
    def on_logistics_commitment_breached(self, work: Work, message: Message) -> None:
        self._broken(work, message)

    @subscribe("logistics", "commitment_at_risk")
    def on_logistics_commitment_at_risk(self, work: Work, message: Message) -> None:
        self._at_risk(work, message)

    @subscribe("aftersales", "commitment_breached")
    def on_aftersales_commitment_breached(self, work: Work, message: Message) -> None:
        self._broken(work, message)

    @subscribe("aftersales", "commitment_at_risk")
    def on_aftersales_commitment_at_risk(self, work: Work, message: Message) -> None:
        self._at_risk(work, message)

    @subscribe("support", "commitment_breached")
    def on_support_commitment_breached(self, work: Work, message: Message) -> None:
        self._broken(work, message)

    @subscribe("support", "commitment_at_risk")
    def on_support_commitment_at_risk(self, work: Work, message: Message) -> None:
        self._at_risk(work, message)
