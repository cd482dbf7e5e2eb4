"""The review of a return in three parts, and what a rejection needs (standard, section 4 and, against "arbitrary
rejection of user demands", section 6): a ground from a closed list that fits what was found, evidence, two people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.aftersales.api.refusals import ReviewIncomplete, SecondPersonRequired
from services.aftersales.api.replies import PartFound
from services.aftersales.api.returns import Checked
from services.aftersales.api.statuses import Decision, Ground, Part, Result
from services.common.basics.caller import is_same_person

GROUND_PART: Mapping[Ground, Part] = {
    Ground.NOT_FROM_THIS_ORDER: Part.ORDER_INFORMATION,
    Ground.ALREADY_REFUNDED: Part.ORDER_INFORMATION,
    Ground.DAMAGED_AFTER_DELIVERY: Part.PRODUCT_STATUS,
    Ground.USED_BEYOND_TRYING: Part.PRODUCT_STATUS,
    Ground.INCOMPLETE: Part.PRODUCT_STATUS,
    Ground.REASON_DISPROVED: Part.RETURN_REASON,
}
"""The part of the review that must have failed for a ground to hold."""


@dataclass(eq=False)
class Review:
    """One decision of a person on a return: what they found in the three parts, who and when.

    words: the question to the customer, or the explanation of a rejection; the notes of the parts are internal.
    """

    return_number: str
    position: int
    decision: Decision
    parts: dict[str, PartFound]
    ground: Ground | None
    words: str
    by: str
    at: datetime
    answer: str | None = None
    answered_at: datetime | None = None


Parts = Mapping[Part, Checked]


def require_all_ok(parts: Parts) -> None:
    """Raise ReviewIncomplete unless each of the three parts was checked and found in order."""
    wrong = [part for part in Part if part not in parts or parts[part].result is not Result.OK]
    if wrong:
        raise ReviewIncomplete(f"to authorize, these must be ok: {', '.join(wrong)}")


def require_ground(parts: Parts, ground: Ground) -> None:
    """Raise ReviewIncomplete unless all parts were checked and the ground's part failed, with evidence as a note."""
    needed = GROUND_PART[ground]
    found = parts.get(needed)
    if set(parts) != set(Part) or found is None or found.result is not Result.NOT_OK or not found.note:
        raise ReviewIncomplete(f"{ground} needs all parts, and {needed} as not_ok with the evidence in its note")


def require_somebody_else(by: str, *people: str | None) -> None:
    """Raise SecondPersonRequired if `by` is one of those who decided before."""
    if is_same_person(by, *people):
        raise SecondPersonRequired


def require_ground_named(ground: Ground | None) -> Ground:
    """Return the ground of a rejection. Raises ReviewIncomplete without one."""
    if ground is None:
        raise ReviewIncomplete("a rejection needs a ground")
    return ground
