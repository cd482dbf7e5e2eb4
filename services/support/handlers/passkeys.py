"""Passkeys as second factors: set up, listed, removed, and shown when signing in.

A challenge is good for one thing: setting up this passkey within ten minutes, or the sign-in of one browser with one
code. Who has a second factor must have shown it before they change any. Without a second factor there are no recovery
codes, and no session counts as having shown one.
"""

from __future__ import annotations

from services.common.basics import ids
from services.common.basics.clock import rfc3339
from services.support.adapters import passkeys
from services.support.adapters.mail.people import factor_removed, factor_set
from services.support.api import (
    Accepted,
    BadPasskey,
    BegunPasskey,
    ConfirmPasskey,
    FactorList,
    FactorNeedsFactor,
    FactorRemoved,
    FactorSet,
    NewPasskey,
    NoFactorBegun,
    PasskeyNotFound,
    PasskeyView,
    ShownPasskey,
    TooManyPasskeys,
)
from services.support.domain import Passkey, Session
from services.support.domain.sessions import PASSKEYS_OF_ONE
from services.support.handlers import factors, sessions
from services.support.repository import Work

KIND = "passkey"


def list_factors(work: Work) -> FactorList:
    """List the caller's second factors."""
    email = sessions.current(work, lock=False).email
    return {
        "one_time_password": work.factors.has(email),
        "passkeys": [_shown(each) for each in work.passkeys.confirmed(email, lock=False)],
        "recovery_codes_left": work.factors.codes_left(email),
    }


def begin_passkey(work: Work) -> BegunPasskey:
    """Give the challenge for a new passkey; one that was begun before is forgotten."""
    session = _may_change(work)
    mine = work.passkeys.of(session.email)
    known = [each.credential for each in mine if each.credential]
    if len(known) >= PASSKEYS_OF_ONE:
        raise TooManyPasskeys
    work.passkeys.remove(each for each in mine if each.confirmed_at is None)
    begun = Passkey(ids.new_id(), session.email, passkeys.new_challenge(), work.now)
    work.passkeys.add(begun)
    return {
        "challenge": begun.challenge,
        "host": passkeys.site_of(work.settings.public_url).host,
        "user_id": passkeys.handle_of(work.settings.secret, session.email),
        "user_name": session.email,
        "algorithms": list(passkeys.ALGORITHMS),
        "known": known,
    }


def confirm_passkey(work: Work, request: ConfirmPasskey) -> NewPasskey:
    """Let the passkey count. The first second factor of a person comes with recovery codes."""
    session = _may_change(work)
    begun = next((each for each in work.passkeys.of(session.email) if each.fresh(work.now)), None)
    if begun is None:
        raise NoFactorBegun
    site = passkeys.site_of(work.settings.public_url)
    taken = passkeys.take(site, begun.challenge, request.id, request.client_data, request.attestation)
    if taken is None or work.passkeys.is_known(taken.credential):
        raise BadPasskey
    codes = [] if sessions.has_factor(work, session.email) else factors.new_codes(work, session.email)
    begun.name, begun.confirmed_at, session.factor = request.name, work.now, True
    begun.credential, begun.public_key, begun.signs = taken
    sessions.tell(work, session.email, factor_set(work.now), f"factor:{begun.id}")
    work.journal.record(FactorSet(session_id=session.id, kind=KIND))
    return {**_shown(begun), "recovery_codes": codes}


def remove_passkey(work: Work, passkey_id: str) -> Accepted:
    """Remove a passkey, and tell its owner."""
    session = _may_change(work)
    found = next((each for each in work.passkeys.confirmed(session.email) if each.id == passkey_id), None)
    if found is None:
        raise PasskeyNotFound
    work.passkeys.remove([found])
    last = not sessions.has_factor(work, session.email)
    if last:
        work.factors.renew_codes(session.email, ())
        for each in work.sessions.of(session.email, lock=True):
            each.factor = False
    sessions.tell(work, session.email, factor_removed(work.now, found.name), f"factor:{found.id}:removed")
    work.journal.record(FactorRemoved(session_id=session.id, kind=KIND, last=last))
    return {}


def asked(work: Work, email: str, challenge: str) -> dict[str, object]:
    """Return what a browser must be told to have a passkey shown; nothing known where there is none."""
    known = [each.credential for each in work.passkeys.confirmed(email)]
    host = passkeys.site_of(work.settings.public_url).host
    return {"challenge": challenge, "host": host, "known": known}


def check(work: Work, email: str, challenge: str, shown: ShownPasskey) -> bool:
    """Say whether a device of that person has signed this challenge."""
    key = next((each for each in work.passkeys.confirmed(email) if each.credential == shown.id), None)
    if key is None or not key.credential or not key.public_key:
        return False
    signs = passkeys.check(
        passkeys.site_of(work.settings.public_url),
        challenge,
        passkeys.Taken(key.credential, key.public_key, key.signs),
        shown.client_data,
        shown.authenticator_data,
        shown.signature,
    )
    if signs is None:
        return False
    key.signs, key.used_at = signs, work.now
    return True


def _may_change(work: Work) -> Session:
    session = sessions.current(work)
    if sessions.has_factor(work, session.email) and not session.factor:
        raise FactorNeedsFactor
    return session


def _shown(each: Passkey) -> PasskeyView:
    return {
        "id": each.id,
        "name": each.name,
        "created_at": rfc3339(each.created_at),
        "used_at": rfc3339(each.used_at) if each.used_at else None,
    }
