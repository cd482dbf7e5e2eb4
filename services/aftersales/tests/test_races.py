"""What happens when people do the same thing at the same moment: on PostgreSQL, with real concurrency."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import eventlet
import pytest
import sqlalchemy as sa

from services.aftersales import tables
from services.aftersales.api.returns import RequestReturn
from services.aftersales.api.statuses import ReturnStatus
from services.aftersales.handlers import customer as handlers
from services.aftersales.repository import Work
from services.aftersales.tests import builders
from services.aftersales.tests.builders import NOW
from services.aftersales.tests.scene import ALAN, EDSGER, GRACE, Scene
from services.common.basics import clock
from services.common.basics.errors import Conflict
from services.common.edge.schemas import load
from services.common.store.database import ConcurrentUpdate
from services.common.testing import customer, fresh_store

pytestmark = pytest.mark.integration


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    # frozen for the whole test: greenthreads leave their own freezes in any order
    with clock.frozen(NOW), fresh_store("aftersales", tmp_path, postgres=True) as store:
        scene = Scene(store)
        scene.deliver()
        yield scene


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Start all acts together. Return what each one returned or the conflict it met."""

    def outcome(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Conflict as refused:
            return refused

    return [thread.wait() for thread in [eventlet.spawn(outcome, act) for act in acts]]


def refused(outcomes: list[Any]) -> list[str]:
    return [outcome.code for outcome in outcomes if isinstance(outcome, Conflict)]


def test_of_twenty_requests_for_the_same_pieces_one_wins(scene):
    outcomes = at_once(*[lambda: scene.request(quantity=2)] * 20)

    assert refused(outcomes) == ["not_returnable"] * 19
    assert len(scene.recorded(next(one.number for one in outcomes if not isinstance(one, Conflict)))) == 1


def test_the_database_itself_gives_a_piece_to_one_return_only(scene):
    first = scene.request()

    with scene.work() as work:
        copy = {"number": builders.RETURN_NUMBER, "status": ReturnStatus.REQUESTED}
        row = work.session.execute(sa.select(tables.returns)).mappings().one()
        work.session.execute(sa.insert(tables.returns).values({**row, **copy}))
        piece = dict(work.session.execute(sa.select(tables.return_units)).mappings().one())
    piece["return_number"] = builders.RETURN_NUMBER
    with pytest.raises(ConcurrentUpdate), scene.work() as work:
        work.session.execute(sa.insert(tables.return_units).values(piece))

    assert scene.get(first.number).units[0].holds


def test_twenty_requests_with_one_key_make_one_return(scene):
    ada = customer("ada@example.com", key="k-1")

    def ask() -> dict[str, Any]:
        with scene.work(ada) as work:
            asked = load(RequestReturn, builders.wanted())
            answer: dict[str, Any] = work.once(
                "request_return",
                builders.wanted(),
                lambda: {"number": handlers.request_return(work, asked).number},
            )
            return answer

    outcomes = at_once(*[ask] * 20)

    assert refused(outcomes) == []
    assert len({outcome["number"] for outcome in outcomes}) == 1


def test_two_inspections_at_once_claim_the_refund_once(scene):
    number = scene.request().number
    scene.review(number)
    scene.receive(number)

    outcomes = at_once(lambda: scene.inspect(number), lambda: scene.inspect(number, caller=ALAN))

    assert refused(outcomes) == ["unit_not_expected"]
    assert scene.recorded(number).count("refund_claimed") == 1


def test_authorized_or_withdrawn_but_never_both(scene):
    number = scene.request().number
    scene.review(number, decision="info", question="?")

    def withdraw() -> None:
        scene.withdraw(number)

    outcomes = at_once(withdraw, lambda: scene.answer(number, answer="Yes."), lambda: scene.review(number, GRACE))

    assert scene.get(number).status in (ReturnStatus.WITHDRAWN, ReturnStatus.AUTHORIZED, ReturnStatus.REQUESTED)
    steps = scene.recorded(number)
    assert len(steps) == 2 + len(outcomes) - len(refused(outcomes))


def test_two_replicas_let_a_return_lapse_once(scene):
    number = scene.request().number
    sent_by = scene.review(number).send_by
    assert sent_by is not None
    scene.now = sent_by.replace(year=sent_by.year + 1)

    def sweep() -> None:
        scene.lapse()

    at_once(sweep, sweep)

    assert scene.recorded(number).count("return_lapsed") == 1


def test_a_locked_row_is_read_again_in_the_same_unit_of_work(scene: Scene) -> None:
    """The events of one batch share a unit of work: one may look at an order, and a later one change it."""
    with scene.store.work(Work) as work:
        known = work.orders.find(builders.ORDER_NUMBER)

        eventlet.spawn(_cancel, scene).wait()

        assert work.orders.get(builders.ORDER_NUMBER, lock=True) is known
        assert known is not None
        assert known.cancelled_at == NOW


def _cancel(scene: Scene) -> None:
    with scene.store.work(Work) as work:
        work.orders.get(builders.ORDER_NUMBER, lock=True).cancel(NOW)


def test_inspections_at_once_pay_no_more_alone_than_one(scene):
    """What one person may pay out alone counts for the order, so two of its returns wait for each other."""
    scene.alone(40)
    numbers = [scene.request().number for _ in range(3)]
    for number in numbers:
        scene.review(number)
        scene.receive(number)

    at_once(*[partial(scene.inspect, number) for number in numbers])

    paid = [scene.get(number).refund.cents for number in numbers]
    assert (sum(paid) <= 4000, paid.count(0)) == (True, 1)


def test_two_second_looks_at_once_decide_once(scene):
    number = scene.request().number
    scene.review(number)
    scene.receive(number, condition="missing")
    scene.inspect(number, caller=GRACE)

    outcomes = at_once(
        lambda: scene.look(number, outcome="accepted", caller=ALAN),
        lambda: scene.look(number, outcome="accepted", caller=EDSGER),
    )

    assert refused(outcomes) in (["unit_not_expected"], ["wrong_status"])
    assert scene.recorded(number).count("refund_claimed") == 1


def test_appealed_or_final_but_never_both(scene):
    number = scene.request().number
    scene.review(number)
    scene.receive(number)
    scene.inspect(number, outcome="disputed")
    until = scene.look(number).appeal_by
    assert until is not None
    scene.now = until + timedelta(seconds=1)

    outcomes = at_once(lambda: scene.appeal(number), scene.expire_appeals, scene.expire_appeals)

    assert refused(outcomes) in (["appeal_closed"], ["wrong_status"])
    assert scene.recorded(number).count("return_rejected") == 2
    assert scene.recorded(number).count("return_appealed") == 0


def test_pieces_are_disposed_once(scene):
    number = scene.request().number
    scene.review(number)
    scene.receive(number)
    scene.inspect(number)

    outcomes = at_once(lambda: scene.dispose(number), lambda: scene.dispose(number, disposition="scrap"))

    assert refused(outcomes) == ["unit_not_expected"]
    assert scene.recorded(number).count("return_disposed") == 1
