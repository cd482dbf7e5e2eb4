"""What every bus must show nameko and the kit: the embedded one is held to what RabbitMQ does.

Calls go through the kit's RPC; events through nameko's own handlers, because here the transport is on trial.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import eventlet
import pytest
from kombu import Exchange, Queue
from nameko.amqp.publish import Publisher
from nameko.events import BROADCAST, SINGLETON, EventDispatcher, event_handler
from nameko.exceptions import MethodNotFound, RemoteError, UnknownService
from nameko.extensions import DependencyProvider
from nameko.rpc import RpcProxy
from nameko.standalone.rpc import ClusterRpcProxy

from services.common.basics.caller import Caller
from services.common.basics.errors import ServiceError, Unavailable
from services.common.bus.connections import close, connect, declare
from services.common.bus.rpc import ServiceClient, rpc
from services.common.tests.broker import Bus, interface, until


@pytest.fixture(params=["inproc", pytest.param("amqp", marks=pytest.mark.integration)])
def bus(request: pytest.FixtureRequest) -> Iterator[Bus]:
    uri = f"inproc://{uuid4().hex}" if request.param == "inproc" else os.environ["PLEDGE_TEST_AMQP_URI"]
    found = Bus(uri, heartbeat=2)
    yield found
    found.close()


class Context(DependencyProvider):
    def get_dependency(self, worker_ctx: Any) -> Any:
        return worker_ctx.data


def orders(bus: Bus) -> type:
    """Define a service that answers in all the ways there are."""

    class Orders:
        name = bus.name("orders")
        dispatch = EventDispatcher()
        context = Context()

        @rpc
        def get(self, number: int) -> dict[str, Any]:
            return {"number": number, "nested": [1, (2, 3)]}

        @rpc
        def fail(self) -> None:
            raise ValueError("secret ✗")

        @rpc
        def unserializable(self) -> object:
            return object()

        @rpc
        def wait(self, seconds: float) -> float:
            eventlet.sleep(seconds)
            return seconds

        @rpc
        def emit(self, event: str, body: dict[str, Any]) -> None:
            self.dispatch(event, body)

        @rpc
        def echo(self, text: str) -> str:
            return text

        @rpc
        def who(self) -> Any:
            return self.context.get("caller")

    return Orders


def follower(bus: Bus, service: str, seen: list[Any], **options: Any) -> type:
    """Define a service that follows `created` of the orders service with nameko's own event handler."""

    class Follower:
        name = bus.name(service)

        @event_handler(bus.name("orders"), "created", **options)
        def on_created(self, body: dict[str, Any]) -> None:
            seen.append(dict(body))
            body["mutated"] = True

    return Follower


def gateway(bus: Bus) -> type:
    class Gateway:
        name = bus.name("gateway")
        orders: ServiceClient[Any] = ServiceClient(interface(bus.name("orders"), "get", "who", "fail"), timeout=5)
        nobody: ServiceClient[Any] = ServiceClient(interface(bus.name("nobody"), "do_something"), timeout=5)

        @rpc
        def go(self, number: int) -> int:
            return int(self.orders.get(number)["number"])

        @rpc
        def who(self) -> Any:
            return self.orders.who()

        @rpc
        def chain(self) -> list[Any]:
            try:
                self.orders.fail()
            except ServiceError as error:
                return [error.code, self.orders.get(1)["number"], self.orders.get(2)["number"]]
            return []

        @rpc
        def call_nobody(self) -> str:
            try:
                self.nobody.do_something()
            except Unavailable as error:
                return error.code
            return "answered"

    return Gateway


def test_a_call_is_answered(bus: Bus) -> None:
    bus.start(orders(bus))

    assert bus.call("orders", "get", 7) == {"number": 7, "nested": [1, [2, 3]]}


def test_a_service_calls_another(bus: Bus) -> None:
    bus.start(orders(bus))
    bus.start(gateway(bus))

    assert bus.call("gateway", "go", 3) == 3


def test_stock_nameko_callers_are_answered(bus: Bus) -> None:
    bus.start(orders(bus))

    with ClusterRpcProxy(bus.config, context_data={"caller": {"actor": "guest"}}) as stock:
        proxy = stock[bus.name("orders")]
        assert proxy.get(7) == {"number": 7, "nested": [1, [2, 3]]}
        assert proxy.who() == {"actor": "guest"}
        with pytest.raises(RemoteError, match="internal_error"):
            proxy.fail()
        with pytest.raises(MethodNotFound):
            proxy.no_such_method()


