"""Mails about returns and what they bring back (standard, section 4)."""

from __future__ import annotations

from services.aftersales.api.events import (
    ReturnAuthorized,
    ReturnEvent,
    ReturnExchangeEnded,
    ReturnInfoRequested,
    ReturnInspected,
    ReturnPostageAsked,
    ReturnPostageDecided,
    ReturnReceived,
    ReturnRefundChosen,
    ReturnRefunded,
    ReturnRejected,
    ReturnRequested,
    ReturnSentBack,
)
from services.aftersales.api.statuses import ClaimCause, ExchangeEnd, PostageOutcome, ReturnOutcome
from services.aftersales.api.terms import POSTAGE, REFUND, RETURN_REVIEW, SEND_BACK, TERMS, VERIFICATION
from services.common.language import N_
from services.support.adapters.mail.letter import Mail, for_customers, when
from services.support.adapters.mail.postal import block
from services.support.adapters.mail.words import _, in_words, money, ngettext, paid_back
from services.support.domain import Link


def _about(event: ReturnEvent, subject: str, what: str, next_step: str) -> Mail:
    number, order = event.return_number, event.order_number
    case = f"{_('Your return: {number}', number=number)}\n{_('Your order: {number}', number=order)}"
    return Mail(f"{subject} · {number}", what, next_step, case, Link.ORDER)


@for_customers
def return_requested(event: ReturnRequested, zone: str | None) -> Mail:
    if event.law is not None:
        return _about(
            event,
            _("We have received your withdrawal"),
            _(
                "we have received your declaration that you withdraw from your purchase. It reached us on {date}.",
                date=when(event.requested_at, zone),
            ),
            _("nobody has to approve it. How to send the goods stands in our next mail."),
        )
    return _about(
        event,
        _("We have received your return request"),
        _("we have received your request to exchange goods: you send them back, and get the same again.")
        if event.outcome is ReturnOutcome.EXCHANGE
        else _("we have received your request to return goods."),
        _("our after-sales team reviews it within {time} and writes to you.", time=in_words(TERMS[RETURN_REVIEW])),
    )


@for_customers
def return_info_requested(event: ReturnInfoRequested, zone: str | None) -> Mail:
    return _about(
        event,
        _("We have a question about your return"),
        f"{_('to decide about your return we need to know one thing more:')}\n\n{event.question}",
        _("please answer on the page of your order. We go on when we have your answer."),
    )


@for_customers
def return_authorized(event: ReturnAuthorized, zone: str | None) -> Mail:
    return _about(
        event,
        _("Your return is accepted: how to send it"),
        f"{_('your return is accepted. Please send the goods to:')}\n\n{block(event.instructions)}",
        _(
            "send the parcel by {date} and write the number of the return on it. We check the goods within {time} of "
            "their arrival. Please keep the receipt for the postage: when the goods have arrived, you enter it on the "
            "page of your order, and we pay it back.",
            date=when(event.send_by, zone),
            time=in_words(TERMS[VERIFICATION]),
        ),
    )


@for_customers
def return_rejected(event: ReturnRejected, zone: str | None) -> Mail:
    if event.final:
        return _rejected_for_good(event)
    review = in_words(TERMS[RETURN_REVIEW])
    looked = (
        ngettext(
            "two colleagues have looked at {count} piece of your return, and we cannot accept it:",
            "two colleagues have looked at {count} pieces of your return, and we cannot accept it:",
            len(event.units),
        )
        if event.units
        else _("two colleagues have looked at your request, and we cannot accept it:")
    )
    appeal = (
        _(
            "if you see it otherwise, you may appeal on the page of your order until {date}; somebody else then "
            "decides within {time}.",
            date=when(event.appeal_by, zone),
            time=review,
        )
        if event.appeal_by
        else _(
            "if you see it otherwise, you may appeal on the page of your order; somebody else then decides within "
            "{time}.",
            time=review,
        )
    )
    return _about(event, _("Our decision about your return"), f"{looked}\n\n{event.explanation}", appeal)


def _rejected_for_good(event: ReturnRejected) -> Mail:
    what = (
        ngettext(
            "we cannot accept {count} piece of your return, and this decision is final:",
            "we cannot accept {count} pieces of your return, and this decision is final:",
            len(event.units),
        )
        if event.units
        else _("we cannot accept your request, and this decision is final:")
    )
    goods = _("We hand the goods to a carrier within {time}.", time=in_words(TERMS[SEND_BACK]))
    nothing = _("you need do nothing.")
    return _about(
        event,
        _("Our final decision about your return"),
        f"{what}\n\n{event.explanation}",
        f"{nothing} {goods}" if event.goods_back else nothing,
    )


@for_customers
def return_sent_back(event: ReturnSentBack, zone: str | None) -> Mail:
    what = ngettext(
        "we have sent {count} piece of your return back to you{how}.",
        "we have sent {count} pieces of your return back to you{how}.",
        len(event.units),
        how=_how(event),
    )
    return _about(event, _("Your goods are on their way back to you"), what, _("you need do nothing."))


