"""A thousand clients that send slowly, or too much: an honest one is served, and nothing grows with them."""

from __future__ import annotations

import json
import socket
import tracemalloc
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from gateway.http import room
from gateway.http.mount import MountServer
from services.common.edge.bounds import COMPLAINTS
from services.common.testing import eventually

SLOW = {
    "silent": b"",
    "in the request line": b"GET /v1/heal",
    "in a header": b"GET /v1/health HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "in a body": b"POST /v1/contact HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n" + b" " * 16_000,
    "in a chunk size": b"POST /v1/contact HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;" + b"a" * 8_000,
    "in a trailer": b"POST /v1/contact HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: "
    + b"a" * 8_000,
}


def server_of(gateway: Any) -> MountServer:
    return next(each for each in gateway.containers["gateway"].extensions if isinstance(each, MountServer))


@pytest.mark.parametrize("addresses", [1, 5])
def test_an_honest_client_is_served_among_a_thousand_slow_ones(start: Any, addresses: int) -> None:
    gateway = start(PLEDGE_CONNECTIONS="1000", PLEDGE_CONNECTIONS_PER_ADDRESS="200")
    server, sent = server_of(gateway), [*SLOW.values()]
    with ExitStack() as stack:
        for count in range(1000):
            client = stack.enter_context(socket.socket())
            client.bind((f"127.0.0.{1 + count % addresses}", 0))
            client.connect(("127.0.0.1", gateway.port))
            client.sendall(sent[count % len(sent)])

        answers = {gateway.get("/v1/health").status_code for _ in range(5)}
        eventually(lambda: server.connections.of("127.0.0.1") <= 200)

        assert answers == {200}
        assert len(server.connections) <= 1000
        assert server.bodies.total <= 1000 * 16_000
    eventually(lambda: (len(server.connections), server.bodies.total) == (0, 0))


def test_who_takes_no_answer_gives_way_and_holds_no_copy(start: Any) -> None:
    """A large answer of ours is in memory once, and a crowd that reads none of it is cut off when others come."""
    gateway = start(PLEDGE_CONNECTIONS="60", PLEDGE_CONNECTIONS_PER_ADDRESS="30")
    server, size = server_of(gateway), len(gateway.get("/v1/openapi.json").content)
    with ExitStack() as stack:
        tracemalloc.start()
        stack.callback(tracemalloc.stop)
        for count in range(60):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            client.bind((f"127.0.0.{2 + count % 2}", 0))
            client.connect(("127.0.0.1", gateway.port))
            client.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
        eventually(lambda: [each.state for each in server.connections].count(room.SENDING) >= 59)

        answers = {requests.get(f"{gateway.url}/v1/health", timeout=30).status_code for _ in range(5)}

        assert answers == {200}
        assert tracemalloc.get_traced_memory()[0] < 10 * size
    eventually(lambda: len(server.connections) == 0)


def test_a_slow_client_outlasts_those_that_take_nothing(start: Any) -> None:
    """A phone that has long been taking its answer gets the rest of it, though younger connections take nothing."""
    gateway = start(PLEDGE_CONNECTIONS="30", PLEDGE_CONNECTIONS_PER_ADDRESS="30")
    server, size = server_of(gateway), len(gateway.get("/v1/openapi.json").content)
    eventually(lambda: len(server.connections) == 0)
    with ExitStack() as stack:
        clients = []
        for _ in range(30):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            client.bind(("127.0.0.2", 0))
            client.connect(("127.0.0.1", gateway.port))
            client.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            clients.append(client)
            eventually(lambda: [each.state for each in server.connections].count(room.SENDING) == len(clients))
        phone = clients[0]
        phone.settimeout(30)
        first, *_ = server.connections
        taken = 0
        while first is next(iter(server.connections)):
            taken += len(phone.recv(4096))
            assert taken < size // 2

        answers = {requests.get(f"{gateway.url}/v1/health", timeout=30).status_code for _ in range(3)}
        while data := phone.recv(65536):
            taken += len(data)

        assert answers == {200}
        assert taken > size


def test_bodies_that_never_end_give_way_to_one_that_does(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = start(PLEDGE_TRUSTED_PROXIES="1")
    server = server_of(gateway)
    server.bodies = room.Bodies(most=400_000, most_per_address=200_000)
    with ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(("127.0.0.1", gateway.port))) for _ in range(10)]
        for place, client in enumerate(clients):
            head = f"POST /v1/contact HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.{place % 3}\r\n"
            client.sendall(f"{head}Content-Length: 65536\r\n\r\n".encode() + b" " * 65_000)
        eventually(lambda: server.bodies.total > 300_000)

        answer = gateway.post("/v1/contact", {"message": "x" * 20_000}, headers={"X-Forwarded-For": "203.0.113.1"})

        assert answer.status_code == 422
        assert server.bodies.total <= 400_000


