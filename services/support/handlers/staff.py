"""Who works here: an admin adds, changes and deactivates them; each change is recorded with who made it.

The rows of all staff are locked in one order, so that two admins who deactivate each other at once do so one after the
other, and the second is refused: an admin always remains.
"""

from __future__ import annotations

from services.common.basics.states import require_version
from services.common.edge.schemas import load
from services.support.adapters.mail.people import factor_reset
from services.support.api import (
    LastAdmin,
    PutStaff,
    RequestSignIn,
    StaffChanged,
    StaffList,
    StaffMoved,
    StaffNotFound,
    StaffView,
)
from services.support.api.people import StaffRole
from services.support.domain import Factor, Passkey, Staff
from services.support.domain.sessions import has_admin
from services.support.handlers import api_keys, assigning, sessions
from services.support.repository import Work


def list_staff(work: Work) -> StaffList:
    """List all who work or worked here."""
    return {"items": [_shown(work, each) for each in work.people.every_staff()]}


def get_staff(work: Work, email: str) -> StaffView:
    """Show one of them."""
    found = work.people.any_staff(_folded(email))
    if found is None:
        raise StaffNotFound
    return _shown(work, found)


def put_staff(work: Work, email: str, wish: PutStaff) -> StaffView:
    """Add or change a person. A person who is new, or was deactivated, signs in again."""
    email, everybody = load(RequestSignIn, {"email": email}).email, work.people.every_staff(lock=True)
    person = next((each for each in everybody if each.email == email), None)
    roles = sorted({role.value for role in wish.roles})
    require_version(
        wish.version, person.version if person else 0, lambda: _shown(work, person) if person else None, StaffMoved
    )
    before = list(person.roles) if person and person.active else []
    if person is None:
        person = Staff(email, wish.name, roles)
        work.add(person)
        everybody.append(person)
    elif (person.name, person.roles, person.active) == (wish.name, roles, True):
        return _shown(work, person)
    person.name, person.roles, person.active = wish.name, roles, True
    _record(work, everybody, person, before)
    api_keys.end_keys_of(work, everybody, person)
    if not before:
        sessions.end_all(work, email, "staff_changed")
    return _shown(work, person)


def deactivate_staff(work: Work, email: str) -> StaffView:
    """Deactivate a member of staff, give their tickets back, end their keys and sessions; harmless when repeated."""
    everybody, person = _found(work, email)
    if person.active:
        before, person.active = list(person.roles), False
        _record(work, everybody, person, before)
        work.teams.lock()
        assigning.take_all_back(work, person.email)
        work.drafts.drop_of(person.email)
        api_keys.end_keys_of(work, everybody, person)
    sessions.end_all(work, person.email, "staff_changed")
    return _shown(work, person)


def reset_factor(work: Work, email: str) -> StaffView:
    """Take away the second factor of a person who lost it; tell them, and end their sessions."""
    everybody, person = _found(work, email)
    mine: list[Factor | Passkey] = [*work.factors.of(person.email), *work.passkeys.of(person.email)]
    if mine:
        work.factors.remove(mine)
        work.factors.renew_codes(person.email, ())
        _record(work, everybody, person, list(person.roles), reset=True)
        sessions.tell(work, person.email, factor_reset(work.now), f"factor:{mine[0].id}:reset")
    sessions.end_all(work, person.email, "staff_changed")
    return _shown(work, person)


def _found(work: Work, email: str) -> tuple[list[Staff], Staff]:
    everybody = work.people.every_staff(lock=True)
    person = next((each for each in everybody if each.email == _folded(email)), None)
    if person is None:
        raise StaffNotFound
    return everybody, person


def _record(work: Work, everybody: list[Staff], person: Staff, before: list[str], *, reset: bool = False) -> None:
    if not has_admin(everybody):
        raise LastAdmin
    work.session.flush()
    work.journal.record(
        StaffChanged(
            email=person.email, name=person.name, roles=person.roles, before=before, active=person.active,
            second_factor_reset=reset,
        )
    )  # fmt: skip


def _shown(work: Work, person: Staff) -> StaffView:
    work.session.flush()
    return {
        "email": person.email,
        "name": person.name,
        "roles": [StaffRole(role) for role in person.roles],
        "active": person.active,
        "second_factor": sessions.has_factor(work, person.email),
        "sessions": len(work.sessions.of(person.email)),
        "version": person.version,
    }


def _folded(email: str) -> str:
    return email.strip().lower()
