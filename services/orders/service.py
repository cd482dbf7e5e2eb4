"""Orders on the bus: what it answers, what it follows, what it does by the clock."""

from __future__ import annotations

from collections.abc import Mapping

from services.aftersales.api import events as aftersales_events
from services.common.basics.api import Period
from services.common.basics.shapes import Page, PageQuery
from services.common.commitments import Clock
from services.common.commitments.causes import Attribution
from services.common.runtime.database import Database
from services.common.runtime.following import on
from services.common.runtime.parallel import Parallel
from services.common.runtime.service import Service, opens_its_own
from services.common.runtime.timers import every
from services.logistics.api import events as logistics_events
from services.orders.api import (
    AdjustStock,
    AnswerChange,
    AttentionView,
    Cancellation,
    CancelOrder,
    ChangeView,
    DecideReview,
    ImportedProducts,
    ImportPreview,
    ListAttention,
    ListOrders,
    ListProducts,
    ListRefunds,
    OrderAccess,
    OrderExpired,
    OrdersApi,
    OrderSummary,
    OrderView,
    PaymentCaptured,
    PaymentWebhookReceipt,
    PlacedOrder,
    PlaceOrder,
    ProductView,
    ProposeChange,
    RecordPaidRefund,
    ReleasedHold,
    ReleaseHold,
    RetryRefund,
    ReviewedOrder,
    SaveProduct,
    SettlePayment,
    StaffRefundView,
    StartedPayment,
    StartPayment,
    StockAdjusted,
    StockFreed,
    StockLevel,
    StockView,
)
from services.orders.api.ceiling import RaiseRefundCeiling, RefundCeilingView
from services.orders.api.destinations import AddressForm, DestinationView
from services.orders.api.edits import EditOrder, EditPreview, PreviewEdit
from services.orders.api.ledger import (
    LedgerReport,
    ListMovements,
    OrderMovementView,
    OrderPaymentsView,
)
from services.orders.api.order_holds import HoldOrder, ListHolds, OrderHoldView
from services.orders.api.places import MoveStock, SaveStockPlace, StockByPlace, StockPlaceView
from services.orders.api.remedies import AnswerRemedy, ListRemedies, OpenRemedy, ReceiveGoods, RemedyView
from services.orders.banking import OrdersBanking
from services.orders.documenting import OrdersDocuments
from services.orders.handlers import (
    accounts,
    attention,
    backorder_news,
    cancellations,
    catalogue,
    ceilings,
    changes,
    claims,
    destinations,
    edits,
    exchanges,
    goodwill,
    holds,
    imports,
    ledgers,
    missing,
    notices,
    order_holds,
    paying_sessions,
    payments,
    places,
    placing,
    privacy,
    refund_queue,
    refunds,
    remedies,
    returns,
    reviews,
    shipments,
    shortages,
    submissions,
)
from services.orders.pricing import OrdersPricing
from services.orders.repository import Work
from services.orders.settings import OrdersSettings
from services.support.api import events as support_events

BANK_CALLS = 20  # at a time, for each replica


