"""A journal entry on its way to a follower: the envelope that travels, and what a handler is given."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime

from services.common.basics.clock import parse_rfc3339
from services.common.basics.untyped import Fields

_ID = re.compile(r"[0-9A-Za-z-]{1,36}")
_STORED = ("id", "type", "version", "subject", "subject_seq", "order_number", "occurred_at", "actor", "trace_id")


@dataclass(frozen=True)
class Message:
    """One event for one handler.

    id names the journal entry and is the same for every delivery; subject_seq counts the entries of a subject's
    chain, so that a projection can refuse to go back. `body` is the event's own fields, as its contract shows them.
    """

    id: str
    service: str
    type: str
    version: int
    subject: str
    subject_seq: int
    order_number: str | None
    occurred_at: datetime
    actor: str
    trace_id: str
    body: Fields
    handler: str = ""

    @classmethod
    def of_entry(cls, service: str, row: Fields) -> Message:
        """Make the message of a journal's row as it is stored: what is personal in it is sealed."""
        own = {name: row[name] for name in _STORED}
        return cls(service=service, body=json.loads(row["body"]), **own)

    @classmethod
    def read(cls, envelope: Fields, handler: str = "") -> Message:
        """Read a message from the JSON on the wire.

        Ignore extra keys. Raise KeyError, TypeError or ValueError if it is not ours.
        """
        if not _ID.fullmatch(envelope["id"]):
            raise ValueError("not an entry's id")
        return cls(
            id=str(envelope["id"]),
            service=str(envelope["service"]),
            type=str(envelope["type"]),
            version=int(envelope["version"]),
            subject=str(envelope["subject"]),
            subject_seq=int(envelope["subject_seq"]),
            order_number=envelope.get("order_number"),
            occurred_at=parse_rfc3339(envelope["occurred_at"]),
            actor=str(envelope.get("actor", "")),
            trace_id=str(envelope.get("trace_id", "")),
            body=dict(envelope["body"]),
            handler=handler,
        )
