"""Refuse an address that cannot be delivered to, before anything depends on it: the table of `domain.delivery`."""

from __future__ import annotations

from services.common.basics.errors import Invalid
from services.orders.api import Address, Contact, DestinationNotServed
from services.orders.domain import delivery
from services.orders.repository import Work


def must_be_reachable(work: Work, to: Address, contact: Contact | None = None) -> None:
    """Refuse what cannot be reached: Invalid (`validation_failed`) with the fields, or DestinationNotServed.

    Without `contact` only the address is looked at.
    """
    if to.country not in work.settings.destinations:
        error = {"field": "delivery.country", "message": f"We do not ship to {to.country}."}
        raise DestinationNotServed(details={"errors": [error]})
    wrong = delivery.address_refusals(to) if contact is None else delivery.refusals(contact, to)
    if wrong:
        errors = [{"field": field, "message": message} for field, message in wrong.items()]
        raise Invalid("some fields are wrong", code="validation_failed", details={"errors": errors})
