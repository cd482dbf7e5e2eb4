"""Discount codes: declared by admins, used by orders; and what goods cost with one before they are ordered.

A use is counted with the order that has it, in one transaction, and given back when the order ends unpaid. An order
that is paid after all keeps the price that it was placed at, even when others have used the code up meanwhile.
"""

from __future__ import annotations

import re

from services.common.basics.errors import Invalid
from services.common.basics.money import MAX_CENTS, Money
from services.common.basics.shapes import Page
from services.common.basics.states import require_version
from services.orders import price_views
from services.orders.api import TotalTooLarge, UnknownProduct, WantedLine
from services.orders.api.discounts import (
    CODE_PATTERN,
    DiscountMoved,
    DiscountNotFound,
    DiscountOver,
    DiscountView,
    ListDiscounts,
    QuoteOrder,
    QuoteView,
    SaveDiscount,
    UnknownDiscount,
    fold_code,
)
from services.orders.domain import Discount, Order, Quoted
from services.orders.domain.discount import price_units
from services.orders.handlers import backorders
from services.orders.repository import Work

WAITS = "An order with this discount code waits for its payment already."


def list_discounts(work: Work, query: ListDiscounts) -> Page[DiscountView]:
    return work.discounts.page(price_views.discount_view, cursor=query.cursor, limit=query.limit)


def get_discount(work: Work, code: str) -> DiscountView:
    found = work.discounts.find(fold_code(code))
    if found is None:
        raise DiscountNotFound
    return price_views.discount_view(found)


def put_discount(work: Work, code: str, wanted: SaveDiscount) -> DiscountView:
    """Declare a code, or change its terms; with `version`, only if it has not changed meanwhile (DiscountMoved)."""
    code = fold_code(code)
    if not re.fullmatch(CODE_PATTERN, code, re.ASCII):
        errors = [{"field": "code", "message": "4 to 32 letters, digits and hyphens."}]
        raise Invalid("some fields are wrong", code="validation_failed", details={"errors": errors})
    known = work.discounts.find(code, lock=True)
    discount = known or Discount(code)
    require_version(wanted.version, discount.version, lambda: _shown(known), DiscountMoved)
    work.journal.record(discount.revise(wanted, _known_skus(work, wanted)))
    if known is None:
        work.discounts.add(discount)
    return price_views.discount_view(discount)


def quote_order(work: Work, wish: QuoteOrder) -> QuoteView:
    """Say what goods cost now, with a code that can be used now. Keep nothing."""
    quoted = quote(work, wish.lines)
    discount = usable(work, wish.discount_code)
    shown = price_views.quote_view(quoted, price_units(quoted, discount, least_payment(work)), discount)
    return {**shown, "backorders": backorders.quoted_backorders(work, quoted)}


def quote(work: Work, lines: tuple[WantedLine, ...]) -> list[Quoted]:
    """Return the lines at the catalogue's prices. Raise UnknownProduct or TotalTooLarge with their place."""
    found = work.products.for_sale(line.sku for line in lines)
    unknown = [
        {"field": f"lines.{place}.sku", "message": "There is no such product for sale."}
        for place, line in enumerate(lines)
        if line.sku not in found
    ]
    if unknown:
        raise UnknownProduct(details={"errors": unknown})
    quoted = [Quoted(found[line.sku], line.quantity) for line in lines]
    total = 0
    for place, (product, quantity) in enumerate(quoted):
        total += product.price.cents * quantity
        if total > MAX_CENTS:
            errors = [{"field": f"lines.{place}.quantity", "message": "The total is too large."}]
            raise TotalTooLarge(details={"errors": errors})
    return quoted


def usable(work: Work, code: str | None) -> Discount | None:
    """Return the discount of a code that was named; None without one. Raise UnknownDiscount or DiscountOver."""
    if not code:
        return None
    found = work.discounts.find(fold_code(code))
    if found is None:
        raise _unknown()
    try:
        found.must_be_usable(work.now)
    except UnknownDiscount:
        raise _unknown() from None
    return found


def least_payment(work: Work) -> Money:
    """Return what an order costs at least to be payable here."""
    settings = work.settings
    return settings.provider(settings.payment_provider).least


def take_use(work: Work, order: Order) -> None:
    """Count the use of an order that is placed.

    Raise DiscountOver if another one took the last in this moment, if its customer has paid with it as often as one
    may, or for a guest who has an unpaid order with this code: of a code with so many uses, who does not pay takes one
    at most. The use's lock lets orders with one code come one after the other, so that each sees those before it.

    What one customer may have is counted in paid orders alone: an order that was left to change the basket is no use,
    and a stranger who types another customer's address takes none from them. So it does not hold for who places several
    orders and then pays for all: each keeps the price that it was placed at.
    """
    if order.discount is None:
        return
    code = order.discount.code
    if not work.discounts.take_use(code):
        raise DiscountOver.used_up()
    most = work.discounts.most_of_one(code)
    if most is not None and work.orders.used_codes(order).count(code) >= most:
        raise DiscountOver.used_up_by_customer()
    if work.caller.roles or work.discounts.is_endless(code):
        return
    if code in work.orders.unpaid_codes(order, work.now):
        raise DiscountOver(WAITS, details={"why": "order_waits", "next": "Pay for the other order, or sign in."})


def free_use(work: Work, order: Order) -> None:
    """Give the use back of an order that ends and was never paid."""
    if order.discount is not None and order.confirmed_at is None:
        work.discounts.free_use(order.discount.code)


def keep_use(work: Work, order: Order) -> None:
    """Count the use again of an order that had expired and is paid after all."""
    if order.discount is not None:
        work.discounts.keep_use(order.discount.code)


def _unknown() -> UnknownDiscount:
    """Build the refusal, the same for a code that does not exist and for one that cannot be used yet."""
    return UnknownDiscount(details={"errors": [{"field": "discount_code", "message": UnknownDiscount.message}]})


def _shown(discount: Discount | None) -> DiscountView | None:
    return None if discount is None else price_views.discount_view(discount)


def _known_skus(work: Work, wanted: SaveDiscount) -> tuple[str, ...]:
    """Return the SKUs of the terms as the catalogue spells them. Raise UnknownProduct for what it does not have."""
    found = [work.products.find(sku) for sku in wanted.skus]
    errors = [
        {"field": f"skus.{place}", "message": "There is no such product."}
        for place, product in enumerate(found)
        if product is None
    ]
    if errors:
        raise UnknownProduct(details={"errors": errors})
    return tuple(dict.fromkeys(product.sku for product in found if product is not None))
