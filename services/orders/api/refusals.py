"""Refusals that several topics of orders share."""

from __future__ import annotations

from services.common.basics.errors import Conflict, Forbidden, Invalid, NotFound


class OrderNotFound(NotFound):
    """No such order, or one that the caller may not see."""

    code = "order_not_found"
    message = "There is no such order, or it is not yours."


class WrongStatus(Conflict):
    """The order, payment or change request does not allow that in its status.

    details: status.
    """

    code = "wrong_status"
    message = "That is not possible in the state it is in."


class CustomerRequired(Forbidden):
    """Staff tried to decide in the place of the customer."""

    code = "customer_required"
    message = "only the customer can decide this"


class DestinationNotServed(Invalid):
    """We do not ship to the country of the address.

    details: errors, by field.
    """

    code = "destination_not_served"
    message = "We do not ship to that country."
