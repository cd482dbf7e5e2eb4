"""What no process starts with: guessable secrets, the development form where strangers come, pages without TLS.

The development form (embedded, or PLEDGE_DEV=1) shows all outgoing mail, one-time codes among it, and takes play money:
its pages must be for this machine alone. Outside of it links in mails go by HTTPS, and secrets are random.
"""

from __future__ import annotations

import math
import os
import re
import stat
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from services.common.basics.urls import is_here

PLACEHOLDERS = re.compile(
    "change.?(me|it)|placeholder|passwor[dt]|example|your.?secret|for-development|12345|qwerty|letmein|xxxx", re.I
)
LEAST_BITS = 32


def is_guessable(secret: str) -> bool:
    """Return whether a secret is a placeholder, repeats itself, or has too little in it to be random.

    Characters that repeat or continue the one before them (`aaaa`, `abcd`, `4321`) are counted as none.
    """
    random = re.fullmatch("[0-9a-f]{48,}", secret)  # which may hold 12345 by chance
    if (PLACEHOLDERS.search(secret) and not random) or (secret + secret).find(secret, 1) < len(secret):
        return True
    kept = [each for before, each in zip("\0" + secret, secret, strict=False) if abs(ord(each) - ord(before)) > 1]
    counts = Counter(kept).values()
    return -sum(count * math.log2(count / len(kept)) for count in counts) < LEAST_BITS


def is_public_address(address: str) -> bool:
    """Return whether other machines reach what listens on `host:port`; no host means this machine alone."""
    host = address.rpartition(":")[0].strip("[]")
    return not is_here(host)


def is_public_url(url: str) -> bool:
    """Return whether the host of a URL is another than this machine."""
    return not is_here(urlsplit(url).hostname or "")


def close_to_others(folder: Path) -> None:
    """Let only our own user read what is in the folder, and what this process writes from now on.

    Private servers (`make infra`) keep their data in a folder of it, under a user of their own, who may pass through.
    """
    os.umask(0o077)
    folder.mkdir(parents=True, exist_ok=True)
    others = folder / "infra"
    folder.chmod(0o711 if others.exists() else 0o700)
    for top in folder.iterdir():
        if top != others and not top.is_symlink():
            for path in (top, *top.rglob("*")):
                if not path.is_symlink():
                    path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)
