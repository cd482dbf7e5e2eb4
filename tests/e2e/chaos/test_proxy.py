"""The proxy of the fault harness: what it does to a connection is what a network may do to it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from deploy.lab.chaos.proxy import Proxies, ProxyPort


@pytest.fixture
def link() -> Iterator[ProxyPort]:
    """Yield a link to a server that returns all it receives."""
    proxies, server = Proxies(), socket.create_server(("127.0.0.1", 0))
    accepting = threading.Thread(target=_accept, args=(server,))
    accepting.start()
    yield proxies.link(server.getsockname()[1])
    proxies.close()
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    accepting.join()


def test_what_is_sent_comes_through_both_ways(link: ProxyPort) -> None:
    with connected(link) as client:
        assert said_back(client, b"hello")


def test_a_cut_breaks_connections_and_lets_new_ones_through(link: ProxyPort) -> None:
    with connected(link) as client:
        assert said_back(client, b"hello")

        link.cut()

        assert is_broken(client)
    with connected(link) as client:
        assert said_back(client, b"again")


def test_refusing_blocks_every_connection_until_it_heals(link: ProxyPort) -> None:
    link.refuse()
    with connected(link) as client:
        assert is_broken(client)

    link.heal()

    with connected(link) as client:
        assert said_back(client, b"hello")


def test_a_silent_connection_stays_open_until_it_heals(link: ProxyPort) -> None:
    with connected(link) as client:
        assert said_back(client, b"hello")
        link.silence()
        client.settimeout(0.3)
        client.sendall(b"anybody there?")

        with pytest.raises(TimeoutError):
            client.recv(100)
        link.heal()

        client.settimeout(10)
        assert is_broken(client)


def connected(link: ProxyPort) -> socket.socket:
    return socket.create_connection(("127.0.0.1", link.port), timeout=10)


def said_back(client: socket.socket, data: bytes) -> bool:
    client.sendall(data)
    return client.recv(100) == data


def is_broken(client: socket.socket) -> bool:
    try:
        return client.recv(100) == b""
    except ConnectionResetError:
        return True


def _accept(server: socket.socket) -> None:
    """Accept one client after the other until the server is shut down."""
    threads = []
    try:
        while True:
            client, _ = server.accept()
            threads.append(threading.Thread(target=_echo, args=(client,)))
            threads[-1].start()
    except OSError:
        for thread in threads:
            thread.join()


def _echo(client: socket.socket) -> None:
    with client:
        try:
            while data := client.recv(100):
                client.sendall(data)
        except OSError:
            pass  # it was cut: that is what is tested
