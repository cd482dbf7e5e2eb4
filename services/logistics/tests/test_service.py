"""Logistics over the bus, as the gateway and the other services meet it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from services.common.basics import clock
from services.common.basics.caller import SYSTEM, Caller
from services.common.basics.clock import rfc3339
from services.common.basics.errors import Conflict, Forbidden, Invalid, NotFound
from services.common.testing import Platform, customer, eventually, guest, holder, running, staff
from services.logistics import tables
from services.logistics.adapters.carriers import easypost, scenarios
from services.logistics.api.photos import AN_UPLOAD
from services.logistics.repository import Work
from services.logistics.service import LogisticsService
from services.logistics.tests import easypost_server
from services.logistics.tests.builders import (
    EMAIL,
    SECRET,
    a_webhook,
    an_order_number,
    encoded,
    review_passed,
    simulated,
)

ORDER = an_order_number()
EASYPOST_SECRET = "whsec_easypost"
ENVIRON = {"PLEDGE_SIMULATOR_WEBHOOK_SECRET": SECRET, "PLEDGE_EASYPOST_WEBHOOK_SECRET": EASYPOST_SECRET}
WAREHOUSE = staff("warehouse")
PARCELS = {"parcels": [{"carrier": "Simulator", "tracking_number": "SIM1", "weight_g": 700}]}


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with running(LogisticsService, folder=tmp_path, environ=ENVIRON) as platform:
        yield platform


def call(platform: Platform, method: str, *args: Any, caller: Caller = WAREHOUSE) -> Any:
    return platform.call("logistics", method, *args, caller=caller)


def queued(platform: Platform, order_number: str = ORDER) -> str:
    """Return the number of the shipment that a passed review makes."""
    platform.publish("orders", "review_passed", review_passed(order_number), subject_seq=3)

    def made() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = call(platform, "list_shipments", {"order_number": order_number})["items"]
        return items

    return str(eventually(made)[0]["number"])


def dispatched(platform: Platform, order_number: str = ORDER) -> dict[str, Any]:
    number = queued(platform, order_number)
    call(platform, "mark_sorted", number, {})
    call(platform, "mark_packed", number, {})
    reply: dict[str, Any] = call(platform, "mark_dispatched", number, PARCELS)
    return reply


def report(platform: Platform, raw: bytes) -> Any:
    headers, body = simulated(raw, clock.now())
    return call(platform, "receive_carrier_webhook", "simulator", headers, body, caller=guest())


def is_on_hold(platform: Platform, number: str) -> bool:
    return bool(call(platform, "get_shipment", number)["on_hold"])


def is_free(platform: Platform, number: str) -> bool:
    return not is_on_hold(platform, number)


def count(platform: Platform, table: sa.Table) -> int:
    with platform.store("logistics").work(Work, reading=True) as work:
        return int(work.session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_parcel_goes_from_the_review_to_the_door(platform: Platform) -> None:
    with clock.shifted(timedelta(days=-8)):
        shipment = dispatched(platform)
        sent_at = clock.now()
    for raw in scenarios.OUT_OF_ORDER.webhooks("SIM1", sent_at):
        assert report(platform, raw)["accepted"]

    tracking = call(platform, "get_tracking", ORDER, caller=customer(EMAIL))

    (parcel,) = tracking["shipments"][0]["parcels"]
    assert (parcel["status"], parcel["health"]) == ("delivered", "on_time")
    assert [event["status"] for event in parcel["events"]] == [scan.code for scan in scenarios.OUT_OF_ORDER.scans]
    assert parcel["events"][-1]["local_time"][-6:] in ("-07:00", "-06:00")
    assert {clock_["kind"]: clock_["status"] for clock_ in tracking["commitments"]}["delivery"] == "kept"
    every = [each["type"] for each in platform.journal("logistics")]
    types = [each for each in every if not each.startswith(("landed_cost", "commitment"))]  # a timer's, at any time
    assert types[:4] == ["shipment_created", "shipment_sorted", "shipment_packed", "shipment_dispatched"]
    assert types.count("parcel_delivered") == types.count("shipment_delivered") == 1
    actors = {entry["actor"] for entry in platform.journal("logistics", "tracking_updated")}
    assert actors == {"carrier:simulator"}
    timeline = call(platform, "get_timeline", ORDER, caller=holder(f"order:{ORDER}"))["items"]
    assert {entry["audience"] for entry in timeline} == {"public"}
    assert shipment["customer_charged"] == {"amount": "0.00", "currency": "USD"}


def test_an_easypost_webhook_finds_the_parcel_by_its_carrier(platform: Platform) -> None:
    number = queued(platform)
    call(platform, "mark_sorted", number, {})
    call(platform, "mark_packed", number, {})
    parcels = {"parcels": [{"carrier": "FedEx", "tracking_number": "EZ4000000004"}]}
    call(platform, "mark_dispatched", number, parcels)
    scan = {"status": "in_transit", "status_detail": "departed_facility", "message": "Left", "weight": 136.0}
    tracker = {"tracking_code": "EZ4000000004", "carrier": "FedEx"}
    detail = {**scan, "datetime": rfc3339(clock.now().replace(microsecond=0)), "carrier_code": "DP"}
    event = {"id": "evt_1", "description": "tracker.updated", "result": {**tracker, "tracking_details": [detail]}}
    raw = json.dumps(event, indent=1).encode()
    headers = {easypost.HEADER: easypost.sign(EASYPOST_SECRET, raw)}

    first = call(platform, "receive_carrier_webhook", "easypost", headers, encoded(raw), caller=guest())
    second = call(platform, "receive_carrier_webhook", "easypost", headers, encoded(raw), caller=guest())

    assert first == {"accepted": True, "duplicate": False, "events": 1}
    assert second == {"accepted": True, "duplicate": True, "events": 0}
    (updated,) = platform.journal("logistics", "tracking_updated")
    assert (updated["body"]["status"], updated["body"]["carrier"]) == ("in_transit", "fedex")


def test_forged_and_malformed_webhooks_write_nothing(platform: Platform) -> None:
    raw = a_webhook("1", {})
    headers, body = simulated(raw, clock.now())
    old, _ = simulated(raw, clock.now() - timedelta(minutes=6))
    forged, _ = simulated(raw, clock.now(), secret="guessed")
    malformed, bad = simulated(b'{"id": [7]}', clock.now())
    large, too_much = simulated(b" " * (1024 * 1024 + 1), clock.now())
    refused_before = metric("pledge_carrier_webhooks_refused_total", carrier="simulator")

    for carrier, given, content, error, code in [
        ("simulator", {}, body, Forbidden, "bad_signature"),
        ("simulator", forged, body, Forbidden, "bad_signature"),
        ("simulator", old, body, Forbidden, "bad_signature"),
        ("easypost", headers, body, Forbidden, "bad_signature"),
        ("simulator", malformed, bad, Invalid, "malformed_webhook"),
        ("simulator", headers, "no base64!", Invalid, "malformed_webhook"),
        ("simulator", headers, None, Invalid, "bad_call"),
        ("simulator", large, too_much, Invalid, "body_too_large"),
        ("pigeon", headers, body, NotFound, "carrier_not_found"),
    ]:
        with pytest.raises(error) as refused:
            call(platform, "receive_carrier_webhook", carrier, given, content, caller=guest())
        assert refused.value.code == code

    assert count(platform, tables.tracking_events) == count(platform, tables.webhook_receipts) == 0
    assert metric("pledge_carrier_webhooks_refused_total", carrier="simulator") == refused_before + 3


def test_unknown_codes_and_numbers_are_kept_and_counted(platform: Platform) -> None:
    unmapped = metric("pledge_tracking_unmapped_total", carrier="simulator")
    unmatched = metric("pledge_tracking_unmatched_total", carrier="simulator")

    report(platform, a_webhook("1", {"code": "teleported"}))

    assert count(platform, tables.tracking_events) == 1
    assert metric("pledge_tracking_unmapped_total", carrier="simulator") == unmapped + 1
    assert metric("pledge_tracking_unmatched_total", carrier="simulator") == unmatched + 1


def test_the_same_command_with_the_same_key_is_done_once(platform: Platform) -> None:
    number = queued(platform)
    again = Caller(WAREHOUSE.actor, WAREHOUSE.email, WAREHOUSE.roles, idempotency_key="k-1")

    first = call(platform, "mark_sorted", number, {}, caller=again)
    second = call(platform, "mark_sorted", number, {}, caller=again)

    assert first == second
    assert len(platform.journal("logistics", "shipment_sorted")) == 1
    with pytest.raises(Conflict) as refused:
        call(platform, "mark_packed", number, {}, caller=again)
    assert refused.value.code == "idempotency_key_reused"
    with pytest.raises(Conflict) as refused:
        call(platform, "mark_sorted", number, {})
    assert (refused.value.code, refused.value.details["status"]) == ("wrong_shipment_status", "sorting")


@pytest.mark.parametrize(
    "body",
    [
        {"parcels": []},
        {"parcels": "SIM1"},
        {"parcels": [{"carrier": "fedex"}]},
        {"parcels": [{"carrier": "!?", "tracking_number": "1"}]},
        {"parcels": [{"carrier": "fedex", "tracking_number": "1\u0000"}]},
        {"parcels": [{"carrier": "fedex", "tracking_number": "x" * 65}]},
        {"parcels": [{"carrier": "fedex", "tracking_number": "1", "weight_g": 0}]},
        {"parcels": [{"carrier": "fedex", "tracking_number": "1", "weight_g": 1.5}]},
        {"parcels": [{"carrier": "fedex", "tracking_number": "1", "price": "0.00"}]},
        {"parcels": [{"carrier": "fedex", "tracking_number": "1"}, {"carrier": "FedEx", "tracking_number": "1"}]},
        {"parcels": [{"carrier": "fedex", "tracking_number": "1"}], "force": True},
    ],
)
def test_a_dispatch_without_sense_is_refused(platform: Platform, body: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        call(platform, "mark_dispatched", "SHP-0000-0000-0", body)

    assert refused.value.code == "validation_failed"


def test_what_is_not_there_or_not_yours_is_not_found(platform: Platform) -> None:
    queued(platform)

    asked: list[tuple[str, list[Any], Caller]] = [
        ("get_shipment", ["SHP-0000-0000-0"], WAREHOUSE),
        ("mark_sorted", ["SHP-0000-0000-0", {}], WAREHOUSE),
        ("get_tracking", [ORDER], customer("eve@example.com")),
        ("get_tracking", ["ORD-\u0000"], WAREHOUSE),
        ("get_tracking", [an_order_number(9)], WAREHOUSE),
        ("get_timeline", [ORDER], customer("eve@example.com")),
    ]
    for method, arguments, caller in asked:
        with pytest.raises(NotFound):
            call(platform, method, *arguments, caller=caller)
    for method, arguments, caller in (
        ("list_shipments", [{}], customer(EMAIL)),
        ("get_tracking", [ORDER], guest()),
        ("get_timeline", [ORDER], WAREHOUSE),
    ):
        with pytest.raises(Forbidden):
            call(platform, method, *arguments, caller=caller)


def test_a_change_is_followed_through_whatever_it_comes_to(platform: Platform) -> None:
    numbers = {an_order_number(n): queued(platform, an_order_number(n)) for n in (1, 2, 3, 4, 5)}
    for n, order_number in enumerate(numbers, 1):
        change = {"order_number": order_number, "change_id": f"CHG-{n}", "lines": [], "customer": {}}
        platform.publish("orders", "change_requested", change, subject_seq=4)
        eventually(partial(is_on_hold, platform, numbers[order_number]))
    one, two, three, four, five = numbers

    platform.publish("orders", "change_declined", {"order_number": one, "change_id": "CHG-1"}, subject_seq=5)
    platform.publish("orders", "change_closed", {"order_number": two, "change_id": "CHG-2"}, subject_seq=5)
    remaining = {"line_id": 1, "sku": "MUG-1", "quantity": 1}
    changed = {"order_number": three, "change_id": "CHG-3", "lines": [remaining], "removed": []}
    platform.publish("orders", "order_changed", changed, subject_seq=5)
    platform.publish("orders", "cancellation_requested", {"order_number": four, "reason": "?"}, subject_seq=5)

    accepted = {"order_number": five, "change_id": "CHG-5", "option": "wait"}
    platform.publish("orders", "change_accepted", accepted, subject_seq=5)

    for order_number in (one, two, three):
        eventually(partial(is_free, platform, numbers[order_number]))
    assert call(platform, "get_shipment", numbers[three])["lines"][0]["quantity"] == 1
    (recalled,) = platform.eventually_recorded("logistics", "shipment_recalled")
    assert recalled["order_number"] == four
    assert is_on_hold(platform, numbers[five])
    covered = {"order_number": five, "change_id": "CHG-5", "sku": "MUG-1"}
    platform.publish("orders", "stock_covered", covered, subject_seq=6)
    eventually(partial(is_free, platform, numbers[five]))
    platform.publish("orders", "order_cancelled", {"order_number": four, "reason": "?"}, subject_seq=6)
    assert len(platform.journal("logistics", "shipment_recalled")) == 1


def test_a_redelivered_event_makes_no_second_shipment(platform: Platform) -> None:
    queued(platform)
    platform.publish("orders", "review_passed", review_passed(ORDER), subject_seq=3)
    queued(platform, an_order_number(2))

    assert len(platform.journal("logistics", "shipment_created")) == 2
    assert call(platform, "verify_journal", caller=staff("lead"))["flaws"] == []


def test_a_stuck_parcel_is_found_by_the_service_itself(tmp_path: Path) -> None:
    with clock.shifted(timedelta(days=-10)), running(LogisticsService, folder=tmp_path, environ=ENVIRON) as platform:
        dispatched(platform)
        with clock.shifted(timedelta()):
            (stuck,) = platform.eventually_recorded("logistics", "parcel_stuck")

    assert stuck["body"]["last_event_at"] is None
    assert stuck["actor"] == "service:logistics"


def test_the_service_is_healthy(platform: Platform) -> None:
    assert call(platform, "get_health", caller=SYSTEM)["status"] == "ok"


def test_each_declared_method_answers_over_the_bus(tmp_path: Path) -> None:
    with easypost_server.easypost() as server:
        key = {"PLEDGE_EASYPOST_URL": server.url, "PLEDGE_EASYPOST_API_KEY": "key"}
        with running(LogisticsService, folder=tmp_path, environ={**ENVIRON, **key}) as platform:
            _call_each_method(platform)


def _call_each_method(platform: Platform) -> None:
    shipment = dispatched(platform)
    report(platform, a_webhook("evt-1", {"tracking_number": "SIM1"}))
    call(platform, "get_shipment", shipment["number"])
    call(platform, "get_tracking", ORDER)
    call(platform, "estimate_delivery", {"country": "DE", "review_by": rfc3339(clock.now())})
    names = shipment["number"], f"{shipment['number']}-01"
    report(platform, a_webhook("evt-2", {"tracking_number": "SIM9"}))
    assert call(platform, "list_flaws", {})["items"] == []
    period = {"since": "2026-01-01T00:00:00Z", "until": "2026-12-31T00:00:00Z"}
    assert call(platform, "report_carriers", period)["items"][0]["by"] == "all"
    items = call(platform, "list_unmatched", {})["items"]
    (listed,) = (item for item in items if item["tracking_number"] == "SIM9")
    dismissed = call(platform, "dismiss_unmatched", listed["id"], {"reason": "no parcel of ours"})["dismissed"]
    assert dismissed["reason"] == "no parcel of ours"
    call(platform, "attach_unmatched", listed["id"], {"parcel_id": names[1]})
    call(platform, "correct_parcel", *names, {"tracking_number": "SIM8", "reason": "a wrong digit"})
    assert (
        call(platform, "put_ware", "MUG-1", {"shelf": "A-1"})["shelf"] == call(platform, "get_ware", "mug-1")["shelf"]
    )
    assert call(platform, "read_unit", shipment["number"], {"code": "mug-1"})["pieces"] == 1
    assert call(platform, "get_pick_list", {})["rows"] == []
    papers = call(platform, "get_papers", shipment["number"], {})
    assert (papers["forms"], papers["declared"]["net_weight_g"]) == (["cn22"], 700)
    assert call(platform, "list_papers", {"numbers": [shipment["number"]]})["items"] == [papers]
    with pytest.raises(Conflict):
        call(platform, "weigh_shipment", shipment["number"], {"gross_weight_g": 900})
    other = queued(platform, an_order_number(2))
    call(platform, "mark_sorted", other, {})
    assert call(platform, "weigh_shipment", other, {"gross_weight_g": 900})["gross_weight_g"] == 900
    assert call(platform, "add_photos", shipment["number"], {"photos": [AN_UPLOAD]})["photos"] == [AN_UPLOAD]
    call(platform, "mark_packed", other, {})
    with pytest.raises(Invalid, match="No label is bought"):
        call(platform, "mark_dispatched", other, {})
    (refused,) = call(platform, "batch_shipments", {"step": "dispatched", "numbers": [other]})["items"]
    assert (refused["kind"], refused["code"]) == ("invalid", "no_label")
    rows = f"number,carrier,tracking_number\n{shipment['number']},simulator,SIM8\n"
    assert call(platform, "preview_hand_overs", rows) == call(platform, "upload_hand_overs", rows)
    rate = call(platform, "ask_rates", other, {})["rates"][0]
    wanted = {"offer": rate["offer"], "rate": rate["rate"]}
    label = call(platform, "buy_label", other, wanted)
    assert call(platform, "get_label_paper", other, label["id"])["name"] == f"label-{other}.pdf"
    assert call(platform, "list_labels", other)["items"] == [label]
    assert call(platform, "report_label_costs", period)["cost"] == label["amount"]
    assert call(platform, "list_label_costs", {})["items"][0]["label_id"] == label["id"]
    (manifest,) = call(platform, "make_manifests")["items"]
    assert call(platform, "list_manifests")["items"][0]["id"] == manifest["id"]
    assert call(platform, "get_manifest_paper", manifest["id"])["name"]
    assert call(platform, "void_label", other, label["id"])["status"] == "voiding"
    left = {"handed_over_at": shipment["dispatched_at"], "reason": "as it was stated"}
    assert call(platform, "correct_hand_over", shipment["number"], left)["stated_at"] == shipment["dispatched_at"]
    recorded = {"delivered_at": rfc3339(clock.now()), "evidence": "The neighbour has signed for it."}
    assert call(platform, "record_delivery", *names, recorded)["parcels"][0]["status"] == "delivered"
    denied = call(platform, "deny_delivery", *names, {"evidence": "The photo shows another house."})
    assert denied["parcels"][0]["status"] == "in_transit"
    rows = "tracking_number,occurred_at,status\nSIM8,2026-03-10T15:20:00Z,in_transit\n"
    assert call(platform, "upload_scans", rows)["refused"] == 0
    lead, period = staff("lead"), {"since": "2026-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    assert call(platform, "reread_webhooks", {}, caller=lead) == {"webhooks": 2}
    _call_each_about_costs(platform, shipment["number"])
    call(platform, "get_timeline", ORDER, caller=lead)
    call(platform, "list_commitments", {}, caller=lead)
    call(platform, "report_commitments", period, caller=lead)
    call(platform, "list_breaches", {**period, "until": "2026-12-31T00:00:00Z"}, caller=lead)
    call(platform, "count_promises")
    call(platform, "get_health")
    call(platform, "verify_journal", caller=lead)
    call(platform, "export_person", caller=customer("ada@example.com"))
    call(platform, "list_upcoming", caller=staff("admin"))
    call(platform, "list_dead_letters", {}, caller=staff("admin"))
    call(platform, "redrive_letters", {"events": ["none"]}, caller=staff("admin"))

    assert platform.silent("logistics") == set()


def _call_each_about_costs(platform: Platform, number: str) -> None:
    ask = partial(call, platform, caller=staff("lead"))
    bill = "invoice,tracking_number,charge,amount\nI-1,SIM8,brokerage,9.00\nI-1,SIM-7,duty,2.00\n"
    assert ask("preview_invoice", bill)["held"] == 1
    assert ask("upload_invoice", bill)["differences"] == [number]
    (held,) = ask("list_invoice_rows", {})["items"]
    counted = {"decision": "count", "note": "Its old number.", "shipment_number": number}
    assert ask("settle_invoice_row", held["id"], counted)["outcome"] == "counted"
    (disputed,) = ask("list_costs", {})["items"]
    assert disputed["invoiced"] == ask("get_costs", number)["invoiced"]
    assert ask("decide_costs", number, {"decision": "accept", "note": "It is right."})["status"] == "reconciled"
    period = {"since": rfc3339(clock.now() - timedelta(days=9)), "until": rfc3339(clock.now() + timedelta(days=9))}
    assert ask("report_costs", period)["items"][0]["cost"] == {"amount": "11.00", "currency": "USD"}
    assert ask("list_cost_cells", {})["items"][0]["sku"] == "MUG-1"
