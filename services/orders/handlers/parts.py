"""Parts of an order: each place sends its own, and what a warehouse left behind of one follows as another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from services.common.basics.shapes import DEFAULT_PLACE
from services.logistics.api.events import ShipmentDispatched
from services.logistics.api.parts import Rest
from services.orders.api import ReviewStatus, StockFreed
from services.orders.api.events import OrderChanged, OrderDivided
from services.orders.domain import Change, Fulfillment, Order
from services.orders.domain.fulfillment import number_of_review, shipment_of_review
from services.orders.domain.parting import first_here, keep_part, order_here, part_of, parts_here, settle
from services.orders.domain.parting import leave_behind as divide
from services.orders.domain.spreading import Held, fewer, follow, held_at, left_after, parts_of_places
from services.orders.handlers.remedy_units import pool_of
from services.orders.repository import Work


def leave_behind(
    work: Work, order: Order, event: ShipmentDispatched, rest: Rest, shipment: Fulfillment, shipments: list[Fulfillment]
) -> None:
    """Note, once, what a shipment left behind, and tell others which pieces each of the two brings.

    That the other was created may have been told before; then it is there, and here it is said what it brings.
    """
    known = next((each for each in shipments if each.shipment_number == rest.shipment_number), None)
    if known is not None and known.units is not None:
        return
    left: Counter[int] = Counter()
    for parcel in event.parcels:  # what is in each is known: nothing follows otherwise
        for line in parcel.lines or ():
            left[line.line_id] += line.quantity
    pool = pool_of(work, order, shipment.shipment_number)
    made = divide(shipment, order, pool, rest.shipment_number, left)
    if known is None:
        work.fulfillments.add(made)
        shipments.append(made)
    else:
        known.keys, known.lines = made.keys, made.lines
    parts = part_of(shipment, order), part_of(made, order)
    work.journal.record(OrderDivided(order_number=order.order_number, parts=parts))


def here(work: Work, order: Order) -> Order:
    """Return the order as far as it has not left: itself, or a copy of which what is asked is about the rest."""
    if order.review is not ReviewStatus.PASSED:
        return order
    return order_here(order, work.fulfillments.of_order(order.order_number))


def begin(work: Work, order: Order, split: Collection[str]) -> list[Fulfillment]:
    """Begin the shipments of an order whose review has passed: one, or one for each place that it is promised from.

    split: the products of which some is, or was, at another place than the default. The others are not looked for.
    """
    made = parts_of_places(order, work.stock.promised(order.order_number, split)) if split else []
    for each in made or [shipment_of_review(order)]:
        work.fulfillments.add(each)
    return made


def follow_promises(work: Work, order: Order, hold_id: str) -> OrderDivided | None:
    """Have an order that waited leave from where its goods came in. Return what tells it to the warehouses.

    None if it leaves as was told before. The hold of that name has kept all of it here, and ends with this.
    """
    promised = work.stock.promised(order.order_number, order.wanted())
    shipments = work.fulfillments.of_order(order.order_number)
    before = {each.shipment_number: (each.place, each.units) for each in shipments}
    whole = next((each for each in shipments if each.shipment_number == number_of_review(order.order_number)), None)
    if whole is None or not whole.is_here or order.cancellation_open:
        return None
    if whole.units is None:
        if not any(places.keys() - {whole.place} for places in promised.values()):
            return None
        keep_part(whole, order, {(line.line_id, unit) for line in order.lines for unit in line.units})
    begun = follow(order, shipments, promised)
    for each in begun:
        work.fulfillments.add(each)
    if before == {each.shipment_number: (each.place, each.units) for each in (*shipments, *begun)}:
        return None
    return OrderDivided(
        order_number=order.order_number,
        parts=parts_here(order, [*shipments, *begun]),
        arrived=hold_id,
        lines=order.bought_lines(),
        delivery=order.delivery,
    )


def change_parts(
    work: Work, order: Order, changed: OrderChanged, shipments: Sequence[Fulfillment]
) -> tuple[OrderChanged, Held | None]:
    """Settle what each part brings after a change. Return the event, which tells it to the warehouse, and what is not
    brought from where any more; None where the stock has to say that.
    """
    before = held_at(shipments)
    settle(order, shipments)
    gone = fewer(before, held_at(shipments))
    if len(before) > 1 and any(gone.values()):
        levels = work.stock.levels({sku for counts in gone.values() for sku in counts})
        follow(order, shipments, left_after(before, gone, work.stock.by_place(levels)))
        gone = fewer(before, held_at(shipments))
    at_default = before.keys() <= {DEFAULT_PLACE}
    return replace(changed, parts=parts_here(order, shipments)), None if at_default else gone


def places_of_more(order: Order, shipments: Sequence[Fulfillment]) -> list[str] | None:
    """Return the place that sends what joins an order; None: any, for no warehouse was told of it yet."""
    if order.review is not ReviewStatus.PASSED:
        return None
    part = first_here(shipments)
    return [part.place if part else DEFAULT_PLACE]


def look_again(work: Work, change: Change, shipments: Iterable[Fulfillment]) -> None:
    """Have missing goods asked about again, because the question ended with a part that left."""
    if change.sku is not None and any(each.is_here for each in shipments):
        with work.as_ourselves():
            work.journal.record(StockFreed(sku=change.sku))


def numbers_here(work: Work, order: Order) -> list[str]:
    """Return the parts that are here of an order of which another has left; none of one that is here as a whole."""
    shipments = work.fulfillments.of_order(order.order_number)
    gone = any(each.units is not None and not each.is_here for each in shipments)
    return [each.shipment_number for each in shipments if each.units is not None and each.is_here] if gone else []
