"""Where a return stands, from its pieces and its claims: the state that follows, and how its pieces are told of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from services.aftersales.api import events
from services.aftersales.api.statuses import ReturnStatus
from services.aftersales.domain.units import RefundClaim, ReturnUnit

S = ReturnStatus


def following(status: ReturnStatus, units: Sequence[ReturnUnit], claims: Iterable[RefundClaim]) -> ReturnStatus | None:
    """Return the state into which goods and money take the return by themselves; None when it stands where it is.

    What is contested, or has to go back to the customer, holds it in `inspected`; money that is due is shown first,
    then what is on its way to the customer in exchange.
    """
    unsettled = any(not claim.settled for claim in claims)
    waits = any(unit.contested or unit.to_send_back for unit in units)
    ended = all(unit.ended for unit in units)
    exchanging = any(unit.exchanging for unit in units)
    match status:
        case S.RECEIVED if not any(unit.unjudged for unit in units):
            return S.INSPECTED
        case S.INSPECTED | S.IN_TRANSIT | S.REFUNDED | S.CLOSED if unsettled:
            return S.REFUND_DUE
        case S.EXCHANGE_DUE if unsettled:
            return S.REFUND_DUE
        case S.INSPECTED | S.IN_TRANSIT | S.REFUNDED | S.CLOSED if exchanging:
            return S.EXCHANGE_DUE
        case S.EXCHANGE_DUE if not exchanging:
            return S.INSPECTED
        case S.REFUND_DUE if not unsettled:
            return S.INSPECTED if waits or exchanging else S.REFUNDED
        case S.INSPECTED if waits:
            return None
        case S.INSPECTED if any(unit.accepted for unit in units):
            return S.REFUNDED
        case S.INSPECTED | S.REFUNDED if ended:
            return S.CLOSED
        case S.INSPECTED | S.REFUNDED if any(unit.awaited for unit in units):
            return S.IN_TRANSIT
    return None


def named_units(units: Iterable[ReturnUnit]) -> tuple[events.NamedUnit, ...]:
    return tuple(events.NamedUnit(unit.line_id, unit.unit, unit.sku) for unit in units)


def judged_units(units: Iterable[ReturnUnit]) -> tuple[events.JudgedUnit, ...]:
    """Return what was found for pieces that have an outcome, with the evidence."""
    return tuple(
        events.JudgedUnit(
            unit.line_id, unit.unit, unit.sku, unit.outcome, unit.ground, unit.note, tuple(unit.evidence or ())
        )
        for unit in units
        if unit.outcome is not None
    )


def disposed_units(units: Iterable[ReturnUnit]) -> tuple[events.DisposedUnits, ...]:
    """Count pieces by SKU and by what became of them."""
    counted: dict[tuple[str, str], events.DisposedUnits] = {}
    for unit in units:
        assert unit.disposition is not None
        key = unit.sku, unit.disposition.value
        number = counted[key].quantity + 1 if key in counted else 1
        counted[key] = events.DisposedUnits(unit.sku, number, unit.disposition)
    return tuple(counted.values())


def by_ground(units: Iterable[ReturnUnit]) -> list[list[ReturnUnit]]:
    """Group rejected pieces that share their ground, their words and what becomes of the goods."""

    def key(unit: ReturnUnit) -> tuple[str, str, bool]:
        return str(unit.ground), unit.note, unit.to_send_back

    return [list(group) for _, group in groupby(sorted(units, key=key), key)]
