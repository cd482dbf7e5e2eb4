"""What the after-sales team does with the goods of a return: receipt, inspection, second look, and where they go then.

An inspection that leaves something to a second person, and the second look itself, lock the order: what one person may
pay out alone is counted over all returns of the order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.aftersales.api.events import RefundClaimed, ReturnEvent
from services.aftersales.api.pieces import (
    DisposeReturn,
    Found,
    InspectedPieces,
    LookedAtPieces,
    Pieces,
    SendBack,
    TakeSecondLook,
)
from services.aftersales.api.returns import InspectReturn, ReceiveReturn
from services.aftersales.api.statuses import Outcome, ReturnStatus
from services.aftersales.domain import Finding, Receipt, Return
from services.aftersales.domain.units import Chosen
from services.aftersales.handlers.clocks import clock_claims, keep_clocks
from services.aftersales.handlers.files import name_files
from services.aftersales.handlers.returns import of_staff, record, take_back
from services.aftersales.repository import Work
from services.common.basics.money import ZERO, Money


def receive_return(work: Work, number: str, receipt: ReceiveReturn) -> Return:
    """Record what arrived and how; the time to verify it runs from now."""
    item = of_staff(work, number, receipt.version)
    if item.status is ReturnStatus.LAPSED:
        take_back(work, item)
    receipts = [
        Receipt(piece.condition, piece.line_id, piece.unit, piece.sku, piece.quantity or 1)
        for piece in (*receipt.units, *receipt.lines)
    ]
    record(work, item, item.receive(receipts, work.caller.actor, work.now))
    keep_clocks(work, item)
    return item


def inspect_return(work: Work, number: str, inspection: InspectReturn) -> Return:
    """Judge what arrived; what is accepted is claimed from the payment ledger, and its time runs from now."""
    item = of_staff(work, number, inspection.version)
    findings = _findings((*inspection.units, *inspection.lines))
    alone = left_alone(work, item)
    paid_back = work.orders.paid_back(item.order_number)
    conclude(work, item, item.inspect(findings, work.caller.actor, work.now, paid_back, alone))
    name_files(work, item, *(finding.evidence for finding in findings))
    return item


def take_second_look(work: Work, number: str, look: TakeSecondLook) -> Return:
    """Decide what an inspection left to a second person, or what the customer appealed."""
    item = of_staff(work, number, look.version)
    findings = _findings((*look.units, *look.lines))
    alone = left_alone(work, item)
    paid_back = work.orders.paid_back(item.order_number)
    by, appeal_by = work.caller.actor, work.settings.rules.appeal_by(work.now, item.zone)
    conclude(work, item, item.look_again(findings, by, work.now, appeal_by, paid_back, alone))
    name_files(work, item, *(finding.evidence for finding in findings))
    return item


def dispose_return(work: Work, number: str, disposal: DisposeReturn) -> Return:
    """Record what becomes of accepted pieces; the stock ledger is told."""
    item = of_staff(work, number, disposal.version)
    pieces = [(_chosen(piece), piece.disposition) for piece in (*disposal.units, *disposal.lines)]
    record(work, item, item.dispose(pieces, work.caller.actor, work.now))
    return item


def send_back(work: Work, number: str, sent: SendBack) -> Return:
    """Record that rejected goods are on their way back to the customer."""
    item = of_staff(work, number, sent.version)
    pieces = [_chosen(piece) for piece in (*sent.units, *sent.lines)]
    by, now = work.caller.actor, work.now
    record(work, item, *item.send_back(pieces, sent.carrier, sent.tracking_number, by, now))
    keep_clocks(work, item)
    return item


def expire_appeals(work: Work) -> None:
    """Let rejections stand that were not appealed in time."""
    for item in work.returns.unappealed(work.now):
        happened = item.expire_appeal(work.now)
        if happened:
            record(work, item, *happened)
            keep_clocks(work, item)


def conclude(work: Work, item: Return, happened: Iterable[ReturnEvent]) -> None:
    """Write down what happened; what is claimed gets its clock, and the others say what is true now."""
    happened = list(happened)
    record(work, item, *happened)
    claimed = {(unit.line_id, unit.unit) for told in happened if isinstance(told, RefundClaimed) for unit in told.units}
    clock_claims(work, item, [unit for unit in item.units if unit.key in claimed])
    keep_clocks(work, item)


def left_alone(work: Work, item: Return) -> Money:
    """Lock the order; return what one person may still pay out on it alone."""
    work.orders.lock(item.order_number)
    return max(work.settings.rules.alone - work.returns.paid_alone(item.order_number), ZERO)


def _findings(pieces: Sequence[InspectedPieces | LookedAtPieces]) -> list[Finding]:
    return [_finding(piece, piece.outcome) for piece in pieces]


def _finding(piece: Found, outcome: Outcome) -> Finding:
    return Finding(
        outcome, piece.note, piece.line_id, piece.unit, piece.sku, piece.quantity or 1, piece.ground, piece.evidence
    )


def _chosen(piece: Pieces) -> Chosen:
    return Chosen(piece.line_id, piece.unit, piece.sku, piece.quantity or 1)
