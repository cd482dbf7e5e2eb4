"""Products of which little is left: leads are told once when it sinks to the threshold, and not at each sale.

That a customer gives pieces back does not make it news again; that goods came in does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.orders.api.events import StockLow
from services.orders.domain import Product
from services.orders.repository import Work
from services.orders.repository.stock import Level


def note_sale(work: Work, products: Iterable[Product], levels: Mapping[str, Level]) -> None:
    """Tell of products of which little is left after a sale. levels: of now, locked."""
    for product in products:
        _tell_if_low(work, product, levels[product.sku])


def look(work: Work, sku: str) -> None:
    """See whether there is enough of a product, or little: its stock was counted or came in, or its threshold moved."""
    product = work.products.get(sku)
    if product.low_stock is None:
        return
    level = work.stock.levels([product.sku], lock=True)[product.sku]
    _tell_if_low(work, product, level)
    if level.available > product.low_stock:
        work.stock.end_low(product.sku)


def _tell_if_low(work: Work, product: Product, level: Level) -> None:
    if product.low_stock is None or level.available > product.low_stock or not work.stock.begin_low(product.sku):
        return
    told = StockLow(sku=product.sku, title=product.title, available=level.available, low_stock=product.low_stock)
    with work.as_ourselves():  # the chain of a product is not erased with the customer who bought of it
        work.journal.record(told)
