"""Sessions: refreshed, looked up by the gateway, listed and ended. The roles are read each time.

The gateway asks `check_session` and remembers the answer for some seconds; the events `session_ended` and
`staff_changed` make it forget at once.
"""

from __future__ import annotations

from services.common.basics.clock import rfc3339
from services.common.edge.tokens import ACCESS_LIFETIME, Access, access_token, token_hash
from services.support.adapters.mail.letter import Mail
from services.support.api import (
    Accepted,
    NoSession,
    Refreshed,
    RefreshSession,
    SecondFactor,
    SessionCheck,
    SessionEnded,
    SessionList,
    SessionNotFound,
    SessionOver,
    SessionView,
)
from services.support.domain import Session
from services.support.domain.sessions import SESSIONS_OF_ONE, needs_factor, roles_of
from services.support.handlers.mailing import queue_mail
from services.support.repository import Work

GRANT = "session:"
"""What the gateway puts into a caller who signed in: `session:<id>`."""


def refresh_session(work: Work, request: RefreshSession) -> Refreshed:
    """Give the next access token of a session that is good."""
    session = work.sessions.find_by_refresh(token_hash(request.refresh_token))
    if session is None:
        raise SessionOver
    session.used_at = work.now
    return {**show(work, session), "access_token": token(work, session)}


def check_session(work: Work, session_id: str) -> SessionCheck:
    """Say whose session it is and which roles count in it."""
    session = work.sessions.find(session_id)
    if session is None:
        raise SessionOver
    return {"email": session.email, "roles": _roles(work, session)}


def list_sessions(work: Work) -> SessionList:
    """List where the caller is signed in."""
    here = require_session(work)
    return {"items": sessions_of(work, work.caller.email or "", here)}


def sessions_of(work: Work, email: str, here: str = "") -> list[SessionView]:
    """Return where a person is signed in. here: the session that asks."""
    return [
        {
            "id": each.id,
            "device": each.device,
            "created_at": rfc3339(each.created_at),
            "used_at": rfc3339(each.used_at),
            "ends_at": rfc3339(each.ends_at),
            "current": each.id == here,
            "second_factor": each.factor,
        }
        for each in work.sessions.of(email)
    ]


def end_session(work: Work, session_id: str) -> Accepted:
    """End one of the caller's sessions."""
    require_session(work)
    session = work.sessions.find(session_id, lock=True)
    if session is None or session.email != work.caller.email:
        raise SessionNotFound
    end(work, session, "ended")
    return {}


def end_sessions(work: Work) -> Accepted:
    """End all of the caller's sessions."""
    require_session(work)
    if work.caller.email:
        end_all(work, work.caller.email, "ended")
    return {}


def sign_out(work: Work) -> Accepted:
    """End the session that the caller came with; harmless when repeated."""
    session = work.sessions.find(require_session(work), lock=True)
    if session is not None:
        end(work, session, "signed_out")
    return {}


def end(work: Work, session: Session, reason: str) -> None:
    session.ended_at = work.now
    work.journal.record(SessionEnded(session_id=session.id, reason=reason))


def end_all(work: Work, email: str, reason: str) -> None:
    """End every session of a person."""
    for each in work.sessions.of(email, lock=True):
        end(work, each, reason)


def make_room(work: Work, email: str) -> None:
    """End the oldest sessions of who has very many."""
    for each in work.sessions.of(email)[SESSIONS_OF_ONE - 1 :]:
        end(work, each, "too_many")


def current(work: Work, *, lock: bool = True) -> Session:
    """Return the caller's session. Raise NoSession where they came by a link."""
    session = work.sessions.find(require_session(work), lock=lock)
    if session is None:
        raise NoSession
    return session


def require_session(work: Work) -> str:
    """Return the id of the caller's session, over or not. Raise NoSession where they came by a link."""
    for grant in work.caller.grants:
        if grant.startswith(GRANT):
            return grant.removeprefix(GRANT)
    raise NoSession


def own_mailbox(work: Work) -> str:
    """Return the caller's mailbox. Raise NoSession for who has none here: a link, or a system of the shop."""
    if not work.caller.email:
        raise NoSession
    return work.caller.email


def show(work: Work, session: Session) -> Refreshed:
    """Show a session to its owner. The access token is empty: the caller of this function fills it in."""
    return {
        "email": session.email,
        "roles": _roles(work, session),
        "access_token": "",
        "expires_in": int(ACCESS_LIFETIME.total_seconds()),
        "session_id": session.id,
        "second_factor": _standing(work, session),
    }


def token(work: Work, session: Session) -> str:
    """Sign an access token for a session, good from now on."""
    return access_token(work.settings.signing, Access(session.id, session.email, _roles(work, session)), work.now)


def tell(work: Work, email: str, mail: Mail, key: str) -> None:
    """Mail a person about how they sign in, once; the link leads to the contact form."""
    queue_mail(work, mail, email, "contact", key=key, about="sign_in", reference="", tells_customer=False)


def has_factor(work: Work, email: str) -> bool:
    """Return whether that person has a second factor of any kind."""
    return work.factors.has_any(email)


def _roles(work: Work, session: Session) -> list[str]:
    person, has = work.people.find_staff(session.email), session.factor or has_factor(work, session.email)
    return roles_of(person, session, has_factor=has, required=work.settings.requires_factor)


def _standing(work: Work, session: Session) -> SecondFactor:
    if session.factor:
        return SecondFactor.PASSED
    if has_factor(work, session.email):
        return SecondFactor.MISSING
    enrol = work.settings.requires_factor and needs_factor(work.people.find_staff(session.email))
    return SecondFactor.ENROL if enrol else SecondFactor.NONE
