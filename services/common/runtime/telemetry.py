"""What a process tells about itself: logs with the trace they belong to, metrics, liveness and readiness.

Every entrypoint of every service runs inside `ObservedContainer`, which times it and names its trace. A trace begins
with an HTTP request (W3C `traceparent` when the client sends one), travels in the caller's headers through RPC and
the journal to each consumer, and stands in every log line that is written on the way.

`ops_app` answers /health/live, /health/ready and /metrics in the connection's own greenthread: no worker is needed,
so it answers while all of them are busy.
"""

from __future__ import annotations

import errno
import json
import logging
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from typing import Any

import eventlet
from eventlet import wsgi
from eventlet.greenio import GreenSocket
from nameko.containers import ServiceContainer, WorkerContext
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, Histogram, generate_latest
from pythonjsonlogger.json import JsonFormatter

from services.common import tracing
from services.common.basics.clock import now
from services.common.basics.errors import ServiceError, Unavailable
from services.common.basics.untyped import Fields
from services.common.calendar import calendars_in_use
from services.common.runtime.config import InTheWay, Settings, split_address
from services.common.runtime.workers import Container, ExcInfo, HandleResult

log = logging.getLogger(__name__)

Wsgi = Callable[[dict[str, object], Callable[..., object]], Iterable[bytes]]

