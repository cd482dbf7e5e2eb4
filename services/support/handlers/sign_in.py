"""Signing in: a one-time code by mail, good for ten minutes in the browser that asked for it.

Every address gets a code, so the answer does not tell who is known here. Nothing of a code is stored: it follows from
the platform's secret and a random id. What the browser was given when it asked must come back with the code, and
tries count for it: a stranger who guesses uses up their own five. An address is sent only so many codes; who asks
beyond that is bound to the newest one. Some are kept for when that has grown old, so that a stranger who asks for many
locks no person out: at every moment the owner gets a code, or has one that lasts. A guess is counted under a lock, so
that neither two replicas nor two requests at once give a sixth try.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from services.common.basics.caller import STAFF
from services.common.basics.errors import ServiceError
from services.common.edge.tokens import REFRESH_PREFIX, token_hash
from services.common.store.database import in_one
from services.support.adapters import passkeys as passkey_adapter
from services.support.adapters.mail.people import new_sign_in, plain_device
from services.support.adapters.mail.tickets import sign_in_code
from services.support.api import (
    BadCode,
    BadSecondFactor,
    RequestSignIn,
    SecondFactorRequired,
    SessionStarted,
    SignedIn,
    SignInRequested,
    VerifySignIn,
)
from services.support.api.terms import BROWSERS_KEPT, CODES_KEPT, SESSIONS_KEPT
from services.support.domain import Session, SignInCode, SignInRequest, Staff
from services.support.domain.people import CODE_LIFETIME, CODES_AT_ONCE
from services.support.handlers import factors, passkeys, sessions
from services.support.handlers.mailing import queue_mail
from services.support.repository import Transaction, Work

UNKNOWN_DEVICE = "unknown"


def request_sign_in(work: Work, request: RequestSignIn) -> SignInRequested:
    """Mail a code, unless that address was sent its share of the last quarter of an hour; then the newest counts."""
    given = secrets.token_urlsafe(24)
    code = _new_or_newest(work, request.email)
    if code is not None:
        work.codes.add(SignInRequest(token_hash(given), request.email, code.id, work.now))
    return {"request": given}


def _new_or_newest(work: Work, email: str) -> SignInCode | None:
    """Return a code that is mailed now, or the newest that was. Counted before anything is read, for all at once.

    Where the newest was used, an older one is not what its owner looks for: another is mailed while one may be.
    """
    if work.people.count_code(email, CODES_AT_ONCE):
        return _mail_code(work, email)
    newest = work.codes.newest(email)
    if newest is not None and newest.lasts(work.now):
        return newest
    return _mail_code(work, email) if work.people.count_code(email) else work.codes.newest_usable(email)


def _mail_code(work: Work, email: str) -> SignInCode:
    code = SignInCode(secrets.token_hex(16), email, work.now, work.now + CODE_LIFETIME)
    work.codes.add(code)
    queue_mail(
        work,
        sign_in_code(),
        email,
        code.id,
        key=f"sign-in:{code.id}",
        about="sign_in",
        reference="",
        tells_customer=False,
        not_after=code.expires_at,
    )
    return code


def verify_sign_in(transaction: Transaction, request: VerifySignIn) -> SignedIn:
    """Say who signed in. A refusal is raised after the try that it costs is committed."""
    outcome = in_one(transaction, lambda work: try_code(work, request))
    if isinstance(outcome, ServiceError):
        raise outcome
    return outcome


def try_code(work: Work, request: VerifySignIn) -> SignedIn | ServiceError:
    """Use the code up and begin a session. Return the refusal for what is not good: that costs a try."""
    found = work.codes.asked_for(request.email, token_hash(request.request))
    if found is None:
        return BadCode()
    code, asked = found
    if not code.matches(work.settings.secrets, request.code.replace(" ", "")):
        code.tries += 1
        asked.tries += 1
        return BadCode()
    person = work.people.find_staff(request.email)
    passed = False
    if sessions.has_factor(work, request.email):
        challenge = passkey_adapter.challenge_of(work.settings.secret, code.id, asked.request_hash)
        if request.passkey is not None:
            passed = passkeys.check(work, request.email, challenge, request.passkey)
        elif request.one_time_password is not None:
            passed = factors.check(work, request.email, request.one_time_password)
        else:
            return _ask_for_factor(work, request.email, challenge)
        if not passed:
            asked.tries += 1
            return BadSecondFactor()
    code.used_at = work.now
    return _begin(work, request, person, passed=passed)


def _ask_for_factor(work: Work, email: str, challenge: str) -> SecondFactorRequired:
    has_app, keys = work.factors.has(email), passkeys.asked(work, email, challenge)
    return SecondFactorRequired(details={"passkeys": keys, "one_time_password": has_app})


def forget_old(work: Work) -> None:
    """Drop codes and counts after a day, sessions and browsers when they cannot be needed."""
    work.codes.forget(work.now - CODES_KEPT.span)
    work.people.forget_counts(work.now - CODES_KEPT.span)
    ended = work.sessions.forget(work.now - SESSIONS_KEPT.span, work.now - BROWSERS_KEPT.span)
    work.erasures.drop_keys(*ended)  # who signed in is forgotten in the journal with them


def _begin(work: Work, request: VerifySignIn, person: Staff | None, *, passed: bool) -> SignedIn:
    refresh, browser = REFRESH_PREFIX + secrets.token_urlsafe(32), request.browser or secrets.token_urlsafe(24)
    session = Session(
        secrets.token_hex(16), request.email, token_hash(refresh), token_hash(browser),
        request.device or UNKNOWN_DEVICE, person is not None, passed, work.now, work.now,
    )  # fmt: skip
    sessions.make_room(work, request.email)
    work.sessions.add(session)
    known, anywhere = work.sessions.seen_from(request.email, session.browser_hash)
    if not known and (anywhere or person is not None):
        mail = new_sign_in(work.now, plain_device(session.device))
        sessions.tell(work, request.email, mail, f"session:{session.id}:new")
    shown = sessions.show(work, session)
    kind = "staff" if STAFF & {*(person.roles if person else ())} else "customer"
    work.caller = replace(work.caller, actor=f"{kind}:{request.email}", email=request.email)
    work.journal.record(
        SessionStarted(session_id=session.id, device=session.device, new_browser=not known, second_factor=passed)
    )
    return {
        **shown,
        "access_token": sessions.token(work, session),
        "refresh_token": refresh,
        "browser": browser,
    }
