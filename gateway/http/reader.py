"""Requests from the bytes of one connection, read by llhttp (Node.js's parser) in its strict form.

    reader = Reader(body_limit)
    reader.feed(data)                   # whatever has come, in whatever pieces
    reader.whole                        # the requests that are complete, oldest first
    reader.refusal                      # why nothing after them is read, once something is wrong

llhttp refuses what two readers could read differently: a bare CR or LF, a folded header, NUL, odd chunk sizes, garbage
after a chunk, a length and chunks together, two lengths. Here is added what it leaves to its caller: one Host, versions
1.0 and 1.1 alone, chunks in 1.1 alone and no other coding, and a bound for each thing that a client can make longer:
address, header, head, body, chunk sizes and trailers, requests sent before the first is answered. After a refusal
nothing more of the connection is read. No option that makes llhttp lenient is ever set.

A body is held in memory, unless its route takes more than IN_MEMORY: then it goes to a file as it comes.
"""

from __future__ import annotations

import re
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from logging import getLogger
from typing import IO

import httptools

from services.common.runtime.uploads import StorageAway, is_full

log = getLogger(__name__)

BODY_LIMIT = 64 << 10  # bytes, where the route does not declare its own
IN_MEMORY = 4 << 20  # a body that may be larger is written to a file
LINE_LIMIT = 8190  # bytes of an address, and of one header
HEAD_LIMIT = 64 << 10
HEADERS = 100
WAITING = 16  # requests that may have come before the first of them is answered
FRAME_BYTES, FRAME_RATIO = 16 << 10, 8  # what chunk sizes and trailers may take: so many bytes, and times the body

BodyLimit = Callable[[str, str], int]
Scratch = Callable[[], IO[bytes]]
Environ = dict[str, object]

