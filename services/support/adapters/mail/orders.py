"""Mails about an order, its payment, its review and changes to it (standard, section 2)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from services.common.basics.money import Money
from services.common.language import N_
from services.logistics.api.terms import DISPATCH, TERMS
from services.orders.api.events import (
    CancellationRequested,
    ChangeAccepted,
    ChangeClosed,
    ChangeDeclined,
    ChangeRequested,
    OrderCancelled,
    OrderChanged,
    OrderExpired,
    OrderPlaced,
    PaymentCaptured,
    PaymentFailed,
    RefundFailed,
    RefundSettled,
    ReviewNeedsContact,
    ReviewPassed,
)
from services.orders.api.parts import ReportedAmount
from services.orders.api.statuses import RefundCause
from services.orders.api.terms import REFUND, REVIEW
from services.orders.api.terms import TERMS as PROMISES
from services.support.adapters.mail.letter import Mail, for_customers, when
from services.support.adapters.mail.postal import goes_to
from services.support.adapters.mail.stock import awaited
from services.support.adapters.mail.words import _, capital, in_words, money, paid_back
from services.support.domain import Link

_CHECKS = {
    "order_info": N_("the goods or amounts of your order"),
    "payment": N_("your payment"),
    "delivery": N_("your delivery address or phone number"),
}
_YOUR_ORDER = N_("your order")
_CAUSES = {
    "return": N_("your return"),
    "postage": N_("the postage of your return"),
    "change": N_("the change of your order"),
    "cancellation": N_("your cancelled order"),
    "remedy": N_("what did not arrive"),
    "goodwill": N_("your complaint"),
    "payment": N_("what your order did not need of your payments"),
}


def about(number: str, subject: str, what: str, next_step: str, link: Link = Link.ORDER) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, _("Your order: {number}", number=number), link)


def contents_of(event: OrderPlaced | ReviewPassed) -> str:
    """List what was bought, for how much, and where it goes."""
    lines = [
        _("{quantity} × {title}, {price} each", quantity=line.quantity, title=line.title, price=money(line.unit_price))
        for line in event.lines
    ]
    if isinstance(event, OrderPlaced):
        if event.totals.discount:
            lines.append(_("Discount: {amount}", amount=money(event.totals.discount)))
        lines.append(_("In all: {amount}", amount=money(event.totals.total)))
    return "\n".join(f"  {line}" for line in lines) + goes_to(asdict(event.delivery))


@for_customers
def order_placed(event: OrderPlaced, zone: str | None) -> Mail:
    thanks = _("thank you for your order.")
    free = _("Shipping is free, and all duties and handling fees are borne by us.")
    return about(
        event.order_number,
        _("We have received your order"),
        f"{thanks}{_listed(contents_of(event))}\n\n{free}{awaited(event.goods_by)}",
        _("as soon as your payment has arrived, we check the order and tell you."),
    )


@for_customers
def payment_captured(event: PaymentCaptured, zone: str | None, contents: str | None = None) -> Mail:
    write = _CAPTURED.get(event.use)
    return write(event) if write else _paid(event, contents)


def _paid(event: PaymentCaptured, contents: str | None) -> Mail:
    what = [_thanks(event.amount)]
    then = [_("we check your order within {time}.", time=in_words(PROMISES[REVIEW]))]
    if event.surplus:
        what.append(_("{amount} of it are more than your order costs.", amount=money(event.surplus)))
        then += [_("What you paid too much goes back to your original means of payment."), refund_by()]
    return about(
        event.order_number, _("Your payment has arrived"), f"{' '.join(what)}{_listed(contents)}", " ".join(then)
    )


def _paid_again(event: PaymentCaptured) -> Mail:
    return about(
        event.order_number,
        _("Your payment has arrived"),
        _("your payment has arrived, thank you. Your order is paid in full again."),
        _("we go on with your order where we had stopped."),
    )


def _paid_in_part(event: PaymentCaptured) -> Mail:
    return about(
        event.order_number,
        _("Part of your payment has arrived"),
        _(
            "{amount} of your payment have arrived; {missing} of what your order costs are missing. "
            "We cannot begin with your order yet.",
            amount=_amount(event.amount),
            missing=money(event.missing),
        ),
        _(
            "please pay the rest on the page of your order. If the order ends without it, what you paid goes back to "
            "your original means of payment, in full."
        ),
    )


def _paid_too_much(event: PaymentCaptured) -> Mail:
    back = _("it goes back to your original means of payment, in full.")
    return about(
        event.order_number,
        _("A payment goes back to you"),
        _("a payment of {amount} has arrived that your order does not need.", amount=_amount(event.amount)),
        f"{back} {refund_by()} {_('You need do nothing.')}",
    )


def _paid_otherwise(event: PaymentCaptured) -> Mail:
    return about(
        event.order_number,
        _("We look into your payment"),
        _(
            "a payment of {amount} has arrived that we cannot use for your order as it is. It is yours until that "
            "is cleared up.",
            amount=_amount(event.amount),
        ),
        _(
            "a colleague looks into it. If your order still waits for its payment, you may pay it in USD on the page "
            "of your order."
        ),
    )


def refund_by() -> str:
    return _("That takes {time}.", time=in_words(PROMISES[REFUND]))


def _thanks(paid: ReportedAmount) -> str:
    return _("your payment of {amount} has arrived, thank you.", amount=_amount(paid))


def _amount(paid: ReportedAmount) -> str:
    return money(paid.amount, paid.currency)


_CAPTURED = {"again": _paid_again, "part": _paid_in_part, "surplus": _paid_too_much, "attention": _paid_otherwise}


@for_customers
def payment_failed(event: PaymentFailed, zone: str | None, contents: str | None = None) -> Mail:
    what = _("your payment did not go through, and was not charged.")
    return about(
        event.order_number,
        _("Your payment did not go through"),
        f"{what}{_listed(contents)}",
        _(
            "you may try to pay again on the page of your order. If that does not help, write to us on our Contact Us "
            "page."
        ),
    )


@for_customers
def review_passed(event: ReviewPassed, zone: str | None) -> Mail:
    checked = _("your order has been checked and everything is in order.")
    what = f"{_thanks(event.paid)} {capital(checked)}{_listed(contents_of(event))}" if event.paid else checked
    if event.goods_by:
        then = _("we keep your order until all of it is here, send it as a whole, and tell you when it leaves.")
        return about(event.order_number, _("Your order waits for goods"), f"{what}{awaited(event.goods_by)}", then)
    return about(
        event.order_number,
        _("Your order is being prepared"),
        what,
        _(
            "we sort, pack and hand it over to the carrier within {time}, and tell you when it leaves.",
            time=in_words(TERMS[DISPATCH]),
        ),
    )


@for_customers
def review_needs_contact(event: ReviewNeedsContact, zone: str | None) -> Mail:
    wrong = [_(_CHECKS.get(failed.check, _YOUR_ORDER)) for failed in event.failed] or [_(_YOUR_ORDER)]
    found = _(
        "while checking your order we found something to clear up with you: {what}. "
        "Your order stays as it is; nothing is changed or cancelled without you.",
        what=", ".join(dict.fromkeys(wrong)),
    )
    return about(
        event.order_number,
        _("We have a question about your order"),
        f"{_thanks(event.paid)} {capital(found)}" if event.paid else found,
        _("please answer us through the link below; we go on when we hear from you."),
        Link.TICKET,
    )


@for_customers
def change_requested(event: ChangeRequested, zone: str | None) -> Mail:
    options = [option.label for option in event.options]
    if all(option.option != "wait" for option in event.options):
        options.append(_("Leave the order as it is"))
    choose, stays = (
        _("You may choose:"),
        _("Your order changes only if you say so; if we do not hear from you, it stays as it is."),
    )
    listed = "\n".join(f"  - {option}" for option in options)
    return about(
        event.order_number,
        _("Please decide about a change to your order"),
        f"{event.summary}\n\n{choose}\n{listed}\n\n{stays}",
        _(
            "please choose on the page of your order. Please decide by {date}.",
            date=when(event.expires_at, zone),
        ),
    )


@for_customers
def change_accepted(event: ChangeAccepted, zone: str | None) -> Mail:
    subject = _("Your decision has been recorded")
    if event.option == "wait":
        return about(
            event.order_number,
            subject,
            _("you will wait; thank you for your patience. Your order stays as it is."),
            _("we send it as soon as everything is there again."),
        )
    return about(
        event.order_number,
        subject,
        _("you agreed to the change of your order; thank you for deciding."),
        _("we change the order exactly as you were shown, and confirm it."),
    )


@for_customers
def change_declined(event: ChangeDeclined, zone: str | None) -> Mail:
    return about(
        event.order_number,
        _("Your decision has been recorded"),
        _("you declined the change; your order stays as it is."),
        _("you need do nothing. If we have another question, we ask you again."),
    )


@for_customers
def change_closed(event: ChangeClosed, zone: str | None) -> Mail:
    return about(
        event.order_number,
        _("A change to your order is off the table"),
        _("the change that we asked you about is no longer open. Your order stays as it is."),
        _("you need do nothing. If we have another question, we ask you again."),
    )


@for_customers
def order_changed(event: OrderChanged, zone: str | None) -> Mail:
    what = _("your order has been changed as you decided.")
    if event.lines:
        lines = "".join(f"\n  - {line.quantity} × {line.title}" for line in event.lines)
        what = f"{what} {_('What remains:')}{lines}"
    if event.refund:
        what = f"{what}\n\n{goes_back(event.refund)}"
    then = (
        _("we go on with your order and tell you when the refund has settled.")
        if event.refund
        else _("we go on with your order.")
    )
    return about(event.order_number, _("Your order has been changed as you decided"), what, then)


def goes_back(amount: Money) -> str:
    return _("{amount} go back to your original means of payment.", amount=money(amount))


@for_customers
def cancellation_requested(event: CancellationRequested, zone: str | None) -> Mail:
    return about(
        event.order_number,
        _("We have received your cancellation"),
        _("you asked us to cancel your order."),
        _("we stop the parcel if it has not left yet, and tell you either way."),
    )


@for_customers
def order_cancelled(event: OrderCancelled, zone: str | None) -> Mail:
    settled, follows = (
        _("we tell you when the refund has settled."),
        _("a colleague follows it, and sees to it that you get back what is yours."),
    )
    if event.remedy_id is not None:
        what = _(
            "nothing is left of your order: {amount} for what did not arrive go back to you, as you chose.",
            amount=money(event.refund),
        )
        return about(event.order_number, _("Your order is closed"), what, settled)
    back, ends = "", settled if event.refund else _("you need do nothing.")
    if event.waits and event.waits < event.refund:
        ends = follows
        back = _(
            "{now} go back to your original means of payment now. Your bank is looking "
            "into the other {rest}, so we send those back only when that is decided.",
            now=money(event.refund - event.waits),
            rest=money(event.waits),
        )
    elif event.held:
        ends = follows
        back = _("Your bank is looking into what you paid for it, so we send nothing back until that is decided.")
    elif event.refund:
        back = _("{amount} go back to your original means of payment, in full.", amount=money(event.refund))
    what = f"{_('your order is cancelled as you asked.')} {back}"
    return about(event.order_number, _("Your order is cancelled"), what, ends)


@for_customers
def order_expired(event: OrderExpired, zone: str | None) -> Mail:
    return about(
        event.order_number,
        _("Your order was not paid"),
        _("your order was not paid in full in time, so it is closed. Nothing is kept for it."),
        _(
            "if you had paid a part, it goes back to your original means of payment, in full. You need do nothing; you "
            "are welcome to order again."
        ),
    )


@for_customers
def refund_settled(event: RefundSettled, zone: str | None) -> Mail:
    if event.cause is RefundCause.CHARGEBACK:
        return about(
            event.order_number,
            _("Your bank has decided about your payment"),
            _(
                "your bank had asked for money of your order back; {amount} of it are yours, it has decided.",
                amount=money(event.amount),
            ),
            _(
                "it is your bank that pays them out. If that is not what you wanted, please write to us on our Contact "
                "Us page."
            ),
        )
    return about(
        event.order_number,
        _("Your refund has been paid"),
        _(
            "{amount} for {what} have been paid back to your original means of payment.",
            amount=money(event.amount),
            what=_(_CAUSES.get(event.cause, _YOUR_ORDER)),
        ),
        paid_back(credit_note=event.credit_note),
    )


@for_customers
def refund_failed(event: RefundFailed, zone: str | None, news_by: datetime) -> Mail:
    amount, what = money(event.amount), _(_CAUSES.get(event.cause, _YOUR_ORDER))
    told = (
        _(
            "we told you that our refund of {amount} for {what} had been paid. The bank has taken that back: the money "
            "did not arrive. We still owe it; we are sorry for the delay.",
            amount=amount,
            what=what,
        )
        if event.after_settled
        else _(
            "the bank has not paid our refund of {amount} for {what} as it should. The money is still yours; we are "
            "sorry for the delay.",
            amount=amount,
            what=what,
        )
    )
    news = _("we write to you with news by {date}.", date=when(news_by, zone))
    meanwhile = _("A colleague looks after it meanwhile.") if event.manual else _("We send it again meanwhile.")
    return about(event.order_number, _("Your refund is delayed"), told, f"{news} {meanwhile}", Link.TICKET)


def _listed(contents: str | None) -> str:
    return f"\n\n{contents}" if contents else ""
