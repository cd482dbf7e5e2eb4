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
from services.common.basics.caller import SYSTEM, Caller
from services.common.basics.clock import parse_rfc3339
from services.common.basics.errors import Forbidden, NotFound
from services.common.basics.events import Event
from services.common.basics.money import Money
from services.common.commitments import Clock, Verdict
from services.common.edge.fields import load
from services.common.store.database import ConcurrentUpdate, Store
from services.common.testing import customer, fresh_store, guest, holder, staff
from services.logistics import handlers, schemas, tables
from services.logistics.carriers import Webhook, scenarios
from services.logistics.carriers.simulator import Simulator
from services.logistics.domain import (
    NewParcel,
    ParcelStatus,
    ShipmentOnHold,
    ShipmentStatus,
    WrongShipmentStatus,
)
from services.logistics.handlers import TrackingNumberTaken
from services.logistics.repository import ShipmentNotFound, Work
from services.logistics.settings import LogisticsSettings
from services.logistics.tests.builders import (
    EMAIL,
    SECRET,
    a_scan,
    an_order_number,
    review_passed,
)

ORDER = an_order_number()
WAREHOUSE = staff("warehouse")
SETTINGS = LogisticsSettings()
DISPATCHED = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


class Logistics:
    """The handlers on one database, each call a transaction of its own."""

    def __init__(self, store: Store):
        self.store = store
        self.events: list[Event] = []

    @contextmanager
    def work(self, caller: Caller = SYSTEM) -> Iterator[Work]:
        with self.store.work(Work, caller) as work:
            yield work
            self.events += work.journal.pending

    def pass_review(self, order_number: str = ORDER, seq: int = 3, **changes: Any) -> None:
        event = load(schemas.ReviewPassed, review_passed(order_number, **changes))
        with self.work() as work:
            handlers.create_shipment(work, event, seq, SETTINGS)

    def change(self, *lines: dict[str, Any], seq: int, order_number: str = ORDER, **more: Any) -> None:
        body = {"order_number": order_number, "change_id": "CHG-1", "lines": list(lines), **more}
        with self.work() as work:
            handlers.change(work, load(schemas.OrderChanged, body), seq, work.now)

    def number(self, order_number: str = ORDER) -> str:
        with self.work() as work:
            return work.shipments.of_order(order_number)[0].number

    def pack(self, order_number: str = ORDER) -> str:
        number = self.number(order_number)
        with self.work(WAREHOUSE) as work:
            handlers.mark_sorted(work, number)
        with self.work(WAREHOUSE) as work:
            handlers.mark_packed(work, number)
        return number

    def dispatch(self, *parcels: NewParcel, order_number: str = ORDER) -> dict[str, Any]:
        number = self.pack(order_number)
        with self.work(WAREHOUSE) as work:
            return handlers.mark_dispatched(work, number, parcels or [NewParcel("simulator", "SIM1")])

    def receive(self, raw: bytes, source: str = "simulator") -> handlers.Received:
        with self.work() as work:
            return handlers.receive_webhook(work, source, Simulator(SECRET).parse(raw, work.now))

    def scan(self, *scans: Any, key: str = "") -> handlers.Received:
        with self.work() as work:
            return handlers.receive_webhook(
                work, "easypost", Webhook(key or "".join(scan.digest[:12] for scan in scans[:6]), scans)
            )

    def told(self, event_type: str) -> list[dict[str, Any]]:
        return [event.body() for event in self.events if event.type == event_type]

    def verdict(self, kind: str) -> Verdict:
        number = self.number()
        with self.work() as work:
            found = work.commitments.find(kind, number)
            assert found is not None
            return found.verdict(clock.now())

    def tracking(self, caller: Caller = WAREHOUSE, order_number: str = ORDER) -> dict[str, Any]:
        with self.work(caller) as work:
            return handlers.get_tracking(work, order_number)


@pytest.fixture
def logistics(tmp_path: Path) -> Iterator[Logistics]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        yield Logistics(store)


# orders' events


