"""What carriers tell beside their scans: kept by number, worked out for each parcel, told when it is news."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.common.basics.events import Event
from services.logistics.api.events import ParcelFactsTold, TrackingUpdated
from services.logistics.api.statuses import ParcelStatus
from services.logistics.domain import Parcel, Shipment, Track
from services.logistics.domain.facts import MOST_PLACES, Facts, Notes, facts_of
from services.logistics.domain.tracking import FINISHED
from services.logistics.handlers.words import names_nobody


def settle(shipment: Shipment, parcel: Parcel, said: Iterable[Notes], track: Track) -> Event | None:
    """Bring a parcel's facts to what was said and scanned of it. Return what is new among them, None if nothing is."""
    before = parcel.facts
    said = () if names_nobody(shipment.destination) else said  # it was erased while we waited for the lock
    parcel.facts = facts_of(said, track, shipment.stated, before)
    news = _worth_telling(parcel.facts, parcel.facts.news_since(before), over=track.status in FINISHED)
    if not news:
        return None
    shipment.version += 1
    told = parcel.facts
    return ParcelFactsTold(
        **shipment.of(parcel),
        news=tuple(news),
        eta=told.eta,
        first_eta=told.first_eta,
        pick_up=told.pick_up,
        received_by=told.received_by,
        signature_url=told.signature_url,
        photo_url=told.photo_url,
        handed_on=told.handed_on,
        taken_back=parcel.taken_back,
    )


def completed(events: Iterable[Event], parcel: Parcel) -> list[Event]:
    """Return the events of a parcel that waits with where it waits."""
    place = parcel.facts.pick_up if parcel.facts and parcel.facts.places <= MOST_PLACES else None
    return [
        replace(each, pick_up=place)
        if isinstance(each, TrackingUpdated) and each.status is ParcelStatus.AVAILABLE_FOR_PICKUP
        else each
        for each in events
    ]


def _worth_telling(facts: Facts, news: Sequence[str], *, over: bool) -> list[str]:
    """Leave out when a parcel was expected that has arrived, and more places than a carrier can mean."""
    quiet = {*(["eta"] if over else []), *(["pick_up"] if facts.places > MOST_PLACES else [])}
    return [name for name in news if name not in quiet]
