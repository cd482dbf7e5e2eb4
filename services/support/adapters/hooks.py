"""A webhook on its way out: one POST to an address that was checked just before, and what came back.

The host is resolved once, each address must be one that may be reached (`domain.webhooks`), and the connection goes to
exactly those: a name that resolves otherwise a moment later changes nothing. No redirect is followed, no proxy of the
environment is used, and a reply has so many bytes and so much time in all, however slowly it comes.
"""

from __future__ import annotations

import io
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException, HTTPResponse
from time import monotonic
from typing import cast
from urllib.parse import SplitResult, urlsplit

from services.common.basics.guard import forbid_in_transaction
from services.common.runtime.parallel import within
from services.support.domain.webhooks import REPLY_KEPT, may_reach, problem_of_url

SECONDS, GRACE, MOST_BYTES = 10.0, 5.0, 65_536
NO_HOST = "its host has no address"
NOT_PUBLIC = "its host has an address that is not public"
_PORTS = {"https": 443, "http": 80}

Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True)
class Answer:
    """status and the first characters of the reply; without a status, the problem says why there is none."""

    status: int | None
    reply: str = ""
    problem: str | None = None


class Refused(Exception):
    """Nothing may be sent there; the text says why."""


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host. Raise OSError or UnicodeError.

    The look-up is eventlet's: others get on meanwhile, and one that is given up leaves no thread behind.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def addresses_of(url: str, *, here: bool, resolved: Resolve = resolve) -> list[str]:
    """Return the addresses that a URL leads to, all of them checked. Raise Refused, also if they are not told soon."""
    forbid_in_transaction("a look at where a webhook leads")
    if problem := problem_of_url(url, here=here):
        raise Refused(problem)
    parts = urlsplit(url)
    try:
        found = within(SECONDS, lambda: resolved(str(parts.hostname), _port(parts)))
    except (OSError, UnicodeError) as problem_of_name:
        raise Refused(NO_HOST) from problem_of_name
    if not found:
        raise Refused(NO_HOST)
    if not all(may_reach(each, here=here, plain=parts.scheme == "http") for each in found):
        raise Refused(NOT_PUBLIC)
    return list(found)


def post(url: str, body: str, headers: Mapping[str, str], *, here: bool, resolved: Resolve = resolve) -> Answer:
    """Send a body and return the answer. What goes wrong is told as the problem of the answer."""

    def send() -> Answer:
        return _post(url, body, headers, addresses_of(url, here=here, resolved=resolved))

    try:
        return within(SECONDS + GRACE, send)
    except Refused as refused:
        return Answer(None, problem=str(refused))
    except TimeoutError:
        return Answer(None, problem=f"no answer within {SECONDS:.0f} seconds")
    except ssl.SSLError as problem:
        return Answer(None, problem=f"TLS: {problem.reason or 'it failed'}"[:200])
    except (OSError, HTTPException, ValueError) as problem:
        return Answer(None, problem=f"no connection: {type(problem).__name__}")


def _post(url: str, body: str, headers: Mapping[str, str], addresses: Sequence[str]) -> Answer:
    ends = monotonic() + SECONDS
    with _connected(urlsplit(url), addresses, ends) as connection:
        connection.sendall(_request(urlsplit(url), body.encode(), headers))
        return _answer(connection, ends)


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]


def _connected(parts: SplitResult, addresses: Sequence[str], ends: float) -> socket.socket:
    """Connect to the first of the addresses that takes us."""
    failed: OSError = TimeoutError()
    for address in addresses:
        try:
            plain = socket.create_connection((address, _port(parts)), timeout=_left(ends))
        except OSError as problem:
            failed = problem
            continue
        return plain if parts.scheme == "http" else _secured(plain, str(parts.hostname), ends)
    raise failed


def _secured(plain: socket.socket, host: str, ends: float) -> socket.socket:
    """Return the connection with TLS, once the other side has shown that it is that host. Close it if it does not."""
    connection = plain
    try:
        connection = _trusting().wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
        connection.settimeout(_left(ends))
        connection.do_handshake()
    except BaseException:
        connection.close()
        raise
    return connection


@cache
def _trusting() -> ssl.SSLContext:
    return ssl.create_default_context()


def _request(parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> bytes:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    told = {"host": parts.netloc, **headers, "content-length": str(len(body)), "connection": "close"}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
    return "\r\n".join(lines).encode("ascii") + body


def _left(ends: float) -> float:
    """Return how many seconds are left. Raise TimeoutError if none are."""
    left = ends - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _answer(connection: socket.socket, ends: float) -> Answer:
    response = HTTPResponse(cast(socket.socket, _Bounded(connection, ends)), method="POST")
    response.begin()
    try:
        begun = response.read(REPLY_KEPT * 4)
    except (OSError, HTTPException, ValueError):
        begun = b""  # what it answered is known
    text = "".join(each if each.isprintable() else " " for each in begun.decode("utf-8", "replace"))
    return Answer(response.status, text[:REPLY_KEPT])


class _Bounded(io.RawIOBase):
    """What a connection says, up to so many bytes and until so late."""

    def __init__(self, connection: socket.socket, ends: float):
        self._connection, self._ends, self._left = connection, ends, MOST_BYTES

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return what is read of, as HTTPResponse asks a socket for it."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        if self._left <= 0:
            raise ValueError("too much")
        self._connection.settimeout(_left(self._ends))
        number = self._connection.recv_into(cast(bytearray, buffer), 0)
        self._left -= number
        return number
