"""Requests come out alike in whatever pieces the bytes come, and nothing grows with what a client sends."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.http import reader as reading
from gateway.http.reader import Reader, environ_of

pytestmark = pytest.mark.pure

POST = b"POST / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
HEADS = [
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /v1/orders?a=b%20c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nX-Empty:\r\n\r\nabcde",
    CHUNKED + b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: z\r\n\r\n",
    POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nab",
    b"GET / HTTP/1.0\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n",
    CHUNKED + b"3\r\nabcX\r\n0\r\n\r\n",
    b"GARBAGE\r\n\r\n",
]


def outcome(pieces: list[bytes]) -> Any:
    """Return (the requests, the code of the refusal) of what comes in these pieces."""
    reader = Reader()
    for piece in pieces:
        reader.feed(piece)
    requests = [(environ_of(each), bytes(each.body), each.keeps_alive) for each in reader.whole]
    return requests, reader.refusal and reader.refusal.code


@given(st.lists(st.sampled_from(HEADS), min_size=1, max_size=3), st.lists(st.integers(0, 400), max_size=8))
@settings(max_examples=300, deadline=None)
def test_it_does_not_matter_where_the_bytes_are_cut(heads: list[bytes], cuts: list[int]) -> None:
    data = b"".join(heads)
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]

    pieces = [data[start:end] for start, end in pairwise(places)]

    assert outcome(pieces) == outcome([data])
    assert outcome([bytes([byte]) for byte in data]) == outcome([data])


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_no_bytes_at_all_raise_anything(data: bytes) -> None:
    outcome([POST, data])
    outcome([CHUNKED, data])
    outcome([data])


ENDLESS = {
    "line ends before a request": (b"", b"\r\n", "headers_too_large"),
    "method": (b"", b"GET", "malformed_request"),
    "address": (b"GET /", b"x", "address_too_long"),
    "version": (b"GET / HTTP/1.1", b"1", "malformed_request"),
    "header name": (b"GET / HTTP/1.1\r\n", b"x", "headers_too_large"),
    "header value": (b"GET / HTTP/1.1\r\nX: ", b"x", "headers_too_large"),
    "headers": (b"GET / HTTP/1.1\r\n", b"X: y\r\n", "headers_too_large"),
    "body": (POST + b"Content-Length: 99999999\r\n\r\n", b"x", "body_too_large"),
    "chunk": (CHUNKED + b"ffffff\r\n", b"x", "body_too_large"),
    "small chunks": (CHUNKED, b"1\r\nx\r\n", "body_too_large"),
    "chunk size": (CHUNKED, b"0", "malformed_chunk"),
    "chunk extension": (
        CHUNKED + b"2;", b"a", "malformed_chunk",
    ),
    "trailer": (CHUNKED + b"0\r\nT: ", b"x", "malformed_chunk"),
    "trailers": (CHUNKED + b"0\r\n", b"T: x\r\n", "malformed_chunk"),
    "requests before the first answer": (b"", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "malformed_request"),
}  # fmt: skip


@pytest.mark.parametrize("what", ENDLESS)
def test_an_endless_request_is_refused_after_bounded_bytes(what: str) -> None:
    begin, again, code = ENDLESS[what]
    reader, fed = Reader(), 0
    reader.feed(begin)
    piece = again * (8192 // len(again))

    while reader.refusal is None and fed < 10_000_000:
        reader.feed(piece)
        fed += len(piece)

    assert reader.refusal is not None
    assert reader.refusal.code == code
    assert fed <= 10 * reading.BODY_LIMIT
    assert reader.held <= reading.BODY_LIMIT + len(piece)
    assert len(reader.whole) <= reading.WAITING


@pytest.mark.parametrize("count", [reading.HEADERS, reading.HEADERS + 1])
def test_as_many_headers_are_allowed_as_are_said(count: int) -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * (count - 1) + b"\r\n"

    assert bool(outcome([head])[0]) == (count == reading.HEADERS)


def test_a_route_may_take_more_than_the_others() -> None:
    asked: list[tuple[str, str]] = []

    def limit_of(method: str, path: str) -> int:
        asked.append((method, path))
        return 1 << 20

    whole = b"x" * (1 << 20)
    for framing, body in (
        (b"Content-Length: 1048576", whole),
        (b"Transfer-Encoding: chunked", b"100000\r\n" + whole + b"\r\n0\r\n\r\n"),
    ):
        reader = Reader(limit_of)
        reader.feed(b"POST /import?a=b HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n" + body)

        assert (reader.refusal, len(reader.whole[0].body)) == (None, 1 << 20)
    assert asked == [("POST", "/import")] * 2


def test_a_usual_body_needs_no_question_about_its_limit() -> None:
    reader = Reader(lambda _method, _path: pytest.fail("asked"))

    reader.feed(POST + b"Content-Length: 3\r\n\r\nabc")

    assert bytes(reader.whole[0].body) == b"abc"


def test_trailers_are_no_headers_of_this_request_or_the_next() -> None:
    chunked = CHUNKED + b"0\r\nAuthorization: Bearer t\r\n\r\n"

    requests, _ = outcome([chunked + HEADS[0]])

    assert len(requests) == 2
    assert not any("HTTP_AUTHORIZATION" in environ for environ, _, _ in requests)


def test_names_with_an_underscore_are_not_taken_for_others() -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\nX_Forwarded_For: 6.6.6.6\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n"

    assert outcome([head])[0][0][0]["HTTP_X_FORWARDED_FOR"] == "1.2.3.4"


@pytest.mark.parametrize(
    ("target", "path", "query", "host"),
    [
        (b"/a%20b%2Fc?d=%20", "/a b/c", "d=%20", "x"),
        (b"//evil.example/a", "/evil.example/a", "", "x"),
        (b"http://shop.example/a?b", "/a", "b", "shop.example"),
        (b"HTTP://shop.example:8080", "/", "", "shop.example:8080"),
        (b"http://shop.example?q=1", "/", "q=1", "shop.example"),
        (b"/%zz%c3%a9", "/%zz\xc3\xa9", "", "x"),
        (b"/a?b?c", "/a", "b?c", "x"),
    ],
)
def test_the_address_is_read_in_each_of_its_forms(target: bytes, path: str, query: str, host: str) -> None:
    environ = outcome([b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n"])[0][0][0]

    assert (environ["PATH_INFO"], environ["QUERY_STRING"], environ["HTTP_HOST"]) == (path, query, host)
