"""A folder in the form of a maildir: one file for each mail, as Postfix, Exim, Dovecot or a fetch program deliver it.

What waits lies in `new` or, once a mail program has looked at it, in `cur`. Folders are those of Maildir++, which
Dovecot shows as folders: `.Done` and `.Aside`. A mail is moved by renaming its file, so it is never in two places.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from services.support.adapters.mailbox.places import ASIDE, DONE, Found, MailboxAway

SEEN = ":2,S"


class Maildir:
    """The mails below one folder."""

    def __init__(self, folder: Path):
        self._folder = folder

    @classmethod
    @contextmanager
    def opened(cls, folder: Path) -> Iterator[Maildir]:
        """Open it; make its folders. Raise MailboxAway when the disk refuses, here and later."""
        try:
            for below in ("", f".{DONE}", f".{ASIDE}"):
                for each in ("tmp", "new", "cur"):
                    (folder / below / each).mkdir(parents=True, exist_ok=True)
            yield cls(folder)
        except OSError as problem:
            raise MailboxAway(f"{folder}: {problem.strerror or problem}") from problem

    def waiting(self, limit: int) -> list[Found]:
        found: list[tuple[float, Found]] = []
        for each in ("new", "cur"):
            for path in (self._folder / each).iterdir():
                with suppress(FileNotFoundError):  # another replica has moved it
                    known = path.stat()
                    found.append((known.st_mtime, Found(f"{each}/{path.name}", known.st_size)))
        return [each for _, each in sorted(found)[:limit]]

    def read(self, name: str, most: int | None = None) -> bytes:
        with (self._folder / name).open("rb") as file:
            return file.read() if most is None else file.read(most)

    def done(self, name: str) -> None:
        self._move(name, DONE)

    def aside(self, name: str) -> None:
        self._move(name, ASIDE)

    def count_aside(self) -> int:
        return sum(1 for each in ("new", "cur") for _ in (self._folder / f".{ASIDE}" / each).iterdir())

    def forget(self, before: datetime) -> None:
        for path in (self._folder / f".{DONE}" / "cur").iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_ctime < before.timestamp():
                    path.unlink()

    def _move(self, name: str, folder: str) -> None:
        path = self._folder / name
        with suppress(FileNotFoundError):
            path.rename(self._folder / f".{folder}" / "cur" / f"{path.name.partition(':')[0]}{SEEN}")
            time.sleep(0)
