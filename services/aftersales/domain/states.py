"""The states of a return and the steps between them. Every step that is not in the table is refused."""

from __future__ import annotations

from collections.abc import Mapping

from services.aftersales.api.statuses import ReturnStatus

S = ReturnStatus
TRANSITIONS: Mapping[ReturnStatus, frozenset[ReturnStatus]] = {
    S.REQUESTED: frozenset({S.NEEDS_INFO, S.AUTHORIZED, S.REJECTED, S.WITHDRAWN}),
    S.NEEDS_INFO: frozenset({S.REQUESTED, S.WITHDRAWN}),
    S.AUTHORIZED: frozenset({S.IN_TRANSIT, S.WITHDRAWN, S.LAPSED}),
    S.IN_TRANSIT: frozenset({S.RECEIVED, S.REFUND_DUE, S.EXCHANGE_DUE}),
    S.RECEIVED: frozenset({S.INSPECTED}),
    # from here on, the rest of a return that comes in several parcels leads back to `received`
    S.INSPECTED: frozenset({S.REFUND_DUE, S.EXCHANGE_DUE, S.REFUNDED, S.IN_TRANSIT, S.RECEIVED, S.CLOSED}),
    S.REFUND_DUE: frozenset({S.REFUNDED, S.RECEIVED, S.INSPECTED}),
    S.EXCHANGE_DUE: frozenset({S.REFUND_DUE, S.RECEIVED, S.INSPECTED}),
    # to `refund_due` when the bank takes back that it paid; to `exchange_due` when a delivery is taken back
    S.REFUNDED: frozenset({S.CLOSED, S.IN_TRANSIT, S.RECEIVED, S.REFUND_DUE, S.EXCHANGE_DUE}),
    S.REJECTED: frozenset({S.APPEALED, S.REJECTED_FINAL}),
    S.APPEALED: frozenset({S.AUTHORIZED, S.REJECTED_FINAL}),
    S.LAPSED: frozenset({S.AUTHORIZED}),
    S.CLOSED: frozenset({S.REFUND_DUE, S.EXCHANGE_DUE}),
    S.REJECTED_FINAL: frozenset(),
    S.WITHDRAWN: frozenset(),
}
LETTING_GO = frozenset({S.WITHDRAWN, S.LAPSED, S.REJECTED_FINAL})
"""States in which the pieces are free for another return."""
