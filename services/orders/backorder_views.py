"""What orders shows of goods that are not in stock. Pure."""

from __future__ import annotations

from services.common.basics.clock import rfc3339
from services.orders.api.backorders import BackorderTermsView, BackorderView
from services.orders.domain import Product
from services.orders.domain.backorder import Backorder, orderable


def backorder_view(waiting: Backorder) -> BackorderView:
    """Show pieces that an order waits for, or did."""
    return {
        "sku": waiting.sku,
        "quantity": waiting.quantity,
        "until": waiting.until,
        "told": waiting.told,
        "here_at": None if waiting.here_at is None else rfc3339(waiting.here_at),
    }


def terms_view(product: Product, on_hand: int, reserved: int, today: str) -> BackorderTermsView | None:
    """Show what can be ordered of a product beyond its stock."""
    left = orderable(on_hand, reserved, product.backorder_at_most) - max(on_hand - reserved, 0)
    if not product.takes_backorders(today) or product.backorder_until is None or left <= 0:
        return None
    return {"until": product.backorder_until, "left": left}
