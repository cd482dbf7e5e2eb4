"""What orders tells: a review passed, changes asked and agreed to, cancellations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from services.common.basics import ids
from services.common.basics.message import Message
from services.common.basics.money import Money
from services.common.basics.personal import ERASED
from services.common.basics.shapes import DEFAULT_PLACE
from services.common.calendar import zone_of
from services.logistics.api.parts import ShipmentLine
from services.logistics.api.refusals import ShipmentNotFound
from services.logistics.api.statuses import Cause
from services.logistics.api.terms import DISPATCH
from services.logistics.domain import Destination, KnownOrder, Shipment, parting
from services.logistics.domain.clocks import dispatch_clock
from services.logistics.domain.lines import erased_destination
from services.logistics.handlers import costs, parts
from services.logistics.handlers.label_use import withdraw
from services.logistics.repository import Work
from services.orders.api.events import (
    CancellationRequested,
    ChangeClosed,
    ChangeDeclined,
    ChangeRequested,
    DispatchHeld,
    DispatchReleased,
    OrderCancelled,
    OrderChanged,
    OrderDivided,
    ReviewPassed,
    StockCovered,
)
from services.orders.api.parts import Address, BoughtLine, ShipmentPart

ON_HOLD = "a change of the order waits, or its payment is in front of a person"


def on_review_passed(work: Work, event: ReviewPassed, message: Message) -> None:
    """Give each place its work, as one shipment or as several; its clock has been running since the review was passed.

    Once per order, whatever is delivered how often; the numbers follow from the order's, so that others know them again
    should a restored backup have us do this again. What was agreed to after this event, or that the order was
    cancelled, may have arrived first: it takes effect as if it had come in its turn.
    """
    order = work.orders.remember(event.order_number, event.customer.email, event.customer.time_zone)
    if work.shipments.of_order(order.order_number):
        return
    destination = _destination(order, event.delivery)
    every = [(_lines(_of_part(event.lines, part)), part.place) for part in event.parts]
    made = [
        begin_shipment(
            work,
            ids.shipment_of(order.order_number, part),
            order.order_number,
            event.passed_at,
            lines,
            destination,
            part,
            place,
        )
        for part, (lines, place) in enumerate(every or [(_lines(event.lines), DEFAULT_PLACE)], 1)
    ]
    _catch_up(work, order, made, message.subject_seq)


def begin_shipment(
    work: Work,
    number: str,
    order_number: str,
    at: datetime,
    lines: tuple[ShipmentLine, ...],
    destination: Destination,
    part: int,
    place: str,
) -> Shipment:
    """Give a place a shipment, with the clock by which it must leave, which runs since `at` in that place's days.

    Raise NotFound `stock_place_unknown` while nothing was told of the place.
    """
    days = work.stock_places.working_days(place)
    clock = dispatch_clock(number, order_number, at, days.calendar, days.zone, ids.new_id())
    shipment = Shipment(
        number=number,
        order_number=order_number,
        review_passed_at=at,
        dispatch_due_at=clock.due_at,
        lines=lines,
        destination=destination,
        part=part,
        place=place,
    )
    if work.orders.is_paused(order_number):
        clock.pause(clock.started_at, ON_HOLD)
    work.shipments.add(shipment)
    work.commitments.start(clock)
    work.journal.record(shipment.created())
    costs.begin(work, shipment, shipment.lines)
    return shipment


def on_change_requested(work: Work, event: ChangeRequested, message: Message) -> None:
    """Wait for the answer, unless the change was not asked for and nothing is missing."""
    if event.pauses:
        hold_order(work, event.order_number, event.change_id, message.occurred_at)


def on_change_declined(work: Work, event: ChangeDeclined, message: Message) -> None:
    release_order(work, event.order_number, event.change_id, message.occurred_at)


def on_change_closed(work: Work, event: ChangeClosed, message: Message) -> None:
    release_order(work, event.order_number, event.change_id, message.occurred_at)


def on_stock_covered(work: Work, event: StockCovered, message: Message) -> None:
    release_order(work, event.order_number, event.change_id, message.occurred_at)


def on_dispatch_held(work: Work, event: DispatchHeld, message: Message) -> None:
    """Keep all of an order here while its money is looked into, or staff keep it back."""
    hold_order(work, event.order_number, event.hold_id, message.occurred_at, pauses=event.pauses)


def on_dispatch_released(work: Work, event: DispatchReleased, message: Message) -> None:
    release_order(work, event.order_number, event.hold_id, message.occurred_at)


def on_order_changed(work: Work, event: OrderChanged, message: Message) -> None:
    """Send what the order consists of now, where it goes now, as the customer agreed; nothing is a recall."""
    release_order(work, event.order_number, event.change_id, message.occurred_at)
    order = work.orders.remember(event.order_number)
    lines, destination = _lines(event.lines), _destination(order, event.delivery)
    shipments = work.shipments.of_order(order.order_number, lock=True)
    if event.parts and not shipments:
        raise ShipmentNotFound  # its parts are not here yet; it is looked at again
    if {part.shipment_number for part in event.parts} - {each.number for each in shipments}:
        raise ShipmentNotFound  # goods came in elsewhere, which is on its way to us
    if not order.change(message.subject_seq, lines, destination):
        return
    held = {part.shipment_number: _lines(_of_part(event.lines, part)) for part in event.parts}
    if not parting.names_all_here(shipments, held):  # it was divided here meanwhile
        held = parting.share_out(shipments, lines) or held
    for shipment in shipments:
        if not held or shipment.number in held:
            _adjust(work, shipment, held.get(shipment.number, lines), destination)
    if shipments:
        order.changed_destination = None  # they have it; what needs it is the shipment that is not there yet


def is_for_us(event: OrderDivided, _: Message) -> bool:
    """Return whether an order was divided by where its goods came in, and not by what we had told."""
    return bool(event.arrived)


def on_order_divided(work: Work, event: OrderDivided, message: Message) -> None:
    """Have an order leave from where its goods came in, a part for each place. That ends its wait.

    All of it is here, for it was held until now. What was agreed to later may have come first: then its lines hold.
    """
    order = work.orders.remember(event.order_number)
    shipments = list(work.shipments.of_order(order.order_number, lock=True))
    if not shipments:
        raise ShipmentNotFound
    work.stock_places.require(part.place for part in event.parts)
    if all(each.dispatched_at is None for each in shipments):
        for part in event.parts:
            _place_part(work, shipments, event, part, is_newest=order.changed_seq <= message.subject_seq)
        if order.cancelled or order.recall_asked:
            _recall(work, shipments)
    release_order(work, event.order_number, event.arrived, message.occurred_at)


def _place_part(
    work: Work, shipments: list[Shipment], event: OrderDivided, part: ShipmentPart, *, is_newest: bool
) -> None:
    """Have a part leave from its place with what it brings; begin it if it is not here yet."""
    lines = _lines(_of_part(event.lines, part))
    known = next((each for each in shipments if each.number == part.shipment_number), None)
    if known is None:
        made = parts.begin_elsewhere(work, shipments[0], part.shipment_number, part.place, lines)
        shipments.append(made)
        return
    if parting.move(known, part.place):
        withdraw(work, known, "changed")
    if is_newest:
        _adjust(work, known, lines, None)


def on_cancellation_requested(work: Work, event: CancellationRequested, message: Message) -> None:
    recall_order(work, event.order_number)


def on_order_cancelled(work: Work, event: OrderCancelled, message: Message) -> None:
    cancel_order(work, event.order_number, left_too=event.remedy_id is None)


def hold_order(work: Work, order_number: str, change_id: str, at: datetime, *, pauses: bool = True) -> None:
    """Keep all of an order in the warehouse while a change waits, since `at`; its clock stands still if it `pauses`."""
    work.orders.remember(order_number)
    work.orders.hold(order_number, change_id, at, pauses=pauses)
    if work.orders.is_paused(order_number):
        for shipment in work.shipments.of_order(order_number, lock=True):
            work.commitments.pause(DISPATCH, shipment.number, ON_HOLD, at)


def release_order(work: Work, order_number: str, change_id: str, at: datetime) -> None:
    """Let a change wait no longer, since `at`; when no other does, the clock goes on with the time that was left."""
    work.orders.remember(order_number)
    work.orders.release(order_number, change_id, at)
    if work.orders.is_paused(order_number):
        return
    for shipment in work.shipments.of_order(order_number, lock=True):
        clock = work.commitments.resume(DISPATCH, shipment.number, at)
        if clock is not None:
            shipment.dispatch_due_at = clock.due_at


def recall_order(work: Work, order_number: str) -> None:
    """Keep in the warehouse what the customer asks to cancel, or say that it has left.

    An order that is not paid or not reviewed has no shipment. It is remembered, so that one that is on its way to us
    is kept back when it comes.
    """
    work.orders.remember(order_number).recall_asked = True
    shipments = work.shipments.of_order(order_number, lock=True)
    gone = [each for each in shipments if each.dispatched_at is not None and each.closed_at is None]
    _recall(work, gone or shipments)  # the order goes on if a part of it has left, and with it the rest


def cancel_order(work: Work, order_number: str, *, left_too: bool = True) -> None:
    """Send nothing of a cancelled order any more, nor begin to.

    left_too: say of what has left that it cannot be recalled; not where the order ended because that never arrived.
    """
    work.orders.remember(order_number).cancelled = True
    shipments = work.shipments.of_order(order_number, lock=True)
    _recall(work, [each for each in shipments if left_too or each.dispatched_at is None])


def _catch_up(work: Work, order: KnownOrder, made: Sequence[Shipment], seq: int) -> None:
    if order.changed_seq > seq:  # nothing is known of its parts then: it was changed as one
        for shipment in made:
            _adjust(work, shipment, order.changed_lines, order.changed_destination)
        order.changed_destination = None
    if order.cancelled or order.recall_asked:
        _recall(work, made)


def _adjust(work: Work, shipment: Shipment, lines: Sequence[ShipmentLine], destination: Destination | None) -> None:
    """Send what was agreed to. A label that was bought for another box, or another address, is given back."""
    told = shipment.adjust(lines, destination, work.now)
    work.journal.record(*told)
    if told:
        withdraw(work, shipment, "changed")
    if told and shipment.recalled_at is None:
        costs.estimate(work, shipment)
    _stop_clock_of_recalled(work, shipment)


def _recall(work: Work, shipments: Iterable[Shipment]) -> None:
    for shipment in shipments:
        recall_shipment(work, shipment, Cause.CANCELLATION)


def recall_shipment(work: Work, shipment: Shipment, cause: Cause) -> None:
    """Keep one shipment in the warehouse, or say that it has left."""
    work.journal.record(shipment.recall(cause, work.now))
    withdraw(work, shipment, "recalled")
    _stop_clock_of_recalled(work, shipment)


def _stop_clock_of_recalled(work: Work, shipment: Shipment) -> None:
    """Stop the clock of a recalled shipment, which costs nothing. This does not count as a promise kept."""
    if shipment.recalled_at is not None:
        costs.withdraw(work, shipment)
        work.commitments.recall(DISPATCH, shipment.number, shipment.recalled_at)


def _lines(lines: Iterable[BoughtLine]) -> tuple[ShipmentLine, ...]:
    """Return what the warehouse, the carrier and customs need to know of these lines."""
    return tuple(
        ShipmentLine(
            line.line_id,
            line.sku,
            line.title,
            line.quantity,
            line.weight_g,
            line.hs_code,
            line.origin_country,
            line.unit_price,
            Money.total(line.paid) if len(line.paid) == line.quantity else None,
        )
        for line in lines
    )


def _of_part(lines: Iterable[BoughtLine], part: ShipmentPart) -> list[BoughtLine]:
    """Return the pieces of the order's lines that a part brings, each worth what was paid for it."""
    units = {each.line_id: set(each.units) for each in part.lines}
    found = []
    for line in lines:
        wanted = units.get(line.line_id, set())
        mine = [(unit, paid) for unit, paid in zip(line.units, line.paid, strict=True) if unit in wanted]
        if mine:
            kept, paid = zip(*mine, strict=True)
            found.append(replace(line, quantity=len(mine), units=kept, paid=paid))
    return found


def _destination(order: KnownOrder, delivery: Address) -> Destination:
    """Return where it goes; of an erased order, told late, only what promises are counted in."""
    zone = zone_of(
        delivery.country, delivery.region, order.time_zone, postal_code=delivery.postal_code, city=delivery.city
    )
    known = Destination(asdict(delivery), delivery.country, delivery.region, zone)
    return erased_destination(known) if order.email == ERASED else known
