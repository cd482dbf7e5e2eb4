"""A mailbox on an IMAP server (RFC 3501), over TLS; in the open on this machine only, as for tests.

A mail is known by its UID. It is looked at without being marked (`BODY.PEEK`), and its size before its bytes. It is
moved by MOVE (RFC 6851) where the server can, else copied, marked as deleted and expunged.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from urllib.parse import unquote, urlsplit

from services.support.adapters.mailbox.places import ASIDE, DONE, Found, MailboxAway

TIMEOUT_SECONDS = 20
PORTS = {"imaps": 993, "imap": 143, "imap+starttls": 143}
PROBLEMS = (OSError, imaplib.IMAP4.error)
_SIZE = re.compile(rb"UID (\d+)[^)]*RFC822\.SIZE (\d+)|RFC822\.SIZE (\d+)[^)]*UID (\d+)")


class ImapBox:
    """One folder of the server, selected."""

    def __init__(self, server: imaplib.IMAP4, folder: str):
        self._server, self._folder = server, folder

    @classmethod
    @contextmanager
    def opened(cls, url: str) -> Iterator[ImapBox]:
        """Log in and select the folder. Raise MailboxAway when the server refuses or is away, here and later."""
        server: imaplib.IMAP4 | None = None
        parts = urlsplit(url)
        try:
            server = _connected(url)
            server.login(unquote(parts.username or ""), unquote(parts.password or ""))
            box = cls(server, unquote(parts.path).strip("/") or "INBOX")
            for folder in (DONE, ASIDE):
                server.create(folder)  # NO where it is there
            box._select(box._folder)
            yield box
        except PROBLEMS as problem:
            raise MailboxAway(f"{parts.scheme}://{parts.hostname}: {_said(problem)}") from problem
        finally:
            if server is not None:
                with suppress(*PROBLEMS):
                    server.logout()

    def waiting(self, limit: int) -> list[Found]:
        uids = [int(each) for each in self._uid("SEARCH", "UNDELETED")[0].split()]
        if not uids:
            return []
        wanted = ",".join(map(str, sorted(uids)[:limit]))
        found: dict[int, int] = {}
        for answer in self._uid("FETCH", wanted, "(UID RFC822.SIZE)"):
            if told := _SIZE.search(answer):
                uid, size = (told[1], told[2]) if told[1] else (told[4], told[3])
                found[int(uid)] = int(size)
        return [Found(str(uid), size) for uid, size in sorted(found.items())]

    def read(self, name: str, most: int | None = None) -> bytes:
        part = "(BODY.PEEK[])" if most is None else f"(BODY.PEEK[]<0.{most}>)"
        for answer in self._asked("FETCH", name, part):
            if isinstance(answer, tuple):
                return bytes(answer[1])
        raise FileNotFoundError(f"no mail with the UID {name}")

    def done(self, name: str) -> None:
        self._move(name, DONE)

    def aside(self, name: str) -> None:
        self._move(name, ASIDE)

    def count_aside(self) -> int:
        told = _lines(_required(self._server.status(ASIDE, "(MESSAGES)")))
        found = re.search(rb"MESSAGES (\d+)", told[0])
        return int(found[1]) if found else 0

    def forget(self, before: datetime) -> None:
        self._select(DONE)
        try:
            old = b",".join(self._uid("SEARCH", "BEFORE", f"{before:%d-%b-%Y}")[0].split()).decode()
            if old:
                self._uid("STORE", old, "+FLAGS.SILENT", r"(\Deleted)")
                _required(self._server.expunge())
        finally:
            self._select(self._folder)

    def _move(self, name: str, folder: str) -> None:
        self._uid("STORE", name, "+FLAGS.SILENT", r"(\Seen)")
        if "MOVE" in self._server.capabilities:
            self._uid("MOVE", name, folder)
            return
        self._uid("COPY", name, folder)
        self._uid("STORE", name, "+FLAGS.SILENT", r"(\Deleted)")
        _required(self._server.expunge())

    def _select(self, folder: str) -> None:
        _required(self._server.select(f'"{folder}"'))

    def _uid(self, *command: str) -> list[bytes]:
        """Return the lines that the server answers to a command about UIDs; one that is empty, if none."""
        return _lines(self._asked(*command))

    def _asked(self, *command: str) -> Sequence[object]:
        return _required(self._server.uid(*command))


def _required(answer: tuple[str, Sequence[object]]) -> Sequence[object]:
    """Return what the server answers. Raise what it refuses."""
    kind, data = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(str(data))
    return data


def _lines(answers: Sequence[object]) -> list[bytes]:
    heads = [each[0] if isinstance(each, tuple) else each for each in answers]
    return [each for each in heads if isinstance(each, bytes)] or [b""]


def _connected(url: str) -> imaplib.IMAP4:
    parts, secure = urlsplit(url), ssl.create_default_context()
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    if parts.scheme == "imaps":
        return imaplib.IMAP4_SSL(host, port, ssl_context=secure, timeout=TIMEOUT_SECONDS)
    server = imaplib.IMAP4(host, port, timeout=TIMEOUT_SECONDS)
    if parts.scheme == "imap+starttls":
        server.starttls(secure)
    return server


def _said(problem: BaseException) -> str:
    text = problem.args[0] if problem.args and isinstance(problem.args[0], bytes | str) else str(problem)
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
