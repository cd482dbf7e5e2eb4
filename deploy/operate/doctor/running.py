"""Whether anything runs at all: without that, what the databases say is only how it was when it ended."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.operate.doctor.finding import Finding, critical
from deploy.run.processes import is_locked
from services.common.runtime.config import Settings


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield a finding if no process holds the data folder's lock.

    In the distributed form the queues show it (see broker).
    """
    if settings.embedded and not is_locked(settings.data_dir / "lock"):
        yield critical(
            "not_running", "embedded", f"no process works in {settings.data_dir.resolve()}: nobody is served",
            "make run starts it; if it runs with other data, say which: PLEDGE_DATA_DIR",
        )  # fmt: skip
