"""A service in a process of its own, to be sent signals: arguments are the URI, its name and a file.

Each call appends its number to the file and then takes half a second.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import eventlet
from nameko.runners import ServiceRunner

from services.common.bus.rpc import rpc

COMMAND = "import eventlet; eventlet.monkey_patch(); from services.common.tests.slow_service import main; main()"


def main() -> None:
    """Run until SIGTERM."""
    uri, service, record = sys.argv[1:]

    class Slow:
        name = service

        @rpc
        def work(self, number: int) -> int:
            with Path(record).open("a") as file:
                file.write(f"{number}\n")
            eventlet.sleep(0.5)
            return number

    runner = ServiceRunner({"AMQP_URI": uri, "max_workers": 4})
    runner.add_service(Slow)
    signal.signal(signal.SIGTERM, lambda *_: eventlet.spawn_n(runner.stop))
    runner.start()
    runner.wait()
