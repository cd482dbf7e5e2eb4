"""What is answered in the connection's own greenthread, before a worker is taken: health, metrics, the live stream.

Busy workers cannot silence these, and streams that stay open for an hour use no worker up. They are ordinary views all
the same, with the same application, callers and errors around them; only the dependencies come without a worker.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from types import SimpleNamespace

from nameko.containers import ServiceContainer

from gateway.http.calls import WORKER
from services.common.basics.untyped import JsonDict
from services.common.runtime.telemetry import trace_id_of

_AT_ONCE = re.compile(r"/v1/health|/metrics|/v1/orders/[^/]+/live")


def body_limit(container: ServiceContainer, method: str, path: str) -> int:
    """Return the most bytes that a body may have at an address, as its route declares (see mount.py)."""
    application = next(each for each in container.dependencies if each.attr_name == "application")
    limit: int = application.body_limit(method, path)
    return limit


class WithoutWorker:
    """The place of nameko's worker context, where there is no worker."""

    def __init__(self, environ: dict[str, object]):
        self.data = {"caller": {"actor": "guest", "trace_id": trace_id_of(environ)}}


def first_look(environ: JsonDict, start_response: Callable[..., object]) -> Iterable[bytes] | None:
    """Return the answer, or None for a request that needs a worker (see mount.py)."""
    if not _AT_ONCE.fullmatch(environ["PATH_INFO"]):
        return None
    context, container = WithoutWorker(environ), environ["gateway.container"]
    dependencies = {each.attr_name: each.get_dependency(context) for each in container.dependencies}
    environ[WORKER] = SimpleNamespace(**dependencies)
    answer: Iterable[bytes] = dependencies["application"](environ, start_response)
    return answer
