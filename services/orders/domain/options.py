"""What a change request offers: each option with what it leaves of the order and what goes back to the customer.

The units that an option takes out are named, so that what is applied is exactly what was shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.common.basics.money import ZERO, Money
from services.common.basics.shapes import money_view
from services.orders.api import Address, LineLeftView, LinesNotFewer, OrderLineView
from services.orders.domain.catalogue import Product
from services.orders.domain.change import Option
from services.orders.domain.order import Order, line_of
from services.orders.domain.tax import rate_of
from services.orders.domain.values import address_view, line_view

WAIT = "wait"
UnitsByLine = Mapping[int, tuple[int, ...]]
"""The units concerned, by line id."""


def shortage_options(
    order: Order, sku: str, short: int, match: Product | None, *, partly: bool = False
) -> tuple[Option, ...]:
    """Offer to wait, take a match instead, have the rest shipped now, remove the line, or cancel.

    partly: the order is what has not left of it.
    """
    missing = last_units(order, sku, short)
    whole = last_units(order, sku, sum(line.quantity for line in order.lines if line.sku == sku))
    title = next(line.title for line in order.lines if line.sku == sku)
    rest = order.paid_for_rest - paid_for(order, whole)
    options = [build_option(order, WAIT, f"Wait until {title} is back in stock; nothing else changes")]
    if match is not None:
        options.append(substitute_option(order, missing, match))
    if missing != whole:
        goes = "Ship now" if order.goods_by is None else "Go on"  # it may wait for other goods
        label = f"{goes} without the missing {short} × {title}{_and_refund(paid_for(order, missing))}"
        options.append(build_option(order, "ship_rest", label, missing))
    if rest:
        label = f"Remove {title} from the order{_and_refund(paid_for(order, whole))}"
        options.append(build_option(order, "remove_line", label, whole))
    return (*options, cancel_option(order, partly=partly))


def waiting_options(order: Order, sku: str, short: int, match: Product | None, until: str | None) -> tuple[Option, ...]:
    """Offer the same when goods come on another day than their customer was told; None: on a day that is not known."""
    title = next(line.title for line in order.lines if line.sku == sku)
    day = f"Wait for {title} until {until}" if until else f"Wait until {title} is here; we write when we know the day"
    _, *others = shortage_options(order, sku, short, match)
    return (build_option(order, WAIT, f"{day}; nothing else changes"), *others)


def substitute_option(order: Order, missing: UnitsByLine, match: Product) -> Option:
    """Offer the match instead of the missing units, never dearer than what was paid; the difference is refunded.

    Its price for this customer is never above that of what is missing, so it is no discount when it is dearer.
    """
    lines = {line.line_id: line for line in order.lines}
    paid = [lines[line_id].paid[unit] for line_id, units in missing.items() for unit in units]
    now = tuple(min(amount, match.price) for amount in paid)
    rate = rate_of(lines[next(iter(missing))].tax) if missing else None
    line = line_of(match, order.order_number, max(lines) + 1, now, rate)
    line.unit_price = min(match.price, max((lines[line_id].unit_price for line_id in missing), default=match.price))
    added = line_view(line.bought())
    back = Money.total(paid) - Money.total(now)
    label = f"Send {len(paid)} × {match.title} instead{_and_refund(back)}"
    return build_option(order, "substitute", label, missing, added=[added], refund=back)


def cancel_option(order: Order, *, partly: bool = False) -> Option:
    """Offer to cancel it. partly: the order is what has not left of it; the other goods stay with the customer."""
    every = {line.line_id: line.units for line in order.lines if line.units}
    what = "what has not left our warehouse" if partly else "the order"
    label = f"Cancel {what}{_and_refund(order.paid_for_rest)}"
    return build_option(order, "cancel", label, every, cancels=not partly)


def address_option(order: Order, to: Address) -> Option:
    """Offer another address, shown to the customer in full."""
    parts = (to.company, to.line1, to.line2, to.city, to.region, to.postal_code, to.country)
    place = ", ".join(part for part in parts if part)
    return build_option(order, "change_address", f"Deliver to {to.name}, {place}", delivery=to)


def lines_option(order: Order, quantities: Mapping[str, int]) -> Option:
    """Offer fewer pieces of some products.

    Raise LinesNotFewer for products that are not in the order or a quantity that is not lower.
    """
    wanted = order.wanted()
    if not quantities or any(quantity >= wanted.get(sku, 0) for sku, quantity in quantities.items()):
        raise LinesNotFewer
    removed = units_beyond(order, quantities)
    if sum(len(units) for units in removed.values()) == sum(wanted.values()):
        raise LinesNotFewer("nothing would be left; propose a cancellation")
    label = f"Remove what is named{_and_refund(paid_for(order, removed))}"
    return build_option(order, "remove_line", label, removed)


def units_beyond(order: Order, quantities: Mapping[str, int]) -> UnitsByLine:
    """Return the units that go when so many pieces of each product stay, by line."""
    wanted, removed = order.wanted(), dict[int, tuple[int, ...]]()
    for sku, quantity in quantities.items():
        removed.update(last_units(order, sku, wanted[sku] - quantity))
    return removed


def last_units(order: Order, sku: str, count: int) -> UnitsByLine:
    """Return the last `count` units of a product, by line."""
    found: dict[int, tuple[int, ...]] = {}
    for line in reversed(order.lines):
        if line.sku == sku and count and line.units:
            found[line.line_id] = line.units[-count:]
            count -= len(found[line.line_id])
    return found


def build_option(
    order: Order,
    name: str,
    label: str,
    removed: UnitsByLine | None = None,
    *,
    added: Sequence[OrderLineView] = (),
    delivery: Address | None = None,
    refund: Money | None = None,
    cancels: bool = False,
) -> Option:
    """Build the option as JSON. The refund is what the removed units cost, unless it is given."""
    gone = removed or {}
    after: list[LineLeftView] = [
        {"line_id": line.line_id, "sku": line.sku, "title": line.title, "quantity": left}
        for line in order.lines
        if (left := line.quantity - len(gone.get(line.line_id, ())))
    ]
    skus = {line.line_id: line.sku for line in order.lines}
    return {
        "option": name,
        "label": label,
        "lines_after": [*after, *map(_left, added)],
        "refund": money_view(paid_for(order, gone) if refund is None else refund),
        "removed": [
            {"line_id": line_id, "sku": skus[line_id], "quantity": len(units), "units": list(units)}
            for line_id, units in sorted(gone.items())
        ],
        "added": list(added),
        "delivery": None if delivery is None else address_view(delivery),
        "cancels": cancels,
    }


def _and_refund(amount: Money) -> str:
    """Say what goes back, if anything does."""
    return f" and refund {amount} USD" if amount else ""


def _left(line: OrderLineView) -> LineLeftView:
    return {"line_id": line["line_id"], "sku": line["sku"], "title": line["title"], "quantity": line["quantity"]}


def paid_for(order: Order, units: UnitsByLine) -> Money:
    """Return what these units cost."""
    lines = {line.line_id: line for line in order.lines}
    return Money.total((lines[line_id].paid_for(gone) for line_id, gone in units.items())) if units else ZERO
