"""One process of the platform: started, killed, frozen, ended as a supervisor or an accident would."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from deploy.lab.chaos.proxy import ProxyPort
from deploy.run import processes

GRACE_SECONDS = 40.0  # to end after SIGTERM: the platform's own grace time and what a busy machine adds


@dataclass
class Member:
    """One process of the platform: `orders.1`, `gateway` …, with its links and how it is started."""

    name: str
    environ: dict[str, str]
    ops_port: int
    log: Path
    broker: ProxyPort
    database: ProxyPort | None = None
    command: tuple[str, ...] = ()
    child: subprocess.Popen[bytes] | None = None
    told: bool = False  # it was killed or stopped by us
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def service(self) -> str:
        return self.name.partition(".")[0]

    def start(self) -> None:
        command = self.command or (sys.executable, "-m", "services", self.service)
        with self.log.open("ab") as output:
            self.child = subprocess.Popen(
                command, env=self.environ, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        self.told = False

    def signal(self, number: signal.Signals) -> None:
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(number)

    def kill(self) -> None:
        """Kill it at once, as a power cut does. It has ended when this returns."""
        self.told = True
        self.signal(signal.SIGKILL)
        if self.child is not None:
            self.child.wait()

    def terminate(self) -> None:
        self.told = True
        self.signal(signal.SIGTERM)

    def await_end(self) -> int | None:
        """Return the exit code after SIGTERM. Kill it and return None if it does not end within its grace time."""
        child = self.child
        assert child is not None
        ended = processes.until(lambda: child.poll() is not None, GRACE_SECONDS)
        self.kill()
        return child.returncode if ended else None

    def ready(self) -> bool:
        with (
            suppress(URLError, OSError),
            urlopen(f"http://127.0.0.1:{self.ops_port}/health/ready", timeout=5) as answer,
        ):
            return bool(answer.status == 200)
        return False
