"""RabbitMQ and PostgreSQL behind TLS, with the certificates that the composed form makes: everything works with them,
nothing without them.
"""

from __future__ import annotations

import logging
import os
import shutil
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import eventlet
import pytest
import sqlalchemy as sa
import trustme
from kombu import Queue
from kombu.exceptions import OperationalError
from sqlalchemy import make_url

from deploy.operate.certificates import make
from deploy.operate.doctor import certificates
from deploy.run import processes
from deploy.run.postgres import start_postgres
from deploy.run.rabbitmq import start_rabbitmq
from services import SERVICES
from services.common.basics import clock
from services.common.bus.connections import close, connect
from services.common.bus.publisher import journal_publisher
from services.common.bus.sender import Sender
from services.common.runtime.config import ConfigError, Settings
from services.common.store.database import DatabaseUnavailable, Store, Work
from services.common.testing import eventually, running
from services.common.tests.toys import Follower, Teller

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

ROWS = sa.text(
    "SELECT ssl, count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = :name GROUP BY 1"
)


class Secured(NamedTuple):
    """Both servers: their addresses for `localhost` without parameters, and the files that belong to them."""

    bus: str
    database: str
    authority: Path
    stranger: Path
    certificate: Path
    key: Path

    def bus_uri(self, authority: Path | None = None) -> str:
        files = {"cacertfile": authority or self.authority, "certfile": self.certificate, "keyfile": self.key}
        return f"{self.bus}?" + "&".join(f"{name}={path}" for name, path in files.items())

    def database_url(self, authority: Path | None = None) -> str:
        return f"{self.database}?sslmode=verify-full&sslrootcert={authority or self.authority}"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("tls")
    for above in (folder, folder.parent):
        above.chmod(0o755)  # the servers run as users of their own
    make(folder, clock.now())
    of_clients, stranger = trustme.CA(), trustme.CA()
    of_clients.cert_pem.write_to_path(folder / "clients.pem")
    stranger.cert_pem.write_to_path(folder / "stranger.pem")
    issued = of_clients.issue_cert("pledge@localhost")
    issued.cert_chain_pems[0].write_to_path(folder / "client.pem")
    (folder / "client.key").touch(mode=0o600)
    issued.private_key_pem.write_to_path(folder / "client.key")
    shutil.copy(folder / "tls/postgres/server.key", folder / "postgres.key")
    (folder / "postgres.key").chmod(0o640 if os.geteuid() == 0 else 0o600)
    if os.geteuid() == 0:
        shutil.chown(folder / "postgres.key", "root", "postgres")
    (tls_port,) = processes.free_ports(1)
    with ExitStack() as stack:
        broker = start_rabbitmq(folder / "broker", options=_broker_options(folder, tls_port))
        stack.callback(broker.stop, at_once=True)
        files = {
            "ssl": "on",
            "ssl_cert_file": f"{folder}/tls/postgres/server.pem",
            "ssl_key_file": f"{folder}/postgres.key",
        }
        database = start_postgres(folder / "database", durable=False, options=files)
        stack.callback(database.stop, at_once=True)
        bus = f"amqps://pledge:{broker.password}@localhost:{tls_port}/pledge"
        url = database.uri.replace("127.0.0.1", "localhost")
        names = ("trust/ca.pem", "stranger.pem", "client.pem", "client.key")
        yield Secured(bus, url, *(folder / name for name in names))


def _broker_options(folder: Path, port: int) -> str:
    """Return options for TLS beside the plain port, only for clients with a certificate of their authority."""
    own = "tls/rabbitmq/server"
    files = {"cacertfile": "clients.pem", "certfile": f"{own}.pem", "keyfile": f"{own}.key"}
    lines = [f"ssl_options.{name} = {folder / file}" for name, file in files.items()]
    demands = ["ssl_options.verify = verify_peer", "ssl_options.fail_if_no_peer_cert = true"]
    return "\n".join([f"listeners.ssl.1 = 127.0.0.1:{port}", *lines, *demands, ""])


