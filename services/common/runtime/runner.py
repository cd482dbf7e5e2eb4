"""Run services as a process: `serve([OrdersService, …], environ)`.

SIGTERM or SIGINT: the gateway first and then the services take no new work, finish and acknowledge what they have
begun, publish what is committed, and the process ends with 0. What is not finished within PLEDGE_GRACE_SECONDS is cut
off, as it is by a second signal; the process then ends with 1, and the broker gives the messages to another. It also
ends with 1 when a service dies, so that a supervisor starts it again, and with 2 when the configuration is wrong.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import eventlet
from eventlet.hubs import trampoline
from nameko.runners import ServiceRunner
from nameko.utils.concurrency import SpawningProxy

from services.common import tracing
from services.common.basics import speed
from services.common.basics.speed import Piece
from services.common.bus.embedded import inproc
from services.common.runtime import telemetry
from services.common.runtime.closures import ClosuresFile
from services.common.runtime.config import SETTINGS, ConfigError, Settings, container_config

log = logging.getLogger(__name__)

GATEWAY = "gateway"
COLLECT_AFTER = 20_000  # objects that can be part of a cycle; a megabyte or two
KILL_SECONDS = 5.0  # for a kill to work; then the process ends without it


class Runner(ServiceRunner):
    """nameko's runner with an end that comes: in order, within the grace time, or at once."""

    def __init__(self, environ: Mapping[str, str]):
        super().__init__(container_config(environ))
        self.settings: Settings = self.config[SETTINGS]
        speed.do_without(self.settings.plain.split())
        self.stopping = self.cut_short = False
        self.ops: object = None

    def start(self) -> None:
        """Start all services; operators can ask after them from the first moment."""
        app = telemetry.ops_app(self.containers, lambda: self.stopping)
        if self.settings.ops_address:
            self.ops = telemetry.serve_ops(self.settings.ops_address, app)
        super().start()
        if self.settings.closures:
            eventlet.spawn(ClosuresFile(Path(self.settings.closures)).watch)
        if speed.is_on(Piece.MEMORY):
            settle_memory()

    def stop(self) -> None:
        """Stop gracefully: the gateway while the services still answer it, then they. A second call kills."""
        if self.stopping:
            self.kill()
            return
        self.stopping = True
        limit = eventlet.spawn_after(self.settings.grace_seconds, self.kill)
        try:
            gateway = [each for each in self.containers if each.service_name == GATEWAY]
            SpawningProxy(gateway).stop()
            SpawningProxy([each for each in self.containers if each not in gateway]).stop()
        finally:
            limit.cancel()

    def kill(self) -> None:
        """Cut off what is not finished: after the grace time, or at a second signal."""
        if self.stopping:
            log.warning("not everything was finished: the rest is cut off")
        self.stopping = self.cut_short = True
        last_resort = eventlet.spawn_after(KILL_SECONDS, os._exit, 1)
        super().kill()
        last_resort.cancel()


def settle_memory() -> None:
    """Exempt what exists now from garbage collection, and collect less often. Called when all services have started.

    What exists by then lives as long as the process. Requests leave so little cyclic garbage that Python's default, a
    collection for each 700 objects, costs more time than the memory is worth. PLEDGE_PLAIN=memory leaves it at that.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 10, 10)


def serve(
    members: Sequence[Any], environ: Mapping[str, str], *, started: Callable[[Settings], None] | None = None
) -> int:
    """Run these services until a signal ends them; returns the exit code. `started` is called when all have started."""
    runner = Runner(environ)
    telemetry.configure_logging(runner.settings)
    if runner.settings.embedded:
        inproc.register()
    for member in members:
        runner.add_service(member)
    try:
        send_last_spans = tracing.configure(runner.settings.otlp_endpoint, tuple(member.name for member in members))
    except tracing.LibraryMissing as missing:
        raise ConfigError([str(missing)]) from missing
    if any(member.name == GATEWAY for member in members):  # before anything is there that had to be ended again
        telemetry.listen(runner.settings.http_address, "PLEDGE_HTTP_ADDRESS").close()
    try:
        with _stopped_by_signals(runner):
            runner.start()
            if started:
                started(runner.settings)
            runner.wait()
    except ConfigError:
        runner.kill()
        raise
    except Exception:
        log.critical("a service died", exc_info=True)
        return 1
    finally:
        send_last_spans()
    return 1 if runner.cut_short else 0


@contextmanager
def _stopped_by_signals(runner: Runner) -> Iterator[None]:
    """Stop the runner on signals.

    They mostly arrive while the hub waits. The hub goes on after the handler and would start a greenthread only when
    something else ends its wait. So Python writes each signal's number to a pipe that the hub watches.
    """
    numbers = (signal.SIGTERM, signal.SIGINT)
    heard, ring = os.pipe()
    os.set_blocking(ring, False)

    def listen() -> None:
        while True:
            trampoline(heard, read=True)
            if os.read(heard, 1)[0] in numbers:
                eventlet.spawn_n(runner.stop)

    listener = eventlet.spawn(listen)
    before = [signal.signal(number, lambda *_: None) for number in numbers]
    signal.set_wakeup_fd(ring)
    try:
        yield
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
        listener.kill()
        os.close(heard)
        os.close(ring)


def leave(code: int) -> NoReturn:
    """End the process at once: greenthreads that hang in a library must not keep a stopped process alive."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)
