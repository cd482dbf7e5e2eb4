"""Documents with a number that were issued; part of orders' events (`events`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.common.basics.money import Money
from services.orders.api.order_event import OrderEvent
from services.orders.api.statuses import DocumentKind


@dataclass(frozen=True, kw_only=True)
class DocumentIssued(OrderEvent):
    """A receipt, or a credit note, has its number for ever.

    refund_id: whose credit note it is; empty for a receipt. corrects: the credit note that it takes back.
    """

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False
    number: str
    kind: DocumentKind
    payment_id: str
    refund_id: str
    amount: Money
    corrects: str = ""
