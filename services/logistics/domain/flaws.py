"""What could not be taken as a carrier sent it, or was not answered as we need: kept for a person, and counted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from services.common.basics.personal import ERASED
from services.logistics.api.statuses import FlawKind

LONGEST_DETAIL = 300


@dataclass(frozen=True)
class Flaw:
    """detail: what is wrong, in words; part: what was sent, or its begin; tracking_number: whose it is, if known."""

    kind: FlawKind
    detail: str
    part: str = ""
    tracking_number: str = ""

    def without_words(self) -> Flaw:
        """Return the flaw without what was sent: that there is one, and of which kind."""
        return replace(self, detail=ERASED, part="")

    def digest(self, carrier: str) -> str:
        """Return what identifies the flaw when it comes again: carriers repeat the whole history each time."""
        text = "\0".join((carrier, self.kind, self.detail, self.part, self.tracking_number))
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
