"""The platform as processes: its whole story, and what a customer does is followed: in the logs, and span by span."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from playwright.sync_api import Browser, expect

from deploy.demo.client import wait_for
from deploy.demo.story import Demo
from deploy.run import processes, up

STEPS = {
    ("gateway", "POST"), ("orders", "cancel_order"), ("logistics", "on_cancellation_requested"),
    ("orders", "on_shipment_recalled"), ("support", "on_order_cancelled"), ("aftersales", "on_order_cancelled"),
}  # fmt: skip


PATH = [
    "gateway.handle", "orders.cancel_order", "record cancellation_requested", "logistics.on_cancellation_requested",
    "record shipment_recalled", "orders.on_shipment_recalled", "record order_cancelled", "support.on_order_cancelled",
]  # fmt: skip
PUBLISHED = "publish order_cancelled"


class Collector(BaseHTTPRequestHandler):
    """Takes spans as OpenTelemetry's collector does."""

    spans: ClassVar[list[Any]] = []

    def do_POST(self) -> None:
        sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        for resource in sent.resource_spans:
            self.spans.extend(span for scope in resource.scope_spans for span in scope.spans)
        self.send_response(200 if self.path == "/v1/traces" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing: it is not read."""


@pytest.fixture(scope="module")
def collector() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory, collector: str) -> Iterator[tuple[str, Path]]:
    """Run the platform as processes that send their spans. Yield its address and the folder of its logs."""
    if not os.environ.get("PLEDGE_ORDERS_DATABASE_URL"):
        pytest.skip("no RabbitMQ and PostgreSQL: make test-e2e")
    address = f"127.0.0.1:{processes.free_ports(1)[0]}"
    folder = tmp_path_factory.mktemp("distributed")
    own = {"DATA_DIR": str(folder), "HTTP_ADDRESS": address, "PUBLIC_URL": f"http://{address}", "DEV": "1"}
    environ = {**os.environ, **{f"PLEDGE_{name}": value for name, value in own.items()}}
    with up.platform({**environ, "PLEDGE_OTLP_ENDPOINT": collector}, folder / "log"):
        yield f"http://{address}", folder / "log"


def test_one_trace_id_leads_from_a_click_to_the_last_consumer(browser: Browser, observed: tuple[str, Path]) -> None:
    """The customer cancels; orders asks logistics to recall the parcel, orders is told, support tells the customer."""
    url, logs = observed
    demo = Demo(url)
    order, customer = demo.a_guest_orders_and_pays()
    wait_for(lambda: customer.get(f"/v1/orders/{order['number']}")["shipments"])
    tab = browser.new_page()
    tab.goto(f"{url}/orders/{order['number']}#token={order['access_token']}")

    tab.locator("summary", has_text="Cancel the order").click()
    with tab.expect_response(lambda response: response.request.method == "POST") as answered:
        tab.get_by_role("button", name="Cancel the order").click()
    trace_id = answered.value.headers["x-trace-id"]

    expect(tab.locator("#story")).to_contain_text("cancel", ignore_case=True)
    wait_for(lambda: said(logs, trace_id) >= STEPS)
    wait_for(lambda: {PATH[-1], PUBLISHED} <= {span.name for span in spans_of(trace_id).values()})
    wait_for(lambda: spans_of(trace_id).keys() >= {parent for parent in parents_of(trace_id) if parent})
    assert path_to(PATH[-1], trace_id) == PATH
    assert path_to(PUBLISHED, trace_id) == [*PATH[:-1], PUBLISHED]
    assert all(span.end_time_unix_nano >= span.start_time_unix_nano for span in spans_of(trace_id).values())
    assert "Traceback" not in "".join(path.read_text("utf-8") for path in logs.glob("*.log"))
    tab.close()


def test_the_demo_on_rabbitmq_and_postgresql(observed: tuple[str, Path]) -> None:
    Demo(observed[0]).play()


def said(logs: Path, trace_id: str) -> set[tuple[str, str]]:
    """Return (service, first word of the message) of all lines of that trace, in all processes' logs."""
    lines = (line for path in logs.glob("*.log") for line in path.read_text("utf-8").splitlines() if trace_id in line)
    found = [json.loads(line) for line in lines]
    return {(each["service"], each["message"].split()[0]) for each in found if each["trace_id"] == trace_id}


def spans_of(trace_id: str) -> dict[bytes, Any]:
    """Return the spans of that trace by their ids."""
    return {span.span_id: span for span in list(Collector.spans) if span.trace_id.hex() == trace_id}


def parents_of(trace_id: str) -> set[bytes]:
    return {span.parent_span_id for span in spans_of(trace_id).values()}


def path_to(name: str, trace_id: str) -> list[str]:
    """Return the names of the spans from the root down to that one."""
    spans = spans_of(trace_id)
    [span] = [each for each in spans.values() if each.name == name]
    path = [span.name]
    while span.parent_span_id:
        span = spans[span.parent_span_id]
        path.insert(0, span.name)
    return path
