"""The guard of the contact form: what speaks against a message of a stranger. Pure.

    suspicions(Filled(trap=False, token=True, begun_at=at), now, GuardRules(seconds=3, needs_form=False))

Who has shown something is not judged: a customer who is signed in, the holder of an order's link, staff.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.support.api.guard import Suspicion
from services.support.domain.upload import UNNAMED_KEPT

FORM_LIFETIME = UNNAMED_KEPT


@dataclass(frozen=True)
class GuardRules:
    """seconds: sooner than that, no person has filled a form in. needs_form: what comes without one is suspect."""

    seconds: int
    needs_form: bool


@dataclass(frozen=True)
class Filled:
    """How a form was filled in. trap: so was the field that people do not see. token: whether it came with one.

    begun_at: when the form was given out, as its token proves; None where the token proves nothing.
    """

    trap: bool
    token: bool
    begun_at: datetime | None


@dataclass
class Quarantine:
    """Why a ticket was set aside, and since when. let_through_at, let_through_by: when and by whom it was taken in."""

    ticket_number: str
    reasons: list[Suspicion]
    since: datetime
    let_through_at: datetime | None = None
    let_through_by: str | None = None


def suspicions(filled: Filled, now: datetime, rules: GuardRules) -> list[Suspicion]:
    """Return what speaks against a message; nothing for an ordinary one."""
    return [*_suspicions(filled, now, rules)]


def _suspicions(filled: Filled, now: datetime, rules: GuardRules) -> Iterator[Suspicion]:
    if filled.trap:
        yield Suspicion.TRAP
    if not filled.token:
        if rules.needs_form:
            yield Suspicion.NO_FORM
        return
    if filled.begun_at is None:
        yield Suspicion.FORGED
        return
    age = now - filled.begun_at
    if age < timedelta(seconds=rules.seconds):
        yield Suspicion.TOO_FAST
    elif age >= FORM_LIFETIME:
        yield Suspicion.TOO_OLD
