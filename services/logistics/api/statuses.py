"""The words of logistics: statuses, causes and healths as they cross the boundary."""

from __future__ import annotations

from enum import StrEnum


class ShipmentStatus(StrEnum):
    QUEUED = "queued"
    SORTING = "sorting"
    PACKED = "packed"
    DISPATCHED = "dispatched"
    RECALLED = "recalled"


class Cause(StrEnum):
    """Why a shipment is asked back."""

    CANCELLATION = "cancellation"
    CHANGE = "change"
    EXCHANGE = "exchange"  # the customer of a return prefers the money


class ParcelStatus(StrEnum):
    LABEL_CREATED = "label_created"
    IN_TRANSIT = "in_transit"
    CUSTOMS = "customs"
    CUSTOMS_HOLD = "customs_hold"
    OUT_FOR_DELIVERY = "out_for_delivery"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    ATTEMPT_FAILED = "attempt_failed"
    EXCEPTION = "exception"
    LOST = "lost"
    RETURNING = "returning"
    RETURNED = "returned"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Reason(StrEnum):
    """Why a scan says what it says, in one vocabulary for all carriers. Some statuses have reasons, most need none."""

    ADDRESS = "address_correction"  # wrong, incomplete, or the customer has moved
    AT_PICKUP = "arrived_at_pickup_location"
    CONTACT_CARRIER = "contact_carrier"  # the carrier wants to be asked
    DAMAGED = "damaged"
    DELAYED = "delayed"
    DELIVERY = "delivery_exception"
    DESTROYED = "destroyed"  # by the carrier or customs: it will not arrive
    DOCUMENT = "document_missing"
    EXPIRED = "expired"
    HELD = "held"
    INACCESSIBLE = "inaccessible"  # the carrier could not get there
    INFORMATION = "awaiting_information"
    LOST = "lost"
    MISSORTED = "missorted"
    NEIGHBOUR = "with_neighbour"
    NOBODY = "nobody_there"
    OUT = "out_for_delivery"
    PAYMENT = "payment_due"  # the carrier wants money from the customer, which we have promised it would not
    REFUSED = "refused"  # by whom it is for
    REJECTED = "rejected_by_carrier"
    RETURN = "return"
    SECURITY = "security"
    TRANSIT = "transit_exception"
    UNCLAIMED = "unclaimed"
    UNDELIVERABLE = "undeliverable"
    WEATHER = "weather_delay"


class Missing(StrEnum):
    """Why a parcel will not arrive, as far as we know."""

    LOST = "lost"
    RETURNING = "returning"
    RETURNED = "returned"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    NEVER_SCANNED = "never_scanned"  # the promised window is over and no carrier ever reported it
    NOT_RECEIVED = "not_received"  # an agent found that it does not arrive, and the customer decided
    LATE = "late"  # not delivered so many working days after the promise (`terms.REMEDY`)


class Health(StrEnum):
    """How a parcel is doing, best first; `late` outranks all others."""

    ON_TIME = "on_time"
    NO_DATA = "no_data"
    AT_RISK = "at_risk"
    STUCK = "stuck"
    LATE = "late"


class FlawKind(StrEnum):
    """What was wrong with something that a carrier sent or answered."""

    UNREADABLE = "unreadable"  # a part that has no sense: it was left out, the rest counted
    UNKNOWN_CODE = "unknown_code"  # a scan whose code we do not know: kept, and it changed nothing
    LOOKUP_ERROR = "lookup_error"  # the carrier could not look the number up
    REFUSED = "refused"  # a whole request that cannot be read, is not signed, or is of a test
    NOT_ANSWERED = "not_answered"  # the carrier did not answer us, or said no
