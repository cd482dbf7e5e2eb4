"""What each source of tracking sends: whom we believe, what it means, and that nothing in it surprises us.

The bodies in `payloads` are our own, written after the documentation of each source; no parcel of a person is in them.
The signatures were made by OpenSSL, not by this code; AfterShip's second one is that of a body which its guides print.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.logistics.adapters.carriers import (
    Carrier,
    aftership,
    csv_rows,
    easypost,
    seventeen_track,
    shippo,
    simulator,
)
from services.logistics.adapters.carriers.aftership import AfterShip
from services.logistics.adapters.carriers.easypost import EasyPost
from services.logistics.adapters.carriers.seventeen_track import SeventeenTrack
from services.logistics.adapters.carriers.shippo import Shippo
from services.logistics.adapters.carriers.simulator import Simulator
from services.logistics.api.refusals import InTestMode, MalformedWebhook
from services.logistics.api.statuses import ParcelStatus, Reason
from services.logistics.domain import TrackingEvent, fold
from services.logistics.tests.builders import a_webhook

pytestmark = pytest.mark.pure

S = ParcelStatus
KEY = "what they gave us"
NOW = datetime(2026, 3, 10, 21, 27, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"
SOURCES: Mapping[str, Carrier] = {
    "easypost": EasyPost(easypost_webhook_secret="geheim, schön", amqp_uri="amqp://broker"),
    "aftership": AfterShip(aftership_webhook_secret=KEY),
    "17track": SeventeenTrack(seventeen_track_key=KEY),
    "shippo": Shippo(shippo_webhook_secret=KEY, amqp_uri="amqp://broker"),
    "simulator": Simulator(simulator_webhook_secret=KEY),
}
RAW = {
    "easypost": (PAYLOADS / "easypost_tracker_updated.json").read_bytes(),
    "aftership": (PAYLOADS / "aftership_tracking_update.json").read_bytes(),
    "17track": (PAYLOADS / "17track_tracking_updated.json").read_bytes(),
    "shippo": (PAYLOADS / "shippo_track_updated.json").read_bytes(),
}
V2 = {"x-timestamp": "Tue, 10 Mar 2026 21:27:00 -0000", "x-path": "/v1/webhooks/carriers/easypost"}
SIGNED: Mapping[str, Mapping[str, str]] = {
    "easypost": {**V2, "x-hmac-signature-v2": "hmac-sha256-hex=47147297c23d11447a2eaed11b6a902b341e1df8ef6229741d5b300b46897736"},  # noqa: E501
    "aftership": {"aftership-hmac-sha256": "Lrj8iYXum2YWFYADy0pdzdx7kLbtqB5G9lgA+LXsu6A="},
    "17track": {"sign": "725f2af480723a6cdea25e30597d5e3d86f7248c024e3c951c2ecc6d393e6fc6"},
    "shippo": {"shippo-auth-signature": "t=1773178020,v1=96980b0e47ec55cbaa3c3aa8ee57840fe0d75c1e5548456a194db787f3fef7ab"},  # noqa: E501
}  # fmt: skip
READERS = {**SOURCES, "easypost": EasyPost()}
"""EasyPost's body is of its test mode, which only development reads."""
each_source = pytest.mark.parametrize("name", SIGNED)


def scans(name: str, raw: bytes) -> list[TrackingEvent]:
    return list(READERS[name].parse(raw, NOW).events)


# whom we believe


@each_source
def test_what_a_source_signed_is_believed_and_no_other(name: str) -> None:
    source, raw, headers = SOURCES[name], RAW[name], SIGNED[name]

    assert source.verify(headers, raw, NOW)
    assert not source.verify(headers, raw + b" ", NOW)
    assert not source.verify({}, raw, NOW)
    for header, given in headers.items():
        for forged in ("", given[:-1], given + "0", "\u00e9\ud800", f"x{given}"):
            assert not source.verify({**headers, header: forged}, raw, NOW), (header, forged)
    assert not type(source)(amqp_uri="amqp://broker").verify(headers, raw, NOW)


@pytest.mark.parametrize("name", ["easypost", "shippo"])
def test_a_signed_time_is_good_for_five_minutes(name: str) -> None:
    for minutes, good in ((-4, True), (4, True), (-6, False), (6, False)):
        assert SOURCES[name].verify(SIGNED[name], RAW[name], NOW + timedelta(minutes=minutes)) is good


