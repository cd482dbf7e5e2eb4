"""Carriers' webhooks: whom we believe, what we understand, and that nothing they send can surprise us."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import eventlet
import pytest
from eventlet import wsgi
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics.errors import Unavailable
from services.common.basics.guard import transaction
from services.logistics.adapters.carriers import Carriers, scenarios, simulator
from services.logistics.adapters.carriers.easypost import DETAILS, DEVELOPMENT_SECRET, HEADER, STATUSES, EasyPost, sign
from services.logistics.adapters.carriers.simulator import Simulator
from services.logistics.api.refusals import InTestMode, MalformedWebhook, UnknownCarrier
from services.logistics.api.statuses import ParcelStatus
from services.logistics.domain import fold
from services.logistics.settings import LogisticsSettings
from services.logistics.tests.builders import DISPATCHED_AT, SECRET, a_webhook

pytestmark = pytest.mark.pure

RAW = (Path(__file__).parent / "payloads" / "easypost_tracker_updated.json").read_bytes()
KEY = "geheim, schön"
EASYPOST, SIMULATOR = EasyPost(easypost_webhook_secret=KEY), Simulator(simulator_webhook_secret=SECRET)
IN_PRODUCTION = LogisticsSettings(amqp_uri="amqp://broker")
# openssl dgst -sha256 -mac HMAC -macopt hexkey:<NFKD of the key in UTF-8> easypost_tracker_updated.json
SIGNATURE = "hmac-sha256-hex=45962f895fd4f86f24104aa37b59cc88cbfca76ab8a6260c4fd0cdb00a95144d"
NOW = datetime(2026, 3, 10, 21, 27, tzinfo=UTC)

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2026-03-10T21:20:00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def a_tracker(details: list[Any], event: dict[str, Any] | None = None, **tracker: Any) -> bytes:
    """Build the body of an event with these details."""
    result = {"tracking_code": "EZ1", "carrier": "FedEx", "tracking_details": details, **tracker}
    return json.dumps({"id": "e", "description": "tracker.updated", "result": result, **(event or {})}).encode()


# EasyPost's signature


def test_easyposts_signature_covers_the_raw_bytes() -> None:
    """The secret is normalised before it signs."""
    assert EASYPOST.verify({HEADER: SIGNATURE}, RAW, NOW)
    assert EasyPost(easypost_webhook_secret="geheim, scho\u0308n").verify({HEADER: SIGNATURE}, RAW, NOW)


def test_a_body_rewritten_by_a_json_library_does_not_fit() -> None:
    again = json.dumps({**json.loads(RAW), "result": {**json.loads(RAW)["result"], "weight": 136}}).encode()

    assert not EASYPOST.verify({HEADER: SIGNATURE}, again, NOW)
    assert not EASYPOST.verify({HEADER: SIGNATURE}, RAW + b"\n", NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {HEADER: ""},
        {HEADER: SIGNATURE.removeprefix("hmac-sha256-hex=")},
        {HEADER: SIGNATURE[:-1]},
        {HEADER: SIGNATURE[:-1] + "e"},
        {HEADER: SIGNATURE.upper()},
        {HEADER: "hmac-sha256-hex=\u00e9\ud800"},
        {"x-hmac-signature-v2": SIGNATURE},
    ],
)
def test_what_is_not_signed_by_easypost_is_not_believed(headers: dict[str, str]) -> None:
    assert not EASYPOST.verify(headers, RAW, NOW)


def test_without_a_secret_no_webhook_is_accepted() -> None:
    assert not EasyPost(amqp_uri="amqp://broker").verify({HEADER: sign("", RAW)}, RAW, NOW)
    assert not Simulator().verify({simulator.HEADER: simulator.headers("", RAW, NOW)["Simulator-Signature"]}, RAW, NOW)


# what EasyPost says


def test_the_scans_of_a_recorded_webhook_are_understood() -> None:
    webhook = EASYPOST.parse(RAW, NOW)

    assert webhook.key == "evt_5a1e"
    assert {(event.carrier, event.source, event.tracking_number) for event in webhook.events} == {
        ("fedex", "easypost", "EZ4000000004")
    }
    assert [(event.code, event.status and event.status.value) for event in webhook.events] == [
        ("OC", "label_created"),
        ("PU", "in_transit"),
        ("CC", "in_transit"),
        ("CD", "customs_hold"),
        ("HL", "exception"),
        ("DE", "attempt_failed"),
        ("QS", None),
        ("DL", "delivered"),
    ]
    assert [event.code for event in webhook.events if event.unmapped] == ["QS"]
    assert fold(webhook.events).status is ParcelStatus.DELIVERED


def test_a_scan_keeps_utc_and_the_time_that_clocks_showed_there() -> None:
    label, picked_up, *_, delivered = EASYPOST.parse(RAW, NOW).events

    assert delivered.occurred_at == datetime(2026, 3, 10, 21, 20, tzinfo=UTC)
    assert delivered.local_time == "2026-03-10T15:20:00-06:00"
    assert picked_up.local_time == "2026-03-03T19:40:00+08:00"
    assert label.local_time == "2026-03-03T08:15:00+00:00"
    assert (label.location, delivered.location) == (None, "DENVER, CO, US")


def test_every_easypost_status_is_mapped_or_deliberately_none() -> None:
    assert {status for status, ours in STATUSES.items() if ours is None} == {"unknown"}
    assert len(STATUSES) == 10


def test_a_vague_hold_is_not_called_customs() -> None:
    held = next(event for event in EASYPOST.parse(RAW, NOW).events if event.code == "HL")

    assert (held.status, held.reason) == (ParcelStatus.EXCEPTION, "held")


def test_an_event_about_something_else_brings_no_scans() -> None:
    raw = json.dumps({"id": "evt_2", "description": "batch.created", "result": {"id": "batch_1"}}).encode()

    assert EASYPOST.parse(raw, NOW).events == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"description": "tracker.updated"}',
        b'{"id": 5, "description": "tracker.updated", "result": {}}',
        b'{"id": "e", "description": "tracker.updated", "result": []}',
        b'{"id": "e", "description": "tracker.updated", "result": {"tracking_code": null}}',
        b'{"id": "e", "description": "tracker.updated", "result": {"tracking_code": "' + b"1" * 65 + b'"}}',
        b'{"id": "e", "description": "tracker.updated", "result": {"tracking_code": "1", "tracking_details": {}}}',
    ],
)
def test_a_body_without_sense_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedWebhook):
        EASYPOST.parse(raw, NOW)


GOOD = {"status": "in_transit", "message": "Left", "datetime": "2026-03-04T09:00:00Z", "carrier_code": "DP"}


@pytest.mark.parametrize(
    "bad",
    [
        None,
        1,
        [],
        {},
        {**GOOD, "datetime": None},
        {**GOOD, "datetime": "0001-01-01T00:00:00Z"},
        {**GOOD, "datetime": "1970-01-01T00:00:00Z"},
        {**GOOD, "datetime": "1999-12-31T23:59:59Z"},
        {**GOOD, "datetime": "9999-12-31T23:59:59-14:00"},
        {**GOOD, "datetime": "Wed, 04 Mar 2026 09:00:00 GMT"},
        {**GOOD, "datetime": 1772614800},
    ],
)
def test_a_scan_that_cannot_be_read_costs_that_scan(bad: Any) -> None:
    for details in ([GOOD, bad], [bad, GOOD]):
        webhook = EASYPOST.parse(a_tracker(details), NOW)

        assert [event.code for event in webhook.events] == ["DP"]
        assert webhook.skipped == 1


def test_of_a_very_long_history_the_newest_scans_are_taken() -> None:
    details = [{**GOOD, "message": f"Scan {n}"} for n in range(2300)]

    webhook = EASYPOST.parse(a_tracker(details), NOW)

    assert (len(webhook.events), webhook.skipped) == (2000, 300)
    assert webhook.events[-1].message == "Scan 2299"


@given(st.lists(st.sampled_from([GOOD, {}, None, {**GOOD, "datetime": None}, {**GOOD, "status": None}]), max_size=8))
def test_what_is_read_and_what_is_not_add_up(details: list[Any]) -> None:
    webhook = EASYPOST.parse(a_tracker(details), NOW)

    assert len(webhook.events) + webhook.skipped == len(details)


def test_test_mode_counts_for_nothing_in_production() -> None:
    adapter = Carriers.of(IN_PRODUCTION).get("easypost")

    assert len(adapter.parse(a_tracker([GOOD]), NOW).events) == 1
    for raw in (RAW, a_tracker([GOOD], mode="test"), a_tracker([GOOD], event={"mode": "test"})):
        with pytest.raises(InTestMode):
            adapter.parse(raw, NOW)


@pytest.mark.parametrize(
    ("message", "detail"),
    [
        ("Delivered, To Original Sender", "arrived_at_destination"),
        ("DELIVERED TO SHIPPER", ""),
        ("Returned to sender and delivered", ""),
        ("Entregado al remitente", ""),
        ("Delivered", "return"),
    ],
)
def test_what_arrives_at_the_sender_is_returned(message: str, detail: str) -> None:
    (event,) = EASYPOST.parse(
        a_tracker([{**GOOD, "status": "delivered", "status_detail": detail, "message": message}]), NOW
    ).events

    assert event.status is ParcelStatus.RETURNED


def test_what_a_return_label_delivers_is_returned() -> None:
    scan = {**GOOD, "status": "delivered", "message": "Delivered, front door"}

    (event,) = EASYPOST.parse(a_tracker([scan], is_return=True), NOW).events

    assert event.status is ParcelStatus.RETURNED


@pytest.mark.parametrize(
    ("status", "detail", "message", "expected"),
    [
        ("in_transit", "held", "Aduana: retenido", ParcelStatus.CUSTOMS_HOLD),
        ("in_transit", "held", "Von der Zollbehörde angehalten", ParcelStatus.CUSTOMS_HOLD),
        ("in_transit", "awaiting_information", "Dédouanement : document manquant", ParcelStatus.CUSTOMS_HOLD),
        ("in_transit", "held", "海关扣留", ParcelStatus.CUSTOMS_HOLD),
        ("in_transit", "", "Presented to customs", ParcelStatus.CUSTOMS),
        ("in_transit", "", "Customs clearance is not completed", ParcelStatus.CUSTOMS),
        ("in_transit", "", "Released by customs", ParcelStatus.IN_TRANSIT),
        ("in_transit", "", "Customs clearance completed", ParcelStatus.IN_TRANSIT),
        ("in_transit", "", "Liberado por la aduana", ParcelStatus.IN_TRANSIT),
        ("in_transit", "held", "Held at the post office", ParcelStatus.EXCEPTION),
        ("in_transit", "out_for_delivery", "", ParcelStatus.OUT_FOR_DELIVERY),
        ("in_transit", "arrived_at_pickup_location", "", ParcelStatus.AVAILABLE_FOR_PICKUP),
        ("in_transit", "weather_delay", "", ParcelStatus.IN_TRANSIT),
    ],
)
def test_customs_and_details_are_understood(status: str, detail: str, message: str, expected: ParcelStatus) -> None:
    scan = {**GOOD, "status": status, "status_detail": detail, "message": message}

    (event,) = EASYPOST.parse(a_tracker([scan]), NOW).events

    assert event.status is expected
    assert len(DETAILS) == 28


def test_an_error_of_their_own_look_up_is_no_scan() -> None:
    error = {"status": "error", "source": "ProcessingError", "message": "only test tracking numbers are valid"}

    webhook = EASYPOST.parse(a_tracker([{**GOOD, **error}, GOOD]), NOW)

    assert [event.status for event in webhook.events] == [ParcelStatus.IN_TRANSIT]
    assert webhook.lookup_errors == ("only test tracking numbers are valid",)
    assert webhook.skipped == 0


@pytest.mark.parametrize(
    ("place", "zone", "calendar"),
    [
        ({"city": "DENVER", "state": "CO", "country": "US"}, "America/Denver", "US"),
        ({"city": "DENVER", "state": "CO", "zip": "80202"}, "America/Denver", "US"),
        ({"state": "CO", "zip": "80202", "country": None}, "America/Denver", "US"),
        ({"country": "US"}, "UTC", "US"),
        ({"city": "NEW YORK", "country": "US"}, "America/New_York", "US"),
        ({"country": "CN"}, "Asia/Shanghai", "CN"),
        ({"country": "GB"}, "Europe/London", "GB"),
        ({"country": "AU"}, "UTC", "AU"),
        ({"state": "ON", "zip": "M5V 2T6"}, "America/Toronto", "CA"),
        ({"city": "Somewhere"}, "UTC", None),
        ({}, "UTC", None),
        (None, "UTC", None),
    ],
)
def test_local_time_is_of_the_place_or_says_utc(place: Any, zone: str, calendar: str | None) -> None:
    (event,) = EASYPOST.parse(a_tracker([{**GOOD, "tracking_location": place}]), NOW).events

    assert event.time_zone == zone
    assert event.local_time == event.occurred_at.astimezone(ZoneInfo(zone)).isoformat()
    assert (event.calendar or "").partition("-")[0] == (calendar or "")


@given(details=st.lists(st.dictionaries(st.sampled_from(["status", "status_detail", "message", "datetime",
       "carrier_code", "tracking_location"]), junk), max_size=3), code=junk, carrier=junk)  # fmt: skip
def test_whatever_easypost_sends_is_read_or_refused(details: Any, code: Any, carrier: Any) -> None:
    tracker = {"tracking_code": code, "carrier": carrier, "tracking_details": details}
    raw = json.dumps({"id": "e", "description": "tracker.updated", "result": tracker}).encode()

    try:
        events = EASYPOST.parse(raw, NOW).events
    except MalformedWebhook:
        return

    for event in events:
        f"{event.message}{event.code}{event.location}{event.tracking_number}".encode()  # what a database can keep
        assert len(event.place) <= 100
        assert len(event.code) <= 80


# the simulated carrier


def test_the_simulated_carrier_is_believed_for_five_minutes() -> None:
    raw = a_webhook("1", {})
    headers = {simulator.HEADER: simulator.headers(SECRET, raw, NOW)["Simulator-Signature"]}

    assert SIMULATOR.verify(headers, raw, NOW + timedelta(seconds=300))
    assert not SIMULATOR.verify(headers, raw, NOW + timedelta(seconds=301))
    assert not SIMULATOR.verify(headers, raw.replace(b"SIM1", b"SIM2"), NOW)


@pytest.mark.parametrize("scenario", scenarios.ALL, ids=lambda scenario: scenario.name)
def test_a_scenario_adds_up_to_what_it_says(scenario: scenarios.Scenario) -> None:
    after = DISPATCHED_AT + timedelta(days=20)
    heard = [SIMULATOR.parse(raw, after) for raw in scenario.webhooks("SIM1", DISPATCHED_AT)]

    assert fold(event for webhook in heard for event in webhook.events).status is scenario.ends
    assert len({webhook.key for webhook in heard}) == len(heard)


@pytest.mark.parametrize(
    "change",
    [
        {"occurred_at": "2026-03-03T12:00:00"},
        {"occurred_at": "2026-03-03T12:00:00+08:00:00.000001"},
        {"occurred_at": 5},
        {"sequence": -1},
        {"sequence": 1.5},
        {"sequence": 10**30},
        {"tracking_number": " "},
        {"code": None},
    ],
)
def test_a_simulated_scan_without_sense_costs_that_scan(change: dict[str, Any]) -> None:
    webhook = SIMULATOR.parse(a_webhook("1", change, {}), NOW)

    assert (len(webhook.events), webhook.skipped) == (1, 1)


def test_dirty_texts_are_cleaned_and_cut_not_refused() -> None:
    (event,) = SIMULATOR.parse(a_webhook("1", {"message": "a\x00b\r\nc\ud800" + "x" * 999}), NOW).events

    assert event.message.startswith("a b c x")
    assert len(event.message) == 500


# the registry, and asking


def test_a_carrier_we_do_not_know_is_not_found() -> None:
    with pytest.raises(UnknownCarrier):
        Carriers.of(LogisticsSettings()).get("pigeon")


@pytest.fixture
def easypost_api() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Run a server that answers like EasyPost's list of trackers. Yield (its address, the requests it saw)."""
    seen: list[dict[str, Any]] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"trackers": [json.loads(RAW)["result"]], "has_more": False}).encode()]

    listener = eventlet.listen(("127.0.0.1", 0))
    server = eventlet.spawn(wsgi.server, listener, app, log_output=False)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", seen
    server.kill()
    listener.close()


