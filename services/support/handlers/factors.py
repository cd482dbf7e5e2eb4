"""The second factor: an app for one-time passwords, and recovery codes for who loses it.

A password is good once, five wrong ones in a quarter of an hour lock the factor for that long, and only who has the
code from the mail can try one. Who has a factor must have shown it before they change it.
"""

from __future__ import annotations

import secrets

from services.common.basics import ids
from services.common.basics.errors import ServiceError
from services.common.edge.tokens import token_hash
from services.common.store.database import in_one
from services.support.adapters import passwords
from services.support.adapters.mail.people import factor_set
from services.support.api import (
    BadSecondFactor,
    BegunFactor,
    ConfirmFactor,
    FactorNeedsFactor,
    FactorSet,
    NoFactorBegun,
    RecoveryCodes,
)
from services.support.domain import Factor
from services.support.domain.sessions import RECOVERY_CODES
from services.support.handlers import sessions
from services.support.repository import Transaction, Work

SHOP = "Pledge"


def begin_factor(work: Work) -> BegunFactor:
    """Make a secret that counts once it is confirmed; one that was begun before is forgotten."""
    session = sessions.current(work)
    mine = work.factors.of(session.email)
    if sessions.has_factor(work, session.email) and not session.factor:
        raise FactorNeedsFactor
    work.factors.remove(each for each in mine if each.confirmed_at is None)
    secret = passwords.new_secret()
    sealed = passwords.seal(work.settings.secret, secret)
    work.factors.add(Factor(ids.new_id(), session.email, sealed, work.now))
    uri = passwords.uri(secret, session.email, SHOP)
    return {"secret": secret, "uri": uri, "qr_code": passwords.qr_code(uri)}


def confirm_factor(transaction: Transaction, request: ConfirmFactor) -> RecoveryCodes:
    """Let the factor count. A wrong password is counted, then refused."""
    outcome = in_one(transaction, lambda work: _confirm(work, request))
    if isinstance(outcome, ServiceError):
        raise outcome
    return outcome


def _confirm(work: Work, request: ConfirmFactor) -> RecoveryCodes | ServiceError:
    session = sessions.current(work)
    mine = work.factors.of(session.email)
    before = [each for each in mine if each.confirmed_at is not None]
    if sessions.has_factor(work, session.email) and not session.factor:
        raise FactorNeedsFactor
    begun = next((each for each in mine if each.confirmed_at is None), None)
    if begun is None:
        raise NoFactorBegun
    if not _right(work, begun, request.one_time_password):
        return BadSecondFactor()
    begun.confirmed_at, session.factor = work.now, True
    work.factors.remove(before)
    codes = new_codes(work, session.email)
    sessions.tell(work, session.email, factor_set(work.now), f"factor:{begun.id}")
    work.journal.record(FactorSet(session_id=session.id))
    return {"recovery_codes": codes}


def new_codes(work: Work, email: str) -> list[str]:
    """Make recovery codes, in the place of those that there were."""
    codes = [f"{secrets.token_hex(4)}-{secrets.token_hex(4)}" for _ in range(RECOVERY_CODES)]
    work.factors.renew_codes(email, map(_code_hash, codes))
    return codes


def check(work: Work, email: str, given: str) -> bool:
    """Say whether that is the one-time password or an unused recovery code; it is used up, or counted as a miss."""
    factor = next((each for each in work.factors.of(email) if each.confirmed_at is not None), None)
    if factor is None:
        return work.factors.use_code(email, _code_hash(given))
    return _right(work, factor, given, recovery=True)


def _right(work: Work, factor: Factor, given: str, *, recovery: bool = False) -> bool:
    if factor.locked(work.now):
        return False
    secret = passwords.unseal(work.settings.secrets, factor.sealed)
    if secret and passwords.unseal(work.settings.secrets[:1], factor.sealed) is None:
        factor.sealed = passwords.seal(work.settings.secret, secret)  # used again, so it outlives the old secret
    if factor.take(passwords.step_of(secret, given.replace(" ", ""), work.now) if secret else None):
        return True
    if recovery and work.factors.use_code(factor.email, _code_hash(given)):
        return True
    factor.miss(work.now)
    return False


def _code_hash(code: str) -> str:
    return token_hash("".join(code.split()).lower())
