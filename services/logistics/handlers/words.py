"""What is said in words about parcels: it may name who took them, so it is kept of no customer who is erased.

Carriers go on to report a parcel, and staff to upload scans of it, after its customer is erased. That it was scanned,
when, and what it means counts as ever.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.common.basics.personal import ERASED
from services.logistics.api.parts import fold_number
from services.logistics.domain import Destination, Shipment
from services.logistics.domain.flaws import Flaw
from services.logistics.repository import Work


def of_erased(work: Work, numbers: Iterable[str]) -> set[str]:
    """Return the numbers, folded, of the parcels among these that went to a customer who is erased."""
    wanted = set(numbers)
    if not wanted or not work.shipments.are_erased(wanted):
        return set()
    return of_erased_alone(work.shipments.with_numbers(wanted))


def erase_words(work: Work, numbers: Iterable[str]) -> None:
    """Overwrite all that was said about parcels of these numbers."""
    given = set(numbers)
    work.tracking.erase_words(given)
    work.unmatched.erase_words(given)
    work.flaws.erase_words(given)
    work.raw.erase(given)
    work.said.erase(given)


def note_flaws(work: Work, source: str, flaws: Iterable[Flaw], numbers: Iterable[str]) -> None:
    """Keep what could not be taken; without words where it is of an erased customer, or may be.

    numbers: all that came along with it. A flaw that names none may be about any of them.
    """
    found = list(flaws)
    gone = of_erased(work, numbers) if found else set()

    def may_be_kept(flaw: Flaw) -> bool:
        return not gone or (flaw.tracking_number != "" and fold_number(flaw.tracking_number) not in gone)

    work.flaws.note(source, [each if may_be_kept(each) else each.without_words() for each in found], work.now)


def of_erased_alone(shipments: Iterable[Shipment]) -> set[str]:
    """Return the numbers of parcels of erased customers. Carriers use numbers again: what another parcel has is its."""
    gone, held = set[str](), set[str]()
    for item in shipments:
        (gone if names_nobody(item.destination) else held).update(numbers_of(item))
    return gone - held


def numbers_of(shipment: Shipment) -> set[str]:
    """Return the numbers of its parcels, those that were attached later too, as written and folded."""
    return {each for parcel in shipment.parcels for each in (parcel.tracking_number, *parcel.numbers)}


def names_nobody(destination: Destination) -> bool:
    """Return whether an erasure has left nothing of an address (`lines.erased_destination`)."""
    return {value for name, value in destination.address.items() if value and name != "country"} == {ERASED}
