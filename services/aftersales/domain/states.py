"""The states of a return and the steps between them. Every step that is not in the table is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from services.common.basics.errors import Conflict


class ReturnStatus(StrEnum):
    REQUESTED = "requested"
    NEEDS_INFO = "needs_info"
    AUTHORIZED = "authorized"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    INSPECTED = "inspected"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"
    CLOSED = "closed"
    REJECTED = "rejected"
    APPEALED = "appealed"
    REJECTED_FINAL = "rejected_final"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


S = ReturnStatus
TRANSITIONS: Mapping[ReturnStatus, frozenset[ReturnStatus]] = {
    S.REQUESTED: frozenset({S.NEEDS_INFO, S.AUTHORIZED, S.REJECTED, S.WITHDRAWN}),
    S.NEEDS_INFO: frozenset({S.REQUESTED, S.WITHDRAWN}),
    S.AUTHORIZED: frozenset({S.IN_TRANSIT, S.WITHDRAWN, S.LAPSED}),
    S.IN_TRANSIT: frozenset({S.RECEIVED}),
    S.RECEIVED: frozenset({S.INSPECTED}),
    # from here on, the rest of a return that comes in several parcels leads back to `received`
    S.INSPECTED: frozenset({S.REFUND_DUE, S.REFUNDED, S.IN_TRANSIT, S.RECEIVED}),
    S.REFUND_DUE: frozenset({S.REFUNDED, S.RECEIVED}),
    S.REFUNDED: frozenset({S.CLOSED, S.IN_TRANSIT, S.RECEIVED}),
    S.REJECTED: frozenset({S.APPEALED}),
    S.APPEALED: frozenset({S.AUTHORIZED, S.REJECTED_FINAL}),
    S.LAPSED: frozenset({S.AUTHORIZED}),
    S.CLOSED: frozenset(),
    S.REJECTED_FINAL: frozenset(),
    S.WITHDRAWN: frozenset(),
}
LETTING_GO = frozenset({S.WITHDRAWN, S.LAPSED, S.REJECTED_FINAL})
"""States in which the pieces are free for another return."""


class WrongStatus(Conflict):
    """The return is not in a state in which this can be done."""

    code = "wrong_status"
    message = "The return is not in a state in which this can be done."
