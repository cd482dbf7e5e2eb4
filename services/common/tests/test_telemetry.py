import json
import logging
from contextlib import suppress
from urllib.error import HTTPError
from urllib.request import urlopen

import eventlet
import pytest
from eventlet.event import Event
from nameko.extensions import DependencyProvider, Entrypoint
from prometheus_client import REGISTRY

from deploy.run import infra
from services.common.basics.errors import Conflict, Unavailable
from services.common.runtime import telemetry
from services.common.runtime.config import ConfigError, Settings, container_config
from services.common.runtime.telemetry import ObservedContainer, find_problems, ops_app, serve_ops
from services.common.testing import eventually, running
from services.common.tests.toys import Follower

TRACE = "0af7651916cd43dd8448eb211c80319c"


class Call(Entrypoint):
    """An entrypoint that the test itself calls."""


class Ledger(DependencyProvider):
    """A dependency whose health the test decides."""

    def __init__(self):
        self.health_is = lambda: None

    def health(self):
        self.health_is()


class Shop:
    name = "shop"
    ledger = Ledger()

    @Call.decorator
    def sell(self, act):
        return act()


@pytest.fixture
def container():
    shop = ObservedContainer(Shop, container_config({"PLEDGE_MAX_WORKERS": "2"}))
    shop.start()
    yield shop
    shop.kill()


@pytest.fixture
def health(container):
    [ledger] = container.dependencies

    def becomes(check):
        ledger.health_is = check

    return becomes


def call(container, act, data=None):
    """Run `act` in a worker; an Event that gets its result, or its error as an exception."""
    [sell] = container.entrypoints
    done = Event()

    def finished(_ctx, result, exc_info):
        done.send(result, exc_info)
        return result, exc_info

    container.spawn_worker(sell, (act,), {}, context_data={} if data is None else data, handle_result=finished)
    return done


def counted(outcome):
    labels = {"service": "shop", "method": "sell", "outcome": outcome}
    return REGISTRY.get_sample_value("pledge_worker_seconds_count", labels) or 0


