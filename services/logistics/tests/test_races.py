"""What happens when carriers and people do things at the same moment: on PostgreSQL, with real concurrency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import eventlet
import pytest
import sqlalchemy as sa

from services.common.basics import clock
from services.common.basics.errors import Conflict
from services.common.testing import fresh_store, staff
from services.logistics import tables
from services.logistics.adapters.carriers import scenarios
from services.logistics.api.shipments import CorrectParcel, Step
from services.logistics.api.statuses import ParcelStatus
from services.logistics.api.tracking import ListUnmatched
from services.logistics.domain import NewParcel
from services.logistics.handlers import batch, costs, invoices, orders, parcels, shipments, tracking
from services.logistics.repository import Work
from services.logistics.tests.builders import a_scan, an_order_number
from services.logistics.tests.scene import DISPATCHED, ORDER, WAREHOUSE, Scene, given

pytestmark = pytest.mark.integration
ROUNDS = 5


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path, postgres=True) as store, clock.frozen(DISPATCHED + timedelta(days=8)):
        yield Scene(store)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Start all acts together. Return what each one returned or the conflict it met."""

    def outcome(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Conflict as refused:
            return refused

    return [thread.wait() for thread in [eventlet.spawn(outcome, act) for act in acts]]


def sent(scene: Scene, *parcels: NewParcel, order_number: str = ORDER) -> None:
    """Hand parcels over a week ago, so that what is scanned now is later."""
    with clock.frozen(DISPATCHED - timedelta(hours=6)):
        scene.dispatch(*parcels, order_number=order_number)


def recorded(scene: Scene) -> Counter[str]:
    """Count the events of each type in the journal: what was committed, not what was tried."""
    with scene.work() as work:
        return Counter(work.session.execute(sa.text("SELECT type FROM journal")).scalars())


def flaws(scene: Scene) -> list[Any]:
    with scene.work() as work:
        return list(work.journal.verify())


def test_the_same_webhook_ten_times_at_once_has_one_effect(scene: Scene) -> None:
    scene.pass_review()
    sent(scene)
    (raw,) = scenarios.Scenario("one", scenarios.DELIVERED.scans, ParcelStatus.DELIVERED, [range(6)]).webhooks(
        "SIM1", DISPATCHED
    )

    received = at_once(*[lambda: scene.receive(raw)] * 10)

    assert sorted(each.duplicate for each in received) == [False] + [True] * 9
    events = recorded(scene)
    assert (events["tracking_updated"], events["parcel_delivered"], events["shipment_delivered"]) == (1, 1, 1)
    assert flaws(scene) == []


def test_different_webhooks_of_one_parcel_at_once_add_up(scene: Scene) -> None:
    for n in range(ROUNDS):
        order_number, number = an_order_number(n), f"SIM{n}"
        scene.pass_review(order_number)
        sent(scene, NewParcel("simulator", number), order_number=order_number)
        webhooks = scenarios.DELIVERED.webhooks(number, DISPATCHED)
        Random(n).shuffle(webhooks)

        at_once(*[partial(scene.receive, raw) for raw in webhooks])

        (parcel,) = scene.tracking(order_number=order_number)["shipments"][0]["parcels"]
        assert (parcel["status"], len(parcel["events"])) == ("delivered", len(webhooks))
    assert recorded(scene)["shipment_delivered"] == ROUNDS


def test_two_last_deliveries_at_once_deliver_the_shipment_once(scene: Scene) -> None:
    for n in range(ROUNDS):
        order_number, numbers = an_order_number(n), (f"A{n}", f"B{n}")
        scene.pass_review(order_number)
        sent(scene, *(NewParcel("fedex", number) for number in numbers), order_number=order_number)

        scans = [a_scan(ParcelStatus.DELIVERED, 9, number=number) for number in numbers]
        at_once(*[partial(scene.scan, scan) for scan in scans])

        assert recorded(scene)["shipment_delivered"] == n + 1


def test_a_scan_and_its_dispatch_meet_in_either_order(scene: Scene) -> None:
    for n in range(2 * ROUNDS):
        order_number, number = an_order_number(n), f"1Z{n}"
        scene.pass_review(order_number)
        shipment = scene.pack(order_number)

        def dispatch(shipment: str = shipment, number: str = number) -> None:
            with scene.work(WAREHOUSE) as work:
                shipments.mark_dispatched(work, shipment, given(NewParcel("fedex", number)))

        at_once(dispatch, partial(scene.scan, a_scan(ParcelStatus.CUSTOMS, 3, number=number)))

        assert scene.tracking(order_number=order_number)["shipments"][0]["parcels"][0]["status"] == "customs"


def test_of_ten_dispatches_at_once_one_is_done(scene: Scene) -> None:
    scene.pass_review()
    shipment = scene.pack()

    def dispatch(n: int) -> None:
        with scene.work(WAREHOUSE) as work:
            shipments.mark_dispatched(work, shipment, given(NewParcel("fedex", f"1Z{n}")))

    outcomes = at_once(*[partial(dispatch, n) for n in range(10)])

    assert Counter(type(outcome).__name__ for outcome in outcomes) == {"NoneType": 1, "WrongShipmentStatus": 9}
    with scene.work() as work:
        assert work.session.execute(sa.select(sa.func.count()).select_from(tables.parcels)).scalar_one() == 1


def test_one_number_for_two_shipments_at_once_goes_to_one(scene: Scene) -> None:
    numbers = []
    for n in (1, 2):
        scene.pass_review(an_order_number(n))
        numbers.append(scene.pack(an_order_number(n)))

    def dispatch(shipment: str) -> None:
        with scene.work(WAREHOUSE) as work:
            shipments.mark_dispatched(work, shipment, given(NewParcel("fedex", "77")))

    outcomes = at_once(*[partial(dispatch, shipment) for shipment in numbers])

    assert [outcome.code for outcome in outcomes if outcome] == ["tracking_number_taken"]


def test_a_dispatch_and_a_hold_at_once_do_not_contradict(scene: Scene) -> None:
    for n in range(2 * ROUNDS):
        order_number = an_order_number(n)
        scene.pass_review(order_number)
        shipment = scene.pack(order_number)

        def dispatch(shipment: str = shipment, n: int = n) -> None:
            with scene.work(WAREHOUSE) as work:
                shipments.mark_dispatched(work, shipment, given(NewParcel("fedex", f"1Z{n}")))

        def recall(order_number: str = order_number) -> None:
            with scene.work() as work:
                orders.recall_order(work, order_number)

        outcomes = at_once(dispatch, recall) if n % 2 else at_once(recall, dispatch)[::-1]

        (shipped,) = scene.tracking(order_number=order_number)["shipments"]
        assert shipped["status"] == ("dispatched" if outcomes[0] is None else "recalled")
    events = recorded(scene)
    assert events["shipment_recalled"] + events["recall_refused"] == 2 * ROUNDS
    assert events["recall_refused"] == events["shipment_dispatched"]


def test_a_review_repeated_ten_times_makes_one_shipment(scene: Scene) -> None:
    at_once(*[lambda: scene.pass_review(ORDER)] * 10)

    assert recorded(scene)["shipment_created"] == 1


def test_several_replicas_tell_each_late_parcel_once(scene: Scene) -> None:
    for n in range(12):
        scene.pass_review(an_order_number(n))
        sent(scene, NewParcel("fedex", f"1Z{n}"), order_number=an_order_number(n))

    def look() -> None:
        with scene.work() as work:
            tracking.raise_alerts(work)

    with clock.frozen(DISPATCHED + timedelta(days=60)):
        at_once(*[look] * 6)

    events = recorded(scene)
    assert (events["parcel_stuck"], events["parcel_exception"]) == (12, 12)


def test_a_correction_and_a_scan_at_once_meet(scene: Scene) -> None:
    for n in range(ROUNDS):
        order_number, wrong, right = an_order_number(n), f"W{n}", f"R{n}"
        scene.pass_review(order_number)
        sent(scene, NewParcel("fedex", wrong), order_number=order_number)
        number = scene.number(order_number)

        def correct(number: str = number, right: str = right) -> None:
            with scene.work(WAREHOUSE) as work:
                correction = CorrectParcel("a wrong digit", tracking_number=right)
                parcels.correct_parcel(work, number, f"{number}-01", correction)

        scan = a_scan(ParcelStatus.DELIVERED, 9, number=right)
        at_once(correct, partial(scene.scan, scan), correct)

        assert scene.tracking(order_number=order_number)["shipments"][0]["parcels"][0]["status"] == "delivered"
    with scene.work(WAREHOUSE) as work:
        assert parcels.list_unmatched(work, ListUnmatched())["items"] == []
    assert flaws(scene) == []


def test_two_replicas_tell_a_carrier_of_a_parcel_once(scene: Scene) -> None:
    scene.pass_review()
    sent(scene, NewParcel("fedex", "EZ1"))

    def claim() -> int:
        with scene.work() as work:
            found = work.watches.to_register(work.now)
            for watch in found:
                watch.begin_registering(work.now)
            return len(found)

    assert sorted(at_once(claim, claim, claim)) == [0, 0, 1]


def test_an_edit_and_the_packing_at_once_have_one_winner(scene: Scene) -> None:
    for n in range(ROUNDS):
        order_number = an_order_number(n)
        scene.pass_review(order_number)
        number, parcel = scene.number(order_number), NewParcel("simulator", f"SIM{n}")
        with scene.work(WAREHOUSE) as work:
            shipments.mark_sorted(work, number, Step())

        def leave(number: str = number, parcel: NewParcel = parcel) -> None:
            with scene.work(WAREHOUSE) as work:
                shipments.mark_packed(work, number, Step())
            with scene.work(WAREHOUSE) as work:
                shipments.mark_dispatched(work, number, given(parcel))

        before = recorded(scene)
        _, left = at_once(partial(scene.edit, f"CHG-{n}", order_number), leave)

        told = recorded(scene) - before
        assert told["edit_cleared"] + told["edit_refused"] == 1
        assert told["shipment_dispatched"] == told["edit_refused"]
        assert getattr(left, "code", "left") == ("shipment_on_hold" if told["edit_cleared"] else "left")
    assert flaws(scene) == []


def test_an_invoice_uploaded_twice_at_once_counts_once(scene: Scene) -> None:
    scene.pass_review()
    sent(scene, NewParcel("fedex", "1Z1"))
    rows = "invoice,tracking_number,charge,amount\nI-1,1Z1,duty,2.50\nI-1,0,duty,1.00\n"

    def upload() -> int:
        with scene.work(staff("lead")) as work:
            return invoices.upload_invoice(work, rows)["known"]

    assert sorted(at_once(*[upload] * 6)) == [0, 2, 2, 2, 2, 2]
    number = scene.number()
    with scene.work() as work:
        view = costs.get_costs(work, number)
    assert (view["status"], len(view["rows"])) == ("reconciled", 1)


def test_a_file_taken_in_twice_at_once_hands_over_once(scene: Scene) -> None:
    numbers = []
    for n in (1, 2):
        scene.pass_review(an_order_number(n))
        numbers.append(scene.pack(an_order_number(n)))
    rows = "".join(f"{number},fedex,1Z{number[-1]}{place}\n" for place, number in enumerate(numbers))
    opened = partial(scene.store.work, Work, WAREHOUSE)

    found = at_once(*[partial(batch.upload_hand_overs, opened, f"number,carrier,tracking_number\n{rows}")] * 4)

    outcomes = [Counter(str(row["outcome"]) for row in each["rows"]) for each in found]
    assert sum(outcomes, Counter()) == {"done": 2, "known": 6}
    assert recorded(scene)["shipment_dispatched"] == 2
    assert flaws(scene) == []
