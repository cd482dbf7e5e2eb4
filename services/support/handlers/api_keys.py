"""Keys of the shop's own systems: made and ended by an admin, exchanged by the gateway for an access token.

The gateway asks `check` and remembers the answer for some seconds; the events `api_key_ended` and `staff_changed` make
it forget at once. Who makes a key locks the rows of all staff, as who changes them does: so no key is made for a person
who is no admin any more, and of two keys of one name at once the second is refused.
"""

from __future__ import annotations

import secrets

from services.common.basics import ids
from services.common.basics.caller import ADMIN, key_actor, role_required
from services.common.basics.clock import rfc3339
from services.common.edge.tokens import ACCESS_LIFETIME, KEY_PREFIX, KeyAccess, access_token, token_hash
from services.common.store.database import in_one
from services.support import views
from services.support.adapters.mail.api_keys import ended_with_maker, made
from services.support.adapters.mail.letter import Mail
from services.support.api.api_keys import (
    ApiKeyEnded,
    ApiKeyList,
    ApiKeyMade,
    ApiKeyNameTaken,
    ApiKeyNotFound,
    ApiKeyView,
    KeyCheck,
    KeyEnd,
    KeyEndsInPast,
    KeyNameTooLong,
    KeyOver,
    KeyRole,
    MakeApiKey,
    NewApiKey,
    TooManyApiKeys,
)
from services.support.api.parts import Accepted
from services.support.domain import Staff
from services.support.domain.api_keys import MOST_ACTOR, MOST_KEYS, ApiKey, may_make
from services.support.handlers.mailing import queue_mail
from services.support.repository import Transaction, Work

PAGE = "desk/keys"


def list_keys(work: Work) -> ApiKeyList:
    """List all keys."""
    return {"items": [_shown(work, each) for each in work.api_keys.every()]}


def make_key(work: Work, wish: MakeApiKey) -> NewApiKey:
    """Make a key and tell all admins. Its secret is in this answer and nowhere else."""
    everyone = work.people.every_staff(lock=True)
    maker = next((each for each in everyone if each.email == work.caller.email), None)
    if maker is None or not may_make(maker):
        raise role_required((ADMIN,))
    if wish.ends_at is not None and wish.ends_at <= work.now:
        raise KeyEndsInPast
    if len(key_actor(wish.name, maker.email)) > MOST_ACTOR:
        raise KeyNameTooLong
    there = work.api_keys.every()
    if any(each.name == wish.name for each in there):
        raise ApiKeyNameTaken
    if len(there) >= MOST_KEYS:
        raise TooManyApiKeys
    secret = KEY_PREFIX + secrets.token_hex(32)
    roles = sorted({role.value for role in wish.roles})
    key = ApiKey(ids.new_id(), wish.name, token_hash(secret), roles, work.now, maker.email, wish.ends_at)
    work.api_keys.add(key)
    work.journal.record(ApiKeyMade(key_id=key.id, name=key.name, roles=roles, ends_at=key.ends_at))
    _tell_admins(work, everyone, made(key.name, roles, maker.email), key, "made")
    return {"key": _shown(work, key), "secret": secret}


def end_key(work: Work, key_id: str) -> Accepted:
    """End a key: it is gone, and what it did stays recorded."""
    key = work.api_keys.find(key_id)
    if key is None:
        raise ApiKeyNotFound
    _end(work, key, KeyEnd.BY_ADMIN)
    return {}


def end_keys_of(work: Work, everyone: list[Staff], person: Staff) -> None:
    """End the keys of a person who is no admin any more, and tell those who are. The rows of all staff are locked."""
    if may_make(person):
        return
    for key in work.api_keys.made_by(person.email):
        _end(work, key, KeyEnd.MAKER_LEFT)
        _tell_admins(work, everyone, ended_with_maker(key.name, person.email), key, "ended")


def check_key(transaction: Transaction, secret_hash: str) -> KeyCheck:
    """Sign an access token for the key with this hash, if it is good. It ends with the key, at the latest.

    A key that is refused writes nothing, and a good one once a day: that it is used.
    """
    with transaction(reading=True) as work:
        key = _good_key(work, secret_hash)
        claims = KeyAccess(key.id, key.name, key.made_by, key.roles)
        lifetime = ACCESS_LIFETIME if key.ends_at is None else min(ACCESS_LIFETIME, key.ends_at - work.now)
        token = access_token(work.settings.signing, claims, work.now, lifetime)
        is_noted = key.is_use_noted(work.now)
    if not is_noted:
        in_one(transaction, lambda work: _good_key(work, secret_hash, lock=True).use(work.now))
    return {"id": key.id, "access_token": token}


def _good_key(work: Work, secret_hash: str, *, lock: bool = False) -> ApiKey:
    key = work.api_keys.of_secret(secret_hash, lock=lock)
    if key is None or not key.good(work.people.find_staff(key.made_by), work.now):
        raise KeyOver
    return key


def _end(work: Work, key: ApiKey, reason: KeyEnd) -> None:
    work.api_keys.remove(key)
    work.journal.record(ApiKeyEnded(key_id=key.id, name=key.name, reason=reason))


def _tell_admins(work: Work, everyone: list[Staff], mail: Mail, key: ApiKey, what: str) -> None:
    for admin in filter(may_make, everyone):
        told = f"api-key:{key.id}:{what}:{admin.email}"
        queue_mail(work, mail, admin.email, PAGE, key=told, about="api_key", reference=key.id, tells_customer=False)


def _shown(work: Work, key: ApiKey) -> ApiKeyView:
    return {
        "id": key.id,
        "name": key.name,
        "roles": [KeyRole(role) for role in key.roles],
        "made_at": rfc3339(key.made_at),
        "made_by": key.made_by,
        "ends_at": views.moment(key.ends_at),
        "over": key.over(work.now),
        "used_at": views.moment(key.used_at),
    }
