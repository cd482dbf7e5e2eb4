"""Rows of carriers' invoices, and which parcels they are about. Pure.

A row is known by what it says: invoice, tracking number, charge and amount; and by which one it is of those in its file
that say the same. So the same file again adds nothing. A second charge of one kind for a number on
one invoice may be a mistake: it waits for a person, as does a row of no parcel, of several, or of another carrier's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.common.basics.money import Money
from services.logistics.api.costs import HELD, Component, InvoiceRowSettled, RowOutcome
from services.logistics.domain.carriers import is_same

Place = tuple[str, str, Component]
"""Invoice, number and charge: what an invoice says once."""


@dataclass(frozen=True)
class BilledRow:
    """A row as it was read. nth: which one it is of those in its file that say the same."""

    invoice: str
    carrier: str | None
    tracking_number: str
    charge: Component
    amount: Money
    nth: int = 1

    @property
    def digest(self) -> str:
        said = (self.invoice.casefold(), self.tracking_number, self.charge.value, self.amount.cents, self.nth)
        return hashlib.sha256("\n".join(map(str, said)).encode()).hexdigest()

    @property
    def place(self) -> Place:
        return self.invoice.casefold(), self.tracking_number, self.charge


@dataclass(frozen=True)
class ReadRow:
    """A row of the file, the header is row 1: what it bills, or what is wrong with it."""

    row: int
    invoice: str | None
    tracking_number: str | None
    billed: BilledRow | None
    problem: str | None = None


@dataclass(frozen=True)
class Candidate:
    """A parcel that has a tracking number. carriers: those by whom it goes, the number's own first."""

    shipment_number: str
    parcel_id: str
    carriers: tuple[str, ...]


@dataclass(frozen=True)
class Sorted:
    """What becomes of a row, and of which parcel it is."""

    read: ReadRow
    outcome: RowOutcome
    parcel: Candidate | None = None
    detail: str | None = None


def sort_out(
    rows: Sequence[ReadRow],
    parcels: Mapping[str, Sequence[Candidate]],
    known: Collection[str],
    places: Collection[Place],
) -> list[Sorted]:
    """Say of each row what becomes of it.

    parcels: by tracking number. known: digests that were uploaded before. places: what is on these invoices already.
    """
    taken, found = {*places}, []
    for read in rows:
        row = read.billed
        if row is None:
            found.append(Sorted(read, RowOutcome.REFUSED, detail=read.problem))
        elif row.digest in known:
            found.append(Sorted(read, RowOutcome.KNOWN, detail="It was uploaded before."))
        else:
            found.append(_new(read, row, parcels.get(row.tracking_number, ()), taken))
            taken.add(row.place)
    return found


def _new(read: ReadRow, row: BilledRow, parcels: Sequence[Candidate], taken: Collection[Place]) -> Sorted:
    if not parcels:
        return Sorted(read, RowOutcome.UNMATCHED, detail="No parcel has this number.")
    mine = [each for each in parcels if row.carrier is None or any(is_same(row.carrier, by) for by in each.carriers)]
    if not mine:
        words = f"The parcel with this number goes by {parcels[0].carriers[0]}."
        return Sorted(read, RowOutcome.UNMATCHED, parcels[0] if len(parcels) == 1 else None, words)
    if len(mine) > 1:
        numbers = ", ".join(sorted({each.shipment_number for each in mine}))
        return Sorted(read, RowOutcome.AMBIGUOUS, detail=f"Several parcels have this number: {numbers}.")
    if row.place in taken:
        words = f"{row.charge.value} of this number is on invoice {row.invoice} already."
        return Sorted(read, RowOutcome.REPEATED, mine[0], words)
    return Sorted(read, RowOutcome.COUNTED, mine[0])


@dataclass(eq=False)
class InvoiceRow:
    """A row as it is kept. Who settled it, and why, where it had waited for a person."""

    id: str
    digest: str
    upload_id: str
    invoice: str
    carrier: str | None
    tracking_number: str
    charge: Component
    amount: Money
    outcome: RowOutcome
    shipment_number: str | None
    parcel_id: str | None
    uploaded_at: datetime
    uploaded_by: str
    settled_at: datetime | None = None
    settled_by: str | None = None
    note: str | None = None

    def settle(self, outcome: RowOutcome, shipment_number: str | None, by: str, note: str, now: datetime) -> None:
        """Note what a person decided. Raise InvoiceRowSettled for one that does not wait."""
        if self.outcome not in HELD:
            raise InvoiceRowSettled(details={"outcome": self.outcome.value})
        self.outcome, self.settled_by, self.note, self.settled_at = outcome, by, note, now
        self.shipment_number = shipment_number or self.shipment_number


def counted(rows: Iterable[Sorted]) -> Money:
    """Return what counts of a file."""
    amounts = (each.read.billed.amount for each in rows if each.read.billed and each.outcome is RowOutcome.COUNTED)
    return Money.total(amounts)
