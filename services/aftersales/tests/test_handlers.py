"""Commands and events in a real database: who may, what is recorded, which clocks run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.aftersales import schemas, tables
from services.aftersales.domain import (
    ClaimStatus,
    NotDeliveredYet,
    Return,
    ReturnStatus,
    ReturnWindowClosed,
    SecondPersonRequired,
    UnitsNotReturnable,
)
from services.aftersales.handlers import asking, deciding, following, shared
from services.aftersales.repository import OrderNotFound, ReturnNotFound, Work
from services.aftersales.tests import builders
from services.aftersales.tests.builders import NOW, ORDER_NUMBER, RULES
from services.common.basics import clock
from services.common.basics.caller import SYSTEM, Caller
from services.common.basics.errors import Forbidden, NotFound
from services.common.commitments import Verdict
from services.common.edge.fields import load
from services.common.store.database import ConcurrentUpdate, Store
from services.common.testing import customer, fresh_store, holder, staff

ADA, EVE = customer("ada@example.com"), customer("eve@example.com")
GRACE, ALAN, EDSGER = (staff("aftersales", email=f"{name}@pledge.example") for name in ("grace", "alan", "edsger"))
LEAD, AGENT = staff("lead"), staff("agent")
S = ReturnStatus


class Desk:
    """A store with one delivered order of three lamps, and short names for the commands."""

    def __init__(self, store: Store):
        self.store = store
        self.now = NOW

    @contextmanager
    def work(self, caller: Caller = SYSTEM) -> Iterator[Work]:
        with clock.frozen(self.now), self.store.work(Work, caller) as work:
            yield work

    def hear(self, handler: Any, schema: Any, body: dict[str, Any], *more: Any) -> None:
        with self.work() as work:
            handler(work, load(schema, body), *more)

    def deliver(self) -> None:
        self.hear(following.remember_order, schemas.OrderPlaced, builders.order_placed())
        self.hear(following.open_return_window, schemas.ShipmentDelivered, builders.shipment_delivered())

    def request(self, caller: Caller = ADA, **more: Any) -> Return:
        with self.work(caller) as work:
            return asking.request_return(work, load(schemas.RequestReturn, builders.wanted(**more)), RULES)

    def review(self, number: str, caller: Caller = GRACE, decision: str = "authorize", **more: Any) -> Return:
        body = {"decision": decision, "parts": builders.parts_json(), **more}
        with self.work(caller) as work:
            return deciding.review_return(work, number, load(schemas.ReviewReturn, body), RULES)

    def reject(self, number: str, caller: Caller) -> Return:
        more = {"ground": "incomplete", "explanation": "The plug is missing."}
        return self.review(number, caller, "reject", parts=builders.parts_json(failed="product_status"), **more)

    def answer(self, number: str, caller: Caller = ADA, **told: Any) -> Return:
        with self.work(caller) as work:
            return asking.answer_info(work, number, load(schemas.AnswerInfo, told))

    def receive(self, number: str, quantity: int = 1, condition: str = "received_ok", caller: Caller = GRACE) -> Return:
        body = {"lines": [{"sku": "LAMP-1", "quantity": quantity, "condition": condition}]}
        with self.work(caller) as work:
            return deciding.receive_return(work, number, load(schemas.ReceiveReturn, body), RULES)

    def inspect(self, number: str, quantity: int = 1, outcome: str = "accepted", caller: Caller = GRACE) -> Return:
        body = {"lines": [{"sku": "LAMP-1", "quantity": quantity, "outcome": outcome, "note": "looked at"}]}
        with self.work(caller) as work:
            return deciding.inspect_return(work, number, load(schemas.InspectReturn, body), RULES)

    def refund(self, status: ClaimStatus, number: str, amount: str, seq: int, **more: Any) -> None:
        with self.work() as work:
            news = builders.refund_news(number, amount, **more)
            following.hear_of_refund(work, status, load(schemas.RefundNews, news), seq)

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


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with fresh_store("aftersales", tmp_path) as store:
        desk = Desk(store)
        desk.deliver()
        yield desk


def test_a_return_goes_from_the_request_to_the_money_and_each_step_is_on_record(desk):
    number = desk.request(quantity=2).number
    desk.review(number)
    desk.answer(number, sent=True, carrier="ups", tracking_number="1Z")
    desk.receive(number, 2)
    desk.inspect(number, 2)
    desk.refund(ClaimStatus.SUBMITTED, number, "39.98", 7)
    desk.refund(ClaimStatus.SETTLED, number, "39.98", 8, settled_at=clock.rfc3339(NOW))

    assert desk.get(number).status is S.CLOSED
    assert desk.recorded(number) == [
        "return_requested", "return_authorized", "return_sent", "return_received", "return_inspected", "refund_claimed",
        "return_refunded", "return_closed",
    ]  # fmt: skip
    assert {desk.verdict(kind, number) for kind in ("return_review", "verification", "refund")} == {Verdict.KEPT}


def test_the_refund_clock_is_stopped_by_the_money_alone(desk):
    number = desk.request().number
    desk.review(number)
    desk.receive(number)
    desk.inspect(number)

    desk.refund(ClaimStatus.SUBMITTED, number, "19.99", 3)
    desk.refund(ClaimStatus.FAILED, number, "19.99", 4)

    assert desk.verdict("refund", number) is Verdict.RUNNING
    assert desk.get(number).status is S.REFUND_DUE
    desk.now += timedelta(days=30)
    assert desk.verdict("refund", number) is Verdict.BREACHED


def test_each_refund_claim_of_a_return_has_a_clock_of_its_own(desk):
    number = desk.request(quantity=2).number
    desk.review(number)
    desk.receive(number)
    desk.inspect(number)
    desk.receive(number)
    desk.inspect(number)

    desk.refund(ClaimStatus.SETTLED, number, "19.99", 9, refund_id="REF-2", settled_at=clock.rfc3339(NOW))

    with desk.work() as work:
        claims = work.returns.get(number).claims
        verdicts = [work.clock(claim.clock_id).verdict(work.now) for claim in claims if claim.clock_id]
    assert sorted(verdicts) == [Verdict.KEPT, Verdict.RUNNING]


def test_the_review_clock_stands_still_while_the_customer_is_asked(desk):
    number = desk.request().number
    due = desk.get(number).due_at

    desk.review(number, decision="info", question="Is the plug in the box?")
    desk.now += timedelta(days=14)
    assert desk.verdict("return_review", number) is Verdict.PAUSED
    answered = desk.answer(number, answer="Yes.")

    assert answered.due_at > due + timedelta(days=13)
    assert desk.verdict("return_review", number) is Verdict.RUNNING


def test_a_rejection_takes_two_people_and_an_appeal_a_third(desk):
    number = desk.request().number

    desk.reject(number, GRACE)
    assert desk.get(number).status is S.REQUESTED
    with pytest.raises(SecondPersonRequired):
        desk.reject(number, GRACE)
    desk.reject(number, ALAN)
    with desk.work(ADA) as work:
        asking.appeal_return(work, number, "It is in the box.", RULES)
    with pytest.raises(SecondPersonRequired):
        desk.review(number, ALAN)
    desk.review(number, EDSGER)

    assert desk.get(number).status is S.AUTHORIZED
    assert desk.recorded(number) == [
        "return_requested", "return_rejection_proposed", "return_rejected", "return_appealed", "return_authorized",
    ]  # fmt: skip


def test_the_database_itself_refuses_a_rejection_by_one_person(desk):
    number = desk.request().number

    alone = {"status": "rejected", "ground": "incomplete", "explanation": "x", "proposed_by": "grace"}

    with pytest.raises(ConcurrentUpdate), desk.work() as work:
        work.session.execute(sa.update(tables.returns).values(alone | {"confirmed_by": "grace"}))

    assert desk.get(number).status is S.REQUESTED


def test_pieces_in_a_return_cannot_be_asked_for_again_until_it_comes_to_nothing(desk):
    number = desk.request(quantity=3).number
    with pytest.raises(UnitsNotReturnable) as refused:
        desk.request()
    assert refused.value.details["lines"][0]["why"] == "already_in_a_return"

    with desk.work(ADA) as work:
        asking.withdraw_return(work, number)

    assert desk.request(quantity=3).status is S.REQUESTED


def test_refunded_pieces_are_never_refunded_again(desk):
    number = desk.request(quantity=3).number
    desk.review(number)
    desk.receive(number, 3)
    desk.inspect(number, 3)
    desk.refund(ClaimStatus.SETTLED, number, "59.96", 5, settled_at=clock.rfc3339(NOW))

    with pytest.raises(UnitsNotReturnable):
        desk.request()


def test_unsent_returns_lapse_and_sending_after_all_takes_them_up_again(desk):
    number = desk.request().number
    sending = desk.review(number).send_by
    assert sending is not None

    desk.now = sending
    with desk.work() as work:
        deciding.lapse_unsent(work)
    assert desk.get(number).status is S.AUTHORIZED
    desk.now = sending + timedelta(seconds=1)
    with desk.work() as work:
        deciding.lapse_unsent(work)
    assert desk.get(number).status is S.LAPSED

    desk.answer(number, sent=True)

    assert desk.get(number).status is S.IN_TRANSIT


def test_a_lapsed_return_is_not_taken_up_again_after_the_window_nor_without_its_pieces(desk):
    number = desk.request(quantity=3).number
    desk.review(number)
    desk.now += timedelta(days=40)
    with desk.work() as work:
        deciding.lapse_unsent(work)
    desk.request()

    with pytest.raises(UnitsNotReturnable):
        desk.answer(number, sent=True)
    with pytest.raises(UnitsNotReturnable):
        desk.receive(number, 3)
    desk.now += timedelta(days=40)
    with pytest.raises(ReturnWindowClosed):
        desk.answer(number, sent=True)


@pytest.mark.parametrize("caller", [EVE, Caller("guest"), holder("order:ORD-0000-0000-0"), holder("ticket:TIC-1")])
def test_a_stranger_learns_nothing_of_an_order_or_a_return(desk, caller):
    number = desk.request().number

    with pytest.raises(OrderNotFound):
        desk.request(caller)
    for step in (lambda: desk.answer(number, caller, answer="?"), lambda: withdraw(desk, number, caller)):
        with pytest.raises(ReturnNotFound):
            step()
    with pytest.raises(Forbidden, match="role_required"):
        desk.review(number, caller)
    with desk.work(caller) as work:
        assert work.returns.page_for(caller)["items"] == []


def withdraw(desk: Desk, number: str, caller: Caller) -> None:
    with desk.work(caller) as work:
        asking.withdraw_return(work, number)


def test_who_came_by_the_orders_link_may_do_what_its_customer_may(desk):
    link = holder(f"order:{ORDER_NUMBER}")

    number = desk.request(link).number
    withdraw(desk, number, link)

    assert desk.get(number).status is S.WITHDRAWN


def test_staff_cannot_withdraw_in_the_customers_name_and_agents_do_not_review(desk):
    number = desk.request().number

    with pytest.raises(Forbidden):
        withdraw(desk, number, LEAD)
    for step in (desk.review, desk.receive, desk.inspect):
        with pytest.raises(Forbidden, match="role_required"):
            step(number, caller=AGENT)
        with pytest.raises(Forbidden, match="role_required"):
            step(number, caller=ADA)


def test_a_step_on_an_old_version_is_refused(desk):
    item = desk.request()
    desk.review(item.number, decision="info", question="?")

    with pytest.raises(shared.VersionMoved):
        desk.review(item.number, version=1)


def test_events_wait_for_the_order_they_speak_of(tmp_path):
    with fresh_store("aftersales", tmp_path) as store:
        desk = Desk(store)

        with pytest.raises(NotFound):
            desk.hear(following.open_return_window, schemas.ShipmentDelivered, builders.shipment_delivered())
        desk.hear(following.remember_order, schemas.OrderPlaced, builders.order_placed())
        desk.hear(following.remember_order, schemas.OrderPlaced, builders.order_placed())

        with pytest.raises(NotDeliveredYet):
            desk.request()


def test_removed_pieces_are_not_returned_and_added_lines_are(desk):
    added = {"line_id": 2, "sku": "SHADE-1", "title": "Shade", "quantity": 1,
             "paid": [{"amount": "5.00", "currency": "USD"}]}  # fmt: skip
    removed = [{"line_id": 1, "sku": "LAMP-1", "quantity": 2, "units": [0, 1]}]
    change = {"order_number": ORDER_NUMBER, "change_id": "CHG-1", "lines": [added], "removed": removed}

    desk.hear(following.change_order, schemas.OrderChanged, change)

    with pytest.raises(UnitsNotReturnable):
        desk.request(quantity=2)
    assert [unit.key for unit in desk.request(quantity=1).units] == [(1, 2)]
    line = {"sku": "SHADE-1", "quantity": 1, "reason": "defective"}
    assert [unit.paid.cents for unit in desk.request(lines=[line]).units] == [500]


def test_the_queue_shows_what_waits_longest_first_and_pages_through_all(desk):
    first = desk.request().number
    desk.now += timedelta(days=5)
    second = desk.request().number
    desk.now += timedelta(days=5)
    third = desk.request().number
    desk.review(third)

    with desk.work(GRACE) as work:
        page = work.returns.page_for(GRACE, limit=2)
        rest = work.returns.page_for(GRACE, cursor=page["next_cursor"], limit=2)
        waiting = work.returns.page_for(GRACE, status=S.REQUESTED)

    assert [item.number for item in page["items"] + rest["items"]] == [first, second, third]
    assert [item.number for item in waiting["items"]] == [first, second]


def test_a_day_late_is_late_in_the_zone_of_the_delivery(desk):
    desk.now = datetime.fromisoformat("2026-05-01T23:59:59.999999+02:00")
    desk.request()

    desk.now = datetime.fromisoformat("2026-05-02T00:00:00+02:00")

    with pytest.raises(ReturnWindowClosed):
        desk.request()
