"""The one Contact Us form for every demand (standard, section 5)."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.http.schemas import Answer, Line, Strict, timestamp
from services.common.basics import ids
from services.common.basics.api import ANYONE
from services.common.edge.fields import EmailAddress, Number, Sku, Text

CATEGORIES = ("product", "order", "logistics", "aftersales", "suggestion", "complaint")
TOPICS = ("parameters", "materials", "usage", "matching", "order_rules", "logistics_instructions")

blp = Resource("contact", "Contact Us: consultation, orders, logistics, after-sales, suggestions, complaints")


class ContactForm(Strict):
    """`topic`: for questions before buying. `order_number` is taken as a claim unless the caller shows it is theirs."""

    name = Line(120, required=True)
    email = EmailAddress(required=True)
    category = fields.String(required=True, validate=validate.OneOf(CATEGORIES))
    topic = fields.String(validate=validate.OneOf(TOPICS))
    subject = Line(200, required=True)
    message = Text(10_000, required=True)
    order_number = Number(ids.ORDER)
    sku = Sku()


class Receipt(Answer):
    """`access_token`: the way back to this ticket, for who has no account; a link to it is mailed too."""

    ticket_number = fields.String(required=True, metadata={"example": ids.number(ids.TICKET, 0)})
    answer_by = timestamp(required=True)
    access_token = fields.String(required=True)


@blp.route("/contact", methods=["POST"])
@blp.allows(ANYONE)
@blp.takes(ContactForm)
@blp.answers(201, Receipt)
def open_ticket(body: dict[str, Any]) -> Any:
    """Write to us, without an account.

    The answer says at once under which number it is kept, and until when a person answers. Send the token of the
    order, or of your session, along with a question about an order: then we know that it is yours.
    """
    return services().support.open_ticket(body)
