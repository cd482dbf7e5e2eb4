"""The weight of a closed box: it is what customs is told, and never less than the goods in it."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.basics.events import Event
from services.logistics.api.events import ShipmentWeighed
from services.logistics.api.papers import LighterThanGoods
from services.logistics.api.refusals import WrongShipmentStatus
from services.logistics.api.statuses import ShipmentStatus
from services.logistics.domain.customs import net_weight, with_facts
from services.logistics.domain.shipment import Shipment
from services.logistics.domain.wares import Ware

WEIGHABLE = (ShipmentStatus.SORTING, ShipmentStatus.PACKED)


def weigh(shipment: Shipment, gross_weight_g: int, wares: Mapping[str, Ware]) -> list[Event]:
    """Record the weight. Conflict: `wrong_shipment_status` without a box here, `lighter_than_goods`."""
    if shipment.status not in WEIGHABLE:
        raise WrongShipmentStatus(f"it is {shipment.status}", details={"status": shipment.status.value})
    net = net_weight(with_facts(shipment.lines, wares))
    if gross_weight_g < net:
        said = f"The box weighs {gross_weight_g} g, and its goods {net} g, as the catalogue says."
        raise LighterThanGoods(said, details={"net_weight_g": net})
    if gross_weight_g == shipment.gross_weight_g:
        return []
    shipment.gross_weight_g, shipment.version = gross_weight_g, shipment.version + 1
    return [ShipmentWeighed(**shipment.ids, gross_weight_g=gross_weight_g)]


def gross_weight(shipment: Shipment) -> int | None:
    """Return what its boxes weigh together: as they were handed over, else as the box was weighed here."""
    weights = [parcel.weight_g for parcel in shipment.parcels]
    handed = sum(weight for weight in weights if weight)
    return handed if weights and all(weights) else shipment.gross_weight_g
