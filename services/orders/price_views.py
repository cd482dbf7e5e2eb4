"""What orders shows of prices: discount codes, and what goods would cost. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from services.common.basics.clock import rfc3339
from services.common.basics.money import ZERO, Money
from services.common.basics.shapes import money_view
from services.orders.api.discounts import DiscountView, QuotedLineView, QuoteView
from services.orders.api.parts import AppliedDiscount, AppliedDiscountView
from services.orders.domain import Discount, Quoted


def discount_view(discount: Discount) -> DiscountView:
    """Show a code as staff see it."""
    return {
        "code": discount.code,
        "percent": discount.percent,
        "amount": None if discount.amount is None else money_view(discount.amount),
        "skus": list(discount.skus),
        "minimum": None if discount.minimum is None else money_view(discount.minimum),
        "valid_from": rfc3339(discount.valid_from) if discount.valid_from else None,
        "valid_until": rfc3339(discount.valid_until) if discount.valid_until else None,
        "uses": discount.uses,
        "uses_per_customer": discount.uses_per_customer,
        "used": discount.used,
        "note": discount.note,
        "active": discount.active,
        "version": discount.version,
    }


def applied_view(discount: AppliedDiscount | None) -> AppliedDiscountView | None:
    """Show the discount that an order was placed with."""
    if discount is None:
        return None
    return {"code": discount.code, "percent": discount.percent, "amount": money_view(discount.amount)}


def quote_view(quoted: Sequence[Quoted], paid: Sequence[tuple[Money, ...]], discount: Discount | None) -> QuoteView:
    """Show what goods would cost. paid: what each unit of each line costs."""
    lines = [_line(each, units) for each, units in zip(quoted, paid, strict=True)]
    goods = Money.total(cost for units in paid for cost in units)
    less = Money.total(product.price * quantity for product, quantity in quoted) - goods
    return {
        "lines": lines,
        "totals": {
            "goods": money_view(goods),
            "discount": money_view(less),
            "shipping": money_view(ZERO),
            "duties": money_view(ZERO),
            "total": money_view(goods),
        },
        "discount": applied_view(discount.applied(less) if discount else None),
    }


def _line(quoted: Quoted, units: Sequence[Money]) -> QuotedLineView:
    product, quantity = quoted
    total = Money.total(units)
    return {
        "sku": product.sku,
        "title": product.title,
        "quantity": quantity,
        "unit_price": money_view(product.price),
        "discount": money_view(product.price * quantity - total),
        "total": money_view(total),
    }
