"""What logistics knows of shipments and parcels. Pure: no clock, no database, no network.

shipment.py  a shipment through the warehouse, and its parcels together
parcel.py    one parcel on its way, and the promise it is measured by
lines.py     what a shipment holds and where it goes
tracking.py  tracking events, the status that follows from them, and how a parcel is doing
orders.py    the little we remember of an order, whatever order its events come in
events.py    the facts that the others hear of
"""

from services.logistics.domain.events import (
    ParcelDelivered,
    ParcelException,
    ParcelStuck,
    RecallRefused,
    ShipmentAdjusted,
    ShipmentCreated,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentPacked,
    ShipmentRecalled,
    ShipmentSorted,
    TrackingUpdated,
)
from services.logistics.domain.lines import Destination, ShipmentLine, apply_change
from services.logistics.domain.orders import KnownOrder
from services.logistics.domain.parcel import HandedOver, NewParcel, Parcel, Promise, owner
from services.logistics.domain.shipment import Cause, Shipment, ShipmentOnHold, ShipmentStatus, WrongShipmentStatus
from services.logistics.domain.tracking import Health, ParcelStatus, Track, TrackingEvent, carrier_code, fold, health

__all__ = [
    "Cause",
    "Destination",
    "HandedOver",
    "Health",
    "KnownOrder",
    "NewParcel",
    "Parcel",
    "ParcelDelivered",
    "ParcelException",
    "ParcelStatus",
    "ParcelStuck",
    "Promise",
    "RecallRefused",
    "Shipment",
    "ShipmentAdjusted",
    "ShipmentCreated",
    "ShipmentDelivered",
    "ShipmentDispatched",
    "ShipmentLine",
    "ShipmentOnHold",
    "ShipmentPacked",
    "ShipmentRecalled",
    "ShipmentSorted",
    "ShipmentStatus",
    "Track",
    "TrackingEvent",
    "TrackingUpdated",
    "WrongShipmentStatus",
    "apply_change",
    "carrier_code",
    "fold",
    "health",
    "owner",
]
