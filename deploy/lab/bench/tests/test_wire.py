import socket
import threading

import pytest

from deploy.lab.bench.wire import Connection, Failed


class Server:
    """Answers each request of a connection with the next of its answers; an empty one closes the connection."""

    def __init__(self, *connections):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.heard = []
        self._thread = threading.Thread(target=self._serve, args=(connections,), daemon=True)
        self._thread.start()

    def _serve(self, connections):
        for answers in connections:
            client, _ = self._listener.accept()
            for answer in answers:
                self.heard.append(client.recv(65536))
                for part in answer:
                    client.sendall(part)
            client.close()

    def close(self):
        self._thread.join(5)
        self._listener.close()


def answer(body, status="200 OK", head=""):
    return f"HTTP/1.1 {status}\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


@pytest.fixture
def serve():
    servers = []

    def start(*connections):
        servers.append(Server(*connections))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def test_requests_follow_one_another_on_one_connection(serve):
    server = serve([[answer("1")], [answer("[2]")]])
    client = Connection(server.url)

    assert client.get("/a", token="t") == 1
    assert client.post("/b", {"x": 1}, Idempotency_Key="k") == [2]

    client.close()
    assert b"Authorization: Bearer t" in server.heard[0]
    assert b"Idempotency-Key: k" in server.heard[1]
    assert server.heard[1].endswith(b'\r\n\r\n{"x":1}')


def test_an_answer_may_come_in_pieces(serve):
    whole = answer('{"a": "bcd"}')
    server = serve([[whole[:9], whole[9:40], whole[40:]]])
    client = Connection(server.url)

    assert client.get("/") == {"a": "bcd"}
    client.close()


def test_a_connection_closed_while_idle_is_opened_again(serve):
    server = serve([[answer("1")]], [[answer("2")]])
    client = Connection(server.url)

    assert client.get("/") == 1
    assert client.get("/") == 2
    client.close()


def test_a_refusal_is_raised_with_its_code_alone(serve):
    problem = '{"code": "not_delivered_yet", "trace_id": "4711"}'
    server = serve([[answer(problem, "409 Conflict")]])
    client = Connection(server.url)

    with pytest.raises(Failed) as refused:
        client.get("/")

    client.close()
    assert (refused.value.status, refused.value.code) == (409, "not_delivered_yet")
    assert str(refused.value) == "409 not_delivered_yet"


def test_a_server_that_closes_without_an_answer_is_a_failure(serve):
    server = serve([[b""]])
    client = Connection(server.url)

    with pytest.raises(ConnectionError):
        client.get("/")