def test_without_a_secret_what_is_signed_with_none_is_refused() -> None:
    assert not AfterShip().verify({aftership.HEADER: aftership.sign("", b"{}")}, b"{}", NOW)
    assert not SeventeenTrack().verify({seventeen_track.HEADER: seventeen_track.sign("", b"{}")}, b"{}", NOW)


def test_the_body_that_aftership_prints_is_believed() -> None:
    raw = (
        b'{"event":"tracking_update","event_id":"94dadd60-ed26-46d0-aa52-3ced925a50ff","is_tracking_first_tag":true,'
        b'"msg":{"tracking_number":"0000000000000000","slug":"usps","tag":"Delivered","subtag":"Delivered_001",'
        b'"subtag_message":"Delivered","order_number":"ORD-1001"},"ts":1712741696}'
    )
    source = AfterShip(aftership_webhook_secret="your_webhook_secret")

    assert source.verify({aftership.HEADER: "+3xeJt0zkkmj1zCFoTBMOc+abMKgZ44GOkZu9DdDHGM="}, raw, NOW)
    webhook = source.parse(raw, NOW)
    assert webhook.key == "94dadd60-ed26-46d0-aa52-3ced925a50ff"
    (event,) = webhook.events
    assert (event.carrier, event.status, event.message) == ("usps", S.DELIVERED, "Delivered")
    assert event.occurred_at == datetime.fromtimestamp(1712741696, UTC)


# what it means


def vocabulary() -> Iterator[tuple[str, bytes]]:
    """Yield a body for each code that a source has, and for the words that change what a code means."""
    for status in easypost.STATUSES:
        for detail in easypost.DETAILS:
            yield "easypost", tracker(status, detail, "Left")
    for message in ("Customs clearance", "Held by customs", "Delivered to sender", "Delivered to pickup point"):
        for status in easypost.STATUSES:
            yield "easypost", tracker(status, "held", message)
            yield "easypost", tracker(status, "arrived_at_facility", message)
    for subtag in aftership.SUBTAGS:
        yield "aftership", aftership_body({"tag": subtag.partition("_")[0], "subtag": subtag})
    for tag in aftership.TAGS:
        yield "aftership", aftership_body({"tag": tag})
    for sub_status in seventeen_track.SUB_STATUSES:
        yield "17track", track_body({"sub_status": sub_status})
    for code in shippo.SUBSTATUSES:
        for status in shippo.STATUSES:
            for message in ("Left", "Held by customs", "Cleared customs", "Delivered to sender", "At pickup point"):
                yield "shippo", shippo_body({"status": status, "substatus": {"code": code}, "status_details": message})
    for status in ParcelStatus:
        yield "simulator", a_webhook("w", {"code": status.value})


def tracker(status: str, detail: str, message: str) -> bytes:
    scan = {"status": status, "status_detail": detail, "message": message, "datetime": "2026-03-04T09:00:00Z"}
    result = {"tracking_code": "1Z1", "carrier": "UPS", "tracking_details": [scan]}
    return json.dumps({"id": "e", "description": "tracker.updated", "result": result}).encode()


def aftership_body(*checkpoints: Mapping[str, Any], **more: Any) -> bytes:
    usual = {"checkpoint_time": "2026-03-04T09:00:00+08:00", "message": "Left"}
    msg = {"tracking_number": "1Z1", "slug": "ups", "checkpoints": [{**usual, **each} for each in checkpoints], **more}
    return json.dumps({"event": "tracking_update", "event_id": "e", "msg": msg}).encode()


def track_body(*events: Mapping[str, Any]) -> bytes:
    usual = {"time_iso": "2026-03-04T09:00:00+08:00", "description": "Left"}
    provider = {"provider": {"name": "Yun Express"}, "events": [{**usual, **each} for each in events]}
    data = {"number": "1Z1", "track_info": {"tracking": {"providers": [provider]}}}
    return json.dumps({"event": "TRACKING_UPDATED", "data": data}).encode()


