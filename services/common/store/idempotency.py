"""Commands that may be asked twice and must be done once (REST: the `Idempotency-Key` header).

The key, a fingerprint of the request and the reply are kept in the transaction of the effect itself, so that twenty
equal requests at once have one effect and twenty equal answers: the second request waits for the first.

A key belongs to one caller. Guests are told apart by what they hold, by the e-mail address that the command names as
`asker`, and else by the request itself: two guests may use the same key. An address does not prove who asks, so a kept
reply has no secrets; a service that must tell a second request from a repeated delivery keeps the caller's trace id
with the reply. The reply stands sealed in the database (`chain_keys`): it may name the customer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.caller import Caller
from services.common.basics.errors import Conflict, Unavailable
from services.common.store import tables
from services.common.store.chain_keys import OWN, KeyMissing
from services.common.store.direct import run
from services.common.store.journal import canonical
from services.common.store.upsert import add_if_new

Reply = TypeVar("Reply")
KEPT = timedelta(hours=24)


class IdempotencyKeyReused(Conflict):
    """This idempotency key was used before, for something else."""

    code = "idempotency_key_reused"
    message = "This idempotency key was used before, for something else."


def once(
    session: Session,
    caller: Caller,
    now: datetime,
    command: str,
    request: object,
    act: Callable[[], Reply],
    asker: str = "",
) -> Reply:
    """Return the reply of `act`, done now or when this caller first sent this key. It must be JSON without secrets.

    Raise IdempotencyKeyReused if the key came with another command or request. Without a key, just call `act`.
    """
    if not caller.idempotency_key:
        return act()
    key, fingerprint = _named(caller, request, asker)
    row = tables.idempotency_keys
    claim = {"key": key, "command": command, "fingerprint": fingerprint, "created_at": now}
    if not add_if_new(session, row, claim):
        kept = session.execute(_FIND, {"of": key}).one()
        _require_same((kept.command, kept.fingerprint), (command, fingerprint))
        kept_reply: Reply = json.loads(_opened(kept.reply))
        return kept_reply
    reply = act()
    session.flush()
    run(session, _KEEP, {"of": key, "reply": OWN.wrap(canonical(reply))}, later=True)
    return reply


def repeats(session: Session, caller: Caller, command: str, request: object) -> bool:
    """Return whether this was done before, so that nothing need be asked of others for it. `once` has the reply.

    Raise IdempotencyKeyReused as `once` does.
    """
    if not caller.idempotency_key:
        return False
    key, fingerprint = _named(caller, request, "")
    kept = session.execute(_FIND, {"of": key}).one_or_none()
    if kept is None:
        return False
    _require_same((kept.command, kept.fingerprint), (command, fingerprint))
    return True


def _named(caller: Caller, request: object, asker: str) -> tuple[str, str]:
    """Return the key that a command is kept by, and what tells its request from others."""
    fingerprint = hashlib.sha256(canonical(request).encode()).hexdigest()
    owner = caller.actor if caller.actor != "guest" else _guest(caller, asker) or fingerprint
    return hashlib.sha256(f"{owner}\n{caller.idempotency_key}".encode()).hexdigest(), fingerprint


def _require_same(kept: tuple[str, str], asked: tuple[str, str]) -> None:
    if kept != asked:
        raise IdempotencyKeyReused


def _opened(stored: str) -> str:
    try:
        return OWN.unwrap(stored)
    except KeyMissing as problem:
        raise Unavailable(str(problem)) from problem  # it was done, and must not be done again


def _guest(caller: Caller, asker: str) -> str:
    """Return what distinguishes one guest from another: the link that they hold, or who they say they are; else ""."""
    if caller.grants:
        return f"guest {sorted(caller.grants)}"
    return f"guest {asker.strip().casefold()}" if asker else ""


_FIND = sa.select(tables.idempotency_keys).where(tables.idempotency_keys.c.key == sa.bindparam("of"))
_KEEP = sa.update(tables.idempotency_keys).where(tables.idempotency_keys.c.key == sa.bindparam("of"))


def forget_old(session: Session, now: datetime) -> int:
    """Drop the keys that are older than the 24 hours that the API promises to remember them."""
    delete = sa.delete(tables.idempotency_keys).where(tables.idempotency_keys.c.created_at < now - KEPT)
    return int(session.execute(delete).rowcount)  # type: ignore[attr-defined]
