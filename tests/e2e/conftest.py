"""The whole platform in a process of its own, and a browser that looks at it from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

from deploy.demo.client import Client
from deploy.demo.story import Demo, easypost_secret
from gateway.settings import CARRIER_SECRET, RATES, SANDBOX_SECRET
from services.common.edge.keys import DEVELOPMENT_GATEWAY_KEYS, DEVELOPMENT_PUBLIC_KEYS, DEVELOPMENT_SUPPORT_KEYS
from tests.e2e.desk import ADMIN, desk_of

CHROMIUM = os.environ.get("PLEDGE_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SOURCES = dict.fromkeys(
    ("PLEDGE_AFTERSHIP_WEBHOOK_SECRET", "PLEDGE_17TRACK_API_KEY", "PLEDGE_SHIPPO_WEBHOOK_SECRET"), "what they gave us"
)
START_SECONDS = 90
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)  # not the library's 5 s: another phase of the tests may share the machine


class _Shop(BaseHTTPRequestHandler):
    """One page, which does nothing by itself."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A shop</title>")

    def log_message(self, *_: object) -> None:
        """Log nothing: it is not read."""


@pytest.fixture(scope="session")
def shop_port() -> Iterator[int]:
    """Serve another site's pages. By `localhost` it is an origin that the platform is configured with."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Shop) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, shop_port: int) -> Iterator[str]:
    """Yield the address of a running platform (embedded form), as `make run` starts it, with a language more."""
    settings = {
        "PLEDGE_CORS_ORIGINS": f"http://localhost:{shop_port}",
        "PLEDGE_FORM_SECONDS": "0",  # a test types faster than anybody
        "PLEDGE_HOLD_PIECES": "100000",
        "PLEDGE_RATING_WAIT_MINUTES": "0",
        **SOURCES,
        "PLEDGE_17TRACK_URL": "",
    }
    with started(tmp_path_factory.mktemp("platform"), module="tests.e2e.spoken", **settings) as url:
        yield url


@contextmanager
def started(
    folder: Path, host: str = "127.0.0.1", module: str = "deploy.run.embedded", **settings: str
) -> Iterator[str]:
    """Run a platform (embedded form) of these settings, with its data in the folder; gives its address.

    Its keys are those in the source: tests sign with them what a partner would.
    host: by which name browsers know it.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, url = f"127.0.0.1:{port}", f"http://{host}:{port}"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PLEDGE_")}
    environ |= {
        "PLEDGE_DATA_DIR": str(folder),
        "PLEDGE_HTTP_ADDRESS": address,
        "PLEDGE_PUBLIC_URL": url,
        "PLEDGE_LOG_FORMAT": "text",
        "PLEDGE_SANDBOX_SECRET": SANDBOX_SECRET,
        "PLEDGE_SIMULATOR_WEBHOOK_SECRET": CARRIER_SECRET,
        "PLEDGE_EASYPOST_WEBHOOK_SECRET": easypost_secret(),
        "PLEDGE_SIGNING_KEYS": DEVELOPMENT_SUPPORT_KEYS,
        "PLEDGE_PUBLIC_KEYS": DEVELOPMENT_PUBLIC_KEYS,
        "PLEDGE_GATEWAY_KEYS": DEVELOPMENT_GATEWAY_KEYS,
        **dict.fromkeys(RATES, "10000/minute"),
    }
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", module]
        process = subprocess.Popen(
            command, env=environ | settings, stdout=log, stderr=subprocess.STDOUT, cwd=Path(__file__).parents[2]
        )
    try:
        _wait_until_healthy(f"http://{address}", process, folder / "log")
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if requests.get(f"{url}/v1/health", timeout=5).ok:
                return
        except requests.RequestException:
            pass  # not listening yet
        time.sleep(0.1)
    raise AssertionError(f"the platform did not start:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium, as Debian packages it."""
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a tab of its own. A script error or a breach of the content policy fails the test."""
    context = browser.new_context(timezone_id="Europe/Berlin", locale="en-GB")
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield tab
    context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def staff() -> dict[str, Client]:
    """Keep the clients that have signed in, by role: an address gets only so many codes."""
    return {}


@pytest.fixture(scope="session")
def shelves(platform: str, staff: dict[str, Client]) -> None:
    """Fill the shelves for all tests of the session: the first day's stock is less than they order."""
    demo = Demo(platform)
    demo.staff = staff
    for product in demo.guest.get("/v1/products", limit=2)["items"]:  # what the demo's customers order
        delivered = {"delta": 500, "reason": "delivered for these tests"}
        demo.as_staff("admin").post(f"/v1/products/{product['sku']}/stock", delivered)


@pytest.fixture
def demo(platform: str, staff: dict[str, Client], shelves: None) -> Demo:
    """Return a customer who acts through the API, and the staff."""
    demo = Demo(platform)
    demo.staff = staff
    return demo


@pytest.fixture(scope="session")
def signed_in(platform: str, browser: Browser) -> dict[str, Any]:
    """Sign an admin in, as a person does: address, code from the mail, Enter. Return what the browser keeps."""
    client, context = Client(platform), browser.new_context()
    tab = context.new_page()
    tab.goto(f"{platform}/desk/review")
    known = client.mails_known(ADMIN)
    tab.get_by_label("Your e-mail address").fill(ADMIN)
    tab.keyboard.press("Enter")
    expect(tab.get_by_label("The code from the e-mail")).to_be_focused()
    tab.keyboard.type(client.mailed_code(ADMIN, known))
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("link", name="Review")).to_have_attribute("aria-current", "page")
    state: dict[str, Any] = dict(context.storage_state())
    context.close()
    return state


@pytest.fixture
def desk(platform: str, browser: Browser, signed_in: Any) -> Iterator[Page]:
    """Open a tab of a signed-in person; a script error or a breach of the content policy fails the test."""
    context = desk_of(browser, platform, signed_in)
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield tab
    context.close()
    assert complaints == []
