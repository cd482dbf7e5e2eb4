"""What logistics refuses, and with which code."""

from __future__ import annotations

from services.common.basics.errors import Conflict, Forbidden, Invalid, NotFound


class ShipmentNotFound(NotFound):
    """There is no such shipment."""

    code = "shipment_not_found"
    message = "There is no such shipment."


class WrongShipmentStatus(Conflict):
    """`details`: `{"status", "wanted"}`."""

    code = "wrong_shipment_status"
    message = "The shipment is not where this step begins."


class ShipmentOnHold(Conflict):
    """Nothing leaves while a change waits for the customer, the customer for goods, or a payment is disputed."""

    code = "shipment_on_hold"
    message = (
        "A change of the order waits for the customer, the customer for missing goods, or its payment is disputed; "
        "until then nothing leaves."
    )


class TrackingNumberTaken(Conflict):
    """`details`: `{"tracking_numbers"}`."""

    code = "tracking_number_taken"
    message = "Another parcel of this year has this carrier and tracking number."


class UnknownCarrier(NotFound):
    """There is no adapter of that name."""

    code = "carrier_not_found"
    message = "We have no dealings with a carrier of that name."


class BadSignature(Forbidden):
    """The webhook is not signed by who it says it is from."""

    code = "bad_signature"
    message = "the signature does not fit"


class MalformedWebhook(Invalid):
    """The webhook cannot be read."""

    code = "malformed_webhook"
    message = "The webhook cannot be read."


class BodyTooLarge(Invalid):
    """A webhook has at most 1 MiB."""

    code = "body_too_large"
    message = "the body has more than 1 MiB"
