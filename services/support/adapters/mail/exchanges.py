"""The mail about goods that are sent once more in exchange for a return (standard, section 4)."""

from __future__ import annotations

from services.logistics.api.terms import DISPATCH, TERMS
from services.orders.api.events import ExchangeArranged
from services.support.adapters.mail.letter import Mail, for_customers
from services.support.adapters.mail.words import _, in_words, ngettext
from services.support.domain import Link


@for_customers
def exchange_arranged(event: ExchangeArranged, zone: str | None) -> Mail:
    case = f"{_('Your return: {number}', number=event.return_number)}\n"
    case += _("Your order: {number}", number=event.order_number)
    return Mail(
        f"{_('We send you the same again')} · {event.return_number}",
        ngettext(
            "we have put {count} piece aside for you, and send it free of charge, in exchange for what you sent back. "
            "Nothing is paid back for it.",
            "we have put {count} pieces aside for you, and send them free of charge, in exchange for what you sent "
            "back. Nothing is paid back for them.",
            sum(line.quantity for line in event.lines),
        ),
        _(
            "we hand them over to the carrier within {time}, and tell you when they leave. Until then you may still "
            "choose the money, on the page of your order.",
            time=in_words(TERMS[DISPATCH]),
        ),
        case,
        Link.ORDER,
    )
