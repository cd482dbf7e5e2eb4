"""A store with one delivered order of three lamps, and short names for the commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from services.aftersales.api.pieces import DisposeReturn, SendBack, TakeSecondLook
from services.aftersales.api.postage import AskPostage, DecidePostage
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
from services.aftersales.api.statuses import Outcome
from services.aftersales.domain import Return
from services.aftersales.handlers import customer, exchanges, goods, postage, team
from services.aftersales.repository import Work
from services.aftersales.service import AftersalesService
from services.aftersales.tests import builders
from services.aftersales.tests.builders import NOW, ORDER_NUMBER
from services.common import testing
from services.common.basics import clock
from services.common.basics.caller import SYSTEM, Caller
from services.common.basics.events import Event
from services.common.basics.message import Message
from services.common.basics.shapes import Page, Verdict
from services.common.edge.schemas import load
from services.common.store.database import Store
from services.common.testing import event_like
from services.logistics.api.events import ShipmentDelivered
from services.orders.api.events import ExchangeRefused, OrderPlaced

ADA, EVE = testing.customer("ada@example.com"), testing.customer("eve@example.com")
GRACE, ALAN, EDSGER = (
    testing.staff("aftersales", email=f"{name}@pledge.example") for name in ("grace", "alan", "edsger")
)
LEAD, AGENT = testing.staff("lead"), testing.staff("agent")


class Scene:
    """A store with one delivered order of three lamps, and short names for the commands."""

    def __init__(self, store: Store):
        self.store = store
        store.settings = builders.SETTINGS
        self.now = NOW

    @contextmanager
    def work(self, caller: Caller = SYSTEM) -> Iterator[Work]:
        with clock.frozen(self.now), self.store.work(Work, caller) as work:
            yield work

    def hear(self, event: type[Event], body: dict[str, Any], seq: int = 1) -> None:
        """Let an event arrive as its emitter would send it."""
        (following,) = (each for each in AftersalesService.follows if each.event is event)
        with self.work() as work:
            message = Message(
                "1", following.source, event.type, 1, ORDER_NUMBER, seq, ORDER_NUMBER, self.now, "", "test", body
            )
            following.handler(work, event_like(event, body), message)

    def deliver(self) -> None:
        self.hear(OrderPlaced, builders.order_placed())
        self.hear(ShipmentDelivered, builders.shipment_delivered())

    def request(self, caller: Caller = ADA, **more: Any) -> Return:
        with self.work(caller) as work:
            return customer.request_return(work, load(RequestReturn, builders.wanted(**more)))

    def review(self, number: str, caller: Caller = GRACE, decision: str = "authorize", **more: Any) -> Return:
        body = {"decision": decision, "parts": builders.parts_json(), **more}
        with self.work(caller) as work:
            return team.review_return(work, number, load(ReviewReturn, body))

    def reject(self, number: str, caller: Caller) -> Return:
        more = {"ground": "incomplete", "explanation": "The plug is missing."}
        return self.review(number, caller, "reject", parts=builders.parts_json(failed="product_status"), **more)

    def answer(self, number: str, caller: Caller = ADA, **told: Any) -> Return:
        with self.work(caller) as work:
            return customer.answer_info(work, number, load(AnswerInfo, told))

    def appeal(self, number: str) -> Return:
        with self.work(ADA) as work:
            return customer.appeal_return(work, number, AppealReturn("It is in the box."))

    def withdraw(self, number: str, caller: Caller = ADA, **more: Any) -> Return:
        with self.work(caller) as work:
            return customer.withdraw_return(work, number, WithdrawReturn(**more))

    def choose_refund(self, number: str, caller: Caller = ADA) -> Return:
        with self.work(caller) as work:
            return exchanges.choose_refund(work, number, ChooseRefund("refund"))

    def brought(self, shipment_number: str, seq: int = 2, at: str = "2026-03-20T12:00:00Z") -> None:
        """Let a shipment arrive."""
        self.hear(ShipmentDelivered, {**builders.shipment_delivered(at=at), "shipment_number": shipment_number}, seq)

    def refuse_exchange(self, number: str, shipment_number: str, why: str = "out_of_stock") -> None:
        """Let orders say that nothing is sent in exchange."""
        told = {"return_number": number, "shipment_number": shipment_number, "why": why, "order_number": ORDER_NUMBER}
        self.hear(ExchangeRefused, told, 9)

    def receive(self, number: str, quantity: int = 1, condition: str = "received_ok", caller: Caller = GRACE) -> Return:
        body = {"lines": [{"sku": "LAMP-1", "quantity": quantity, "condition": condition}]}
        with self.work(caller) as work:
            return goods.receive_return(work, number, load(ReceiveReturn, body))

    def inspect(self, number: str, quantity: int = 1, outcome: str = "accepted", caller: Caller = GRACE) -> Return:
        found = builders.FOUND if outcome == "disputed" else {"note": "looked at"}
        body = {"lines": [{"sku": "LAMP-1", "quantity": quantity, "outcome": outcome, **found}]}
        with self.work(caller) as work:
            return goods.inspect_return(work, number, load(InspectReturn, body))

    def inspect_with(self, number: str, body: dict[str, Any], caller: Caller = GRACE) -> Return:
        with self.work(caller) as work:
            return goods.inspect_return(work, number, load(InspectReturn, body))

    def alone(self, dollars: int) -> None:
        """Let one person pay out that much alone."""
        self.store.settings = replace(builders.SETTINGS, four_eyes_above=dollars)

    def look(
        self, number: str, quantity: int = 1, outcome: str = "rejected", caller: Caller = ALAN, **more: Any
    ) -> Return:
        body = {"lines": [{"sku": "LAMP-1", "quantity": quantity, "outcome": outcome, **more}]}
        with self.work(caller) as work:
            return goods.take_second_look(work, number, load(TakeSecondLook, body))

    def send_back(self, number: str, caller: Caller = GRACE, **more: Any) -> Return:
        body = {"carrier": "ups", "tracking_number": "1Z", **more}
        with self.work(caller) as work:
            return goods.send_back(work, number, load(SendBack, body))

    def ask_postage(self, number: str, amount: str = "13.90", caller: Caller = ADA, **more: Any) -> Return:
        body = {"amount": {"amount": amount, "currency": "USD"}, "receipt": "DHL, 12.90 EUR", **more}
        with self.work(caller) as work:
            return postage.ask_postage(work, number, load(AskPostage, body))

    def decide_postage(self, number: str, decision: str = "accept", caller: Caller = GRACE, **more: Any) -> Return:
        why = {} if decision == "accept" else {"ground": "not_this_return", "note": "It is of another day."}
        body = {"postage": 1, "decision": decision, **why, **more}
        with self.work(caller) as work:
            return postage.decide_postage(work, number, load(DecidePostage, body))

    def dispose(self, number: str, quantity: int = 1, disposition: str = "restock") -> Return:
        body = {"lines": [{"sku": "LAMP-1", "quantity": quantity, "disposition": disposition}]}
        with self.work(GRACE) as work:
            return goods.dispose_return(work, number, load(DisposeReturn, body))

    def expire_appeals(self) -> None:
        with self.work() as work:
            goods.expire_appeals(work)

    def lapse(self) -> None:
        with self.work() as work:
            team.lapse_unsent(work)

    def refund(self, event: type[Event], number: str, amount: str, seq: int, **more: Any) -> None:
        self.hear(event, builders.refund_news(number, amount, **more), seq)

    def page(self, caller: Caller, **wanted: Any) -> Page[Return]:
        with self.work(caller) as work:
            return work.returns.page_for(caller, ListReturns(**wanted))

    def get(self, number: str) -> Return:
        with self.work() as work:
            return work.returns.get(number)

    def verdict(self, kind: str, number: str) -> Verdict:
        with self.work() as work:
            found = work.commitments.find(kind, number)
            assert found is not None
            return found.verdict(work.now)

    def recorded(self, number: str) -> list[str]:
        with self.work() as work:
            flaws = list(work.journal.verify())
            assert flaws == []
            entries = work.journal.timeline(ORDER_NUMBER, public_only=False)
            return [entry["type"] for entry in entries if entry["subject"] == number]


def arrived(scene: Scene, quantity: int = 1, condition: str = "received_ok") -> str:
    """Return the number of a return whose goods are here."""
    number = scene.request(quantity=quantity).number
    scene.review(number)
    scene.receive(number, quantity, condition)
    return number


def rejected(scene: Scene, quantity: int = 1) -> str:
    """Return the number of a return whose goods two people rejected."""
    number = arrived(scene, quantity)
    scene.inspect(number, quantity, "disputed")
    scene.look(number, quantity)
    return number


def outcomes(item: Return) -> list[Outcome | None]:
    return [unit.outcome for unit in item.units]


def exchanging(scene: Scene, quantity: int = 1) -> tuple[str, str]:
    """Return the number of a return for which another piece is on its way, and of the shipment that brings it."""
    number = scene.request(quantity=quantity, outcome="exchange").number
    scene.review(number)
    scene.receive(number, quantity)
    brings = scene.inspect(number, quantity).units[0].replacement
    assert brings is not None
    return number, brings
