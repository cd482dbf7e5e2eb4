"""Spans for OpenTelemetry, where PLEDGE_OTLP_ENDPOINT is set; else nothing of it is imported.

    HTTP request → RPC → record <event> → the follower's handler → record <event> → …
                                        ↘ publish <event>, by the relay

The trace is the one in the logs. A call carries W3C's `traceparent` beside its caller. An event carries nothing more
than it does anyway: the span of its recording has an id that is made of the event's, so the publisher or handler of
it, on whichever replica and after whatever restart, knows its parent. Timers have no spans; what they record has.

The SDK's own exporter thread is a greenthread here, and waits and sends as one. Spans that cannot be sent are dropped.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

import eventlet

TRACEPARENT = "traceparent"
LAST_SECONDS = 3.0  # for the spans that a process still has when it ends
_tracer: Any = None
_wanted: ContextVar[tuple[int, int]] = ContextVar("wanted_ids", default=(0, 0))  # of the next span: trace, span


class LibraryMissing(Exception):
    """Spans are wanted, and the library that sends them is not installed."""


def configure(endpoint: str, names: tuple[str, ...]) -> Callable[[], None]:
    """Begin to send spans to this endpoint, if there is one. Return what sends the last of them.

    Raise LibraryMissing when the endpoint is set and OpenTelemetry is not installed.
    """
    global _tracer
    if not endpoint:
        return lambda: None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ALWAYS_ON
    except ImportError as missing:
        raise LibraryMissing(f"PLEDGE_OTLP_ENDPOINT needs what requirements-otlp.txt installs: {missing}") from missing
    resource = Resource.create({"service.namespace": "pledge", "service.name": "+".join(names)})
    provider = TracerProvider(ALWAYS_ON, resource, shutdown_on_exit=False, id_generator=_ids())
    exporter = OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
    _tracer = provider.get_tracer("pledge")

    def shutdown() -> None:
        global _tracer
        _tracer = None
        with eventlet.Timeout(LAST_SECONDS, False):
            provider.shutdown()

    return shutdown


def working(
    name: str, caller: Mapping[str, object], data: Mapping[str, object] | None = None, *, quiet: bool = False
) -> AbstractContextManager[Callable[[str], None]]:
    """Open the span of a piece of work. Yield a function that takes its outcome. data: what came with a call."""
    data = data or {}
    if _tracer is None or (quiet and TRACEPARENT not in data):
        return _UNWANTED
    return _span(name, caller, data)


_UNWANTED = nullcontext[Callable[[str], None]](lambda _outcome: None)


@contextmanager
def _span(name: str, caller: Mapping[str, Any], data: Mapping[str, object]) -> Iterator[Callable[[str], None]]:
    from opentelemetry.trace import SpanKind, StatusCode, use_span

    is_event = "causation_id" in caller and TRACEPARENT not in data
    kind = SpanKind.CONSUMER if is_event else SpanKind.SERVER
    with _wanting(caller["trace_id"]):
        span = _tracer.start_span(name, _parent(data, caller), kind)

    def ended(outcome: str) -> None:
        span.set_attribute("pledge.outcome", outcome)
        if outcome == "error":
            span.set_status(StatusCode.ERROR)

    with use_span(span, end_on_exit=True):
        yield ended


def note(**attributes: Any) -> None:
    """Say more about the worker that is running: `http_route` becomes the attribute http.route."""
    if _tracer is not None:
        from opentelemetry.trace import get_current_span

        get_current_span().set_attributes({name.replace("_", "."): value for name, value in attributes.items()})


def inject(headers: dict[str, object]) -> None:
    """Add the running span to the headers of a call."""
    if _tracer is not None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        TraceContextTextMapPropagator().inject(headers)


def here() -> object:
    """Return the running span, for `recorded`."""
    if _tracer is None:
        return None
    from opentelemetry.context import get_current

    return get_current()


def recorded(entry: Mapping[str, Any], recorder: object) -> None:
    """Record that an event is written to the journal. It is now the parent of what follows from it.

    recorder: the span that recorded it, as `here` returned it then.
    """
    if _tracer is not None:
        with _wanting(entry["trace_id"], _span_id(entry["id"])):
            _tracer.start_span(f"record {entry['type']}", recorder).end()


def published(entry: Any, began: int, problem: str | None) -> None:
    """Record that the relay has published an event, or failed to. began: nanoseconds since the epoch."""
    if _tracer is None:
        return
    from opentelemetry.trace import SpanKind, StatusCode

    parent = _parent({}, {"trace_id": entry.trace_id, "causation_id": entry.id})
    span = _tracer.start_span(f"publish {entry.type}", parent, SpanKind.PRODUCER, start_time=began)
    if problem:
        span.set_status(StatusCode.ERROR, problem)
    span.end(time.time_ns())


def _parent(data: Mapping[str, object], caller: Mapping[str, Any]) -> object:
    """Return the context of the cause: the call's own, else the recording of the handled event, else none."""
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    if data.get(TRACEPARENT):
        return TraceContextTextMapPropagator().extract({TRACEPARENT: data[TRACEPARENT]}, Context())
    trace_id = _number(caller["trace_id"])
    if not trace_id or not caller.get("causation_id"):
        return Context()
    sampled = TraceFlags(TraceFlags.SAMPLED)
    cause = SpanContext(trace_id, _span_id(caller["causation_id"]), is_remote=True, trace_flags=sampled)
    return set_span_in_context(NonRecordingSpan(cause), Context())


@contextmanager
def _wanting(trace_id: str, span_id: int = 0) -> Iterator[None]:
    """Give a span started inside that trace, if it has no parent, and that id, if it is not 0."""
    token = _wanted.set((_number(trace_id), span_id))
    try:
        yield
    finally:
        _wanted.reset(token)


def _span_id(event_id: str) -> int:
    return int.from_bytes(hashlib.sha256(event_id.encode()).digest()[:8])


def _number(trace_id: str) -> int:
    """Convert a trace id to a number; 0 if it is not a trace id of W3C's."""
    try:
        return int(trace_id, 16) if len(trace_id) == 32 else 0
    except ValueError:
        return 0


def _ids() -> Any:
    """Return a generator of random ids, which uses the wanted ones where they are set."""
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class Ids(RandomIdGenerator):
        def generate_trace_id(self) -> int:
            return _wanted.get()[0] or super().generate_trace_id()

        def generate_span_id(self) -> int:
            return _wanted.get()[1] or super().generate_span_id()

    return Ids()