CHECK_SECONDS = 2.0
DONE = "%s %s in %.1f ms"
SECONDS = Histogram(
    "pledge_worker_seconds",
    "time that an entrypoint took, by what came of it: ok, refused (a business no), error",
    ["service", "method", "outcome"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
BACKLOG = Gauge(
    "pledge_backlog",
    "what waits: outbox_entries, outbox_seconds (age of the oldest), retries, dead_letters",
    ["service", "what"],
)
PROMISES = Gauge(
    "pledge_commitments",
    "clocks that were started in the last seven days: kept, breached, running",
    ["service", "kind", "state"],
)
HORIZON = Gauge(
    "pledge_calendar_horizon_days",
    "days until the data of a calendar ends that this process counts with; past it, promises are provisional",
    ["calendar"],
)
BUSY = Gauge("pledge_workers_busy", "entrypoints that are running now", ["service"])
_seconds = cache(SECONDS.labels)  # which texts and locks its way to what never changes
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_trace: ContextVar[str] = ContextVar("trace_id", default="")
_service: ContextVar[str] = ContextVar("service", default="")


def new_trace_id() -> str:
    """Return 32 hexadecimal digits, as in W3C trace context."""
    return secrets.token_hex(16)


def trace_id_of(environ: Fields) -> str:
    """Return the trace that an HTTP request belongs to: the client's own if it names one, else a new one."""
    match = _TRACEPARENT.fullmatch(environ.get("HTTP_TRACEPARENT", ""))
    return match[1] if match else new_trace_id()


def current_trace_id() -> str:
    """Return the trace of the running worker, or "" outside of one."""
    return _trace.get()


class ObservedContainer(Container):
    """A container that gives each worker its trace and times it."""

    def __init__(self, service_cls: type, config: Mapping[str, object]):
        super().__init__(service_cls, config)
        BUSY.labels(self.service_name).set_function(self._worker_pool.running)

    def _run_worker(self, worker_ctx: WorkerContext, handle_result: HandleResult | None) -> None:
        caller = {**(worker_ctx.data.get("caller") or {})}
        quiet = getattr(worker_ctx.entrypoint, "quiet", False)
        caller["trace_id"] = caller.get("trace_id") or new_trace_id()
        worker_ctx.data["caller"] = caller  # before dependencies copy it into the headers of what they send
        _trace.set(caller["trace_id"])
        _service.set(worker_ctx.service_name)
        outcome, began = "error", time.perf_counter()

        def observed(ctx: WorkerContext, result: object, exc_info: ExcInfo | None) -> tuple[object, ExcInfo | None]:
            nonlocal outcome
            outcome = _outcome(exc_info)
            return handle_result(ctx, result, exc_info) if handle_result else (result, exc_info)

        try:
            name = f"{worker_ctx.service_name}.{worker_ctx.entrypoint.method_name}"
            with tracing.working(name, caller, worker_ctx.data, quiet=quiet) as ended:
                try:
                    super()._run_worker(worker_ctx, observed)
                finally:
                    ended(outcome)
        finally:
            method, seconds = worker_ctx.entrypoint.method_name, time.perf_counter() - began
            _seconds(worker_ctx.service_name, method, outcome).observe(seconds)
            log.log(logging.DEBUG if quiet else logging.INFO, DONE, method, outcome, seconds * 1000)


@contextmanager
def handling(service: str, method: str, caller: Fields) -> Iterator[None]:
    """Measure the handling of one event among others: its own trace, its own time in metrics and logs."""
    token, began, outcome = _trace.set(caller["trace_id"]), time.perf_counter(), "ok"
    try:
        with tracing.working(f"{service}.{method}", caller) as ended:
            try:
                yield
            except Exception as exc:
                outcome = _outcome_of(exc)
                raise
            finally:
                ended(outcome)
    finally:
        seconds = time.perf_counter() - began
        _seconds(service, method, outcome).observe(seconds)
        log.info(DONE, method, outcome, seconds * 1000)
        _trace.reset(token)


def _outcome(exc_info: ExcInfo | None) -> str:
    return "ok" if exc_info is None else _outcome_of(exc_info[1])


def _outcome_of(error: BaseException) -> str:
    refused = isinstance(error, ServiceError) and not isinstance(error, Unavailable)
    return "refused" if refused else "error"


def ops_app(containers: Iterable[ServiceContainer], is_stopping: Callable[[], bool] = lambda: False) -> Wsgi:
    """Return the WSGI application on which a process answers its operators."""

    def app(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/health/live":
                return _answer(start_response, {"status": "alive"})
            case "/health/ready":
                problems = {"process": "stopping"} if is_stopping() else find_problems(containers)
                return _answer(start_response, {"ready": not problems, "problems": problems}, ok=not problems)
            case "/metrics":
                measure_backlog(containers)
                measure_calendars()
                start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
                return [generate_latest()]
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"try /health/live, /health/ready or /metrics\n"]

    return app


def find_problems(containers: Iterable[ServiceContainer]) -> dict[str, str]:
    """Return why these services cannot work now: {"orders.transaction": "DatabaseUnavailable"}; empty if they can.

    A dependency may offer `health()`, which raises; a consumer of the bus offers `connected`. All are asked at once,
    each for at most CHECK_SECONDS.
    """
    checks = {}
    for container in containers:
        name = container.service_name
        if not container.started:
            checks[name] = eventlet.spawn(lambda: "not started")
            continue
        for dependency in container.dependencies:
            if hasattr(dependency, "health"):
                checks[f"{name}.{dependency.attr_name}"] = eventlet.spawn(_ask, dependency.health)
        if not all(getattr(extension, "connected", True) for extension in container.extensions):
            checks[f"{name}.bus"] = eventlet.spawn(lambda: "not connected")
    found = {name: check.wait() for name, check in checks.items()}
    return {name: problem for name, problem in found.items() if problem}


def measure_backlog(containers: Iterable[ServiceContainer]) -> None:
    """Update the gauges that come from databases. One that does not answer in time keeps its old values."""
    measuring = [
        eventlet.spawn(_ask, partial(note, container.service_name, getattr(dependency, name)))
        for container in containers
        for dependency in container.dependencies
        for name, note in (("backlog", _note_backlog), ("promises", _note_promises))
        if container.started and hasattr(dependency, name)
    ]
    for each in measuring:
        each.wait()


def measure_calendars() -> None:
    """Record how far ahead the calendars reach."""
    for calendar in calendars_in_use():
        HORIZON.labels(calendar.id).set((calendar.horizon - now().date()).days)


def _note_backlog(service: str, backlog: Callable[[], Mapping[str, float]]) -> None:
    for what, value in backlog().items():
        BACKLOG.labels(service, what).set(value)


def _note_promises(service: str, promises: Callable[[], Iterable[Fields]]) -> None:
    for promised in promises():
        for state in ("kept", "breached", "running"):
            PROMISES.labels(service, promised["kind"], state).set(promised[state])


def _ask(health: Callable[[], None]) -> str | None:
    limit = eventlet.Timeout(CHECK_SECONDS)
    try:
        health()
    except eventlet.Timeout as late:
        if late is not limit:
            raise
        return f"no answer in {CHECK_SECONDS:g} s"
    except Exception as exc:
        log.warning("a health check failed", exc_info=True)
        return type(exc).__name__
    finally:
        limit.cancel()
    return None


def _answer(start_response: Callable[..., object], body: Mapping[str, object], *, ok: bool = True) -> list[bytes]:
    status = "200 OK" if ok else "503 Service Unavailable"
    start_response(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return [json.dumps(body).encode()]


class AddressInUse(InTheWay):
    """The address cannot be had, mostly because another program has it."""

    def __init__(self, variable: str, address: str, problem: Exception):
        taken = isinstance(problem, OSError) and problem.errno == errno.EADDRINUSE
        why = problem.strerror if isinstance(problem, OSError) else str(problem)
        remedy = "stop what has it, or name another address" if taken else "name another address"
        super().__init__(f"{variable}: cannot listen on {address}: {why or 'it cannot be had'}; {remedy}")


def listen(address: str, variable: str) -> GreenSocket:
    """Open a listening socket. Raise AddressInUse, naming the variable, if another program has the port.

    eventlet would share the port between two programs, and each would get some of the connections.
    """
    try:
        return eventlet.listen(split_address(address), backlog=512, reuse_port=False)
    except (OSError, OverflowError) as problem:
        raise AddressInUse(variable, address, problem) from problem


def serve_ops(address: str, app: Wsgi) -> GreenSocket:
    """Serve the application in a greenthread of its own; returns the listening socket."""
    sock = listen(address, "PLEDGE_OPS_ADDRESS")
    eventlet.spawn(wsgi.server, sock, app, log_output=False, socket_timeout=10, keepalive=False)
    return sock


def configure_logging(settings: Settings) -> None:
    """Log to standard error."""
    logging.basicConfig(level=settings.log_level, handlers=[log_handler(settings)], force=True)
    logging.captureWarnings(True)
    for quiet in (_note_refusals, _note_no_ends):
        logging.getLogger("nameko.containers").addFilter(quiet)
    for chatty in ("amqp", "nameko", "alembic"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(settings.log_level)))


def _note_refusals(record: logging.LogRecord) -> bool:
    """Reduce a refusal to one info line. nameko logs every exception of a worker with its traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if not isinstance(error, ServiceError) or isinstance(error, Unavailable):
        return True
    record.exc_info, record.levelno, record.levelname = None, logging.INFO, "INFO"
    return logging.getLogger().isEnabledFor(logging.INFO)


def _note_no_ends(record: logging.LogRecord) -> bool:
    """Drop nameko's warning for each thread that ends with the service; ours are meant to end so."""
    return not str(record.msg).startswith("killing ")


def log_handler(settings: Settings) -> logging.Handler:
    """Return a handler that writes each record as one JSON object (or one line of text), with its service and trace."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_add_context)
    if settings.log_format == "json":
        names = {"asctime": "time", "levelname": "level", "name": "logger"}
        fields = ["asctime", "levelname", "service", "trace_id", "name", "message"]
        formatter: logging.Formatter = JsonFormatter(fields, rename_fields=names)
    else:
        formatter = LineFormatter("{asctime} {levelname:7} {service} {name}: {message} [{trace_id:.8}]", style="{")
    formatter.converter = time.gmtime
    formatter.default_time_format, formatter.default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"
    handler.setFormatter(formatter)
    return handler


class LineFormatter(logging.Formatter):
    """Writes a record as one line, and what follows of a traceback indented.

    What strangers sent may stand in it: line ends, escape sequences and other characters that a terminal obeys are
    written as `\\x0a`, so that they neither make a line of their own nor change what was written before.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        return _visible(super().formatMessage(record), keep="")

    def formatException(self, ei: Any) -> str:
        return _visible(super().formatException(ei), keep="\n").replace("\n", "\n    ")

    def formatStack(self, stack_info: str) -> str:
        return _visible(stack_info, keep="\n").replace("\n", "\n    ")


def _visible(text: str, keep: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        each if each in keep or each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text
    )


def _add_context(record: logging.LogRecord) -> bool:
    record.trace_id, record.service = _trace.get(), _service.get()
    return True
