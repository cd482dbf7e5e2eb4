"""One story over four journals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import eventlet
import pytest

from gateway.app import create_app
from gateway.resources.commitments import Place, read_cursor, take, write_cursor
from gateway.resources.timeline import merge
from gateway.settings import GatewaySettings
from gateway.tests.conftest import remove
from gateway.tests.peers import ORDER, PEERS, SupportService
from services import SERVICES
from services.common.basics.clock import parse_rfc3339
from services.common.basics.errors import Invalid
from services.common.bus.rpc import rpc
from services.common.commitments import fingerprint

TERMS = '{"version": "2026-12", "terms": {"dispatch": {"working_days": 2}}}'


def an_entry(entry_id: str, at: str, **given: Any) -> Any:
    return {"id": entry_id, "occurred_at": at, "actor": "system", "audience": "public", "body": {}, **given}


def test_entries_are_told_by_time_then_service_then_place() -> None:
    parts = {
        "support": [an_entry("s1", "2026-03-02T09:00:00Z")],
        "orders": [an_entry("o1", "2026-03-02T09:00:00Z"), an_entry("o2", "2026-03-02T09:00:00Z")],
        "logistics": [an_entry("l1", "2026-03-02T08:59:59.900000Z"), an_entry("l2", "2026-03-02T09:00:00.100000Z")],
    }

    assert [entry["id"] for entry in merge(parts)] == ["l1", "o1", "o2", "s1", "l2"]


def test_staff_read_the_whole_story_of_an_order(gateway: Any, an_agent: str) -> None:
    gateway.asked("orders").entries = [an_entry("1", "2026-03-02T09:00:00Z", audience="internal")]

    found = gateway.get(f"/v1/orders/{ORDER}/timeline", an_agent).json()

    assert [(entry["id"], entry["service"]) for entry in found["items"]] == [("1", "orders")]
    assert found["missing"] == []


def test_a_service_that_is_down_leaves_a_gap_with_its_name(start: Any, an_agent: str) -> None:
    gateway = start(peers=PEERS[:2])
    gateway.asked("orders").entries = [an_entry("1", "2026-03-02T09:00:00Z")]

    answer = gateway.get(f"/v1/orders/{ORDER}/timeline", an_agent)

    assert answer.status_code == 200
    assert answer.json()["missing"] == ["aftersales", "support"]
    assert len(answer.json()["items"]) == 1


def a_clock(due: int, name: str = "x") -> Any:
    return {"kind": "dispatch", "subject": f"{name}{due}", "due_at": f"2026-03-02T09:{due:02}:00Z"}


def test_clocks_of_all_services_are_paged_in_one_order() -> None:
    lists = {"orders": [a_clock(i, "o") for i in range(0, 30, 2)], "support": [a_clock(i, "s") for i in range(1, 9)]}
    everything: list[Any] = []
    cursor = None

    while cursor is not None or not everything:
        places = {name: place for name, place in read_cursor(cursor).items() if name in lists}
        pages = {}
        for name, place in places.items():
            begin = int(place.cursor or 0)
            page, following = lists[name][begin : begin + 4], str(begin + 4)
            unseen = [item for item in page if place.seen is None or _key(item) > place.seen]
            pages[name] = (unseen, following if begin + 4 < len(lists[name]) else None)
        items, places = take(4, pages, places)
        everything += items
        cursor = write_cursor(places)

    due = [item["due_at"] for item in everything]
    assert due == sorted(due)
    assert len(everything) == len({item["subject"] for item in everything}) == 23


def _key(item: dict[str, Any]) -> tuple[str, str, str]:
    return (item["due_at"].replace("Z", "."), item["kind"], item["subject"])


@pytest.mark.parametrize(
    "cursor", ["", "x", "bm9wZQ", "W10", "W1sibm9wZSIsbnVsbCxudWxsXV0", "W1sib3JkZXJzIiwxLG51bGxdXQ", "*"]
)
def test_a_cursor_from_elsewhere_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        read_cursor(cursor)


def test_a_cursor_says_where_each_list_goes_on() -> None:
    places = {"orders": Place("abc", ("2026", "dispatch", "x")), "support": Place()}

    assert read_cursor(write_cursor(places)) == places


def test_the_report_counts_by_service_and_names_missing_ones(start: Any, an_agent: str) -> None:
    gateway = start(peers=PEERS[:3])

    path = "/v1/commitments/report?since=2026-03-01T00:00:00Z&until=2026-04-01T00:00:00Z"
    found = gateway.get(path, an_agent).json()

    assert [row["service"] for row in found["items"]] == ["orders", "logistics", "aftersales"]
    assert found["missing"] == ["support"]


def test_broken_promises_of_all_services_are_read_latest_first(gateway: Any, an_agent: str) -> None:
    """The second page of a service is asked for with its own cursor: the peers' lists have one page each."""
    for day, name in enumerate(("orders", "logistics", "aftersales", "support"), 2):
        due = {"due_at": f"2026-03-{day:02}T09:00:00Z", "kind": "delivery", "subject": name, "cause": "customs"}
        gateway.asked(name).entries = [due]
    path = "/v1/commitments/breaches?since=2026-03-01T00:00:00Z&until=2026-04-01T00:00:00Z&cause=customs&limit=3"

    first = gateway.get(path, an_agent).json()
    rest = gateway.get(f"{path}&cursor={first['next_cursor']}", an_agent).json()

    assert [each["service"] for each in first["items"]] == ["support", "aftersales", "logistics"]
    assert [(each["service"], each["cause"]) for each in rest["items"]] == [("orders", "customs")]
    assert rest["next_cursor"] is None
    assert gateway.get(path.replace("customs", "luck"), an_agent).status_code == 422


