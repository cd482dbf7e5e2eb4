"""What people say of single pieces of a return: how they arrived, what was found, what becomes of them.

Each request has `units` and `lines`, two names for one list, so that either can be said naturally.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from services.aftersales.api.statuses import Condition, Disposition, Ground, Outcome
from services.common.basics.rules import Either, Rule, Ruled, Some, When
from services.common.basics.shapes import (
    UPLOAD_LINK,
    Between,
    Except,
    Length,
    Line,
    Note,
    Pattern,
    Quantity,
    Sku,
    Text,
    Version,
    Wrong,
)

MAX_LINES, MAX_UNITS = 50, 999
MAX_EVIDENCE = 10

HTTPS = r"[hH][tT][tT][pP][sS]://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?([/?#][!#-;=?-~]*)?"
LINK_PATTERN = f"({HTTPS}|{UPLOAD_LINK})"
EvidenceLink = Annotated[str, Line(500), Pattern(LINK_PATTERN, "Not a link that begins with https://.")]
"""An https link without user name, spaces, quotes or angle brackets, so that a page may show it as a link; or the
address of a file that was sent."""

Evidence = Annotated[
    tuple[EvidenceLink, ...],
    Length(0, MAX_EVIDENCE),
    Note("links to photos, https only, or files that were sent: `/v1/uploads/…`"),
]

SOME_PIECES = Some(("units", "lines"), "At least one of units and lines.")
_NOT_SAID = (Outcome.UNCONFIRMED, Outcome.APPEALED, Outcome.REJECTED_FINAL, Outcome.EXCHANGED)


@dataclass(frozen=True, kw_only=True)
class Pieces(Ruled):
    """One piece by line_id and unit, or any quantity of a SKU."""

    line_id: Annotated[int, Between(0, 10_000)] | None = None
    unit: Annotated[int, Between(0, MAX_UNITS)] | None = None
    sku: Sku | None = None
    quantity: Quantity | None = None

    rules: ClassVar[tuple[Rule, ...]] = (
        Either((("line_id", "unit"), ("sku", "quantity")), "Either line_id and unit, or sku and quantity."),
    )


@dataclass(frozen=True, kw_only=True)
class ReceivedPieces(Pieces):
    condition: Annotated[Condition, Except((Condition.AWAITING,))]


@dataclass(frozen=True, kw_only=True)
class Found(Pieces):
    """A rejection needs a ground, words for the customer, and a link to what shows it."""

    ground: Ground | None = None
    note: Annotated[str, Text(4000, min=0), Note("why it is rejected; the customer reads it")] = ""
    evidence: Evidence = ()

    def require_ground(self) -> None:
        """Raise Wrong unless ground and evidence are named."""
        missing = [name for name in ("ground", "evidence") if not getattr(self, name)]
        if missing:
            raise Wrong(dict.fromkeys(missing, "Needed for this outcome."))


@dataclass(frozen=True, kw_only=True)
class InspectedPieces(Found):
    outcome: Annotated[Outcome, Except((*_NOT_SAID, Outcome.REJECTED))]

    rules = (
        *Pieces.rules,
        When("outcome", (Outcome.DISPUTED,), ("ground", "evidence"), complaint="Needed for this outcome."),
    )


@dataclass(frozen=True, kw_only=True)
class LookedAtPieces(Found):
    """accepted: pay them back. rejected: confirm the ground; another ground needs all that a dispute needs."""

    outcome: Annotated[Outcome, Except((*_NOT_SAID, Outcome.DISPUTED))]


@dataclass(frozen=True, kw_only=True)
class DisposedPieces(Pieces):
    disposition: Disposition


@dataclass(frozen=True)
class TakeSecondLook(Ruled):
    """What a second person finds, not the inspector, for pieces that are disputed, unconfirmed or appealed."""

    examples: ClassVar[Mapping[str, object]] = {
        "accept": {"lines": [{"sku": "MUG-CLAY-350", "quantity": 1, "outcome": "accepted"}]},
        "reject": {"units": [{"line_id": 1, "unit": 0, "outcome": "rejected", "ground": "used_beyond_trying"}]},
    }

    units: Annotated[tuple[LookedAtPieces, ...], Length(0, MAX_UNITS)] = ()
    lines: Annotated[tuple[LookedAtPieces, ...], Length(0, MAX_LINES)] = ()
    version: Version | None = None

    rules = (SOME_PIECES,)


@dataclass(frozen=True)
class DisposeReturn(Ruled):
    """What becomes of accepted pieces that are here. Each piece is said once."""

    examples: ClassVar[Mapping[str, object]] = {
        "lines": {"lines": [{"sku": "MUG-CLAY-350", "quantity": 1, "disposition": "restock"}]},
        "units": {"units": [{"line_id": 1, "unit": 0, "disposition": "scrap"}]},
    }

    units: Annotated[tuple[DisposedPieces, ...], Length(0, MAX_UNITS)] = ()
    lines: Annotated[tuple[DisposedPieces, ...], Length(0, MAX_LINES)] = ()
    version: Version | None = None

    rules = (SOME_PIECES,)


@dataclass(frozen=True)
class SendBack:
    """Pieces that were rejected for good, handed to a carrier; without `units` and `lines`, all that there are."""

    examples: ClassVar[Mapping[str, object]] = {
        "all": {"carrier": "fedex", "tracking_number": "794644790138"},
    }

    units: Annotated[tuple[Pieces, ...], Length(0, MAX_UNITS)] = ()
    lines: Annotated[tuple[Pieces, ...], Length(0, MAX_LINES)] = ()
    carrier: Annotated[str, Line(64)] | None = None
    tracking_number: Annotated[str, Line(64)] | None = None
    version: Version | None = None
