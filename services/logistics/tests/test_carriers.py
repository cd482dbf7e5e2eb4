"""Carriers' webhooks: whom we believe, what we understand, and that nothing they send can surprise us."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import eventlet
import pytest
from eventlet import wsgi
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics.errors import Unavailable
from services.common.basics.guard import transaction
from services.logistics.adapters.carriers import Carriers, scenarios, simulator
from services.logistics.adapters.carriers.easypost import DETAILS, HEADER, STATUSES, EasyPost, sign
from services.logistics.adapters.carriers.simulator import Simulator
from services.logistics.api.refusals import MalformedWebhook, UnknownCarrier
from services.logistics.api.statuses import ParcelStatus
from services.logistics.domain import fold
from services.logistics.settings import DEVELOPMENT_EASYPOST_SECRET, LogisticsSettings
from services.logistics.tests.builders import DISPATCHED_AT, SECRET, a_webhook

RAW = (Path(__file__).parent / "payloads" / "easypost_tracker_updated.json").read_bytes()
KEY = "geheim, schön"
# openssl dgst -sha256 -mac HMAC -macopt hexkey:<NFKD of the key in UTF-8> easypost_tracker_updated.json
SIGNATURE = "hmac-sha256-hex=45962f895fd4f86f24104aa37b59cc88cbfca76ab8a6260c4fd0cdb00a95144d"
NOW = datetime(2026, 3, 10, 21, 27, tzinfo=UTC)

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2026-03-10T21:20:00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


# EasyPost's signature


def test_easyposts_signature_is_over_the_raw_bytes_with_the_normalised_secret() -> None:
    assert EasyPost(KEY).verify({HEADER: SIGNATURE}, RAW, NOW)
    assert EasyPost("geheim, scho\u0308n").verify({HEADER: SIGNATURE}, RAW, NOW)


def test_a_body_that_went_through_a_json_library_does_not_fit_any_more() -> None:
    again = json.dumps({**json.loads(RAW), "result": {**json.loads(RAW)["result"], "weight": 136}}).encode()

    assert not EasyPost(KEY).verify({HEADER: SIGNATURE}, again, NOW)
    assert not EasyPost(KEY).verify({HEADER: SIGNATURE}, RAW + b"\n", NOW)


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
    assert not EasyPost(KEY).verify(headers, RAW, NOW)


def test_without_a_secret_nobody_is_believed() -> None:
    assert not EasyPost("").verify({HEADER: sign("", RAW)}, RAW, NOW)
    assert not Simulator("").verify(
        {simulator.HEADER: simulator.headers("", RAW, NOW)["Simulator-Signature"]}, RAW, NOW
    )


# what EasyPost says


def test_the_scans_of_a_recorded_webhook_are_understood() -> None:
    webhook = EasyPost(KEY).parse(RAW, NOW)

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
    label, picked_up, *_, delivered = EasyPost(KEY).parse(RAW, NOW).events

    assert delivered.occurred_at == datetime(2026, 3, 10, 21, 20, tzinfo=UTC)
    assert delivered.local_time == "2026-03-10T15:20:00-06:00"
    assert picked_up.local_time == "2026-03-03T19:40:00+08:00"
    assert label.local_time == "2026-03-03T08:15:00+00:00"
    assert (label.location, delivered.location) == (None, "DENVER, CO, US")


def test_every_status_of_theirs_is_one_of_ours_or_deliberately_none() -> None:
    assert {status for status, ours in STATUSES.items() if ours is None} == {"unknown"}
    assert len(STATUSES) == 10
    assert not set(DETAILS) & set(STATUSES) - {"failure"}


def test_a_vague_hold_is_not_called_customs() -> None:
    held = next(event for event in EasyPost(KEY).parse(RAW, NOW).events if event.code == "HL")

    assert (held.status, held.reason) == (ParcelStatus.EXCEPTION, "held")


def test_an_event_about_something_else_brings_no_scans() -> None:
    raw = json.dumps({"id": "evt_2", "description": "batch.created", "result": {"id": "batch_1"}}).encode()

    assert EasyPost(KEY).parse(raw, NOW).events == ()


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
        b'{"id": "e", "description": "tracker.updated", "result": {"tracking_code": "1", "tracking_details": [1]}}',
        b'{"id": "e", "description": "tracker.updated", "result": {"tracking_code": "1", "tracking_details": [{}]}}',
        b'{"id": "e", "description": "tracker.updated", "result": {"tracking_code": "1", "tracking_details": '
        b'[{"datetime": "9999-12-31T23:59:59-14:00"}]}}',
    ],
)
def test_a_body_without_sense_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedWebhook):
        EasyPost(KEY).parse(raw, NOW)


@given(details=st.lists(st.dictionaries(st.sampled_from(["status", "status_detail", "message", "datetime",
       "carrier_code", "tracking_location"]), junk), max_size=3), code=junk, carrier=junk)  # fmt: skip
def test_whatever_easypost_sends_is_read_or_refused(details: Any, code: Any, carrier: Any) -> None:
    tracker = {"tracking_code": code, "carrier": carrier, "tracking_details": details}
    raw = json.dumps({"id": "e", "description": "tracker.updated", "result": tracker}).encode()

    try:
        events = EasyPost(KEY).parse(raw, NOW).events
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

    assert Simulator(SECRET).verify(headers, raw, NOW + timedelta(seconds=300))
    assert not Simulator(SECRET).verify(headers, raw, NOW + timedelta(seconds=301))
    assert not Simulator(SECRET).verify(headers, raw.replace(b"SIM1", b"SIM2"), NOW)


@pytest.mark.parametrize("scenario", scenarios.ALL, ids=lambda scenario: scenario.name)
def test_a_scenario_adds_up_to_what_it_says(scenario: scenarios.Scenario) -> None:
    after = DISPATCHED_AT + timedelta(days=20)
    heard = [Simulator(SECRET).parse(raw, after) for raw in scenario.webhooks("SIM1", DISPATCHED_AT)]

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
def test_a_simulated_scan_without_sense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedWebhook):
        Simulator(SECRET).parse(a_webhook("1", change), NOW)


def test_dirty_texts_are_cleaned_and_cut_not_refused() -> None:
    (event,) = Simulator(SECRET).parse(a_webhook("1", {"message": "a\x00b\r\nc\ud800" + "x" * 999}), NOW).events

    assert event.message.startswith("a b c x")
    assert len(event.message) == 500


# the registry, and asking


def test_a_carrier_we_do_not_know_is_not_found() -> None:
    with pytest.raises(UnknownCarrier):
        Carriers.of(LogisticsSettings()).get("pigeon")


@pytest.fixture
def easypost_api() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server that answers like EasyPost's list of trackers: (its address, the requests it saw)."""
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

    events = EasyPost(KEY, "api-key", url).fetch(["EZ4000000004"], NOW)

    assert fold(events).status is ParcelStatus.DELIVERED
    assert (seen[0]["PATH_INFO"], seen[0]["QUERY_STRING"]) == ("/v2/trackers", "tracking_code=EZ4000000004")
    assert seen[0]["HTTP_AUTHORIZATION"].startswith("Basic ")


def test_an_answer_that_does_not_come_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        EasyPost(KEY, "api-key", "http://127.0.0.1:1").fetch(["EZ1"], NOW)


def test_nobody_is_asked_while_a_transaction_is_open() -> None:
    with transaction(), pytest.raises(RuntimeError, match="EasyPost"):
        EasyPost(KEY, "api-key", "http://127.0.0.1:1").fetch(["EZ1"], NOW)


def test_only_in_development_easypost_has_a_secret_that_everybody_knows() -> None:
    assert LogisticsSettings().easypost_secret == DEVELOPMENT_EASYPOST_SECRET
    assert LogisticsSettings(amqp_uri="amqp://broker", secret="a real secret, long enough").easypost_secret == ""


def test_without_a_key_nobody_is_asked() -> None:
    assert EasyPost(KEY).fetch(["EZ1"], NOW) == []
    assert not Carriers.of(LogisticsSettings()).can_be_asked
