"""Refusals that several topics of orders share."""

from __future__ import annotations

from services.common.basics.api import OrderNotFound as OrderNotFound
from services.common.basics.errors import Conflict, Forbidden, Invalid
from services.common.basics.states import WrongStatus as WrongStatus


class CustomerRequired(Forbidden):
    """Staff tried to decide in the place of the customer."""

    code = "customer_required"
    message = "only the customer can decide this"


class MailboxNotProven(Forbidden):
    """An order's link alone does not send its parcel to another address: a link can be forwarded.

    details: next.
    """

    code = "mailbox_not_proven"
    message = "To send the parcel to another address, sign in with the e-mail address of the order."

    @classmethod
    def sign_in(cls) -> MailboxNotProven:
        return cls(details={"next": "POST /v1/sign-in"})


class DestinationNotServed(Invalid):
    """We do not ship to the country of the address.

    details: errors, by field.
    """

    code = "destination_not_served"
    message = "We do not ship to that country."


class SecondPersonRequired(Conflict):
    """Who asked for money to be paid, or recorded that it was, does not decide about it alone."""

    code = "second_person_required"
    message = "You did the first step of this yourself; another person has to do this one."


class AdminRequired(Forbidden):
    """A refund that the day's ceiling stopped is let go by an admin; a lead takes all other decisions about money."""

    code = "admin_required"
    message = "Only an admin lets a refund go beyond the day's ceiling."


class UnknownProduct(Invalid):
    """Some products of the form are not for sale.

    details: errors, by their place in the form.
    """

    code = "unknown_product"
    message = "There is no such product for sale."


class TotalTooLarge(Invalid):
    """The order would cost more than can be paid at once.

    details: errors, by their place in the form.
    """

    code = "total_too_large"
    message = "An order of that amount cannot be placed."
