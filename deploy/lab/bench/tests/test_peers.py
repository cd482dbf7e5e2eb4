"""What is compared with a peer, as far as it goes without npm: each fake npm here is a program of its own."""

from __future__ import annotations

import csv
import json
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.lab.bench.peers import __main__ as command
from deploy.lab.bench.peers import npm, vendure
from deploy.lab.bench.peers.client import ADD, Guest, PlaceAndPay, ReadOrder, Refused
from deploy.lab.bench.shop import SKUS
from deploy.run import processes
from services.common.testing import eventually

pytestmark = pytest.mark.pure
FakeNpm = Callable[[str], None]


@pytest.fixture
def fake_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeNpm:
    def make(script: str) -> None:
        program = tmp_path / "npm"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        for name in ("PLEDGE_NPM", "PLEDGE_NODE"):
            monkeypatch.setenv(name, str(program))

    return make


def test_packages_are_installed_once(tmp_path: Path, fake_npm: FakeNpm) -> None:
    fake_npm('echo "$@" >> runs; cat package.json > seen')
    wanted = tmp_path / "wanted.json"
    wanted.write_text("{}")

    for _ in range(2):
        folder = npm.install(tmp_path / "peer", wanted)
    wanted.write_text('{"a": 1}')
    npm.install(folder, wanted)

    assert (folder / "seen").read_text() == '{"a": 1}'
    runs = (folder / "runs").read_text().splitlines()
    assert len(runs) == 2
    assert all("--ignore-scripts" in each for each in runs)


def test_a_failed_installation_is_begun_again(tmp_path: Path, fake_npm: FakeNpm) -> None:
    fake_npm("echo 'npm error network'; echo more; exit 4")

    with pytest.raises(npm.NotHad) as refused:
        npm.install(tmp_path / "peer")
    fake_npm("exit 0")
    npm.install(tmp_path / "peer")

    assert "npm error network (exit code 4;" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_npm_that_hangs_is_ended_with_its_children(tmp_path: Path, fake_npm: FakeNpm) -> None:
    child = tmp_path / "child"
    fake_npm(f"sleep 600 & echo $! > {child}; wait")

    with pytest.raises(npm.NotHad, match="had not installed"):
        npm.install(tmp_path / "peer", seconds=5)

    eventually(lambda: processes.started_at(int(child.read_text())) is None)


def test_without_npm_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLEDGE_NODE", str(tmp_path / "none"))

    code = command.main(["--folder", str(tmp_path)])

    assert code == os.EX_UNAVAILABLE
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("node is not to be had: PLEDGE_NODE names ")


def test_what_is_pinned_has_no_range() -> None:
    wanted = json.loads((npm.HERE / "package.json").read_text())["dependencies"]

    assert {name: version.replace(".", "").isdigit() for name, version in wanted.items()} == dict.fromkeys(wanted, True)


def test_vendure_is_given_our_products(tmp_path: Path) -> None:
    vendure.write_products(tmp_path / "products.csv")

    with (tmp_path / "products.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["sku"] for row in rows] == SKUS
    assert {row["price"] for row in rows} == {"18.50"}


class Shop(BaseHTTPRequestHandler):
    """Answers as Vendure does, and keeps what it was asked: (session, variables)."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str | None, dict[str, object]]]
    refuses = False

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = self.headers["Authorization"]
        self.asked.append((known, query["variables"]))
        done: object = {"id": "1", "code": "C1", "state": "PaymentSettled", "__typename": "Order"}
        if "eligibleShippingMethods" in query["query"]:
            done = [{"id": "7"}]
        if self.refuses:
            done = {"__typename": "InsufficientStockError", "errorCode": "INSUFFICIENT_STOCK_ERROR"}
        body = json.dumps({"data": {"done": done}}).encode()
        self.send_response(200)
        if not known:
            self.send_header("Vendure-Auth-Token", f"Session{len(self.asked)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop() -> Iterator[tuple[str, type[Shop]]]:
    kind = type("OneShop", (Shop,), {"asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        server.daemon_threads = True  # a client's connection stays open
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}", kind
        server.shutdown()
        serving.join()


def test_each_order_is_placed_and_paid_in_its_own_session(shop: tuple[str, type[Shop]]) -> None:
    url, asked = shop[0], shop[1].asked
    story = PlaceAndPay({"url": url, "clients": 1})

    story.act(0)
    story.act(0)

    assert [session for session, _ in asked] == [None, *["Bearer Session1"] * 6, None, *["Bearer Session8"] * 6]
    assert [values for _, values in asked][4] == {"id": ["7"]}
    assert asked[0][1] != asked[7][1]


def test_an_order_is_read_in_the_session_that_placed_it(shop: tuple[str, type[Shop]]) -> None:
    story = ReadOrder({"url": shop[0], "clients": 2})

    story.prepare(0)
    story.act(1)

    assert shop[1].asked[-1] == ("Bearer Session8", {"code": "C1"})


def test_what_vendure_refuses_is_a_failure(shop: tuple[str, type[Shop]]) -> None:
    shop[1].refuses = True

    with pytest.raises(Refused, match="INSUFFICIENT_STOCK_ERROR"):
        Guest(shop[0]).ask(ADD, id="1")
