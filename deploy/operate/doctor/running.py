"""Whether anything runs at all: without that, what the databases say is only how it was when it ended."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator

from deploy.operate.doctor.finding import Finding, critical
from services.common.runtime.config import Settings


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield a finding if no process holds the data folder's lock.

    In the distributed form the queues show it (see broker).
    """
    lock = settings.data_dir / "lock"
    if settings.embedded and not (lock.exists() and _is_held(str(lock))):
        yield critical(
            "not_running", "embedded", f"no process works in {settings.data_dir.resolve()}: nobody is served",
            "make run starts it; if it runs with other data, say which: PLEDGE_DATA_DIR",
        )  # fmt: skip


def _is_held(lock: str) -> bool:
    with open(lock) as held:
        try:
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
