import os
from contextlib import ExitStack

import kombu
import psycopg2
import pytest

from deploy.run import infra, packages, processes


def url(environ, service, database=None):
    plain = environ[f"PLEDGE_{service.upper()}_DATABASE_URL"].replace("+psycopg2", "")
    return plain if database is None else f"{plain.rpartition('/')[0]}/{database}"


def rows(address, statement):
    connection = psycopg2.connect(address)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        found = cursor.fetchall() if cursor.description else []
    connection.close()
    return found


@pytest.mark.integration
def test_two_infrastructures_run_side_by_side_and_leave_nothing(tmp_path):
    with ExitStack() as stack:
        first, second = (stack.enter_context(infra.temporary(tmp_path / name)) for name in ("first", "second"))
        servers = [infra.find(tmp_path / folder, name) for folder in ("first", "second") for name in infra.SERVERS]

        for environ in (first, second):
            with kombu.Connection(environ["PLEDGE_AMQP_URI"]) as broker:
                broker.connect()
            assert rows(url(environ, "orders"), "SELECT current_user") == [("orders",)]
        assert {*first.values()} & {*second.values()} == {first["PLEDGE_DEV"]}

    started = [process for server in servers if server for process in server.processes]
    assert len(started) == 6  # two brokers, their port mappers, two database servers
    assert not any(process.alive for process in started)


@pytest.mark.integration
def test_a_service_may_enter_its_own_database_only(tmp_path):
    with infra.temporary(tmp_path) as environ:
        for other in ("support", "postgres", "template1"):
            with pytest.raises(psycopg2.OperationalError, match="permission denied"):
                psycopg2.connect(url(environ, "orders", other))


@pytest.mark.integration
def test_a_service_makes_no_tables_in_its_own_database(tmp_path):
    with infra.temporary(tmp_path) as environ:
        for statement in ("CREATE TABLE mine (id int)", "CREATE TEMPORARY TABLE mine (id int)"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                rows(url(environ, "orders"), statement)


@pytest.mark.integration
def test_stopped_servers_return_with_their_ports_and_data(tmp_path):
    try:
        before = infra.up(tmp_path)
        owner = before["PLEDGE_ORDERS_OWNER_URL"].replace("+psycopg2", "")
        rows(owner, "CREATE TABLE kept AS SELECT 42 AS answer")
        infra.down(tmp_path)
        assert infra.find(tmp_path, "postgres") is None

        after = infra.up(tmp_path)

        assert after == before
        assert infra.up(tmp_path) == before
        assert rows(owner, "SELECT answer FROM kept") == [(42,)]
    finally:
        infra.down(tmp_path, at_once=True)


def test_a_missing_program_names_its_package_and_variable(monkeypatch):
    monkeypatch.setitem(packages.KNOWN, "oven", ("PLEDGE_OVEN", "bakery", []))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(packages.Missing, match="oven: install the package 'bakery' or set PLEDGE_OVEN"):
        packages.ensure("oven")


def test_a_variable_that_names_no_program_is_told(monkeypatch, tmp_path):
    monkeypatch.setitem(packages.KNOWN, "oven", ("PLEDGE_OVEN", "bakery", []))
    monkeypatch.setenv("PLEDGE_OVEN", str(tmp_path))
    assert packages.path_of("oven") == tmp_path

    monkeypatch.setenv("PLEDGE_OVEN", str(tmp_path / "none"))

    with pytest.raises(packages.Missing, match="PLEDGE_OVEN names"):
        packages.path_of("oven")


def test_an_id_that_was_given_to_another_process_is_not_stopped():
    stranger = processes.Process(os.getpid(), "another time")

    processes.stop(stranger)

    assert processes.started_at(os.getpid())


def test_free_ports_are_free_and_different():
    ports = processes.free_ports(20)

    assert len({*ports}) == 20
    assert all(processes.is_free(port) for port in ports)
