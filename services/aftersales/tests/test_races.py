"""What happens when people do the same thing at the same moment: on PostgreSQL, with real concurrency."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import eventlet
import pytest
import sqlalchemy as sa

from services.aftersales import tables
from services.aftersales.domain import ReturnStatus
from services.aftersales.handlers import asking, deciding
from services.aftersales.repository import Work
from services.aftersales.tests import builders
from services.aftersales.tests.builders import NOW
from services.aftersales.tests.test_handlers import ADA, ALAN, GRACE, Desk
from services.common.basics import clock
from services.common.basics.errors import Conflict
from services.common.store.database import ConcurrentUpdate
from services.common.testing import customer, fresh_store

pytestmark = pytest.mark.integration


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    # frozen for the whole test: greenthreads leave their own freezes in any order
    with clock.frozen(NOW), fresh_store("aftersales", tmp_path, postgres=True) as store:
        desk = Desk(store)
        desk.deliver()
        yield desk


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each of them returned, or the conflict it met, all begun together."""

    def outcome(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Conflict as refused:
            return refused

    return [thread.wait() for thread in [eventlet.spawn(outcome, act) for act in acts]]


def refused(outcomes: list[Any]) -> list[str]:
    return [outcome.code for outcome in outcomes if isinstance(outcome, Conflict)]


def test_of_twenty_requests_for_the_same_pieces_one_wins(desk):
    outcomes = at_once(*[lambda: desk.request(quantity=2)] * 20)

    assert refused(outcomes) == ["not_returnable"] * 19
    assert len(desk.recorded(next(one.number for one in outcomes if not isinstance(one, Conflict)))) == 1


def test_the_database_itself_gives_a_piece_to_one_return_only(desk):
    first = desk.request()

    with desk.work() as work:
        copy = {"number": builders.RETURN_NUMBER, "status": ReturnStatus.REQUESTED}
        row = work.session.execute(sa.select(tables.returns)).mappings().one()
        work.session.execute(sa.insert(tables.returns).values({**row, **copy}))
        piece = dict(work.session.execute(sa.select(tables.return_units)).mappings().one())
    piece["return_number"] = builders.RETURN_NUMBER
    with pytest.raises(ConcurrentUpdate), desk.work() as work:
        work.session.execute(sa.insert(tables.return_units).values(piece))

    assert desk.get(first.number).units[0].holds


def test_one_key_twenty_times_at_once_is_one_return_and_twenty_equal_answers(desk):
    ada = customer("ada@example.com", key="k-1")

    def ask() -> dict[str, Any]:
        with desk.work(ada) as work:
            wanted = {"lines": [builders.a_line()], "description": "", "evidence": []}
            asked = {"order_number": builders.ORDER_NUMBER, **wanted}
            answer: dict[str, Any] = work.once(
                "request_return",
                builders.wanted(),
                lambda: {"number": asking.request_return(work, asked, builders.RULES).number},
            )
            return answer

    outcomes = at_once(*[ask] * 20)

    assert refused(outcomes) == []
    assert len({outcome["number"] for outcome in outcomes}) == 1


def test_two_inspections_at_once_claim_the_refund_once(desk):
    number = desk.request().number
    desk.review(number)
    desk.receive(number)

    outcomes = at_once(lambda: desk.inspect(number), lambda: desk.inspect(number, caller=ALAN))

    assert refused(outcomes) == ["unit_not_expected"]
    assert desk.recorded(number).count("refund_claimed") == 1


def test_authorized_or_withdrawn_but_never_both(desk):
    number = desk.request().number
    desk.review(number, decision="info", question="?")

    def withdraw() -> None:
        with desk.work(ADA) as work:
            asking.withdraw_return(work, number)

    outcomes = at_once(withdraw, lambda: desk.answer(number, answer="Yes."), lambda: desk.review(number, GRACE))

    assert desk.get(number).status in (ReturnStatus.WITHDRAWN, ReturnStatus.AUTHORIZED, ReturnStatus.REQUESTED)
    steps = desk.recorded(number)
    assert len(steps) == 2 + len(outcomes) - len(refused(outcomes))


def test_two_replicas_let_a_return_lapse_once(desk):
    number = desk.request().number
    sent_by = desk.review(number).send_by
    assert sent_by is not None
    desk.now = sent_by.replace(year=sent_by.year + 1)

    def sweep() -> None:
        with desk.work() as work:
            deciding.lapse_unsent(work)

    at_once(sweep, sweep)

    assert desk.recorded(number).count("return_lapsed") == 1


def test_what_is_locked_is_read_anew_though_the_same_work_knew_it_before(desk: Desk) -> None:
    """The events of one batch share a unit of work: one may look at an order, and a later one change it."""
    with desk.store.work(Work) as work:
        known = work.orders.find(builders.ORDER_NUMBER)

        eventlet.spawn(_cancel, desk).wait()

        assert work.orders.get(builders.ORDER_NUMBER, lock=True) is known
        assert known is not None
        assert known.cancelled_at == NOW


def _cancel(desk: Desk) -> None:
    with desk.store.work(Work) as work:
        work.orders.get(builders.ORDER_NUMBER, lock=True).cancel(NOW)