_TARGET = re.compile(rb"(?:https?://([^/?#]*))?((?:/|\?|\Z)[!-~]*)", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9._~!$&'()*+;=:\[\]%-]*")


@dataclass(eq=False)
class Refusal(Exception):
    """Why what came is no request, for a problem document."""

    status: int
    code: str
    detail: str


@dataclass(slots=True)
class Request:
    """One request. `headers` are names in lower case and values, as often as they came; `path` is still quoted.

    The body is in `file`, if there is one, and else in `body`; `size` is how many bytes it has so far.
    """

    method: str = ""
    path: str = ""
    query: str = ""
    version: str = "1.1"
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    file: IO[bytes] | None = None
    size: int = 0
    has_body: bool = False
    keeps_alive: bool = False

    def header(self, name: str) -> str:
        """Return the value of a header, all of them if it came more than once; "" if it did not come."""
        return ",".join(value for each, value in self.headers if each == name)


class Reader:
    """The reading side of one connection; see the module."""

    def __init__(
        self, body_limit: BodyLimit = lambda _method, _path: BODY_LIMIT, scratch: Scratch = tempfile.TemporaryFile
    ):
        self.whole: deque[Request] = deque()
        self.current: Request | None = None  # its head is read, its body not yet
        self.refusal: Refusal | None = None
        self.ended = False  # the client said that nothing more will come
        self._limit_of, self._limit, self._scratch = body_limit, BODY_LIMIT, scratch
        self._parser = httptools.HttpRequestParser(self)
        self._begin()

    @property
    def so_far(self) -> Request:
        """The request that is being read, as far as it is known: for its refusal."""
        if self.current is not None:
            return self.current
        method = self._parser.get_method().decode() if self._url else ""
        return Request(method, headers=_decoded(self._headers))

    @property
    def held(self) -> int:
        """Bytes of bodies that are kept here in memory."""
        return sum(len(each.body) for each in self._all())

    @property
    def filed(self) -> int:
        """Bytes of bodies that are kept here in files."""
        return sum(each.size for each in self._all() if each.file is not None)

    def close(self) -> None:
        """Let go of the files of requests that stay without an answer."""
        for each in self._all():
            if each.file is not None:
                each.file.close()

    def feed(self, data: bytes) -> None:
        """Read on. Nothing is raised: see `refusal`."""
        if self.ended or self.refusal:
            return
        self._bytes += len(data)
        upgrade: int | None = None
        try:
            self._parser.feed_data(data)
            self._check_sizes()
        except httptools.HttpParserUpgrade as wish:
            upgrade = wish.args[0]
        except Refusal as refusal:
            self.refusal = refusal
        except httptools.HttpParserError as error:
            self._refused(error)
        if upgrade is not None:
            self._read_without_upgrade(data[upgrade:])

    # what the parser calls

    def on_message_begin(self) -> None:
        if len(self.whole) >= WAITING:
            raise Refusal(400, "malformed_request", "Too many requests came before the first was answered.")

    def on_url(self, piece: bytes) -> None:
        self._url += piece
        if len(self._url) > LINE_LIMIT:
            raise Refusal(414, "address_too_long", "The address is too long.")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.current is not None:
            return  # a trailer, which was not asked for
        self._headers.append((name, value))
        size = len(name) + len(value) + 4
        self._head += size
        if size > LINE_LIMIT or self._head > HEAD_LIMIT or len(self._headers) > HEADERS:
            raise Refusal(431, "headers_too_large", "A header, or all of them together, are too large.")

    def on_headers_complete(self) -> None:
        version = self._parser.get_http_version()
        if version not in ("1.0", "1.1"):
            raise Refusal(505, "http_version_not_supported", "The versions here are HTTP/1.0 and HTTP/1.1.")
        method = self._parser.get_method().decode()
        if method == "CONNECT":
            raise Refusal(400, "malformed_request", "This is no proxy.")
        request = self.current = Request(method, version=version, headers=_decoded(self._headers))
        request.keeps_alive = self._parser.should_keep_alive()
        authority, request.path, request.query = _target(self._url)
        _settle_host(request, authority)
        self._settle_body(request)

    def on_body(self, piece: bytes) -> None:
        request = self.current
        assert request is not None
        request.size += len(piece)
        if request.size > self._limit:
            self._limit = self._limit_of(request.method, request.path)  # asked only where the usual one is too small
            if request.size > self._limit:
                raise _too_large(self._limit)
        if self._limit <= IN_MEMORY:
            request.body += piece
        else:
            self._file(request, piece)

    def on_message_complete(self) -> None:
        if self._parser.should_upgrade():
            return  # it is read again, without its wish: see `_read_without_upgrade`
        assert self.current is not None
        self.whole.append(self.current)
        self.ended = not self.current.keeps_alive
        self._begin()

    # what is ours

    def _all(self) -> Iterator[Request]:
        yield from self.whole
        if self.current is not None:
            yield self.current

    def _file(self, request: Request, piece: bytes) -> None:
        """Write a piece of a large body to its file, after the pieces before it."""
        try:
            if request.file is None:
                request.file = self._scratch()
                request.file.write(request.body)
                request.body = bytearray()
            request.file.write(piece)
        except OSError as problem:
            log.error("a body cannot be kept: %s", problem)
            if is_full(problem):
                raise Refusal(507, "storage_full", "We have no room to keep files just now; send it without.") from None
            raise Refusal(503, StorageAway.code, StorageAway.message) from None

    def _refused(self, error: httptools.HttpParserError) -> None:
        cause = error.__context__
        if isinstance(cause, Refusal):
            self.refusal = cause
        elif isinstance(error, httptools.HttpParserCallbackError) and cause is not None:
            raise cause
        elif not self.ended:  # what follows the last request belongs to none
            self.refusal = _refusal(str(error), in_body=self.current is not None)

    def _begin(self) -> None:
        self.current, self._url, self._limit = None, b"", BODY_LIMIT
        self._bytes = self._head = 0
        self._headers: list[tuple[bytes, bytes]] = []

    def _settle_body(self, request: Request) -> None:
        codings = [value.lower() for name, value in request.headers if name == "transfer-encoding"]
        if codings and request.version == "1.0":
            raise Refusal(400, "ambiguous_length", "HTTP/1.0 has no Transfer-Encoding.")
        if codings and codings != ["chunked"]:
            raise Refusal(501, "unsupported_transfer_encoding", "The only transfer encoding here is chunked.")
        length = int(request.header("content-length") or 0)
        request.has_body = bool(codings) or length > 0
        if length > self._limit:
            self._limit = self._limit_of(request.method, request.path)
            if length > self._limit:
                raise _too_large(self._limit)
        self._bytes = 0  # from here on they are the body's

    def _check_sizes(self) -> None:
        """Bound what is kept or read without being any part of a body."""
        if self.current is None:
            if self._bytes > HEAD_LIMIT:
                raise Refusal(431, "headers_too_large", "A header, or all of them together, are too large.")
        elif self._bytes - self.current.size > FRAME_BYTES + FRAME_RATIO * self.current.size:
            raise Refusal(400, "malformed_chunk", "The chunks of the body, or what follows them, are too long.")

    def _read_without_upgrade(self, rest: bytes) -> None:
        """Read a request again that asks to go on in another protocol, without its wish: we speak HTTP/1.1 alone."""
        request = self.current
        assert request is not None
        target = request.path + (f"?{request.query}" if request.query else "")
        lines = [f"{name}: {value}" for name, value in request.headers if name != "upgrade"]
        head = "\r\n".join([f"{request.method} {target} HTTP/{request.version}", *lines, "", ""])
        self._parser = httptools.HttpRequestParser(self)
        self._begin()
        self.feed(head.encode("latin-1") + rest)


def _too_large(limit: int) -> Refusal:
    """Return the refusal of a body that has more bytes than its route takes."""
    return Refusal(413, "body_too_large", f"A body may have {limit} bytes at most here.")


def environ_of(request: Request) -> Environ:
    """Return the WSGI environment of a request.

    Headers whose names have an underscore are left out: they would be taken for those with a dash.
    """
    environ: Environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _unquoted(request.path),
        "QUERY_STRING": request.query,
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
    }
    for name, value in request.headers:
        key = _key(name)
        if key is None:
            continue
        known = environ.get(key)
        environ[key] = value if known is None else f"{known},{value}"
    if request.has_body:
        environ["CONTENT_LENGTH"] = str(request.size)
    return environ


