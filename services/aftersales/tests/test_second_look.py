"""What one person finds wanting, or would pay out alone, waits for a second one; the customer may appeal to a third."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.aftersales import tables
from services.aftersales.api.refusals import AppealClosed, SecondPersonRequired, UnitNotExpected
from services.aftersales.api.returns import InspectReturn, RequestReturn
from services.aftersales.api.statuses import Outcome, ReturnStatus, WaitsFor
from services.aftersales.handlers import returns
from services.aftersales.tests import builders
from services.aftersales.tests.scene import ADA, ALAN, EDSGER, GRACE, Scene, arrived, outcomes, rejected
from services.common.basics import clock
from services.common.basics.errors import Forbidden, Invalid
from services.common.basics.shapes import Verdict
from services.common.basics.states import VersionMoved, WrongStatus
from services.common.edge.schemas import load
from services.common.testing import fresh_store
from services.orders.api.events import RefundSettled

S = ReturnStatus


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("aftersales", tmp_path) as store:
        scene = Scene(store)
        scene.deliver()
        yield scene


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


def test_a_rejection_without_an_appeal_becomes_final(scene):
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


def test_a_rejected_request_without_an_appeal_becomes_final(scene):
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

    scene.refund(RefundSettled, number, "19.99", 5, settled_at=clock.rfc3339(scene.now))

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


def test_the_team_finds_what_waits_for_a_second_person(scene):
    waiting, decided = arrived(scene), arrived(scene)
    scene.inspect(waiting, outcome="disputed")
    scene.inspect(decided)

    def queue(what: str) -> list[str]:
        return [item.number for item in scene.page(ALAN, waits_for=what)["items"]]

    assert queue(WaitsFor.SECOND_LOOK) == [waiting]
    scene.look(waiting)
    assert queue(WaitsFor.SECOND_LOOK) == []
    scene.appeal(waiting)
    assert queue(WaitsFor.SECOND_LOOK) == [waiting]
    scene.look(waiting, caller=EDSGER)
    assert (queue(WaitsFor.SECOND_LOOK), queue(WaitsFor.SEND_BACK)) == ([], [waiting])
    scene.send_back(waiting)
    assert queue(WaitsFor.SEND_BACK) == []
    with pytest.raises(Forbidden, match="role_required"):
        scene.page(ADA, waits_for=WaitsFor.SECOND_LOOK)


def test_the_customer_keeps_what_was_never_sent(scene):
    number = scene.request(quantity=2).number
    scene.review(number)
    scene.receive(number)
    scene.inspect(number)
    scene.refund(RefundSettled, number, "19.99", 5, settled_at=clock.rfc3339(scene.now))
    assert scene.get(number).status is S.IN_TRANSIT

    item = scene.withdraw(number)

    assert item.status is S.CLOSED
    with pytest.raises(WrongStatus):
        scene.withdraw(number)
    assert scene.request(quantity=2).status is S.REQUESTED


def test_a_dispute_from_before_grounds_is_given_one(scene):
    """Disputes of the first release had a note only."""
    number = arrived(scene)
    scene.inspect(number, outcome="disputed")
    with scene.work() as work:
        work.session.execute(sa.update(tables.return_units).values(ground=None, evidence=None))

    with pytest.raises(Invalid):
        scene.look(number, caller=ALAN)
    assert outcomes(scene.look(number, caller=ALAN, **builders.FOUND)) == [Outcome.DISPUTED]
    assert outcomes(scene.look(number, caller=GRACE)) == [Outcome.REJECTED]


@pytest.mark.parametrize("missing", ["ground", "note", "evidence"])
def test_a_dispute_needs_ground_words_and_evidence(scene, missing):
    number = arrived(scene)
    found = {name: value for name, value in builders.FOUND.items() if name != missing}
    body = {"lines": [{"sku": "LAMP-1", "quantity": 1, "outcome": "disputed", **found}]}

    with pytest.raises(Invalid):
        scene.inspect_with(number, body)

    assert outcomes(scene.get(number)) == [None]


# links, versions, roles

UNSAFE = [
    "javascript:alert(1)", "http://photos.example/1", "data:text/html,x", "//photos.example/1", "https://",
    "https:/photos.example", "https://a b.example/1", 'https://photos.example/"><script>', "https://user@evil.example/",
    "https://photos.example\\@evil.example/", "file:///etc/passwd", "vbscript:x",
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
