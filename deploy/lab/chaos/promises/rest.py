"""When the faults are over, everything comes to rest, and nothing was given up."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.lab.chaos.evidence import Evidence
from services import SERVICES


def everything_came_to_rest(evidence: Evidence) -> Iterator[str]:
    """Outboxes, queues and inboxes are empty, every refund is settled, every mail is sent."""
    for name, count in sorted(evidence.unsettled().items()):
        yield f"{name}: {count}"


def no_dead_letters(evidence: Evidence) -> Iterator[str]:
    """No event was given up; each that was is listed with its cause."""
    for service in SERVICES:
        for row in evidence.rows(service, "inbox"):
            if row["dead_at"] is not None:
                yield f"{service}.{row['handler']} {row['event_id']}: {row['error']}"
