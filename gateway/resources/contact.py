"""The one Contact Us form for every demand (standard, section 5)."""

from __future__ import annotations

import logging
from typing import NotRequired, TypedDict, cast

from gateway.http import limits
from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.http.words import retold
from gateway.resources.products import title_of
from services.common.basics.errors import Unavailable
from services.support.api import AnswerTimes, ContactForm, SupportApi, TicketReceipt

log = logging.getLogger(__name__)
blp = Resource("contact", "Contact Us: consultation, orders, logistics, after-sales, suggestions, complaints")
UNKNOWN_PRODUCT = "We do not find this product. Please tell us in the conversation which one you mean."


class Doubt(TypedDict):
    """A field that was taken as it is, and what we would like to know about it."""

    field: str
    message: str


class ContactReceipt(TicketReceipt):
    """The receipt; `doubts`: what we could not make sense of. The message has arrived all the same."""

    doubts: NotRequired[list[Doubt]]


@blp.post("/contact", SupportApi.open_ticket, status=201, limit=limits.CONTACT, mails=lambda form: str(form.email))
def open_ticket(form: ContactForm) -> ContactReceipt:
    receipt = cast(ContactReceipt, services().support.open_ticket(form))
    if form.sku is not None and not is_product(form.sku):
        receipt["doubts"] = [{"field": "sku", "message": retold(UNKNOWN_PRODUCT)}]
    return receipt


@blp.get("/contact/answer-times", SupportApi.list_answer_times)
def list_answer_times() -> AnswerTimes:
    return services().support.list_answer_times()


def is_product(sku: str) -> bool:
    """Return whether the catalogue has this product; True while the catalogue does not answer."""
    try:
        return title_of(sku) is not None
    except Unavailable as problem:
        log.warning("the SKU of a message was not checked: %s", problem)
        return True