def test_stock_nameko_services_are_understood(bus: Bus) -> None:
    from nameko.rpc import rpc as stock_rpc

    class Stock:
        name = bus.name("stock")
        context = Context()

        @stock_rpc
        def who(self, number: int) -> list[Any]:
            return [number, self.context["caller"]["actor"]]

        @stock_rpc
        def fail(self) -> None:
            raise ValueError("no")

    bus.start(Stock)

    assert bus.client.call(bus.name("stock"), "who", [5], Caller("guest")) == [5, "guest"]
    with pytest.raises(ServiceError) as failed:
        bus.call("stock", "fail")
    assert failed.value.code == "internal_error"
    with pytest.raises(ServiceError) as missing:
        bus.call("stock", "no_such_method")
    assert missing.value.code == "bad_call"


def test_a_service_that_does_not_exist_is_unavailable_at_once(bus: Bus) -> None:
    with pytest.raises(Unavailable, match="unroutable") as refused:
        bus.call("nobody", "x", timeout=60)

    assert refused.value.code == "service_unavailable"


def test_stock_nameko_learns_of_an_unknown_service_too(bus: Bus) -> None:
    bus.start(orders(bus))

    with ClusterRpcProxy(bus.config) as stock, pytest.raises(UnknownService):
        stock[bus.name("nobody")].x()


@pytest.mark.parametrize(("method", "args"), [("no_such_method", []), ("get", []), ("get", [1, 2])])
def test_a_wrong_method_or_signature_is_a_bad_call(bus: Bus, method: str, args: list[int]) -> None:
    bus.start(orders(bus))

    with pytest.raises(ServiceError) as refused:
        bus.call("orders", method, *args)

    assert (refused.value.kind, refused.value.code) == ("internal", "bad_call")


@pytest.mark.parametrize("method", ["fail", "unserializable"])
def test_what_went_wrong_inside_is_not_told(bus: Bus, method: str, caplog: pytest.LogCaptureFixture) -> None:
    bus.start(orders(bus))

    with pytest.raises(ServiceError) as failed:
        bus.call("orders", method)

    assert (failed.value.kind, failed.value.code) == ("internal", "internal_error")
    assert "secret" not in str(failed.value)
    assert "Traceback" in caplog.text


def test_each_service_gets_each_event_once_with_any_replicas(bus: Bus) -> None:
    ours, theirs = list[Any](), list[Any]()
    first, other = follower(bus, "first", ours), follower(bus, "other", theirs)
    for service in (orders(bus), first, first, other):
        bus.start(service)

    for number in range(20):
        bus.call("orders", "emit", "created", {"number": number})

    until(lambda: len(ours) >= 20 and len(theirs) >= 20)
    bus.call("orders", "get", 1)
    assert sorted(body["number"] for body in ours) == list(range(20))
    assert sorted(body["number"] for body in theirs) == list(range(20))
    assert not any("mutated" in body for body in ours + theirs)


def test_a_broadcast_reaches_every_instance(bus: Bus) -> None:
    seen = list[Any]()
    listener = follower(bus, "first", seen, handler_type=BROADCAST, reliable_delivery=False)
    for service in (orders(bus), listener, listener, listener):
        bus.start(service)

    bus.call("orders", "emit", "created", {"number": 1})

    until(lambda: len(seen) == 3)


def test_a_singleton_handles_an_event_once_over_all_services(bus: Bus) -> None:
    seen = list[Any]()
    bus.start(orders(bus))
    for name in ("first", "other"):
        bus.start(follower(bus, name, seen, handler_type=SINGLETON))

    for number in range(5):
        bus.call("orders", "emit", "created", {"number": number})

    until(lambda: len(seen) >= 5)
    bus.call("orders", "get", 1)
    assert sorted(body["number"] for body in seen) == list(range(5))


def test_an_event_without_followers_is_no_error(bus: Bus) -> None:
    bus.start(orders(bus))

    bus.call("orders", "emit", "nobody_listens", {})


