"""Discount codes over HTTP, and what an order would cost with one."""

from __future__ import annotations

from gateway.http import limits
from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.shapes import Page
from services.orders.api import OrdersApi
from services.orders.api.discounts import DiscountView, ListDiscounts, QuoteOrder, QuoteView, SaveDiscount

blp = Resource("discounts", "Discount codes, and what an order would cost")


@blp.post("/orders/quote", OrdersApi.quote_order, limit=limits.QUOTES)
def quote_order(wish: QuoteOrder) -> QuoteView:
    return services().orders.quote_order(wish)


@blp.get("/discounts", OrdersApi.list_discounts)
def list_discounts(query: ListDiscounts) -> Page[DiscountView]:
    return services().orders.list_discounts(query)


@blp.get("/discounts/<discount:code>", OrdersApi.get_discount)
def get_discount(code: str) -> DiscountView:
    return services().orders.get_discount(code)


@blp.put("/discounts/<discount:code>", OrdersApi.put_discount)
def put_discount(code: str, discount: SaveDiscount) -> DiscountView:
    return services().orders.put_discount(code, discount)