class OrdersService(OrdersBanking, OrdersDocuments, OrdersPricing, Service, OrdersApi):
    name = "orders"
    transaction: Database[Work] = Database(Work, OrdersSettings)
    work: Work
    follows = (
        # our own: what they lead to is done as soon as they are committed, and in the end for certain
        on(PaymentCaptured, reviews.on_payment_captured, when=reviews.is_unreviewed),
        on(OrderExpired, accounts.on_order_expired),
        on(StockAdjusted, shortages.on_stock_adjusted),
        on(StockFreed, shortages.on_stock_freed),
        on(logistics_events.ShipmentCreated, shipments.on_shipment_created, when=shipments.is_beside_review),
        on(logistics_events.ShipmentSorted, shipments.on_shipment_sorted),
        on(logistics_events.ShipmentPacked, shipments.on_shipment_packed),
        on(logistics_events.ShipmentAdjusted, shipments.on_shipment_adjusted),
        on(logistics_events.EditCleared, edits.on_edit_cleared),
        on(logistics_events.EditRefused, edits.on_edit_refused),
        on(logistics_events.ShipmentDispatched, shipments.on_shipment_dispatched),
        on(logistics_events.TrackingUpdated, shipments.on_tracking_updated, when=shipments.moves_on),
        on(logistics_events.ParcelCorrected, shipments.on_parcel_corrected),
        on(logistics_events.ShipmentDelivered, shipments.on_shipment_delivered),
        on(logistics_events.DeliveryTakenBack, shipments.on_delivery_taken_back),
        on(logistics_events.ShipmentRecalled, shipments.on_shipment_recalled),
        on(logistics_events.ParcelNotArriving, missing.on_parcel_not_arriving),
        on(logistics_events.ParcelTurnedUp, missing.on_parcel_turned_up),
        on(logistics_events.ShipmentClosed, missing.on_shipment_closed),
        on(logistics_events.RecallRefused, shipments.on_recall_refused),
        on(aftersales_events.RefundClaimed, claims.on_refund_claimed),
        on(aftersales_events.ExchangeClaimed, exchanges.on_exchange_claimed),
        on(aftersales_events.ExchangeWithdrawn, exchanges.on_exchange_withdrawn),
        on(aftersales_events.ReturnDisposed, returns.on_return_disposed),
        on(support_events.CustomerNotified, notices.on_customer_notified, when=notices.matters),
        on(support_events.TicketOpened, reviews.on_customer_wrote, when=reviews.is_by_customer),
        on(support_events.MessagePosted, reviews.on_customer_wrote, when=reviews.is_by_customer),
        on(support_events.GoodwillAsked, goodwill.on_goodwill_asked),
        on(support_events.ResendAsked, goodwill.on_resend_asked),
        on(support_events.ErasureConfirmed, privacy.on_erasure_confirmed),
    )

    def personal_data(self) -> Mapping[str, object]:
        return privacy.export_orders(self.work)

    def may_see_order(self, order_number: str) -> bool:
        return placing.may_see_order(self.work, order_number)

    # catalogue

    def list_products(self, query: ListProducts) -> Page[ProductView]:
        return catalogue.list_products(self.work, query)

    def get_product(self, sku: str) -> ProductView:
        return catalogue.get_product(self.work, sku)

    def get_stock(self, sku: str, query: PageQuery) -> StockView:
        return holds.get_stock(self.work, sku, query)

    def put_product(self, sku: str, product: SaveProduct) -> ProductView:
        return catalogue.put_product(self.work, sku, product)

    def adjust_stock(self, sku: str, adjustment: AdjustStock) -> StockLevel:
        return catalogue.adjust_stock(self.work, sku, adjustment)

    def import_products(self, csv_text: str) -> ImportedProducts:
        return imports.import_products(self.work, csv_text)

    def preview_import(self, csv_text: str) -> ImportPreview:
        return imports.preview_import(self.work, csv_text)

    def move_stock(self, move: MoveStock) -> StockByPlace:
        return places.move_stock(self.work, move)

    def list_stock_places(self) -> Page[StockPlaceView]:
        return places.list_stock_places(self.work)

    def put_stock_place(self, code: str, place: SaveStockPlace) -> StockPlaceView:
        return places.put_stock_place(self.work, code, place)

    # destinations

    def list_destinations(self) -> Page[DestinationView]:
        return destinations.list_destinations(self.work)

    def get_address_form(self, country: str) -> AddressForm:
        return destinations.get_address_form(self.work, country)

    # orders

    @opens_its_own
    def place_order(self, order: PlaceOrder) -> PlacedOrder:
        return placing.place_order(self.transaction, order)

    def get_order(self, number: str) -> OrderView:
        return placing.get_order(self.work, number)

    def list_orders(self, query: ListOrders) -> Page[OrderSummary]:
        return placing.list_orders(self.work, query)

    def list_orders_to_export(self, query: ListOrders) -> Page[OrderSummary]:
        return placing.list_orders_to_export(self.work, query)

    def authorize_order_access(self, number: str) -> OrderAccess:
        return placing.authorize_access(self.work, number)

    def release_hold(self, number: str, wish: ReleaseHold) -> ReleasedHold:
        return holds.release_hold(self.work, number, wish)

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

    def list_attention(self, query: ListAttention) -> Page[AttentionView]:
        return attention.list_attention(self.work, query)

    def settle_payment(self, payment_id: str, settling: SettlePayment) -> AttentionView:
        return attention.settle_payment(self.work, payment_id, settling)

    # the ledger

    def get_payments(self, number: str) -> OrderPaymentsView:
        return ledgers.get_payments(self.work, number)

    def list_movements(self, query: ListMovements) -> Page[OrderMovementView]:
        return ledgers.list_movements(self.work, query)

    def report_ledger(self, period: Period) -> LedgerReport:
        return ledgers.report_ledger(self.work, period)

    def cause_of(self, clock: Clock) -> Attribution:
        return refunds.cause_of(self.work, clock)

    # refunds

    def list_refunds(self, query: ListRefunds) -> Page[StaffRefundView]:
        return refund_queue.list_refunds(self.work, query)

    def retry_refund(self, refund_id: str, retry: RetryRefund) -> StaffRefundView:
        return refund_queue.retry_refund(self.work, refund_id, retry)

    def get_refund_ceiling(self) -> RefundCeilingView:
        return ceilings.get_ceiling(self.work)

    def raise_refund_ceiling(self, wish: RaiseRefundCeiling) -> RefundCeilingView:
        return ceilings.raise_ceiling(self.work, wish)

    def record_paid_refund(self, refund_id: str, paid: RecordPaidRefund) -> StaffRefundView:
        return refund_queue.record_paid_refund(self.work, refund_id, paid)

    # reviews

    def list_reviews(self, query: PageQuery) -> Page[OrderSummary]:
        return reviews.list_reviews(self.work, query)

    def decide_review(self, number: str, decision: DecideReview) -> ReviewedOrder:
        return reviews.decide_review(self.work, number, decision)

    def hold_order(self, number: str, hold: HoldOrder) -> OrderHoldView:
        return order_holds.hold_order(self.work, number, hold)

    def release_order(self, number: str) -> OrderHoldView:
        return order_holds.release_order(self.work, number)

    def list_holds(self, query: ListHolds) -> Page[OrderHoldView]:
        return order_holds.list_holds(self.work, query)

    # change requests

    def list_changes(self, number: str) -> Page[ChangeView]:
        return changes.list_changes(self.work, number)

    def propose_change(self, number: str, change: ProposeChange) -> ChangeView:
        return changes.propose_change(self.work, number, change)

    def preview_edit(self, number: str, edit: PreviewEdit) -> EditPreview:
        return edits.preview_edit(self.work, number, edit)

    def edit_order(self, number: str, edit: EditOrder) -> ChangeView:
        return edits.edit_order(self.work, number, edit)

    def withdraw_change(self, change_id: str) -> ChangeView:
        return changes.withdraw_change(self.work, change_id)

    @opens_its_own
    def answer_change(self, change_id: str, answer: AnswerChange) -> ChangeView:
        return changes.answer_change(self.transaction, change_id, answer)

    # parcels that do not arrive

    def list_remedies(self, query: ListRemedies) -> Page[RemedyView]:
        return remedies.list_remedies(self.work, query)

    @opens_its_own
    def answer_remedy(self, number: str, answer: AnswerRemedy) -> RemedyView:
        return remedies.answer_remedy(self.transaction, number, answer)

    def open_remedy(self, number: str, remedy: OpenRemedy) -> RemedyView:
        return remedies.open_remedy(self.work, number, remedy)

    def receive_goods(self, remedy_id: str, goods: ReceiveGoods) -> RemedyView:
        return remedies.receive_goods(self.work, remedy_id, goods)

    # by the clock

    @every(0.2, due=lambda work: work.payments.next_refund())
    def drive_refunds(self) -> None:
        """Send refunds to the bank, and ask about those that it has not settled."""
        submissions.drive_refunds(self.transaction, Parallel(BANK_CALLS))

    @every(5.0, due=paying_sessions.next_end)
    def end_sessions(self) -> None:
        """End payment pages that are not to be paid on any more."""
        paying_sessions.end_sessions(self.transaction, Parallel(BANK_CALLS))

    @every(900.0)
    def take_missed_facts(self) -> None:
        """Ask the bank for payments that it has not told us of."""
        paying_sessions.take_missed(self.transaction)

    @every(15.0)
    def see_to_waiting_refunds(self) -> None:
        """Put refunds in front again that waited for the ceiling of the day."""
        ceilings.put_in_front(self.transaction)

    @every(15.0)
    def expire_unpaid(self) -> None:
        """Let go of orders that were not paid in time; their stock is free again."""
        placing.expire_unpaid_orders(self.transaction)

    @every(15.0)
    def tell_of_moved_days(self) -> None:
        """Tell those who wait for goods that their day moved, or passed."""
        backorder_news.tell_of_moves(self.transaction)

    @every(15.0)
    def expire_changes(self) -> None:
        """Close proposed changes that the customer did not answer in time: nothing changes."""
        changes.expire_unanswered(self.transaction)

    @every(15.0)
    def ask_again(self) -> None:
        """Ask customers again what to do about a parcel that does not arrive."""
        remedies.ask_again(self.transaction)

    @every(5.0, due=lambda work: work.erasures.asked())
    def erase_what_ended(self) -> None:
        """Erase the orders whose customer asked for it while they were under way."""
        privacy.erase_what_ended(self.transaction)

    @every(3600.0)
    def erase_what_is_old(self) -> None:
        """Erase what the law lets us keep no longer."""
        privacy.erase_what_is_old(self.transaction)

    @every(86400.0)
    def mend_search(self) -> None:
        """Write the words of what an older release placed or erased; all orders are read for it."""
        for _ in range(privacy.PAGES):
            with self.transaction() as work:
                if not work.found.mend():
                    break

    @every(3600.0)
    def forget_webhooks(self) -> None:
        """Forget reports of the bank that are too old to come again."""
        payments.forget_webhooks(self.transaction)
