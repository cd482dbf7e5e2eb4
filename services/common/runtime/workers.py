"""The pool of a service's workers: nameko's, with an end that comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType

import eventlet
from eventlet.greenpool import GreenPool
from nameko.containers import ServiceContainer, WorkerContext

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
HandleResult = Callable[[WorkerContext, object, ExcInfo | None], tuple[object, ExcInfo | None]]


class WorkerPool(GreenPool):
    """A pool whose `waitall` ends. eventlet's waits for ever when, at that moment, workers queue for a place:

    the event it waits for is replaced as the pool runs empty between the last that leave and the first that enter.
    """

    def waitall(self) -> None:
        while self.sem.balance != self.size:
            eventlet.sleep(0.01)


class Container(ServiceContainer):
    """nameko's container with this pool."""

    def __init__(self, service_cls: type, config: Mapping[str, object]):
        super().__init__(service_cls, config)
        self._worker_pool = WorkerPool(self.max_workers)
