"""The calls about prices: discount codes, and what an order would cost."""

from __future__ import annotations

from services.common.basics.shapes import Page
from services.orders.api.discounts import DiscountView, ListDiscounts, QuoteOrder, QuoteView, SaveDiscount
from services.orders.handlers import discounts
from services.orders.repository import Work


class OrdersPricing:
    """A part of the service (`service`); each call has its transaction in `work`."""

    work: Work

    def quote_order(self, wish: QuoteOrder) -> QuoteView:
        return discounts.quote_order(self.work, wish)

    def list_discounts(self, query: ListDiscounts) -> Page[DiscountView]:
        return discounts.list_discounts(self.work, query)

    def get_discount(self, code: str) -> DiscountView:
        return discounts.get_discount(self.work, code)

    def put_discount(self, code: str, discount: SaveDiscount) -> DiscountView:
        return discounts.put_discount(self.work, code, discount)