def get(sock, path):
    """Return status and body of an answer of the operators' server."""
    host, port = sock.getsockname()
    try:
        with urlopen(f"http://{host}:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()


def test_a_log_line_has_the_trace_and_service_of_its_worker(container, capsys):
    handler = telemetry.log_handler(Settings.load({}))
    record = logging.LogRecord("shop", logging.WARNING, __file__, 1, "sold %s", ("a lamp",), None)

    call(container, lambda: handler.handle(record), {"caller": {"actor": "guest", "trace_id": TRACE}}).wait()

    line = json.loads(capsys.readouterr().err)
    assert (line["trace_id"], line["service"], line["level"]) == (TRACE, "shop", "WARNING")
    assert line["message"] == "sold a lamp"
    assert line["time"].endswith("Z")


def test_workers_at_the_same_time_keep_their_own_traces(container):
    together = Event()

    def act():
        together.wait()
        return telemetry.current_trace_id()

    answers = [call(container, act, {"caller": {"trace_id": trace}}) for trace in ("a" * 32, "b" * 32)]
    together.send()

    assert [answer.wait() for answer in answers] == ["a" * 32, "b" * 32]


def test_a_worker_without_a_trace_begins_one_and_passes_it_on(container):
    data: dict[str, dict[str, str]] = {}

    trace = call(container, telemetry.current_trace_id, data).wait()

    assert len(trace) == 32
    assert data["caller"]["trace_id"] == trace


@pytest.mark.parametrize(
    ("header", "adopted"),
    [
        (f"00-{TRACE}-b7ad6b7169203331-01", True),
        (f"00-{'0' * 32}-b7ad6b7169203331-01", False),
        (f"00-{TRACE}-b7ad6b7169203331-01\n", False),
        ("nonsense", False),
        ("", False),
    ],
)
def test_a_request_belongs_to_the_trace_that_its_client_names(header, adopted):
    trace = telemetry.trace_id_of({"HTTP_TRACEPARENT": header})

    assert (trace == TRACE) is adopted
    assert len(trace) == 32


@pytest.mark.parametrize(
    ("error", "outcome"), [(None, "ok"), (Conflict, "refused"), (Unavailable, "error"), (KeyError, "error")]
)
def test_each_call_is_counted_by_its_outcome(container, error, outcome):
    before = counted(outcome)

    def act():
        if error:
            raise error

    done = call(container, act)
    with suppress(Conflict, Unavailable, KeyError):
        done.wait()

    eventually(lambda: counted(outcome) == before + 1)
    eventually(lambda: REGISTRY.get_sample_value("pledge_workers_busy", {"service": "shop"}) == 0)


def test_operators_are_answered_while_all_workers_are_busy(container):
    release = Event()
    busy = [call(container, release.wait) for _ in range(2)]
    sock = serve_ops("127.0.0.1:0", ops_app([container]))
    eventually(lambda: REGISTRY.get_sample_value("pledge_workers_busy", {"service": "shop"}) == 2)

    live, ready, metrics = get(sock, "/health/live"), get(sock, "/health/ready"), get(sock, "/metrics")

    assert not any(done.ready() for done in busy)
    assert (live[0], ready[0], metrics[0]) == (200, 200, 200)
    assert 'pledge_workers_busy{service="shop"} 2.0' in metrics[1]
    assert get(sock, "/else")[0] == 404
    release.send()
    sock.close()


def test_a_process_that_stops_is_not_ready_any_more(container):
    sock = serve_ops("127.0.0.1:0", ops_app([container], lambda: True))

    status, body = get(sock, "/health/ready")

    assert (status, json.loads(body)["problems"]) == (503, {"process": "stopping"})
    assert get(sock, "/health/live")[0] == 200
    sock.close()


def test_a_failing_or_hanging_dependency_is_not_ready(container, health, monkeypatch):
    monkeypatch.setattr(telemetry, "CHECK_SECONDS", 0.05)

    def fail():
        raise Unavailable("password=sesame")

    health(fail)
    assert find_problems([container]) == {"shop.ledger": "Unavailable"}

    health(Event().wait)
    assert find_problems([container]) == {"shop.ledger": "no answer in 0.05 s"}

    health(lambda: None)
    assert find_problems([container]) == {}


def test_a_service_that_has_not_started_is_not_ready():
    assert find_problems([ObservedContainer(Shop, container_config({}))]) == {"shop": "not started"}


def test_a_consumer_without_a_connection_is_not_ready(container):
    [ledger] = container.dependencies
    ledger.connected = False

    assert find_problems([container]) == {"shop.bus": "not connected"}


def test_a_port_that_is_taken_is_refused_by_name():
    first = telemetry.listen("127.0.0.1:0", "PLEDGE_OPS_ADDRESS")
    taken = f"127.0.0.1:{first.getsockname()[1]}"

    with pytest.raises(ConfigError, match=f"PLEDGE_OPS_ADDRESS: cannot listen on {taken}"):
        telemetry.listen(taken, "PLEDGE_OPS_ADDRESS")

    first.close()


def test_a_pool_with_queued_workers_can_end(container):
    """With eventlet's own pool the container would wait for ever: see WorkerPool."""
    release, pool = Event(), container._worker_pool
    queue = [eventlet.spawn(call, container, release.wait) for _ in range(5)]
    eventually(lambda: pool.waiting() == 3)
    waiting = eventlet.spawn(pool.waitall)
    eventlet.sleep(0)

    release.send()

    with eventlet.Timeout(10):
        waiting.wait()
        for queued in queue:
            queued.wait().wait()


@pytest.mark.integration
def test_a_service_without_database_or_broker_is_not_ready(tmp_path, monkeypatch):
    with infra.temporary(tmp_path / "servers") as environ:
        monkeypatch.setenv("PLEDGE_TEST_AMQP_URI", environ["PLEDGE_TEST_AMQP_URI"])
        monkeypatch.setenv("PLEDGE_TEST_PG_URL", environ["PLEDGE_TEST_PG_URL"])
        with running(Follower, folder=tmp_path) as platform:

            def problems():
                return find_problems(platform.containers.values())

            def stop(name):
                server = infra.find(tmp_path / "servers", name)
                assert server
                server.stop(at_once=True)

            eventually(lambda: problems() == {})

            stop("postgres")
            eventually(lambda: "follower.transaction" in problems())
            infra.start_postgres(tmp_path / "servers", durable=False)
            eventually(lambda: problems() == {})

            stop("rabbitmq")
            eventually(lambda: "follower.bus" in problems())
            infra.start_rabbitmq(tmp_path / "servers")
            eventually(lambda: problems() == {})


@pytest.mark.parametrize(
    ("error", "level", "traceback"), [(Conflict("no"), "INFO", False), (ValueError("bug"), "ERROR", True)]
)
def test_a_refusal_is_one_line_and_a_bug_shows_its_traceback(caplog, error, level, traceback):
    logger = logging.getLogger("nameko.containers")
    logger.addFilter(telemetry._note_refusals)
    caplog.set_level(logging.INFO)
    try:
        try:
            raise error
        except type(error):
            logger.error("error handling worker", exc_info=True)
    finally:
        logger.removeFilter(telemetry._note_refusals)

    (record,) = caplog.records
    assert (record.levelname, bool(record.exc_info)) == (level, traceback)
