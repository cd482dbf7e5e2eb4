"""Aftersales on the bus: the calls it answers, the events it follows, and what it does by itself."""

from __future__ import annotations

from services.aftersales import heard
from services.aftersales.api import AftersalesApi
from services.aftersales.api.replies import ReturnView
from services.aftersales.api.returns import (
    AnswerInfo,
    AppealReturn,
    InspectReturn,
    ListReturns,
    ReceiveReturn,
    RequestReturn,
    ReviewReturn,
    WithdrawReturn,
)
from services.aftersales.handlers import customer, ledger, orders, returns, team
from services.aftersales.repository import Work
from services.aftersales.settings import AftersalesSettings
from services.common.basics.shapes import Page
from services.common.runtime.database import Database
from services.common.runtime.following import on
from services.common.runtime.service import Service
from services.common.runtime.timers import every


class AftersalesService(Service, AftersalesApi):
    name = "aftersales"
    transaction: Database[Work] = Database(Work, AftersalesSettings)
    work: Work
    follows = (
        on(heard.OrderPlaced, orders.on_order_placed),
        on(heard.OrderChanged, orders.on_order_changed),
        on(heard.OrderCancelled, orders.on_order_cancelled),
        on(heard.ShipmentDelivered, orders.on_shipment_delivered),
        on(heard.DeliveryTakenBack, orders.on_delivery_taken_back),
        on(heard.RefundSubmitted, ledger.on_refund_submitted),
        on(heard.RefundFailed, ledger.on_refund_failed),
        on(heard.RefundSettled, ledger.on_refund_settled),
    )

    def may_see_order(self, order_number: str) -> bool:
        return returns.may_see_order(self.work, order_number)

    def request_return(self, request: RequestReturn) -> ReturnView:
        return returns.show(self.work, customer.request_return(self.work, request))

    def list_returns(self, query: ListReturns) -> Page[ReturnView]:
        return returns.list_returns(self.work, query)

    def get_return(self, number: str) -> ReturnView:
        return returns.show(self.work, returns.get_return(self.work, number))

    def review_return(self, number: str, review: ReviewReturn) -> ReturnView:
        return returns.show(self.work, team.review_return(self.work, number, review))

    def answer_info(self, number: str, told: AnswerInfo) -> ReturnView:
        return returns.show(self.work, customer.answer_info(self.work, number, told))

    def receive_return(self, number: str, receipt: ReceiveReturn) -> ReturnView:
        return returns.show(self.work, team.receive_return(self.work, number, receipt))

    def inspect_return(self, number: str, inspection: InspectReturn) -> ReturnView:
        return returns.show(self.work, team.inspect_return(self.work, number, inspection))

    def appeal_return(self, number: str, appeal: AppealReturn) -> ReturnView:
        return returns.show(self.work, customer.appeal_return(self.work, number, appeal))

    def withdraw_return(self, number: str, withdrawal: WithdrawReturn) -> ReturnView:
        return returns.show(self.work, customer.withdraw_return(self.work, number))

    @every(30.0)
    def lapse_unsent_returns(self) -> None:
        with self.transaction() as work:
            team.lapse_unsent(work)
