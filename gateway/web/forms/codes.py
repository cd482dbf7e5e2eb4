"""What the API answers by its code, in words: "in_review" is "In review"."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.http.words import _
from services.common.language import N_

WORDS = frozenset(
    {
        N_("Awaiting payment"),
        N_("Body"),
        N_("Breached"),
        N_("Cancelled"),
        N_("Category"),
        N_("Closed"),
        N_("Code"),
        N_("Comment"),
        N_("Completed"),
        N_("Contacting you"),
        N_("Customs"),
        N_("Delivered"),
        N_("Delivery"),
        N_("Dispatch"),
        N_("Dispatched"),
        N_("Dispute evidence"),
        N_("Email"),
        N_("Erased"),
        N_("Expired"),
        N_("Files"),
        N_("In review"),
        N_("In transit"),
        N_("Kept"),
        N_("Landed cost"),
        N_("Merged"),
        N_("Message"),
        N_("Name"),
        N_("New"),
        N_("Not arriving"),
        N_("Open"),
        N_("Option"),
        N_("Order number"),
        N_("Out for delivery"),
        N_("Paused"),
        N_("Payment attention"),
        N_("Postage"),
        N_("Preparing"),
        N_("Quarantined"),
        N_("Reason"),
        N_("Recalled"),
        N_("Refund"),
        N_("Remedy"),
        N_("Resolved"),
        N_("Return review"),
        N_("Review"),
        N_("Running"),
        N_("Score"),
        N_("Send back"),
        N_("Shortage contact"),
        N_("Sku"),
        N_("Spam"),
        N_("Subject"),
        N_("Token"),
        N_("Topic"),
        N_("Verification"),
        N_("Verifying"),
        N_("Waiting"),
        N_("Waiting customer"),
        N_("Waiting internal"),
        N_("Why"),
    }
)
"""The words of every code that a plain page shows, for the catalogue; `test_page_words` sees that none is missing."""


def in_words(parts: Iterable[str] | str) -> str:
    text = parts if isinstance(parts, str) else ", ".join(parts)
    return _(text.replace("_", " ").capitalize())
