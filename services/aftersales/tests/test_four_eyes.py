"""No person alone pays out what they asked for, what is not here, or much; accepted goods are disposed of once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.aftersales.api.refusals import NotRestockable, SecondPersonRequired, UnitNotExpected
from services.aftersales.api.statuses import Outcome, ReturnStatus
from services.aftersales.tests import builders
from services.aftersales.tests.scene import ALAN, EDSGER, GRACE, LEAD, Scene, arrived, outcomes, rejected
from services.common.basics.caller import Caller, key_actor
from services.common.basics.shapes import Verdict
from services.common.testing import fresh_store, staff

S = ReturnStatus


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("aftersales", tmp_path) as store:
        scene = Scene(store)
        scene.deliver()
        yield scene


# payouts


def test_who_asked_in_the_customers_name_does_not_decide(scene):
    number = scene.request(GRACE).number

    for step in (scene.review, scene.reject):
        with pytest.raises(SecondPersonRequired):
            step(number, GRACE)
    assert scene.review(number, ALAN).status is S.AUTHORIZED


def test_a_key_is_no_second_person_beside_who_made_it(scene):
    key = Caller(key_actor("returns-desk", str(GRACE.email)), roles=GRACE.roles)
    number = scene.request(key).number

    with pytest.raises(SecondPersonRequired):
        scene.review(number, GRACE)
    assert scene.review(number, ALAN).status is S.AUTHORIZED


def test_who_asked_does_not_receive_and_pay_alone(scene):
    number = scene.request(GRACE).number
    scene.review(number, ALAN)
    scene.receive(number, caller=GRACE)

    item = scene.inspect(number, caller=GRACE)

    assert (outcomes(item), item.claims) == ([Outcome.UNCONFIRMED], [])
    with pytest.raises(SecondPersonRequired):
        scene.look(number, outcome="accepted", caller=GRACE)
    assert scene.look(number, outcome="accepted", caller=ALAN).status is S.REFUND_DUE


def test_who_asked_does_not_confirm_what_another_accepts(scene):
    scene.alone(0)
    number = scene.request(GRACE).number
    scene.review(number, ALAN)
    scene.receive(number, caller=ALAN)
    scene.inspect(number, caller=ALAN)

    with pytest.raises(SecondPersonRequired):
        scene.look(number, outcome="accepted", caller=GRACE)


def test_staff_do_not_decide_their_own_returns(scene):
    number = scene.request().number

    with pytest.raises(SecondPersonRequired):
        scene.review(number, staff("aftersales", email="ada@example.com"))


@pytest.mark.parametrize("condition", ["missing", "lost_by_carrier"])
def test_what_is_not_here_is_paid_by_two_people(scene, condition):
    number = arrived(scene, condition=condition)

    item = scene.inspect(number)

    assert (outcomes(item), item.claims) == ([Outcome.UNCONFIRMED], [])
    assert scene.verdict("verification", number) is Verdict.RUNNING
    assert scene.look(number, outcome="accepted").status is S.REFUND_DUE


@pytest.mark.parametrize("steps", [(3,), (1, 1, 1), (2, 1)])
def test_no_split_of_an_inspection_pays_out_more_alone(scene, steps):
    scene.alone(40)
    number = arrived(scene, 3)

    for quantity in steps:
        scene.inspect(number, quantity)

    paid = scene.get(number).refund
    assert paid.cents <= 4000
    assert Outcome.UNCONFIRMED in outcomes(scene.get(number))


def test_no_split_into_returns_pays_out_more_alone(scene):
    scene.alone(40)

    numbers = [arrived(scene) for _ in range(3)]
    for number in numbers:
        scene.inspect(number)

    assert [outcomes(scene.get(number)) for number in numbers] == [
        [Outcome.ACCEPTED], [Outcome.ACCEPTED], [Outcome.UNCONFIRMED],
    ]  # fmt: skip


def test_a_second_person_may_find_the_ground_instead(scene):
    number = arrived(scene, condition="missing")
    scene.inspect(number, caller=GRACE)

    scene.look(number, caller=ALAN, **builders.FOUND)
    item = scene.look(number, caller=GRACE)

    assert outcomes(item) == [Outcome.REJECTED]


def test_granting_an_appeal_above_the_amount_takes_two(scene):
    scene.alone(0)
    number = rejected(scene)
    scene.appeal(number)

    assert outcomes(scene.look(number, outcome="accepted", caller=EDSGER)) == [Outcome.UNCONFIRMED]
    assert scene.verdict("verification", number) is Verdict.PAUSED
    assert scene.look(number, outcome="accepted", caller=LEAD).status is S.REFUND_DUE


# what becomes of the goods


def test_accepted_pieces_are_restocked_once(scene):
    number = arrived(scene, 2)
    scene.inspect(number, 2)

    scene.dispose(number)
    scene.dispose(number, disposition="scrap")

    with pytest.raises(UnitNotExpected):
        scene.dispose(number)
    with scene.work() as work:
        told = [entry["body"] for entry in work.journal.timeline(builders.ORDER_NUMBER, public_only=False)
                if entry["type"] == "return_disposed"]  # fmt: skip
    assert told[0] == {
        "number": number, "return_number": number, "order_number": builders.ORDER_NUMBER,
        "units": [{"sku": "LAMP-1", "quantity": 1, "disposition": "restock"}],
    }  # fmt: skip
    assert told[1]["units"] == [{"sku": "LAMP-1", "quantity": 1, "disposition": "scrap"}]


@pytest.mark.parametrize("condition", ["damaged", "wrong_item"])
def test_what_is_not_as_new_is_not_restocked(scene, condition):
    number = arrived(scene, condition=condition)
    scene.inspect(number)

    with pytest.raises(NotRestockable):
        scene.dispose(number)
    assert scene.dispose(number, disposition="scrap").units[0].disposition == "scrap"


def test_only_accepted_goods_that_are_here_are_disposed(scene):
    missing, contested = arrived(scene, condition="missing"), arrived(scene)
    scene.inspect(missing)
    scene.look(missing, outcome="accepted")
    scene.inspect(contested, outcome="disputed")

    for number in (missing, contested):
        with pytest.raises(UnitNotExpected):
            scene.dispose(number)