def shippo_body(*statuses: Mapping[str, Any], **more: Any) -> bytes:
    usual = {"status_date": "2026-03-04T09:00:00Z", "status_details": "Left"}
    data = {"tracking_number": "1Z1", "carrier": "ups", "tracking_history": [{**usual, **each} for each in statuses]}
    return json.dumps({"event": "track_updated", "data": {**data, **more}}).encode()


def test_two_hundred_documented_shapes_give_a_scan_each() -> None:
    read = [scans(source, raw) for source, raw in vocabulary()]

    assert len(read) > 200
    assert {len(each) for each in read} == {1}


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("easypost", lambda code: tracker(code, "unknown", "Seen")),
        ("aftership", lambda code: aftership_body({"tag": code, "subtag": f"{code}_001", "message": "Seen"})),
        ("17track", lambda code: track_body({"sub_status": code, "description": "Seen"})),
        ("shippo", lambda code: shippo_body({"status": code, "status_details": "Seen"})),
    ],
)
@pytest.mark.parametrize("code", ["Teleported", "beamed_up", "delivered?", "数"])
def test_a_code_that_no_document_names_is_kept_as_unknown(name: str, raw: Callable[[str], bytes], code: str) -> None:
    (scan,) = scans(name, raw(code))

    assert (scan.status, scan.unmapped) == (None, True)
    assert fold([scan]).status is S.LABEL_CREATED


NEVER_SAID = {"shippo": {S.CANCELLED}}
"""What a source has no word for."""


@pytest.mark.parametrize("name", SOURCES)
def test_each_status_can_come_from_each_source(name: str) -> None:
    read = [event for source, raw in vocabulary() if source == name for event in scans(name, raw)]

    assert {event.status for event in read} - {None} == set(ParcelStatus) - NEVER_SAID.get(name, set())
    assert not [event.code for event in read if event.unmapped]
    assert {event.reason for event in read if event.reason} <= {reason.value for reason in Reason}


@pytest.mark.parametrize(
    ("name", "raw", "status"),
    [
        ("easypost", tracker("teleported", "", "Left"), None),
        ("easypost", tracker("delivered", "teleported", "Left"), S.DELIVERED),
        ("aftership", aftership_body({"tag": "Teleported"}), None),
        ("aftership", aftership_body({"tag": "InTransit", "subtag": "InTransit_099"}), S.IN_TRANSIT),
        ("aftership", aftership_body({"subtag": "Delivered_099"}), S.DELIVERED),
        ("aftership", aftership_body({}), None),
        ("17track", track_body({"sub_status": "Teleported"}), None),
        ("17track", track_body({"sub_status": "Exception_Eaten"}), S.EXCEPTION),
        ("17track", track_body({"stage": "Teleported"}), None),
        ("17track", track_body({}), None),
        ("shippo", shippo_body({"status": "TELEPORTED"}), None),
        ("shippo", shippo_body({"status": "TRANSIT", "substatus": {"code": "teleported"}}), S.IN_TRANSIT),
        ("shippo", shippo_body({}), None),
    ],
)
def test_an_unknown_code_is_kept_as_unknown(name: str, raw: bytes, status: ParcelStatus | None) -> None:
    """A finer code that we do not know means what the broad one says; without that it changes nothing."""
    (event,) = scans(name, raw)

    assert (event.status, event.unmapped) == (status, True)


@pytest.mark.parametrize(
    ("name", "codes", "unknown"),
    [
        ("aftership", ["in_transit", "in_transit", "customs", "customs_hold", "in_transit", "delivered"], 1),
        ("17track", ["in_transit", "customs", "in_transit", "customs_hold", "in_transit", "delivered"], 1),
        ("shippo", ["label_created", "in_transit", "customs_hold", "in_transit", "attempt_failed", "delivered"], 1),
    ],
)
def test_a_whole_story_is_understood_in_any_order(name: str, codes: list[str], unknown: int) -> None:
    webhook = SOURCES[name].parse(RAW[name], NOW)
    told = fold(webhook.events)

    assert [event.status and event.status.value for event in told.timeline] == codes
    assert sum(event.unmapped for event in told.timeline) == unknown
    assert (webhook.skipped, webhook.flaws) == (0, ())
    assert told.status is S.DELIVERED
    assert told.delivered_at == datetime(2026, 3, 10, 21, 20, tzinfo=UTC)
    assert fold([*reversed(webhook.events), *webhook.events]) == told
    (first, *_), last = told.timeline, told.timeline[-1]
    if name != "shippo":  # its first scan has no place
        assert (first.local_time, first.calendar) == ("2026-03-03T19:40:00+08:00", "CN")
    assert (last.local_time, last.calendar) == ("2026-03-10T15:20:00-06:00", "US")


