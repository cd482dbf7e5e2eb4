"""Changes over HTTP: staff propose, the customer decides (standard, section 2: never without authorization).

Until the parcel is packed, customers change their orders themselves: first the preview, then the edit with its digest.
"""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.shapes import Page
from services.orders.api import AnswerChange, ChangeView, OrdersApi, ProposeChange
from services.orders.api.edits import EditOrder, EditPreview, PreviewEdit

blp = Resource("changes", "Changes to an order, which need its customer's consent")


@blp.get("/orders/<number(ORD):number>/changes", OrdersApi.list_changes)
def list_changes(number: str) -> Page[ChangeView]:
    return services().orders.list_changes(number)


@blp.post("/orders/<number(ORD):number>/changes", OrdersApi.propose_change, status=201)
def propose_change(number: str, change: ProposeChange) -> ChangeView:
    return services().orders.propose_change(number, change)


@blp.post("/orders/<number(ORD):number>/edits/preview", OrdersApi.preview_edit)
def preview_edit(number: str, edit: PreviewEdit) -> EditPreview:
    return services().orders.preview_edit(number, edit)


@blp.post("/orders/<number(ORD):number>/edits", OrdersApi.edit_order, status=201)
def edit_order(number: str, edit: EditOrder) -> ChangeView:
    return services().orders.edit_order(number, edit)


@blp.delete("/changes/<number(CHG):change_id>", OrdersApi.withdraw_change)
def withdraw_change(change_id: str) -> ChangeView:
    return services().orders.withdraw_change(change_id)


@blp.post("/changes/<number(CHG):change_id>/answer", OrdersApi.answer_change)
def answer_change(change_id: str, answer: AnswerChange) -> ChangeView:
    return services().orders.answer_change(change_id, answer)
