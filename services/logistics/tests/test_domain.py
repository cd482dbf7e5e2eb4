"""The rules of shipments and parcels, and that the order in which carriers speak makes no difference."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics.events import Event
from services.logistics.api.events import (
    DeliveryTakenBack,
    ParcelDelivered,
    ParcelException,
    ParcelStuck,
    RecallRefused,
    ShipmentAdjusted,
    ShipmentDelivered,
    ShipmentRecalled,
    TrackingUpdated,
)
from services.logistics.api.parts import carrier_code
from services.logistics.api.refusals import ShipmentOnHold, WrongShipmentStatus
from services.logistics.api.statuses import Cause, Health, ParcelStatus, ShipmentStatus
from services.logistics.domain import KnownOrder, NewParcel, Place, Shipment, TrackingEvent, fold, pick
from services.logistics.domain.shipment import NEXT
from services.logistics.domain.tracking import CLOCK_DIFFERENCE, MOVES
from services.logistics.tests.builders import (
    DISPATCHED_AT,
    DUE_AT,
    ORIGIN,
    PASSED_AT,
    PROMISE,
    a_destination,
    a_dispatched_shipment,
    a_line,
    a_scan,
    a_shipment,
)

pytestmark = pytest.mark.pure

S = ParcelStatus
NOW = DISPATCHED_AT + timedelta(days=8)
SILENT_AT = DISPATCHED_AT + timedelta(days=7)
LATER = PASSED_AT + timedelta(hours=1)

scans = st.builds(
    a_scan,
    status=st.one_of(st.none(), st.sampled_from(ParcelStatus)),
    hours=st.integers(0, 6),  # few, so that many happen at the same moment
    sequence=st.integers(0, 2),
    heard_after=st.integers(7, 12),
    message=st.sampled_from(["", "At the depot", "at  the depot!", "Elsewhere"]),
)


def told(shipment: Shipment, *reports: list[TrackingEvent]) -> list[Event]:
    """Return the events of a shipment with one parcel, report by report. The scans of each report stay known."""
    known: list[TrackingEvent] = []
    events: list[Event] = []
    for report in reports:
        known += report
        events += shipment.track(shipment.parcels[0], fold(known), NOW, ORIGIN)
    return events


def of_type(events: list[Event], kind: type[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


# the warehouse


def test_a_shipment_goes_through_the_warehouse_step_by_step() -> None:
    shipment = a_shipment()

    shipment.sort(LATER)
    shipment.pack(LATER)
    event = shipment.dispatch([NewParcel("fedex", "1Z1"), NewParcel("usps", "94")], PROMISE, NOW, ORIGIN, on_hold=False)

    assert shipment.status is ShipmentStatus.DISPATCHED
    assert [parcel.id for parcel in shipment.parcels] == ["SHP-0000-0001-1-01", "SHP-0000-0001-1-02"]
    assert event.body()["promise"]["due_at"] == "2026-03-19T05:59:59.999999Z"
    assert event.body()["promise"]["calendar"] == "US"


@pytest.mark.parametrize("status", ShipmentStatus)
def test_a_step_out_of_order_is_refused_and_changes_nothing(status: ShipmentStatus) -> None:
    steps = {
        ShipmentStatus.SORTING: lambda shipment: shipment.sort(LATER),
        ShipmentStatus.PACKED: lambda shipment: shipment.pack(LATER),
        ShipmentStatus.DISPATCHED: lambda shipment: shipment.dispatch(
            [NewParcel("fedex", "1")], PROMISE, LATER, ORIGIN, on_hold=False
        ),
    }
    for wanted, step in steps.items():
        if wanted not in NEXT[status]:
            shipment = a_shipment(status)

            with pytest.raises(WrongShipmentStatus):
                step(shipment)

            assert shipment.status is status
            assert not shipment.parcels


def test_nothing_leaves_while_a_change_awaits_the_customer() -> None:
    shipment = a_shipment(ShipmentStatus.PACKED)

    with pytest.raises(ShipmentOnHold):
        shipment.dispatch([NewParcel("fedex", "1")], PROMISE, LATER, ORIGIN, on_hold=True)

    assert shipment.status is ShipmentStatus.PACKED


@pytest.mark.parametrize("status", [ShipmentStatus.QUEUED, ShipmentStatus.SORTING, ShipmentStatus.PACKED])
def test_what_has_not_left_is_recalled_once(status: ShipmentStatus) -> None:
    shipment = a_shipment(status)

    first, second = shipment.recall(Cause.CANCELLATION, LATER), shipment.recall(Cause.CANCELLATION, LATER)

    assert isinstance(first, ShipmentRecalled)
    assert second is None
    assert shipment.status is ShipmentStatus.RECALLED


def test_what_has_left_is_not_recalled_and_says_so() -> None:
    shipment = a_dispatched_shipment()

    event = shipment.recall(Cause.CANCELLATION, LATER)

    assert isinstance(event, RecallRefused)
    assert event.cause is Cause.CANCELLATION
    assert shipment.status is ShipmentStatus.DISPATCHED


def test_a_change_leaves_what_remains_and_takes_a_substitute_in() -> None:
    shipment = a_shipment(lines=[a_line(1, "MUG-1", 2), a_line(2, "PEN-1", 1), a_line(3, "CAP-1", 1)])

    events = shipment.adjust([a_line(1, "MUG-1", 1), a_line(3, "CAP-2", 1), a_line(2, "PEN-1", 0)], None, LATER)

    assert [(line.line_id, line.sku, line.quantity) for line in shipment.lines] == [(1, "MUG-1", 1), (3, "CAP-2", 1)]
    assert shipment.lines[0].weight_g == 350
    assert [type(event) for event in events] == [ShipmentAdjusted]


def test_another_address_is_taken_over_and_opens_what_was_packed() -> None:
    shipment = a_shipment(ShipmentStatus.PACKED)

    (adjusted,) = shipment.adjust(shipment.lines, a_destination("Boulder"), LATER)

    assert adjusted.body()["redirected"] is True
    assert shipment.destination.address["city"] == "Boulder"
    assert shipment.status is ShipmentStatus.SORTING


def test_a_shipment_with_nothing_left_is_recalled() -> None:
    shipment = a_shipment()

    events = shipment.adjust([], None, LATER)

    assert [type(event) for event in events] == [ShipmentAdjusted, ShipmentRecalled]
    assert shipment.status is ShipmentStatus.RECALLED


def test_a_change_that_changes_nothing_here_is_silent() -> None:
    shipment = a_shipment()

    assert shipment.adjust([a_line(1, "MUG-1", 2)], shipment.destination, LATER) == []


def test_a_change_after_the_dispatch_is_refused_as_an_event() -> None:
    shipment = a_dispatched_shipment()

    events = shipment.adjust([], None, LATER)

    assert [type(event) for event in events] == [RecallRefused]
    assert events[0].body()["cause"] == "change"
    assert shipment.lines


@given(st.permutations([(3, 1), (5, 2), (9, 3)]))
def test_the_newest_change_holds_in_any_order_of_arrival(
    changes: list[tuple[int, int]],
) -> None:
    order = KnownOrder("ORD-1")

    for seq, quantity in changes:
        order.change(seq, [a_line(1, "MUG-1", quantity)], a_destination(f"City {quantity}"))

    assert order.changed_destination is not None
    assert (order.changed_seq, order.changed_lines[0].quantity) == (9, 3)
    assert order.changed_destination.address["city"] == "City 3"


# tracking: the fold


@given(st.lists(scans, max_size=12), st.randoms())
def test_the_order_of_arrival_and_repeats_make_no_difference(events: list[TrackingEvent], rng: random.Random) -> None:
    shuffled = events + rng.choices(events, k=5) if events else []
    rng.shuffle(shuffled)

    assert fold(shuffled) == fold(events)


@given(st.lists(scans, max_size=12))
def test_every_scan_is_on_the_timeline_once_in_order(events: list[TrackingEvent]) -> None:
    timeline = fold(events).timeline

    assert len(timeline) == len({event.identity for event in events})
    keys = [(event.occurred_at, event.sequence) for event in timeline]
    assert keys == sorted(keys)


@given(st.lists(scans, max_size=12))
def test_a_code_we_do_not_know_changes_nothing(events: list[TrackingEvent]) -> None:
    known = [event for event in events if event.status is not None]

    with_unknown, without = fold(events), fold(known)

    assert (with_unknown.status, with_unknown.last) == (without.status, without.last)
    assert (with_unknown.delivered_at, with_unknown.reopened_at) == (without.delivered_at, without.reopened_at)


def test_a_late_scan_before_the_delivery_does_not_undo_it() -> None:
    track = fold(
        [a_scan(S.DELIVERED, 5), a_scan(S.OUT_FOR_DELIVERY, 4, heard_after=9), a_scan(S.EXCEPTION, 5, sequence=1)]
    )

    assert track.status is S.DELIVERED
    assert track.reopened_at is None


def test_a_contrary_scan_after_the_delivery_reopens_it() -> None:
    track = fold([a_scan(S.DELIVERED, 5), a_scan(S.RETURNING, 7)])

    assert track.status is S.RETURNING
    assert track.delivered_at == DISPATCHED_AT + timedelta(hours=5)
    assert track.reopened_at == DISPATCHED_AT + timedelta(hours=7)


def test_a_parcel_delivered_again_was_delivered_then() -> None:
    track = fold([a_scan(S.DELIVERED, 5), a_scan(S.IN_TRANSIT, 7), a_scan(S.DELIVERED, 9)])

    assert track.status is S.DELIVERED
    assert track.delivered_at == DISPATCHED_AT + timedelta(hours=9)
    assert track.reopened_at == DISPATCHED_AT + timedelta(hours=7)


def test_after_its_return_a_parcel_goes_nowhere() -> None:
    assert fold([a_scan(S.IN_TRANSIT, 1), a_scan(S.RETURNED, 2), a_scan(S.DELIVERED, 3)]).status is S.RETURNED


@pytest.mark.parametrize("status", [S.IN_TRANSIT, S.OUT_FOR_DELIVERY, S.LOST, S.DELIVERED])
def test_what_is_scanned_moves_though_its_label_was_cancelled(status: ParcelStatus) -> None:
    assert fold([a_scan(S.CANCELLED, 2), a_scan(status, 3)]).status is status


def test_a_parcel_under_way_cannot_return_to_its_label() -> None:
    assert fold([a_scan(S.IN_TRANSIT, 1), a_scan(S.CANCELLED, 2), a_scan(S.LABEL_CREATED, 3)]).status is S.IN_TRANSIT
    assert set(MOVES) == set(ParcelStatus)


def test_a_scan_from_the_future_happened_when_it_arrived() -> None:
    within = CLOCK_DIFFERENCE.total_seconds() / 3600

    assert fold([a_scan(S.DELIVERED, 33, heard_after=10)]).delivered_at == DISPATCHED_AT + timedelta(hours=10)
    assert fold([a_scan(S.DELIVERED, 10 + within, heard_after=10)]).delivered_at == DISPATCHED_AT + timedelta(
        hours=10 + within
    )


# tracking: what is told


@given(st.lists(scans, min_size=1, max_size=10, unique_by=lambda scan: scan.identity))
def test_no_status_is_told_twice_or_after_a_newer_one(events: list[TrackingEvent]) -> None:
    shipment = a_dispatched_shipment()

    updates = of_type(told(shipment, *([event] for event in events), events), TrackingUpdated)

    for before, after in pairwise(event for event in updates if isinstance(event, TrackingUpdated)):
        assert after.occurred_at >= before.occurred_at or after.status is not after.previous_status
    assert len({repr(event) for event in updates}) == len(updates)
    assert shipment.parcels[0].status is fold(events).status


@given(st.lists(scans, min_size=1, max_size=8))
def test_repeated_reports_announce_nothing(events: list[TrackingEvent]) -> None:
    shipment = a_dispatched_shipment()
    told(shipment, events)

    assert told(shipment, events, events) == []


@given(st.permutations([a_scan(S.IN_TRANSIT, 1), a_scan(S.CUSTOMS, 2), a_scan(S.DELIVERED, 3)]))
def test_however_they_arrive_it_is_delivered_once(events: list[TrackingEvent]) -> None:
    shipment = a_dispatched_shipment()

    found = told(shipment, *([event] for event in events))

    assert len(of_type(found, ParcelDelivered)) == len(of_type(found, ShipmentDelivered)) == 1
    assert shipment.delivered_at == DISPATCHED_AT + timedelta(hours=3)


def test_a_scan_at_another_place_is_told_without_a_new_status() -> None:
    found = told(a_dispatched_shipment(), [a_scan(hours=1)], [a_scan(hours=2, message="Chicago")])

    assert [(event.status, event.previous_status) for event in found] == [  # type: ignore[attr-defined]
        (S.IN_TRANSIT, S.LABEL_CREATED),
        (S.IN_TRANSIT, S.IN_TRANSIT),
    ]


def test_the_last_parcel_delivers_the_shipment() -> None:
    shipment = a_dispatched_shipment("1Z1", "1Z2")
    one, two = shipment.parcels

    first = shipment.track(two, fold([a_scan(S.DELIVERED, 9, number="1Z2")]), NOW, ORIGIN)
    second = shipment.track(one, fold([a_scan(S.DELIVERED, 5)]), NOW, ORIGIN)

    assert not of_type(first, ShipmentDelivered)
    (delivered,) = of_type(second, ShipmentDelivered)
    assert delivered.body()["delivered_at"] == "2026-03-03T11:00:00Z"
    assert (delivered.body()["country"], delivered.body()["time_zone"]) == ("US", "America/Denver")


def test_a_withdrawn_delivery_is_told_and_so_is_the_true_one() -> None:
    shipment = a_dispatched_shipment()
    reports = [a_scan(S.DELIVERED, 5)], [a_scan(S.IN_TRANSIT, 7)], [a_scan(S.DELIVERED, 9)]

    found = told(shipment, *reports)

    assert [event.taken_back for event in of_type(found, ParcelDelivered)] == [0, 1]  # type: ignore[attr-defined]
    assert len(of_type(found, DeliveryTakenBack)) == 1
    assert len(of_type(found, ShipmentDelivered)) == 2
    assert shipment.delivered_at == shipment.parcels[0].delivered_at == DISPATCHED_AT + timedelta(hours=9)


@pytest.mark.parametrize("back", [S.RETURNING, S.RETURNED])
@pytest.mark.parametrize("between", [[], [a_scan(S.IN_TRANSIT, 3)], [a_scan(S.OUT_FOR_DELIVERY, 4)]])
def test_after_a_return_began_nothing_is_delivered(back: ParcelStatus, between: list[TrackingEvent]) -> None:
    track = fold([a_scan(S.IN_TRANSIT, 1), a_scan(back, 2), *between, a_scan(S.DELIVERED, 5)])

    assert (track.status, track.delivered_at) == (S.RETURNED, None)
    assert S.DELIVERED not in {event.status for event in track.timeline}


@given(st.lists(scans, max_size=12), st.integers(-6, 6))
def test_a_delivery_is_never_before_the_hand_over(events: list[TrackingEvent], hours: int) -> None:
    handed_over_at = DISPATCHED_AT + timedelta(hours=hours)

    track = fold(events, handed_over_at)

    assert track.delivered_at is None or track.delivered_at >= handed_over_at


@given(st.lists(scans, max_size=10), st.lists(scans, max_size=6))
def test_parcel_shipment_and_what_was_told_agree(first: list[TrackingEvent], then: list[TrackingEvent]) -> None:
    shipment = a_dispatched_shipment()
    (parcel,) = shipment.parcels

    found = told(shipment, *([event] for event in [*first, *then]))

    is_delivered = parcel.status is S.DELIVERED
    news = [event for event in found if isinstance(event, ShipmentDelivered | DeliveryTakenBack)]
    assert is_delivered == (shipment.delivered_at is not None) == (parcel.delivered_at is not None)
    assert is_delivered == isinstance(news[-1] if news else None, ShipmentDelivered)
    assert shipment.delivered_at == parcel.delivered_at


def test_an_exception_is_raised_once_for_each_reason() -> None:
    damaged, refused = a_scan(S.EXCEPTION, 2, reason="damaged"), a_scan(S.EXCEPTION, 4, reason="refused")

    found = told(a_dispatched_shipment(), [damaged], [a_scan(S.EXCEPTION, 3, reason="damaged", message="!")], [refused])

    reasons = [event.reason for event in of_type(found, ParcelException)]  # type: ignore[attr-defined]
    assert reasons == ["damaged", "refused"]


# health, late and stuck


def test_a_late_parcel_is_found_and_told_once() -> None:
    shipment = a_dispatched_shipment()
    shipment.track(shipment.parcels[0], fold([a_scan(hours=24 * 14)]), DUE_AT, ORIGIN)

    in_time, late = shipment.check(DUE_AT), shipment.check(DUE_AT + timedelta(microseconds=1))

    assert in_time == []
    assert [event.body()["reason"] for event in late] == ["late"]
    assert shipment.check(DUE_AT + timedelta(days=1)) == []
    assert shipment.health(DUE_AT + timedelta(days=1)) is Health.LATE


def test_a_stuck_parcel_is_told_once_for_each_silence() -> None:
    shipment = a_dispatched_shipment()
    silent = SILENT_AT

    assert shipment.check_at == silent
    assert [type(event) for event in shipment.check(silent)] == [ParcelStuck]
    assert shipment.check(silent) == []

    shipment.track(shipment.parcels[0], fold([a_scan(hours=24 * 7 + 1)]), silent, ORIGIN)

    assert shipment.check_at == silent + timedelta(days=7, hours=1)
    assert of_type(shipment.check(silent + timedelta(days=7, hours=1)), ParcelStuck)


@pytest.mark.parametrize(
    ("calendar", "zone", "scanned", "stuck"),
    [
        ("CN", "Asia/Shanghai", datetime(2026, 9, 30, 8, tzinfo=UTC), datetime(2026, 10, 13, 8, tzinfo=UTC)),
        ("US", "America/Denver", datetime(2026, 9, 30, 8, tzinfo=UTC), datetime(2026, 10, 7, 8, tzinfo=UTC)),
        ("GB", "Europe/London", datetime(2026, 12, 24, 8, tzinfo=UTC), datetime(2027, 1, 5, 8, tzinfo=UTC)),
    ],
)
def test_silence_is_counted_in_working_days_of_the_place(
    calendar: str, zone: str, scanned: datetime, stuck: datetime
) -> None:
    scan = replace(a_scan(), occurred_at=scanned, received_at=scanned, calendar=calendar, time_zone=zone)

    assert fold([scan]).stuck_at(DISPATCHED_AT, ORIGIN) == stuck
    assert fold([replace(scan, calendar=None)]).stuck_at(DISPATCHED_AT, Place(calendar, zone)) == stuck


@given(st.lists(scans, max_size=6))
def test_nothing_turns_late_or_stuck_before_its_planned_check(events: list[TrackingEvent]) -> None:
    shipment = a_dispatched_shipment()
    shipment.track(shipment.parcels[0], fold(events), NOW, ORIGIN)

    if shipment.check_at is None:
        assert shipment.check(DUE_AT + timedelta(days=365)) == []
    else:
        assert shipment.check(shipment.check_at - timedelta(microseconds=1)) == []


@pytest.mark.parametrize(
    ("events", "at", "expected"),
    [
        ([], DISPATCHED_AT + timedelta(days=1), Health.NO_DATA),
        ([a_scan(hours=24)], DISPATCHED_AT + timedelta(days=2), Health.ON_TIME),
        ([a_scan(S.CUSTOMS_HOLD, 24)], DISPATCHED_AT + timedelta(days=2), Health.AT_RISK),
        ([a_scan(hours=24 * 12)], DUE_AT - timedelta(days=1), Health.AT_RISK),
        ([], SILENT_AT, Health.STUCK),
        ([a_scan(hours=1)], DUE_AT + timedelta(seconds=1), Health.LATE),
        ([a_scan(S.DELIVERED, 48)], DUE_AT + timedelta(days=30), Health.ON_TIME),
        ([a_scan(S.DELIVERED, 24 * 30)], DUE_AT + timedelta(days=30), Health.LATE),
    ],
)
def test_how_a_parcel_is_doing(events: list[TrackingEvent], at: object, expected: Health) -> None:
    shipment = a_dispatched_shipment()
    shipment.track(shipment.parcels[0], fold(events), NOW, ORIGIN)

    assert shipment.health_of(shipment.parcels[0], at) is expected  # type: ignore[arg-type]


# the parcel of a scan


def test_the_same_number_by_another_carrier_is_another_parcel() -> None:
    fedex, usps = (a_dispatched_shipment("77", carrier=carrier).parcels[0] for carrier in ("fedex", "usps"))
    both = [(fedex, DISPATCHED_AT), (usps, DISPATCHED_AT)]

    assert pick(a_scan(number="77", carrier="fedex"), both) is fedex
    assert pick(a_scan(number="77", carrier="usps"), both) is usps
    assert pick(a_scan(number="77", carrier="dhl"), both) is None
    assert pick(a_scan(number="78", carrier="usps"), both) is None


def test_a_parcel_without_a_carrier_takes_unclaimed_scans() -> None:
    fedex, any_carrier = (a_dispatched_shipment("77", carrier=name).parcels[0] for name in ("fedex", "easypost"))
    both = [(any_carrier, DISPATCHED_AT), (fedex, DISPATCHED_AT)]

    assert pick(a_scan(number="77", carrier="fedex"), both) is fedex
    assert pick(a_scan(number="77", carrier="dhl"), both) is any_carrier


def test_a_reused_number_belongs_to_the_newer_parcel() -> None:
    old, new = a_dispatched_shipment("77").parcels[0], a_dispatched_shipment("77").parcels[0]
    both = [(old, DISPATCHED_AT), (new, DISPATCHED_AT + timedelta(days=400))]

    assert pick(a_scan(number="77", hours=24 * 395), both) is new
    assert pick(a_scan(number="77", hours=24), both) is old


@pytest.mark.parametrize("name", ["FedEx", " fedex", "Fed Ex", "FEDEX"])
def test_a_carrier_has_one_spelling(name: str) -> None:
    assert carrier_code(name) == "fedex"