def test_a_time_without_a_zone_is_that_of_its_place() -> None:
    checkpoints = [
        {"checkpoint_time": "2026-03-05T08:10:00", "country_region": "CHN", "tag": "InTransit"},
        {"checkpoint_time": "2026-03-08", "state": "IL", "country_region": "USA", "tag": "InTransit"},
        {"checkpoint_time": "2026-03-08T10:00:00", "country_region": "ZZZ", "tag": "InTransit"},
    ]
    read = scans("aftership", aftership_body(*checkpoints))

    assert [event.local_time for event in read] == [
        "2026-03-05T08:10:00+08:00", "2026-03-08T12:00:00-05:00", "2026-03-08T10:00:00+00:00",
    ]  # fmt: skip
    assert read[2].time_zone == "UTC"


def test_who_carries_the_last_mile_is_told_by_name() -> None:
    assert [event.carrier for event in scans("17track", RAW["17track"])] == ["chinapost"] * 3 + ["usps"] * 3


# what no one should send


@each_source
@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"null", b"\xff\xfe{}", b"\x80", b"[" * 50_000, '{"a": "é'.encode("utf-16")]
)
def test_nonsense_of_a_source_is_refused(name: str, raw: bytes) -> None:
    with pytest.raises(MalformedWebhook):
        SOURCES[name].parse(raw, NOW)


WRONG: list[Any] = [None, -1, True, "", "x" * 600 + "\u0000\ud800", [None], {}, "9999-12-31T23:59:59-14:00"]


@each_source
def test_no_part_of_a_body_can_surprise_us(name: str) -> None:
    """Each part is replaced by each of the wrong ones: the body is refused, or some of its scans are left out."""
    whole = json.loads(RAW[name])
    tried = 0
    for place in places(whole):
        for wrong in WRONG:
            try:
                webhook = READERS[name].parse(json.dumps(replaced(whole, place, wrong)).encode(), NOW)
            except (MalformedWebhook, InTestMode):
                continue
            fold(webhook.events[:2])
            assert all(len(event.code) <= 80 and len(event.message) <= 500 for event in webhook.events)
            assert len(webhook.key) <= 80
            tried += 1
    assert tried > 100


def places(part: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where the parts of a body are; of a list only the first is looked into."""
    if place:
        yield place
    inner = part.items() if isinstance(part, dict) else list(enumerate(part))[:1] if isinstance(part, list) else ()
    for name, each in inner:
        yield from places(each, (*place, name))


def replaced(whole: Any, place: tuple[Any, ...], by: Any) -> Any:
    if not place:
        return by
    name, *rest = place
    if isinstance(whole, dict):
        return {**whole, name: replaced(whole[name], tuple(rest), by)}
    return [replaced(each, tuple(rest), by) if at == name else each for at, each in enumerate(whole)]


def test_test_events_of_shippo_are_taken_in_development_alone() -> None:
    for raw in (shippo_body({"status": "TRANSIT"}, test=True), RAW["shippo"].replace(b'"test":false', b'"test":true')):
        with pytest.raises(InTestMode):
            SOURCES["shippo"].parse(raw, NOW)
        assert Shippo().parse(raw, NOW).events


def test_events_about_something_else_bring_no_scans() -> None:
    assert scans("shippo", json.dumps({"event": "transaction_created", "data": {}}).encode()) == []
    assert scans("17track", json.dumps({"event": "TRACKING_STOPPED", "data": {"number": "1"}}).encode()) == []
    assert scans("aftership", aftership_body()) == []
    assert simulator.Simulator().parse(a_webhook("w"), NOW).events == ()


def test_a_row_after_cells_of_several_lines_keeps_its_number() -> None:
    given = 'tracking_number,occurred_at,status,message\nVAN-1,2026-03-10T15:20Z,delivered,"to\nher\nson"\n\nVAN-2,?,,'

    assert [row.row for row in csv_rows.read(given, NOW)] == [2, 4]
