"""What must hold before a shipment leaves."""

from __future__ import annotations

from collections.abc import Sequence

from services.logistics.api.parts import fold_number
from services.logistics.api.refusals import NoLabel, ShipmentOnHold, WrongShipmentStatus
from services.logistics.api.statuses import ShipmentStatus
from services.logistics.domain import contents
from services.logistics.domain.carriers import is_same
from services.logistics.domain.parcel import NewParcel
from services.logistics.domain.parting import require_part
from services.logistics.domain.shipment import Shipment


def require_leaving(
    shipment: Shipment, parcels: Sequence[NewParcel], *, on_hold: bool, rest_follows: bool = False
) -> None:
    """Raise Conflict `wrong_shipment_status` or `shipment_on_hold`, Invalid `no_label` where no parcel is known.

    Or `not_in_shipment` or `part_of_shipment`, unless what is said to be in the parcels is all of it.
    rest_follows: Raise Conflict `leaves_whole` or Invalid `nothing_follows`, unless it is a part of it.
    """
    if shipment.status is not ShipmentStatus.PACKED:
        details = {"status": shipment.status.value, "wanted": ShipmentStatus.DISPATCHED.value}
        raise WrongShipmentStatus(f"a shipment that is {shipment.status} cannot be dispatched", details=details)
    if on_hold:
        raise ShipmentOnHold
    if not parcels:
        raise NoLabel
    if rest_follows:
        require_part(shipment)
    contents.require_all(shipment.lines, parcels, rest_follows=rest_follows)


def also_in(parcels: Sequence[NewParcel], others: Sequence[NewParcel]) -> list[str]:
    """Return which of these numbers the others have too, with the same carrier."""
    keys = [(fold_number(each.tracking_number), each.carrier) for each in others]
    return sorted(
        each.tracking_number
        for each in parcels
        if any(fold_number(each.tracking_number) == number and is_same(each.carrier, by) for number, by in keys)
    )
