"""The promises, one by one, on evidence made by hand: each is silent about what is right and names what is not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from deploy.lab.chaos.evidence import Evidence
from deploy.lab.chaos.promises import PROMISES, acknowledged, answers, clocks, events, judge, money, rest, stock
from services.common.commitments import Terms, TimeUnit, start
from services.common.testing import promised

pytestmark = pytest.mark.pure

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ORDER, PAYMENT, REFUND, MAIL = "ORD-1", "PAY-1", "REF-1", "ada@example.com"


class Made(Evidence):
    """Evidence of these rows and no others: `Made({"orders.refunds": [...]}, entry, …)`."""

    def __init__(self, tables, *entries):
        super().__init__({}, entries)
        self.made = tables

    def rows(self, service, table):
        return self.made.get(f"{service}.{table}", [])

    def flaws(self, service):
        return []


def an_order(**changes):
    return {"order_number": ORDER, "email": MAIL, "goods": 300, "status": "confirmed"} | changes


def a_line(**changes):
    return {"order_number": ORDER, "line_id": 1, "sku": "MUG", "paid": [100, 100, 100], "removed": []} | changes


def a_payment(**changes):
    return {"payment_id": PAYMENT, "order_number": ORDER, "captured": 300, "refunded": 0} | changes


def a_refund(**changes):
    refund = {"refund_id": REFUND, "payment_id": PAYMENT, "order_number": ORDER, "amount": 100, "cause": "change"}
    return refund | {"status": "settled", "payment_reference": "pay.1"} | changes


def an_entry(**changes):
    entry = {"id": "e1", "position": 1, "type": "order_placed", "subject": ORDER, "body": "{}", "actor": "guest"}
    return entry | {"causation_id": None, "occurred_at": NOW} | changes


def handled(**changes):
    return {"handler": "on_order_placed", "event_id": "e1", "done_at": NOW, "dead_at": None, "error": None} | changes


def test_every_promise_has_a_name_and_a_sentence_of_its_own():
    assert len({each.__name__ for each in PROMISES}) == len(PROMISES)
    assert len({each.__doc__ for each in PROMISES if each.__doc__}) == len(PROMISES)


def test_an_acknowledged_order_that_is_lost_or_doubled_is_found():
    wished = {"what": "order", "order": ORDER, "email": MAIL, "cents": 300}
    promise, placed = acknowledged.orders_exist_exactly_once, an_entry()
    twice = [an_order(), an_order(order_number="ORD-2")]

    assert not list(promise(Made({"orders.orders": [an_order()], "orders.journal": [placed]}, wished)))
    assert list(promise(Made({}, wished)))
    assert list(promise(Made({"orders.orders": twice, "orders.journal": [placed]}, wished)))
    both = {"orders.orders": twice, "orders.journal": [placed, an_entry(id="e2", subject="ORD-2")]}
    assert list(promise(Made(both)))
    assert not list(promise(Made(both, {"what": "regular", "email": MAIL})))


def test_money_that_stays_with_us_or_goes_out_twice_is_found():
    promise = money.nothing_is_owed_and_nothing_paid_too_much
    tables = {"orders.orders": [an_order()], "orders.order_lines": [a_line(removed=[2])]}

    assert not list(promise(Made({**tables, "orders.payments": [a_payment()], "orders.refunds": [a_refund()]})))
    assert list(promise(Made({**tables, "orders.payments": [a_payment()]})))
    assert list(promise(Made({**tables, "orders.payments": [a_payment()], "orders.refunds": [a_refund()] * 2})))
    given = [a_refund(), a_refund(cause="goodwill")]
    assert not list(promise(Made({**tables, "orders.payments": [a_payment()], "orders.refunds": given})))


def test_a_capture_that_the_bank_never_made_is_found():
    took = {"what": "captured", "payment_id": PAYMENT, "cents": 300, "reference": "pay.1"}
    promise = money.what_the_bank_took_is_captured

    assert not list(promise(Made({"orders.payments": [a_payment()]}, took)))
    assert list(promise(Made({"orders.payments": [a_payment()]})))
    assert list(promise(Made({"orders.payments": [a_payment(captured=0)]}, took)))


def test_refunds_beyond_what_was_captured_are_found():
    promise = money.refunds_never_exceed_what_was_captured
    much = {"orders.payments": [a_payment(refunded=400)], "orders.refunds": [a_refund(amount=400)]}

    assert not list(promise(Made({"orders.payments": [a_payment(refunded=100)], "orders.refunds": [a_refund()]})))
    assert list(promise(Made(much)))
    assert list(promise(Made({"orders.payments": [a_payment()], "orders.refunds": [a_refund()]})))


def test_a_refund_that_the_bank_paid_twice_or_never_is_found():
    paid = {"what": "paid_back", "refund_id": REFUND, "reference": "pay.1", "amount_cents": 100}
    promise, tables = money.every_refund_was_paid_back_once_by_the_bank, {"orders.refunds": [a_refund()]}

    assert not list(promise(Made(tables, paid)))
    assert list(promise(Made(tables)))
    assert list(promise(Made(tables, paid, paid)))
    assert list(promise(Made({}, paid)))


def test_what_a_bank_took_in_a_dispute_is_no_refund_of_ours():
    taken = {"what": "charged_back", "reference": "pay.1", "amount_cents": 300}
    tables = {"orders.orders": [an_order()], "orders.order_lines": [a_line()], "orders.payments": [a_payment()]}
    tables["orders.refunds"] = [a_refund(cause="chargeback", amount=300)]
    once = money.every_refund_was_paid_back_once_by_the_bank

    assert not list(money.nothing_is_owed_and_nothing_paid_too_much(Made(tables, taken)))
    assert not list(once(Made(tables, taken)))
    assert list(once(Made(tables)))
    assert list(once(Made(tables, taken, taken)))
    assert list(once(Made({}, taken)))


def test_a_shelf_that_does_not_equal_its_movements_is_found():
    moved = {"sku": "MUG", "on_hand_delta": 10, "reserved_delta": 3, "reference": ORDER}
    promise = stock.shelves_equal_their_ledger

    assert not list(promise(_shelf(10, 3, moved)))
    assert list(promise(_shelf(10, 2, moved)))
    assert list(promise(_shelf(7, 3, moved)))


@pytest.mark.parametrize(("status", "reserved", "broken"), [
    ("confirmed", 3, False), ("confirmed", 6, True), ("confirmed", 0, True), ("cancelled", 3, True),
    ("cancelled", 0, False),
])  # fmt: skip
def test_stock_reserved_wrongly_is_found(status, reserved, broken):
    moved = {"sku": "MUG", "on_hand_delta": 0, "reserved_delta": reserved, "reference": ORDER}
    tables = {"orders.orders": [an_order(status=status)], "orders.order_lines": [a_line()]}

    found = list(stock.what_is_reserved_belongs_to_open_orders(Made({**tables, "orders.stock_ledger": [moved]})))

    assert bool(found) is broken


def test_an_event_that_one_of_its_followers_missed_is_found():
    promise, entry = events.every_event_reached_every_follower, an_entry()
    both = {"aftersales.inbox": [handled()], "support.inbox": [handled()]}

    assert not list(promise(Made({"orders.journal": [entry], **both})))
    assert list(promise(Made({"orders.journal": [entry], "support.inbox": [handled()]})))
    assert list(promise(Made({"orders.journal": [entry], **both, "support.inbox": [handled(done_at=None)]})))


@pytest.mark.parametrize(("about", "missed"), [("order_placed", False), ("change_requested", True)])
def test_an_event_is_missed_only_where_it_matters(about, missed):
    body = {**promised("support", "customer_notified")[0]["body"], "about": about}
    entry = an_entry(type="customer_notified", version=1, subject_seq=1, order_number=ORDER, trace_id="")
    told = Made({"support.journal": [{**entry, "body": json.dumps(body)}]})

    assert bool(list(events.every_event_reached_every_follower(told))) is missed


def test_an_event_without_a_record_is_found():
    promise = events.no_event_is_known_that_was_never_recorded

    assert not list(promise(Made({"orders.journal": [an_entry()], "support.inbox": [handled()]})))
    assert list(promise(Made({"support.inbox": [handled()]})))


def test_an_effect_that_was_had_twice_is_found():
    first = an_entry(id="e2", causation_id="e1", actor="service:logistics")
    promise = events.every_event_had_its_effect_once

    assert not list(promise(Made({"logistics.journal": [first, first | {"id": "e3"}]})))
    assert list(promise(Made({"logistics.journal": [first, first | {"occurred_at": NOW + timedelta(seconds=1)}]})))


def test_an_answer_about_something_else_is_found():
    heard = {"what": "answer", "client": "c1", "asked": ORDER}
    promise = answers.no_answer_went_to_another

    assert not list(promise(Made({}, heard | {"got": ORDER})))
    assert list(promise(Made({}, heard | {"got": "ORD-2"})))


@pytest.mark.parametrize(("told", "code", "broken"), [
    (True, 0, False), (True, 1, True), (True, None, True), (False, 0, True),
])  # fmt: skip
def test_a_process_that_ends_by_itself_or_badly_is_found(told, code, broken):
    ended = {"what": "ended", "name": "orders.1", "told": told, "code": code}

    assert bool(list(answers.processes_end_only_when_told_and_then_well(Made({}, ended)))) is broken


def test_dead_letters_are_listed_with_their_cause():
    dead = handled(done_at=None, dead_at=NOW, error="Conflict: no")

    assert not list(rest.no_dead_letters(Made({"support.inbox": [handled()]})))
    assert list(rest.no_dead_letters(Made({"support.inbox": [dead]}))) == ["support.on_order_placed e1: Conflict: no"]


def test_a_run_without_anything_breaks_nothing():
    assert not [each for each in judge(Made({})) if each.violations]


def _shelf(on_hand, reserved, *moves):
    return Made(
        {"orders.stock": [{"sku": "MUG", "on_hand": on_hand, "reserved": reserved}], "orders.stock_ledger": moves}
    )


def a_shipment(number, **changes):
    shipment = {"number": number, "order_number": ORDER, "dispatched_at": NOW, "delivered_at": None}
    return shipment | {"recalled_at": None, "closed_at": None} | changes


def test_a_second_shipment_needs_the_customers_choice():
    sent = [a_shipment("SHP-1", closed_at=NOW), a_shipment("SHP-2")]
    known = [{"shipment_number": each["number"], **each} for each in sent]
    tables = {"orders.orders": [an_order()], "logistics.shipments": sent, "orders.fulfillments": known}
    tables |= {"aftersales.orders": [an_order(delivered_at=None)], "support.order_contacts": [an_order()]}
    chosen = {"orders.remedies": [{"order_number": ORDER, "replacement": "SHP-2"}]}
    waits = {"orders.remedies": [{"order_number": ORDER, "replacement": None}]}

    assert not list(events.services_agree_on_what_happened(Made({**tables, **chosen})))
    assert list(events.services_agree_on_what_happened(Made(tables)))
    assert list(events.services_agree_on_what_happened(Made({**tables, **waits})))


def test_a_refund_without_its_clock_is_found():
    assert list(clocks.no_clock_is_missing(Made({"orders.refunds": [a_refund()]})))
    assert not list(clocks.no_clock_is_missing(Made({})))


def a_clock(kind, subject):
    terms = Terms(TimeUnit.WORKING_DAYS, 3)
    begun = start(kind, subject, NOW, id=subject, owner="orders", terms=terms, calendar="US", zone="UTC")
    return {"clock": begun.to_record(), "stopped_at": None, "due_at": begun.due_at}


@pytest.mark.parametrize("cause", ["return", "postage"])
def test_the_clock_of_a_returns_refund_is_kept_once(cause):
    refunds = {"orders.refunds": [a_refund(cause=cause)]}

    assert not list(clocks.no_clock_is_missing(Made(refunds)))
    assert list(clocks.no_clock_is_missing(Made({**refunds, "orders.commitments": [a_clock("refund", REFUND)]})))


def test_a_dispute_without_its_clock_is_found():
    open_ = {"orders.disputes": [{"id": "dispute-1", "answered_at": None, "ended_at": None}]}
    over = {"orders.disputes": [{"id": "dispute-1", "answered_at": NOW, "ended_at": None}]}
    runs = {"orders.commitments": [a_clock("dispute_evidence", "dispute-1")]}

    assert not list(clocks.no_clock_is_missing(Made({**open_, **runs})))
    assert list(clocks.no_clock_is_missing(Made(open_)))
    assert list(clocks.no_clock_is_missing(Made({**over, **runs})))
