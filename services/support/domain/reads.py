"""One read of personal data by a member of staff. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass
class StaffRead:
    """Who read, by which operation, and why if they said so; what was shown stands in rows of its own."""

    id: str
    email: str
    operation: str
    reason: str | None
    read_at: datetime
    trace_id: str
