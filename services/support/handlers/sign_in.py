"""Signing in: a one-time code by mail, good for ten minutes and five tries; the roles are those of the staff table.

Every address gets a code, so the answer shows no one which are known. Nothing of a code is stored: it follows from
the platform's secret and a random id. A guess counts against all open codes of the address, under a lock, so that
neither two replicas nor two requests at once give a sixth try.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from services.common.basics.caller import CUSTOMER
from services.support.adapters.mail.tickets import sign_in_code
from services.support.api import Accepted, BadCode, RequestSignIn, SignedIn, VerifySignIn
from services.support.domain import SignInCode
from services.support.domain.people import CODE_LIFETIME, CODE_TRIES
from services.support.handlers.mailing import queue_mail
from services.support.repository import Transaction, Work

KEPT = timedelta(days=1)


def request_sign_in(work: Work, request: RequestSignIn) -> Accepted:
    """Mail a code, unless that address was sent its share of the last quarter of an hour."""
    if work.people.count_code(request.email):
        code = SignInCode(secrets.token_hex(16), request.email, work.now, work.now + CODE_LIFETIME)
        work.people.add_code(code)
        queue_mail(
            work,
            sign_in_code(),
            request.email,
            code.id,
            key=f"sign-in:{code.id}",
            about="sign_in",
            reference="",
            tells_customer=False,
            not_after=code.expires_at,
        )
    return {}


def verify_sign_in(transaction: Transaction, request: VerifySignIn) -> SignedIn:
    """Say who signed in. Raise BadCode for a wrong code, after the try that it costs is committed."""
    with transaction() as work:
        person = try_code(work, request)
    if person is None:
        raise BadCode
    return person


def try_code(work: Work, request: VerifySignIn) -> SignedIn | None:
    """Use the code up. Return None for one that is not good: that costs a try."""
    candidates = work.people.open_codes(request.email, CODE_TRIES)
    given = request.code.replace(" ", "")
    right = [candidate for candidate in candidates if candidate.matches(work.settings.secret, given)]
    for candidate in candidates:
        candidate.tries += 1
        if right:
            candidate.used_at = work.now
    if not right:
        return None
    person = work.people.find_staff(request.email)
    return {"email": request.email, "roles": sorted(person.roles) if person else [CUSTOMER]}
