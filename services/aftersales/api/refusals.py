"""What aftersales refuses, and with which code."""

from __future__ import annotations

from services.common.basics.errors import Conflict, Forbidden, Invalid, NotFound


class ReturnNotFound(NotFound):
    """There is no such return, or it is not the caller's."""

    code = "return_not_found"
    message = "No such return."


class NotDeliveredYet(Conflict):
    """A return can be asked for from the delivery on."""

    code = "not_delivered_yet"
    message = "The order has not been delivered yet; it can be returned from the delivery on."


class ReturnWindowClosed(Conflict):
    """`details`: `{"last_day"}`, in the customer's zone."""

    code = "return_window_closed"
    message = "The last day on which this order could be returned is over."


class OrderWasCancelled(Conflict):
    """What was paid for the order is given back already."""

    code = "order_cancelled"
    message = "The order was cancelled, and what was paid is given back already."


class UnitsNotReturnable(Conflict):
    """`details`: `{"lines": [{"sku", "asked", "returnable", "why"}]}`."""

    code = "not_returnable"
    message = "Fewer pieces of a product can be returned than were asked for."


class UnitNotExpected(Conflict):
    """A receipt or finding names a piece that it cannot speak of."""

    code = "unit_not_expected"
    message = "This piece is not part of the return, or that was recorded already."


class AlreadyPaidBack(Conflict):
    """The order itself gave the money of this piece back."""

    code = "already_paid_back"
    message = "A piece was taken out of the order and paid back already."


class ReviewIncomplete(Invalid):
    """A decision needs findings that bear it."""

    code = "review_incomplete"
    message = "The parts of the review do not bear this decision."


class UnknownRefund(Conflict):
    """The payment ledger speaks of a refund that this return did not claim; no caller gets this."""

    code = "unknown_refund"
    message = "The payment ledger speaks of a refund that this return did not claim."


class DisputeWithoutNote(Invalid):
    """The customer reads why a piece is disputed."""

    code = "dispute_without_note"
    message = "a dispute needs a note that says why"


class AppealClosed(Conflict):
    """`details`: `{"appeal_by"}`."""

    code = "appeal_closed"
    message = "The last day on which this decision could be appealed is over."


class NotRestockable(Conflict):
    """What arrived damaged, or is another product, cannot be sold as new."""

    code = "not_restockable"
    message = "Only a piece that arrived in good order can be restocked."


class PostageNotFound(NotFound):
    """The return has no postage of this number."""

    code = "postage_not_found"
    message = "No postage of this number was asked for."


class PostageUndecided(Conflict):
    """One receipt after the other."""

    code = "postage_undecided"
    message = "Postage of this return is being looked at; please wait for the decision."


class TooMuchPostage(Conflict):
    """No return needs so many receipts."""

    code = "too_much_postage"
    message = "Postage was asked for too often for this return; please write to us."


class SecondPersonRequired(Forbidden):
    """Two people reject, a third decides the appeal; no one refunds alone what they requested themselves."""

    code = "second_person_required"
    message = "Somebody else has to decide this."
