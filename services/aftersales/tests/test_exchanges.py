"""Exchanges: for each accepted piece another one or its money; never both, never neither."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.aftersales.api.events import ExchangeClaimed, RefundClaimed, ReturnEvent
from services.aftersales.api.refusals import ReturnNotFound, UnitsNotReturnable
from services.aftersales.api.statuses import ClaimStatus, Condition, ExchangeEnd, Outcome, ReturnOutcome, ReturnStatus
from services.aftersales.domain import Finding, Receipt, Return
from services.aftersales.tests import builders
from services.aftersales.tests.builders import ADDRESS, GRACE, NOW, ORDER_NUMBER, a_return, all_ok
from services.aftersales.tests.scene import ADA, ALAN, EVE, Scene, exchanging, outcomes
from services.aftersales.tests.scene import GRACE as INSPECTOR
from services.common.basics.clock import parse_rfc3339
from services.common.basics.errors import ServiceError
from services.common.basics.money import ZERO
from services.common.basics.states import WrongStatus
from services.common.commitments import limit_for
from services.common.testing import fresh_store
from services.logistics.api.events import DeliveryTakenBack, ShipmentDelivered
from services.orders.api.events import OrderPlaced, RefundSettled, RemedyAccepted

S = ReturnStatus


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("aftersales", tmp_path) as store:
        scene = Scene(store)
        scene.deliver()
        yield scene


def remedied(scene: Scene, shipment: str, option: str, replacement: str | None) -> None:
    told = {
        "order_number": ORDER_NUMBER, "shipment_number": shipment, "option": option, "replacement": replacement,
        "lines": [{"line_id": 1, "sku": "LAMP-1", "quantity": 1, "units": [0]}],
    }  # fmt: skip
    scene.hear(RemedyAccepted, told, 4)


def test_an_exchange_closes_when_the_other_one_has_come(scene: Scene) -> None:
    number, brings = exchanging(scene)
    assert (scene.get(number).status, scene.get(number).claims) == (S.EXCHANGE_DUE, [])

    scene.brought(brings)
    scene.brought(brings)

    closed = scene.get(number)
    assert (closed.status, outcomes(closed)) == (S.CLOSED, [Outcome.EXCHANGED])
    assert scene.recorded(number)[-3:] == ["exchange_claimed", "return_exchanged", "return_closed"]
    scene.dispose(number)


def test_what_came_in_exchange_has_its_own_time(scene: Scene) -> None:
    number, brings = exchanging(scene)
    scene.brought(brings)
    scene.now = NOW + timedelta(days=61)

    with pytest.raises(UnitsNotReturnable) as refused:
        scene.request(quantity=3)
    again = scene.request()

    assert refused.value.details["lines"][0]["why"] == "time_is_over"
    assert [unit.key for unit in again.units] == [unit.key for unit in scene.get(number).units]


def test_what_was_exchanged_counts_as_paid_out_alone(scene: Scene) -> None:
    scene.alone(39)
    _, brings = exchanging(scene)
    scene.brought(brings)
    number = scene.request().number
    scene.review(number)
    scene.receive(number)

    item = scene.inspect(number)

    assert outcomes(item) == [Outcome.UNCONFIRMED]


def test_what_cannot_be_sent_is_paid_back_once(scene: Scene) -> None:
    number, brings = exchanging(scene)

    scene.refuse_exchange(number, brings)
    scene.refuse_exchange(number, brings)
    scene.brought(brings)

    (claim,) = scene.get(number).claims
    assert (str(claim.amount), scene.get(number).status) == ("19.99", S.REFUND_DUE)
    settled_at = "2026-03-12T09:00:00Z"
    scene.refund(RefundSettled, number, "19.99", 7, refund_id="REF-1", settled_at=settled_at)
    assert scene.get(number).status is S.CLOSED


def test_a_refund_is_chosen_before_the_goods_come(scene: Scene) -> None:
    number = scene.request(outcome="exchange").number
    scene.choose_refund(number)
    with pytest.raises(WrongStatus):
        scene.choose_refund(number)
    scene.review(number)
    scene.receive(number)

    item = scene.inspect(number)

    assert (item.status, item.units[0].replacement) == (S.REFUND_DUE, None)
    assert "return_refund_chosen" in scene.recorded(number)


def test_a_refund_chosen_later_waits_for_the_shipment(scene: Scene) -> None:
    number, brings = exchanging(scene)

    scene.choose_refund(number)

    assert (scene.get(number).status, scene.recorded(number)[-1]) == (S.EXCHANGE_DUE, "exchange_withdrawn")
    scene.refuse_exchange(number, brings, "changed_mind")
    assert scene.get(number).status is S.REFUND_DUE


@pytest.mark.parametrize("reviewed", ["not", "rejected", "appealed"])
def test_an_exchange_in_the_union_is_reviewed_a_withdrawal_not(tmp_path: Path, reviewed: str) -> None:
    with fresh_store("aftersales", tmp_path) as store:
        scene = Scene(store)
        placed = builders.order_placed()
        placed["delivery"] = {**placed["delivery"], "country": "DE"}
        scene.hear(OrderPlaced, placed)
        scene.hear(ShipmentDelivered, builders.shipment_delivered(at="2026-03-08T12:00:00Z", country="DE"))
        item = scene.request(outcome="exchange")
        assert (item.status, item.law) == (S.REQUESTED, None)
        if reviewed != "not":
            scene.reject(item.number, INSPECTOR)
            scene.reject(item.number, ALAN)
        if reviewed == "appealed":
            scene.appeal(item.number)

        item = scene.choose_refund(item.number)

        assert (item.status, item.law) == (S.AUTHORIZED, "2011/83/EU (2014-06-13)")
        assert (item.ground, item.appeal_by) == (None, None)
        assert scene.verdict("return_review", item.number) == "kept"


@pytest.mark.parametrize("late", [False, True])
def test_an_exchange_that_is_lost_comes_with_another_parcel(scene: Scene, late: bool) -> None:
    number, brings = exchanging(scene)
    if late:
        scene.brought("SHP-0000-0002-2", 5)

    remedied(scene, brings, "resend", "SHP-0000-0002-2")
    if not late:
        scene.brought("SHP-0000-0002-2", 6)

    assert outcomes(scene.get(number)) == [Outcome.EXCHANGED]
    with scene.work() as work:
        order = work.orders.get(ORDER_NUMBER)
    came, first = parse_rfc3339("2026-03-20T12:00:00Z"), parse_rfc3339(builders.shipment_delivered()["delivered_at"])
    assert ([unit.renewed_at for unit in order.units], order.delivered_at) == ([came, None, None], first)


def test_an_exchange_that_is_lost_may_be_paid_back(scene: Scene) -> None:
    number, brings = exchanging(scene)

    remedied(scene, brings, "refund", None)

    paid = scene.get(number)
    assert (paid.status, paid.claims, paid.refund) == (S.CLOSED, [], ZERO)
    with pytest.raises(UnitsNotReturnable):
        scene.request(quantity=3)


@pytest.mark.parametrize("replacement", ["SHP-0000-0002-2", None])
def test_a_remedy_for_one_of_two_is_a_step_of_the_return(scene: Scene, replacement: str | None) -> None:
    number, brings = exchanging(scene, quantity=2)
    before = scene.get(number).version

    for _ in range(2):
        remedied(scene, brings, "resend" if replacement else "refund", replacement)

    after = scene.get(number)
    assert (after.version, after.status) == (before + 1, S.EXCHANGE_DUE)
    assert [unit.replacement for unit in after.units] == [replacement, brings]


def test_a_delivery_taken_back_opens_the_exchange(scene: Scene) -> None:
    number, brings = exchanging(scene)
    scene.brought(brings)

    scene.hear(DeliveryTakenBack, {"shipment_number": brings, "order_number": ORDER_NUMBER}, 3)

    assert (scene.get(number).status, outcomes(scene.get(number))) == (S.EXCHANGE_DUE, [Outcome.ACCEPTED])
    scene.brought(brings, 4)
    assert scene.get(number).status is S.CLOSED


# for each piece one of the two, whatever happens

STEPS = ("accept", "dispute", "reject", "choose", "refuse", "deliver", "undeliver", "resend", "repay", "settle")


@pytest.mark.pure
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 2)), max_size=14))
def test_each_piece_is_paid_back_or_exchanged(life: list[tuple[str, int]]) -> None:
    item = a_return(paid=(1999, 1998, 1))
    item.outcome = ReturnOutcome.EXCHANGE
    item.authorize(all_ok(), GRACE, NOW, ADDRESS, NOW + timedelta(days=30))
    item.receive([Receipt(Condition.RECEIVED_OK, sku="LAMP-1", quantity=3)], GRACE, NOW)
    told: list[ReturnEvent] = []
    repaid: set[tuple[int, int]] = set()

    for step, unit in life:
        try:
            told += _take(item, step, unit, repaid)
        except ServiceError:
            continue

    claimed = [(each.line_id, each.unit) for event in told if isinstance(event, RefundClaimed) for each in event.units]
    sent = {(each.line_id, each.unit) for event in told if isinstance(event, ExchangeClaimed) for each in event.units}
    assert len(claimed) == len(set(claimed))
    for piece in item.units:
        paid = (piece.key in claimed) + (piece.key in repaid)
        if piece.accepted or piece.exchanged:
            assert paid + piece.exchanging + piece.exchanged == 1, life
        else:
            assert not paid, life
            assert piece.key not in sent, life
    assert (item.status is S.EXCHANGE_DUE) <= any(piece.exchanging for piece in item.units)
    if item.status is S.CLOSED:
        assert all(piece.ended for piece in item.units)


def _take(item: Return, step: str, unit: int, repaid: set[tuple[int, int]]) -> list[ReturnEvent]:
    piece, found = item.units[unit], Finding(Outcome.ACCEPTED, "", 1, unit)
    brings = piece.replacement or "SHP-0000-0000-0"
    match step:
        case "accept":
            return item.inspect([found], GRACE, NOW)
        case "dispute":
            return item.inspect([builders.judged(Outcome.DISPUTED, note="no plug")], GRACE, NOW)
        case "reject":
            wanting = builders.judged(Outcome.REJECTED, note="no plug")
            return item.look_again([wanting], builders.ALAN, NOW, NOW + timedelta(days=30))
        case "choose":
            return item.choose_refund(limit_for("withdrawal", "DE", NOW.date()), NOW)
        case "refuse":
            return item.end_exchange(brings, ExchangeEnd.OUT_OF_STOCK, NOW)
        case "deliver":
            return item.deliver_exchange(brings, NOW, NOW)
        case "undeliver":
            return item.take_back_exchange(brings, (), NOW)
        case "resend":
            item.send_otherwise(brings, f"{brings}+", [piece.key])
            return []
        case "repay":
            repaid |= {piece.key} if piece.exchanging else set()
            return item.repaid_otherwise(brings, [piece.key], NOW)
    for place, claim in enumerate(item.claims, 1):
        item.hear_of_refund(ClaimStatus.SETTLED, f"REF-{place}", claim.amount, 1, NOW, NOW)
    return []


def test_a_stranger_chooses_nothing(scene: Scene) -> None:
    number = scene.request(ADA, outcome="exchange").number

    with pytest.raises(ReturnNotFound):
        scene.choose_refund(number, EVE)
