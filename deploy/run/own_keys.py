"""The keys of an installation in one process: made at its first start, below its data folder, and known to it alone.

    environ = with_own_keys(environ, data_dir)      # makes what is missing; PLEDGE_…_FILE for each key
    environ = as_made(environ, data_dir)            # the same for who only looks: what is there

One file for each purpose, `<data dir>/keys/signing_keys` of PLEDGE_SIGNING_KEYS, for its owner only (0600), kept from
start to start. What the operator gives, as a variable or a file, goes before it. Who moves a file away gets a new key
at the next start; public keys stay known, so that links which the old key signed are good until they expire. A file is
there whole or not at all, wherever the process ends.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from services import SERVICES
from services.common.basics import clock
from services.common.edge import keys
from services.common.runtime.config import ConfigError
from services.common.runtime.stored import JOURNAL_KEYS
from services.members import GATEWAY, settings_class

FOLDER = "keys"
SIGNING, GATEWAYS, PUBLIC = "PLEDGE_SIGNING_KEYS", "PLEDGE_GATEWAY_KEYS", "PLEDGE_PUBLIC_KEYS"
SECRET = "PLEDGE_SECRET"  # noqa: S105 (the name of the variable)
SANDBOX_CARRIER = "PLEDGE_SIMULATOR_WEBHOOK_SECRET"
"""A secret of ours in this form alone: elsewhere there is no sandbox carrier, and an empty one refuses everything."""


def with_own_keys(environ: Mapping[str, str], data_dir: Path) -> dict[str, str]:
    """Return the variables with a file for each secret of our own that is not given.

    Make those that are missing. Raise ConfigError if the folder cannot be written.
    """
    folder = data_dir / FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for variable in _not_given(environ):
            path = folder / file_name(variable)
            if variable != PUBLIC and not _is_there(path):
                write(path, recipes()[variable]())
        if PUBLIC in _not_given(environ):
            write(folder / file_name(PUBLIC), known_public_keys(folder, SIGNING, GATEWAYS))
    except OSError as problem:
        raise ConfigError([f"PLEDGE_DATA_DIR: {folder.resolve()} cannot be used: {problem.strerror}"]) from problem
    except ValueError as problem:
        raise ConfigError([f"PLEDGE_DATA_DIR: a file in {folder.resolve()} holds no keys; move it away"]) from problem
    return as_made(environ, data_dir)


def as_made(environ: Mapping[str, str], data_dir: Path) -> dict[str, str]:
    """Return the variables with the files of those keys that are there and not given otherwise."""
    paths = {variable: data_dir / FOLDER / file_name(variable) for variable in _not_given(environ)}
    return {**environ, **{f"{variable}_FILE": str(path) for variable, path in paths.items() if _is_there(path)}}


def variables() -> list[str]:
    """Return the variables of every secret that is ours to make."""
    rows = [row for name in (*SERVICES, GATEWAY) for row in settings_class(name).describe()]
    return [*dict.fromkeys(row.env for row in rows if row.known), JOURNAL_KEYS, SANDBOX_CARRIER]


def recipes() -> dict[str, Callable[[], str]]:
    """Return how each secret is made, but for public keys, which follow from others."""
    special = {SIGNING: signing_keys, GATEWAYS: gateway_keys, JOURNAL_KEYS: journal_keys, SECRET: dated_secret}
    return {name: special.get(name, lambda: secrets.token_hex(32)) for name in variables() if name != PUBLIC}


def file_name(variable: str) -> str:
    """Return the file of a secret: `signing_keys` of PLEDGE_SIGNING_KEYS."""
    return variable.removeprefix("PLEDGE_").lower()


def known_public_keys(folder: Path, *private_ones: str) -> str:
    """Return the public keys of what signs in the folder, and those known there before: their tokens stay good."""
    private = [folder / file_name(name) for name in private_ones]
    known = [keys.public_keys(path.read_text()) for path in private if path.exists()]
    before = folder / file_name(PUBLIC)
    texts = [*known, before.read_text() if before.exists() else ""]
    return ", ".join(dict.fromkeys(part.strip() for part in ",".join(texts).split(",") if part.strip()))


def signing_keys() -> str:
    """Make the keys that support signs with."""
    return keys.private_keys(keys.OF_SUPPORT, _name(), secrets.token_bytes(32))


def gateway_keys() -> str:
    """Make the keys that the gateway signs with."""
    return keys.private_keys(keys.OF_GATEWAY, f"{_name()}-gateway", secrets.token_bytes(32))


def journal_keys() -> str:
    """Make the key that seals the keys of a journal's chains."""
    return f"{_name()}:{secrets.token_hex(32)}"


def dated_secret() -> str:
    """Make the secret that codes and tokens follow from, with the day on which it was made."""
    return f"{clock.now():%Y-%m-%d}:{secrets.token_hex(32)}"


def write(path: Path, text: str) -> None:
    """Write a file for its owner only: whole, or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _not_given(environ: Mapping[str, str]) -> list[str]:
    """Return what the operator gives no value for. Public keys belong to their private ones: both, or none, is ours."""
    given = {name for name in variables() if environ.get(name) or environ.get(f"{name}_FILE")}
    pair = {SIGNING, PUBLIC} if given & {SIGNING, PUBLIC} else set[str]()
    return [name for name in variables() if name not in given | pair]


def _is_there(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _name() -> str:
    """Return the date, from which the doctor computes the key's age, and a random part."""
    return f"{clock.now().date().isoformat()}-{secrets.token_hex(2)}"
