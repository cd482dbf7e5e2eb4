"""What logistics refuses, and with which code."""

from __future__ import annotations

from services.common.basics.errors import Conflict, Forbidden, Invalid, NotFound


class ShipmentNotFound(NotFound):
    """There is no such shipment."""

    code = "shipment_not_found"
    message = "There is no such shipment."


class StockPlaceUnknown(NotFound):
    """Orders has not told us yet of a stock place that something is to leave from. It is looked at again later."""

    code = "stock_place_unknown"
    message = "We have not heard of this stock place yet."


class WrongShipmentStatus(Conflict):
    """`details`: `{"status", "wanted"}`."""

    code = "wrong_shipment_status"
    message = "The shipment is not where this step begins."


class ShipmentOnHold(Conflict):
    """Nothing leaves while a change waits, goods are missing, a payment is disputed, or staff keep the order back."""

    code = "shipment_on_hold"
    message = (
        "A change of the order waits for the customer, the customer for missing goods, its payment is disputed, or a "
        "colleague keeps it back; until then nothing leaves."
    )


class TrackingNumberTaken(Conflict):
    """`details`: `{"tracking_numbers"}`."""

    code = "tracking_number_taken"
    message = "Another parcel of late has this tracking number of the same carrier."


class LabelNotUsed(Conflict):
    """Another label was bought for this shipment or for all of it, or this one was given back. `details`: which one."""

    code = "label_not_used"
    message = "Another label was bought for this shipment. Hand it over under that one, or give it back first."


class NoLabel(Invalid):
    """Nothing says under which number it leaves: no parcel is named, and no label is bought."""

    code = "no_label"
    message = "No label is bought for this shipment. Say by which carrier and under which number it leaves."


class NotInShipment(Invalid):
    """The parcels hold what the shipment does not. `details`: `{"lines": [{"line_id", "quantity"}]}`, too much."""

    code = "not_in_shipment"
    message = "The parcels hold pieces that are not in the shipment."


class PartOfShipment(Invalid):
    """The parcels hold a part of the shipment. `details`: `{"lines": [{"line_id", "quantity"}]}`, what is not named."""

    code = "part_of_shipment"
    message = "Some pieces of the shipment are in none of the parcels. Pack them too, or say that the rest follows."


class NothingFollows(Invalid):
    """All of the shipment is in the parcels."""

    code = "nothing_follows"
    message = "All of the shipment is in the parcels, so that nothing is left to follow."


class LeavesWhole(Conflict):
    """It is sent again, or in exchange, for what one parcel was to bring."""

    code = "leaves_whole"
    message = "What is sent again or in exchange leaves together."


class ParcelNotFound(NotFound):
    """The shipment has no such parcel."""

    code = "parcel_not_found"
    message = "There is no such parcel."


class AlreadyDelivered(Conflict):
    """The parcel is delivered already. `details`: `{"delivered_at"}`."""

    code = "already_delivered"
    message = "This parcel is delivered already."


class NotDelivered(Conflict):
    """The parcel is not delivered, as far as we know. `details`: `{"status"}`."""

    code = "not_delivered"
    message = "This parcel is not delivered, as far as we know."


class UnmatchedNotFound(NotFound):
    """No scans of that id wait for their parcel."""

    code = "unmatched_not_found"
    message = "There are no such scans."


class UnmatchedSettled(Conflict):
    """The scans have a parcel already. `details`: `{"parcel_id"}`, null when it was found by itself."""

    code = "already_matched"
    message = "These scans have a parcel already."


class AlreadyDismissed(Conflict):
    """A person has dismissed the scans before. `details`: `{"by", "at"}`."""

    code = "already_dismissed"
    message = "These scans are dismissed already."


class ImpossibleTime(Invalid):
    """What is recorded cannot have happened then. `details`: `{"earliest", "latest"}`."""

    code = "impossible_time"
    message = "It cannot have happened then."


class UnknownCarrier(NotFound):
    """There is no adapter of that name."""

    code = "carrier_not_found"
    message = "We have no dealings with a carrier of that name."


class BadSignature(Forbidden):
    """The webhook is not signed by who it says it is from."""

    code = "bad_signature"
    message = "the signature does not fit"


class InTestMode(Forbidden):
    """The webhook tells of a test, and this is where real parcels are."""

    code = "test_mode"
    message = "Events of the carrier's test mode count for nothing here."


class MalformedWebhook(Invalid):
    """The webhook cannot be read."""

    code = "malformed_webhook"
    message = "The webhook cannot be read."


class BodyTooLarge(Invalid):
    """A webhook has at most 1 MiB."""

    code = "body_too_large"
    message = "the body has more than 1 MiB"
