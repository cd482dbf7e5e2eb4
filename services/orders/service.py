"""Orders on the bus: what it answers, what it follows, what it does by the clock."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.basics.shapes import Page, PageQuery
from services.common.runtime.database import Database
from services.common.runtime.following import on
from services.common.runtime.service import Service, opens_its_own
from services.common.runtime.timers import every
from services.orders import heard
from services.orders.api import (
    AdjustStock,
    AnswerChange,
    Cancellation,
    CancelOrder,
    ChangeView,
    DecideReview,
    ImportedProducts,
    ListOrders,
    ListProducts,
    OrderAccess,
    OrdersApi,
    OrderSummary,
    OrderView,
    PaymentCaptured,
    PaymentWebhookReceipt,
    PlacedOrder,
    PlaceOrder,
    ProductView,
    ProposeChange,
    ReviewedOrder,
    SaveProduct,
    StartedPayment,
    StartPayment,
    StockAdjusted,
    StockFreed,
    StockLevel,
)
from services.orders.handlers import (
    cancellations,
    catalogue,
    changes,
    imports,
    notices,
    payments,
    placing,
    refunds,
    reviews,
    shipments,
    shortages,
    submissions,
)
from services.orders.repository import Work
from services.orders.settings import OrdersSettings


class OrdersService(Service, OrdersApi):
    name = "orders"
    transaction: Database[Work] = Database(Work, OrdersSettings)
    work: Work
    follows = (
        # our own: what they lead to is done as soon as they are committed, and in the end for certain
        on(PaymentCaptured, reviews.on_payment_captured),
        on(StockAdjusted, shortages.on_stock_adjusted),
        on(StockFreed, shortages.on_stock_freed),
        on(heard.ShipmentCreated, shipments.on_shipment_created),
        on(heard.ShipmentSorted, shipments.on_shipment_sorted),
        on(heard.ShipmentPacked, shipments.on_shipment_packed),
        on(heard.ShipmentDispatched, shipments.on_shipment_dispatched),
        on(heard.TrackingUpdated, shipments.on_tracking_updated),
        on(heard.ShipmentDelivered, shipments.on_shipment_delivered),
        on(heard.DeliveryTakenBack, shipments.on_delivery_taken_back),
        on(heard.ShipmentRecalled, shipments.on_shipment_recalled),
        on(heard.RecallRefused, shipments.on_recall_refused),
        on(heard.RefundClaimed, refunds.on_refund_claimed),
        on(heard.CustomerNotified, notices.on_customer_notified),
    )

    def may_see_order(self, order_number: str) -> bool:
        return placing.may_see_order(self.work, order_number)

    # catalogue

    def list_products(self, query: ListProducts) -> Page[ProductView]:
        return catalogue.list_products(self.work, query)

    def get_product(self, sku: str) -> ProductView:
        return catalogue.get_product(self.work, sku)

    def put_product(self, sku: str, product: SaveProduct) -> ProductView:
        return catalogue.put_product(self.work, sku, product)

    def adjust_stock(self, sku: str, adjustment: AdjustStock) -> StockLevel:
        return catalogue.adjust_stock(self.work, sku, adjustment)

    def import_products(self, csv_text: str) -> ImportedProducts:
        return imports.import_products(self.work, csv_text)

    # orders

    @opens_its_own
    def place_order(self, order: PlaceOrder) -> PlacedOrder:
        return placing.place_order(self.transaction, order)

    def get_order(self, number: str) -> OrderView:
        return placing.get_order(self.work, number)

    def list_orders(self, query: ListOrders) -> Page[OrderSummary]:
        return placing.list_orders(self.work, query)

    def authorize_order_access(self, number: str) -> OrderAccess:
        return placing.authorize_access(self.work, number)

    def cancel_order(self, number: str, wish: CancelOrder) -> Cancellation:
        return cancellations.cancel_order(self.work, number, wish)

    # payments

    @opens_its_own
    def start_payment(self, number: str, choice: StartPayment) -> StartedPayment:
        return payments.start_payment(self.transaction, number, choice)

    def receive_payment_webhook(
        self, provider: str, headers: Mapping[str, str], raw_body_base64: str
    ) -> PaymentWebhookReceipt:
        return payments.receive_webhook(self.work, provider, headers, raw_body_base64)

    # reviews

    def list_reviews(self, query: PageQuery) -> Page[OrderSummary]:
        return reviews.list_reviews(self.work, query)

    def decide_review(self, number: str, decision: DecideReview) -> ReviewedOrder:
        return reviews.decide_review(self.work, number, decision)

    # change requests

    def list_changes(self, number: str) -> Page[ChangeView]:
        return changes.list_changes(self.work, number)

    def propose_change(self, number: str, change: ProposeChange) -> ChangeView:
        return changes.propose_change(self.work, number, change)

    @opens_its_own
    def answer_change(self, change_id: str, answer: AnswerChange) -> ChangeView:
        return changes.answer_change(self.transaction, change_id, answer)

    # by the clock

    @every(1.0)
    def drive_refunds(self) -> None:
        submissions.drive_refunds(self.transaction)

    @every(15.0)
    def expire_unpaid(self) -> None:
        placing.expire_unpaid_orders(self.transaction)

    @every(15.0)
    def expire_changes(self) -> None:
        changes.expire_unanswered(self.transaction)

    @every(3600.0)
    def forget_webhooks(self) -> None:
        payments.forget_webhooks(self.transaction)
