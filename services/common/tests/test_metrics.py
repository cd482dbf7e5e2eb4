"""What /metrics tells about promises."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from services.common.basics import clock
from services.common.basics.ids import new_id
from services.common.commitments import start
from services.common.runtime.telemetry import PROMISES, measure_backlog
from services.common.store.database import Work
from services.common.testing import running
from services.common.tests.strategies import TERMS
from services.common.tests.toys import Follower


def test_recent_promises_are_counted_by_kind_and_outcome(tmp_path: Path) -> None:
    with running(Follower, folder=tmp_path) as platform:
        now = clock.now()
        with platform.store("follower").work(Work) as work:
            for number, age in enumerate((1, 2, 30)):
                promise = start(
                    "dispatch", f"SHP-{number}", now - timedelta(days=age), id=new_id(), owner="toy",
                    terms=TERMS["dispatch"], calendar="CN", zone="Asia/Shanghai",
                )  # fmt: skip
                work.commitments.start(promise)
            work.commitments.stop("dispatch", "SHP-0", now - timedelta(hours=20))

        measure_backlog([platform.containers["follower"]])

    counted = {
        state: PROMISES.labels("follower", "dispatch", state)._value.get() for state in ("kept", "breached", "running")
    }
    assert counted["kept"] == 1
    assert sum(counted.values()) == 2
