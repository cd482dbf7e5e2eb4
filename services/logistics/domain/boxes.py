"""A box as a carrier is told of it, so that it can say what it takes. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from services.logistics.api.labels import LabelFactsMissing
from services.logistics.api.papers import Fact, MissingFactView, SenderView
from services.logistics.api.parts import ShipmentLine
from services.logistics.domain.customs import (
    CustomsRules,
    DeclaredItem,
    End,
    crosses_border,
    declare,
    may_name_ioss,
    missing_facts,
)
from services.logistics.domain.shipment import Shipment

LACKS: Mapping[Fact, str] = {
    Fact.HS_CODE: "has no HS code", Fact.ORIGIN_COUNTRY: "has no country of origin", Fact.WEIGHT: "has no weight",
    Fact.VALUE: "has no value", Fact.GROSS_WEIGHT: "is not weighed", Fact.TOO_LIGHT: "weighs less than its goods",
    Fact.CARRIER: "has no carrier",
}  # fmt: skip


@dataclass(frozen=True)
class ToShip:
    """A box as a carrier is told of it. items: what customs is told; none where no border is crossed."""

    reference: str
    sender: SenderView
    to: Mapping[str, str | None]
    weight_g: int
    items: tuple[DeclaredItem, ...] = ()
    ioss_number: str = ""

    @property
    def fingerprint(self) -> str:
        """What rates are for: another box, address or weight has another one."""
        told = {**asdict(self), "items": [(each.sku, each.quantity, each.value.cents) for each in self.items]}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def box_of(shipment: Shipment, lines: Sequence[ShipmentLine], rules: CustomsRules) -> ToShip:
    """Return the weighed box. Raise LabelFactsMissing with what is not known of it, or of its goods for customs.

    lines: with what the catalogue knows of them.
    """
    to, weight = shipment.destination, shipment.gross_weight_g
    end = End(to.country, to.address.get("postal_code") or "")
    abroad = crosses_border(rules.sender_end, end)
    missing: list[MissingFactView] = [
        {"sku": sku, "fact": fact}
        for sku, fact in missing_facts(lines, weight, "usps")
        if abroad or sku is None
    ]  # fmt: skip
    if missing or weight is None:
        raise LabelFactsMissing(_said(missing), details={"missing": missing})
    declared = declare(lines, weight) if abroad else None
    ioss = rules.ioss_number if declared and may_name_ioss(declared, end, rules.rates) else ""
    address = {**to.address, "country": to.country, "region": to.address.get("region") or to.region}
    return ToShip(shipment.number, rules.sender, address, weight, declared.items if declared else (), ioss)


def _said(missing: Sequence[MissingFactView]) -> str:
    """Return what is missing, in words."""
    return " ".join(f"{each['sku'] or 'The box'} {LACKS[each['fact']]}." for each in missing)