def test_a_passed_review_gives_the_warehouse_work_and_starts_its_clock(logistics: Logistics) -> None:
    logistics.pass_review()

    (created,) = logistics.told("shipment_created")
    assert created["at"] == "2026-03-02T02:00:00Z"
    assert created["lines"][0]["sku"] == "MUG-1"
    with logistics.work() as work:
        clock_ = work.commitments.find("dispatch", created["shipment_number"])
        shipment = work.shipments.get(created["shipment_number"])
    assert clock_ is not None
    assert clock_.started_at == parse_rfc3339("2026-03-02T02:00:00Z")
    assert shipment.dispatch_due_at == clock_.due_at == datetime(2026, 3, 5, 15, 59, 59, 999999, tzinfo=UTC)
    assert (clock_.calendar, clock_.zone) == ("CN", "Asia/Shanghai")
    assert (shipment.destination.time_zone, shipment.customer_charged.cents) == ("America/Denver", 0)


def test_an_order_has_one_shipment_however_often_its_review_is_heard_of(logistics: Logistics) -> None:
    logistics.pass_review()
    logistics.pass_review()

    assert len(logistics.told("shipment_created")) == 1


@pytest.mark.parametrize("order_of_arrival", list(itertools.permutations(["review", "change", "cancelled"])))
def test_whatever_the_order_in_which_news_of_an_order_comes_its_shipment_ends_the_same(
    logistics: Logistics, order_of_arrival: tuple[str, ...]
) -> None:
    def cancel() -> None:
        with logistics.work() as work:
            handlers.cancel(work, ORDER)

    news = {
        "review": lambda: logistics.pass_review(seq=4),
        "change": lambda: logistics.change({"line_id": 1, "sku": "MUG-1", "quantity": 1}, seq=5),
        "cancelled": cancel,
    }

    for each in order_of_arrival:
        news[each]()

    with logistics.work() as work:
        (shipment,) = work.shipments.of_order(ORDER)
        dispatch = work.commitments.find("dispatch", shipment.number)
    assert shipment.status is ShipmentStatus.RECALLED
    assert dispatch is not None
    assert dispatch.stopped_at == shipment.recalled_at
    assert logistics.events[0].type == "shipment_created"
    assert logistics.events[-1].type == "shipment_recalled"


def test_a_shipment_bears_the_number_of_its_order_so_that_it_can_be_made_again(logistics: Logistics) -> None:
    logistics.pass_review()

    number = logistics.number()
    assert ids.is_number(number, ids.SHIPMENT)
    assert number[4:13] == ORDER[4:13]


def test_a_change_heard_of_before_the_review_holds_for_the_shipment(logistics: Logistics) -> None:
    logistics.change({"line_id": 1, "sku": "MUG-1", "quantity": 1}, seq=5)

    logistics.pass_review(seq=4)

    assert logistics.told("shipment_created")[0]["lines"][0]["quantity"] == 2
    assert logistics.told("shipment_adjusted")[0]["lines"][0]["quantity"] == 1


def test_a_change_from_before_the_review_is_in_its_lines_already(logistics: Logistics) -> None:
    logistics.change({"line_id": 1, "sku": "MUG-1", "quantity": 1}, seq=3)

    logistics.pass_review(seq=4)

    assert logistics.told("shipment_created")[0]["lines"][0]["quantity"] == 2


def test_nothing_leaves_while_a_change_waits_and_all_is_free_after_the_answer(logistics: Logistics) -> None:
    logistics.pass_review()
    with logistics.work() as work:
        handlers.hold(work, ORDER, "CHG-1", work.now)

    with pytest.raises(ShipmentOnHold):
        logistics.dispatch()

    with logistics.work() as work:
        handlers.release(work, ORDER, "CHG-1", work.now)
    number = logistics.number()
    with logistics.work(WAREHOUSE) as work:
        handlers.mark_dispatched(work, number, [NewParcel("simulator", "SIM1")])
    assert logistics.told("shipment_dispatched")


def dispatch_clock(logistics: Logistics) -> Clock:
    number = logistics.number()
    with logistics.work() as work:
        found = work.commitments.find("dispatch", number)
        assert found is not None
        return found


