"""What logistics knows of shipments and parcels. Pure: no clock, no database, no network.

shipment.py  a shipment through the warehouse, and its parcels together
parcel.py    one parcel on its way, and the promise it is measured by
lines.py     what a shipment holds and where it goes
tracking.py  tracking events, the status that follows from them, and how a parcel is doing
orders.py    the little we remember of an order, whatever order its events come in
"""

from services.logistics.domain.lines import Destination, apply_change
from services.logistics.domain.orders import KnownOrder
from services.logistics.domain.parcel import NewParcel, Parcel, owner
from services.logistics.domain.shipment import Shipment
from services.logistics.domain.tracking import Track, TrackingEvent, fold, health

__all__ = [
    "Destination",
    "KnownOrder",
    "NewParcel",
    "Parcel",
    "Shipment",
    "Track",
    "TrackingEvent",
    "apply_change",
    "fold",
    "health",
    "owner",
]
