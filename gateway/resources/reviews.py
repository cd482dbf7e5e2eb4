"""The order review over HTTP: what waits for a person, and what they found (standard, section 2)."""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.shapes import Page, PageQuery
from services.orders.api import DecideReview, OrdersApi, OrderSummary, ReviewedOrder

blp = Resource("reviews", "The review of orders: order information, payment, delivery")


@blp.get("/reviews", OrdersApi.list_reviews)
def list_reviews(query: PageQuery) -> Page[OrderSummary]:
    return services().orders.list_reviews(query)


@blp.post("/orders/<number(ORD):number>/review", OrdersApi.decide_review)
def decide_review(number: str, decision: DecideReview) -> ReviewedOrder:
    return services().orders.decide_review(number, decision)
