"""Calling: every call has a deadline, and ends with a result, a typed error or Unavailable by then.

One reply queue per process, with a name of its own; replies to a caller that is gone vanish with it. A reply finds
its call by an id that this process never uses twice, so that it cannot reach another caller, however late it comes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any
from uuid import uuid4

import eventlet
from eventlet.event import Event
from kombu import Queue
from kombu.message import Message as Received
from kombu.transport.base import StdChannel

from services.common import tracing
from services.common.basics.caller import Caller
from services.common.basics.errors import Unavailable
from services.common.basics.guard import forbid_in_transaction
from services.common.bus.connections import SharedExchange
from services.common.bus.rpc_body import CALLER, DEADLINE, EXCHANGE, decode, encode_request, result_of
from services.common.bus.sender import Sender
from services.common.bus.wire import Packet

READS = ("get_", "list_", "search_", "report_")
RETRY_PAUSES = (0.1, 0.4)
REPLY_QUEUE_EXPIRES_MS = 60_000


class Call:
    """One request on its way: what its reply, its refusal or the loss of the connection wakes."""

    __slots__ = ("event", "repeatable", "service")

    def __init__(self, service: str, repeatable: bool):
        self.service, self.repeatable, self.event = service, repeatable, Event()

    def answer(self, reply: object) -> None:
        if not self.event.ready():
            self.event.send(reply)

    def fail(self, reason: str) -> None:
        if not self.event.ready():
            self.event.send_exception(unavailable(self.service, reason))


class RpcClient:
    """Calls from this process to the services behind one broker; to be closed by its owner."""

    def __init__(self, uri: str, heartbeat: float = 10):
        self._id = uuid4().hex
        self._numbers, self._calls = count(1), dict[str, Call]()
        exchange = SharedExchange(EXCHANGE, type="topic", durable=True)
        arguments = {"x-expires": REPLY_QUEUE_EXPIRES_MS}
        self._queue = Queue(f"rpc.reply-{self._id}", exchange, self._id, durable=True, queue_arguments=arguments)
        self._sender = Sender(uri, heartbeat, prepare=self._listen, lost=self._give_up_reads)

    @property
    def connected(self) -> bool:
        return self._sender.connected

    def call(
        self,
        service: str,
        method: str,
        args: Sequence[object] = (),
        caller: Caller | Mapping[str, object] | None = None,
        timeout: float = 5.0,
        deadline: float | None = None,
        kwargs: Mapping[str, object] | None = None,
        repeatable: bool | None = None,
    ) -> Any:
        """Call `service.method(*args, **kwargs)`; JSON values only, in and out.

        timeout is in seconds, deadline an inherited absolute time (epoch seconds): the earlier one holds. A repeatable
        call (by default, one named like a read) is repeated when it failed with Unavailable, while there is time.
        Raises the service's own ServiceError; Unavailable ("service_unavailable") when no answer came in time;
        ServiceError ("bad_call", "internal_error"); TypeError for arguments that are not JSON; RuntimeError inside
        an open transaction.
        """
        forbid_in_transaction("rpc")
        until = time.time() + timeout
        until = until if deadline is None else min(until, deadline)
        body = encode_request(args, kwargs or {})
        headers = caller.to_headers() if isinstance(caller, Caller) else caller
        read = method.startswith(READS) if repeatable is None else repeatable
        waits: Iterator[float] = iter(RETRY_PAUSES if read else ())
        while True:
            try:
                return self._once(Call(service, read), method, body, headers, until)
            except Unavailable:
                wait = next(waits, None)
                if wait is None or time.time() + wait >= until:
                    raise
                eventlet.sleep(wait)

    def close(self) -> None:
        """Close the client. Calls in flight fail with Unavailable."""
        self._sender.close()
        for call in list(self._calls.values()):
            call.fail("the client was closed")

    def _once(self, call: Call, method: str, body: bytes, caller: Mapping[str, object] | None, until: float) -> object:
        remaining = until - time.time()
        if remaining <= 0:
            raise unavailable(call.service, "the deadline has passed")
        call_id = f"{self._id}.{next(self._numbers):x}"
        properties = {
            "delivery_mode": 1,
            "correlation_id": call_id,
            "reply_to": self._id,
            "expiration": str(max(1, int(remaining * 1000))),  # AMQP counts in milliseconds
        }
        headers: dict[str, object] = {DEADLINE: until}
        if caller:
            headers[CALLER] = dict(caller)
        tracing.inject(headers)
        request = Packet(
            body,
            EXCHANGE,
            f"{call.service}.{method}",
            properties,
            headers,
            mandatory=True,
            expires_at=time.monotonic() + remaining,
            refused=call.fail,
        )
        self._calls[call_id] = call
        try:
            self._sender.publish(request)
            reply = call.event.wait(timeout=remaining)
        finally:
            del self._calls[call_id]
        if reply is None:
            raise unavailable(call.service, "no answer in time")
        return result_of(reply)

    def _listen(self, channel: StdChannel) -> None:
        self._queue.bind(channel).declare()
        channel.basic_consume(self._queue.name, no_ack=True, callback=lambda raw: self._on_reply(channel, raw))

    def _on_reply(self, channel: StdChannel, raw: object) -> None:
        reply: Received = channel.message_to_python(raw)
        call = self._calls.get(reply.properties.get("correlation_id"))
        if call is None:
            return  # it came after the deadline, or twice
        try:
            call.answer(decode(reply))
        except ValueError as exc:
            call.fail(f"an unreadable reply: {exc}")

    def _give_up_reads(self) -> None:
        """Fail the reads: the broker may have forgotten them, and repeating is harmless.

        A write waits for its reply.
        """
        for call in list(self._calls.values()):
            if call.repeatable:
                call.fail("the connection broke")


def unavailable(service: str, reason: str) -> Unavailable:
    return Unavailable(f"{service} does not answer: {reason}", code="service_unavailable")
