"""Photos of a box: added while it is packed or after it left, each once."""

from __future__ import annotations

from collections.abc import Iterable

from services.common.basics.events import Event
from services.logistics.api.events import BoxPhotographed
from services.logistics.api.photos import MOST_PHOTOS, TooManyPhotos
from services.logistics.api.refusals import WrongShipmentStatus
from services.logistics.api.statuses import ShipmentStatus
from services.logistics.domain.shipment import Shipment

BOXED = (ShipmentStatus.SORTING, ShipmentStatus.PACKED, ShipmentStatus.DISPATCHED)


def add_photos(shipment: Shipment, links: Iterable[str]) -> list[Event]:
    """Keep links to photos. Conflict: `wrong_shipment_status` without a box, `too_many_photos`."""
    if shipment.status not in BOXED:
        raise WrongShipmentStatus(f"it is {shipment.status}", details={"status": shipment.status.value})
    known = shipment.photos or ()
    new = tuple(link for link in dict.fromkeys(links) if link not in known)
    if not new:
        return []
    if len(known) + len(new) > MOST_PHOTOS:
        raise TooManyPhotos
    shipment.photos, shipment.version = (*known, *new), shipment.version + 1
    return [BoxPhotographed(**shipment.ids, uploads=tuple(link.rpartition("/")[2] for link in new))]