def test_the_clock_stands_still_on_hold_and_goes_on_when_no_change_waits_any_more(logistics: Logistics) -> None:
    logistics.pass_review()
    before = dispatch_clock(logistics).due_at
    with logistics.work() as work:
        handlers.hold(work, ORDER, "CHG-1", DISPATCHED)
    with logistics.work() as work:
        handlers.hold(work, ORDER, "CHG-2", DISPATCHED + timedelta(hours=1))
    with logistics.work() as work:
        handlers.release(work, ORDER, "CHG-1", DISPATCHED + timedelta(days=6))
    assert dispatch_clock(logistics).verdict(DISPATCHED + timedelta(days=30)) is Verdict.PAUSED

    with logistics.work() as work:
        handlers.release(work, ORDER, "CHG-2", DISPATCHED + timedelta(days=7))

    clock_ = dispatch_clock(logistics)
    assert [(pause.begun_at, pause.ended_at) for pause in clock_.pauses] == [
        (DISPATCHED, DISPATCHED + timedelta(days=7))
    ]
    assert (clock_.paused_at, clock_.due_at) == (None, before + timedelta(days=7))
    with logistics.work() as work:
        assert work.shipments.of_order(ORDER)[0].dispatch_due_at == clock_.due_at


def test_a_hold_heard_of_before_the_review_keeps_the_clock_from_running(logistics: Logistics) -> None:
    with logistics.work() as work:
        handlers.hold(work, ORDER, "CHG-1", DISPATCHED)

    logistics.pass_review()

    assert logistics.verdict("dispatch") is Verdict.PAUSED
    with logistics.work() as work:
        handlers.release(work, ORDER, "CHG-1", DISPATCHED)
    assert logistics.verdict("dispatch") is Verdict.RUNNING


def test_an_agreed_change_lets_the_clock_go_on(logistics: Logistics) -> None:
    logistics.pass_review()
    with logistics.work() as work:
        handlers.hold(work, ORDER, "CHG-1", DISPATCHED)

    logistics.change({"line_id": 1, "sku": "MUG-1", "quantity": 1}, seq=9)

    assert logistics.verdict("dispatch") is Verdict.RUNNING


def test_an_answer_heard_of_before_the_question_leaves_nothing_on_hold(logistics: Logistics) -> None:
    logistics.pass_review()
    with logistics.work() as work:
        handlers.release(work, ORDER, "CHG-1", work.now)
    with logistics.work() as work:
        handlers.hold(work, ORDER, "CHG-1", work.now)

    assert logistics.verdict("dispatch") is Verdict.RUNNING
    assert logistics.dispatch()["status"] == "dispatched"


def test_another_change_that_waits_holds_all_the_same(logistics: Logistics) -> None:
    logistics.pass_review()
    for change_id in ("CHG-1", "CHG-2"):
        with logistics.work() as work:
            handlers.hold(work, ORDER, change_id, work.now)
    logistics.change({"line_id": 1, "sku": "MUG-1", "quantity": 1}, seq=9)

    with pytest.raises(ShipmentOnHold):
        logistics.dispatch()


def test_an_order_emptied_by_a_change_is_recalled_and_its_clock_stops(logistics: Logistics) -> None:
    logistics.pass_review()

    logistics.change(seq=9)

    assert [event.type for event in logistics.events[1:]] == ["shipment_adjusted", "shipment_recalled"]
    assert logistics.verdict("dispatch") is Verdict.KEPT


def test_a_change_of_the_address_counts_the_promise_in_the_new_places_days(logistics: Logistics) -> None:
    logistics.pass_review()
    line = {"line_id": 1, "sku": "MUG-1", "quantity": 2}
    delivery = {"name": "Ada", "line1": "12 St James's Square", "city": "London", "region": "", "country": "GB"}

    logistics.change(line, seq=9, delivery=delivery)

    shown = logistics.dispatch()
    assert shown["destination"]["city"] == "London"
    assert shown["destination"]["time_zone"] == "Europe/London"
    assert shown["promise"]["calendar"] == "GB"
    assert shown["lines"][0]["title"] == "A mug"


def test_a_cancellation_recalls_what_has_not_left(logistics: Logistics) -> None:
    logistics.pass_review()

    with logistics.work() as work:
        handlers.recall(work, ORDER)

    assert len(logistics.told("shipment_recalled")) == 1
    with pytest.raises(WrongShipmentStatus):
        logistics.pack()


def test_a_cancellation_of_what_has_left_is_refused_as_an_event(logistics: Logistics) -> None:
    logistics.pass_review()
    logistics.dispatch()

    with logistics.work() as work:
        handlers.recall(work, ORDER)

    assert [body["cause"] for body in logistics.told("recall_refused")] == ["cancellation"]


