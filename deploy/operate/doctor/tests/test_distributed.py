"""Each trouble of the distributed form, brought about for real on private servers, is found; without it none is."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg2
import pytest
import sqlalchemy as sa

from deploy.operate.doctor.__main__ import examine
from deploy.run import infra, processes, up
from deploy.run.processes import Process
from deploy.run.queues import look
from services import SERVICES
from services.common.basics import clock
from services.common.bus.connections import connect

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]
SECONDS = 60.0
TERMS = '{"version": "2026-12", "terms": {"dispatch": {"working_days": 2}}}'


class Ground(NamedTuple):
    """A platform that runs: its variables, its processes, its database server's administrator."""

    environ: dict[str, str]
    members: dict[str, Process]

    def found(self, pause: Callable[[], None] = lambda: None, **more: str) -> dict[str, Any]:
        return {finding.name: finding for finding in examine({**self.environ, **more}, pause)}

    def sql(self, statement: str) -> None:
        admin = sa.make_url(self.environ["PLEDGE_POSTGRES_ADMIN_URL"]).set(drivername="postgresql")
        with closing(psycopg2.connect(admin.render_as_string(hide_password=False))) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)

    def channel(self, act: Callable[[Any], None]) -> None:
        with connect(self.environ["PLEDGE_AMQP_URI"]) as connection:
            act(connection.channel())


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("doctor")
    with infra.temporary(folder / "infra") as servers:
        (port,) = processes.free_ports(1)
        address = {"PLEDGE_HTTP_ADDRESS": f"127.0.0.1:{port}", "PLEDGE_DATA_DIR": str(folder / "data")}
        address["PLEDGE_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
        closures = folder / "closures.yaml"
        closures.write_text("CN: {horizon: 2100-12-31}\n")  # else the calendar's data ends some day
        environ = {**servers, **address, "PLEDGE_CLOSURES": str(closures)}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PLEDGE_")}
        with up.platform({**inherited, **environ}, folder / "logs") as members:
            yield Ground(environ, members)


def test_a_healthy_platform_has_no_findings(ground: Ground) -> None:
    assert ground.found() == {}


def test_a_replica_with_other_terms_is_named(ground: Ground, tmp_path: Path) -> None:
    (port,) = processes.free_ports(1)
    log, address = tmp_path / "orders.log", f"127.0.0.1:{port}"
    replica = up.start("orders", {**ground.environ, "PLEDGE_TERMS": TERMS}, address, tmp_path)
    try:
        up.await_ready(replica, port, log)

        (odd,) = [each for each in examine(ground.environ) if each.name == "other_terms"]
        others = [each.where for each in examine({**ground.environ, "PLEDGE_TERMS": TERMS}) if each.name == odd.name]
    finally:
        processes.stop(replica, signal.SIGTERM, seconds=35)

    assert odd.where.startswith("orders (")
    assert odd.where.endswith(f":{replica.pid})")
    assert odd.where not in others
    assert [where.partition(" ")[0] for where in others] == ["aftersales", "gateway", "logistics", "orders", "support"]


def test_a_role_that_may_enter_another_database_is_found(ground: Ground) -> None:
    ground.sql("GRANT CONNECT ON DATABASE support TO orders")
    try:
        door = ground.found()["role_enters_other_database"]
        assert (door.where, "support" in door.what, "REVOKE CONNECT" in door.remedy) == ("orders", True, True)
    finally:
        ground.sql("REVOKE CONNECT ON DATABASE support FROM orders")
    assert ground.found() == {}


@pytest.mark.filterwarnings("ignore:please use dns.resolver:DeprecationWarning")  # eventlet's way to look a name up
def test_known_secrets_are_found_where_others_can_come(ground: Ground, tmp_path: Path) -> None:
    elsewhere = sa.make_url(ground.environ["PLEDGE_ORDERS_DATABASE_URL"]).set(host="127.0.0.2")
    known = {"PLEDGE_SECRET": "", "PLEDGE_ORDERS_DATABASE_URL": elsewhere.render_as_string(hide_password=False)}

    findings = [*examine({**ground.environ, **known, "PLEDGE_NOTARY_DIR": str(tmp_path)})]
    found = [each.where for each in findings if each.name == "default_secret"]

    assert found == [
        "PLEDGE_PUBLIC_KEYS",
        "PLEDGE_GATEWAY_KEYS",
        "PLEDGE_SANDBOX_SECRET",
        "PLEDGE_EASYPOST_WEBHOOK_SECRET",
        "PLEDGE_SECRET",
        "PLEDGE_SIGNING_KEYS",
    ]
    assert [each.where for each in findings if each.name == "unsigned_journal"] == [*SERVICES]


def test_clocks_that_differ_are_found(ground: Ground) -> None:
    with clock.frozen(clock.now() + timedelta(minutes=3)):
        skew = ground.found()["clock_skew"]

    assert "s behind this machine" in skew.what


def test_a_database_that_does_not_answer_or_let_us_in_is_found(ground: Ground) -> None:
    url = sa.make_url(ground.environ["PLEDGE_ORDERS_DATABASE_URL"])
    (nobody,) = processes.free_ports(1)
    for wrong, why in ((url.set(port=nobody), "refused"), (url.set(password="guess"), "password")):
        found = ground.found(PLEDGE_ORDERS_DATABASE_URL=wrong.render_as_string(hide_password=False))

        assert why in found["database_unreachable"].what
        assert "guess" not in str(found["database_unreachable"])


def test_a_queue_that_fills_up_while_one_looks_is_found(ground: Ground) -> None:
    def fill(channel: Any) -> None:
        for _ in range(150):
            channel.basic_publish(channel.prepare_message("{}"), exchange="", routing_key="rpc-support")

    def full() -> None:
        ground.channel(fill)
        assert processes.until(lambda: _messages(ground, "rpc-support") >= 150, SECONDS)

    frozen = ground.members["support"]
    os.kill(frozen.pid, signal.SIGSTOP)  # it is there, and does not read: its prefetch is soon used up
    try:
        found = ground.found(pause=full)
    finally:
        os.kill(frozen.pid, signal.SIGCONT)

    assert found["queue_growing"].where == "rpc-support"
    # the broker may have taken it for dead: the next test begins when it has come back and read what waits
    assert processes.until(
        lambda: look(ground.environ["PLEDGE_AMQP_URI"], ["rpc-support"])["rpc-support"] == (0, 1), SECONDS
    )


def test_queues_without_readers_and_missing_queues_are_found(ground: Ground) -> None:
    processes.stop(ground.members["logistics"], signal.SIGTERM, seconds=35)
    found = [each.where for each in examine(ground.environ) if each.name == "queue_without_consumer"]
    assert found == ["logistics.inbox", "rpc-logistics"]

    ground.channel(lambda channel: channel.queue_delete("logistics.inbox"))
    assert ground.found()["queue_missing"].where == "logistics.inbox"


def test_what_the_broker_gave_up_is_found(ground: Ground) -> None:
    def give_up(channel: Any) -> None:
        channel.queue_declare("dead-letters", durable=True, auto_delete=False)
        channel.basic_publish(channel.prepare_message("{}"), exchange="", routing_key="dead-letters")

    ground.channel(give_up)
    assert processes.until(lambda: _messages(ground, "dead-letters") == 1, SECONDS)

    assert "gave up 1 messages" in ground.found()["broker_dead_letters"].what


def test_a_broker_that_does_not_answer_is_found(ground: Ground) -> None:
    (nobody,) = processes.free_ports(1)

    found = ground.found(PLEDGE_AMQP_URI=f"amqp://pledge:secret@127.0.0.1:{nobody}/pledge")

    assert found["broker_unreachable"].severity == "critical"
    assert {*found} == {"broker_unreachable"}


def _messages(ground: Ground, name: str) -> int:
    queue = look(ground.environ["PLEDGE_AMQP_URI"], [name])[name]
    return queue.messages if queue else 0