def test_easypost_can_be_asked_for_what_it_did_not_tell(easypost_api: tuple[str, list[dict[str, Any]]]) -> None:
    url, seen = easypost_api

    events = EasyPost(easypost_api_key="key", easypost_url=url).fetch("EZ4000000004", NOW).events

    assert fold(events).status is ParcelStatus.DELIVERED
    assert (seen[0]["PATH_INFO"], seen[0]["QUERY_STRING"]) == ("/v2/trackers", "tracking_code=EZ4000000004")
    assert seen[0]["HTTP_AUTHORIZATION"].startswith("Basic ")


def test_an_answer_that_does_not_come_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        EasyPost(easypost_api_key="key", easypost_url="http://127.0.0.1:1").fetch("EZ1", NOW)


def test_no_carrier_is_asked_while_a_transaction_is_open() -> None:
    with transaction(), pytest.raises(RuntimeError, match="EasyPost"):
        EasyPost(easypost_api_key="key", easypost_url="http://127.0.0.1:1").fetch("EZ1", NOW)


def test_easypost_has_a_known_secret_only_in_development() -> None:
    signed = {HEADER: sign(DEVELOPMENT_SECRET, RAW)}

    assert Carriers.of(LogisticsSettings()).get("easypost").verify(signed, RAW, NOW)
    assert not Carriers.of(IN_PRODUCTION).get("easypost").verify(signed, RAW, NOW)


def test_without_a_key_no_carrier_is_asked() -> None:
    assert Carriers.of(LogisticsSettings()).watching("fedex") is None
