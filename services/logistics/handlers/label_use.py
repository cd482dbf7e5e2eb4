"""What the steps of a shipment do to its label: it leaves with it, or it is given back."""

from __future__ import annotations

from collections.abc import Sequence

from services.logistics.api.parts import Packed, carrier_code
from services.logistics.api.shipments import MarkDispatched, ParcelGiven
from services.logistics.domain import NewParcel, Shipment
from services.logistics.domain import labels as rules
from services.logistics.repository import Work


def parcels_of(work: Work, number: str, handed_over: MarkDispatched) -> tuple[NewParcel, ...]:
    """Return the parcels that are handed over: as they are named, else the one under the bought label.

    Their numbers are locked before the shipment is, so this is what they were a moment ago: `hand_over` looks again.
    """
    if handed_over.parcels:
        return parcels_given(handed_over.parcels)
    return rules.parcels_under(work.labels.of_shipment(number), work.shipments.get(number).gross_weight_g)


def parcels_given(parcels: Sequence[ParcelGiven]) -> tuple[NewParcel, ...]:
    """Return the parcels as they are kept."""
    return tuple(
        NewParcel(carrier_code(each.carrier), each.tracking_number, each.weight_g, _contents(each)) for each in parcels
    )


def _contents(parcel: ParcelGiven) -> tuple[Packed, ...] | None:
    return None if parcel.lines is None else tuple(Packed(each.line_id, each.quantity) for each in parcel.lines)


def require_usable(work: Work, shipment: Shipment, parcels: tuple[NewParcel, ...], *, rest_follows: bool) -> None:
    """Raise LabelNotUsed where another label was bought, or one for all of it, or one of these was given back."""
    if shipment.labelled:
        rules.usable(work.labels.of_shipment(shipment.number), parcels, rest_follows=rest_follows)


def hand_over(work: Work, shipment: Shipment, parcels: tuple[NewParcel, ...], *, rest_follows: bool) -> None:
    """Use the label of a locked shipment that leaves; one that was never answered is given back."""
    if shipment.labelled:
        labels = work.labels.of_shipment(shipment.number, lock=True)
        work.journal.record(*rules.hand_over(labels, parcels, work.now, rest_follows=rest_follows))


def withdraw(work: Work, shipment: Shipment, reason: str) -> None:
    """Give back the label of a locked shipment that does not leave as it is."""
    live = work.labels.live(shipment.number) if shipment.labelled else None
    if live is not None:
        work.journal.record(*live.void(reason, work.now))