LARGE: dict[str, tuple[bytes, int, str]] = {
    "a list of many lines": (b'{"lines":[' + b",".join([b"{}"] * 15_000) + b"]}", 400, "json_too_large"),
    "lines beyond the body": (b'{"lines":[' + b",".join([b"{}"] * 300_000) + b"]}", 413, "body_too_large"),
    "as many lines as may be counted": (b'{"lines":[' + b",".join([b"{}"] * 2_000) + b"]}", 422, "validation_failed"),
    "a few lines too many": (b'{"lines":[' + b",".join([b"{}"] * 51) + b"]}", 422, "validation_failed"),
    "each line wrong": (b'{"lines":[' + b",".join([b'{"x":1}'] * 50) + b"]}", 422, "validation_failed"),
    "many zeros": (b"[" + b",".join([b"0"] * 30_000) + b"]", 400, "json_too_large"),
    "many unknown names": (json.dumps({f"k{n}": 0 for n in range(2_000)}).encode(), 422, "validation_failed"),
    "too many unknown names": (json.dumps({f"k{n}": 0 for n in range(5_500)}).encode(), 400, "json_too_large"),
    "a long unknown name": (json.dumps({"k" * 60_000: 0}).encode(), 422, "validation_failed"),
    "many long unknown names": (
        json.dumps({f"{n}{'k' * 2_000}": 0 for n in range(30)}).encode(), 422, "validation_failed",
    ),
    "many levels": (b'{"a":' * 40 + b"1" + b"}" * 40, 400, "json_too_deep"),
    "more levels": (b"[" * 60_000, 400, "json_too_deep"),
    "a number of many digits": (b'{"lines":' + b"9" * 60_000 + b"}", 400, "number_out_of_range"),
    "a fraction of many digits": (b'{"lines":0.' + b"9" * 60_000 + b"}", 422, "validation_failed"),
    "an exponent": (b'{"lines":1e99999}', 400, "number_out_of_range"),
    "a name twice": (b'{"lines":1,"lines":2}', 400, "duplicate_key"),
    "a name very often": (b"{" + b",".join([b'"a":1'] * 10_000) + b"}", 400, "duplicate_key"),
    "a long text": (json.dumps({"lines": "x" * 60_000}).encode(), 422, "validation_failed"),
}  # fmt: skip


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/contact", "/v1/sign-in/verify"])
def test_whatever_a_stranger_sends_the_answer_is_small(gateway: Any, path: str) -> None:
    for name, (body, status, code) in LARGE.items():
        answer = gateway.request("POST", path, data=body, headers={"Content-Type": "application/json"})
        told = answer.json()

        assert (name, answer.status_code, told["code"]) == (name, status, code)
        assert len(answer.content) <= 16_384, name
        assert len(told.get("errors", [])) <= COMPLAINTS, name
        if "errors_left_out" in told:
            assert len(told["errors"]) == COMPLAINTS, name


def test_how_many_complaints_were_left_out_is_said(gateway: Any) -> None:
    answer = gateway.post("/v1/sign-in", {f"k{number}": 0 for number in range(100)})

    assert (len(answer.json()["errors"]), answer.json()["errors_left_out"]) == (COMPLAINTS, 101 - COMPLAINTS)


def test_a_query_of_many_names_gets_a_small_answer(gateway: Any, an_agent: str) -> None:
    query = "&".join(f"k{number}=1&k{number}=2" for number in range(400))

    answer = gateway.get(f"/v1/commitments?{query}", an_agent)

    assert (answer.status_code, len(answer.json()["errors"]), answer.json()["errors_left_out"]) == (422, 20, 380)


@pytest.mark.parametrize("charset", ["utf-16", "iso-8859-1", "utf-7", "UTF-8x"])
def test_another_charset_is_not_read_as_if_it_were_ours(gateway: Any, charset: str) -> None:
    body, kind = '{"email": "ada@example.com"}'.encode("utf-16"), f"application/json; charset={charset}"

    answer = gateway.request("POST", "/v1/sign-in", data=body, headers={"Content-Type": kind})

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_our_charset_may_be_named(gateway: Any) -> None:
    headers = {"Content-Type": 'application/json; charset="UTF-8"'}

    assert gateway.request("POST", "/v1/sign-in", data=b"{}", headers=headers).status_code == 422
