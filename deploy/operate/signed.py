"""Signed ends of the journals, kept where no service can write.

A journal's chain has no key: who can write to its tables can rewrite an entry and recompute all that follows. So an
operator signs each chain as it grows (`notary`), with a key (Ed25519) that no service holds, into a folder that none
can enter; `python -m deploy.operate verify` compares, and names the first entry that is not what was signed.

    <folder>/key           the private key, made at the first time; for its owner only
    <folder>/key.pub       its public key, in hex: all that is needed to verify
    <folder>/orders.jsonl  one record a line: {service, number, at, previous, entries: {subject: [first, [hash, …]]}}

The time of a file is when all of its chain was last found signed; the doctor looks at it (`looked_at`). Each record
names the hash of the one before it. Copy the folder off the machine, without `key`: a copy shows when the end of a file
was taken away. What does not fit what was signed before is never signed over. Entries that a restore lost, as the chain
itself declares (`store.restored`), are no flaw.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy.orm import Session

from services.common.basics.clock import rfc3339
from services.common.basics.untyped import JsonDict
from services.common.runtime.config import Settings
from services.common.store import tables
from services.common.store.journal import ChainFlaw, canonical
from services.common.store.restored import JournalRestored

FOLDER = "PLEDGE_NOTARY_DIR"
SUBJECTS_OF_A_RECORD = 500
_ROW, _HEAD = tables.journal.c, tables.journal_heads.c


class Distrusted(Exception):
    """What was signed is not there, is not whole, or does not fit: says which."""


class _End(NamedTuple):
    """Where a record ends: its number and hash, which the next one names, and the size of the file up to here."""

    number: int = 0
    hash: str = ""
    size: int = 0

    def after(self, line: bytes) -> _End:
        return _End(self.number + 1, hashlib.sha256(line).hexdigest(), self.size + len(line) + 1)


def folder_of(settings: Settings, environ: Mapping[str, str]) -> Path:
    return Path(environ.get(FOLDER) or settings.data_dir / "notary")


def own_key(folder: Path) -> Ed25519PrivateKey:
    """Return the private key of that folder, made when there is none."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "key"
    with _alone(folder):
        if not path.exists():
            made = Ed25519PrivateKey.generate()
            with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(made.private_bytes_raw().hex())
            (folder / "key.pub").write_text(made.public_key().public_bytes_raw().hex())
    if path.stat().st_mode & 0o077:
        raise Distrusted(f"{path} may be read by others; chmod 600 it, and make a new key if it was")
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))


def public_key(folder: Path) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex((folder / "key.pub").read_text().strip()))


def records(folder: Path, service: str) -> Iterator[JsonDict]:
    """Yield what was signed, oldest first. Raise Distrusted at the first record that is not ours or not in its place.

    A last line that was cut off as it was written counts for nothing.
    """
    return (record for record, _ in _read(folder, service))


def _read(folder: Path, service: str) -> Iterator[tuple[JsonDict, _End]]:
    """Yield each record with where it ends; one after the other, since a file grows for years."""
    key, end = public_key(folder), _End()
    for line in _lines(folder, service):
        before, end = end, end.after(line)
        try:
            record: JsonDict = json.loads(line)
            signature = bytes.fromhex(record.pop("signature"))
            key.verify(signature, canonical(record).encode())
            place = (record["service"], record["number"], record["previous"])
            fits = place == (service, end.number, before.hash)
        except (InvalidSignature, ValueError, KeyError, AttributeError):
            fits = False
        if not fits:
            raise Distrusted(f"{service}.jsonl: record {end.number} is not signed by this key, or not in its place")
        yield record, end


def compare(folder: Path, service: str, session: Session) -> Iterator[ChainFlaw]:
    """Yield, for each chain, the first entry that is not what was signed."""
    found: set[str] = set()
    for record in records(folder, service):
        entries = {subject: signed for subject, signed in record["entries"].items() if subject not in found}
        there = _hashes(session, {subject: first for subject, (first, _) in entries.items()})
        for subject, (first, hashes) in sorted(entries.items()):
            for seq, signed in enumerate(hashes, first):
                kept = there.get((subject, seq))
                if kept == signed or (kept is None and _lost_in_a_restore(session, subject, seq)):
                    continue
                what = "removed" if kept is None else "rewritten"
                yield ChainFlaw(subject, seq, f"{what}: it is not what was signed on {record['at']}")
                found.add(subject)
                break


