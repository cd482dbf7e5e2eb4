"""HTTP on one connection: eventlet's, with limits on time and size, and a problem document for what is no request.

Nothing here is the application's: a request that gets through has a head that everybody reads alike and a body that
is there as a whole. Where two readers could differ on where a request ends (two lengths, a length and chunks, a header
that is none), a proxy in front of us could be made to see other requests than we do: it is refused, and the connection
closed.
"""

from __future__ import annotations

import http
import re
import socket
from email.errors import FirstHeaderLineIsContinuationDefect, InvalidHeaderDefect, MissingHeaderBodySeparatorDefect
from http.client import HTTPMessage
from io import BytesIO
from typing import Any

import eventlet
from eventlet import wsgi

from gateway.http import errors
from services.common.runtime.telemetry import trace_id_of

IDLE_SECONDS = 75  # an idle connection is kept that long; more than the 60 s of the usual proxies in front
HEAD_SECONDS = 15  # from the first line to the end of the headers
BODY_SECONDS = 30
LINGER_SECONDS = 2  # for a client that still sends to hear why it is refused
DISCARD_LIMIT = 16 << 20  # of a body that is too large: read and dropped, so that the client hears the refusal

NO_HEADER = (FirstHeaderLineIsContinuationDefect, InvalidHeaderDefect, MissingHeaderBodySeparatorDefect)
CODES = {431: "headers_too_large", 505: "http_version_not_supported"}
LINE_LIMIT, HEADER_LIMIT, END_OF_HEAD = 65537, 100, (b"\r\n", b"\n", b"")  # as the standard library has them
_LENGTH = re.compile(r"[0-9]{1,18}")
_REQUEST = re.compile(rb"([A-Z]+) (/(?!/)[!-~]*) HTTP/1\.1\r\n")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([ -~\t]*)\r\n")


class Protocol(wsgi.HttpProtocol):
    """One connection; refusals are written here, not by eventlet, whose own have no body."""

    rfile: Any

    def setup(self) -> None:
        super().setup()
        # an answer longer than the buffer leaves in two pieces: the second must not wait until the first is acked
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _read_request_line(self) -> bytes:
        self.headers, self.command = HTTPMessage(), ""  # those of the request before are nobody's any more
        line: bytes = b""
        with eventlet.Timeout(IDLE_SECONDS, False):
            line = super()._read_request_line()
        if len(line) >= self.server.url_length_limit:
            self._refuse(414, "address_too_long", "The address is too long.")
            return b""
        return line

    def parse_request(self) -> bool:
        parsed: bool = False
        with eventlet.Timeout(HEAD_SECONDS, False):
            parsed = self._parse_head()
        if not parsed:
            self.close_connection = 1
        return parsed

    def _parse_head(self) -> bool:
        try:
            if not (self._read_plain_head() or super().parse_request()):
                return False
        except (wsgi.HeaderLineTooLong, wsgi.HeadersTooLarge):
            self._refuse(431, "headers_too_large", "A header, or all of them together, are too large.")
            return False
        lengths, codings = self._values_of("Content-Length"), self._values_of("Transfer-Encoding")
        if any(isinstance(defect, NO_HEADER) for defect in self.headers.defects):
            self._refuse(400, "malformed_request", "A line among the headers is no header.")
        elif len({*lengths}) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
            self._refuse(400, "bad_content_length", "Content-Length must be one whole number.")
        elif lengths and codings:
            self._refuse(400, "ambiguous_length", "Send either Content-Length or Transfer-Encoding.")
        elif codings and [coding.lower() for coding in codings] != ["chunked"]:
            self._refuse(501, "unsupported_transfer_encoding", "The only transfer encoding here is chunked.")
        else:
            return True
        return False

    def _read_plain_head(self) -> bool:
        """Read a head such as clients send: whole lines in ASCII, none folded, names that are tokens.

        That takes a tenth of what the standard library takes, which reads the head as that of a mail. Of any other head
        False is said, and the lines are there to be read again by the library, whose refusals hold.
        """
        request = _REQUEST.fullmatch(self.raw_requestline)
        if not request:
            return False
        lines = [self.rfile.readline(LINE_LIMIT)]
        while lines[-1] not in END_OF_HEAD and len(lines) <= HEADER_LIMIT:
            lines.append(self.rfile.readline(LINE_LIMIT))
        found = [header for line in lines[:-1] if (header := _HEADER.fullmatch(line))]
        if lines[-1] != b"\r\n" or len(found) < len(lines) - 1 or len(lines) > HEADER_LIMIT:
            self.rfile = BytesIO(b"".join(lines))
            return False
        self.command, self.path, self.request_version = request[1].decode(), request[2].decode(), "HTTP/1.1"
        self.requestline = self.raw_requestline.decode().rstrip()
        for header in found:
            self.headers.set_raw(header[1].decode(), header[2].decode())
        self.close_connection = self.headers.get("Connection", "").lower() == "close"
        return True

    def _values_of(self, name: str) -> list[str]:
        return [value.strip(" \t") for value in self.headers.get_all(name, [])]

    def handle_one_response(self) -> None:
        self.environ["gateway.connection"] = self.connection
        try:
            whole = self._take_body()
        except wsgi.ChunkReadError:
            self._refuse(400, "malformed_chunk", "The chunks of the body cannot be read.")
            return
        if whole:
            super().handle_one_response()
        else:
            self._refuse(408, "request_timeout", f"The body was not here within {BODY_SECONDS} seconds.")

    def _take_body(self) -> bool:
        """Read the whole body off the connection, within limits; False when the client was too slow or went away."""
        source, limit = self.environ["eventlet.input"], self.server.body_limit
        promised = source.content_length or 0
        if not promised and not source.chunked_input:
            return True
        try:
            with eventlet.Timeout(BODY_SECONDS):
                body = _read(source, limit + 1) if promised <= limit else b""
                if too_large := max(promised, len(body)) > limit:
                    self.close_connection = 1
                    _discard(source, DISCARD_LIMIT)
        except (eventlet.Timeout, OSError):
            return False
        self.environ.pop("HTTP_TRANSFER_ENCODING", None)
        self.environ["CONTENT_LENGTH"] = str(max(promised, limit + 1) if too_large else len(body))
        self.environ["wsgi.input"] = BytesIO(b"" if too_large else body)
        return too_large or len(body) >= promised

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library refuses; its texts repeat what was sent, so they are not passed on."""
        self._refuse(code, CODES.get(code, "malformed_request"), f"{http.HTTPStatus(code).description}.")

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Write a problem document and end the connection, in a way that lets the client read it first."""
        self.close_connection = 1
        trace_id = trace_id_of({"HTTP_TRACEPARENT": self.headers.get("traceparent", "")})
        headers, body = errors.plain(status, code, detail, trace_id, self.headers.get("Accept", ""))
        lines = [f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode() + (b"" if self.command == "HEAD" else body))
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        with eventlet.Timeout(LINGER_SECONDS, False):  # closed with anything unread, the answer could be lost
            while self.connection.recv(1 << 16):
                pass


def _discard(source: Any, limit: int) -> None:
    while limit > 0 and (piece := source.read(1 << 16)):
        limit -= len(piece)


def _read(source: Any, limit: int) -> bytes:
    """Up to `limit` bytes; less at the end of the body."""
    pieces: list[bytes] = []
    while limit > 0 and (piece := source.read(min(limit, 1 << 16))):
        pieces.append(piece)
        limit -= len(piece)
    return b"".join(pieces)
