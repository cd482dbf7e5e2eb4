"""A head that is read in the short way says exactly what the standard library reads in it."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from eventlet.wsgi import FileObjectForHeaders

from gateway.http.protocol import Protocol

pytestmark = pytest.mark.pure

REQUESTS = ("GET / HTTP/1.1", "POST /v1/orders?a=b%20c HTTP/1.1", "GET //x HTTP/1.1", "GET / HTTP/1.0", "GET /",
            "GET  / HTTP/1.1", "GET /\xe9 HTTP/1.1", "get / HTTP/1.1", "GET http://x/ HTTP/1.1",
            "GET / HTTP/2.0")  # fmt: skip
HEADERS = ("Host: shop.example", "host:shop", "Connection: close", "connection:  Keep-Alive", "Connection: close ",
           "Content-Length: 5", "Content-Length:\t5", "Transfer-Encoding: chunked", "X-Empty:", "X-Spaces:   a  b ",
           "X-Colons: a:b", "Content-Type: multipart/form-data", "Content-Type: message/rfc822", "X: caf\xe9",
           "no header", "Bad Name: x", "X : x", ": x", " folded", "\tfolded", "From me", "X: a\rY: b", "X: a\0b",
           "X: a\x0bb", "X: a\x85b", "X: a\x1cb")  # fmt: skip


class Library(Protocol):
    """What eventlet and the standard library make of it."""

    def _read_plain_head(self) -> bool:
        return False


def reading(kind: type[Protocol], head: bytes) -> tuple[Any, ...]:
    """Return what that handler knows after the head, and what it leaves unread."""
    handler = kind.__new__(kind)
    refused: list[Any] = []
    handler._refuse = lambda *why: refused.append(why)  # type: ignore[method-assign]
    source = BytesIO(head)
    handler.raw_requestline, handler.rfile = source.readline(), FileObjectForHeaders(source)
    handler.headers, handler.command = BaseHTTPRequestHandler.MessageClass(), ""
    parsed = handler._parse_head()
    if not parsed:
        return parsed, refused
    known = (handler.command, handler.path, handler.requestline, handler.request_version)
    headers = (handler.headers.items(), handler.headers.get_content_type())
    return parsed, refused, known, headers, bool(handler.close_connection), source.read()


@pytest.mark.parametrize("request_line", REQUESTS)
@pytest.mark.parametrize("header", HEADERS)
def test_it_is_read_as_the_standard_library_reads_it(request_line: str, header: str) -> None:
    for lines, end, rest in product(
        ([header], ["Host: x", header], [header, "Accept: */*"], [header, header]),
        ("\r\n", "\n"),
        ("\r\nbody", "\nbody", ""),
    ):
        head = (end.join([request_line, *lines, ""]) + rest).encode("latin-1")
        assert reading(Protocol, head) == reading(Library, head), head


def test_the_heads_of_usual_clients_need_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BaseHTTPRequestHandler, "parse_request", lambda _: pytest.fail("read twice"))

    head = b"GET /v1/orders?limit=5 HTTP/1.1\r\nHost: shop.example\r\nAccept: */*\r\nX-Empty:\r\n\r\n"

    assert reading(Protocol, head)[0]


@pytest.mark.parametrize("count", [99, 100, 101])
def test_as_many_headers_are_allowed_as_before(count: int) -> None:
    head = b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * count + b"\r\n"

    assert reading(Protocol, head) == reading(Library, head)
