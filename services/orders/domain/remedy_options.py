"""What a customer whose parcel does not arrive is told, and may choose: the exact texts, and what each option does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict

from services.common.addresses.envelopes import lines as lines_of
from services.common.commitments import in_words
from services.orders.api.parts import RemovedUnits
from services.orders.api.statuses import RemedyReason
from services.orders.api.terms import REMEDY, TERMS
from services.orders.domain.change import Option
from services.orders.domain.options import build_option
from services.orders.domain.order import Order
from services.orders.domain.remedy import REFUND, RESEND, WAIT

_WHY: Mapping[RemedyReason, str] = {
    RemedyReason.LOST: "The carrier can no longer find your parcel with {pieces}.",
    RemedyReason.RETURNING: "The carrier is bringing your parcel with {pieces} back to us.",
    RemedyReason.RETURNED: "The carrier has brought your parcel with {pieces} back to us.",
    RemedyReason.REFUSED: "The carrier reports that your parcel with {pieces} was not accepted at your address.",
    RemedyReason.CANCELLED: "The carrier has cancelled the transport of your parcel with {pieces}.",
    RemedyReason.NEVER_SCANNED: "No carrier has ever reported your parcel with {pieces}, and it should have arrived.",
    RemedyReason.LATE: "Your parcel with {pieces} has not arrived, and the time that we promised is long over.",
    RemedyReason.NOT_RECEIVED: "Your parcel with {pieces} has not reached you.",
}


def choose_lines(order: Order, wanted: Mapping[int, int], pool: Collection[tuple[int, int]]) -> list[RemovedUnits]:
    """Choose that many units of each line from the pool, or as many as it has. wanted: pieces by line number."""
    chosen = []
    for line in order.lines:
        units = [unit for unit in line.units if (line.line_id, unit) in pool][: wanted.get(line.line_id, 0)]
        if units:
            chosen.append(RemovedUnits(line.line_id, line.sku, len(units), tuple(units)))
    return chosen


def summary(order: Order, reason: RemedyReason, lines: Sequence[RemovedUnits]) -> str:
    """Describe what has happened, in words for the customer."""
    return f"{_WHY[reason].format(pieces=_pieces(order, lines))} We are sorry. Please choose what we shall do."


def options(order: Order, lines: Sequence[RemovedUnits], *, in_stock: bool) -> tuple[Option, ...]:
    """Send again, if it is there; pay back in full; wait."""
    units = {line.line_id: line.units for line in lines}
    pieces, back = _pieces(order, lines), order.paid_for(units)
    everything = all(len(units.get(line.line_id, ())) == line.quantity for line in order.lines)
    to = order.delivery
    place = ", ".join(lines_of(asdict(to)))
    again = build_option(order, RESEND, f"Send {pieces} again, free of charge, to {place}")
    ends = ", and close the order, of which nothing is left" if everything else ""
    refund = build_option(
        order, REFUND, f"Pay back {back} USD for {pieces} to your original means of payment{ends}", units,
        cancels=everything,
    )  # fmt: skip
    later = in_words(TERMS[REMEDY])
    wait = build_option(order, WAIT, f"Keep waiting; if the parcel does not come, we ask you again after {later}")
    return (*((again,) if in_stock else ()), refund, wait)


def _pieces(order: Order, lines: Sequence[RemovedUnits]) -> str:
    titles = {line.line_id: line.title for line in order.lines}
    return ", ".join(f"{line.quantity} × {titles[line.line_id]}" for line in lines)