def test_a_cancellation_before_there_is_a_shipment_waits_for_it(logistics: Logistics) -> None:
    with pytest.raises(ShipmentNotFound), logistics.work() as work:
        handlers.recall(work, ORDER)


# the warehouse


def test_the_hand_over_stops_one_clock_and_starts_the_next_with_the_window_that_is_shown(logistics: Logistics) -> None:
    logistics.pass_review()

    shown = logistics.dispatch(NewParcel("fedex", "1Z1", 700), NewParcel("usps", "94"))

    assert logistics.verdict("dispatch") is Verdict.KEPT
    assert logistics.verdict("delivery") is Verdict.RUNNING
    with logistics.work() as work:
        clock_ = work.commitments.find("delivery", shown["number"])
    assert clock_ is not None
    promise = shown["promise"]
    assert parse_rfc3339(promise["due_at"]) == clock_.due_at == datetime(2026, 3, 20, 5, 59, 59, 999999, tzinfo=UTC)
    assert parse_rfc3339(promise["earliest_at"]) == clock_.earliest_at
    assert (promise["calendar"], promise["calendar_version"]) == ("US-CO", clock_.calendar_version)
    assert logistics.told("shipment_dispatched")[0]["promise"] == promise
    assert [parcel["weight_g"] for parcel in shown["parcels"]] == [700, None]


def test_only_the_warehouse_takes_its_steps(logistics: Logistics) -> None:
    logistics.pass_review()
    number = logistics.number()

    for caller in (customer(), guest(), staff("agent"), staff("reviewer")):
        for step in (handlers.mark_sorted, handlers.mark_packed, handlers.get_shipment):
            if caller.roles == {"agent"} and step is handlers.get_shipment:
                continue
            with pytest.raises(Forbidden), logistics.work(caller) as work:
                step(work, number)
        with pytest.raises(Forbidden), logistics.work(caller) as work:
            handlers.mark_dispatched(work, number, [NewParcel("fedex", "1")])


def test_a_tracking_number_is_given_once_per_carrier_and_year(logistics: Logistics) -> None:
    other, third = an_order_number(2), an_order_number(3)
    for order_number in (ORDER, other, third):
        logistics.pass_review(order_number)
    logistics.dispatch(NewParcel("fedex", "77"))

    with pytest.raises(TrackingNumberTaken):
        logistics.dispatch(NewParcel("fedex", "77"), order_number=other)

    assert logistics.dispatch(NewParcel("usps", "77"), order_number=third)["status"] == "dispatched"


def test_the_queue_is_by_the_time_at_which_each_must_have_left(logistics: Logistics) -> None:
    for n, day in ((1, "04"), (2, "02"), (3, "03")):
        logistics.pass_review(an_order_number(n), passed_at=f"2026-03-{day}T02:00:00Z")
    with logistics.work() as work:
        handlers.hold(work, an_order_number(3), "CHG-1", work.now)
        handlers.cancel(work, an_order_number(1))

    with logistics.work(WAREHOUSE) as work:
        first = handlers.list_shipments(work, {"limit": 1})
        rest = handlers.list_shipments(work, {"cursor": first["next_cursor"]})
        recalled = handlers.list_shipments(work, {"status": ShipmentStatus.RECALLED})

    assert [item["order_number"] for item in first["items"] + rest["items"]] == [an_order_number(2), an_order_number(3)]
    assert [item["on_hold"] for item in first["items"] + rest["items"]] == [False, True]
    assert rest["next_cursor"] is None
    assert [item["order_number"] for item in recalled["items"]] == [an_order_number(1)]


def test_what_the_customer_is_charged_for_shipping_is_held_to_nothing_by_the_table(logistics: Logistics) -> None:
    logistics.pass_review()

    with pytest.raises(ConcurrentUpdate), logistics.work() as work:
        work.session.execute(sa.update(tables.shipments).values(customer_charged=Money(1)))


# tracking


