"""The one Contact Us form for every demand (standard, section 5)."""

from __future__ import annotations

import logging

from gateway.http import limits
from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.errors import Invalid, NotFound, Unavailable
from services.support.api import ContactForm, SupportApi, TicketReceipt

log = logging.getLogger(__name__)
blp = Resource("contact", "Contact Us: consultation, orders, logistics, after-sales, suggestions, complaints")


@blp.post("/contact", SupportApi.open_ticket, status=201, limit=limits.CONTACT, mails=lambda form: str(form.email))
def open_ticket(form: ContactForm) -> TicketReceipt:
    if form.sku is not None:
        must_be_a_product(form.sku)
    return services().support.open_ticket(form)


def must_be_a_product(sku: str) -> None:
    """Refuse a SKU that the catalogue does not have. Where the catalogue does not answer, the message counts more."""
    try:
        services().orders.get_product(sku)
    except NotFound:
        error = {"field": "sku", "message": "There is no such product."}
        raise Invalid("some fields are wrong", code="validation_failed", details={"errors": [error]}) from None
    except Unavailable as problem:
        log.warning("the SKU of a message was not checked: %s", problem)
