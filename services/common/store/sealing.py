"""Personal data in the journal: sealed with a key of its chain before it is hashed, opened where it is read.

An entry's body is stored with `erased` in the place of each text that its event marks as personal (`basics.personal`),
and beside them one member, SEALED: those texts, and the actor if that is a customer, encrypted with AES-256-GCM. The
key stands in `journal_heads`, where each chain has its own, sealed itself (`chain_keys`): an order, a return, a
conversation. To erase a person is to forget the keys of what was theirs. The chain is over what is stored, so that it
verifies before and after.

    stored = seal(body, actor, paths_of(type(event)), key)        # key "": it was erased, nothing is sealed any more
    body, actor = unseal(row.body, row.actor, row.chain_key)

Entries of before there were keys have nothing sealed and are read as they are.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.common.basics.personal import CUSTOMER_ERASED, ERASED, EVERY, Path
from services.common.basics.untyped import JsonDict
from services.common.store.chain_keys import OWN

SEALED = "~sealed"
_MARK = f'"{SEALED}":'
_NONCE = 12
Place = list[str | int]


class Sealed(NamedTuple):
    """What is stored of an entry: its body, in which no customer is named, and its actor."""

    body: JsonDict
    actor: str


def seal(body: JsonDict, actor: str, paths: Sequence[Path], key: str | None) -> Sealed:
    """Take the personal texts out of a body, which is changed. Without a key they are gone.

    key: as it is stored. They stay where this process seals nothing (`chain_keys`), as long as there is a key.
    """
    found = [(place, value) for path in paths for place, value in texts_at(body, path) if value not in ("", ERASED)]
    named = actor.startswith("customer:") and "@" in actor
    if (not found and not named) or (key and not OWN.writes):
        return Sealed(body, actor)
    for place, _ in found:
        put_at(body, place, ERASED)
    if key:
        texts = {"actor": actor if named else None, "texts": found}
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(b64decode(OWN.open(key))).encrypt(nonce, json.dumps(texts, ensure_ascii=False).encode(), None)
        body[SEALED] = b64encode(nonce + sealed).decode()
    return Sealed(body, CUSTOMER_ERASED if named else actor)


def unseal(body: str, actor: str, key: str | None) -> tuple[str, str]:
    """Return the body, as JSON, and the actor of a stored entry, with their personal texts while there is a key."""
    if _MARK not in body:
        return body, actor
    opened: JsonDict = json.loads(body)
    sealed = b64decode(opened.pop(SEALED))
    if key:
        texts = json.loads(AESGCM(b64decode(OWN.open(key))).decrypt(sealed[:_NONCE], sealed[_NONCE:], None))
        for place, value in texts["texts"]:
            put_at(opened, place, value)
        actor = texts["actor"] or actor
    return json.dumps(opened, sort_keys=True, separators=(",", ":"), ensure_ascii=False), actor


def texts_at(value: object, path: Path, place: Sequence[str | int] = ()) -> Iterator[tuple[Place, str]]:
    """Yield the texts at a path, each with its place."""
    if not path:
        if isinstance(value, str):
            yield [*place], value
        return
    step, rest = path[0], path[1:]
    if step is EVERY and isinstance(value, list):
        for number, item in enumerate(value):
            yield from texts_at(item, rest, [*place, number])
    elif isinstance(value, Mapping) and step in value:
        yield from texts_at(value[step], rest, [*place, step])


def put_at(body: JsonDict, place: Place, value: str) -> None:
    *way, last = place
    target = body
    for step in way:
        target = target[step]  # type: ignore[index]  # a list's numbers are among the steps
    target[last] = value  # type: ignore[index]
