"""What logistics knows of shipments and parcels. Pure: no clock, no database, no network.

shipment.py  a shipment through the warehouse, and its parcels together
leaving.py   what must hold before it leaves; batch.py: many that leave by one file
contents.py  which pieces are in which parcel
parcel.py    one parcel on its way, and the promise it is measured by
hand_over.py when the carrier took it over, stated and scanned
lines.py     what a shipment holds and where it goes
tracking.py  tracking events, the status that follows from them, and how a parcel is doing
facts.py     what carriers tell of a parcel beside its scans
carriers.py  whose scan it is, however carrier and number are spelled
watch.py     how we make sure to get news of a parcel
flaws.py     what could not be taken as a carrier sent it
customs.py   which customs forms it needs, and what they declare
weighing.py  what the closed box weighs
labels.py    a label that is bought of a carrier; boxes.py: a box as a carrier is told of it
duties.py what customs and carriers take, by dated rules; costs.py: the ledger of a shipment; invoices.py: rows that
         carriers bill
wares.py  where products lie, and the codes on them; stock_places.py: the addresses that parcels leave from
orders.py    the little we remember of an order, whatever order its events come in
"""

from services.logistics.domain.carriers import is_heard_of, pick
from services.logistics.domain.lines import Destination, apply_change
from services.logistics.domain.orders import KnownOrder
from services.logistics.domain.parcel import NewParcel, Parcel
from services.logistics.domain.shipment import Shipment
from services.logistics.domain.tracking import Place, Track, TrackingEvent, fold, health
from services.logistics.domain.watch import Watch

__all__ = [
    "Destination",
    "KnownOrder",
    "NewParcel",
    "Parcel",
    "Place",
    "Shipment",
    "Track",
    "TrackingEvent",
    "Watch",
    "apply_change",
    "fold",
    "health",
    "is_heard_of",
    "pick",
]
