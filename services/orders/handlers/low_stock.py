"""Products of which little is left: leads are told once when it sinks to the threshold, and not at each sale.

That an order gives pieces up does not make it news again; that goods came in does. Single pieces that come back with
returns do not either, or each of them would bring another mail at the next sale; only so many that there is plenty.
What promises pieces from stock does it by `reserve`, or tells `note_sale`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from services.orders.api.events import StockLow
from services.orders.domain import Product
from services.orders.domain.places import Level
from services.orders.repository import Work


def reserve(work: Work, counts: Mapping[str, int], order_number: str, one_of: Sequence[str] | None = None) -> list[str]:
    """Promise an order pieces that are in stock, and tell of products of which little is left. Raise OutOfStock.

    one_of: all from one of these places, or from any one. Return the places.
    """
    levels, places = work.stock.reserve(counts, order_number, one_of=one_of)
    if counts:
        found = work.products.find_all(counts).values()
        note_sale(work, [product for product in found if product.sku in levels], levels)
    return places


def note_sale(work: Work, products: Iterable[Product], levels: Mapping[str, Level]) -> None:
    """Tell of products of which little is left after a sale. levels: of now, locked."""
    low = {product.sku: product for product in products if _is_low(product, levels)}
    for sku in sorted(work.stock.begin_low(low)) if low else []:
        title, threshold = low[sku].title, low[sku].low_stock or 0
        told = StockLow(sku=sku, title=title, available=levels[sku].available, low_stock=threshold)
        with work.as_ourselves():  # the chain of a product is not erased with the customer who bought of it
            work.journal.record(told)


def look(work: Work, sku: str, *, came_back: bool = False) -> None:
    """See whether there is enough of a product, or little: its stock was counted, came in or came back."""
    product = work.products.get(sku)
    if product.low_stock is not None:
        look_at(work, [product], came_back=came_back)


def look_at(work: Work, products: Sequence[Product], *, came_back: bool = False) -> None:
    """See whether there is enough of these products, or little: of some, the threshold is another one, or none."""
    levels = work.stock.levels([product.sku for product in products], lock=True)
    note_sale(work, products, levels)
    enough = [each.sku for each in products if _is_enough(each, levels[each.sku].available, came_back=came_back)]
    if enough:
        work.stock.end_low(enough)


def _is_low(product: Product, levels: Mapping[str, Level]) -> bool:
    return product.low_stock is not None and levels[product.sku].available <= product.low_stock


def _is_enough(product: Product, available: int, *, came_back: bool) -> bool:
    """Return whether the next sale down to the threshold is news. Pieces that came back have to be plenty for that."""
    if product.low_stock is None:
        return True
    return available > (2 * product.low_stock if came_back else product.low_stock)
