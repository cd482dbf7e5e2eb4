"""What a customer does in the browser can be followed through the logs of all processes by one trace id."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from deploy import processes, up
from deploy.demo import Demo
from deploy.demo_client import wait_for

PATIENCE_MS = 20_000
STEPS = {
    ("gateway", "POST"), ("orders", "cancel_order"), ("logistics", "on_cancellation_requested"),
    ("orders", "on_shipment_recalled"), ("support", "on_order_cancelled"), ("aftersales", "on_order_cancelled"),
    ("orders", "on_refund_due"),
}  # fmt: skip


@pytest.fixture
def logging_platform(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The platform as processes, its address and the folder of its logs."""
    if not os.environ.get("PLEDGE_ORDERS_DATABASE_URL"):
        pytest.skip("no RabbitMQ and PostgreSQL: make test-e2e")
    address = f"127.0.0.1:{processes.free_ports(1)[0]}"
    own = {"DATA_DIR": str(tmp_path), "HTTP_ADDRESS": address, "PUBLIC_URL": f"http://{address}", "DEV": "1"}
    environ = {**os.environ, **{f"PLEDGE_{name}": value for name, value in own.items()}}
    with up.platform(environ, tmp_path / "log"):
        yield f"http://{address}", tmp_path / "log"


def test_one_trace_id_leads_from_a_click_to_the_last_consumer(
    browser: Browser, logging_platform: tuple[str, Path]
) -> None:
    """The customer cancels; orders asks logistics to recall the parcel, orders is told, support tells the customer."""
    url, logs = logging_platform
    demo = Demo(url)
    order, customer = demo.a_guest_orders_and_pays()
    wait_for(lambda: customer.get(f"/v1/orders/{order['number']}")["shipments"])
    tab = browser.new_page()
    tab.goto(f"{url}/orders/{order['number']}#token={order['access_token']}")

    tab.get_by_text("Cancel the order").first.click(timeout=PATIENCE_MS)
    with tab.expect_response(lambda response: response.request.method == "POST") as answered:
        tab.get_by_role("button", name="Cancel the order").click()
    trace_id = answered.value.headers["x-trace-id"]

    expect(tab.locator("#story")).to_contain_text("cancel", timeout=PATIENCE_MS, ignore_case=True)
    wait_for(lambda: said(logs, trace_id) >= STEPS)
    tab.close()


def said(logs: Path, trace_id: str) -> set[tuple[str, str]]:
    """(service, first word of the message) of all lines of that trace, in all processes' logs."""
    lines = (line for path in logs.glob("*.log") for line in path.read_text("utf-8").splitlines() if trace_id in line)
    found = [json.loads(line) for line in lines]
    return {(each["service"], each["message"].split()[0]) for each in found if each["trace_id"] == trace_id}
