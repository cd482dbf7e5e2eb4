"""Which events of others support follows, and what it does then."""

from __future__ import annotations

from services import SERVICES
from services.aftersales.api import events as aftersales_events
from services.common.commitments.events import CommitmentAtRisk, CommitmentBreached
from services.common.runtime.following import on
from services.logistics.api import events as logistics_events
from services.orders.api import events as orders_events
from services.support.adapters.mail.aftersales import return_exchange_ended, return_refund_chosen
from services.support.adapters.mail.exchanges import exchange_arranged
from services.support.api.sorting import OrderState
from services.support.handlers import complaints, following, privacy, promises, uploads
from services.support.handlers.sorting import knowing
from services.support.sent_out import also_sent_out

TOLD = (
    on(orders_events.OrderPlaced, following.on_order_placed),
    on(
        orders_events.PaymentCaptured,
        knowing(OrderState.PAID, following.on_payment_captured),
        when=following.is_told_by_itself,
    ),
    on(orders_events.PaymentFailed, following.on_payment_failed),
    on(orders_events.PaymentNeedsAttention, following.on_payment_needs_attention),
    on(orders_events.UnknownPaymentFound, following.on_unknown_payment_found),
    on(orders_events.DisputeDecided, following.on_dispute_decided),
    on(orders_events.BooksUnread, following.on_books_unread),
    on(orders_events.RefundCeilingReached, following.on_refund_ceiling_reached),
    on(orders_events.ErasuresHeldUp, following.on_erasures_held_up),
    on(orders_events.StockLow, following.on_stock_low),
    on(orders_events.ReviewPassed, following.on_review_passed),
    on(orders_events.ReviewNeedsContact, knowing(OrderState.PAID, following.on_review_needs_contact)),
    on(orders_events.ChangeRequested, following.on_change_requested),
    on(orders_events.ChangeAccepted, following.on_change_accepted),
    on(orders_events.ChangeDeclined, following.on_change_declined),
    on(orders_events.ChangeClosed, following.on_change_closed),
    on(orders_events.OrderChanged, following.on_order_changed),
    on(orders_events.CancellationRequested, following.on_cancellation_requested),
    on(orders_events.OrderCancelled, knowing(OrderState.CANCELLED, following.on_order_cancelled)),
    on(orders_events.OrderExpired, knowing(OrderState.EXPIRED, following.on_order_expired)),
    on(orders_events.RefundSettled, following.on_refund_settled, when=following.is_told_here),
    on(orders_events.RefundFailed, following.on_refund_failed),
    on(orders_events.GoodwillGranted, complaints.on_goodwill_granted),
    on(orders_events.ResendOffered, complaints.on_resend_offered),
    on(orders_events.GoodwillRefused, complaints.on_goodwill_refused),
    on(orders_events.RemedyRequested, following.on_remedy_requested),
    on(orders_events.RemedyAccepted, following.on_remedy_accepted),
    on(orders_events.RemedyClosed, following.on_remedy_closed),
    on(orders_events.ExchangeArranged, following.telling(exchange_arranged)),
    on(orders_events.RemedyOvertaken, following.on_remedy_overtaken),
    on(orders_events.OrdersSorted, privacy.on_orders_sorted),
    on(logistics_events.ShipmentsErased, privacy.on_shipments_erased),
    on(aftersales_events.ReturnsErased, privacy.on_returns_erased),
    on(logistics_events.ShipmentDispatched, knowing(OrderState.SHIPPED, following.on_shipment_dispatched)),
    on(logistics_events.RecallRefused, following.on_recall_refused),
    on(logistics_events.ParcelCorrected, following.on_parcel_corrected),
    on(logistics_events.TrackingUpdated, following.on_tracking_updated, when=following.is_key_status),
    on(logistics_events.ParcelFactsTold, following.on_parcel_facts_told, when=following.names_place),
    on(logistics_events.ParcelDelivered, knowing(OrderState.DELIVERED, following.on_parcel_delivered)),
    on(
        logistics_events.DeliveryTakenBack,
        knowing(OrderState.SHIPPED, following.on_delivery_taken_back, taken_back=True),
    ),
    on(logistics_events.ParcelException, following.on_parcel_exception),
    on(logistics_events.ParcelStuck, following.on_parcel_stuck),
    on(aftersales_events.ReturnRequested, following.on_return_requested),
    on(aftersales_events.ReturnFilesNamed, uploads.on_return_files_named),
    on(logistics_events.BoxPhotographed, uploads.on_box_photographed),
    on(aftersales_events.ReturnInfoRequested, following.on_return_info_requested),
    on(aftersales_events.ReturnAuthorized, following.on_return_authorized),
    on(aftersales_events.ReturnRejected, following.on_return_rejected),
    on(aftersales_events.ReturnReceived, following.on_return_received),
    on(aftersales_events.ReturnInspected, following.on_return_inspected),
    on(aftersales_events.ReturnSentBack, following.on_return_sent_back),
    on(aftersales_events.ReturnRefunded, following.on_return_refunded),
    on(aftersales_events.ReturnExchangeEnded, following.telling(return_exchange_ended)),
    on(aftersales_events.ReturnRefundChosen, following.telling(return_refund_chosen)),
    on(aftersales_events.ReturnPostageAsked, following.on_return_postage_asked),
    on(aftersales_events.ReturnPostageDecided, following.on_return_postage_decided),
    *(on(CommitmentAtRisk, promises.on_commitment_at_risk, source=source) for source in SERVICES),
    *(on(CommitmentBreached, promises.on_commitment_breached, source=source) for source in SERVICES),
)

FOLLOWS = also_sent_out(TOLD)
"""The same, and what the shop's own systems are told."""