def _unquoted(path: str) -> str:
    """Return the path with its %-escapes as bytes, each a character of Latin-1, as WSGI has it."""
    if "%" not in path:
        return path
    first, *parts = path.split("%")
    return first + "".join(chr(int(part[:2], 16)) + part[2:] if _ESCAPED.match(part) else f"%{part}" for part in parts)


_ESCAPED = re.compile("[0-9A-Fa-f]{2}")


def _decoded(headers: list[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(_lower(name), value.decode("latin-1").rstrip(" \t")) for name, value in headers]


@lru_cache(1000)
def _lower(name: bytes) -> str:
    return name.decode("latin-1").lower()


@lru_cache(1000)
def _key(name: str) -> str | None:
    if "_" in name or name == "transfer-encoding":
        return None
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def _target(url: bytes) -> tuple[str | None, str, str]:
    """Return (authority, path, query) of `/path?query`, `http://host/path?query` or `*`.

    Leading slashes count as one.
    """
    if url == b"*":
        return None, "*", ""
    found = _TARGET.fullmatch(url)
    if found is None:
        raise Refusal(400, "malformed_request", "The address is not one of HTTP.")
    path, _, query = found[2].partition(b"?")
    authority = found[1].decode("latin-1") if found[1] is not None else None
    return authority, f"/{path.decode('latin-1').lstrip('/')}", query.decode("latin-1")


def _settle_host(request: Request, authority: str | None) -> None:
    """Let the request have one Host; that of an absolute address wins (RFC 9112, 3.2.2)."""
    hosts = [value for name, value in request.headers if name == "host"]
    if len(hosts) > 1 or (not hosts and request.version == "1.1"):
        raise Refusal(400, "bad_host", "Send one Host.")
    if not all(map(_HOST.fullmatch, [*hosts, authority or ""])):
        raise Refusal(400, "bad_host", "The Host is not the name of one.")
    if authority is not None:
        request.headers = [("host", authority), *(each for each in request.headers if each[0] != "host")]


def _refusal(reason: str, *, in_body: bool) -> Refusal:
    """Return the error of llhttp as one of our codes."""
    if "Transfer-Encoding" in reason and "Content-Length" in reason:
        return Refusal(400, "ambiguous_length", "Send either Content-Length or Transfer-Encoding.")
    if "Content-Length" in reason:
        return Refusal(400, "bad_content_length", "Content-Length must be one whole number.")
    if "Transfer-Encoding" in reason:
        return Refusal(501, "unsupported_transfer_encoding", "The only transfer encoding here is chunked.")
    if reason == "Invalid HTTP version":
        return Refusal(505, "http_version_not_supported", "The versions here are HTTP/1.0 and HTTP/1.1.")
    if in_body:
        return Refusal(400, "malformed_chunk", "The chunks of the body cannot be read.")
    return Refusal(400, "malformed_request", "This is no request of HTTP/1.1.")