def test_requests_and_events_use_tls_from_end_to_end(
    secured: Secured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLEDGE_TEST_AMQP_URI", secured.bus_uri())
    monkeypatch.setenv("PLEDGE_TEST_PG_URL", secured.database_url())

    with running(Teller, Follower, folder=tmp_path) as platform:
        told = platform.call("teller", "tell", "a kettle", [*range(20)])
        noted = platform.eventually_recorded("follower", "noted", 20)
        with platform.store("teller").work(Work, reading=True) as work:
            encrypted = work.session.execute(ROWS, {"name": platform.store("teller").url.database}).all()

    assert told == {"told": 20}
    assert sorted(each["body"]["number"] for each in noted) == [*range(20)]
    assert [row.ssl for row in encrypted] == [True]


@pytest.mark.parametrize("size", [0, 16_385, 1_000_003])  # around one TLS record, and many frames
def test_a_body_of_any_size_survives_the_way_through_tls(secured: Secured, size: int) -> None:
    connection, body = connect(secured.bus_uri()), os.urandom(size)
    channel, received = connection.channel(), list[Any]()
    queue = Queue(exclusive=True)(channel)
    queue.declare()

    channel.basic_consume(queue.name, no_ack=True, callback=received.append)
    channel.basic_publish(channel.prepare_message(body, None, "application/octet-stream", "binary"), "", queue.name)
    while not received:
        connection.drain_events(timeout=5)
    close(connection)

    assert (received[0].body or b"") == body


def test_every_client_refuses_a_broker_of_another_authority(secured: Secured, caplog: pytest.LogCaptureFixture) -> None:
    uri = secured.bus_uri(secured.stranger)

    with pytest.raises(OperationalError, match=r"no trust between us and the broker.*certificate verify failed"):
        connect(uri)
    with pytest.raises(OperationalError, match="certificate verify failed"):
        journal_publisher(uri).connect()
    with caplog.at_level(logging.WARNING):
        sender = Sender(uri)
        eventually(lambda: "no connection for publishing: no trust between us and the broker" in caplog.text)
    assert not sender.connected
    sender.close()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda uri: uri.replace("@localhost", "@127.0.0.1"), "IP address mismatch"),
        (lambda uri: uri.partition("?")[0], "certificate verify failed"),
        (
            lambda uri: uri.partition("&certfile")[0],
            ".*",
        ),  # the broker hangs up; its reason may come too late to be read
    ],
    ids=["another name", "only what the system trusts", "no certificate of ours"],
)
def test_the_broker_is_known_by_name_and_authority_and_knows_us(secured: Secured, change, complaint) -> None:
    with pytest.raises(OperationalError, match=complaint):
        close(connect(change(secured.bus_uri())))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda url, other: url.replace("trust/ca.pem", other.name), "certificate verify failed"),
        (lambda url, _: url.replace("@localhost", "@127.0.0.1"), 'does not match host name "127.0.0.1"'),
    ],
    ids=["another authority", "another name"],
)
def test_a_database_that_we_have_no_reason_to_trust_is_refused(secured: Secured, change, complaint) -> None:
    store = Store(change(secured.database_url(), secured.stranger), pool_size=1)

    with pytest.raises(DatabaseUnavailable) as refused:
        store.ping()

    assert complaint in str(refused.value.__cause__)
    store.dispose()


def test_waiting_for_an_encrypted_database_blocks_no_other_work(secured: Secured) -> None:
    """If waiting stopped the process, the lock would never be given back."""
    holder, waiter = (Store(secured.database_url(), pool_size=2) for _ in range(2))
    lock, waits = sa.text("SELECT pg_advisory_lock(7)"), sa.text("SELECT 1 FROM pg_locks WHERE NOT granted")

    def wait() -> str:
        with waiter.engine.begin() as connection:
            connection.execute(lock)
        return "came through"

    with holder.engine.connect() as connection:
        connection.execute(lock)
        waiting = eventlet.spawn(wait)
        eventually(lambda: connection.execute(waits).scalar())
        connection.execute(sa.text("SELECT pg_advisory_unlock(7)"))

    assert waiting.wait() == "came through"
    for store in (holder, waiter):
        store.dispose()


def test_a_silent_handshake_blocks_no_other_work() -> None:
    """The peer runs in this process: if the handshake blocked it, nothing would ever accept the connection."""
    with eventlet.listen(("127.0.0.1", 0)) as listener:
        accepted = eventlet.spawn(listener.accept)

        with pytest.raises(OperationalError):
            connect(
                f"amqps://u:p@127.0.0.1:{listener.getsockname()[1]}/v?cacertfile={ssl.get_default_verify_paths().cafile}"
            )

        accepted.wait()[0].close()


@pytest.mark.parametrize(("days", "told"), [(669, False), (671, True), (800, True)])
def test_the_doctor_tells_of_certificates_that_end_soon(secured: Secured, days: int, told: bool) -> None:
    """They last 730 days. Both servers are asked; one that does not answer is no news here."""
    databases = dict.fromkeys(SERVICES, secured.database_url())
    nowhere = "amqps://u:p@127.0.0.1:1/pledge"
    with clock.frozen(clock.now() + timedelta(days)):
        found = [finding.where for finding in certificates.examine(secured.bus_uri(), databases)]
        found += [finding.where for finding in certificates.examine(nowhere, databases)]

    places = [str(make_url(url).host) + f":{make_url(url).port}" for url in (secured.bus, secured.database)]
    assert found == ([*places, places[1]] if told else [])


def test_files_for_tls_that_are_of_no_use_stop_the_start(secured: Secured) -> None:
    environ = {
        "PLEDGE_AMQP_URI": f"{secured.bus}?cacertfile=/nowhere/ca.pem",
        "PLEDGE_ORDERS_DATABASE_URL": f"{secured.database}?sslmode=verify-full&sslrootcert={secured.key}",
        "PLEDGE_SUPPORT_DATABASE_URL": f"{secured.database}?sslrootcert={secured.authority}",
        "PLEDGE_DEV": "1",
    }

    with pytest.raises(ConfigError) as refused:
        Settings.load(environ)

    told = dict(problem.split(" ", 1) for problem in refused.value.problems)
    assert "'/nowhere/ca.pem' cannot be read" in told["PLEDGE_AMQP_URI"]
    assert "not in PEM format" in told["PLEDGE_ORDERS_DATABASE_URL"]
    assert "sslmode=prefer does not check" in told["PLEDGE_SUPPORT_DATABASE_URL"]
