"""Aftersales on the bus: the calls it answers and the events it follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.aftersales import schemas, views
from services.aftersales.domain import ClaimStatus, Return
from services.aftersales.handlers import asking, deciding, following, shared
from services.aftersales.repository import Work
from services.aftersales.settings import AftersalesSettings
from services.common.basics.caller import AFTERSALES, AGENT, LEAD
from services.common.basics.message import Message
from services.common.bus.rpc import rpc
from services.common.edge.fields import load
from services.common.runtime.config import Configured
from services.common.runtime.database import Database
from services.common.runtime.messaging import subscribe
from services.common.runtime.service import Service
from services.common.runtime.timers import every

Json = dict[str, Any]


class AftersalesService(Service):
    name = "aftersales"
    transaction: Database[Work] = Database(Work)
    settings = Configured(AftersalesSettings)

    @rpc
    def request_return(self, request: Json) -> Json:
        asked, rules = load(schemas.RequestReturn, request), self.settings.rules
        return self._command("request_return", request, lambda work: asking.request_return(work, asked, rules))

    @rpc
    def answer_info(self, number: str, request: Json) -> Json:
        told = load(schemas.AnswerInfo, request)
        return self._step("answer_info", number, request, lambda work: asking.answer_info(work, number, told))

    @rpc
    def appeal_return(self, number: str, request: Json) -> Json:
        statement, rules = load(schemas.AppealReturn, request)["statement"], self.settings.rules
        return self._step(
            "appeal_return", number, request, lambda work: asking.appeal_return(work, number, statement, rules)
        )

    @rpc
    def withdraw_return(self, number: str, request: Json) -> Json:
        load(schemas.WithdrawReturn, request)
        return self._step("withdraw_return", number, request, lambda work: asking.withdraw_return(work, number))

    @rpc
    def review_return(self, number: str, request: Json) -> Json:
        review, rules = load(schemas.ReviewReturn, request), self.settings.rules
        return self._step(
            "review_return", number, request, lambda work: deciding.review_return(work, number, review, rules)
        )

    @rpc
    def receive_return(self, number: str, request: Json) -> Json:
        receipt, rules = load(schemas.ReceiveReturn, request), self.settings.rules
        return self._step(
            "receive_return", number, request, lambda work: deciding.receive_return(work, number, receipt, rules)
        )

    @rpc
    def inspect_return(self, number: str, request: Json) -> Json:
        inspection, rules = load(schemas.InspectReturn, request), self.settings.rules
        return self._step(
            "inspect_return", number, request, lambda work: deciding.inspect_return(work, number, inspection, rules)
        )

    @rpc
    def get_return(self, number: str) -> Json:
        with self.transaction(reading=True) as work:
            item = work.returns.get(number)
            shared.require_sight(work.caller, item)
            return _shown(work, item)

    @rpc
    def list_returns(self, query: Json) -> Json:
        wanted = load(schemas.ListReturns, query)
        with self.transaction(reading=True) as work:
            found: Json = work.returns.page_for(work.caller, **wanted)
            clocks = work.commitments.of_subjects(item.number for item in found["items"]) if found["items"] else []
            return {**found, "items": [_shown(work, item, clocks) for item in found["items"]]}

    @every(30.0)
    def lapse_unsent_returns(self) -> None:
        with self.transaction() as work:
            deciding.lapse_unsent(work)

    @subscribe("orders", "order_placed")
    def on_order_placed(self, work: Work, message: Message) -> None:
        event = load(schemas.OrderPlaced, message.body)
        following.remember_order(work, event)

    @subscribe("orders", "order_changed")
    def on_order_changed(self, work: Work, message: Message) -> None:
        event = load(schemas.OrderChanged, message.body)
        following.change_order(work, event)

    @subscribe("orders", "order_cancelled")
    def on_order_cancelled(self, work: Work, message: Message) -> None:
        event = load(schemas.OrderCancelled, message.body)
        following.cancel_order(work, event, message.occurred_at)

    @subscribe("logistics", "shipment_delivered")
    def on_shipment_delivered(self, work: Work, message: Message) -> None:
        event = load(schemas.ShipmentDelivered, message.body)
        following.open_return_window(work, event)

    @subscribe("orders", "refund_submitted")
    def on_refund_submitted(self, work: Work, message: Message) -> None:
        self._on_refund(work, ClaimStatus.SUBMITTED, message)

    @subscribe("orders", "refund_failed")
    def on_refund_failed(self, work: Work, message: Message) -> None:
        self._on_refund(work, ClaimStatus.FAILED, message)

    @subscribe("orders", "refund_settled")
    def on_refund_settled(self, work: Work, message: Message) -> None:
        self._on_refund(work, ClaimStatus.SETTLED, message)

    def may_see_order(self, order_number: str) -> bool:
        """An order nobody told us of has no entries here; for a known one it is staff and its customer."""
        email, caller = self.work.orders.email_of(order_number), self.work.caller
        return email is None or caller.is_staff or caller.owns(f"order:{order_number}", email)

    def _on_refund(self, work: Work, status: ClaimStatus, message: Message) -> None:
        event = load(schemas.RefundNews, message.body)
        following.hear_of_refund(work, status, event, message.subject_seq)

    def _step(self, command: str, number: str, request: Json, act: Callable[[Work], Return]) -> Json:
        return self._command(command, {"number": number, "request": request}, act)

    def _command(self, command: str, request: Any, act: Callable[[Work], Return]) -> Json:
        """Do it once for the caller's idempotency key, and answer with the return as it then is."""
        with self.transaction() as work:
            answer: Json = work.once(command, request, lambda: _shown(work, act(work)))
            return answer


def _shown(work: Work, item: Return, clocks: Any = None) -> Json:
    clocks = work.commitments.of_subjects([item.number]) if clocks is None else clocks
    return views.shown(item, clocks, work.now, to_staff=work.caller.has(AGENT, AFTERSALES, LEAD))
