"""What mails say of the stock (standard, section 2): that goods are not here yet, and to staff that little is left."""

from __future__ import annotations

from datetime import date

from services.common.language import day_in_words
from services.logistics.api.terms import DISPATCH, TERMS
from services.orders.api.events import StockLow
from services.support.adapters.mail.letter import Mail
from services.support.adapters.mail.words import _, in_words
from services.support.domain import Link


def awaited(goods_by: str | None) -> str:
    """Say by when what is not in stock is expected, and what counts from there; nothing where all is here."""
    if goods_by is None:
        return ""
    expected = _(
        "Not all of it is in stock: it is expected by {day}. It leaves us within {time} from when all of it is here.",
        day=day_in_words(date.fromisoformat(goods_by)),
        time=in_words(TERMS[DISPATCH]),
    )
    moves = _("If that day moves to a later one, we write to you, and you may cancel for all that you paid.")
    return f"\n\n{expected} {moves}"


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
