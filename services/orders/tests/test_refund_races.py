"""Refunds, their ceiling and disputes at once, on PostgreSQL: no raise is lost, and no two wait in a circle."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.common.basics.caller import ADMIN, LEAD
from services.common.basics.errors import Conflict
from services.common.basics.money import Money
from services.common.testing import customer, fresh_store, staff
from services.orders.adapters.payments import FactKind, PaymentFact
from services.orders.api import CancelOrder
from services.orders.api.ceiling import RaiseRefundCeiling
from services.orders.handlers import cancellations, ceilings, payments, submissions
from services.orders.repository import Work
from services.orders.tests.builders import EMAIL, captured, ceiling, refund_fact
from services.orders.tests.scene import Scene
from services.orders.tests.test_races import at_once

pytestmark = pytest.mark.integration


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("orders", tmp_path, postgres=True) as store:
        yield Scene(store).stocked("MUG", 100)


def cancelled(scene: Scene, count: int) -> list[str]:
    """Return that many orders of 12.50 USD that are to be paid back."""
    numbers = [scene.paid(("MUG", 1), passes=False) for _ in range(count)]
    for number in numbers:
        scene.do(cancellations.cancel_order, number, CancelOrder(""), caller=customer(EMAIL))
    return numbers


def put_in_front(scene: Scene) -> None:
    ceilings.put_in_front(partial(scene.store.work, Work))


def raised(scene: Scene, cents: int) -> None:
    scene.do(ceilings.raise_ceiling, RaiseRefundCeiling(Money(cents), "more"), caller=staff(ADMIN))


@ceiling("5.00", "10.00")
def test_a_raise_counts_for_what_is_looked_at_just_then(scene: Scene) -> None:
    for _ in range(8):
        cancelled(scene, 1)

        at_once(
            partial(scene.do, submissions.claim_due),
            partial(raised, scene, 1250),
            partial(put_in_front, scene),
            partial(put_in_front, scene),
        )
        put_in_front(scene)
        scene.do(submissions.claim_due)

        assert scene.do(ceilings.get_ceiling, caller=staff(LEAD))["waiting"] == 0
    scene.holds()


@ceiling("5.00", "10.00")
def test_raises_disputes_and_reports_meet_without_a_circle(scene: Scene) -> None:
    numbers = cancelled(scene, 6)
    scene.do(submissions.claim_due)
    payments = [scene.order(number)["payment"]["id"] for number in numbers]

    def dispute(place: int) -> None:
        scene.report(PaymentFact(f"evt_{place}", FactKind.DISPUTED, payments[place], "", 500, "USD", dispute="dp"))

    at_once(
        *(partial(dispute, place) for place in range(6)),
        *[partial(raised, scene, 2500)] * 3,
        *[partial(scene.do, submissions.claim_due)] * 3,
        *[partial(put_in_front, scene)] * 3,
    )

    scene.holds()


@ceiling("500.00", "1000.00")
def test_reports_of_two_orders_in_either_order_do_not_circle(scene: Scene) -> None:
    for turn in range(4):
        numbers = cancelled(scene, 6)
        scene.do(submissions.claim_due)
        made: list[Any] = [scene.order(number)["refunds"][0] for number in numbers]
        facts = [refund_fact(each, FactKind.REFUND_SETTLED, event=f"evt_{turn}_{n}") for n, each in enumerate(made)]
        again = [refund_fact(each, FactKind.REFUND_SETTLED, event=f"evt_{turn}_{n}b") for n, each in enumerate(made)]

        at_once(partial(scene.report, *facts), partial(scene.report, *reversed(again)))

        for number in numbers:
            assert scene.journal(number).count("refund_settled") == 1
    scene.holds()


def test_numbers_taken_at_once_have_no_gap(scene: Scene) -> None:
    numbers = cancelled(scene, 6)
    facts = [
        refund_fact(scene.order(number)["refunds"][0], FactKind.REFUND_SETTLED, f"ref.{number}", event=number)
        for number in numbers
    ]
    unpaid = [scene.start(scene.place(("MUG", 1), line1=f"{place} Race Street")) for place in range(6)]

    def killed(fact: PaymentFact) -> None:
        def act(work: Work) -> None:
            payments.take_facts(work, "sandbox", [fact])
            work.documents.end()
            raise Conflict("killed")

        scene.do(act)

    at_once(
        *(partial(killed, fact) for fact in facts[:3]),
        *(partial(scene.report, fact) for fact in (*facts, *facts)),
        *(partial(scene.report, captured(payment)) for payment in unpaid),
    )

    places = scene.do(lambda work: [each.place for number in numbers for each in work.documents.of_order(number)[1:]])
    assert sorted(places) == [1, 2, 3, 4, 5, 6]
    scene.holds()