def notarize(folder: Path, service: str, session: Session, now: datetime) -> int:
    """Sign what has been recorded since the last time. Return the number of entries.

    Raise Distrusted, and sign nothing, when something does not fit what was signed before.
    """
    key = own_key(folder)
    with _alone(folder):
        for flaw in compare(folder, service, session):
            raise Distrusted(f"{service}: {flaw.subject} {flaw.subject_seq} {flaw.what}; nothing of it was signed")
        signed: dict[str, int] = {}
        end = _End()
        for record, end in _read(folder, service):  # noqa: B007 (the last one is where to go on)
            for subject, (first, hashes) in record["entries"].items():
                signed[subject] = first + len(hashes) - 1
        grown = [
            (subject, signed.get(subject, 0) + 1)
            for subject, seq in session.execute(sa.select(_HEAD.subject, _HEAD.subject_seq).order_by(_HEAD.subject))
            if seq > signed.get(subject, 0)
        ]
        count = 0
        for start in range(0, len(grown), SUBJECTS_OF_A_RECORD):
            entries = _runs(_hashes(session, dict(grown[start : start + SUBJECTS_OF_A_RECORD])))
            end = _append(folder, service, end, entries, key, now)
            count += sum(len(hashes) for _, hashes in entries.values())
        (folder / f"{service}.jsonl").touch()
    return count


def looked_at(folder: Path, service: str) -> datetime | None:
    """Return when all that the service had recorded was last signed; None for never."""
    path = folder / f"{service}.jsonl"
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else None


def _hashes(session: Session, since: Mapping[str, int]) -> dict[tuple[str, int], str]:
    """Return the hash of each entry of these chains, from that number on."""
    found: dict[tuple[str, int], str] = {}
    names = sorted(since)
    for start in range(0, len(names), SUBJECTS_OF_A_RECORD):
        some = names[start : start + SUBJECTS_OF_A_RECORD]
        query = sa.select(_ROW.subject, _ROW.subject_seq, _ROW.hash).where(_ROW.subject.in_(some))
        for row in session.execute(query.order_by(_ROW.subject, _ROW.subject_seq)):
            if row.subject_seq >= since[row.subject]:
                found[row.subject, row.subject_seq] = row.hash
    return found


def _runs(hashes: Mapping[tuple[str, int], str]) -> dict[str, tuple[int, list[str]]]:
    """Return the hashes by chain: the first number, and one hash after the other; where a chain jumps, the rest waits.

    A restore may leave a gap: what follows it is signed the next time, as its own run.
    """
    runs: dict[str, tuple[int, list[str]]] = {}
    for (subject, seq), each in hashes.items():
        first, run = runs.setdefault(subject, (seq, []))
        if seq == first + len(run):
            run.append(each)
    return runs


def _lost_in_a_restore(session: Session, subject: str, seq: int) -> bool:
    query = sa.select(_ROW.body).where(_ROW.subject == subject, _ROW.type == JournalRestored.type)
    gaps = (json.loads(body) for body in session.scalars(query))
    return any(gap["lost_from"] <= seq <= gap["lost_to"] for gap in gaps)


def _lines(folder: Path, service: str) -> Iterator[bytes]:
    path = folder / f"{service}.jsonl"
    if path.exists():
        with path.open("rb") as file:
            yield from (line[:-1] for line in file if line.endswith(b"\n"))


def _append(
    folder: Path,
    service: str,
    end: _End,
    entries: Mapping[str, tuple[int, list[str]]],
    key: Ed25519PrivateKey,
    now: datetime,
) -> _End:
    """Write a record after that end, and return where it ends itself."""
    record = {
        "service": service,
        "number": end.number + 1,
        "at": rfc3339(now),
        "previous": end.hash,
        "entries": {subject: [first, hashes] for subject, (first, hashes) in entries.items()},
    }
    signature = key.sign(canonical(record).encode()).hex()
    line = canonical({**record, "signature": signature}).encode()
    with open(folder / f"{service}.jsonl", "ab") as file:
        file.truncate(end.size)  # what was cut off the last time
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return end.after(line)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder: of two that sign at once, one waits."""
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
