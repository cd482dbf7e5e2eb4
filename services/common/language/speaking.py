"""Which language is spoken now: that of the one reader for whom something is being written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

ENGLISH = "en"
_SPOKEN = ContextVar("_SPOKEN", default=ENGLISH)


@contextmanager
def speaking(tag: str | None) -> Iterator[None]:
    """Speak the language with that tag within the block; English for None."""
    before = _SPOKEN.set(tag or ENGLISH)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def language() -> str:
    """Return the tag of the language that is spoken."""
    return _SPOKEN.get()
