"""What two readers could read differently is refused: bytes go in on a raw socket, and it is counted what comes out."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any

import pytest

from gateway.http.mount import MountServer, wsgi_mount
from services.common.runtime.config import container_config
from services.common.runtime.telemetry import ObservedContainer

pytestmark = pytest.mark.pure


class Echo:
    """Answers with what it was asked: one line for each request that gets through."""

    name = "gateway"

    @wsgi_mount()
    def handle(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read().decode("latin-1")
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"<{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {body}>".encode("latin-1")]


@pytest.fixture(scope="module")
def address() -> Iterator[Any]:
    environ = {"PLEDGE_HTTP_ADDRESS": "127.0.0.1:0", "PLEDGE_MAX_WORKERS": "2"}
    container = ObservedContainer(Echo, container_config(environ))
    container.start()
    yield next(each for each in container.extensions if isinstance(each, MountServer)).address
    container.kill()


PROBE = b"GET /probe HTTP/1.1\r\nHost: x\r\n\r\n"


def exchange(address: Any, sent: bytes) -> tuple[list[int], list[str], bool]:
    """Return (statuses, what the application was asked, whether the connection still answers afterwards)."""
    with closing(socket.create_connection(address, timeout=20)) as client:
        client.sendall(sent)
        client.sendall(PROBE)
        got = b""
        while b"</" not in got and b"<GET /probe " not in got and (piece := receive(client)):
            got += piece
    statuses = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", got)]
    asked = [each.decode("latin-1") for each in re.findall(rb"<(.*?)>", got, re.DOTALL)]
    is_open = asked[-1:] == ["GET /probe "]
    return (statuses[:-1], asked[:-1], True) if is_open else (statuses, asked, False)


def receive(client: socket.socket) -> bytes:
    try:
        return client.recv(65536)
    except ConnectionResetError:
        return b""


GET = b"GET /a HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(HIDDEN)

REFUSED: dict[str, tuple[bytes, int]] = {
    # lines
    "a bare CR makes no header": (GET + b"X: a\r" + LENGTH + b"\r\n" + HIDDEN, 400),
    "a bare CR makes no chunks": (GET + b"X: a\rTransfer-Encoding: chunked\r\n\r\n" + HIDDEN, 400),
    "a bare CR forges no address": (GET + b"X: a\rX-Forwarded-For: 1.2.3.4\r\n\r\n", 400),
    "a bare LF makes no header": (GET + b"X: a\nY: b\r\n\r\n", 400),
    "lines end with CR LF": (b"GET /a HTTP/1.1\nHost: x\n\n", 400),
    "the last line too": (GET + b"\n", 400),
    "a folded header": (GET + b"X: a\r\n b\r\n\r\n", 400),
    "a folded header with a tab": (GET + b"X: a\r\n\tb\r\n\r\n", 400),
    "a folded length": (POST + b"Content-Length:\r\n 5\r\n\r\nabcde", 400),
    "a NUL in a value": (GET + b"X: a\0b\r\n\r\n", 400),
    "a NUL in a name": (GET + b"X\0: a\r\n\r\n", 400),
    "a control character": (GET + b"X: a\x0bb\r\n\r\n", 400),
    "a blank before the colon": (GET + b"X : a\r\n\r\n", 400),
    "a blank in a name": (GET + b"X Y: a\r\n\r\n", 400),
    "no name": (GET + b": a\r\n\r\n", 400),
    "no colon": (GET + b"nothing\r\n\r\n", 400),
    # request lines
    "a method in lower case": (b"get /a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "an unknown method": (b"BREW /a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "no version": (b"GET /a\r\n\r\n", 505),
    "version 0.9": (b"GET /a HTTP/0.9\r\nHost: x\r\n\r\n", 505),
    "version 2": (b"GET /a HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    "HTTP/2 begun": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "a letter as version": (b"GET /a HTTP/1.x\r\nHost: x\r\n\r\n", 400),
    "a blank after the version": (b"GET /a HTTP/1.1 \r\nHost: x\r\n\r\n", 400),
    "an address with a byte above ASCII": (b"GET /\xe9 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "an address with a tab": (b"GET /a\tb HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "an address of another scheme": (b"GET ftp://x/a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "no path": (b"GET a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a tunnel": (b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    # hosts
    "no host": (b"GET /a HTTP/1.1\r\n\r\n", 400),
    "two hosts": (GET + b"Host: y\r\n\r\n", 400),
    "two hosts alike": (GET + b"Host: x\r\n\r\n", 400),
    "two hosts in one": (b"GET /a HTTP/1.1\r\nHost: x, y\r\n\r\n", 400),
    "a host with a path": (b"GET /a HTTP/1.1\r\nHost: x/y\r\n\r\n", 400),
    "a host with a user": (b"GET /a HTTP/1.1\r\nHost: u@x\r\n\r\n", 400),
    # lengths
    "a length and chunks": (POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN, 400),
    "chunks and a length": (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + HIDDEN, 400),
    "two lengths": (POST + b"Content-Length: 0\r\n" + LENGTH + b"\r\n" + HIDDEN, 400),
    "two lengths alike": (POST + LENGTH + LENGTH + b"\r\n" + HIDDEN, 400),
    "two lengths in one": (POST + b"Content-Length: 5, 5\r\n\r\nabcde", 400),
    "a length with a sign": (POST + b"Content-Length: +5\r\n\r\nabcde", 400),
    "a length below zero": (POST + b"Content-Length: -5\r\n\r\nabcde", 400),
    "a length with an underscore": (POST + b"Content-Length: 0_5\r\n\r\nabcde", 400),
    "a length in hexadecimal": (POST + b"Content-Length: 0x5\r\n\r\nabcde", 400),
    "a length without digits": (POST + b"Content-Length:\r\n\r\nabcde", 400),
    "a length beyond 64 bits": (POST + b"Content-Length: 18446744073709551621\r\n\r\nabcde", 400),
    "a larger body than the route takes": (POST + b"Content-Length: 65537\r\n\r\n" + b"x" * 65537, 413),
    # codings
    "chunks in HTTP/1.0": (b"POST /a HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
                           b"0\r\n\r\n" + HIDDEN, 400),
    "another coding": (POST + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    "no coding": (POST + b"Transfer-Encoding: identity\r\n\r\n", 501),
    "an empty coding": (POST + b"Transfer-Encoding:\r\n\r\n", 501),
    "another coding first": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    "another coding last": (POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 501),
    "chunks twice": (POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 501),
    "chunks twice in two headers": (POST + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n0\r\n\r\n", 501),
    "chunks with a vertical tab": (POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400),
    "chunks with a parameter": (POST + b"Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n", 501),
    "chunks in quotes": (POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n', 501),
    # chunks
    "a chunk size with a sign": (CHUNKED + b"+2\r\nab\r\n0\r\n\r\n", 400),
    "a chunk size below zero": (CHUNKED + b"-2\r\nab\r\n0\r\n\r\n", 400),
    "a chunk size with 0x": (CHUNKED + b"0x2\r\nab\r\n0\r\n\r\n", 400),
    "a chunk size with an underscore": (CHUNKED + b"0_2\r\nab\r\n0\r\n\r\n", 400),
    "a chunk size between blanks": (CHUNKED + b" 2 \r\nab\r\n0\r\n\r\n", 400),
    "a chunk size before a blank": (CHUNKED + b"2 \r\nab\r\n0\r\n\r\n", 400),
    "a chunk size after a tab": (CHUNKED + b"\t2\r\nab\r\n0\r\n\r\n", 400),
    "no chunk size": (CHUNKED + b"\r\nab\r\n0\r\n\r\n", 400),
    "a chunk size that is a word": (CHUNKED + b"xyz\r\nab\r\n0\r\n\r\n", 400),
    "a chunk size beyond 64 bits": (CHUNKED + b"10000000000000002\r\nab\r\n0\r\n\r\n", 400),
    "a chunk size line with LF": (CHUNKED + b"2\nab\r\n0\r\n\r\n", 400),
    "a chunk size line with CR": (CHUNKED + b"2\rab\r\n0\r\n\r\n", 400),
    "a chunk extension with LF": (CHUNKED + b"2;a\nab\r\n0\r\n\r\n", 400),
    "a chunk extension with NUL": (CHUNKED + b"2;\0\r\nab\r\n0\r\n\r\n", 400),
    "garbage after a chunk": (CHUNKED + b"2\r\nabX\r\n0\r\n\r\n", 400),
    "garbage instead of an end": (CHUNKED + b"2\r\nabXY0\r\n\r\n", 400),
    "a chunk that ends with LF": (CHUNKED + b"2\r\nab\n0\r\n\r\n", 400),
    "a last chunk that ends with LF": (CHUNKED + b"2\r\nab\r\n0\n\n", 400),
    "an end of chunks with LF": (CHUNKED + b"2\r\nab\r\n0\r\n\n", 400),
    "a folded trailer": (CHUNKED + b"0\r\nX: a\r\n b\r\n\r\n", 400),
    "a trailer with a bare CR": (CHUNKED + b"0\r\nX: a\rb\r\n\r\n", 400),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_unclear_is_refused_once_and_the_connection_ends(address: Any, name: str) -> None:
    sent, status = REFUSED[name]

    assert exchange(address, sent) == ([status], [], False)


@pytest.mark.parametrize("name", REFUSED)
def test_what_came_before_something_unclear_is_still_answered(address: Any, name: str) -> None:
    sent, status = REFUSED[name]

    assert exchange(address, GET + b"\r\n" + sent) == ([200, status], ["GET /a "], False)


SERVED: dict[str, tuple[bytes, list[str], bool]] = {
    "a request": (GET + b"\r\n", ["GET /a "], True),
    "two requests at once": (GET + b"\r\n" + GET + b"\r\n", ["GET /a ", "GET /a "], True),
    "a body": (POST + b"Content-Length: 5\r\n\r\nabcde", ["POST /a abcde"], True),
    "a body that looks like a request": (POST + LENGTH + b"\r\n" + HIDDEN, [f"POST /a {HIDDEN.decode()}"], True),
    "chunks": (CHUNKED + b"3;x=y\r\nabc\r\n002\r\nde\r\n0\r\nTrailer: z\r\n\r\n", ["POST /a abcde"], True),
    "chunks in capitals": (POST + b"TRANSFER-ENCODING: CHUNKED\r\n\r\n1\r\na\r\n0\r\n\r\n", ["POST /a a"], True),
    "a line end in front": (b"\r\n" + GET + b"\r\n", ["GET /a "], True),
    "an absolute address": (b"GET http://shop.example/a HTTP/1.1\r\nHost: x\r\n\r\n", ["GET /a "], True),
    "an empty host": (b"GET /a HTTP/1.1\r\nHost:\r\n\r\n", ["GET /a "], True),
    "an IPv6 host": (b"GET /a HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n", ["GET /a "], True),
    "blanks round a value": (POST + b"Content-Length: \t5 \r\n\r\nabcde", ["POST /a abcde"], True),
    "a byte above ASCII in a value": (GET + b"X: caf\xe9\r\n\r\n", ["GET /a "], True),
    "the end": (GET + b"Connection: close\r\n\r\n" + HIDDEN, ["GET /a "], False),
    "the end in a list": (GET + b"Connection: keep-alive, close\r\n\r\n" + HIDDEN, ["GET /a "], False),
    "the end in capitals": (GET + b"Connection: CLOSE\r\n\r\n" + HIDDEN, ["GET /a "], False),
    "version 1.0": (b"GET /a HTTP/1.0\r\n\r\n" + HIDDEN, ["GET /a "], False),
    "version 1.0 that goes on": (b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", ["GET /a "], True),
    "a wish for another protocol": (POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nab",
                                    ["POST /a ab"], True),
    "such a wish with chunks": (POST + b"Connection: upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n"
                                b"\r\n2\r\nab\r\n0\r\n\r\n", ["POST /a ab"], True),
}  # fmt: skip


@pytest.mark.parametrize("name", SERVED)
def test_what_is_clear_is_served_as_often_as_it_was_asked(address: Any, name: str) -> None:
    sent, asked, is_open = SERVED[name]

    assert exchange(address, sent) == ([200] * len(asked), asked, is_open)


def test_who_waits_for_leave_to_send_a_body_gets_it_once(address: Any) -> None:
    with closing(socket.create_connection(address, timeout=20)) as client:
        client.sendall(POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        leave = client.recv(65536)
        client.sendall(b"a")
        client.sendall(b"b")
        answer = client.recv(65536)

    assert leave == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"100 Continue" not in answer


def test_who_waits_for_leave_to_send_too_much_is_refused_at_once(address: Any) -> None:
    with closing(socket.create_connection(address, timeout=20)) as client:
        client.sendall(POST + b"Expect: 100-continue\r\nContent-Length: 65537\r\n\r\n")

        assert client.recv(65536).startswith(b"HTTP/1.1 413 ")