@pytest.mark.parametrize("scenario", scenarios.ALL, ids=lambda scenario: scenario.name)
def test_a_parcel_lives_through_each_scenario(logistics: Logistics, scenario: scenarios.Scenario) -> None:
    logistics.pass_review()
    logistics.dispatch()

    with clock.frozen(DISPATCHED + timedelta(days=13)):
        received = [logistics.receive(raw) for raw in scenario.webhooks("SIM1", DISPATCHED)]
        again = [logistics.receive(raw) for raw in scenario.webhooks("SIM1", DISPATCHED)]
        (parcel,) = logistics.tracking()["shipments"][0]["parcels"]

    assert parcel["status"] == scenario.ends.value
    assert sum(each.events for each in received) == len(scenario.scans) == len(parcel["events"])
    assert all(each.duplicate for each in again)
    assert sum(each.unmapped for each in received) == (scenario is scenarios.UNKNOWN_CODE)
    delivered = scenario.ends is ParcelStatus.DELIVERED or scenario is scenarios.REOPENED
    assert len(logistics.told("parcel_delivered")) == len(logistics.told("shipment_delivered")) == delivered
    statuses = [body["status"] for body in logistics.told("tracking_updated")]
    assert len(set(statuses)) == len(statuses) or scenario in (
        scenarios.DELIVERED,
        scenarios.DUPLICATE,
        scenarios.REOPENED,
    )


def test_the_order_in_which_webhooks_arrive_makes_no_difference(tmp_path: Path) -> None:
    outcomes = []
    for seed in range(6):
        webhooks = scenarios.DELIVERED.webhooks("SIM1", DISPATCHED)
        Random(seed).shuffle(webhooks)
        (tmp_path / str(seed)).mkdir()
        with fresh_store("logistics", tmp_path / str(seed)) as store, clock.frozen(DISPATCHED):
            logistics = Logistics(store)
            logistics.pass_review()
            logistics.dispatch()
            with clock.frozen(DISPATCHED + timedelta(days=10)):
                for raw in webhooks:
                    logistics.receive(raw)
                tracking = logistics.tracking()["shipments"][0]
            assert len(logistics.told("shipment_delivered")) == 1
            outcomes.append([tracking["parcels"], tracking["delivered_at"], logistics.verdict("delivery")])

    for parcels, _, _ in outcomes:
        parcels[0]["id"] = ""
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_the_last_delivery_stops_the_clock_at_the_time_of_its_scan(logistics: Logistics) -> None:
    logistics.pass_review()
    logistics.dispatch(NewParcel("fedex", "1Z1"), NewParcel("fedex", "1Z2"))
    due_at = datetime(2026, 3, 20, 5, 59, 59, 999999, tzinfo=UTC)
    in_time = (due_at - datetime(2026, 3, 3, 2, 0, tzinfo=UTC)).total_seconds() / 3600

    with clock.frozen(due_at + timedelta(days=5)):  # heard of long after it happened
        logistics.scan(a_scan(ParcelStatus.DELIVERED, 50))
        assert logistics.told("shipment_delivered") == []
        logistics.scan(a_scan(ParcelStatus.DELIVERED, in_time, number="1Z2"))

        assert logistics.verdict("delivery") is Verdict.KEPT
    (delivered,) = logistics.told("shipment_delivered")
    assert (delivered["country"], delivered["time_zone"]) == ("US", "America/Denver")


def test_an_early_scan_waits_for_its_parcel(logistics: Logistics) -> None:
    received = logistics.scan(a_scan(ParcelStatus.IN_TRANSIT, 1), a_scan(ParcelStatus.IN_TRANSIT, 1, number="1Z9"))
    assert (received.events, received.unmatched) == (2, 2)
    logistics.pass_review()

    shown = logistics.dispatch(NewParcel("fedex", "1Z1"))

    assert shown["parcels"][0]["status"] == "in_transit"
    assert [body["tracking_number"] for body in logistics.told("tracking_updated")] == ["1Z1"]


def test_scans_of_two_carriers_with_one_number_do_not_meet(logistics: Logistics) -> None:
    other = an_order_number(2)
    for order_number, carrier in ((ORDER, "fedex"), (other, "usps")):
        logistics.pass_review(order_number)
        logistics.dispatch(NewParcel(carrier, "77"), order_number=order_number)

    logistics.scan(a_scan(ParcelStatus.CUSTOMS, 2, number="77", carrier="usps"))

    assert logistics.tracking()["shipments"][0]["parcels"][0]["events"] == []
    assert logistics.tracking(order_number=other)["shipments"][0]["parcels"][0]["status"] == "customs"


