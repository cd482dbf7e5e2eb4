"""Which documents an order has by now, as `customer/js/order-papers.js` tells it. Pure."""

from __future__ import annotations

from services.common.basics.untyped import JsonDict
from services.common.language import N_

RECEIPT, SHIPPING, REFUND = N_("Receipt (PDF)"), N_("Shipping confirmation (PDF)"), N_("Refund confirmation (PDF)")
CREDIT_NOTE = N_("Credit note, {amount} (PDF)")
NOTHING = "0.00"


def papers_of(order: JsonDict) -> list[tuple[str, str, JsonDict | None]]:
    """Return the documents: the address below the order's own, the title, and the amount that is in it."""
    found: list[tuple[str, str, JsonDict | None]] = []
    if order["account"]["captured"]["amount"] != NOTHING:
        found.append(("receipt", RECEIPT, None))
    if any(each["dispatched_at"] for each in order["shipments"]):
        found.append(("shipping-confirmation", SHIPPING, None))
    if order["refunds"]:
        found.append(("refund-confirmation", REFUND, None))
    paid = [each for each in order["refunds"] if each["settled_at"]]
    return [*found, *((f"refunds/{each['id']}/credit-note", CREDIT_NOTE, each["amount"]) for each in paid)]
