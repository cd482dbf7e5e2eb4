"""A return is free of charge: what it cost to send is asked for, decided by people, and paid back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.aftersales.api.refusals import PostageUndecided, ReturnNotFound, SecondPersonRequired
from services.aftersales.api.returns import ListReturns
from services.aftersales.api.statuses import PostageGround, PostageOutcome, ReturnStatus, WaitsFor
from services.aftersales.handlers import returns
from services.aftersales.tests.scene import ADA, AGENT, ALAN, EVE, GRACE, LEAD, Scene, arrived
from services.common.basics import clock, ids
from services.common.basics.caller import Caller
from services.common.basics.errors import Forbidden, Invalid
from services.common.basics.personal import ERASED
from services.common.basics.shapes import Verdict
from services.common.basics.states import WrongStatus
from services.common.testing import fresh_store
from services.orders.api.events import OrderErased, RefundSettled


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("aftersales", tmp_path) as store:
        scene = Scene(store)
        scene.deliver()
        yield scene


def claims(scene: Scene, number: str) -> list[tuple[str, str, str]]:
    return [(claim.cause.value, str(claim.amount), claim.status.value) for claim in scene.get(number).claims]


def settle(scene: Scene, number: str, seq: int = 20) -> None:
    news = {"cause": "postage", "refund_id": "REF-9", "settled_at": clock.rfc3339(scene.now)}
    scene.refund(RefundSettled, f"{number}/1", "13.90", seq, **news)


def test_accepted_postage_is_claimed_and_paid_back(scene):
    number = arrived(scene)

    scene.ask_postage(number)
    waits = scene.verdict("postage", number)
    scene.decide_postage(number)
    owed = claims(scene, number)
    settle(scene, number)

    assert (waits, scene.verdict("postage", number)) == (Verdict.RUNNING, Verdict.KEPT)
    assert owed == [("postage", "13.90", "claimed")]
    assert claims(scene, number) == [("postage", "13.90", "settled")]
    assert scene.verdict("refund", number) is Verdict.KEPT
    assert scene.get(number).status is ReturnStatus.RECEIVED


def test_a_closed_return_is_open_again_until_it_is_paid(scene):
    number = arrived(scene)
    scene.inspect(number)
    at = clock.rfc3339(scene.now)
    scene.refund(RefundSettled, number, "19.99", 9, settled_at=at)
    scene.ask_postage(number)

    scene.decide_postage(number)
    owed = scene.get(number).status
    settle(scene, number)

    assert (owed, scene.get(number).status) == (ReturnStatus.REFUND_DUE, ReturnStatus.CLOSED)
    assert claims(scene, number) == [("return", "19.99", "settled"), ("postage", "13.90", "settled")]


def test_postage_above_the_ceiling_takes_two_people(scene):
    number = arrived(scene)
    scene.alone(20)
    scene.inspect(number)
    scene.ask_postage(number)

    scene.decide_postage(number)
    before = scene.get(number).postage[0].outcome
    with pytest.raises(SecondPersonRequired):
        scene.decide_postage(number)
    scene.decide_postage(number, caller=ALAN)

    assert before is PostageOutcome.UNCONFIRMED
    assert claims(scene, number)[-1] == ("postage", "13.90", "claimed")


def test_who_asks_for_postage_does_not_decide_it(scene):
    number = arrived(scene)
    scene.ask_postage(number, caller=GRACE)

    with pytest.raises(Forbidden):
        scene.decide_postage(number, caller=GRACE)

    scene.decide_postage(number, caller=ALAN)
    assert claims(scene, number) == [("postage", "13.90", "claimed")]


def test_a_decline_takes_a_ground_and_two_people(scene):
    number = arrived(scene)
    scene.ask_postage(number)
    with pytest.raises(Invalid):
        scene.decide_postage(number, "decline", note="")

    scene.decide_postage(number, "decline")
    with pytest.raises(SecondPersonRequired):
        scene.decide_postage(number, "decline")
    running = scene.verdict("postage", number)
    scene.decide_postage(number, "decline", LEAD)

    (declined,) = scene.get(number).postage
    assert running is Verdict.RUNNING
    assert (declined.outcome, declined.ground) == (PostageOutcome.DECLINED, PostageGround.NOT_THIS_RETURN)
    assert claims(scene, number) == []
    assert scene.ask_postage(number).postage[1].outcome is PostageOutcome.ASKED  # with another receipt


def test_what_one_person_found_the_customer_does_not_read(scene):
    number = arrived(scene)
    scene.ask_postage(number)
    scene.decide_postage(number, "decline")

    def shown(caller: Caller) -> tuple[str, str]:
        with scene.work(caller) as work:
            (postage,) = returns.show(work, returns.get_return(work, number))["postage"]
        return postage["outcome"], postage["note"]

    assert shown(ADA) == ("asked", "")
    assert shown(GRACE) == ("disputed", "It is of another day.")


def test_postage_is_asked_for_once_the_goods_are_here(scene):
    number = scene.request().number
    scene.review(number)

    with pytest.raises(WrongStatus):
        scene.ask_postage(number)
    scene.receive(number, condition="missing")
    with pytest.raises(WrongStatus):
        scene.ask_postage(number)


def test_one_receipt_is_looked_at_after_the_other(scene):
    number = arrived(scene)
    scene.ask_postage(number)

    with pytest.raises(PostageUndecided):
        scene.ask_postage(number)
    with pytest.raises(ReturnNotFound):
        scene.ask_postage(number, caller=EVE)
    with pytest.raises(Invalid):
        scene.ask_postage(number, "0.00")


def test_staff_find_postage_that_waits(scene):
    number = arrived(scene)
    scene.ask_postage(number)

    with scene.work(GRACE) as work:
        found = returns.list_returns(work, ListReturns(waits_for=WaitsFor.POSTAGE))

    assert [item["number"] for item in found["items"]] == [number]


def test_nothing_is_sent_to_a_return_of_who_is_erased(scene: Scene) -> None:
    number = arrived(scene)
    scene.inspect(number)
    scene.refund(RefundSettled, number, "19.99", 9, settled_at=clock.rfc3339(scene.now))
    erased = OrderErased(order_number=scene.get(number).order_number, request_id=ids.number(ids.PRIVACY, 1))
    scene.hear(OrderErased, erased.body(), 40)
    assert scene.get(number).email == ERASED

    with pytest.raises(WrongStatus):
        scene.ask_postage(number, caller=AGENT)

    assert scene.get(number).postage == []
