"""Attachments in an S3-compatible object store, over HTTP: sent, shown, removed; refused while it is away."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from services.common.runtime.object_store import Bucket, ObjectStore
from services.common.testing import eventually
from services.common.tests.test_object_store import KEY, address, served
from tests.shop.conftest import Shop, started

__all__ = ["address"]
REGION, ACCESS_KEY, SECRET = KEY


class Away(BaseHTTPRequestHandler):
    """A proxy in front of the store, which can be away."""

    def relay(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if server.away:
            self.send_error(503)
            return
        upstream = HTTPConnection(server.upstream, timeout=30)
        upstream.request(self.command, self.path, body, dict(self.headers))
        answer = upstream.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_DELETE = relay

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def front(address: str) -> Iterator[Any]:
    connection = HTTPConnection(address, timeout=30)
    connection.request("PUT", "/attachments")
    assert connection.getresponse().status == 200
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Away)
    server.upstream, server.away = address, False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def shop(front: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    settings = {
        "PLEDGE_UPLOADS_S3": f"http://127.0.0.1:{front.server_port}/attachments",
        "PLEDGE_UPLOADS_S3_REGION": REGION,
        "PLEDGE_UPLOADS_S3_ACCESS_KEY": ACCESS_KEY,
        "PLEDGE_UPLOADS_S3_SECRET": SECRET,
    }
    with started(tmp_path_factory.mktemp("shop"), **settings) as found:
        yield found


def a_picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (400, 300), "navy").save(file, "JPEG")
    return file.getvalue()


def send(shop: Shop, content: bytes, kind: str) -> Any:
    return shop.ask("POST", "/uploads", role="agent", data=content, headers={"Content-Type": kind})


def named(shop: Shop, *uploads: str) -> None:
    begun = {
        "name": "Ada", "email": "ada@example.com", "category": "order", "subject": "Your mug",
        "message": "This is how we pack your mug.", "attachments": list(uploads),
    }  # fmt: skip
    answer = shop.ask("POST", "/tickets", role="agent", json=begun)
    assert answer.status_code == 201, answer.text


@served
def test_a_file_in_the_object_store_is_shown(shop: Shop, address: str, tmp_path: Path) -> None:
    upload = send(shop, a_picture(), "image/jpeg").json()["id"]
    named(shop, upload)

    whole, small = (shop.ask("GET", f"/uploads/{upload}{which}", role="agent") for which in ("", "?small=true"))
    assert Image.open(io.BytesIO(whole.content)).size == (400, 300)
    assert small.status_code == 200
    bucket = ObjectStore(tmp_path, Bucket(f"http://{address}/attachments", *KEY))
    assert {upload, f"{upload}.small"} <= {*bucket.names()}


@served
def test_while_the_store_is_away_nothing_is_lost(shop: Shop, front: Any, address: str, tmp_path: Path) -> None:
    upload = send(shop, b"The handle came off on the second day.", "text/plain").json()["id"]
    named(shop, upload)
    unnamed = send(shop, b"Nothing names this one, and so it ends.", "text/plain").json()["id"]

    front.away = True
    refused = send(shop, b"This one comes at a bad time, sadly.", "text/plain")
    unread = shop.ask("GET", f"/uploads/{upload}", role="agent")
    with shop.later(minutes=25 * 60):
        assert shop.ask("GET", "/tickets", role="agent").status_code == 200
    front.away = False

    for answer in (refused, unread):
        assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert shop.ask("GET", f"/uploads/{upload}", role="agent").content.startswith(b"The handle came off")
    bucket = ObjectStore(tmp_path, Bucket(f"http://{address}/attachments", *KEY))
    with shop.later(minutes=26 * 60):
        assert eventually(lambda: unnamed not in {*bucket.names()})
    assert upload in {*bucket.names()}
