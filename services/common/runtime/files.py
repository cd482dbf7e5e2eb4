"""Variables that are given as files: PLEDGE_SECRET_FILE=/run/secrets/secret stands for what that file holds.

A variable itself goes before its file. Outside development a file with a secret is closed to others.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

OTHERS, GROUP_CHANGES, GROUP_READS = 0o007, 0o030, 0o040
ROOT = 0


def with_files(environ: Mapping[str, str], read: dict[str, str], problems: list[str]) -> dict[str, str]:
    """Return the variables with the contents of the files that PLEDGE_…_FILE name.

    Add to `read` the path of each file that was read, by its variable, and to `problems` what cannot be read.
    """
    values = dict(environ)
    for name, path in environ.items():
        plain = name.removesuffix("_FILE")
        if plain == name or not name.startswith("PLEDGE_") or not path or environ.get(plain):
            continue
        try:
            values[plain] = Path(path).read_text("utf-8").strip()
            read[name] = path
        except (OSError, UnicodeDecodeError) as problem:
            problems.append(f"{name} is {path!r}, which cannot be read: {problem}")
    return values


def open_to_others(secret_files: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each of these files (paths by variable) that more than its owner, or a group, may read.

    A group may read what is root's or our own: so systemd (LoadCredential) and Kubernetes (fsGroup) hand secrets to
    one process. A file that is a mount of its own is not meant: so containers are given their secrets, for themselves
    alone, and the mode it comes with says nothing.
    """
    for variable, path in secret_files.items():
        found = Path(path).stat()
        mode = stat.S_IMODE(found.st_mode)
        why = _too_open(mode, found.st_uid)
        if why and str(Path(path).resolve()) not in _mounts():
            yield f"{variable} is {path!r}, {why} (mode {mode:04o}); expected 0600, 0400 or 0440"


def _too_open(mode: int, owner: int) -> str:
    """Return what is wrong with a mode, "" if nothing is."""
    if mode & OTHERS:
        return "which others may read or write"
    if mode & GROUP_CHANGES:
        return "which its group may write"
    if mode & GROUP_READS and owner not in (ROOT, os.geteuid()):
        return f"which its group may read, and which is neither root's nor ours but user {owner}'s"
    return ""


def _mounts() -> set[str]:
    """Return every mount point that this process sees; none where the system has no such list."""
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return set()
    return {re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), line.split()[4]) for line in lines}
