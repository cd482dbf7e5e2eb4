"""What an order is and may become: aggregates, statuses, transitions, and the events they return."""

from services.orders.domain.catalogue import (
    Cause,
    OutOfStock,
    Product,
    StockTooLow,
    UnknownProduct,
    VersionMoved,
)
from services.orders.domain.change import Change, ChangeKind, ChangeStale, ChangeStatus, ConsentRequired
from services.orders.domain.fulfillment import Fulfillment, stage_of
from services.orders.domain.order import Order, OrderStatus, Quoted, ReviewStatus
from services.orders.domain.payment import (
    Payment,
    PaymentStatus,
    Refund,
    RefundCause,
    RefundStatus,
    RefundTooLarge,
    UnitRefunded,
)
from services.orders.domain.states import WrongStatus
from services.orders.domain.values import Address, Consent, Contact, OrderLine

__all__ = [
    "Address",
    "Cause",
    "Change",
    "ChangeKind",
    "ChangeStale",
    "ChangeStatus",
    "Consent",
    "ConsentRequired",
    "Contact",
    "Fulfillment",
    "Order",
    "OrderLine",
    "OrderStatus",
    "OutOfStock",
    "Payment",
    "PaymentStatus",
    "Product",
    "Quoted",
    "Refund",
    "RefundCause",
    "RefundStatus",
    "RefundTooLarge",
    "ReviewStatus",
    "StockTooLow",
    "UnitRefunded",
    "UnknownProduct",
    "VersionMoved",
    "WrongStatus",
    "stage_of",
]
