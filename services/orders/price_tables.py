"""The tables of what is paid less, or is a part of what is paid; part of orders' tables (`tables`).

discounts  codes with their terms, and how many orders have each
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.basics.money import Money
from services.common.basics.untyped import Fields
from services.common.store.tables import Cents, UtcDateTime
from services.orders.api.parts import AppliedDiscount, LineTax
from services.orders.domain.discount import Discount


def write_applied(discount: AppliedDiscount) -> dict[str, object]:
    """Return the discount of an order as JSON, its amount in cents."""
    return {"code": discount.code, "percent": discount.percent, "amount": discount.amount.cents}


def read_applied(kept: Fields) -> AppliedDiscount:
    return AppliedDiscount(kept["code"], kept["percent"], Money(kept["amount"]))


def write_tax(tax: LineTax) -> dict[str, object]:
    """Return the tax of a line as JSON, its amounts in cents."""
    amounts = [amount.cents for amount in tax.amounts]
    return {"jurisdiction": tax.jurisdiction, "rate": tax.rate, "number": tax.number, "amounts": amounts}


def read_tax(kept: Fields) -> LineTax:
    amounts = tuple(Money(cents) for cents in kept["amounts"])
    return LineTax(kept["jurisdiction"], kept["rate"], kept["number"], amounts)


def add(mapping: registry, skus: sa.types.TypeEngine[object]) -> sa.Table:
    """Add the table and keep the domain's class in it. skus: how a list of them is kept.

    A customer's uses of a code are their orders that have it, so these have an index.
    """
    reduced = sa.text("discount IS NOT NULL")
    orders = mapping.metadata.tables["orders"]
    sa.Index("ix_orders_reduced_mailbox", orders.c.mailbox_key, postgresql_where=reduced, sqlite_where=reduced)
    discounts = sa.Table(
        "discounts",
        mapping.metadata,
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("percent", sa.Integer),
        sa.Column("amount", Cents),
        sa.Column("skus", skus, nullable=False),
        sa.Column("minimum", Cents),
        *(sa.Column(name, UtcDateTime) for name in ("valid_from", "valid_until")),
        sa.Column("uses", sa.Integer),
        sa.Column("uses_per_customer", sa.Integer),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("(percent IS NULL) <> (amount IS NULL)", name="one_kind"),
        sa.CheckConstraint("used >= 0", name="used"),
    )
    mapping.map_imperatively(Discount, discounts)
    return discounts
