"""What strangers write: by what a message is taken for one that no person wrote (standard, section 5).

Nothing is lost by it: such a message is quarantined until one of us has looked at it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypedDict

from services.common.basics.errors import Conflict
from services.common.basics.shapes import Timestamp


class Suspicion(StrEnum):
    """What speaks against a message of a stranger, who has shown nothing.

    `trap`: a field that people do not see is filled in. `too_fast`: it was sent sooner than anybody types. `too_old`:
    its form was begun more than a day ago. `forged`: the token of the form is not ours. `no_form`: it has none, and the
    shop takes nothing without one.
    """

    TRAP = "trap"
    TOO_FAST = "too_fast"
    TOO_OLD = "too_old"
    FORGED = "forged"
    NO_FORM = "no_form"


class WithoutForm(StrEnum):
    """What becomes of a message without the token of a form, as apps send it."""

    ACCEPT = "accept"
    QUARANTINE = "quarantine"


class Quarantined(Conflict):
    """The message is set aside until one of us has looked at it; nothing can be added before."""

    code = "quarantined"
    message = (
        "This message is set aside until one of us has looked at it. Sign in with your e-mail address and write again: "
        "that lets it through at once."
    )


class QuarantineView(TypedDict):
    """Why a ticket was quarantined, and since when."""

    reasons: list[Suspicion]
    since: Timestamp
