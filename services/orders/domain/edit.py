"""The customer's own edits: until when, what they may be, and what they pay back. Pure.

| what                                          | is                                                          |
|-----------------------------------------------|-------------------------------------------------------------|
| not paid yet, ended, about to be cancelled    | refused (`wrong_status`)                                     |
| another change is open                        | refused (`change_open`): one at a time                      |
| the payment is disputed, missing, given back  | refused (`payment_in_question`): no amount would be certain |
| packed                                        | refused (`being_packed`): a person can still have it opened |
| dispatched                                    | refused (`already_dispatched`)                              |
| more pieces, or pieces that are not there     | refused (`lines_not_fewer`, `line_not_found`)               |
| nothing left                                  | refused (`nothing_left`): that is a cancellation            |
| another country                               | refused (`other_country`): other duties, rights and days    |
| an address that the review would ask about    | refused (`address_doubtful`)                                |
| an address with other holidays                | said in the summary, which is a part of what is agreed to   |

Logistics has the last word about what is packed; what is known here only spares the customer the way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from services.common.basics import ids
from services.common.basics.money import Money
from services.common.calendar import calendar_id
from services.orders.api import Address, ChangeKind, LineNotFound, LinesNotFewer, OrderStatus
from services.orders.api.edits import ASK_US, AddressDoubtful, NothingLeft, NothingToChange, OtherCountry
from services.orders.api.statuses import EditBarrier
from services.orders.domain import delivery
from services.orders.domain.account import Account
from services.orders.domain.change import Change, Option
from services.orders.domain.fulfillment import PREPARING, Fulfillment, may_change
from services.orders.domain.options import address_option, build_option, paid_for, units_beyond
from services.orders.domain.order import Order

PARTLY = "You take pieces out of what has not left our warehouse; what has left stays as it is."
UNPAID = frozenset({OrderStatus.AWAITING_PAYMENT, OrderStatus.EXPIRED})


def barrier_of(
    order: Order, shipments: Sequence[Fulfillment], changes: Iterable[Change], account: Account
) -> EditBarrier | None:
    """Return why the customer cannot change this order now, or None if they can.

    shipments: may be left out unless the order's stage is that they are prepared.
    """
    if order.status in UNPAID:
        return EditBarrier.NOT_PAID
    if order.status is not OrderStatus.CONFIRMED or order.cancellation_open:
        return EditBarrier.ENDED
    if order.stage not in (None, PREPARING) or not may_change(shipments):
        return EditBarrier.ALREADY_DISPATCHED
    if any(item.packed and item.is_here for item in shipments):
        return EditBarrier.BEING_PACKED
    if any(change.is_open for change in changes):
        return EditBarrier.CHANGE_OPEN
    return EditBarrier.PAYMENT_IN_QUESTION if account.held or account.contested or account.missing else None


def is_certain(option: Option, account: Account, repaid: Collection[tuple[int, int]]) -> bool:
    """Return whether what the option pays back is here, and of no unit that had its money before."""
    units = {(removal["line_id"], unit) for removal in option["removed"] for unit in removal["units"]}
    return Money.parse(option["refund"]["amount"]) <= account.available and not units & set(repaid)


def lines_edit(order: Order, quantities: Mapping[str, int], *, partly: bool = False) -> Option:
    """Leave so many pieces of each product that is named. partly: the order is what has not left of it."""
    wanted = order.wanted()
    unknown = sorted(sku for sku in quantities if sku not in wanted)
    if unknown:
        raise LineNotFound(details={"skus": unknown})
    if any(quantity > wanted[sku] for sku, quantity in quantities.items()):
        raise LinesNotFewer
    fewer = {sku: quantity for sku, quantity in quantities.items() if quantity < wanted[sku]}
    if not fewer:
        raise NothingToChange
    if not partly and not any((wanted | fewer).values()):
        raise NothingLeft(details={"next": f"POST /v1/orders/{order.order_number}/cancellation"})
    removed = units_beyond(order, fewer)
    titles = {line.sku: line.title for line in order.lines}
    parts = [f"{titles[sku]}: {quantity or 'none'} instead of {wanted[sku]}" for sku, quantity in fewer.items()]
    back = paid_for(order, removed)
    label = "; ".join(parts) + (f". {back} USD are paid back" if back else ". Nothing is paid back")
    return build_option(order, "remove_line", label, removed)


def address_edit(order: Order, to: Address) -> Option:
    """Send it to another address in the same country. `to` is in the form of its country (`delivery.fold_address`)."""
    if to.country != order.delivery.country:
        raise OtherCountry(details={"country": order.delivery.country, "next": ASK_US})
    if to == order.delivery:
        raise NothingToChange
    doubts = delivery.address_doubts(to)
    if doubts:
        errors = [{"field": f"delivery.{field}", "message": doubt} for field, doubt in doubts]
        raise AddressDoubtful(details={"errors": errors})
    return address_option(order, to)


def summary_of(order: Order, option: Option) -> str:
    """Say what else the customer agrees to."""
    if option["delivery"] is None:
        return "You take pieces out of your order; the rest stays as it is."
    to = Address(**option["delivery"])
    stays = "Your parcel goes to another address; what you bought, and what it costs, stays as it is."
    if _calendar(to) == _calendar(order.delivery):
        return stays
    return f"{stays} The working days of its delivery are then those of the new address."


def own_change(
    order: Order, option: Option, made_before: int, actor: str, now: datetime, *, partly: bool = False
) -> Change:
    """Build the edit as a change request. The same edit of the same order has the same number, and so the same digest.

    made_before: how many changes the order has had. partly: a part of the order has left, and stays as it is.
    """
    return Change(
        change_id=ids.number_after(ids.CHANGE, order.order_number, order.version, made_before),
        order_number=order.order_number,
        order_version=order.version,
        kind=ChangeKind.LINES if option["delivery"] is None else ChangeKind.ADDRESS,
        summary=PARTLY if partly else summary_of(order, option),
        options=(option,),
        proposed_by=actor,
        created_at=now,
        expires_at=now,
    )


def _calendar(to: Address) -> str:
    return calendar_id(to.country, to.region, postal_code=to.postal_code, city=to.city)
