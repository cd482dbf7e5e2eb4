"""Workers: what runs an entrypoint, as nameko's container does it, for less.

A greenthread of its own for each call is what costs most in a small call: CPython maps memory for the stack of each
new one and unmaps it when it ends (`_PyStackChunk`; twelve microseconds where taking one that is there costs one).
So the pool keeps its greenthreads. What a worker must not find of the one before it is taken care of: each runs in a
context of its own (`contextvars`), as a new greenthread would.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextvars import Context
from logging import getLogger
from types import TracebackType

import eventlet
from eventlet.event import Event
from eventlet.greenpool import GreenPool
from eventlet.queue import LightQueue
from greenlet import GreenletExit
from nameko import containers

_log = getLogger(containers.__name__)  # what nameko says of a worker keeps the name under which it is known

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
HandleResult = Callable[[containers.WorkerContext, object, ExcInfo | None], tuple[object, ExcInfo | None]]


class PooledCall:
    """One call in the pool: what nameko uses of a GreenThread, which is waited for, linked to, or killed."""

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
        """Call `function(work, *arguments)` when this has ended."""
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
        if self._ended.ready():
            return  # killed before it began
        self._greenthread = eventlet.getcurrent()
        try:
            result = Context().run(self._function, *self._arguments)
        except (KeyboardInterrupt, SystemExit):
            self._end(self._ended.send_exception, *sys.exc_info())
            raise
        except BaseException:
            self._end(self._ended.send_exception, *sys.exc_info())
        else:
            self._end(self._ended.send, result)

    def _end(self, send: Callable[..., None], *outcome: object) -> None:
        self._greenthread = None
        send(*outcome)
        self._tell()

    def _tell(self) -> None:
        while self._links:
            function, arguments = self._links.pop(0)
            function(self, *arguments)


class WorkerPool(GreenPool):
    """A pool that uses its greenthreads again, and whose `waitall` ends. eventlet's waits for ever when, at that
    moment, workers queue for a place:

    the event it waits for is replaced as the pool runs empty between the last that leave and the first that enter.
    """

    def __init__(self, size: int):
        super().__init__(size)
        self._queue, self._greenthreads = LightQueue(), 0

    def spawn(self, function: Callable[..., object], *arguments: object) -> PooledCall:
        """Schedule a call. Wait while all places are taken."""
        self.sem.acquire()
        work = PooledCall(function, arguments)
        self.coroutines_running.add(work)
        work.link(self._leave)
        self._queue.put(work)
        if self._greenthreads < len(self.coroutines_running):
            self._greenthreads += 1
            eventlet.spawn_n(self._serve, self._queue)
        return work

    def waitall(self) -> None:
        while self.sem.balance != self.size:
            eventlet.sleep(0.01)

    def dismiss(self) -> None:
        """End the greenthreads, each when it is idle. Later work starts new ones."""
        for _ in range(self._greenthreads):
            self._queue.put(None)
        self._queue, self._greenthreads = LightQueue(), 0

    def _serve(self, queue: LightQueue) -> None:
        try:
            while (work := queue.get()) is not None:
                work.run()
        except BaseException:  # the process is to end, or an exception was thrown into this idle thread
            if queue is self._queue:
                self._greenthreads -= 1
            raise

    def _leave(self, work: PooledCall) -> None:
        self.coroutines_running.discard(work)
        self.sem.release()


class Container(containers.ServiceContainer):
    """nameko's container with this pool, and without what it prepares in each worker for log lines of level debug:
    an id from the system's random source, seven texts, four timers. Nothing else differs."""

    def __init__(self, service_cls: type, config: Mapping[str, object]):
        super().__init__(service_cls, config)
        self._worker_pool = WorkerPool(self.max_workers)

    def stop(self) -> None:
        super().stop()
        self._worker_pool.dismiss()

    def kill(self, exc_info: ExcInfo | None = None) -> None:
        super().kill(exc_info)
        self._worker_pool.dismiss()

    def _run_worker(self, worker_ctx: object, handle_result: HandleResult | None) -> None:
        self._inject_dependencies(worker_ctx)
        self._worker_setup(worker_ctx)
        result, exc_info = self._call(worker_ctx)
        if handle_result is not None:
            result, exc_info = handle_result(worker_ctx, result, exc_info)
        self._worker_result(worker_ctx, result, exc_info)
        del exc_info  # its traceback holds this frame, which would wait for the garbage collector
        self._worker_teardown(worker_ctx)

    def _call(self, worker_ctx: containers.WorkerContext) -> tuple[object, ExcInfo | None]:
        """Call the method. Return (result, None), or (None, exc_info) of what it raised."""
        entrypoint = worker_ctx.entrypoint
        method = getattr(worker_ctx.service, entrypoint.method_name)
        try:
            return method(*worker_ctx.args, **worker_ctx.kwargs), None
        except Exception as exc:
            if isinstance(exc, entrypoint.expected_exceptions):
                _log.warning("(expected) error handling worker %s: %s", worker_ctx, exc, exc_info=True)
            else:
                _log.exception("error handling worker %s: %s", worker_ctx, exc)
            return None, (type(exc), exc, exc.__traceback__)
