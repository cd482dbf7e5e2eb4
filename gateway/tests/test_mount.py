"""The web server under the application: bodies, slow and many clients, streams, and a stop under load."""

import json
import socket
from contextlib import closing

import eventlet
import pytest
from eventlet.event import Event

from gateway.http import mount, protocol, reader, room
from gateway.http.mount import wsgi_mount
from services.common.runtime import telemetry
from services.common.runtime.config import container_config
from services.common.runtime.telemetry import ObservedContainer
from services.common.testing import eventually

LIMIT = reader.BODY_LIMIT
TRACE = "0af7651916cd43dd8448eb211c80319c"


def first_look(environ, start_response):
    match environ["PATH_INFO"]:
        case "/live":
            start_response("200 OK", [("Content-Length", "5")])
            return [b"alive"]
        case "/stream":
            start_response("200 OK", [("Content-Type", "text/event-stream")])
            return (b"data: %d\n\n" % number for number in counted_up())
        case "/broken":
            raise KeyError("a mistake")
    return None


def counted_up():
    number = 0
    while True:
        yield number
        number += 1
        eventlet.sleep(0.01)


class Gateway:
    name = "gateway"
    gate = Event()

    @wsgi_mount(bypass=first_look)
    def handle(self, environ, start_response):
        if environ["PATH_INFO"] == "/wait":
            self.gate.wait()
        told = {
            "length": environ.get("CONTENT_LENGTH"),
            "read": len(environ["wsgi.input"].read()),
            "trace": telemetry.current_trace_id(),
        }
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(told).encode()]


@pytest.fixture
def gateway():
    Gateway.gate = Event()
    environ = {
        "PLEDGE_HTTP_ADDRESS": "127.0.0.1:0",
        "PLEDGE_MAX_WORKERS": "2",
        "PLEDGE_TRUST_TRACEPARENT": "1",
        "PLEDGE_CONNECTIONS_PER_ADDRESS": "4",
    }
    container = ObservedContainer(Gateway, container_config(environ))
    container.start()
    yield container
    container.kill()


def server_of(container):
    [server] = [each for each in container.extensions if isinstance(each, mount.MountServer)]
    return server


def connect(container):
    return closing(socket.create_connection(address_of(container), timeout=20))


def address_of(container):
    return server_of(container).address


def receive(client, until=None):
    """Return what is received until the connection ends, or until those bytes arrive."""
    got = b""
    while (until is None or until not in got) and (piece := client.recv(65536)):
        got += piece
    return got


def ask(container, head, body=b""):
    """Return the whole answer to one request on a connection of its own."""
    with connect(container) as client:
        first, *rest = head.split("\n")
        client.sendall("\r\n".join([first, "Host: x", *rest, "", ""]).encode())
        for start in range(0, len(body), 65536):
            client.sendall(body[start : start + 65536])
        return receive(client)


def told(answer):
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def test_a_request_is_handled_in_a_worker_within_its_trace(gateway):
    answer = ask(gateway, f"GET / HTTP/1.1\nConnection: close\ntraceparent: 00-{TRACE}-b7ad6b7169203331-01")

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert told(answer)["trace"] == TRACE


@pytest.mark.parametrize(
    ("header", "body", "length", "read"),
    [
        (f"Content-Length: {LIMIT}", b"x" * LIMIT, LIMIT, LIMIT),
        ("Transfer-Encoding: chunked", b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 5, 5),
    ],
    ids=["at the limit", "chunked"],
)
def test_a_body_is_handed_on_whole(gateway, header, body, length, read):
    answer = ask(gateway, f"POST / HTTP/1.1\nConnection: close\n{header}", body)

    assert told(answer)["length"] == str(length)
    assert told(answer)["read"] == read


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (f"Content-Length: {LIMIT + 1}", b"x" * (LIMIT + 1)),
        ("Content-Length: 10000000", b"x" * 10_000_000),
        ("Transfer-Encoding: chunked", b"%x\r\n" % (2 * LIMIT) + b"x" * 2 * LIMIT + b"\r\n0\r\n\r\n"),
    ],
    ids=["one too many", "far too large", "chunked and too large"],
)
def test_a_large_body_is_refused_and_the_client_is_told(gateway, header, body):
    assert problem_of(ask(gateway, f"POST / HTTP/1.1\n{header}", body)) == (413, "body_too_large")


