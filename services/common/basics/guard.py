"""House rule: no remote call while a transaction is open (intent, commit, call, outcome). Enforced at run time.

A unit of work opens `transaction()`; whatever talks to another machine (RPC, payment providers, carriers, mail) calls
`forbid_in_transaction` first. The marker belongs to one greenthread: one that is spawned inside is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_open: ContextVar[bool] = ContextVar("transaction_open", default=False)


@contextmanager
def transaction() -> Iterator[None]:
    """Mark a transaction as open. One inside another is a mistake: on SQLite it would wait for itself."""
    forbid_in_transaction("another transaction")
    _open.set(True)
    try:
        yield
    finally:
        _open.set(False)


def forbid_in_transaction(what: str) -> None:
    """Raise RuntimeError if this greenthread has a transaction open. what: what was about to happen."""
    if _open.get():
        raise RuntimeError(f"{what} inside an open transaction: commit first, then call, then record the outcome")
