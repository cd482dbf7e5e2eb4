"""Goods that are exchanged: the same pieces are sent once more, or paid back; never both, never neither."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.aftersales.api.events import ExchangeClaimed, ExchangeWithdrawn, RefundClaimed
from services.common.basics import ids
from services.common.basics.errors import ServiceError
from services.common.basics.money import Money
from services.common.basics.personal import ERASED
from services.common.testing import event_like
from services.logistics.api.events import RecallRefused
from services.orders.adapters.payments import FactKind, PaymentFact
from services.orders.api import AdjustStock, AttentionKind
from services.orders.domain import erasure
from services.orders.handlers import catalogue, claims, exchanges, shipments, shortages
from services.orders.handlers.exchanges import ExchangeUnknown
from services.orders.tests.scene import Scene
from services.orders.tests.test_dispute_ends import ended
from services.orders.tests.test_remedies import answer, asked, close, miss, move

RETURN, AGAIN, THIRD = ids.number(ids.RETURN, 1), ids.number(ids.SHIPMENT, 501), ids.number(ids.SHIPMENT, 502)


def delivered(scene: Scene, quantity: int = 2) -> str:
    number = scene.stocked("POT", 5).paid(("POT", quantity))
    scene.deliver(number)
    return number


def exchange(scene: Scene, number: str, *units: int, shipment: str = AGAIN) -> None:
    claimed = [{"line_id": 1, "unit": unit, "amount": {"amount": "12.50", "currency": "USD"}} for unit in units]
    body = {"return_number": RETURN, "order_number": number, "shipment_number": shipment, "units": claimed}
    scene.hear(exchanges.on_exchange_claimed, event_like(ExchangeClaimed, body), actor="staff:grace@pledge.example")


def claim(scene: Scene, number: str, *units: int) -> None:
    claimed = [{"line_id": 1, "unit": unit} for unit in units]
    amount = {"amount": str(Money(1250 * len(units))), "currency": "USD"}
    body = {"return_number": RETURN, "order_number": number, "amount": amount, "units": claimed}
    scene.hear(claims.on_refund_claimed, event_like(RefundClaimed, body), actor="staff:grace@pledge.example")


def withdraw(scene: Scene, number: str, shipment: str = AGAIN) -> None:
    body = {"return_number": RETURN, "order_number": number, "shipment_number": shipment}
    scene.hear(exchanges.on_exchange_withdrawn, event_like(ExchangeWithdrawn, body))


def refused(scene: Scene, number: str) -> list[str]:
    return [each["body"]["why"] for each in scene.events(number) if each["type"] == "exchange_refused"]


def repaid(scene: Scene, number: str) -> set[tuple[int, int]]:
    return scene.do(lambda work: work.payments.repaid_units(number))


def test_an_exchange_is_a_second_shipment_at_no_charge(scene: Scene) -> None:
    number = delivered(scene)
    before = scene.order(number)["account"]

    for _ in range(2):
        exchange(scene, number, 1)

    told = scene.body(number, "exchange_arranged")
    assert (told["shipment_number"], told["lines"][0]["units"]) == (AGAIN, [1])
    order = scene.order(number)
    assert (order["status"], order["account"], order["refunds"]) == ("confirmed", before, [])
    assert scene.count("POT") == (3, 1)
    move(scene, number, AGAIN, "created", "dispatched", "delivered")
    assert (scene.order(number)["status"], scene.count("POT")) == ("completed", (2, 0))


def test_nothing_is_sent_when_none_is_left(scene: Scene) -> None:
    number = delivered(scene)
    scene.paid(("POT", 3))

    exchange(scene, number, 0)
    claim(scene, number, 0)

    assert refused(scene, number) == ["out_of_stock"]
    assert (scene.count("POT"), repaid(scene, number)) == ((3, 3), {(1, 0)})
    assert scene.order(number)["status"] == "completed"


def test_what_is_exchanged_is_not_paid_back_as_well(scene: Scene) -> None:
    number = delivered(scene)
    exchange(scene, number, 0)

    claim(scene, number, 0)
    exchange(scene, number, 0, shipment=THIRD)

    assert (repaid(scene, number), refused(scene, number)) == (set(), ["not_owed"])
    move(scene, number, AGAIN, "created", "dispatched", "delivered")
    assert repaid(scene, number) == {(1, 0)}, "the refused claim fits once the other piece is there"


def test_what_was_paid_back_is_not_exchanged_as_well(scene: Scene) -> None:
    number = delivered(scene)
    claim(scene, number, 0)

    exchange(scene, number, 0)

    assert (refused(scene, number), scene.count("POT")) == (["not_owed"], (3, 0))


def test_nothing_is_sent_while_the_bank_asks(scene: Scene) -> None:
    number = delivered(scene)
    paid = scene.do(lambda work: work.payments.of_order(number))[0]
    scene.report(PaymentFact("evt_d", FactKind.DISPUTED, paid.payment_id, reason="unrecognized"))

    exchange(scene, number, 0)

    assert refused(scene, number) == ["payment_contested"]


def test_what_the_bank_took_back_keeps_the_exchange_here(scene: Scene) -> None:
    number = delivered(scene)
    exchange(scene, number, 0)
    paid = scene.do(lambda work: work.payments.of_order(number))[0]

    scene.report(ended(paid, FactKind.DISPUTE_LOST))

    assert [case.kind for case in scene.do(lambda work: work.cases.open_of_order(number))] == [AttentionKind.UNPAID]
    assert "dispatch_held" in scene.journal(number)


def test_an_erased_order_is_paid_back_and_sent_nothing(scene: Scene) -> None:
    number = delivered(scene)
    scene.do(lambda work: erasure.forget_in_order(work.orders.get(number, lock=True)))

    exchange(scene, number, 0)
    claim(scene, number, 0)

    assert (scene.order(number)["contact"]["email"], scene.count("POT")) == (ERASED, (3, 0))
    assert (refused(scene, number), repaid(scene, number)) == (["not_owed"], {(1, 0)})


def test_a_change_of_mind_frees_the_goods_and_pays(scene: Scene) -> None:
    number = delivered(scene)
    with pytest.raises(ExchangeUnknown):
        withdraw(scene, number)
    exchange(scene, number, 0)

    withdraw(scene, number)
    assert scene.body(number, "exchange_stopped")["shipment_number"] == AGAIN
    move(scene, number, AGAIN, "created", "recalled")
    withdraw(scene, number)
    claim(scene, number, 0)

    assert (refused(scene, number), repaid(scene, number)) == (["changed_mind"], {(1, 0)})
    assert (scene.count("POT"), scene.order(number)["status"]) == ((3, 0), "completed")


def test_a_piece_that_is_not_on_the_shelf_is_paid_back(scene: Scene) -> None:
    """A person corrects the stock, and nothing waits for goods that are not there."""
    number = delivered(scene)
    exchange(scene, number, 0)
    scene.do(catalogue.adjust_stock, "POT", AdjustStock(-3, "not on the shelf"))

    for _ in range(2):
        scene.do(shortages.check_stock, "POT")
    stopped = [each for each in scene.events(number) if each["type"] == "exchange_stopped"]
    assert [each["body"]["shipment_number"] for each in stopped] == [AGAIN]
    move(scene, number, AGAIN, "created", "recalled")
    claim(scene, number, 0)

    assert (refused(scene, number), repaid(scene, number)) == (["out_of_stock"], {(1, 0)})
    assert (scene.count("POT"), scene.order(number)["status"]) == ((0, 0), "completed")


def test_of_several_exchanges_only_what_is_missing_is_stopped(scene: Scene) -> None:
    number = delivered(scene)
    exchange(scene, number, 0)
    other = scene.paid(("POT", 1))
    scene.deliver(other)
    exchange(scene, other, 0, shipment=THIRD)
    waiting = scene.stocked("POT", 1).paid(("POT", 1))

    scene.do(catalogue.adjust_stock, "POT", AdjustStock(-scene.count("POT")[0] + 1, "not on the shelf"))
    scene.do(shortages.check_stock, "POT")
    scene.do(shortages.check_stock, "POT")

    assert [each["type"] for each in scene.events(waiting)].count("stock_short") == 1, "an order is asked first"
    told = [[each["type"] for each in scene.events(of)].count("exchange_stopped") for of in (number, other)]
    assert told == [0, 1], "the newest"


def test_what_has_left_stays_an_exchange(scene: Scene) -> None:
    number = delivered(scene)
    exchange(scene, number, 0)
    move(scene, number, AGAIN, "created", "dispatched")

    withdraw(scene, number)
    body = {"shipment_number": AGAIN, "order_number": number, "reason": "gone", "cause": "exchange"}
    scene.hear(shipments.on_recall_refused, event_like(RecallRefused, body))

    assert (refused(scene, number), repaid(scene, number)) == ([], set())


@pytest.mark.parametrize("option", ["resend", "refund"])
def test_an_exchange_that_is_lost_is_the_customers_choice(scene: Scene, option: str) -> None:
    number = delivered(scene)
    exchange(scene, number, 1)
    move(scene, number, AGAIN, "created", "dispatched")
    miss(scene, number, shipment=AGAIN, lines=[{"line_id": 1, "sku": "POT", "quantity": 1}])
    (line,) = asked(scene, number)["lines"]
    assert line["quantity"] == 1

    again = answer(scene, number, option)["replacement"]
    claim(scene, number, 1)

    if option == "refund":
        assert repaid(scene, number) == {(1, 1)}
        assert scene.order(number)["totals"]["refunded"]["amount"] == "12.50"
    else:
        assert (repaid(scene, number), scene.count("POT")) == (set(), (2, 1))
        move(scene, number, again, "created", "dispatched", "delivered")
        assert repaid(scene, number) == {(1, 1)}


def test_a_change_of_mind_stops_what_was_sent_again(scene: Scene) -> None:
    number = delivered(scene)
    exchange(scene, number, 0, 1)
    move(scene, number, AGAIN, "created", "dispatched")
    miss(scene, number, shipment=AGAIN, lines=[{"line_id": 1, "sku": "POT", "quantity": 1}])
    again = answer(scene, number, "resend")["replacement"]
    ((line_id, unit),) = scene.do(lambda work: work.remedies.of_order(number)[-1].units)

    withdraw(scene, number, again)
    assert scene.body(number, "exchange_stopped")["shipment_number"] == again
    move(scene, number, again, "created", "recalled")
    for each in (0, 1):
        claim(scene, number, each)

    told = scene.body(number, "exchange_refused")
    assert (told["shipment_number"], told["why"]) == (again, "changed_mind")
    assert (repaid(scene, number), scene.count("POT")) == ({(line_id, unit)}, (1, 0)), "the other one is on its way"


STEPS = ("exchange", "claim", "withdraw", "short", "dispatch", "deliver", "recall", "lose", "resend", "refund")


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.sampled_from(STEPS), max_size=9))
def test_a_unit_is_paid_back_or_sent_and_never_both(scene: Scene, life: list[str]) -> None:
    number, made = delivered(scene.stocked("POT", 40), 1), list[str]()
    for step in ("exchange", *life):
        try:
            made += _take(scene, number, step, made)
        except (ServiceError, StopIteration):
            continue
        shown = scene.do(lambda work: work.fulfillments.of_order(number))
        sent = [each for each in shown if each.shipment_number in made and not each.is_over]
        assert len(sent) + len(repaid(scene, number)) <= 1, life
        scene.holds()


def _take(scene: Scene, number: str, step: str, made: list[str]) -> list[str]:
    last: Any = made[-1] if made else None
    if step == "exchange":
        shipment = ids.new_number(ids.SHIPMENT)
        known = len(refused(scene, number))
        exchange(scene, number, 0, shipment=shipment)
        return [shipment] if len(refused(scene, number)) == known else []
    if step == "claim":
        claim(scene, number, 0)
    elif last is None:
        raise StopIteration
    elif step == "withdraw":
        withdraw(scene, number, last)
    elif step == "short":
        there = scene.count("POT")[0]
        for delta in (-there, there):
            scene.do(catalogue.adjust_stock, "POT", AdjustStock(delta, "counted"))
            scene.do(shortages.check_stock, "POT")
    elif step in ("dispatch", "deliver", "recall"):
        at = scene.do(lambda work: work.fulfillments.of_order(number))
        now = next(each for each in at if each.shipment_number == last)
        if step == "deliver" and now.is_on_its_way:
            move(scene, number, last, "delivered")
        elif step == "dispatch" and not now.is_over:
            move(scene, number, last, "created", "dispatched")
        elif step == "recall" and not now.dispatched_at:
            move(scene, number, last, "recalled")
    elif step == "lose":
        miss(scene, number, shipment=last, lines=[{"line_id": 1, "sku": "POT", "quantity": 1}])
    elif scene.order(number)["remedies"]:
        again = answer(scene, number, step)["replacement"]
        close(scene, number, asked(scene, number)["shipment_number"])
        return [again] if again else []
    return []