def test_a_number_that_is_used_again_shows_each_order_its_own_scans(logistics: Logistics) -> None:
    other = an_order_number(2)
    logistics.pass_review()
    logistics.dispatch(NewParcel("fedex", "77"))
    logistics.scan(a_scan(ParcelStatus.DELIVERED, 5, number="77"))
    with clock.frozen(DISPATCHED + timedelta(days=400)):
        logistics.pass_review(other)
        logistics.dispatch(NewParcel("fedex", "77"), order_number=other)
        logistics.scan(a_scan(ParcelStatus.CUSTOMS, 24 * 401, number="77"))

        shown = [logistics.tracking(order_number=n)["shipments"][0]["parcels"][0] for n in (ORDER, other)]

    assert [parcel["status"] for parcel in shown] == ["delivered", "customs"]
    assert [[event["status"] for event in parcel["events"]] for parcel in shown] == [["delivered"], ["customs"]]


def test_a_code_we_do_not_know_is_counted_once_however_often_it_is_sent(logistics: Logistics) -> None:
    first = logistics.scan(a_scan(None, 1), key="evt_1")
    again = logistics.scan(a_scan(None, 1), a_scan(hours=2), key="evt_2")

    assert (first.unmapped, first.events) == (1, 1)
    assert (again.unmapped, again.events) == (0, 1)


def test_the_log_of_scans_cannot_be_changed(logistics: Logistics) -> None:
    logistics.scan(a_scan())

    for statement in (sa.update(tables.tracking_events).values(code="x"), sa.delete(tables.tracking_events)):
        with pytest.raises((DBAPIError, ConcurrentUpdate)), logistics.work() as work:
            work.session.execute(statement)


def test_late_and_stuck_parcels_are_found_by_themselves_and_told_once(logistics: Logistics) -> None:
    logistics.pass_review()
    logistics.dispatch()

    def look(at: datetime) -> list[str]:
        before = len(logistics.events)
        with clock.frozen(at), logistics.work() as work:
            handlers.raise_alerts(work)
        return [event.type for event in logistics.events[before:]]

    assert look(DISPATCHED + timedelta(days=6)) == []
    assert look(DISPATCHED + timedelta(days=7)) == ["parcel_stuck"]
    assert look(DISPATCHED + timedelta(days=8)) == []
    assert look(DISPATCHED + timedelta(days=20)) == ["parcel_exception"]
    assert look(DISPATCHED + timedelta(days=90)) == []
    assert logistics.told("parcel_exception")[0]["reason"] == "late"


def test_old_receipts_are_forgotten_after_ninety_days(logistics: Logistics) -> None:
    logistics.scan(a_scan(), key="evt_1")

    def duplicate_after(days: int) -> bool:
        with clock.frozen(DISPATCHED + timedelta(days=days)), logistics.work() as work:
            work.tracking.forget_old_receipts(work.now)
        return logistics.scan(a_scan(), key="evt_1").duplicate

    assert duplicate_after(90)
    assert not duplicate_after(91)


# who may look


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
def test_tracking_is_for_the_customer_and_for_staff(logistics: Logistics, caller: Caller, allowed: bool) -> None:
    logistics.pass_review()

    if allowed:
        assert logistics.tracking(caller)["shipments"][0]["status"] == "queued"
    else:
        with pytest.raises(NotFound):
            logistics.tracking(caller)


def test_an_order_not_heard_of_has_no_shipments_yet(logistics: Logistics) -> None:
    assert logistics.tracking(holder(f"order:{ORDER}"))["shipments"] == []
    with pytest.raises(NotFound):
        logistics.tracking(customer(EMAIL))


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


def test_a_webhook_takes_few_statements_whatever_it_brings(logistics: Logistics) -> None:
    logistics.pass_review()
    logistics.dispatch()

    with statements(logistics.store) as few:
        logistics.scan(a_scan(ParcelStatus.IN_TRANSIT, 1, number="SIM1", carrier="simulator"))
    with statements(logistics.store) as many:
        logistics.scan(*(a_scan(hours=hours, number="SIM1", carrier="simulator") for hours in range(2, 22)))

    assert len(few) <= len(many) <= 12, "\n".join(many)
