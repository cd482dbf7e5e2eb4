"""What orders tells of stock places."""

from __future__ import annotations

from services.common.basics.message import Message
from services.logistics.repository import Work
from services.orders.api.events import StockPlaceSaved


def on_stock_place_saved(work: Work, event: StockPlaceSaved, message: Message) -> None:
    """Know where parcels from there leave. What was handed over stays where it left; its papers say so no more."""
    address = event.line1, event.city, event.postal_code, event.country
    work.stock_places.remember(event.place).learn(event.place_version, event.name, address)
