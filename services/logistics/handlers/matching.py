"""The parcel of each scan: by its number and carrier (`domain/carriers.py`), or because a person said so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property

from services.logistics.api.parts import fold_number
from services.logistics.domain import Parcel, Shipment, TrackingEvent, pick
from services.logistics.domain.facts import Notes, Told
from services.logistics.domain.tracking import STAFF
from services.logistics.handlers.words import of_erased_alone
from services.logistics.repository import Work
from services.logistics.repository.said import Said

Key = tuple[str, str]
"""A folded number, and the carrier that a scan names."""


class Scans:
    """All that was scanned of some numbers, and of the parcels that they are of.

    shipments  those that hold such a parcel; locked, if that was asked for
    nobodys    the newest scan of each number that is no parcel's
    found      the numbers that are one's
    """

    def __init__(self, work: Work, numbers: Iterable[str], *, lock: bool = False):
        self._work, wanted = work, {fold_number(number) for number in numbers}
        self.shipments = work.shipments.with_numbers(wanted, lock=lock)
        self._concerned = {
            parcel.id: parcel
            for parcel, _ in self._parcels()
            if wanted & {fold_number(parcel.tracking_number), *(number for number, _ in parcel.attached_keys)}
        }
        numbers_of_all = [parcel.numbers for parcel in self._concerned.values()]
        everything = wanted.union(*numbers_of_all)
        if everything != wanted:
            self.shipments = work.shipments.with_numbers(everything, lock=lock)
        self._numbers = everything
        self.found: set[Key] = set()
        self.nobodys: dict[Key, TrackingEvent] = {}
        self._of: dict[str, list[TrackingEvent]] = {}
        parcels = self._parcels()
        attached = _attached(parcels)
        own = {parcel.own_key: parcel for parcel, _ in parcels}
        for scan in work.tracking.of_numbers(everything.union(own)):
            key = key_of(scan)
            recorded = own.get(scan.tracking_number) if scan.source == STAFF else None
            parcel = recorded or attached.get(key) or pick(scan, parcels)
            if parcel is not None:
                self._of.setdefault(parcel.id, []).append(scan)
                self.found.add(key)
            elif key not in self.nobodys or self.nobodys[key].place < scan.place:
                self.nobodys[key] = scan
        self.nobodys = {key: scan for key, scan in self.nobodys.items() if key not in self.found}

    def concerned(self) -> list[tuple[Shipment, Parcel]]:
        """Return the parcels that have these numbers, each with its shipment."""
        return [(each, parcel) for each in self.shipments for parcel in each.parcels if parcel.id in self._concerned]

    def of(self, parcel: Parcel) -> list[TrackingEvent]:
        return self._of.get(parcel.id, [])

    def said_of(self, parcel: Parcel) -> list[Notes]:
        """Return what was said of a parcel beside its scans, by each source."""
        return self._said.get(parcel.id, [])

    def keep(self, told: Iterable[Told]) -> None:
        """Keep what is told of these numbers beside the scans; nothing of those whose customer is erased."""
        may_be_kept = [each for each in told if fold_number(each.tracking_number) not in self.gone]
        if may_be_kept:
            self._rows = self._work.said.keep(may_be_kept, self._rows)

    @cached_property
    def gone(self) -> set[str]:
        """The numbers, folded, of the parcels among these that went to a customer who is erased."""
        return of_erased_alone(self.shipments)

    @cached_property
    def _rows(self) -> Sequence[Said]:
        return self._work.said.of_numbers(self._numbers)

    @cached_property
    def _said(self) -> dict[str, list[Notes]]:
        parcels, found = self._parcels(), dict[str, list[Notes]]()
        attached = _attached(parcels)
        for said in self._rows:
            parcel = attached.get(key_of(said)) or pick(said, parcels)
            if parcel is not None:
                found.setdefault(parcel.id, []).append(said.notes)
        return found

    def _parcels(self) -> list[tuple[Parcel, datetime]]:
        return [
            (parcel, shipment.dispatched_at)
            for shipment in self.shipments
            for parcel in shipment.parcels
            if shipment.dispatched_at is not None
        ]


def _attached(parcels: Iterable[tuple[Parcel, datetime]]) -> dict[Key, Parcel]:
    return {key: parcel for parcel, _ in parcels for key in parcel.attached_keys}


def key_of(scan: TrackingEvent | Said) -> Key:
    return fold_number(scan.tracking_number), scan.carrier
