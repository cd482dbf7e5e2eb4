"""What operators read: one calm line where nothing is wrong or one thing is, in the words that they typed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.operate.backup.__main__ import main as backup
from deploy.operate.by_hand import main as by_hand
from deploy.run import infra
from deploy.run.embedded import main as embedded
from deploy.run.embedded import only_process
from deploy.run.welcome import welcome_text
from services.common.runtime.config import Settings
from services.common.testing import distributed

if distributed():
    pytest.skip("what is started here is the embedded form, whatever the tests run on", allow_module_level=True)


def start(folder: Path, port: int) -> subprocess.Popen[str]:
    """Start the embedded platform, as `make run` does."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PLEDGE_")}
    environ |= {
        "PLEDGE_DATA_DIR": str(folder), "PLEDGE_HTTP_ADDRESS": f"127.0.0.1:{port}", "PLEDGE_LOG_LEVEL": "WARNING",
        "PLEDGE_LOG_FORMAT": "text", "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore::DeprecationWarning",
    }  # fmt: skip
    command = [sys.executable, "-m", "deploy.run.embedded"]
    root, pipe = Path(__file__).parents[2], subprocess.PIPE
    return subprocess.Popen(command, env=environ, text=True, cwd=root, stdout=pipe, stderr=pipe)


def test_ctrl_c_is_one_calm_line(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = start(tmp_path, port)
    assert process.stdout
    for line in process.stdout:
        if "Ctrl-C" in line:
            break

    process.send_signal(signal.SIGINT)
    told, complaints = process.communicate(timeout=60)

    assert (process.returncode, told.strip()) == (0, "Pledge has stopped; nothing was cut off.")
    assert complaints == ""


def test_a_busy_port_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        process = start(tmp_path, port)
        told, complaints = process.communicate(timeout=60)

    assert (process.returncode, told) == (2, "")
    assert complaints.count("\n") == 1
    assert complaints.startswith(f"PLEDGE_HTTP_ADDRESS: cannot listen on 127.0.0.1:{port}: Address already in use;")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"PLEDGE_HTTP_ADDRESS": "127.0.0.1:99999"}, "PLEDGE_HTTP_ADDRESS: cannot listen on 127.0.0.1:99999: "),
        ({"PLEDGE_DATA_DIR": "/proc/nope"}, "PLEDGE_DATA_DIR: /proc/nope cannot be used: "),
        ({"PLEDGE_DATA_DIR": "/dev/null"}, "PLEDGE_DATA_DIR: /dev/null cannot be used: "),
    ],
)
def test_what_the_machine_refuses_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: dict[str, str], words: str
) -> None:
    assert embedded({"PLEDGE_DATA_DIR": str(tmp_path), **settings}) == 2

    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert words in told.err


def test_a_second_start_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with only_process(tmp_path):
        assert embedded({"PLEDGE_DATA_DIR": str(tmp_path)}) == 2

    told = f"PLEDGE_DATA_DIR: another process works in {tmp_path}; stop it or name another folder\n"
    assert capsys.readouterr() == ("", told)


@pytest.mark.parametrize(
    ("command", "words"),
    [("restore", ("make restore FROM=",)), ("replay", ("make replay SINCE=", "make replay FROM="))],
)
def test_a_missing_argument_is_named_as_make_takes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, words: tuple[str, ...]
) -> None:
    assert backup([command], {"PLEDGE_DATA_DIR": str(tmp_path)}) == 2

    told = capsys.readouterr().err
    assert all(each in told for each in words)
    assert "usage:" not in told


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["replay", "--since", "yesterday"], "SINCE=yesterday is no time with a zone."),
        (["replay", "--since", "2026-13-01"], "SINCE=2026-13-01 is no time with a zone."),
        (["replay", "--since", "2999-01-01"], "SINCE=2999-01-01 is yet to come."),
        (["replay", "--since", "2026-01-01"], "nothing was ever stored there"),
        (["replay", "--from", "/nope"], "/nope holds no manifest.json"),
        (["restore", "--from", "/nope", "--service", "order"], "SERVICE=order is no service. Say one of these"),
        (["take", "--to", "/proc/nope/here"], "/proc/nope takes no backup"),
        (["take"], "nothing was ever stored there"),
        (["lost"], "nothing was ever stored there"),
    ],
)
def test_a_wrong_argument_is_told_in_the_words_of_make(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str], words: str
) -> None:
    assert backup(command, {"PLEDGE_DATA_DIR": str(tmp_path)}) == 2

    told = capsys.readouterr().err
    assert words in told
    assert "usage:" not in told


@pytest.mark.parametrize("command", ["verify", "dead-letters", "redrive", "remap"])
def test_work_by_hand_where_nothing_ran_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("PLEDGE_DATA_DIR", str(tmp_path))

    assert by_hand([command]) == 2

    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert ".db does not exist: nothing was ever stored there" in told.err
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_another_making_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLEDGE_DATA_DIR", str(tmp_path))
    (tmp_path / "orders.db").write_bytes(b"this is no database, however long one looks at it" * 100)

    assert by_hand(["verify"]) == 2

    assert capsys.readouterr().err == "a database cannot be used: file is not a database\n"


def test_stopping_servers_that_do_not_run_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert infra.main(["down", "--dir", str(tmp_path)]) == 0

    assert capsys.readouterr().out == f"nothing ran in {tmp_path}\n"


def test_the_next_step_names_no_password() -> None:
    assert "make migrate" in infra.NEXT
    assert "PLEDGE_" not in infra.NEXT


def test_the_banner_names_the_front_page_and_the_mail() -> None:
    banner = welcome_text(Settings.load({}))

    assert "http://127.0.0.1:8000/\n" in banner
    assert "http://127.0.0.1:8000/dev/mail " in banner
