"""A light HTTP/1.1 client on a plain socket: the load generator must not be what is measured.

One connection, kept open; one request at a time. Answers must have a Content-Length, as ours and nameko's have.
"""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import orjson

SECONDS = 30.0


class Failed(Exception):
    """An answer that is not a success: its status and the beginning of its body."""

    def __init__(self, status: int, text: str):
        self.status, self.text = status, text
        super().__init__(f"{status} {self.code or text[:200]}")  # without what differs each time, so that it adds up

    @property
    def code(self) -> str:
        """The problem document's code, if there is one."""
        try:
            return str(orjson.loads(self.text).get("code", ""))
        except (ValueError, AttributeError):
            return ""


class Connection:
    """Requests to one address; opened when first used, and again when the other side closed it meanwhile."""

    def __init__(self, url: str):
        place = urlsplit(url)
        self._address = (place.hostname or "127.0.0.1", place.port or 80)
        self._socket: socket.socket | None = None
        self._buffer = b""
        self.head = b""
        """The head of the last answer."""

    def get(self, path: str, token: str = "") -> Any:
        return self.ask("GET", path, token=token)

    def post(self, path: str, body: object, token: str = "", **headers: str) -> Any:
        """Send a POST with a JSON body (bytes are sent as they are). headers: by name, with _ for -."""
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.ask("POST", path, raw, token, headers)

    def ask(
        self, method: str, path: str, body: bytes = b"", token: str = "", headers: dict[str, str] | None = None
    ) -> object:
        """Return the decoded JSON of a success. Raise Failed otherwise, OSError if there is no answer at all."""
        head = [f"{method} {path} HTTP/1.1", f"Host: {self._address[0]}:{self._address[1]}"]
        if token:
            head.append(f"Authorization: Bearer {token}")
        if method != "GET":
            head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        head += [f"{name.replace('_', '-')}: {value}" for name, value in (headers or {}).items()]
        status, answer = self._exchange("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        if status >= 300:
            raise Failed(status, answer[:600].decode("utf-8", "replace"))
        return orjson.loads(answer) if answer else None

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._buffer = None, b""

    def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._socket is not None:
            try:
                self._socket.sendall(request)
                return self._answer()
            except (ConnectionError, EOFError):
                self.close()  # it was idle too long for the other side: nothing of this request was taken
        self._socket = socket.create_connection(self._address, timeout=SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket.sendall(request)
            return self._answer()
        except EOFError as gone:
            self.close()
            raise ConnectionError("closed before the answer") from gone

    def _answer(self) -> tuple[int, bytes]:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._fill()
        self.head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
        head = self.head.lower()
        status = int(head[9:12])
        _, found, rest = head.partition(b"content-length:")
        length = int(rest.partition(b"\r\n")[0]) if found else 0
        while len(self._buffer) < length:
            self._fill()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        if b"connection: close" in head:
            self.close()
        return status, body

    def _fill(self) -> None:
        assert self._socket is not None
        data = self._socket.recv(65536)
        if not data:
            raise EOFError
        self._buffer += data
