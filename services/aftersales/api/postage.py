"""What customers paid to send goods back: a return is free of charge, so it is paid back once the goods have come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from services.aftersales.api.pieces import Evidence
from services.aftersales.api.statuses import PostageGround
from services.common.basics.money import Money
from services.common.basics.shapes import Between, Note, Text, Version, Wrong

MOST_POSTAGE = 20
"""Receipts for one return."""


@dataclass(frozen=True)
class AskPostage:
    """amount: in USD, what the customer paid. receipt: what stands on the receipt. evidence: links to it."""

    examples: ClassVar[Mapping[str, object]] = {
        "one": {"amount": {"amount": "13.90", "currency": "USD"}, "receipt": "DHL, 12.90 EUR, 3 March 2026"},
    }

    amount: Money
    receipt: Annotated[str, Text(1000), Note("carrier, amount, currency and day, as on the receipt")]
    evidence: Evidence = ()
    version: Version | None = None

    def __post_init__(self) -> None:
        if not self.amount:
            raise Wrong({"amount": "Must be more than 0.00."})


@dataclass(frozen=True)
class DecidePostage:
    """decline: with a ground from the list, and words for the customer; a second person has to say the same."""

    examples: ClassVar[Mapping[str, object]] = {
        "accept": {"postage": 1, "decision": "accept"},
        "decline": {
            "postage": 1, "decision": "decline", "ground": "not_this_return",
            "note": "The receipt is of the day before you bought.",
        },
    }  # fmt: skip

    postage: Annotated[int, Between(1, MOST_POSTAGE), Note("which of the return's `postage`")]
    decision: Literal["accept", "decline"]
    ground: PostageGround | None = None
    note: Annotated[str, Text(2000, min=0), Note("why it is declined; the customer reads it")] = ""
    version: Version | None = None

    def __post_init__(self) -> None:
        if self.decision == "decline":
            missing = [name for name in ("ground", "note") if not getattr(self, name)]
            if missing:
                raise Wrong(dict.fromkeys(missing, "Needed for this decision."))
