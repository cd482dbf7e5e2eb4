"""What logistics does with orders' events, the warehouse's steps and the carriers' webhooks, in its database."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from services.common.basics import clock, ids
from services.common.basics.caller import Caller
from services.common.basics.clock import parse_rfc3339
from services.common.basics.errors import NotFound
from services.common.basics.money import Money
from services.common.commitments import Clock, Verdict
from services.common.store.database import ConcurrentUpdate, Store
from services.common.testing import customer, fresh_store, guest, holder, staff
from services.logistics import tables
from services.logistics.adapters.carriers import scenarios
from services.logistics.api.refusals import ShipmentNotFound, ShipmentOnHold, TrackingNumberTaken, WrongShipmentStatus
from services.logistics.api.shipments import ListShipments, Step
from services.logistics.api.statuses import ParcelStatus, ShipmentStatus
from services.logistics.domain import NewParcel
from services.logistics.handlers import orders, shipments, tracking
from services.logistics.tests.builders import (
    EMAIL,
    a_scan,
    an_order_number,
)
from services.logistics.tests.scene import DISPATCHED, ORDER, WAREHOUSE, Scene, given
from services.orders.api.events import DispatchHeld, DispatchReleased


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        yield Scene(store)


# orders' events


def test_a_passed_review_makes_a_shipment_and_starts_its_clock(scene: Scene) -> None:
    scene.pass_review()

    (created,) = scene.told("shipment_created")
    assert created["at"] == "2026-03-02T02:00:00Z"
    assert created["lines"][0]["sku"] == "MUG-1"
    with scene.work() as work:
        clock_ = work.commitments.find("dispatch", created["shipment_number"])
        shipment = work.shipments.get(created["shipment_number"])
    assert clock_ is not None
    assert clock_.started_at == parse_rfc3339("2026-03-02T02:00:00Z")
    assert shipment.dispatch_due_at == clock_.due_at == datetime(2026, 3, 5, 15, 59, 59, 999999, tzinfo=UTC)
    assert (clock_.calendar, clock_.zone) == ("CN", "Asia/Shanghai")
    assert (shipment.destination.time_zone, shipment.customer_charged.cents) == ("America/Denver", 0)


def test_an_order_has_one_shipment_after_repeated_reviews(scene: Scene) -> None:
    scene.pass_review()
    scene.pass_review()

    assert len(scene.told("shipment_created")) == 1


@pytest.mark.parametrize("order_of_arrival", list(itertools.permutations(["review", "change", "cancelled"])))
def test_a_shipment_ends_the_same_in_any_order_of_news(scene: Scene, order_of_arrival: tuple[str, ...]) -> None:
    def cancel() -> None:
        with scene.work() as work:
            orders.cancel_order(work, ORDER)

    news = {
        "review": lambda: scene.pass_review(seq=4),
        "change": lambda: scene.change({"line_id": 1, "sku": "MUG-1", "quantity": 1}, seq=5),
        "cancelled": cancel,
    }

    for each in order_of_arrival:
        news[each]()

    with scene.work() as work:
        (shipment,) = work.shipments.of_order(ORDER)
        dispatch = work.commitments.find("dispatch", shipment.number)
    assert shipment.status is ShipmentStatus.RECALLED
    assert dispatch is not None
    assert dispatch.stopped_at == shipment.recalled_at
    assert scene.events[0].type == "shipment_created"
    assert [event.type for event in scene.events[-2:]] == ["shipment_recalled", "landed_cost_moved"]


def test_a_shipment_number_follows_from_the_order_number(scene: Scene) -> None:
    scene.pass_review()

    number = scene.number()
    assert ids.is_number(number, ids.SHIPMENT)
    assert number[4:13] == ORDER[4:13]


def test_a_change_before_the_review_holds_for_the_shipment(scene: Scene) -> None:
    scene.change({"line_id": 1, "sku": "MUG-1", "quantity": 1}, seq=5)

    scene.pass_review(seq=4)

    assert scene.told("shipment_created")[0]["lines"][0]["quantity"] == 2
    assert scene.told("shipment_adjusted")[0]["lines"][0]["quantity"] == 1


def test_a_change_from_before_the_review_is_in_its_lines_already(scene: Scene) -> None:
    scene.change({"line_id": 1, "sku": "MUG-1", "quantity": 1}, seq=3)

    scene.pass_review(seq=4)

    assert scene.told("shipment_created")[0]["lines"][0]["quantity"] == 2


def test_nothing_leaves_while_a_change_waits_for_an_answer(scene: Scene) -> None:
    scene.pass_review()
    with scene.work() as work:
        orders.hold_order(work, ORDER, "CHG-1", work.now)

    with pytest.raises(ShipmentOnHold):
        scene.dispatch()

    with scene.work() as work:
        orders.release_order(work, ORDER, "CHG-1", work.now)
    number = scene.number()
    with scene.work(WAREHOUSE) as work:
        shipments.mark_dispatched(work, number, given(NewParcel("simulator", "SIM1")))
    assert scene.told("shipment_dispatched")


def dispatch_clock(scene: Scene) -> Clock:
    number = scene.number()
    with scene.work() as work:
        found = work.commitments.find("dispatch", number)
        assert found is not None
        return found


def test_the_clock_pauses_while_a_change_waits(scene: Scene) -> None:
    scene.pass_review()
    before = dispatch_clock(scene).due_at
    with scene.work() as work:
        orders.hold_order(work, ORDER, "CHG-1", DISPATCHED)
    with scene.work() as work:
        orders.hold_order(work, ORDER, "CHG-2", DISPATCHED + timedelta(hours=1))
    with scene.work() as work:
        orders.release_order(work, ORDER, "CHG-1", DISPATCHED + timedelta(days=6))
    assert dispatch_clock(scene).verdict(DISPATCHED + timedelta(days=30)) is Verdict.PAUSED

    with scene.work() as work:
        orders.release_order(work, ORDER, "CHG-2", DISPATCHED + timedelta(days=7))

    clock_ = dispatch_clock(scene)
    assert [(pause.begun_at, pause.ended_at) for pause in clock_.pauses] == [
        (DISPATCHED, DISPATCHED + timedelta(days=7))
    ]
    assert (clock_.paused_at, clock_.due_at) == (None, before + timedelta(days=7))
    with scene.work() as work:
        assert work.shipments.of_order(ORDER)[0].dispatch_due_at == clock_.due_at


def test_a_hold_before_the_review_keeps_the_clock_paused(scene: Scene) -> None:
    with scene.work() as work:
        orders.hold_order(work, ORDER, "CHG-1", DISPATCHED)

    scene.pass_review()

    assert scene.verdict("dispatch") is Verdict.PAUSED
    with scene.work() as work:
        orders.release_order(work, ORDER, "CHG-1", DISPATCHED)
    assert scene.verdict("dispatch") is Verdict.RUNNING


def test_nothing_leaves_while_its_payment_is_disputed(scene: Scene) -> None:
    scene.pass_review()
    number, parcels = scene.pack(), given(NewParcel("fedex", "1"))

    scene.hear(DispatchHeld, {"order_number": ORDER, "hold_id": "1", "reason": "disputed"})
    with scene.work(WAREHOUSE) as work, pytest.raises(ShipmentOnHold):
        shipments.mark_dispatched(work, number, parcels)
    scene.hear(DispatchReleased, {"order_number": ORDER, "hold_id": "1"})

    with scene.work(WAREHOUSE) as work:
        assert shipments.mark_dispatched(work, number, parcels).status is ShipmentStatus.DISPATCHED


def test_what_staff_keep_back_has_its_clock_going_on(scene: Scene) -> None:
    scene.pass_review()
    hold = {"order_number": ORDER, "hold_id": "1", "reason": "fraud", "pauses": False}
    verdicts = []

    for step in ("held", "asked", "answered"):
        with scene.work() as work:
            if step == "asked":
                orders.hold_order(work, ORDER, "CHG-1", work.now)
            if step == "answered":
                orders.release_order(work, ORDER, "CHG-1", work.now)
        if step == "held":
            scene.hear(DispatchHeld, hold)
        verdicts.append(scene.verdict("dispatch"))

    assert verdicts == [Verdict.RUNNING, Verdict.PAUSED, Verdict.RUNNING]
    with scene.work() as work:
        assert work.orders.held([ORDER]) == {ORDER}


@pytest.mark.parametrize("step", ["queued", "sorting", "packed", "dispatched", "recalled"])
def test_a_customers_edit_is_cleared_until_it_is_packed(scene: Scene, step: str) -> None:
    with pytest.raises(ShipmentNotFound):  # the event comes again
        scene.edit()
    scene.pass_review()
    if step == "sorting":
        number = scene.number()
        with scene.work(WAREHOUSE) as work:
            shipments.mark_sorted(work, number, Step())
    elif step == "packed":
        scene.pack()
    elif step == "dispatched":
        scene.dispatch()
    elif step == "recalled":
        with scene.work() as work:
            orders.recall_order(work, ORDER)

    scene.edit()

    with scene.work() as work:
        held = bool(work.orders.held([ORDER]))
    cleared, refused = scene.told("edit_cleared"), scene.told("edit_refused")
    assert (len(cleared), held) == ((1, True) if step in ("queued", "sorting") else (0, False))
    assert [each["status"] for each in refused] == ([] if held else [step])


def test_what_is_packed_while_an_edit_is_done_is_opened_again(scene: Scene) -> None:
    scene.pass_review()
    with scene.work() as work:
        promised = work.commitments.find("dispatch", work.shipments.of_order(ORDER)[0].number)
    scene.edit()
    assert scene.verdict("dispatch") is Verdict.RUNNING
    number, parcels = scene.pack(), given(NewParcel("fedex", "1"))
    with scene.work(WAREHOUSE) as work, pytest.raises(ShipmentOnHold):
        shipments.mark_dispatched(work, number, parcels)

    scene.change({"line_id": 1, "sku": "MUG-1", "quantity": 1}, seq=9)

    with scene.work(WAREHOUSE) as work:
        shipment = work.shipments.get(number)
        assert (shipment.status, [line.quantity for line in shipment.lines]) == (ShipmentStatus.SORTING, [1])
        assert not work.orders.held([ORDER])
        assert promised is not None
        assert shipment.dispatch_due_at == promised.due_at


def test_an_agreed_change_lets_the_clock_go_on(scene: Scene) -> None:
    scene.pass_review()
    with scene.work() as work:
        orders.hold_order(work, ORDER, "CHG-1", DISPATCHED)

    scene.change({"line_id": 1, "sku": "MUG-1", "quantity": 1}, seq=9)

    assert scene.verdict("dispatch") is Verdict.RUNNING


def test_an_answer_before_its_question_leaves_no_hold(scene: Scene) -> None:
    scene.pass_review()
    with scene.work() as work:
        orders.release_order(work, ORDER, "CHG-1", work.now)
    with scene.work() as work:
        orders.hold_order(work, ORDER, "CHG-1", work.now)

    assert scene.verdict("dispatch") is Verdict.RUNNING
    assert scene.dispatch()["status"] == "dispatched"


def test_another_change_that_waits_holds_all_the_same(scene: Scene) -> None:
    scene.pass_review()
    for change_id in ("CHG-1", "CHG-2"):
        with scene.work() as work:
            orders.hold_order(work, ORDER, change_id, work.now)
    scene.change({"line_id": 1, "sku": "MUG-1", "quantity": 1}, seq=9)

    with pytest.raises(ShipmentOnHold):
        scene.dispatch()


def test_an_order_emptied_by_a_change_is_recalled(scene: Scene) -> None:
    scene.pass_review()

    scene.change(seq=9)

    told = [event.type for event in scene.events[2:]]
    assert told == ["shipment_adjusted", "shipment_recalled", "landed_cost_moved"]
    assert scene.verdict("dispatch") is Verdict.RECALLED
    with scene.work() as work:
        (row,) = work.commitments.report(DISPATCHED - timedelta(days=9), DISPATCHED + timedelta(days=9))
    assert (row["started"], row["kept"], row["recalled"], row["running"]) == (1, 0, 1, 0)


def test_a_new_address_counts_the_promise_in_its_own_days(scene: Scene) -> None:
    scene.pass_review()
    line = {"line_id": 1, "sku": "MUG-1", "quantity": 2}
    delivery = {"name": "Ada", "line1": "12 St James's Square", "city": "London", "region": "", "country": "GB"}

    scene.change(line, seq=9, delivery=delivery)

    shown = scene.dispatch()
    assert shown["destination"]["city"] == "London"
    assert shown["destination"]["time_zone"] == "Europe/London"
    assert shown["promise"] is not None
    assert shown["promise"]["calendar"] == "GB-ENG"
    assert shown["lines"][0]["title"] == "A mug"


def test_a_cancellation_recalls_what_has_not_left(scene: Scene) -> None:
    scene.pass_review()

    with scene.work() as work:
        orders.recall_order(work, ORDER)

    assert len(scene.told("shipment_recalled")) == 1
    with pytest.raises(WrongShipmentStatus):
        scene.pack()


def test_a_cancellation_of_what_has_left_is_refused_as_an_event(scene: Scene) -> None:
    scene.pass_review()
    scene.dispatch()

    with scene.work() as work:
        orders.recall_order(work, ORDER)

    assert [body["cause"] for body in scene.told("recall_refused")] == ["cancellation"]


def test_a_cancellation_before_there_is_a_shipment_waits_for_it(scene: Scene) -> None:
    with scene.work() as work:
        orders.recall_order(work, ORDER)
    assert scene.events == []

    scene.pass_review()

    told = [event.type for event in scene.events if event.type != "landed_cost_moved"]
    assert told == ["shipment_created", "shipment_recalled"]


# the warehouse


def test_the_hand_over_stops_one_clock_and_starts_the_next(scene: Scene) -> None:
    scene.pass_review()

    shown = scene.dispatch(NewParcel("fedex", "1Z1", 700), NewParcel("usps", "94"))

    assert scene.verdict("dispatch") is Verdict.KEPT
    assert scene.verdict("delivery") is Verdict.RUNNING
    with scene.work() as work:
        clock_ = work.commitments.find("delivery", shown["number"])
    assert clock_ is not None
    promise = shown["promise"]
    assert promise is not None
    assert parse_rfc3339(promise["due_at"]) == clock_.due_at == datetime(2026, 3, 20, 5, 59, 59, 999999, tzinfo=UTC)
    assert parse_rfc3339(promise["earliest_at"]) == clock_.earliest_at
    assert (promise["calendar"], promise["calendar_version"]) == ("US", clock_.calendar_version)
    assert scene.told("shipment_dispatched")[0]["promise"] == promise
    assert [parcel["weight_g"] for parcel in shown["parcels"]] == [700, None]


def test_a_tracking_number_is_given_once_per_carrier_and_year(scene: Scene) -> None:
    other, third = an_order_number(2), an_order_number(3)
    for order_number in (ORDER, other, third):
        scene.pass_review(order_number)
    scene.dispatch(NewParcel("fedex", "77"))

    with pytest.raises(TrackingNumberTaken):
        scene.dispatch(NewParcel("fedex", "77"), order_number=other)

    assert scene.dispatch(NewParcel("usps", "77"), order_number=third)["status"] == "dispatched"


def test_the_queue_is_by_the_time_at_which_each_must_have_left(scene: Scene) -> None:
    for n, day in ((1, "04"), (2, "02"), (3, "03")):
        scene.pass_review(an_order_number(n), passed_at=f"2026-03-{day}T02:00:00Z")
    with scene.work() as work:
        orders.hold_order(work, an_order_number(3), "CHG-1", work.now)
        orders.cancel_order(work, an_order_number(1))

    with scene.work(WAREHOUSE) as work:
        first = shipments.list_shipments(work, ListShipments(limit=1))
        rest = shipments.list_shipments(work, ListShipments(cursor=first["next_cursor"]))
        recalled = shipments.list_shipments(work, ListShipments(status=ShipmentStatus.RECALLED))

    assert [item["order_number"] for item in first["items"] + rest["items"]] == [an_order_number(2), an_order_number(3)]
    assert [item["on_hold"] for item in first["items"] + rest["items"]] == [False, True]
    assert rest["next_cursor"] is None
    assert [item["order_number"] for item in recalled["items"]] == [an_order_number(1)]


def test_the_charge_for_shipping_must_be_zero_in_the_table(scene: Scene) -> None:
    scene.pass_review()

    with pytest.raises(ConcurrentUpdate), scene.work() as work:
        work.session.execute(sa.update(tables.shipments).values(customer_charged=Money(1)))


# tracking


@pytest.mark.parametrize("scenario", scenarios.ALL, ids=lambda scenario: scenario.name)
def test_a_parcel_lives_through_each_scenario(scene: Scene, scenario: scenarios.Scenario) -> None:
    scene.pass_review()
    scene.dispatch()

    with clock.frozen(DISPATCHED + timedelta(days=13)):
        received = [scene.receive(raw) for raw in scenario.webhooks("SIM1", DISPATCHED)]
        again = [scene.receive(raw) for raw in scenario.webhooks("SIM1", DISPATCHED)]
        (parcel,) = scene.tracking()["shipments"][0]["parcels"]

    assert parcel["status"] == scenario.ends.value
    assert sum(each.events for each in received) == len(scenario.scans) == len(parcel["events"])
    assert all(each.duplicate for each in again)
    assert sum(each.unmapped for each in received) == (scenario is scenarios.UNKNOWN_CODE)
    delivered = scenario.ends is ParcelStatus.DELIVERED or scenario is scenarios.REOPENED
    assert len(scene.told("parcel_delivered")) == len(scene.told("shipment_delivered")) == delivered
    statuses = [body["status"] for body in scene.told("tracking_updated")]
    told_once = all(before != after for before, after in itertools.pairwise(statuses))
    assert told_once or scenario is scenarios.DUPLICATE


def test_the_order_in_which_webhooks_arrive_makes_no_difference(tmp_path: Path) -> None:
    outcomes: list[Any] = []
    for seed in range(6):
        webhooks = scenarios.DELIVERED.webhooks("SIM1", DISPATCHED)
        Random(seed).shuffle(webhooks)
        (tmp_path / str(seed)).mkdir()
        with fresh_store("logistics", tmp_path / str(seed)) as store, clock.frozen(DISPATCHED):
            scene = Scene(store)
            scene.pass_review()
            scene.dispatch()
            with clock.frozen(DISPATCHED + timedelta(days=10)):
                for raw in webhooks:
                    scene.receive(raw)
                tracking = scene.tracking()["shipments"][0]
            assert len(scene.told("shipment_delivered")) == 1
            outcomes.append([tracking["parcels"], tracking["delivered_at"], scene.verdict("delivery")])

    for parcels, _, _ in outcomes:
        parcels[0]["id"] = ""
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_the_last_delivery_stops_the_clock_at_its_scan(scene: Scene) -> None:
    scene.pass_review()
    scene.dispatch(NewParcel("fedex", "1Z1"), NewParcel("fedex", "1Z2"))
    due_at = datetime(2026, 3, 20, 5, 59, 59, 999999, tzinfo=UTC)
    in_time = (due_at - datetime(2026, 3, 3, 2, 0, tzinfo=UTC)).total_seconds() / 3600

    with clock.frozen(due_at + timedelta(days=5)):  # reported long after it happened
        scene.scan(a_scan(ParcelStatus.DELIVERED, 50))
        assert scene.told("shipment_delivered") == []
        scene.scan(a_scan(ParcelStatus.DELIVERED, in_time, number="1Z2"))

        assert scene.verdict("delivery") is Verdict.KEPT
    (delivered,) = scene.told("shipment_delivered")
    assert (delivered["country"], delivered["time_zone"]) == ("US", "America/Denver")


def test_an_early_scan_waits_for_its_parcel(scene: Scene) -> None:
    received = scene.scan(a_scan(ParcelStatus.IN_TRANSIT, 1), a_scan(ParcelStatus.IN_TRANSIT, 1, number="1Z9"))
    assert (received.events, received.unmatched) == (2, 2)
    scene.pass_review()

    shown = scene.dispatch(NewParcel("fedex", "1Z1"))

    assert shown["parcels"][0]["status"] == "in_transit"
    assert [body["tracking_number"] for body in scene.told("tracking_updated")] == ["1Z1"]


def test_scans_of_two_carriers_with_one_number_do_not_meet(scene: Scene) -> None:
    other = an_order_number(2)
    for order_number, carrier in ((ORDER, "fedex"), (other, "usps")):
        scene.pass_review(order_number)
        scene.dispatch(NewParcel(carrier, "77"), order_number=order_number)

    scene.scan(a_scan(ParcelStatus.CUSTOMS, 2, number="77", carrier="usps"))

    assert scene.tracking()["shipments"][0]["parcels"][0]["events"] == []
    assert scene.tracking(order_number=other)["shipments"][0]["parcels"][0]["status"] == "customs"


def test_a_reused_number_shows_each_order_its_own_scans(scene: Scene) -> None:
    other = an_order_number(2)
    scene.pass_review()
    scene.dispatch(NewParcel("fedex", "77"))
    scene.scan(a_scan(ParcelStatus.DELIVERED, 7, number="77"))
    with clock.frozen(DISPATCHED + timedelta(days=400)):
        scene.pass_review(other)
        scene.dispatch(NewParcel("fedex", "77"), order_number=other)
        scene.scan(a_scan(ParcelStatus.CUSTOMS, 24 * 401, number="77"))

        shown = [scene.tracking(order_number=n)["shipments"][0]["parcels"][0] for n in (ORDER, other)]

    assert [parcel["status"] for parcel in shown] == ["delivered", "customs"]
    assert [[event["status"] for event in parcel["events"]] for parcel in shown] == [["delivered"], ["customs"]]


def test_an_unknown_code_is_counted_once_when_repeated(scene: Scene) -> None:
    first = scene.scan(a_scan(None, 1), key="evt_1")
    again = scene.scan(a_scan(None, 1), a_scan(hours=2), key="evt_2")

    assert (first.unmapped, first.events) == (1, 1)
    assert (again.unmapped, again.events) == (0, 1)


def test_the_log_of_scans_cannot_be_changed(scene: Scene) -> None:
    scene.scan(a_scan())

    for statement in (sa.update(tables.tracking_events).values(code="x"), sa.delete(tables.tracking_events)):
        with pytest.raises((DBAPIError, ConcurrentUpdate)), scene.work() as work:
            work.session.execute(statement)


def test_late_and_stuck_parcels_are_found_and_told_once(scene: Scene) -> None:
    scene.pass_review()
    scene.dispatch()

    def look(at: datetime) -> list[str]:
        before = len(scene.events)
        with clock.frozen(at), scene.work() as work:
            tracking.raise_alerts(work)
        return [event.type for event in scene.events[before:]]

    assert look(DISPATCHED + timedelta(days=6)) == []
    assert look(DISPATCHED + timedelta(days=7)) == ["parcel_stuck"]
    assert look(DISPATCHED + timedelta(days=8)) == []
    assert look(DISPATCHED + timedelta(days=20)) == ["parcel_exception", "parcel_not_arriving"]
    assert look(DISPATCHED + timedelta(days=40)) == ["parcel_not_arriving"]
    assert look(DISPATCHED + timedelta(days=90)) == []
    assert scene.told("parcel_exception")[0]["reason"] == "late"


def test_old_receipts_are_forgotten_after_ninety_days(scene: Scene) -> None:
    scene.scan(a_scan(), key="evt_1")

    def duplicate_after(days: int) -> bool:
        with clock.frozen(DISPATCHED + timedelta(days=days)), scene.work() as work:
            work.tracking.forget_old_receipts(work.now)
        return scene.scan(a_scan(), key="evt_1").duplicate

    assert duplicate_after(90)
    assert not duplicate_after(91)


# access


@pytest.mark.parametrize(
    ("caller", "allowed"),
    [
        (customer(EMAIL), True),
        (holder(f"order:{ORDER}"), True),
        (staff("agent"), True),
        (staff("warehouse"), True),
        (customer("eve@example.com"), False),
        (holder(f"order:{an_order_number(2)}"), False),
        (guest(), False),
    ],
)
def test_tracking_is_for_the_customer_and_for_staff(scene: Scene, caller: Caller, allowed: bool) -> None:
    scene.pass_review()

    if allowed:
        assert scene.tracking(caller)["shipments"][0]["status"] == "queued"
    else:
        with pytest.raises(NotFound):
            scene.tracking(caller)


def test_an_unknown_order_has_no_shipments_yet(scene: Scene) -> None:
    assert scene.tracking(holder(f"order:{ORDER}"))["shipments"] == []
    with pytest.raises(NotFound):
        scene.tracking(customer(EMAIL))


# how much it costs


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    seen: list[str] = []

    def count(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    engines: Sequence[sa.Engine] = list({store.engine, store.reader})
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", count)
    yield seen
    for engine in engines:
        sa.event.remove(engine, "before_cursor_execute", count)


def test_a_webhook_takes_few_statements_whatever_it_brings(scene: Scene) -> None:
    scene.pass_review()
    scene.dispatch()

    with statements(scene.store) as few:
        scene.scan(a_scan(ParcelStatus.IN_TRANSIT, 7, number="SIM1", carrier="simulator"))
    with statements(scene.store) as many:
        scene.scan(*(a_scan(hours=hours, number="SIM1", carrier="simulator") for hours in range(8, 28)))

    assert len(few) <= len(many) <= 13, "\n".join(many)
