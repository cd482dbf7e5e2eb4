"""Mails about what customers changed themselves, or could not."""

from __future__ import annotations

from dataclasses import asdict

from services.orders.api.events import ChangeClosed, OrderChanged
from services.orders.api.statuses import EditBarrier
from services.support.adapters.mail.letter import Mail, for_customers
from services.support.adapters.mail.orders import about, goes_back, refund_by
from services.support.adapters.mail.postal import goes_to
from services.support.adapters.mail.words import _


@for_customers
def edit_not_done(event: ChangeClosed, zone: str | None) -> Mail:
    """Write that the customer's own edit came too late: it is said as it is, and who can still help."""
    stays = _("So nothing was changed, and nothing is paid back. Your order stays as it was.")
    if event.because is EditBarrier.ALREADY_DISPATCHED:
        why = _("your parcel had left our warehouse already when your change reached it.")
        then = _("when the parcel has come, you can send back what you do not want, free of charge.")
    elif event.because is EditBarrier.CHANGE_OPEN:
        why = _("another change of your order came first.")
        stays = _("So yours was not made.")
        then = _("if the change still matters to you, make it once more on the page of your order.")
    else:
        why = _("your parcel was packed already when your change reached our warehouse.")
        then = _("if the change matters to you, a person sees what can still be done.")
    ask = _("Please write to us by the link below.")
    return about(event.order_number, _("We could not change your order"), f"{why} {stays}", f"{then} {ask}")


@for_customers
def order_edited(event: OrderChanged, zone: str | None) -> Mail:
    """Write what the customer has changed, to the address that no edit can change: it may not have been them."""
    lines = "\n".join(f"  {line.quantity} × {line.title}" for line in event.lines)
    what = f"{_('your order has been changed as you wished. This is your order now:')}\n\n{lines}"
    what += goes_to(asdict(event.delivery))
    if event.refund:
        what = f"{what}\n\n{goes_back(event.refund)} {refund_by()}"
    return about(
        event.order_number,
        _("You have changed your order"),
        what,
        _("we go on with your order. Was it not you who changed it? Then please write to us at once."),
    )
