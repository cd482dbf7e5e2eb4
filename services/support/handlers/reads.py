"""Reads of personal data by staff: recorded as the gateway tells them, listed for admins, dropped after a year.

A read is recorded before its answer leaves, so a killed process has shown nothing that is not recorded. The same read
told twice is one. Nothing changes a record; `PLEDGE_READS_KEPT_DAYS` says after how many days it goes.
"""

from __future__ import annotations

from datetime import timedelta

from services.common.basics.clock import rfc3339
from services.common.basics.shapes import Page
from services.support.api import Accepted, ListReads, ReadView, RecordRead
from services.support.domain import StaffRead
from services.support.repository import Work


def record_read(work: Work, read: RecordRead) -> Accepted:
    """Record a read of the caller, unless it was."""
    caller = work.caller
    work.reads.add(
        StaffRead(read.id, caller.email or caller.actor, read.operation, read.reason, read.read_at, caller.trace_id),
        read.subjects,
    )
    return {}


def list_reads(work: Work, query: ListReads) -> Page[ReadView]:
    """List reads, the newest first."""
    found = work.reads.page(query)
    subjects = work.reads.subjects_of(read.id for read in found["items"])
    shown: list[ReadView] = [
        {
            "id": read.id,
            "email": read.email,
            "operation": read.operation,
            "subjects": subjects.get(read.id, []),
            "reason": read.reason,
            "read_at": rfc3339(read.read_at),
            "trace_id": read.trace_id,
        }
        for read in found["items"]
    ]
    return {"items": shown, "next_cursor": found["next_cursor"]}


def forget_reads(work: Work) -> None:
    """Drop what has been kept long enough."""
    work.reads.forget(work.now - timedelta(days=work.settings.reads_kept_days))
