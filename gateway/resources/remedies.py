"""Parcels that do not arrive over HTTP: staff see them, the customer decides what is done (standard, section 3)."""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.shapes import Page
from services.orders.api import OrdersApi
from services.orders.api.remedies import AnswerRemedy, ListRemedies, OpenRemedy, ReceiveGoods, RemedyView

ORDER = "/orders/<number(ORD):number>"

blp = Resource("remedies", "Parcels that do not arrive: sent again, paid back, or waited for, as the customer chooses")


@blp.get("/remedies", OrdersApi.list_remedies)
def list_remedies(query: ListRemedies) -> Page[RemedyView]:
    return services().orders.list_remedies(query)


@blp.post(f"{ORDER}/remedies", OrdersApi.open_remedy, status=201)
def open_remedy(number: str, remedy: OpenRemedy) -> RemedyView:
    return services().orders.open_remedy(number, remedy)


@blp.post(f"{ORDER}/remedy", OrdersApi.answer_remedy)
def answer_remedy(number: str, answer: AnswerRemedy) -> RemedyView:
    return services().orders.answer_remedy(number, answer)


@blp.post("/remedies/<number(RMD):remedy_id>/goods", OrdersApi.receive_goods)
def receive_goods(remedy_id: str, goods: ReceiveGoods) -> RemedyView:
    return services().orders.receive_goods(remedy_id, goods)
