"""What a customer paid to send goods back, and how far that is decided; the steps are in postage_steps.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.aftersales.api.statuses import PostageGround, PostageOutcome
from services.common.basics.money import Money

UNDECIDED = frozenset({PostageOutcome.ASKED, PostageOutcome.UNCONFIRMED, PostageOutcome.DISPUTED})


@dataclass(eq=False)
class Postage:
    """asked_by: who wrote it down. found_by: who found the present outcome; confirmed_by: the second one who agreed.

    claim: the number of the return's claim that pays it
    """

    return_number: str
    postage: int
    order_number: str
    amount: Money
    receipt: str
    evidence: list[str]
    asked_by: str
    asked_at: datetime
    outcome: PostageOutcome = PostageOutcome.ASKED
    ground: PostageGround | None = None
    note: str = ""
    found_by: str | None = None
    confirmed_by: str | None = None
    decided_at: datetime | None = None
    claim: int | None = None

    @property
    def undecided(self) -> bool:
        return self.outcome in UNDECIDED