def test_what_is_requeued_comes_again_to_the_same_service_only(bus: Bus) -> None:
    mine, others = list[Any](), list[Any]()

    class Stubborn:
        name = bus.name("stubborn")

        @event_handler(bus.name("orders"), "created", requeue_on_error=True)
        def on_created(self, body: Any) -> None:
            mine.append(body)
            if len(mine) < 3:
                raise RuntimeError("again")

    for service in (orders(bus), Stubborn, follower(bus, "other", others)):
        bus.start(service)

    bus.call("orders", "emit", "created", {"number": 1})

    until(lambda: len(mine) == 3 and others)
    assert len(others) == 1


def test_a_message_of_a_killed_consumer_is_delivered_again(bus: Bus) -> None:
    seen: dict[str, list[Any]] = defaultdict(list)

    class Hanging:
        name = bus.name("hanging")

        @event_handler(bus.name("orders"), "created")
        def on_created(self, body: Any) -> None:
            seen["started"].append(body)
            if len(seen["started"]) == 1:
                eventlet.sleep(60)
            seen["done"].append(body)

    bus.start(orders(bus))
    first = bus.start(Hanging)
    bus.call("orders", "emit", "created", {"number": 1})
    until(lambda: seen["started"])

    first.kill()
    bus.start(Hanging)

    until(lambda: seen["done"] == [{"number": 1}])


def test_a_call_waits_in_the_queue_of_a_service_that_restarts(bus: Bus) -> None:
    bus.start(orders(bus)).stop()

    call = eventlet.spawn(bus.call, "orders", "get", 5, timeout=15)
    eventlet.sleep(0)
    bus.start(orders(bus))

    assert call.wait()["number"] == 5


def test_nested_calls_need_only_one_worker_each(bus: Bus) -> None:
    bus.start(orders(bus), max_workers=1)
    bus.start(gateway(bus), max_workers=1)

    assert bus.call("gateway", "go", 3) == 3


def test_work_is_shared_among_instances(bus: Bus) -> None:
    handled = Counter[int]()

    def instance(number: int) -> type:
        class Slow:
            name = bus.name("slow")

            @event_handler(bus.name("orders"), "created")
            def on_created(self, body: Any) -> None:
                eventlet.sleep(0.05)
                handled[number] += 1

        return Slow

    bus.start(orders(bus))
    bus.start(instance(1), max_workers=2)
    bus.start(instance(2), max_workers=2)

    for number in range(20):
        bus.call("orders", "emit", "created", {"number": number})

    until(lambda: handled.total() == 20)
    assert min(handled[1], handled[2]) >= 5


def test_a_service_learns_that_another_does_not_exist(bus: Bus) -> None:
    bus.start(gateway(bus))

    assert bus.call("gateway", "call_nobody") == "service_unavailable"


def test_a_failed_call_leaves_the_next_ones_alone(bus: Bus) -> None:
    bus.start(orders(bus))
    bus.start(gateway(bus))

    assert bus.call("gateway", "chain") == ["internal_error", 1, 2]


def test_a_call_that_is_not_answered_in_time_is_unavailable(bus: Bus) -> None:
    bus.start(orders(bus))

    with pytest.raises(Unavailable, match="no answer in time"):
        bus.call("orders", "wait", 30, timeout=0.2)


def test_hundreds_of_calls_at_once_each_get_their_own_answer(bus: Bus) -> None:
    bus.start(orders(bus), max_workers=20)

    calls = [eventlet.spawn(bus.call, "orders", "get", number, timeout=60) for number in range(300)]

    assert [call.wait()["number"] for call in calls] == list(range(300))


def test_a_body_over_many_frames_arrives_whole(bus: Bus) -> None:
    bus.start(orders(bus))
    text = "0123456789é" * 300_000

    assert bus.call("orders", "echo", text, timeout=30) == text


def test_an_idle_connection_outlives_many_heartbeats(bus: Bus, caplog: pytest.LogCaptureFixture) -> None:
    from services.common.bus.consumer import QueueConsumer

    container = bus.start(orders(bus))
    bus.call("orders", "get", 1)
    (consumer,) = (each for each in container.subextensions if isinstance(each, QueueConsumer))

    eventlet.sleep(7)  # the broker hangs up after two heartbeats of 2 s without a sign of life

    assert bus.call("orders", "get", 1)["number"] == 1
    assert consumer.connected
    assert "no connection" not in caplog.text
    assert "broke" not in caplog.text
    assert consumer.silence < 4


