"""The mail that tells one person of all promises whose time runs out for them (standard, section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.support.adapters.mail.letter import Mail, when
from services.support.domain import Link
from services.support.domain.ladder import AT_RISK, OVER

MOST = 30
"""Promises that one mail names; the desk shows all."""


@dataclass(frozen=True)
class RungLine:
    """One promise. late: it was kept, after its time."""

    ticket_number: str
    kind: str
    share: int
    due_at: datetime
    late: bool


def running_out(lines: Sequence[RungLine], zone: str) -> Mail:
    """Write to one person, the most pressing first. zone: in whose time the team works."""
    ordered = sorted(lines, key=lambda line: (-line.share, line.due_at, line.ticket_number))
    named = "\n".join(f"- {_said(line, zone)}" for line in ordered[:MOST])
    more = len(ordered) - MOST
    rest = f"\n- And {more} more: the desk shows them all." if more > 0 else ""
    one = len({line.ticket_number for line in lines}) == 1
    return Mail(
        f"Time runs out · {lines[0].ticket_number if one else f'{len(lines)} promises'}",
        f"time runs out, or is over, for what we have promised to customers:\n\n{named}{rest}",
        "please see to it that each of them is taken care of.",
        f"Case: {lines[0].ticket_number}" if one else "",
        Link.DESK,
    )


def _said(line: RungLine, zone: str) -> str:
    what = f"{line.kind.replace('_', ' ').capitalize()} of {line.ticket_number}"
    by = when(line.due_at, zone)
    if line.late:
        return f"{what} was kept, but late: it was due by {by}."
    if line.share == AT_RISK:
        return f"{what} is due by {by}: a quarter of the time is left."
    if line.share == OVER:
        return f"{what} was due by {by} and is not kept yet."
    return f"{what} was due by {by}, and half as much time again has passed."
