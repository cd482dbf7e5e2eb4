"""The workers of a service: nameko's, in a pool that keeps its greenthreads, and without their debug lines.

A greenthread for each call is what costs most in a small call: CPython maps memory for the stack of each new one, and
unmaps it when it ends. `basics.speed` says what keeping them gains; PLEDGE_PLAIN=workers leaves it out.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from contextvars import Context
from types import TracebackType

import eventlet
from eventlet.event import Event
from eventlet.greenpool import GreenPool
from eventlet.queue import LightQueue
from greenlet import GreenletExit
from nameko import containers
from nameko.containers import ServiceContainer, WorkerContext

from services.common.basics import speed
from services.common.basics.speed import Piece

log = logging.getLogger(containers.__name__)  # what nameko says of a worker keeps the name under which it is known

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
HandleResult = Callable[[WorkerContext, object, ExcInfo | None], tuple[object, ExcInfo | None]]


class WorkerPool(GreenPool):
    """A pool whose `waitall` ends. eventlet's waits for ever when, at that moment, workers queue for a place:

    the event it waits for is replaced as the pool runs empty between the last that leave and the first that enter.
    """

    def waitall(self) -> None:
        while self.sem.balance != self.size:
            eventlet.sleep(0.01)


class PooledCall:
    """One call in `KeptPool`: what nameko uses of a GreenThread, which is waited for, linked to, or killed."""

    __slots__ = ("_arguments", "_ended", "_function", "_greenthread", "_links")

    def __init__(self, function: Callable[..., object], arguments: tuple[object, ...]):
        self._function, self._arguments = function, arguments
        self._ended = Event()
        self._greenthread: object = None
        self._links: list[tuple[Callable[..., object], tuple[object, ...]]] = []

    def wait(self) -> object:
        """Return what the function returned. Raise what it raised, or GreenletExit if it was killed."""
        return self._ended.wait()

    def link(self, function: Callable[..., object], *arguments: object) -> None:
        """Call `function(call, *arguments)` when this has ended."""
        self._links.append((function, arguments))
        if self._ended.ready():
            self._tell()

    def kill(self) -> None:
        """Raise GreenletExit where the function is now; what has not begun never does."""
        if self._greenthread is not None:
            eventlet.kill(self._greenthread)
        elif not self._ended.ready():
            self._ended.send_exception(GreenletExit())
            self._tell()

    def run(self) -> None:
        """Call the function, in a context of its own, as a new greenthread would have."""
        if self._ended.ready():
            return  # killed before it began
        self._greenthread = eventlet.getcurrent()
        try:
            result = Context().run(self._function, *self._arguments)
        except BaseException as problem:
            self._greenthread = None
            self._ended.send_exception(*sys.exc_info())
            if isinstance(problem, KeyboardInterrupt | SystemExit):
                raise
        else:
            self._greenthread = None
            self._ended.send(result)
        finally:
            self._tell()

    def _tell(self) -> None:
        while self._links:
            function, arguments = self._links.pop(0)
            function(self, *arguments)


class KeptPool(WorkerPool):
    """The same, with greenthreads that serve one call after the other."""

    def __init__(self, size: int):
        super().__init__(size)
        self._calls, self._greenthreads = LightQueue(), 0

    def spawn(self, function: Callable[..., object], *arguments: object) -> PooledCall:
        """Have it called soon. Wait while all places are taken."""
        self.sem.acquire()
        call = PooledCall(function, arguments)
        self.coroutines_running.add(call)
        call.link(self._leave)
        self._calls.put(call)
        if self._greenthreads < len(self.coroutines_running):
            self._greenthreads += 1
            eventlet.spawn_n(self._serve, self._calls)
        return call

    def dismiss(self) -> None:
        """End the greenthreads, each when it is idle. Later calls have new ones."""
        for _ in range(self._greenthreads):
            self._calls.put(None)
        self._calls, self._greenthreads = LightQueue(), 0

    def _serve(self, calls: LightQueue) -> None:
        try:
            while _serve_next(calls):
                pass
        except BaseException:  # the process is to end, or something was thrown at an idle greenthread
            if calls is self._calls:
                self._greenthreads -= 1
            raise

    def _leave(self, call: PooledCall) -> None:
        self.coroutines_running.discard(call)
        self.sem.release()


def _serve_next(calls: LightQueue) -> bool:
    """Run the next call, and keep nothing of it while idle. Return whether there may be another."""
    call = calls.get()
    if call is not None:
        call.run()
    return call is not None


class Container(ServiceContainer):
    """nameko's container with such a pool.

    nameko prepares a random id, seven texts and four timers for each worker, for debug lines that are not written. A
    call over RabbitMQ takes 17 % more CPU with them.
    """

    def __init__(self, service_cls: type, config: Mapping[str, object]):
        super().__init__(service_cls, config)
        kept = speed.is_on(Piece.WORKERS)
        self._worker_pool = KeptPool(self.max_workers) if kept else WorkerPool(self.max_workers)

    def stop(self) -> None:
        super().stop()
        self._dismiss()

    def kill(self, exc_info: ExcInfo | None = None) -> None:
        super().kill(exc_info)
        self._dismiss()

    def _dismiss(self) -> None:
        if isinstance(self._worker_pool, KeptPool):
            self._worker_pool.dismiss()

    def _run_worker(self, worker_ctx: WorkerContext, handle_result: HandleResult | None) -> None:
        self._inject_dependencies(worker_ctx)
        self._worker_setup(worker_ctx)
        result, exc_info = self._call(worker_ctx)
        if handle_result is not None:
            result, exc_info = handle_result(worker_ctx, result, exc_info)
        self._worker_result(worker_ctx, result, exc_info)
        del exc_info  # its traceback holds this frame, which would wait for the garbage collector
        self._worker_teardown(worker_ctx)

    def _call(self, worker_ctx: WorkerContext) -> tuple[object, ExcInfo | None]:
        """Call the method. Return (result, None), or (None, exc_info) of what it raised."""
        entrypoint = worker_ctx.entrypoint
        method = getattr(worker_ctx.service, entrypoint.method_name)
        try:
            return method(*worker_ctx.args, **worker_ctx.kwargs), None
        except Exception as exc:
            if isinstance(exc, entrypoint.expected_exceptions):
                log.warning("(expected) error handling worker %s: %s", worker_ctx, exc)  # a refusal is an answer
            else:
                log.exception("error handling worker %s: %s", worker_ctx, exc)
            return None, (type(exc), exc, exc.__traceback__)