def test_a_stranger_sees_how_promises_were_kept(start: Any) -> None:
    gateway = start(peers=PEERS[:3])

    found = gateway.get("/v1/reports/promises").json()

    assert found["items"] == [{"kind": "refund", "kept": 3, "breached": 3, "running": 3}]
    assert found["missing"] == ["support"]
    assert parse_rfc3339(found["until"]) - parse_rfc3339(found["since"]) == timedelta(days=90)


def test_strangers_cost_the_services_one_count(start: Any) -> None:
    gateway = start(peers=PEERS)

    answers = [gateway.get("/v1/reports/promises").json() for _ in range(20)]

    assert answers == [answers[0]] * 20
    assert [len(gateway.asked(name).calls) for name in SERVICES] == [1] * 4


def test_health_names_services_that_cannot_work(start: Any) -> None:
    gateway = start(peers=PEERS[:3])

    answer = gateway.get("/v1/health")

    assert answer.status_code == 503
    assert answer.json()["services"] == {
        "orders": "ok", "logistics": "ok", "aftersales": "ok", "support": "unavailable",
    }  # fmt: skip


def test_many_who_ask_after_health_cost_one_question(start: Any) -> None:
    gateway = start()
    asking = [eventlet.spawn(gateway.get, "/v1/health") for _ in range(20)]

    assert {each.wait().status_code for each in asking} == {200}

    assert [name for name, _, _ in gateway.asked("orders").calls] == ["get_health"]


class OtherSupport(SupportService):
    """Support, started with another PLEDGE_TERMS than the gateway."""

    name = "support"

    @rpc
    def get_health(self) -> dict[str, Any]:
        return {"status": "ok", "terms": fingerprint(TERMS)}


@pytest.mark.parametrize(("terms", "status", "said"), [(TERMS, "ok", "ok"), ("", "degraded", "other_terms")])
def test_health_names_a_service_with_other_terms(start: Any, terms: str, status: str, said: str) -> None:
    gateway = start(peers=(*PEERS[:3], OtherSupport), PLEDGE_TERMS=terms)

    answer = gateway.get("/v1/health")

    assert (answer.status_code, answer.json()["status"]) == (200, status)
    assert answer.json()["services"] == {"orders": "ok", "logistics": "ok", "aftersales": "ok", "support": said}
    assert answer.json()["terms"] == fingerprint(terms)


def test_metrics_are_for_prometheus_on_the_same_machine(gateway: Any) -> None:
    assert "pledge_workers_busy" in gateway.get("/metrics").text


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Via"])
def test_what_a_proxy_passes_on_gets_no_metrics(gateway: Any, header: str) -> None:
    answer = gateway.get("/metrics", headers={header: "127.0.0.1"})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("address", "status"),
    [("127.0.0.1", 200), ("127.8.8.8", 200), ("::1", 200), ("203.0.113.9", 404), ("10.0.0.1", 404), ("fe80::1", 404)],
)
def test_other_machines_get_no_metrics(address: str, status: int) -> None:
    client = create_app(GatewaySettings.load({})).test_client()

    assert client.get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code == status


def test_an_order_is_one_answer_with_all_its_promises(gateway: Any, an_agent: str) -> None:
    answer = gateway.get(f"/v1/orders/{ORDER}", an_agent)

    order = answer.json()
    assert (len(order["shipments"]), len(order["returns"]), order["missing"]) == (1, 1, [])
    assert [clock["kind"] for clock in order["commitments"]] == ["dispatch", "review"]
    assert answer.headers["ETag"] == '"3"'


def test_without_logistics_a_gap_and_without_orders_503(start: Any, an_agent: str) -> None:
    gateway = start(peers=(PEERS[0], PEERS[2]))

    assert gateway.get(f"/v1/orders/{ORDER}", an_agent).json()["missing"] == ["logistics"]
    gateway.containers["orders"].stop()
    remove(gateway.uri, "orders")
    assert gateway.get(f"/v1/orders/{ORDER}", an_agent).status_code == 503