def test_services_stop_while_idle(bus: Bus) -> None:
    # nameko's own consumer, which the follower has, looks up after a second without a frame: on RabbitMQ a heartbeat of
    # 2 s brings one each second, and it is told to stop when the broker has given it up
    containers = [bus.start(orders(bus)), bus.start(follower(bus, "first", []), HEARTBEAT=10)]
    bus.call("orders", "get", 1)

    with eventlet.Timeout(60):  # a bound, no measure: without an end of its own the test would hang
        for container in containers:
            container.stop()


def test_a_queue_for_one_connection_goes_with_it(bus: Bus) -> None:
    connection = connect(bus.uri)
    name = bus.name("transient")
    Queue(name, exclusive=True)(connection.channel()).declare()

    close(connection)

    other = connect(bus.uri)
    try:
        with pytest.raises(Exception, match="NOT_FOUND"):
            other.channel().queue_declare(name, passive=True)
    finally:
        close(other)


def test_an_expired_message_is_not_delivered(bus: Bus) -> None:
    queue = Queue(bus.name("short"), Exchange(bus.name("short"), type="topic"), routing_key="#")
    declare(bus.uri, queue)
    connection = connect(bus.uri)
    seen = list[Any]()
    try:
        producer = connection.Producer()
        producer.publish({"number": 1}, exchange=bus.name("short"), routing_key="a", expiration=0.001)
        producer.publish({"number": 2}, exchange=bus.name("short"), routing_key="a", expiration=60)
        eventlet.sleep(0.05)
        with connection.Consumer(queue, callbacks=[lambda body, _: seen.append(body)]):
            while not seen:
                connection.drain_events(timeout=5)
        queue(connection.channel()).delete()
    finally:
        close(connection)

    assert seen == [{"number": 2}]


def test_topics_are_routed_by_their_wildcards(bus: Bus) -> None:
    taken = {
        "a.b": ["a.b"],
        "a.*": ["a.b"],
        "a.#": ["a", "a.b", "a.b.c"],
        "#": ["a", "a.b", "a.b.c", "x.b", "aXb"],
        "*.b.#": ["a.b", "a.b.c", "x.b"],
    }
    exchange = Exchange(bus.name("topics"), type="topic")
    queues = {pattern: Queue(bus.name(pattern), exchange, routing_key=pattern) for pattern in taken}
    declare(bus.uri, *queues.values())
    connection = connect(bus.uri)
    found: dict[str, list[str]] = defaultdict(list)
    try:
        for key in taken["#"]:
            connection.Producer().publish(key, exchange=exchange.name, routing_key=key)

        for pattern, queue in queues.items():
            with connection.Consumer(queue, callbacks=[lambda body, _, into=found[pattern]: into.append(body)]):
                while len(found[pattern]) < len(taken[pattern]):
                    connection.drain_events(timeout=5)
        assert found == taken
        for queue in queues.values():
            queue(connection.channel()).delete()
    finally:
        close(connection)


def test_a_compressed_message_with_priority_is_read(bus: Bus) -> None:
    bus.start(orders(bus))

    Publisher(bus.uri).publish(
        {"args": [1], "kwargs": {}},
        exchange=Exchange("nameko-rpc", type="topic", durable=True),
        routing_key=f"{bus.name('orders')}.get",
        expiration=5,
        priority=3,
        reply_to="nowhere",
        correlation_id="1",
        delivery_mode=1,
        compression="zlib",
    )

    assert bus.call("orders", "get", 1)["number"] == 1


def test_the_caller_travels_with_every_call(bus: Bus) -> None:
    bus.start(orders(bus))
    bus.start(gateway(bus))
    ada = Caller("customer:ada@example.com", email="ada@example.com", roles=frozenset({"customer"}), trace_id="ké")

    travelled = bus.client.call(bus.name("gateway"), "who", caller=ada)

    assert Caller.from_headers(travelled) == ada


def test_a_stock_proxy_in_a_service_works_beside_ours(bus: Bus) -> None:
    class Old:
        name = bus.name("old")
        orders = RpcProxy(bus.name("orders"))

        @rpc
        def go(self, number: int) -> int:
            return int(self.orders.get(number)["number"])

    bus.start(orders(bus))
    bus.start(Old)

    assert bus.call("old", "go", 4) == 4
