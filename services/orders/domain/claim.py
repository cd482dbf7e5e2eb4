"""What after-sales claims for a return, and what our own facts say against it. Pure.

A claim is paid for units that we know to be delivered, or for the postage of sending them, and never for more than
was captured. What is cancelled is paid back by orders itself and needs no claim. One that does not fit is refused: a
person decides about it, and a delivery that is reported afterwards makes it good.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from services.common.basics.clock import parse_rfc3339, rfc3339
from services.common.basics.money import Money
from services.common.basics.untyped import Fields, JsonDict
from services.orders.api import RefundCause
from services.orders.domain.fulfillment import Fulfillment
from services.orders.domain.legal import LegalTerm
from services.orders.domain.order import Order

Units = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Claim:
    """units: (line, unit). by: whose act in after-sales it follows from. claim: counts those of a return."""

    return_number: str
    claim: int
    amount: Money
    units: Units
    cause: RefundCause
    by: str
    law: LegalTerm | None = None

    @property
    def reference(self) -> str:
        """What the refund says it belongs to."""
        return self.return_number if self.cause is RefundCause.RETURN else f"{self.return_number}/{self.claim}"

    def to_json(self) -> JsonDict:
        return {
            "return_number": self.return_number,
            "claim": self.claim,
            "cents": self.amount.cents,
            "units": [list(unit) for unit in self.units],
            "cause": self.cause.value,
            "by": self.by,
            "law": None if self.law is None else [rfc3339(self.law.due_at), self.law.rule],
        }

    @classmethod
    def from_json(cls, data: Fields) -> Claim:
        law = data["law"]
        return cls(
            return_number=data["return_number"],
            claim=data["claim"],
            amount=Money(data["cents"]),
            units=tuple((line_id, unit) for line_id, unit in data["units"]),
            cause=RefundCause(data["cause"]),
            by=data["by"],
            law=None if law is None else LegalTerm(parse_rfc3339(law[0]), law[1]),
        )


def owned_units(claim: Claim, order: Order, repaid: Collection[tuple[int, int]]) -> Units:
    """Return the claimed units that are the order's and did not have their money yet."""
    known = {(line.line_id, unit) for line in order.lines for unit in line.units}
    return tuple(sorted(known.intersection(claim.units) - set(repaid)))


def objection(
    claim: Claim,
    order: Order,
    captured: Money,
    shipments: Iterable[Fulfillment],
    repaid: Collection[tuple[int, int]],
    returned: Collection[tuple[int, int]],
    postage_left: Money,
    exchanging: Collection[tuple[int, int]] = (),
) -> str | None:
    """Return why the claim is not paid, in words for a lead; None if it fits.

    captured: for the whole order. repaid: units that had their money; returned: those of them that came back.
    exchanging: units of which another one is to come.
    postage_left: what is paid for postage by the word of after-sales alone: we know no price of it, as we do of goods.
    """
    arrived = Counter[str]()
    for shipment in shipments:
        if shipment.delivered_at is not None:
            for packed in shipment.lines:
                arrived[packed["sku"]] += packed["quantity"]
    if claim.amount > captured:
        return f"{claim.amount} USD are claimed and {captured} USD were captured"
    if claim.cause is RefundCause.POSTAGE:
        if claim.units or not claim.amount:
            return "postage has an amount and no units"
        if claim.amount > postage_left:
            alone = f"{postage_left} USD are paid without a lead"
            return f"{claim.amount} USD of postage are claimed, and {alone} who had no part in it"
        return None if arrived else "nothing of the order was delivered"
    fitting = owned_units(claim, order, ())
    if not claim.units or len(fitting) != len(claim.units):
        return "the order has no such units, or one is claimed twice"
    lines = {line.line_id: line for line in order.lines}
    cost = Money.total(lines[line_id].paid[unit] for line_id, unit in fitting)
    if cost != claim.amount:
        return f"{claim.amount} USD are claimed for what has cost {cost} USD"
    if len(owned_units(claim, order, repaid)) != len(fitting):
        return "a unit of it had its money before"
    if set(fitting) & set(exchanging):
        return "another one of it is on its way to the customer, in exchange"
    back = Counter(lines[line_id].sku for line_id, _ in {*fitting, *returned} if line_id in lines)
    for sku, count in sorted(back.items()):
        if count > arrived[sku]:
            return f"{count} × {sku} are claimed in all and {arrived[sku]} were delivered, as far as we know"
    return None
