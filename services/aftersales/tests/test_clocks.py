"""Clocks tell the truth: whatever people do to a return, and whenever, no promise is called kept that is still open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.aftersales.api.statuses import ClaimCause, ReturnStatus
from services.aftersales.domain import Return
from services.aftersales.tests import builders
from services.aftersales.tests.scene import ADA, ALAN, EDSGER, GRACE, LEAD, Scene
from services.common.basics import clock
from services.common.basics.errors import ServiceError
from services.common.basics.shapes import Verdict
from services.common.commitments import Clock
from services.common.commitments.clock import ClockRefused
from services.common.testing import fresh_store
from services.logistics.api.events import ShipmentDelivered
from services.orders.api.events import OrderPlaced, RefundFailed, RefundSettled

ENDS = {ReturnStatus.REJECTED_FINAL, ReturnStatus.WITHDRAWN}
Step = Callable[[Scene, str], object]
NEWS = count(9)

people = st.sampled_from([GRACE, ALAN, EDSGER, LEAD])
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(lambda who: lambda scene, number: scene.review(number, who), people),
    st.builds(lambda who: lambda scene, number: scene.reject(number, who), people),
    st.just(lambda scene, number: scene.review(number, decision="info", question="?")),
    st.just(lambda scene, number: scene.answer(number, answer="yes")),
    st.just(lambda scene, number: scene.answer(number, sent=True, carrier="dhl", tracking_number="1")),
    st.builds(
        lambda what, who: lambda scene, number: scene.receive(number, 1, what, who),
        st.sampled_from(["received_ok", "damaged", "missing"]), people,
    ),
    st.builds(
        lambda what, who: lambda scene, number: scene.inspect(number, 1, what, who),
        st.sampled_from(["accepted", "disputed"]), people,
    ),
    st.builds(
        lambda what, who: lambda scene, number: scene.look(number, 1, what, who, **builders.FOUND),
        st.sampled_from(["accepted", "rejected"]), people,
    ),
    st.just(lambda scene, number: scene.appeal(number)),
    st.just(lambda scene, number: scene.withdraw(number)),
    st.just(lambda scene, number: scene.send_back(number)),
    st.just(lambda scene, number: scene.ask_postage(number)),
    st.builds(
        lambda what, who: lambda scene, number: scene.decide_postage(
            number, what, who, postage=max(len(scene.get(number).postage), 1)
        ),
        st.sampled_from(["accept", "decline"]), people,
    ),
    st.just(lambda scene, _: scene.expire_appeals()),
    st.just(lambda scene, _: scene.lapse()),
    st.just(lambda scene, number: settle(scene, number)),
    st.just(lambda scene, number: take_back(scene, number)),
)  # fmt: skip


BEGINNINGS: list[list[Step]] = [
    [],
    [lambda scene, number: scene.review(number), lambda scene, number: scene.receive(number, 2)],
    [
        lambda scene, number: scene.review(number),
        lambda scene, number: scene.receive(number, 2),
        lambda scene, number: scene.inspect(number, 2, "disputed", GRACE),
        lambda scene, number: scene.look(number, 2, "rejected", ALAN),
    ],
]
"""Ways into what single steps seldom reach."""


def settle(scene: Scene, number: str) -> None:
    """Report, as orders would, that the bank paid all that was claimed."""
    for claim in scene.get(number).claims:
        refund = f"REF-{number}-{claim.claim}"
        at = clock.rfc3339(scene.now)
        told = {"refund_id": refund, "settled_at": at, "cause": claim.cause.value}
        scene.refund(RefundSettled, number, str(claim.amount), next(NEWS), **told)


def take_back(scene: Scene, number: str) -> None:
    """Have the bank take back all that it said it had paid."""
    for claim in scene.get(number).claims:
        if claim.settled:
            told = {"refund_id": claim.refund_id, "cause": claim.cause.value}
            scene.refund(RefundFailed, number, str(claim.amount), next(NEWS), **told)


def lies(scene: Scene, item: Return, clocks: list[Clock]) -> list[str]:
    """List what the clocks say of a return that is not true."""
    by_kind: dict[str, list[Verdict]] = {}
    for each in clocks:
        by_kind.setdefault(each.kind, []).append(each.verdict(scene.now))
    found = []
    contested = any(unit.contested or unit.unjudged for unit in item.units)
    if contested and set(by_kind["verification"]) <= {Verdict.KEPT}:
        found.append("verification is kept while a piece is contested")
    if any(unit.in_appeal for unit in item.units) and set(by_kind["return_review"]) <= {Verdict.KEPT}:
        found.append("return_review is kept while an appeal waits")
    if any(each.undecided for each in item.postage) and set(by_kind.get("postage", ())) <= {Verdict.KEPT}:
        found.append("postage is kept while a receipt is not decided")
    if any(unit.to_send_back for unit in item.units) and set(by_kind.get("send_back", ())) <= {Verdict.KEPT}:
        found.append("send_back is kept while goods are here")
    stopped = {each.id for each in clocks if each.stopped_at is not None}
    found += [f"claim {claim.claim}" for claim in item.claims if (claim.clock_id in stopped) is not claim.settled]
    open_money = any(not claim.settled for claim in item.claims)
    if open_money and item.status in ENDS | {ReturnStatus.REFUNDED, ReturnStatus.CLOSED}:
        found.append("it has ended, and money is owed")
    asks = any(each.undecided for each in item.postage)
    if item.status in ENDS | {ReturnStatus.CLOSED} and not asks and len(stopped) < len(clocks):
        found.append("a clock runs on after the end")
    of_postage = {claim.clock_id for claim in item.claims if claim.cause is ClaimCause.POSTAGE}  # the law binds goods
    for each in clocks:
        late = item.law_due_at and item.law and each.kind == "refund" and each.stopped_at and each.id not in of_postage
        due = item.legal_due(item.units) if late else None
        if due and each.stopped_at and each.stopped_at > due and each.verdict(scene.now) is Verdict.KEPT:
            found.append("a refund is kept that the law calls late")
    return found


@pytest.mark.pure  # one database, whatever the form
@pytest.mark.parametrize("country", ["US", "DE"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_clock_calls_kept_what_is_open(country, data, tmp_path_factory):
    with fresh_store("aftersales", tmp_path_factory.mktemp("clocks"), postgres=False) as store:
        scene = Scene(store)
        scene.hear(OrderPlaced, builders.order_placed())
        scene.hear(ShipmentDelivered, builders.shipment_delivered(country=country))
        number = scene.request(ADA, quantity=2).number
        walked = data.draw(st.lists(STEPS, min_size=10, max_size=30))
        for step in [*data.draw(st.sampled_from(BEGINNINGS)), *walked]:
            scene.now += timedelta(hours=data.draw(st.sampled_from([0, 5, 24, 24 * 8, 24 * 35])))
            try:
                step(scene, number)
            except ClockRefused:
                raise
            except ServiceError:
                continue
            with scene.work() as work:
                item = work.returns.get(number)
                assert lies(scene, item, work.commitments.of_subjects([number])) == []
