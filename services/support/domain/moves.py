"""Which status may follow which (standard, section 1)."""

from __future__ import annotations

from collections.abc import Mapping

from services.support.api.statuses import TicketStatus as _S

IN_WORK = frozenset({_S.NEW, _S.OPEN, _S.WAITING_CUSTOMER, _S.WAITING_INTERNAL, _S.VERIFYING})
"""Somebody still has something to do; the others are done."""
_ENDS = (_S.RESOLVED, _S.SPAM, _S.MERGED)

MOVES: Mapping[_S, frozenset[_S]] = {
    _S.NEW: frozenset({_S.OPEN, _S.WAITING_CUSTOMER, _S.WAITING_INTERNAL, _S.VERIFYING, _S.SPAM, _S.MERGED}),
    _S.OPEN: frozenset({_S.WAITING_CUSTOMER, _S.WAITING_INTERNAL, _S.VERIFYING, *_ENDS}),
    _S.WAITING_CUSTOMER: frozenset({_S.OPEN, _S.WAITING_INTERNAL, _S.VERIFYING, *_ENDS}),
    _S.WAITING_INTERNAL: frozenset({_S.OPEN, _S.WAITING_CUSTOMER, _S.VERIFYING, *_ENDS}),
    _S.VERIFYING: frozenset({_S.OPEN, _S.WAITING_CUSTOMER, _S.SPAM}),
    _S.RESOLVED: frozenset({_S.OPEN, _S.CLOSED, _S.SPAM, _S.MERGED}),
    _S.CLOSED: frozenset({_S.OPEN, _S.SPAM, _S.MERGED}),
    _S.SPAM: frozenset({*IN_WORK, _S.RESOLVED, _S.CLOSED}),
    _S.QUARANTINED: frozenset({_S.NEW, _S.SPAM}),
    _S.MERGED: frozenset({*IN_WORK - {_S.VERIFYING}, _S.RESOLVED, _S.CLOSED}),
}
"""Every allowed move; out of `spam` and `merged` it goes back to where it came from."""
