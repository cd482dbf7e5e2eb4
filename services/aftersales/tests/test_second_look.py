"""What one person finds wanting, or would pay out alone, waits for a second one; the customer may appeal to a third."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.aftersales import heard
from services.aftersales.api.refusals import AppealClosed, NotRestockable, SecondPersonRequired, UnitNotExpected
from services.aftersales.api.returns import InspectReturn, RequestReturn
from services.aftersales.api.statuses import Outcome, ReturnStatus
from services.aftersales.domain import Return
from services.aftersales.handlers import returns
from services.aftersales.tests import builders
from services.aftersales.tests.scene import ADA, AGENT, ALAN, EDSGER, GRACE, LEAD, Scene
from services.common.basics import clock
from services.common.basics.errors import Forbidden, Invalid
from services.common.basics.shapes import Verdict
from services.common.basics.states import VersionMoved, WrongStatus
from services.common.edge.schemas import load
from services.common.testing import fresh_store, staff

S = ReturnStatus


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("aftersales", tmp_path) as store:
        scene = Scene(store)
        scene.deliver()
        yield scene


def arrived(scene: Scene, quantity: int = 1, condition: str = "received_ok") -> str:
    """The number of a return whose goods are here."""
    number = scene.request(quantity=quantity).number
    scene.review(number)
    scene.receive(number, quantity, condition)
    return number


def rejected(scene: Scene, quantity: int = 1) -> str:
    """The number of a return all of whose goods two people rejected."""
    number = arrived(scene, quantity)
    scene.inspect(number, quantity, "disputed")
    scene.look(number, quantity)
    return number


def outcomes(item: Return) -> list[Outcome | None]:
    return [unit.outcome for unit in item.units]


# rejections


def test_a_dispute_keeps_the_verification_clock_running(scene):
    number = arrived(scene)

    scene.inspect(number, outcome="disputed")

    assert scene.verdict("verification", number) is Verdict.RUNNING
    scene.now += timedelta(days=10)
    assert scene.verdict("verification", number) is Verdict.BREACHED


def test_the_second_person_confirms_the_dispute(scene):
    number = arrived(scene)
    scene.inspect(number, outcome="disputed", caller=GRACE)

    with pytest.raises(SecondPersonRequired):
        scene.look(number, caller=GRACE)
    item = scene.look(number, caller=ALAN)

    assert outcomes(item) == [Outcome.REJECTED]
    assert item.appeal_by is not None
    assert scene.verdict("verification", number) is Verdict.PAUSED
    assert scene.recorded(number)[-3:] == ["return_inspected", "return_second_look_wanted", "return_rejected"]


def test_the_second_person_may_accept_what_was_disputed(scene):
    number = arrived(scene)
    scene.inspect(number, outcome="disputed")

    item = scene.look(number, outcome="accepted")

    assert (item.status, item.refund.cents) == (S.REFUND_DUE, 1999)
    assert scene.verdict("verification", number) is Verdict.KEPT


def test_another_ground_is_a_new_dispute(scene):
    number = arrived(scene)
    scene.inspect(number, outcome="disputed")

    other = {**builders.FOUND, "ground": "used_beyond_trying"}
    item = scene.look(number, caller=ALAN, **other)

    assert outcomes(item) == [Outcome.DISPUTED]
    assert outcomes(scene.look(number, caller=GRACE)) == [Outcome.REJECTED]


def test_a_third_person_decides_the_appeal_of_a_piece(scene):
    number = rejected(scene)
    scene.appeal(number)

    for person in (GRACE, ALAN):
        with pytest.raises(SecondPersonRequired):
            scene.look(number, outcome="accepted", caller=person)
    assert scene.verdict("return_review", number) is Verdict.RUNNING
    item = scene.look(number, outcome="accepted", caller=EDSGER)

    assert item.status is S.REFUND_DUE
    assert {scene.verdict(kind, number) for kind in ("return_review", "verification")} == {Verdict.KEPT}


def test_goods_go_back_after_an_appeal_in_vain(scene):
    number = rejected(scene)
    scene.appeal(number)
    scene.look(number, caller=EDSGER)
    assert scene.verdict("send_back", number) is Verdict.RUNNING

    item = scene.send_back(number)

    assert (item.status, item.closed_at) == (S.CLOSED, scene.now)
    assert scene.verdict("send_back", number) is Verdict.KEPT
    assert scene.recorded(number)[-2:] == ["return_sent_back", "return_closed"]
    with pytest.raises(UnitNotExpected):
        scene.send_back(number)
    assert scene.request(quantity=3).status is S.REQUESTED


def test_a_rejection_nobody_appeals_becomes_final(scene):
    number = rejected(scene)
    until = scene.get(number).appeal_by
    assert until is not None

    scene.now = until
    scene.expire_appeals()
    assert outcomes(scene.get(number)) == [Outcome.REJECTED]
    scene.now = until + timedelta(seconds=1)
    with pytest.raises(AppealClosed):
        scene.appeal(number)
    scene.expire_appeals()
    scene.expire_appeals()

    assert outcomes(scene.get(number)) == [Outcome.REJECTED_FINAL]
    assert scene.recorded(number).count("return_rejected") == 2
    assert scene.verdict("send_back", number) is Verdict.RUNNING


def test_a_rejected_request_nobody_appeals_becomes_final(scene):
    number = scene.request().number
    scene.reject(number, GRACE)
    scene.reject(number, ALAN)

    scene.now += timedelta(days=40)
    scene.expire_appeals()

    assert scene.get(number).status is S.REJECTED_FINAL
    assert scene.request(quantity=3).status is S.REQUESTED


def test_money_beside_a_contested_piece_closes_nothing(scene):
    number = arrived(scene, 2)
    scene.inspect(number)
    scene.inspect(number, outcome="disputed")

    scene.refund(heard.RefundSettled, number, "19.99", 5, settled_at=clock.rfc3339(scene.now))

    assert scene.get(number).status is S.INSPECTED
    scene.look(number)
    scene.appeal(number)
    scene.look(number, caller=EDSGER)
    assert scene.send_back(number).status is S.CLOSED


def test_the_customer_sees_a_rejection_only_when_it_is_one(scene):
    number = arrived(scene)
    scene.inspect(number, outcome="disputed")

    def shown() -> object:
        with scene.work(ADA) as work:
            return returns.show(work, returns.get_return(work, number))["units"][0]

    assert "plug" not in str(shown())
    scene.look(number)
    assert "plug" in str(shown())
    assert "grace" not in str(shown())


def test_a_rejection_of_pieces_is_shown_as_the_returns(scene):
    number = rejected(scene)

    def shown() -> object:
        with scene.work(ADA) as work:
            return returns.show(work, returns.get_return(work, number))["rejection"]

    told = {"ground": "incomplete", "explanation": "The plug is missing."}
    assert shown() == {**told, "final": False}
    scene.appeal(number)
    scene.look(number, caller=EDSGER)
    assert shown() == {**told, "final": True}


def test_the_customer_keeps_what_was_never_sent(scene):
    number = scene.request(quantity=2).number
    scene.review(number)
    scene.receive(number)
    scene.inspect(number)
    scene.refund(heard.RefundSettled, number, "19.99", 5, settled_at=clock.rfc3339(scene.now))
    assert scene.get(number).status is S.IN_TRANSIT

    item = scene.withdraw(number)

    assert item.status is S.CLOSED
    with pytest.raises(WrongStatus):
        scene.withdraw(number)
    assert scene.request(quantity=2).status is S.REQUESTED


@pytest.mark.parametrize("missing", ["ground", "note", "evidence"])
def test_a_dispute_needs_ground_words_and_evidence(scene, missing):
    number = arrived(scene)
    found = {name: value for name, value in builders.FOUND.items() if name != missing}
    body = {"lines": [{"sku": "LAMP-1", "quantity": 1, "outcome": "disputed", **found}]}

    with pytest.raises(Invalid):
        scene.inspect_with(number, body)

    assert outcomes(scene.get(number)) == [None]


# payouts


def test_who_asked_in_the_customers_name_does_not_decide(scene):
    number = scene.request(GRACE).number

    for step in (scene.review, scene.reject):
        with pytest.raises(SecondPersonRequired):
            step(number, GRACE)
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


# links, versions, roles

UNSAFE = [
    "javascript:alert(1)", "http://photos.example/1", "data:text/html,x", "//photos.example/1", "https://",
    "https:/photos.example", "https://a b.example/1", 'https://photos.example/"><script>', "https://user@evil.example/",
    "https://photos.example\\@evil.example/", "file:///etc/passwd", "https://photos.example/\u202egpj", "vbscript:x",
    " javascript:alert(1)", "https://photos.example/1 javascript:alert(1)", "see the photo",
]  # fmt: skip
SAFE = [
    "https://photos.example/1.jpg", "HTTPS://photos.example", "https://photos.example:8443/a/b?c=d&e=%20f#g",
    "https://xn--bcher-kva.example/1?x=[1]",
]  # fmt: skip


@pytest.mark.parametrize("link", UNSAFE)
def test_evidence_that_is_no_https_link_is_refused(link):
    found = {**builders.FOUND, "evidence": [link]}
    judged = {"lines": [{"sku": "LAMP-1", "quantity": 1, "outcome": "disputed", **found}]}

    with pytest.raises(Invalid, match="validation_failed"):
        load(RequestReturn, builders.wanted(evidence=[link]))
    with pytest.raises(Invalid, match="validation_failed"):
        load(InspectReturn, judged)


@pytest.mark.parametrize("link", SAFE)
def test_evidence_may_be_an_https_link(link):
    assert load(RequestReturn, builders.wanted(evidence=[link])).evidence == (link,)


def test_a_step_on_an_old_version_tells_what_changed(scene):
    number = scene.request().number
    seen = scene.review(number, decision="info", question="Is the plug in the box?").version
    scene.now += timedelta(minutes=1)
    scene.answer(number, answer="Yes.", version=seen)

    with pytest.raises(VersionMoved) as moved:
        scene.withdraw(number, version=seen)

    told = moved.value.details
    assert (told["version"], told["current"]["status"]) == (seen + 1, "requested")
    assert [change["type"] for change in told["changes"]] == ["return_info_answered"]
    assert told["current"]["version"] == seen + 1
    assert "email" not in told["current"]


def test_only_the_team_takes_the_new_steps(scene):
    number = arrived(scene)
    scene.inspect(number, outcome="disputed")

    for caller in (ADA, AGENT):
        with pytest.raises(Forbidden, match="role_required"):
            scene.look(number, caller=caller)
        with pytest.raises(Forbidden, match="role_required"):
            scene.send_back(number, caller=caller)
