"""The numbers that texts name, by name: `within {{ refund }}` is "within 5 to 10 working days".

Pages, articles and mails read them from the terms of the promises when they are shown: no text holds a number that
could become wrong.
"""

from __future__ import annotations

from services.aftersales.api import terms as aftersales
from services.common.edge.tokens import ORDER_LIFETIME, TICKET_LIFETIME
from services.common.language import term_in_words
from services.logistics.api import terms as logistics
from services.orders.api import terms as orders
from services.support.api import terms as support


def promised() -> dict[str, str]:
    """Return what texts may name, in the language that is spoken: {"refund": "5 to 10 working days", …}."""
    days = {
        "return_days": orders.RETURN_DAYS,
        "link_days": ORDER_LIFETIME.days,
        "ticket_link_days": TICKET_LIFETIME.days,
    }
    answers = {f"answer_{name}": term_in_words(support.TERMS[f"first_response.{name}"]) for name, _ in support.ANSWER}
    named = (
        support.UPDATE, support.COMPLETE_ANSWER, support.LEAD_ANSWER, support.COMPLAINT_ACKNOWLEDGMENT,
        support.COMPLAINT_DECISION,
    )  # fmt: skip
    ours = {kind: term_in_words(support.TERMS[kind]) for kind in named}
    theirs = {
        kind: term_in_words(term) for terms in (orders, logistics, aftersales) for kind, term in terms.TERMS.items()
    }
    return {name: str(value) for name, value in days.items()} | answers | ours | theirs
