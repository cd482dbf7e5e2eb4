"""Products of which little is left: leads are told once when it sinks to the threshold, and not at each sale.

That an order gives pieces up does not make it news again; that goods came in, or came back, does. What promises pieces
from stock does it by `reserve`, or tells `note_sale`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from services.orders.api.events import StockLow
from services.orders.domain import Product
from services.orders.domain.places import Level
from services.orders.repository import Work


def reserve(work: Work, counts: Mapping[str, int], order_number: str) -> None:
    """Promise an order pieces that are in stock, and tell of products of which little is left. Raise OutOfStock."""
    levels = work.stock.reserve(counts, order_number)
    if counts:
        found = work.products.find_all(counts).values()
        note_sale(work, [product for product in found if product.sku in levels], levels)


def note_sale(work: Work, products: Iterable[Product], levels: Mapping[str, Level]) -> None:
    """Tell of products of which little is left after a sale. levels: of now, locked."""
    low = {product.sku: product for product in products if _is_low(product, levels)}
    for sku in sorted(work.stock.begin_low(low)) if low else []:
        title, threshold = low[sku].title, low[sku].low_stock or 0
        told = StockLow(sku=sku, title=title, available=levels[sku].available, low_stock=threshold)
        with work.as_ourselves():  # the chain of a product is not erased with the customer who bought of it
            work.journal.record(told)


def look(work: Work, sku: str) -> None:
    """See whether there is enough of a product, or little: its stock was counted or came in."""
    product = work.products.get(sku)
    if product.low_stock is not None:
        look_at(work, [product])


def look_at(work: Work, products: Sequence[Product]) -> None:
    """See whether there is enough of these products, or little: of some, the threshold is another one, or none."""
    levels = work.stock.levels([product.sku for product in products], lock=True)
    note_sale(work, products, levels)
    enough = [product.sku for product in products if not _is_low(product, levels)]
    if enough:
        work.stock.end_low(enough)


def _is_low(product: Product, levels: Mapping[str, Level]) -> bool:
    return product.low_stock is not None and levels[product.sku].available <= product.low_stock
