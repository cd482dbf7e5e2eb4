"""The load generator, a process of its own: N clients, each doing one operation after the other (a closed loop).

python -m deploy.lab.bench.load                       speaks lines of JSON with rounds.Generator
  ← {"operation": …, "clients": N, "wanted": …}   → "prepared"
  ← {"seconds": S}  a round                       → {"seconds", "latencies", "failures", "errors"}   … and again
"""

from __future__ import annotations

import eventlet

if __name__ == "__main__":
    eventlet.monkey_patch()

import sys
import time
from collections import Counter

import orjson
from eventlet.hubs import trampoline

from deploy.lab.bench.operations import OPERATIONS, Operation, UsedUp


class Round:
    """What came of one round: latencies in seconds of what succeeded, and the errors of what did not."""

    def __init__(self, operation: Operation, clients: int):
        self._operation, self._clients = operation, clients
        self.latencies: list[float] = []
        self.errors: Counter[str] = Counter()
        self.used_up = False

    def run(self, seconds: float, pause: float = 0.0) -> dict[str, object]:
        """Run all clients for that long, each resting `pause` seconds between two operations."""
        began = time.perf_counter()
        pool = eventlet.GreenPool(self._clients)
        for client in range(self._clients):
            pool.spawn_n(self._client, client, began + seconds, pause)
        pool.waitall()
        return {
            "seconds": time.perf_counter() - began,
            "latencies": self.latencies,
            "failures": self.errors.total(),
            "errors": dict(self.errors.most_common(5)),
            "used_up": self.used_up,
        }

    def _client(self, client: int, until: float, pause: float) -> None:
        if pause:
            eventlet.sleep(pause * client / self._clients)  # not all at the same moment
        while (began := time.perf_counter()) < until and not self.used_up:
            try:
                self._operation.act(client)
            except UsedUp:
                self.used_up = True
            except Exception as problem:
                # whatever it is, it is a failed operation: counted, told, and the next one is tried
                self.errors[f"{type(problem).__name__}: {problem}"[:300]] += 1
                eventlet.sleep(0.01)
            else:
                self.latencies.append(time.perf_counter() - began)
            if pause:
                eventlet.sleep(max(0.0, began + pause - time.perf_counter()))


def main() -> None:
    job = orjson.loads(_hear())
    operation = OPERATIONS[job["operation"]](job)
    operation.prepare(job["wanted"])
    _say("prepared")
    for line in iter(_hear, ""):
        _say(Round(operation, job["clients"]).run(**orjson.loads(line)))


def _hear() -> str:
    """Return the next line. While waiting, the hub goes on, so that heartbeats are sent."""
    trampoline(sys.stdin, read=True)
    return sys.stdin.readline()


def _say(answer: object) -> None:
    sys.stdout.write(orjson.dumps(answer).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
