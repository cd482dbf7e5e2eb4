"""What tests stand on: a fresh database, a fresh bus, services that run, people who call.

    def test_a_return_is_requested_over_the_bus(tmp_path):
        with running(AftersalesService, folder=tmp_path) as platform:
            platform.publish("orders", "order_placed", order_number="ORD-…", body={...})
            reply = platform.call("aftersales", "request_return", {...}, caller=customer("ada@example.com"))

Everything runs on the embedded bus and SQLite; with PLEDGE_TEST_AMQP_URI and PLEDGE_TEST_PG_URL (a superuser's URL)
set, the same tests run on RabbitMQ and PostgreSQL. Nothing is mocked, and nothing sleeps: `eventually` waits for a
condition.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import eventlet
from kombu import Exchange

from services import SERVICES
from services.common.basics import clock
from services.common.basics.caller import ADMIN, CUSTOMER, ROLES, SYSTEM, Caller
from services.common.basics.clock import rfc3339
from services.common.basics.events import Event
from services.common.basics.ids import new_id
from services.common.basics.untyped import Fields, JsonDict
from services.common.bus.connections import connect, declare, events_exchange
from services.common.bus.embedded import inproc
from services.common.bus.publisher import Outgoing, journal_publisher
from services.common.bus.rpc import Rpc, RpcClient
from services.common.bus.travel import read_event
from services.common.edge.schemas import check_reply
from services.common.runtime.config import container_config
from services.common.runtime.messaging import declare_topology
from services.common.store.database import Store, Work
from services.common.testing.databases import distributed as distributed
from services.common.testing.databases import fresh_database_url as fresh_database_url
from services.common.testing.databases import fresh_store as fresh_store

inproc.register()

Answer = TypeVar("Answer")
AnyEvent = TypeVar("AnyEvent", bound=Event)
PATIENCE_SECONDS = 15.0


def promised(source: str, name: str) -> list[JsonDict]:
    """Return a service's examples of an event or reply: today's, and the last release's, which may still run."""
    today = _contract(source, name)
    (then,) = (json.loads(path.read_text("utf-8"))["examples"] for path in (today.parent / "released").glob("*.json"))
    return [json.loads(today.read_text("utf-8")), *(then[each] for each in (f"{name}.v1",) if each in then)]


def _contract(source: str, name: str) -> Path:
    return Path(__file__).parents[2] / source / "contracts" / f"{name}.v1.json"


def whole_body(source: str, name: str, body: Fields) -> JsonDict:
    """Build the body of an event: what `body` says, at every depth, and the rest from the emitter's example."""
    example = promised(source, name)[0]["body"]
    return {**example, **{key: _merged(example.get(key), value) for key, value in body.items()}}


def _merged(example: object, given: object) -> object:
    if isinstance(example, dict) and isinstance(given, Mapping):
        return {**example, **{name: _merged(example.get(name), value) for name, value in given.items()}}
    if isinstance(example, list) and isinstance(given, list | tuple) and example:
        return [_merged(example[0], item) for item in given]
    return given


def event_like(kind: type[AnyEvent], body: Fields) -> AnyEvent:
    """Build the event as its followers read it: what `body` says, and the rest from its emitter's example."""
    return read_event(kind, whole_body(kind.source, kind.type, body))


def eventually(condition: Callable[[], Answer], seconds: float = PATIENCE_SECONDS) -> Answer:
    """Return the first true answer of `condition`, asked repeatedly. Raise AssertionError if none comes in time."""
    with eventlet.Timeout(seconds, False):
        while True:
            answer = condition()
            if answer:
                return answer
            eventlet.sleep(0.02)
    raise AssertionError(f"still not so after {seconds} s: {condition}")


def guest(trace_id: str = "test") -> Caller:
    return Caller("guest", trace_id=trace_id)


def customer(email: str = "ada@example.com", key: str | None = None) -> Caller:
    roles = frozenset({CUSTOMER})
    return Caller(f"customer:{email}", email=email, roles=roles, trace_id="test", idempotency_key=key)


def holder(grant: str, key: str | None = None) -> Caller:
    """Return a caller who came by a link: `holder("order:ORD-…")`."""
    return Caller("guest", grants=frozenset({grant}), trace_id="test", idempotency_key=key)


def staff(*roles: str, email: str | None = None) -> Caller:
    """Return a member of staff: `staff("agent")`. A second person of the same role needs another e-mail."""
    assert set(roles) <= ROLES
    email = email or f"{(roles or (ADMIN,))[0]}@pledge.example"
    return Caller(f"staff:{email}", email=email, roles=frozenset(roles or {ADMIN}), trace_id="test")


