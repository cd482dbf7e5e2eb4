"""Have a document drawn by a process of its own (`draw`), one at a time, within bounds.

Nothing here blocks the gateway: it waits for the process as for any other machine. Where many wait, the last ones are
told to come back (503). What it prints is for one reader: nothing is kept.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import eventlet
from eventlet.green import subprocess
from eventlet.semaphore import Semaphore
from flask import Response, current_app, request

from gateway.documents.paper import Paper, to_json
from gateway.http.errors import Refused

log = logging.getLogger(__name__)

PROGRAM = Path(__file__).with_name("draw.py")
SECONDS = 30  # that one document may take
WAIT_SECONDS = 20  # for those before it
AT_ONCE, WAITING = 1, 6  # each that waits holds a worker of the gateway
PDF = "application/pdf"


class Printer:
    """The turns of one gateway."""

    def __init__(self) -> None:
        self._turns, self._waiting = Semaphore(AT_ONCE), 0

    def print(self, paper: Paper) -> bytes:
        """Return the document as PDF. Raise Refused (503) where too many wait, or it cannot be drawn in time."""
        with self._turn():
            return run(paper)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._waiting >= WAITING:
            raise _busy()
        self._waiting += 1
        try:
            has_turn = self._turns.acquire(timeout=WAIT_SECONDS)
        finally:
            self._waiting -= 1
        if not has_turn:
            raise _busy()
        try:
            yield
        finally:
            self._turns.release()


def pdf(name: str, paper: Paper) -> Response:
    """Answer with the document as a file of that name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    if request.method == "HEAD":
        return Response(b"", headers=headers, content_type=PDF)
    printer = cast(Printer, current_app.extensions.setdefault("printer", Printer()))
    return Response(printer.print(paper), headers=headers, content_type=PDF)


def run(paper: Paper) -> bytes:
    """Run the program on a document. Return what it draws."""
    process = subprocess.Popen(
        [sys.executable, "-I", str(PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={}, cwd="/",
    )  # fmt: skip
    drawn: bytes = b""
    problem: bytes = b""
    try:
        with eventlet.Timeout(SECONDS, False):
            drawn, problem = process.communicate(json.dumps(to_json(paper)).encode())
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()
    if process.returncode != 0 or not drawn:
        why = problem[-500:].decode("utf-8", "replace")
        log.warning("a document was not drawn to its end (%s): %s", process.returncode, why)
        raise _busy()
    return drawn


def _busy() -> Refused:
    detail = "The document could not be made just now; try again in a moment."
    return Refused(503, "service_unavailable", detail, headers={"Retry-After": "10"})
