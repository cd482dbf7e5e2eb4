"""What carriers tell beside their scans: read from each, the same in any order, true for where the parcel is now."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from services.common.basics import clock, ids
from services.common.testing import fresh_store
from services.logistics.adapters.carriers import csv_rows, simulator
from services.logistics.api.parts import Eta, HandedOn, PickUp
from services.logistics.api.statuses import ParcelStatus, Reason
from services.logistics.domain import NewParcel, TrackingEvent, fold
from services.logistics.domain.facts import MOST_PLACES, Facts, Told, facts_of, notes_of
from services.logistics.tests.builders import DISPATCHED_AT, a_place, a_scan, a_told
from services.logistics.tests.scene import DISPATCHED, ORDER, Scene
from services.logistics.tests.test_sources import NOW, RAW, READERS
from services.orders.api.events import OrderErased

S = ParcelStatus
WAITS, OUT, IN = S.AVAILABLE_FOR_PICKUP, S.OUT_FOR_DELIVERY, S.IN_TRANSIT
pure = pytest.mark.pure


def facts(*told: Told, scans: Sequence[TrackingEvent] = (), before: Facts | None = None) -> Facts:
    return facts_of(map(notes_of, told), fold(scans), DISPATCHED_AT, before)


def an_eta(day: int, last: int | None = None) -> Eta:
    return Eta(date(2026, 3, day), date(2026, 3, last or day))


@pure
def test_reports_add_up_to_the_same_in_any_order() -> None:
    told = [
        a_told(1, eta=an_eta(9), handed_on=HandedOn("UPS")),
        a_told(2, eta=an_eta(11), pick_up=a_place("Kiosk A")),
        a_told(2, eta=an_eta(10), pick_up=a_place("Kiosk B")),  # contradicting, at the same moment
        a_told(3, first_eta=an_eta(8), received_by="A. LOVELACE"),
    ]
    scans = [a_scan(WAITS, 2)]

    found = {facts(*order, *order[:2], scans=scans) for order in permutations(told)}

    (one,) = found
    assert (one.eta, one.first_eta, one.handed_on) == (an_eta(11), an_eta(8), HandedOn("UPS"))
    assert one.pick_up == a_place("Kiosk B")
    assert one.received_by is None  # what waits was not taken


@pure
def test_a_place_holds_for_the_stay_that_it_was_said_of() -> None:
    first, second = a_told(10, pick_up=a_place("Kiosk A")), a_told(30, pick_up=a_place("Kiosk B"))
    waits, leaves, waits_again = a_scan(WAITS, 10), a_scan(OUT, 20), a_scan(WAITS, 29, message="Back at a counter")

    def place(*told: Told, scans: Sequence[TrackingEvent]) -> PickUp | None:
        return facts(*told, scans=scans).pick_up

    assert place(first, scans=[waits]) == a_place("Kiosk A")
    assert place(first, scans=[waits, leaves]) is None
    assert place(first, scans=[waits, leaves, waits_again]) is None
    assert place(first, second, scans=[waits, leaves, waits_again]) == a_place("Kiosk B")


@pure
def test_who_took_it_holds_while_it_is_delivered() -> None:
    told, delivered = a_told(20, received_by="B. BYRON", photo_url="https://c.example/1"), a_scan(S.DELIVERED, 20)

    assert facts(told, scans=[delivered]).received_by == "B. BYRON"
    assert facts(told, scans=[delivered, a_scan(IN, 30)]).photo_url is None
    assert facts(told, scans=[delivered, a_scan(IN, 30), a_scan(S.DELIVERED, 40)]).received_by is None
    assert facts(told, scans=[a_scan(S.RETURNING, 10), delivered]).received_by is None  # at the sender's


@pure
def test_attempts_are_counted_by_day_with_their_reasons() -> None:
    failed = [
        a_scan(S.ATTEMPT_FAILED, 30, reason=Reason.NOBODY),
        a_scan(S.ATTEMPT_FAILED, 31, message="Card left"),
        a_scan(S.ATTEMPT_FAILED, 54, reason=Reason.ADDRESS),
    ]

    assert [each.reason for each in facts(scans=failed).attempts] == ["nobody_there", "address_correction"]


@pure
def test_what_was_said_of_another_parcel_is_not_of_this() -> None:
    old = Told("fedex", "easypost", "1Z1", DISPATCHED_AT - timedelta(days=200), eta=an_eta(1))

    assert facts(old) == Facts()
    assert facts(old, a_told(1, eta=an_eta(9))).first_eta == an_eta(9)


# what each carrier says


@pure
def test_each_carrier_is_read() -> None:
    told = {name: reader.parse(RAW[name], NOW).told for name, reader in READERS.items() if name in RAW}

    assert [(each.eta, each.received_by) for each in told["easypost"]] == [(an_eta(11), "A LOVELACE")]
    assert [(each.eta, each.received_by) for each in told["aftership"]] == [(an_eta(11), "A. NAME")]
    assert [each.handed_on for each in told["17track"]] == [HandedOn("USPS", "9400100000000000000001")]
    assert [(each.eta, each.first_eta) for each in told["shippo"]] == [(an_eta(10), an_eta(9))]


AFTERSHIP: Mapping[str, Any] = {
    "courier_estimated_delivery_date": {"estimated_delivery_date_min": "2026-03-11", "estimated_delivery_date_max": "2026-03-12T18:00:00"},  # noqa: E501
    "first_estimated_delivery": {"source": "Carrier EDD", "datetime": "2026-03-09"},
    "latest_estimated_delivery": {"source": "AfterShip EDD", "datetime": "2026-03-30"},
    "pickup_location": "Kiosk Schmidt, Valentinskamp 88", "pickup_note": "Bring the card",
    "proof_of_delivery": [{"type": "signature", "url": "https://c.example/s.png"}, {"type": "photo", "url": "https://c.example/p.jpg"}],
    "last_mile": {"slug": "usps", "tracking_number": "94001"},
}  # fmt: skip


def aftership(**changes: Any) -> Told:
    body = json.loads(RAW["aftership"])
    body["msg"] |= {**AFTERSHIP, **changes}
    (told,) = READERS["aftership"].parse(json.dumps(body).encode(), NOW).told
    return told


@pure
def test_aftership_tells_all_that_carriers_tell() -> None:
    point = {"tag": "InTransit", "checkpoint_time": "2026-03-09T10:00:00Z", "coordinate": {"latitude": 39.7, "longitude": -104.9}}  # noqa: E501  # fmt: skip
    told = aftership(checkpoints=[point, {**point, "coordinate": {"latitude": 91, "longitude": True}}])

    assert (told.eta, told.first_eta) == (an_eta(11, 12), an_eta(9))
    assert told.pick_up == PickUp(None, "Kiosk Schmidt, Valentinskamp 88", None, "Bring the card", None)
    assert (told.signature_url, told.photo_url) == ("https://c.example/s.png", "https://c.example/p.jpg")
    assert told.handed_on == HandedOn("usps", "94001")
    assert told.position is not None
    assert (told.position.latitude, told.position.longitude) == ("39.700000", "-104.900000")


@pure
def test_what_aftership_expects_is_not_the_carriers_word() -> None:
    told = aftership(courier_estimated_delivery_date=None, first_estimated_delivery=None, expected_delivery=None)

    assert (told.eta, told.first_eta) == (None, None)


@pure
def test_easypost_names_who_it_was_handed_on_to() -> None:
    body = json.loads(RAW["easypost"])
    details = body["result"]["tracking_details"]
    details[3]["status_detail"] = "transferred_to_destination_carrier"
    for detail in details[4:]:
        detail["source"] = "USPS"
    reader = READERS["easypost"]

    (told,) = reader.parse(json.dumps(body).encode(), NOW).told
    body["result"]["tracking_details"] = details[:4]
    (before,) = reader.parse(json.dumps(body).encode(), NOW).told

    assert (told.handed_on, before.handed_on) == (HandedOn("USPS"), HandedOn(None))


NONSENSE: tuple[Any, ...] = (
    None, 7, True, -1.5, "", "\0\u202e\ud800", "x" * 100_000, [], {}, [[]], {"a": {"b": []}}, "9999-12-31",
    "2026-02-30",
    "javascript:alert(1)", "http://c.example/", "https://", "https://a:b@c.example/", "https://c.example/\n<script>",
    float("inf"), 10**300,
)  # fmt: skip


@pure
@pytest.mark.parametrize("name", RAW)
def test_nonsense_beside_scans_costs_no_scan(name: str) -> None:
    names = {
        "easypost": "signed_by est_delivery_date carrier_detail",
        "aftership": f"{' '.join(AFTERSHIP)} signed_by expected_delivery next_couriers",
        "17track": "misc_info time_metrics",
        "shippo": "eta original_eta",
    }[name].split()
    of = {"easypost": "result", "aftership": "msg", "17track": "data", "shippo": "data"}[name]
    usual = READERS[name].parse(RAW[name], NOW)

    for field in names:
        for given in NONSENSE:
            body = json.loads(RAW[name])
            inside = body[of]["track_info"] if name == "17track" else body[of]
            inside[field] = given
            found = READERS[name].parse(json.dumps(body).encode(), NOW)

            assert found.events == usual.events
            for told in found.told:
                json.dumps(notes_of(told)).encode()  # can be kept
                links = [told.signature_url, told.photo_url]
                assert not any(links) or all(each is None or each.startswith("https://c.") for each in links)
                for text in (told.received_by, told.pick_up.address if told.pick_up else None):
                    assert text is None or len(text) <= 300
                assert told.eta is None or told.eta.first.year == 2026


@pure
def test_only_a_link_that_a_browser_may_follow_is_kept() -> None:
    for given in (*NONSENSE, "https://c.example/a b", 'https://c.example/"onclick', "https://localhost/"):
        assert aftership(proof_of_delivery=[{"type": "photo", "url": given}]).photo_url is None, given


@pure
def test_rows_and_the_simulator_tell_what_they_know() -> None:
    header = "tracking_number,occurred_at,status,pick_up_name,pick_up_hours,pick_up_until,latitude,longitude"
    (row,) = csv_rows.read(f"{header}\nV1,2026-03-10T15:00:00Z,available_for_pickup,Depot,9-17,2026-03-20,0,0\n", NOW)
    place = {"name": "Depot", "hours": "9-17", "until": "2026-03-20"}
    scan = {"tracking_number": "S1", "code": "available_for_pickup", "occurred_at": "2026-03-10T15:00:00+00:00"}
    beside = {"pick_up": place, "position": {"latitude": "39", "longitude": 1}}
    raw = simulator.write("W1", [{**scan, "beside": beside}])
    (simulated,) = READERS["simulator"].parse(raw, NOW).told

    assert row.told is not None
    assert row.told.pick_up == simulated.pick_up == PickUp("Depot", None, "9-17", None, date(2026, 3, 20))
    assert row.told.position is None
    assert simulated.position is not None


# what follows


def test_what_is_told_is_kept_shown_and_announced_once(tmp_path: Path) -> None:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        scene = Scene(store)
        scene.pass_review()
        scene.dispatch(NewParcel("fedex", "1Z1"))
        promised = scene.tracking()["shipments"][0]["promise"]

        scene.scan(told=[a_told(1, eta=an_eta(9))], key="a")
        scene.scan(a_scan(WAITS, 50), told=[a_told(50, eta=an_eta(11), pick_up=a_place())], key="b")
        scene.scan(a_scan(WAITS, 50), told=[a_told(50, eta=an_eta(11), pick_up=a_place())], key="c")  # again
        scene.scan(told=[a_told(2, eta=an_eta(10))], key="d")  # late
        shipment = scene.tracking()["shipments"][0]
        shown = shipment["parcels"][0]["facts"]

        assert shown["carrier_eta"] == {"first": "2026-03-11", "last": "2026-03-11", "said_at": "2026-03-05T04:00:00Z", "first_said": ["2026-03-09", "2026-03-09"]}  # noqa: E501  # fmt: skip
        assert shown["pick_up"] == {"name": "Kiosk Schmidt", "address": "Valentinskamp 88, Hamburg", "hours": "Mo-Sa 8-20", "note": None, "until": "2026-03-18"}  # noqa: E501  # fmt: skip
        assert shipment["promise"] == promised  # which no carrier changes
        assert [each["news"] for each in scene.told("parcel_facts_told")] == [["eta"], ["eta", "pick_up"]]
        (waits,) = scene.told("tracking_updated")
        assert waits["pick_up"]["name"] == "Kiosk Schmidt"

        for n in range(2 * MOST_PLACES):  # a carrier that cannot make up its mind
            scene.scan(told=[a_told(51 + n, pick_up=a_place(f"Kiosk {n}"))], key=f"e{n}")
        told = [each for each in scene.told("parcel_facts_told") if "pick_up" in each["news"]]
        assert len(told) == MOST_PLACES

        scene.hear(OrderErased, OrderErased(order_number=ORDER, request_id=ids.number(ids.PRIVACY, 1)).body())
        scene.scan(told=[a_told(90, pick_up=a_place("Kiosk Z"))], key="f")
        assert scene.tracking()["shipments"][0]["parcels"][0]["facts"]["pick_up"] is None
        with scene.work() as work:
            assert work.said.of_numbers(["1Z1"]) == []


def test_what_is_told_of_other_numbers_goes_after_a_while(tmp_path: Path) -> None:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        scene = Scene(store)
        scene.pass_review()
        scene.dispatch(NewParcel("fedex", "1Z1"))
        scene.scan(told=[a_told(1, eta=an_eta(9)), a_told(1, number="1Z2", eta=an_eta(9))], key="a")

        for days, left in ((89, ["1Z1", "1Z2"]), (92, ["1Z1"])):
            with scene.work() as work:
                work.said.forget_old(DISPATCHED + timedelta(days=days))
                assert [each.tracking_number for each in work.said.of_numbers(["1Z1", "1Z2"])] == left