def problem_of(answer):
    """Return (status, code) of an answer that must be one problem document, with what every answer has."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status_line, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    document = json.loads(body)
    assert status_line == f"HTTP/1.1 {document['status']} {document['title']}"
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    assert int(headers["content-length"]) == len(body)
    assert headers["x-trace-id"] == document["trace_id"]
    assert document.keys() >= {"type", "detail"}
    return document["status"], document["code"]


POST = "POST / HTTP/1.1\n"
NO_REQUESTS = [
    (POST + "Transfer-Encoding: gzip, chunked", 501, "unsupported_transfer_encoding"),
    (POST + "Transfer-Encoding: identity", 501, "unsupported_transfer_encoding"),
    (POST + "Transfer-Encoding: chunked\nTransfer-Encoding: chunked", 501, "unsupported_transfer_encoding"),
    (POST + "Transfer-Encoding: \x0bchunked", 400, "malformed_request"),
    (POST + "Content-Length: -1", 400, "bad_content_length"),
    (POST + "Content-Length: +1", 400, "bad_content_length"),
    (POST + "Content-Length: 1_0", 400, "bad_content_length"),
    (POST + "Content-Length: five", 400, "bad_content_length"),
    (POST + "Content-Length:", 400, "bad_content_length"),
    (POST + "Content-Length: 5, 6", 400, "bad_content_length"),
    (POST + "Content-Length: 5\nContent-Length: 6", 400, "bad_content_length"),
    (POST + "content-length: 6\nX: y\nContent-Length: 5", 400, "bad_content_length"),
    (POST + "Content-Length: 5\nTransfer-Encoding: chunked", 400, "ambiguous_length"),
    (POST + "Content-Length : 5", 400, "malformed_request"),
    (POST + "no header", 400, "malformed_request"),
    ("GET / HTTP/1.1\nX: " + "x" * 10000, 431, "headers_too_large"),
    ("GET / HTTP/1.1\n" + "\n".join(f"X-{i}: {'x' * 7000}" for i in range(12)), 431, "headers_too_large"),
    ("GET / HTTP/1.1\n" + "\n".join(f"X-{i}: x" for i in range(120)), 431, "headers_too_large"),
    ("GET /" + "x" * 20000 + " HTTP/1.1", 414, "address_too_long"),
    ("GET / HTTP/9.0", 505, "http_version_not_supported"),
    ("GET / HTTP/x", 400, "malformed_request"),
    ("GARBAGE", 400, "malformed_request"),
]


@pytest.mark.parametrize(
    ("head", "status", "code"), NO_REQUESTS, ids=[f"{code}-{i}" for i, (_, _, code) in enumerate(NO_REQUESTS)]
)
def test_a_malformed_request_gets_a_problem_and_a_closed_socket(gateway, head, status, code):
    assert problem_of(ask(gateway, head)) == (status, code)


@pytest.mark.parametrize(
    "smuggled", ["Content-Length: 0\nContent-Length: 33", "Content-Length: 0\nTransfer-Encoding: x"]
)
def test_bytes_after_an_unclear_end_are_never_a_request(gateway, smuggled):
    answer = ask(gateway, POST + smuggled, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

    assert answer.count(b"HTTP/1.1") == 1
    assert problem_of(answer)[0] == 400


def test_chunks_that_are_none_are_refused(gateway):
    assert problem_of(ask(gateway, POST + "Transfer-Encoding: chunked", b"xyz\r\n")) == (400, "malformed_chunk")


def test_a_refusal_has_its_own_trace_not_the_previous_one(gateway):
    traced = f"traceparent: 00-{TRACE}-b7ad6b7169203331-01"

    assert f'"trace_id":"{TRACE}"'.encode() in ask(gateway, f"{POST}{traced}\nContent-Length: -1")

    with connect(gateway) as client:
        client.sendall(f"GET / HTTP/1.1\r\nHost: x\r\n{traced}\r\n\r\n".encode())
        receive(client, until=b"}")
        client.sendall(b"GARBAGE\r\n\r\n")
        later = receive(client)
    assert problem_of(later) == (400, "malformed_request")
    assert TRACE.encode() not in later


def test_a_client_still_sending_is_told_why_it_is_refused(gateway):
    answer = ask(gateway, POST + "Content-Length: 5\nTransfer-Encoding: chunked", b"x" * 5_000_000)

    assert problem_of(answer) == (400, "ambiguous_length")


def test_a_refused_head_request_gets_no_body(gateway):
    assert ask(gateway, "HEAD / HTTP/1.1\nContent-Length: -1").endswith(b"\r\n\r\n")


def test_a_connection_is_kept_for_the_next_request(gateway):
    with connect(gateway) as client:
        for _ in range(3):
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")

            assert b'"read": 3' in receive(client, until=b"}")


def test_pieces_of_a_long_answer_do_not_wait_for_an_ack(gateway, monkeypatch):
    seen, answer = [], protocol.Connection._answer

    def look(self, request):
        seen.append(self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        return answer(self, request)

    monkeypatch.setattr(protocol.Connection, "_answer", look)
    ask(gateway, "GET / HTTP/1.1\nConnection: close")

    assert seen == [1]


def test_slow_clients_hold_no_worker_and_are_sent_away(gateway, monkeypatch):
    monkeypatch.setattr(protocol, "BODY_SECONDS", 0.5)
    slow = [socket.create_connection(address_of(gateway), timeout=20) for _ in range(3)]
    for client in slow:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    eventually(lambda: [each.state for each in server_of(gateway).connections] == [room.RECEIVING] * 3)

    assert ask(gateway, "GET / HTTP/1.1\nConnection: close").startswith(b"HTTP/1.1 200")

    for client in slow:
        assert problem_of(receive(client)) == (408, "request_timeout")
        client.close()


@pytest.mark.parametrize(("limit", "dripped"), [("HEAD_SECONDS", b"GET /"), ("HEAD_SECONDS", b"GET / HTTP/1.1\r\nX-")])
def test_a_head_that_drips_in_has_an_end(gateway, monkeypatch, limit, dripped):
    monkeypatch.setattr(protocol, limit, 0.5)

    with connect(gateway) as client:
        client.sendall(dripped)
        dripping = eventlet.spawn(drip, client)

        assert receive(client) == b""
        dripping.kill()


def test_a_connection_on_which_nothing_is_asked_has_an_end(gateway, monkeypatch):
    monkeypatch.setattr(protocol, "IDLE_SECONDS", 0.2)

    with connect(gateway) as client:
        assert receive(client) == b""


def drip(client):
    while True:
        client.sendall(b"x")
        eventlet.sleep(0.05)


def test_health_and_streams_need_no_worker(gateway):
    with connect(gateway) as first, connect(gateway) as second, connect(gateway) as stream:
        for client in (first, second):
            client.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        eventually(lambda: gateway._worker_pool.free() == 0)

        assert ask(gateway, "GET /live HTTP/1.1\nConnection: close").endswith(b"alive")
        stream.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"data: 0" in receive(stream, until=b"data: 3")

        Gateway.gate.send()
        assert receive(first).startswith(b"HTTP/1.1 200")


def test_a_mistake_in_the_bypass_is_logged_and_ends_nothing(gateway, caplog):
    assert problem_of(ask(gateway, "GET /broken HTTP/1.1\nConnection: close")) == (500, "internal")

    assert "a mistake" in caplog.text
    assert ask(gateway, "GET /live HTTP/1.1\nConnection: close").endswith(b"alive")


def test_a_request_without_a_free_worker_is_told_to_come_back(gateway, monkeypatch):
    monkeypatch.setattr(mount, "WAIT_SECONDS", 0.2)
    waiting = [eventlet.spawn(ask, gateway, "GET /wait HTTP/1.1\nConnection: close") for _ in range(2)]
    eventually(lambda: gateway._worker_pool.free() == 0)

    answer = ask(gateway, "GET / HTTP/1.1\nConnection: close")
    Gateway.gate.send()

    assert answer.startswith(b"HTTP/1.1 503")
    assert b"\r\nRetry-After: " in answer
    assert told(answer)["code"] == "service_unavailable"
    assert all(each.wait().startswith(b"HTTP/1.1 200") for each in waiting)
    assert ask(gateway, "GET / HTTP/1.1\nConnection: close").startswith(b"HTTP/1.1 200")


def test_too_many_connections_end_the_oldest_idle_one(gateway):
    with connect(gateway) as oldest, connect(gateway) as asking, connect(gateway) as third, connect(gateway) as fourth:
        asking.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        eventually(lambda: sorted(each.state for each in server_of(gateway).connections)[0] == room.ANSWERING)

        assert ask(gateway, "GET /live HTTP/1.1\nConnection: close").endswith(b"alive")

        assert receive(oldest) == b""
        third.sendall(b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"alive" in receive(third, until=b"alive")
        assert fourth.getsockname()
        Gateway.gate.send()
        assert receive(asking, until=b"}").startswith(b"HTTP/1.1 200")


def test_a_connection_beyond_all_busy_ones_is_told_so(gateway):
    with connect(gateway) as first, connect(gateway) as second, connect(gateway) as third, connect(gateway) as fourth:
        for client in (first, second, third, fourth):
            client.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
            receive(client, until=b"data: 1")

        assert problem_of(ask(gateway, "GET /live HTTP/1.1")) == (503, "service_unavailable")


def test_a_stop_ends_under_traffic_and_answers_what_it_holds(gateway):
    """nameko's server takes new requests until no worker runs: under steady traffic for ever."""
    server_of(gateway).connections.most_per_address = 100
    clients = [socket.create_connection(address_of(gateway), timeout=20) for _ in range(4)]
    steady = [eventlet.spawn(keep_asking, client) for client in clients]
    with connect(gateway) as idle, connect(gateway) as waiting, connect(gateway) as stream:
        waiting.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        stream.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"data: 9" in receive(stream, until=b"data: 9")

        stopping = eventlet.spawn(gateway.stop)

        with eventlet.Timeout(10):
            assert all(all_whole.wait() > 0 for all_whole in steady)
        assert receive(idle) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address_of(gateway))
        Gateway.gate.send()
        assert receive(waiting).startswith(b"HTTP/1.1 200")
        with eventlet.Timeout(10):
            stopping.wait()


def keep_asking(client):
    """Request after request on one connection, until the server ends it; how many whole answers there were."""
    answers = 0
    with closing(client):
        while True:
            try:
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                answer = receive(client, until=b"}")
            except OSError:
                return answers
            if not answer:
                return answers
            assert answer.startswith(b"HTTP/1.1 200")
            assert answer.endswith(b"}")
            answers += 1
            if b"Connection: close" in answer:
                return answers


def test_a_request_during_the_stop_is_told_to_come_back(gateway):
    gateway._being_killed = True

    answer = ask(gateway, "GET / HTTP/1.1\nConnection: close")

    assert problem_of(answer) == (503, "service_unavailable")
    assert b"\r\nRetry-After: " in answer
    gateway._being_killed = False
