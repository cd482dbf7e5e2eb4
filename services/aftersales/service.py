"""Aftersales on the bus: the calls it answers, the events it follows, and what it does by itself."""

from __future__ import annotations

from collections.abc import Mapping

from services.aftersales.api import AftersalesApi
from services.aftersales.api.pieces import DisposeReturn, SendBack, TakeSecondLook
from services.aftersales.api.postage import AskPostage, DecidePostage
from services.aftersales.api.replies import ReturnView
from services.aftersales.api.returns import (
    AnswerInfo,
    AppealReturn,
    ChooseRefund,
    InspectReturn,
    ListReturns,
    ReceiveReturn,
    RequestReturn,
    ReviewReturn,
    WithdrawReturn,
)
from services.aftersales.api.terms import CAUSES
from services.aftersales.handlers import customer, exchanges, goods, ledger, orders, postage, privacy, returns, team
from services.aftersales.repository import Work
from services.aftersales.settings import AftersalesSettings
from services.common.basics.shapes import Page
from services.common.runtime.database import Database
from services.common.runtime.following import on
from services.common.runtime.service import Service
from services.common.runtime.timers import every
from services.logistics.api import events as logistics_events
from services.orders.api import events as orders_events


class AftersalesService(Service, AftersalesApi):
    name = "aftersales"
    causes = CAUSES
    transaction: Database[Work] = Database(Work, AftersalesSettings)
    work: Work
    follows = (
        on(orders_events.OrderPlaced, orders.on_order_placed),
        on(orders_events.OrderChanged, orders.on_order_changed),
        on(orders_events.OrderDivided, orders.on_order_divided),
        on(orders_events.RemedyAccepted, orders.on_remedy_accepted),
        on(orders_events.OrderCancelled, orders.on_order_cancelled),
        on(logistics_events.ShipmentDelivered, orders.on_shipment_delivered),
        on(logistics_events.DeliveryTakenBack, orders.on_delivery_taken_back),
        on(orders_events.RefundSubmitted, ledger.on_refund_submitted, when=ledger.is_ours),
        on(orders_events.RefundFailed, ledger.on_refund_failed, when=ledger.is_ours),
        on(orders_events.RefundSettled, ledger.on_refund_settled, when=ledger.is_ours),
        on(orders_events.ExchangeRefused, exchanges.on_exchange_refused),
        on(orders_events.OrderErased, privacy.on_order_erased),
    )

    def personal_data(self) -> Mapping[str, object]:
        return privacy.export_returns(self.work)

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
        return returns.show(self.work, goods.receive_return(self.work, number, receipt))

    def inspect_return(self, number: str, inspection: InspectReturn) -> ReturnView:
        return returns.show(self.work, goods.inspect_return(self.work, number, inspection))

    def take_second_look(self, number: str, look: TakeSecondLook) -> ReturnView:
        return returns.show(self.work, goods.take_second_look(self.work, number, look))

    def dispose_return(self, number: str, disposal: DisposeReturn) -> ReturnView:
        return returns.show(self.work, goods.dispose_return(self.work, number, disposal))

    def send_back(self, number: str, sent: SendBack) -> ReturnView:
        return returns.show(self.work, goods.send_back(self.work, number, sent))

    def ask_postage(self, number: str, asked: AskPostage) -> ReturnView:
        return returns.show(self.work, postage.ask_postage(self.work, number, asked))

    def decide_postage(self, number: str, decided: DecidePostage) -> ReturnView:
        return returns.show(self.work, postage.decide_postage(self.work, number, decided))

    def appeal_return(self, number: str, appeal: AppealReturn) -> ReturnView:
        return returns.show(self.work, customer.appeal_return(self.work, number, appeal))

    def withdraw_return(self, number: str, withdrawal: WithdrawReturn) -> ReturnView:
        return returns.show(self.work, customer.withdraw_return(self.work, number, withdrawal))

    def choose_refund(self, number: str, chosen: ChooseRefund) -> ReturnView:
        return returns.show(self.work, exchanges.choose_refund(self.work, number, chosen))

    @every(30.0)
    def lapse_unsent_returns(self) -> None:
        """Let authorized returns lapse whose goods were not sent in time."""
        with self.transaction() as work:
            team.lapse_unsent(work)

    @every(5.0, due=lambda work: work.erasures.asked())
    def erase_what_ended(self) -> None:
        """Erase the returns whose customer asked for it while they were under way."""
        with self.transaction() as work:
            privacy.erase_what_ended(work)

    @every(30.0)
    def expire_appeals(self) -> None:
        """End the time for appeals: what was refused stays so."""
        with self.transaction() as work:
            goods.expire_appeals(work)
