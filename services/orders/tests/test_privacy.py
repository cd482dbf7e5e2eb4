"""Customers are erased when they ask and when time is up, never while their order needs them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from services.common.basics import clock, ids
from services.common.store import tables as kit
from services.common.testing import customer, fresh_store
from services.common.testing.statements import noting_statements
from services.orders import tables
from services.orders.api import CancelOrder
from services.orders.api.terms import ORDERS_KEPT, SALES_RECORDS_KEPT, UNPAID_KEPT
from services.orders.domain import Payment
from services.orders.handlers import cancellations, placing, privacy
from services.orders.repository import Work
from services.orders.tests.backorders import order, sell
from services.orders.tests.builders import EMAIL, captured
from services.orders.tests.scenario import hours
from services.orders.tests.scene import Scene
from services.support.api.events import ErasureConfirmed

REQUEST = ids.number(ids.PRIVACY, 1)
DAY = timedelta(days=1)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("orders", tmp_path) as store, hours(0):
        yield Scene(store).stocked("MUG", 100)


def expired(scene: Scene) -> tuple[str, Payment]:
    number = scene.place(("MUG", 1))
    payment = scene.do(lambda work: work.payments.of_order(number)[0])
    with hours(26):
        scene.do(placing.expire_unpaid, number)
    return number, payment


def asks(scene: Scene) -> Any:
    """Have the customer ask for their erasure. Return what orders answers."""
    scene.hear(privacy.on_erasure_confirmed, ErasureConfirmed(request_id=REQUEST, email=EMAIL))
    return left(scene)


def left(scene: Scene) -> set[str]:
    """Return the orders that wait to be erased."""
    return scene.do(lambda work: set(work.session.scalars(sa.select(kit.erasures.c.subject))))


def held_up(scene: Scene) -> list[Any]:
    """Return what people were told of customers who should be erased by now."""
    query = sa.select(kit.journal.c.body).where(kit.journal.c.type == "erasures_held_up")
    return [json.loads(body) for body in scene.do(lambda work: work.session.scalars(query).all())]


def mailbox(scene: Scene, number: str) -> str:
    return str(scene.order(number)["contact"]["email"])


def test_an_order_in_use_waits_and_the_others_are_erased(scene: Scene) -> None:
    (ended, _), unpaid, paid = expired(scene), scene.place(("MUG", 1)), scene.paid(("MUG", 1))

    waiting = asks(scene)

    assert waiting == {unpaid, paid}
    assert [mailbox(scene, number) for number in (ended, unpaid, paid)] == ["erased", EMAIL, EMAIL]
    assert scene.journal(ended)[-1] == "order_erased"
    assert scene.body(ended, "order_placed")["customer"]["phone"] == "erased"
    with hours(26):
        scene.do(placing.expire_unpaid, unpaid)
        privacy.erase_what_ended(partial(scene.store.work, Work))
    assert [mailbox(scene, number) for number in (unpaid, paid)] == ["erased", EMAIL]
    scene.holds()


def test_the_chain_of_a_product_names_no_customer(scene: Scene) -> None:
    sell(scene.stocked("JUG", 2), "2027-01-01", low=1)
    sold, _ = (order(scene, count, "2027-01-01", pays=False) for count in (2, 1))

    scene.do(cancellations.cancel_order, sold, CancelOrder(), caller=customer(EMAIL))

    row = kit.journal.c
    told = sa.select(row.type, row.actor).where(row.subject == "JUG", row.type.in_(["stock_low", "stock_freed"]))
    found = {tuple(each) for each in scene.do(lambda work: work.session.execute(told).all())}
    assert found == {("stock_low", "service:orders"), ("stock_freed", "service:orders")}


def test_what_is_kept_for_repeats_is_opened_once_for_all_orders(scene: Scene) -> None:
    ended, waiting = [expired(scene)[0] for _ in range(3)], [scene.place(("MUG", 1)) for _ in range(2)]
    for number in (*ended, *waiting, "ORD-other"):
        scene.do(
            lambda work, number=number: work.once("look", {}, lambda: {"order": number}), caller=customer(key=number)
        )

    with noting_statements(scene.store) as asked:
        asks(scene)
    with hours(26):
        for number in waiting:
            scene.do(placing.expire_unpaid, number)
        with noting_statements(scene.store) as asked_later:
            privacy.erase_what_ended(partial(scene.store.work, Work))

    assert [mailbox(scene, number) for number in (*ended, *waiting)] == ["erased"] * 5
    assert [sum("FROM idempotency_keys" in each for each in told if each.startswith("SELECT"))
            for told in (asked, asked_later)] == [1, 1]  # fmt: skip
    replies = scene.do(lambda work: work.session.scalars(sa.select(kit.idempotency_keys.c.reply)).all())
    assert [json.loads(each) for each in replies if "ORD-" in str(each)] == [{"order": "ORD-other"}]


def test_hearing_of_it_twice_erases_once(scene: Scene) -> None:
    (ended, _) = expired(scene)

    asks(scene)
    asks(scene)

    assert scene.journal(ended).count("order_erased") == 1


def test_money_for_an_erased_order_goes_back(scene: Scene) -> None:
    number, payment = expired(scene)
    asks(scene)

    with hours(27):
        scene.report(captured(payment))

    order = scene.order(number)
    assert order["status"] == "expired"
    assert order["account"]["refunded"] == order["totals"]["total"]
    scene.holds()


def test_time_erases_what_has_ended_and_nothing_else(scene: Scene) -> None:
    (unpaid, _), confirmed = expired(scene), scene.paid(("MUG", 1))

    def after(span: timedelta) -> list[str]:
        with hours(span / timedelta(hours=1)):
            privacy.erase_what_is_old(partial(scene.store.work, Work))
            return [mailbox(scene, number) for number in (unpaid, confirmed)]

    assert after(UNPAID_KEPT.span - DAY) == [EMAIL, EMAIL]
    assert after(UNPAID_KEPT.span + DAY) == ["erased", EMAIL]
    assert after(ORDERS_KEPT.span + DAY) == ["erased", EMAIL]


def test_orders_that_are_stuck_hold_up_no_others(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """More are stuck than a page has, in front of and among those that have ended; a run goes on until all are done."""
    monkeypatch.setattr("services.orders.repository.privacy.PAGE", 2)
    monkeypatch.setattr("services.common.store.erasures.PAGE", 2)
    stuck = [scene.paid(("MUG", 1)) for _ in range(5)]
    ended = [scene.paid(("MUG", 1)) for _ in range(5)]
    status = sa.update(tables.orders).where(tables.orders.c.order_number.in_(ended)).values(status="completed")
    scene.do(lambda work: work.session.execute(status))
    transaction = partial(scene.store.work, Work)

    with hours((ORDERS_KEPT.span + DAY) / timedelta(hours=1)):
        for _ in range(2):
            privacy.erase_what_is_old(transaction)
        told = held_up(scene)

    assert [mailbox(scene, number) for number in (*stuck, *ended)] == [EMAIL] * 5 + ["erased"] * 5
    assert [(each["count"], sorted(each["orders"])) for each in told] == [(5, sorted(stuck))]


def test_requests_that_wait_hold_up_no_others(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.common.store.erasures.PAGE", 2)
    numbers = [scene.paid(("MUG", 1)) for _ in range(7)]
    asks(scene)
    ended = sorted(numbers)[5:]
    status = sa.update(tables.orders).where(tables.orders.c.order_number.in_(ended)).values(status="completed")
    scene.do(lambda work: work.session.execute(status))

    privacy.erase_what_ended(partial(scene.store.work, Work))

    assert {number for number in numbers if mailbox(scene, number) == "erased"} == set(ended)
    assert scene.do(lambda work: set(work.session.scalars(sa.select(kit.erasures.c.subject)))) == set(numbers) - {
        *ended
    }
    with hours(31 * 24):
        scene.do(privacy.tell_of_held_up)
        scene.do(privacy.tell_of_held_up)
    assert [each["count"] for each in held_up(scene)] == [5]


def test_the_record_of_a_sale_is_kept_apart_for_its_time(scene: Scene) -> None:
    number = scene.paid(("MUG", 1))
    scene.do(lambda work: setattr(work.orders.get(number), "status", "completed"))

    asks(scene)

    records = sa.select(tables.kept_records)
    (kept,) = scene.do(lambda work: work.session.execute(records).all())
    assert (kept.order_number, kept.name, EMAIL in str(kept)) == (number, "Ada Lovelace", False)
    with clock.frozen(kept.kept_until - DAY):
        privacy.erase_what_is_old(partial(scene.store.work, Work))
        assert scene.do(lambda work: work.session.execute(records).all())
    with clock.frozen(kept.kept_until):
        privacy.erase_what_is_old(partial(scene.store.work, Work))
        assert not scene.do(lambda work: work.session.execute(records).all())
    assert kept.kept_until - clock.now() > SALES_RECORDS_KEPT.span


@pytest.mark.parametrize(
    "change", ["UPDATE review_checks SET evidence = 'x'", "UPDATE review_checks SET result = 'failed'",
               "DELETE FROM review_checks", "UPDATE stock_ledger SET actor = 'customer:eve'"],
)  # fmt: skip
def test_what_was_recorded_changes_to_erased_only(scene: Scene, change: str) -> None:
    scene.paid(("MUG", 1))

    with pytest.raises(DBAPIError, match="append-only"), scene.store.engine.begin() as connection:
        connection.execute(sa.text(change))

    with scene.store.engine.begin() as connection:
        assert connection.execute(sa.text("UPDATE review_checks SET evidence = 'erased'")).rowcount
