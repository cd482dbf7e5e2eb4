"""What strangers and other people's customers try: it is refused with a stable code, or taken as what it says.

Nothing makes the server fail, no answer is long, none shows its inside, and afterwards an honest client is served.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import cycle, islice
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.common.edge import tokens
from services.common.edge.keys import DEVELOPMENT_GATEWAY_KEYS, Signing
from tests.openapi.document import Document, Operation
from tests.openapi.test_examples import path_to
from tests.openapi.test_refusals import nobodys
from tests.shop.conftest import Json, Shop

Attempt = tuple[str, str, str, dict[str, str], bytes]
pytestmark = [pytest.mark.pure, pytest.mark.timeout(180)]

SUGGESTION = "0192f0c1-2b3a-7c4d-8e5f-0123456789ab"
ENDLESS = ("/v1/desk/stream", "/live")
PAGES = [
    *(("GET", path) for path in (
        "/help", "/help/size-guide", "/help/products/SKU-1", "/suggestions", "/promises", "/dev/mail", "/dev/mail/x",
        "/dev/mail/x/page", "/plain", "/contact", "/account", "/desk/rules", "/v1/openapi.json",
    )),
    ("POST", "/help/size-guide"), ("POST", f"/suggestions/{SUGGESTION}/code"),
    ("POST", f"/suggestions/{SUGGESTION}/follow"), ("POST", "/plain/contact"), ("POST", "/plain/orders"),
    ("POST", "/plain/change"), ("POST", "/plain/data/request"),
]  # fmt: skip
TRIED = 2
"""How many of each kind of attempt an operation gets. They take turns, so that each is tried at many operations."""
QUERIES = [
    "cursor=%00", "cursor=" + "A" * 3000, "q=%00%ff%fe", "q=" + "%25" * 900, "limit=-1", "limit=" + "9" * 400,
    "limit=1&limit=2", "since=9999-99-99", "status=%27%20OR%201=1--", "no_such=1", "version=" + "9" * 5000,
    "number=%0d%0aX-Injected:%201", "topic[]=a", "=&==&&&", "q=" + "a" * 8000,
]  # fmt: skip
PLACES = [
    "/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "/%00", "/a%00.eml",
    "/%0d%0aX-Injected:1",
    "/" + "a" * 7000, "/%ff%fe", "/%E2%80%AE", "//", "/;x", "/.git/config", "/%5c..%5c..%5cwin.ini",
]  # fmt: skip
UNDER = [
    "/v1/knowledge",
    "/v1/suggestions",
    "/v1/privacy/exports",
    "/v1/reports",
    "/help",
    "/help/products",
    "/dev/mail",
]
JSON = {"Content-Type": "application/json"}
BODIES: dict[str, tuple[dict[str, str], bytes]] = {
    "huge": (JSON, b'{"why":"' + b"a" * 70_000 + b'"}'),
    "deep": (JSON, b'{"a":' * 40 + b"1" + b"}" * 40),
    "wide": (JSON, b"[" + b"0," * 6000 + b"0]"),
    "a NUL": (JSON, b'{"helpful":true,"why":"a\\u0000b","email":"a\\u0000@x.example"}'),
    "half a letter": (JSON, b'{"helpful":true,"why":"\\ud800"}'),
    "no JSON": (JSON, b"\x00\xff\xfe{"),
    "no object": (JSON, b'"helpful"'),
    "NaN": (JSON, b'{"helpful":NaN}'),
    "a number of no end": (JSON, b'{"version":' + b"9" * 5000 + b"}"),
    "a name twice": (JSON, b'{"helpful":true,"helpful":false}'),
    "another type": ({"Content-Type": "text/xml"}, b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>"),
    "another charset": ({"Content-Type": "application/json; charset=utf-16"}, '{"helpful":true}'.encode("utf-16")),
    "a form": ({"Content-Type": "application/x-www-form-urlencoded"}, b"helpful=yes&" * 4000),
    "parts": ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x\r\n" * 3000),
    "no type": ({}, b"{}"),
}
HEADERS: dict[str, dict[str, str]] = {
    **{
        f"If-Match {value[:12]}": {"If-Match": value}
        for value in ("*", '"', 'W/"1"', '"' + "9" * 400 + '"', "-1", "1, 2")
    },
    **{
        f"Idempotency-Key {value[:8]}": {"Idempotency-Key": value}
        for value in ("", "k" * 4000, "\x01", "'; DROP TABLE")
    },
    "a language": {"Accept-Language": "*," * 2000},
    "a form of answer": {"Accept": "text/html;q=nan, */*;q=-1"},
    "a range": {"Range": "bytes=" + "0-," * 1000, "If-Range": "x"},
    "another host": {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "1, 2, 3"},
    "another method": {"X-HTTP-Method-Override": "DELETE"},
    "many": {f"X-{number}": "a" * 40 for number in range(1500)},
    "a site": {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
}


@pytest.fixture(scope="module")
def foreign(shop: Shop) -> dict[str, str]:
    """Return tokens of others, and what is none."""
    shop.stocked("SKU-1", 5)
    placed = shop.order(("SKU-1", 1)).json()
    keys = Signing.parse(DEVELOPMENT_GATEWAY_KEYS)
    good = shop.customer("eve@example.com")
    return {
        "": "", "the link of an order": placed["access_token"], "another customer": good,
        "tampered": f"{good[:-4]}AAAA", "half": good[: len(good) // 2],
        "expired": tokens.order_token(keys, placed["number"], shop.now() - timedelta(days=400)),
        "an admin": shop.staff("admin"), "a ticket": f"tic_{'x' * 43}", "long": "a" * 9000,
        "no words": "\x7f" * 20, "many parts": "a.b." * 500,
    }  # fmt: skip


def exchange(shop: Shop, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, str, str]:
    """Send exactly these bytes. Return the status, the head and the body; status 0 where the connection just ended."""
    where = urlsplit(shop.url)
    told = {"Host": f"127.0.0.1:{where.port}", "Connection": "close", **headers}
    if body or method != "GET":
        told["Content-Length"] = str(len(body))
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
    got = b""
    with closing(socket.create_connection(("127.0.0.1", where.port or 0), timeout=20)) as client:
        try:
            client.sendall("\r\n".join(lines).encode("latin-1") + body)
            while piece := client.recv(65536):
                got += piece
        except ConnectionError:
            pass  # refused while we still wrote; what came before counts
    head, _, rest = got.partition(b"\r\n\r\n")
    status = int(head.split(b" ")[1]) if head else 0
    return status, head.decode("latin-1"), rest.decode("utf-8", "replace")


def wrong_with(target: str, found: tuple[int, str, str]) -> str:
    """Return what is wrong with an answer, "" if nothing is."""
    status, head, body = found
    if status == 0 or status >= 500:
        return f"status {status}"
    if any(inside in body for inside in ("Traceback", "sqlalchemy", "site-packages", "root:x:0")):
        return "it shows its inside"
    if "x-injected" in head.lower() or "evil.example" in head + body:
        return "it repeats what was put in"
    if status >= 400 and target.startswith("/v1/") and '"code":' not in body:
        return "a refusal without a code"
    if status >= 400 and len(body) > 40_000:
        return f"a refusal of {len(body)} bytes"
    return ""


def operations(shop: Shop, sku: str) -> list[tuple[str, str]]:
    """Return method and address of each declared operation, and of the pages; things are named that are not there."""
    document = Document(shop.ask("GET", "/openapi.json").json())

    def address(each: Operation) -> str:
        things = sku if "{sku}" in each.path else nobodys(each)
        return path_to(each, things) if things else each.path

    found = [(each.method, address(each)) for each in document.operations.values()]
    return [*(each for each in found if not each[1].endswith(ENDLESS)), *PAGES]


def attempts(routes: list[tuple[str, str]], foreign: dict[str, str]) -> Iterator[Attempt]:
    """Yield (name, method, target, headers, body) of each request."""
    turns = {kind: cycle(each) for kind, each in (("who", foreign.items()), ("how", HEADERS.items()),
                                                  ("query", QUERIES), ("body", BODIES.items()))}  # fmt: skip

    def some(kind: str) -> Any:
        return islice(turns[kind], TRIED)

    for method, path in routes:
        for name, token in some("who"):
            yield name, method, path, {"Authorization": f"Bearer {token}"} if name else {}, b""
        for name, headers in some("how"):
            yield name, method, path, headers, b""
        for query in some("query"):
            yield query[:30], method, f"{path}?{query}", {}, b""
        for name, (headers, body) in some("body") if method != "GET" else ():
            yield name, method, path, headers, body
        for name, (headers, body) in some("body") if method != "GET" else ():
            token = {"Authorization": f"Bearer {foreign['an admin']}"}
            yield f"{name} by an admin", method, path, {**headers, **token}, body
    for top in UNDER:
        for place in PLACES:
            yield place[:30], "GET", f"{top}{place}", {}, b""
    for (_, path), method in zip(routes, cycle(("TRACE", "CONNECT", "PROPFIND")), strict=False):
        yield method, method, path, {}, b""


def test_nothing_that_is_sent_makes_the_server_fail(
    shop: Shop,
    foreign: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    flaws, count, routes = list[Any](), 0, operations(shop, "SKU-1")
    with caplog.at_level(logging.ERROR):
        for name, method, target, headers, body in attempts(routes, foreign):
            found = exchange(shop, method, target, headers, body)
            count += 1
            if wrong := wrong_with(target, found):
                flaws.append((wrong, name, method, target[:80], found[1][:80], found[2][:200]))

    assert flaws == []
    assert count > 1500
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert shop.ask("GET", "/knowledge").status_code == 200


STAFF_ONLY = [("GET", "/orders/export"), ("POST", "/knowledge/preview"), ("PUT", "/knowledge/size-guide"),
              ("POST", f"/suggestions/{SUGGESTION}/move")]  # fmt: skip


def test_what_is_for_staff_is_closed_to_all_others(shop: Shop, foreign: dict[str, str]) -> None:
    body: Json = {"title": "x"}
    for method, path in STAFF_ONLY:
        for name, token in foreign.items():
            if name not in ("no words", "long", "an admin"):  # refused before it is looked at who asks
                asked = shop.ask(method, path, token=token, json=body if method != "GET" else None)
                assert asked.status_code in (401, 403, 422), (name, method, path, asked.text)
