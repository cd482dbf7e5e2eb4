"""What the clients, the bank and the harness itself saw, as it happened: the other half of the evidence."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from pathlib import Path

from services.common.basics.untyped import JsonDict

Entry = JsonDict


class Record:
    """Entries `{"what": …, …}`, kept in memory and as lines of JSON in a file; safe between threads.

    order, payment, refund, ticket, message, return, shipment, scans, correction, decision: something was acknowledged
    answer: what was asked about and what the answer was about; refusal, failure, hang: an answer no client should get
    ended: a process ended, with its code, told to or not; regular: a customer who may have several orders
    """

    def __init__(self, path: Path):
        self.entries: list[Entry] = []
        self._lock = threading.Lock()
        self._file = path.open("a", buffering=1)

    def note(self, what: str, **facts: object) -> None:
        entry = {"what": what, **facts}
        with self._lock:
            self.entries.append(entry)
            self._file.write(json.dumps(entry) + "\n")

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> list[Entry]:
    """Return the entries of a run that is over. The last line may be torn if the run was cut short."""
    lines = path.read_text().splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def of(entries: Iterable[Entry], what: str) -> list[Entry]:
    return [entry for entry in entries if entry["what"] == what]