def _how(event: ReturnSentBack) -> str:
    by = _(" with {carrier}", carrier=event.carrier) if event.carrier else ""
    number = _(", tracking number {number}", number=event.tracking_number) if event.tracking_number else ""
    return f"{by}{number}"


@for_customers
def return_received(event: ReturnReceived, zone: str | None) -> Mail:
    return _about(
        event,
        _("Your return has arrived"),
        _("the goods you sent back have arrived."),
        _("we check them within {time}, and tell you what we found.", time=in_words(TERMS[VERIFICATION])),
    )


@for_customers
def return_inspected(event: ReturnInspected, zone: str | None) -> Mail:
    open_ = event.disputed + event.unconfirmed
    found = [ngettext("{count} accepted", "{count} accepted", event.accepted)] if event.accepted else []
    found += [ngettext("{count} looked at once more", "{count} looked at once more", open_)] if open_ else []
    then = []
    if event.refund:
        within = in_words(TERMS[REFUND])
        back = money(event.refund)
        then.append(_("{amount} go back to your original means of payment within {time}.", amount=back, time=within))
    if event.exchanged:
        then.append(_("You wanted the same again: we see whether it is there, and write to you at once."))
    if open_:
        then.append(_("A second colleague looks at what is not decided, and we write to you when it is."))
    return _about(
        event,
        _("Your return has been checked"),
        _("we have checked your return: {found}.", found=", ".join(found)),
        " ".join(then) or _("you need do nothing."),
    )


@for_customers
def return_postage_asked(event: ReturnPostageAsked, zone: str | None) -> Mail:
    return _about(
        event,
        _("We have received your receipt"),
        _("we have received your receipt for the postage of your return: {amount}.", amount=money(event.amount)),
        _("we look at it within {time} and write to you.", time=in_words(TERMS[POSTAGE])),
    )


@for_customers
def return_postage_decided(event: ReturnPostageDecided, zone: str | None) -> Mail:
    if event.outcome is PostageOutcome.ACCEPTED:
        return _about(
            event,
            _("We pay your postage back"),
            _("we pay back the postage of {amount}.", amount=money(event.amount)),
            _(
                "it takes {time}. We pay it to your original means of payment, as far as money of your "
                "order is left there; for what is more, a colleague sees to it that you get it.",
                time=in_words(TERMS[REFUND]),
            ),
        )
    looked = _(
        "two colleagues have looked at your receipt of {amount}, and we cannot pay it back:", amount=money(event.amount)
    )
    return _about(
        event,
        _("Our decision about your postage"),
        f"{looked}\n\n{event.explanation}",
        _("if you see it otherwise, please enter it once more on the page of your order, with what shows it."),
    )


@for_customers
def return_refunded(event: ReturnRefunded, zone: str | None) -> Mail:
    amount = money(event.amount)
    if event.pays is ClaimCause.POSTAGE:
        subject = _("Your postage is paid back")
        what = _("the postage of {amount} for your return has been paid back.", amount=amount)
    else:
        subject = _("Your return is settled")
        what = _(
            "the refund of {amount} for your return has been paid back to your original means of payment.",
            amount=amount,
        )
    return _about(event, subject, what, paid_back(credit_note=event.credit_note))


_WHY_REPAID = {
    ExchangeEnd.OUT_OF_STOCK: N_("you wanted the same goods again, and we are sorry: we have none left."),
    ExchangeEnd.PAYMENT_CONTESTED: N_(
        "you wanted the same goods again. We cannot send them, because your bank is asking about your payment."
    ),
    ExchangeEnd.NOT_OWED: N_("you wanted the same goods again, and we are sorry: we cannot send them."),
    ExchangeEnd.CHANGED_MIND: N_("as you chose, we do not send the same goods again."),
}


@for_customers
def return_exchange_ended(event: ReturnExchangeEnded, zone: str | None) -> Mail:
    what, amount, within = _(_WHY_REPAID[event.why]), money(event.refund), in_words(TERMS[REFUND])
    return _about(
        event,
        _("We pay you back instead of an exchange"),
        what,
        _("{amount} go back to your original means of payment within {time}.", amount=amount, time=within)
        if event.why is not ExchangeEnd.PAYMENT_CONTESTED
        else _("what you are owed goes back to you when your bank has decided, and we write to you."),
    )


@for_customers
def return_refund_chosen(event: ReturnRefundChosen, zone: str | None) -> Mail:
    if event.waits:
        then = _("we try to stop the parcel that we send you in exchange, and write to you whether we could.")
    else:
        then = _("you get back what you paid for the goods that we accept. Your return goes on as it is.")
    return _about(
        event,
        _("Your decision has been recorded"),
        _("you chose on {date} to be paid back instead of an exchange.", date=when(event.chosen_at, zone)),
        then,
    )
