"""The one Contact Us form for every demand (standard, section 5)."""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.support.api import ContactForm, SupportApi, TicketReceipt

blp = Resource("contact", "Contact Us: consultation, orders, logistics, after-sales, suggestions, complaints")


@blp.post("/contact", SupportApi.open_ticket, status=201)
def open_ticket(form: ContactForm) -> TicketReceipt:
    return services().support.open_ticket(form)