class Platform:
    """Services that run in this process, and a client beside them."""

    def __init__(self, uri: str, urls: Mapping[str, str], containers: Fields):
        self.uri, self._urls, self.containers = uri, dict(urls), dict(containers)
        self._client = RpcClient(uri)
        self._publisher = journal_publisher(uri)
        self._stores: dict[str, Store] = {}
        self._declared = {
            name: getattr(container.service_cls, "methods", {}) for name, container in self.containers.items()
        }
        self.answered: set[tuple[str, str]] = set()

    def call(self, service: str, method: str, *args: object, caller: Caller = SYSTEM, timeout: float = 10.0) -> Any:
        """Call a method as that caller would through the gateway; errors come as those of `basics.errors`.

        The reply is held to what the interface declares; `answered` remembers which methods answered.
        """
        reply = self._client.call(service, method, args, caller, timeout)
        declared = self._declared.get(service, {}).get(method)
        if declared is not None:
            check_reply(declared.reply, reply)
        self.answered.add((service, method))
        return reply

    def silent(self, service: str) -> set[str]:
        """Return the methods of a service that were not called yet. A test that wants all of them expects none."""
        service_class = self.containers[service].service_cls
        methods = {
            name
            for name in dir(service_class)
            for entrypoint in getattr(getattr(service_class, name), "nameko_entrypoints", ())
            if isinstance(entrypoint, Rpc)
        }
        return methods - {method for who, method in self.answered if who == service}

    def store(self, service: str) -> Store:
        """Open a service's database, beside the service's own connections."""
        if service not in self._stores:
            self._stores[service] = Store(self._urls[service], pool_size=2)
        return self._stores[service]

    def publish(
        self,
        source: str,
        event_type: str,
        body: Mapping[str, object],
        *,
        subject: str | None = None,
        subject_seq: int = 1,
        event_id: str | None = None,
        occurred_at: datetime | None = None,
    ) -> str:
        """Publish an event as the journal of `source` would; its id. For followers whose source does not run here.

        What `body` leaves out of an event that its source promises is as in the example of it.
        """
        import orjson

        entry_id = event_id or new_id()
        envelope = {
            "id": entry_id,
            "service": source,
            "type": event_type,
            "version": 1,
            "subject": subject or str(body.get("order_number", "test")),
            "subject_seq": subject_seq,
            "order_number": body.get("order_number"),
            "occurred_at": rfc3339(occurred_at or clock.now()),
            "actor": f"service:{source}",
            "trace_id": "test",
            "causation_id": None,
            "audience": "internal",
            "body": whole_body(source, event_type, body) if _contract(source, event_type).exists() else dict(body),
        }
        problems: list[str | None] = []
        self._publisher.connect()
        out = Outgoing(entry_id, f"{source}.events", event_type, orjson.dumps(envelope), {}, False)
        self._publisher.publish([out], lambda _id, problem: problems.append(problem))
        assert not any(problems), problems
        return entry_id

    def journal(self, service: str, event_type: str | None = None) -> list[JsonDict]:
        """Return what a service has recorded so far, in order; all types or one."""
        from services.common.store import tables
        from services.common.store.journal import ENTRIES, as_published

        query = ENTRIES.order_by(tables.journal.c.position)
        if event_type:
            query = query.where(tables.journal.c.type == event_type)
        with self.store(service).work(Work, reading=True) as work:
            return [{**as_published(dict(row))} for row in work.session.execute(query).mappings()]

    def eventually_recorded(self, service: str, event_type: str, count: int = 1) -> list[JsonDict]:
        """Wait until a service has recorded that many events of a type."""

        def recorded() -> list[dict[str, object]]:
            found = self.journal(service, event_type)
            return found if len(found) >= count else []

        return eventually(recorded)

    def dead_letters(self, service: str) -> list[JsonDict]:
        """Return what the service has parked."""
        with self.store(service).work(Work, reading=True) as work:
            return work.inbox.dead()

    def close(self) -> None:
        self._client.close()
        self._publisher.close()
        for store in self._stores.values():
            store.dispose()


@contextmanager
def running(*service_classes: Any, folder: Path, environ: Mapping[str, str] | None = None) -> Iterator[Platform]:
    """Run services in this process on a fresh bus, each with a fresh database.

    A class given twice runs as two replicas on one database. `environ` adds settings.
    """
    from nameko.containers import get_container_cls

    with ExitStack() as stack:
        uri = os.environ["PLEDGE_TEST_AMQP_URI"] if distributed() else f"inproc://test-{uuid.uuid4().hex[:8]}"
        names = {service_class.name for service_class in service_classes}
        owning = names - {"gateway"}
        urls = {name: stack.enter_context(fresh_database_url(name, folder)) for name in sorted(owning)}
        variables = {
            "PLEDGE_AMQP_URI": uri,
            "PLEDGE_DATA_DIR": str(folder),
            "PLEDGE_DEV": "1",
            **{f"PLEDGE_{name.upper()}_DATABASE_URL": url for name, url in urls.items()},
            **(environ or {}),
        }
        _empty_queues(uri, [item for item in {*service_classes} if item.name in owning])
        config = container_config(variables)
        container_class = get_container_cls(config)
        containers = [(item, container_class(item, config)) for item in service_classes]
        for _, container in containers:
            stack.callback(container.kill)  # harmless after a stop, and the way out when a test fails
            container.start()
        platform = Platform(uri, urls, {item.name: container for item, container in containers})
        stack.callback(platform.close)
        yield platform
        for _, container in containers:
            container.stop()


def _empty_queues(uri: str, service_classes: list[Any]) -> None:
    """Empty the queues, as the migrate step leaves them. A real broker keeps those of the last test."""
    with connect(uri) as connection:
        channel = connection.default_channel
        for item in service_classes:
            for queue in (f"{item.name}.inbox", f"rpc-{item.name}"):
                channel.queue_delete(queue)
    declare_topology(uri, service_classes)
    sources = [events_exchange(name) for name in SERVICES]
    declare(uri, *sources, Exchange("nameko-rpc", type="topic", durable=True))


def service_class(name: str) -> Any:
    """Return the nameko class of a service, by its name."""
    return getattr(import_module(f"services.{name}.service"), f"{name.capitalize()}Service")
