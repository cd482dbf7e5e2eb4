"""What an order is and may become: aggregates, transitions, and the events they return. Pure."""

from services.orders.domain import disputes
from services.orders.domain.account import Account, shares
from services.orders.domain.attention import Attention
from services.orders.domain.catalogue import Cause, Product
from services.orders.domain.change import Change, Option
from services.orders.domain.discount import Discount, Quoted
from services.orders.domain.fulfillment import Fulfillment, PackedLine, may_change, stage_of_shipments
from services.orders.domain.hold import held_until, mailbox_key, place_key
from services.orders.domain.legal import LegalTerm, withdrawal_term
from services.orders.domain.order import Order
from services.orders.domain.payment import Payment, RefundTooLarge, UnitRefunded
from services.orders.domain.refund import Refund
from services.orders.domain.remedy import Remedy
from services.orders.domain.rest import ListedOrder
from services.orders.domain.review import RecordedCheck, automatic_checks
from services.orders.domain.values import OrderLine

__all__ = [
    "Account",
    "Attention",
    "Cause",
    "Change",
    "Discount",
    "Fulfillment",
    "LegalTerm",
    "ListedOrder",
    "Option",
    "Order",
    "OrderLine",
    "PackedLine",
    "Payment",
    "Product",
    "Quoted",
    "RecordedCheck",
    "Refund",
    "RefundTooLarge",
    "Remedy",
    "UnitRefunded",
    "automatic_checks",
    "disputes",
    "held_until",
    "mailbox_key",
    "may_change",
    "place_key",
    "shares",
    "stage_of_shipments",
    "withdrawal_term",
]
