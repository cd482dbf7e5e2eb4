"""Signing in: a one-time code by mail, good for ten minutes and five tries; the roles are those of the staff table.

Every address gets a code, so the answer tells nobody who is known here. Nothing of a code is stored: it follows from
the platform's secret and a random id. A guess counts against all open codes of the address, under a lock, so that
neither two replicas nor two requests at once give a sixth try.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from services.common.basics.caller import CUSTOMER
from services.common.basics.errors import Forbidden
from services.support.domain import SignInCode
from services.support.domain.people import CODE_LIFETIME, CODE_TRIES
from services.support.handlers.mailing import owe
from services.support.mails.tickets import sign_in_code
from services.support.repository import Work
from services.support.settings import SupportSettings

KEPT = timedelta(days=1)


class BadCode(Forbidden):
    """This code is not right, used up or too old."""

    code = "bad_code"
    message = "This code is not right, used up or too old."


def request_sign_in(work: Work, email: str) -> None:
    """Mail a code, unless that address was sent its share of the last quarter of an hour."""
    if not work.people.count_code(email):
        return
    code = SignInCode(secrets.token_hex(16), email, work.now, work.now + CODE_LIFETIME)
    work.people.add_code(code)
    owe(
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


def verify_sign_in(work: Work, settings: SupportSettings, email: str, code: str) -> dict[str, Any] | None:
    """Who signed in, `{"email", "roles"}`; None for a code that is not good. A wrong one costs a try: commit it."""
    candidates = work.people.open_codes(email, CODE_TRIES)
    given = code.replace(" ", "")
    right = [candidate for candidate in candidates if candidate.matches(settings.secret, given)]
    for candidate in candidates:
        candidate.tries += 1
        if right:
            candidate.used_at = work.now
    if not right:
        return None
    person = work.people.find_staff(email)
    return {"email": email, "roles": sorted(person.roles) if person else [CUSTOMER]}
