import json
import os
import signal
import subprocess
import sys
from uuid import UUID

import psycopg2
import pytest

from deploy.lab.bench import __main__ as command
from deploy.lab.bench.copies import Column, copies
from deploy.run import infra, processes
from services.common.basics import ids

ORDER, PAYMENT = ids.number(ids.ORDER, 7), ids.number(ids.PAYMENT, 7)
ENTRY = "01a20754-bcd2-7679-b436-67d9ad99b47c"


def test_an_unknown_section_is_refused_by_name(capsys):
    with pytest.raises(SystemExit):
        command.main(["--only", "rpc,everything"])

    assert "everything: not one of" in capsys.readouterr().err


@pytest.mark.integration
def test_copies_of_a_row_have_own_names_that_fit_together(tmp_path):
    columns = [Column("number", "text"), Column("id", "text"), Column("body", "jsonb"), Column("at", "timestamptz")]
    columns[3] = Column("at", "timestamp with time zone")
    body = json.dumps({"order": ORDER, "payment": PAYMENT, "said": "100 % it's fine"})
    with infra.temporary(tmp_path / "servers") as environ:
        connection = psycopg2.connect(environ["PLEDGE_TEST_PG_URL"].replace("+psycopg2", ""))
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE t (number text PRIMARY KEY, id text UNIQUE, body jsonb, at timestamptz)")
            cursor.execute(copies("t", columns, [ORDER, ENTRY, body, "2026-01-01 00:00:10+00"], 1, 500))
            cursor.execute("SELECT number, id, body, at < '2026-01-01 00:00:10+00' FROM t ORDER BY at")
            found = cursor.fetchall()
        connection.close()

    assert len(found) == 500
    for number, entry, said, older in found:
        assert ids.is_number(number, ids.ORDER)
        assert said["order"] == number
        assert ids.is_number(said["payment"], ids.PAYMENT)
        assert said["said"] == "100 % it's fine"
        assert UUID(entry).version == 7
        assert older
    assert [entry for _, entry, _, _ in found] == sorted(entry for _, entry, _, _ in found)  # their times fit too


@pytest.mark.integration
@pytest.mark.timeout(300)
def test_a_quick_run_ends_well_and_leaves_its_results(tmp_path):
    arguments = ["--quick", "--only", "rpc", "--out", str(tmp_path)]
    environ = {**os.environ, "PYTHONWARNINGS": "ignore"}

    done = subprocess.run([sys.executable, "-m", "deploy.lab.bench", *arguments], env=environ, timeout=240, check=False)

    assert done.returncode == 0
    results = json.loads((tmp_path / "results.json").read_text())
    assert {row["side"] for row in results["rows"]} == {"ours", "stock nameko", "bare py-amqp"}
    assert all(row["operations"] > 0 and row["failures"] == 0 for row in results["rows"])
    assert (tmp_path / "chart.svg").read_text().startswith("<svg")


@pytest.mark.integration
@pytest.mark.timeout(300)
def test_a_run_that_is_ended_takes_its_servers_with_it(tmp_path):
    command = [sys.executable, "-m", "deploy.lab.bench", "--only", "rpc", "--out", str(tmp_path / "out")]
    run = processes.start(command, env={**os.environ, "TMPDIR": str(tmp_path)}, log=tmp_path / "log")
    try:
        assert processes.until(lambda: len([*tmp_path.glob("pledge-bench-*/*.json")]) == 2, 90)
        (folder,) = tmp_path.glob("pledge-bench-*")
        servers = [infra.find(folder, name) for name in infra.SERVERS]

        os.kill(run.pid, signal.SIGTERM)

        assert processes.until(lambda: not run.alive, 60)
        assert not folder.exists()
        assert not any(process.alive for server in servers if server for process in server.processes)
    finally:
        processes.stop(run)
