"""Mails to staff about the stock (standard, section 2: nothing is promised that is not there)."""

from __future__ import annotations

from services.orders.api.events import StockLow
from services.support.adapters.mail.letter import Mail
from services.support.domain import Link


def stock_low(event: StockLow) -> Mail:
    """Write the mail to the lead: little of a product is left."""
    return Mail(
        f"Little is left · {event.sku}",
        f"{event.available} of {event.title} ({event.sku}) are left to sell; you wanted to know at {event.low_stock}.",
        "please order more, or say until when it can be ordered before it is here. You are told again when goods have "
        "come in and it sinks once more.",
        "",
        Link.DESK,
    )
