"""Change requests over HTTP: staff propose, the customer decides (standard, section 2: never without authorization)."""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.shapes import Page
from services.orders.api import AnswerChange, ChangeView, OrdersApi, ProposeChange

blp = Resource("changes", "Changes to an order, which need its customer's consent")


@blp.get("/orders/<number(ORD):number>/changes", OrdersApi.list_changes)
def list_changes(number: str) -> Page[ChangeView]:
    return services().orders.list_changes(number)


@blp.post("/orders/<number(ORD):number>/changes", OrdersApi.propose_change, status=201)
def propose_change(number: str, change: ProposeChange) -> ChangeView:
    return services().orders.propose_change(number, change)


@blp.delete("/changes/<number(CHG):change_id>", OrdersApi.withdraw_change)
def withdraw_change(change_id: str) -> ChangeView:
    return services().orders.withdraw_change(change_id)


@blp.post("/changes/<number(CHG):change_id>/answer", OrdersApi.answer_change)
def answer_change(change_id: str, answer: AnswerChange) -> ChangeView:
    return services().orders.answer_change(change_id, answer)
